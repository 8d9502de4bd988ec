//! What is read by itself, and when, so that the desk shows what others do.
//!
//! Events are listed every five seconds; what they make stale is read at once. They don't tell all, so encoders, system
//! and the selected user are read every ten seconds, the groups every minute, and a rota reads everything else in turn.
//! All of it keeps to a budget of requests, larger while somebody works here. Nothing ticks: each message asks for what
//! is due by then, and [`Live::deadline`] says when the next is.

mod budget;
mod late;
mod not_read;
mod rota;
mod turn;

use std::collections::VecDeque;
use std::mem::{Discriminant, discriminant};

use jiff::{SignedDuration, Timestamp};

use budget::Spent;
use not_read::NotRead;
use rota::{OnScreen, Rota};
use turn::{Pace, Turn, Wanted, after};

use crate::component::ctx::Ctx;
use crate::domain::directory::Directory;
use crate::domain::fact::{Fact, Load};
use crate::domain::query::Query;
use crate::seam::error::SeamError;
use crate::seam::types::{GroupId, UserId};

/// How often events are listed, also while nobody works here.
const EVENTS: SignedDuration = SignedDuration::from_secs(5);

/// How often encoders, system and the selected user are read.
const NEAR: SignedDuration = SignedDuration::from_secs(10);

/// How far their turns lie apart: the budget has room again and again, not all at once.
const APART: SignedDuration = SignedDuration::from_secs(3);

/// How often the list of groups is read.
const GROUPS: SignedDuration = SignedDuration::from_mins(1);

/// How long the cursor rests on a user before the user's groups are read.
const REST: SignedDuration = SignedDuration::from_millis(120);

/// How long it stays there before all of the user is.
const STAYS: SignedDuration = SignedDuration::from_secs(2);

/// When what could not be read is tried again.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// How long a server that lacks a call is not asked for it.
const NOT_OFFERED: SignedDuration = SignedDuration::from_mins(10);

/// How much later than it should what is shown may be read without a word.
const LATE: SignedDuration = SignedDuration::from_secs(20);

/// How old the lists of users and credentials may get without a word.
const LISTS_LATE: SignedDuration = SignedDuration::from_mins(10);

/// So long after the last key nobody works here.
const IDLE_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// How much more rarely is read then what no event asks for.
const IDLE_STRETCH: i32 = 18;

/// Requests a minute while somebody works here, and while nobody does.
const BUDGET: u32 = 60;
const IDLE_BUDGET: u32 = 18;

/// Of these so many are left for what can't wait: the first look at who was just selected, what events tell.
const RESERVE: u32 = 1;
const IDLE_RESERVE: u32 = 3;

/// What is waiting to be read because of events, at most; with more the lists are read instead.
const MOST_STALE: usize = 20;

/// When the rota looks again after it found all fresh.
const ROTA_REST: SignedDuration = SignedDuration::from_secs(5);

/// A deadline that was missed by more than this: the machine slept.
const SLEPT: SignedDuration = SignedDuration::from_secs(30);

/// A query that was not answered yet.
#[derive(Debug)]
struct Asked {
    query: Query,
    by_person: bool,
}

/// The schedule of what is read by itself.
#[derive(Debug)]
pub struct Live {
    last_key: Timestamp,
    // Since when it is read at this pace without a pause: nothing is late that could not be read before.
    on_since: Timestamp,
    loading: Option<Load>,
    asked: Vec<Asked>,
    spent: Spent,
    stale: VecDeque<Query>,
    // Calls that the server said it lacks, and when.
    not_offered: Vec<(Discriminant<Query>, Timestamp)>,
    not_read: NotRead,
    events: Turn,
    system: Turn,
    encoders: Turn,
    groups: Turn,
    guest: Turn,
    chosen: Option<UserId>,
    chosen_at: Timestamp,
    // When the cursor has rested on the selected user; `None` once the user's groups were asked for.
    rest_at: Option<Timestamp>,
    rota: Rota,
    rota_at: Timestamp,
}

impl Live {
    /// A desk that was just started.
    pub fn new(at: Timestamp) -> Self {
        Self {
            last_key: at,
            on_since: at,
            loading: None,
            asked: Vec::new(),
            spent: Spent::default(),
            stale: VecDeque::new(),
            not_offered: Vec::new(),
            not_read: NotRead::default(),
            events: Turn::default(),
            system: Turn::default(),
            encoders: Turn::default(),
            groups: Turn::default(),
            guest: Turn::default(),
            chosen: None,
            chosen_at: at,
            rest_at: None,
            rota: Rota::default(),
            rota_at: at,
        }
    }

    /// A reload of everything begins: it reads the lists itself.
    pub fn begin_load(&mut self, load: Load, at: Timestamp) {
        self.loading = Some(load);
        self.not_offered.clear();
        self.rota.users.is_running = false;
        self.rota.credentials.is_running = false;
        for (turn, offset) in [(&mut self.system, 0), (&mut self.encoders, 1), (&mut self.groups, 2)] {
            turn.asked_at = Some(after(at, APART * offset));
        }
        // The selected user is not among the lists with all that belongs to it.
        self.guest = Turn { read_at: self.guest.read_at, ..Turn::default() };
        self.rest_at = Some(at);
        self.rota_at = at;
    }

    /// Somebody works here.
    pub fn key_pressed(&mut self, at: Timestamp) {
        let was_idle = self.pace(at).stretch > 1;
        self.last_key = at;
        if was_idle {
            self.read_all_soon(at);
        }
    }

    /// Much may have happened that no event tells any more: the lists are read as soon as the budget allows.
    pub fn read_all_soon(&mut self, at: Timestamp) {
        self.on_since = at;
        for turn in [&mut self.events, &mut self.system, &mut self.encoders, &mut self.groups, &mut self.guest] {
            *turn = Turn { read_at: turn.read_at, ..Turn::default() };
        }
        self.encoders.not_before = Some(after(at, APART));
        self.groups.not_before = Some(after(at, APART * 2));
        self.rota.users.is_urgent = true;
        self.rota.credentials.is_urgent = true;
        self.rota_at = at;
    }

    /// Whether the machine slept when a deadline comes at this time.
    pub fn slept(deadline: Option<Timestamp>, at: Timestamp) -> bool {
        deadline.is_some_and(|deadline| at.duration_since(deadline) > SLEPT)
    }

    /// Another user is selected, or none: the user's groups are read when the cursor has rested, all of the user when it
    /// stays, and again and again from then on.
    pub fn choose(&mut self, user: Option<UserId>, at: Timestamp) {
        self.chosen = user;
        self.chosen_at = at;
        self.rest_at = Some(after(at, REST));
        self.guest = Turn { not_before: Some(after(at, STAYS)), ..Turn::default() };
    }

    /// A query goes out.
    pub fn ask(&mut self, query: &Query, by_person: bool, at: Timestamp) {
        self.spent.add(at, query.cost());
        self.asked.push(Asked { query: query.clone(), by_person });
        if matches!(query, Query::GroupsOf(user) | Query::User(user) if self.chosen.as_ref() == Some(user)) {
            self.rest_at = None;
        }
        if let Some(turn) = self.turn(query) {
            turn.asked_at = Some(at);
            turn.not_before = None;
        }
    }

    /// Whether a person waits for the answer to this query: only then a failure is said.
    pub fn is_wanted_by_person(&self, query: &Query) -> bool {
        self.asked.iter().any(|asked| asked.by_person && asked.query == *query)
    }

    /// A query was answered.
    pub fn answered(&mut self, load: Load, query: &Query, error: Option<&SeamError>, at: Timestamp) {
        if *query == Query::Everything {
            self.loading = self.loading.filter(|loading| *loading != load);
            return;
        }
        self.not_read.answered(query, error, at);
        if let Some(place) = self.asked.iter().position(|asked| asked.query == *query) {
            self.asked.swap_remove(place);
        }
        if error.is_some_and(SeamError::not_offered) {
            self.not_offered.push((discriminant(query), at));
        }
        let retry_at = error.map(|_| after(at, AGAIN));
        if let Some(turn) = self.turn(query) {
            match retry_at {
                Some(_) => turn.not_before = retry_at,
                None => turn.read(at),
            }
        }
        match (query, retry_at) {
            (Query::UsersPage, Some(_)) => self.rota.users.is_running = false,
            (Query::CredentialsPage, Some(_)) => self.rota.credentials.is_running = false,
            (Query::UsersOf(group), Some(_)) => drop(self.rota.members.insert(group.clone(), at)),
            (Query::EntrancesOf(group), Some(_)) => drop(self.rota.entrances_failed.insert(group.clone(), at)),
            _ => return,
        }
        self.rota_at = retry_at.map_or(self.rota_at, |retry_at| retry_at.max(self.rota_at));
    }

    /// A fact came, whoever asked for it. `is_of_pass` says whether its load is the one whose pages count.
    pub fn heard(&mut self, fact: &Fact, is_of_pass: bool, at: Timestamp) {
        match fact {
            Fact::System(Ok(_)) => self.system.read(at),
            Fact::Encoders(Ok(_)) => self.encoders.read(at),
            Fact::Groups(Ok(_)) => self.groups.read(at),
            Fact::PeopleEnd(Ok(())) if is_of_pass => self.rota.users.read(at),
            Fact::CredentialsEnd(Ok(())) if is_of_pass => self.rota.credentials.read(at),
            Fact::UsersOf(group, Ok(_)) => drop(self.rota.members.insert(group.clone(), at)),
            Fact::EntrancesOf(group, Ok(_)) => self.rota.entrances_read(group, at),
            _ => {}
        }
    }

    /// Events made this out of date.
    pub fn note_stale(&mut self, query: Query, at: Timestamp) {
        if self.stale.contains(&query) {
            return;
        }
        self.stale.push_back(query);
        if self.stale.len() > MOST_STALE {
            self.stale.clear();
            self.read_all_soon(at);
        }
    }

    /// Entrances came or went, nobody knows in which groups: those of the selected user are read first.
    pub fn entrances_changed(&mut self, chosen: impl Iterator<Item = GroupId>, at: Timestamp) {
        for group in chosen {
            self.note_stale(Query::EntrancesOf(group), at);
        }
        self.rota.forget_entrances();
    }

    /// Whether a reload of everything is under way.
    pub fn is_loading(&self) -> bool {
        self.loading.is_some()
    }

    /// When the list of users was last read whole.
    pub fn lists_of(&self) -> Option<Timestamp> {
        self.rota.users.read_at
    }

    fn pace(&self, at: Timestamp) -> Pace {
        let idle_since = after(self.last_key, IDLE_AFTER);
        if at < idle_since {
            Pace { budget: BUDGET, reserve: RESERVE, stretch: 1, since: Timestamp::MIN }
        } else {
            Pace { budget: IDLE_BUDGET, reserve: IDLE_RESERVE, stretch: IDLE_STRETCH, since: idle_since }
        }
    }

    fn turn(&mut self, query: &Query) -> Option<&mut Turn> {
        match query {
            Query::Events => Some(&mut self.events),
            Query::System => Some(&mut self.system),
            Query::Encoders => Some(&mut self.encoders),
            Query::Groups => Some(&mut self.groups),
            Query::User(user) if self.chosen.as_ref() == Some(user) => Some(&mut self.guest),
            _ => None,
        }
    }

    // All but the rota, the most urgent first: what is short and frequent before what is long.
    fn wanted(&self, ctx: &Ctx, at: Timestamp) -> Vec<Wanted> {
        let stretch = self.pace(at).stretch;
        let has_system = ctx.directory.system().loaded().is_some();
        if is_held_up(ctx) || !has_system && self.loading.is_some() {
            return Vec::new();
        }
        let now = |query, due| Wanted { query, due, can_wait: false };
        let later = |query, due| Wanted { query, due, can_wait: true };
        let mut wanted = vec![now(Query::Events, self.events.due(EVENTS))];
        if has_system {
            wanted.extend(self.stale.iter().map(|query| now(query.clone(), at)));
            let first_look = self.rest_at.zip(self.chosen.clone());
            wanted.extend(first_look.map(|(due, user)| now(Query::GroupsOf(user), due)));
            wanted.push(later(Query::System, self.system.due(NEAR * stretch)));
            wanted.push(later(Query::Encoders, self.encoders.due(NEAR * stretch)));
            let due = self.guest.due(NEAR * stretch);
            wanted.extend(self.chosen.clone().map(|user| later(Query::User(user), due)));
            wanted.push(later(Query::Groups, self.groups.due(GROUPS * stretch)));
        }
        wanted.retain(|wanted| may_ask(&self.asked, &self.not_offered, &wanted.query, at));
        wanted
    }

    /// What is to be asked now; to be called until there is nothing more. What it gives has to be asked. `shown` tells
    /// the users whose rows are on the screen.
    pub fn next(&mut self, ctx: &Ctx, shown: &dyn Fn() -> Vec<UserId>, at: Timestamp) -> Option<Query> {
        let pace = self.pace(at);
        if let Some(wanted) = self.wanted(ctx, at).into_iter().find(|wanted| wanted.due <= at) {
            // While there is no room for the most urgent, nothing else takes it.
            if self.spent.room(at, wanted.query.cost(), wanted.most(pace), pace.since) != Some(at) {
                return None;
            }
            self.stale.retain(|stale| *stale != wanted.query);
            return Some(wanted.query);
        }
        if self.rota_due(ctx, at) != Some(at) {
            return None;
        }
        let screen = on_screen(&ctx.directory, self.chosen.as_ref(), &shown());
        let (asked, lacks) = (&self.asked, &self.not_offered);
        let next = self.rota.next(&ctx.directory, &screen, at, |query| may_ask(asked, lacks, query, at));
        let wait = if next.is_some() { self.rota_pace(at) } else { ROTA_REST };
        self.rota_at = after(at, wait);
        next
    }

    /// Notes that a pass begins with this query, if it does.
    pub fn begins_pass(&mut self, query: &Query) -> bool {
        let pass = match query {
            Query::UsersPage => &mut self.rota.users,
            Query::CredentialsPage => &mut self.rota.credentials,
            _ => return false,
        };
        !std::mem::replace(&mut pass.is_running, true)
    }

    // When the rota may ask next, not before `at`; `None` while it has to wait for something else.
    fn rota_due(&self, ctx: &Ctx, at: Timestamp) -> Option<Timestamp> {
        let is_on = ctx.directory.system().loaded().is_some() && !is_held_up(ctx) && self.loading.is_none();
        let is_free = self.asked.iter().all(|asked| asked.by_person || !is_of_rota(&asked.query));
        if !is_on || !is_free {
            return None;
        }
        let pace = self.pace(at);
        self.spent.room(self.rota_at.max(at), 1, pace.budget - pace.reserve, pace.since)
    }

    // What the budget leaves in a minute beside all that has a turn of its own, evenly over the minute.
    fn rota_pace(&self, at: Timestamp) -> SignedDuration {
        let pace = self.pace(at);
        let in_a_minute = |period: SignedDuration| 60.0 / period.as_secs_f64();
        let events = if is_offered(&self.not_offered, &Query::Events, at) { in_a_minute(EVENTS) } else { 0.0 };
        let guest = if self.chosen.is_some() { 3.0 } else { 0.0 };
        let near = (2.0 + guest) * in_a_minute(NEAR) + in_a_minute(GROUPS);
        let left = f64::from(pace.budget - pace.reserve) - events - near / f64::from(pace.stretch);
        SignedDuration::from_secs_f64(60.0 / left.max(1.0))
    }

    /// When something is to be asked next, or an age is to be shown; `None` while nothing is.
    pub fn deadline(&self, ctx: &Ctx) -> Option<Timestamp> {
        let at = ctx.at;
        let pace = self.pace(at);
        let wanted = self.wanted(ctx, at);
        let room =
            |wanted: &Wanted| self.spent.room(wanted.due.max(at), wanted.query.cost(), wanted.most(pace), pace.since);
        // What waits for room lets nothing pass but what has more urgency, which may come due meanwhile.
        let waiting = wanted.iter().find(|wanted| wanted.due <= at);
        let rota = if waiting.is_none() { self.rota_due(ctx, at) } else { None };
        let asks = wanted.iter().filter(|wanted| wanted.due > at).chain(waiting).filter_map(room).chain(rota);
        let ages = self.lates(at).into_iter().flatten().map(|(late_at, _)| late_at).filter(|late_at| *late_at > at);
        asks.chain(ages).min()
    }
}

// Whether nothing is answered now: the server is away, refuses the key or asked for a pause. What is asked meanwhile would
// only wait, and go all at once after it.
fn is_held_up(ctx: &Ctx) -> bool {
    ctx.offline_since.is_some() || ctx.key_trouble.is_some() || ctx.pause_until.is_some()
}

// A query that is on its way is not asked again, nor one that the server lacks.
fn may_ask(asked: &[Asked], lacks: &[(Discriminant<Query>, Timestamp)], query: &Query, at: Timestamp) -> bool {
    is_offered(lacks, query, at) && asked.iter().all(|asked| asked.query != *query)
}

fn is_offered(lacks: &[(Discriminant<Query>, Timestamp)], query: &Query, at: Timestamp) -> bool {
    !lacks.iter().any(|(kind, since)| *kind == discriminant(query) && at < after(*since, NOT_OFFERED))
}

fn is_of_rota(query: &Query) -> bool {
    matches!(query, Query::UsersPage | Query::CredentialsPage | Query::UsersOf(_) | Query::EntrancesOf(_))
}

fn on_screen(directory: &Directory, chosen: Option<&UserId>, shown: &[UserId]) -> OnScreen {
    let groups = |user: &UserId| directory.groups_of(user).into_iter().flatten().cloned();
    OnScreen { chosen: chosen.into_iter().flat_map(groups).collect(), groups: shown.iter().flat_map(groups).collect() }
}
