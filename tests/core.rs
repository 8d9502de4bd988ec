//! What runs in this process without a server: the model by messages, screens, the job machine, settings, the event loop,
//! and who may name whom in the source.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests fails the test by panicking")]

mod architecture;
mod config;
mod event_loop;
mod forgotten_files;
mod job_history;
mod job_machine;
mod log;
mod model;
mod screens;
mod support {
    pub mod driver;
    pub mod in_process;
    pub mod model_desk;
}
