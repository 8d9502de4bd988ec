//! The last step for a terminal that shows ASCII alone: what is drawn becomes letters that it has.
//!
//! A byte above 0x7F is more than a wrong letter there: some Latin-1 terminals take a part of them for commands.

use deunicode::deunicode_char;
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr as _;

/// What stands for a character that no letters are known for.
const UNKNOWN: &str = "?";

/// Replaces every cell that is not ASCII by letters that sound or look alike, as many as it has columns.
pub fn to_ascii(buffer: &mut Buffer) {
    for at in 0..buffer.content.len() {
        let symbol = buffer.content[at].symbol();
        if symbol.is_ascii() {
            continue;
        }
        let columns = symbol.width().max(1);
        let letters = letters(symbol);
        let mut shown = letters.chars().map(Some).chain(std::iter::repeat(None));
        for cell in buffer.content[at..].iter_mut().take(columns) {
            cell.set_char(shown.next().flatten().unwrap_or(' '));
        }
    }
}

/// The letters of a symbol: its first character's; the marks that follow it have none.
fn letters(symbol: &str) -> String {
    let known = match symbol {
        // Marks of the sentences.
        "·" => Some("-"),
        "…" => Some("~"),
        _ => symbol.chars().next().and_then(deunicode_char),
    };
    let letters: String = known.unwrap_or(UNKNOWN).chars().filter(|c| matches!(c, ' '..='~')).collect();
    if letters.is_empty() { UNKNOWN.to_owned() } else { letters }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn shown(text: &str) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 1));
        buffer.set_string(0, 0, text, Style::default());
        to_ascii(&mut buffer);
        let text: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert!(text.is_ascii() && text.len() == 30, "{text:?}");
        text.trim_end().to_owned()
    }

    #[test]
    fn names_keep_letters_that_can_be_read() {
        for (name, ascii) in [
            ("Álvarez, Lucía", "Alvarez, Lucia"),
            ("Ștefănescu, Ioana", "Stefanescu, Ioana"),
            ("Þórý Ûber Ðor", "Tory Uber Dor"),
            ("Παππάς", "Pappas"),
            ("Jane · 204 …", "Jane - 204 ~"),
            ("\u{e000}x", "?x"),
        ] {
            assert_eq!(shown(name), ascii);
        }
        assert_eq!(shown("佐藤").len(), 4, "two columns each");
    }
}
