//! Which pane: the place that a key belongs to.

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
    pub fn is_searchable(self) -> bool {
        match self {
            Self::Users | Self::Groups => true,
            Self::Credentials | Self::Encoders | Self::Activity => false,
        }
    }

    /// The number on its frame, which is also its key.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|pane| *pane == self).map_or(0, |at| at + 1)
    }
}
