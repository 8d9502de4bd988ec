//! One value at a time: what stands in a file, a variable or a flag becomes the type it must be, or a fault that says
//! what it must be and how to write it.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use secrecy::SecretString;

use super::problem::{Fault, shown};
use crate::domain::phone::Country;
use crate::domain::room::RoomPattern;
use crate::seam::client::{EndpointError, check_endpoint};
use crate::seam::key::KeyError;

/// A value as it stands in the file; variables and flags are always `Text`.
#[derive(Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Switch(bool),
    /// Something that no key takes; named as a person would call it.
    Other(&'static str),
}

pub(super) fn wrong_type(value: &Value, must: &str, remedy: &str) -> Fault {
    let given = match value {
        Value::Text(text) => format!("\"{text}\""),
        Value::Whole(number) => number.to_string(),
        Value::Switch(on) => on.to_string(),
        Value::Other(what) => (*what).to_owned(),
    };
    Fault::new(format!("{must}, not {given}"), remedy)
}

pub(super) fn text(value: &Value) -> Result<String, Fault> {
    let Value::Text(text) = value else {
        return Err(wrong_type(value, "must be a text", "Put it in quotation marks."));
    };
    if text.trim().is_empty() {
        return Err(Fault::new("is empty", "Give it a value, or take the line away for the default."));
    }
    if *text != shown(text) {
        return Err(Fault::new("holds control characters", "Take them out."));
    }
    Ok(text.trim().to_owned())
}

/// Like [`text`], but no fault of it tells what was given.
pub(super) fn secret(value: &Value) -> Result<SecretString, Fault> {
    match value {
        Value::Text(text) => Ok(SecretString::from(text.as_str())),
        _ => Err(Fault::new("must be a text", "Put it in quotation marks.")),
    }
}

pub(super) fn switch(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Switch(on) => Ok(*on),
        other => Err(wrong_type(other, "must be true or false", "Write true or false, without quotation marks.")),
    }
}

pub(super) fn whole(value: &Value, least: u32, most: u32) -> Result<u32, Fault> {
    match value {
        Value::Whole(number) if (i64::from(least)..=i64::from(most)).contains(number) => {
            u32::try_from(*number).map_err(|error| Fault::new(error.to_string(), ""))
        }
        other => {
            let asked = format!("must be a whole number from {least} to {most}");
            Err(wrong_type(other, &asked, "Write it without quotation marks."))
        }
    }
}

pub(super) fn hour(given: &str) -> Result<Time, Fault> {
    Time::strptime("%H:%M", given).map_err(|_| {
        let what = format!("must be a time, not \"{given}\"");
        Fault::new(what, "Write it as in check_out = \"11:00\".")
    })
}

pub(super) fn time_zone(given: &str) -> Result<TimeZone, Fault> {
    TimeZone::get(given).map_err(|_| {
        let what = format!("must be an IANA time zone, not \"{given}\"");
        Fault::new(what, "Write it as in time_zone = \"Europe/Madrid\", or take the line away.")
    })
}

pub(super) fn country(given: &str) -> Result<(String, Country), Fault> {
    let code = given.to_uppercase();
    Country::new(&code).map(|country| (code, country)).ok_or_else(|| {
        let what = format!("must be a country of two letters, not \"{given}\"");
        Fault::new(what, "Write it as in country = \"US\" (ISO 3166-1).")
    })
}

pub(super) fn group_pattern(given: &str) -> Result<(String, RoomPattern), Fault> {
    RoomPattern::new(given).map(|pattern| (given.to_owned(), pattern)).map_err(|error| {
        let what = format!("is not a regular expression for rooms ({error})");
        Fault::new(what, "Write it as in group_pattern = '^Room (\\d+)$'.")
    })
}

pub(super) fn address(given: &str, allow_insecure: bool) -> Result<String, Fault> {
    const REMEDY: &str = "Write it as in endpoint = \"https://connect.getseam.com\".";
    check_endpoint(given, allow_insecure).map_err(|error| match error {
        EndpointError::NotAnAddress(_) => Fault::new("is not a web address that begins with https://", REMEDY),
        EndpointError::TooMuch => Fault::new("holds a user name, a password, a question mark or a number sign", REMEDY),
        EndpointError::Insecure(host) => Fault::new(
            format!("is plain http to {host}, and anyone on the way there could read the key"),
            "Use https, or set allow_insecure = true below the line [seam] if you must.",
        ),
    })?;
    Ok(given.trim_end_matches('/').to_owned())
}

/// What is wrong with a key, without the key.
pub(super) fn key_fault(error: KeyError) -> Fault {
    const OTHER: &str = "Use an API key, made in the Seam Console under Developer, API Keys.";
    const WORKSPACE: &str = "Set $SEAM_WORKSPACE_ID, or workspace_id below the line [seam] of the config file.";
    match error {
        KeyError::Empty => Fault::new("is empty", "Put an API key there."),
        KeyError::OddCharacters => {
            Fault::new("holds characters that no key has", "Copy the key again, on one line and without blanks.")
        }
        KeyError::Publishable => Fault::new("is a publishable key, which can't do a desk's work", OTHER),
        KeyError::ClientSession => Fault::new("is a client session token, which can't do a desk's work", OTHER),
        KeyError::ConsoleSession => {
            Fault::new("is the token of a console session, which can't do a desk's work", OTHER)
        }
        KeyError::WorkspaceMissing => {
            Fault::new("is a personal access token and needs seam.workspace_id, which is not set", WORKSPACE)
        }
        KeyError::OddWorkspace => {
            Fault::new("is a personal access token, but seam.workspace_id holds characters that no id has", WORKSPACE)
        }
    }
}
