//! Check-out of a room with everyone in it, or of one user: who leaves, and what becomes of each, before it is done.

use std::collections::HashMap;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::confirm::{self, answer};
use super::{Dialog, Msg, Out};
use crate::component::ctx::Ctx;
use crate::domain::check_out::{CheckOutKind, CheckOutRow, Hold, Leaving, Outcome, rows};
use crate::domain::directory::Remote;
use crate::domain::job::order::{BatchId, Order};
use crate::domain::query::Query;
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::seam::types::{EndsAt, GroupId, UserId};
use crate::ui::block::block;
use crate::ui::frame::{KeyHint, dialog, key_line, row};
use crate::ui::layout::centered;
use crate::ui::list::Window;
use crate::ui::text::pad;
use crate::ui::theme::{Glyph, Role};
use crate::words::card::keys as key_words;
use crate::words::{check_out as words, time};

const WIDTH: u16 = 88;

/// Cells of a card's number: the last digits tell it apart.
const CARD_CELLS: usize = 6;

/// The rows of the block, and those below it.
const BLOCK_ROWS: u16 = 4;

/// Who was asked about, and what was ticked so far.
#[derive(Debug)]
pub struct State {
    // The user who was selected; the rooms that can be checked out are this user's.
    user: UserId,
    room: Option<GroupId>,
    batch: BatchId,
    // What a person ticked or unticked; everyone else is ticked by rule.
    ticks: HashMap<UserId, bool>,
    cards_only: bool,
    cursor: usize,
}

impl State {
    /// The check-out of a user's room, or of the user where there is none. Orders will have this batch id.
    pub fn new(user: UserId, batch: BatchId, ctx: &Ctx) -> Self {
        let room = rooms_of(&user, ctx).into_iter().next();
        Self { user, room, batch, ticks: HashMap::new(), cards_only: false, cursor: 0 }
    }

    /// What must be read, so that the dialog shows the truth of this moment.
    pub fn questions(&self, ctx: &Ctx) -> Vec<Query> {
        let mut queries: Vec<Query> = self.room.iter().cloned().map(Query::UsersOf).collect();
        queries.push(Query::User(self.user.clone()));
        queries
            .extend(self.rows(ctx).into_iter().map(|row| row.user.id).filter(|id| *id != self.user).map(Query::User));
        queries
    }

    fn leaving(&self) -> Leaving {
        self.room.clone().map_or_else(|| Leaving::User(self.user.clone()), Leaving::Room)
    }

    fn rows(&self, ctx: &Ctx) -> Vec<CheckOutRow> {
        rows(&ctx.directory, &self.leaving(), ctx.at, ctx.settings.guard_doors)
    }

    fn is_ticked(&self, row: &CheckOutRow) -> bool {
        self.ticks.get(&row.user.id).copied().unwrap_or(row.hold.is_none())
    }

    fn outcome(&self, row: &CheckOutRow, ctx: &Ctx) -> Outcome {
        row.outcome(ctx.settings.check_out_kind, self.is_ticked(row), self.cards_only)
    }

    fn orders(&self, ctx: &Ctx) -> Vec<Order> {
        let room = self.room.as_ref().and_then(|room| ctx.directory.group(room)?.room().map(str::to_owned));
        let order = |row: &CheckOutRow| {
            let order = row.order(self.outcome(row, ctx), self.batch)?;
            Some(Order { room: room.clone(), ..order })
        };
        self.rows(ctx).iter().filter_map(order).collect()
    }

    /// How many written cards end with it.
    fn cards(&self, ctx: &Ctx) -> usize {
        let ends = |row: &&CheckOutRow| {
            row.has_written_card
                && matches!(self.outcome(row, ctx), Outcome::CardCancelled | Outcome::Suspended | Outcome::Deleted)
        };
        self.rows(ctx).iter().filter(ends).count()
    }

    fn name(&self, ctx: &Ctx) -> String {
        let room = self.room.as_ref().and_then(|room| ctx.directory.group(room));
        match room {
            Some(row) => row.group().name().to_owned(),
            None => ctx.directory.user(&self.user).map_or_else(String::new, |person| person.user().name().to_owned()),
        }
    }
}

// The groups of rooms that a user is in, in their order.
fn rooms_of(user: &UserId, ctx: &Ctx) -> Vec<GroupId> {
    let Some(groups) = ctx.directory.groups_of(user) else { return Vec::new() };
    let rooms = ctx.directory.groups().iter().filter(|row| row.room().is_some());
    rooms.map(|row| row.group().acs_access_group_id.clone()).filter(|id| groups.contains(id)).collect()
}

pub(super) fn update(state: &mut State, msg: &Msg, ctx: &Ctx) -> Vec<Out> {
    let rows = state.rows(ctx);
    // The last row is the tick for cards only.
    let places = rows.len() + 1;
    state.cursor = state.cursor.min(places - 1);
    let Msg::Key(key) = msg else {
        let is_gone = state.room.is_none() && ctx.directory.user(&state.user).is_none();
        return if is_gone { vec![Out::Close] } else { Vec::new() };
    };
    match dialog_key(*key) {
        Some(DialogKey::Leave) => vec![Out::Close],
        Some(DialogKey::Move(step)) => {
            state.cursor = step.apply(state.cursor, places, places);
            Vec::new()
        }
        Some(DialogKey::Tick) => {
            match rows.get(state.cursor) {
                Some(row) => {
                    let ticked = state.is_ticked(row);
                    state.ticks.insert(row.user.id.clone(), !ticked);
                }
                None => state.cards_only = !state.cards_only,
            }
            Vec::new()
        }
        // Tab goes on: to the next of the guest's rooms.
        Some(DialogKey::OtherEncoder) => {
            let rooms = rooms_of(&state.user, ctx);
            let at = rooms.iter().position(|room| Some(room) == state.room.as_ref());
            if let Some(next) = at.and_then(|at| rooms.get((at + 1) % rooms.len())).filter(|_| rooms.len() > 1) {
                state.room = Some(next.clone());
                state.ticks.clear();
                state.cursor = 0;
                return state.questions(ctx).into_iter().map(Out::Fetch).collect();
            }
            Vec::new()
        }
        Some(DialogKey::Do) => check_out(state, &rows, ctx),
        _ => Vec::new(),
    }
}

fn check_out(state: &State, rows: &[CheckOutRow], ctx: &Ctx) -> Vec<Out> {
    let orders = state.orders(ctx);
    if orders.is_empty() {
        return Vec::new();
    }
    let asked: Vec<String> = rows
        .iter()
        .filter(|row| state.is_ticked(row) && row.hold.as_ref().is_some_and(Hold::asks_by_name))
        .map(|row| row.user.name.clone())
        .collect();
    let start = Out::StartBatch(orders, words::begun(&state.name(ctx), state.cards(ctx)));
    if asked.is_empty() {
        return vec![start];
    }
    let answers = vec![answer(words::DO_NOT, Vec::new()), answer(words::DO_IT, vec![start])];
    let title = words::title(&state.name(ctx));
    vec![Out::Open(Dialog::Confirm(confirm::State::new(title, words::is_that_meant(&asked), answers)))]
}

// What becomes of someone, or why not.
fn said_of(state: &State, row: &CheckOutRow, ctx: &Ctx) -> (String, Role) {
    let outcome = state.outcome(row, ctx);
    if outcome != Outcome::Stays {
        return (words::outcome(outcome, row.card.is_some(), row.has_mobile_key), Role::Plain);
    }
    let day = |at: Timestamp| time::moment(at, ctx.zone(), ctx.at);
    let said = match &row.hold {
        Some(Hold::AlsoIn(rooms, until)) => words::also_in(rooms, &time::until(*until, ctx.zone(), ctx.at)),
        Some(Hold::ArrivesAt(at)) => words::arrives(&day(*at)),
        Some(Hold::NoRoom) => words::NO_ROOM.to_owned(),
        Some(Hold::ManyDoors(doors)) => words::many_doors(*doors),
        Some(Hold::NotKnown) => words::NOT_KNOWN.to_owned(),
        None => return (words::outcome(outcome, false, false), Role::Dim),
    };
    (said, Role::Warning)
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let rows = state.rows(ctx);
    let listed = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    // Frame, head, tick for cards only, block, note and keys, with what keeps them apart.
    let height = listed.saturating_add(BLOCK_ROWS + 10);
    let inner = dialog(frame, centered(area, WIDTH, height), theme, Role::Accent, &words::title(&state.name(ctx)));
    let cells = usize::from(inner.width.saturating_sub(2));
    let line = |y: u16| Rect { x: inner.x + 1, y, width: inner.width.saturating_sub(2), height: 1 }.intersection(inner);
    let name_cells = (cells * 3 / 10).max(12);
    let tick = |on: bool| if on { format!("[{}]", theme.glyph(Glyph::Check)) } else { "[ ]".to_owned() };
    let below = BLOCK_ROWS + 5;
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(below + 1), ..inner };
    let mut window = Window::default();
    window.follow(state.cursor, rows.len() + 1, usize::from(list.height));
    for (y, at) in (list.y..list.bottom()).zip(window.top..=rows.len()) {
        let cursor = (at == state.cursor).then_some(true);
        let Some(one) = rows.get(at) else {
            let text =
                Line::styled(format!(" {} {}", tick(state.cards_only), words::CARDS_ONLY), theme.style(Role::Dim));
            row(frame, line(y), theme, text, cursor);
            continue;
        };
        let (said, role) = said_of(state, one, ctx);
        let number = one.card.as_ref().and_then(|(_, number)| number.as_deref()).map(last_digits).unwrap_or_default();
        let name_role = if state.is_ticked(one) { Role::Strong } else { Role::Dim };
        let said_cells = cells.saturating_sub(name_cells + CARD_CELLS + 7);
        let text = Line::from(vec![
            Span::styled(format!(" {} ", tick(state.is_ticked(one))), theme.style(name_role)),
            Span::styled(format!("{} ", pad(&one.listed_name, name_cells, ellipsis)), theme.style(name_role)),
            Span::styled(format!("{} ", pad(&number, CARD_CELLS, ellipsis)), theme.style(Role::Dim)),
            Span::styled(pad(&said, said_cells, ellipsis), theme.style(role)),
        ]);
        row(frame, line(y), theme, text, cursor);
    }
    let foot = inner.bottom().saturating_sub(below);
    let place = Rect { x: inner.x + 1, y: foot, width: inner.width.saturating_sub(2), height: BLOCK_ROWS };
    let (role, large, small) = block_words(state, &rows, ctx);
    block(frame, place.intersection(inner), theme, role, &large, &small);
    let note = match ctx.settings.check_out_kind {
        _ if state.cards_only => "",
        CheckOutKind::Suspend => words::SUSPENDED_COMES_BACK,
        CheckOutKind::Delete => words::DELETED_STAYS_DELETED,
        CheckOutKind::Card => "",
    };
    let note = Line::styled(format!(" {note}"), theme.style(Role::Dim));
    frame.render_widget(note, line(foot + BLOCK_ROWS + 1));
    let mut keys = key_line(&keys(state, ctx), cells, theme);
    keys.spans.insert(0, Span::raw(" "));
    frame.render_widget(keys, line(foot + BLOCK_ROWS + 3));
}

// The end of a card's number, which tells it from others.
fn last_digits(number: &str) -> String {
    let skip = number.chars().count().saturating_sub(4);
    if skip == 0 { number.to_owned() } else { format!("…{}", number.chars().skip(skip).collect::<String>()) }
}

fn block_words(state: &State, rows: &[CheckOutRow], ctx: &Ctx) -> (Role, String, String) {
    if rows.is_empty() {
        let is_read = state
            .room
            .as_ref()
            .and_then(|room| ctx.directory.group(room))
            .is_some_and(|row| matches!(row.users(), Remote::Loaded(_)));
        return (Role::Accent, if is_read { words::NOBODY_THERE } else { words::READING }.to_owned(), String::new());
    }
    let leaving: Vec<&CheckOutRow> =
        rows.iter().filter(|row| !matches!(state.outcome(row, ctx), Outcome::Stays | Outcome::NoCard)).collect();
    if leaving.is_empty() {
        return (Role::Accent, words::NOBODY.to_owned(), words::TICK_SOMEBODY.to_owned());
    }
    let cards = state.cards(ctx);
    if cards == 0 {
        return (Role::Accent, words::collect(0), String::new());
    }
    let ends: Vec<EndsAt> = leaving.iter().filter(|row| row.has_written_card).map(|row| row.until).collect();
    let below = if ends.iter().all(|end| end.is_over(ctx.at)) {
        words::GOOD_AS_BLANK.to_owned()
    } else {
        // Of several the latest counts; an end that is not there, or not known, is none that could be named.
        let last = ends.iter().map(|end| end.at()).reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b))).flatten();
        words::doors_that_hear_nothing(last.map(|end| time::moment(end, ctx.zone(), ctx.at)).as_deref())
    };
    (Role::Warning, words::collect(cards), below)
}

pub(super) fn keys(state: &State, ctx: &Ctx) -> Vec<KeyHint> {
    let mut keys = Vec::new();
    let orders = state.orders(ctx).len();
    if orders > 0 {
        keys.push(KeyHint::new("Enter", words::check_out_some(orders)));
    }
    keys.push(KeyHint::new("Space", words::TICK));
    if rooms_of(&state.user, ctx).len() > 1 {
        keys.push(KeyHint::new("Tab", words::OTHER_ROOM));
    }
    keys.push(KeyHint::new("Esc", key_words::CLOSE));
    keys
}
