//! What the screen (and later headless commands) may say to the engine about jobs.

use super::JobId;
use super::order::{Named, Order};
use crate::seam::types::{EncoderId, UserId};
use serde::{Deserialize, Serialize};

/// A wish of a person, to be carried out by the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Start a new job with this order.
    Start {
        /// The id that the desk chose.
        id: JobId,
        /// What is to be done.
        order: Box<Order>,
        /// The operator who gives the order, as jobs name the person.
        by: String,
    },
    /// Answer what a job asks.
    Decide {
        /// The job that asked.
        id: JobId,
        /// What the operator chose of what the job offers.
        decision: Decision,
        /// The operator who gives the order, as jobs name the person.
        by: String,
    },
}

impl Command {
    /// The job that it is about.
    pub fn job(&self) -> JobId {
        match self {
            Self::Start { id, .. } | Self::Decide { id, .. } => *id,
        }
    }
}

/// Why a command was not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// The job can't take this decision now: it moves on by itself, or it is not what it asked.
    NotNow,
    /// There is no such job, or it ended.
    NoSuchJob,
    /// A job with this id is there already.
    Twice,
    /// Another job is at work for the same guest.
    GuestInWork {
        /// The job that has the guest; `None` when it is not known.
        job: Option<JobId>,
        /// The label of the process that drives it; `None` for a job of this process, or when that is not known.
        holder: Option<String>,
    },
    /// Another process drives the job now, and tells what becomes of it.
    TakenOver,
}

/// A person's answer to a job's question. Kept in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Go on where the job stands, although it was taken up again.
    GoOn,
    /// The same again (also: write again although it is not known whether the card was written).
    TryAgain,
    /// The same on this encoder.
    TryOn(Named<EncoderId>),
    /// Delete the credential, create a new one, write a blank card.
    ReplaceCard,
    /// Create a new credential and write it.
    NewCredential,
    /// The card was written: the clerk saw it work.
    CallItWritten,
    /// The guest to be created is this user: no one is created.
    UseUser(UserId),
    /// It is none of them: create the user.
    CreateAnyway,
    /// Go on with the credential that was found.
    UseFound,
    /// Delete this user, a twin that a late request made.
    DeleteTwin(UserId),
    /// Leave both users as they are.
    KeepBoth,
    /// Not now: free the encoder, wait on the list.
    Later,
    /// Give the job up.
    Withdraw,
}
