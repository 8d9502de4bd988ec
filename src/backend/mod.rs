//! Reading, jobs and half-typed forms, without a screen: what runs beside the terminal.

pub mod background;
pub mod clock;
pub mod drafts;
pub mod jobs;
pub mod key;
pub mod lanes;
pub mod pause;
pub mod pc_clock;
pub mod practice;
pub mod retention;
pub mod sync;

pub use crate::engine::server_health::ServerHealth;
