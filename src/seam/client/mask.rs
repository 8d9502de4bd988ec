//! What a server says, made fit for a screen and for a log: cleaned, without the key, and not too long.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::seam::lenient::clean;

/// So many characters of a message are kept.
const KEPT: usize = 300;

/// So many characters are looked at: a megabyte of message is no message.
const READ: usize = 4000;

/// A piece of the key of this length is taken out as well: servers like to echo half of it.
const PIECE: usize = 12;

/// What stands where the key stood.
const HIDDEN: &str = "[key]";

/// Takes a key out of texts.
pub(super) struct Mask(pub SecretString);

impl Mask {
    /// The text cleaned, without the key, cut to what a screen can show.
    pub fn fit(&self, text: &str) -> String {
        let read = text.char_indices().nth(READ).map_or(text, |(end, _)| &text[..end]);
        // Cleaned first: a key with an invisible character in it would become whole by cleaning.
        let masked = self.hide(&clean(read));
        match masked.char_indices().nth(KEPT) {
            None => masked,
            Some((end, _)) => format!("{}…", masked[..end].trim_end()),
        }
    }

    /// The same for every text in a JSON value.
    pub fn fit_all(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fit(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.fit_all(item)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(name, value)| (self.fit(&name), self.fit_all(value))).collect()
            }
            other => other,
        }
    }

    fn hide(&self, text: &str) -> String {
        let enough = self.0.expose_secret().len().clamp(1, PIECE);
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let run = self.longest_piece_at(rest);
            if run >= enough {
                out.push_str(HIDDEN);
                rest = &rest[run..];
            } else {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        out
    }

    /// How many bytes at the beginning of the text are a piece of the key (which is ASCII).
    fn longest_piece_at(&self, text: &str) -> usize {
        let key = self.0.expose_secret().as_bytes();
        let common = |at: usize| key[at..].iter().zip(text.as_bytes()).take_while(|(a, b)| a == b).count();
        (0..key.len()).map(common).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mask(key: &str) -> Mask {
        Mask(key.into())
    }

    fn fit(text: &str) -> String {
        mask("seam_test_2bZ8wkQ1").fit(text)
    }

    #[test]
    fn the_key_is_taken_out_whole_and_in_pieces() {
        assert_eq!(fit("key seam_test_2bZ8wkQ1 is wrong"), "key [key] is wrong");
        assert_eq!(fit("key seam_\u{200b}test_2bZ8\u{0}wkQ1!"), "key [key]!");
        assert_eq!(fit("starts with seam_test_2bZ8…"), "starts with [key]…");
        assert_eq!(fit("…est_2bZ8wkQ1 at its end"), "…[key] at its end");
        assert_eq!(fit("seam_test_ is a plain word"), "seam_test_ is a plain word");
        assert_eq!(mask("abc").fit("xabcx"), "x[key]x");
        assert_eq!(mask("abc").fit("xabx"), "xabx");
    }

    #[test]
    fn a_message_has_an_end_and_no_controls() {
        assert_eq!(fit("a\u{1b}[2Jb"), "a[2Jb");
        assert_eq!(fit(&"ä".repeat(100_000)).chars().count(), KEPT + 1);
        let edge = format!("{}seam_test_2bZ8wkQ1", "x".repeat(KEPT - 14));
        assert!(!fit(&edge).contains("seam_test_2bZ8"));
    }

    #[test]
    fn names_and_texts_in_data_are_taken_care_of() {
        let data =
            mask("seam_test_2bZ8wkQ1").fit_all(json!({"seam_test_2bZ8wkQ1": ["seam_test_2bZ8wkQ1\u{7}", 1, null]}));
        assert_eq!(data, json!({"[key]": ["[key]", 1, null]}));
    }
}
