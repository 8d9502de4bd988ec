//! A process that dies at a chosen point: its handle on the journal is dropped, and nothing comes through any more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::JobId;
use keydesk::domain::job::event::{Entry, Event, Intent};
use keydesk::journal::{Claim, History, Holder, Journal, JournalError, Lease, Position, Record};
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

pub struct Mortal<J> {
    /// Empty when the process is dead.
    handle: Arc<Mutex<Option<Arc<J>>>>,
    fate: Arc<Mutex<Option<(Death, &'static str)>>>,
    /// The fated call is out.
    is_out: Arc<AtomicBool>,
    frozen_until: Arc<Mutex<Option<Instant>>>,
    /// How long a claim of a job takes to reach the store.
    delay: Arc<Mutex<Duration>>,
    bells: Bells,
}

impl<J> Clone for Mortal<J> {
    fn clone(&self) -> Self {
        Self {
            handle: self.handle.clone(),
            fate: self.fate.clone(),
            is_out: self.is_out.clone(),
            frozen_until: self.frozen_until.clone(),
            delay: self.delay.clone(),
            bells: self.bells.clone(),
        }
    }
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
        Intent::UpdateUser { .. } => "update_user",
        Intent::AddToGroup { .. } => "add_to_group",
        Intent::RemoveFromGroup { .. } => "remove_from_group",
        Intent::DeleteCredential { .. } => "delete_credential",
        Intent::CreateCredential { .. } => "create_credential",
        Intent::Encode { .. } => "encode",
        Intent::DeleteUser { .. } => "delete_user",
    }
}

impl<J: Journal> Mortal<J> {
    pub fn new(journal: J, bells: Bells, fate: Option<(Death, &'static str)>) -> Self {
        Self {
            bells,
            handle: Arc::new(Mutex::new(Some(Arc::new(journal)))),
            fate: Arc::new(Mutex::new(fate)),
            is_out: Arc::default(),
            frozen_until: Arc::default(),
            delay: Arc::default(),
        }
    }

    pub fn kill(&self) {
        self.handle.lock().unwrap().take();
    }

    /// The process stands still for so long: its journal does nothing more until then.
    #[allow(dead_code, reason = "only the weather does that")]
    pub fn freeze(&self, time: Duration) {
        *self.frozen_until.lock().unwrap() = Some(Instant::now() + time);
    }

    /// From now on so much time passes between the wish for a job and its claim.
    #[allow(dead_code, reason = "only the fault matrix does that")]
    pub fn claims_slowly(&self, time: Duration) {
        *self.delay.lock().unwrap() = time;
    }

    pub fn is_dead(&self) -> bool {
        self.handle.lock().unwrap().is_none()
    }

    /// The call had its effect: whether its answer arrives.
    pub fn hears(&self, call: &str) -> bool {
        if *self.fate.lock().unwrap() == Some((Death::InCall, call_of(call))) {
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
    let all = [
        "create_user",
        "update_user",
        "add_to_group",
        "remove_from_group",
        "delete_credential",
        "create_credential",
        "encode",
        "delete_user",
    ];
    all.into_iter().find(|one| *one == call).unwrap_or_else(|| panic!("no call of this name: {call}"))
}

impl<J: Journal> Journal for Mortal<J> {
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

    async fn renew(&self, lease: &Lease, at: Timestamp, lasts: SignedDuration) -> Result<Lease, JournalError> {
        self.alive().await.renew(lease, at, lasts).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), JournalError> {
        let released = self.alive().await.release(lease).await;
        self.bells.ring();
        released
    }

    async fn append(&self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        self.alive().await;
        let death = self.meets(&event);
        if matches!(death, Some(Death::BeforeIntent | Death::BeforeAnswer)) {
            self.kill();
        }
        let entry = self.alive().await.append(lease, after, at, event).await;
        self.bells.ring();
        if death.is_some() {
            self.kill();
        }
        self.alive().await;
        entry
    }

    async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        let closed = self.alive().await.close(lease).await;
        self.bells.ring();
        closed
    }

    async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        self.alive().await.open_jobs().await
    }

    async fn history(&self, job: JobId) -> Result<Vec<Entry>, JournalError> {
        self.alive().await.history(job).await
    }

    async fn since(&self, position: Position) -> Result<Vec<Record>, JournalError> {
        self.alive().await.since(position).await
    }

    async fn newest(&self) -> Result<Position, JournalError> {
        self.alive().await.newest().await
    }

    async fn claims(&self) -> Result<Vec<Lease>, JournalError> {
        self.alive().await.claims().await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        let (bell, changes) = watch::channel(0);
        self.bells.0.lock().unwrap().push(bell);
        changes
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, JournalError> {
        self.alive().await.prune(before).await
    }
}
