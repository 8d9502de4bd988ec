//! The journals: both stores by one suite, and what only a file can do and suffer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail loudly as tests do")]

mod conformance;
mod support;
