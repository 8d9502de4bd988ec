//! Sets what was typed for a guest who turned out to be there already; only ever added by a person's decision.

use super::super::Job;
use super::super::event::Intent;
use super::super::look::{Look, Seen};
use super::super::order::Details;
use super::StepRules;

/// `/acs/users/update`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateUser {
    /// What the user shall have.
    pub details: Details,
}

impl StepRules for UpdateUser {
    fn look(&self, job: &Job) -> Option<Look> {
        Some(Look::Details { user: job.user.clone()?, details: self.details.clone() })
    }

    fn call(&self, job: &Job) -> Option<Intent> {
        // An access that has begun keeps its beginning; one that begins later shall begin now.
        let begun = match &job.progress.before {
            Some(Seen::Details { starts_at, .. }) => starts_at.filter(|start| *start <= job.started_at),
            _ => None,
        };
        let starts_at = begun.unwrap_or(job.started_at);
        Some(Intent::UpdateUser { user: job.user.clone()?, details: self.details.clone(), starts_at })
    }

    fn is_as_wanted(&self, seen: &Seen) -> Option<bool> {
        match seen {
            Seen::Details { as_wanted, .. } => Some(*as_wanted),
            _ => None,
        }
    }
}
