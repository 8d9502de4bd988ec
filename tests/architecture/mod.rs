//! Who may know whom: every path in `src` against the table of layers, and what the pure layers may not name at all.
//!
//! Paths are read from the syntax tree, so that comments and strings don't count; the tokens of macros do. What is
//! compiled for tests only may look at clocks and files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail loudly as tests do")]

mod codes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;

/// Each layer with the layers that it may import, lowest first: none stands above its own line, so there is no circle.
/// A layer is a folder or file of `src`; of two that fit the longer name counts.
const LAYERS: &[(&str, &[&str])] = &[
    ("files", &[]),
    ("rng", &[]),
    ("seam", &[]),
    ("seam::client", &["seam"]),
    ("simulator", &["rng"]),
    ("domain", &["seam"]),
    ("journal::types", &["seam", "domain"]),
    ("words", &["seam", "domain", "journal::types"]),
    ("ui", &["words"]),
    ("keys", &["domain", "words", "ui"]),
    ("component", &["seam", "domain", "words", "ui", "keys"]),
    ("panes", &["seam", "domain", "words", "ui", "keys", "component"]),
    ("dialogs", &["seam", "domain", "words", "ui", "keys", "component"]),
    ("app", &["rng", "seam", "domain", "words", "ui", "keys", "component", "panes", "dialogs"]),
    ("config", &["seam", "seam::client", "domain", "files"]),
    ("cli", &["config"]),
    ("log", &["config", "files"]),
    ("journal", &["seam", "domain", "journal::types", "files"]),
    ("engine", &["rng", "seam", "seam::client", "domain", "journal", "journal::types"]),
    (
        "backend",
        &["seam", "seam::client", "domain", "words", "component", "config", "journal", "journal::types", "engine"],
    ),
    ("terminal", &["seam", "seam::client", "domain", "ui", "keys", "component", "app", "config", "files", "backend"]),
    ("main", &["cli", "config", "files", "log", "simulator", "terminal"]),
];

/// The layers without tokio, files, network, processes, clock and chance.
const PURE: &[&str] =
    &["rng", "seam", "domain", "journal::types", "words", "ui", "keys", "component", "panes", "dialogs", "app"];

/// What no pure layer names. A name of two parts is found by its end too, since types are imported by their own name.
const IMPURE: &[&str] = &[
    "tokio",
    "reqwest",
    "rustix",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "RandomState",
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
    "Uuid::new_v4",
    "rand",
];

/// Crates with the only layers that may name them.
const ONLY: &[(&str, &[&str])] = &[
    ("reqwest", &["seam::client"]),
    ("rustls", &["seam::client"]),
    ("axum", &["simulator"]),
    ("rusqlite", &["journal"]),
    ("crossterm", &["terminal"]),
    ("signal_hook", &["terminal"]),
    ("clap", &["cli", "main"]),
    ("toml", &["config"]),
    ("tracing_subscriber", &["log"]),
    ("ratatui", &["ui", "component", "panes", "dialogs", "app", "terminal"]),
];

/// Macros that would write behind the screen's back.
const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

/// A path as it is used in a file: its parts, from the crate's root on where it is one of ours.
type Parts = Vec<String>;

struct File {
    name: String,
    /// The module of the file, from the crate's root on.
    module: Parts,
    paths: BTreeSet<Parts>,
    macros: BTreeSet<String>,
}

fn parts(path: &str) -> Parts {
    path.split("::").map(str::to_owned).collect()
}

fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        meta => meta.path().segments.last().is_some_and(|last| last.ident == "test"),
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl File {
    fn read(name: &str, text: &str) -> Self {
        let module = module_of(name);
        let mut file = Self { name: name.to_owned(), module, paths: BTreeSet::new(), macros: BTreeSet::new() };
        let ast = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        if !is_test_only(&ast.attrs) {
            let items = ast.items.iter().filter(|item| !is_test_only(attributes(item)));
            items.for_each(|item| file.tokens(item.to_token_stream()));
        }
        file
    }

    /// Gathers all paths in tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            match tree {
                TokenTree::Ident(_) => at = self.path(&trees, at, Vec::new()),
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    at += 1;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
            }
        }
    }

    /// Gathers the path that begins at `at`, with all members of `{…}`; gives where it ends.
    fn path(&mut self, trees: &[TokenTree], mut at: usize, mut path: Parts) -> usize {
        let is = |at: usize, c: char| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == c);
        while let Some(TokenTree::Ident(ident)) = trees.get(at) {
            path.push(ident.to_string());
            at += 1;
            if !(is(at, ':') && is(at + 1, ':')) {
                break;
            }
            at += 2;
            if let Some(TokenTree::Group(group)) = trees.get(at)
                && group.delimiter() == Delimiter::Brace
            {
                let members: Vec<TokenTree> = group.stream().into_iter().collect();
                let mut member = 0;
                while member < members.len() {
                    member = match members[member] {
                        TokenTree::Ident(_) => self.path(&members, member, path.clone()),
                        _ => member + 1,
                    };
                }
                return at + 1;
            }
        }
        if path.len() == 1 && is(at, '!') {
            self.macros.insert(path[0].clone());
        }
        let from_root = match path[0].as_str() {
            "crate" | "keydesk" => path[1..].to_vec(),
            "self" if path.len() > 1 => [&self.module[..], &path[1..]].concat(),
            "super" => {
                let up = path.iter().take_while(|part| *part == "super").count();
                // A test module inside the file begins one level deeper; those are not read.
                let kept = self.module.len().saturating_sub(up);
                [&self.module[..kept], &path[up..]].concat()
            }
            _ => {
                self.paths.insert([vec![String::new()], path].concat());
                return at;
            }
        };
        self.paths.insert(from_root);
        at
    }
}

/// `src/domain/job/mod.rs` is `domain::job`.
fn module_of(name: &str) -> Parts {
    let mut module: Parts =
        name.trim_start_matches("src/").trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

fn layer_of(path: &[String]) -> Option<usize> {
    let fits = |layer: &str| path.starts_with(&parts(layer));
    (0..LAYERS.len()).filter(|at| fits(LAYERS[*at].0)).max_by_key(|at| LAYERS[*at].0.len())
}

/// Whether a path into another crate reaches what must not be named.
fn reaches(path: &[String], what: &str) -> bool {
    let what = parts(what);
    path.starts_with(&what) || what[0] != "std" && what.len() == 2 && path.windows(2).any(|pair| pair == what)
}

/// All that breaks a rule, a sentence each.
fn broken(files: &[File]) -> Vec<String> {
    let mut broken = Vec::new();
    for file in files.iter().filter(|file| file.name != "src/lib.rs") {
        let Some(own) = layer_of(&file.module) else {
            broken.push(format!("{} is in no layer: add it to LAYERS", file.name));
            continue;
        };
        let (layer, may) = LAYERS[own];
        let mut say = |what: &str| broken.push(format!("{}: {what}", file.name));
        for path in &file.paths {
            if path.first().is_some_and(String::is_empty) {
                let path = &path[1..];
                let shown = path.join("::");
                // A single word is a crate only where it is imported; elsewhere it is a variable or a field.
                if path.len() > 1 && PURE.contains(&layer) && IMPURE.iter().any(|what| reaches(path, what)) {
                    say(&format!("{layer} is pure and names {shown}"));
                }
                let keepers = ONLY.iter().find(|(name, _)| path.len() > 1 && path[0] == *name);
                if let Some((name, keepers)) = keepers
                    && !keepers.contains(&layer)
                {
                    say(&format!("{name} is not for {layer}"));
                }
            } else if let Some(other) = layer_of(path)
                && other != own
                && !may.contains(&LAYERS[other].0)
            {
                say(&format!("{layer} may not name {}", LAYERS[other].0));
            }
            if let ([panes, from, ..], [other, to, ..]) = (&file.module[..], &path[..])
                && panes == "panes"
                && other == "panes"
                && from != to
                && files.iter().any(|file| file.module == path[..2])
            {
                say("a pane knows no other pane");
            }
        }
        for name in &file.macros {
            if PRINTING.contains(&name.as_str()) && layer != "main" {
                say(&format!("only main prints, not {name}!"));
            }
        }
    }
    broken.sort();
    broken.dedup();
    broken
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_keeps_to_its_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    sources(&root.join("src"), &mut found);
    let files: Vec<File> = found
        .iter()
        // Test modules with a file of their own.
        .filter(|path| !path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests")))
        .map(|path| {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            File::read(&name, &std::fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(files.len() > 100, "the sources were not found");
    let broken = broken(&files);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_layer_imports_one_that_stands_above_it() {
    for (at, (layer, may)) in LAYERS.iter().enumerate() {
        for other in *may {
            let place = LAYERS.iter().position(|(name, _)| name == other);
            assert!(place.is_some_and(|place| place < at), "{layer} imports {other}, which does not stand below it");
        }
    }
    // Folders, too: what is split into two layers is one folder for whoever looks for circles.
    let folder = |layer: &str| parts(layer)[0].clone();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (layer, may) in LAYERS {
        let below = may.iter().map(|other| folder(other)).filter(|other| *other != folder(layer));
        imports.entry(folder(layer)).or_default().extend(below);
    }
    while let Some(lowest) = imports.iter().find(|(_, below)| below.is_empty()).map(|(name, _)| name.clone()) {
        imports.remove(&lowest);
        for below in imports.values_mut() {
            below.remove(&lowest);
        }
    }
    assert!(imports.is_empty(), "folders in a circle: {:?}", imports.keys());
}

#[test]
fn what_breaks_a_rule_is_found_however_it_is_written() {
    for (name, text, why) in [
        ("src/domain/x.rs", "use crate::words;", "domain may not name words"),
        ("src/domain/x.rs", "use crate::{seam::types::{self, User}, terminal as t};", "domain may not name terminal"),
        ("src/domain/job/x.rs", "fn f() { super::super::super::app::run(); }", "domain may not name app"),
        ("src/domain/x.rs", "fn f() { vec![crate::engine::Clock]; }", "domain may not name engine"),
        ("src/seam/x.rs", "use super::client::Client;", "seam may not name seam::client"),
        ("src/simulator/x.rs", "use crate::seam::types::User;", "simulator may not name seam"),
        ("src/panes/users.rs", "use super::groups::State;", "a pane knows no other pane"),
        ("src/engine/x.rs", "use reqwest::Client;", "reqwest is not for engine"),
        ("src/ui/x.rs", "use crossterm::event::KeyEvent;", "crossterm is not for ui"),
        (
            "src/domain/x.rs",
            "async fn f() { tokio::select! { _ = a => {} } }",
            "domain is pure and names tokio::select",
        ),
        ("src/domain/x.rs", "use jiff::Timestamp; fn f() { Timestamp::now(); }", "names Timestamp::now"),
        ("src/app/x.rs", "use std::{fmt, fs};", "names std::fs"),
        ("src/app/x.rs", "use std::time::{Duration, Instant};", "names std::time::Instant"),
        ("src/app/x.rs", "fn f() { format!(\"{}\", uuid::Uuid::new_v4()); }", "names uuid::Uuid::new_v4"),
        ("src/terminal/x.rs", "fn f() { eprintln!(); }", "only main prints"),
        ("src/attic/x.rs", "", "is in no layer"),
    ] {
        let found = broken(&[File::read(name, text), File::read("src/panes/groups.rs", "")]);
        assert!(found.iter().any(|sentence| sentence.contains(why)), "{name}: {text} gives {found:?}");
    }
    for (name, text) in [
        ("src/domain/x.rs", "use crate::seam::types::User; use super::search_form; use std::time::Duration;"),
        ("src/domain/x.rs", "/// Never [`std::fs::read`].\nfn f() { format!(\"tokio::spawn\"); }"),
        ("src/domain/x.rs", "#[cfg(test)] mod tests { use std::fs; #[test] fn f() { jiff::Timestamp::now(); } }"),
        ("src/terminal/x.rs", "use crate::app::Model; use crossterm::event; use std::time::Instant;"),
        ("src/panes/users.rs", "use super::Msg; use crate::panes::users::row;"),
    ] {
        let found = broken(&[File::read(name, text), File::read("src/panes/groups.rs", "")]);
        assert!(found.is_empty(), "{name}: {text} gives {found:?}");
    }
}
