//! Finds the value of every setting among flags, environment, file and defaults, and has its row check it. Pure.

use std::fmt;
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use super::file::{self, Entries};
use super::problem::{Origin, SettingFault, SettingProblem, shown};
use super::settings::{Also, DefaultValue, SETTINGS, Setting};
use super::value::{Given, Value};
use super::{Config, ConfigRefusal, Env, Flags, Resolved, SettingInEffect, Source};

/// The texts that settings are read from, none of them looked at yet.
pub(super) struct Inputs<'a> {
    entries: Entries,
    pub env: &'a Env,
    flags: &'a Flags,
    /// Reads a file that holds nothing but a secret.
    pub read_secret: &'a dyn Fn(&Path) -> Result<SecretString, SettingFault>,
}

/// Makes the configuration of a file, the environment and the flags. `read_secret` reads the file that `api_key_file`
/// names and is called only where that key is in effect.
#[must_use]
pub fn resolve(
    source: Option<&Source>,
    env: &Env,
    flags: &Flags,
    read_secret: &dyn Fn(&Path) -> Result<SecretString, SettingFault>,
) -> Resolved {
    let (entries, mut problems) = source.map_or_else(<_>::default, |source| file::read(&source.path, &source.text));
    let inputs = Inputs { entries, env, flags, read_secret };
    let mut settings = Vec::new();
    let config = Config::unset().map(|mut config| {
        for setting in SETTINGS {
            match inputs.read(setting, &mut config) {
                Ok(in_effect) => settings.extend(in_effect),
                Err(problem) => problems.push(problem),
            }
        }
        config
    });
    let outcome = match config {
        // The default pattern is valid, which a test holds; were it not, that would be the problem to show.
        Err(error) => {
            let fault = SettingFault::new(error, "Set rooms.group_pattern.");
            Err(ConfigRefusal::Problems(vec![SettingProblem::new(&"", "", fault)]))
        }
        Ok(_) if !problems.is_empty() => Err(ConfigRefusal::Problems(problems)),
        Ok(config) if config.seam.api_key.expose_secret().is_empty() => Err(ConfigRefusal::NoKey),
        Ok(config) => Ok(config),
    };
    Resolved { file: source.map(|source| source.path.clone()), settings, warnings: Vec::new(), outcome }
}

impl Inputs<'_> {
    /// Puts one setting into the configuration. `None` where another key stands for it.
    fn read(&self, setting: &Setting, config: &mut Config) -> Result<Option<SettingInEffect>, SettingProblem> {
        if !self.is_in_effect(setting.name)? {
            return Ok(None);
        }
        let in_effect =
            |value: &str, origin| Ok(Some(SettingInEffect { name: setting.name, value: shown(value), origin }));
        let (value, origin) = match (self.find(setting), &setting.default) {
            (Some(found), _) => found,
            (None, DefaultValue::Text(text)) => (Value::Text((*text).to_owned()), Origin::Default),
            (None, DefaultValue::Whole(number)) => (Value::Whole((*number).into()), Origin::Default),
            (None, DefaultValue::Switch(on)) => (Value::Switch(*on), Origin::Default),
            (None, DefaultValue::Computed(by)) => (Value::Text(by(self.env)), Origin::Default),
            (None, DefaultValue::Nothing(means)) => return in_effect(&format!("({means})"), Origin::Default),
        };
        let given = Given { value: &value, origin: &origin, setting, inputs: self };
        match (setting.read)(config, &given) {
            Ok(value) => in_effect(&value, origin),
            Err(fault) => Err(SettingProblem::new(&origin, setting.name, fault)),
        }
    }

    /// The value that was given: by a flag or a variable, else by the file.
    fn find(&self, setting: &Setting) -> Option<(Value, Origin)> {
        let also = setting.also.iter().find_map(|also| match also {
            Also::Flag(name, value) => Some((value(self.flags)?, Origin::Flag(name))),
            Also::Variable(name) => Some((Value::Text(self.env.get(name)?.to_owned()), Origin::Env(name))),
        });
        also.or_else(|| self.entries.get(setting.name).cloned())
    }

    /// The key to the API is one thing with four places: two variables, and two keys of the file for when neither is
    /// set. Two places of the same weight are a problem; of the file's two keys the one that is given counts.
    fn is_in_effect(&self, name: &str) -> Result<bool, SettingProblem> {
        let variables = ["SEAM_API_KEY", "SEAM_PERSONAL_ACCESS_TOKEN"].map(|name| self.env.get(name).is_some());
        let (key, key_file) = (self.entries.get("seam.api_key"), self.entries.get("seam.api_key_file"));
        let both = |place: &dyn fmt::Display, names| {
            let fault = SettingFault::new(format!("both {names} are set"), "Take one of the two away.");
            Err(SettingProblem::new(&place, "", fault))
        };
        match (name, variables, key_file) {
            ("seam.api_key", [true, true], _) => {
                both(&"the environment", "$SEAM_API_KEY and $SEAM_PERSONAL_ACCESS_TOKEN")
            }
            ("seam.api_key", [false, false], Some(_)) => Ok(false),
            ("seam.api_key_file", [false, false], Some((_, place))) if key.is_some() => {
                both(place, "seam.api_key and seam.api_key_file")
            }
            ("seam.api_key_file", ..) => Ok(variables == [false, false] && key_file.is_some()),
            _ => Ok(true),
        }
    }
}
