//! The Elm core: model, messages, update, effects, actions and keys. Pure: no tokio, no clock, no I/O.

pub mod key;
