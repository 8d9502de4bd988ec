//! The state of the simulated hotel, and the agenda of the changes that are still to happen.
//!
//! Nothing here knows HTTP or the clock: `advance` is given the time and carries out the changes due until then.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::attempt::Attempt;
use super::calls::CallLog;
use super::cards::HotelCard;
use super::encoder::HotelEncoder;
use super::events::HotelEvent;
use super::faults::PendingFaults;
use super::table::{Resource, RowKey, Table};
use crate::rng::Rng;

/// The delays of the simulation.
#[derive(Clone, Copy)]
pub struct Timing {
    /// From the start of an attempt until a card is placed.
    pub card_delay: SignedDuration,
    /// From the start of the writing of a card until its end.
    pub write_time: SignedDuration,
    /// From a change until it has reached the key system.
    pub sync_delay: SignedDuration,
}

pub struct Hotel {
    /// The time up to which the agenda has been carried out.
    pub now: Timestamp,
    pub timing: Timing,
    pub rng: Rng,
    pub workspace: Uuid,
    pub account: Uuid,
    pub system: AccessSystem,
    pub users: Table<HotelUser>,
    pub groups: Table<HotelGroup>,
    pub entrances: Table<HotelEntrance>,
    pub credentials: Table<HotelCredential>,
    pub encoders: Table<HotelEncoder>,
    pub attempts: Table<Attempt>,
    pub cards: BTreeMap<String, HotelCard>,
    pub events: Vec<HotelEvent>,
    /// The faults that wait for calls.
    pub faults: PendingFaults,
    pub calls: CallLog,
    /// The key that the API's calls must carry from now on; `None`: the one that the simulator was started with.
    pub api_key: Option<String>,
    /// What answers say as their `Date`; `None`: the time.
    pub date: Option<String>,
    agenda: BTreeMap<(Timestamp, u64), AgendaEntry>,
    /// Counts the entries of the agenda, so that those of the same time keep their order.
    agenda_count: u64,
    /// Changes that could not reach the key system while the bridge was down.
    waiting_for_bridge: Vec<AgendaEntry>,
}

/// The one access system of the simulated hotel.
pub struct AccessSystem {
    pub id: Uuid,
    pub name: String,
    pub time_zone: String,
    pub created_at: Timestamp,
    /// Since when the bridge is down; `None` while it is up.
    pub bridge_down_since: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HotelSchedule {
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
}

pub struct HotelUser {
    pub id: Uuid,
    pub full_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Name, phone and e-mail in `search_form`.
    pub searchable: String,
    pub schedule: Option<HotelSchedule>,
    pub suspended: bool,
    pub groups: BTreeSet<RowKey<HotelGroup>>,
    pub credentials: BTreeSet<RowKey<HotelCredential>>,
    pub created_at: Timestamp,
    pub synced_at: Option<Timestamp>,
    pub mutations: Vec<Mutation<UserChange>>,
    pub deleting_since: Option<Timestamp>,
    /// Since when it is known that the key system refused to create the user.
    pub creation_failed_at: Option<Timestamp>,
}

pub struct HotelGroup {
    pub id: Uuid,
    pub name: String,
    pub created_at: Timestamp,
    pub entrances: Vec<RowKey<HotelEntrance>>,
    pub members: BTreeSet<RowKey<HotelUser>>,
    pub mutations: Vec<Mutation<MembershipChange<Uuid>>>,
}

pub struct HotelEntrance {
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

pub struct HotelCredential {
    pub id: Uuid,
    pub user: Option<RowKey<HotelUser>>,
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
pub struct HotelPerson {
    pub full_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

pub enum UserChange {
    Creating,
    Deleting,
    Information { from: HotelPerson, to: HotelPerson },
    Schedule { from: Option<HotelSchedule>, to: Option<HotelSchedule> },
    Suspension { to: bool },
    Group(MembershipChange<Uuid>),
    Credential(MembershipChange<Uuid>),
}

/// Something that is added to a user or group, or removed from it.
#[derive(Clone, Copy)]
pub enum MembershipChange<T> {
    Joining(T),
    Leaving(T),
}

/// A change that happens at a set time.
#[derive(Clone, Copy)]
pub enum AgendaEntry {
    UserSynced(RowKey<HotelUser>),
    GroupSynced(RowKey<HotelGroup>),
    CredentialSynced(RowKey<HotelCredential>),
    UserDeletion(RowKey<HotelUser>),
    CredentialDeletion(RowKey<HotelCredential>),
    /// The next step of an encoder; ignored when its `turn` has changed meanwhile.
    EncoderStep {
        encoder: RowKey<HotelEncoder>,
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
    HotelUser: "acs_user",
    HotelGroup: "acs_access_group",
    HotelEntrance: "acs_entrance",
    HotelCredential: "acs_credential",
    HotelEncoder: "acs_encoder",
    Attempt: "action_attempt",
}

impl Hotel {
    /// A system without rooms, users or encoders.
    pub fn empty(timing: Timing, seed: u64, now: Timestamp, name: &str, time_zone: &str) -> Self {
        let mut rng = Rng::new(seed);
        let created_at = now - SignedDuration::from_hours(24 * 400);
        Self {
            now,
            timing,
            workspace: rng.uuid(),
            account: rng.uuid(),
            system: AccessSystem {
                id: rng.uuid(),
                name: name.to_owned(),
                time_zone: time_zone.to_owned(),
                created_at,
                bridge_down_since: None,
            },
            rng,
            users: Table::new(),
            groups: Table::new(),
            entrances: Table::new(),
            credentials: Table::new(),
            encoders: Table::new(),
            attempts: Table::new(),
            cards: BTreeMap::new(),
            events: Vec::new(),
            faults: PendingFaults::default(),
            calls: CallLog::default(),
            api_key: None,
            date: None,
            agenda: BTreeMap::new(),
            agenda_count: 0,
            waiting_for_bridge: Vec::new(),
        }
    }

    /// Carries out the agenda up to `now`, each entry at its own time.
    pub fn advance(&mut self, now: Timestamp) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            self.now = self.now.max(entry.key().0);
            let agenda_entry = entry.remove();
            self.carry_out(agenda_entry);
        }
        self.now = self.now.max(now);
    }

    pub fn schedule(&mut self, at: Timestamp, agenda_entry: AgendaEntry) {
        self.agenda_count += 1;
        self.agenda.insert((at, self.agenda_count), agenda_entry);
    }

    /// The time at which a change that is made now has reached the key system.
    pub fn sync_time(&self) -> Timestamp {
        self.now + self.timing.sync_delay
    }

    fn carry_out(&mut self, agenda_entry: AgendaEntry) {
        if let AgendaEntry::EncoderStep { encoder, turn } = agenda_entry {
            return self.encoder_step(encoder, turn);
        }
        if self.system.bridge_down_since.is_some() {
            self.waiting_for_bridge.push(agenda_entry);
            return;
        }
        match agenda_entry {
            AgendaEntry::UserSynced(user) => self.user_synced(user),
            AgendaEntry::GroupSynced(group) => self.group_synced(group),
            AgendaEntry::CredentialSynced(credential) => self.credential_synced(credential),
            AgendaEntry::UserDeletion(user) => self.remove_user(user),
            AgendaEntry::CredentialDeletion(credential) => self.remove_credential(credential),
            AgendaEntry::EncoderStep { .. } => {}
        }
    }

    /// Takes the bridge between Seam and the key system down, or up again.
    pub fn set_bridge(&mut self, up: bool) {
        if up == self.system.bridge_down_since.is_none() {
            return;
        }
        if up {
            self.system.bridge_down_since = None;
            let at = self.sync_time();
            for agenda_entry in std::mem::take(&mut self.waiting_for_bridge) {
                self.schedule(at, agenda_entry);
            }
        } else {
            self.system.bridge_down_since = Some(self.now);
            self.fail_attempts_without_bridge();
        }
        self.record_bridge_event(up);
    }
}
