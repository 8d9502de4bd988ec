//! The form about a guest who is there: what is so stands in its fields, and what differs from it is what is wished.

use jiff::ZonedDateTime;

use super::{At, State};
use crate::component::ctx::Ctx;
use crate::component::draft::Draft;
use crate::domain::directory::GroupRow;
use crate::domain::directory::search::namesakes;
use crate::domain::job::order::Named;
use crate::seam::types::{EndsAt, GroupId, UserId};
use crate::words::{form as words, time};

impl State {
    /// The form of a guest who is there, with the focus on one of its fields. `is_for_one` is whether Enter saves from
    /// that field. `None` when the guest is not known any more.
    pub fn edit(user: &UserId, at: At, is_for_one: bool, ctx: &Ctx) -> Option<Self> {
        let person = ctx.directory.user(user)?.user();
        let named = |id: &GroupId| {
            let row = ctx.directory.group(id)?;
            Some(Named { id: id.clone(), name: row.group().name().to_owned() })
        };
        let groups = ctx.directory.groups_of(user);
        let is_in = |id: &GroupId| groups.is_some_and(|groups| groups.contains(id));
        let mut rows = ctx.directory.groups().iter().filter(|row| is_in(&row.group().acs_access_group_id));
        let was: Vec<Named<GroupId>> = rows.clone().filter_map(|row| named(&row.group().acs_access_group_id)).collect();
        // Of several rooms the first has the field; the others stand among the other groups.
        let room = first_room(&mut rows);
        let is_room = |group: &Named<GroupId>| room.as_ref().is_some_and(|(id, _)| *id == group.id);
        let draft = Draft {
            name: person.name().to_owned(),
            room: room.as_ref().map(|(_, number)| number.clone()).unwrap_or_default(),
            // An end that is over, or not known, is nothing to begin from.
            departure: match person.will_end_at() {
                EndsAt::At(end) if end > ctx.at => time::typed_end(end, ctx.zone()),
                _ => String::new(),
            },
            phone: person.phone_number.clone().unwrap_or_default(),
            email: person.email_address.clone().unwrap_or_default(),
            groups: was.iter().filter(|group| !is_room(group)).cloned().collect(),
            card: ctx.directory.card_of(user).is_some(),
            guest: Some(user.clone()),
            was,
            ..Draft::default()
        };
        let mut state = Self::from_draft(&draft, ctx);
        state.picked_room = room.map(|(id, _)| id);
        state.at = at;
        state.is_for_one = is_for_one;
        state.opened_as = Some(state.as_it_stands());
        state.select_field();
        Some(state)
    }

    /// The form for another card of a guest's room: a new guest with the same groups and end, and a name of its own.
    /// `None` when the guest is not known any more.
    pub fn companion(user: &UserId, ctx: &Ctx) -> Option<Self> {
        let theirs = Self::edit(user, At::Name, true, ctx)?;
        let name = next_name(theirs.name.text(), ctx);
        let mut state = Self {
            companion_of: Some(user.clone()),
            picked_room: theirs.picked_room.clone(),
            is_for_one: true,
            ..Self::from_draft(
                &Draft {
                    name,
                    phone: String::new(),
                    email: String::new(),
                    card: true,
                    guest: None,
                    was: Vec::new(),
                    ..theirs.as_it_stands()
                },
                ctx,
            )
        };
        state.opened_as = Some(state.as_it_stands());
        state.name.select();
        Some(state)
    }

    /// Whether it was opened for one field, from which Enter saves.
    pub fn is_for_one(&self) -> bool {
        self.is_for_one
    }

    /// What the form removes: groups that the guest was in when it was opened, and that it does not name any more.
    pub(super) fn removed(&self, wanted: &[Named<GroupId>]) -> Vec<Named<GroupId>> {
        let is_wanted = |group: &&Named<GroupId>| wanted.iter().any(|one| one.id == group.id);
        let is_removed = |group: &&Named<GroupId>| self.remove.iter().any(|one| one.id == group.id);
        let gone = self.was.iter().filter(|group| !is_wanted(group) && !is_removed(group));
        self.remove.iter().chain(gone).cloned().collect()
    }

    /// Whether nothing differs from what the form was opened with.
    pub(super) fn is_as_opened(&self) -> bool {
        self.guest.is_some() && self.opened_as.is_some() && !self.is_touched()
    }

    /// How many nights longer the guest stays with this departure than so far; negative for a shorter stay. `None` for a
    /// new guest, and where there is no end so far.
    pub(super) fn nights_more(&self, end: &ZonedDateTime, ctx: &Ctx) -> Option<i32> {
        let so_far = ctx.directory.user(self.guest.as_ref()?)?.user().will_end_at().at()?;
        let so_far = so_far.to_zoned_datetime(end.time_zone().clone());
        so_far.date().until(end.date()).ok().map(|span| span.get_days())
    }

    /// A filled field is selected when it gets the focus, so that typing replaces it.
    pub(super) fn select_field(&mut self) {
        if self.opened_as.is_some()
            && let Some(field) = self.field()
        {
            field.select();
        }
    }

    /// What can't be emptied: the server changes these, and takes none of them away.
    pub(super) fn emptied(&self, at: At, ctx: &Ctx) -> Option<String> {
        let person = ctx.directory.user(self.guest.as_ref()?)?.user();
        let (field, had) = match at {
            At::Phone => (&self.phone, &person.phone_number),
            At::Email => (&self.email, &person.email_address),
            _ => return None,
        };
        (field.is_blank() && had.is_some()).then(|| words::CAN_NOT_BE_EMPTIED.to_owned())
    }
}

// "Jane Doe (2)", with the first number that nobody has.
fn next_name(name: &str, ctx: &Ctx) -> String {
    let base = name.rsplit_once(" (").filter(|(_, number)| number.ends_with(')')).map_or(name, |(base, _)| base);
    let is_taken = |name: &String| !namesakes(&ctx.directory, name, None, "").is_empty();
    (2..=99).map(|number| format!("{base} ({number})")).find(|name| !is_taken(name)).unwrap_or_default()
}

fn first_room<'a>(rows: &mut impl Iterator<Item = &'a GroupRow>) -> Option<(GroupId, String)> {
    rows.find_map(|row| Some((row.group().acs_access_group_id.clone(), row.room()?.to_owned())))
}
