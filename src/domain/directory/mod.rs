//! What is known of the hotel: users, groups, who is in which, credentials, encoders, the system.
//!
//! Facts go in through [`Directory::apply`], the one place where knowledge changes; ids and borrowed views come out.

mod apply;
pub mod people;
pub mod person;
pub mod search;
mod stale;

use std::collections::{BTreeMap, HashMap, HashSet};

pub use apply::Changed;
use people::{People, Slot};
use person::Person;

use crate::domain::codes::lacks_change;
use crate::domain::fact::{Fact, Load};
use crate::domain::query::Query;
use crate::domain::room::RoomPattern;
use crate::seam::error::SeamError;
use crate::seam::types::{Credential, CredentialId, Encoder, EntranceId, Group, GroupId, System, UserId, Workspace};

/// What is known of fetched data: not asked for, on its way, here, or failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Remote<T, E = SeamError> {
    /// Nobody asked for it yet.
    #[default]
    NotAsked,
    /// Asked for, and no answer has come yet.
    Loading,
    /// The newest answer, also while a newer one is on its way.
    Loaded(T),
    /// The call failed; it is asked for again with the next reload.
    Failed(E),
}

impl<T, E> Remote<T, E> {
    /// The data, if it is there.
    pub fn loaded(&self) -> Option<&T> {
        match self {
            Self::Loaded(data) => Some(data),
            _ => None,
        }
    }

    fn loaded_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Loaded(data) => Some(data),
            _ => None,
        }
    }

    /// Notes that it is asked for; whether it was not on its way already. What is here stays until the answer comes.
    fn mark_asked(&mut self) -> bool {
        match self {
            Self::Loading => false,
            Self::Loaded(_) => true,
            Self::NotAsked | Self::Failed(_) => {
                *self = Self::Loading;
                true
            }
        }
    }

    /// Notes an answer that failed; whether that changes anything. What was here stays.
    fn fail(&mut self, error: E) -> bool
    where
        E: PartialEq,
        T: PartialEq,
    {
        let failed = Self::Failed(error);
        if matches!(self, Self::Loaded(_)) || *self == failed {
            return false;
        }
        *self = failed;
        true
    }
}

/// Why the access system could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemTrouble {
    /// The call that reads it failed.
    Call(SeamError),
    /// The workspace has no access system.
    None,
    /// It has several and none was chosen; their names.
    Several(Vec<String>),
    /// The one that was chosen is not there; its name and those that are.
    NoSuch(String, Vec<String>),
}

/// An access group, prepared for lists and search.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRow {
    /// The group as the API has it.
    group: Group,
    /// The name as search compares it.
    folded_name: String,
    /// The room that it stands for; `None` for a common area.
    room: Option<String>,
    /// Its name and its room as rooms are compared: without spaces.
    name_key: String,
    room_key: Option<String>,
    /// The rooms whose doors it opens, each once.
    door_rooms: Vec<String>,
    users: Remote<HashSet<UserId>>,
    entrances: Remote<Vec<EntranceId>>,
}

impl GroupRow {
    /// The group as the API has it.
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// The name as search compares it.
    pub fn folded_name(&self) -> &str {
        &self.folded_name
    }

    /// The room that it stands for; `None` for a common area.
    pub fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// Whether a text in the form of [`room_key`] is its room or its whole name.
    ///
    /// [`room_key`]: crate::domain::room::room_key
    pub fn is_named(&self, key: &str) -> bool {
        !key.is_empty() && (self.room_key.as_deref() == Some(key) || self.name_key == key)
    }

    /// Whether its room or its name holds a text in the form of [`room_key`], so that spaces don't count.
    ///
    /// [`room_key`]: crate::domain::room::room_key
    pub fn is_like(&self, key: &str) -> bool {
        self.name_key.contains(key) || self.room_key.as_ref().is_some_and(|room| room.contains(key))
    }

    /// The ids of its users, asked for when the group is looked at.
    pub fn users(&self) -> &Remote<HashSet<UserId>> {
        &self.users
    }

    /// The entrances that it opens.
    pub fn entrances(&self) -> &Remote<Vec<EntranceId>> {
        &self.entrances
    }
}

#[derive(Debug, Default)]
struct Membership {
    load: Remote<()>,
    groups: HashSet<GroupId>,
}

/// Everything that is known, as of the last answers.
#[derive(Debug)]
pub struct Directory {
    rooms: RoomPattern,
    load: Load,
    // The reload or quiet pass whose pages of users count, and the same for credentials.
    users_pass: Load,
    credentials_pass: Load,
    workspace: Option<Workspace>,
    system: Remote<System, SystemTrouble>,
    people: People,
    users_load: Remote<()>,
    groups_load: Remote<()>,
    credentials_load: Remote<()>,
    encoders: Remote<Vec<Encoder>>,
    groups: Vec<GroupRow>,
    group_index: HashMap<GroupId, usize>,
    membership: HashMap<UserId, Membership>,
    credentials: HashMap<UserId, BTreeMap<CredentialId, Credential>>,
    credential_seen_in: HashMap<CredentialId, (UserId, Load)>,
    outdated: HashSet<CredentialId>,
    // Told one by one since the reload began: newer than its pages.
    users_since_load: HashSet<UserId>,
    credentials_since_load: HashSet<CredentialId>,
    // Users whose credentials were read whole, also while the list of all is on its way.
    credentials_read: HashSet<UserId>,
    // What this desk's own jobs told, and the number of the last query before: answers up to that number are older.
    told: HashMap<Told, Load>,
    members_told: HashMap<GroupId, HashMap<UserId, Load>>,
    // The same for users whose groups were read whole.
    groups_read: HashMap<UserId, Load>,
}

/// Something that this desk's own jobs tell, so that an answer which was on its way is older.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Told {
    User(UserId),
    GroupsOf(UserId),
    CredentialsOf(UserId),
    Credential(CredentialId),
}

impl Directory {
    /// Nothing is known yet. `rooms` reads rooms out of the names of groups.
    pub fn new(rooms: RoomPattern) -> Self {
        Self {
            rooms,
            load: 0,
            users_pass: 0,
            credentials_pass: 0,
            workspace: None,
            system: Remote::default(),
            people: People::default(),
            users_load: Remote::default(),
            groups_load: Remote::default(),
            credentials_load: Remote::default(),
            encoders: Remote::default(),
            groups: Vec::new(),
            group_index: HashMap::new(),
            membership: HashMap::new(),
            credentials: HashMap::new(),
            credential_seen_in: HashMap::new(),
            outdated: HashSet::new(),
            users_since_load: HashSet::new(),
            credentials_since_load: HashSet::new(),
            credentials_read: HashSet::new(),
            told: HashMap::new(),
            members_told: HashMap::new(),
            groups_read: HashMap::new(),
        }
    }

    /// The number that what is asked now gets: it grows with each reload and quiet pass, and with all that is newer than
    /// the answers that are on their way. 0 before the first reload.
    pub fn load(&self) -> Load {
        self.load
    }

    /// The number of the reload or quiet pass that a query belongs to.
    pub fn load_of(&self, query: &Query) -> Load {
        match query {
            Query::UsersPage => self.users_pass,
            Query::CredentialsPage => self.credentials_pass,
            _ => self.load,
        }
    }

    /// Begins a reload of everything: what is told of single objects from now on is newer than its pages, and what
    /// failed may be asked for again. Nothing that is known is forgotten.
    pub fn begin_load(&mut self) -> Load {
        self.begin_pass(&Query::UsersPage);
        self.credentials_pass = self.load;
        self.credentials_since_load.clear();
        self.users_load = Remote::Loading;
        self.groups_load = if self.groups.is_empty() { Remote::Loading } else { Remote::Loaded(()) };
        self.credentials_load.mark_asked();
        self.system.mark_asked();
        self.encoders.mark_asked();
        for row in &mut self.groups {
            if matches!(row.users, Remote::Failed(_)) {
                row.users = Remote::NotAsked;
            }
            if matches!(row.entrances, Remote::Failed(_)) {
                row.entrances = Remote::NotAsked;
            }
        }
        self.load
    }

    /// Begins a quiet pass through all users or all credentials, as the query asks for: what is told of single objects
    /// from now on is newer than its pages, and what it did not bring is gone when it has ended.
    pub fn begin_pass(&mut self, query: &Query) {
        self.load += 1;
        if *query == Query::CredentialsPage {
            self.credentials_pass = self.load;
            self.credentials_since_load.clear();
        } else {
            self.users_pass = self.load;
            self.users_since_load.clear();
        }
    }

    /// Whether a fact that came with this number is of the pass whose pages count.
    pub fn is_of_pass(&self, load: Option<Load>, fact: &Fact) -> bool {
        let pass = match fact {
            Fact::Credentials(_) | Fact::CredentialsEnd(_) => self.credentials_pass,
            _ => self.users_pass,
        };
        load == Some(pass)
    }

    /// Notes that something is asked for; `false` when it is on its way already and need not be asked for again.
    pub fn mark_asked(&mut self, query: &Query) -> bool {
        match query {
            Query::UsersOf(group) => self.row_mut(group).is_none_or(|row| row.users.mark_asked()),
            Query::EntrancesOf(group) => self.row_mut(group).is_none_or(|row| row.entrances.mark_asked()),
            _ => true,
        }
    }

    fn row_mut(&mut self, group: &GroupId) -> Option<&mut GroupRow> {
        self.groups.get_mut(*self.group_index.get(group)?)
    }

    /// The workspace that the key belongs to.
    pub fn workspace(&self) -> Option<&Workspace> {
        self.workspace.as_ref()
    }

    /// The access system that the settings mean, or why there is none.
    pub fn system(&self) -> &Remote<System, SystemTrouble> {
        &self.system
    }

    /// All encoders, in the order of their names.
    pub fn encoders(&self) -> &Remote<Vec<Encoder>> {
        &self.encoders
    }

    /// How the loading of all users went.
    pub fn users_load(&self) -> &Remote<()> {
        &self.users_load
    }

    /// How the loading of all groups went.
    pub fn groups_load(&self) -> &Remote<()> {
        &self.groups_load
    }

    /// How the loading of all credentials went.
    pub fn credentials_load(&self) -> &Remote<()> {
        &self.credentials_load
    }

    /// Whether all lists were read whole once, and the access system is there.
    pub fn is_loaded(&self) -> bool {
        let lists = [&self.users_load, &self.groups_load, &self.credentials_load];
        self.system.loaded().is_some()
            && self.encoders.loaded().is_some()
            && lists.into_iter().all(|list| *list == Remote::Loaded(()))
    }

    /// All users that are known, in the order of their names.
    pub fn users(&self) -> &[Slot] {
        self.people.sorted()
    }

    /// The user in a slot; `None` after it was removed.
    pub fn user_in(&self, slot: Slot) -> Option<&Person> {
        self.people.in_slot(slot)
    }

    /// The user with this id.
    pub fn user(&self, id: &UserId) -> Option<&Person> {
        self.people.get(id)
    }

    /// The slot of the user with this id.
    pub fn slot_of(&self, id: &UserId) -> Option<Slot> {
        self.people.slot(id)
    }

    /// The user's place among [`Self::users`].
    pub fn place_of(&self, id: &UserId) -> Option<usize> {
        self.people.place(id)
    }

    /// All groups: common areas first, then rooms, each in the order of their names.
    pub fn groups(&self) -> &[GroupRow] {
        &self.groups
    }

    /// The group with this id.
    pub fn group(&self, id: &GroupId) -> Option<&GroupRow> {
        self.groups.get(*self.group_index.get(id)?)
    }

    /// The groups of a user as far as they are known; whether they are known whole says [`Self::membership_load`].
    pub fn groups_of(&self, user: &UserId) -> Option<&HashSet<GroupId>> {
        Some(&self.membership.get(user)?.groups)
    }

    /// How the loading of a user's groups went.
    pub fn membership_load(&self, user: &UserId) -> &Remote<()> {
        self.membership.get(user).map_or(&Remote::NotAsked, |membership| &membership.load)
    }

    /// Whether the user is known to be in the group; `None` while that is not known.
    pub fn is_member(&self, user: &UserId, group: &GroupRow) -> Option<bool> {
        if let Some(membership) = self.membership.get(user) {
            if membership.groups.contains(&group.group.acs_access_group_id) {
                return Some(true);
            }
            if membership.load == Remote::Loaded(()) {
                return Some(false);
            }
        }
        group.users.loaded().map(|users| users.contains(user))
    }

    /// The rooms of a user as far as they are known, in order.
    pub fn rooms_of(&self, user: &UserId) -> Vec<&str> {
        let Some(groups) = self.groups_of(user) else { return Vec::new() };
        let mut places: Vec<usize> = groups.iter().filter_map(|group| self.group_index.get(group).copied()).collect();
        places.sort_unstable();
        places.iter().filter_map(|at| self.groups[*at].room.as_deref()).collect()
    }

    /// The users of a group but for one, as far as they are known, in the order of their names.
    pub fn users_of(&self, group: &GroupId, except: Option<&UserId>) -> Vec<&Person> {
        let Some(users) = self.group(group).and_then(|row| row.users.loaded()) else { return Vec::new() };
        let others = users.iter().filter(|user| Some(*user) != except);
        let mut found: Vec<&Person> = others.filter_map(|user| self.people.get(user)).collect();
        found.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
        found
    }

    /// How many groups' users are known, of how many.
    pub fn sweep(&self) -> (usize, usize) {
        (self.groups.iter().filter(|row| row.users.loaded().is_some()).count(), self.groups.len())
    }

    /// Whether all credentials of a user are known.
    pub fn knows_credentials_of(&self, user: &UserId) -> bool {
        self.credentials_load == Remote::Loaded(()) || self.credentials_read.contains(user)
    }

    /// The credential with this id.
    pub fn credential(&self, id: &CredentialId) -> Option<&Credential> {
        let (owner, _) = self.credential_seen_in.get(id)?;
        self.credentials.get(owner)?.get(id)
    }

    /// All credentials of a user.
    pub fn credentials_of(&self, user: &UserId) -> impl Iterator<Item = &Credential> {
        self.credentials.get(user).into_iter().flat_map(BTreeMap::values)
    }

    /// The user's card credential that counts; where a server has several, a written one before an unwritten, the
    /// newest first.
    pub fn card_of(&self, user: &UserId) -> Option<&Credential> {
        let mut cards: Vec<&Credential> =
            self.credentials_of(user).filter(|credential| credential.is_live_card()).collect();
        cards.sort_by_key(|card| (card.is_issued, card.issued_at));
        cards.last().copied()
    }

    /// Another user than this one whose card has this number. Goes through all credentials.
    pub fn other_holder_of(&self, card_number: &str, except: Option<&UserId>) -> Option<&Person> {
        let others = self.credentials.iter().filter(|(user, _)| Some(*user) != except);
        let has_it = |card: &Credential| card.is_live_card() && card.card_number.as_deref() == Some(card_number);
        let holder = others.into_iter().find(|(_, cards)| cards.values().any(has_it));
        holder.and_then(|(user, _)| self.people.get(user))
    }

    /// Whether something of this user has not reached the key system yet.
    pub fn is_on_its_way(&self, user: &UserId) -> bool {
        let person = self.people.get(user).is_some_and(|person| !person.user.pending_mutations.is_empty());
        person
            || self.card_of(user).is_some_and(|card| card.is_latest_desired_state_synced_with_provider == Some(false))
    }

    /// Whether a written card lacks a change: the server says so, or the desk remembers it.
    pub fn needs_update(&self, card: &Credential) -> bool {
        card.is_issued && (lacks_change(card) || self.outdated.contains(&card.acs_credential_id))
    }
}

#[cfg(test)]
mod tests;
