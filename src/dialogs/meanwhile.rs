//! What others changed of a guest since a plan for that guest was opened.

use std::collections::HashSet;

use crate::component::ctx::Ctx;
use crate::domain::directory::Remote;
use crate::seam::types::{EndsAt, GroupId, UserId};
use crate::words::card as words;

/// What was known of a guest when it was first known after the plan was opened.
#[derive(Clone, Debug, Default)]
pub struct Before {
    groups: Option<HashSet<GroupId>>,
    room_mates: Option<HashSet<UserId>>,
    until: Option<EndsAt>,
}

impl Before {
    /// Takes in what is known by now of what was not known before.
    pub fn fill(&mut self, user: &UserId, ctx: &Ctx) {
        if self.groups.is_none() && *ctx.directory.membership_load(user) == Remote::Loaded(()) {
            self.groups = ctx.directory.groups_of(user).cloned();
        }
        if self.groups.is_some() && self.room_mates.is_none() {
            self.room_mates = room_mates(user, ctx);
        }
        self.until = self.until.or_else(|| ctx.directory.user(user).map(|person| person.user().ends_at()));
    }

    /// What is otherwise now, a plain line each.
    pub fn changes(&self, user: &UserId, ctx: &Ctx) -> Vec<String> {
        let directory = &ctx.directory;
        let name = |group: &GroupId| directory.group(group).map(|row| row.group().name().to_owned());
        let mut said = Vec::new();
        if let (Some(before), Some(now)) = (&self.groups, directory.groups_of(user)) {
            let names = |one: &HashSet<GroupId>, but: &HashSet<GroupId>| {
                let mut names: Vec<String> = one.difference(but).filter_map(name).collect();
                names.sort();
                names
            };
            let (came, went) = (names(now, before), names(before, now));
            if !came.is_empty() || !went.is_empty() {
                said.push(words::groups_changed(&came, &went));
            }
        }
        if let (Some(before), Some(now)) = (&self.room_mates, room_mates(user, ctx)) {
            let others = now.difference(before).filter_map(|user| directory.user(user));
            let mut others: Vec<String> = others.map(|person| person.user().name().to_owned()).collect();
            others.sort();
            if !others.is_empty() {
                said.push(words::taken_since(&directory.rooms_of(user).join(", "), &others));
            }
        }
        let until = directory.user(user).map(|person| person.user().ends_at());
        if self.until.is_some() && until.is_some() && self.until != until {
            said.push(words::END_CHANGED.to_owned());
        }
        said
    }
}

// Who else is in the guest's rooms; `None` while that is not known of all of them.
fn room_mates(user: &UserId, ctx: &Ctx) -> Option<HashSet<UserId>> {
    let rooms = ctx.directory.groups_of(user)?.iter().filter_map(|group| ctx.directory.group(group));
    let mut mates = HashSet::new();
    for room in rooms.filter(|row| row.room().is_some()) {
        mates.extend(room.users().loaded()?.iter().filter(|other| *other != user).cloned());
    }
    Some(mates)
}
