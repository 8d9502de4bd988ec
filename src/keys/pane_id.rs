//! Which pane: the place that a key belongs to.

use crate::words::panes::{self as words, PaneWords};

/// Names one of the panes of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaneId {
    /// All guests and other users of the access system.
    Users,
    /// Access groups of the selected user.
    Groups,
    /// Credentials of the selected user.
    Credentials,
    /// Encoders with what each is doing.
    Encoders,
    /// What happened at this desk since it started.
    Activity,
}

impl PaneId {
    /// All panes in the order of Tab.
    pub const ALL: [Self; 5] = [Self::Users, Self::Groups, Self::Credentials, Self::Encoders, Self::Activity];

    /// The number on its frame, which is also its key; 1 is the first.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The pane so many places further in the order of Tab, from the last on to the first.
    #[must_use]
    pub fn after(self, places: usize) -> Self {
        Self::ALL[(self as usize + places) % Self::ALL.len()]
    }

    /// Its title, and what it says while it is empty or waits for data.
    pub fn words(self) -> PaneWords {
        match self {
            Self::Users => words::USERS,
            Self::Groups => words::GROUPS,
            Self::Credentials => words::CREDENTIALS,
            Self::Encoders => words::ENCODERS,
            Self::Activity => words::ACTIVITY,
        }
    }

    /// The title of its frame: number and name.
    pub fn title(self) -> String {
        format!("{} {}", self.number(), self.words().title)
    }
}
