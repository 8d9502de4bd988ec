//! The panes: each with its state, messages, update and view. No pane reads another's state; the root routes.

pub mod activity;
pub mod credentials;
pub mod encoders;
pub mod groups;
pub mod users;

use crate::domain::query::Query;
use crate::keys::key::Key;
use crate::seam::types::{EncoderId, GroupId, UserId};
use crate::ui::list::Move;

/// A message to a pane.
#[derive(Clone, Debug)]
pub enum Msg {
    /// Move the cursor.
    Move(Move),
    /// Begin or go on with a search.
    Search,
    /// End the search.
    ClearSearch,
    /// A key while the search field has it.
    Key(Key),
    /// A paste while the search field has it.
    Paste(String),
    /// What the pane shows became another: the selected user, or the users while a search is on.
    Refresh,
    /// The inside of the pane has this many columns and rows now.
    Size(usize, usize),
    /// Toggle what is under the cursor.
    Toggle,
    /// Choose what is under the cursor.
    Choose,
    /// Put the cursor on this user.
    SelectUser(UserId),
}

/// What a pane wants of the root.
#[derive(Clone, Debug, PartialEq)]
pub enum Out {
    /// Ask the server.
    Fetch(Query),
    /// Turn this group over for the selected user.
    Stage(GroupId),
    /// Make this the desk encoder.
    UseEncoder(EncoderId),
}
