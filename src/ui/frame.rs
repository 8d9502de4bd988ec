//! Frames of panes and dialogs, and the line of keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph};

use super::layout::inside;
use super::text::{fit, width, wrap};
use super::theme::{Glyph, Role, Theme};

const ASCII: border::Set = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

const ASCII_THICK: border::Set = border::Set {
    top_left: "#",
    top_right: "#",
    bottom_left: "#",
    bottom_right: "#",
    vertical_left: "#",
    vertical_right: "#",
    horizontal_top: "=",
    horizontal_bottom: "=",
};

/// The frame of a pane: thick and coloured when it has the focus. Gives the area inside.
pub fn pane(frame: &mut Frame, area: Rect, theme: Theme, focused: bool, title: &str, note: &str) -> Rect {
    let role = if focused { Role::Accent } else { Role::Dim };
    let title_style = if focused { theme.bold(Role::Accent) } else { theme.style(Role::Plain) };
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let room = usize::from(area.width.saturating_sub(4));
    let note = fit(note, room / 2, ellipsis);
    let left = room.saturating_sub(width(&note) + if note.is_empty() { 0 } else { 3 });
    let mut block = Block::bordered()
        .border_style(theme.style(role))
        .title(Span::styled(format!(" {} ", fit(title, left, ellipsis)), title_style));
    block = match (theme.ascii, focused) {
        (true, true) => block.border_set(ASCII_THICK),
        (true, false) => block.border_set(ASCII),
        (false, true) => block.border_type(BorderType::Thick),
        (false, false) => block.border_type(BorderType::Rounded),
    };
    if !note.is_empty() {
        let style = theme.style(Role::Dim);
        block = block.title(Line::from(Span::styled(format!(" {note} "), style)).right_aligned());
    }
    frame.render_widget(block, area);
    inside(area)
}

/// The frame of a dialog in the colour of a role, over whatever stands there. Gives the area inside.
pub fn dialog(frame: &mut Frame, area: Rect, theme: Theme, role: Role, title: &str) -> Rect {
    frame.render_widget(Clear, area);
    let room = usize::from(area.width.saturating_sub(4));
    let title = format!(" {} ", fit(title, room, theme.glyph(Glyph::Ellipsis)));
    let block = Block::bordered().border_style(theme.style(role)).title(Span::styled(title, theme.bold(role)));
    let block = if theme.ascii { block.border_set(ASCII_THICK) } else { block.border_type(BorderType::Thick) };
    frame.render_widget(block, area);
    inside(area)
}

/// Everything in the area as if in the shade: no colour but one, no weight.
pub fn shade(frame: &mut Frame, area: Rect, theme: Theme) {
    let style = theme.style(Role::Dim);
    let area = area.intersection(frame.area());
    for cell in area.positions() {
        if let Some(cell) = frame.buffer_mut().cell_mut(cell) {
            cell.set_style(Style::reset().patch(style));
        }
    }
}

/// One key and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHint {
    /// The key, as it stands on the cap.
    pub key: String,
    /// What it does, in a word or two.
    pub does: String,
}

impl KeyHint {
    /// A key as it is written on the keyboard, and what it does in one or two words.
    pub fn new(key: impl Into<String>, does: impl Into<String>) -> Self {
        Self { key: key.into(), does: does.into() }
    }
}

/// Keys on one line, as many as fit; the last (the way to more) is always among them.
pub fn key_line(hints: &[KeyHint], cells: usize, theme: Theme) -> Line<'static> {
    let cells_of = |hint: &KeyHint| width(&hint.key) + width(&hint.does) + 5;
    let last = hints.last().map_or(0, cells_of);
    let mut used = 0;
    let mut spans = Vec::new();
    for (at, hint) in hints.iter().enumerate() {
        let is_last = at + 1 == hints.len();
        let wanted = cells_of(hint);
        if !is_last && used + wanted + last > cells {
            continue;
        }
        used += wanted;
        spans.push(Span::styled(format!(" {} ", hint.key), theme.key()));
        spans.push(Span::raw(format!(" {}  ", hint.does)));
    }
    Line::from(spans)
}

/// Keys on as many lines as they need: in a dialog none is left out.
pub fn key_lines(hints: &[KeyHint], cells: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    let mut used = 0;
    for hint in hints {
        let wanted = width(&hint.key) + width(&hint.does) + 5;
        if used > 0 && used + wanted > cells + 2 {
            lines.push(Line::default());
            used = 0;
        }
        used += wanted;
        if let Some(line) = lines.last_mut() {
            line.push_span(Span::styled(format!(" {} ", hint.key), theme.key()));
            line.push_span(Span::raw(format!(" {}  ", hint.does)));
        }
    }
    lines
}

/// One row of a list. `cursor` says that the cursor stands on it, and whether its list has the focus.
pub fn row(frame: &mut Frame, area: Rect, theme: Theme, mut line: Line, cursor: Option<bool>) {
    if let Some(focused) = cursor {
        let highlight = theme.highlight(focused);
        frame.buffer_mut().set_style(area, highlight);
        for span in &mut line.spans {
            // A block of colour keeps its colour under the cursor: it is there to be seen.
            if span.style.bg.is_none() {
                span.style = highlight;
            }
        }
    }
    frame.render_widget(line, area);
}

/// A sentence in an otherwise empty area, wrapped.
pub fn sentence(frame: &mut Frame, area: Rect, text: &str, style: Style) {
    let cells = usize::from(area.width.saturating_sub(2));
    let lines: Vec<Line> = wrap(text, cells).into_iter().map(|line| Line::styled(format!(" {line}"), style)).collect();
    frame.render_widget(Paragraph::new(lines), area);
}
