//! Group changes that were chosen and not saved: they belong to the user, not to the pane that shows them.

use std::collections::{BTreeMap, HashMap};

use crate::domain::directory::Directory;
use crate::domain::job::order::Named;
use crate::domain::plan::Changes;
use crate::seam::types::{GroupId, UserId};

/// The staged changes of all users.
#[derive(Debug, Default)]
pub struct Staged(HashMap<UserId, BTreeMap<GroupId, bool>>);

impl Staged {
    /// Turns a group over for a user: into the group, out of it, or back to as it is.
    pub fn toggle(&mut self, user: &UserId, group: &GroupId, is_member: bool) {
        let changes = self.0.entry(user.clone()).or_default();
        if changes.remove(group).is_none() {
            changes.insert(group.clone(), !is_member);
        }
        if changes.is_empty() {
            self.0.remove(user);
        }
    }

    /// What is staged for a group: `Some(true)` in, `Some(false)` out.
    pub fn change_of(&self, user: &UserId, group: &GroupId) -> Option<bool> {
        self.0.get(user)?.get(group).copied()
    }

    /// Whether anything is staged for the user.
    pub fn has(&self, user: &UserId) -> bool {
        self.0.contains_key(user)
    }

    /// The users for whom something is staged.
    pub fn users(&self) -> impl Iterator<Item = &UserId> {
        self.0.keys()
    }

    /// The changes of a user with the names of the groups.
    pub fn changes(&self, user: &UserId, directory: &Directory) -> Changes {
        let mut changes = Changes::default();
        for (id, is_in) in self.0.get(user).into_iter().flatten() {
            let name = directory.group(id).map_or_else(String::new, |row| row.group().name().to_owned());
            let named = Named { id: id.clone(), name };
            if *is_in {
                changes.add.push(named);
            } else {
                changes.remove.push(named);
            }
        }
        changes
    }

    /// Forgets the changes of groups that are gone.
    pub fn keep_groups(&mut self, is_there: impl Fn(&GroupId) -> bool) {
        for changes in self.0.values_mut() {
            changes.retain(|group, _| is_there(group));
        }
        self.0.retain(|_, changes| !changes.is_empty());
    }

    /// Forgets the changes of a user.
    pub fn clear(&mut self, user: &UserId) {
        self.0.remove(user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staging_twice_is_as_before() {
        let (jane, gym): (UserId, GroupId) = ("jane".into(), "gym".into());
        let mut staged = Staged::default();
        staged.toggle(&jane, &gym, true);
        assert_eq!(staged.change_of(&jane, &gym), Some(false));
        staged.toggle(&jane, &gym, true);
        assert!(!staged.has(&jane));
    }
}
