//! Lenient decoding: servers leave out arrays, send null, add fields and add enum values. Only ids are certain.

use std::fmt;

use serde::de::{self, DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Decodes a field that may be missing, null or of another type than the contract says: anything odd is the default.
///
/// # Errors
/// Only when the input itself can't be read as JSON.
pub fn or_default<'de, D, T>(input: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(input)?;
    Ok(T::deserialize(value).unwrap_or_default())
}

/// Decodes a list whose items may be odd: an item that can't be read is left out, the rest is kept.
///
/// # Errors
/// Only when the input itself can't be read as JSON.
pub fn list<'de, D, T>(input: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(input)?;
    let Value::Array(items) = value else { return Ok(Vec::new()) };
    Ok(items.into_iter().filter_map(|item| T::deserialize(item).ok()).collect())
}

/// Decodes a text and makes it fit for a screen (see [`clean`]); missing, null and other types give `None`.
///
/// # Errors
/// Only when the input itself can't be read as JSON.
pub fn text<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    input.deserialize_any(TextVisitor)
}

/// Decodes a code, for example `acs_credential.issued`, and makes it fit for a screen; anything odd is the empty text.
///
/// # Errors
/// Only when the input itself can't be read as JSON.
pub fn code<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    Ok(text(input)?.unwrap_or_default())
}

/// Takes a text straight from the input, without a copy in between: most fields of a large page are texts.
struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything; only a text counts")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(clean(text)).filter(|text| !text.is_empty()))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// The JSON text with half characters (`\ud83d` without its other half, from a name that was cut inside an emoji) written
/// as the replacement character: JSON allows them, Rust's texts don't.
pub fn mend_halves(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (escaped_unit(rest), rest.get(6..).and_then(escaped_unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push('\u{fffd}');
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            // A backslash and what it stands before, which may be another backslash.
            (None, _) => rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The UTF-16 unit that a text begins with when it begins with `\uXXXX`.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

/// The text without what could steer a terminal or mislead a reader: control characters and the invisible
/// characters that change direction or join become nothing, white space becomes one space, ends are trimmed.
pub fn clean(text: &str) -> String {
    // Nearly every text is plain already.
    if text.trim().len() == text.len() && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.contains("  ") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = true;
        } else if !is_invisible(c) {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    out
}

/// Whether a character draws nothing of its own but changes what stands around it (controls, marks of direction,
/// joiners, byte order marks, tags).
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_marks_never_survive() {
        assert_eq!(clean("\u{1b}[31mEva\u{202e} \r\n\t Br\u{0}andt\u{9b}2J "), "[31mEva Brandt2J");
    }

    #[test]
    fn half_a_character_becomes_a_whole_one() {
        let mend = |json: &str| serde_json::from_str::<String>(&mend_halves(json)).unwrap();
        assert_eq!(mend(r#""Eva \ud83d""#), "Eva \u{fffd}");
        assert_eq!(mend(r#""\ude00\ud83d\ud83d\ude00\u00e9""#), "\u{fffd}\u{fffd}😀é");
        assert_eq!(mend(r#""a\\ud83d \" \n ä""#), "a\\ud83d \" \n ä");
        assert_eq!(mend_halves(r"\u12 \ud8zz \"), r"\u12 \ud8zz \");
    }

    #[test]
    fn an_odd_field_is_its_default_and_an_odd_item_is_left_out() {
        #[derive(Deserialize)]
        struct Row {
            #[serde(default, deserialize_with = "or_default")]
            flag: bool,
            #[serde(default, deserialize_with = "list")]
            numbers: Vec<u8>,
            #[serde(default, deserialize_with = "text")]
            name: Option<String>,
        }
        let row: Row = serde_json::from_str(r#"{"flag":"yes","numbers":[1,"x",2,300],"name":7}"#).unwrap();
        assert!(!row.flag);
        assert_eq!(row.numbers, [1, 2]);
        assert_eq!(row.name, None);
        for name in ["null", "true", "-1", "1.5", "[1,[2]]", r#"{"a":{"b":1}}"#, r#""""#, r#"" \u0007 ""#] {
            let row: Row = serde_json::from_str(&format!(r#"{{"name":{name},"flag":true}}"#)).unwrap();
            assert_eq!((row.name, row.flag), (None, true), "{name}");
        }
    }
}
