//! keydesk: a full-screen terminal workstation for the key card desk of a hotel.
//!
//! The map of the house, one line a room. Data flows one way: messages into `app::update`, effects out of it,
//! the model into `app::view`. The pure rooms (`seam::types`, `desk`, `words`, `app`, `panes`, `dialogs`, `ui`)
//! know no tokio, clock, network or file; `tests/architecture` holds them to it.

pub mod app;
pub mod cli;
pub mod config;
pub mod desk;
pub mod dialogs;
pub mod engine;
pub mod files;
pub mod journal;
pub mod log;
pub mod panes;
pub mod seam;
pub mod shell;
pub mod simulator;
pub mod ui;
pub mod words;
