//! Users: the list of guests with room and card, and its search.

use std::collections::HashSet;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Msg, Out, look, with_age};
use crate::component::ctx::Ctx;
use crate::component::field::Field;
use crate::domain::directory::Remote;
use crate::domain::directory::people::Slot;
use crate::domain::directory::person::Person;
use crate::domain::directory::search::{groups_to_ask, search};
use crate::domain::guest_state::{GuestState, guest_state, next_end};
use crate::domain::query::Query;
use crate::keys::PaneId;
use crate::keys::key::{Key, KeyCode};
use crate::seam::types::{EndsAt, GroupId, UserId};
use crate::ui::frame::{self, pane, sentence};
use crate::ui::list::{Move, Window};
use crate::ui::text::{pad, pad_left, width};
use crate::ui::theme::{Glyph, Role};
use crate::words::panes as words;
use crate::words::panes::row;
use crate::words::time;

/// Which user is under the cursor, what is searched, and how far the list is scrolled.
#[derive(Debug, Default)]
pub struct State {
    // `None` until the first row is there, and again with every change of the search: then the best hit is taken.
    cursor: Option<Cursor>,
    window: Window,
    height: usize,
    search: Option<Search>,
}

/// The user under the cursor. Only a person takes it to another one: who leaves the list, by a search that does not fit
/// any more or because the server has the user no more, keeps a row until then.
#[derive(Debug)]
struct Cursor {
    user: UserId,
    // The name in the row; empty while the user was never listed.
    name: String,
    // Where the row stood when it was last listed.
    place: usize,
}

impl Cursor {
    fn new(user: UserId) -> Self {
        Self { user, name: String::new(), place: 0 }
    }
}

/// A row of the list.
enum Row {
    Listed(Slot),
    // The user under the cursor, who is not among those that are listed.
    Kept,
}

#[derive(Debug, Default)]
struct Search {
    field: Field,
    typing: bool,
    hits: Vec<Slot>,
    // Groups whose users this search asked for: an answer that fails is not asked for at each key and each page.
    asked_for: HashSet<GroupId>,
}

impl State {
    /// The user under the cursor, also one who is kept though the search does not fit; `None` while there is none, and
    /// after the user was deleted.
    pub fn selected<'a>(&'a self, ctx: &Ctx) -> Option<&'a UserId> {
        self.cursor.as_ref().map(|cursor| &cursor.user).filter(|user| ctx.directory.user(user).is_some())
    }

    /// The name of the user under the cursor, when the server has that user no more.
    pub fn gone(&self, ctx: &Ctx) -> Option<&str> {
        let cursor = self.cursor.as_ref().filter(|cursor| !cursor.name.is_empty())?;
        ctx.directory.user(&cursor.user).is_none().then_some(&cursor.name)
    }

    /// The users whose rows are shown.
    pub fn shown(&self, ctx: &Ctx) -> Vec<UserId> {
        let listed = |row| if let Row::Listed(slot) = row { ctx.directory.user_in(slot) } else { None };
        let rows = self.rows(ctx, self.window.top).take(self.height);
        rows.filter_map(listed).map(|person| person.user().acs_user_id.clone()).collect()
    }

    /// When what a row in sight says of an end turns by itself; `None` when none does.
    pub fn next_end(&self, ctx: &Ctx) -> Option<Timestamp> {
        let shown = self.shown(ctx);
        let users = shown.iter().chain(self.selected(ctx));
        users.filter_map(|user| next_end(&ctx.directory, user, ctx.at)).min()
    }

    /// The name that was searched for and not found.
    pub fn name_not_found(&self) -> Option<String> {
        let search = self.search.as_ref()?;
        let text = search.field.text().trim();
        let is_name = text.chars().all(|c| !c.is_ascii_digit() && c != '@');
        (search.hits.is_empty() && is_name).then(|| text.to_owned())
    }

    /// Whether the search field takes the keys.
    pub fn is_typing(&self) -> bool {
        self.search.as_ref().is_some_and(|search| search.typing)
    }

    /// Whether only the hits of a search are listed, also after its typing has ended.
    pub fn is_searching(&self) -> bool {
        self.search.is_some()
    }

    fn listed<'a>(&'a self, ctx: &'a Ctx) -> &'a [Slot] {
        self.search.as_ref().map_or_else(|| ctx.directory.users(), |search| &search.hits)
    }

    // Without a search the place is found by binary search; a search has few rows or is short-lived.
    fn listed_at(&self, ctx: &Ctx) -> Option<usize> {
        let user = &self.cursor.as_ref()?.user;
        match &self.search {
            None => ctx.directory.place_of(user),
            Some(search) => {
                let slot = ctx.directory.slot_of(user)?;
                search.hits.iter().position(|hit| *hit == slot)
            }
        }
    }

    // Where the row stands that is kept for the user under the cursor.
    fn kept_at(&self, ctx: &Ctx) -> Option<usize> {
        let cursor = self.cursor.as_ref().filter(|cursor| !cursor.name.is_empty())?;
        self.listed_at(ctx).is_none().then(|| cursor.place.min(self.listed(ctx).len()))
    }

    fn cursor_row(&self, ctx: &Ctx) -> usize {
        self.listed_at(ctx).or_else(|| self.kept_at(ctx)).unwrap_or(0)
    }

    fn row_count(&self, ctx: &Ctx) -> usize {
        self.listed(ctx).len() + usize::from(self.kept_at(ctx).is_some())
    }

    fn rows<'a>(&'a self, ctx: &'a Ctx, from: usize) -> impl Iterator<Item = Row> + 'a {
        let kept = self.kept_at(ctx);
        let listed = self.listed(ctx);
        (from..self.row_count(ctx)).map(move |at| match kept {
            Some(kept) if at == kept => Row::Kept,
            Some(kept) if at > kept => Row::Listed(listed[at - 1]),
            _ => Row::Listed(listed[at]),
        })
    }

    fn move_to(&mut self, row: usize, ctx: &Ctx) {
        let Some(Row::Listed(slot)) = self.rows(ctx, row).next() else { return };
        self.cursor = ctx.directory.user_in(slot).map(|person| Cursor::new(person.user().acs_user_id.clone()));
    }

    // Nobody was chosen: the first is, once the order of the list is certain. From then on the cursor stays.
    fn choose_first(&mut self, ctx: &Ctx) {
        let is_loading = matches!(ctx.directory.users_load(), Remote::NotAsked | Remote::Loading);
        if self.cursor.is_none() && (self.search.is_some() || !is_loading) {
            self.move_to(0, ctx);
        }
    }

    fn follow(&mut self, ctx: &Ctx) {
        self.choose_first(ctx);
        let place = self.listed_at(ctx);
        if let (Some(cursor), Some(place)) = (&mut self.cursor, place) {
            cursor.place = place;
            if let Some(person) = ctx.directory.user(&cursor.user)
                && cursor.name != person.reception_name()
            {
                person.reception_name().clone_into(&mut cursor.name);
            }
        }
        let (row, count) = (self.cursor_row(ctx), self.row_count(ctx));
        self.window.follow(row, count, self.height);
    }

    fn find(&mut self, ctx: &Ctx) -> Vec<Out> {
        let Some(search_now) = &mut self.search else { return Vec::new() };
        search_now.hits = search(&ctx.directory, search_now.field.text());
        let is_failed =
            |group: &GroupId| ctx.directory.group(group).is_some_and(|row| matches!(row.users(), Remote::Failed(_)));
        groups_to_ask(&ctx.directory, search_now.field.text())
            .into_iter()
            .filter(|group| search_now.asked_for.insert(group.clone()) || !is_failed(group))
            .map(|group| Out::Fetch(Query::UsersOf(group)))
            .collect()
    }

    fn search_key(&mut self, key: Key, ctx: &Ctx) -> Vec<Out> {
        let Some(search_now) = &mut self.search else { return Vec::new() };
        match key.code {
            KeyCode::Esc => {
                self.search = None;
                Vec::new()
            }
            KeyCode::Enter | KeyCode::Tab => {
                search_now.typing = false;
                if search_now.field.is_blank() {
                    self.search = None;
                }
                Vec::new()
            }
            KeyCode::Up => self.move_cursor(Move::Up, ctx),
            KeyCode::Down => self.move_cursor(Move::Down, ctx),
            KeyCode::PageUp => self.move_cursor(Move::PageUp, ctx),
            KeyCode::PageDown => self.move_cursor(Move::PageDown, ctx),
            KeyCode::Backspace if search_now.field.text().is_empty() => {
                self.search = None;
                Vec::new()
            }
            _ => {
                let before = search_now.field.text().to_owned();
                search_now.field.key(key);
                if search_now.field.text() == before {
                    return Vec::new();
                }
                // Every other text has another best hit, and the cursor stands on that.
                self.cursor = None;
                self.find(ctx)
            }
        }
    }

    fn move_cursor(&mut self, step: Move, ctx: &Ctx) -> Vec<Out> {
        let row = step.apply(self.cursor_row(ctx), self.row_count(ctx), self.height);
        // Whom nobody chose is chosen by the first step, not passed over.
        self.move_to(if self.cursor.is_none() && step == Move::Down { 0 } else { row }, ctx);
        Vec::new()
    }
}

pub(super) fn update(state: &mut State, msg: Msg, ctx: &Ctx) -> Vec<Out> {
    let out = match msg {
        Msg::Move(step) => state.move_cursor(step, ctx),
        Msg::Search => {
            let found = state.search.get_or_insert_with(Search::default);
            found.typing = true;
            state.find(ctx)
        }
        Msg::ClearSearch => {
            state.search = None;
            Vec::new()
        }
        Msg::Key(key) => state.search_key(key, ctx),
        Msg::Paste(text) => {
            if let Some(search) = &mut state.search {
                search.field.paste(&text);
                state.cursor = None;
            }
            state.find(ctx)
        }
        Msg::Refresh => state.find(ctx),
        Msg::Size(_, height) => {
            // The line of the search takes one row.
            state.height = height.saturating_sub(usize::from(state.search.is_some()));
            Vec::new()
        }
        Msg::SelectUser(user) => {
            state.search = None;
            state.cursor = Some(Cursor::new(user));
            Vec::new()
        }
        Msg::Toggle | Msg::Choose => Vec::new(),
    };
    state.follow(ctx);
    out
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect, focused: bool) {
    let theme = ctx.theme();
    let directory = &ctx.directory;
    let title = PaneId::Users.title();
    let inner = pane(frame, area, theme, focused, &title, &with_age(ctx, ctx.ages.users, title_note(state, ctx)));
    let mut list = inner;
    if let Some(search) = &state.search {
        let line = Rect { height: 1, ..inner };
        let mark = Rect { width: 2.min(line.width), ..line };
        frame.render_widget(Span::styled("/", theme.bold(Role::Accent)), mark);
        let field = Rect { x: line.x + mark.width, width: line.width - mark.width, ..line };
        search.field.view(frame, field, theme.field(search.typing && focused), search.typing && focused);
        if search.field.text().is_empty() {
            let hint = Rect { x: field.x + 2.min(field.width), width: field.width.saturating_sub(2), ..field };
            let style = theme.field(search.typing && focused);
            frame.render_widget(Span::styled(words::USERS.search, style), hint);
        }
        list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    }
    if state.row_count(ctx) == 0 {
        let (said, role) = empty(state, ctx);
        sentence(frame, list, &said, theme.style(role));
        return;
    }
    let under_cursor = state.cursor.as_ref().map(|cursor| &cursor.user);
    for (line, row) in (list.y..list.bottom()).zip(state.rows(ctx, state.window.top)) {
        let area = Rect { y: line, height: 1, ..list };
        let person = match row {
            Row::Listed(slot) => directory.user_in(slot),
            Row::Kept => under_cursor.and_then(|user| directory.user(user)),
        };
        match (person, &state.cursor) {
            (Some(person), _) => {
                let has_cursor = under_cursor == Some(&person.user().acs_user_id);
                view_row(ctx, frame, area, person, has_cursor.then_some(focused), matches!(row, Row::Kept));
            }
            (None, Some(cursor)) => view_gone(ctx, frame, area, &cursor.name, focused),
            (None, None) => {}
        }
    }
}

fn title_note(state: &State, ctx: &Ctx) -> String {
    let all = ctx.directory.users().len();
    if let Some(search) = &state.search {
        return words::some_of(search.hits.len(), all);
    }
    match ctx.directory.users_load() {
        Remote::Loading if all > 0 => words::still_loading(all),
        Remote::Failed(_) if all > 0 => words::broken_off(all),
        Remote::NotAsked | Remote::Loading | Remote::Failed(_) => String::new(),
        Remote::Loaded(()) => match ctx.directory.sweep() {
            (done, groups) if done < groups => {
                format!("{} {} {}", words::sweep(done, groups), ctx.theme().glyph(Glyph::Between), words::number(all))
            }
            _ => words::number(all),
        },
    }
}

fn empty(state: &State, ctx: &Ctx) -> (String, Role) {
    if let Remote::Failed(trouble) = ctx.directory.system() {
        return (words::system_trouble(trouble), Role::Bad);
    }
    match (ctx.directory.users_load(), &state.search) {
        (Remote::Failed(error), _) => (words::failed(error), Role::Bad),
        (Remote::NotAsked | Remote::Loading, _) => (words::USERS.loading.to_owned(), Role::Dim),
        (Remote::Loaded(()), Some(search)) => (words::nothing_found(search.field.text()), Role::Plain),
        (Remote::Loaded(()), None) => (words::USERS.empty.to_owned(), Role::Plain),
    }
}

/// A glyph, a space and a word.
const STATE_CELLS: usize = 15;
/// The end of the stay.
const UNTIL_CELLS: usize = 9;
/// From so many cells on a row says when the stay ends.
const WIDE: usize = 58;

/// How many cells each part of a row has, by the width of the list.
struct Columns {
    indent: usize,
    name: usize,
    rooms: usize,
    has_until: bool,
}

impl Columns {
    fn new(cells: usize) -> Self {
        let (indent, rooms, until) = match cells {
            WIDE.. => (2, 8, UNTIL_CELLS + 1),
            38.. => (1, 7, 0),
            _ => (1, 5, 0),
        };
        // One blank before the rooms, one before the state.
        let name = cells.saturating_sub(indent + 1 + rooms + until + 1 + STATE_CELLS);
        Self { indent, name, rooms, has_until: cells >= WIDE }
    }
}

// The row of a guest whom the server has no more: nothing can be done for that one, and for nobody else by mistake.
fn view_gone(ctx: &Ctx, frame: &mut Frame, area: Rect, name: &str, focused: bool) {
    let theme = ctx.theme();
    let (cells, ellipsis) = (usize::from(area.width), theme.glyph(Glyph::Ellipsis));
    let Columns { indent, .. } = Columns::new(cells);
    let name = pad(name, cells.saturating_sub(indent + 1 + STATE_CELLS), ellipsis);
    let line = Line::from(vec![
        Span::raw(pad(theme.glyph(Glyph::Kept), indent, "")),
        Span::styled(format!("{name} "), theme.style(Role::Dim)),
        Span::styled(format!("{} ", theme.glyph(Glyph::Cross)), theme.style(Role::Bad)),
        Span::styled(pad(row::GONE, STATE_CELLS - 2, ellipsis), theme.style(Role::Bad)),
    ]);
    frame::row(frame, area, theme, line, Some(focused));
}

fn view_row(ctx: &Ctx, frame: &mut Frame, area: Rect, person: &Person, cursor: Option<bool>, is_kept: bool) {
    let theme = ctx.theme();
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let (glyph, role, said) = row_state(ctx, person);
    let columns = Columns::new(usize::from(area.width));
    let rooms = rooms_cell(&ctx.directory.rooms_of(&person.user().acs_user_id), columns.rooms);
    let word_role = if role == Role::Good { Role::Plain } else { role };
    let kept = if is_kept { theme.glyph(Glyph::Kept) } else { "" };
    let mut spans = vec![
        Span::raw(pad(kept, columns.indent, "")),
        Span::styled(format!("{} ", pad(person.reception_name(), columns.name, ellipsis)), theme.style(Role::Plain)),
        Span::styled(format!("{} ", pad_left(&rooms, columns.rooms, ellipsis)), theme.style(Role::Plain)),
    ];
    if columns.has_until {
        let (until, role) = until_cell(ctx, person.user().ends_at());
        spans.push(Span::styled(format!("{} ", pad_left(&until, UNTIL_CELLS, ellipsis)), theme.style(role)));
    }
    spans.push(Span::styled(format!("{} ", theme.glyph(glyph)), theme.style(role)));
    spans.push(Span::styled(pad(said, STATE_CELLS - 2, ellipsis), theme.style(word_role)));
    frame::row(frame, area, theme, Line::from(spans), cursor);
}

// As many rooms as fit, each whole, and how many more there are: "204 310", "204 +2".
fn rooms_cell(rooms: &[&str], cells: usize) -> String {
    let [first, ..] = rooms else { return String::new() };
    let with_rest = |shown: usize, gap: &str| match rooms.len() - shown {
        0 => rooms.join(" "),
        more => format!("{}{gap}+{more}", rooms[..shown].join(" ")),
    };
    let mut ways = (1..=rooms.len()).rev().map(|shown| with_rest(shown, " ")).chain([with_rest(1, "")]);
    ways.find(|text| width(text) <= cells).unwrap_or_else(|| (*first).to_owned())
}

// The end of a stay: dim at the usual hour, so that any other stands out.
fn until_cell(ctx: &Ctx, end: EndsAt) -> (String, Role) {
    let usual = ctx.settings.check_out;
    let text = time::short_end(end, ctx.zone(), ctx.at, usual);
    let role = match end {
        _ if end.is_over(ctx.at) => Role::Bad,
        EndsAt::NotKnown => Role::Warning,
        EndsAt::At(at) if at.to_zoned_datetime(ctx.zone().clone()).time() != usual => Role::Strong,
        EndsAt::At(_) | EndsAt::Never => Role::Dim,
    };
    (text, role)
}

fn row_state(ctx: &Ctx, person: &Person) -> (Glyph, Role, &'static str) {
    let user = person.user();
    if let Some(job) = ctx.jobs.of_user(&user.acs_user_id).filter(|job| !job.lifecycle().needs_nobody()) {
        if let Some(unrecorded) = &job.unrecorded {
            return if unrecorded.is_failing {
                (Glyph::Attention, Role::Warning, row::NOT_RECORDED)
            } else {
                (Glyph::Ok, Role::Good, row::WRITTEN)
            };
        }
        return match (job.asks().is_some(), job.order.card.writes()) {
            (true, _) => (Glyph::Attention, Role::Warning, row::NEEDS_YOU),
            (false, false) => (Glyph::Working, Role::Accent, row::SAVING),
            (false, true) => (Glyph::Working, Role::Accent, row::IN_WORK),
        };
    }
    if ctx.jobs.elsewhere_of_user(&user.acs_user_id).is_some() {
        return (Glyph::Working, Role::Accent, row::ELSEWHERE);
    }
    if ctx.staged.has(&user.acs_user_id) {
        return (Glyph::Plus, Role::Warning, row::NOT_SAVED);
    }
    let state = guest_state(&ctx.directory, &user.acs_user_id, ctx.at);
    let (glyph, role) = look(state);
    let is_called_written = state == GuestState::ToBeWritten && ctx.called_written(&user.acs_user_id).is_some();
    (glyph, role, if is_called_written { row::CALLED_WRITTEN } else { row::state(state) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rooms_are_shown_or_counted_and_one_at_least_is_whole() {
        for (rooms, cells, said) in [
            (&[][..], 7, ""),
            (&["204"], 7, "204"),
            (&["204", "310"], 7, "204 310"),
            (&["204", "310"], 5, "204+1"),
            (&["204", "310", "311"], 7, "204 +2"),
            (&["204", "310", "311"], 8, "204 +2"),
            (&["9", "10", "11", "12"], 8, "9 10 +2"),
            (&["1204", "1310"], 8, "1204 +1"),
            (&["Villa Rosa"], 8, "Villa Rosa"),
        ] {
            assert_eq!(rooms_cell(rooms, cells), said, "{rooms:?} in {cells}");
        }
    }
}
