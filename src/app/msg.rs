//! What can happen to the desk.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::component::draft::Draft;
use crate::domain::directory::SystemTrouble;
use crate::domain::directory::person::Person;
use crate::domain::job::{Job, JobId};
use crate::keys::key::Key;
use crate::seam::error::SeamError;
use crate::seam::types::{
    Credential, CredentialId, Encoder, EncoderId, EntranceId, Group, GroupId, System, User, UserId, Workspace,
};

/// A message: the only way in which the model changes.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// A text was pasted.
    Paste(String),
    /// The terminal has this size now, in cells.
    Resize(u16, u16),
    /// The time that the model asked to be woken at has come.
    Deadline,
    /// Data came from the server, for the loading with this number.
    Data(Load, Box<Data>),
    /// A job moved.
    Job(Arc<Job>),
    /// A job of another process, named by its holder; told once more when it ended.
    Elsewhere(Arc<Job>, String),
    /// The record of the jobs could not be opened: why, in plain words.
    Unrecorded(String),
    /// Something that a person should know, in plain words.
    Notice(String),
    /// A command was not taken, since there is no record to keep it in.
    Unstarted(JobId),
    /// Everything is left in order: the program can end.
    Stopped,
    /// A form that a lost session of this operator left behind.
    Draft(Draft),
    /// A command about this job was not followed.
    Ignored(JobId, Ignored),
    /// The line to the server is in trouble, or works again (`None`).
    Line(Option<SeamError>),
    /// The record of the jobs can't be written, or can be again (`None`); in plain words.
    Journal(Option<String>),
}

/// Why a command was not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// The job moved on meanwhile.
    NotNow,
    /// A job of this desk is at work for the same guest: this one, when it is known.
    GuestInWork(Option<JobId>),
    /// The holder has the same guest in work, in another process.
    GuestElsewhere(String),
    /// Another process drives the job.
    TakenOver,
}

/// The number of a loading: what comes for an older one is stale and falls.
pub type Load = u32;

/// What a server told.
#[derive(Clone, Debug)]
pub enum Data {
    /// The workspace of the key.
    Workspace(Workspace),
    /// The access system, with its time zone where the machine knows it.
    System(Result<(System, Option<TimeZone>), SystemTrouble>),
    /// All encoders.
    Encoders(Result<Vec<Encoder>, SeamError>),
    /// All groups.
    Groups(Result<Vec<Group>, SeamError>),
    /// A page of users, prepared.
    People(Vec<Person>),
    /// The loading of users came to its end.
    PeopleEnd(Result<(), SeamError>),
    /// A page of credentials.
    Credentials(Vec<Credential>),
    /// The loading of credentials came to its end.
    CredentialsEnd(Result<(), SeamError>),
    /// The groups of a user.
    GroupsOf(UserId, Result<Vec<GroupId>, SeamError>),
    /// The users of a group.
    UsersOf(GroupId, Result<Vec<UserId>, SeamError>),
    /// The entrances of a group.
    EntrancesOf(GroupId, Result<Vec<EntranceId>, SeamError>),
    /// One user as it is now; `None` when it is gone.
    User(UserId, Result<Option<User>, SeamError>),
    /// The credentials of one user as they are now.
    CredentialsOf(UserId, Result<Vec<Credential>, SeamError>),
    /// A user was put into a group (`true`) or taken out of it.
    Member(UserId, GroupId, bool),
    /// One credential as it is now.
    Credential(Box<Credential>),
    /// A credential is gone.
    CredentialGone(CredentialId),
    /// The next encode on this encoder was set to fail (`Some(code)`) or to succeed, or that was refused.
    Simulated(EncoderId, Option<String>, Result<(), SeamError>),
}
