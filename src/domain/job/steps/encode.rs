//! Writes the credential onto a card: the one step that needs an encoder, a card and the guest.
//!
//! A lost call, or an attempt that is pending for long, is never known to be not done: the card may be written as long
//! as it lies there. A person decides, and what is read until then may still tell that it was written.

use jiff::{SignedDuration, Timestamp};

use super::super::event::{CallOutcome, Intent};
use super::super::look::{Look, Ready, Seen};
use super::super::results::OrderedChange;
use super::super::{Job, PlanChange, Question};
use super::create_credential::{card_exists, live_cards};
use super::{After, Before, SETTLE, StepRules, Then};

/// How often a lost encode is looked for after the settle window. It can still be written while the card lies there.
const EVERY: SignedDuration = SignedDuration::from_secs(4);

/// How many readings a lost encode gets: the last one is 60 seconds after the loss, longer than an attempt lives.
const READINGS: u32 = 16;

/// How long an encode attempt may be pending before a person is asked. It is followed on: a card that is written later
/// is told as written.
pub const LINGERS: SignedDuration = SignedDuration::from_mins(5);

/// `/acs/encoders/encode_credential`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encode;

impl StepRules for Encode {
    fn look(&self, job: &Job) -> Option<Look> {
        Some(Look::Ready { user: job.user.clone()?, credential: job.credential.clone()? })
    }

    fn call(&self, job: &Job) -> Option<Intent> {
        Some(Intent::Encode { credential: job.credential.clone()?, encoder: job.encoder.as_ref()?.id.clone() })
    }

    fn before_call(&self, job: &Job, seen: &Seen) -> Option<Before> {
        let Seen::Ready(ready) = seen else { return None };
        if let Some(failed) = &ready.user_failed {
            return Some(Before::Ask(Question::PlanChanged(PlanChange::UserFailed(failed.message.clone()))));
        }
        let live = live_cards(job, &ready.cards);
        let (ours, others): (Vec<_>, Vec<_>) =
            live.into_iter().partition(|card| job.credential.as_ref() == Some(&card.id));
        Some(match (ours.first(), others.first()) {
            // An update may leave the older credential in the list; for a blank card there must be no other.
            (Some(_), Some(other)) if !job.takes_own_card() => Before::Ask(card_exists(other)),
            (None, Some(other)) => Before::Ask(card_exists(other)),
            (None, None) => Before::Ask(Question::PlanChanged(PlanChange::CredentialGone)),
            // A written credential can't be written to another card.
            (Some(card), _) if card.is_issued && !job.takes_own_card() => Before::Ask(card_exists(card)),
            (Some(_), _) => Before::Go,
        })
    }

    fn after_loss(&self, job: &Job, seen: &Seen) -> Option<After> {
        let unknown = Some(After::Ask(Question::EncodeUnknown));
        let ready = match seen {
            Seen::Ready(ready) => ready,
            // A card may be written all the same.
            Seen::UserGone => return unknown,
            _ => return None,
        };
        let Some(Seen::Ready(before)) = &job.progress.before else { return unknown };
        let told = ready.written.iter().any(|event| !before.written.contains(event));
        let turned = !is_issued(job, before) && is_issued(job, ready);
        if told || turned { Some(After::Done(CallOutcome::Written)) } else { unknown }
    }

    fn apply(&self, _job: &mut Job, outcome: &CallOutcome, _at: Timestamp) -> Option<Then> {
        match outcome {
            CallOutcome::Attempt(attempt) => Some(Then::Watch(attempt.clone())),
            CallOutcome::Written => Some(Then::Finish),
            _ => None,
        }
    }

    fn readings(&self) -> u32 {
        READINGS
    }

    fn reading_is_due_after(&self, reading: u32) -> SignedDuration {
        let late = i32::try_from(reading).unwrap_or(i32::MAX).saturating_sub(2);
        let more = || SETTLE[2].saturating_add(EVERY.saturating_mul(late));
        SETTLE.get(reading as usize).copied().unwrap_or_else(more)
    }

    fn uses_encoder(&self) -> bool {
        true
    }

    fn missing(&self, job: &Job) -> Option<Question> {
        if job.encoder.is_none() {
            Some(Question::NoEncoder)
        } else if job.user.is_none() {
            Some(Question::PlanChanged(PlanChange::UserGone))
        } else if job.credential.is_none() {
            Some(Question::PlanChanged(PlanChange::CredentialGone))
        } else {
            None
        }
    }

    fn serves(&self, change: OrderedChange<'_>) -> bool {
        matches!(change, OrderedChange::Card(_))
    }
}

fn is_issued(job: &Job, ready: &Ready) -> bool {
    ready.cards.iter().any(|card| card.is_issued && job.credential.as_ref() == Some(&card.id))
}
