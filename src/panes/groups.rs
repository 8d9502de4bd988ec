//! Access groups: which the selected user is in, and which are staged in or out.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Msg, Out, with_age};
use crate::component::ctx::Ctx;
use crate::component::field::Field;
use crate::domain::directory::{GroupRow, Remote};
use crate::domain::room::room_key;
use crate::domain::search_form::search_form;
use crate::keys::PaneId;
use crate::keys::key::{Key, KeyCode};
use crate::seam::types::{GroupId, UserId};
use crate::ui::frame::{self, pane, sentence};
use crate::ui::list::{Move, Window};
use crate::ui::text::{fit, pad, width};
use crate::ui::theme::{Glyph, Role};
use crate::words::panes as words;

/// Which group is under the cursor, what is searched, and how far the list is scrolled.
#[derive(Debug, Default)]
pub struct State {
    cursor: Option<GroupId>,
    // Whose groups the cursor stands in: another user begins at the top.
    user: Option<UserId>,
    window: Window,
    height: usize,
    search: Option<Field>,
    typing: bool,
}

impl State {
    /// Whether the search field takes the keys.
    pub fn is_typing(&self) -> bool {
        self.typing
    }

    /// Whether only the hits of a search are listed, also after its typing has ended.
    pub fn is_searching(&self) -> bool {
        self.search.is_some()
    }

    // Groups that the user is in come first; staging moves no row, so that the cursor stays where the eye is.
    fn rows<'a>(&self, ctx: &'a Ctx) -> Vec<&'a GroupRow> {
        let Some(user) = &ctx.selected else { return Vec::new() };
        let wanted = self.search.as_ref().map(|field| (search_form(field.text()), room_key(field.text())));
        let fits = |row: &&GroupRow| match &wanted {
            Some((text, key)) => {
                row.is_like(key) || text.split_whitespace().all(|word| row.folded_name().contains(word))
            }
            None => true,
        };
        let (mut members, others): (Vec<&GroupRow>, Vec<&GroupRow>) = ctx
            .directory
            .groups()
            .iter()
            .filter(fits)
            .partition(|row| ctx.directory.is_member(user, row) == Some(true));
        members.sort_by_key(|row| row.room().is_none());
        members.extend(others);
        members
    }

    // Where the cursor stands; `None` when its group is not listed (any more): then none is under the finger.
    fn cursor_row(&self, rows: &[&GroupRow]) -> Option<usize> {
        let cursor = self.cursor.as_ref()?;
        rows.iter().position(|row| row.group().acs_access_group_id == *cursor)
    }

    fn search_key(&mut self, key: Key, ctx: &Ctx) {
        let Some(field) = &mut self.search else { return };
        match key.code {
            KeyCode::Esc => self.clear(),
            KeyCode::Enter | KeyCode::Tab => self.typing = false,
            KeyCode::Up => self.move_cursor(Move::Up, ctx),
            KeyCode::Down => self.move_cursor(Move::Down, ctx),
            KeyCode::Backspace if field.text().is_empty() => self.clear(),
            _ => {
                if field.key(key) {
                    self.cursor = None;
                }
            }
        }
    }

    // The group that was found stays under the cursor.
    fn clear(&mut self) {
        self.search = None;
        self.typing = false;
    }

    fn move_cursor(&mut self, step: Move, ctx: &Ctx) {
        let rows = self.rows(ctx);
        let place = step.apply(self.cursor_row(&rows).unwrap_or(0), rows.len(), self.height);
        self.cursor = rows.get(place).map(|row| row.group().acs_access_group_id.clone());
    }
}

pub(super) fn update(state: &mut State, msg: Msg, ctx: &Ctx) -> Vec<Out> {
    let mut out = Vec::new();
    // While nobody is selected the search goes on: what is being typed must not become commands.
    if ctx.selected.is_some() && state.user != ctx.selected {
        *state = State { user: ctx.selected.clone(), height: state.height, ..State::default() };
    }
    match msg {
        Msg::Move(step) => state.move_cursor(step, ctx),
        Msg::Search => {
            state.search.get_or_insert_with(Field::default);
            state.typing = true;
        }
        Msg::ClearSearch => state.clear(),
        Msg::Key(key) => state.search_key(key, ctx),
        Msg::Paste(text) => {
            if let Some(field) = &mut state.search {
                field.paste(&text);
                state.cursor = None;
            }
        }
        Msg::Toggle => {
            let is_listed = state.cursor_row(&state.rows(ctx)).is_some();
            out.extend(state.cursor.clone().filter(|_| is_listed).map(Out::Stage));
        }
        Msg::Size(_, height) => state.height = height,
        Msg::Refresh | Msg::Choose | Msg::SelectUser(_) => {}
    }
    let rows = state.rows(ctx);
    // The first group is taken once it is certain which that is, and stays under the cursor wherever it moves.
    let is_known = ctx.selected.as_ref().is_some_and(|user| ctx.directory.membership_load(user).loaded().is_some());
    if state.cursor.is_none() && is_known {
        state.cursor = rows.first().map(|row| row.group().acs_access_group_id.clone());
    }
    let place = state.cursor_row(&rows).unwrap_or(0);
    // The line of the search takes one row.
    let shown = state.height.saturating_sub(usize::from(state.search.is_some()));
    state.window.follow(place, rows.len(), shown);
    out
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect, focused: bool) {
    let theme = ctx.theme();
    let title = PaneId::Groups.title();
    let inner =
        pane(frame, area, theme, focused, &title, &with_age(ctx, ctx.ages.guest.or(ctx.ages.groups), title_note(ctx)));
    let mut list = inner;
    if let Some(field) = &state.search {
        let line = Rect { height: 1, ..inner };
        let mark = Rect { width: 2.min(line.width), ..line };
        frame.render_widget(Span::styled("/", theme.bold(Role::Accent)), mark);
        let place = Rect { x: line.x + mark.width, width: line.width - mark.width, ..line };
        field.view(frame, place, theme.field(state.typing && focused), state.typing && focused);
        list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    }
    let rows = state.rows(ctx);
    if rows.is_empty() {
        let (said, role) = empty(state, ctx);
        sentence(frame, list, &said, theme.style(role));
        return;
    }
    let place = state.cursor_row(&rows);
    for (line, (at, row)) in (list.y..list.bottom()).zip(rows.iter().enumerate().skip(state.window.top)) {
        let place_of_row = Rect { y: line, height: 1, ..list };
        view_row(ctx, frame, place_of_row, row, (place == Some(at)).then_some(focused));
    }
}

fn title_note(ctx: &Ctx) -> String {
    let Some(user) = &ctx.selected else { return String::new() };
    let all = ctx.directory.groups().len();
    match ctx.directory.membership_load(user) {
        Remote::Loaded(()) => {
            let known = |group: &&GroupId| ctx.directory.group(group).is_some();
            let mine = ctx.directory.groups_of(user).map_or(0, |groups| groups.iter().filter(known).count());
            words::some_of(mine, all)
        }
        Remote::NotAsked | Remote::Loading => words::READING_MEMBERSHIP.to_owned(),
        Remote::Failed(_) => words::MEMBERSHIP_FAILED.to_owned(),
    }
}

fn empty(state: &State, ctx: &Ctx) -> (String, Role) {
    if ctx.selected_is_gone {
        return (words::GUEST_IS_GONE.to_owned(), Role::Warning);
    }
    match (ctx.directory.groups_load(), &ctx.selected, &state.search) {
        (Remote::Failed(error), ..) => (words::failed(error), Role::Bad),
        (Remote::NotAsked | Remote::Loading, ..) if ctx.directory.system().loaded().is_some() => {
            (words::GROUPS.loading.to_owned(), Role::Dim)
        }
        (_, _, Some(field)) => (words::no_group_found(field.text()), Role::Plain),
        (Remote::Loaded(()), _, None) if ctx.directory.groups().is_empty() => {
            (words::GROUPS.empty.to_owned(), Role::Plain)
        }
        _ if matches!(ctx.directory.system(), Remote::Failed(_)) => (words::GROUPS.waiting.to_owned(), Role::Dim),
        _ => (words::CHOOSE_A_GUEST.to_owned(), Role::Dim),
    }
}

fn view_row(ctx: &Ctx, frame: &mut Frame, area: Rect, row: &GroupRow, cursor: Option<bool>) {
    let theme = ctx.theme();
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let id = &row.group().acs_access_group_id;
    let is_member = ctx.selected.as_ref().and_then(|user| ctx.directory.is_member(user, row));
    let staged = ctx.selected.as_ref().and_then(|user| ctx.staged.change_of(user, id));
    let (glyph, role, note) = match (is_member, staged) {
        (_, Some(true)) => (Glyph::Plus, Role::Warning, words::NOT_SAVED),
        (_, Some(false)) => (Glyph::Minus, Role::Warning, words::LEAVES),
        (Some(true), None) => (Glyph::Check, Role::Good, ""),
        (_, None) => (Glyph::Dot, Role::Dim, ""),
    };
    let note = match row.group().errors.first() {
        Some(_) if note.is_empty() => words::row::TROUBLE,
        _ => note,
    };
    let name_role = if role == Role::Good { Role::Plain } else { role };
    let cells = usize::from(area.width);
    let doors = row.entrances().loaded().map_or_else(String::new, |entrances| words::entrances(entrances.len()));
    let name_cells = cells.saturating_sub(3 + 14 + 18).max(16).min(cells.saturating_sub(4));
    let rest = cells.saturating_sub(4 + name_cells);
    let tail = if note.is_empty() {
        fit(&doors, rest, ellipsis).into_owned()
    } else {
        let doors = if rest > width(note) + 14 { pad(&doors, 14, ellipsis) } else { String::new() };
        format!("{doors}{note}")
    };
    let tail_role = if note.is_empty() { Role::Dim } else { Role::Warning };
    let line = Line::from(vec![
        Span::styled(format!(" {} ", theme.glyph(glyph)), theme.style(role)),
        Span::styled(format!("{} ", pad(row.group().name(), name_cells, ellipsis)), theme.style(name_role)),
        Span::styled(pad(&tail, rest, ellipsis), theme.style(tail_role)),
    ]);
    frame::row(frame, area, theme, line, cursor);
}
