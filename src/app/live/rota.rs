//! The quiet rota: the long lists and the groups are read again in turn, what stands on the screen first.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::directory::{Directory, Remote};
use crate::domain::query::Query;
use crate::seam::types::GroupId;

/// How old users, credentials and the users of a group should not get.
const LISTS: SignedDuration = SignedDuration::from_mins(2);

/// How old the entrances of a group should not get: the hotel's own work does not change them.
const ENTRANCES: SignedDuration = SignedDuration::from_hours(1);

/// The same for the groups of the selected user.
const CHOSEN_ENTRANCES: SignedDuration = SignedDuration::from_mins(6);

/// While there is more to read than the budget allows, entrances have one turn in so many.
const ENTRANCES_TURN: u32 = 30;

/// Nothing is read again sooner than this.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// A list that is read page by page.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// When it was last read whole.
    pub read_at: Option<Timestamp>,
    /// Whether a pass has begun and not ended.
    pub is_running: bool,
    /// Whether it goes before everything else: much may have happened.
    pub is_urgent: bool,
}

impl Pass {
    /// All pages came.
    pub fn read(&mut self, at: Timestamp) {
        *self = Self { read_at: Some(at), is_running: false, is_urgent: false };
    }
}

/// When each list was last read.
#[derive(Debug, Default)]
pub(super) struct Rota {
    pub users: Pass,
    pub credentials: Pass,
    /// When the users of each group were last read.
    pub members: HashMap<GroupId, Timestamp>,
    /// When the entrances of each group were last read.
    pub entrances: HashMap<GroupId, Timestamp>,
    /// Where the newest reading of a group's entrances failed, when that was.
    pub entrances_failed: HashMap<GroupId, Timestamp>,
    // Counts the turns.
    turn: u32,
}

/// What stands on the screen.
#[derive(Debug, Default)]
pub(super) struct OnScreen {
    /// The groups of the selected user.
    pub chosen: HashSet<GroupId>,
    /// The groups of the users whose rows are shown.
    pub groups: HashSet<GroupId>,
}

impl Rota {
    /// Lets the entrances of all groups have their turn anew.
    pub fn forget_entrances(&mut self) {
        self.entrances.clear();
    }

    /// The entrances of a group came.
    pub fn entrances_read(&mut self, group: &GroupId, at: Timestamp) {
        self.entrances_failed.remove(group);
        self.entrances.insert(group.clone(), at);
    }

    /// What is to be read next: the oldest; every second time what stands on the screen, where that is too old. `None`
    /// while all is fresh.
    pub fn next(
        &mut self,
        directory: &Directory,
        screen: &OnScreen,
        at: Timestamp,
        is_offered: impl Fn(&Query) -> bool,
    ) -> Option<Query> {
        let age =
            |read_at: Option<Timestamp>| read_at.map_or(SignedDuration::MAX, |read_at| at.duration_since(read_at));
        let (mut lists, mut on_screen) = (Oldest::beyond(SHORTEST), Oldest::beyond(LISTS));
        let (mut entrances, mut chosen) = (Oldest::beyond(ENTRANCES), Oldest::beyond(CHOSEN_ENTRANCES));
        for (pass, query) in [(&self.users, Query::UsersPage), (&self.credentials, Query::CredentialsPage)] {
            let age = age(pass.read_at.filter(|_| !pass.is_urgent));
            let age = if pass.is_running { age.max(SHORTEST) } else { age };
            for oldest in [&mut lists, &mut on_screen] {
                oldest.offer(age, || query.clone(), &is_offered);
            }
        }
        // What is on its way for somebody already comes by itself.
        for row in directory.groups() {
            let id = &row.group().acs_access_group_id;
            if *row.users() != Remote::Loading {
                let age = age(self.members.get(id).copied());
                lists.offer(age, || Query::UsersOf(id.clone()), &is_offered);
                if screen.groups.contains(id) {
                    on_screen.offer(age, || Query::UsersOf(id.clone()), &is_offered);
                }
            }
            if *row.entrances() != Remote::Loading {
                let (oldest, limit) = if screen.chosen.contains(id) {
                    (&mut chosen, CHOSEN_ENTRANCES)
                } else {
                    (&mut entrances, ENTRANCES)
                };
                // What could not be read is tried again soon, after what was not tried for longer.
                let age = match self.entrances_failed.get(id) {
                    Some(failed_at) => limit + at.duration_since(*failed_at) - LISTS,
                    None => age(self.entrances.get(id).copied()),
                };
                oldest.offer(age, || Query::EntrancesOf(id.clone()), &is_offered);
            }
        }
        self.turn = self.turn.wrapping_add(1);
        let is_turn_of_entrances = self.turn.is_multiple_of(ENTRANCES_TURN) && lists.age < SignedDuration::MAX;
        let entrances = chosen.query.or(entrances.query);
        let lists = on_screen.query.filter(|_| self.turn.is_multiple_of(2)).or(lists.query);
        let (first, second) = if is_turn_of_entrances { (entrances, lists) } else { (lists, entrances) };
        first.or(second)
    }
}

/// The oldest of what is offered, from a certain age on.
struct Oldest {
    age: SignedDuration,
    query: Option<Query>,
}

impl Oldest {
    fn beyond(age: SignedDuration) -> Self {
        Self { age, query: None }
    }

    fn offer(&mut self, age: SignedDuration, query: impl Fn() -> Query, is_offered: &impl Fn(&Query) -> bool) {
        if (age > self.age || age == self.age && self.query.is_none()) && is_offered(&query()) {
            *self = Self { age, query: Some(query()) };
        }
    }
}
