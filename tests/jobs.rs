//! How jobs are done: the engine with a scripted access system and tokio's paused clock, the journals, every fault at
//! every point, and random runs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_wrap,
    reason = "a helper of tests fails the test by panicking"
)]

mod engine;
mod fault_matrix;
mod journal;
mod random_runs;
mod support {
    pub mod blind_repeats;
    pub mod crash_points;
    pub mod engine_desk;
    pub mod fake_api;
    pub mod journal_store;
    pub mod journals;
    pub mod person;
}
