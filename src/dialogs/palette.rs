//! Every action by name, found by a few letters.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Msg, Out};
use crate::component::ctx::Ctx;
use crate::component::field::Field;
use crate::domain::search_form::search_form;
use crate::keys::PaneId;
use crate::keys::action::{ACTIONS, Action, ActionRow, WhyNot, shown_key};
use crate::keys::key::KeyCode;
use crate::ui::frame::{KeyHint, dialog, row};
use crate::ui::layout::centered;
use crate::ui::list::{Move, Window};
use crate::ui::text::pad;
use crate::ui::theme::{Glyph, Role};
use crate::words::help as words;

const HEIGHT: u16 = 18;

/// Says whether an action can be done in a pane, with a search on or not, and if not, why.
pub type Available = fn(Action, &Ctx, PaneId, bool) -> Result<(), WhyNot>;

/// The state: what is typed and which action is chosen.
#[derive(Clone, Debug)]
pub struct State {
    pane: PaneId,
    is_searching: bool,
    available: Available,
    field: Field,
    cursor: usize,
    window: Window,
}

impl State {
    /// The palette, opened from this pane.
    pub fn new(pane: PaneId, is_searching: bool, available: Available) -> Self {
        Self { pane, is_searching, available, field: Field::default(), cursor: 0, window: Window::default() }
    }

    // What can be done here and now stands first, what is called so before what is only meant. What can't be done here
    // and has no reason to tell isn't listed at all.
    fn rows(&self, ctx: &Ctx) -> Vec<(&'static ActionRow, Result<(), WhyNot>)> {
        let wanted = search_form(self.field.text());
        let mut rows = Vec::new();
        for row in ACTIONS {
            if matches!(row.action, Action::Move(_) | Action::QuitIfIdle | Action::Palette) {
                continue;
            }
            let can = (self.available)(row.action, ctx, self.pane, self.is_searching);
            let is_practice = matches!(row.action, Action::FailNext(_) | Action::SucceedNext);
            if can == Err(None) || is_practice && !ctx.is_sandbox() {
                continue;
            }
            let (name, synonyms) = (search_form(row.words.name), search_form(row.words.synonyms));
            let is_called = |word: &str| name.contains(word);
            let is_meant = |word: &str| synonyms.split_whitespace().any(|synonym| synonym.starts_with(word));
            let is_all_called = wanted.split_whitespace().all(is_called);
            if is_all_called || wanted.split_whitespace().all(|word| is_called(word) || is_meant(word)) {
                rows.push((can.is_err(), !is_all_called, row, can));
            }
        }
        rows.sort_by_key(|(is_not_now, is_meant, ..)| (*is_not_now, *is_meant));
        rows.into_iter().map(|(.., row, can)| (row, can)).collect()
    }
}

pub(super) fn update(state: &mut State, msg: Msg, ctx: &Ctx) -> Vec<Out> {
    let rows = state.rows(ctx);
    let height = usize::from(HEIGHT - 4);
    match msg {
        Msg::Key(key) => match key.code {
            KeyCode::Esc => return vec![Out::Close],
            KeyCode::Enter => {
                return match rows.get(state.cursor) {
                    Some((action, _)) => vec![Out::Do(action.action)],
                    None => Vec::new(),
                };
            }
            KeyCode::Up => state.cursor = Move::Up.apply(state.cursor, rows.len(), height),
            KeyCode::Down => state.cursor = Move::Down.apply(state.cursor, rows.len(), height),
            KeyCode::PageUp => state.cursor = Move::PageUp.apply(state.cursor, rows.len(), height),
            KeyCode::PageDown => state.cursor = Move::PageDown.apply(state.cursor, rows.len(), height),
            _ => {
                if state.field.key(key) {
                    state.cursor = 0;
                }
            }
        },
        Msg::Paste(text) => state.field.paste(&text),
        Msg::Refresh | Msg::Picked(_) | Msg::Reply(_) => {}
    }
    let len = state.rows(ctx).len();
    state.cursor = state.cursor.min(len.saturating_sub(1));
    state.window.follow(state.cursor, len, height);
    Vec::new()
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let inner = dialog(frame, centered(area, 70, HEIGHT), theme, Role::Accent, words::PALETTE);
    if inner.height < 3 || inner.width < 12 {
        return;
    }
    let line = Rect { x: inner.x + 1, width: inner.width - 2, height: 1, ..inner };
    state.field.view(frame, line, theme.field(true), true);
    if state.field.text().is_empty() {
        let hint = Rect { x: line.x + 2, width: line.width - 2, ..line };
        frame.render_widget(Span::styled(words::TYPE, theme.field(true)), hint);
    }
    let list = Rect { y: inner.y + 2, height: inner.height - 2, ..inner };
    let rows = state.rows(ctx);
    if rows.is_empty() {
        frame.render_widget(Line::styled(format!("  {}", words::NOTHING), theme.style(Role::Dim)), list);
        return;
    }
    let cells = usize::from(list.width);
    let mut window = state.window;
    window.follow(state.cursor, rows.len(), usize::from(list.height));
    for (y, (at, (action, can))) in (list.y..list.bottom()).zip(rows.iter().enumerate().skip(window.top)) {
        let key = pad(&shown_key(action, state.pane), 10, ellipsis);
        let (text, role) = match can {
            Ok(()) => (action.words.name.to_owned(), Role::Plain),
            Err(Some(why)) => (format!("{}: {why}", action.words.name), Role::Dim),
            Err(None) => (action.words.name.to_owned(), Role::Dim),
        };
        let line = Line::from(vec![
            Span::styled(format!("  {key}"), theme.style(Role::Strong)),
            Span::styled(pad(&text, cells.saturating_sub(13), ellipsis), theme.style(role)),
        ]);
        let place = Rect { y, height: 1, ..list };
        row(frame, place, theme, line, (at == state.cursor).then_some(true));
    }
}

pub(super) fn keys() -> Vec<KeyHint> {
    vec![KeyHint::new("Enter", words::DO), KeyHint::new("Esc", words::CLOSE)]
}
