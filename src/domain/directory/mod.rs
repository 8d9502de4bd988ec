//! What is known of the hotel: users, groups, who is in which, credentials, encoders, the system.

pub mod people;
pub mod person;
pub mod search;

use std::collections::{BTreeMap, HashMap, HashSet};

use people::People;
use person::Person;

use crate::domain::codes::lacks_change;
use crate::domain::room::RoomPattern;
use crate::domain::search_form::search_form;
use crate::seam::error::SeamError;
use crate::seam::types::{
    Credential, CredentialId, Encoder, EncoderId, EntranceId, Group, GroupId, System, User, UserId, Workspace,
};

/// Data from the server that may be on its way, so that nothing forgets the loading or the failed look.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Remote<T, E = SeamError> {
    /// Nobody asked for it yet.
    #[default]
    NotAsked,
    /// Asked for, not there.
    Loading,
    /// There.
    Loaded(T),
    /// It could not be had.
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
}

/// Why the access system could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemTrouble {
    /// The call failed.
    Call(SeamError),
    /// The workspace has none.
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
    pub group: Group,
    /// The folded name, for search.
    pub folded_name: String,
    /// The room that it stands for, if it does.
    pub room: Option<String>,
    /// The entrances that it opens, once known.
    pub entrances: Option<Vec<EntranceId>>,
    /// Its users, once known.
    pub users: Option<HashSet<UserId>>,
}

#[derive(Debug, Default)]
struct Membership {
    load: Remote<()>,
    groups: HashSet<GroupId>,
}

/// Everything that is known, as of the last answers.
#[derive(Debug, Default)]
pub struct Directory {
    /// The workspace that the key belongs to.
    pub workspace: Option<Workspace>,
    /// The access system.
    pub system: Remote<System, SystemTrouble>,
    /// All users.
    pub people: People,
    /// How the loading of users went.
    pub people_load: Remote<()>,
    /// How the loading of groups went.
    pub groups_load: Remote<()>,
    /// How the loading of credentials went.
    pub credentials_load: Remote<()>,
    /// All encoders, in the order of their names.
    pub encoders: Remote<Vec<Encoder>>,
    groups: Vec<GroupRow>,
    group_index: HashMap<GroupId, usize>,
    membership: HashMap<UserId, Membership>,
    credentials: HashMap<UserId, BTreeMap<CredentialId, Credential>>,
    credential_seen_in: HashMap<CredentialId, (UserId, u32)>,
    outdated: HashSet<CredentialId>,
    told_users: HashSet<UserId>,
    told_credentials: HashSet<CredentialId>,
    // Users whose credentials were read whole, also while the list of all is on its way.
    credentials_read: HashSet<UserId>,
}

impl Directory {
    /// All groups in the order of their names.
    pub fn groups(&self) -> &[GroupRow] {
        &self.groups
    }

    /// The group with this id.
    pub fn group(&self, id: &GroupId) -> Option<&GroupRow> {
        self.groups.get(*self.group_index.get(id)?)
    }

    /// Takes in all groups. What was known about the users and entrances of a group is kept.
    pub fn set_groups(&mut self, groups: Vec<Group>, rooms: &RoomPattern) {
        let mut rows: Vec<GroupRow> = groups
            .into_iter()
            .filter(|group| !group.is_going())
            .map(|mut group| {
                // No row is blank.
                if group.name().trim().is_empty() {
                    group.name = Some(group.acs_access_group_id.to_string());
                }
                let old = self.group(&group.acs_access_group_id);
                GroupRow {
                    folded_name: search_form(group.name()),
                    room: rooms.room_of(group.name()).map(str::to_owned),
                    entrances: old.and_then(|row| row.entrances.clone()),
                    users: old.and_then(|row| row.users.clone()),
                    group,
                }
            })
            .collect();
        rows.sort_by_cached_key(|row| {
            (row.room.is_some(), natural_key(&row.folded_name), row.group.acs_access_group_id.clone())
        });
        self.group_index =
            rows.iter().enumerate().map(|(at, row)| (row.group.acs_access_group_id.clone(), at)).collect();
        self.groups = rows;
        self.groups_load = Remote::Loaded(());
    }

    /// The entrances of a group became known.
    pub fn set_entrances(&mut self, group: &GroupId, entrances: Vec<EntranceId>) {
        if let Some(row) = self.group_index.get(group).and_then(|at| self.groups.get_mut(*at)) {
            row.entrances = Some(entrances);
        }
    }

    /// The users of a group became known.
    pub fn set_users_of(&mut self, group: &GroupId, users: impl IntoIterator<Item = UserId>) {
        let Some(row) = self.group_index.get(group).and_then(|at| self.groups.get_mut(*at)) else { return };
        let users: HashSet<UserId> = users.into_iter().collect();
        let before = row.users.replace(users.clone()).unwrap_or_default();
        for gone in before.difference(&users) {
            if let Some(membership) = self.membership.get_mut(gone) {
                membership.groups.remove(group);
            }
        }
        for user in users {
            self.membership.entry(user).or_default().groups.insert(group.clone());
        }
    }

    /// The groups of a user as far as they are known; whether they are known whole says [`Self::membership_load`].
    pub fn groups_of(&self, user: &UserId) -> Option<&HashSet<GroupId>> {
        Some(&self.membership.get(user)?.groups)
    }

    /// How the loading of a user's groups went.
    pub fn membership_load(&self, user: &UserId) -> &Remote<()> {
        self.membership.get(user).map_or(&Remote::NotAsked, |membership| &membership.load)
    }

    /// A user's groups are asked for, or could not be had. What was known stays.
    pub fn set_membership_load(&mut self, user: &UserId, load: Remote<()>) {
        let membership = self.membership.entry(user.clone()).or_default();
        if membership.load != Remote::Loaded(()) {
            membership.load = load;
        }
    }

    /// The groups of a user became known whole.
    pub fn set_groups_of(&mut self, user: &UserId, groups: HashSet<GroupId>) {
        for row in &mut self.groups {
            if let Some(users) = &mut row.users {
                if groups.contains(&row.group.acs_access_group_id) {
                    users.insert(user.clone());
                } else {
                    users.remove(user);
                }
            }
        }
        self.membership.insert(user.clone(), Membership { load: Remote::Loaded(()), groups });
    }

    /// A user was put into a group, or taken out of it.
    pub fn set_member(&mut self, user: &UserId, group: &GroupId, is_in: bool) {
        let membership = self.membership.entry(user.clone()).or_default();
        let users = self.group_index.get(group).and_then(|at| self.groups[*at].users.as_mut());
        if is_in {
            membership.groups.insert(group.clone());
            users.map(|users| users.insert(user.clone()));
        } else {
            membership.groups.remove(group);
            users.map(|users| users.remove(user));
        }
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
        group.users.as_ref().map(|users| users.contains(user))
    }

    /// The rooms of a user as far as they are known, in order.
    pub fn rooms_of(&self, user: &UserId) -> Vec<&str> {
        let Some(groups) = self.groups_of(user) else { return Vec::new() };
        let mut places: Vec<usize> = groups.iter().filter_map(|group| self.group_index.get(group).copied()).collect();
        places.sort_unstable();
        places.iter().filter_map(|at| self.groups[*at].room.as_deref()).collect()
    }

    /// The other users of a group, as far as they are known.
    pub fn mates(&self, group: &GroupId, except: Option<&UserId>) -> Vec<&Person> {
        let Some(users) = self.group(group).and_then(|row| row.users.as_ref()) else { return Vec::new() };
        let mut mates: Vec<&Person> =
            users.iter().filter(|user| Some(*user) != except).filter_map(|user| self.people.get(user)).collect();
        mates.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
        mates
    }

    /// How many groups' users are known, of how many.
    pub fn sweep(&self) -> (usize, usize) {
        (self.groups.iter().filter(|row| row.users.is_some()).count(), self.groups.len())
    }

    /// A loading begins: what is told of single objects from now on is newer than its pages.
    pub fn begin_load(&mut self) {
        self.told_users.clear();
        self.told_credentials.clear();
    }

    /// Takes in a page of users. `load` numbers the loading that it came with.
    pub fn merge_people(&mut self, mut page: Vec<Person>, load: u32) {
        page.retain(|person| !self.told_users.contains(&person.user.acs_user_id));
        self.people.merge(page, load);
    }

    /// Takes in a page of credentials. `load` numbers the loading that it came with.
    pub fn merge_credentials(&mut self, page: Vec<Credential>, load: u32) {
        for credential in page {
            if !self.told_credentials.contains(&credential.acs_credential_id) {
                self.keep_credential(credential, load);
            }
        }
    }

    /// Takes in one credential as it is now.
    pub fn put_credential(&mut self, credential: Credential, load: u32) {
        self.told_credentials.insert(credential.acs_credential_id.clone());
        self.keep_credential(credential, load);
    }

    fn keep_credential(&mut self, credential: Credential, load: u32) {
        let id = credential.acs_credential_id.clone();
        let Some(user) = credential.acs_user_id.clone() else {
            self.remove_credential(&id);
            return;
        };
        // The server told that the card lacked a change, and now it does not any more: someone wrote it.
        let lacked = self.credentials.get(&user).and_then(|all| all.get(&id)).is_some_and(lacks_change);
        if lacked && !lacks_change(&credential) {
            self.outdated.remove(&id);
        }
        if let Some((owner, _)) = self.credential_seen_in.insert(id.clone(), (user.clone(), load))
            && owner != user
            && let Some(others) = self.credentials.get_mut(&owner)
        {
            others.remove(&id);
        }
        self.credentials.entry(user).or_default().insert(id, credential);
    }

    /// Forgets a credential.
    pub fn remove_credential(&mut self, id: &CredentialId) {
        self.told_credentials.insert(id.clone());
        if let Some((owner, _)) = self.credential_seen_in.remove(id)
            && let Some(credentials) = self.credentials.get_mut(&owner)
        {
            credentials.remove(id);
        }
        self.outdated.remove(id);
    }

    /// The credentials of one user were read whole: what is not among them is gone.
    pub fn set_credentials_of(&mut self, user: &UserId, credentials: Vec<Credential>, load: u32) {
        let kept: HashSet<&CredentialId> = credentials.iter().map(|credential| &credential.acs_credential_id).collect();
        let gone: Vec<CredentialId> = self
            .credentials_of(user)
            .map(|old| old.acs_credential_id.clone())
            .filter(|id| !kept.contains(id))
            .collect();
        for id in gone {
            self.remove_credential(&id);
        }
        for credential in credentials {
            self.put_credential(credential, load);
        }
        self.credentials_read.insert(user.clone());
    }

    /// Whether all credentials of a user are known.
    pub fn knows_credentials_of(&self, user: &UserId) -> bool {
        self.credentials_load == Remote::Loaded(()) || self.credentials_read.contains(user)
    }

    /// A loading of credentials came to its end: those that it did not bring are gone.
    pub fn end_credential_load(&mut self, load: u32) {
        let gone: Vec<CredentialId> =
            self.credential_seen_in.iter().filter(|(_, (_, seen))| *seen != load).map(|(id, _)| id.clone()).collect();
        for id in gone {
            self.remove_credential(&id);
        }
        self.credentials_load = Remote::Loaded(());
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

    /// Whether something of this user has not reached the key system yet.
    pub fn is_on_its_way(&self, user: &UserId) -> bool {
        let person = self.people.get(user).is_some_and(|person| !person.user.pending_mutations.is_empty());
        person
            || self.card_of(user).is_some_and(|card| card.is_latest_desired_state_synced_with_provider == Some(false))
    }

    /// The desk saw that groups changed after this card was written.
    pub fn mark_outdated(&mut self, card: CredentialId) {
        self.outdated.insert(card);
    }

    /// The card was written anew.
    pub fn mark_written(&mut self, card: &CredentialId) {
        self.outdated.remove(card);
    }

    /// An encoder wrote a card: what was said to be wrong with it is over.
    pub fn encoder_works(&mut self, encoder: &EncoderId) {
        if let Remote::Loaded(encoders) = &mut self.encoders {
            for found in encoders.iter_mut().filter(|found| found.acs_encoder_id == *encoder) {
                found.errors.clear();
            }
        }
    }

    /// Whether a written card lacks a change: the server says so, or the desk remembers it.
    pub fn needs_update(&self, card: &Credential) -> bool {
        card.is_issued && (lacks_change(card) || self.outdated.contains(&card.acs_credential_id))
    }

    /// A user became known or changed.
    pub fn put_user(&mut self, user: User, load: u32) {
        if user.is_going() {
            self.remove_user(&user.acs_user_id);
        } else {
            self.told_users.insert(user.acs_user_id.clone());
            self.people.merge(vec![Person::new(user)], load);
        }
    }

    /// Forgets a user and all that belongs to it.
    pub fn remove_user(&mut self, id: &UserId) {
        self.told_users.insert(id.clone());
        self.people.remove(id);
        self.membership.remove(id);
        self.credentials_read.remove(id);
        for credential in self.credentials.remove(id).unwrap_or_default().into_keys() {
            self.credential_seen_in.remove(&credential);
            self.outdated.remove(&credential);
        }
        for row in &mut self.groups {
            if let Some(users) = &mut row.users {
                users.remove(id);
            }
        }
    }
}

// Numbers inside a name count as numbers: "Room 21" before "Room 204".
fn natural_key(name: &str) -> Vec<(String, u64)> {
    let mut key = Vec::new();
    let mut rest = name;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (text, tail) = rest.split_at(start);
        let (digits, tail) = tail.split_at(tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len()));
        key.push((text.to_owned(), digits.parse().unwrap_or(u64::MAX)));
        rest = tail;
    }
    key.push((rest.to_owned(), 0));
    key
}

#[cfg(test)]
mod tests;
