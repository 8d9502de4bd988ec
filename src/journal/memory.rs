//! A journal that lives as long as the process.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::sightings::Sightings;
use super::{Claim, History, Holder, Journal, JournalError, Lease, PAGE, Position, StoredEntry};
use crate::domain::job::JobId;
use crate::domain::job::event::{Entry, Event, FORMAT};
use crate::domain::job::order::BatchId;
use crate::domain::remembered::RememberedGuest;
use crate::seam::types::UserId;

/// Keeps everything in memory. Gone with the process.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    store: Mutex<MemoryStore>,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct MemoryStore {
    /// In the order of positions.
    records: Vec<StoredEntry>,
    jobs: HashMap<JobId, JobState>,
    /// Those that were not given back.
    leases: HashMap<Claim, Lease>,
    sightings: Sightings,
    guests: HashMap<UserId, (RememberedGuest, Timestamp)>,
    position: u64,
    epoch: u64,
}

#[derive(Debug, Default)]
struct JobState {
    /// How many entries the history has.
    length: u64,
    is_ended: bool,
    batch: Option<BatchId>,
    last_at: Timestamp,
}

impl MemoryJournal {
    /// Makes an empty journal, which goes with the process.
    pub fn new() -> Self {
        Self::default()
    }

    fn store(&self) -> MutexGuard<'_, MemoryStore> {
        // Nothing in here leaves a change half done, so a panic elsewhere spoils nothing.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes, and tells that something changed when it did.
    fn write<T>(&self, work: impl FnOnce(&mut MemoryStore) -> Result<T, JournalError>) -> Result<T, JournalError> {
        let done = work(&mut self.store())?;
        self.changes.send_modify(|count| *count += 1);
        Ok(done)
    }
}

impl MemoryStore {
    fn check(&self, lease: &Lease) -> Result<(), JournalError> {
        match self.leases.get(&lease.claim) {
            Some(current) if current.epoch == lease.epoch && current.holder.id == lease.holder.id => Ok(()),
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
        if let Some(old) = self.leases.get(&claim)
            && old.holder.id != holder.id
            && self.sightings.still_counts(old, at, lasts)
        {
            return Err(JournalError::Held { by: old.holder.clone(), until: old.until });
        }
        self.epoch += 1;
        let lease = Lease { claim: claim.clone(), holder: holder.clone(), epoch: self.epoch, until: end(at, lasts) };
        self.leases.insert(claim, lease.clone());
        Ok(lease)
    }

    fn append(&mut self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        self.check(lease)?;
        let Claim::Job(id) = lease.claim else { return Err(JournalError::Fenced) };
        let found = self.jobs.get(&id).map_or(0, |job| job.length);
        if found != after {
            return Err(JournalError::Conflict { found });
        }
        let entry = Entry { v: FORMAT, seq: after + 1, at, event };
        let job = self.jobs.entry(id).or_default();
        (job.length, job.last_at) = (entry.seq, at);
        if let Event::Started { order, .. } = &entry.event {
            job.batch = order.batch;
        }
        self.position += 1;
        self.records.push(StoredEntry { position: Position(self.position), job: id, entry: entry.clone() });
        Ok(entry)
    }

    fn close(&mut self, lease: &Lease) -> Result<(), JournalError> {
        self.check(lease)?;
        let Claim::Job(id) = lease.claim else { return Err(JournalError::Fenced) };
        if let Some(job) = self.jobs.get_mut(&id) {
            job.is_ended = true;
        }
        self.leases.remove(&lease.claim);
        Ok(())
    }

    fn histories(&self, is_wanted: impl Fn(&JobState) -> bool) -> Vec<History> {
        let mut jobs: Vec<History> = Vec::new();
        for record in &self.records {
            if !self.jobs.get(&record.job).is_some_and(&is_wanted) {
                continue;
            }
            match jobs.iter_mut().find(|history| history.job == record.job) {
                Some(history) => history.entries.push(record.entry.clone()),
                None => jobs.push(History { job: record.job, entries: vec![record.entry.clone()] }),
            }
        }
        jobs
    }

    fn prune(&mut self, before: Timestamp) -> u64 {
        let count = self.jobs.len();
        self.jobs.retain(|_, job| !job.is_ended || job.last_at >= before);
        self.records.retain(|record| self.jobs.contains_key(&record.job));
        self.leases.retain(|_, lease| lease.until >= before);
        self.guests.retain(|_, (_, at)| *at >= before);
        (count - self.jobs.len()) as u64
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
        std::future::ready(self.write(|store| store.claim(claim, holder, at, lasts)))
    }

    async fn renew_all(
        &self,
        leases: &[Lease],
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Vec<Result<Lease, JournalError>>, JournalError> {
        let renew = |store: &mut MemoryStore, lease: &Lease| {
            store.check(lease)?;
            let renewed = Lease { until: end(at, lasts), ..lease.clone() };
            store.leases.insert(lease.claim.clone(), renewed.clone());
            Ok(renewed)
        };
        self.write(|store| Ok(leases.iter().map(|lease| renew(store, lease)).collect()))
    }

    async fn release(&self, lease: &Lease) -> Result<(), JournalError> {
        self.write(|store| {
            if store.check(lease).is_ok() {
                store.leases.remove(&lease.claim);
            }
            Ok(())
        })
    }

    async fn append(&self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        self.write(|store| store.append(lease, after, at, event))
    }

    async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        self.write(|store| store.close(lease))
    }

    async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        Ok(self.store().histories(|job| !job.is_ended))
    }

    async fn history(&self, job: JobId) -> Result<Vec<Entry>, JournalError> {
        let store = self.store();
        Ok(store.records.iter().filter(|record| record.job == job).map(|record| record.entry.clone()).collect())
    }

    async fn jobs_of_batch(&self, batch: BatchId) -> Result<Vec<History>, JournalError> {
        Ok(self.store().histories(|job| job.batch == Some(batch)))
    }

    async fn since(&self, position: Position) -> Result<Vec<StoredEntry>, JournalError> {
        let store = self.store();
        let start = store.records.partition_point(|record| record.position <= position);
        Ok(store.records[start..].iter().take(PAGE).cloned().collect())
    }

    async fn remember(&self, user: &UserId, guest: &RememberedGuest, at: Timestamp) -> Result<(), JournalError> {
        self.write(|store| {
            store.guests.insert(user.clone(), (guest.clone(), at));
            Ok(())
        })
    }

    async fn remembered(&self, user: &UserId) -> Result<Option<RememberedGuest>, JournalError> {
        Ok(self.store().guests.get(user).map(|(guest, _)| guest.clone()))
    }

    async fn all_remembered(&self) -> Result<Vec<(UserId, RememberedGuest)>, JournalError> {
        Ok(self.store().guests.iter().map(|(user, (guest, _))| (user.clone(), guest.clone())).collect())
    }

    async fn newest(&self) -> Result<Position, JournalError> {
        Ok(Position(self.store().position))
    }

    async fn claims(&self) -> Result<Vec<Lease>, JournalError> {
        Ok(self.store().leases.values().cloned().collect())
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, JournalError> {
        self.write(|store| Ok(store.prune(before)))
    }
}
