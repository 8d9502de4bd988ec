//! Sets name, contact and schedule of a guest who is there: as ordered, or as they were typed for a new guest who
//! turned out to be there already.

use super::super::Job;
use super::super::event::Intent;
use super::super::look::{Look, Seen};
use super::super::order::{Details, Schedule};
use super::super::results::OrderedChange;
use super::StepRules;

/// `/acs/users/update`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateUser {
    /// The name and the contact that the user shall have.
    pub details: Details,
    /// When access shall start and end; `None` leaves it.
    pub schedule: Option<Schedule>,
}

impl StepRules for UpdateUser {
    fn look(&self, job: &Job) -> Option<Look> {
        Some(Look::Details { user: job.user.clone()?, details: self.details.clone(), schedule: self.schedule })
    }

    fn call(&self, job: &Job) -> Option<Intent> {
        // An access that has begun keeps its start; one that starts later starts now, unless a start is wished.
        let begun = match &job.progress.before {
            Some(Seen::Details { starts_at, .. }) => starts_at.filter(|start| *start <= job.started_at),
            _ => None,
        };
        let schedule = self.schedule.map(|wanted| {
            let starts_at = wanted.starts_at.or(begun).unwrap_or(job.started_at);
            Schedule { starts_at: Some(starts_at), ends_at: wanted.ends_at }
        });
        Some(Intent::UpdateUser { user: job.user.clone()?, details: self.details.clone(), schedule })
    }

    fn is_as_wanted(&self, seen: &Seen) -> Option<bool> {
        match seen {
            Seen::Details { as_wanted, .. } => Some(*as_wanted),
            _ => None,
        }
    }

    fn serves(&self, change: OrderedChange<'_>) -> bool {
        matches!(change, OrderedChange::Create(_) | OrderedChange::Details(_) | OrderedChange::Schedule(_))
    }
}
