//! Suspends the guest's access, or ends the suspension. That a suspension reaches offline doors is not documented.

use super::super::Job;
use super::super::event::Intent;
use super::super::look::{Look, Seen};
use super::super::order::AccessChange;
use super::super::results::OrderedChange;
use super::StepRules;

/// `/acs/users/suspend`, `/acs/users/unsuspend`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetSuspension {
    /// Whether access shall be suspended.
    pub is_suspended: bool,
}

impl StepRules for SetSuspension {
    fn look(&self, job: &Job) -> Option<Look> {
        Some(Look::Suspension(job.user.clone()?))
    }

    fn call(&self, job: &Job) -> Option<Intent> {
        Some(Intent::SetSuspension { user: job.user.clone()?, is_suspended: self.is_suspended })
    }

    fn is_as_wanted(&self, seen: &Seen) -> Option<bool> {
        match seen {
            Seen::Suspension(is_suspended) => Some(*is_suspended == self.is_suspended),
            _ => None,
        }
    }

    fn serves(&self, change: OrderedChange<'_>) -> bool {
        let wanted = if self.is_suspended { AccessChange::Suspend } else { AccessChange::Unsuspend };
        change == OrderedChange::Access(wanted)
    }
}
