//! The journals: both stores by one suite, and what only a file can do and suffer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_wrap,
    reason = "helpers of tests fail loudly as tests do"
)]

mod conformance;
mod damage;
mod drafts;
mod files;
mod processes;
mod support;
