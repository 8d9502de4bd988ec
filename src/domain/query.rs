//! What can be asked of the server. Asking only reads: what changes something is a command.

use crate::seam::types::{CredentialId, EncoderId, EntranceId, GroupId, UserId};

/// What can be asked of the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// Workspace, system, encoders, groups, users, credentials; then, slowly, the users and entrances of all groups.
    Everything,
    /// What happened since the events were last looked at.
    Events,
    /// The access system: its link may be down or back.
    System,
    /// The whole list of encoders.
    Encoders,
    /// The whole list of groups.
    Groups,
    /// The next page of a quiet pass through all users; the first, when the pass is new.
    UsersPage,
    /// The next page of a quiet pass through all credentials; the first, when the pass is new.
    CredentialsPage,
    /// The groups of a user.
    GroupsOf(UserId),
    /// The users of a group.
    UsersOf(GroupId),
    /// The entrances of a group.
    EntrancesOf(GroupId),
    /// A user, its groups and its credentials, as they are now.
    User(UserId),
    /// One credential as it is now.
    Credential(CredentialId),
}

impl Query {
    /// How many requests it makes when all goes well; 0 for everything, which counts against no budget.
    pub fn cost(&self) -> u32 {
        match self {
            Self::Everything => 0,
            Self::User(_) => 3,
            _ => 1,
        }
    }
}

/// Something of which is known that it may be out of date: read that again. What is read comes as facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaleId {
    /// A user, with its groups and credentials.
    User(UserId),
    /// The list of groups: one is gone. The API lists groups all together.
    Groups,
    /// One credential, whatever list it came with.
    Credential(CredentialId),
    /// An encoder. The API lists encoders only all together.
    Encoder(EncoderId),
    /// An entrance: what groups open it may have changed.
    Entrance(EntranceId),
    /// The access system, with its errors and warnings.
    System,
}
