//! Puts the guest into a group.

use super::super::Job;
use super::super::event::Intent;
use super::super::look::{Look, Seen};
use super::super::order::Named;
use super::super::results::OrderedChange;
use super::StepRules;
use crate::seam::types::GroupId;

/// `/acs/users/add_to_access_group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddToGroup {
    /// The group that the user joins.
    pub group: Named<GroupId>,
}

impl StepRules for AddToGroup {
    fn look(&self, job: &Job) -> Option<Look> {
        Some(Look::Groups(job.user.clone()?))
    }

    fn call(&self, job: &Job) -> Option<Intent> {
        Some(Intent::AddToGroup { user: job.user.clone()?, group: self.group.id.clone() })
    }

    fn is_as_wanted(&self, seen: &Seen) -> Option<bool> {
        match seen {
            Seen::Groups(groups) => Some(groups.contains(&self.group.id)),
            _ => None,
        }
    }

    fn serves(&self, change: OrderedChange<'_>) -> bool {
        matches!(change, OrderedChange::Enter(group) if group.id == self.group.id)
    }
}
