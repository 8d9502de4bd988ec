//! The words in English, by what they are about.

pub mod access;
pub mod actions;
pub mod card;
pub mod check_out;
pub mod clock;
pub mod errors;
pub mod form;
pub mod help;
pub mod journal;
pub mod key;
pub mod log;
pub mod panes;
pub mod record;
pub mod time;
