//! What can be asked of the server.

use crate::seam::types::{EncoderId, GroupId, UserId};

/// What can be asked of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Workspace, system, encoders, groups, users, credentials; then, slowly, the users and entrances of all groups.
    Everything,
    /// The access system: its link may be down or back.
    System,
    /// The groups of a user.
    GroupsOf(UserId),
    /// The users of a group.
    UsersOf(GroupId),
    /// The entrances of a group.
    EntrancesOf(GroupId),
    /// A user, its groups and its credentials, as they are now.
    User(UserId),
    /// Make the next encode on this encoder fail with this code, or succeed (sandbox workspaces only).
    Simulate(EncoderId, Option<String>),
}
