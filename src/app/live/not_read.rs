//! Readings that keep failing although the server can be reached: it answers what can't be used.

use std::mem::{Discriminant, discriminant};

use jiff::Timestamp;

use super::Live;
use crate::domain::query::Query;
use crate::seam::error::{ErrorCause, ErrorKind, SeamError};

/// So many failures without an answer between them are no passing fault.
const KEEPS_FAILING: usize = 2;

/// The kinds of readings that fail, each with the time of its first failure.
#[derive(Debug, Default)]
pub(super) struct NotRead {
    failing: Vec<(Discriminant<Query>, Timestamp)>,
    failures: usize,
    newest: Option<SeamError>,
}

impl NotRead {
    /// Notes how a reading ended. Readings of one thing among many tell nothing of the server.
    pub(super) fn answered(&mut self, query: &Query, error: Option<&SeamError>, at: Timestamp) {
        let (Query::Events
        | Query::System
        | Query::Encoders
        | Query::Groups
        | Query::UsersPage
        | Query::CredentialsPage) = query
        else {
            return;
        };
        let kind = discriminant(query);
        match error {
            Some(error) if is_unusable(error) => {
                self.failures += 1;
                self.newest = Some(error.clone());
                if self.failing.iter().all(|(failing, _)| *failing != kind) {
                    self.failing.push((kind, at));
                }
            }
            // Outages, refused keys and pauses have words of their own: they tell nothing new here.
            Some(_) => {}
            None => {
                self.failing.retain(|(failing, _)| *failing != kind);
                if self.failing.is_empty() {
                    *self = Self::default();
                }
            }
        }
    }
}

/// Whether an answer came that is of no use, as it does from another server, or from something in between.
fn is_unusable(error: &SeamError) -> bool {
    matches!(error.cause, Some(ErrorCause::Redirected(_)))
        || error.cause.is_none() && matches!(error.kind, ErrorKind::Unreadable | ErrorKind::Refused)
}

impl Live {
    /// Since when something can't be read, and why, by the newest failure; `None` while all can, and while it may be a
    /// passing fault.
    pub fn not_read(&self) -> Option<(Timestamp, SeamError)> {
        let since = self.not_read.failing.iter().map(|(_, since)| *since).min();
        let since = since.filter(|_| self.not_read.failures >= KEEPS_FAILING)?;
        Some((since, self.not_read.newest.clone()?))
    }
}
