//! Facts: what a server told, in one vocabulary for the pages of a reload, single answers and the engine.

use jiff::tz::TimeZone;

use crate::domain::directory::SystemTrouble;
use crate::domain::directory::person::Person;
use crate::seam::error::SeamError;
use crate::seam::types::{
    Credential, CredentialId, Encoder, EncoderId, Entrance, Group, GroupId, System, User, UserId, Workspace,
};

/// The number of a reload of everything, from 1 on.
pub type Load = u32;

/// Something that is so, as far as the server told, or an answer that failed.
///
/// Pages and their ends count only for the reload that they came with; everything else is as new as its answer.
#[derive(Clone, Debug)]
pub enum Fact {
    /// The workspace of the key.
    Workspace(Workspace),
    /// The access system, with its time zone where this machine knows that.
    System(Result<(System, Option<TimeZone>), SystemTrouble>),
    /// The whole list of encoders, or why it could not be read.
    Encoders(Result<Vec<Encoder>, SeamError>),
    /// The whole list of groups, or why it could not be read.
    Groups(Result<Vec<Group>, SeamError>),
    /// A page of users, prepared.
    People(Vec<Person>),
    /// All pages of users came, or one failed.
    PeopleEnd(Result<(), SeamError>),
    /// A page of credentials.
    Credentials(Vec<Credential>),
    /// All pages of credentials came, or one failed.
    CredentialsEnd(Result<(), SeamError>),
    /// All groups of a user.
    GroupsOf(UserId, Result<Vec<GroupId>, SeamError>),
    /// All users of a group.
    UsersOf(GroupId, Result<Vec<UserId>, SeamError>),
    /// All entrances of a group.
    EntrancesOf(GroupId, Result<Vec<Entrance>, SeamError>),
    /// One user as it is now; `None` when it is gone.
    User(UserId, Result<Option<User>, SeamError>),
    /// All credentials of one user.
    CredentialsOf(UserId, Result<Vec<Credential>, SeamError>),
    /// A user was put into a group (`true`) or taken out of it.
    Member(UserId, GroupId, bool),
    /// One credential as it is now.
    Credential(Box<Credential>),
    /// A credential is gone.
    CredentialGone(CredentialId),
    /// The card of this credential was written: it lacks no change any more.
    CardWritten(CredentialId),
    /// The guest's groups changed after the card of this credential was written.
    CardOutdated(CredentialId),
    /// This encoder wrote a card: what was said to be wrong with it is over.
    EncoderWorks(EncoderId),
}

impl Fact {
    /// A user as the server has it now.
    pub fn user(user: User) -> Self {
        Self::User(user.acs_user_id.clone(), Ok(Some(user)))
    }

    /// A user is gone.
    pub fn user_gone(user: UserId) -> Self {
        Self::User(user, Ok(None))
    }

    /// All groups of a user; those that are being deleted don't count.
    pub fn groups_of(user: UserId, groups: Result<Vec<Group>, SeamError>) -> Self {
        let ids = |groups: Vec<Group>| {
            groups.into_iter().filter(|group| !group.is_going()).map(|group| group.acs_access_group_id).collect()
        };
        Self::GroupsOf(user, groups.map(ids))
    }
}
