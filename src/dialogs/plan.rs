//! The plan of a card: everything in plain words before it starts.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Dialog, Msg, Out, pick};
use crate::component::ctx::Ctx;
use crate::domain::directory::person::Person;
use crate::domain::job::order::{CardWork, Guest, Named};
use crate::domain::plan::{self, CardState, Plan, Wish, card_state, choices};
use crate::domain::query::Query;
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::seam::types::{EncoderId, UserId};
use crate::ui::choices::choice_lines;
use crate::ui::frame::{KeyHint, dialog, key_lines};
use crate::ui::layout::centered;
use crate::ui::text::{pad, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::card::{head, keys as key_words};
use crate::words::{card as words, errors, time};

const WIDTH: u16 = 72;
const HEAD: usize = 9;

/// The state: for whom, which of the possible works, on which encoder.
#[derive(Clone, Debug)]
pub struct State {
    user: UserId,
    chosen: usize,
    encoder: Option<EncoderId>,
    // The work that was shown when data last came in.
    shown: Option<CardWork>,
}

impl State {
    /// The plan for a user, on the desk encoder.
    pub fn new(user: UserId, ctx: &Ctx) -> Self {
        let mut state = Self { user, chosen: 0, encoder: ctx.desk_encoder.clone(), shown: None };
        state.shown = Some(state.card_work(ctx));
        state
    }

    /// What the plan must ask for, so that it shows the truth of this moment.
    pub fn questions(&self, ctx: &Ctx) -> Vec<Query> {
        let mut queries = vec![Query::User(self.user.clone())];
        for group in ctx.directory.groups_of(&self.user).into_iter().flatten() {
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
        choices(ctx.directory.card_of(&self.user))
    }

    fn card_work(&self, ctx: &Ctx) -> CardWork {
        let works = self.works(ctx);
        works.get(self.chosen).or_else(|| works.first()).cloned().unwrap_or(CardWork::New)
    }

    fn plan(&self, ctx: &Ctx, person: &Person) -> Plan {
        let wish = Wish {
            guest: Guest::Existing(Named { id: self.user.clone(), name: person.user().name().to_owned() }),
            changes: ctx.staged.changes(&self.user, &ctx.directory),
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
                state.shown = Some(state.card_work(ctx));
                Vec::new()
            }
            Some(DialogKey::OtherEncoder) if ctx.encoders().len() > 1 => {
                vec![Out::Open(Dialog::Pick(pick::State::new(state.encoder.clone(), ctx)))]
            }
            Some(DialogKey::Do) if can_start(state, ctx) => {
                let person = ctx.directory.user(&state.user);
                person.map(|person| Out::Start(Box::new(state.plan(ctx, person).order))).into_iter().collect()
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
            let work = state.card_work(ctx);
            let changed = state.shown.replace(work.clone()).is_some_and(|shown| shown != work);
            if changed { vec![Out::Changed] } else { Vec::new() }
        }
        Msg::Paste(_) | Msg::Reply(_) => Vec::new(),
    }
}

fn can_start(state: &State, ctx: &Ctx) -> bool {
    let encoder = state.encoder.as_ref().and_then(|id| ctx.encoder(id));
    card_state(&ctx.directory, &state.user) != CardState::Unknown && encoder.is_some()
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
    if card_state(&ctx.directory, &state.user) == CardState::Unknown {
        return vec![Line::styled(format!("  {}", words::CREDENTIALS_LOADING), theme.style(Role::Warning))];
    }
    let works = state.works(ctx);
    let current = state.card_work(ctx);
    let is_current = card_state(&ctx.directory, &state.user) == CardState::Ok && !ctx.staged.has(&state.user);
    let mut lines = Vec::new();
    for work in &works {
        let chosen = *work == current;
        let row =
            choice_lines(&[words::kind(work).to_owned()], (chosen && works.len() > 1).then_some(0), cells, 1, theme);
        let style = if chosen { theme.bold(Role::Accent) } else { theme.style(Role::Dim) };
        lines.extend(row.into_iter().map(|line| line.style(style)));
        if chosen {
            let help = wrap(words::kind_help(work, is_current), cells);
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
        first.push(words::THEN_WRITE.to_owned());
        lines.push((head::FIRST, first.join(", "), Role::Warning));
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
    if !facts.room_mates.is_empty() {
        lines.push((head::ROOM, words::room_mates(&facts.room_mates), Role::Plain));
    }
    let until = time::end(facts.until, ctx.zone(), now);
    let ended = facts.until.is_some_and(|end| end <= now);
    lines.push((head::UNTIL, until, if ended { Role::Bad } else { Role::Plain }));
    if let (CardWork::Replace(_), Some(card)) = (&order.card, ctx.directory.card_of(&state.user)) {
        lines.push((head::STOPS, words::old_stops(card.card_number.as_deref()), Role::Warning));
    }
    if let Some(encoder) = state.encoder.as_ref().and_then(|id| ctx.encoder(id)) {
        // Which card belongs there follows from the guest's cards: nothing is said before they are read.
        if card_state(&ctx.directory, &state.user) != CardState::Unknown {
            lines.push((head::CARD, words::which_card(order.card.takes_own_card(), &encoder.name()), Role::Strong));
        }
        if let Some(job) = ctx.jobs.on_encoder(&encoder.acs_encoder_id) {
            lines.push((head::NOTE, words::waits_for(&encoder.name(), job.who()), Role::Warning));
        }
    }
    if state.encoder.as_ref().and_then(|id| ctx.encoder(id)).is_none() {
        lines.push((head::CARD, words::ENCODER_GONE.to_owned(), Role::Bad));
    }
    if let Some(word) = ctx.called_written(&state.user) {
        let when = time::moment(word.at, ctx.zone(), now);
        lines.push((head::NOTE, words::called_written_by(&word.by, &when), Role::Warning));
    }
    if person.user().is_suspended {
        lines.push((head::NOTE, words::SUSPENDED.to_owned(), Role::Bad));
    }
    if ended {
        lines.push((head::NOTE, words::ENDED.to_owned(), Role::Bad));
    }
    for error in &person.user().errors {
        lines.push((head::NOTE, errors::notice(error).to_string(), Role::Bad));
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
    if ctx.encoders().len() > 1 {
        hints.push(KeyHint::new("Tab", key_words::ENCODER));
    }
    hints.push(KeyHint::new("Esc", key_words::CLOSE));
    hints
}
