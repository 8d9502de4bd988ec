//! The real program, really killed: what it had begun is finished by the next one, once. Two of them share a desk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail loudly as tests do")]

#[allow(dead_code, reason = "shared with the flows at the desk")]
#[path = "../flows/desk.rs"]
mod desk;
mod draft;
mod house;
mod killed;
mod offline;
mod past;
mod record;
#[path = "../support/mod.rs"]
mod support;
mod two;
