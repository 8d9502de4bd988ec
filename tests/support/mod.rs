//! What the tests that look at a screen share: one way to press and to see, over a pseudo-terminal or in process.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests fails the test by panicking")]

pub mod driver;
pub mod emulator;
pub mod in_process;
pub mod pty;
