//! One value at a time: what stands in a file, a variable or a flag becomes the type that its field has, or a fault
//! that says what it must be and how to write it.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};

use super::Config;
use super::problem::{Origin, SettingFault, shown};
use super::resolve::Inputs;
use super::settings::Setting;
use crate::domain::phone::Country;
use crate::domain::room::RoomPattern;
use crate::seam::client::{EndpointError, check_endpoint};
use crate::seam::key::{self, KeyError, KeyKind, KeyPlace};

/// A value as it stands in the file; variables are always `Text`.
#[derive(Clone)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Switch(bool),
    /// Something that no key takes; named as a person would call it.
    Other(&'static str),
}

/// A value that a setting was given, and what can be needed to judge it.
pub(super) struct Given<'a> {
    pub value: &'a Value,
    pub origin: &'a Origin,
    pub setting: &'a Setting,
    pub inputs: &'a Inputs<'a>,
}

/// A value for a field, and how `keydesk config check` shows it.
pub(super) type Parsed<T> = Result<(T, String), SettingFault>;

/// Puts a value that was parsed into its field and returns how it is shown.
pub(super) fn put<T, F: From<T>>(field: &mut F, parsed: Parsed<T>) -> Result<String, SettingFault> {
    let (value, shown) = parsed?;
    *field = value.into();
    Ok(shown)
}

impl Given<'_> {
    fn wrong_type(&self, must: &str, remedy: impl Into<String>) -> SettingFault {
        let given = match self.value {
            Value::Text(text) => format!("\"{text}\""),
            Value::Whole(number) => number.to_string(),
            Value::Switch(on) => on.to_string(),
            Value::Other(what) => (*what).to_owned(),
        };
        SettingFault::new(format!("{must}, not {given}"), remedy)
    }

    fn text(&self) -> Result<String, SettingFault> {
        let Value::Text(text) = self.value else {
            return Err(self.wrong_type("must be a text", "Put it in quotation marks."));
        };
        if text.trim().is_empty() {
            return Err(SettingFault::new("is empty", "Give it a value, or take the line away for the default."));
        }
        if *text != shown(text) {
            return Err(SettingFault::new("holds control characters", "Take them out."));
        }
        Ok(text.trim().to_owned())
    }

    /// A text that stands for something else; `parse` tells for what. The remedy shows a line that is right, and has
    /// `end` as its end.
    fn text_as<T>(&self, must: &str, end: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, SettingFault> {
        parse(&self.text()?).ok_or_else(|| self.wrong_type(must, format!("{}{end}.", self.write_it_as_in())))
    }

    /// The begin of a remedy that shows a line which is right.
    fn write_it_as_in(&self) -> String {
        format!("Write it as in {}", self.setting.line())
    }
}

pub(super) fn text(given: &Given<'_>) -> Parsed<String> {
    let text = given.text()?;
    Ok((text.clone(), text))
}

pub(super) fn switch(given: &Given<'_>) -> Parsed<bool> {
    match given.value {
        Value::Switch(on) => Ok((*on, on.to_string())),
        _ => Err(given.wrong_type("must be true or false", "Write true or false, without quotation marks.")),
    }
}

pub(super) fn whole(given: &Given<'_>, range: RangeInclusive<u32>) -> Parsed<u32> {
    match given.value {
        Value::Whole(number) => u32::try_from(*number).ok().filter(|number| range.contains(number)),
        _ => None,
    }
    .map(|number| (number, number.to_string()))
    .ok_or_else(|| {
        let must = format!("must be a whole number from {} to {}", range.start(), range.end());
        given.wrong_type(&must, "Write it without quotation marks.")
    })
}

pub(super) fn seconds(given: &Given<'_>, range: RangeInclusive<u32>) -> Parsed<Duration> {
    whole(given, range).map(|(seconds, _)| (Duration::from_secs(seconds.into()), format!("{seconds} s")))
}

/// One of several words.
pub(super) fn choice<T: Copy>(given: &Given<'_>, choices: &[(&str, T)]) -> Parsed<T> {
    let text = given.text()?;
    let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| (*value, text.clone()));
    found.ok_or_else(|| {
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        SettingFault::new(format!("can't be \"{text}\""), format!("It takes {}.", words.join(", ")))
    })
}

/// A path as the config file means it: from its own folder on, with `~` for the home folder.
pub(super) fn path(given: &Given<'_>) -> Parsed<PathBuf> {
    let text = given.text()?;
    let home = crate::files::home(|name| given.inputs.env.get(name));
    let path = match (text.strip_prefix("~/"), home, given.origin) {
        (Some(rest), Some(home), _) => home.join(rest),
        (_, _, Origin::File { path, .. }) => path.with_file_name(&text),
        _ => PathBuf::from(text),
    };
    let shown = path.display().to_string();
    Ok((path, shown))
}

pub(super) fn hour(given: &Given<'_>) -> Parsed<Time> {
    let time = given.text_as("must be a time", "", |text| Time::strptime("%H:%M", text).ok())?;
    Ok((time, time.strftime("%H:%M").to_string()))
}

pub(super) fn time_zone(given: &Given<'_>) -> Parsed<TimeZone> {
    let end = ", or take the line away";
    let zone = given.text_as("must be an IANA time zone", end, |text| TimeZone::get(text).ok())?;
    let name = zone.iana_name().unwrap_or_default().to_owned();
    Ok((zone, name))
}

pub(super) fn country(given: &Given<'_>) -> Parsed<Country> {
    let country = given.text_as("must be a country of two letters", " (ISO 3166-1)", Country::new)?;
    Ok((country, given.text()?.to_uppercase()))
}

pub(super) fn room_pattern(given: &Given<'_>) -> Parsed<RoomPattern> {
    let text = given.text()?;
    let pattern = RoomPattern::new(&text).map_err(|error| {
        let what = format!("is not a regular expression for rooms ({error})");
        SettingFault::new(what, "Write it as in group_pattern = '^Room (\\d+)$'.")
    })?;
    Ok((pattern, text))
}

pub(super) fn endpoint(given: &Given<'_>, allow_insecure: bool) -> Parsed<String> {
    let text = given.text()?;
    check_endpoint(&text, allow_insecure).map_err(|error| match error {
        EndpointError::NotAnAddress(_) => {
            SettingFault::new("is not a web address that begins with https://", format!("{}.", given.write_it_as_in()))
        }
        EndpointError::TooMuch => SettingFault::new(
            "holds a user name, a password, a question mark or a number sign",
            format!("{}.", given.write_it_as_in()),
        ),
        EndpointError::Insecure(host) => SettingFault::new(
            format!("is plain http to {host}, and anyone on the way there could read the key"),
            "Use https, or set allow_insecure = true below the line [seam] if you must.",
        ),
    })?;
    let address = text.trim_end_matches('/').to_owned();
    Ok((address.clone(), address))
}

/// `"auto"` follows the locale: ASCII where one is set that is not UTF-8.
pub(super) fn ascii(given: &Given<'_>) -> Parsed<bool> {
    match given.value {
        Value::Text(word) if word == "auto" => {
            let env = given.inputs.env;
            let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, env.get(name)?)));
            let Some((name, value)) = locale else {
                return Ok((false, "auto: false, since no locale is set".to_owned()));
            };
            let ascii = !value.to_lowercase().replace('-', "").contains("utf8");
            Ok((ascii, format!("auto: {ascii}, since {name} is {value}")))
        }
        Value::Switch(_) => switch(given),
        _ => Err(given.wrong_type("must be true, false or \"auto\"", format!("{}.", given.write_it_as_in()))),
    }
}

/// The content of a file that holds nothing but a secret and that nobody else may read.
pub(super) fn secret_file(given: &Given<'_>) -> Result<SecretString, SettingFault> {
    (given.inputs.read_secret)(&path(given)?.0)
}

pub(super) fn api_key_file(config: &mut Config, given: &Given<'_>) -> Result<String, SettingFault> {
    let place = KeyPlace::File(path(given)?.1);
    put_key(config, given, secret_file(given)?.expose_secret(), place)
}

pub(super) fn api_key(config: &mut Config, given: &Given<'_>) -> Result<String, SettingFault> {
    match given.value {
        Value::Text(key) => {
            let place = match given.origin {
                Origin::Env(name) => KeyPlace::Variable(name),
                Origin::File { path, .. } => KeyPlace::File(path.display().to_string()),
                Origin::Flag(_) | Origin::Default => KeyPlace::default(),
            };
            put_key(config, given, key, place)
        }
        // Not `wrong_type`, which would repeat what was given.
        _ => Err(SettingFault::new("must be a text", "Put it in quotation marks.")),
    }
}

fn put_key(config: &mut Config, given: &Given<'_>, key: &str, place: KeyPlace) -> Result<String, SettingFault> {
    // A mark at the begin is what some editors and shells leave.
    let key = key.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let kind = key::check(key, config.seam.workspace_id.as_deref()).map_err(key_fault)?;
    if kind == KeyKind::ApiKey && *given.origin == Origin::Env("SEAM_PERSONAL_ACCESS_TOKEN") {
        return Err(SettingFault::new(
            "is not a personal access token (they begin with seam_at)",
            "Put an API key into $SEAM_API_KEY instead.",
        ));
    }
    config.seam.api_key = SecretString::from(key);
    config.seam.key_kind = kind;
    config.seam.key_place = place;
    let word = match kind {
        KeyKind::ApiKey => "API key",
        KeyKind::PersonalAccessToken => "personal access token",
    };
    Ok(format!("{word}, {} characters", key.len()))
}

/// What is wrong with a key, without the key.
fn key_fault(error: KeyError) -> SettingFault {
    const OTHER: &str = "Use an API key, made in the Seam Console under Developer, API Keys.";
    const WORKSPACE: &str = "Set $SEAM_WORKSPACE_ID, or workspace_id below the line [seam] of the config file.";
    let (what, remedy) = match error {
        KeyError::Empty => ("is empty", "Put an API key there."),
        KeyError::Quoted => ("stands in quotation marks, which no key has", "Take the quotation marks away."),
        KeyError::OddCharacters => {
            ("holds characters that no key has", "Copy the key again, on one line and without blanks.")
        }
        KeyError::Publishable => ("is a publishable key, which can't do a desk's work", OTHER),
        KeyError::ClientSession => ("is a client session token, which can't do a desk's work", OTHER),
        KeyError::ConsoleSession => ("is the token of a console session, which can't do a desk's work", OTHER),
        KeyError::WorkspaceMissing => {
            ("is a personal access token and needs seam.workspace_id, which is not set", WORKSPACE)
        }
        KeyError::OddWorkspace => {
            ("is a personal access token, but seam.workspace_id holds characters that no id has", WORKSPACE)
        }
    };
    SettingFault::new(what, remedy)
}
