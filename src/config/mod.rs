//! The configuration: file, then the ecosystem's environment variables, then flags become one validated [`Config`].
//!
//! [`resolve`] is pure (texts in, settings out); [`load`] is the thin function that finds and reads the files. Every
//! problem is a plain sentence with file, line, key and remedy.
//!
//! To add a setting: give it a field in its section's struct here (a new section: a struct, and a field of [`Config`]).
//! Give it a row in `settings.rs`, with a parser of `value.rs` that puts its value into the field.
//! Run `cargo test --test core config`: it names what is missing and writes `config.example.toml` anew.

mod example;
mod file;
mod problem;
mod report;
mod resolve;
mod settings;
mod text_file;
mod value;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io};

use jiff::civil::Time;
use jiff::tz::TimeZone;
use secrecy::SecretString;

pub use example::example;
pub use problem::{Origin, SettingFault, SettingProblem};
pub use report::report;
pub use resolve::resolve;

use crate::domain::check_out::CheckOutKind;
use crate::domain::phone::Country;
use crate::domain::room::{DEFAULT_PATTERN, RoomPattern};
use crate::files::{self, Base};
use crate::seam::key::{KeyKind, KeyPlace};

/// Everything that can be set, valid as a whole.
///
/// The `Default` of a section is not what holds by default, which stands in the table of settings, but only where
/// [`resolve`] begins: all of it is replaced.
#[derive(Clone, Debug)]
pub struct Config {
    /// The API and the key to it.
    pub seam: SeamSettings,
    /// Who sits at this desk, and which encoder is its own.
    pub desk: DeskSettings,
    /// How the dates of a stay are typed, and what happens when it ends.
    pub stay: StaySettings,
    /// How the name of a group tells which room it stands for.
    pub rooms: RoomSettings,
    /// How fast data is fetched in the background.
    pub sync: SyncSettings,
    /// How the screen looks and sounds.
    pub look: LookSettings,
    /// Where the record of all jobs is kept, and for how long.
    pub journal: JournalSettings,
    /// After how much rest an unfinished job asks before it goes on.
    pub jobs: JobSettings,
    /// What goes to the log file.
    pub log: LogSettings,
}

impl Config {
    /// The configuration before any setting has its value.
    fn unset() -> Result<Config, String> {
        Ok(Config {
            seam: SeamSettings::default(),
            desk: DeskSettings::default(),
            stay: StaySettings::default(),
            rooms: RoomSettings { group_pattern: RoomPattern::new(DEFAULT_PATTERN)? },
            sync: SyncSettings::default(),
            look: LookSettings::default(),
            journal: JournalSettings::default(),
            jobs: JobSettings::default(),
            log: LogSettings::default(),
        })
    }
}

/// The API and the key to it.
#[derive(Clone, Debug, Default)]
pub struct SeamSettings {
    /// The API's address: https, or http to this machine (elsewhere only with `allow_insecure`); without a slash at
    /// its end.
    pub endpoint: String,
    /// Whether plain http to another machine is allowed.
    pub allow_insecure: bool,
    /// The key; never shown, also not by `Debug`.
    pub api_key: SecretString,
    /// What kind of key it is.
    pub key_kind: KeyKind,
    /// Where the key was read.
    pub key_place: KeyPlace,
    /// The workspace; always there beside a personal access token.
    pub workspace_id: Option<String>,
    /// The access system's id or name; `None`: the only one.
    pub system: Option<String>,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long to wait for a whole answer.
    pub timeout: Duration,
}

/// Who sits at this desk, and which encoder is its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeskSettings {
    /// The name or id of the encoder that stands here.
    pub encoder: Option<String>,
    /// Who works here, for the record.
    pub operator: String,
    /// The hotel's time zone; `None`: the access system's, else this machine's.
    pub time_zone: Option<TimeZone>,
    /// When a departure without an hour ends.
    pub check_out: Time,
    /// The country of phone numbers without `+`; `None`: they must begin with `+`.
    pub country: Option<Country>,
    /// The language of the screen.
    pub language: Language,
}

/// The languages that keydesk speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English: the only language so far.
    #[default]
    English,
}

/// How the dates of a stay are typed, and what happens when it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StaySettings {
    /// Which of two numbers is the day.
    pub date_order: DateOrder,
    /// What a check-out does to a guest's access.
    pub check_out: CheckOutKind,
    /// Whoever opens more doors than this is likely no guest.
    pub guard_doors: u32,
}

/// Which of the two numbers of a date without its year first is the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// `28/11`: the day, then the month.
    #[default]
    DayMonth,
    /// `11/28`: the month, then the day.
    MonthDay,
}

/// How the name of a group tells which room it stands for.
#[derive(Clone, Debug)]
pub struct RoomSettings {
    /// Matches the name of a room's access group; its first capture is the room number.
    pub group_pattern: RoomPattern,
}

/// How fast data is fetched in the background.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncSettings {
    /// Requests a second of the sweep over the access groups: 1 or 2 from a config, more only against a simulator.
    pub sweep_per_second: u32,
}

/// How the screen looks and sounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookSettings {
    /// Only ASCII on the screen.
    pub ascii: bool,
    /// Ring the terminal's bell when a job ends or needs a person.
    pub bell: bool,
}

/// How open jobs are taken up again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobSettings {
    /// After how many minutes of rest a job asks before it does anything: 1 to 1440.
    pub ask_after: u32,
}

/// Where the record of all jobs is kept, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalSettings {
    /// The file; `None`: in the state folder.
    pub path: Option<PathBuf>,
    /// How many days a job that ended is kept: 1 to 3650.
    pub keep_days: u32,
}

/// What goes to the log file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSettings {
    /// The mildest weight that is still logged.
    pub level: LogLevel,
}

/// The weights of log lines. Names of guests may stand in `Debug` lines only; the key stands in none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Nothing is logged; no file is made.
    Off,
    /// What failed, and nothing milder than that.
    Error,
    /// And what is odd.
    Warn,
    /// And what was done, without guests' data.
    #[default]
    Info,
    /// And guests' data: for a short while only.
    Debug,
}

/// The command line's part of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--config`: the config file.
    pub config: Option<PathBuf>,
    /// `--endpoint`.
    pub endpoint: Option<String>,
    /// `--system`.
    pub system: Option<String>,
    /// `--encoder`.
    pub encoder: Option<String>,
    /// `--ascii`.
    pub ascii: bool,
}

/// The environment variables. An empty one counts as not set.
#[derive(Clone, Default)]
pub struct Env(BTreeMap<String, String>);

impl Env {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Env {
        let text = |text: OsString| text.to_string_lossy().into_owned();
        Env(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// The value of a variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Env {
    fn from(pairs: [(&str, &str); N]) -> Env {
        Env(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

impl fmt::Debug for Env {
    /// Names only: values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A config file that was read.
#[derive(Clone)]
pub struct Source {
    /// The file's path, as it was found or named.
    pub path: PathBuf,
    /// The file's whole text.
    pub text: String,
}

/// The whole configuration, and where each value came from.
#[derive(Debug)]
pub struct Resolved {
    /// The config file that was read, if any.
    pub file: Option<PathBuf>,
    /// Every setting as it is in effect.
    pub settings: Vec<SettingInEffect>,
    /// What works but should be seen to: whole sentences.
    pub warnings: Vec<String>,
    /// The configuration, or why there is none.
    pub outcome: Result<Config, ConfigRefusal>,
}

/// One setting as it is in effect, fit for a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingInEffect {
    /// Section and key, as in `seam.endpoint`.
    pub name: &'static str,
    /// The value; of a secret only its kind and length.
    pub value: String,
    /// Who set the value: a file, a variable, a flag, or nobody.
    pub origin: Origin,
}

/// Why there is no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigRefusal {
    /// Nothing is wrong, but there is no key yet.
    NoKey,
    /// All that is wrong, in the order of the settings.
    Problems(Vec<SettingProblem>),
}

/// Where the config file is looked for: `--config`, `$KEYDESK_CONFIG`, then keydesk's XDG config folder. The second
/// value says who named it: a file that was named must exist.
#[must_use]
pub fn place(flags: &Flags, env: &Env) -> Option<(PathBuf, Origin)> {
    if let Some(path) = &flags.config {
        return Some((path.clone(), Origin::Flag("--config")));
    }
    if let Some(path) = env.get("KEYDESK_CONFIG") {
        return Some((PathBuf::from(path), Origin::Env("KEYDESK_CONFIG")));
    }
    Some((files::folder(Base::Config, |name| env.get(name))?.join("config.toml"), Origin::Default))
}

/// Finds and reads the config file and the key file, and resolves the configuration.
#[must_use]
pub fn load(flags: &Flags, env: &Env) -> Resolved {
    let source = match place(flags, env) {
        None => None,
        Some((path, origin)) => match read_config_file(&path) {
            Ok(text) => Some(Source { path, text }),
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound && origin == Origin::Default => None,
            Err(error) => {
                let names = format!("the config file {}", path.display());
                let fault = match error {
                    ReadError::Io(error) => SettingFault::new(
                        format!("{names} can't be read ({error})"),
                        "Name a config file that exists and that you may read.",
                    ),
                    ReadError::Encoding(error) => text_file::fault(&names, error),
                };
                let who = if origin == Origin::Default { String::new() } else { origin.to_string() };
                let outcome = Err(ConfigRefusal::Problems(vec![SettingProblem::new(&who, "", fault)]));
                return Resolved { file: Some(path), settings: Vec::new(), warnings: Vec::new(), outcome };
            }
        },
    };
    let mut resolved = resolve(source.as_ref(), env, flags, &read_secret_file);
    if let Some(source) = &source
        && resolved.settings.iter().any(|s| s.name == "seam.api_key" && matches!(s.origin, Origin::File { .. }))
        && files::others_may_read(&source.path).unwrap_or(false)
    {
        resolved.warnings.push(format!(
            "{path} holds the API key and others may read it. Run: chmod 600 {path}",
            path = problem::shown(&source.path.display().to_string())
        ));
    }
    resolved
}

/// Reads config file and key file again, for the key of a desk that runs.
///
/// # Errors
/// What is wrong with the configuration now, in plain words without the key.
pub fn reload(flags: &Flags, env: &Env) -> Result<Config, String> {
    load(flags, env).outcome.map_err(|refusal| match refusal {
        ConfigRefusal::NoKey => "There is no key in the configuration any more.".to_owned(),
        ConfigRefusal::Problems(problems) => {
            problems.iter().map(SettingProblem::to_string).collect::<Vec<_>>().join(" ")
        }
    })
}

/// The configuration of a demo: the defaults, the simulator's address and key, and what the environment says of the
/// terminal and the person; no file and none of Seam's variables.
///
/// # Errors
/// When the address is not one of this machine or the key can't be a key.
pub fn demo(endpoint: &str, api_key: &str, ascii: bool, env: &Env) -> Result<Config, ConfigRefusal> {
    let mut env = env.clone();
    env.0.retain(|name, _| !name.starts_with("SEAM_"));
    env.0.insert("SEAM_ENDPOINT".to_owned(), endpoint.to_owned());
    env.0.insert("SEAM_API_KEY".to_owned(), api_key.to_owned());
    resolve(None, &env, &Flags { ascii, ..Flags::default() }, &read_secret_file).outcome
}

/// Reads a file that holds nothing but a secret; refused where others than its owner may read it.
fn read_secret_file(path: &Path) -> Result<SecretString, SettingFault> {
    let unreadable = |error: std::io::Error| {
        let what = format!("names {}, which can't be read ({error})", path.display());
        SettingFault::new(what, "Name a file that exists, that you may read and that holds nothing but the key.")
    };
    if files::others_may_read(path).map_err(unreadable)? {
        let what = format!("names {}, which others may read", path.display());
        return Err(SettingFault::new(what, format!("Run: chmod 600 {}", path.display())));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let text = text_file::decode(&bytes);
    text.map(SecretString::from).map_err(|error| text_file::fault(&format!("names {}, which", path.display()), error))
}

/// Why the config file gave no text.
enum ReadError {
    Io(io::Error),
    Encoding(text_file::EncodingError),
}

fn read_config_file(path: &Path) -> Result<String, ReadError> {
    text_file::decode(&fs::read(path).map_err(ReadError::Io)?).map_err(ReadError::Encoding)
}

/// Who works here where nobody says so: the name that the operating system has.
fn operator(env: &Env) -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| env.get(name));
    problem::shown(user.unwrap_or("desk"))
}
