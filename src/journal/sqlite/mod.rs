//! A journal in an SQLite file, for all processes of one machine.
//!
//! All work on the file is done on a thread of its own (`store`). Opening (`open`) sees to a damaged file: what can be
//! read goes into a fresh one (`salvage`).

mod check;
mod checksum;
mod fault;
mod log;
mod open;
mod salvage;
mod schema;
mod store;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::worker::Worker;
use super::{
    Claim, History, Holder, Journal, JournalError, Lease, OpenError, Position, Salvaged, StoredEntry, Trouble, Unopened,
};
use crate::domain::job::JobId;
use crate::domain::job::event::{Entry, Event};
use crate::domain::job::order::BatchId;
use crate::domain::remembered::RememberedGuest;
use crate::files::{self, Base};
use crate::seam::types::UserId;
use fault::{StoreFault, trouble};
use store::Store;

/// How often others' work is looked for.
const LOOK: Duration = Duration::from_millis(500);

/// Which jobs a journal is about: one file may hold those of several access systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The API's address, without a slash at the end.
    pub endpoint: String,
    /// The access system's id.
    pub system: String,
}

/// Where the journal is kept when the config names no place: in the XDG state folder, with the environment handed in as
/// a look-up. `None` where there is no home folder.
pub fn default_path<'a>(env: impl Fn(&str) -> Option<&'a str>) -> Option<PathBuf> {
    Some(files::folder(Base::State, env)?.join("journal.db"))
}

/// A journal in an SQLite file. Several of them, in one process or in several, may share a file.
#[derive(Debug)]
pub struct SqliteJournal {
    worker: Worker<OpenFile>,
    changes: watch::Sender<u64>,
    path: PathBuf,
}

/// What the thread owns.
struct OpenFile {
    store: Store,
    changes: watch::Sender<u64>,
    others: i64,
    looked: Instant,
    /// Says that the file is in use, as long as it is.
    _in_use: std::fs::File,
}

impl SqliteJournal {
    /// Opens a journal, and makes it where it is missing. A damaged one is put aside and what can be read is taken over
    /// into a new file: then that is told too. `at` is the time now.
    ///
    /// # Errors
    /// Why it can't be opened.
    pub async fn open(path: &Path, scope: Scope, at: Timestamp) -> Result<(Self, Option<Salvaged>), OpenError> {
        let changes = watch::Sender::new(0);
        let (told, place) = (changes.clone(), path.to_owned());
        let make = move || {
            let (store, in_use, salvaged) =
                open::open(&place, scope, at, open::PATIENCE).map_err(|why| OpenError { path: place.clone(), why })?;
            let others = store.data_version().map_err(|error| {
                let why = Unopened::Trouble(trouble(&error));
                OpenError { path: place.clone(), why }
            })?;
            Ok((OpenFile { store, changes: told, others, looked: Instant::now(), _in_use: in_use }, salvaged))
        };
        match Worker::start("journal", LOOK, make, OpenFile::look).await {
            Ok(opened) => opened.map(|(worker, salvaged)| (Self { worker, changes, path: path.to_owned() }, salvaged)),
            Err(_) => Err(OpenError { path: path.to_owned(), why: Unopened::Trouble(Trouble::Stopped) }),
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, JournalError> {
        match self.worker.run(move |open| work(&mut open.store)).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(JournalError::Unavailable(Trouble::Stopped)),
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, JournalError> {
        let done = self.read(work).await?;
        self.changes.send_modify(|count| *count += 1);
        Ok(done)
    }
}

impl OpenFile {
    /// Looks whether others wrote, unless it did so just now.
    fn look(&mut self) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Instant::now();
        match self.store.data_version() {
            Ok(others) if others == self.others => {}
            Ok(others) => {
                self.others = others;
                self.changes.send_modify(|count| *count += 1);
            }
            // Whoever reads next is told.
            Err(error) => tracing::warn!(trouble = %trouble(&error), "the journal does not answer"),
        }
    }
}

impl Journal for SqliteJournal {
    async fn claim(
        &self,
        claim: Claim,
        holder: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        let holder = holder.clone();
        self.write(move |store| store.claim(claim, holder, at, lasts)).await
    }

    async fn renew_all(
        &self,
        leases: &[Lease],
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Vec<Result<Lease, JournalError>>, JournalError> {
        let leases = leases.to_vec();
        self.write(move |store| store.renew_all(&leases, at, lasts)).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), JournalError> {
        let lease = lease.clone();
        self.write(move |store| store.release(&lease)).await
    }

    async fn append(&self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        let lease = lease.clone();
        self.write(move |store| store.append(&lease, after, at, event)).await
    }

    async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        let lease = lease.clone();
        self.write(move |store| store.close(&lease)).await
    }

    async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        self.read(Store::open_jobs).await
    }

    async fn history(&self, job: JobId) -> Result<Vec<Entry>, JournalError> {
        self.read(move |store| store.history(job)).await
    }

    async fn jobs_of_batch(&self, batch: BatchId) -> Result<Vec<History>, JournalError> {
        self.read(move |store| store.jobs_of_batch(batch)).await
    }

    async fn since(&self, position: Position) -> Result<Vec<StoredEntry>, JournalError> {
        self.read(move |store| store.since(position)).await
    }

    async fn remember(&self, user: &UserId, guest: &RememberedGuest, at: Timestamp) -> Result<(), JournalError> {
        let (user, guest) = (user.clone(), guest.clone());
        self.write(move |store| store.remember(&user, &guest, at)).await
    }

    async fn remembered(&self, user: &UserId) -> Result<Option<RememberedGuest>, JournalError> {
        let user = user.clone();
        self.read(move |store| store.remembered(&user)).await
    }

    async fn all_remembered(&self) -> Result<Vec<(UserId, RememberedGuest)>, JournalError> {
        self.read(Store::all_remembered).await
    }

    async fn newest(&self) -> Result<Position, JournalError> {
        self.read(Store::newest).await
    }

    async fn claims(&self) -> Result<Vec<Lease>, JournalError> {
        self.read(Store::claims).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, JournalError> {
        let mut pruned = 0;
        loop {
            let some = self.write(move |store| store.prune(before)).await?;
            pruned += some;
            if some == 0 {
                break;
            }
        }
        let path = self.path.clone();
        self.read(move |store| {
            store.shrink()?;
            salvage::prune_aside(&path, before).map_err(StoreFault::other)
        })
        .await?;
        Ok(pruned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_takes_nothing_and_goes_on_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let scope = Scope { endpoint: String::new(), system: String::new() };
        let path = folder.path().join("journal.db");
        let (journal, _) = SqliteJournal::open(&path, scope, Timestamp::UNIX_EPOCH).await.unwrap();
        let limit = |pages: i64| {
            journal.read(move |store| {
                // SQLite answers with the limit that holds, which is never below what is in use.
                let held: i64 = store.db.pragma_update_and_check(None, "max_page_count", pages, |row| row.get(0))?;
                Ok(held)
            })
        };
        limit(1).await.unwrap();
        let holder = Holder::new("a", "a".repeat(5000));
        let claim = Claim::User(UserId::from("jane"));
        let at = Timestamp::UNIX_EPOCH;
        let full = journal.claim(claim.clone(), &holder, at, SignedDuration::from_secs(15)).await;
        assert_eq!(full, Err(JournalError::Unavailable(Trouble::Full)));
        assert_eq!(journal.claims().await.unwrap(), []);
        limit(1000).await.unwrap();
        let lease = journal.claim(claim, &holder, at, SignedDuration::from_secs(15)).await.unwrap();
        assert_eq!(journal.claims().await.unwrap(), [lease]);
    }
}
