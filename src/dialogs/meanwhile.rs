//! What others changed since a plan or a form was opened, or since something was typed into it.

use std::collections::{HashMap, HashSet};

use crate::component::ctx::Ctx;
use crate::domain::directory::person::Person;
use crate::domain::directory::search::namesakes;
use crate::domain::directory::{GroupRow, Remote};
use crate::domain::job::order::Named;
use crate::domain::occupancy::{NewStay, Occupants, has_access};
use crate::seam::types::{EndsAt, GroupId, UserId};
use crate::words::{card as words, form, time};

/// What was known of a guest when it was first known after the plan or form was opened.
#[derive(Clone, Debug, Default)]
pub struct Before {
    groups: Option<HashSet<GroupId>>,
    // Who else had access to each of the guest's rooms.
    room_mates: HashMap<GroupId, HashSet<UserId>>,
    until: Option<EndsAt>,
}

impl Before {
    /// Takes in what is known by now of what was not known before.
    pub fn fill(&mut self, user: &UserId, ctx: &Ctx) {
        if self.groups.is_none() && *ctx.directory.membership_load(user) == Remote::Loaded(()) {
            self.groups = ctx.directory.groups_of(user).cloned();
        }
        for group in self.groups.iter().flatten() {
            if !self.room_mates.contains_key(group)
                && let Some(mates) = room_mates(user, group, ctx)
            {
                self.room_mates.insert(group.clone(), mates);
            }
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
        // Only rooms that the guest had and has: who was in the others came before the guest, or is none of the plan's.
        for row in directory.groups() {
            let group = &row.group().acs_access_group_id;
            let is_theirs = directory.groups_of(user).is_some_and(|groups| groups.contains(group));
            if let Some(room) = row.room().filter(|_| is_theirs)
                && let (Some(before), Some(now)) = (self.room_mates.get(group), room_mates(user, group, ctx))
            {
                let others = now.difference(before).filter_map(|user| directory.user(user));
                let mut others: Vec<String> = others.map(|person| person.user().name().to_owned()).collect();
                others.sort();
                if !others.is_empty() {
                    said.push(words::taken_since(room, &others));
                }
            }
        }
        let until = directory.user(user).map(|person| person.user().ends_at());
        if self.until.is_some() && until.is_some() && self.until != until {
            said.push(words::END_CHANGED.to_owned());
        }
        said
    }
}

/// What was known of a room when it was first known after it was typed.
#[derive(Clone, Debug)]
pub struct RoomBefore {
    group: Named<GroupId>,
    users: Option<HashSet<UserId>>,
}

impl RoomBefore {
    /// A room that was just typed.
    pub fn new(row: &GroupRow) -> Self {
        let (id, name) = (row.group().acs_access_group_id.clone(), row.group().name().to_owned());
        Self { group: Named { id, name }, users: row.users().loaded().cloned() }
    }

    /// Takes in who is in the room, where that was not known before.
    pub fn fill(&mut self, ctx: &Ctx) {
        if self.users.is_none() {
            self.users = ctx.directory.group(&self.group.id).and_then(|row| row.users().loaded().cloned());
        }
    }

    /// What is otherwise now for a stay, a plain line each. Who is `except` takes no room from the guest.
    pub fn changes(&self, stay: &NewStay, except: Option<&UserId>, ctx: &Ctx) -> Vec<String> {
        let mut said: Vec<String> = group_change(&self.group, ctx).into_iter().collect();
        let row = ctx.directory.group(&self.group.id);
        if let (Some(before), Some(row)) = (&self.users, row)
            && let (Some(room), Some(now)) = (row.room(), Occupants::of(&ctx.directory, row, stay, except))
        {
            let since =
                now.staying.iter().map(|person| person.user()).filter(|user| !before.contains(&user.acs_user_id));
            let who: Vec<String> = since
                .map(|user| form::who_until(user.name(), &time::until(user.ends_at(), ctx.zone(), ctx.at)))
                .collect();
            if !who.is_empty() {
                said.push(words::taken_since(room, &who));
            }
        }
        said
    }
}

/// Whether a group that was chosen is gone.
pub fn is_gone(group: &Named<GroupId>, ctx: &Ctx) -> bool {
    *ctx.directory.groups_load() == Remote::Loaded(()) && ctx.directory.group(&group.id).is_none()
}

/// That a group which was chosen is gone, or has another name.
pub fn group_change(group: &Named<GroupId>, ctx: &Ctx) -> Option<String> {
    if is_gone(group, ctx) {
        return Some(form::group_gone(&group.name));
    }
    let now = ctx.directory.group(&group.id)?.group().name();
    (now != group.name).then(|| form::group_renamed(&group.name, now))
}

/// Who was there of a name and contact when they were typed, and who came since.
#[derive(Clone, Debug)]
pub struct NamesakesBefore {
    typed: [String; 3],
    known: HashSet<UserId>,
    came: Vec<UserId>,
    // How many users there were when that was looked up: only where that changes, all are looked through again.
    users: usize,
}

impl NamesakesBefore {
    /// Looks through all users for a name, a phone number and an e-mail address.
    pub fn new(typed: [String; 3], ctx: &Ctx) -> Self {
        let users = ctx.directory.users().len();
        Self { known: look_up(&typed, ctx).collect(), typed, came: Vec::new(), users }
    }

    /// Whether it is about this name and contact.
    pub fn is_of(&self, typed: &[String; 3]) -> bool {
        self.typed == *typed
    }

    /// Looks who came since.
    pub fn look(&mut self, ctx: &Ctx) {
        let users = ctx.directory.users().len();
        if self.users != users {
            self.users = users;
            self.came = look_up(&self.typed, ctx).filter(|user| !self.known.contains(user)).collect();
        }
    }

    /// Who came since, a plain line each.
    pub fn changes(&self, ctx: &Ctx) -> Vec<String> {
        let came = self.came.iter().filter_map(|user| ctx.directory.user(user)).map(Person::user);
        came.map(|user| {
            let rooms = ctx.directory.rooms_of(&user.acs_user_id).join(", ");
            form::came_meanwhile(user.name(), &rooms, &time::until(user.ends_at(), ctx.zone(), ctx.at))
        })
        .collect()
    }
}

fn look_up<'a>([name, phone, email]: &[String; 3], ctx: &'a Ctx) -> impl Iterator<Item = UserId> + use<'a> {
    let found = namesakes(&ctx.directory, name, Some(phone), email);
    found.into_iter().map(|person| person.user().acs_user_id.clone())
}

// Who else has access to a room; `None` while that is not known, and where it is no room.
fn room_mates(user: &UserId, group: &GroupId, ctx: &Ctx) -> Option<HashSet<UserId>> {
    let row = ctx.directory.group(group).filter(|row| row.room().is_some())?;
    row.users().loaded()?;
    let others = ctx.directory.users_of(group, Some(user)).into_iter().map(Person::user);
    Some(others.filter(|other| has_access(other, ctx.at)).map(|other| other.acs_user_id.clone()).collect())
}
