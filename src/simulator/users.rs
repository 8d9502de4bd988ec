//! Rules for users and their groups.

use std::collections::BTreeSet;

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use super::events::Subject;
use super::hotel::{
    AgendaEntry, Hotel, HotelGroup, HotelPerson, HotelSchedule, HotelUser, MembershipChange, Mutation, UserChange,
};
use super::refusal::Refusal;
use super::table::RowKey;

/// The form in which texts are compared in searches: lower case without accents, so that "jose" finds "José".
pub fn search_form(text: &str) -> String {
    let plain = text.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
    plain.fold(String::with_capacity(text.len()), |mut searchable, letter| {
        match letter {
            'ß' => searchable.push_str("ss"),
            'æ' => searchable.push_str("ae"),
            'ø' => searchable.push('o'),
            'ł' => searchable.push('l'),
            'đ' | 'ð' => searchable.push('d'),
            _ => searchable.push(letter),
        }
        searchable
    })
}

impl HotelPerson {
    fn searchable(&self) -> String {
        let mut text = self.full_name.clone();
        for part in [&self.phone, &self.email].into_iter().flatten() {
            // A control character, so that no search matches across two fields.
            text.push('\u{1f}');
            text.push_str(part);
        }
        search_form(&text)
    }
}

impl HotelUser {
    pub fn new(id: Uuid, person: HotelPerson, schedule: Option<HotelSchedule>, created_at: Timestamp) -> Self {
        let searchable = person.searchable();
        Self {
            id,
            full_name: person.full_name,
            email: person.email,
            phone: person.phone,
            searchable,
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

    pub fn person(&self) -> HotelPerson {
        HotelPerson { full_name: self.full_name.clone(), email: self.email.clone(), phone: self.phone.clone() }
    }
}

impl Hotel {
    /// The user of a call that changes something: one that is being deleted takes no changes.
    pub fn user_to_change(&self, id: Uuid) -> Result<RowKey<HotelUser>, Refusal> {
        let (key, user) = self.users.look_up(id)?;
        if user.deleting_since.is_some() {
            return Err(Refusal::new(409, "acs_user_being_deleted", "This user is being deleted."));
        }
        Ok(key)
    }

    pub fn create_user(
        &mut self,
        person: HotelPerson,
        schedule: Option<HotelSchedule>,
        groups: &[Uuid],
    ) -> Result<RowKey<HotelUser>, Refusal> {
        let groups = groups.iter().map(|id| self.groups.find(*id)).collect::<Result<Vec<_>, _>>()?;
        let id = self.rng.uuid();
        let key = self.users.insert(HotelUser::new(id, person, schedule, self.now));
        self.add_user_mutation(key, UserChange::Creating);
        for group in groups {
            self.join(key, group);
        }
        self.record_event("acs_user.created", Subject::User(id));
        Ok(key)
    }

    pub fn update_user(&mut self, key: RowKey<HotelUser>, to: HotelPerson, schedule: Option<HotelSchedule>) {
        let Some(user) = self.users.get_mut(key) else { return };
        let from = user.person();
        let old_schedule = user.schedule;
        user.searchable = to.searchable();
        user.full_name.clone_from(&to.full_name);
        user.email.clone_from(&to.email);
        user.phone.clone_from(&to.phone);
        user.schedule = schedule;
        if from != to {
            self.add_user_mutation(key, UserChange::Information { from, to });
        }
        if schedule != old_schedule {
            self.add_user_mutation(key, UserChange::Schedule { from: old_schedule, to: schedule });
            self.outdate_card(key);
        }
    }

    pub fn suspend_user(&mut self, key: RowKey<HotelUser>, suspended: bool) {
        if let Some(user) = self.users.get_mut(key).filter(|user| user.suspended != suspended) {
            user.suspended = suspended;
            self.add_user_mutation(key, UserChange::Suspension { to: suspended });
        }
    }

    pub fn add_to_group(&mut self, user: RowKey<HotelUser>, group: RowKey<HotelGroup>) {
        if self.join(user, group) {
            self.add_membership_mutations(user, group, MembershipChange::Joining(()));
        }
    }

    pub fn remove_from_group(&mut self, user: RowKey<HotelUser>, group: RowKey<HotelGroup>) {
        if let Some(row) = self.groups.get_mut(group) {
            row.members.remove(&user);
        }
        if self.users.get_mut(user).is_some_and(|row| row.groups.remove(&group)) {
            self.add_membership_mutations(user, group, MembershipChange::Leaving(()));
        }
    }

    /// Makes a user a member without a pending mutation; whether it was none before.
    pub fn join(&mut self, user: RowKey<HotelUser>, group: RowKey<HotelGroup>) -> bool {
        if let Some(row) = self.groups.get_mut(group) {
            row.members.insert(user);
        }
        self.users.get_mut(user).is_some_and(|row| row.groups.insert(group))
    }

    fn add_membership_mutations(
        &mut self,
        user: RowKey<HotelUser>,
        group: RowKey<HotelGroup>,
        what: MembershipChange<()>,
    ) {
        let (Some(user_id), Some(group_id)) =
            (self.users.get(user).map(|user| user.id), self.groups.get(group).map(|group| group.id))
        else {
            return;
        };
        self.add_user_mutation(user, UserChange::Group(what.with(group_id)));
        let (created_at, until) = (self.now, self.sync_time());
        if let Some(row) = self.groups.get_mut(group) {
            row.mutations.push(Mutation { change: what.with(user_id), created_at, until });
        }
        self.schedule(until, AgendaEntry::GroupSynced(group));
        self.outdate_card(user);
    }

    pub fn add_user_mutation(&mut self, key: RowKey<HotelUser>, change: UserChange) {
        let (created_at, until) = (self.now, self.sync_time());
        if let Some(user) = self.users.get_mut(key) {
            user.mutations.push(Mutation { change, created_at, until });
        }
        self.schedule(until, AgendaEntry::UserSynced(key));
    }

    /// Deletes a user and all that belongs to it, after the time that the key system takes.
    pub fn delete_user(&mut self, key: RowKey<HotelUser>) {
        let Some(user) = self.users.get_mut(key).filter(|user| user.deleting_since.is_none()) else { return };
        user.deleting_since = Some(self.now);
        let credentials: Vec<_> = user.credentials.iter().copied().collect();
        self.add_user_mutation(key, UserChange::Deleting);
        for credential in credentials {
            self.delete_credential(credential);
        }
        self.schedule(self.sync_time(), AgendaEntry::UserDeletion(key));
    }

    pub fn user_synced(&mut self, key: RowKey<HotelUser>) {
        let now = self.now;
        if let Some(user) = self.users.get_mut(key) {
            user.mutations.retain(|mutation| mutation.until > now);
            user.synced_at = Some(now);
        }
    }

    pub fn group_synced(&mut self, key: RowKey<HotelGroup>) {
        let now = self.now;
        if let Some(group) = self.groups.get_mut(key) {
            group.mutations.retain(|mutation| mutation.until > now);
        }
    }

    pub fn remove_user(&mut self, key: RowKey<HotelUser>) {
        let Some(user) = self.users.remove(key) else { return };
        for group in user.groups {
            if let Some(group) = self.groups.get_mut(group) {
                group.members.remove(&key);
            }
        }
        for credential in user.credentials {
            self.remove_credential(credential);
        }
        self.record_event("acs_user.deleted", Subject::User(user.id));
    }
}

impl MembershipChange<()> {
    fn with<T>(self, what: T) -> MembershipChange<T> {
        match self {
            Self::Joining(()) => MembershipChange::Joining(what),
            Self::Leaving(()) => MembershipChange::Leaving(what),
        }
    }
}
