//! Layers file, environment and flags, checks every value and says where each came from. Pure.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};

use super::file::{self, Entries};
use super::problem::{Fault, Origin, Problem, shown};
use super::value::{
    Value, address, country, group_pattern, hour, key_fault, secret, switch, text, time_zone, whole, wrong_type,
};
use super::{
    Config, Desk, Env, Flags, Jobs, Journal, Language, Log, LogLevel, Look, Refusal, Resolved, Rooms, Seam, Setting,
    Source, Sync,
};
use crate::domain::phone::Country;
use crate::domain::room::{DEFAULT_PATTERN, RoomPattern};
use crate::seam::key::{self, KeyKind};

/// Seam's own address, as in its documentation.
const ENDPOINT: &str = "https://connect.getseam.com";

/// Makes the configuration of a file, the environment and the flags. `read_key` reads the file that `api_key_file`
/// names and is called only where that key is in effect.
#[must_use]
pub fn resolve(
    source: Option<&Source>,
    env: &Env,
    flags: &Flags,
    read_key: &dyn Fn(&Path) -> Result<SecretString, Fault>,
) -> Resolved {
    let path = source.map(|source| source.path.clone());
    let (entries, problems) = source.map_or_else(Default::default, |source| file::read(&source.path, &source.text));
    let mut layers = Layers { path: path.clone(), entries, env, flags, settings: Vec::new(), problems };

    let allow_insecure = layers.take("seam.allow_insecure", false, ToString::to_string, switch);
    let endpoint =
        layers.take("seam.endpoint", ENDPOINT.to_owned(), Clone::clone, |value| address(&text(value)?, allow_insecure));
    let workspace_id = layers.optional("seam.workspace_id", "not needed with an API key", text);
    let key = layers.key(workspace_id.as_deref(), read_key);
    let system = layers.optional("seam.system", "the only one", text);
    let connect_timeout = layers.seconds("seam.connect_timeout_s", 5);
    let timeout = layers.seconds("seam.timeout_s", 30);

    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| env.get(name)).unwrap_or("desk");
    let desk = Desk {
        encoder: layers.optional("desk.encoder", "chosen on the screen", text),
        operator: layers.take("desk.operator", shown(user), Clone::clone, text),
        time_zone: layers.optional_as(
            "desk.time_zone",
            "the access system's, else this machine's",
            |zone: &TimeZone| zone.iana_name().unwrap_or_default().to_owned(),
            |value| time_zone(&text(value)?),
        ),
        check_out: layers.take(
            "desk.check_out",
            Time::constant(11, 0, 0, 0),
            |time| time.strftime("%H:%M").to_string(),
            |value| hour(&text(value)?),
        ),
        country: layers
            .optional_as(
                "desk.country",
                "phone numbers must begin with +",
                |(code, _): &(String, Country)| code.clone(),
                |value| country(&text(value)?),
            )
            .map(|(_, country)| country),
        language: layers.choice("desk.language", &[("en", Language::English)], Language::English),
    };
    let default = RoomPattern::new(DEFAULT_PATTERN).map(|pattern| (DEFAULT_PATTERN.to_owned(), pattern));
    let rooms = default.map(|default| {
        let show = |(text, _): &(String, RoomPattern)| text.clone();
        let (_, group_pattern) =
            layers.take("rooms.group_pattern", default, show, |value| group_pattern(&text(value)?));
        Rooms { group_pattern }
    });
    let sync = Sync {
        sweep_per_second: layers.take("sync.sweep_per_second", 2, ToString::to_string, |value| whole(value, 1, 2)),
    };
    let look = Look { ascii: layers.ascii(), bell: layers.take("look.bell", true, ToString::to_string, switch) };
    let beside_config = |value: &Value| Ok(beside_config(path.as_deref(), env, &text(value)?));
    let journal = Journal {
        path: layers.optional_as(
            "journal.path",
            "in the state folder",
            |path: &PathBuf| path.display().to_string(),
            beside_config,
        ),
        keep_days: layers.take("journal.keep_days", 90, ToString::to_string, |value| whole(value, 1, 3650)),
    };
    let jobs =
        Jobs { ask_after: layers.take("jobs.ask_after", 30, ToString::to_string, |value| whole(value, 1, 1440)) };
    let levels = [
        ("off", LogLevel::Off),
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
    ];
    let log = Log { level: layers.choice("log.level", &levels, LogLevel::default()) };

    let Layers { path: file, settings, mut problems, .. } = layers;
    let outcome = match (key, rooms) {
        (Some((api_key, key_kind)), Ok(rooms)) if problems.is_empty() => Ok(Config {
            seam: Seam { endpoint, allow_insecure, api_key, key_kind, workspace_id, system, connect_timeout, timeout },
            desk,
            rooms,
            sync,
            look,
            journal,
            jobs,
            log,
        }),
        (None, _) if problems.is_empty() => Err(Refusal::NoKey),
        (_, rooms) => {
            // The default pattern is valid, which a test holds; were it not, that would be the problem to show.
            problems.extend(rooms.err().map(|error| Problem::new(&"", error, "Set rooms.group_pattern.")));
            Err(Refusal::Problems(problems))
        }
    };
    Resolved { file, settings, warnings: Vec::new(), outcome }
}

/// The three layers, and what became of them so far.
struct Layers<'a> {
    path: Option<PathBuf>,
    entries: Entries,
    env: &'a Env,
    flags: &'a Flags,
    settings: Vec<Setting>,
    problems: Vec<Problem>,
}

impl Layers<'_> {
    /// The value in effect: a flag, else a variable, else the file.
    fn find(&self, name: &str) -> Option<(Value, Origin)> {
        let (flag, variable): (Option<(&'static str, &String)>, Option<&'static str>) = match name {
            "seam.endpoint" => (self.flags.endpoint.as_ref().map(|v| ("--endpoint", v)), Some("SEAM_ENDPOINT")),
            "seam.system" => (self.flags.system.as_ref().map(|v| ("--system", v)), None),
            "seam.workspace_id" => (None, Some("SEAM_WORKSPACE_ID")),
            "desk.encoder" => (self.flags.encoder.as_ref().map(|v| ("--encoder", v)), None),
            _ => (None, None),
        };
        if let Some((flag, value)) = flag {
            return Some((Value::Text(value.clone()), Origin::Flag(flag)));
        }
        if let Some(variable) = variable
            && let Some(value) = self.env.get(variable)
        {
            return Some((Value::Text(value.to_owned()), Origin::Env(variable)));
        }
        let (value, line) = self.entries.get(name)?;
        Some((value.clone(), Origin::File { path: self.path.clone()?, line: *line }))
    }

    fn note(&mut self, name: &'static str, value: impl AsRef<str>, origin: Origin) {
        self.settings.push(Setting { name, value: shown(value.as_ref()), origin });
    }

    fn fault(&mut self, name: &str, origin: &Origin, fault: Fault) {
        self.problems.push(Problem::new(origin, format!("{name} {}", fault.what), fault.remedy));
    }

    /// A setting with a default.
    fn take<T>(
        &mut self,
        name: &'static str,
        default: T,
        show: impl Fn(&T) -> String,
        parse: impl Fn(&Value) -> Result<T, Fault>,
    ) -> T {
        let (value, origin) = match self.find(name) {
            None => (default, Origin::Default),
            Some((value, origin)) => match parse(&value) {
                Ok(value) => (value, origin),
                Err(fault) => {
                    self.fault(name, &origin, fault);
                    return default;
                }
            },
        };
        self.note(name, show(&value), origin);
        value
    }

    /// A setting that may be missing; `without` says what holds then.
    fn optional_as<T>(
        &mut self,
        name: &'static str,
        without: &str,
        show: impl Fn(&T) -> String,
        parse: impl Fn(&Value) -> Result<T, Fault>,
    ) -> Option<T> {
        let show = |value: &Option<T>| value.as_ref().map_or_else(|| format!("({without})"), &show);
        self.take(name, None, show, |value| parse(value).map(Some))
    }

    fn optional(
        &mut self,
        name: &'static str,
        without: &str,
        parse: impl Fn(&Value) -> Result<String, Fault>,
    ) -> Option<String> {
        self.optional_as(name, without, Clone::clone, parse)
    }

    fn seconds(&mut self, name: &'static str, default: u32) -> Duration {
        let seconds = self.take(name, default, |s| format!("{s} s"), |value| whole(value, 1, 300));
        Duration::from_secs(seconds.into())
    }

    fn choice<T: Copy + PartialEq>(&mut self, name: &'static str, choices: &[(&str, T)], default: T) -> T {
        let show = |value: &T| choices.iter().find(|(_, v)| v == value).map_or("", |(word, _)| word).to_owned();
        self.take(name, default, show, |value| {
            let given = text(value)?;
            choices.iter().find(|(word, _)| *word == given).map(|(_, value)| *value).ok_or_else(|| {
                let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
                Fault::new(format!("can't be \"{given}\""), format!("It takes {}.", words.join(", ")))
            })
        })
    }

    /// `"auto"` follows the locale: ASCII where one is set that is not UTF-8.
    fn ascii(&mut self) -> bool {
        const NAME: &str = "look.ascii";
        if self.flags.ascii {
            self.note(NAME, "true", Origin::Flag("--ascii"));
            return true;
        }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, self.env.get(name)?)));
        let detected = locale.is_some_and(|(_, value)| !value.to_lowercase().replace('-', "").contains("utf8"));
        let because = match locale {
            Some((name, value)) => format!("auto: {detected}, since {name} is {value}"),
            None => "auto: false, since no locale is set".to_owned(),
        };
        let show = |value: &Option<bool>| value.map_or(because.clone(), |value| value.to_string());
        let parse = |value: &Value| match value {
            Value::Text(word) if word == "auto" => Ok(None),
            Value::Switch(on) => Ok(Some(*on)),
            other => Err(wrong_type(other, "must be true, false or \"auto\"", "Write it as in ascii = \"auto\".")),
        };
        self.take(NAME, None, show, parse).unwrap_or(detected)
    }

    /// The key, from one of the two variables, else from the file or the key file that it names.
    fn key(
        &mut self,
        workspace: Option<&str>,
        read_key: &dyn Fn(&Path) -> Result<SecretString, Fault>,
    ) -> Option<(SecretString, KeyKind)> {
        const NAME: &str = "seam.api_key";
        const BOTH: &str = "Take one of the two away.";
        let (api_key, token) = (self.env.get("SEAM_API_KEY"), self.env.get("SEAM_PERSONAL_ACCESS_TOKEN"));
        let in_file = (self.find("seam.api_key"), self.find("seam.api_key_file"));
        let (key, origin) = match (api_key, token, in_file) {
            (Some(_), Some(_), _) => {
                let what = "both $SEAM_API_KEY and $SEAM_PERSONAL_ACCESS_TOKEN are set";
                self.problems.push(Problem::new(&"the environment", what, BOTH));
                return None;
            }
            (Some(key), None, _) => (Ok(SecretString::from(key)), Origin::Env("SEAM_API_KEY")),
            (None, Some(key), _) => (Ok(SecretString::from(key)), Origin::Env("SEAM_PERSONAL_ACCESS_TOKEN")),
            (None, None, (Some(_), Some((_, origin)))) => {
                self.problems.push(Problem::new(&origin, "both seam.api_key and seam.api_key_file are set", BOTH));
                return None;
            }
            (None, None, (Some((value, origin)), None)) => (secret(&value), origin),
            (None, None, (None, Some((value, origin)))) => {
                let path = text(&value).map(|given| beside_config(self.path.as_deref(), self.env, &given));
                (path.and_then(|path| read_key(&path)), origin)
            }
            (None, None, (None, None)) => {
                self.note(NAME, "(none)", Origin::Default);
                return None;
            }
        };
        let from_key_file = matches!(origin, Origin::File { .. }) && self.entries.contains_key("seam.api_key_file");
        let name = if from_key_file { "seam.api_key_file" } else { NAME };
        let checked = key.and_then(|key| {
            let trimmed = key.expose_secret().trim();
            let kind = key::check(trimmed, workspace).map_err(key_fault)?;
            if kind == KeyKind::ApiKey && origin == Origin::Env("SEAM_PERSONAL_ACCESS_TOKEN") {
                return Err(Fault::new(
                    "is not a personal access token (they begin with seam_at)",
                    "Put an API key into $SEAM_API_KEY instead.",
                ));
            }
            Ok((SecretString::from(trimmed), kind))
        });
        match checked {
            Ok((key, kind)) => {
                let word = match kind {
                    KeyKind::ApiKey => "API key",
                    KeyKind::PersonalAccessToken => "personal access token",
                };
                self.note(name, format!("{word}, {} characters", key.expose_secret().len()), origin);
                Some((key, kind))
            }
            Err(fault) => {
                self.fault(name, &origin, fault);
                None
            }
        }
    }
}

/// A path as the config file means it: from its own folder on, with `~` for the home folder.
fn beside_config(config: Option<&Path>, env: &Env, given: &str) -> PathBuf {
    let home = crate::files::home(|name| env.get(name));
    if let (Some(rest), Some(home)) = (given.strip_prefix("~/"), home) {
        return home.join(rest);
    }
    let folder = config.and_then(Path::parent);
    folder.map_or_else(|| PathBuf::from(given), |folder| folder.join(given))
}
