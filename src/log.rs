//! The log: a file in the XDG state folder that only its owner may read, never the terminal.
//!
//! The rule for every line: the key stands in none, and what tells of a guest (names, numbers, addresses, rooms with
//! names) stands in `debug` lines only. Only keydesk's own lines follow the configured level; those of its libraries
//! are kept from `warn` on, since their debug lines may show whole requests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use thiserror::Error;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Env, LogLevel};
use crate::files::{self, Base};

/// A log that has grown to so many bytes is put aside as `keydesk.log.1` at the next start; the one before that goes.
pub const ROTATE_AT: u64 = 5 * 1024 * 1024;

/// Why there is no log. No reason not to start.
#[derive(Debug, Error)]
pub enum LogError {
    /// Neither `$XDG_STATE_HOME` nor a home folder is set.
    #[error("there is no log, since neither $XDG_STATE_HOME nor $HOME is set")]
    NoFolder,
    /// The file can't be opened.
    #[error("there is no log, since {path} can't be opened ({error})")]
    Unopened {
        /// The path of the log file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// Another log was set up before.
    #[error("there is no log, since one was set up before")]
    SetUpBefore,
}

/// The path of the log file; `None` when there is no state folder.
pub fn path(env: &Env) -> Option<PathBuf> {
    Some(files::folder(Base::State, |name| env.get(name))?.join("keydesk.log"))
}

/// Opens the log and makes it the one of this process. Says where it is; `None` when the level is `off`.
///
/// # Errors
/// Why there is no log; the caller says so once and goes on.
pub fn start(env: &Env, level: LogLevel) -> Result<Option<PathBuf>, LogError> {
    let own = match level {
        LogLevel::Off => return Ok(None),
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let path = path(env).ok_or(LogError::NoFolder)?;
    let file = open(&path).map_err(|error| LogError::Unopened { path: path.clone(), error })?;
    let targets = Targets::new().with_default(own.min(LevelFilter::WARN)).with_target("keydesk", own);
    tracing_subscriber::registry()
        .with(targets)
        .with(fmt::layer().with_writer(Mutex::new(file)))
        .try_init()
        .map_err(|_| LogError::SetUpBefore)?;
    Ok(Some(path))
}

/// Opens a log file to append to, in a folder that is made where it is missing; one that grew too large is put aside.
///
/// # Errors
/// What the operating system says.
pub fn open(path: &Path) -> io::Result<fs::File> {
    if let Some(folder) = path.parent() {
        files::make_private_folder(folder)?;
    }
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() >= ROTATE_AT) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    files::append_private(path)
}
