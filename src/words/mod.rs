//! Every sentence that an operator reads, as functions. No sentence is put together elsewhere.
//!
//! A language is a folder; the desk speaks the one that is named here.

mod advice;
mod en;

pub use advice::Advice;
pub use en::*;
