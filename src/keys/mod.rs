//! Keys and what they do: a key press in keydesk's own terms, and the table of actions with their keys.

pub mod action;
pub mod dialog_key;
pub mod key;
mod pane_id;

pub use pane_id::PaneId;
