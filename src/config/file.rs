//! The config file: TOML text becomes values with their lines; an unknown key is a problem with a suggestion.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::problem::{Origin, Problem};
use super::value::Value;

/// Every key that the file may hold, section by section.
pub(super) const KEYS: &[(&str, &[&str])] = &[
    (
        "seam",
        &[
            "endpoint",
            "allow_insecure",
            "api_key",
            "api_key_file",
            "workspace_id",
            "system",
            "connect_timeout_s",
            "timeout_s",
        ],
    ),
    ("desk", &["encoder", "operator", "time_zone", "check_out", "country", "language"]),
    ("rooms", &["group_pattern"]),
    ("sync", &["sweep_per_second"]),
    ("look", &["ascii", "bell"]),
    ("journal", &["path", "keep_days"]),
    ("jobs", &["ask_after"]),
    ("log", &["level"]),
];

/// The file's values by `section.key`, each with its line.
pub(super) type Entries = BTreeMap<String, (Value, usize)>;

/// Reads the text of a config file. What is known is returned even where there are problems, so that one run names
/// them all.
pub(super) fn read(path: &Path, text: &str) -> (Entries, Vec<Problem>) {
    let line_at = |offset: usize| memchr::memchr_iter(b'\n', &text.as_bytes()[..offset.min(text.len())]).count() + 1;
    let place = |offset: usize| Origin::File { path: path.to_owned(), line: line_at(offset) };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            // Only the parser's own words: its full display would quote the line, which may hold the key.
            let at = place(error.span().map_or(0, |span| span.start));
            let what = format!("this can't be read as TOML: {}", error.message());
            let remedy = "Mend the line; every key is shown in config.example.toml.";
            return (Entries::new(), vec![Problem::new(&at, what, remedy)]);
        }
    };
    let mut entries = Entries::new();
    let mut problems = Vec::new();
    for (section, content) in &table {
        let (at, name) = (place(section.span().start), section.get_ref().as_ref());
        let Some((_, keys)) = KEYS.iter().find(|(known, _)| *known == name) else {
            problems.push(unknown_at_top(&at, name, matches!(content.get_ref(), DeValue::Table(_))));
            continue;
        };
        let DeValue::Table(content) = content.get_ref() else {
            let remedy = format!("Write it as a line [{name}] with its keys below.");
            problems.push(Problem::new(&at, format!("{name} is a section, not a key"), remedy));
            continue;
        };
        for (key, value) in content {
            let (start, key) = (key.span().start, key.get_ref().as_ref());
            if keys.contains(&key) {
                entries.insert(format!("{name}.{key}"), (plain(value.get_ref()), line_at(start)));
            } else {
                problems.push(unknown_key(&place(start), name, key, keys));
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

fn unknown_at_top(at: &Origin, name: &str, is_section: bool) -> Problem {
    let sections = || KEYS.iter().map(|(section, _)| *section);
    if is_section {
        let remedy = match nearest(name, sections()) {
            Some(near) => format!("Did you mean [{near}]?"),
            None => format!("The sections are [{}].", sections().collect::<Vec<_>>().join("], [")),
        };
        return Problem::new(at, format!("[{name}] is not a section that keydesk knows"), remedy);
    }
    let remedy = match KEYS.iter().find(|(_, keys)| keys.contains(&name)) {
        Some((section, _)) => format!("Move it below the line [{section}]."),
        None => "Every key is shown in config.example.toml.".to_owned(),
    };
    Problem::new(at, format!("{name} stands outside of any section"), remedy)
}

fn unknown_key(at: &Origin, section: &str, key: &str, keys: &[&'static str]) -> Problem {
    let elsewhere = KEYS.iter().find(|(_, others)| others.contains(&key));
    let remedy = match (elsewhere, nearest(key, keys.iter().copied())) {
        (Some((other, _)), _) => format!("It belongs below the line [{other}]."),
        (None, Some(near)) => format!("Did you mean {near}?"),
        (None, None) => format!("[{section}] takes: {}.", keys.join(", ")),
    };
    Problem::new(at, format!("{section}.{key} is not a key that keydesk knows"), remedy)
}

/// The known name that was most likely meant, if one is near enough.
fn nearest(given: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    known
        .map(|name| (strsim::jaro_winkler(&given.to_lowercase(), name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
