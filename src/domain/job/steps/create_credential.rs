//! Creates a card credential: for a blank card (`assign_new_key: true`), or for the card that the guest holds.
//!
//! Never a second card by itself: one that turned up since the plan was made is a question.

use jiff::{SignedDuration, Timestamp};

use super::super::event::{CallOutcome, Intent};
use super::super::fold::lost_call;
use super::super::look::{Card, Look, Seen};
use super::super::results::OrderedChange;
use super::super::{Job, PlanChange, Question, StepState};
use super::{After, Before, Step, StepRules, Then};
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::types::CredentialId;

/// How long a refused creation waits for the deletion of the old card, each time.
const PATIENCE: [SignedDuration; 5] = [
    SignedDuration::from_secs(1),
    SignedDuration::from_secs(2),
    SignedDuration::from_secs(4),
    SignedDuration::from_secs(8),
    SignedDuration::from_secs(8),
];

/// `/acs/credentials/create` with `access_method: card`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreateCredential {
    /// `salto_space_metadata.assign_new_key`: whether a blank card is written.
    pub assign_new_key: bool,
}

impl StepRules for CreateCredential {
    fn look(&self, job: &Job) -> Option<Look> {
        Some(Look::Cards(job.user.clone()?))
    }

    fn call(&self, job: &Job) -> Option<Intent> {
        Some(Intent::CreateCredential { user: job.user.clone()?, assign_new_key: self.assign_new_key })
    }

    fn before_call(&self, job: &Job, seen: &Seen) -> Option<Before> {
        let Seen::Cards(cards) = seen else { return None };
        let live = live_cards(job, cards);
        Some(if self.assign_new_key { before_new_card(job, cards, &live) } else { before_same_card(job, &live) })
    }

    fn after_loss(&self, job: &Job, seen: &Seen) -> Option<After> {
        let Seen::Cards(cards) = seen else { return None };
        let Some(Seen::Cards(before)) = &job.progress.before else {
            return Some(After::Ask(lost_call(job)));
        };
        let live = live_cards(job, cards);
        let new: Vec<_> = live.iter().filter(|card| before.iter().all(|old| old.id != card.id)).collect();
        Some(match new.as_slice() {
            [] => After::NotDone,
            [one] => After::Done(CallOutcome::Credential(one.id.clone())),
            [one, ..] => After::Ask(card_exists(one)),
        })
    }

    fn apply(&self, job: &mut Job, outcome: &CallOutcome, _at: Timestamp) -> Option<Then> {
        let CallOutcome::Credential(credential) = outcome else { return None };
        job.credential = Some(credential.clone());
        Some(Then::Finish)
    }

    /// A card appeared, something is gone, or the deletion of the old card has not ended.
    fn refusal_has_reason(&self, error: &SeamError) -> bool {
        error.is_gone() || error.kind == ErrorKind::Refused
    }

    fn serves(&self, change: OrderedChange<'_>) -> bool {
        matches!(change, OrderedChange::Card(_))
    }
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

/// Cards that count: not being deleted, and not deleted by this job, whatever a slow list says.
pub(super) fn live_cards<'a>(job: &Job, cards: &'a [Card]) -> Vec<&'a Card> {
    cards.iter().filter(|card| !card.is_going && deleted(job).all(|gone| *gone != card.id)).collect()
}

pub(super) fn card_exists(card: &Card) -> Question {
    Question::PlanChanged(PlanChange::CardExists { credential: card.id.clone(), is_issued: card.is_issued })
}

fn deleted(job: &Job) -> impl Iterator<Item = &CredentialId> {
    job.steps.iter().filter_map(|record| match (&record.step, &record.state) {
        (Step::DeleteCredential(step), StepState::Done(_)) => Some(&step.credential),
        _ => None,
    })
}
