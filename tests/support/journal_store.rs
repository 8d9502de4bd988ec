//! Where journals of tests stand: in memory or in a file, with as many handles as there are processes.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::JobId;
use keydesk::domain::job::event::{Entry, Event};
use keydesk::domain::job::order::BatchId;
use keydesk::domain::remembered::RememberedGuest;
use keydesk::engine::clock::Clock;
use keydesk::journal::{
    Claim, History, Holder, Journal, JournalError, Lease, MemoryJournal, Position, Scope, SqliteJournal, StoredEntry,
};
use keydesk::seam::types::UserId;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::support::fake_api::TestClock;

/// One journal, to be opened by several processes and again after they died.
pub trait JournalStore {
    type Journal: Journal;

    /// A handle of its own for one process.
    fn open(&self) -> Arc<Self::Journal>;
}

/// A journal that all processes of a test share.
#[derive(Default)]
pub struct InMemory(Arc<MemoryJournal>);

impl JournalStore for InMemory {
    type Journal = MemoryJournal;

    fn open(&self) -> Arc<Self::Journal> {
        self.0.clone()
    }
}

/// A file that each process opens for itself.
pub struct OnDisk(TempDir);

impl Default for OnDisk {
    fn default() -> Self {
        // Where there is a file system in memory, a disk that syncs does not slow thousands of small files down.
        let in_memory = tempfile::tempdir_in("/dev/shm");
        Self(in_memory.or_else(|_| tempfile::tempdir()).unwrap())
    }
}

impl JournalStore for OnDisk {
    type Journal = File;

    fn open(&self) -> Arc<File> {
        let path = self.0.path().join("journal.db");
        let scope = Scope { endpoint: "https://connect.getseam.com".into(), system: "system".into() };
        let (journal, salvaged) = at_once(SqliteJournal::open(&path, scope, TestClock.now())).unwrap();
        assert_eq!(salvaged, None, "whoever dies leaves a whole file");
        Arc::new(File(journal))
    }
}

/// The journal in a file. The disk takes no time by the paused clock, so that no lease ends while it works, and what
/// happens at the same time happens in the same order each time.
pub struct File(SqliteJournal);

struct Parked(Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Stands still until the future is done. Tokio's budget must not count here: a task that used it up is told to wait
/// until the runtime goes on.
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(tokio::task::unconstrained(work));
    let waker = Waker::from(Arc::new(Parked(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match work.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}

impl Journal for File {
    async fn claim(
        &self,
        claim: Claim,
        holder: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        at_once(self.0.claim(claim, holder, at, lasts))
    }

    async fn renew_all(
        &self,
        leases: &[Lease],
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Vec<Result<Lease, JournalError>>, JournalError> {
        at_once(self.0.renew_all(leases, at, lasts))
    }

    async fn release(&self, lease: &Lease) -> Result<(), JournalError> {
        at_once(self.0.release(lease))
    }

    async fn append(&self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        at_once(self.0.append(lease, after, at, event))
    }

    async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        at_once(self.0.close(lease))
    }

    async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        at_once(self.0.open_jobs())
    }

    async fn history(&self, job: JobId) -> Result<Vec<Entry>, JournalError> {
        at_once(self.0.history(job))
    }

    async fn jobs_of_batch(&self, batch: BatchId) -> Result<Vec<History>, JournalError> {
        at_once(self.0.jobs_of_batch(batch))
    }

    async fn since(&self, position: Position) -> Result<Vec<StoredEntry>, JournalError> {
        at_once(self.0.since(position))
    }

    async fn remember(&self, user: &UserId, guest: &RememberedGuest, at: Timestamp) -> Result<(), JournalError> {
        at_once(self.0.remember(user, guest, at))
    }

    async fn remembered(&self, user: &UserId) -> Result<Option<RememberedGuest>, JournalError> {
        at_once(self.0.remembered(user))
    }

    async fn all_remembered(&self) -> Result<Vec<(UserId, RememberedGuest)>, JournalError> {
        at_once(self.0.all_remembered())
    }

    async fn newest(&self) -> Result<Position, JournalError> {
        at_once(self.0.newest())
    }

    async fn claims(&self) -> Result<Vec<Lease>, JournalError> {
        at_once(self.0.claims())
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes()
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, JournalError> {
        at_once(self.0.prune(before))
    }
}
