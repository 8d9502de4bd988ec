//! What is wrong with the configuration, and where each setting came from.

use std::fmt;
use std::path::PathBuf;

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of the config file, counted from 1.
    File {
        /// The config file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Env(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Origin::Env(name) => write!(f, "${name}"),
            Origin::Flag(name) => write!(f, "{name}"),
        }
    }
}

/// What is wrong with one value, before it is known where it stands: "must be …" and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, as it follows the key's name: "must be …", without a full stop.
    pub what: String,
    /// What to do: one or more whole sentences.
    pub remedy: String,
}

impl Fault {
    /// A fault of these words.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault { what: what.into(), remedy: remedy.into() }
    }
}

/// One thing that is wrong with the configuration. Its display names place, key, what is wrong and the remedy, holds
/// no secret and nothing that a terminal would obey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file and line, the variable or the flag; empty where it stands nowhere.
    pub place: String,
    /// What is wrong: a sentence that begins with the key and has no full stop.
    pub what: String,
    /// What to do: one or more whole sentences.
    pub remedy: String,
}

impl Problem {
    pub(super) fn new(place: &impl ToString, what: impl Into<String>, remedy: impl Into<String>) -> Problem {
        Problem { place: place.to_string(), what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.place.is_empty() { String::new() } else { format!("{}: ", self.place) };
        f.write_str(&shown(&format!("{place}{}. {}", self.what, self.remedy)))
    }
}

/// A text as it may go to a terminal: control and direction characters become U+FFFD.
pub(super) fn shown(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if obeyed(c) { '\u{fffd}' } else { c }).collect()
}
