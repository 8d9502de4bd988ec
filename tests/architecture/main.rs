//! Holds the rooms of the house to their rules, on the syntax tree: who may name whom, and that the pure rooms know
//! no runtime, file, network, clock or chance.

// Where a helper unwraps, a test fails.
#![allow(clippy::unwrap_used)]

mod collect;
mod names;
mod rules;

use std::fs;
use std::path::Path;

use names::{Source, Tree};
use rules::check;

#[test]
fn every_room_keeps_its_rules() {
    let sources = house();
    let broken = check(&sources);
    assert!(broken.is_empty(), "{} broken rules:\n{}", broken.len(), broken.join("\n"));
    // What is known to be there is seen, so that silence means something.
    let tree = Tree::read(&sources);
    let seen = |module: &str, what: &str| {
        let inside = tree.names.iter().filter(|name| name.module.join("::").starts_with(module));
        inside.flat_map(|name| tree.meanings(name)).any(|meaning| meaning.join("::").starts_with(what))
    };
    assert!(seen("seam::client", "reqwest::") && seen("seam::client", "crate::seam::error::"));
    assert!(seen("desk", "crate::seam::types::") && seen("main", "crate::config::") && seen("simulator", "axum::"));
}

fn house() -> Vec<Source> {
    fn walk(folder: &Path, sources: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let file = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                let file =
                    file.components().map(|part| part.as_os_str().to_str().unwrap()).collect::<Vec<_>>().join("/");
                sources.push(Source { file, text });
            }
        }
    }
    let mut sources = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    sources
}

/// What is broken in a house of these files.
fn broken(files: &[(&str, &str)]) -> Vec<String> {
    let source = |(file, text): &(&str, &str)| Source { file: format!("src/{file}"), text: (*text).to_owned() };
    check(&files.iter().map(source).collect::<Vec<_>>())
}

#[test]
fn what_pure_rooms_must_not_name_is_found_however_it_is_named() {
    for (text, what) in [
        // By use.
        ("use tokio::sync::mpsc;", "tokio"),
        ("use tokio;", "tokio"),
        ("use ::tokio::spawn;", "tokio"),
        ("use std::{fmt, fs};", "std::fs"),
        ("use std::{collections::{BTreeMap, HashMap}, time::{Duration, Instant}};", "std::time::Instant"),
        ("use std::time::{self, Duration}; fn f() { time::SystemTime::now(); }", "std::time::SystemTime"),
        ("extern crate tokio as t; fn f() { t::spawn(()); }", "tokio"),
        ("fn f() { use std::process as p; }", "std::process"),
        ("pub(crate) use std::net::IpAddr;", "std::net"),
        ("use r#std::env;", "std::env"),
        ("use core::net::IpAddr;", "std::net"),
        // By full path.
        ("fn f() { std::thread::spawn(|| ()); }", "std::thread"),
        ("fn f() { let _ = ::std::io::stdout(); }", "std::io"),
        ("fn f(x: std::time::Instant) {}", "std::time::Instant"),
        ("fn f() -> Result<(), std::io::Error> { Ok(()) }", "std::io"),
        ("fn f() { let clock = jiff::Timestamp::now; }", "jiff::Timestamp::now"),
        ("fn f() { jiff::Zoned::now().date(); }", "jiff::Zoned::now"),
        ("fn f() { jiff::tz::TimeZone::system(); }", "jiff::tz::TimeZone::system"),
        ("struct A(Vec<Option<tokio::task::JoinHandle<()>>>);", "tokio"),
        ("impl From<reqwest::Error> for A {}", "reqwest"),
        ("trait A: std::os::fd::AsFd {}", "std::os"),
        ("#[tokio::main] async fn f() {}", "tokio"),
        ("#[derive(clap::Parser)] struct A;", "clap"),
        ("#[serde(default = \"jiff::Timestamp::now\")] struct A;", "jiff::Timestamp::now"),
        ("#[cfg_attr(x, serde(with = \"std::env::var\"))] struct A;", "std::env"),
        // By alias.
        ("use jiff::Timestamp as T; fn f() { T::now(); }", "jiff::Timestamp::now"),
        ("use jiff::Timestamp; fn f() { Timestamp::now(); }", "jiff::Timestamp::now"),
        ("use jiff::Timestamp; fn f() { <Timestamp>::now(); }", "jiff::Timestamp::now"),
        ("type T = jiff::Timestamp; fn f() { T::now(); }", "jiff::Timestamp::now"),
        ("use jiff::Timestamp; impl A for Timestamp { fn f() { Self::now(); } }", "jiff::Timestamp::now"),
        ("use jiff as j; use j::Timestamp as T; type U = T; fn f() { U::now(); }", "jiff::Timestamp::now"),
        ("mod a { pub use uuid::Uuid as B; } fn f() { a::B::new_v4(); }", "uuid::Uuid::new_v4"),
        ("mod a { use super::*; fn f() { t::Instant::now(); } } use std::time as t;", "std::time::Instant"),
        ("use std as s; fn f() { s::fs::read(\"\"); }", "std::fs"),
        ("use std::collections::hash_map as m; fn f() { m::RandomState::new(); }", "RandomState"),
        // By glob.
        ("use std::time::*;", "std::time::Instant"),
        ("use std::*;", "std::env"),
        ("use jiff::*; fn f() { Timestamp::now(); }", "jiff::Timestamp::now"),
        ("use jiff::Timestamp::*;", "jiff::Timestamp::now"),
        ("use tokio::*;", "tokio"),
        ("use ratatui::prelude::*;", "CrosstermBackend"),
        // In the tokens of macros.
        ("fn f() { format!(\"{}\", jiff::Timestamp::now()); }", "jiff::Timestamp::now"),
        ("fn f() { tokio::select! { _ = a => {} } }", "tokio"),
        ("fn f() { vec![(1, { [std::env::var(\"A\")] })]; }", "std::env"),
        ("fn f() { vec![x.map(|y: u8| ::tokio::spawn(y))]; }", "tokio"),
        ("use jiff::Timestamp as T; fn f() { assert_eq!(T::now(), t); }", "jiff::Timestamp::now"),
        ("macro_rules! m { () => { use std::{time::{Instant as I}, fmt}; } }", "std::time::Instant"),
        ("macro_rules! m { () => { use std::time as t; t::SystemTime::now() } }", "std::time::SystemTime"),
        ("macro_rules! m { () => { use std::time::*; } }", "std::time::Instant"),
        ("macro_rules! m { () => { $crate::shell::x() } }", "crate::shell"),
        ("fn f() { assert!({ println!(\"\"); true }); }", "only main prints"),
        // And what reaches around the rules.
        ("fn f() { println!(\"a\"); }", "only main prints"),
        ("fn f() { std::eprintln!(\"a\"); }", "only main prints"),
        ("include!(\"../other.rs\");", "include!"),
        // Tests inside may look at a clock, but reach no further.
        ("#[cfg(test)] mod tests { #[tokio::test] async fn f() {} }", "tokio"),
        ("#[cfg(test)] mod tests { use std::fs; }", "std::fs"),
        ("#[cfg(not(test))] fn f() { jiff::Timestamp::now(); }", "jiff::Timestamp::now"),
        ("#[cfg(any(test, unix))] fn f() { jiff::Timestamp::now(); }", "jiff::Timestamp::now"),
    ] {
        let found = broken(&[("desk/card.rs", text), ("shell/mod.rs", "")]);
        assert!(found.iter().any(|sentence| sentence.contains(what)), "{text} gives {found:?}");
        assert!(found.iter().all(|sentence| sentence.starts_with("src/desk/card.rs: names ")), "{found:?}");
    }
}

#[test]
fn what_pure_rooms_may_name_is_let_through() {
    for text in [
        "use std::time::Duration; use std::collections::{BTreeMap, HashMap}; use std::fmt::{self, Write as _};",
        "use jiff::{Timestamp, tz::TimeZone}; fn f(at: Timestamp) { at.now(); TimeZone::UTC; Timestamp::from_second(1); }",
        "fn f(tokio: u8) { let rand = A { tokio, rand: self.rand }; format!(\"{}\", x.tokio); tokio + rand; }",
        "fn f() { format!(\"std::fs::read {}\", \"tokio::spawn\"); }",
        "/// Never [`std::fs::read`] or `tokio::spawn`.\n#[doc = \"jiff::Timestamp::now\"]\nfn f() {}",
        "#[derive(Debug, thiserror::Error)] #[error(\"std: {0}\")] struct A(String);",
        "#[cfg(test)] mod tests { use std::time::*; #[test] fn f() { jiff::Timestamp::now(); println!(); } }",
        "#[test] fn f() { uuid::Uuid::new_v4(); }",
        "#[cfg(all(test, unix))] fn f() { jiff::Timestamp::now(); }",
        "mod time { pub struct Instant; } use time::Instant; fn f() { Instant::now(); }",
        "impl Now for A { fn f() { Self::now(); } }",
        "use crate::seam::types::User; use super::fold; use crate::seam;",
    ] {
        let found = broken(&[("desk/card.rs", text), ("desk/fold.rs", ""), ("seam/types.rs", "")]);
        assert!(found.is_empty(), "{text} gives {found:?}");
    }
}

#[test]
fn tests_in_files_of_their_own_count_as_tests() {
    fn card(text: &str) -> [(&str, &str); 2] {
        [("desk/card.rs", text), ("desk/card/tests.rs", "fn f() { jiff::Timestamp::now(); }")]
    }
    fn moved(text: &str) -> [(&str, &str); 2] {
        [("desk/card.rs", text), ("desk/card_tests.rs", "use super::*; fn f() { T::now(); }")]
    }
    assert!(broken(&card("#[cfg(test)] mod tests;")).is_empty());
    assert_eq!(
        broken(&card("mod tests;")),
        ["src/desk/card/tests.rs: names jiff::Timestamp::now: desk is pure and knows no jiff::Timestamp::now"]
    );
    let alias = "use jiff::Timestamp as T;";
    assert!(broken(&moved(&format!("{alias} #[cfg(test)] #[path = \"card_tests.rs\"] mod tests;"))).is_empty());
    assert_eq!(broken(&moved(&format!("{alias} #[path = \"card_tests.rs\"] mod tests;"))).len(), 1);
    assert!(broken(&[("desk/card.rs", "#![cfg(test)] fn f() { jiff::Timestamp::now(); }")]).is_empty());
}

#[test]
fn rooms_name_only_those_below_them() {
    let rooms = [
        ("seam/mod.rs", "pub mod client; pub use client::Client as Hidden;"),
        ("seam/types.rs", ""),
        ("seam/client.rs", "pub struct Client;"),
        ("desk/mod.rs", ""),
        ("words/mod.rs", ""),
        ("ui/mod.rs", ""),
        ("app/mod.rs", "pub use crate::desk::Job as Above;"),
        ("app/key.rs", ""),
        ("panes/mod.rs", ""),
        ("dialogs/mod.rs", ""),
        ("journal/mod.rs", ""),
        ("engine/mod.rs", ""),
        ("shell/mod.rs", ""),
        ("shell/demo.rs", ""),
        ("simulator/mod.rs", ""),
        ("config/mod.rs", ""),
        ("main.rs", "fn main() { keydesk::simulator::a(); keydesk::shell::a(); println!(); }"),
    ];
    // Against the house above: its one re-export of a client is seen, and is not for `seam`.
    let empty = broken(&rooms);
    assert!(
        empty.iter().all(|sentence| sentence.contains("seam may not name seam::client")) && !empty.is_empty(),
        "{empty:?}"
    );
    let with = |file: &str, text: &str| {
        let file = file.to_owned();
        let mut files = rooms.to_vec();
        files.push((&file, text));
        broken(&files).into_iter().filter(|sentence| !empty.contains(sentence)).collect::<Vec<_>>()
    };
    for (file, text, why) in [
        ("seam/x.rs", "use crate::desk::Job;", "seam may not name desk"),
        ("seam/x.rs", "use super::client::Client;", "seam may not name seam::client"),
        ("desk/x.rs", "use crate::words;", "desk may not name words"),
        ("desk/x.rs", "use crate::seam::client::Client;", "desk may not name seam::client"),
        ("desk/x.rs", "use crate::seam::Hidden;", "desk may not name seam::client"),
        ("desk/x.rs", "use crate::seam; fn f(c: seam::client::Client) {}", "desk may not name seam::client"),
        ("desk/x.rs", "use crate::seam::*; fn f(c: client::Client) {}", "desk may not name seam::client"),
        ("desk/x.rs", "use crate::{seam::types::{self, User}, shell as s};", "desk may not name shell"),
        ("desk/x.rs", "use crate as c; fn f() { c::engine::run(); }", "desk may not name engine"),
        ("desk/x.rs", "fn f() { super::super::app::run(); }", "desk may not name app"),
        ("desk/x.rs", "use crate::app::Above;", "desk may not name app"),
        ("desk/x.rs", "use crate::*;", "desk may not name lib"),
        ("desk/x.rs", "fn f() { vec![crate::shell::Clock]; }", "desk may not name shell"),
        ("desk/x.rs", "#[cfg(test)] mod tests { use crate::shell::Clock; }", "desk may not name shell"),
        ("words/x.rs", "use crate::ui::Theme;", "words may not name ui"),
        ("ui/x.rs", "use crate::app::Model;", "ui may not name app"),
        ("app/x.rs", "use crate::shell::Clock;", "app may not name shell"),
        ("app/x.rs", "use crate::engine::Engine;", "app may not name engine"),
        ("panes/x.rs", "use crate::config::Config;", "panes may not name config"),
        ("dialogs/x.rs", "use crate::journal::Store;", "dialogs may not name journal"),
        ("journal/x.rs", "use crate::seam::client::Client;", "journal may not name seam::client"),
        ("journal/x.rs", "use crate::engine::Engine;", "journal may not name engine"),
        ("engine/x.rs", "use crate::words::en;", "engine may not name words"),
        ("engine/x.rs", "use crate::shell::Clock;", "engine may not name shell"),
        ("engine/x.rs", "use crate::simulator::Simulator;", "engine may not name simulator"),
        ("shell/x.rs", "use crate::simulator::Simulator;", "shell may not name simulator"),
        ("config/x.rs", "use crate::app::Model;", "config may not name app"),
        ("simulator/x.rs", "use crate::seam::types::User;", "simulator may not name seam"),
        ("simulator/x.rs", "use crate::desk::fold;", "simulator may not name desk"),
        ("engine/x.rs", "use reqwest::Client;", "reqwest is not for engine"),
        ("shell/x.rs", "fn f() -> reqwest::Result<()> {}", "reqwest is not for shell"),
        ("engine/x.rs", "use rusqlite::Connection;", "rusqlite is not for engine"),
        ("ui/x.rs", "use crossterm::event::KeyEvent;", "crossterm is not for ui"),
        ("ui/x.rs", "use ratatui::crossterm::event;", "ratatui::crossterm is not for ui"),
        (
            "app/x.rs",
            "use ratatui as r; fn f() { r::crossterm::terminal::size(); }",
            "ratatui::crossterm is not for app",
        ),
        ("engine/x.rs", "use ratatui::text::Line;", "ratatui is not for engine"),
        ("shell/x.rs", "use axum::Router;", "axum is not for shell"),
        ("shell/x.rs", "fn f() { eprintln!(); }", "only main prints"),
        ("attic/x.rs", "", "a room without a rule"),
    ] {
        let found = with(file, text);
        assert!(found.iter().any(|sentence| sentence.contains(why)), "{file}: {text} gives {found:?}");
    }
    for (file, text) in [
        ("seam/client/x.rs", "use crate::seam::types::User; use reqwest::Client; use std::time::Instant;"),
        ("desk/x.rs", "use crate::seam::types::User;"),
        ("words/x.rs", "use crate::desk::Job;"),
        ("ui/x.rs", "use crate::words::en; use crate::app::key::Key; use ratatui::Frame;"),
        ("app/x.rs", "use crate::panes::users; use crate::dialogs::Card; use crate::ui::theme;"),
        ("journal/x.rs", "use crate::desk::Job; use rusqlite::Connection; use std::fs;"),
        ("engine/x.rs", "use crate::journal::Store; use crate::seam::client::Client; use tokio::time::Instant;"),
        (
            "shell/x.rs",
            "use crate::app::Model; use crate::engine::Engine; use crossterm::event; use std::time::Instant;",
        ),
        ("shell/demo/x.rs", "use crate::simulator::Simulator;"),
        ("simulator/x.rs", "use super::y; use axum::Router; use std::time::SystemTime;"),
    ] {
        assert_eq!(with(file, text), Vec::<String>::new(), "{file}: {text}");
    }
}

#[test]
fn a_pane_knows_no_other_pane() {
    let house = |users| {
        broken(&[
            (
                "panes/mod.rs",
                "pub mod users; pub mod groups; pub struct Ctx; use users::State as U; use groups::State as G;",
            ),
            ("panes/users/mod.rs", users),
            ("panes/users/row.rs", "use super::State; use crate::panes::users::Msg; use super::super::Ctx;"),
            ("panes/groups.rs", ""),
        ])
    };
    assert!(house("use super::Ctx; use crate::panes::users::row; use crate::panes::Ctx as C;").is_empty());
    for text in [
        "use super::groups::State;",
        "use crate::panes::groups;",
        "use crate::panes as p; fn f(s: p::groups::State) {}",
        "use super::*; fn f(s: groups::State) {}",
        "use super::G;",
    ] {
        assert!(house(text).iter().any(|sentence| sentence.contains("a pane knows no other pane")), "{text}");
    }
}
