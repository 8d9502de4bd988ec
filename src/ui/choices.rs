//! Rows of a dialog of which one is chosen: the chosen one has a mark and a colour.

use ratatui::text::{Line, Span};

use super::list::Window;
use super::text::{pad, wrap};
use super::theme::{Glyph, Theme};

/// Cells that the mark before a row takes.
const MARK: usize = 2;

/// The rows as lines, each wrapped to `cells`; of more than `room` lines those around the chosen row.
pub fn choice_lines(
    rows: &[String],
    chosen: Option<usize>,
    cells: usize,
    room: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut window = Window::default();
    for (at, row) in rows.iter().enumerate() {
        let is_chosen = chosen == Some(at);
        for (part, text) in wrap(row, cells.saturating_sub(MARK + 1)).into_iter().enumerate() {
            let mark = if is_chosen && part == 0 { theme.glyph(Glyph::Chosen) } else { " " };
            let text = pad(&format!("{mark} {text}"), cells, theme.glyph(Glyph::Ellipsis));
            let span = if is_chosen { Span::styled(text, theme.highlight(true)) } else { Span::raw(text) };
            lines.push(Line::from(vec![Span::raw("  "), span]));
        }
        if is_chosen {
            window.follow(lines.len() - 1, lines.len(), room);
        }
    }
    lines.into_iter().skip(window.top).take(room).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::Colors;

    #[test]
    fn the_chosen_row_is_always_in_sight() {
        let theme = Theme { colors: Colors::None, ascii: true };
        let rows: Vec<String> = (0..9).map(|at| format!("row {at}")).collect();
        for chosen in 0..rows.len() {
            let lines = choice_lines(&rows, Some(chosen), 20, 3, theme);
            let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
            assert_eq!(text.len(), 3);
            assert!(text.iter().any(|line| line.trim_end() == format!("  > row {chosen}")), "{text:?}");
        }
        assert!(choice_lines(&rows, None, 20, 9, theme).iter().all(|line| !line.to_string().contains('>')));
    }
}
