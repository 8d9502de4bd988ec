//! What is wrong with the configuration, and where each setting came from.

use std::fmt;
use std::path::PathBuf;

/// Who set a setting: a file, a variable, a flag, or nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it: the value is keydesk's own.
    Default,
    /// A line of the config file, counted from 1.
    File {
        /// The path of the config file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable, by its name without `$`.
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

/// What is wrong with a setting, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingFault {
    /// What is wrong, as it follows the key's name: "must be …", without a full stop.
    pub what: String,
    /// What to do: one or more whole sentences.
    pub remedy: String,
}

impl SettingFault {
    /// What is wrong with a value, and what to write in its place.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> SettingFault {
        SettingFault { what: what.into(), remedy: remedy.into() }
    }
}

/// One thing that is wrong with the configuration, with its place. Its display is one line that holds no secret and
/// nothing that a terminal would obey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    /// The file and line, the variable or the flag; empty where it stands nowhere.
    pub place: String,
    /// The key with its section; empty where `fault` is a sentence of its own.
    pub key: String,
    /// What is wrong and what to do.
    pub fault: SettingFault,
}

impl SettingProblem {
    pub(super) fn new(place: &impl ToString, key: impl Into<String>, fault: SettingFault) -> SettingProblem {
        SettingProblem { place: place.to_string(), key: key.into(), fault }
    }
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SettingProblem { place, key, fault: SettingFault { what, remedy } } = self;
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        let key = if key.is_empty() { String::new() } else { format!("{key} ") };
        f.write_str(&shown(&format!("{place}{key}{what}. {remedy}")))
    }
}

/// A text as it may go to a terminal: control and direction characters become U+FFFD.
pub(super) fn shown(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if obeyed(c) { '\u{fffd}' } else { c }).collect()
}
