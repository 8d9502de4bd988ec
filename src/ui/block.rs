//! The wide block of colour with a few words: the state of a card, seen from two metres.

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::text::wrap;
use super::theme::{Role, Theme};

/// Draws the block: the words large (bold, alone on their lines), the rest below.
pub fn block(frame: &mut Frame, area: Rect, theme: Theme, role: Role, words: &str, below: &str) {
    let style = theme.block(role);
    let cells = usize::from(area.width.saturating_sub(2));
    let mut lines: Vec<Line> = wrap(words, cells)
        .into_iter()
        .map(|line| Line::from(Span::styled(line, style.add_modifier(Modifier::BOLD))))
        .collect();
    let rest = wrap(below, cells);
    let height = usize::from(area.height);
    if !rest.is_empty() && lines.len() + rest.len() < height {
        lines.push(Line::default());
    }
    lines.extend(rest.into_iter().map(|line| Line::from(Span::styled(line, style))));
    lines.truncate(height);
    let above = (height - lines.len()) / 2;
    let mut all = vec![Line::default(); above];
    all.extend(lines);
    frame.render_widget(Paragraph::new(all).style(style).alignment(Alignment::Center), area);
}
