//! How knowledge changes: facts are applied, and what visibly changed is told.

use std::collections::{HashMap, HashSet};

use super::person::Person;
use super::{Directory, GroupRow, Membership, Remote, SystemTrouble, Told};
use crate::domain::codes::lacks_change;
use crate::domain::fact::{Fact, Load};
use crate::domain::query::Query;
use crate::domain::room::{room_key, room_of_group};
use crate::domain::search_form::search_form;
use crate::seam::lenient::clean;
use crate::seam::types::{Credential, CredentialId, Encoder, EncoderId, Entrance, Group, GroupId, UserId};

/// What visibly changed with a fact; nothing of it when the fact was known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each tells of another part of the screen")]
pub struct Changed {
    /// Whether the workspace or the access system changed.
    pub system: bool,
    /// Encoders, or what is wrong with them.
    pub encoders: bool,
    /// Users, or how far they are loaded.
    pub users: bool,
    /// Groups, or who is in them.
    pub groups: bool,
    /// Whether the entrances of any group changed.
    pub entrances: bool,
    /// Whether any credential changed.
    pub credentials: bool,
    /// Users whom the server does not have any more.
    pub gone: Vec<UserId>,
}

impl Changed {
    /// Whether any of this changed at all.
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }
}

/// Puts a value in its place; whether that changes anything.
fn replace<T: PartialEq>(place: &mut T, value: T) -> bool {
    let is_news = *place != value;
    *place = value;
    is_news
}

impl Directory {
    /// What is to be asked again instead of applying a fact: it was on its way while this desk's own jobs told something
    /// newer. Those tell without a number, and in order.
    pub fn overtaken(&self, load: Option<Load>, fact: &Fact) -> Option<Query> {
        let load = load?;
        let is_older = |told: Told| self.told.get(&told).is_some_and(|last| load <= *last);
        match fact {
            Fact::User(user, Ok(_)) if is_older(Told::User(user.clone())) => Some(Query::User(user.clone())),
            Fact::GroupsOf(user, Ok(_)) if is_older(Told::GroupsOf(user.clone())) => {
                Some(Query::GroupsOf(user.clone()))
            }
            Fact::CredentialsOf(user, Ok(_)) if is_older(Told::CredentialsOf(user.clone())) => {
                Some(Query::User(user.clone()))
            }
            Fact::Credential(credential) if is_older(Told::Credential(credential.acs_credential_id.clone())) => {
                Some(Query::Credential(credential.acs_credential_id.clone()))
            }
            Fact::CredentialGone(id) if is_older(Told::Credential(id.clone())) => Some(Query::Credential(id.clone())),
            _ => None,
        }
    }

    /// Notes what one of this desk's own jobs told: whatever was asked before is answered with something older.
    fn note_told(&mut self, fact: &Fact) {
        let owner = |id: &CredentialId| self.credential_seen_in.get(id).map(|(owner, _)| owner.clone());
        let of_credential = |id: &CredentialId, owners: [Option<UserId>; 2]| {
            let owners = owners.into_iter().flatten().map(Told::CredentialsOf);
            owners.chain([Told::Credential(id.clone())]).collect()
        };
        let told: Vec<Told> = match fact {
            Fact::User(user, Ok(_)) => vec![Told::User(user.clone())],
            Fact::GroupsOf(user, Ok(_)) | Fact::Member(user, ..) => vec![Told::GroupsOf(user.clone())],
            Fact::CredentialsOf(user, Ok(_)) => vec![Told::CredentialsOf(user.clone())],
            Fact::Credential(credential) => {
                let id = &credential.acs_credential_id;
                of_credential(id, [credential.acs_user_id.clone(), owner(id)])
            }
            Fact::CredentialGone(id) => of_credential(id, [owner(id), None]),
            _ => return,
        };
        let last = self.end_of_asked();
        self.told.extend(told.into_iter().map(|told| (told, last)));
    }

    /// The number of what was asked until now: what is asked from now on gets a higher one.
    fn end_of_asked(&mut self) -> Load {
        self.load += 1;
        self.load - 1
    }

    /// Applies one fact. A page of an earlier reload is dropped, and so is what was overtaken; any other answer about a
    /// single object counts, and one that failed takes nothing away.
    pub fn apply(&mut self, load: Option<Load>, fact: Fact) -> Changed {
        if self.overtaken(load, &fact).is_some() {
            return Changed::default();
        }
        if load.is_none() {
            self.note_told(&fact);
        }
        let is_of_pass = self.is_of_pass(load, &fact);
        let mut changed = Changed::default();
        match fact {
            Fact::Workspace(workspace) => changed.system = replace(&mut self.workspace, Some(workspace)),
            Fact::System(Ok((system, _))) => changed.system = replace(&mut self.system, Remote::Loaded(system)),
            Fact::System(Err(trouble)) => changed.system = self.lose_system(trouble),
            Fact::Encoders(Ok(encoders)) => changed.encoders = self.set_encoders(encoders),
            Fact::Encoders(Err(error)) => changed.encoders = self.encoders.fail(error),
            Fact::Groups(Ok(groups)) => changed.groups = self.set_groups(groups),
            Fact::Groups(Err(error)) => {
                changed.groups = self.groups.is_empty() && replace(&mut self.groups_load, Remote::Failed(error));
            }
            Fact::People(page) if is_of_pass => changed.users = self.merge_people(page),
            Fact::PeopleEnd(Ok(())) if is_of_pass => {
                for user in self.people.unseen_in(self.users_pass) {
                    self.remove_user(user, &mut changed);
                }
                changed.users |= replace(&mut self.users_load, Remote::Loaded(()));
            }
            Fact::PeopleEnd(Err(error)) if is_of_pass => changed.users = self.users_load.fail(error),
            Fact::Credentials(page) if is_of_pass => changed.credentials = self.merge_credentials(page),
            Fact::CredentialsEnd(Ok(())) if is_of_pass => changed.credentials = self.end_credential_load(),
            Fact::CredentialsEnd(Err(error)) if is_of_pass => {
                changed.credentials = self.credentials_load.fail(error);
            }
            Fact::GroupsOf(user, Ok(groups)) => changed.groups = self.set_groups_of(user, groups),
            Fact::GroupsOf(user, Err(error)) => {
                changed.groups = self.membership.entry(user).or_default().load.fail(error);
            }
            Fact::UsersOf(group, Ok(users)) => changed.groups = self.set_users_of(load, &group, users),
            Fact::UsersOf(group, Err(error)) => {
                if let Some(row) = self.row_mut(&group) {
                    changed.groups = row.users.fail(error);
                }
            }
            Fact::EntrancesOf(group, Ok(entrances)) => self.set_entrances(&group, entrances, &mut changed),
            Fact::EntrancesOf(group, Err(error)) => {
                if let Some(row) = self.row_mut(&group) {
                    changed.entrances = row.entrances.fail(error);
                }
            }
            Fact::Member(user, group, is_in) => changed.groups = self.set_member(user, group, is_in),
            Fact::User(_, Ok(Some(user))) if !user.is_going() => {
                self.users_since_load.insert(user.acs_user_id.clone());
                changed.users = self.people.merge(vec![Person::new(user)], self.users_pass);
            }
            Fact::User(user, Ok(_)) => {
                self.users_since_load.insert(user.clone());
                self.remove_user(user, &mut changed);
            }
            Fact::CredentialsOf(user, Ok(credentials)) => {
                changed.credentials = self.set_credentials_of(user, credentials);
            }
            // Pages of an earlier reload; and answers that failed, of which only a person is told.
            Fact::People(_)
            | Fact::PeopleEnd(_)
            | Fact::Credentials(_)
            | Fact::CredentialsEnd(_)
            | Fact::User(_, Err(_))
            | Fact::CredentialsOf(_, Err(_)) => {}
            Fact::Credential(credential) => changed.credentials = self.put_credential(*credential),
            Fact::CredentialGone(credential) => changed.credentials = self.remove_credential(&credential),
            Fact::CardWritten(credential) => changed.credentials = self.outdated.remove(&credential),
            Fact::CardOutdated(credential) => changed.credentials = self.outdated.insert(credential),
            Fact::EncoderWorks(encoder) => changed.encoders = self.clear_errors(&encoder),
        }
        changed
    }

    /// A system that was there stays: one call that failed says nothing about it. What waited for a system that never
    /// came stops waiting.
    fn lose_system(&mut self, trouble: SystemTrouble) -> bool {
        let mut is_news = false;
        for load in [&mut self.users_load, &mut self.groups_load, &mut self.credentials_load] {
            if *load == Remote::Loading {
                *load = Remote::NotAsked;
                is_news = true;
            }
        }
        if self.encoders == Remote::Loading {
            self.encoders = Remote::NotAsked;
            is_news = true;
        }
        self.system.fail(trouble) || is_news
    }

    fn set_encoders(&mut self, mut encoders: Vec<Encoder>) -> bool {
        encoders.sort_by_key(|encoder| (encoder.name().to_lowercase(), encoder.acs_encoder_id.clone()));
        tell_apart(&mut encoders);
        replace(&mut self.encoders, Remote::Loaded(encoders))
    }

    fn clear_errors(&mut self, encoder: &EncoderId) -> bool {
        let encoders = self.encoders.loaded_mut().into_iter().flatten();
        let mut is_news = false;
        for found in encoders.filter(|found| found.acs_encoder_id == *encoder && !found.errors.is_empty()) {
            found.errors.clear();
            is_news = true;
        }
        is_news
    }

    /// What was known about the users and entrances of a group is kept.
    fn set_groups(&mut self, groups: Vec<Group>) -> bool {
        let mut old: HashMap<GroupId, GroupRow> =
            self.groups.iter().map(|row| (row.group.acs_access_group_id.clone(), row.clone())).collect();
        let mut rows: Vec<GroupRow> = groups
            .into_iter()
            .filter(|group| !group.is_going())
            .map(|mut group| {
                // No row is blank.
                if group.name().trim().is_empty() {
                    group.name = Some(group.acs_access_group_id.to_string());
                }
                let (users, entrances, door_rooms) = old
                    .remove(&group.acs_access_group_id)
                    .map_or((Remote::NotAsked, Remote::NotAsked, Vec::new()), |row| {
                        (row.users, row.entrances, row.door_rooms)
                    });
                let room = room_of_group(&self.rooms, group.name(), &door_rooms);
                GroupRow {
                    folded_name: search_form(group.name()),
                    name_key: room_key(group.name()),
                    room_key: room.as_deref().map(room_key),
                    room,
                    door_rooms,
                    users,
                    entrances,
                    group,
                }
            })
            .collect();
        sort_groups(&mut rows);
        let is_news = replace(&mut self.groups, rows);
        self.index_groups();
        replace(&mut self.groups_load, Remote::Loaded(())) || is_news
    }

    fn index_groups(&mut self) {
        let ids = self.groups.iter().map(|row| row.group.acs_access_group_id.clone());
        self.group_index = ids.zip(0..).collect();
    }

    /// The doors of a group came; they may tell another room than its name does.
    fn set_entrances(&mut self, group: &GroupId, entrances: Vec<Entrance>, changed: &mut Changed) {
        let Some(row) = self.group_index.get(group).and_then(|at| self.groups.get_mut(*at)) else { return };
        row.door_rooms.clear();
        for name in entrances.iter().filter_map(Entrance::room_name) {
            if !row.door_rooms.iter().any(|known| known == name) {
                row.door_rooms.push(name.to_owned());
            }
        }
        let ids = entrances.into_iter().map(|entrance| entrance.acs_entrance_id).collect();
        changed.entrances = replace(&mut row.entrances, Remote::Loaded(ids));
        let room = room_of_group(&self.rooms, row.group.name(), &row.door_rooms);
        if room != row.room {
            row.room_key = room.as_deref().map(room_key);
            row.room = room;
            sort_groups(&mut self.groups);
            self.index_groups();
            changed.groups = true;
        }
    }

    fn set_users_of(&mut self, load: Option<Load>, group: &GroupId, users: Vec<UserId>) -> bool {
        let Some(row) = self.group_index.get(group).and_then(|at| self.groups.get_mut(*at)) else { return false };
        let mut users: HashSet<UserId> = users.into_iter().collect();
        // Who is gone does not come back.
        users.retain(|user| self.people.get(user).is_some() || !self.users_since_load.contains(user));
        // What became known one by one since this was asked for is newer.
        let one_by_one = self.members_told.get(group).into_iter().flatten().chain(&self.groups_read);
        for (user, _) in one_by_one.filter(|(_, last)| load.is_some_and(|load| load <= **last)) {
            let is_in = self.membership.get(user).is_some_and(|membership| membership.groups.contains(group));
            if is_in {
                users.insert(user.clone())
            } else {
                users.remove(user)
            };
        }
        let users = Remote::Loaded(users);
        if row.users == users {
            return false;
        }
        let before = std::mem::replace(&mut row.users, users);
        let users = row.users.loaded();
        for user in before.loaded().into_iter().flatten() {
            if users.is_none_or(|users| !users.contains(user))
                && let Some(membership) = self.membership.get_mut(user)
            {
                membership.groups.remove(group);
            }
        }
        for user in users.into_iter().flatten() {
            self.membership.entry(user.clone()).or_default().groups.insert(group.clone());
        }
        true
    }

    /// The groups of a user became known whole.
    fn set_groups_of(&mut self, user: UserId, groups: Vec<GroupId>) -> bool {
        let groups: HashSet<GroupId> = groups.into_iter().collect();
        let last = self.end_of_asked();
        self.groups_read.insert(user.clone(), last);
        for row in &mut self.groups {
            if let Remote::Loaded(users) = &mut row.users {
                if groups.contains(&row.group.acs_access_group_id) {
                    users.insert(user.clone());
                } else {
                    users.remove(&user);
                }
            }
        }
        let known = self.membership.entry(user).or_default();
        let is_news = known.groups != groups || known.load != Remote::Loaded(());
        *known = Membership { load: Remote::Loaded(()), groups };
        is_news
    }

    fn set_member(&mut self, user: UserId, group: GroupId, is_in: bool) -> bool {
        let last = self.end_of_asked();
        self.members_told.entry(group.clone()).or_default().insert(user.clone(), last);
        let users = self.group_index.get(&group).and_then(|at| self.groups[*at].users.loaded_mut());
        let known = self.membership.entry(user.clone()).or_default();
        if is_in {
            users.is_some_and(|users| users.insert(user)) | known.groups.insert(group)
        } else {
            users.is_some_and(|users| users.remove(&user)) | known.groups.remove(&group)
        }
    }

    fn merge_people(&mut self, mut page: Vec<Person>) -> bool {
        page.retain(|person| !self.users_since_load.contains(&person.user.acs_user_id));
        self.people.merge(page, self.users_pass)
    }

    fn merge_credentials(&mut self, page: Vec<Credential>) -> bool {
        let mut is_news = false;
        for credential in page {
            if !self.credentials_since_load.contains(&credential.acs_credential_id) {
                is_news |= self.keep_credential(credential);
            }
        }
        is_news
    }

    fn put_credential(&mut self, credential: Credential) -> bool {
        self.credentials_since_load.insert(credential.acs_credential_id.clone());
        self.keep_credential(credential)
    }

    fn keep_credential(&mut self, credential: Credential) -> bool {
        let id = credential.acs_credential_id.clone();
        let Some(user) = credential.acs_user_id.clone() else { return self.remove_credential(&id) };
        if let Some((owner, _)) = self.credential_seen_in.insert(id.clone(), (user.clone(), self.credentials_pass))
            && owner != user
            && let Some(others) = self.credentials.get_mut(&owner)
        {
            others.remove(&id);
        }
        let theirs = self.credentials.entry(user).or_default();
        if theirs.get(&id) == Some(&credential) {
            return false;
        }
        let is_up_to_date = !lacks_change(&credential);
        let before = theirs.insert(id.clone(), credential);
        // The server told that the card lacked a change, and now it does not any more: someone wrote it.
        if is_up_to_date && before.is_some_and(|before| lacks_change(&before)) {
            self.outdated.remove(&id);
        }
        true
    }

    fn remove_credential(&mut self, id: &CredentialId) -> bool {
        self.credentials_since_load.insert(id.clone());
        self.outdated.remove(id);
        let Some((owner, _)) = self.credential_seen_in.remove(id) else { return false };
        self.credentials.get_mut(&owner).is_some_and(|credentials| credentials.remove(id).is_some())
    }

    /// The credentials of one user were read whole: what is not among them is gone.
    fn set_credentials_of(&mut self, user: UserId, credentials: Vec<Credential>) -> bool {
        let kept: HashSet<&CredentialId> = credentials.iter().map(|credential| &credential.acs_credential_id).collect();
        let gone: Vec<CredentialId> = self
            .credentials_of(&user)
            .map(|old| old.acs_credential_id.clone())
            .filter(|id| !kept.contains(id))
            .collect();
        let mut is_news = !self.knows_credentials_of(&user);
        for id in gone {
            is_news |= self.remove_credential(&id);
        }
        for credential in credentials {
            is_news |= self.put_credential(credential);
        }
        self.credentials_read.insert(user);
        is_news
    }

    /// A reload brought all credentials: those that it did not bring are gone.
    fn end_credential_load(&mut self) -> bool {
        let unseen = self.credential_seen_in.iter().filter(|(_, (_, seen))| *seen != self.credentials_pass);
        let unseen: Vec<CredentialId> = unseen.map(|(id, _)| id.clone()).collect();
        let mut is_news = replace(&mut self.credentials_load, Remote::Loaded(()));
        for id in unseen {
            is_news |= self.remove_credential(&id);
        }
        is_news
    }

    /// Forgets a user and all that belongs to it.
    fn remove_user(&mut self, id: UserId, changed: &mut Changed) {
        self.users_since_load.insert(id.clone());
        let was_known = self.people.remove(&id);
        changed.users |= was_known;
        changed.groups |= self.membership.remove(&id).is_some();
        self.credentials_read.remove(&id);
        for credential in self.credentials.remove(&id).unwrap_or_default().into_keys() {
            self.credential_seen_in.remove(&credential);
            self.outdated.remove(&credential);
            changed.credentials = true;
        }
        for users in self.groups.iter_mut().filter_map(|row| row.users.loaded_mut()) {
            users.remove(&id);
        }
        changed.gone.extend(was_known.then_some(id));
    }
}

fn sort_groups(rows: &mut [GroupRow]) {
    rows.sort_by_cached_key(|row| {
        (row.room.is_some(), natural_key(&row.folded_name), row.group.acs_access_group_id.clone())
    });
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

/// The fewest characters of an id that tell encoders of one name apart.
const ID_END: usize = 4;

/// Gives encoders of one name the end of their id as a part of the name, as long as it must be to tell them apart. It
/// is the same whoever else comes and goes, which a running number would not be.
fn tell_apart(encoders: &mut [Encoder]) {
    let names: Vec<String> = encoders.iter().map(|encoder| encoder.name().to_lowercase()).collect();
    for same in
        (0..encoders.len()).collect::<Vec<_>>().chunk_by(|a, b| names[*a] == names[*b]).filter(|same| same.len() > 1)
    {
        let end = |at: usize, length: usize| {
            let id = encoders[at].acs_encoder_id.as_str();
            let from = id.char_indices().rev().nth(length - 1).map_or(0, |(from, _)| from);
            id[from..].to_owned()
        };
        let longest = same.iter().map(|at| encoders[*at].acs_encoder_id.as_str().len()).max().unwrap_or(ID_END);
        let are_apart = |length: &usize| {
            let mut ends: Vec<_> = same.iter().map(|at| end(*at, *length)).collect();
            ends.sort();
            ends.windows(2).all(|pair| pair[0] != pair[1])
        };
        let length = (ID_END..longest).find(are_apart).unwrap_or(longest.max(ID_END));
        let ends: Vec<_> = same.iter().map(|at| end(*at, length)).collect();
        for (at, end) in same.iter().zip(ends) {
            let encoder = &mut encoders[*at];
            encoder.display_name = Some(format!("{} {}", encoder.name(), clean(&end)));
        }
    }
}
