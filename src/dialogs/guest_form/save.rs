//! Saving the form: what speaks against it is told, what opens a door is asked, and only then an order is made.
//!
//! Each question is asked by the state of this moment: an answer comes back as a [`Reply`], and saving begins anew with
//! what was agreed to. So each check holds when the order starts, whatever came in while a question stood.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::{At, MOST, State};
use crate::component::ctx::{Ctx, Settings};
use crate::component::field::Field;
use crate::dialogs::confirm::{self, ConfirmAnswer, answer};
use crate::dialogs::plan::{self, Typed};
use crate::dialogs::{Dialog, Out};
use crate::domain::directory::Remote;
use crate::domain::directory::person::Person;
use crate::domain::directory::search::namesakes;
use crate::domain::guest::Identity;
use crate::domain::job::order::{CardWork, Details, Guest, Named, NewGuest, Schedule};
use crate::domain::occupancy::{NewStay, Occupants};
use crate::domain::plan::{Changes, Wish, plan as make_plan};
use crate::domain::query::Query;
use crate::domain::search_form::search_form;
use crate::domain::stay::Departure;
use crate::seam::lenient::clean;
use crate::seam::types::{GroupId, UserId};
use crate::words::{errors, form as words, time};

/// How far the clocks may differ before a departure that was typed is asked about.
const CLOCK_ASKS: SignedDuration = SignedDuration::from_hours(1);

/// What a question of the form answers to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Mend this field.
    Mend(At),
    /// Go on: this was agreed to.
    Agree(Agreement),
    /// Go on with this departure, as it is typed.
    Depart(String),
}

/// What a person agreed to. Each lasts until something is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// A second user beside these of the same name or contact.
    Second(Vec<UserId>),
    /// Another guest in the room of these.
    RoomMates(Vec<UserId>),
    /// A guest in a room of which is not known who is in it.
    Unread(GroupId),
    /// It is this guest, who is there already.
    Is(UserId),
    /// Access without an end.
    NoEnd,
    /// This departure, by a clock that differs from the server's.
    Clock(Timestamp),
}

impl State {
    /// Saves the form, or asks what is to be asked first.
    pub(super) fn save(&mut self, ctx: &Ctx) -> Vec<Out> {
        let waited = self.waits.take();
        if let Some(at) = At::ALL.into_iter().find(|at| self.trouble(*at, ctx).is_some()) {
            self.move_to(Some(at));
            self.blamed = Some(at);
            return Vec::new();
        }
        let (Ok(phone_number), Ok(departure)) = (self.phone_number(ctx), self.departure(ctx)) else {
            return Vec::new();
        };
        let full_name = clean(self.name.text());
        let add = self.groups_to_be_in(ctx);
        if self.is_as_opened() {
            return vec![Out::Close];
        }
        let email = self.email.text().trim();
        let email_address = (!email.is_empty()).then(|| email.to_owned());
        if let Some(user) = self.is_guest() {
            let details = Details { full_name: Some(full_name), phone_number, email_address };
            return self.save_for(user, &departure, add, details, waited.as_ref(), ctx);
        }
        let known = namesakes(&ctx.directory, &full_name, phone_number.as_deref(), email);
        let question = self
            .clock_question(&departure, ctx)
            .or_else(|| self.namesake_question(&known, ctx))
            .or_else(|| self.room_question(waited.as_ref(), &departure, &add, self.companion_of.clone().as_ref(), ctx))
            .or_else(|| self.end_question(&departure, &add));
        if let Some(question) = question {
            return question;
        }
        let ends_at = ends_at(&departure);
        // An empty departure is no wish: for a guest who turns out to be there it leaves the end as it is.
        let is_wished = departure != Departure::NotTyped || self.agreed.contains(&Agreement::NoEnd);
        let guest = NewGuest { full_name, phone_number, email_address, known_namesakes: ids(&known) };
        let wish = Wish {
            guest: Guest::New(guest),
            changes: Changes {
                add,
                schedule: is_wished.then_some(Schedule { starts_at: None, ends_at }),
                ..Changes::default()
            },
            card: if self.card { CardWork::New } else { CardWork::None },
            encoder: self.encoder(ctx),
        };
        let order = Box::new(make_plan(&ctx.directory, wish).order);
        vec![match self.replaces {
            Some(job) => Out::StartInstead(job, order),
            None => Out::Start(order),
        }]
    }

    // The guest whom the form is about, or who was said to be meant.
    pub(super) fn is_guest(&self) -> Option<UserId> {
        let meant = self.agreed.iter().find_map(|agreed| match agreed {
            Agreement::Is(user) => Some(user),
            _ => None,
        });
        self.guest.as_ref().or(meant).cloned()
    }

    // What was typed is wished for a guest who is there: the plan shows what that changes, and starts it.
    fn save_for(
        &mut self,
        user: UserId,
        departure: &Departure,
        add: Vec<Named<GroupId>>,
        details: Details,
        waited: Option<&GroupId>,
        ctx: &Ctx,
    ) -> Vec<Out> {
        let Some(person) = ctx.directory.user(&user) else {
            return question(words::GUEST_GONE, vec![answer(words::GO_ON, Vec::new())]);
        };
        let name = person.user().name();
        if ctx.jobs.of_user(&user).is_some_and(|job| Some(job.id) != self.replaces)
            || ctx.jobs.elsewhere_of_user(&user).is_some()
        {
            return question(words::guest_in_work(name), vec![answer(words::GO_ON, Vec::new())]);
        }
        let asked = self
            .clock_question(departure, ctx)
            .or_else(|| self.room_question(waited, departure, &add, Some(&user), ctx));
        if let Some(question) = asked {
            return question;
        }
        let typed_name = details.full_name.clone().unwrap_or_default();
        let is_same = Identity::new(&typed_name, None, None).has_same_name(&Identity::of_user(person.user()));
        // Of a guest who is only found by the name, half of it may have been typed.
        let is_part = search_form(name).contains(&search_form(&typed_name)) || self.was_suggested;
        let takes_name = self.guest.is_some();
        let typed = Typed {
            remove: self.removed(&add),
            add,
            ends_at: (*departure != Departure::NotTyped).then(|| ends_at(departure)),
            other_name: (!takes_name && !is_same && !is_part).then_some(typed_name),
            details: Details { full_name: details.full_name.filter(|_| takes_name), ..details },
            card: self.card,
            replaces: self.replaces,
        };
        let plan = plan::State::from_form(user, typed, self.encoder.clone(), ctx);
        let mut out: Vec<Out> = plan.questions(ctx).into_iter().map(Out::Fetch).collect();
        out.push(Out::Open(Dialog::Plan(plan)));
        out
    }

    /// Takes the answer to a question and goes on with it.
    pub(super) fn take_reply(&mut self, reply: Reply, ctx: &Ctx) -> Vec<Out> {
        match reply {
            Reply::Mend(at) => {
                self.move_to(Some(at));
                return Vec::new();
            }
            Reply::Agree(agreement) => self.agreed.push(agreement),
            Reply::Depart(typed) => self.departure = Field::with(&typed),
        }
        self.save(ctx)
    }

    /// Goes on with saving once it is known who is in the room, or that this can't be read.
    pub(super) fn save_when_read(&mut self, ctx: &Ctx) -> Vec<Out> {
        let is_read = |group| ctx.directory.group(group).is_none_or(|row| *row.users() != Remote::Loading);
        if self.waits.as_ref().is_some_and(is_read) { self.save(ctx) } else { Vec::new() }
    }

    fn groups_to_be_in(&self, ctx: &Ctx) -> Vec<Named<GroupId>> {
        let room = self
            .room_row(ctx)
            .map(|row| Named { id: row.group().acs_access_group_id.clone(), name: row.group().name().to_owned() });
        let others = self.groups.iter().filter(|group| room.as_ref().is_none_or(|room| room.id != group.id));
        room.iter().chain(others).cloned().collect()
    }

    // The clock that departures are made from is wrong: by the server's the same words mean another day or hour.
    fn clock_question(&self, departure: &Departure, ctx: &Ctx) -> Option<Vec<Out>> {
        let ahead = ctx.clock_is_off.filter(|ahead| ahead.abs() > CLOCK_ASKS)?;
        let Departure::At(here) = departure else { return None };
        let server_now = ctx.at.checked_sub(ahead).ok()?;
        // What can't be by its clock, the server refuses.
        let Ok(Departure::At(there)) = self.departure_at(server_now, ctx) else { return None };
        if there == *here || self.agreed.contains(&Agreement::Clock(here.timestamp())) {
            return None;
        }
        let (here_day, there_day) = (time::full_day(here), time::full_day(&there));
        let typed = time::typed_end(there.timestamp(), ctx.zone());
        let answers = vec![
            answer(words::BACK_TO_DEPARTURE, vec![Out::Reply(Reply::Mend(At::Departure))]),
            answer(words::take_departure(&there_day), vec![Out::Reply(Reply::Depart(typed))]),
            agree(words::take_departure(&here_day), Agreement::Clock(here.timestamp())),
        ];
        Some(question(words::clock_question(ahead, &here_day, &there_day), answers))
    }

    // Someone of that name or contact is there already.
    fn namesake_question(&self, known: &[&Person], ctx: &Ctx) -> Option<Vec<Out>> {
        let first = known.first()?;
        let seconds = self.agreed.iter().filter_map(|agreed| match agreed {
            Agreement::Second(users) => Some(users),
            _ => None,
        });
        let agreed: Vec<&UserId> = seconds.flatten().collect();
        if known.iter().all(|person| agreed.contains(&&person.user().acs_user_id)) {
            return None;
        }
        let said = |person: &Person| {
            let user = person.user();
            let rooms = ctx.directory.rooms_of(&user.acs_user_id);
            (rooms.join(", "), time::until(user.ends_at(), ctx.zone(), ctx.at))
        };
        let mut answers = vec![answer(words::GO_ON, Vec::new())];
        answers.extend(known.iter().take(MOST).map(|person| {
            let (rooms, until) = said(person);
            let is_alone = known.len() == 1;
            let says = if is_alone {
                words::USE_YES.to_owned()
            } else {
                words::use_this(person.user().name(), &rooms, &until)
            };
            agree(says, Agreement::Is(person.user().acs_user_id.clone()))
        }));
        answers.push(agree(words::CREATE_SECOND, Agreement::Second(ids(known))));
        let (rooms, until) = said(first);
        Some(question(words::namesake(first.user().name(), &rooms, &until, known.len() - 1), answers))
    }

    // A room in which somebody is at that time, or may be.
    fn room_question(
        &mut self,
        waited: Option<&GroupId>,
        departure: &Departure,
        add: &[Named<GroupId>],
        except: Option<&UserId>,
        ctx: &Ctx,
    ) -> Option<Vec<Out>> {
        let stay = new_stay(departure, except, ctx);
        let rooms = add.iter().filter_map(|group| ctx.directory.group(&group.id)).filter(|row| row.room().is_some());
        // Who is in a room already may stay in it.
        let rooms = rooms.filter(|row| except.is_none_or(|user| ctx.directory.is_member(user, row) != Some(true)));
        for row in rooms {
            let id = &row.group().acs_access_group_id;
            let Some(others) = Occupants::of(&ctx.directory, row, &stay, except) else {
                if self.agreed.contains(&Agreement::Unread(id.clone())) {
                    continue;
                }
                // Saving waits until that is read. Where it can't be, or saving is pressed once more, it is asked.
                if waited != Some(id) || *row.users() == Remote::NotAsked {
                    self.waits = Some(id.clone());
                    return Some(vec![Out::Fetch(Query::UsersOf(id.clone()))]);
                }
                let why = match row.users() {
                    Remote::Failed(error) => Some(errors::sentence(error)),
                    _ => None,
                };
                let text = words::room_not_read(row.group().name(), why.as_deref());
                return Some(ask_about_room(text, Agreement::Unread(id.clone())));
            };
            let agreed = |user: &UserId| {
                self.agreed.iter().any(|agreed| matches!(agreed, Agreement::RoomMates(users) if users.contains(user)))
            };
            if others.in_the_way().all(agreed) {
                continue;
            }
            let said = |person: &&Person| {
                words::who_until(person.user().name(), &time::until(person.user().ends_at(), ctx.zone(), ctx.at))
            };
            let names: Vec<String> = others.staying.iter().map(said).collect();
            let text = words::room_taken(row.group().name(), &names, others.unread.len());
            return Some(ask_about_room(text, Agreement::RoomMates(others.in_the_way().cloned().collect())));
        }
        None
    }

    // Access to a door that ends only when somebody ends it. Who types "never" has said so.
    fn end_question(&self, departure: &Departure, add: &[Named<GroupId>]) -> Option<Vec<Out>> {
        if *departure != Departure::NotTyped || add.is_empty() || self.agreed.contains(&Agreement::NoEnd) {
            return None;
        }
        let answers = vec![
            answer(words::BACK_TO_DEPARTURE, vec![Out::Reply(Reply::Mend(At::Departure))]),
            agree(words::WITHOUT_END, Agreement::NoEnd),
        ];
        Some(question(words::no_departure(self.card), answers))
    }
}

/// The stay that a departure makes. Where none was typed, a guest who is there stays as long as so far.
pub(super) fn new_stay<'a>(departure: &Departure, guest: Option<&UserId>, ctx: &'a Ctx) -> NewStay<'a> {
    let Settings { check_out, zone, .. } = &ctx.settings;
    let so_far = || ctx.directory.user(guest?)?.user().will_end_at().at();
    let until = if *departure == Departure::NotTyped { so_far() } else { ends_at(departure) };
    NewStay { now: ctx.at, until, zone, check_out: *check_out }
}

fn ask_about_room(text: String, agreement: Agreement) -> Vec<Out> {
    let back = answer(words::BACK_TO_ROOM, vec![Out::Reply(Reply::Mend(At::Room))]);
    question(text, vec![back, agree(words::SAME_ROOM, agreement)])
}

fn agree(says: impl Into<Cow<'static, str>>, agreement: Agreement) -> ConfirmAnswer {
    answer(says, vec![Out::Reply(Reply::Agree(agreement))])
}

pub(super) fn question(text: impl Into<String>, answers: Vec<ConfirmAnswer>) -> Vec<Out> {
    vec![Out::Open(Dialog::Confirm(confirm::State::new(words::TITLE, text, answers)))]
}

fn ends_at(departure: &Departure) -> Option<Timestamp> {
    match departure {
        Departure::At(end) => Some(end.timestamp()),
        Departure::NotTyped | Departure::Never => None,
    }
}

fn ids(people: &[&Person]) -> Vec<UserId> {
    people.iter().map(|person| person.user().acs_user_id.clone()).collect()
}
