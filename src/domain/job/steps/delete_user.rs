//! Deletes a user: the guest, where that was ordered, or a twin that a late request made, where a person decided that.

use super::super::Job;
use super::super::event::Intent;
use super::super::look::{Look, Seen};
use super::super::order::{AccessChange, Named};
use super::super::results::OrderedChange;
use super::StepRules;
use crate::seam::error::SeamError;
use crate::seam::types::UserId;

/// `/acs/users/delete`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteUser {
    /// The user who goes, with all credentials.
    pub user: Named<UserId>,
    /// Whether it is a twin of the guest, and not the guest.
    pub is_twin: bool,
}

impl StepRules for DeleteUser {
    fn look(&self, _job: &Job) -> Option<Look> {
        Some(Look::User(self.user.id.clone()))
    }

    fn call(&self, _job: &Job) -> Option<Intent> {
        Some(Intent::DeleteUser { user: self.user.id.clone() })
    }

    fn is_as_wanted(&self, seen: &Seen) -> Option<bool> {
        match seen {
            Seen::User => Some(false),
            Seen::UserGone => Some(true),
            _ => None,
        }
    }

    fn refusal_is_done(&self, error: &SeamError) -> bool {
        error.is_gone()
    }

    fn serves(&self, change: OrderedChange<'_>) -> bool {
        !self.is_twin && change == OrderedChange::Access(AccessChange::Delete)
    }
}
