//! What happened to each job, in order, and who may write it down.
//!
//! The trait assumes no machine, no file and no SQL: a job is written by whoever holds its lease, entries are ordered
//! by the store's own position, and a lease is known by its holder, its epoch and its end. A store that blocks keeps
//! its work on a thread of its own; none of these calls may block the caller.

mod memory;

use std::future::Future;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::desk::job::JobId;
use crate::desk::job::event::{Entry, Event};
use crate::seam::types::{EncoderId, UserId};

pub use memory::MemoryJournal;

/// Who drives jobs: one name for each running process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Holder(pub String);

/// What one process at a time may work on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// A job: whoever has it may append to it.
    Job(JobId),
    /// An encoder.
    Encoder(EncoderId),
    /// A user for whom a card is made.
    User(UserId),
}

/// The right to work on something, until it ends or someone else has a later epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What it is for.
    pub claim: Claim,
    /// Who has it.
    pub holder: Holder,
    /// Grows with each new holder, so that one who slept through a takeover can write nothing.
    pub epoch: u64,
    /// When others may take it.
    pub until: Timestamp,
}

/// A place in the store's own order; later entries have greater ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position(pub u64);

/// An entry as the store has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its place among the entries of all jobs.
    pub position: Position,
    /// Its job.
    pub job: JobId,
    /// The entry.
    pub entry: Entry,
}

/// The whole history of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The job.
    pub job: JobId,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

/// Why a journal did not do what it was asked for. Nothing was kept then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JournalError {
    /// Someone else has the lease.
    #[error("{} has it until {until}", by.0)]
    Held {
        /// Who.
        by: Holder,
        /// Until when, unless it is renewed.
        until: Timestamp,
    },
    /// The lease is not valid any more: someone else took over.
    #[error("the lease was taken over")]
    Fenced,
    /// The history is longer or shorter than the writer believes.
    #[error("the history has {found} entries")]
    Conflict {
        /// How many entries there are.
        found: u64,
    },
    /// The store does not work now: a full disk, a lost line. The same may do later.
    #[error("{0}")]
    Unavailable(String),
}

/// A store of histories and leases. All methods return only when what they did is durable.
pub trait Journal: Send + Sync + 'static {
    /// Takes a lease: a new one, one that ended, or the holder's own. `at` is the caller's time; a store with a clock
    /// of its own goes by that.
    ///
    /// # Errors
    /// [`JournalError::Held`] while someone else has it.
    fn claim(
        &self,
        claim: Claim,
        holder: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> impl Future<Output = Result<Lease, JournalError>> + Send;

    /// Makes a lease last on.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] when it was taken over.
    fn renew(
        &self,
        lease: &Lease,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> impl Future<Output = Result<Lease, JournalError>> + Send;

    /// Gives a lease back. One that was taken over already is no error.
    ///
    /// # Errors
    /// When the store does not work.
    fn release(&self, lease: &Lease) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// Appends to the job of the lease, when its history has `after` entries; 0 begins it.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] when the lease is not this job's or was taken over, [`JournalError::Conflict`] when the
    /// history is not as long as expected.
    fn append(
        &self,
        lease: &Lease,
        after: u64,
        at: Timestamp,
        event: Event,
    ) -> impl Future<Output = Result<Entry, JournalError>> + Send;

    /// Marks the job of the lease as ended and gives the lease back. Its history stays.
    ///
    /// # Errors
    /// As [`append`](Journal::append).
    fn close(&self, lease: &Lease) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// The jobs that did not end, the oldest first.
    ///
    /// # Errors
    /// When the store does not work.
    fn open_jobs(&self) -> impl Future<Output = Result<Vec<History>, JournalError>> + Send;

    /// The entries of all jobs behind a position, in the store's order. Asked twice a second: it costs next to nothing
    /// when there are none.
    ///
    /// # Errors
    /// When the store does not work.
    fn since(&self, position: Position) -> impl Future<Output = Result<Vec<Record>, JournalError>> + Send;

    /// The position of the newest entry.
    ///
    /// # Errors
    /// When the store does not work.
    fn head(&self) -> impl Future<Output = Result<Position, JournalError>> + Send {
        async {
            let all = self.since(Position::default()).await?;
            Ok(all.last().map_or_else(Position::default, |record| record.position))
        }
    }

    /// Makes many leases last on, each for itself: what [`renew`](Journal::renew) would say of each, in their order.
    fn renew_all(
        &self,
        leases: &[Lease],
        at: Timestamp,
        lasts: SignedDuration,
    ) -> impl Future<Output = Vec<Result<Lease, JournalError>>> + Send {
        async move {
            let mut renewed = Vec::with_capacity(leases.len());
            for lease in leases {
                renewed.push(self.renew(lease, at, lasts).await);
            }
            renewed
        }
    }
}
