//! Takes the guest out of a group.

use super::super::Job;
use super::super::event::Intent;
use super::super::look::{Look, Seen};
use super::super::order::Named;
use super::super::results::OrderedChange;
use super::StepRules;
use crate::seam::types::GroupId;

/// `/acs/users/remove_from_access_group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveFromGroup {
    /// The group that the user leaves.
    pub group: Named<GroupId>,
}

impl StepRules for RemoveFromGroup {
    fn look(&self, job: &Job) -> Option<Look> {
        Some(Look::Groups(job.user.clone()?))
    }

    fn call(&self, job: &Job) -> Option<Intent> {
        Some(Intent::RemoveFromGroup { user: job.user.clone()?, group: self.group.id.clone() })
    }

    fn is_as_wanted(&self, seen: &Seen) -> Option<bool> {
        match seen {
            Seen::Groups(groups) => Some(!groups.contains(&self.group.id)),
            _ => None,
        }
    }

    fn serves(&self, change: OrderedChange<'_>) -> bool {
        matches!(change, OrderedChange::Leave(group) if group.id == self.group.id)
    }
}
