//! The table of all settings, one row each. It says which keys the file may hold, where else a setting comes from, how
//! a value is checked and shown, and what `config.example.toml` holds.

use super::problem::SettingFault;
use super::value::{
    Given, Value, api_key, api_key_file, ascii, choice, country, endpoint, hour, path, put, room_pattern, seconds,
    switch, text, time_zone, whole,
};
use super::{Config, DateOrder, Env, Flags, Language, LogLevel, operator};
use crate::domain::check_out::CheckOutKind;
use crate::domain::room::DEFAULT_PATTERN;

use Also::{Flag, Variable};
use DefaultValue::{Computed, Nothing, Switch, Text, Whole};
use LogLevel::{Debug, Error, Info, Off, Warn};

/// A setting with its name, its default and how it is read.
pub(super) struct Setting {
    /// Section and key with a dot between them, as in `seam.endpoint`.
    pub name: &'static str,
    pub default: DefaultValue,
    /// Checks a value, puts it into its field and returns it as `keydesk config check` shows it.
    pub read: Read,
    /// A value for the example file, where the default can't stand in a file.
    pub example: &'static str,
    /// What else sets it and wins over the file; the first of them that is given counts.
    pub also: &'static [Also],
    /// The comment above the key in the example file: whole sentences, with the limits of the value, and with line ends
    /// where they are long.
    pub doc: &'static str,
}

/// What holds where nobody sets a setting.
pub(super) enum DefaultValue {
    Text(&'static str),
    Whole(u32),
    Switch(bool),
    /// A text that depends on the environment.
    Computed(fn(&Env) -> String),
    /// No value: the field stays empty. The words say what that comes to, for `keydesk config check`.
    Nothing(&'static str),
}

/// Another place that a setting comes from, besides the file.
pub(super) enum Also {
    /// An environment variable, without `$`.
    Variable(&'static str),
    /// A flag with its dashes, and its value where it was given.
    Flag(&'static str, fn(&Flags) -> Option<Value>),
}

/// A row's work with the value `v` that its setting was given and the configuration `c` that is being made.
type Read = fn(&mut Config, &Given<'_>) -> Result<String, SettingFault>;

const fn setting(name: &'static str, default: DefaultValue, read: Read) -> Setting {
    Setting { name, default, read, example: "", also: &[], doc: "" }
}

impl Setting {
    const fn example(self, example: &'static str) -> Setting {
        Setting { example, ..self }
    }

    const fn also(self, also: &'static [Also]) -> Setting {
        Setting { also, ..self }
    }

    const fn doc(self, doc: &'static str) -> Setting {
        Setting { doc, ..self }
    }

    pub fn section(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(section, _)| section)
    }

    pub fn key(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(_, key)| key)
    }

    /// The key with its default as a line of the file; with its example where the default can't stand in a file.
    pub fn line(&self) -> String {
        let value = match self.default {
            Whole(number) => number.to_string(),
            Switch(on) => on.to_string(),
            Text(text) => quoted(text),
            Computed(_) | Nothing(_) => quoted(self.example),
        };
        format!("{} = {value}", self.key())
    }
}

/// A text as the file has it: in single quotes where double ones would need escapes.
fn quoted(text: &str) -> String {
    if text.contains(['\\', '"']) { format!("'{text}'") } else { format!("\"{text}\"") }
}

/// The sections in the order of the table.
pub(super) fn sections() -> Vec<&'static str> {
    let mut sections: Vec<_> = SETTINGS.iter().map(Setting::section).collect();
    sections.dedup();
    sections
}

const LOG_LEVELS: &[(&str, LogLevel)] =
    &[("off", Off), ("error", Error), ("warn", Warn), ("info", Info), ("debug", Debug)];

const DATE_ORDERS: &[(&str, DateOrder)] = &[("day-month", DateOrder::DayMonth), ("month-day", DateOrder::MonthDay)];

/// Every setting, in the order of the example file and of `keydesk config check`. A section's rows stand together, and
/// a setting that the check of another one needs stands above it.
pub(super) const SETTINGS: &[Setting] = &[
    setting("seam.allow_insecure", Switch(false), |c, v| put(&mut c.seam.allow_insecure, switch(v)))
        .doc("true allows plain http to another machine. Anyone on the way can then read the key."),
    setting("seam.endpoint", Text("https://connect.getseam.com"), |c, v| {
        put(&mut c.seam.endpoint, endpoint(v, c.seam.allow_insecure))
    })
    .also(&[Flag("--endpoint", |flags| flags.endpoint.clone().map(Value::Text)), Variable("SEAM_ENDPOINT")])
    .doc("Where the API is: https, or plain http to this machine (such as `keydesk simulator`)."),
    setting("seam.workspace_id", Nothing("not needed with an API key"), |c, v| put(&mut c.seam.workspace_id, text(v)))
        .example("00000000-0000-0000-0000-000000000000")
        .also(&[Variable("SEAM_WORKSPACE_ID")])
        .doc("The workspace's id, needed only with a personal access token (seam_at...)."),
    setting("seam.api_key_file", Nothing("none"), api_key_file).example("seam.key").doc(
        "The key of your workspace, in a file of its own that only you may read (chmod 600). A path is taken from\n\
         the folder of this file on; ~/ is your home folder.",
    ),
    setting("seam.api_key", Nothing("none"), api_key)
        .example("seam_...")
        .also(&[Variable("SEAM_API_KEY"), Variable("SEAM_PERSONAL_ACCESS_TOKEN")])
        .doc("Or the key itself, if this file is yours alone. Not both."),
    setting("seam.system", Nothing("the only one"), |c, v| put(&mut c.seam.system, text(v)))
        .example("Hotel Aurora")
        .also(&[Flag("--system", |flags| flags.system.clone().map(Value::Text))])
        .doc("The access system, by name or id. Needed only where the workspace has several."),
    setting("seam.connect_timeout_s", Whole(5), |c, v| put(&mut c.seam.connect_timeout, seconds(v, 1..=300)))
        .doc("How long to wait for a connection, in seconds (1 to 300)."),
    setting("seam.timeout_s", Whole(30), |c, v| put(&mut c.seam.timeout, seconds(v, 1..=300)))
        .doc("How long to wait for a whole answer, in seconds (1 to 300)."),
    setting("desk.encoder", Nothing("chosen on the screen"), |c, v| put(&mut c.desk.encoder, text(v)))
        .example("Front desk 1")
        .also(&[Flag("--encoder", |flags| flags.encoder.clone().map(Value::Text))])
        .doc("The encoder that stands at this desk, by name or id. It can also be chosen on the screen."),
    setting("desk.operator", Computed(operator), |c, v| put(&mut c.desk.operator, text(v)))
        .example("reception")
        .doc("Who works here, for the record. Default: the name you are logged in with."),
    setting("desk.time_zone", Nothing("the access system's, else this machine's"), |c, v| {
        put(&mut c.desk.time_zone, time_zone(v))
    })
    .example("Europe/Madrid")
    .doc("The hotel's time zone, an IANA name. Default: the access system's, else this machine's."),
    setting("desk.check_out", Text("11:00"), |c, v| put(&mut c.desk.check_out, hour(v)))
        .doc("The hour at which a departure ends when only its day is given."),
    setting("desk.country", Nothing("phone numbers must begin with +"), |c, v| put(&mut c.desk.country, country(v)))
        .example("US")
        .doc("The country of phone numbers without +, in two letters (ISO 3166-1). Default: they must begin with +."),
    setting("desk.language", Text("en"), |c, v| put(&mut c.desk.language, choice(v, &[("en", Language::English)])))
        .doc("The language of the screen: \"en\"."),
    setting("stay.date_order", Text("day-month"), |c, v| put(&mut c.stay.date_order, choice(v, DATE_ORDERS)))
        .doc("Which number of a departure such as 28/11 is the day: \"day-month\" or \"month-day\"."),
    setting("stay.check_out", Text("suspend"), |c, v| {
        let kinds =
            &[("suspend", CheckOutKind::Suspend), ("delete", CheckOutKind::Delete), ("card", CheckOutKind::Card)];
        put(&mut c.stay.check_out, choice(v, kinds))
    })
    .doc(
        "What a check-out does: \"suspend\" suspends the guest, cancels the card and takes the guest out of the\n\
         room's group; \"delete\" deletes the guest too; \"card\" only cancels the card.",
    ),
    setting("stay.guard_doors", Whole(40), |c, v| put(&mut c.stay.guard_doors, whole(v, 1..=10_000))).doc(
        "Whoever opens more doors than this is likely no guest: a check-out then asks by name (1 to 10000).",
    ),
    setting("rooms.group_pattern", Text(DEFAULT_PATTERN), |c, v| put(&mut c.rooms.group_pattern, room_pattern(v))).doc(
        "What the name of a room's access group looks like: a regular expression; the first pair of capturing\n\
         parentheses that takes part holds the room. The default fits \"Room 204\", \"204\", \"Zimmer 12 A\",\n\
         \"Chambre 12 bis\", \"Building B 509\", \"Room 501/502\", \"1-510\" and \"Villa Rosa\".",
    ),
    setting("sync.sweep_per_second", Whole(2), |c, v| put(&mut c.sync.sweep_per_second, whole(v, 1..=2)))
        .doc("With how many requests a second it is fetched in the background who is in which group (1 or 2)."),
    setting("look.ascii", Text("auto"), |c, v| put(&mut c.look.ascii, ascii(v)))
        .also(&[Flag("--ascii", |flags| flags.ascii.then_some(Value::Switch(true)))])
        .doc(
            "Only ASCII on the screen: true, false, or \"auto\": where the locale (LC_ALL, LC_CTYPE, LANG) is set and\n\
             not UTF-8.",
        ),
    setting("look.bell", Switch(true), |c, v| put(&mut c.look.bell, switch(v)))
        .doc("Ring the terminal's bell when a card is done or needs a person."),
    setting("journal.path", Nothing("in the state folder"), |c, v| put(&mut c.journal.path, path(v)))
        .example("/var/lib/keydesk/journal.db")
        .doc(
            "The record of all jobs, from which they go on after a restart. Default: journal.db beside the log, in\n\
             ~/.local/state/keydesk. A path is taken from the folder of this file on. Desks of several logins on one\n\
             machine share encoders only through one file; it can't stand on a network drive.",
        ),
    setting("journal.keep_days", Whole(90), |c, v| put(&mut c.journal.keep_days, whole(v, 1..=3650)))
        .doc("For how many days a job that ended, with the guest's name in it, is kept (1 to 3650)."),
    setting("jobs.ask_after", Whole(30), |c, v| put(&mut c.jobs.ask_after, whole(v, 1..=1440)))
        .doc("After how many minutes of rest an open job asks before it does anything (1 to 1440)."),
    setting("log.level", Text("info"), |c, v| put(&mut c.log.level, choice(v, LOG_LEVELS))).doc(
        "What goes to the log, ~/.local/state/keydesk/keydesk.log: \"off\", \"error\", \"warn\", \"info\" or \"debug\".\n\
         The key is in none of them; names of guests are in \"debug\" only.",
    ),
];
