//! A line that can be typed into, over `tui-input`, driven by our own keys.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;
use tui_input::{Input, InputRequest};
use unicode_width::UnicodeWidthChar;

use crate::keys::key::{Key, KeyCode};
use crate::seam::lenient::is_invisible;

/// The longest text that a field takes, in characters.
const LONGEST: usize = 200;

/// A text field: its text and its cursor.
#[derive(Clone, Debug, Default)]
pub struct Field {
    input: Input,
    // Whether the whole text is selected: what is typed replaces it.
    is_selected: bool,
}

impl Field {
    /// A field with a text, the cursor behind it.
    pub fn with(text: &str) -> Self {
        Self { input: Input::new(text.to_owned()), is_selected: false }
    }

    /// What was typed, spaces at both ends included.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Whether nothing was typed but spaces.
    pub fn is_blank(&self) -> bool {
        self.text().trim().is_empty()
    }

    /// Selects the whole text, so that what is typed replaces it. An empty field stays as it is.
    pub fn select(&mut self) {
        self.is_selected = !self.text().is_empty();
    }

    /// Takes a key, if it is one for a text field. Gives whether it was.
    pub fn key(&mut self, key: Key) -> bool {
        let request = match (key.code, key.ctrl, key.alt) {
            (KeyCode::Char(c), false, false) if !is_invisible(c) => InputRequest::InsertChar(c),
            (KeyCode::Backspace, false, false) | (KeyCode::Char('h'), true, false) => InputRequest::DeletePrevChar,
            (KeyCode::Delete, false, false) => InputRequest::DeleteNextChar,
            (KeyCode::Left, false, false) => InputRequest::GoToPrevChar,
            (KeyCode::Right, false, false) => InputRequest::GoToNextChar,
            (KeyCode::Left, true, false) => InputRequest::GoToPrevWord,
            (KeyCode::Right, true, false) => InputRequest::GoToNextWord,
            (KeyCode::Home, false, false) | (KeyCode::Char('a'), true, false) => InputRequest::GoToStart,
            (KeyCode::End, false, false) | (KeyCode::Char('e'), true, false) => InputRequest::GoToEnd,
            (KeyCode::Char('w'), true, false) => InputRequest::DeletePrevWord,
            (KeyCode::Char('u'), true, false) => InputRequest::DeleteLine,
            _ => return false,
        };
        let replaces = matches!(
            request,
            InputRequest::InsertChar(_) | InputRequest::DeletePrevChar | InputRequest::DeleteNextChar
        );
        if std::mem::take(&mut self.is_selected) && replaces {
            self.input.reset();
        }
        if !matches!(request, InputRequest::InsertChar(_)) || self.text().chars().count() < LONGEST {
            let _ = self.input.handle(request);
        }
        true
    }

    /// Takes a pasted text; what can't be shown is left out.
    pub fn paste(&mut self, text: &str) {
        if std::mem::take(&mut self.is_selected) {
            self.input.reset();
        }
        for c in text.chars().filter(|c| !is_invisible(*c)) {
            if self.text().chars().count() >= LONGEST {
                break;
            }
            let _ = self.input.handle(InputRequest::InsertChar(c));
        }
    }

    /// Draws the field; with the focus, the terminal's cursor stands in it.
    pub fn view(&self, frame: &mut Frame, area: Rect, style: Style, focused: bool) {
        if area.width < 3 || area.height == 0 {
            return;
        }
        let cells = usize::from(area.width - 2);
        let skip = self.input.visual_scroll(cells.saturating_sub(1).max(1));
        let mut used = 0;
        let mut shown = String::new();
        for c in self.text().chars() {
            let wide = c.width().unwrap_or(0);
            if used >= skip && used - skip + wide <= cells {
                shown.push(c);
            }
            used += wide;
        }
        frame.buffer_mut().set_style(area, style);
        let text_style = if self.is_selected && focused { style.add_modifier(Modifier::REVERSED) } else { style };
        frame.render_widget(Span::styled(shown, text_style), Rect::new(area.x + 1, area.y, area.width - 2, 1));
        if focused {
            let at = self.input.visual_cursor().saturating_sub(skip).min(cells);
            frame.set_cursor_position(Position::new(area.x + 1 + u16::try_from(at).unwrap_or(0), area.y));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(field: &mut Field, text: &str) {
        for c in text.chars() {
            assert!(field.key(Key::char(c)));
        }
    }

    #[test]
    fn typing_moving_and_deleting() {
        let mut field = Field::default();
        typed(&mut field, "José Gxarcia");
        for _ in 0..5 {
            field.key(Key::plain(KeyCode::Left));
        }
        field.key(Key::plain(KeyCode::Backspace));
        assert_eq!(field.text(), "José Garcia");
        assert!(!field.key(Key::plain(KeyCode::Enter)));
        field.key(Key::ctrl('u'));
        assert!(field.is_blank());
    }

    #[test]
    fn a_paste_brings_no_controls_and_no_flood() {
        let mut field = Field::default();
        field.paste("Jane\u{1b}[201~\u{202e} Doe");
        assert_eq!(field.text(), "Jane[201~ Doe");
        field.paste(&"x".repeat(5000));
        assert_eq!(field.text().chars().count(), LONGEST);
    }
}
