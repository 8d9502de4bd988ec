//! The rules: which room may name which, and what the pure rooms don't name at all.

use crate::names::{Kind, Name, Path, Source, Tree};

/// Every room with those that it may name besides itself. The longest name that fits a module is its room, so that
/// `seam` is all of `src/seam` but for `seam::client`.
const ROOMS: &[(&str, &[&str])] = &[
    ("seam", &[]),
    ("seam::client", &["seam"]),
    ("desk", &["seam"]),
    // What a journal holds and what can be wrong with it.
    ("journal::types", &["seam", "desk"]),
    ("words", &["seam", "desk", "journal::types"]),
    // The desk's own word for a key that was pressed: needed by text fields too.
    ("app::key", &[]),
    ("ui", &["seam", "desk", "words", "app::key"]),
    ("app", SCREEN),
    ("panes", SCREEN),
    ("dialogs", SCREEN),
    ("journal", &["seam", "desk", "files", "journal::types"]),
    ("engine", &["seam", "seam::client", "desk", "journal", "journal::types"]),
    ("files", &[]),
    ("config", &["seam", "seam::client", "desk", "files"]),
    ("log", &["config", "files"]),
    ("cli", &["config"]),
    ("shell", SHELL),
    ("shell::demo", &["simulator", "shell", "seam", "seam::client", "desk", "words", "app", "config", "files", "log"]),
    // Shares no wire types with `seam`: a wrong field name would pass every test.
    ("simulator", &[]),
    ("lib", &[]),
];

const SCREEN: &[&str] = &["seam", "desk", "words", "ui", "app", "app::key", "panes", "dialogs"];

const SHELL: &[&str] = &[
    "seam",
    "seam::client",
    "desk",
    "words",
    "ui",
    "app",
    "app::key",
    "panes",
    "dialogs",
    "journal",
    "journal::types",
    "engine",
    "config",
    "files",
    "log",
    "shell::demo",
];

/// Names everything; named by nobody.
const MAIN: &str = "main";

/// The rooms without tokio, files, network, clock and chance.
const PURE: &[&str] = &["seam", "desk", "journal::types", "words", "app::key", "app", "panes", "dialogs", "ui"];

const DRAWING: &[&str] = &["ui", "app", "panes", "dialogs", "shell", "shell::demo"];
const TERMINAL: &[&str] = &["shell"];

/// Crates, and parts of crates, with the only rooms that may name them.
const ONLY: &[(&str, &[&str])] = &[
    ("reqwest", &["seam::client"]),
    ("rustls", &["seam::client"]),
    ("axum", &["simulator"]),
    ("rusqlite", &["journal"]),
    ("crossterm", TERMINAL),
    ("ratatui::crossterm", TERMINAL),
    ("ratatui::backend::CrosstermBackend", TERMINAL),
    ("ratatui::prelude::CrosstermBackend", TERMINAL),
    ("ratatui::init", TERMINAL),
    ("ratatui::restore", TERMINAL),
    ("ratatui::run", TERMINAL),
    ("ratatui::DefaultTerminal", TERMINAL),
    ("signal_hook", TERMINAL),
    ("ratatui", DRAWING),
    ("tui_input", DRAWING),
    ("clap", &["cli", MAIN]),
    ("color_eyre", &["shell", "shell::demo", MAIN]),
    ("toml", &["config"]),
    ("tracing_subscriber", &["log"]),
];

/// What reaches outside.
const OUTSIDE: &[&str] =
    &["tokio", "rustix", "std::env", "std::fs", "std::io", "std::net", "std::os", "std::process", "std::thread"];

/// Clock and chance; tests inside the source may use them.
const CLOCK: &[&str] = &[
    "std::time::Instant",
    "std::time::SystemTime",
    "std::time::UNIX_EPOCH",
    "std::hash::RandomState",
    "std::collections::hash_map::RandomState",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "jiff::tz::TimeZone::system",
    "jiff::tz::TimeZone::try_system",
    "uuid::Uuid::new_v4",
    "uuid::Uuid::now_v1",
    "uuid::Uuid::now_v6",
    "uuid::Uuid::now_v7",
    "uuid::Timestamp::now",
    "rand",
    "fastrand",
    "getrandom",
];

/// Macros that write to the terminal behind the screen's back.
const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

/// All that breaks a rule, a sentence each.
pub fn check(sources: &[Source]) -> Vec<String> {
    let tree = Tree::read(sources);
    let mut broken: Vec<String> = tree
        .modules()
        .filter(|module| room_of(module).is_none())
        .map(|module| format!("{} is a room without a rule: add it to ROOMS", module.join("::")))
        .collect();
    for name in &tree.names {
        // A room without a rule has been named above.
        let Some(room) = room_of(&name.module) else { continue };
        for meaning in tree.meanings(name) {
            let why = if meaning[0] == "crate" {
                inner(&tree, name, room, &meaning[1..])
            } else {
                outer(name, room, &meaning)
            };
            if let Some(why) = why {
                broken.push(format!("{}: names {}: {why}", name.file, meaning.join("::")));
            }
        }
    }
    broken.sort();
    broken.dedup();
    broken
}

/// The room of a module or of something in it.
fn room_of(path: &[String]) -> Option<&'static str> {
    match path.first().map(String::as_str) {
        None => return Some("lib"),
        Some(MAIN) => return Some(MAIN),
        Some(_) => {}
    }
    let fits = |room: &&str| starts_with(path, room);
    ROOMS.iter().map(|(room, _)| *room).filter(fits).max_by_key(|room| room.len())
}

fn inner(tree: &Tree, name: &Name, room: &str, path: &[String]) -> Option<String> {
    // What is no room is an item of the crate's root, or a name that only looks like one.
    let target = if path.is_empty() { (name.kind == Kind::Glob).then_some("lib")? } else { room_of(path)? };
    if let ([panes, from, ..], [other, to, ..]) = (&name.module[..], path)
        && panes == "panes"
        && other == "panes"
        && from != to
        && tree.has_module(&path[..2])
    {
        return Some("a pane knows no other pane".to_owned());
    }
    let may = ROOMS.iter().find(|(known, _)| *known == room).is_some_and(|(_, may)| may.contains(&target));
    let fine = target == room || may || room == MAIN;
    (!fine).then(|| format!("{room} may not name {target}"))
}

fn outer(name: &Name, room: &str, path: &Path) -> Option<String> {
    if name.kind == Kind::Macro {
        let last = path.last()?;
        if last == "include" {
            return Some("include! would hide source from these rules".to_owned());
        }
        if PRINTING.contains(&last.as_str()) && room != MAIN && !name.in_test {
            return Some("only main prints; the screen is the shell's".to_owned());
        }
    }
    if let Some((what, _)) = ONLY.iter().find(|(what, rooms)| !rooms.contains(&room) && covers(name, path, what)) {
        return Some(format!("{what} is not for {room}"));
    }
    if PURE.contains(&room) {
        let outside = OUTSIDE.iter().find(|what| covers(name, path, what));
        let clock = CLOCK.iter().filter(|_| !name.in_test).find(|what| covers(name, path, what));
        return outside.or(clock).map(|what| format!("{room} is pure and knows no {what}"));
    }
    None
}

/// Whether a name reaches what is not to be named: it, something in it, or by a glob something around it.
fn covers(name: &Name, path: &Path, what: &str) -> bool {
    // A single word is a crate only where it is imported; elsewhere it is a field, a variable, a method.
    let is_crate = path.len() > 1 || matches!(name.kind, Kind::Use | Kind::Glob);
    let around = name.kind == Kind::Glob && starts_with(&segments(what), &path.join("::"));
    is_crate && (starts_with(path, what) || around)
}

fn starts_with(path: &[String], prefix: &str) -> bool {
    path.starts_with(&segments(prefix))
}

fn segments(path: &str) -> Path {
    path.split("::").map(str::to_owned).collect()
}
