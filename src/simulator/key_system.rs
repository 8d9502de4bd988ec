//! What people do in the key system's own software: groups and entrances that are added, changed and deleted.

use super::events::Subject;
use super::hotel::{Hotel, HotelEntrance, HotelGroup, MembershipChange, UserChange};
use super::table::RowKey;

impl Hotel {
    /// Changes what a group is called and what it opens; no event tells of it.
    pub fn change_group(
        &mut self,
        key: RowKey<HotelGroup>,
        name: Option<&str>,
        entrances: Option<Vec<RowKey<HotelEntrance>>>,
    ) {
        let Some(group) = self.groups.get_mut(key) else { return };
        if let Some(name) = name {
            name.clone_into(&mut group.name);
        }
        if let Some(entrances) = entrances {
            group.entrances = entrances;
        }
    }

    /// Deletes a group: its members are in it no more.
    pub fn delete_group(&mut self, key: RowKey<HotelGroup>) {
        let Some(group) = self.groups.remove(key) else { return };
        for user in group.members {
            if self.users.get_mut(user).is_some_and(|row| row.groups.remove(&key)) {
                self.add_user_mutation(user, UserChange::Group(MembershipChange::Leaving(group.id)));
                self.outdate_card(user);
            }
        }
        self.record_event("acs_access_group.deleted", Subject::Group(group.id));
    }

    /// Adds an entrance, which an event tells.
    pub fn connect_entrance(&mut self, name: &str, room: Option<&str>) -> RowKey<HotelEntrance> {
        let key = self.add_entrance(name, room);
        if let Some(id) = self.entrances.get(key).map(|row| row.id) {
            self.record_event("acs_entrance.added", Subject::Entrance(id));
        }
        key
    }

    /// Deletes an entrance: no group opens it any more.
    pub fn delete_entrance(&mut self, key: RowKey<HotelEntrance>) {
        let Some(entrance) = self.entrances.remove(key) else { return };
        let groups: Vec<_> = self.groups.iter().map(|(key, _)| key).collect();
        for group in groups {
            if let Some(group) = self.groups.get_mut(group) {
                group.entrances.retain(|entrance| *entrance != key);
            }
        }
        self.record_event("acs_entrance.removed", Subject::Entrance(entrance.id));
    }
}
