//! What the jobs that ended tell of guests is forgotten in time, also by a desk that is never closed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{MissedTickBehavior, interval};

use crate::engine::clock::Clock;
use crate::journal::Journal;

/// How often it is looked whether a day has passed: the time in which a machine slept counts too.
const LOOK: Duration = Duration::from_secs(3600);

/// How long it is from one clearing of the journal to the next.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Forgets at once, and then once a day, the jobs that ended longer ago than `keep`. Never ends.
pub(super) async fn forget<J: Journal, C: Clock>(journal: &J, clock: &C, keep: SignedDuration) {
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last: Option<Timestamp> = None;
    loop {
        look.tick().await;
        let now = clock.now();
        // A clock that was set back by more than a day must not put it off for long.
        if last.is_some_and(|last| now.duration_since(last).abs() < DAY) {
            continue;
        }
        match journal.prune(now.saturating_sub(keep).unwrap_or_default()).await {
            Ok(count) => {
                tracing::debug!(count, "old jobs were removed from the record");
                last = Some(now);
            }
            // At the next look again.
            Err(error) => tracing::warn!(%error, "old jobs can't be removed from the record"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::time::{Instant, sleep};
    use uuid::Uuid;

    use super::*;
    use crate::domain::job::JobId;
    use crate::domain::job::event::Event;
    use crate::journal::{Claim, Holder, MemoryJournal};

    const HOUR: Duration = Duration::from_secs(3600);

    /// Goes with tokio's paused clock, and counts the looks at it.
    #[derive(Clone)]
    struct Paused {
        since: Instant,
        looks: Arc<AtomicU32>,
    }

    impl Clock for Paused {
        fn now(&self) -> Timestamp {
            self.looks.fetch_add(1, Ordering::Relaxed);
            let passed = SignedDuration::try_from(self.since.elapsed()).unwrap();
            Timestamp::from_second(1_790_000_000).unwrap() + passed
        }
    }

    /// A job that ends now.
    async fn ended(journal: &MemoryJournal, clock: &Paused, n: u128) -> JobId {
        let id = JobId(Uuid::from_u128(n));
        let (holder, at) = (Holder::new("a", "a"), clock.now());
        let lease = journal.claim(Claim::Job(id), &holder, at, SignedDuration::from_secs(10)).await.unwrap();
        journal.append(&lease, 0, at, Event::Queued).await.unwrap();
        journal.close(&lease).await.unwrap();
        id
    }

    #[tokio::test(start_paused = true)]
    async fn a_desk_that_runs_for_days_forgets_once_a_day() {
        let journal = Arc::new(MemoryJournal::new());
        let clock = Paused { since: Instant::now(), looks: Arc::default() };
        let is_kept = async |id| !journal.history(id).await.unwrap().is_empty();
        let old = ended(&journal, &clock, 1).await;
        sleep(25 * HOUR).await;
        let young = ended(&journal, &clock, 2).await;
        let (kept, time) = (journal.clone(), clock.clone());
        let running = tokio::spawn(async move { forget(&*kept, &time, SignedDuration::from_hours(23)).await });
        sleep(HOUR / 2).await;
        assert!(!is_kept(old).await, "at the start");
        let looks = clock.looks.load(Ordering::Relaxed);
        sleep(23 * HOUR).await;
        // It was kept for long enough, but the day is not over.
        assert!(is_kept(young).await);
        sleep(2 * HOUR).await;
        assert!(!is_kept(young).await, "a day later");
        assert_eq!(clock.looks.load(Ordering::Relaxed) - looks, 25, "it rests for an hour each time");
        running.abort();
    }
}
