//! The journal as the engine uses it. A call that fails because the store does not work is repeated until it works, or
//! until a person says that the desk goes on without a record: no call may go to the server that is not in the journal.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, watch};

use super::Update;
use crate::domain::job::JobId;
use crate::domain::job::event::{Entry, Event, FORMAT};
use crate::domain::remembered::RememberedGuest;
use crate::journal::{Claim, History, Holder, Journal, JournalError, Lease, Position, StoredEntry};
use crate::seam::types::UserId;

/// How long after a failure a call is repeated for the first time; each later wait is twice as long, up to
/// [`AGAIN_AT_MOST`].
const AGAIN: Duration = Duration::from_millis(500);
const AGAIN_AT_MOST: Duration = Duration::from_secs(5);

/// The epoch of leases that stand in no journal. A journal's own epochs begin with 1.
const WITHOUT: u64 = 0;

/// Whether a person said that the desk goes on without a record. The handle sets it, the journal reads it.
#[derive(Debug, Default)]
pub(super) struct RecordMode {
    is_without: AtomicBool,
    changed: Notify,
}

impl RecordMode {
    pub(super) fn go_without(&self) {
        self.is_without.store(true, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    pub(super) fn is_without(&self) -> bool {
        self.is_without.load(Ordering::SeqCst)
    }
}

/// Which kinds of calls failed when they were last made. Each for itself: a full disk can still be read.
#[derive(Debug, Default)]
struct Failing {
    reading: bool,
    writing: bool,
    renewing: bool,
}

impl Failing {
    fn is_any(&self) -> bool {
        self.reading || self.writing || self.renewing
    }
}

#[derive(Clone, Copy)]
enum Operation {
    Reading,
    Writing,
    /// Renewing leases. Apart from writing, since rows that keep their size may be written on a full disk.
    Renewing,
}

/// A journal whose calls wait until the store works.
#[derive(Debug)]
pub(super) struct RetryingJournal<J> {
    store: Arc<J>,
    mode: Arc<RecordMode>,
    failing: Mutex<Failing>,
    updates: UnboundedSender<Update>,
}

impl<J: Journal> RetryingJournal<J> {
    pub(super) fn new(store: Arc<J>, mode: Arc<RecordMode>, updates: UnboundedSender<Update>) -> Self {
        Self { store, mode, failing: Mutex::default(), updates }
    }

    pub(super) fn is_without(&self) -> bool {
        self.mode.is_without()
    }

    /// Notes whether the store works, and sends an update when that changes.
    fn note_result<T>(&self, operation: Operation, result: &Result<T, JournalError>) {
        let error = match result {
            Ok(_) => None,
            Err(error @ JournalError::Unavailable(_)) => Some(error),
            // It works, and refused this call.
            Err(_) => return,
        };
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let was = failing.is_any();
        match operation {
            Operation::Reading => failing.reading = error.is_some(),
            Operation::Writing => failing.writing = error.is_some(),
            Operation::Renewing => failing.renewing = error.is_some(),
        }
        if was != failing.is_any() && !self.is_without() {
            // Nobody listens any more when the desk closes.
            let _ = self.updates.send(Update::Journal(error.cloned()));
        }
    }

    /// Repeats `work` until the store works, or gives `without()` once the desk goes on without a record. The result is
    /// never [`JournalError::Unavailable`].
    async fn retry<T, F>(
        &self,
        operation: Operation,
        work: impl FnMut() -> F,
        without: impl FnOnce() -> T,
    ) -> Result<T, JournalError>
    where
        F: Future<Output = Result<T, JournalError>>,
    {
        self.retry_telling(operation, work, without, || ()).await
    }

    /// The same; `failed` is called after each time that the store did not work.
    async fn retry_telling<T, F>(
        &self,
        operation: Operation,
        mut work: impl FnMut() -> F,
        without: impl FnOnce() -> T,
        failed: impl Fn(),
    ) -> Result<T, JournalError>
    where
        F: Future<Output = Result<T, JournalError>>,
    {
        let mut wait = AGAIN;
        loop {
            let changed = self.mode.changed.notified();
            if self.is_without() {
                return Ok(without());
            }
            let result = work().await;
            self.note_result(operation, &result);
            match result {
                Err(JournalError::Unavailable(_)) => failed(),
                result => return result,
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(AGAIN_AT_MOST),
                () = changed => {}
            }
        }
    }

    pub(super) async fn claim(
        &self,
        claim: &Claim,
        holder: &Holder,
        at: impl Fn() -> Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        let without = || Lease { claim: claim.clone(), holder: holder.clone(), epoch: WITHOUT, until: Timestamp::MAX };
        self.retry(Operation::Writing, || self.store.claim(claim.clone(), holder, at(), lasts), without).await
    }

    pub(super) async fn renew(
        &self,
        lease: &Lease,
        at: impl Fn() -> Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        let without = || Lease { until: Timestamp::MAX, ..lease.clone() };
        self.retry(Operation::Writing, || self.store.renew(lease, at(), lasts), without).await
    }

    /// Renews all leases that stand in the journal, with one call that is not repeated. Also without a record: that
    /// another process took a job over must be noticed.
    pub(super) async fn renew_all(
        &self,
        leases: Vec<Lease>,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Vec<(Lease, Result<Lease, JournalError>)> {
        let known: Vec<Lease> = leases.into_iter().filter(|lease| lease.epoch != WITHOUT).collect();
        if known.is_empty() {
            // What could not be renewed before is not needed any more.
            self.note_result(Operation::Renewing, &Ok(()));
            return Vec::new();
        }
        let results = self.store.renew_all(&known, at, lasts).await;
        self.note_result(Operation::Renewing, &results);
        match results {
            Ok(results) => known.into_iter().zip(results).collect(),
            // They still count until they end; the next heartbeat tries again.
            Err(_) => Vec::new(),
        }
    }

    /// Gives a lease back. Not repeated: a lease that stays in the journal ends by itself.
    pub(super) async fn release(&self, lease: &Lease) {
        if lease.epoch != WITHOUT && !self.is_without() {
            // A failure is no trouble of anyone's: nothing is lost, and no later write might tell that it passed.
            if self.store.release(lease).await.is_ok() {
                self.note_result(Operation::Writing, &Ok(()));
            }
        }
    }

    /// Appends to the job of the lease. `failed` is called after each time that the store did not work.
    pub(super) async fn append(
        &self,
        lease: &Lease,
        after: u64,
        at: impl Fn() -> Timestamp,
        event: Event,
        failed: impl Fn(),
    ) -> Result<Entry, JournalError> {
        let without = || Entry { v: FORMAT, seq: after + 1, at: at(), event: event.clone() };
        let append = || self.store.append(lease, after, at(), event.clone());
        self.retry_telling(Operation::Writing, append, without, failed).await
    }

    pub(super) async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        self.retry(Operation::Writing, || self.store.close(lease), || ()).await
    }

    /// The journal's newest position, and the open jobs, which may be a little newer than that.
    pub(super) async fn open(&self) -> Result<(Position, Vec<History>), JournalError> {
        let head = self.retry(Operation::Reading, || self.store.newest(), Position::default).await?;
        Ok((head, self.open_jobs().await?))
    }

    /// The jobs that are open.
    pub(super) async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        self.retry(Operation::Reading, || self.store.open_jobs(), Vec::new).await
    }

    /// Changes when any process wrote.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.store.changes()
    }

    /// The entries behind a position; not repeated.
    pub(super) async fn since(&self, position: Position) -> Result<Vec<StoredEntry>, JournalError> {
        let result = self.store.since(position).await;
        self.note_result(Operation::Reading, &result);
        result
    }

    /// All entries of a job; not repeated.
    pub(super) async fn history(&self, job: JobId) -> Result<Vec<Entry>, JournalError> {
        let result = self.store.history(job).await;
        self.note_result(Operation::Reading, &result);
        result
    }

    /// Takes a lease if nobody has it; not repeated.
    pub(super) async fn try_claim(
        &self,
        claim: Claim,
        holder: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        let result = self.store.claim(claim, holder, at, lasts).await;
        self.note_result(Operation::Writing, &result);
        result
    }

    /// What is remembered of a user.
    pub(super) async fn remembered(&self, user: &UserId) -> Result<Option<RememberedGuest>, JournalError> {
        self.retry(Operation::Reading, || self.store.remembered(user), || None).await
    }

    /// All users of whom something is remembered.
    pub(super) async fn all_remembered(&self) -> Result<Vec<(UserId, RememberedGuest)>, JournalError> {
        self.retry(Operation::Reading, || self.store.all_remembered(), Vec::new).await
    }

    /// Keeps what is remembered of a user.
    pub(super) async fn remember(
        &self,
        user: &UserId,
        guest: &RememberedGuest,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        self.retry(Operation::Writing, || self.store.remember(user, guest, at), || ()).await
    }
}
