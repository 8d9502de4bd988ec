//! The leases of this process: renewed well before they end, given back when nobody needs them any more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::clock::Clock;
use super::retrying_journal::RetryingJournal;
use crate::journal::{Claim, Journal, JournalError, Lease};

/// How long a lease lasts: a job whose process was killed is taken over within this and a look at the journal.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(10);

/// How often the one heartbeat of the process renews all its leases. Two may be missed before a lease ends.
const RENEW_EVERY: Duration = Duration::from_secs(3);

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
    /// How many leases this process took before it.
    number: u64,
    lease: Lease,
    asked: Asked,
    lost: Arc<Notify>,
}

/// When a lease was asked for: by the time of day, which may be set, and by a clock that nobody sets but that may rest
/// while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    at: Timestamp,
    instant: Instant,
}

impl Asked {
    pub(super) fn now(clock: &impl Clock) -> Self {
        Self { at: clock.now(), instant: Instant::now() }
    }

    /// Whether so little time passed since that nobody can have taken the lease.
    fn is_fresh(self, clock: &impl Clock) -> bool {
        let passed = clock.now().duration_since(self.at);
        self.instant.elapsed() < LEASE.unsigned_abs() && !passed.is_negative() && passed < LEASE
    }
}

/// A lease; dropping it gives it back.
#[derive(Debug)]
pub(super) struct HeldLease {
    /// As it was taken; the end is the registry's.
    pub(super) lease: Lease,
    leases: Arc<Leases>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Leases {
    /// Renews a lease from now on, which was asked for at `asked`. `lost` is woken when another process took it.
    pub(super) fn register(self: &Arc<Self>, lease: Lease, asked: Asked, lost: Arc<Notify>) -> HeldLease {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        locked(&self.held).insert(lease.claim.clone(), Owned { number, lease: lease.clone(), asked, lost });
        HeldLease { lease, leases: self.clone() }
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

    fn apply_renewal(&self, old: &Lease, asked: Asked, result: Result<Lease, JournalError>) {
        let mut held = locked(&self.held);
        let Some(owned) = held.get_mut(&old.claim).filter(|owned| owned.lease.epoch == old.epoch) else { return };
        match result {
            Ok(renewed) => (owned.lease.until, owned.asked) = (renewed.until, asked),
            Err(JournalError::Unavailable(_)) => {}
            Err(_) => {
                owned.lost.notify_one();
                held.remove(&old.claim);
            }
        }
    }

    /// What is known of a lease; `None` when another process took it.
    fn look_up<T>(&self, lease: &Lease, what: impl FnOnce(&Owned) -> T) -> Option<T> {
        let held = locked(&self.held);
        held.get(&lease.claim).filter(|owned| owned.lease.epoch == lease.epoch).map(what)
    }

    /// Whether all of them are surely ours now. Those that ended meanwhile are renewed, where nobody took them. A process
    /// that stood still for long notices here what it lost, before it sends anything.
    pub(super) async fn are_sure<J: Journal, C: Clock>(
        &self,
        leases: &[Lease],
        journal: &RetryingJournal<J>,
        clock: &C,
    ) -> bool {
        loop {
            let is_sure = |owned: &Owned| owned.lease.until == Timestamp::MAX || owned.asked.is_fresh(clock);
            let mut ended = None;
            for lease in leases {
                match self.look_up(lease, is_sure) {
                    None => return false,
                    Some(true) => {}
                    Some(false) => ended = Some(lease),
                }
            }
            // Nothing is waited for between this look at all of them and the answer.
            let Some(lease) = ended else { return true };
            let asked = Asked::now(clock);
            let result = journal.renew(lease, || clock.now(), LEASE).await;
            self.apply_renewal(lease, asked, result);
        }
    }

    /// Gives back what was dropped.
    pub(super) async fn give_back<J: Journal>(&self, journal: &RetryingJournal<J>) {
        let returned = std::mem::take(&mut *locked(&self.returned));
        for lease in returned {
            journal.release(&lease).await;
        }
    }

    /// Renews all leases with one call per heartbeat, and gives back those that were dropped, without end. One task does
    /// both, so that no lease is renewed that was given back.
    pub(super) async fn renew_and_release<J: Journal, C: Clock>(&self, journal: &RetryingJournal<J>, clock: &C) {
        let mut beat = interval(RENEW_EVERY);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = beat.tick() => {
                    let asked = Asked::now(clock);
                    for (old, result) in journal.renew_all(self.all(), clock.now(), LEASE).await {
                        self.apply_renewal(&old, asked, result);
                    }
                }
                () = self.has_returned.notified() => {}
            }
            self.give_back(journal).await;
        }
    }
}

impl HeldLease {
    /// Whether nobody is known to have taken it.
    pub(super) fn is_ours(&self) -> bool {
        self.leases.look_up(&self.lease, |_| ()).is_some()
    }

    /// Whether it is surely ours now: see [`Leases::are_sure`].
    pub(super) async fn is_sure<J: Journal, C: Clock>(&self, journal: &RetryingJournal<J>, clock: &C) -> bool {
        self.leases.are_sure(std::slice::from_ref(&self.lease), journal, clock).await
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

impl Drop for HeldLease {
    fn drop(&mut self) {
        if self.remove() {
            locked(&self.leases.returned).push(self.lease.clone());
            self.leases.has_returned.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Holder, MemoryJournal};
    use tokio::sync::mpsc::unbounded_channel;

    /// A clock that somebody sets, ahead of tokio's by this.
    #[derive(Default)]
    struct Set(Mutex<SignedDuration>, std::sync::OnceLock<Instant>);

    impl Set {
        fn to(&self, ahead: SignedDuration) {
            *locked(&self.0) = ahead;
        }
    }

    impl Clock for Set {
        fn now(&self) -> Timestamp {
            let passed = self.1.get_or_init(Instant::now).elapsed();
            Timestamp::from_second(1_790_000_000).unwrap()
                + SignedDuration::try_from(passed).unwrap()
                + *locked(&self.0)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_is_not_sure_after_a_rest_by_any_clock() {
        let rests = [(11, 0), (11, -5), (11, -3600), (1, 10), (1, 3600), (1, -5)];
        for (rest, set) in rests {
            for is_taken in [false, true] {
                let (clock, (updates, _heard)) = (Set::default(), unbounded_channel());
                let store = Arc::new(MemoryJournal::new());
                let journal = RetryingJournal::new(store.clone(), Arc::default(), updates);
                let leases = Arc::new(Leases::default());
                let (claim, ours) = (Claim::Encoder("front".into()), Holder::new("ours", "ours"));
                let asked = Asked::now(&clock);
                let lease = journal.claim(&claim, &ours, || clock.now(), LEASE).await.unwrap();
                let held = leases.register(lease, asked, Arc::default());
                assert!(held.is_sure(&journal, &clock).await);

                tokio::time::advance(Duration::from_secs(rest)).await;
                if is_taken {
                    let later = clock.now() + LEASE;
                    store.claim(claim, &Holder::new("other", "other"), later, LEASE).await.unwrap();
                }
                clock.to(SignedDuration::from_secs(set));
                assert_eq!(held.is_sure(&journal, &clock).await, !is_taken, "{rest} s, set by {set} s");
            }
        }
    }
}
