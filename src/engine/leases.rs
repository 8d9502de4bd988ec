//! The leases of this process: renewed well before they end, given back when nobody needs them any more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};

use super::clock::Clock;
use super::record::Record;
use crate::journal::{Claim, Journal, JournalError, Lease};

/// How long a lease lasts: a job whose process was killed is taken over within this and a look at the journal.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(10);

/// How often all leases are renewed: a beat or two may be missed.
const BEAT: Duration = Duration::from_secs(3);

/// What this process has leases on.
#[derive(Debug, Default)]
pub(super) struct Leases {
    held: Mutex<HashMap<Claim, Owned>>,
    taken: AtomicU64,
    returned: Mutex<Vec<Lease>>,
    has_returned: Notify,
}

#[derive(Debug)]
struct Owned {
    /// How many were taken before.
    number: u64,
    lease: Lease,
    lost: Arc<Notify>,
}

/// A lease; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Held {
    /// As it was taken; the end is the registry's.
    pub(super) lease: Lease,
    leases: Arc<Leases>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Leases {
    /// Looks after a lease from now on. `lost` is woken when someone else took it.
    pub(super) fn hold(self: &Arc<Self>, lease: Lease, lost: Arc<Notify>) -> Held {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        locked(&self.held).insert(lease.claim.clone(), Owned { number, lease: lease.clone(), lost });
        Held { lease, leases: self.clone() }
    }

    /// Whether a job of this process has it.
    pub(super) fn has(&self, claim: &Claim) -> bool {
        locked(&self.held).contains_key(claim)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        locked(&self.held).len()
    }

    /// All, in the order in which they were taken.
    fn all(&self) -> Vec<Lease> {
        let held = locked(&self.held);
        let mut all: Vec<_> = held.values().map(|owned| (owned.number, owned.lease.clone())).collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, lease)| lease).collect()
    }

    fn learn(&self, old: &Lease, result: Result<Lease, JournalError>) {
        let mut held = locked(&self.held);
        let Some(owned) = held.get_mut(&old.claim).filter(|owned| owned.lease.epoch == old.epoch) else { return };
        match result {
            Ok(renewed) => owned.lease.until = renewed.until,
            Err(JournalError::Unavailable(_)) => {}
            Err(_) => {
                owned.lost.notify_one();
                held.remove(&old.claim);
            }
        }
    }

    /// Until when it is surely ours; `None` when someone else took it.
    fn until(&self, lease: &Lease) -> Option<Timestamp> {
        let held = locked(&self.held);
        held.get(&lease.claim).filter(|owned| owned.lease.epoch == lease.epoch).map(|owned| owned.lease.until)
    }

    /// Whether all of them are surely ours now. What ended meanwhile is renewed, if nobody took it. A process that was
    /// frozen finds out here before it sends anything.
    pub(super) async fn are_sure<J: Journal, C: Clock>(&self, leases: &[Lease], record: &Record<J>, clock: &C) -> bool {
        loop {
            let now = clock.now();
            let mut ended = None;
            for lease in leases {
                match self.until(lease) {
                    None => return false,
                    Some(until) if until > now => {}
                    Some(_) => ended = Some(lease),
                }
            }
            // Nothing is waited for between this look at all of them and the answer.
            let Some(lease) = ended else { return true };
            let result = record.renew(lease, || clock.now(), LEASE).await;
            self.learn(lease, result);
        }
    }

    /// Gives back what was dropped.
    pub(super) async fn give_back<J: Journal>(&self, record: &Record<J>) {
        let returned = std::mem::take(&mut *locked(&self.returned));
        for lease in returned {
            record.release(&lease).await;
        }
    }

    /// Renews and gives back, without end. One task does both, so that nothing is renewed that was given back.
    pub(super) async fn keep<J: Journal, C: Clock>(&self, record: &Record<J>, clock: &C) {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = beat.tick() => {
                    for (old, result) in record.renew_all(self.all(), clock.now(), LEASE).await {
                        self.learn(&old, result);
                    }
                }
                () = self.has_returned.notified() => {}
            }
            self.give_back(record).await;
        }
    }
}

impl Held {
    /// Whether nobody is known to have taken it.
    pub(super) fn is_ours(&self) -> bool {
        self.leases.until(&self.lease).is_some()
    }

    /// Whether it is surely ours now: see [`Leases::are_sure`].
    pub(super) async fn is_sure<J: Journal, C: Clock>(&self, record: &Record<J>, clock: &C) -> bool {
        self.leases.are_sure(std::slice::from_ref(&self.lease), record, clock).await
    }

    /// The journal has it back already.
    pub(super) fn is_returned(&self) {
        self.remove();
    }

    fn remove(&self) -> bool {
        let mut held = locked(&self.leases.held);
        let is_ours = held.get(&self.lease.claim).is_some_and(|owned| owned.lease.epoch == self.lease.epoch);
        if is_ours {
            held.remove(&self.lease.claim);
        }
        is_ours
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.remove() {
            locked(&self.leases.returned).push(self.lease.clone());
            self.leases.has_returned.notify_one();
        }
    }
}
