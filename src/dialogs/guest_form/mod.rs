//! The form for a new guest: only the name is needed, nobody is created twice by accident.

mod edit;
mod save;
mod view;

use std::collections::HashSet;

use jiff::Timestamp;

use super::confirm::answer;
use super::meanwhile::{Before, NamesakesBefore, RoomBefore, group_change, is_gone};
use super::{Msg, Out};
use crate::component::ctx::Ctx;
use crate::component::draft::Draft;
use crate::component::field::Field;
use crate::domain::directory::person::Person;
use crate::domain::directory::search::suggestions;
use crate::domain::directory::{GroupRow, Remote};
use crate::domain::email::is_email;
use crate::domain::guest::Identity;
use crate::domain::job::order::{Guest, Named};
use crate::domain::job::{Job, JobId, Question};
use crate::domain::phone::{PhoneError, e164};
use crate::domain::query::Query;
use crate::domain::room::room_key;
use crate::domain::search_form::search_form;
use crate::domain::stay::{Departure, DepartureError, DepartureReader};
use crate::keys::key::{Key, KeyCode};
use crate::seam::error::SeamError;
use crate::seam::types::{Encoder, EncoderId, GroupId, UserId};
use crate::words::{form as words, time};

pub use save::{Agreement, Reply};
pub(super) use view::{keys, view};

use save::{new_stay, question};

/// The most suggestions below a field.
const MOST: usize = 4;

/// The fields, in the order of Enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "most are what they are called")]
pub enum At {
    Name,
    Room,
    Departure,
    Phone,
    Email,
    /// Further groups.
    Also,
    /// The tick for a card.
    Card,
}

impl At {
    const ALL: [Self; 7] = [Self::Name, Self::Room, Self::Departure, Self::Phone, Self::Email, Self::Also, Self::Card];

    fn next(self) -> Option<Self> {
        Self::ALL.get(self as usize + 1).copied()
    }

    fn previous(self) -> Option<Self> {
        (self as usize).checked_sub(1).map(|at| Self::ALL[at])
    }
}

/// What was typed, which field has the focus, and what is chosen below it.
#[derive(Debug)]
pub struct State {
    name: Field,
    room: Field,
    departure: Field,
    phone: Field,
    email: Field,
    also: Field,
    groups: Vec<Named<GroupId>>,
    card: bool,
    encoder: Option<EncoderId>,
    at: At,
    // The suggestion that is chosen; `None` while the field itself has the keys.
    chosen: Option<usize>,
    // The room that was picked from the list, as long as nothing else is typed there.
    picked_room: Option<GroupId>,
    // The field whose trouble is shown because starting failed on it.
    blamed: Option<At>,
    asked_for: HashSet<GroupId>,
    // What was answered to questions about what stands in the form now.
    agreed: Vec<Agreement>,
    // Whether the guest who was picked was found by the name, of which a part is enough.
    was_suggested: bool,
    // The room whose users saving waits for.
    waits: Option<GroupId>,
    // The job that this one replaces: its guest is gone, or its data were refused.
    replaces: Option<JobId>,
    // The guest whom the form is about; `None` for a new one.
    guest: Option<UserId>,
    // What the server refused, with its sentence, until something else is typed there.
    refused: Vec<(At, String)>,
    // Groups that the guest is to leave; they have no field.
    remove: Vec<Named<GroupId>>,
    // What was known of the guest whom it is about, of the room that was typed, and of who has that name.
    guest_before: Option<(UserId, Before)>,
    room_before: Option<RoomBefore>,
    namesakes_before: Option<NamesakesBefore>,
    // What was said to have changed when something last happened.
    said: Vec<(Option<At>, String)>,
    // The groups that the guest was in when the form about that guest was opened.
    was: Vec<Named<GroupId>>,
    // What stood in it then; `None` for a form that was not opened about a guest.
    opened_as: Option<Draft>,
    // The guest whose room and dates a new guest shares, who is no reason to ask whether the room is taken.
    companion_of: Option<UserId>,
    // Whether it was opened for one field, from which Enter saves.
    is_for_one: bool,
}

/// What stands below a field to be chosen.
enum Suggestion<'a> {
    Guest(UserId, String),
    Group(&'a GroupRow),
}

impl State {
    /// A form with this name and nothing else; cards are made on the desk encoder.
    pub fn new(ctx: &Ctx, name: &str) -> Self {
        Self {
            name: Field::with(name),
            room: Field::default(),
            departure: Field::default(),
            phone: Field::default(),
            email: Field::default(),
            also: Field::default(),
            groups: Vec::new(),
            card: true,
            encoder: ctx.desk_encoder.clone(),
            at: At::Name,
            chosen: None,
            picked_room: None,
            blamed: None,
            asked_for: HashSet::new(),
            agreed: Vec::new(),
            was_suggested: false,
            waits: None,
            replaces: None,
            guest: None,
            refused: Vec::new(),
            remove: Vec::new(),
            guest_before: None,
            room_before: None,
            namesakes_before: None,
            said: Vec::new(),
            was: Vec::new(),
            opened_as: None,
            companion_of: None,
            is_for_one: false,
        }
    }

    /// A form as it was left.
    pub fn from_draft(draft: &Draft, ctx: &Ctx) -> Self {
        let mut state = Self {
            room: Field::with(&draft.room),
            departure: Field::with(&draft.departure),
            phone: Field::with(&draft.phone),
            email: Field::with(&draft.email),
            groups: draft.groups.clone(),
            also: Field::with(&draft.also),
            card: draft.card,
            replaces: draft.replaces,
            guest: draft.guest.clone(),
            remove: draft.remove.clone(),
            was: draft.was.clone(),
            encoder: draft.encoder.clone().or_else(|| ctx.desk_encoder.clone()),
            ..Self::new(ctx, &draft.name)
        };
        state.note_known(ctx);
        state
    }

    /// A form with what a job was to do for a guest who is gone. The job is given up when it is saved.
    pub fn in_place_of(job: &Job, ctx: &Ctx) -> Self {
        let order = &job.order;
        let known = job.user.as_ref().and_then(|user| ctx.directory.user(user)).map(Person::user);
        let (phone, email) = match &order.guest {
            Guest::New(guest) => (guest.phone_number.clone(), guest.email_address.clone()),
            Guest::Existing(_) => {
                known.map_or((None, None), |user| (user.phone_number.clone(), user.email_address.clone()))
            }
        };
        // Several rooms don't fit into the field.
        let room = order.room.clone().filter(|room| !room.contains(','));
        let is_room = |group: &Named<GroupId>| {
            ctx.directory.group(&group.id).is_some_and(|row| row.room().is_some() && row.room() == room.as_deref())
        };
        let draft = Draft {
            name: order.guest.name().to_owned(),
            departure: order.until.at().map(|until| time::typed_end(until, ctx.zone())).unwrap_or_default(),
            phone: phone.unwrap_or_default(),
            email: email.unwrap_or_default(),
            groups: order.add.iter().filter(|group| !is_room(group)).cloned().collect(),
            also: String::new(),
            card: order.card.writes(),
            room: room.unwrap_or_default(),
            replaces: Some(job.id),
            guest: None,
            remove: Vec::new(),
            was: Vec::new(),
            encoder: job.encoder.as_ref().map(|encoder| encoder.id.clone()),
        };
        Self::from_draft(&draft, ctx)
    }

    /// A form with what a job was to do, at the field that the server refused, with its sentence. The job is given up
    /// when it is saved.
    pub fn to_mend(job: &Job, ctx: &Ctx) -> Self {
        let order = &job.order;
        let guest = order.guest.user().or(job.user.as_ref());
        let mut state = Self::in_place_of(job, ctx);
        if let Some(guest) = guest {
            // What was wished stands in the fields, and of the rest what is so.
            let details = order.details.clone().unwrap_or_default();
            for (field, wished) in [
                (&mut state.name, details.full_name),
                (&mut state.phone, details.phone_number),
                (&mut state.email, details.email_address),
            ] {
                if let Some(wished) = wished {
                    *field = Field::with(&wished);
                }
            }
            if matches!(order.guest, Guest::Existing(_)) {
                let rooms = order
                    .add
                    .iter()
                    .filter(|group| ctx.directory.group(&group.id).is_some_and(|row| row.room().is_some()));
                let room = rooms.map(|group| group.id.clone()).next();
                state.room = Field::with(
                    room.as_ref()
                        .map_or("", |room| ctx.directory.group(room).and_then(GroupRow::room).unwrap_or_default()),
                );
                state.groups = order.add.iter().filter(|group| Some(&group.id) != room.as_ref()).cloned().collect();
                state.picked_room = room;
                match order.schedule {
                    None => state.departure = Field::default(),
                    Some(schedule) if schedule.ends_at.is_none() => state.departure = Field::with(words::NEVER_TYPED),
                    Some(_) => {}
                }
            }
            state.remove.clone_from(&order.remove);
            state.guest = Some(guest.clone());
        }
        if let Some(Question::Refused(error)) = job.asks() {
            state.refused = refused_fields(error);
            state.move_to(state.refused.first().map(|(at, _)| *at));
        }
        state.note_known(ctx);
        state
    }

    /// What is to be kept of the form; `None` while nothing was typed.
    pub fn draft(&self) -> Option<Draft> {
        self.is_touched().then(|| self.as_it_stands())
    }

    fn as_it_stands(&self) -> Draft {
        Draft {
            name: self.name.text().to_owned(),
            room: self.room.text().to_owned(),
            departure: self.departure.text().to_owned(),
            phone: self.phone.text().to_owned(),
            email: self.email.text().to_owned(),
            groups: self.groups.clone(),
            also: self.also.text().to_owned(),
            card: self.card,
            replaces: self.replaces,
            guest: self.guest.clone(),
            remove: self.remove.clone(),
            was: self.was.clone(),
            encoder: self.encoder.clone().filter(|_| self.replaces.is_some()),
        }
    }

    /// Whether anything was typed, so that closing the form would lose it.
    pub fn is_touched(&self) -> bool {
        if let Some(opened_as) = &self.opened_as {
            return *opened_as != self.as_it_stands();
        }
        let fields = [&self.name, &self.room, &self.departure, &self.phone, &self.email, &self.also];
        fields.iter().any(|field| !field.is_blank()) || !self.groups.is_empty()
    }

    // A card without any group is made when it is wished, and said before; not while the room is yet to come.
    fn opens_nothing(&self, ctx: &Ctx) -> bool {
        self.card && self.at as usize > At::Room as usize && self.groups.is_empty() && self.room_row(ctx).is_none()
    }

    /// Whether the focus is on a field, not on a tick.
    pub fn takes_text(&self) -> bool {
        self.at != At::Card
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.at {
            At::Name => Some(&mut self.name),
            At::Room => Some(&mut self.room),
            At::Departure => Some(&mut self.departure),
            At::Phone => Some(&mut self.phone),
            At::Email => Some(&mut self.email),
            At::Also => Some(&mut self.also),
            At::Card => None,
        }
    }

    // The encoder may have gone since the form was opened.
    fn encoder<'a>(&self, ctx: &'a Ctx) -> Option<&'a Encoder> {
        ctx.encoder(self.encoder.as_ref()?)
    }

    fn phone_number(&self, ctx: &Ctx) -> Result<Option<String>, PhoneError> {
        e164(self.phone.text(), ctx.settings.country)
    }

    fn departure(&self, ctx: &Ctx) -> Result<Departure, DepartureError> {
        self.departure_at(ctx.at, ctx)
    }

    // What the departure means to a clock that shows this.
    fn departure_at(&self, now: Timestamp, ctx: &Ctx) -> Result<Departure, DepartureError> {
        let reader = DepartureReader {
            now,
            zone: ctx.zone(),
            check_out: ctx.settings.check_out,
            day_first: ctx.settings.day_first,
            present: self.guest.as_ref().and_then(|user| ctx.directory.user(user)?.user().ends_at().at()),
        };
        reader.read(self.departure.text())
    }

    fn email_is_odd(&self) -> bool {
        !self.email.is_blank() && !is_email(self.email.text().trim())
    }

    // The room that is meant: picked from the list, or the only one whose number or whole name was typed. A room opens
    // doors, so none is taken that is only like what was typed.
    fn room_row<'a>(&self, ctx: &'a Ctx) -> Option<&'a GroupRow> {
        if let Some(picked) = &self.picked_room {
            return ctx.directory.group(picked);
        }
        match self.rooms_named(ctx).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    // The groups whose number or whole name was typed into the room, spaces and letter case aside.
    fn rooms_named<'a>(&self, ctx: &'a Ctx) -> Vec<&'a GroupRow> {
        groups_named(ctx, self.room.text())
    }

    fn suggestions<'a>(&self, ctx: &'a Ctx) -> Vec<Suggestion<'a>> {
        match self.at {
            At::Name | At::Phone | At::Email if self.guest.is_none() => self.guests(ctx),
            At::Room if self.room_row(ctx).is_none() => {
                let named = self.rooms_named(ctx);
                if named.is_empty() {
                    return groups_like(ctx, self.room.text(), true, &[]);
                }
                named.into_iter().take(MOST).map(Suggestion::Group).collect()
            }
            At::Also => groups_like(ctx, self.also.text(), false, &self.groups),
            _ => Vec::new(),
        }
    }

    fn guests<'a>(&self, ctx: &'a Ctx) -> Vec<Suggestion<'a>> {
        let phone = self.phone_number(ctx).ok().flatten();
        let found = suggestions(&ctx.directory, self.name.text(), phone.as_deref(), self.email.text(), MOST - 1);
        found
            .into_iter()
            .map(|person| {
                let id = person.user().acs_user_id.clone();
                let rooms = ctx.directory.rooms_of(&id);
                let until = crate::words::time::until(person.user().ends_at(), ctx.zone(), ctx.at);
                let line = words::match_line(person.reception_name(), rooms.first().copied(), &until);
                Suggestion::Guest(id, line)
            })
            .collect()
    }

    // Something changed: what was agreed to was about the form before. What is typed into the room names another one
    // than was picked.
    fn note_change(&mut self) {
        self.chosen = None;
        self.blamed = None;
        self.agreed.clear();
        self.refused.retain(|(at, _)| *at != self.at);
        self.was_suggested = false;
        self.waits = None;
        if self.at == At::Room {
            self.picked_room = None;
            self.room_before = None;
        }
    }

    // Takes in what is known by now of what stands in the form: what differs later was changed by others.
    fn note_known(&mut self, ctx: &Ctx) {
        let guest = self.is_guest();
        if self.guest_before.as_ref().map(|(user, _)| user) != guest.as_ref() {
            self.guest_before = guest.clone().map(|user| (user, Before::default()));
        }
        if let Some((user, before)) = &mut self.guest_before {
            before.fill(user, ctx);
        }
        if self.room_before.is_none() {
            self.room_before = self.room_row(ctx).map(RoomBefore::new);
        }
        if let Some(before) = &mut self.room_before {
            before.fill(ctx);
        }
        // While they are typed, who is like that stands below the field.
        let is_left = !matches!(self.at, At::Name | At::Phone | At::Email) && !self.name.is_blank();
        if is_left && guest.is_none() && *ctx.directory.users_load() == Remote::Loaded(()) {
            let phone = self.phone_number(ctx).ok().flatten().unwrap_or_default();
            let typed = [self.name.text().to_owned(), phone, self.email.text().to_owned()];
            match &mut self.namesakes_before {
                Some(before) if before.is_of(&typed) => before.look(ctx),
                _ => self.namesakes_before = Some(NamesakesBefore::new(typed, ctx)),
            }
        }
    }

    // What others changed of what stands in the form, each at its field; about the guest as a whole at none.
    fn changed_meanwhile(&self, ctx: &Ctx) -> Vec<(Option<At>, String)> {
        let mut said = Vec::new();
        let mut say = |at, lines: Vec<String>| said.extend(lines.into_iter().map(|line| (at, line)));
        if let Some((user, before)) = &self.guest_before {
            say(None, before.changes(user, ctx));
        }
        if let Some(before) = self.namesakes_before.as_ref().filter(|_| self.guest_before.is_none()) {
            say(Some(At::Name), before.changes(ctx));
        }
        if let Some(before) = &self.room_before {
            let guest = self.is_guest();
            let wished = new_stay(&self.departure(ctx).unwrap_or(Departure::NotTyped), guest.as_ref(), ctx);
            say(Some(At::Room), before.changes(&wished, guest.as_ref(), ctx));
        }
        say(Some(At::Also), self.groups.iter().filter_map(|group| group_change(group, ctx)).collect());
        said
    }

    fn move_to(&mut self, at: Option<At>) {
        if let Some(at) = at {
            self.at = at;
            self.chosen = None;
            self.select_field();
        }
    }

    fn add_group(&mut self, group: &GroupRow) {
        let id = group.group().acs_access_group_id.clone();
        if self.groups.iter().all(|named| named.id != id) {
            self.groups.push(Named { id, name: group.group().name().to_owned() });
        }
        self.also = Field::default();
        self.note_change();
    }

    // The first field that speaks against starting, and its trouble in words.
    fn trouble(&self, at: At, ctx: &Ctx) -> Option<String> {
        match at {
            // Who was picked has a name.
            At::Name if self.agreed.iter().any(|agreed| matches!(agreed, Agreement::Is(_))) => None,
            At::Name => self.name.is_blank().then(|| words::NAME_MISSING.to_owned()),
            At::Room if !self.room.is_blank() && self.room_row(ctx).is_none() => {
                let named = self.rooms_named(ctx).len();
                let text = self.room.text();
                Some(if named > 1 { words::several_groups(text, named) } else { words::no_such_group(text) })
            }
            At::Departure => {
                self.departure(ctx).err().map(|error| words::departure_wrong(error, ctx.settings.day_first))
            }
            At::Phone | At::Email if self.emptied(at, ctx).is_some() => self.emptied(at, ctx),
            At::Phone => self.phone_number(ctx).err().map(|error| words::phone_wrong(error).to_owned()),
            At::Email => self.email_is_odd().then(|| words::EMAIL_WRONG.to_owned()),
            At::Also if !self.also.is_blank() => Some(words::no_such_group(self.also.text())),
            At::Also => {
                let gone = self.groups.iter().find(|group| is_gone(group, ctx));
                gone.map(|group| words::take_away(&words::group_gone(&group.name)))
            }
            At::Room => None,
            At::Card => (self.card && self.encoder(ctx).is_none()).then(|| words::NO_ENCODER.to_owned()),
        }
    }
}

// The fields that a refusal is about, with the server's words. What names none is said at the name.
fn refused_fields(error: &SeamError) -> Vec<(At, String)> {
    let field = |name: &str| {
        let name = name.to_lowercase();
        let has = |part: &str| name.contains(part);
        Some(match () {
            () if has("email") || has("e-mail") => At::Email,
            () if has("phone") => At::Phone,
            () if has("access_group") => At::Room,
            () if has("schedule") || has("starts_at") || has("ends_at") => At::Departure,
            () if has("full_name") => At::Name,
            () => return None,
        })
    };
    let mut found: Vec<(At, String)> = Vec::new();
    for (parameter, said) in &error.validation {
        let at = field(parameter).unwrap_or(At::Name);
        found.push((at, words::server_says(&said.join(", "))));
    }
    if found.is_empty() {
        let at = field(&error.message).unwrap_or(At::Name);
        found.push((at, words::server_says(&error.message)));
    }
    found.sort_by_key(|(at, _)| *at as usize);
    found
}

fn groups_like<'a>(ctx: &'a Ctx, text: &str, rooms: bool, but: &[Named<GroupId>]) -> Vec<Suggestion<'a>> {
    let (wanted, key) = (search_form(text.trim()), room_key(text));
    if wanted.is_empty() {
        return Vec::new();
    }
    let fits = |row: &&GroupRow| {
        row.room().is_some() == rooms && but.iter().all(|named| named.id != row.group().acs_access_group_id)
    };
    let starts = |row: &GroupRow| {
        row.room().is_some_and(|room| room_key(room).starts_with(&key))
            || row.folded_name().split(' ').any(|part| part.starts_with(&wanted))
    };
    let all = ctx.directory.groups();
    // Where no group of the wished kind fits, any other may be meant.
    let mut found: Vec<&GroupRow> = all.iter().filter(fits).filter(|row| starts(row)).take(MOST).collect();
    if found.is_empty() {
        let any = all.iter().filter(|row| row.is_like(&key));
        found =
            any.filter(|row| but.iter().all(|named| named.id != row.group().acs_access_group_id)).take(MOST).collect();
    }
    found.into_iter().map(Suggestion::Group).collect()
}

pub(super) fn update(state: &mut State, msg: Msg, ctx: &Ctx) -> Vec<Out> {
    let is_refresh = matches!(msg, Msg::Refresh);
    let mut out = match msg {
        Msg::Key(key) => key_pressed(state, key, ctx),
        Msg::Paste(text) => {
            if let Some(field) = state.field() {
                field.paste(&text);
            }
            state.note_change();
            Vec::new()
        }
        Msg::Picked(_) => Vec::new(),
        Msg::Refresh => {
            // Encoders come late, and may leave.
            if state.encoder(ctx).is_none() {
                state.encoder.clone_from(&ctx.desk_encoder);
            }
            state.save_when_read(ctx)
        }
        Msg::Reply(reply) => state.take_reply(reply, ctx),
    };
    if let Some(room) = state.room_row(ctx)
        && state.asked_for.insert(room.group().acs_access_group_id.clone())
    {
        let id = room.group().acs_access_group_id.clone();
        out.push(Out::Fetch(Query::UsersOf(id.clone())));
        if room.entrances().loaded().is_none() {
            out.push(Out::Fetch(Query::EntrancesOf(id)));
        }
    }
    state.note_known(ctx);
    let said = state.changed_meanwhile(ctx);
    if is_refresh && said != state.said {
        out.push(Out::Changed);
    }
    state.said = said;
    out
}

fn key_pressed(state: &mut State, key: Key, ctx: &Ctx) -> Vec<Out> {
    match (key.code, key.ctrl) {
        (KeyCode::Char('s'), true) => return state.save(ctx),
        (KeyCode::Esc, _) if state.chosen.is_some() => state.chosen = None,
        (KeyCode::Esc, _) if state.is_touched() => {
            state.waits = None;
            let answers = vec![answer(words::GO_ON, Vec::new()), answer(words::THROW_AWAY, vec![Out::Close])];
            return question(words::CLOSE_QUESTION, answers);
        }
        (KeyCode::Esc, _) => return vec![Out::Close],
        (KeyCode::Tab, _) => leave_forward(state, ctx),
        (KeyCode::BackTab, _) => state.move_to(state.at.previous()),
        (KeyCode::Up | KeyCode::Down, _) => up_down(state, key.code == KeyCode::Down, ctx),
        (KeyCode::Enter, _) => return enter(state, ctx),
        (KeyCode::Char(' '), false) if state.at == At::Card => {
            state.card = !state.card;
            state.note_change();
        }
        (KeyCode::Backspace, false) if state.at == At::Also && state.also.text().is_empty() => {
            match state.groups.iter().position(|group| is_gone(group, ctx)) {
                Some(gone) => drop(state.groups.remove(gone)),
                None => drop(state.groups.pop()),
            }
            state.note_change();
        }
        _ => {
            if let Some(field) = state.field()
                && field.key(key)
            {
                state.note_change();
            }
        }
    }
    Vec::new()
}

fn up_down(state: &mut State, down: bool, ctx: &Ctx) {
    let len = state.suggestions(ctx).len();
    match (state.chosen, down) {
        (None, true) if len > 0 => state.chosen = Some(0),
        (Some(at), true) if at + 1 < len => state.chosen = Some(at + 1),
        (Some(0), false) => state.chosen = None,
        (Some(at), false) => state.chosen = Some(at - 1),
        (_, true) => state.move_to(state.at.next()),
        (None, false) => state.move_to(state.at.previous()),
    }
}

// Leaving the field for other groups takes the one that was named whole. A room stays as it was typed.
fn leave_forward(state: &mut State, ctx: &Ctx) {
    take_named_group(state, ctx);
    let next = state.at.next();
    state.move_to(next);
}

// Adds the group that was named whole in the field for other groups; one that is only like it opens doors nobody named.
fn take_named_group(state: &mut State, ctx: &Ctx) -> bool {
    if state.at != At::Also {
        return false;
    }
    match groups_named(ctx, state.also.text()).as_slice() {
        [only] => {
            state.add_group(only);
            true
        }
        _ => false,
    }
}

// The groups whose number, as a room, or whole name a text is, spaces and letter case aside.
fn groups_named<'a>(ctx: &'a Ctx, text: &str) -> Vec<&'a GroupRow> {
    let wanted = room_key(text);
    ctx.directory.groups().iter().filter(|row| row.is_named(&wanted)).collect()
}

fn choose_group(state: &mut State, row: &GroupRow) {
    if state.at == At::Also {
        state.add_group(row);
    } else {
        state.room = Field::with(row.room().unwrap_or_else(|| row.group().name()));
        state.note_change();
        state.picked_room = Some(row.group().acs_access_group_id.clone());
    }
}

// It is a guest who is there: that one is shown, or, where more than the person was typed, what it would change.
fn use_guest(state: &mut State, at: usize, ctx: &Ctx) -> Vec<Out> {
    let Some(Suggestion::Guest(user, _)) = state.guests(ctx).into_iter().nth(at) else { return Vec::new() };
    let Some(person) = ctx.directory.user(&user) else { return Vec::new() };
    let is_theirs = |phone: Option<&str>, email: Option<&str>| {
        Identity::of_user(person.user()).has_same_contact(&Identity::new("", phone, email))
    };
    let (phone, email) = (state.phone_number(ctx), state.email.text());
    let has_other_phone = !state.phone.is_blank() && !phone.is_ok_and(|phone| is_theirs(phone.as_deref(), None));
    let has_other_email = !state.email.is_blank() && !is_theirs(None, Some(email));
    let fields = [&state.room, &state.departure, &state.also];
    let has_more = fields.iter().any(|field| !field.is_blank()) || !state.groups.is_empty();
    if !has_more && !has_other_phone && !has_other_email {
        return vec![Out::Select(user)];
    }
    state.was_suggested = state.at == At::Name;
    state.take_reply(Reply::Agree(Agreement::Is(user)), ctx)
}

fn enter(state: &mut State, ctx: &Ctx) -> Vec<Out> {
    if let Some(chosen) = state.chosen {
        match state.suggestions(ctx).get(chosen) {
            Some(Suggestion::Guest(..)) => return use_guest(state, chosen, ctx),
            Some(Suggestion::Group(row)) => {
                let is_room = state.at == At::Room;
                choose_group(state, row);
                if is_room {
                    state.move_to(state.at.next());
                }
            }
            None => state.chosen = None,
        }
        return Vec::new();
    }
    if take_named_group(state, ctx) {
        return Vec::new();
    }
    // What is not named whole is said at its field, and stays there until it is mended, picked or emptied.
    if matches!(state.at, At::Room | At::Also) && state.trouble(state.at, ctx).is_some() {
        state.blamed = Some(state.at);
        return Vec::new();
    }
    // What was asked for is that one field.
    if state.is_for_one {
        return state.save(ctx);
    }
    match state.at.next() {
        Some(next) => {
            state.move_to(Some(next));
            Vec::new()
        }
        None => state.save(ctx),
    }
}
