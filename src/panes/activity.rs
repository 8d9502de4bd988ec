//! Activity: what happened at this desk, newest first.

use std::collections::VecDeque;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Msg, Out};
use crate::component::activity_entry::ActivityEntry;
use crate::component::ctx::Ctx;
use crate::keys::PaneId;
use crate::ui::frame::{pane, row};
use crate::ui::list::Window;
use crate::ui::text::fit;
use crate::ui::theme::{Glyph, Role};
use crate::words::panes as words;
use crate::words::time;

/// Entries that are kept; older ones are dropped.
const KEPT: usize = 500;

/// The entries, newest first, and which is under the cursor.
#[derive(Debug, Default)]
pub struct State {
    entries: VecDeque<ActivityEntry>,
    /// Where the cursor is, from the newest on; it stays on its entry when a newer one comes, but for the newest.
    cursor: usize,
    window: Window,
    height: usize,
}

impl State {
    /// Adds the newest entry.
    pub fn add(&mut self, entry: ActivityEntry) {
        self.entries.push_front(entry);
        self.entries.truncate(KEPT);
        if self.cursor > 0 {
            self.cursor = (self.cursor + 1).min(self.entries.len() - 1);
            self.window.follow(self.cursor, self.entries.len(), self.height);
        }
    }

    /// What the newest entry says.
    pub fn newest(&self) -> Option<&String> {
        self.entries.front().map(|entry| &entry.text)
    }
}

pub(super) fn update(state: &mut State, msg: &Msg) -> Vec<Out> {
    match msg {
        Msg::Size(_, height) => state.height = *height,
        Msg::Move(step) => state.cursor = step.apply(state.cursor, state.entries.len(), state.height),
        Msg::Choose => {
            let entry = state.entries.get(state.cursor).cloned();
            return entry.map(|entry| Out::OpenEntry(Box::new(entry))).into_iter().collect();
        }
        _ => {}
    }
    state.window.follow(state.cursor, state.entries.len(), state.height);
    Vec::new()
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect, focused: bool) {
    let theme = ctx.theme();
    let title = PaneId::Activity.title();
    let inner = pane(frame, area, theme, focused, &title, "");
    if state.entries.is_empty() {
        let line = Line::styled(format!(" {}", words::ACTIVITY.empty), theme.style(Role::Dim));
        frame.render_widget(Paragraph::new(line), inner);
        return;
    }
    let cells = usize::from(inner.width.saturating_sub(13));
    for (y, (at, entry)) in (inner.y..inner.bottom()).zip(state.entries.iter().enumerate().skip(state.window.top)) {
        let line = Line::from(vec![
            Span::styled(format!(" {} ", time::clock(entry.at, ctx.zone())), theme.style(Role::Dim)),
            Span::styled(format!("{} ", theme.glyph(entry.glyph)), theme.style(entry.role)),
            Span::raw(fit(&entry.text, cells, theme.glyph(Glyph::Ellipsis)).into_owned()),
        ]);
        let cursor = (at == state.cursor && focused).then_some(true);
        row(frame, Rect { y, height: 1, ..inner }, theme, line, cursor);
    }
}
