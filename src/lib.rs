//! keydesk: a full-screen terminal workstation for the key card desk of a hotel.
//!
//! The map of the house, one line a room. Data flows one way: messages into `app::update`, effects out of it,
//! the model into `app::view`. The pure rooms (`seam::types`, `desk`, `words`, `app`, `panes`, `dialogs`, `ui`)
//! know no tokio, clock, network or file; `tests/architecture.rs` holds them to it.

pub mod desk;
pub mod engine;
pub mod journal;
pub mod seam;
pub mod simulator;
