//! A process that dies at a chosen point: its handle on the journal is dropped, and nothing comes through any more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::JobId;
use keydesk::domain::job::event::{Entry, Event, Intent};
use keydesk::domain::job::order::BatchId;
use keydesk::domain::remembered::RememberedGuest;
use keydesk::journal::{Claim, History, Holder, Journal, JournalError, Lease, Position, StoredEntry};
use keydesk::seam::types::UserId;
use tokio::sync::watch;
use tokio::time::Instant;

/// Where a process dies, seen from one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// Before the intent is kept.
    BeforeIntent,
    /// The intent is kept and nothing is sent.
    AfterIntent,
    /// The call had its effect, and the answer is on its way.
    InCall,
    /// The answer is there and not kept.
    BeforeAnswer,
    /// The answer is kept, and nothing came of it.
    AfterAnswer,
}

pub struct CrashingJournal<J> {
    /// Empty when the process is dead.
    handle: Arc<Mutex<Option<Arc<J>>>>,
    crash_at: Arc<Mutex<Option<(CrashPoint, &'static str)>>>,
    /// The call of the crash point is out.
    is_out: Arc<AtomicBool>,
    frozen_until: Arc<Mutex<Option<Instant>>>,
    /// How long a claim of a job takes to reach the store.
    delay: Arc<Mutex<Duration>>,
    watchers: Watchers,
}

impl<J> Clone for CrashingJournal<J> {
    fn clone(&self) -> Self {
        Self {
            handle: self.handle.clone(),
            crash_at: self.crash_at.clone(),
            is_out: self.is_out.clone(),
            frozen_until: self.frozen_until.clone(),
            delay: self.delay.clone(),
            watchers: self.watchers.clone(),
        }
    }
}

/// Tells each process of a change, in the order in which they came: a channel with many receivers wakes them in any order, and a
/// seed would not give the same run again.
#[derive(Clone, Default)]
pub struct Watchers(Arc<Mutex<Vec<watch::Sender<u64>>>>);

impl Watchers {
    fn notify(&self) {
        let mut watchers = self.0.lock().unwrap();
        watchers.retain(|watcher| !watcher.is_closed());
        for watcher in watchers.iter() {
            watcher.send_modify(|count| *count += 1);
        }
    }
}

/// The names of all calls that change something.
pub const CALLS: [&str; 9] = [
    "create_user",
    "update_user",
    "add_to_group",
    "remove_from_group",
    "delete_credential",
    "create_credential",
    "encode",
    "set_suspension",
    "delete_user",
];

/// The name of a call, one of [`CALLS`].
pub fn name(intent: &Intent) -> &'static str {
    match intent {
        Intent::CreateUser => "create_user",
        Intent::UpdateUser { .. } => "update_user",
        Intent::AddToGroup { .. } => "add_to_group",
        Intent::RemoveFromGroup { .. } => "remove_from_group",
        Intent::DeleteCredential { .. } => "delete_credential",
        Intent::CreateCredential { .. } => "create_credential",
        Intent::Encode { .. } => "encode",
        Intent::SetSuspension { .. } => "set_suspension",
        Intent::DeleteUser { .. } => "delete_user",
    }
}

impl<J: Journal> CrashingJournal<J> {
    pub fn new(journal: Arc<J>, watchers: Watchers, crash_at: Option<(CrashPoint, &'static str)>) -> Self {
        Self {
            watchers,
            handle: Arc::new(Mutex::new(Some(journal))),
            crash_at: Arc::new(Mutex::new(crash_at)),
            is_out: Arc::default(),
            frozen_until: Arc::default(),
            delay: Arc::default(),
        }
    }

    pub fn kill(&self) {
        self.handle.lock().unwrap().take();
    }

    /// The process stands still for so long: its journal does nothing more until then.
    pub fn freeze(&self, time: Duration) {
        *self.frozen_until.lock().unwrap() = Some(Instant::now() + time);
    }

    /// From now on so much time passes between the wish for a job and its claim.
    pub fn claims_slowly(&self, time: Duration) {
        *self.delay.lock().unwrap() = time;
    }

    pub fn is_dead(&self) -> bool {
        self.handle.lock().unwrap().is_none()
    }

    /// The call had its effect: whether its answer arrives.
    pub fn hears(&self, call: &str) -> bool {
        if *self.crash_at.lock().unwrap() == Some((CrashPoint::InCall, call_of(call))) {
            self.kill();
        }
        !self.is_dead()
    }

    /// The handle of one who lives and moves; the dead get none.
    async fn alive(&self) -> Arc<J> {
        let until = *self.frozen_until.lock().unwrap();
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
        let handle = self.handle.lock().unwrap().clone();
        match handle {
            Some(handle) => handle,
            None => std::future::pending().await,
        }
    }

    fn meets(&self, event: &Event) -> Option<CrashPoint> {
        let (crash, call) = (*self.crash_at.lock().unwrap())?;
        if let Event::Intended { intent } = event {
            let is_it = name(intent) == call;
            self.is_out.store(is_it, Ordering::SeqCst);
            return Some(crash)
                .filter(|crash| is_it && matches!(crash, CrashPoint::BeforeIntent | CrashPoint::AfterIntent));
        }
        let is_answer = self.is_out.swap(false, Ordering::SeqCst);
        Some(crash).filter(|crash| is_answer && matches!(crash, CrashPoint::BeforeAnswer | CrashPoint::AfterAnswer))
    }
}

fn call_of(call: &str) -> &'static str {
    CALLS.into_iter().find(|one| *one == call).unwrap_or_else(|| panic!("no call of this name: {call}"))
}

impl<J: Journal> Journal for CrashingJournal<J> {
    async fn claim(
        &self,
        claim: Claim,
        by: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        if matches!(claim, Claim::Job(_)) {
            let delay = *self.delay.lock().unwrap();
            tokio::time::sleep(delay).await;
        }
        self.alive().await.claim(claim, by, at, lasts).await
    }

    async fn renew_all(
        &self,
        leases: &[Lease],
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Vec<Result<Lease, JournalError>>, JournalError> {
        self.alive().await.renew_all(leases, at, lasts).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), JournalError> {
        let released = self.alive().await.release(lease).await;
        self.watchers.notify();
        released
    }

    async fn append(&self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        self.alive().await;
        let crash = self.meets(&event);
        if matches!(crash, Some(CrashPoint::BeforeIntent | CrashPoint::BeforeAnswer)) {
            self.kill();
        }
        let entry = self.alive().await.append(lease, after, at, event).await;
        self.watchers.notify();
        if crash.is_some() {
            self.kill();
        }
        self.alive().await;
        entry
    }

    async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        let closed = self.alive().await.close(lease).await;
        self.watchers.notify();
        closed
    }

    async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        self.alive().await.open_jobs().await
    }

    async fn history(&self, job: JobId) -> Result<Vec<Entry>, JournalError> {
        self.alive().await.history(job).await
    }

    async fn jobs_of_batch(&self, batch: BatchId) -> Result<Vec<History>, JournalError> {
        self.alive().await.jobs_of_batch(batch).await
    }

    async fn since(&self, position: Position) -> Result<Vec<StoredEntry>, JournalError> {
        self.alive().await.since(position).await
    }

    async fn remember(&self, user: &UserId, guest: &RememberedGuest, at: Timestamp) -> Result<(), JournalError> {
        self.alive().await.remember(user, guest, at).await
    }

    async fn remembered(&self, user: &UserId) -> Result<Option<RememberedGuest>, JournalError> {
        self.alive().await.remembered(user).await
    }

    async fn all_remembered(&self) -> Result<Vec<(UserId, RememberedGuest)>, JournalError> {
        self.alive().await.all_remembered().await
    }

    async fn newest(&self) -> Result<Position, JournalError> {
        self.alive().await.newest().await
    }

    async fn claims(&self) -> Result<Vec<Lease>, JournalError> {
        self.alive().await.claims().await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        let (watcher, changes) = watch::channel(0);
        self.watchers.0.lock().unwrap().push(watcher);
        changes
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, JournalError> {
        self.alive().await.prune(before).await
    }
}
