//! keydesk: a full-screen terminal workstation for the key card desk of a hotel.
//!
//! The layers. Data flows one way: messages into `app::update`, effects out of it,
//! the model into `app::view`. The pure layers (`seam` but its client, `domain`, `words`, `ui`, `keys`, `component`,
//! `panes`, `dialogs`, `app`) know no tokio, clock, network or file; `tests/architecture` holds them to it.

pub mod app;
pub mod backend;
pub mod cli;
pub mod component;
pub mod config;
pub mod dialogs;
pub mod domain;
pub mod engine;
pub mod files;
pub mod journal;
pub mod keys;
pub mod log;
pub mod panes;
pub mod rng;
pub mod seam;
pub mod simulator;
pub mod terminal;
pub mod ui;
pub mod words;
