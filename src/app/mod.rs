//! The Elm core, pure: messages into `update`, effects out of it, the model into `view`.

mod access;
pub mod data;
pub mod dialog_stack;
pub mod effect;
pub mod ids;
pub mod live;
pub mod model;
pub mod msg;
mod orders;
pub mod run_action;
pub mod update;
pub mod view;

pub use model::Model;
pub use update::{deadline, update};
pub use view::view;
