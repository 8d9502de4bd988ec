//! What SQLite's errors mean for a journal.

use rusqlite::ErrorCode;

use crate::journal::{JournalError, Trouble};

/// Why work on the file failed.
#[derive(Debug)]
pub(super) enum StoreFault {
    /// The store works, and the call is refused or a row is damaged.
    Journal(JournalError),
    /// SQLite refused, or could not read or write the file.
    Sqlite(rusqlite::Error),
}

impl StoreFault {
    pub(super) fn damaged() -> Self {
        Self::Journal(JournalError::Unavailable(Trouble::Damaged))
    }

    pub(super) fn other(error: impl std::fmt::Display) -> Self {
        Self::Journal(JournalError::Unavailable(Trouble::Other(error.to_string())))
    }
}

impl From<JournalError> for StoreFault {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreFault> for JournalError {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Journal(error) => error,
            StoreFault::Sqlite(error) => Self::Unavailable(trouble(&error)),
        }
    }
}

/// What an error of SQLite says of the file.
pub(super) fn trouble(error: &rusqlite::Error) -> Trouble {
    use rusqlite::ffi;
    let Some(code) = error.sqlite_error() else {
        // A value of another type than the schema allows.
        return Trouble::Damaged;
    };
    match code.extended_code {
        // Too short, or not what was written.
        ffi::SQLITE_IOERR_SHORT_READ | ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_DATA => return Trouble::Damaged,
        // The file that the processes share can't grow (<https://sqlite.org/rescode.html#ioerr_shmsize>).
        ffi::SQLITE_IOERR_SHMSIZE => return Trouble::Full,
        _ => {}
    }
    match code.code {
        ErrorCode::DiskFull => Trouble::Full,
        // The file is there (it was made before): it may not be opened.
        ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => Trouble::ReadOnly,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => Trouble::Locked,
        // The statements are right, which the tests show: a table or a column that is missing is damage.
        ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::SchemaChanged
        | ErrorCode::TypeMismatch
        | ErrorCode::ConstraintViolation
        | ErrorCode::TooBig
        | ErrorCode::Unknown => Trouble::Damaged,
        _ => Trouble::Other(error.to_string()),
    }
}

/// What an error of the operating system says of the file or its folder.
pub(super) fn trouble_of_io(error: &std::io::Error) -> Trouble {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Trouble::Full,
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Trouble::ReadOnly,
        ErrorKind::WouldBlock => Trouble::Locked,
        _ => Trouble::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, OpenFlags};

    use super::*;

    #[test]
    fn errors_of_sqlite_are_told_by_what_a_person_can_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE a (x)").unwrap();
        let db = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let said = |result: rusqlite::Result<()>| trouble(&result.unwrap_err());
        assert_eq!(said(db.execute_batch("INSERT INTO a VALUES (1)")), Trouble::ReadOnly);
        assert_eq!(said(db.execute_batch("SELECT y FROM a")), Trouble::Damaged);
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let db = Connection::open(&path).unwrap();
        db.busy_timeout(std::time::Duration::ZERO).unwrap();
        assert_eq!(said(db.execute_batch("INSERT INTO a VALUES (1)")), Trouble::Locked);
        std::fs::write(folder.path().join("b.db"), [b'x'; 4096]).unwrap();
        let db = Connection::open(folder.path().join("b.db")).unwrap();
        assert_eq!(said(db.execute_batch("CREATE TABLE a (x)")), Trouble::Damaged);
        let no_room = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_SHMSIZE);
        assert_eq!(said(Err(rusqlite::Error::SqliteFailure(no_room, None))), Trouble::Full);
        let missing = Connection::open(folder.path().join("none/c.db")).unwrap_err();
        assert_eq!(trouble(&missing), Trouble::ReadOnly);
    }
}
