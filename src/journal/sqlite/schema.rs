//! The shape of the file, and connections to it.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

/// Marks the file as a journal of keydesk ("keyd").
pub(super) const APPLICATION: i32 = 0x6B65_7964;

/// One step a version of the file (`PRAGMA user_version`), in order. What was released is never changed.
///
/// - `sum` is a checksum of the row's other columns (see [`checksum`](super::checksum)).
/// - `jobs.length` tells how many entries a job has, so that a missing one is noticed.
/// - The epoch of a claim is its key; AUTOINCREMENT never hands one out twice, and a claim that is made again is a new
///   row.
/// - `jobs.batch` is the id that the jobs of one batch share; a job alone has none.
/// - A guest is what is remembered of a user, as JSON, and when it was remembered last.
/// - Times are microseconds since 1970.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE entries (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        job BLOB NOT NULL,
        seq INTEGER NOT NULL,
        entry TEXT NOT NULL,
        sum INTEGER NOT NULL,
        UNIQUE (job, seq)
    ) STRICT;
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        endpoint TEXT NOT NULL,
        system TEXT NOT NULL,
        job BLOB NOT NULL UNIQUE,
        length INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        state INTEGER NOT NULL,
        sum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX open_jobs ON jobs (number) WHERE state = 0;
    CREATE TABLE claims (
        epoch INTEGER PRIMARY KEY AUTOINCREMENT,
        endpoint TEXT NOT NULL,
        system TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        holder TEXT NOT NULL,
        label TEXT NOT NULL,
        until INTEGER NOT NULL,
        sum INTEGER NOT NULL,
        UNIQUE (endpoint, system, kind, name)
    ) STRICT;
",
    "
    ALTER TABLE jobs ADD COLUMN batch BLOB;
    CREATE INDEX jobs_of_batch ON jobs (batch) WHERE batch IS NOT NULL;
    CREATE TABLE guests (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        endpoint TEXT NOT NULL,
        system TEXT NOT NULL,
        user TEXT NOT NULL,
        remembered TEXT NOT NULL,
        at INTEGER NOT NULL,
        sum INTEGER NOT NULL,
        UNIQUE (endpoint, system, user)
    ) STRICT;
",
];

/// How long a call waits for another process that is writing.
const BUSY: Duration = Duration::from_secs(5);

/// A connection to a file that is there, as all of them are set up.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let db = open(path)?;
    // Takes effect only in an empty file.
    db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    write_ahead(&db)?;
    db.execute_batch(
        // Every commit is on the disk before it returns; what is deleted is overwritten.
        "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(db)
}

/// A connection to a damaged file, which stays as it is: nothing is moved from its log into it.
pub(super) fn connect_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let db = open(path)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;")?;
    Ok(db)
}

/// A connection that changes nothing yet.
pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    // A damaged file must not be able to run anything.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    db.execute_batch("PRAGMA cell_size_check = ON;")?;
    Ok(db)
}

/// Switches to the write-ahead log. SQLite gives up at once where two processes do that at the same time.
fn write_ahead(db: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + BUSY;
    loop {
        match db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            // Where it can't (a file that may only be read), it keeps the old mode and says so.
            Ok(_) => return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(8), None)),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(error),
        }
    }
}

/// The version of the file: 0 when it is empty.
pub(super) fn version(db: &Connection) -> rusqlite::Result<u32> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a file up to the latest version, step by step. `fill` fills what a new version has from the rows of the one
/// before, as a part of its step.
pub(super) fn migrate(
    db: &mut Connection,
    migrations: &[&str],
    fill: impl Fn(&Connection, u32) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let from = version(db)? as usize;
    for (done, step) in migrations.iter().enumerate().skip(from) {
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute_batch(step)?;
        fill(&change, done as u32 + 1)?;
        change.pragma_update(None, "application_id", APPLICATION)?;
        change.pragma_update(None, "user_version", done as u32 + 1)?;
        change.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_migration_runs_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        std::fs::write(&path, "").unwrap();
        let mut db = connect(&path).unwrap();
        let nothing = |_: &Connection, _| Ok(());
        migrate(&mut db, &["CREATE TABLE a (x)"], nothing).unwrap();
        db.execute("INSERT INTO a VALUES (1)", []).unwrap();
        let steps = ["CREATE TABLE a (x)", "CREATE TABLE b AS SELECT x + 1 AS y FROM a", "UPDATE b SET y = y * 10"];
        migrate(&mut db, &steps, nothing).unwrap();
        migrate(&mut db, &steps, nothing).unwrap();
        assert_eq!(version(&db).unwrap(), 3);
        assert_eq!(db.query_row("SELECT y FROM b", [], |row| row.get::<_, i64>(0)).unwrap(), 20);
        // A step that fails leaves the version before it.
        let steps = [steps[0], steps[1], steps[2], "DROP TABLE b; CREATE TABLE a (x)"];
        assert!(migrate(&mut db, &steps, nothing).is_err());
        assert_eq!(version(&db).unwrap(), 3);
        assert_eq!(db.query_row("SELECT y FROM b", [], |row| row.get::<_, i64>(0)).unwrap(), 20);
    }
}
