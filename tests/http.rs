//! What goes over HTTP: the client, the simulator, and the engine with both.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

mod client;
mod engine_over_http;
mod live_desks;
mod simulator;
mod support {
    pub mod odd_server;
}
