//! The engine with a scripted access system and tokio's paused clock: no test sleeps for real.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail loudly as tests do")]

mod desk;
mod encode;
#[allow(dead_code, reason = "the fault matrix shares it and uses another part")]
mod fake;
mod flow;
mod journal;
mod line;
mod lingers;
mod lost;
mod others;
mod resume;
mod still_ours;
mod unreadable;
