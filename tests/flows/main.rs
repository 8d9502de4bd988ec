//! The real program in a pseudo-terminal, against a simulator whose state is read back over the API.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod card;
mod desk;
mod guest;
mod house;
mod outage;
mod queue;
mod screen;
mod staging;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
