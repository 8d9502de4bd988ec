//! The Elm core, pure: messages into `update`, effects out of it, the model into `view`.

pub mod action;
pub mod available;
pub mod ctx;
pub mod data;
pub mod draft;
pub mod effect;
pub mod field;
pub mod ids;
pub mod jobs;
pub mod key;
pub mod model;
pub mod msg;
mod orders;
pub mod perform;
pub mod staged;
pub mod update;
pub mod view;

pub use model::Model;
pub use update::{deadline, update};
pub use view::view;
