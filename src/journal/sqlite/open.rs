//! Opening the file: whoever is alone with it sees to it first.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::Connection;

use super::check::is_whole;
use super::fault::{trouble, trouble_of_io};
use super::salvage::LogState;
use super::schema::{self, APPLICATION, MIGRATIONS};
use super::store::{self, Store};
use super::{Scope, log, salvage};
use crate::files;
use crate::journal::sightings::Sightings;
use crate::journal::{Salvaged, Trouble, Unopened};

/// How long others may take to open the same file.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(10);

const KNOWN: u32 = MIGRATIONS.len() as u32;

impl From<Trouble> for Unopened {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<io::Error> for Unopened {
    fn from(error: io::Error) -> Self {
        Self::Trouble(trouble_of_io(&error))
    }
}

impl From<rusqlite::Error> for Unopened {
    fn from(error: rusqlite::Error) -> Self {
        Self::Trouble(trouble(&error))
    }
}

/// Opens the file. Besides it there is a lock that all who use it share, as long as they do; whoever has it alone while
/// opening may change the format or replace a damaged file, since nobody else has that open.
pub(super) fn open(
    path: &Path,
    scope: Scope,
    at: Timestamp,
    patience: Duration,
) -> Result<(Store, File, Option<Salvaged>), Unopened> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    files::make_private_folder(folder)?;
    if let Some(kind) = files::network(folder) {
        return Err(Unopened::Network(kind));
    }
    let lock = lock_of(path)?;
    let deadline = Instant::now() + patience;
    let (mut was_alone, mut salvaged) = (false, None);
    loop {
        if is_locked(lock.try_lock())? {
            was_alone = true;
            salvaged = mend(path, &scope, at)?.or(salvaged);
            lock.unlock()?;
        }
        if is_locked(lock.try_lock_shared())? {
            break;
        }
        if Instant::now() >= deadline {
            return Err(Trouble::Locked.into());
        }
        thread::sleep(AGAIN);
    }
    let db = match join(path, was_alone) {
        Err(Unopened::Trouble(Trouble::Damaged)) => return Err(Unopened::DamagedInUse),
        joined => joined?,
    };
    Ok((Store { db, scope, sightings: Sightings::default() }, lock, salvaged))
}

/// A file that is in order; not more than its format is looked at when this process has just seen to it.
fn join(path: &Path, was_alone: bool) -> Result<Connection, Unopened> {
    for suffix in ["", "-wal", "-shm"] {
        match files::keep_others_out(&beside(path, suffix)) {
            // Another process that ends takes its log away.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let db = schema::connect(path)?;
    match schema::version(&db)? {
        found if found > KNOWN => return Err(Unopened::Newer { found, known: KNOWN }),
        found if found < KNOWN => return Err(Unopened::OlderInUse),
        _ => {}
    }
    if !was_alone {
        require_whole(&db)?;
    }
    Ok(db)
}

/// The file that stands for the journal's being in use. Where there is none, no journal has been here: then a file that
/// is something else is left alone.
fn lock_of(path: &Path) -> Result<File, Unopened> {
    let place = beside(path, ".lock");
    if !place.try_exists()? {
        // Nobody has the file open: closing it here would take SQLite's locks away.
        let mut start = Vec::new();
        match File::open(path) {
            Ok(file) => file.take(16).read_to_end(&mut start)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error.into()),
        };
        if !start.is_empty() && start != b"SQLite format 3\0" {
            return Err(Unopened::NotAJournal);
        }
        files::make_private(&place)?;
    }
    Ok(File::open(place)?)
}

fn is_locked(tried: Result<(), TryLockError>) -> Result<bool, Unopened> {
    match tried {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Makes, migrates, or replaces the file. Nobody else has it open.
fn mend(path: &Path, scope: &Scope, at: Timestamp) -> Result<Option<Salvaged>, Unopened> {
    salvage::finish(path)?;
    let log = if log::is_broken_off(&beside(path, "-wal"))? { LogState::BrokenOff } else { LogState::Whole };
    if log == LogState::Whole && !is_log_alone(path)? {
        match prepare(path) {
            Ok(()) => return Ok(None),
            Err(Unopened::Trouble(Trouble::Damaged)) => {}
            // A byte of its head that says "read only" is damage too.
            Err(Unopened::Trouble(Trouble::ReadOnly)) if OpenOptions::new().write(true).open(path).is_ok() => {}
            Err(error) => return Err(error),
        }
    }
    salvage::salvage(path, log, scope, at).map(Some)
}

/// Whether there is a log and nothing that it belongs to. SQLite would throw it away.
pub(super) fn is_log_alone(path: &Path) -> io::Result<bool> {
    Ok(size(path)? == 0 && size(&beside(path, "-wal"))? > 0)
}

/// The size of a file in bytes; 0 when there is none.
pub(super) fn size(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

/// Whether the file is in order, after what belongs to that: making it, its format. A damaged one is left
/// as it is.
fn prepare(path: &Path) -> Result<(), Unopened> {
    files::make_private(path)?;
    let db = schema::connect_to_read(path)?;
    let found = schema::version(&db)?;
    let application: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = db.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION && tables > 0 {
        let is_ours = db.table_exists(None, "entries")? && db.table_exists(None, "jobs")?;
        return Err(if is_ours { Trouble::Damaged.into() } else { Unopened::NotAJournal });
    }
    if found > KNOWN {
        return Err(Unopened::Newer { found, known: KNOWN });
    }
    if found < KNOWN {
        // What is damaged stays as it is, also in its format.
        if found > 0 {
            require_whole(&db)?;
        }
        drop(db);
        let mut db = schema::connect(path)?;
        schema::migrate(&mut db, MIGRATIONS, store::fill)?;
        return require_whole(&db);
    }
    require_whole(&db)
}

fn require_whole(db: &Connection) -> Result<(), Unopened> {
    if is_whole(db)? { Ok(()) } else { Err(Trouble::Damaged.into()) }
}

/// The file's own name with something behind it, as SQLite names its log.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_others_open_for_ever_is_locked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let scope = || Scope { endpoint: String::new(), system: String::new() };
        drop(open(&path, scope(), Timestamp::UNIX_EPOCH, PATIENCE).unwrap());
        let other = File::open(beside(&path, ".lock")).unwrap();
        other.lock().unwrap();
        let locked = open(&path, scope(), Timestamp::UNIX_EPOCH, Duration::ZERO).err();
        assert_eq!(locked, Some(Unopened::Trouble(Trouble::Locked)));
        drop(other);
        assert!(open(&path, scope(), Timestamp::UNIX_EPOCH, PATIENCE).is_ok());
    }

    #[test]
    fn an_earlier_version_that_is_running_keeps_its_format() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let scope = || Scope { endpoint: String::new(), system: String::new() };
        let earlier = open(&path, scope(), Timestamp::UNIX_EPOCH, PATIENCE).unwrap();
        earlier.0.db.pragma_update(None, "user_version", 0).unwrap();
        let refused = open(&path, scope(), Timestamp::UNIX_EPOCH, PATIENCE).err();
        assert_eq!(refused, Some(Unopened::OlderInUse));
    }
}
