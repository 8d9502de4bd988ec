//! The state of the simulated hotel: plain structs, and the agenda of what time will bring.
//!
//! Nothing here knows HTTP or the clock: `advance` is told the time and does what was due until then, in order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::attempt::Attempt;
use super::calls::Calls;
use super::cards::Card;
use super::encoder::Encoder;
use super::events::Event;
use super::faults::Book;
use super::ids::Ids;
use super::store::{Key, Resource, Table};

/// How long things take.
#[derive(Clone, Copy)]
pub struct Timing {
    /// Until someone has placed a card.
    pub card_delay: SignedDuration,
    /// Until a card is written.
    pub write_time: SignedDuration,
    /// Until a change has reached the key system.
    pub sync_delay: SignedDuration,
}

pub struct World {
    /// The time up to which everything has happened.
    pub now: Timestamp,
    pub timing: Timing,
    pub ids: Ids,
    pub workspace: Uuid,
    pub account: Uuid,
    pub site: Site,
    pub users: Table<User>,
    pub groups: Table<Group>,
    pub entrances: Table<Entrance>,
    pub credentials: Table<Credential>,
    pub encoders: Table<Encoder>,
    pub attempts: Table<Attempt>,
    pub cards: BTreeMap<String, Card>,
    pub events: Vec<Event>,
    /// What will go wrong with which calls.
    pub faults: Book,
    pub calls: Calls,
    agenda: BTreeMap<(Timestamp, u64), Due>,
    /// Counts the entries of the agenda, so that those of one moment keep their order.
    appointments: u64,
    /// What could not reach the key system while the bridge was down.
    held: Vec<Due>,
}

/// The access system.
pub struct Site {
    pub id: Uuid,
    pub name: String,
    pub time_zone: String,
    pub created_at: Timestamp,
    /// Since when the bridge is down, if it is.
    pub bridge_down_since: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
}

pub struct User {
    pub id: Uuid,
    pub full_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Name, phone and e-mail, folded for the search.
    pub folded: String,
    pub schedule: Option<Schedule>,
    pub suspended: bool,
    pub groups: BTreeSet<Key<Group>>,
    pub credentials: BTreeSet<Key<Credential>>,
    pub created_at: Timestamp,
    pub synced_at: Option<Timestamp>,
    pub mutations: Vec<Mutation<UserChange>>,
    pub deleting_since: Option<Timestamp>,
    /// Since when it is known that the key system refused to create the user.
    pub creation_failed_at: Option<Timestamp>,
}

pub struct Group {
    pub id: Uuid,
    pub name: String,
    pub created_at: Timestamp,
    pub entrances: Vec<Key<Entrance>>,
    pub members: BTreeSet<Key<User>>,
    pub mutations: Vec<Mutation<Membership<Uuid>>>,
}

pub struct Entrance {
    pub id: Uuid,
    pub name: String,
    pub room: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Card,
    MobileKey,
}

pub struct Credential {
    pub id: Uuid,
    pub user: Option<Key<User>>,
    pub method: Method,
    pub created_at: Timestamp,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    /// The card that it was written to: from then on it belongs to that card alone.
    pub card_number: Option<String>,
    pub issued_at: Option<Timestamp>,
    /// Since when the card is older than what the user may open.
    pub outdated_since: Option<Timestamp>,
    /// Since when the card holds another credential.
    pub overwritten_at: Option<Timestamp>,
    /// Until when the latest change is on its way to the key system.
    pub syncing_until: Option<Timestamp>,
    pub synced_at: Option<Timestamp>,
    pub deleting_since: Option<Timestamp>,
}

/// A change that is on its way to the key system.
pub struct Mutation<C> {
    pub change: C,
    pub created_at: Timestamp,
    pub until: Timestamp,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub full_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

pub enum UserChange {
    Creating,
    Deleting,
    Information { from: Person, to: Person },
    Schedule { from: Option<Schedule>, to: Option<Schedule> },
    Suspension { to: bool },
    Group(Membership<Uuid>),
    Credential(Membership<Uuid>),
}

/// Something joins or leaves.
#[derive(Clone, Copy)]
pub enum Membership<T> {
    Joining(T),
    Leaving(T),
}

/// What the agenda holds.
#[derive(Clone, Copy)]
pub enum Due {
    UserSynced(Key<User>),
    GroupSynced(Key<Group>),
    CredentialSynced(Key<Credential>),
    UserGone(Key<User>),
    CredentialGone(Key<Credential>),
    /// The next step of an encoder's work, unless its turn has changed meanwhile.
    EncoderStep {
        encoder: Key<Encoder>,
        turn: u64,
    },
}

macro_rules! resources {
    ($($kind:ty: $name:literal),* $(,)?) => {
        $(impl Resource for $kind {
            const NAME: &'static str = $name;
            fn id(&self) -> Uuid {
                self.id
            }
        })*
    };
}
resources! {
    User: "acs_user",
    Group: "acs_access_group",
    Entrance: "acs_entrance",
    Credential: "acs_credential",
    Encoder: "acs_encoder",
    Attempt: "action_attempt",
}

impl World {
    /// A system without rooms, users or encoders.
    pub fn empty(timing: Timing, seed: u64, now: Timestamp, name: &str, time_zone: &str) -> Self {
        let mut ids = Ids::new(seed);
        let created_at = now - SignedDuration::from_hours(24 * 400);
        Self {
            now,
            timing,
            workspace: ids.id(),
            account: ids.id(),
            site: Site {
                id: ids.id(),
                name: name.to_owned(),
                time_zone: time_zone.to_owned(),
                created_at,
                bridge_down_since: None,
            },
            ids,
            users: Table::new(),
            groups: Table::new(),
            entrances: Table::new(),
            credentials: Table::new(),
            encoders: Table::new(),
            attempts: Table::new(),
            cards: BTreeMap::new(),
            events: Vec::new(),
            faults: Book::default(),
            calls: Calls::default(),
            agenda: BTreeMap::new(),
            appointments: 0,
            held: Vec::new(),
        }
    }

    /// Lets the time pass: does what was due until `now`, each at its own moment.
    pub fn advance(&mut self, now: Timestamp) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            self.now = self.now.max(entry.key().0);
            let due = entry.remove();
            self.happen(due);
        }
        self.now = self.now.max(now);
    }

    pub fn schedule(&mut self, at: Timestamp, due: Due) {
        self.appointments += 1;
        self.agenda.insert((at, self.appointments), due);
    }

    /// When a change that is made now will have reached the key system.
    pub fn sync_time(&self) -> Timestamp {
        self.now + self.timing.sync_delay
    }

    fn happen(&mut self, due: Due) {
        if let Due::EncoderStep { encoder, turn } = due {
            return self.encoder_step(encoder, turn);
        }
        if self.site.bridge_down_since.is_some() {
            self.held.push(due);
            return;
        }
        match due {
            Due::UserSynced(user) => self.user_synced(user),
            Due::GroupSynced(group) => self.group_synced(group),
            Due::CredentialSynced(credential) => self.credential_synced(credential),
            Due::UserGone(user) => self.user_gone(user),
            Due::CredentialGone(credential) => self.credential_gone(credential),
            Due::EncoderStep { .. } => {}
        }
    }

    /// Takes the bridge between Seam and the key system down, or up again.
    pub fn set_bridge(&mut self, up: bool) {
        if up == self.site.bridge_down_since.is_none() {
            return;
        }
        if up {
            self.site.bridge_down_since = None;
            let at = self.sync_time();
            for due in std::mem::take(&mut self.held) {
                self.schedule(at, due);
            }
        } else {
            self.site.bridge_down_since = Some(self.now);
            self.bridge_fails_encoders();
        }
        self.record_bridge(up);
    }
}
