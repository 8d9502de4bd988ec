//! What the part without a screen tells: facts, jobs, and how server and record are.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::draft::Draft;
use crate::domain::fact::{Fact, Load};
use crate::domain::job::command::Ignored;
use crate::domain::job::{Job, JobId};
use crate::domain::practice::Practice;
use crate::domain::query::Query;
use crate::domain::remembered::RememberedGuest;
use crate::seam::error::SeamError;
use crate::seam::key::KeyTrouble;
use crate::seam::types::{SeamEvent, UserId};

/// A message of reading, jobs or half-typed forms.
#[derive(Clone, Debug)]
pub enum BackendMsg {
    /// Something became known. With the number of the reload that it came with; `None` where no reload asked for it.
    Fact(Option<Load>, Box<Fact>),
    /// A query was answered, after its facts: with the number that it was asked with, and the error when a part of it
    /// failed.
    Answered(Load, Query, Option<Box<SeamError>>),
    /// What happened in the access system since it was last asked, oldest first.
    Events(Vec<SeamEvent>),
    /// A job of this process, after something happened to it.
    Job(Arc<Job>),
    /// A job of another process, named by its holder; told once more when it ended.
    Elsewhere(Arc<Job>, String),
    /// What is remembered of a user.
    Remembered(UserId, Box<RememberedGuest>),
    /// A command about this job was not followed.
    Ignored(JobId, Ignored),
    /// A command was not taken, since there is no record to keep it in.
    Unstarted(JobId),
    /// What came of a wish for the next encode.
    Practised(Practice, Result<(), SeamError>),
    /// The server can't be reached or fails; `None` when it answers again.
    Server(Option<SeamError>),
    /// The server asks for silence for so long, in whole seconds.
    Pause(SignedDuration),
    /// The key does not work; `None` when it does again.
    Key(Option<KeyTrouble>),
    /// The server's time now. Told when it is first known, and when its difference to this PC's clock moved.
    ServerTime(Timestamp),
    /// The record of the jobs can't be opened or written: why, in plain words; `None` when it can be again.
    Journal(Option<String>),
    /// Something that a person should know, in plain words.
    Notice(String),
    /// A form that a lost session of this operator left behind.
    Draft(Box<Draft>),
    /// Everything is left in order: the program can end.
    Stopped,
}
