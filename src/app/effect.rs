//! What the desk wants done: described here, done by the shell.

use super::draft::Draft;
use super::msg::Load;
use crate::desk::job::command::Command;
use crate::seam::types::{EncoderId, GroupId, UserId};

/// A wish of `update`; it never does anything itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the server; the answer comes as data of this loading.
    Fetch(Load, Query),
    /// Tell the engine.
    Job(Command),
    /// Keep this half-typed form on disk, or throw away the one that is kept.
    Draft(Option<Draft>),
    /// Go on without a record of the jobs: a person said so.
    GoOnWithoutRecord,
    /// Ring the bell.
    Bell,
    /// Leave.
    Quit,
}

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
