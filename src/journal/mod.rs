//! The journal: what happened to each job, in order, and which process may append to it.
//!
//! The trait assumes no machine, no file and no SQL: a job is written by whoever holds its lease, entries are ordered
//! by the store's own position, and a lease is known by its holder, its epoch and its end. A store that blocks keeps
//! its work on a thread of its own; none of these calls may block the caller.

mod drafts;
mod memory;
mod sightings;
mod sqlite;
pub mod types;
mod worker;

use std::future::Future;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::domain::job::JobId;
use crate::domain::job::event::{Entry, Event};
use crate::domain::job::order::BatchId;
use crate::domain::remembered::RememberedGuest;
use crate::seam::types::UserId;

pub use drafts::Drafts;
pub use memory::MemoryJournal;
pub use sqlite::{Scope, SqliteJournal, default_path};
pub use types::{
    Claim, History, Holder, JournalError, Lease, OpenError, Position, Salvaged, StoredEntry, Trouble, Unopened,
};

/// How many records [`Journal::since`] gives at most.
pub const PAGE: usize = 1000;

/// A store of histories and leases. All methods return only when what they did is durable. A call whose future is
/// dropped may be carried out all the same.
pub trait Journal: Send + Sync + 'static {
    /// Takes a lease: a new one, one that ended, or the holder's own. `at` is the caller's time; a store with a clock
    /// of its own goes by that. One that seems to last longer than `lasts` from now was taken before the clock was set
    /// back: it ends when who asks has seen it unchanged for `lasts`.
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

    /// Makes leases last on, also those that ended when nobody took them meanwhile, in one change of the store. Answers for
    /// each lease, in their order: [`JournalError::Fenced`] when it was taken over or given back.
    ///
    /// # Errors
    /// When the store does not work; then none of them was renewed.
    fn renew_all(
        &self,
        leases: &[Lease],
        at: Timestamp,
        lasts: SignedDuration,
    ) -> impl Future<Output = Result<Vec<Result<Lease, JournalError>>, JournalError>> + Send;

    /// Makes one lease last on: see [`renew_all`](Journal::renew_all).
    ///
    /// # Errors
    /// [`JournalError::Fenced`] when it was taken over or given back.
    fn renew(
        &self,
        lease: &Lease,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> impl Future<Output = Result<Lease, JournalError>> + Send {
        async move {
            let renewed = self.renew_all(std::slice::from_ref(lease), at, lasts).await?.pop();
            renewed.unwrap_or(Err(JournalError::Fenced))
        }
    }

    /// Gives a lease back. One that was taken over already is no error.
    ///
    /// # Errors
    /// When the store does not work.
    fn release(&self, lease: &Lease) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// Appends to the job of the lease, when its history has `after` entries; 0 begins it. A lease that ended still
    /// counts until someone else takes it: the epoch is what keeps two from writing.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] when the lease is not this job's, was taken over or given back,
    /// [`JournalError::Conflict`] when the history is not as long as expected.
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

    /// One job's entries, in order; none when there is no such job. Who takes a job over reads it after the claim:
    /// only then nobody else can add to it.
    ///
    /// # Errors
    /// When the store does not work.
    fn history(&self, job: JobId) -> impl Future<Output = Result<Vec<Entry>, JournalError>> + Send;

    /// The jobs of a batch, ended or not, in the order in which they were started, each with its entries.
    ///
    /// # Errors
    /// When the store does not work.
    fn jobs_of_batch(&self, batch: BatchId) -> impl Future<Output = Result<Vec<History>, JournalError>> + Send;

    /// The entries of all jobs behind a position, in the store's order: [`PAGE`] at most, so ask again behind the
    /// last one. Nothing ever appears before a position that was given, so who goes on behind it misses nothing; but
    /// the newest entries may be missing for a moment, where several write at once and an earlier one is not there
    /// yet. All there is of one job only [`history`](Journal::history) tells.
    ///
    /// # Errors
    /// When the store does not work.
    fn since(&self, position: Position) -> impl Future<Output = Result<Vec<StoredEntry>, JournalError>> + Send;

    /// The position of the newest entry, for those who want to hear only of later ones.
    ///
    /// # Errors
    /// When the store does not work.
    fn newest(&self) -> impl Future<Output = Result<Position, JournalError>> + Send;

    /// Keeps what is remembered of a user, in place of what was kept before. Who calls has the lease of the user, so that
    /// nobody else changes it meanwhile.
    ///
    /// # Errors
    /// When the store does not work.
    fn remember(
        &self,
        user: &UserId,
        guest: &RememberedGuest,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// What is remembered of a user; `None` when that is nothing.
    ///
    /// # Errors
    /// When the store does not work.
    fn remembered(&self, user: &UserId) -> impl Future<Output = Result<Option<RememberedGuest>, JournalError>> + Send;

    /// All users of whom something is remembered, in no order.
    ///
    /// # Errors
    /// When the store does not work.
    fn all_remembered(&self) -> impl Future<Output = Result<Vec<(UserId, RememberedGuest)>, JournalError>> + Send;

    /// Every lease that was not given back, also those that ended: who works on what, and whose work may be taken
    /// over.
    ///
    /// # Errors
    /// When the store does not work.
    fn claims(&self) -> impl Future<Output = Result<Vec<Lease>, JournalError>> + Send;

    /// A number that changes after something was written, by whomever: for others' work within a second. It may also
    /// change when nothing did.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Forgets, for good, the jobs that ended and to which nothing happened since a time, the leases that ended before it,
    /// and what was remembered of users before it. Gives how many jobs went.
    ///
    /// # Errors
    /// When the store does not work; what went already stays gone.
    fn prune(&self, before: Timestamp) -> impl Future<Output = Result<u64, JournalError>> + Send;
}
