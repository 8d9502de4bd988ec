//! The quiet rota: the long lists and the groups are read again in turn, what stands on the screen first.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::directory::{Directory, Remote};
use crate::domain::query::Query;
use crate::seam::types::GroupId;

/// How old users, credentials and the users of a group should not get.
const LISTS: SignedDuration = SignedDuration::from_mins(2);

/// The same for the entrances of a group, which the hotel's own work does not change.
const ENTRANCES: SignedDuration = SignedDuration::from_hours(1);

/// Nothing is read again sooner than this.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// How much sooner the turn of what stands on the screen comes.
const ON_SCREEN: f64 = 4.0;

/// How much sooner the turn of the selected user's entrances comes.
const CHOSEN: f64 = 10.0;

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
    /// Lets the entrances of all groups have their turn among the lists.
    pub fn forget_entrances(&mut self, at: Timestamp) {
        let long_ago = at.saturating_sub(ENTRANCES * 4).unwrap_or(at);
        for read_at in self.entrances.values_mut() {
            *read_at = (*read_at).min(long_ago);
        }
    }

    /// What is to be read next: what is the oldest for its kind. `None` while all is fresh.
    pub fn next(
        &self,
        directory: &Directory,
        screen: &OnScreen,
        at: Timestamp,
        is_offered: impl Fn(&Query) -> bool,
    ) -> Option<Query> {
        let mut best: Option<(f64, Query)> = None;
        let mut offer = |score: Option<f64>, query: &dyn Fn() -> Query| {
            if let Some(score) = score.filter(|score| best.as_ref().is_none_or(|(best, _)| score > best)) {
                let query = query();
                if is_offered(&query) {
                    best = Some((score, query));
                }
            }
        };
        for (pass, query) in [(&self.users, Query::UsersPage), (&self.credentials, Query::CredentialsPage)] {
            let read_at = pass.read_at.filter(|_| !pass.is_urgent);
            let score = score(read_at, at, LISTS, ON_SCREEN);
            offer(score.or(pass.is_running.then_some(0.0)), &|| query.clone());
        }
        for row in directory.groups() {
            let id = &row.group().acs_access_group_id;
            let on_screen = if screen.groups.contains(id) { ON_SCREEN } else { 1.0 };
            // The first reading shows that it is on its way; nobody has to ask twice.
            if *row.users() != Remote::Loading {
                offer(score(self.members.get(id).copied(), at, LISTS, on_screen), &|| Query::UsersOf(id.clone()));
            }
            let chosen = if screen.chosen.contains(id) { CHOSEN } else { 1.0 };
            if *row.entrances() != Remote::Loading {
                let read_at = self.entrances.get(id).copied();
                offer(score(read_at, at, ENTRANCES, chosen), &|| Query::EntrancesOf(id.clone()));
            }
        }
        best.map(|(_, query)| query)
    }
}

/// How urgent a reading is: its age by the age that it should not get. `None` while it is fresh.
#[allow(clippy::cast_precision_loss, reason = "a quotient of seconds")]
fn score(read_at: Option<Timestamp>, at: Timestamp, most: SignedDuration, weight: f64) -> Option<f64> {
    let Some(read_at) = read_at else { return Some(1e9 * weight) };
    let age = at.duration_since(read_at);
    (age >= SHORTEST).then(|| weight * age.as_secs_f64() / most.as_secs_f64())
}
