//! The config file: TOML text becomes values with their lines; an unknown key is a problem with a suggestion.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::problem::{Origin, SettingFault, SettingProblem};
use super::settings::{SETTINGS, Setting, sections};
use super::value::Value;

/// The file's values by the names of their settings, each with its place.
pub(super) type Entries = BTreeMap<&'static str, (Value, Origin)>;

/// Reads the text of a config file. What is known is returned even where there are problems, so that one run names
/// them all.
pub(super) fn read(path: &Path, text: &str) -> (Entries, Vec<SettingProblem>) {
    let place = |offset: usize| {
        let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..offset.min(text.len())]).count() + 1;
        Origin::File { path: path.to_owned(), line }
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            // Only the parser's own words: its full display would quote the line, which may hold the key.
            let at = place(error.span().map_or(0, |span| span.start));
            let what = format!("this can't be read as TOML: {}", error.message());
            let fault = SettingFault::new(what, "Mend the line; every key is shown in config.example.toml.");
            return (Entries::new(), vec![SettingProblem::new(&at, "", fault)]);
        }
    };
    let mut entries = Entries::new();
    let mut problems = Vec::new();
    for (section, content) in &table {
        let (at, name) = (place(section.span().start), section.get_ref().as_ref());
        let content = match content.get_ref() {
            DeValue::Table(content) if sections().contains(&name) => content,
            DeValue::Table(_) => {
                problems.push(SettingProblem::new(&at, format!("[{name}]"), unknown_section(name)));
                continue;
            }
            _ => {
                problems.push(SettingProblem::new(&at, name, outside_of_sections(name)));
                continue;
            }
        };
        for (key, value) in content {
            let (at, key) = (place(key.span().start), key.get_ref().as_ref());
            match SETTINGS.iter().find(|setting| setting.section() == name && setting.key() == key) {
                Some(setting) => drop(entries.insert(setting.name, (plain(value.get_ref()), at))),
                None => problems.push(SettingProblem::new(&at, format!("{name}.{key}"), unknown_key(name, key))),
            }
        }
    }
    (entries, problems)
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a number that is too large"), Value::Whole),
        DeValue::Boolean(switch) => Value::Switch(*switch),
        DeValue::Float(_) => Value::Other("a number with a point"),
        DeValue::Datetime(_) => Value::Other("a date or time without quotes"),
        DeValue::Array(_) => Value::Other("a list"),
        DeValue::Table(_) => Value::Other("a section"),
    }
}

fn unknown_section(name: &str) -> SettingFault {
    let remedy = match nearest(name, sections()) {
        Some(near) => format!("Did you mean [{near}]?"),
        None => format!("The sections are [{}].", sections().join("], [")),
    };
    SettingFault::new("is not a section that keydesk knows", remedy)
}

fn outside_of_sections(name: &str) -> SettingFault {
    if sections().contains(&name) {
        let remedy = format!("Write it as a line [{name}] with its keys below.");
        return SettingFault::new("is a section, not a key", remedy);
    }
    let remedy = match section_of(name) {
        Some(section) => format!("Move it below the line [{section}]."),
        None => "Every key is shown in config.example.toml.".to_owned(),
    };
    SettingFault::new("stands outside of any section", remedy)
}

fn unknown_key(section: &str, key: &str) -> SettingFault {
    let keys: Vec<_> = SETTINGS.iter().filter(|setting| setting.section() == section).map(Setting::key).collect();
    let remedy = match (section_of(key), nearest(key, keys.clone())) {
        (Some(other), _) => format!("It belongs below the line [{other}]."),
        (None, Some(near)) => format!("Did you mean {near}?"),
        (None, None) => format!("[{section}] takes: {}.", keys.join(", ")),
    };
    SettingFault::new("is not a key that keydesk knows", remedy)
}

/// The first section that has this key.
fn section_of(key: &str) -> Option<&'static str> {
    SETTINGS.iter().find(|setting| setting.key() == key).map(Setting::section)
}

/// The known name that was most likely meant, if one is near enough.
fn nearest(given: &str, known: Vec<&'static str>) -> Option<&'static str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&given.to_lowercase(), name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
