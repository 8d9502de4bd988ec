//! Text that fits its cells: cut, padded and wrapped by width, not by bytes.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut with an ellipsis if it is wider than `cells`.
pub fn fit<'a>(text: &'a str, cells: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let room = cells.saturating_sub(width(ellipsis));
    let mut used = 0;
    let mut out = String::new();
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        out.push_str(grapheme);
    }
    if cells >= width(ellipsis) {
        out.push_str(ellipsis);
    }
    Cow::Owned(out)
}

/// The text, cut or filled with spaces to exactly `cells`.
pub fn pad(text: &str, cells: usize, ellipsis: &str) -> String {
    let mut out = fit(text, cells, ellipsis).into_owned();
    let missing = cells.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The text, cut in its middle where it is wider than `cells`, so that the last `tail` cells stay, and filled with
/// spaces to exactly `cells`.
pub fn pad_middle(text: &str, cells: usize, tail: usize, ellipsis: &str) -> String {
    if width(text) <= cells {
        return pad(text, cells, ellipsis);
    }
    let graphemes: Vec<&str> = text.graphemes(true).rev().collect();
    let mut end = String::new();
    for grapheme in graphemes {
        if width(&end) + grapheme.width() > tail.min(cells) {
            break;
        }
        end.insert_str(0, grapheme);
    }
    // Wider than its room with the end in it: what comes before the end is cut.
    let room = cells - width(&end);
    pad(&format!("{}{end}", fit(&text[..text.len() - end.len()], room, ellipsis)), cells, ellipsis)
}

/// The text with spaces before it to exactly `cells`, cut if it is wider.
pub fn pad_left(text: &str, cells: usize, ellipsis: &str) -> String {
    let fitted = fit(text, cells, ellipsis);
    let missing = cells.saturating_sub(width(&fitted));
    format!("{}{fitted}", " ".repeat(missing))
}

/// The text in lines of at most `cells`, broken between words; a word that is wider is broken inside.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    if cells == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let needed = width(word) + usize::from(!line.is_empty());
        if width(&line) + needed > cells && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for grapheme in word.graphemes(true) {
            if width(&line) + grapheme.width() > cells && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_letters_count_for_two() {
        assert_eq!(fit("佐藤 雪", 5, "…"), "佐藤…");
        assert_eq!(pad("José", 6, "…"), "José  ");
        assert_eq!(pad_left("204", 5, "…"), "  204");
        assert_eq!(wrap("place a blank card", 8), ["place a", "blank", "card"]);
    }

    proptest! {
        #[test]
        fn nothing_is_ever_wider_than_its_cells(text in "\\PC{0,30}", cells in 0usize..40) {
            prop_assert!(width(&fit(&text, cells, "…")) <= cells);
            prop_assert_eq!(width(&pad(&text, cells, "…")), cells.max(width(&fit(&text, cells, "…"))));
        }

        #[test]
        fn wrapping_loses_nothing_but_spaces(text in "[a-zé ]{0,60}", cells in 1usize..20) {
            let joined: String = wrap(&text, cells).concat();
            let without = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(without(&joined), without(&text));
        }
    }
}
