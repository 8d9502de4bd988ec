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

    /// Whether it has a search of its own.
    #[must_use]
    pub fn is_searchable(self) -> bool {
        match self {
            Self::Users | Self::Groups => true,
            Self::Credentials | Self::Encoders | Self::Activity => false,
        }
    }

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
