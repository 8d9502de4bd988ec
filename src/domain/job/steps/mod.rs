//! The steps of a job: each is one call that changes something, with the rules for looking before it and for reading
//! back after a lost answer. One file per step.
//!
//! The API has no transaction and takes no idempotency key: only what is read tells whether a call that got no answer
//! was carried out. Each step has one look; [`Step::before_call`] says what it means before the call is sent and
//! [`Step::after_loss`] what it means after an answer was lost.
//!
//! | step | look | lost answer: it was carried out when | otherwise |
//! |---|---|---|---|
//! | [`create_user`] | users with our name, e-mail, phone | exactly one is new, with our name and our contact | none new: not done; else a person says who it is |
//! | [`update_user`] | the user | name, contact and schedule are as wanted, or on their way | not done |
//! | [`add_to_group`], [`remove_from_group`] | the user's groups | the group is there, is not there | not done |
//! | [`set_suspension`] | the user | it is as wanted, or on its way | not done |
//! | [`create_credential`] | the user's card credentials | exactly one is new | none new: not done (with `assign_new_key: false` the answer is the same card, so asking again is harmless) |
//! | [`delete_credential`], [`delete_user`] | the object | it is gone or `being_deleted` | not done |
//! | [`encode`] | user, cards, `issued` and `reissued` events | an event is new, or `is_issued` turned true | never known to be not done: a person decides |
//!
//! A request may act late, after we gave up on it: "not done" is believed only at the end of a settle window.
//!
//! To add a step: a file here with a [`StepRules`], its variant of [`Step`] and its line in `Step::rules`, its
//! [`Intent`]; the compiler then names the rest, which is the engine's call and the words for it.

pub mod add_to_group;
pub mod create_credential;
pub mod create_user;
pub mod delete_credential;
pub mod delete_user;
pub mod encode;
pub mod remove_from_group;
pub mod set_suspension;
pub mod update_user;

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::event::{CallOutcome, Intent};
use super::look::{Look, Seen};
use super::results::OrderedChange;
use super::{Job, PlanChange, Question, Stage};
use crate::seam::error::SeamError;
use crate::seam::types::AttemptId;

use add_to_group::AddToGroup;
use create_credential::CreateCredential;
use create_user::CreateUser;
use delete_credential::DeleteCredential;
use delete_user::DeleteUser;
use encode::Encode;
use remove_from_group::RemoveFromGroup;
use set_suspension::SetSuspension;
use update_user::UpdateUser;

/// When the truth is read after a lost answer, counted from the loss.
const SETTLE: [SignedDuration; 3] =
    [SignedDuration::from_secs(1), SignedDuration::from_secs(3), SignedDuration::from_secs(8)];

/// How often a call is sent again by itself after lost answers, before a person is asked.
pub const ROUNDS: u32 = 3;

/// No wait is longer than this (a server's `Retry-After` is followed up to 15 minutes): a clock that was set back
/// delays a job no further.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(16);

/// One call that changes something.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// `/acs/users/create`.
    CreateUser,
    /// `/acs/users/update`.
    UpdateUser(UpdateUser),
    /// `/acs/users/add_to_access_group`.
    AddToGroup(AddToGroup),
    /// `/acs/users/remove_from_access_group`.
    RemoveFromGroup(RemoveFromGroup),
    /// `/acs/credentials/delete`.
    DeleteCredential(DeleteCredential),
    /// `/acs/credentials/create`.
    CreateCredential(CreateCredential),
    /// `/acs/encoders/encode_credential`, followed to its end.
    Encode,
    /// `/acs/users/suspend`, `/acs/users/unsuspend`.
    SetSuspension(SetSuspension),
    /// `/acs/users/delete`.
    DeleteUser(DeleteUser),
}

/// What a look before a call means.
#[derive(Clone, Debug, PartialEq)]
pub enum Before {
    /// The call may be sent.
    Go,
    /// It is as wanted already: no call.
    Done(CallOutcome),
    /// The old card's deletion has to end first: wait that long.
    Hold(SignedDuration),
    /// A person has to decide.
    Ask(Question),
}

/// What a look after a lost answer means.
#[derive(Clone, Debug, PartialEq)]
pub enum After {
    /// The call was carried out, with this outcome.
    Done(CallOutcome),
    /// It was not; believed at the end of the settle window.
    NotDone,
    /// A person has to say; asked at the end of the settle window.
    Ask(Question),
}

/// How a job goes on after a call was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// The step is done.
    Finish,
    /// The action attempt that was begun is followed.
    Watch(AttemptId),
    /// It is read whether the server took the groups of a new user.
    CheckGroups,
}

/// What distinguishes a step from the others. Pure: the engine reads and calls.
pub trait StepRules: fmt::Debug {
    /// What is read before and after the call. `None` when the job lacks what the step is about.
    fn look(&self, job: &Job) -> Option<Look>;

    /// The call. `None` when the job lacks what the step is about.
    fn call(&self, job: &Job) -> Option<Intent>;

    /// Whether what the step wants is there already, for steps whose object tells that by itself. `None` when that is
    /// not what was read.
    fn is_as_wanted(&self, _seen: &Seen) -> Option<bool> {
        None
    }

    /// What a look before the call means. `None` when it is not the look of this step.
    fn before_call(&self, _job: &Job, seen: &Seen) -> Option<Before> {
        Some(if self.is_as_wanted(seen)? { Before::Done(CallOutcome::Done) } else { Before::Go })
    }

    /// What a look after a lost answer means. `None` when it is not the look of this step.
    fn after_loss(&self, _job: &Job, seen: &Seen) -> Option<After> {
        Some(if self.is_as_wanted(seen)? { After::Done(CallOutcome::Done) } else { After::NotDone })
    }

    /// Takes what the call gave into the job. `None` when it does not fit the step: the outcome stays open then.
    fn apply(&self, _job: &mut Job, outcome: &CallOutcome, _at: Timestamp) -> Option<Then> {
        (*outcome == CallOutcome::Done).then_some(Then::Finish)
    }

    /// Whether a refusal says that the wanted state is there already.
    fn refusal_is_done(&self, _error: &SeamError) -> bool {
        false
    }

    /// Whether the reason of a refusal is looked for before a person is asked.
    fn refusal_has_reason(&self, error: &SeamError) -> bool {
        error.is_gone()
    }

    /// How many readings there are after a lost answer, at most.
    fn readings(&self) -> u32 {
        3
    }

    /// How long after the loss a reading is due; the first has number 0.
    fn reading_is_due_after(&self, reading: u32) -> SignedDuration {
        SETTLE.get(reading as usize).copied().unwrap_or(SETTLE[2])
    }

    /// Whether it needs an encoder, and with it the guest and a card at the desk.
    fn uses_encoder(&self) -> bool {
        false
    }

    /// Whether it is made for this change of an order.
    fn serves(&self, change: OrderedChange<'_>) -> bool;

    /// What a person must be asked because the job lacks what the step is about; `None` when nothing is lacking.
    fn missing(&self, job: &Job) -> Option<Question> {
        self.look(job).is_none().then_some(Question::PlanChanged(PlanChange::UserGone))
    }
}

impl Step {
    fn rules(&self) -> &dyn StepRules {
        match self {
            Self::CreateUser => &CreateUser,
            Self::UpdateUser(step) => step,
            Self::AddToGroup(step) => step,
            Self::RemoveFromGroup(step) => step,
            Self::DeleteCredential(step) => step,
            Self::CreateCredential(step) => step,
            Self::Encode => &Encode,
            Self::SetSuspension(step) => step,
            Self::DeleteUser(step) => step,
        }
    }

    /// See [`StepRules::look`].
    pub fn look(&self, job: &Job) -> Option<Look> {
        self.rules().look(job)
    }

    /// See [`StepRules::call`].
    pub fn call(&self, job: &Job) -> Option<Intent> {
        self.rules().call(job)
    }

    /// What a look before the call means. `None` when it is not the look of this step.
    pub fn before_call(&self, job: &Job, seen: &Seen) -> Option<Before> {
        // What a lost call did late counts as done, also long after the settle window.
        if job.progress.lost.is_some()
            && let Some(After::Done(outcome)) = self.after_loss(job, seen)
        {
            return Some(Before::Done(outcome));
        }
        let verdict = self.rules().before_call(job, seen);
        verdict.or_else(|| user_is_gone(seen).map(Before::Ask))
    }

    /// What a look after a lost answer means. `None` when it is not the look of this step.
    pub fn after_loss(&self, job: &Job, seen: &Seen) -> Option<After> {
        let verdict = self.rules().after_loss(job, seen);
        verdict.or_else(|| user_is_gone(seen).map(After::Ask))
    }

    /// See [`StepRules::apply`].
    pub(super) fn apply(&self, job: &mut Job, outcome: &CallOutcome, at: Timestamp) -> Option<Then> {
        self.rules().apply(job, outcome, at)
    }

    /// See [`StepRules::refusal_is_done`].
    pub fn refusal_is_done(&self, error: &SeamError) -> bool {
        self.rules().refusal_is_done(error)
    }

    /// See [`StepRules::refusal_has_reason`].
    pub fn refusal_has_reason(&self, error: &SeamError) -> bool {
        self.rules().refusal_has_reason(error)
    }

    /// When the next reading after a loss is due.
    pub fn reading_is_due(&self, since: Timestamp, readings: u32) -> Timestamp {
        later(since, self.rules().reading_is_due_after(readings))
    }

    /// Whether a reading at this time, the `readings`th, is the last one that is waited for.
    pub fn is_last_reading(&self, since: Timestamp, readings: u32, at: Timestamp) -> bool {
        let needed = self.rules().readings();
        // A late reading tells as much as several: the window counts from the loss.
        readings >= needed || at >= self.reading_is_due(since, needed - 1)
    }

    /// See [`StepRules::uses_encoder`].
    pub fn uses_encoder(&self) -> bool {
        self.rules().uses_encoder()
    }

    /// See [`StepRules::serves`].
    pub fn serves(&self, change: OrderedChange<'_>) -> bool {
        self.rules().serves(change)
    }

    /// See [`StepRules::missing`].
    pub fn missing(&self, job: &Job) -> Option<Question> {
        self.rules().missing(job)
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rules().fmt(f)
    }
}

fn user_is_gone(seen: &Seen) -> Option<Question> {
    (*seen == Seen::UserGone).then_some(Question::PlanChanged(PlanChange::UserGone))
}

/// Whether it is not known yet what came of a call: it may have been carried out, or its attempt runs.
pub fn outcome_is_pending(job: &Job) -> bool {
    matches!(job.progress.stage, Stage::Called(_) | Stage::ReadBack { .. } | Stage::Watch(_))
}

/// A later time; the end of time where there is none.
pub fn later(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}
