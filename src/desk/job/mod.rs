//! A job: everything that has to happen between "a guest stands here" and "a working key card".
//!
//! A job is a value. `fold::fold` makes it from its events, `next::next` says what it wants, and only
//! the engine acts on that. The screen reads it and gives [`Command`](command::Command)s.

pub mod command;
pub mod event;
pub mod order;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::seam::error::SeamError;
use crate::seam::types::{AttemptError, AttemptId, CredentialId, EncoderId, UserId};
use order::{Named, Order, Step};

/// Id of a job, handed out by the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub Uuid);

/// A job as it stands: the fold of its events. What the screen shows of a job is read from here.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What the clerk asked for; never changes.
    pub order: Order,
    /// The operator who started it.
    pub started_by: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// How many events were folded: the journal's sequence number of the newest.
    pub seq: u64,
    /// The user: known from the order, or once created or adopted.
    pub user: Option<UserId>,
    /// The credential that is written to the card: known from the order, or what the answer of its creation named.
    pub credential: Option<CredentialId>,
    /// The encoder that is used, if a card is made; a decision may change it.
    pub encoder: Option<Named<EncoderId>>,
    /// The number of the written card, when the server told it.
    pub card_number: Option<String>,
    /// Every step in its order, with what became of it.
    pub steps: Vec<StepRecord>,
    /// Where the job stands.
    pub phase: Phase,
    /// Whether a person put it off ("later"): it waits on the list and its encoder is free for others.
    pub is_parked: bool,
}

/// A step and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRecord {
    /// What is done.
    pub step: Step,
    /// Where it stands.
    pub state: StepState,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// Not begun.
    Todo,
    /// Begun at this time.
    Doing(Timestamp),
    /// Done at this time.
    Done(Timestamp),
    /// Failed at this time; a later decision may take it up again.
    Failed(Timestamp),
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// It moves on by itself: calls are made.
    Working,
    /// The line or the server is the trouble: the same is tried again at `until`.
    Waiting {
        /// When it is tried again.
        until: Timestamp,
        /// Why it waits.
        error: SeamError,
    },
    /// It waits until its encoder is free of another job.
    Queued,
    /// The encoder has the order: the card must be placed and left there. Pending is all that is known.
    Placing {
        /// The action attempt that is followed.
        attempt: AttemptId,
        /// Since when.
        since: Timestamp,
    },
    /// The outcome of a call is not known: the truth is being read back.
    ReadingBack {
        /// Since when.
        since: Timestamp,
        /// Why it is not known.
        error: SeamError,
    },
    /// A person has to decide.
    Asking(Question),
    /// It ended.
    Ended(Outcome),
}

/// What a person has to decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// The encode attempt ended with an error.
    EncodeFailed(AttemptError),
    /// A call was refused by the server, at this step.
    Refused(SeamError),
    /// The answer to "encode" was lost and nothing told what came of it.
    EncodeUnknown,
    /// Someone with the same name is there: new since our lost call, but not surely ours. Or several are.
    WhoIsIt(Vec<Candidate>),
    /// The world changed since the plan was made (a card appeared, the credential is gone, …), in words' terms.
    PlanChanged(Change),
}

/// A user who may be the one that a job meant to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The user.
    pub id: UserId,
    /// The full name.
    pub name: String,
    /// Phone or e-mail address, to tell namesakes apart.
    pub contact: Option<String>,
}

/// What turned out to be otherwise than the plan said, when the job looked before it acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The user has a card credential already, although the plan said none; with whether it was written.
    CardExists {
        /// The credential that was found.
        credential: CredentialId,
        /// Whether it was ever written to a card.
        is_issued: bool,
    },
    /// The credential that was to be written or replaced is gone.
    CredentialGone,
    /// The user is gone.
    UserGone,
    /// The user could not be created in the key system (`failed_to_create_on_acs_system`).
    UserFailed(Option<String>),
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// Everything is done; with a card, it was written at this time.
    Done(Timestamp),
    /// A person took it back at this time; what was done until then stays as the steps say.
    Withdrawn(Timestamp),
}

/// What a clerk can do now with a job that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The same again.
    TryAgain,
    /// The same on another encoder.
    OtherEncoder,
    /// Delete the credential, create a new one, write a blank card.
    ReplaceCard,
    /// Create a new credential and write it.
    NewCredential,
    /// Write, although it is not known whether the card was written.
    WriteAgain,
    /// Believe that the card was written (the clerk tried it at a door).
    CallItWritten,
    /// It is this user.
    UseCandidate(Candidate),
    /// It is none of them: create the user.
    CreateAnyway,
    /// Go on with the credential that was found.
    UseFound,
    /// Not now: the encoder is free for others, the job waits on the list.
    Later,
    /// Give the job up; what was done stays.
    Withdraw,
}

impl Job {
    /// The guest's full name.
    #[must_use]
    pub fn who(&self) -> &str {
        self.order.guest.name()
    }

    /// Whether a person has to decide something.
    #[must_use]
    pub fn asks(&self) -> Option<&Question> {
        match &self.phase {
            Phase::Asking(question) => Some(question),
            _ => None,
        }
    }

    /// Whether it ended.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_))
    }

    /// Whether it ended with everything done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Ended(Outcome::Done(_)))
    }
}
