//! The configuration: layers, checks and the sentences that name file, line, key and remedy.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::CommandFactory as _;
use keydesk::cli::Cli;
use keydesk::config::{
    self, Config, ConfigRefusal, Env, Flags, LogLevel, Origin, Resolved, SettingFault, SettingInEffect, Source, report,
    resolve,
};
use keydesk::domain::phone::Country;
use keydesk::seam::key::KeyKind;
use secrecy::{ExposeSecret, SecretString};

const KEY: (&str, &str) = ("SEAM_API_KEY", "seam_abcd1234efgh");

fn no_key_file(path: &Path) -> Result<SecretString, SettingFault> {
    panic!("nobody asked for {}", path.display())
}

fn source(text: &str) -> Source {
    Source { path: PathBuf::from("/etc/keydesk.toml"), text: text.to_owned() }
}

fn from<const N: usize>(text: &str, env: [(&str, &str); N], flags: &Flags) -> Resolved {
    resolve(Some(&source(text)), &Env::from(env), flags, &no_key_file)
}

fn good(text: &str) -> Config {
    from(text, [KEY], &Flags::default()).outcome.unwrap()
}

/// What is said about a file with one mistake in it.
fn bad(text: &str) -> String {
    one(from(text, [KEY], &Flags::default()))
}

fn one(resolved: Resolved) -> String {
    match resolved.outcome {
        Err(ConfigRefusal::Problems(problems)) if problems.len() == 1 => problems[0].to_string(),
        other => panic!("not one problem: {other:?}"),
    }
}

fn with_env<const N: usize>(env: [(&str, &str); N]) -> Resolved {
    resolve(None, &Env::from(env), &Flags::default(), &no_key_file)
}

/// The settings without their origins.
fn values(resolved: &Resolved) -> Vec<(&'static str, String)> {
    resolved.settings.iter().map(|setting| (setting.name, setting.value.clone())).collect()
}

/// The fields of all sections by `section.field`, each as `Debug` shows it.
fn fields(config: &Config) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::<String, String>::new();
    let (mut section, mut field) = (String::new(), String::new());
    for line in format!("{config:#?}").lines() {
        let depth = line.len() - line.trim_start().len();
        match line.trim().split_once(": ") {
            Some((name, _)) if depth == 4 => name.clone_into(&mut section),
            Some((name, _)) if depth == 8 => field = format!("{section}.{name}"),
            _ if depth < 8 => continue,
            _ => {}
        }
        if depth >= 8 {
            fields.entry(field.clone()).or_default().push_str(line);
        }
    }
    fields
}

#[test]
fn the_example_file_is_what_the_table_of_settings_says() {
    let example = config::example();
    let lines: Vec<_> = example.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[1].contains(" = ")) {
        assert!(pair[0].starts_with("# "), "a setting without words: {}", pair[1]);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml");
    if fs::read_to_string(path).unwrap() != example {
        fs::write(path, example).unwrap();
        panic!("config.example.toml was not what the table of settings says. It is now: read it and commit it.");
    }
}

#[test]
fn every_field_has_a_setting_of_its_name() {
    let settings = with_env([KEY]).settings.into_iter().map(|setting| setting.name.trim_end_matches("_s").to_owned());
    // The kind of key is told by the key, and its place by what gives the key.
    let told = ["seam.key_kind", "seam.key_place"].map(str::to_owned);
    let settings: BTreeSet<_> = settings.chain(told).collect();
    let fields: BTreeSet<_> = fields(&good("")).into_keys().collect();
    let alone: Vec<_> = fields.symmetric_difference(&settings).collect();
    assert!(alone.is_empty(), "a field without a row in settings.rs, or a row without a field: {alone:?}");
}

#[test]
fn a_setting_changes_its_own_field_and_no_other() {
    let (example, before) = (config::example(), fields(&good("")));
    let mut section = "";
    let mut tried = 0;
    for line in example.lines() {
        section = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')).unwrap_or(section);
        let Some((key, value)) = line.strip_prefix("# ").unwrap_or(line).split_once(" = ") else { continue };
        let name = format!("{section}.{key}");
        let other = match (name.as_str(), value.parse::<u32>()) {
            // Its value is never shown, and there is one language only.
            ("seam.api_key_file" | "seam.api_key" | "desk.language", _) => continue,
            _ if line.starts_with('#') => value.to_owned(),
            (_, Ok(number)) => (number - 1).to_string(),
            _ if value == "true" => "false".to_owned(),
            _ if value == "false" => "true".to_owned(),
            ("seam.endpoint", _) => "'https://other.example'".to_owned(),
            ("desk.check_out", _) => "'12:00'".to_owned(),
            ("stay.date_order", _) => "'month-day'".to_owned(),
            ("stay.check_out", _) => "'card'".to_owned(),
            ("rooms.group_pattern", _) => "'(x)'".to_owned(),
            ("look.ascii", _) => "true".to_owned(),
            ("log.level", _) => "'off'".to_owned(),
            (name, _) => panic!("name a value for {name} here that is not its default"),
        };
        let mut after = fields(&good(&format!("[{section}]\n{key} = {other}\n")));
        after.retain(|field, value| before[field] != *value);
        assert_eq!(after.into_keys().collect::<Vec<_>>(), [name.trim_end_matches("_s")], "{name} = {other}");
        tried += 1;
    }
    assert_eq!(tried, with_env([KEY]).settings.len() - 2);
}

#[test]
fn the_example_names_the_flags_of_the_command_line() {
    let example = config::example();
    let named = example.split([' ', ',', '.', '\n']).filter_map(|word| word.strip_prefix("--"));
    let command = Cli::command();
    let known = command.get_arguments().filter_map(|flag| flag.get_long());
    assert_eq!(named.collect::<BTreeSet<_>>(), known.collect::<BTreeSet<_>>());
}

#[test]
fn the_example_equals_the_defaults() {
    let user = ("USER", "ana");
    let (example, defaults) = (from(&config::example(), [KEY, user], &Flags::default()), with_env([KEY, user]));
    assert!(example.outcome.is_ok(), "{:?}", example.outcome);
    assert_eq!(values(&example), values(&defaults));
    let set = example.settings.iter().filter(|s| matches!(s.origin, Origin::File { .. })).map(|s| s.name);
    let text = config::example();
    let lines: Vec<_> = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).collect();
    assert_eq!(set.collect::<BTreeSet<_>>().len(), lines.len(), "{lines:?}");
    // All of the others are taken from elsewhere or have no default.
    let other = |s: &&SettingInEffect| !matches!(s.origin, Origin::File { .. });
    let others: Vec<_> = example.settings.iter().filter(other).map(|s| s.name.rsplit('.').next().unwrap()).collect();
    assert!(others.iter().all(|key| text.contains(&format!("\n# {key} = "))), "{others:?}");
}

#[test]
fn the_example_shows_every_key_and_its_comments_are_right() {
    // Each commented key made a real one, but for the second of the two that exclude each other.
    let is_key = |line: &str| line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" = ");
    let example = config::example();
    let live: Vec<_> = example
        .lines()
        .map(|line| {
            line.strip_prefix("# ").filter(|rest| is_key(rest) && !rest.starts_with("api_key =")).unwrap_or(line)
        })
        .collect();
    let read = |path: &Path| {
        assert_eq!(path, Path::new("/etc/seam.key"));
        Ok(SecretString::from("seam_abcd1234efgh\n"))
    };
    let resolved = resolve(Some(&source(&live.join("\n"))), &Env::default(), &Flags::default(), &read);
    let config = resolved.outcome.unwrap();
    assert_eq!(config.seam.api_key.expose_secret(), "seam_abcd1234efgh");
    assert_eq!(config.seam.system.as_deref(), Some("Hotel Aurora"));
    assert_eq!(config.desk.country, Country::new("US"));
    assert_eq!(config.journal.path.as_deref(), Some(Path::new("/var/lib/keydesk/journal.db")));
    let defaults: Vec<_> = resolved.settings.iter().filter(|s| s.origin == Origin::Default).collect();
    assert!(defaults.is_empty(), "not in the example: {defaults:?}");
}

#[test]
fn defaults_are_those_of_the_example_in_plain_types() {
    let config = with_env([KEY]).outcome.unwrap();
    assert_eq!(config.seam.endpoint, "https://connect.getseam.com");
    assert_eq!(config.seam.key_kind, KeyKind::ApiKey);
    assert_eq!(config.seam.connect_timeout, Duration::from_secs(5));
    assert_eq!(config.seam.timeout, Duration::from_secs(30));
    assert_eq!(config.desk.operator, "desk");
    assert_eq!(config.desk.check_out, jiff::civil::time(11, 0, 0, 0));
    assert!(config.desk.time_zone.is_none() && config.desk.country.is_none() && config.desk.encoder.is_none());
    assert_eq!(config.sync.sweep_per_second, 2);
    assert!(config.look.bell && !config.look.ascii);
    assert_eq!((config.journal.path, config.journal.keep_days), (None, 90));
    assert_eq!(config.jobs.ask_after, 30);
    assert_eq!(config.log.level, LogLevel::Info);
}

#[test]
fn the_journal_s_path_is_taken_from_the_config_s_folder_on() {
    let path = |text: &str| from(text, [KEY, ("HOME", "/home/ana")], &Flags::default()).outcome.unwrap().journal.path;
    assert_eq!(path("[journal]\npath = 'record.db'").as_deref(), Some(Path::new("/etc/record.db")));
    assert_eq!(path("[journal]\npath = '~/desk/record.db'").as_deref(), Some(Path::new("/home/ana/desk/record.db")));
    let wrong = from("[journal]\nkeep_days = 0", [KEY], &Flags::default());
    assert!(format!("{:?}", wrong.outcome).contains("journal.keep_days"));
}

#[test]
fn variables_win_over_the_file_and_flags_over_both() {
    let text = "[seam]\nendpoint = 'https://file.example'\nsystem = 'File'\nworkspace_id = 'file'\n";
    let env = [KEY, ("SEAM_ENDPOINT", "https://env.example/"), ("SEAM_WORKSPACE_ID", "env")];
    let seam = from(text, env, &Flags::default()).outcome.unwrap().seam;
    assert_eq!((seam.endpoint.as_str(), seam.workspace_id.as_deref()), ("https://env.example", Some("env")));
    let flags = Flags {
        endpoint: Some("http://127.0.0.1:4010".into()),
        system: Some("Flag".into()),
        encoder: Some("Front".into()),
        ..Flags::default()
    };
    let resolved = from(text, env, &flags);
    let origin = |name| resolved.settings.iter().find(|s| s.name == name).map(|s| s.origin.to_string()).unwrap();
    assert_eq!(origin("seam.endpoint"), "--endpoint");
    assert_eq!(origin("seam.workspace_id"), "$SEAM_WORKSPACE_ID");
    let config = resolved.outcome.unwrap();
    assert_eq!(config.seam.endpoint, "http://127.0.0.1:4010");
    assert_eq!((config.seam.system.as_deref(), config.desk.encoder.as_deref()), (Some("Flag"), Some("Front")));
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let seam = with_env([KEY, ("SEAM_PERSONAL_ACCESS_TOKEN", ""), ("SEAM_ENDPOINT", " ")]).outcome.unwrap().seam;
    assert_eq!(seam.endpoint, "https://connect.getseam.com");
    assert_eq!(with_env([("SEAM_API_KEY", "")]).outcome.unwrap_err(), ConfigRefusal::NoKey);
}

#[test]
fn the_key_from_every_place() {
    let token = "seam_at_abcd1234";
    let workspace = ("SEAM_WORKSPACE_ID", "w1");
    for variable in ["SEAM_API_KEY", "SEAM_PERSONAL_ACCESS_TOKEN"] {
        let seam = with_env([(variable, token), workspace]).outcome.unwrap().seam;
        assert_eq!((seam.key_kind, seam.api_key.expose_secret()), (KeyKind::PersonalAccessToken, token));
        let said = one(with_env([(variable, token)]));
        assert!(said.contains("needs seam.workspace_id") && said.contains("$SEAM_WORKSPACE_ID"), "{said}");
    }
    let said = one(with_env([KEY, ("SEAM_PERSONAL_ACCESS_TOKEN", token)]));
    assert!(said.contains("both $SEAM_API_KEY and $SEAM_PERSONAL_ACCESS_TOKEN are set"), "{said}");
    let said = one(with_env([("SEAM_PERSONAL_ACCESS_TOKEN", "seam_abcd1234")]));
    assert!(said.contains("not a personal access token"), "{said}");

    let text = "[seam]\napi_key = \"seam_filefile\"\n";
    let key = |env: &Env| {
        let config = resolve(Some(&source(text)), env, &Flags::default(), &no_key_file).outcome.unwrap();
        config.seam.api_key.expose_secret().to_owned()
    };
    assert_eq!(key(&Env::default()), "seam_filefile");
    assert_eq!(key(&Env::from([KEY])), KEY.1);
    let said = one(from("[seam]\napi_key = 'seam_a'\napi_key_file = 'b'\n", [], &Flags::default()));
    assert!(said.starts_with("/etc/keydesk.toml, line 3: both seam.api_key and seam.api_key_file"), "{said}");
    // A key in a variable is in effect, so that nobody reads the key file.
    assert!(from("[seam]\napi_key_file = 'b'\n", [KEY], &Flags::default()).outcome.is_ok());
}

#[test]
fn unsuitable_keys_are_refused_and_never_repeated() {
    for (key, said) in [
        ("seam_pk_1234567", "a publishable key"),
        ("seam_cst_1234567", "a client session token"),
        ("eyJ1234567", "the token of a console session"),
        ("seam 1234567", "characters that no key has"),
        ("'seam_1234567'", "stands in quotation marks"),
        ("“seam_1234567”", "stands in quotation marks"),
        ("seam_\u{1b}1234567", "characters that no key has"),
    ] {
        let from_env = one(with_env([("SEAM_API_KEY", key)]));
        let from_file =
            one(from(&format!("[seam]\napi_key = {key:?}\n").replace("\\u{1b}", "\\u001b"), [], &Flags::default()));
        for sentence in [from_env, from_file] {
            assert!(sentence.contains(said), "{sentence}");
            assert!(!sentence.contains("1234567"), "{sentence}");
        }
    }
    for text in
        ["[seam]\napi_key = seam_1234567\n", "[seam]\napi_key = [\"seam_1234567\"]\n", "[seam]\napi_key = 1234567\n"]
    {
        let sentence = one(from(text, [], &Flags::default()));
        assert!(sentence.starts_with("/etc/keydesk.toml, line 2: ") && !sentence.contains("1234567"), "{sentence}");
    }
}

#[test]
fn no_look_at_a_configuration_shows_the_key() {
    let env = Env::from([KEY]);
    let resolved = resolve(None, &env, &Flags::default(), &no_key_file);
    for look in [format!("{env:?}"), format!("{resolved:?}"), report(&resolved)] {
        assert!(!look.contains(KEY.1) && !look.contains("abcd"), "{look}");
    }
    assert!(report(&resolved).contains("API key, 17 characters"), "{}", report(&resolved));
}

#[test]
fn every_problem_names_file_line_key_and_remedy() {
    for (text, said) in [
        (
            "[seam]\ntimeout_s = \"fast\"",
            "line 2: seam.timeout_s must be a whole number from 1 to 300, not \"fast\". Write it without quotation marks.",
        ),
        ("\n[sync]\nsweep_per_second = 3", "line 3: sync.sweep_per_second must be a whole number from 1 to 2, not 3."),
        (
            "[look]\nbell = 1",
            "line 2: look.bell must be true or false, not 1. Write true or false, without quotation marks.",
        ),
        ("[look]\nascii = 'maybe'", "line 2: look.ascii must be true, false or \"auto\", not \"maybe\"."),
        (
            "[log]\nlevel = 'loud'",
            "line 2: log.level can't be \"loud\". It takes \"off\", \"error\", \"warn\", \"info\", \"debug\".",
        ),
        ("[desk]\nlanguage = 'tlh'", "line 2: desk.language can't be \"tlh\". It takes \"en\"."),
        (
            "[desk]\ncheck_out = '25:00'",
            "line 2: desk.check_out must be a time, not \"25:00\". Write it as in check_out = \"11:00\".",
        ),
        ("[desk]\ncheck_out = 11:00:00", "line 2: desk.check_out must be a text, not a date or time without quotes."),
        ("[desk]\ntime_zone = 'Madrid'", "line 2: desk.time_zone must be an IANA time zone, not \"Madrid\"."),
        ("[desk]\ncountry = 'Spain'", "line 2: desk.country must be a country of two letters, not \"Spain\"."),
        ("[desk]\noperator = ' '", "line 2: desk.operator is empty. Give it a value, or take the line away"),
        ("[desk]\noperator = \"a\\u001b[2J\"", "line 2: desk.operator holds control characters. Take them out."),
        ("[seam]\nendpoint = 'nowhere'", "line 2: seam.endpoint is not a web address that begins with https://."),
        ("[seam]\nendpoint = 'ftp://example.com'", "line 2: seam.endpoint is not a web address"),
        (
            "[seam]\nendpoint = 'http://example.com'",
            "line 2: seam.endpoint is plain http to example.com, and anyone on the way",
        ),
        (
            "[seam]\nendpoint = 'https://me:secret@example.com'",
            "line 2: seam.endpoint holds a user name, a password, a question mark or",
        ),
        ("[rooms]\ngroup_pattern = '('", "line 2: rooms.group_pattern is not a regular expression for rooms ("),
        (
            "[rooms]\ngroup_pattern = 'Room'",
            "line 2: rooms.group_pattern is not a regular expression for rooms (it needs one group in parentheses",
        ),
        ("[sean]\na = 1", "line 1: [sean] is not a section that keydesk knows. Did you mean [seam]?"),
        ("[x]", "line 1: [x] is not a section that keydesk knows. The sections are [seam], [desk],"),
        ("[seam]\nend_point = 'a'", "line 2: seam.end_point is not a key that keydesk knows. Did you mean endpoint?"),
        (
            "[seam]\ncountry = 'US'",
            "line 2: seam.country is not a key that keydesk knows. It belongs below the line [desk].",
        ),
        ("[log]\nqqq = 1", "line 2: log.qqq is not a key that keydesk knows. [log] takes: level."),
        ("system = 'a'", "line 1: system stands outside of any section. Move it below the line [seam]."),
        ("seam = 3", "line 1: seam is a section, not a key. Write it as a line [seam] with its keys below."),
        ("[seam]\nsystem = 'a'\nsystem = 'b'", "line 3: this can't be read as TOML: duplicate key. Mend the line;"),
        ("[desk\n", "line 1: this can't be read as TOML: "),
    ] {
        let sentence = bad(text);
        assert!(sentence.starts_with(&format!("/etc/keydesk.toml, {said}")), "{text:?} gives: {sentence}");
    }
    assert!(!bad("[seam]\nendpoint = 'https://me:secret@example.com'").contains("secret"));
}

#[test]
fn all_problems_are_named_at_once_with_their_variable_or_flag() {
    let flags = Flags { endpoint: Some("http://example.com".into()), ..Flags::default() };
    let resolved = from("[look]\nbel = true\n[log]\nlevel = 1\n", [("SEAM_API_KEY", "eyJ")], &flags);
    let Err(ConfigRefusal::Problems(problems)) = &resolved.outcome else { panic!("{:?}", resolved.outcome) };
    let places: Vec<_> = problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["/etc/keydesk.toml, line 2", "--endpoint", "$SEAM_API_KEY", "/etc/keydesk.toml, line 4"]);
    let report = report(&resolved);
    assert!(problems.iter().all(|problem| report.contains(&problem.to_string())), "{report}");
}

#[test]
fn what_a_terminal_would_obey_is_taken_out_of_every_sentence() {
    for text in [
        "[\"a\\u001b[2J\"]",
        "[log]\n\"le\\u001bvel\" = 1",
        "[log]\nlevel = \"\\u001b[2J\"",
        "[rooms]\ngroup_pattern = \"\\u001b(\"",
    ] {
        let sentence = bad(text);
        assert!(!sentence.contains(char::is_control), "{sentence:?}");
    }
}

#[test]
fn http_is_for_this_machine_only() {
    let endpoint = |value: &str| good(&format!("[seam]\nendpoint = '{value}'\n")).seam.endpoint;
    assert_eq!(endpoint("http://localhost:4010/"), "http://localhost:4010");
    assert_eq!(endpoint("http://[::1]:4010"), "http://[::1]:4010");
    assert_eq!(endpoint("https://proxy.example/seam/"), "https://proxy.example/seam");
    for other in ["http://localhost.example", "http://192.168.0.9", "http://127.0.0.1.example"] {
        let sentence = bad(&format!("[seam]\nendpoint = '{other}'\n"));
        assert!(sentence.contains("allow_insecure = true"), "{sentence}");
        good(&format!("[seam]\nallow_insecure = true\nendpoint = '{other}'\n"));
    }
}

#[test]
fn the_default_pattern_knows_rooms() {
    let pattern = good("").rooms.group_pattern;
    let room = |name: &str| pattern.room_of(name).map(str::to_owned);
    for (name, number) in [
        ("Room 204", "204"),
        ("204", "204"),
        ("Zimmer 204", "204"),
        ("Habitación 12A", "12A"),
        ("Chambre 5", "5"),
        ("Suite 1203", "1203"),
    ] {
        assert_eq!(room(name).as_deref(), Some(number), "{name}");
    }
    for name in ["Executive Lounge", "Floor 2", "Guests 2026", "Room", "Room 204 Staff", "2026-11-28", "123456"] {
        assert_eq!(room(name), None, "{name}");
    }
    let own = good("[rooms]\ngroup_pattern = '^Hab\\. (\\d+)(?:-bis)?$'\n").rooms.group_pattern;
    assert_eq!(own.room_of("Hab. 7-bis"), Some("7"));
}

#[test]
fn ascii_follows_the_locale_unless_said() {
    let ascii = |text: &str, env: &Env, flags: &Flags| {
        let text = format!("{text}\n[seam]\napi_key = 'seam_x'\n");
        resolve(Some(&source(&text)), env, flags, &no_key_file).outcome.unwrap().look.ascii
    };
    let none = Flags::default();
    for (pairs, expected) in [
        ([("LC_ALL", ""), ("LC_CTYPE", ""), ("LANG", "")], false),
        ([("LC_ALL", ""), ("LC_CTYPE", ""), ("LANG", "C")], true),
        ([("LC_ALL", ""), ("LC_CTYPE", "es_ES.UTF-8"), ("LANG", "C")], false),
        ([("LC_ALL", "POSIX"), ("LC_CTYPE", "es_ES.UTF-8"), ("LANG", "es_ES.utf8")], true),
        ([("LC_ALL", "C.utf8"), ("LC_CTYPE", "C"), ("LANG", "C")], false),
    ] {
        assert_eq!(ascii("", &Env::from(pairs), &none), expected, "{pairs:?}");
    }
    let (c, utf8) = (Env::from([("LANG", "C")]), Env::from([("LANG", "C.UTF-8")]));
    assert!(!ascii("[look]\nascii = false", &c, &none));
    assert!(ascii("[look]\nascii = true", &utf8, &none));
    assert!(ascii("[look]\nascii = false", &utf8, &Flags { ascii: true, ..none }));
}

#[test]
fn a_desk_in_madrid() {
    let text = "[desk]\noperator = 'Ana'\ntime_zone = 'Europe/Madrid'\ncheck_out = '12:30'\ncountry = 'es'\n";
    let desk = good(text).desk;
    assert_eq!(desk.operator, "Ana");
    assert_eq!(desk.time_zone.unwrap().iana_name(), Some("Europe/Madrid"));
    assert_eq!(desk.check_out, jiff::civil::time(12, 30, 0, 0));
    assert_eq!(desk.country, Country::new("ES"));
    assert_eq!(with_env([KEY, ("LOGNAME", "bo"), ("USER", "ana")]).outcome.unwrap().desk.operator, "ana");
}

#[test]
fn the_file_is_looked_for_in_order() {
    let place = |flags: &Flags, env: &Env| config::place(flags, env).map(|(path, _)| path);
    let named = Flags { config: Some("/a".into()), ..Flags::default() };
    let none = Flags::default();
    let env = Env::from([("KEYDESK_CONFIG", "/b"), ("XDG_CONFIG_HOME", "/c"), ("HOME", "/h")]);
    assert_eq!(place(&named, &env), Some("/a".into()));
    assert_eq!(place(&none, &env), Some("/b".into()));
    let env = Env::from([("XDG_CONFIG_HOME", "/c"), ("HOME", "/h")]);
    assert_eq!(place(&none, &env), Some("/c/keydesk/config.toml".into()));
    let env = Env::from([("XDG_CONFIG_HOME", "relative"), ("HOME", "/h")]);
    assert_eq!(place(&none, &env), Some("/h/.config/keydesk/config.toml".into()));
    assert_eq!(place(&none, &Env::default()), None);
}

#[test]
fn a_named_file_must_exist_and_the_usual_one_need_not() {
    let home = tempfile::tempdir().unwrap();
    let home_path = home.path().to_str().unwrap();
    let env = Env::from([("HOME", home_path), KEY]);
    assert!(config::load(&Flags::default(), &env).outcome.is_ok());
    let missing = home.path().join("none.toml");
    let sentence = one(config::load(&Flags { config: Some(missing.clone()), ..Flags::default() }, &env));
    assert!(
        sentence.starts_with(&format!("--config: the config file {} can't be read", missing.display())),
        "{sentence}"
    );
    let env = Env::from([("KEYDESK_CONFIG", home_path), KEY]);
    let sentence = one(config::load(&Flags::default(), &env));
    assert!(sentence.starts_with("$KEYDESK_CONFIG: the config file "), "{sentence}");
}

#[cfg(unix)]
#[test]
fn a_key_in_a_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let load =
        |path: &Path| config::load(&Flags { config: Some(path.to_owned()), ..Flags::default() }, &Env::default());
    let config = write("config.toml", "[seam]\napi_key_file = 'seam.key'\n", 0o644);

    let key = write("seam.key", "seam_abcd1234\n", 0o600);
    let resolved = load(&config);
    assert!(resolved.warnings.is_empty());
    assert_eq!(resolved.outcome.unwrap().seam.api_key.expose_secret(), "seam_abcd1234");

    write("seam.key", "seam_abcd1234\n", 0o640);
    let sentence = one(load(&config));
    assert!(sentence.contains("line 2: seam.api_key_file names "), "{sentence}");
    assert!(sentence.ends_with(&format!("which others may read. Run: chmod 600 {}", key.display())), "{sentence}");

    fs::remove_file(&key).unwrap();
    let sentence = one(load(&config));
    assert!(sentence.contains("line 2: seam.api_key_file names ") && sentence.contains("can't be read"), "{sentence}");

    let own = write("own.toml", "[seam]\napi_key = 'seam_abcd1234'\n", 0o644);
    let resolved = load(&own);
    assert!(resolved.outcome.is_ok());
    assert!(resolved.warnings[0].contains("chmod 600") && report(&resolved).contains("Warning: "));
    write("own.toml", "[seam]\napi_key = 'seam_abcd1234'\n", 0o600);
    assert!(load(&own).warnings.is_empty());
}

#[cfg(unix)]
#[test]
fn files_are_read_as_editors_save_them_or_their_encoding_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let load = |config: &[u8], key: &[u8]| {
        for (name, bytes) in [("config.toml", config), ("seam.key", key)] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let flags = Flags { config: Some(folder.path().join("config.toml")), ..Flags::default() };
        config::load(&flags, &Env::default())
    };
    let utf16 = |text: &str| -> Vec<u8> {
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let text = "[seam]\r\napi_key_file = 'seam.key'\r\n[desk]\r\noperator = 'José'\r\n";
    let (key, marked) = ("seam_abcd1234", "\u{feff}");
    for (config, key_file) in [
        (text.as_bytes().to_vec(), format!("{key}\r\n").into_bytes()),
        (format!("{marked}{text}").into_bytes(), format!("{marked} {key} \n\n").into_bytes()),
        (utf16(text), utf16(&format!("{key}\r\n"))),
    ] {
        let config = load(&config, &key_file).outcome.unwrap();
        assert_eq!((config.desk.operator.as_str(), config.seam.api_key.expose_secret()), ("José", key));
    }
    let latin1: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let sentence = one(load(&latin1, key.as_bytes()));
    assert!(sentence.contains("config.toml is not saved as UTF-8 (line 4 shows it)"), "{sentence}");
    assert!(sentence.ends_with("save it as UTF-8."), "{sentence}");
    for (key_file, said) in [
        (&b"seam_abcd\xe9\n"[..], "seam.key, which is not saved as UTF-8"),
        (b"s\0e\0a\0m\0_\0a\0", "seam.key, which seems to be saved as UTF-16"),
        (b"\"seam_abcd1234\"\n", "stands in quotation marks"),
        (b"seam_abcd1234\nseam_other\n", "characters that no key has"),
    ] {
        let sentence = one(load(text.as_bytes(), key_file));
        assert!(sentence.contains(said) && !sentence.contains("seam_abcd"), "{sentence}");
    }
}

#[test]
fn a_key_file_in_the_home_folder() {
    let read = |path: &Path| {
        assert_eq!(path, Path::new("/home/ana/seam.key"));
        Ok(SecretString::from("seam_abcd1234"))
    };
    let source = source("[seam]\napi_key_file = '~/seam.key'\n");
    let env = Env::from([("HOME", "/home/ana")]);
    assert!(resolve(Some(&source), &env, &Flags::default(), &read).outcome.is_ok());
}

#[test]
fn a_demo_takes_nothing_of_the_real_system() {
    let env = Env::from([KEY, ("SEAM_WORKSPACE_ID", "w"), ("SEAM_ENDPOINT", "https://real.example"), ("USER", "ana")]);
    let config = config::demo("http://127.0.0.1:4010", "seam_simulator_key", true, &env).unwrap();
    assert_eq!(config.seam.endpoint, "http://127.0.0.1:4010");
    assert_eq!(config.seam.api_key.expose_secret(), "seam_simulator_key");
    assert_eq!((config.seam.workspace_id, config.desk.operator.as_str(), config.look.ascii), (None, "ana", true));
    assert!(config::demo("http://real.example", "seam_simulator_key", true, &env).is_err());
}
