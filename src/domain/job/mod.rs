//! A job: everything that has to happen between "a guest stands here" and "a working key card".
//!
//! A job is a value. `fold::fold` makes it from its events, `next::next` says what it wants, and only the engine acts
//! on that. The screen reads it and gives [`Command`](command::Command)s.

pub mod command;
pub mod event;
pub mod fold;
mod format1;
pub mod look;
pub mod next;
mod offers;
pub mod order;
pub mod results;
pub mod resume;
mod state;
pub mod steps;
mod unrecorded;

pub use offers::{Offer, allows, offers};
pub use state::*;
pub use unrecorded::Unrecorded;
