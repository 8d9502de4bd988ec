//! A process that dies at a chosen point: from then on its journal takes and gives nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::desk::job::JobId;
use keydesk::desk::job::event::{Entry, Event, Intent};
use keydesk::journal::{Claim, History, Holder, Journal, JournalError, Lease, MemoryJournal, Position, Record};
use tokio::sync::watch;
use tokio::time::Instant;

/// Where a process dies, seen from one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
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

#[derive(Clone)]
pub struct Mortal {
    inner: Arc<MemoryJournal>,
    is_dead: Arc<AtomicBool>,
    fate: Arc<Mutex<Option<(Death, &'static str)>>>,
    /// The fated call is out.
    is_out: Arc<AtomicBool>,
    frozen_until: Arc<Mutex<Option<Instant>>>,
    bells: Bells,
}

/// Rings for each process in the order in which they came: a channel with many receivers wakes them in any order, and a
/// seed would not give the same run again.
#[derive(Clone, Default)]
pub struct Bells(Arc<Mutex<Vec<watch::Sender<u64>>>>);

impl Bells {
    fn ring(&self) {
        let mut bells = self.0.lock().unwrap();
        bells.retain(|bell| !bell.is_closed());
        for bell in bells.iter() {
            bell.send_modify(|count| *count += 1);
        }
    }
}

pub fn name(intent: &Intent) -> &'static str {
    match intent {
        Intent::CreateUser => "create_user",
        Intent::AddToGroup { .. } => "add_to_group",
        Intent::RemoveFromGroup { .. } => "remove_from_group",
        Intent::DeleteCredential { .. } => "delete_credential",
        Intent::CreateCredential { .. } => "create_credential",
        Intent::Encode { .. } => "encode",
        Intent::DeleteUser { .. } => "delete_user",
    }
}

impl Mortal {
    pub fn new(inner: Arc<MemoryJournal>, bells: Bells, fate: Option<(Death, &'static str)>) -> Self {
        Self {
            bells,
            inner,
            is_dead: Arc::default(),
            fate: Arc::new(Mutex::new(fate)),
            is_out: Arc::default(),
            frozen_until: Arc::default(),
        }
    }

    pub fn kill(&self) {
        self.is_dead.store(true, Ordering::SeqCst);
    }

    /// The process stands still for so long: its journal does nothing more until then.
    #[allow(dead_code, reason = "only the weather does that")]
    pub fn freeze(&self, time: Duration) {
        *self.frozen_until.lock().unwrap() = Some(Instant::now() + time);
    }

    pub fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::SeqCst)
    }

    /// The call had its effect: whether its answer arrives.
    pub fn hears(&self, call: &str) -> bool {
        if *self.fate.lock().unwrap() == Some((Death::InCall, call_of(call))) {
            self.kill();
        }
        !self.is_dead()
    }

    async fn alive(&self) {
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
        let until = *self.frozen_until.lock().unwrap();
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
    }

    fn meets(&self, event: &Event) -> Option<Death> {
        let (death, call) = (*self.fate.lock().unwrap())?;
        if let Event::Intended { intent } = event {
            let is_it = name(intent) == call;
            self.is_out.store(is_it, Ordering::SeqCst);
            return Some(death).filter(|death| is_it && matches!(death, Death::BeforeIntent | Death::AfterIntent));
        }
        let is_answer = self.is_out.swap(false, Ordering::SeqCst);
        Some(death).filter(|death| is_answer && matches!(death, Death::BeforeAnswer | Death::AfterAnswer))
    }
}

fn call_of(call: &str) -> &'static str {
    let all = ["create_user", "add_to_group", "remove_from_group", "delete_credential", "create_credential", "encode"];
    all.into_iter().find(|one| *one == call).unwrap_or("delete_user")
}

impl Journal for Mortal {
    async fn claim(
        &self,
        claim: Claim,
        by: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        self.alive().await;
        self.inner.claim(claim, by, at, lasts).await
    }

    async fn renew(&self, lease: &Lease, at: Timestamp, lasts: SignedDuration) -> Result<Lease, JournalError> {
        self.alive().await;
        self.inner.renew(lease, at, lasts).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), JournalError> {
        self.alive().await;
        let released = self.inner.release(lease).await;
        self.bells.ring();
        released
    }

    async fn append(&self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        self.alive().await;
        let death = self.meets(&event);
        if matches!(death, Some(Death::BeforeIntent | Death::BeforeAnswer)) {
            self.kill();
        }
        self.alive().await;
        let entry = self.inner.append(lease, after, at, event).await;
        self.bells.ring();
        if death.is_some() {
            self.kill();
        }
        self.alive().await;
        entry
    }

    async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        self.alive().await;
        let closed = self.inner.close(lease).await;
        self.bells.ring();
        closed
    }

    async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        self.alive().await;
        self.inner.open_jobs().await
    }

    async fn history(&self, job: JobId) -> Result<Vec<Entry>, JournalError> {
        self.alive().await;
        self.inner.history(job).await
    }

    async fn since(&self, position: Position) -> Result<Vec<Record>, JournalError> {
        self.alive().await;
        self.inner.since(position).await
    }

    async fn newest(&self) -> Result<Position, JournalError> {
        self.alive().await;
        self.inner.newest().await
    }

    async fn claims(&self) -> Result<Vec<Lease>, JournalError> {
        self.alive().await;
        self.inner.claims().await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        let (bell, changes) = watch::channel(0);
        self.bells.0.lock().unwrap().push(bell);
        changes
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, JournalError> {
        self.alive().await;
        self.inner.prune(before).await
    }
}
