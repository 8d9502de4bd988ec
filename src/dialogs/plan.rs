//! The plan of a card: everything in plain words before it starts.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::meanwhile::Before;
use super::{Dialog, Msg, Out, pick};
use crate::component::ctx::Ctx;
use crate::domain::directory::Remote;
use crate::domain::directory::person::Person;
use crate::domain::guest::Identity;
use crate::domain::guest_state::{guest_state, has_ended, is_to_be_told};
use crate::domain::job::JobId;
use crate::domain::job::order::{AccessChange, CardWork, Details, Guest, Named, Schedule};
use crate::domain::plan::{self, CardState, Changes, Plan, Wish, card_state, choices};
use crate::domain::query::Query;
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::seam::types::{EncoderId, EndsAt, GroupId, UserId};
use crate::ui::choices::choice_lines;
use crate::ui::frame::{KeyHint, dialog, key_lines};
use crate::ui::layout::centered;
use crate::ui::text::{pad, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::card::{head, keys as key_words};
use crate::words::{card as words, errors, time};

const WIDTH: u16 = 72;
const HEAD: usize = 9;

/// What was typed into the form for a guest who is there already: it becomes changes of that guest.
#[derive(Clone, Debug)]
pub struct Typed {
    /// Groups that the guest shall be in.
    pub add: Vec<Named<GroupId>>,
    /// Groups that the guest shall leave.
    pub remove: Vec<Named<GroupId>>,
    /// The end of access; `None` leaves it, and `Some(None)` takes it away.
    pub ends_at: Option<Option<Timestamp>>,
    /// Name and contact.
    pub details: Details,
    /// The name that was typed and is not taken along; `None` where it is the guest's.
    pub other_name: Option<String>,
    /// Whether a card is written.
    pub card: bool,
    /// The job that is given up when this starts.
    pub replaces: Option<JobId>,
}

/// The state: for whom, which of the possible works, on which encoder.
#[derive(Clone, Debug)]
pub struct State {
    user: UserId,
    // What was typed into the form that asks by this plan; `None` for a plan of its own.
    typed: Option<Box<Typed>>,
    chosen: usize,
    encoder: Option<EncoderId>,
    // The work that was shown when data last came in, and what was said to have changed.
    shown: Option<(CardWork, Vec<String>)>,
    before: Before,
}

impl State {
    /// The plan for a user, on the desk encoder.
    pub fn new(user: UserId, ctx: &Ctx) -> Self {
        Self::open(user, None, ctx.desk_encoder.clone(), ctx)
    }

    /// The plan for a user with what was typed into the form, which stays below until it starts.
    pub fn from_form(user: UserId, typed: Typed, encoder: Option<EncoderId>, ctx: &Ctx) -> Self {
        Self::open(user, Some(Box::new(typed)), encoder, ctx)
    }

    fn open(user: UserId, typed: Option<Box<Typed>>, encoder: Option<EncoderId>, ctx: &Ctx) -> Self {
        let mut state = Self { user, typed, chosen: 0, encoder, shown: None, before: Before::default() };
        state.before.fill(&state.user, ctx);
        state.shown = Some((state.card_work(ctx), Vec::new()));
        state
    }

    /// What the plan must ask for, so that it shows the truth of this moment.
    pub fn questions(&self, ctx: &Ctx) -> Vec<Query> {
        let mut queries = vec![Query::User(self.user.clone())];
        let typed = self.typed.iter().flat_map(|typed| typed.add.iter().map(|group| &group.id));
        for group in ctx.directory.groups_of(&self.user).into_iter().flatten().chain(typed) {
            if let Some(row) = ctx.directory.group(group) {
                if row.room().is_some() {
                    queries.push(Query::UsersOf(group.clone()));
                }
                if row.entrances().loaded().is_none() {
                    queries.push(Query::EntrancesOf(group.clone()));
                }
            }
        }
        queries
    }

    fn works(&self, ctx: &Ctx) -> Vec<CardWork> {
        match &self.typed {
            Some(typed) if !typed.card => vec![CardWork::None],
            _ => choices(ctx.directory.card_of(&self.user)),
        }
    }

    // What is marked for the guest, and what was typed into the form as far as it differs.
    fn changes(&self, ctx: &Ctx, person: &Person) -> Changes {
        let mut changes = ctx.staged.changes(&self.user, &ctx.directory);
        let Some(typed) = &self.typed else { return changes };
        let groups = ctx.directory.groups_of(&self.user);
        let is_in = |group: &GroupId| groups.is_some_and(|groups| groups.contains(group));
        let is_knowing = ctx.directory.membership_load(&self.user) == &Remote::Loaded(());
        changes.remove.retain(|group| typed.add.iter().all(|wanted| wanted.id != group.id));
        for group in typed.remove.iter().filter(|group| is_in(&group.id) || !is_knowing) {
            if changes.remove.iter().all(|there| there.id != group.id) {
                changes.remove.push(group.clone());
            }
        }
        for group in typed.add.iter().filter(|group| !is_in(&group.id)) {
            if changes.add.iter().all(|there| there.id != group.id) {
                changes.add.push(group.clone());
            }
        }
        let user = person.user();
        changes.schedule = typed
            .ends_at
            .filter(|ends_at| EndsAt::from(*ends_at) != user.will_end_at())
            .map(|ends_at| Schedule { starts_at: None, ends_at });
        let theirs = Identity::of_user(user);
        let differs =
            |phone: Option<&str>, email: Option<&str>| !theirs.has_same_contact(&Identity::new("", phone, email));
        let wished = &typed.details;
        let details = Details {
            full_name: wished.full_name.clone().filter(|name| name != user.name()),
            phone_number: wished.phone_number.clone().filter(|phone| differs(Some(phone), None)),
            email_address: wished.email_address.clone().filter(|email| differs(None, Some(email))),
        };
        changes.details = (details != Details::default()).then_some(details);
        // Who comes back with new dates is let in again.
        changes.access = (user.is_suspended && changes.schedule.is_some()).then_some(AccessChange::Unsuspend);
        changes
    }

    fn card_work(&self, ctx: &Ctx) -> CardWork {
        let works = self.works(ctx);
        works.get(self.chosen).or_else(|| works.first()).cloned().unwrap_or(CardWork::New)
    }

    fn plan(&self, ctx: &Ctx, person: &Person) -> Plan {
        let wish = Wish {
            guest: Guest::Existing(Named { id: self.user.clone(), name: person.user().name().to_owned() }),
            changes: self.changes(ctx, person),
            card: self.card_work(ctx),
            encoder: self.encoder.as_ref().and_then(|id| ctx.encoder(id)),
        };
        plan::plan(&ctx.directory, wish)
    }
}

pub(super) fn update(state: &mut State, msg: Msg, ctx: &Ctx) -> Vec<Out> {
    let works = state.works(ctx).len();
    match msg {
        Msg::Key(key) => match dialog_key(key) {
            Some(DialogKey::Leave) => vec![Out::Close],
            Some(DialogKey::Move(step)) => {
                state.chosen = step.apply(state.chosen, works, works);
                state.shown = Some((state.card_work(ctx), state.before.changes(&state.user, ctx)));
                Vec::new()
            }
            Some(DialogKey::OtherEncoder) if ctx.encoders().len() > 1 && state.card_work(ctx).writes() => {
                let who = ctx.directory.user(&state.user).map(|person| person.user().name().to_owned());
                let who = who.unwrap_or_default();
                vec![Out::Open(Dialog::Pick(pick::State::new(state.encoder.clone(), &who, ctx)))]
            }
            Some(DialogKey::Do) if can_start(state, ctx) => {
                ctx.directory.user(&state.user).map(|person| start(state, ctx, person)).unwrap_or_default()
            }
            _ => Vec::new(),
        },
        Msg::Picked(encoder) => {
            state.encoder = Some(encoder);
            Vec::new()
        }
        Msg::Refresh => {
            state.chosen = state.chosen.min(works.saturating_sub(1));
            if ctx.directory.user(&state.user).is_none() {
                return vec![Out::Close];
            }
            // Data that came in changed what Enter would start.
            state.before.fill(&state.user, ctx);
            let now = (state.card_work(ctx), state.before.changes(&state.user, ctx));
            let changed = state.shown.replace(now.clone()).is_some_and(|shown| shown != now);
            if changed { vec![Out::Changed] } else { Vec::new() }
        }
        Msg::Paste(_) | Msg::Reply(_) => Vec::new(),
    }
}

fn can_start(state: &State, ctx: &Ctx) -> bool {
    let encoder = state.encoder.as_ref().and_then(|id| ctx.encoder(id));
    let has_card = card_state(&ctx.directory, &state.user) != CardState::Unknown && encoder.is_some();
    // What differs from what was typed is only known with the groups.
    let is_reading = matches!(ctx.directory.membership_load(&state.user), Remote::NotAsked | Remote::Loading);
    (has_card || !state.card_work(ctx).writes()) && (state.typed.is_none() || !is_reading)
}

fn start(state: &State, ctx: &Ctx, person: &Person) -> Vec<Out> {
    let order = Box::new(state.plan(ctx, person).order);
    let Some(typed) = &state.typed else { return vec![Out::Start(order)] };
    let select = Out::Select(state.user.clone());
    if order.steps().is_empty() {
        // All of it is so already.
        return vec![Out::Close, Out::Answer(vec![select])];
    }
    let start = match typed.replaces {
        Some(job) => Out::StartInstead(job, order),
        None => Out::Start(order),
    };
    // The form gives the order, so that it comes back when that is not taken.
    vec![Out::Close, Out::Answer(vec![start, select])]
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let Some(person) = ctx.directory.user(&state.user) else { return };
    let theme = ctx.theme();
    let cells = usize::from(WIDTH.min(area.width)).saturating_sub(HEAD + 7);
    let mut shown = vec![Line::default()];
    shown.extend(works_lines(state, ctx, cells + HEAD + 1));
    shown.push(Line::default());
    for (head, text, role) in lines(state, ctx, person, ctx.at) {
        for (at, part) in wrap(&text, cells).into_iter().enumerate() {
            let head = if at == 0 { head } else { "" };
            shown.push(Line::from(vec![
                Span::styled(format!("  {}  ", pad(head, HEAD, "")), theme.style(Role::Dim)),
                Span::styled(part, theme.style(role)),
            ]));
        }
    }
    shown.push(Line::default());
    for mut line in key_lines(&keys(state, ctx), cells + HEAD + 2, theme) {
        line.spans.insert(0, Span::raw("  "));
        shown.push(line);
    }
    let height = u16::try_from(shown.len()).unwrap_or(u16::MAX).saturating_add(3);
    let inner = dialog(frame, centered(area, WIDTH, height), theme, Role::Accent, &words::title(person.user().name()));
    // The keys are never cut off: where there is little room, the first lines go.
    let skip = shown.len().saturating_sub(usize::from(inner.height));
    frame.render_widget(Paragraph::new(shown.split_off(skip)), inner);
}

fn works_lines(state: &State, ctx: &Ctx, cells: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme();
    if card_state(&ctx.directory, &state.user) == CardState::Unknown && state.card_work(ctx).writes() {
        return vec![Line::styled(format!("  {}", words::CREDENTIALS_LOADING), theme.style(Role::Warning))];
    }
    let works = state.works(ctx);
    let current = state.card_work(ctx);
    let is_changed = ctx.directory.user(&state.user).is_some_and(|person| !state.changes(ctx, person).is_empty());
    let guest_state = guest_state(&ctx.directory, &state.user, ctx.at);
    let mut lines = Vec::new();
    for work in &works {
        let chosen = *work == current;
        let row =
            choice_lines(&[words::kind(work).to_owned()], (chosen && works.len() > 1).then_some(0), cells, 1, theme);
        let style = if chosen { theme.bold(Role::Accent) } else { theme.style(Role::Dim) };
        lines.extend(row.into_iter().map(|line| line.style(style)));
        if chosen {
            let help = wrap(words::kind_help(work, guest_state, is_changed), cells);
            lines.extend(help.into_iter().map(|line| Line::from(format!("    {line}"))));
        }
    }
    lines
}

fn lines(state: &State, ctx: &Ctx, person: &Person, now: Timestamp) -> Vec<(&'static str, String, Role)> {
    let Plan { order, facts } = state.plan(ctx, person);
    let between = format!(" {} ", ctx.theme().glyph(Glyph::Between));
    let mut lines = Vec::new();
    let names = |groups: &[Named<_>]| groups.iter().map(|group: &Named<_>| group.name.clone()).collect::<Vec<_>>();
    if !order.add.is_empty() || !order.remove.is_empty() {
        let mut first = Vec::new();
        if !order.add.is_empty() {
            first.push(words::adds(&names(&order.add)));
        }
        if !order.remove.is_empty() {
            first.push(words::removes(&names(&order.remove)));
        }
        first.extend(order.card.writes().then(|| words::THEN_WRITE.to_owned()));
        lines.push((head::FIRST, first.join(", "), Role::Warning));
    }
    if let Some(details) = &order.details {
        let new = [&details.full_name, &details.phone_number, &details.email_address];
        let new: Vec<&str> = new.into_iter().flatten().map(String::as_str).collect();
        lines.push((head::SAVES, new.join(", "), Role::Warning));
    }
    if let Some(name) = state.typed.as_ref().and_then(|typed| typed.other_name.as_ref()) {
        lines.push((head::NOTE, words::name_stays(person.user().name(), name), Role::Warning));
    }
    let leaves_room =
        order.remove.iter().any(|group| ctx.directory.group(&group.id).is_some_and(|row| row.room().is_some()));
    if leaves_room && facts.groups_known && facts.rooms.is_empty() {
        lines.push((head::NOTE, words::NO_ROOM_LEFT.to_owned(), Role::Bad));
    }
    if !facts.groups_known {
        lines.push((head::OPENS, words::READING_GROUPS.to_owned(), Role::Dim));
    } else if facts.groups.is_empty() {
        lines.push((head::OPENS, words::OPENS_NOTHING.to_owned(), Role::Warning));
    } else {
        let mut opens = vec![facts.groups.join(", ")];
        opens.extend(facts.doors.map(words::door_count));
        lines.push((head::OPENS, opens.join(&between), Role::Plain));
    }
    let mates = plan::room_mates(&ctx.directory, &facts, Some(&state.user), now);
    if !mates.is_empty() {
        lines.push((head::ROOM, words::room_mates(&mates, facts.rooms.len() > 1), Role::Plain));
    }
    if let Some(typed) = &state.typed {
        let is_typed = |group: &GroupId| typed.add.iter().chain(&order.remove).any(|named| named.id == *group);
        let mut stays: Vec<&str> = ctx
            .directory
            .groups_of(&state.user)
            .into_iter()
            .flatten()
            .filter(|group| !is_typed(group))
            .filter_map(|group| ctx.directory.group(group)?.room())
            .collect();
        stays.sort_unstable();
        if !stays.is_empty() {
            lines.push((head::NOTE, words::also_in_room(&stays.join(", ")), Role::Warning));
        }
    }
    let mut until = time::end(facts.until, ctx.zone(), now);
    if order.schedule.is_some() {
        until = words::end_changes(&until, &time::end(person.user().ends_at(), ctx.zone(), now));
    }
    let ended = facts.until.is_over(now);
    lines.push((head::UNTIL, until, if ended { Role::Bad } else { Role::Plain }));
    if let (CardWork::Replace(_), Some(card)) = (&order.card, ctx.directory.card_of(&state.user)) {
        lines.push((head::STOPS, words::old_stops(card.card_number.as_deref()), Role::Warning));
    }
    if let Some(encoder) = state.encoder.as_ref().and_then(|id| ctx.encoder(id)).filter(|_| order.card.writes()) {
        // Which card belongs there follows from the guest's cards: nothing is said before they are read.
        if card_state(&ctx.directory, &state.user) != CardState::Unknown {
            lines.push((head::CARD, words::which_card(order.card.takes_own_card(), &encoder.name()), Role::Strong));
        }
        if let Some(job) = ctx.jobs.on_encoder(&encoder.acs_encoder_id) {
            lines.push((head::NOTE, words::waits_for(&encoder.name(), job.who()), Role::Warning));
        }
    }
    if order.card.writes() && state.encoder.as_ref().and_then(|id| ctx.encoder(id)).is_none() {
        lines.push((head::CARD, words::ENCODER_GONE.to_owned(), Role::Bad));
    }
    if let Some(word) = ctx.called_written(&state.user) {
        let when = time::moment(word.at, ctx.zone(), now);
        lines.push((head::NOTE, words::called_written_by(&word.by, &when), Role::Warning));
    }
    if person.user().is_suspended {
        let (said, role) = if order.access == Some(AccessChange::Unsuspend) {
            (words::LET_IN_AGAIN, Role::Warning)
        } else {
            (words::SUSPENDED, Role::Bad)
        };
        lines.push((head::NOTE, said.to_owned(), role));
    }
    if ended {
        lines.push((head::NOTE, words::ENDED.to_owned(), Role::Bad));
    }
    for changes in state.before.changes(&state.user, ctx) {
        lines.push((head::NOTE, changes, Role::Warning));
    }
    let card = ctx.directory.card_of(&state.user);
    if card.is_some_and(|card| has_ended(card, now)) {
        lines.push((head::NOTE, words::CARD_ENDED.to_owned(), Role::Bad));
    }
    let card_errors = card.into_iter().flat_map(|card| &card.errors);
    let card_warnings = card.into_iter().flat_map(|card| &card.warnings);
    for error in person.user().errors.iter().chain(card_errors) {
        lines.push((head::NOTE, errors::notice(error).to_string(), Role::Bad));
    }
    for warning in person.user().warnings.iter().chain(card_warnings).filter(|warning| is_to_be_told(warning)) {
        lines.push((head::NOTE, errors::notice(warning).to_string(), Role::Warning));
    }
    lines
}

pub(super) fn keys(state: &State, ctx: &Ctx) -> Vec<KeyHint> {
    let mut hints = Vec::new();
    if can_start(state, ctx) {
        hints.push(KeyHint::new("Enter", key_words::START));
    }
    if state.works(ctx).len() > 1 {
        hints.push(KeyHint::new("Up Down", key_words::CHOOSE));
    }
    if ctx.encoders().len() > 1 && state.card_work(ctx).writes() {
        hints.push(KeyHint::new("Tab", key_words::ENCODER));
    }
    hints.push(KeyHint::new("Esc", key_words::CLOSE));
    hints
}
