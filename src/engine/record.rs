//! The journal as the engine uses it: what does not work now is tried again, since nothing may be sent that is not
//! kept, until it works or a person says that the desk goes on without a record.

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
use crate::journal::{Claim, History, Holder, Journal, JournalError, Lease, Position, Record as Kept};

/// How soon a journal that does not work is tried again; doubled up to [`AGAIN_AT_MOST`].
const AGAIN: Duration = Duration::from_millis(500);
const AGAIN_AT_MOST: Duration = Duration::from_secs(5);

/// The epoch of leases that no journal knows. Those of a journal begin with 1.
const WITHOUT: u64 = 0;

/// Whether the desk goes on without a record; shared with the handle.
#[derive(Debug, Default)]
pub(super) struct Mode {
    is_without: AtomicBool,
    changed: Notify,
}

impl Mode {
    pub(super) fn go_without(&self) {
        self.is_without.store(true, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    pub(super) fn is_without(&self) -> bool {
        self.is_without.load(Ordering::SeqCst)
    }
}

/// What does not work. A full disk can be read all the same.
#[derive(Debug, Default)]
struct Trouble {
    reading: bool,
    writing: bool,
    beating: bool,
}

impl Trouble {
    fn is_any(&self) -> bool {
        self.reading || self.writing || self.beating
    }
}

#[derive(Clone, Copy)]
enum Use {
    Reading,
    Writing,
    /// Renewing leases: what little that takes may go where nothing else does.
    Beating,
}

/// The journal with patience.
#[derive(Debug)]
pub(super) struct Record<J> {
    store: J,
    mode: Arc<Mode>,
    trouble: Mutex<Trouble>,
    updates: UnboundedSender<Update>,
}

impl<J: Journal> Record<J> {
    pub(super) fn new(store: J, mode: Arc<Mode>, updates: UnboundedSender<Update>) -> Self {
        Self { store, mode, trouble: Mutex::default(), updates }
    }

    pub(super) fn is_without(&self) -> bool {
        self.mode.is_without()
    }

    /// Learns from what the store said, and tells when that changes.
    fn learn<T>(&self, how: Use, result: &Result<T, JournalError>) {
        let error = match result {
            Ok(_) => None,
            Err(error @ JournalError::Unavailable(_)) => Some(error),
            // It answered, but nothing was written.
            Err(_) => return,
        };
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let was = trouble.is_any();
        match how {
            Use::Reading => trouble.reading = error.is_some(),
            Use::Writing => trouble.writing = error.is_some(),
            Use::Beating => trouble.beating = error.is_some(),
        }
        if was != trouble.is_any() && !self.is_without() {
            // Nobody listens any more when the desk closes.
            let _ = self.updates.send(Update::Journal(error.cloned()));
        }
    }

    /// Does something until the store works. The answer is never [`JournalError::Unavailable`].
    async fn patiently<T, F>(
        &self,
        how: Use,
        mut work: impl FnMut() -> F,
        without: impl FnOnce() -> T,
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
            self.learn(how, &result);
            match result {
                Err(JournalError::Unavailable(_)) => {}
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
        self.patiently(Use::Writing, || self.store.claim(claim.clone(), holder, at(), lasts), without).await
    }

    pub(super) async fn renew(
        &self,
        lease: &Lease,
        at: impl Fn() -> Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        let without = || Lease { until: Timestamp::MAX, ..lease.clone() };
        self.patiently(Use::Writing, || self.store.renew(lease, at(), lasts), without).await
    }

    /// Renews what the store knows, once. Also without a record: whoever took a job over must be noticed.
    pub(super) async fn renew_all(
        &self,
        leases: Vec<Lease>,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Vec<(Lease, Result<Lease, JournalError>)> {
        let known: Vec<Lease> = leases.into_iter().filter(|lease| lease.epoch != WITHOUT).collect();
        if known.is_empty() {
            return Vec::new();
        }
        let results = self.store.renew_all(&known, at, lasts).await;
        for result in &results {
            self.learn(Use::Beating, result);
        }
        known.into_iter().zip(results).collect()
    }

    /// Gives a lease back, once: one that stays ends by itself.
    pub(super) async fn release(&self, lease: &Lease) {
        if lease.epoch != WITHOUT && !self.is_without() {
            let result = self.store.release(lease).await;
            self.learn(Use::Writing, &result);
        }
    }

    pub(super) async fn append(
        &self,
        lease: &Lease,
        after: u64,
        at: impl Fn() -> Timestamp,
        event: Event,
    ) -> Result<Entry, JournalError> {
        let without = || Entry { v: FORMAT, seq: after + 1, at: at(), event: event.clone() };
        self.patiently(Use::Writing, || self.store.append(lease, after, at(), event.clone()), without).await
    }

    pub(super) async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        self.patiently(Use::Writing, || self.store.close(lease), || ()).await
    }

    /// Where the journal ends, and the jobs that are open there or a little later.
    pub(super) async fn open(&self) -> Result<(Position, Vec<History>), JournalError> {
        let head = self.patiently(Use::Reading, || self.store.newest(), Position::default).await?;
        Ok((head, self.open_jobs().await?))
    }

    /// The jobs that are open.
    pub(super) async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        self.patiently(Use::Reading, || self.store.open_jobs(), Vec::new).await
    }

    /// Changes when someone wrote.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.store.changes()
    }

    /// What is new, asked for once.
    pub(super) async fn since(&self, position: Position) -> Result<Vec<Kept>, JournalError> {
        let result = self.store.since(position).await;
        self.learn(Use::Reading, &result);
        result
    }

    /// All that happened to a job, asked for once.
    pub(super) async fn history(&self, job: JobId) -> Result<Vec<Entry>, JournalError> {
        let result = self.store.history(job).await;
        self.learn(Use::Reading, &result);
        result
    }

    /// Takes a lease if nobody has it, asked for once.
    pub(super) async fn try_claim(
        &self,
        claim: Claim,
        holder: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        let result = self.store.claim(claim, holder, at, lasts).await;
        self.learn(Use::Writing, &result);
        result
    }
}
