//! Activity: what happened at this desk, newest first.

use std::collections::VecDeque;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Msg, Out};
use crate::component::ctx::Ctx;
use crate::keys::PaneId;
use crate::ui::frame::pane;
use crate::ui::list::Window;
use crate::ui::text::fit;
use crate::ui::theme::{Glyph, Role};
use crate::words::panes as words;
use crate::words::time;

/// Entries that are kept; older ones are dropped.
const KEPT: usize = 500;

/// Something that happened, as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityEntry {
    /// When it happened, by the clock of this PC.
    pub at: Timestamp,
    /// The mark that stands before the text.
    pub glyph: Glyph,
    /// The role whose colour the mark has.
    pub role: Role,
    /// What happened, in one sentence without the hour.
    pub text: String,
}

/// The entries, newest first, and how far the list is scrolled.
#[derive(Debug, Default)]
pub struct State {
    entries: VecDeque<ActivityEntry>,
    window: Window,
    height: usize,
}

impl State {
    /// Adds the newest entry.
    pub fn add(&mut self, entry: ActivityEntry) {
        self.entries.push_front(entry);
        self.entries.truncate(KEPT);
    }
}

pub(super) fn update(state: &mut State, msg: &Msg) -> Vec<Out> {
    match msg {
        Msg::Size(_, height) => state.height = *height,
        Msg::Move(step) => {
            let last = state.entries.len().saturating_sub(state.height);
            state.window.top = step.apply(state.window.top, last + 1, state.height);
        }
        _ => {}
    }
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
    let lines: Vec<Line> = state
        .entries
        .iter()
        .skip(state.window.top)
        .take(usize::from(inner.height))
        .map(|entry| {
            Line::from(vec![
                Span::styled(format!(" {} ", time::clock(entry.at, ctx.zone())), theme.style(Role::Dim)),
                Span::styled(format!("{} ", theme.glyph(entry.glyph)), theme.style(entry.role)),
                Span::raw(fit(&entry.text, cells, theme.glyph(Glyph::Ellipsis)).into_owned()),
            ])
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}
