//! The rules for looking before a call and for reading back after a lost answer, one table for all calls.
//!
//! The API has no transaction and takes no idempotency key: only what is read tells whether a call that got no answer
//! was carried out. Each step has one look; [`before_call`] says what it means before the call is sent and
//! [`after_loss`] what it means after an answer was lost.
//!
//! | step | look | lost answer: it was carried out when | otherwise |
//! |---|---|---|---|
//! | create the user | users with our name, e-mail, phone | exactly one is new, with our name and our contact | none new: not done; else a person says who it is |
//! | update the user | the user | end of access and contact are as wanted, or on their way | not done |
//! | add to, remove from a group | the user's groups | the group is there, is not there | not done |
//! | create a credential | the user's card credentials | exactly one is new | none new: not done (with `assign_new_key: false` the answer is the same card, so asking again is harmless) |
//! | delete a credential, a user | the object | it is gone or `being_deleted` | not done |
//! | encode | user, cards, `issued` and `reissued` events | an event is new, or `is_issued` turned true | never known to be not done: a person decides |
//!
//! A request may act late, after we gave up on it: "not done" is believed only at the end of a settle window.

use jiff::{SignedDuration, Timestamp};

use super::event::{CallOutcome, Intent};
use super::look::{Card, Look, Namesake, Ready, Seen};
use super::order::{Guest, Step};
use super::{Job, PlanChange, Question, Stage, StepState};
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::types::CredentialId;

/// When the truth is read after a lost answer, counted from the loss.
const SETTLE: [SignedDuration; 3] =
    [SignedDuration::from_secs(1), SignedDuration::from_secs(3), SignedDuration::from_secs(8)];

/// How often a lost encode is looked for after the settle window. It can still be written while the card lies there.
const ENCODE_EVERY: SignedDuration = SignedDuration::from_secs(4);

/// How many readings a lost encode gets: the last one is 60 seconds after the loss, longer than an attempt lives.
const ENCODE_READINGS: u32 = 16;

/// How long a refused creation waits for the deletion of the old card, each time.
const PATIENCE: [SignedDuration; 5] = [
    SignedDuration::from_secs(1),
    SignedDuration::from_secs(2),
    SignedDuration::from_secs(4),
    SignedDuration::from_secs(8),
    SignedDuration::from_secs(8),
];

/// How long a request that was given up may take to act all the same: longer than servers and what stands before them
/// hold one.
pub const LATE: SignedDuration = SignedDuration::from_secs(60);

/// How often a call is sent again by itself after lost answers, before a person is asked.
pub const ROUNDS: u32 = 3;

/// How long an encode attempt may be pending before a person is asked. It is followed on: a card that is written later
/// is told as written.
pub const LINGERS: SignedDuration = SignedDuration::from_mins(5);

/// No wait is longer than this (a server's `Retry-After` is followed up to 15 minutes): a clock that was set back
/// delays a job no further.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(16);

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
    /// The call was carried out, with this answer.
    Done(CallOutcome),
    /// It was not; believed at the end of the settle window.
    NotDone,
    /// Nothing tells.
    Unknown,
    /// A person has to say; asked at the end of the settle window.
    Ask(Question),
}

/// What is read before and after the call of a step. `None` when the job lacks what the step is about.
#[must_use]
pub fn look(job: &Job, step: &Step) -> Option<Look> {
    Some(match step {
        Step::CreateUser => namesakes(job)?,
        Step::UpdateUser(details) => Look::Details { user: job.user.clone()?, details: details.clone() },
        Step::AddToGroup(_) | Step::RemoveFromGroup(_) => Look::Groups(job.user.clone()?),
        Step::DeleteCredential(credential) => Look::Credential(credential.clone()),
        Step::CreateCredential { .. } => Look::Cards(job.user.clone()?),
        Step::Encode => Look::Ready { user: job.user.clone()?, credential: job.credential.clone()? },
        Step::DeleteUser(user) => Look::User(user.id.clone()),
    })
}

/// The search for users who share something with the guest that the job creates.
#[must_use]
pub fn namesakes(job: &Job) -> Option<Look> {
    match &job.order.guest {
        Guest::New(guest) => Some(Look::Namesakes(Box::new(guest.clone()))),
        Guest::Existing(_) => None,
    }
}

/// The call of a step. `None` when the job lacks what the step is about.
#[must_use]
pub fn intent(job: &Job, step: &Step) -> Option<Intent> {
    Some(match step {
        Step::CreateUser => Intent::CreateUser,
        Step::UpdateUser(details) => {
            let begun = match &job.progress.before {
                Some(Seen::Details { starts_at, .. }) => starts_at.filter(|start| *start <= job.started_at),
                _ => None,
            };
            let starts_at = begun.unwrap_or(job.started_at);
            Intent::UpdateUser { user: job.user.clone()?, details: details.clone(), starts_at }
        }
        Step::AddToGroup(group) => Intent::AddToGroup { user: job.user.clone()?, group: group.id.clone() },
        Step::RemoveFromGroup(group) => Intent::RemoveFromGroup { user: job.user.clone()?, group: group.id.clone() },
        Step::DeleteCredential(credential) => Intent::DeleteCredential { credential: credential.clone() },
        Step::CreateCredential { assign_new_key } => {
            Intent::CreateCredential { user: job.user.clone()?, assign_new_key: *assign_new_key }
        }
        Step::Encode => {
            Intent::Encode { credential: job.credential.clone()?, encoder: job.encoder.as_ref()?.id.clone() }
        }
        Step::DeleteUser(user) => Intent::DeleteUser { user: user.id.clone() },
    })
}

/// What a look before a call means. `None` when it is not the look of this step.
#[must_use]
pub fn before_call(job: &Job, step: &Step, seen: &Seen) -> Option<Before> {
    // What a lost call did late counts as done, also long after the settle window.
    if job.progress.lost.is_some()
        && let Some(After::Done(answer)) = after_loss(job, step, seen)
    {
        return Some(Before::Done(answer));
    }
    if *seen == Seen::UserGone && !matches!(step, Step::DeleteUser(_)) {
        return Some(Before::Ask(Question::PlanChanged(PlanChange::UserGone)));
    }
    match step {
        Step::CreateUser => {
            let Seen::Namesakes(found) = seen else { return None };
            let strangers = strangers(job, found);
            Some(if strangers.is_empty() { Before::Go } else { Before::Ask(who_is_it(&strangers)) })
        }
        Step::UpdateUser(_)
        | Step::AddToGroup(_)
        | Step::RemoveFromGroup(_)
        | Step::DeleteCredential(_)
        | Step::DeleteUser(_) => {
            let is_done = is_as_wanted(step, seen)?;
            Some(if is_done { Before::Done(CallOutcome::Done) } else { Before::Go })
        }
        Step::CreateCredential { assign_new_key } => {
            let Seen::Cards(cards) = seen else { return None };
            let live = live(job, cards);
            Some(if *assign_new_key { before_new_card(job, cards, &live) } else { before_same_card(job, &live) })
        }
        Step::Encode => match seen {
            Seen::Ready(ready) => Some(before_encode(job, ready)),
            _ => None,
        },
    }
}

/// What a look after a lost answer means. `None` when it is not the look of this step.
#[must_use]
pub fn after_loss(job: &Job, step: &Step, seen: &Seen) -> Option<After> {
    if *seen == Seen::UserGone && !matches!(step, Step::DeleteUser(_)) {
        // A card may be written all the same; a person decides at the end of the window.
        let is_encode = *step == Step::Encode;
        return Some(if is_encode { After::Unknown } else { After::Ask(Question::PlanChanged(PlanChange::UserGone)) });
    }
    match step {
        Step::CreateUser => {
            let Seen::Namesakes(found) = seen else { return None };
            let strangers = strangers(job, found);
            Some(match strangers.as_slice() {
                [] => After::NotDone,
                [one] if one.same_name && one.same_contact => After::Done(CallOutcome::User(one.id.clone())),
                _ => After::Ask(who_is_it(&strangers)),
            })
        }
        Step::UpdateUser(_)
        | Step::AddToGroup(_)
        | Step::RemoveFromGroup(_)
        | Step::DeleteCredential(_)
        | Step::DeleteUser(_) => {
            let is_done = is_as_wanted(step, seen)?;
            Some(if is_done { After::Done(CallOutcome::Done) } else { After::NotDone })
        }
        Step::CreateCredential { .. } => {
            let Seen::Cards(cards) = seen else { return None };
            let Some(Seen::Cards(before)) = &job.progress.before else { return Some(After::Unknown) };
            let live = live(job, cards);
            let new: Vec<_> = live.iter().filter(|card| before.iter().all(|old| old.id != card.id)).collect();
            Some(match new.as_slice() {
                [] => After::NotDone,
                [one] => After::Done(CallOutcome::Credential(one.id.clone())),
                [one, ..] => After::Ask(card_exists(one)),
            })
        }
        Step::Encode => {
            let Seen::Ready(ready) = seen else { return None };
            let Some(Seen::Ready(before)) = &job.progress.before else { return Some(After::Unknown) };
            let told = ready.written.iter().any(|event| !before.written.contains(event));
            let turned = !is_issued(job, before) && is_issued(job, ready);
            Some(if told || turned { After::Done(CallOutcome::Written) } else { After::Unknown })
        }
    }
}

/// Whether what a step wants is there already, for steps whose object tells that by itself.
fn is_as_wanted(step: &Step, seen: &Seen) -> Option<bool> {
    Some(match (step, seen) {
        (Step::UpdateUser(_), Seen::Details { as_wanted, .. }) => *as_wanted,
        (Step::AddToGroup(group), Seen::Groups(groups)) => groups.contains(&group.id),
        (Step::RemoveFromGroup(group), Seen::Groups(groups)) => !groups.contains(&group.id),
        (Step::DeleteCredential(_), Seen::Credential(card)) => card.as_ref().is_none_or(|card| card.is_going),
        (Step::DeleteUser(_), Seen::User) => false,
        (Step::DeleteUser(_), Seen::UserGone) => true,
        _ => return None,
    })
}

/// When the next reading after a loss is due.
#[must_use]
pub fn due(step: &Step, since: Timestamp, readings: u32) -> Timestamp {
    let late = i32::try_from(readings).unwrap_or(i32::MAX).saturating_sub(2);
    let after = match SETTLE.get(readings as usize) {
        Some(after) => *after,
        None if *step == Step::Encode => SETTLE[2].saturating_add(ENCODE_EVERY.saturating_mul(late)),
        None => SETTLE[2],
    };
    later(since, after)
}

/// Whether a reading at this time, the `readings`th, is the last one that is waited for.
#[must_use]
pub fn is_final(step: &Step, since: Timestamp, readings: u32, at: Timestamp) -> bool {
    let needed = if *step == Step::Encode { ENCODE_READINGS } else { 3 };
    // A late reading tells as much as several: the window counts from the loss.
    readings >= needed || at >= due(step, since, needed - 1)
}

/// Whether a refusal says that the wanted state is there already.
#[must_use]
pub fn refusal_is_done(step: &Step, error: &SeamError) -> bool {
    matches!(step, Step::DeleteCredential(_) | Step::DeleteUser(_)) && error.is_gone()
}

/// Whether the reason of a refusal is looked for: something is gone, a card appeared, or its deletion has not ended.
#[must_use]
pub fn refusal_has_reason(step: &Step, error: &SeamError) -> bool {
    error.is_gone() || matches!(step, Step::CreateCredential { .. }) && error.kind == ErrorKind::Refused
}

/// Users who look like the one that the job creates although they were not there before.
#[must_use]
pub fn twins(job: &Job, found: &[Namesake]) -> Option<Namesake> {
    let before = &job.progress.twin_watch.as_ref()?.before;
    let stranger = |one: &&Namesake| !before.contains(&one.id) && !job.progress.others.contains(&one.id);
    found.iter().filter(|one| one.same_name && job.user.as_ref() != Some(&one.id)).find(stranger).cloned()
}

/// A later time; the end of time where there is none.
#[must_use]
pub fn later(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

fn before_new_card(job: &Job, cards: &[Card], live: &[&Card]) -> Before {
    if let Some(card) = live.first() {
        return Before::Ask(card_exists(card));
    }
    let Some(refusal) = &job.progress.refusal else { return Before::Go };
    let is_ending = cards.iter().any(|card| card.is_going) || deleted(job).next().is_some();
    match PATIENCE.get(job.progress.patience as usize) {
        Some(wait) if is_ending => Before::Hold(*wait),
        _ => Before::Ask(Question::Refused(refusal.clone())),
    }
}

fn before_same_card(job: &Job, live: &[&Card]) -> Before {
    if live.iter().any(|card| job.credential.as_ref() == Some(&card.id)) {
        return match &job.progress.refusal {
            Some(refusal) => Before::Ask(Question::Refused(refusal.clone())),
            None => Before::Go,
        };
    }
    match live.first() {
        Some(card) => Before::Ask(card_exists(card)),
        None => Before::Ask(Question::PlanChanged(PlanChange::CredentialGone)),
    }
}

fn before_encode(job: &Job, ready: &Ready) -> Before {
    if let Some(failed) = &ready.user_failed {
        return Before::Ask(Question::PlanChanged(PlanChange::UserFailed(failed.message.clone())));
    }
    let live = live(job, &ready.cards);
    let (ours, others): (Vec<_>, Vec<_>) = live.into_iter().partition(|card| job.credential.as_ref() == Some(&card.id));
    match (ours.first(), others.first()) {
        // An update may leave the older credential in the list; for a blank card there must be no other.
        (Some(_), Some(other)) if !job.takes_own_card() => Before::Ask(card_exists(other)),
        (None, Some(other)) => Before::Ask(card_exists(other)),
        (None, None) => Before::Ask(Question::PlanChanged(PlanChange::CredentialGone)),
        // A written credential can't be written to another card.
        (Some(card), _) if card.is_issued && !job.takes_own_card() => Before::Ask(card_exists(card)),
        (Some(_), _) => Before::Go,
    }
}

fn strangers(job: &Job, found: &[Namesake]) -> Vec<Namesake> {
    let before: &[Namesake] = match &job.progress.before {
        Some(Seen::Namesakes(before)) => before,
        _ => &[],
    };
    let known = match &job.order.guest {
        Guest::New(guest) => guest.known_namesakes.as_slice(),
        Guest::Existing(_) => &[],
    };
    let is_known = |one: &&Namesake| {
        known.contains(&one.id) || job.progress.others.contains(&one.id) || before.iter().any(|b| b.id == one.id)
    };
    found.iter().filter(|one| !is_known(one)).cloned().collect()
}

/// Cards that count: not being deleted, and not deleted by this job, whatever a slow list says.
fn live<'a>(job: &Job, cards: &'a [Card]) -> Vec<&'a Card> {
    cards.iter().filter(|card| !card.is_going && deleted(job).all(|gone| *gone != card.id)).collect()
}

fn deleted(job: &Job) -> impl Iterator<Item = &CredentialId> {
    job.steps.iter().filter_map(|record| match (&record.step, &record.state) {
        (Step::DeleteCredential(credential), StepState::Done(_)) => Some(credential),
        _ => None,
    })
}

fn is_issued(job: &Job, ready: &Ready) -> bool {
    ready.cards.iter().any(|card| card.is_issued && job.credential.as_ref() == Some(&card.id))
}

fn who_is_it(strangers: &[Namesake]) -> Question {
    Question::WhoIsIt(strangers.iter().map(Namesake::candidate).collect())
}

fn card_exists(card: &Card) -> Question {
    Question::PlanChanged(PlanChange::CardExists { credential: card.id.clone(), is_issued: card.is_issued })
}

/// Whether it is not known yet what came of a call: it may have been carried out, or its attempt runs.
#[must_use]
pub fn outcome_is_pending(job: &Job) -> bool {
    matches!(job.progress.stage, Stage::Called(_) | Stage::ReadBack { .. } | Stage::Watch(_))
}
