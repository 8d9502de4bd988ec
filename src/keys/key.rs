//! A key press in keydesk's own terms, free of the terminal library that delivered it.

#![allow(missing_docs, reason = "a doc stands only where the name does not say all")]

use std::fmt;
use std::str::FromStr;

/// One key press: the key and what was held with it.
///
/// Shift is folded into what it produces: `S` is `Char('S')` and Shift-Tab is `BackTab`, both with `shift: false`, so
/// that a key means the same on terminals that report Shift and on those that don't. `shift` is set only with keys
/// that have no shifted form of their own, such as the arrows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key it is, without those held with it.
    pub code: KeyCode,
    /// Ctrl was held. A `Char` with Ctrl is always lower case.
    pub ctrl: bool,
    /// Whether Alt was held with it.
    pub alt: bool,
    /// Shift was held with a key that has no shifted form.
    pub shift: bool,
}

/// Which key was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyCode {
    /// A key that types a character; never a control character.
    Char(char),
    /// Enter, also where the terminal sends Ctrl-J or Ctrl-M for it.
    Enter,
    Esc,
    Tab,
    BackTab,
    /// Backspace, also where the terminal sends Ctrl-H for it.
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    /// A function key, counted from 1.
    F(u8),
    /// A key that keydesk has no use for.
    Other,
}

impl Key {
    /// The key alone, with nothing held.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// The key that types `c`.
    pub const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    /// Ctrl and the key that types `c`.
    pub const fn ctrl(c: char) -> Self {
        Self { ctrl: true, ..Self::char(c.to_ascii_lowercase()) }
    }

    /// Alt and the key that types `c`.
    pub const fn alt(c: char) -> Self {
        Self { alt: true, ..Self::char(c) }
    }

    /// Function key `number`, counted from 1.
    pub const fn f(number: u8) -> Self {
        Self::plain(KeyCode::F(number))
    }

    /// The character that this press types into a text field, if it types one.
    pub const fn typed(self) -> Option<char> {
        match self {
            Self { code: KeyCode::Char(c), ctrl: false, alt: false, .. } => Some(c),
            _ => None,
        }
    }
}

/// The names of the keys that type nothing, as they stand on a keyboard.
const NAMES: [(KeyCode, &str); 17] = [
    (KeyCode::Char(' '), "Space"),
    (KeyCode::Enter, "Enter"),
    (KeyCode::Esc, "Esc"),
    (KeyCode::Tab, "Tab"),
    (KeyCode::BackTab, "Shift-Tab"),
    (KeyCode::Backspace, "Backspace"),
    (KeyCode::Delete, "Del"),
    (KeyCode::Insert, "Ins"),
    (KeyCode::Up, "Up"),
    (KeyCode::Down, "Down"),
    (KeyCode::Left, "Left"),
    (KeyCode::Right, "Right"),
    (KeyCode::Home, "Home"),
    (KeyCode::End, "End"),
    (KeyCode::PageUp, "PgUp"),
    (KeyCode::PageDown, "PgDn"),
    (KeyCode::Other, "?key"),
];

/// The highest function key that a terminal reports.
const LAST_F: u8 = 24;

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        if let Some((_, name)) = NAMES.iter().find(|(code, _)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) => write!(f, "{c}"),
            _ => Ok(()),
        }
    }
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key (like: a, Ctrl-S, F2, PgUp, Shift-Tab)")]
pub struct UnknownKey(pub String);

impl FromStr for Key {
    type Err = UnknownKey;

    /// Reads a key as `Display` writes it, for example `Ctrl-S`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownKey(text.to_owned());
        let mut key = Self::plain(KeyCode::Other);
        let mut rest = text;
        loop {
            if let Some((code, _)) = NAMES.iter().find(|(_, name)| *name == rest) {
                key.code = *code;
                return Ok(key);
            }
            let (held, after) = if let Some(after) = rest.strip_prefix("Ctrl-") {
                (&mut key.ctrl, after)
            } else if let Some(after) = rest.strip_prefix("Alt-") {
                (&mut key.alt, after)
            } else if let Some(after) = rest.strip_prefix("Shift-") {
                (&mut key.shift, after)
            } else {
                break;
            };
            *held = true;
            rest = after;
        }
        let number = rest.strip_prefix('F').and_then(|digits| digits.parse().ok());
        let mut chars = rest.chars();
        key.code = match (number, chars.next(), chars.next()) {
            (Some(number @ 1..=LAST_F), ..) => KeyCode::F(number),
            (None, Some(c), None) if !c.is_control() && !key.shift => {
                KeyCode::Char(if key.ctrl { c.to_ascii_lowercase() } else { c })
            }
            _ => return Err(unknown()),
        };
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_named_as_on_the_keyboard() {
        for (key, name) in [
            (Key::char('c'), "c"),
            (Key::char('-'), "-"),
            (Key::char(' '), "Space"),
            (Key::ctrl('S'), "Ctrl-S"),
            (Key::ctrl('-'), "Ctrl--"),
            (Key::alt('x'), "Alt-x"),
            (Key::f(10), "F10"),
            (Key::char('F'), "F"),
            (Key::plain(KeyCode::BackTab), "Shift-Tab"),
            (Key { ctrl: true, shift: true, ..Key::plain(KeyCode::Up) }, "Ctrl-Shift-Up"),
        ] {
            assert_eq!(key.to_string(), name);
            assert_eq!(name.parse(), Ok(key));
        }
    }

    #[test]
    fn what_names_no_key_is_refused() {
        for text in ["", "Ctrl-", "F0", "F99", "Shift-a", "Return", "\n"] {
            assert_eq!(text.parse::<Key>(), Err(UnknownKey(text.to_owned())));
        }
    }

    #[test]
    fn only_plain_characters_type() {
        assert_eq!(Key::char('ä').typed(), Some('ä'));
        assert_eq!(Key::ctrl('a').typed(), None);
        assert_eq!(Key::alt('a').typed(), None);
        assert_eq!(Key::plain(KeyCode::Enter).typed(), None);
    }

    proptest! {
        #[test]
        fn every_name_reads_back(c in any::<char>(), ctrl: bool, alt: bool, number in 1..=LAST_F) {
            prop_assume!(!c.is_control());
            let c = if ctrl { c.to_ascii_lowercase() } else { c };
            for code in [KeyCode::Char(c), KeyCode::F(number)] {
                let key = Key { ctrl, alt, ..Key::plain(code) };
                prop_assert_eq!(key.to_string().parse(), Ok(key));
            }
        }
    }
}
