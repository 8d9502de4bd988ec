//! A journal that lives as long as the process.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::{Claim, History, Holder, Journal, JournalError, Lease, Position, Record};
use crate::desk::job::JobId;
use crate::desk::job::event::{Entry, Event, FORMAT};

/// Keeps everything in memory. Gone with the process.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    store: Mutex<Store>,
}

#[derive(Debug, Default)]
struct Store {
    /// In the order of positions: the first is 1.
    records: Vec<Record>,
    /// How long each history is.
    lengths: HashMap<JobId, u64>,
    ended: HashSet<JobId>,
    leases: HashMap<Claim, Lease>,
}

impl MemoryJournal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // Nothing in here leaves a change half done, so a panic elsewhere spoils nothing.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    fn check(&self, lease: &Lease) -> Result<(), JournalError> {
        match self.leases.get(&lease.claim) {
            Some(current) if current.epoch == lease.epoch && current.holder == lease.holder => Ok(()),
            _ => Err(JournalError::Fenced),
        }
    }

    fn claim(
        &mut self,
        claim: Claim,
        holder: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        let old = self.leases.get(&claim);
        if let Some(old) = old
            && old.holder != *holder
            && old.until > at
        {
            return Err(JournalError::Held { by: old.holder.clone(), until: old.until });
        }
        let epoch = old.map_or(0, |old| old.epoch) + 1;
        let lease = Lease { claim: claim.clone(), holder: holder.clone(), epoch, until: end(at, lasts) };
        self.leases.insert(claim, lease.clone());
        Ok(lease)
    }

    fn append(&mut self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        self.check(lease)?;
        let Claim::Job(job) = lease.claim else { return Err(JournalError::Fenced) };
        let found = self.lengths.get(&job).copied().unwrap_or_default();
        if found != after {
            return Err(JournalError::Conflict { found });
        }
        let entry = Entry { v: FORMAT, seq: after + 1, at, event };
        let position = Position(self.records.len() as u64 + 1);
        self.lengths.insert(job, entry.seq);
        self.records.push(Record { position, job, entry: entry.clone() });
        Ok(entry)
    }

    fn release(&mut self, lease: &Lease) {
        if self.check(lease).is_ok()
            && let Some(current) = self.leases.get_mut(&lease.claim)
        {
            // The epoch stays, so that the next holder gets a greater one.
            current.until = Timestamp::MIN;
        }
    }

    fn open_jobs(&self) -> Vec<History> {
        let mut jobs: Vec<History> = Vec::new();
        for record in self.records.iter().filter(|record| !self.ended.contains(&record.job)) {
            match jobs.iter_mut().find(|history| history.job == record.job) {
                Some(history) => history.entries.push(record.entry.clone()),
                None => jobs.push(History { job: record.job, entries: vec![record.entry.clone()] }),
            }
        }
        jobs
    }
}

fn end(at: Timestamp, lasts: SignedDuration) -> Timestamp {
    at.checked_add(lasts).unwrap_or(Timestamp::MAX)
}

impl Journal for MemoryJournal {
    fn claim(
        &self,
        claim: Claim,
        holder: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> impl Future<Output = Result<Lease, JournalError>> + Send {
        std::future::ready(self.store().claim(claim, holder, at, lasts))
    }

    async fn renew(&self, lease: &Lease, at: Timestamp, lasts: SignedDuration) -> Result<Lease, JournalError> {
        let mut store = self.store();
        store.check(lease)?;
        let renewed = Lease { until: end(at, lasts), ..lease.clone() };
        store.leases.insert(lease.claim.clone(), renewed.clone());
        Ok(renewed)
    }

    async fn release(&self, lease: &Lease) -> Result<(), JournalError> {
        self.store().release(lease);
        Ok(())
    }

    async fn append(&self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        self.store().append(lease, after, at, event)
    }

    async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        let mut store = self.store();
        store.check(lease)?;
        if let Claim::Job(job) = lease.claim {
            store.ended.insert(job);
        }
        store.release(lease);
        Ok(())
    }

    async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        Ok(self.store().open_jobs())
    }

    async fn since(&self, position: Position) -> Result<Vec<Record>, JournalError> {
        let store = self.store();
        Ok(store.records.iter().filter(|record| record.position > position).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    fn desk(name: &str) -> Holder {
        Holder(name.into())
    }

    fn job(n: u128) -> Claim {
        Claim::Job(JobId(Uuid::from_u128(n)))
    }

    #[tokio::test]
    async fn a_lease_is_one_holders_until_it_ends() {
        let journal = MemoryJournal::new();
        let first = journal.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
        assert_eq!(
            journal.claim(job(1), &desk("b"), at(59), MINUTE).await,
            Err(JournalError::Held { by: desk("a"), until: at(60) })
        );
        let second = journal.claim(job(1), &desk("b"), at(60), MINUTE).await.unwrap();
        assert!(second.epoch > first.epoch);
        // The first one wakes up: it can write nothing and end nothing.
        assert_eq!(journal.append(&first, 0, at(61), Event::Queued).await, Err(JournalError::Fenced));
        assert_eq!(journal.renew(&first, at(61), MINUTE).await, Err(JournalError::Fenced));
        assert_eq!(journal.close(&first).await, Err(JournalError::Fenced));
        journal.release(&first).await.unwrap();
        assert!(journal.append(&second, 0, at(61), Event::Queued).await.is_ok());
    }

    #[tokio::test]
    async fn a_lease_that_was_given_back_is_free_at_once() {
        let journal = MemoryJournal::new();
        let first = journal.claim(Claim::Encoder("front".into()), &desk("a"), at(0), MINUTE).await.unwrap();
        journal.release(&first).await.unwrap();
        let second = journal.claim(Claim::Encoder("front".into()), &desk("b"), at(1), MINUTE).await.unwrap();
        assert!(second.epoch > first.epoch);
        // A lease on an encoder writes no history.
        assert_eq!(journal.append(&second, 0, at(1), Event::Queued).await, Err(JournalError::Fenced));
    }

    #[tokio::test]
    async fn entries_are_numbered_by_job_and_ordered_by_store() {
        let journal = MemoryJournal::new();
        let one = journal.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
        let two = journal.claim(job(2), &desk("a"), at(0), MINUTE).await.unwrap();
        journal.append(&one, 0, at(0), Event::Queued).await.unwrap();
        journal.append(&two, 0, at(1), Event::Queued).await.unwrap();
        let entry = journal.append(&one, 1, at(2), Event::Granted).await.unwrap();
        assert_eq!((entry.v, entry.seq), (FORMAT, 2));
        assert_eq!(
            journal.append(&one, 1, at(3), Event::Granted).await,
            Err(JournalError::Conflict { found: 2 }),
            "two writers can't have the same place"
        );

        let all = journal.since(Position::default()).await.unwrap();
        assert_eq!(all.iter().map(|record| record.entry.seq).collect::<Vec<_>>(), [1, 1, 2]);
        let news = journal.since(all[1].position).await.unwrap();
        assert_eq!(news, all[2..]);

        journal.close(&one).await.unwrap();
        let open = journal.open_jobs().await.unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].entries.len(), 1);
        // What ended stays readable.
        assert_eq!(journal.since(Position::default()).await.unwrap().len(), 3);
    }
}
