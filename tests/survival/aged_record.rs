//! The record that the desks of a hotel leave behind: read, and made older.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::fold::replay;
use keydesk::domain::job::{Job, JobId};
use keydesk::journal::{Claim, History, Holder, Journal, Position, Scope, SqliteJournal, StoredEntry};
use rusqlite::Connection;

use super::steered_hotel::SteeredHotel;
use crate::support::pty::{DEADLINE, wait_until};

/// Longer than an attempt to write a card lives, and than a request that was given up may still act.
pub const A_WHILE: SignedDuration = SignedDuration::from_secs(70);

/// Longer than writing takes.
const A_MOMENT: Duration = Duration::from_millis(500);

impl SteeredHotel {
    /// Where the desks keep their record.
    pub fn record(&self) -> PathBuf {
        self.state_folder().join("keydesk/journal.db")
    }

    /// Waits until no job is open any more: every one came to its end and was closed.
    pub fn wait_until_all_is_done(&self) {
        let journal = self.open_record(&self.record());
        wait_until("no job is open", || self.block_on(journal.open_jobs()).unwrap().is_empty());
        let jobs = jobs(&self.everything(&journal));
        assert!(!jobs.is_empty() && jobs.iter().all(|job| job.lifecycle().is_done()), "{jobs:#?}");
    }

    /// Whether nobody is writing to the record now.
    pub fn record_can_be_written(&self) -> bool {
        let db = Connection::open(self.record()).unwrap();
        db.busy_timeout(A_MOMENT).unwrap();
        db.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok()
    }

    /// How much the record holds.
    pub fn entries(&self) -> usize {
        let journal = self.open_record(&self.record());
        self.everything(&journal).len()
    }

    /// Whether a job is open.
    pub fn has_open_jobs(&self) -> bool {
        let journal = self.open_record(&self.record());
        !self.block_on(journal.open_jobs()).unwrap().is_empty()
    }

    /// All that the record holds was kept so much earlier: as if nobody had looked meanwhile. No desk may run.
    pub fn let_pass(&self, time: SignedDuration) {
        let (path, scope) = (self.record(), self.scope());
        let old = self.open_record(&path);
        let (records, open) = (self.everything(&old), self.block_on(old.open_jobs()).unwrap());
        close(old, &path);
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(beside(&path, suffix));
        }
        let (new, _) = self.block_on(SqliteJournal::open(&path, scope, Timestamp::now())).unwrap();
        self.block_on(write_earlier(&new, &records, &open, time));
        close(new, &path);
    }

    /// Which jobs the record is about: those of this hotel.
    fn scope(&self) -> Scope {
        let db = Connection::open(self.record()).unwrap();
        db.query_row("SELECT endpoint, system FROM jobs LIMIT 1", [], |row| {
            Ok(Scope { endpoint: row.get(0)?, system: row.get(1)? })
        })
        .unwrap()
    }

    fn open_record(&self, path: &Path) -> SqliteJournal {
        let (journal, salvaged) = self.block_on(SqliteJournal::open(path, self.scope(), Timestamp::now())).unwrap();
        assert_eq!(salvaged, None);
        journal
    }

    fn everything(&self, journal: &SqliteJournal) -> Vec<StoredEntry> {
        let mut records: Vec<StoredEntry> = Vec::new();
        loop {
            let last = records.last().map_or(Position::default(), |record| record.position);
            let page = self.block_on(journal.since(last)).unwrap();
            if page.is_empty() {
                return records;
            }
            records.extend(page);
        }
    }

    fn block_on<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime().block_on(async { tokio::time::timeout(DEADLINE, what).await }).unwrap()
    }
}

/// Closes a record and waits until its thread let go of it.
fn close(journal: SqliteJournal, path: &Path) {
    drop(journal);
    let lock = fs::File::open(beside(path, ".lock")).unwrap();
    wait_until("the record is closed", || lock.try_lock().is_ok());
}

async fn write_earlier(journal: &SqliteJournal, records: &[StoredEntry], open: &[History], time: SignedDuration) {
    let holder = Holder::new("before", "a desk that is gone");
    for id in ids(records) {
        // The lease ends at once: the desk that had it is gone.
        let lease = journal.claim(Claim::Job(id), &holder, Timestamp::UNIX_EPOCH, SignedDuration::ZERO).await.unwrap();
        for StoredEntry { entry, .. } in records.iter().filter(|record| record.job == id) {
            let at = entry.at.checked_sub(time).unwrap();
            journal.append(&lease, entry.seq - 1, at, entry.event.clone()).await.unwrap();
        }
        if open.iter().all(|history| history.job != id) {
            journal.close(&lease).await.unwrap();
        }
    }
}

fn ids(records: &[StoredEntry]) -> Vec<JobId> {
    let mut ids = Vec::new();
    for record in records {
        if !ids.contains(&record.job) {
            ids.push(record.job);
        }
    }
    ids
}

fn jobs(records: &[StoredEntry]) -> Vec<Job> {
    let of_job = |id| {
        let entries: Vec<_> =
            records.iter().filter(|record| record.job == id).map(|record| record.entry.clone()).collect();
        replay(id, &entries).unwrap()
    };
    ids(records).into_iter().map(of_job).collect()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
