//! When something has its turn, and how fast turns follow each other.

use jiff::{SignedDuration, Timestamp};

use crate::domain::query::Query;

/// Something that is read again and again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn {
    pub asked_at: Option<Timestamp>,
    pub read_at: Option<Timestamp>,
    pub not_before: Option<Timestamp>,
}

impl Turn {
    pub fn due(&self, period: SignedDuration) -> Timestamp {
        let next = self.asked_at.map(|at| after(at, period));
        next.max(self.not_before).unwrap_or(Timestamp::MIN)
    }

    pub fn read(&mut self, at: Timestamp) {
        *self = Self { asked_at: self.asked_at.max(Some(at)), read_at: Some(at), not_before: None };
    }
}

/// What may be asked, and from when on.
pub(super) struct Wanted {
    pub query: Query,
    pub due: Timestamp,
    /// Whether it leaves room for what events tell.
    pub can_wait: bool,
}

impl Wanted {
    /// How many requests a minute there may be with it. While nobody works here, some room is left for what events tell.
    pub fn most(&self, pace: Pace) -> u32 {
        if self.can_wait && pace.stretch > 1 { pace.budget - pace.reserve } else { pace.budget }
    }
}

/// How fast is read: the whole budget, and how much more rarely than while somebody works here.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub budget: u32,
    /// Requests of the budget that are left for what can't wait.
    pub reserve: u32,
    pub stretch: i32,
    /// Requests before this don't count.
    pub since: Timestamp,
}

/// So much later.
pub(super) fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
