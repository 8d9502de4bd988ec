//! The engine with a scripted access system and tokio's paused clock: no test sleeps for real.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail loudly as tests do")]

mod desk;
mod encode;
mod fake;
mod flow;
mod journal;
mod line;
mod lost;
mod others;
mod resume;
