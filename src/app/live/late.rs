//! What on the screen is older than it should be, and when it will be.

use jiff::{SignedDuration, Timestamp};

use super::turn::{Turn, after};
use super::{GROUPS, LATE, LISTS_LATE, Live, NEAR};
use crate::component::ages::Ages;

impl Live {
    /// What on the screen is older than it should be.
    pub fn ages(&self, at: Timestamp) -> Ages {
        let [users, guest, groups, encoders, system] =
            self.lates(at).map(|late| late.filter(|(late_at, _)| *late_at <= at).and_then(|(_, read_at)| read_at));
        Ages { users, guest, groups, encoders, system }
    }

    // For each part of the screen, when it gets too old, and when it was read.
    pub(super) fn lates(&self, at: Timestamp) -> [Option<(Timestamp, Option<Timestamp>)>; 5] {
        let stretch = self.pace(at).stretch;
        let late = |turn: &Turn, period: SignedDuration| {
            let owed = turn.read_at.map(|read_at| after(read_at, period * stretch));
            owed.map(|owed| (after(owed.max(self.on_since), LATE * stretch), turn.read_at))
        };
        // Who was just selected is as old as the lists until it is read.
        let chosen = self.chosen.as_ref().map(|_| match self.guest.read_at {
            Some(_) => late(&self.guest, NEAR),
            None => Some((after(self.chosen_at.max(self.on_since), (NEAR + LATE) * stretch), self.lists_of())),
        });
        let lists = [self.rota.users.read_at, self.rota.credentials.read_at].into_iter().min().flatten();
        let lists = lists.map(|read_at| {
            let owed = after(read_at, LISTS_LATE * stretch).max(after(self.on_since, GROUPS + LATE));
            (owed, Some(read_at))
        });
        [lists, chosen.flatten(), late(&self.groups, GROUPS), late(&self.encoders, NEAR), late(&self.system, NEAR)]
    }
}
