//! Rules for users and their groups.

use std::collections::BTreeSet;

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use super::events::Subject;
use super::refusal::Refusal;
use super::store::Key;
use super::world::{Due, Group, Membership, Mutation, Person, Schedule, User, UserChange, World};

/// Lower case without accents, so that "jose" finds "José".
pub fn fold(text: &str) -> String {
    let plain = text.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
    plain.fold(String::with_capacity(text.len()), |mut folded, letter| {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            _ => folded.push(letter),
        }
        folded
    })
}

impl Person {
    fn folded(&self) -> String {
        let mut text = self.full_name.clone();
        for part in [&self.phone, &self.email].into_iter().flatten() {
            // A control character, so that no search matches across two fields.
            text.push('\u{1f}');
            text.push_str(part);
        }
        fold(&text)
    }
}

impl User {
    pub fn new(id: Uuid, person: Person, schedule: Option<Schedule>, created_at: Timestamp) -> Self {
        let folded = person.folded();
        Self {
            id,
            full_name: person.full_name,
            email: person.email,
            phone: person.phone,
            folded,
            schedule,
            suspended: false,
            groups: BTreeSet::new(),
            credentials: BTreeSet::new(),
            created_at,
            synced_at: None,
            mutations: Vec::new(),
            deleting_since: None,
            creation_failed_at: None,
        }
    }

    pub fn person(&self) -> Person {
        Person { full_name: self.full_name.clone(), email: self.email.clone(), phone: self.phone.clone() }
    }
}

impl World {
    /// The user of a call that changes something: one that is being deleted takes no changes.
    pub fn user_to_change(&self, id: Uuid) -> Result<Key<User>, Refusal> {
        let (key, user) = self.users.look_up(id)?;
        if user.deleting_since.is_some() {
            return Err(Refusal::new(409, "acs_user_being_deleted", "This user is being deleted."));
        }
        Ok(key)
    }

    pub fn create_user(
        &mut self,
        person: Person,
        schedule: Option<Schedule>,
        groups: &[Uuid],
    ) -> Result<Key<User>, Refusal> {
        let groups = groups.iter().map(|id| self.groups.find(*id)).collect::<Result<Vec<_>, _>>()?;
        let id = self.ids.id();
        let key = self.users.insert(User::new(id, person, schedule, self.now));
        self.user_changes(key, UserChange::Creating);
        for group in groups {
            self.join(key, group);
        }
        self.record("acs_user.created", Subject::User(id));
        Ok(key)
    }

    pub fn update_user(&mut self, key: Key<User>, to: Person, schedule: Option<Schedule>) {
        let Some(user) = self.users.get_mut(key) else { return };
        let from = user.person();
        let old_schedule = user.schedule;
        user.folded = to.folded();
        user.full_name.clone_from(&to.full_name);
        user.email.clone_from(&to.email);
        user.phone.clone_from(&to.phone);
        user.schedule = schedule;
        if from != to {
            self.user_changes(key, UserChange::Information { from, to });
        }
        if schedule != old_schedule {
            self.user_changes(key, UserChange::Schedule { from: old_schedule, to: schedule });
            self.outdate_card(key);
        }
    }

    pub fn suspend_user(&mut self, key: Key<User>, suspended: bool) {
        if let Some(user) = self.users.get_mut(key).filter(|user| user.suspended != suspended) {
            user.suspended = suspended;
            self.user_changes(key, UserChange::Suspension { to: suspended });
        }
    }

    pub fn add_to_group(&mut self, user: Key<User>, group: Key<Group>) {
        if self.join(user, group) {
            self.membership_changes(user, group, Membership::Joining(()));
        }
    }

    pub fn remove_from_group(&mut self, user: Key<User>, group: Key<Group>) {
        if let Some(row) = self.groups.get_mut(group) {
            row.members.remove(&user);
        }
        if self.users.get_mut(user).is_some_and(|row| row.groups.remove(&group)) {
            self.membership_changes(user, group, Membership::Leaving(()));
        }
    }

    /// Makes a user a member without a word about it; whether that was news.
    pub fn join(&mut self, user: Key<User>, group: Key<Group>) -> bool {
        if let Some(row) = self.groups.get_mut(group) {
            row.members.insert(user);
        }
        self.users.get_mut(user).is_some_and(|row| row.groups.insert(group))
    }

    fn membership_changes(&mut self, user: Key<User>, group: Key<Group>, what: Membership<()>) {
        let (Some(user_id), Some(group_id)) =
            (self.users.get(user).map(|user| user.id), self.groups.get(group).map(|group| group.id))
        else {
            return;
        };
        self.user_changes(user, UserChange::Group(what.of(group_id)));
        let (created_at, until) = (self.now, self.sync_time());
        if let Some(row) = self.groups.get_mut(group) {
            row.mutations.push(Mutation { change: what.of(user_id), created_at, until });
        }
        self.schedule(until, Due::GroupSynced(group));
        self.outdate_card(user);
    }

    pub fn user_changes(&mut self, key: Key<User>, change: UserChange) {
        let (created_at, until) = (self.now, self.sync_time());
        if let Some(user) = self.users.get_mut(key) {
            user.mutations.push(Mutation { change, created_at, until });
        }
        self.schedule(until, Due::UserSynced(key));
    }

    /// Deletes a user and all that belongs to it, after the time that the key system takes.
    pub fn delete_user(&mut self, key: Key<User>) {
        let Some(user) = self.users.get_mut(key).filter(|user| user.deleting_since.is_none()) else { return };
        user.deleting_since = Some(self.now);
        let credentials: Vec<_> = user.credentials.iter().copied().collect();
        self.user_changes(key, UserChange::Deleting);
        for credential in credentials {
            self.delete_credential(credential);
        }
        self.schedule(self.sync_time(), Due::UserGone(key));
    }

    pub fn user_synced(&mut self, key: Key<User>) {
        let now = self.now;
        if let Some(user) = self.users.get_mut(key) {
            user.mutations.retain(|mutation| mutation.until > now);
            user.synced_at = Some(now);
        }
    }

    pub fn group_synced(&mut self, key: Key<Group>) {
        let now = self.now;
        if let Some(group) = self.groups.get_mut(key) {
            group.mutations.retain(|mutation| mutation.until > now);
        }
    }

    pub fn user_gone(&mut self, key: Key<User>) {
        let Some(user) = self.users.remove(key) else { return };
        for group in user.groups {
            if let Some(group) = self.groups.get_mut(group) {
                group.members.remove(&key);
            }
        }
        for credential in user.credentials {
            self.credential_gone(credential);
        }
        self.record("acs_user.deleted", Subject::User(user.id));
    }
}

impl Membership<()> {
    fn of<T>(self, what: T) -> Membership<T> {
        match self {
            Self::Joining(()) => Membership::Joining(what),
            Self::Leaving(()) => Membership::Leaving(what),
        }
    }
}
