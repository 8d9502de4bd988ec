//! The log: where it is kept, who may read it, what gets in, and how large it grows.

use std::fs;
use std::io::Write as _;

use keydesk::config::{Env, LogLevel};
use keydesk::log;

#[test]
fn only_what_the_level_lets_through_is_written() {
    let home = tempfile::tempdir().unwrap();
    let env = Env::from([("XDG_STATE_HOME", home.path().to_str().unwrap())]);
    assert!(log::start(&env, LogLevel::Off).unwrap().is_none());
    assert!(fs::read_dir(home.path()).unwrap().next().is_none());

    let path = log::start(&env, LogLevel::Info).unwrap().unwrap();
    assert_eq!(path, home.path().join("keydesk/keydesk.log"));
    tracing::info!(target: "keydesk::engine", "a job began");
    tracing::debug!(target: "keydesk::engine", "for Jane");
    tracing::info!(target: "hyper", "a header");
    tracing::warn!(target: "hyper", "a warning");
    tracing::error!(target: "keydesk::terminal", "\u{1b}[2Jcleared");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("a job began") && text.contains("a warning"), "{text}");
    assert!(!text.contains("Jane") && !text.contains("a header") && !text.contains('\u{1b}'), "{text}");
    assert!(log::start(&env, LogLevel::Info).unwrap_err().to_string().contains("set up before"));
}

#[test]
fn a_large_log_is_put_aside_once() {
    let home = tempfile::tempdir().unwrap();
    let (path, old) = (home.path().join("a/b/keydesk.log"), home.path().join("a/b/keydesk.log.1"));
    let write = |text: &str| log::open(&path).unwrap().write_all(text.as_bytes()).unwrap();
    write("one ");
    write("two");
    assert_eq!(fs::read_to_string(&path).unwrap(), "one two");
    for round in ["first", "second"] {
        fs::OpenOptions::new().append(true).open(&path).unwrap().set_len(log::ROTATE_AT).unwrap();
        write(round);
        assert_eq!(fs::read_to_string(&path).unwrap(), round);
    }
    assert!(fs::read_to_string(&old).unwrap().starts_with("first"));
    assert_eq!(fs::read_dir(old.parent().unwrap()).unwrap().count(), 2);
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("keydesk/keydesk.log");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    log::open(&path).unwrap();
    assert_eq!((mode(path.parent().unwrap()), mode(&path)), (0o700, 0o600));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    log::open(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn that_there_is_no_log_is_a_sentence() {
    assert!(log::start(&Env::default(), LogLevel::Info).unwrap_err().to_string().contains("$HOME"));
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("keydesk"), "a file where the folder should be").unwrap();
    let env = Env::from([("XDG_STATE_HOME", home.path().to_str().unwrap())]);
    let sentence = log::start(&env, LogLevel::Info).unwrap_err().to_string();
    assert!(sentence.starts_with("there is no log, since ") && sentence.contains("keydesk.log"), "{sentence}");
}
