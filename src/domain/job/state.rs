//! The state of a job: what the screen shows of it, and what the machine remembers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::look::Seen;
use super::order::{Named, Order};
use super::steps::create_credential::CreateCredential;
use super::steps::{Step, outcome_is_pending};
use super::unrecorded::Unrecorded;
use crate::seam::error::SeamError;
use crate::seam::types::{AttemptError, AttemptId, CredentialId, EncoderId, UserId};

/// Id of a job, handed out by the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub Uuid);

/// A job as it stands: the fold of its events. What the screen shows of a job is read from here.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The id, which its entries in the journal carry too.
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
    /// Who said that the card was written, where nothing else tells so.
    pub on_trust: Option<OnTrust>,
    /// Every step in its order, with what became of it.
    pub steps: Vec<StepRecord>,
    /// Steps that were left out when a person gave the job up.
    pub dropped: Vec<Step>,
    /// Where the job stands.
    pub phase: Phase,
    /// Whether a person put it off ("later"): it waits on the list and its encoder is free for others.
    pub is_parked: bool,
    /// Who has the encoder that it is queued for, when that is another process: the label of the holder.
    pub encoder_with: Option<String>,
    /// How it was last taken up again, if ever.
    pub resumed: Option<Resumption>,
    /// What the machine remembers of the work at hand; the screen needs none of it.
    pub progress: Progress,
    /// The card is written and the journal does not have that yet. Never set by the fold; the engine sets it in what it
    /// shows.
    pub unrecorded: Option<Unrecorded>,
}

/// A person's word that a card was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnTrust {
    /// The operator who said so.
    pub by: String,
    /// When that happened, by the clock of this PC.
    pub at: Timestamp,
}

/// How a job was taken up again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumption {
    /// The holder who drives it now.
    pub by: String,
    /// When that happened, by the clock of this PC.
    pub at: Timestamp,
    /// Why the job had to be taken up again.
    pub why: Why,
}

/// Why a job was taken up again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The desk was started and found it.
    #[default]
    Restart,
    /// The process that drove it was gone, and this one took it over.
    Takeover,
}

/// What the machine remembers of the work at hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Where the current step stands.
    pub stage: Stage,
    /// What was seen before this step's call was last sent: what is new since is ours.
    pub before: Option<Seen>,
    /// How an answer to this step's call was lost, if ever.
    pub lost: Option<SeamError>,
    /// Whether this step's call was sent again after an answer was lost.
    pub is_repeated: bool,
    /// How often this step's answer was lost since a person last decided.
    pub rounds: u32,
    /// The refusal whose reason is being looked for.
    pub refusal: Option<SeamError>,
    /// How often this step waited until the deletion of the old card took effect.
    pub patience: u32,
    /// How often in a row nothing could be sent or read, for a reason that may pass.
    pub troubles: u32,
    /// Nothing is done before this time.
    pub not_before: Option<Timestamp>,
    /// Whether the encoder is this job's.
    pub has_encoder: bool,
    /// Users who are known to be others: they are no reason to ask again.
    pub others: Vec<UserId>,
    /// Set when the creation of the user was repeated after a lost answer: a twin that a late request made is looked
    /// for at the end.
    pub twin_watch: Option<TwinWatch>,
    /// When a person gave the job up that only looks for a twin since.
    pub withdrawn: Option<Timestamp>,
    /// Whether the history holds something that this version does not understand: then nothing is done.
    pub is_unreadable: bool,
    /// Since the job was taken up again no person said that it shall go on.
    pub unattended: Option<Unattended>,
    /// When something last happened that was not the taking up itself.
    pub last: Option<Timestamp>,
}

/// Looking for a user whom a late request made besides ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinWatch {
    /// Users who were there before.
    pub before: Vec<UserId>,
    /// Until then a request may still act; it is looked after that.
    pub until: Timestamp,
}

/// What is known of a job that nobody attends since it was taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unattended {
    /// When something last happened to it before.
    pub last: Timestamp,
    /// Whether that is so long ago that nothing at all is done before a person says so.
    pub is_old: bool,
}

/// Where the current step stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// Before anything: look first.
    #[default]
    Look,
    /// Looked: the call may be sent.
    Call,
    /// The call was about to be sent at this time, and no answer is known.
    Called(Timestamp),
    /// The answer was lost: it is read whether the call was carried out.
    ReadBack {
        /// Since when it stands so, by the clock of this PC.
        since: Timestamp,
        /// How many readings there were.
        readings: u32,
    },
    /// This action attempt is followed.
    Watch(AttemptId),
    /// The user was created: did the server take the groups?
    Groups,
    /// All steps are done: did a late request make a twin?
    Twins,
}

/// A step and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRecord {
    /// The call, with what it changes.
    pub step: Step,
    /// How far the step has come.
    pub state: StepState,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// Its turn has not come yet.
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
    /// Nothing can be sent or read now, for a reason that may pass: the same is tried again at `until`.
    Waiting {
        /// When it is tried again.
        until: Timestamp,
        /// Why the last try failed.
        error: SeamError,
    },
    /// It waits until its encoder is free of another job.
    Queued,
    /// The encoder has the order: the card must be placed and left there. Pending is all that is known.
    Placing {
        /// The action attempt that is followed.
        attempt: AttemptId,
        /// Since when it stands so, by the clock of this PC.
        since: Timestamp,
    },
    /// The answer to a call was lost: it is being read whether it was carried out.
    ReadingBack {
        /// Since when it stands so, by the clock of this PC.
        since: Timestamp,
        /// The error that left it open whether the call was carried out.
        error: SeamError,
    },
    /// A person has to decide.
    Asking(Question),
    /// Nothing is left to be done; nothing is asked.
    Ended(Outcome),
}

/// What a person has to decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// The encode attempt ended with an error.
    EncodeFailed(AttemptError),
    /// A call was refused by the server, at this step.
    Refused(SeamError),
    /// Nothing tells whether the card was written: the answer to "encode" was lost, or the attempt, which is still
    /// followed, is pending for very long.
    EncodeUnknown,
    /// Someone with the same name is there: new since our lost call, but not surely ours. Or several are.
    WhoIsIt(Vec<Candidate>),
    /// Something is otherwise than when the order was given: a card appeared, the credential is gone, …
    PlanChanged(PlanChange),
    /// A card is to be written, but no encoder was named.
    NoEncoder,
    /// The encoder is free after another job: the card that it wrote must be taken away first.
    YourTurn,
    /// The history was written in part by a newer version of the program.
    Unreadable,
    /// The job was taken up again, and what comes next needs the guest and a card, or it is old: shall it go on?
    Resume {
        /// When something last happened to it before it was taken up again.
        last: Timestamp,
    },
    /// Another job is at work for the guest: this one must not be at the same time.
    GuestInWork {
        /// The label of the process that has it, when it is another one.
        by: Option<String>,
    },
}

/// A user who may be the one that a job meant to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The user's id at the server.
    pub id: UserId,
    /// The full name, as the server has it.
    pub name: String,
    /// Phone or e-mail address, to tell namesakes apart.
    pub contact: Option<String>,
}

/// What turned out to be otherwise than the plan said, when the job looked before it acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanChange {
    /// The user has a card credential already, although the plan said none; with whether it was written.
    CardExists {
        /// The credential that was found.
        credential: CredentialId,
        /// Whether it was ever written to a card.
        is_issued: bool,
    },
    /// The credential that was to be written or replaced is gone.
    CredentialGone,
    /// The user was deleted at the server by someone else.
    UserGone,
    /// The user could not be created in the key system (`failed_to_create_on_acs_system`).
    UserFailed(Option<String>),
    /// A request that was given up acted late: this user was created besides ours.
    Twin(Candidate),
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// Everything is done; with a card, it was written at this time.
    Done(Timestamp),
    /// A person took it back at this time; what was done until then stays as the steps say.
    Withdrawn(Timestamp),
}

/// Where a job is between its start and its end.
///
/// A creation whose answer was lost may still make a second user, a twin, after all steps are done. So "done" and
/// "ended" are not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// Not all that was asked for is done: the job goes on by itself, or a person has to decide.
    Open,
    /// All is done or given up, but a twin was found: a person has to decide about it, or it is being deleted.
    Tidying(JobResult),
    /// All is done or given up, and nobody has anything to do. The job only waits until no late request can make a twin
    /// any more; no other job for the guest may begin before that.
    Watching(JobResult),
    /// Nothing happens to it any more.
    Ended(JobResult),
}

/// What came of a job that is not open any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobResult {
    /// Everything that was asked for is done.
    Done,
    /// A person gave it up; what was done until then stays.
    GivenUp,
}

impl Lifecycle {
    /// Whether nothing happens to the job any more.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Ended(_))
    }

    /// Whether the job only waits for a late twin.
    pub fn is_watching(self) -> bool {
        matches!(self, Self::Watching(_))
    }

    /// Whether no person has anything to do with the job any more.
    pub fn needs_nobody(self) -> bool {
        matches!(self, Self::Watching(_) | Self::Ended(_))
    }

    /// Whether everything that was asked for is done, ended or not.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Tidying(JobResult::Done) | Self::Watching(JobResult::Done) | Self::Ended(JobResult::Done))
    }
}

impl Job {
    /// The guest's full name.
    pub fn who(&self) -> &str {
        self.order.guest.name()
    }

    /// What a person has to decide; `None` while nothing is asked, also of a card that is written and not recorded yet.
    pub fn asks(&self) -> Option<&Question> {
        match &self.phase {
            Phase::Asking(question) if self.unrecorded.is_none() => Some(question),
            _ => None,
        }
    }

    /// Where the job is between its start and its end.
    pub fn lifecycle(&self) -> Lifecycle {
        let result = match self.phase {
            Phase::Ended(Outcome::Done(_)) => return Lifecycle::Ended(JobResult::Done),
            Phase::Ended(Outcome::Withdrawn(_)) => return Lifecycle::Ended(JobResult::GivenUp),
            _ if self.progress.is_unreadable => return Lifecycle::Open,
            _ if self.progress.withdrawn.is_some() => JobResult::GivenUp,
            _ if self.is_fulfilled() => JobResult::Done,
            _ => return Lifecycle::Open,
        };
        if self.progress.stage == Stage::Twins && self.asks().is_none() {
            Lifecycle::Watching(result)
        } else {
            Lifecycle::Tidying(result)
        }
    }

    /// Whether every step is done that the order or a person's decision wanted; the removal of a twin does not count.
    fn is_fulfilled(&self) -> bool {
        let is_asked_for = |record: &&StepRecord| !matches!(&record.step, Step::DeleteUser(step) if step.is_twin);
        self.steps.iter().filter(is_asked_for).all(|record| matches!(record.state, StepState::Done(_)))
    }

    /// The first step that is not done, if any.
    pub fn current(&self) -> Option<&StepRecord> {
        self.steps.iter().find(|record| !matches!(record.state, StepState::Done(_)))
    }

    /// Whether its current step needs an encoder, and with it the guest and a card at the desk.
    pub fn needs_encoder(&self) -> bool {
        self.current().is_some_and(|record| record.step.uses_encoder())
    }

    /// The encoder that this job uses now, so that no other may: from when it was granted until it is done, put off,
    /// moved to another or withdrawn. Waiting in the queue is not using.
    pub fn holds_encoder(&self) -> Option<&EncoderId> {
        if self.progress.has_encoder { self.encoder.as_ref().map(|encoder| &encoder.id) } else { None }
    }

    /// Whether the guest's own card belongs on the encoder; otherwise a blank one does. Follows the decisions.
    pub fn takes_own_card(&self) -> bool {
        let created = self.steps.iter().rev().find_map(|record| match record.step {
            Step::CreateCredential(CreateCredential { assign_new_key }) => Some(!assign_new_key),
            _ => None,
        });
        created.unwrap_or_else(|| self.order.card.takes_own_card())
    }

    /// The encoder that may be writing for this job now: nobody else may use it, whoever drives the job. A person who
    /// put the job off gave the encoder free, also where an attempt is still pending.
    pub fn occupies(&self) -> Option<&EncoderId> {
        let is_left = self.is_parked && matches!(self.progress.stage, Stage::Watch(_));
        self.encoder
            .as_ref()
            .map(|encoder| &encoder.id)
            .filter(|_| self.needs_encoder() && outcome_is_pending(self) && !is_left)
    }
}
