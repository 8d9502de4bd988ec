//! The panes: each with its state, messages, update and view. No pane reads another's state; the root routes.

pub mod activity;
pub mod credentials;
pub mod encoders;
pub mod groups;
pub mod users;

use crate::app::effect::Query;
use crate::app::key::Key;
use crate::seam::types::{EncoderId, GroupId, UserId};
use crate::ui::list::Move;

/// Which pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaneId {
    /// Users.
    Users,
    /// Access groups of the selected user.
    Groups,
    /// Credentials of the selected user.
    Credentials,
    /// Encoders.
    Encoders,
    /// What happened.
    Activity,
}

impl PaneId {
    /// All panes in the order of Tab.
    pub const ALL: [Self; 5] = [Self::Users, Self::Groups, Self::Credentials, Self::Encoders, Self::Activity];

    /// The number on its frame, which is also its key.
    #[must_use]
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|pane| *pane == self).map_or(0, |at| at + 1)
    }
}

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
    /// The directory changed: what hangs on it is worked out anew.
    Refresh,
    /// The pane shows this many rows now.
    Height(usize),
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
    /// The selected user may have changed.
    Selected,
    /// Ask the server.
    Fetch(Query),
    /// Turn this group over for the selected user.
    Stage(GroupId),
    /// Make this the desk encoder.
    UseEncoder(EncoderId),
}
