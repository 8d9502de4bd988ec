//! Deletes a card's credential. That it stops the card at offline doors is not documented.

use jiff::Timestamp;

use super::super::Job;
use super::super::event::{CallOutcome, Intent};
use super::super::look::{Look, Seen};
use super::super::results::OrderedChange;
use super::{StepRules, Then};
use crate::seam::error::SeamError;
use crate::seam::types::CredentialId;

/// `/acs/credentials/delete`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteCredential {
    /// The credential that goes; its card opens nothing then.
    pub credential: CredentialId,
}

impl StepRules for DeleteCredential {
    fn look(&self, _job: &Job) -> Option<Look> {
        Some(Look::Credential(self.credential.clone()))
    }

    fn call(&self, _job: &Job) -> Option<Intent> {
        Some(Intent::DeleteCredential { credential: self.credential.clone() })
    }

    fn is_as_wanted(&self, seen: &Seen) -> Option<bool> {
        match seen {
            Seen::Credential(card) => Some(card.as_ref().is_none_or(|card| card.is_going)),
            _ => None,
        }
    }

    fn apply(&self, job: &mut Job, outcome: &CallOutcome, _at: Timestamp) -> Option<Then> {
        if *outcome != CallOutcome::Done {
            return None;
        }
        if job.credential.as_ref() == Some(&self.credential) {
            job.credential = None;
        }
        Some(Then::Finish)
    }

    fn refusal_is_done(&self, error: &SeamError) -> bool {
        error.is_gone()
    }

    fn serves(&self, change: OrderedChange<'_>) -> bool {
        matches!(change, OrderedChange::Card(_))
    }
}
