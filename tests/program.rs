//! The real program as a process of its own: on the command line and in a pseudo-terminal.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

mod cli;
mod flows;
mod odd_servers;
mod survival;
mod terminal;
mod support {
    pub mod driver;
    pub mod emulator;
    pub mod program_desk;
    pub mod pty;
}
