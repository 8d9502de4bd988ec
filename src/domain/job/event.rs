//! What happened to a job, in order: versioned and serialisable, kept by the journal.
//!
//! Open jobs are folded anew by whatever version starts next: a change of the fold or of the rules changes what their
//! histories mean, as a change of a shape does. Either gets a new [`FORMAT`]; an older program does not follow it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Why;
use super::command::Decision;
use super::format1::{FORMAT_1, upcast};
use super::look::Seen;
use super::order::{Details, Order, Schedule};
use crate::seam::error::SeamError;
use crate::seam::types::{AttemptError, AttemptId, CredentialId, EncoderId, GroupId, UserId};

/// The version of the shape in which this program writes entries.
pub const FORMAT: u16 = 2;

/// One line of a job's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "KeptEntry")]
pub struct Entry {
    /// The version of the event's shape: [`FORMAT`] when this program wrote it, or when an earlier one did, since that
    /// is carried over as it is read. A greater one stands for what can't be followed.
    pub v: u16,
    /// The place in the job's history; the first is 1, without gaps.
    pub seq: u64,
    /// When it happened, by the clock of the desk that wrote it.
    pub at: Timestamp,
    /// What happened to the job.
    pub event: Event,
}

/// An entry as it is kept, whatever wrote it.
#[derive(Deserialize)]
struct KeptEntry {
    v: u16,
    seq: u64,
    at: Timestamp,
    event: Value,
}

impl TryFrom<KeptEntry> for Entry {
    type Error = serde_json::Error;

    fn try_from(kept: KeptEntry) -> Result<Self, Self::Error> {
        let event = if kept.v <= FORMAT_1 { upcast(kept.event) } else { kept.event };
        Ok(Self { v: kept.v.max(FORMAT), seq: kept.seq, at: kept.at, event: serde_json::from_value(event)? })
    }
}

/// What happened. What follows from it is not kept: the fold works that out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Event {
    /// A person gave the order.
    Started {
        /// What is to be done.
        order: Box<Order>,
        /// The operator, as jobs name the person.
        by: String,
    },
    /// Something was read before a call.
    Looked {
        /// What the reading gave, as far as the job needs it.
        seen: Seen,
    },
    /// A call is about to be sent. Kept before it is.
    Intended {
        /// The call that is about to be sent, with its parameters.
        intent: Intent,
    },
    /// The call was carried out.
    Answered {
        /// What the call gave, as far as the job needs it.
        answer: CallOutcome,
    },
    /// The server refused: a call was not carried out, or something may not be read.
    Refused {
        /// The refusal, as the server worded it.
        error: SeamError,
    },
    /// A call may or may not have been carried out, or an attempt can't be followed any more.
    Lost {
        /// The error that left it open whether the call was carried out.
        error: SeamError,
    },
    /// Nothing was carried out for a reason that may pass, such as a lost connection: the same is tried again later.
    Delayed {
        /// When it is tried again.
        until: Timestamp,
        /// Why nothing was carried out.
        error: SeamError,
    },
    /// Something was read to learn whether a call whose answer was lost was carried out.
    Read {
        /// What the reading gave, as far as the job needs it.
        seen: Seen,
    },
    /// The encode attempt that is followed is pending for very long: a person is asked, and it is followed all the same.
    Lingers,
    /// An encode attempt ended.
    Attempt {
        /// How the attempt ended.
        end: AttemptEnd,
    },
    /// The encoder is in use by another job.
    Queued,
    /// The encoder is in use by another process.
    QueuedBehind {
        /// The label of the holder.
        by: String,
    },
    /// This job may use its encoder from now on.
    Granted,
    /// Another job is at work for the guest who turned out to be this job's.
    GuestInWork {
        /// The label of the process that has it, when it is another one.
        by: Option<String>,
    },
    /// A person chose what goes on with a job that asked.
    Decided {
        /// What the operator chose of what the job offered.
        decision: Decision,
        /// The operator, as jobs name the person.
        by: String,
    },
    /// The job was taken up again after the process that drove it had ended.
    Resumed {
        /// Who took it up (the label of the holder of the lease).
        by: String,
        /// Why the job had to be taken up again.
        #[serde(default)]
        why: Why,
        /// Whether nothing happened to it for so long that a person is asked before anything is done.
        #[serde(default)]
        is_old: bool,
    },
    /// Written by a version of the program that this one does not understand; kept as it is.
    #[serde(untagged)]
    Unknown(Value),
}

/// A call that changes something, with what it needs beyond the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// `/acs/users/create` with the order's guest, groups and schedule.
    CreateUser,
    /// `/acs/users/update`.
    UpdateUser {
        /// The user that is changed.
        user: UserId,
        /// The name and the contact that the user shall have.
        details: Details,
        /// When access starts and ends; `None` leaves it. It has a start: the contract takes no end without one.
        schedule: Option<Schedule>,
    },
    /// `/acs/users/add_to_access_group`.
    AddToGroup {
        /// The user that is changed.
        user: UserId,
        /// The group that the user enters.
        group: GroupId,
    },
    /// `/acs/users/remove_from_access_group`.
    RemoveFromGroup {
        /// The user that is changed.
        user: UserId,
        /// The group that the user leaves.
        group: GroupId,
    },
    /// `/acs/credentials/delete`.
    DeleteCredential {
        /// The credential that is deleted.
        credential: CredentialId,
    },
    /// `/acs/credentials/create` with `access_method: card`.
    CreateCredential {
        /// The user whose credential it becomes.
        user: UserId,
        /// `salto_space_metadata.assign_new_key`.
        assign_new_key: bool,
    },
    /// `/acs/encoders/encode_credential`.
    Encode {
        /// The credential that is written.
        credential: CredentialId,
        /// The encoder that writes it.
        encoder: EncoderId,
    },
    /// `/acs/users/suspend`, `/acs/users/unsuspend`.
    SetSuspension {
        /// The user that is changed.
        user: UserId,
        /// Whether access shall be suspended.
        is_suspended: bool,
    },
    /// `/acs/users/delete`.
    DeleteUser {
        /// The user that is changed.
        user: UserId,
    },
}

/// What a call that was carried out gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// Nothing but that it was carried out.
    Done,
    /// The user that was created.
    User(UserId),
    /// The credential that was created or is used on.
    Credential(CredentialId),
    /// The action attempt that was begun.
    Attempt(AttemptId),
    /// The card was written (read back, without an attempt).
    Written,
}

/// How an encode attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptEnd {
    /// The card was written.
    Success {
        /// The credential that the result names.
        credential: Option<CredentialId>,
        /// The number of the card, when the server told it.
        card_number: Option<String>,
    },
    /// The card was not written: the attempt's own error.
    Error(AttemptError),
}
