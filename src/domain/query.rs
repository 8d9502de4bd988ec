//! What can be asked of the server. Asking only reads: what changes something is a command.

use crate::seam::types::{CredentialId, EncoderId, GroupId, UserId};

/// What can be asked of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Workspace, system, encoders, groups, users, credentials; then, slowly, the users and entrances of all groups.
    Everything,
    /// The access system: its link may be down or back.
    System,
    /// The whole list of encoders.
    Encoders,
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

/// Something of which is known that it may be out of date: read that again. What is read comes as facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaleId {
    /// A user, with its groups and credentials.
    User(UserId),
    /// Who is in a group.
    Group(GroupId),
    /// One credential, whatever list it came with.
    Credential(CredentialId),
    /// An encoder. The API lists encoders only all together.
    Encoder(EncoderId),
    /// The access system, with its errors and warnings.
    System,
}

impl From<StaleId> for Query {
    fn from(stale: StaleId) -> Self {
        match stale {
            StaleId::User(user) => Self::User(user),
            StaleId::Group(group) => Self::UsersOf(group),
            StaleId::Credential(credential) => Self::Credential(credential),
            StaleId::Encoder(_) => Self::Encoders,
            StaleId::System => Self::System,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stale_is_read_where_it_can_be_read() {
        for (stale, query) in [
            (StaleId::User("u".into()), Query::User("u".into())),
            (StaleId::Group("g".into()), Query::UsersOf("g".into())),
            (StaleId::Credential("c".into()), Query::Credential("c".into())),
            (StaleId::Encoder("e".into()), Query::Encoders),
            (StaleId::System, Query::System),
        ] {
            assert_eq!(Query::from(stale), query);
        }
    }
}
