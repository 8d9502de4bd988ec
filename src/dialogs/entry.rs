//! An entry of the activity, whole: with its time, and as many lines as it needs.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::{Msg, Out};
use crate::component::activity_entry::ActivityEntry;
use crate::component::ctx::Ctx;
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::ui::frame::{KeyHint, dialog};
use crate::ui::layout::centered;
use crate::ui::text::wrap;
use crate::words::{help as words, time};

const WIDTH: u16 = 70;

/// The state: the entry that is shown, and how far it is scrolled.
#[derive(Clone, Debug)]
pub struct State {
    entry: ActivityEntry,
    top: usize,
}

impl State {
    /// This entry, from its first line on.
    pub fn new(entry: ActivityEntry) -> Self {
        Self { entry, top: 0 }
    }

    fn lines(&self) -> Vec<String> {
        wrap(&self.entry.text, usize::from(WIDTH) - 6)
    }
}

pub(super) fn update(state: &mut State, msg: &Msg) -> Vec<Out> {
    let Msg::Key(key) = msg else { return Vec::new() };
    match dialog_key(*key) {
        Some(DialogKey::Leave | DialogKey::Do) => return vec![Out::Close],
        Some(DialogKey::Move(step)) => state.top = step.apply(state.top, state.lines().len(), 5),
        _ => {}
    }
    Vec::new()
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let cells = usize::from(WIDTH.min(area.width)).saturating_sub(6);
    let lines = wrap(&state.entry.text, cells);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let title = time::clock(state.entry.at, ctx.zone());
    let inner = dialog(frame, centered(area, WIDTH, height), theme, state.entry.role, &title);
    let text = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }.intersection(inner);
    // The last lines stay in sight.
    let top = state.top.min(lines.len().saturating_sub(usize::from(text.height)));
    let lines: Vec<Line> = lines.into_iter().skip(top).map(|line| Line::from(format!("  {line}"))).collect();
    frame.render_widget(Paragraph::new(lines), text);
}

pub(super) fn keys() -> Vec<KeyHint> {
    vec![KeyHint::new("Esc", words::CLOSE)]
}
