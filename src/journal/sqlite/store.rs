//! The work on the file: each method is one transaction.

use jiff::{SignedDuration, Timestamp};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::Scope;
use super::checksum::{claim_checksum, entry_checksum, guest_checksum, job_checksum};
use super::fault::StoreFault;
use crate::domain::job::JobId;
use crate::domain::job::event::{Entry, Event, FORMAT};
use crate::domain::job::fold::replay;
use crate::domain::job::order::BatchId;
use crate::domain::remembered::RememberedGuest;
use crate::journal::sightings::Sightings;
use crate::journal::{Claim, History, Holder, JournalError, Lease, PAGE, Position, StoredEntry};
use crate::seam::types::{EncoderId, UserId};

/// What became of a job, as the file has it.
pub(super) const OPEN: i64 = 0;
pub(super) const ENDED: i64 = 1;
/// Its history is not whole.
pub(super) const BROKEN: i64 = 2;

/// How many jobs are forgotten in one transaction: others want to write too.
const PRUNE: i64 = 100;

/// An open file, seen from one access system.
pub(super) struct Store {
    pub(super) db: Connection,
    pub(super) scope: Scope,
    pub(super) sightings: Sightings,
}

type Done<T> = Result<T, StoreFault>;

/// A row of `jobs`, without its scope and its id.
pub(super) struct JobRow {
    pub(super) number: i64,
    /// How many entries the job has.
    pub(super) length: u64,
    /// When the newest entry was appended, in microseconds since 1970.
    pub(super) last_at: i64,
    pub(super) state: i64,
    /// The batch that it belongs to; `None` for a job alone.
    pub(super) batch: Option<Uuid>,
}

impl JobRow {
    /// The row of the columns number, length, `last_at`, state, batch, sum; `None` when it is not what was written.
    pub(super) fn at(row: &Row<'_>, first: usize, scope: &Scope, job: JobId) -> rusqlite::Result<Option<Self>> {
        let found = Self {
            number: row.get(first)?,
            length: row.get::<_, i64>(first + 1)?.cast_unsigned(),
            last_at: row.get(first + 2)?,
            state: row.get(first + 3)?,
            batch: uuid_at(row, first + 4)?,
        };
        let is_right = row.get::<_, i64>(first + 5)? == job_checksum(scope, job, &found);
        Ok(is_right.then_some(found))
    }
}

impl Store {
    fn change(&mut self) -> rusqlite::Result<(Transaction<'_>, &Scope)> {
        Ok((self.db.transaction_with_behavior(TransactionBehavior::Immediate)?, &self.scope))
    }

    pub(super) fn claim(&mut self, claim: Claim, holder: Holder, at: Timestamp, lasts: SignedDuration) -> Done<Lease> {
        let (change, scope) = (self.db.transaction_with_behavior(TransactionBehavior::Immediate)?, &self.scope);
        let (kind, name) = key(&claim);
        if let Some(old) = lease_of(&change, scope, &claim)?
            && old.holder.id != holder.id
            && self.sightings.still_counts(&old, at, lasts)
        {
            return Err(JournalError::Held { by: old.holder, until: old.until }.into());
        }
        let until = end(at, lasts);
        change.execute(
            "INSERT OR REPLACE INTO claims (endpoint, system, kind, name, holder, label, until, sum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                scope.endpoint,
                scope.system,
                kind,
                name,
                holder.id,
                holder.label,
                until.as_microsecond(),
                claim_checksum(scope, kind, &name, &holder, until.as_microsecond())
            ],
        )?;
        let epoch = change.last_insert_rowid().cast_unsigned();
        change.commit()?;
        Ok(Lease { claim, holder, epoch, until })
    }

    /// All in one transaction: either what is answered of each is so, or none of them was renewed.
    pub(super) fn renew_all(
        &mut self,
        leases: &[Lease],
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Done<Vec<Result<Lease, JournalError>>> {
        let (change, scope) = self.change()?;
        let mut renewed = Vec::with_capacity(leases.len());
        for lease in leases {
            renewed.push(match renew(&change, scope, lease, at, lasts) {
                Ok(lease) => Ok(lease),
                Err(StoreFault::Journal(error @ JournalError::Fenced)) => Err(error),
                Err(error) => return Err(error),
            });
        }
        change.commit()?;
        Ok(renewed)
    }

    pub(super) fn release(&mut self, lease: &Lease) -> Done<()> {
        let (change, scope) = self.change()?;
        match check(&change, scope, lease) {
            Ok(()) => drop_claim(&change, lease)?,
            Err(StoreFault::Journal(JournalError::Fenced)) => {}
            Err(error) => return Err(error),
        }
        Ok(change.commit()?)
    }

    pub(super) fn append(&mut self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Done<Entry> {
        let (change, scope) = self.change()?;
        check(&change, scope, lease)?;
        let Claim::Job(id) = lease.claim else { return Err(JournalError::Fenced.into()) };
        let job = job_of(&change, scope, id)?;
        let found = job.as_ref().map_or(0, |job| job.length);
        if found != after {
            return Err(JournalError::Conflict { found }.into());
        }
        let entry = Entry { v: FORMAT, seq: after + 1, at, event };
        put_entry(&change, id, entry.seq, &serde_json::to_string(&entry).map_err(StoreFault::other)?)?;
        let (length, last_at) = (entry.seq, at.as_microsecond());
        if let Some(job) = job {
            update_job(&change, scope, id, &JobRow { length, last_at, ..job })?;
        } else {
            let batch = batch_of(&entry.event);
            put_job(&change, scope, id, &JobRow { number: 0, length, last_at, state: OPEN, batch })?;
        }
        change.commit()?;
        Ok(entry)
    }

    pub(super) fn close(&mut self, lease: &Lease) -> Done<()> {
        let (change, scope) = self.change()?;
        check(&change, scope, lease)?;
        let Claim::Job(id) = lease.claim else { return Err(JournalError::Fenced.into()) };
        if let Some(job) = job_of(&change, scope, id)? {
            update_job(&change, scope, id, &JobRow { state: ENDED, ..job })?;
        }
        drop_claim(&change, lease)?;
        Ok(change.commit()?)
    }

    pub(super) fn open_jobs(&mut self) -> Done<Vec<History>> {
        let reading = self.db.transaction()?;
        let mut select = reading.prepare(
            "SELECT job, length FROM jobs WHERE state = 0 AND endpoint = ?1 AND system = ?2 ORDER BY number",
        )?;
        let jobs = select.query_map(params![self.scope.endpoint, self.scope.system], |row| {
            Ok((job_id(row, 0)?, row.get::<_, i64>(1)?.cast_unsigned()))
        })?;
        jobs.map(|job| {
            let (job, length) = job?;
            Ok(History { job, entries: entries_of(&reading, job, length)? })
        })
        .collect()
    }

    pub(super) fn history(&mut self, id: JobId) -> Done<Vec<Entry>> {
        let reading = self.db.transaction()?;
        match job_of(&reading, &self.scope, id)? {
            Some(job) if job.state == BROKEN => readable_entries_of(&reading, id),
            Some(job) => entries_of(&reading, id, job.length),
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn since(&mut self, position: Position) -> Done<Vec<StoredEntry>> {
        let mut select = self.db.prepare(
            "SELECT position, job, seq, entry, entries.sum FROM entries JOIN jobs USING (job)
             WHERE position > ?1 AND endpoint = ?2 AND system = ?3 ORDER BY position LIMIT ?4",
        )?;
        let mut rows = select.query(params![
            i64::try_from(position.0).unwrap_or(i64::MAX),
            self.scope.endpoint,
            self.scope.system,
            PAGE.cast_signed() as i64
        ])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            let position = Position(row.get::<_, i64>(0)?.cast_unsigned());
            let (job, entry) = entry_at(row, 1)?;
            records.push(StoredEntry { position, job, entry });
        }
        Ok(records)
    }

    /// The jobs of a batch with their entries, in the order in which they were started.
    pub(super) fn jobs_of_batch(&mut self, BatchId(batch): BatchId) -> Done<Vec<History>> {
        let reading = self.db.transaction()?;
        let mut select = reading.prepare(
            "SELECT job, number, length, last_at, state, batch, sum FROM jobs
             WHERE batch = ?1 AND endpoint = ?2 AND system = ?3 ORDER BY number",
        )?;
        let mut rows = select.query(params![batch.as_bytes(), self.scope.endpoint, self.scope.system])?;
        let mut jobs = Vec::new();
        while let Some(row) = rows.next()? {
            let id = job_id(row, 0)?;
            let job = JobRow::at(row, 1, &self.scope, id)?.ok_or_else(StoreFault::damaged)?;
            let entries = match job.state {
                BROKEN => readable_entries_of(&reading, id)?,
                _ => entries_of(&reading, id, job.length)?,
            };
            jobs.push(History { job: id, entries });
        }
        Ok(jobs)
    }

    pub(super) fn remember(&mut self, user: &UserId, guest: &RememberedGuest, at: Timestamp) -> Done<()> {
        let (change, scope) = self.change()?;
        let text = serde_json::to_string(guest).map_err(StoreFault::other)?;
        put_guest(&change, scope, user.as_str(), &text, at.as_microsecond())?;
        Ok(change.commit()?)
    }

    pub(super) fn remembered(&mut self, user: &UserId) -> Done<Option<RememberedGuest>> {
        let mut select = self.db.prepare(
            "SELECT user, remembered, at, sum FROM guests WHERE user = ?1 AND endpoint = ?2 AND system = ?3",
        )?;
        let mut rows = select.query(params![user.as_str(), self.scope.endpoint, self.scope.system])?;
        rows.next()?.map(|row| Ok(guest_at(row, &self.scope)?.1)).transpose()
    }

    pub(super) fn all_remembered(&mut self) -> Done<Vec<(UserId, RememberedGuest)>> {
        let mut select = self.db.prepare(
            "SELECT user, remembered, at, sum FROM guests WHERE endpoint = ?1 AND system = ?2 ORDER BY number",
        )?;
        let mut rows = select.query(params![self.scope.endpoint, self.scope.system])?;
        let mut guests = Vec::new();
        while let Some(row) = rows.next()? {
            guests.push(guest_at(row, &self.scope)?);
        }
        Ok(guests)
    }

    pub(super) fn newest(&mut self) -> Done<Position> {
        let newest: Option<i64> = self.db.query_row("SELECT MAX(position) FROM entries", [], |row| row.get(0))?;
        Ok(Position(newest.unwrap_or_default().cast_unsigned()))
    }

    pub(super) fn claims(&mut self) -> Done<Vec<Lease>> {
        let mut select = self.db.prepare(
            "SELECT kind, name, holder, label, until, sum, epoch FROM claims
             WHERE endpoint = ?1 AND system = ?2 ORDER BY epoch",
        )?;
        let mut rows = select.query(params![self.scope.endpoint, self.scope.system])?;
        let mut leases = Vec::new();
        while let Some(row) = rows.next()? {
            let (kind, name) = (row.get::<_, String>(0)?, row.get::<_, String>(1)?);
            leases.push(lease_at(row, &self.scope, claim_from(&kind, &name)?)?);
        }
        Ok(leases)
    }

    /// Forgets some of the jobs; 0 when there are no more.
    pub(super) fn prune(&mut self, before: Timestamp) -> Done<u64> {
        let (change, _) = self.change()?;
        let before = before.as_microsecond();
        change.execute("DELETE FROM claims WHERE until < ?1", [before])?;
        change.execute("DELETE FROM guests WHERE at < ?1", [before])?;
        let mut select = change
            .prepare("SELECT number, job FROM jobs WHERE state <> 0 AND last_at < ?1 ORDER BY number LIMIT ?2")?;
        let jobs: Vec<(i64, JobId)> = select
            .query_map(params![before, PRUNE], |row| Ok((row.get(0)?, job_id(row, 1)?)))?
            .collect::<Result<_, _>>()?;
        drop(select);
        for (number, job) in &jobs {
            change.execute("DELETE FROM entries WHERE job = ?1", [blob(*job)])?;
            change.execute("DELETE FROM jobs WHERE number = ?1", [number])?;
        }
        change.commit()?;
        Ok(jobs.len() as u64)
    }

    /// Gives the room of what was forgotten back, and empties the log, which still holds it.
    pub(super) fn shrink(&mut self) -> Done<()> {
        // A step a page.
        let mut vacuum = self.db.prepare("PRAGMA incremental_vacuum")?;
        let mut steps = vacuum.query([])?;
        while steps.next()?.is_some() {}
        drop(steps);
        drop(vacuum);
        self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(())
    }

    /// A number that changes when another connection wrote.
    pub(super) fn data_version(&self) -> rusqlite::Result<i64> {
        self.db.pragma_query_value(None, "data_version", |row| row.get(0))
    }
}

pub(super) fn put_entry(db: &Connection, job: JobId, seq: u64, text: &str) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO entries (job, seq, entry, sum) VALUES (?1, ?2, ?3, ?4)",
        params![blob(job), seq.cast_signed(), text, entry_checksum(job, seq, text)],
    )?;
    Ok(())
}

/// Inserts a row, which gets the next number.
pub(super) fn put_job(db: &Connection, scope: &Scope, job: JobId, row: &JobRow) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO jobs (endpoint, system, job, length, last_at, state, batch, sum)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            scope.endpoint,
            scope.system,
            blob(job),
            row.length.cast_signed(),
            row.last_at,
            row.state,
            row.batch.as_ref().map(Uuid::as_bytes),
            job_checksum(scope, job, row)
        ],
    )?;
    Ok(())
}

fn update_job(db: &Connection, scope: &Scope, job: JobId, row: &JobRow) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE jobs SET length = ?2, last_at = ?3, state = ?4, sum = ?5 WHERE number = ?1",
        params![row.number, row.length.cast_signed(), row.last_at, row.state, job_checksum(scope, job, row)],
    )?;
    Ok(())
}

/// Fills a file that just got this version. Before version 2 nothing was remembered of guests: what a person called
/// written is taken from the jobs that ended.
pub(super) fn fill(db: &Connection, version: u32) -> rusqlite::Result<()> {
    if version != 2 {
        return Ok(());
    }
    let mut select = db.prepare(
        "SELECT job, endpoint, system, last_at FROM jobs WHERE state = 1 AND EXISTS
             (SELECT 1 FROM entries WHERE entries.job = jobs.job AND entry LIKE '%\"call_it_written\"%')
         ORDER BY number",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (id, scope) = (job_id(row, 0)?, Scope { endpoint: row.get(1)?, system: row.get(2)? });
        let job = readable_entries_of(db, id).ok().and_then(|entries| replay(id, &entries));
        let Some((user, job)) = job.and_then(|job| Some((job.user.clone()?, job))) else { continue };
        let mut guest = RememberedGuest::default();
        if guest.apply(&job)
            && let Ok(text) = serde_json::to_string(&guest)
        {
            put_guest(db, &scope, user.as_str(), &text, row.get(3)?)?;
        }
    }
    Ok(())
}

/// Inserts or replaces what is remembered of a user, as JSON.
pub(super) fn put_guest(db: &Connection, scope: &Scope, user: &str, remembered: &str, at: i64) -> rusqlite::Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO guests (endpoint, system, user, remembered, at, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![scope.endpoint, scope.system, user, remembered, at, guest_checksum(scope, user, remembered, at)],
    )?;
    Ok(())
}

fn renew(db: &Connection, scope: &Scope, lease: &Lease, at: Timestamp, lasts: SignedDuration) -> Done<Lease> {
    check(db, scope, lease)?;
    let until = end(at, lasts);
    let (kind, name) = key(&lease.claim);
    let checksum = claim_checksum(scope, kind, &name, &lease.holder, until.as_microsecond());
    db.execute(
        "UPDATE claims SET until = ?2, sum = ?3 WHERE epoch = ?1",
        params![lease.epoch.cast_signed(), until.as_microsecond(), checksum],
    )?;
    Ok(Lease { until, ..lease.clone() })
}

fn drop_claim(db: &Connection, lease: &Lease) -> rusqlite::Result<()> {
    db.execute("DELETE FROM claims WHERE epoch = ?1", [lease.epoch.cast_signed()])?;
    Ok(())
}

/// Whether a lease is the one that counts.
fn check(db: &Connection, scope: &Scope, lease: &Lease) -> Done<()> {
    match lease_of(db, scope, &lease.claim)? {
        Some(current) if current.epoch == lease.epoch && current.holder.id == lease.holder.id => Ok(()),
        _ => Err(JournalError::Fenced.into()),
    }
}

fn lease_of(db: &Connection, scope: &Scope, claim: &Claim) -> Done<Option<Lease>> {
    let (kind, name) = key(claim);
    let mut select = db.prepare(
        "SELECT kind, name, holder, label, until, sum, epoch FROM claims
         WHERE endpoint = ?1 AND system = ?2 AND kind = ?3 AND name = ?4",
    )?;
    let mut rows = select.query(params![scope.endpoint, scope.system, kind, name])?;
    rows.next()?.map(|row| lease_at(row, scope, claim.clone())).transpose()
}

fn lease_at(row: &Row<'_>, scope: &Scope, claim: Claim) -> Done<Lease> {
    let (kind, name) = key(&claim);
    let holder = Holder { id: row.get(2)?, label: row.get(3)? };
    let until = row.get(4)?;
    if row.get::<_, i64>(5)? != claim_checksum(scope, kind, &name, &holder, until) {
        return Err(StoreFault::damaged());
    }
    let until = Timestamp::from_microsecond(until).map_err(|_| StoreFault::damaged())?;
    Ok(Lease { claim, holder, epoch: row.get::<_, i64>(6)?.cast_unsigned(), until })
}

fn job_of(db: &Connection, scope: &Scope, id: JobId) -> Done<Option<JobRow>> {
    let row = db
        .query_row(
            "SELECT number, length, last_at, state, batch, sum FROM jobs
             WHERE job = ?1 AND endpoint = ?2 AND system = ?3",
            params![blob(id), scope.endpoint, scope.system],
            |row| JobRow::at(row, 0, scope, id),
        )
        .optional()?;
    row.map(|job| job.ok_or_else(StoreFault::damaged)).transpose()
}

/// What is remembered of a user, from the columns user, remembered, at, sum.
fn guest_at(row: &Row<'_>, scope: &Scope) -> Done<(UserId, RememberedGuest)> {
    let (user, text, at) = (row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?);
    if row.get::<_, i64>(3)? != guest_checksum(scope, &user, &text, at) {
        return Err(StoreFault::damaged());
    }
    Ok((UserId::from(user.as_str()), serde_json::from_str(&text).map_err(|_| StoreFault::damaged())?))
}

fn batch_of(event: &Event) -> Option<Uuid> {
    match event {
        Event::Started { order, .. } => order.batch.map(|BatchId(id)| id),
        _ => None,
    }
}

/// A whole history, or none at all.
fn entries_of(db: &Connection, job: JobId, length: u64) -> Done<Vec<Entry>> {
    let entries = readable_entries_of(db, job)?;
    let is_whole = entries.len() as u64 == length && entries.iter().zip(1..).all(|(entry, seq)| entry.seq == seq);
    if is_whole { Ok(entries) } else { Err(StoreFault::damaged()) }
}

fn readable_entries_of(db: &Connection, job: JobId) -> Done<Vec<Entry>> {
    let mut select = db.prepare("SELECT job, seq, entry, sum FROM entries WHERE job = ?1 ORDER BY seq")?;
    let mut rows = select.query([blob(job)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry_at(row, 0)?.1);
    }
    Ok(entries)
}

/// The entry of the columns job, seq, entry, sum.
fn entry_at(row: &Row<'_>, first: usize) -> Done<(JobId, Entry)> {
    let (job, seq, text) =
        (job_id(row, first)?, row.get::<_, i64>(first + 1)?.cast_unsigned(), row.get_ref(first + 2)?);
    let text = text.as_str().map_err(|_| StoreFault::damaged())?;
    if row.get::<_, i64>(first + 3)? != entry_checksum(job, seq, text) {
        return Err(StoreFault::damaged());
    }
    Ok((job, serde_json::from_str(text).map_err(|_| StoreFault::damaged())?))
}

/// The kind and the id under which a claim stands in its table.
fn key(claim: &Claim) -> (&'static str, String) {
    match claim {
        Claim::Job(JobId(id)) => ("job", id.to_string()),
        Claim::Encoder(id) => ("encoder", id.to_string()),
        Claim::User(id) => ("user", id.to_string()),
    }
}

fn claim_from(kind: &str, name: &str) -> Done<Claim> {
    match kind {
        "job" => Ok(Claim::Job(JobId(name.parse().map_err(|_| StoreFault::damaged())?))),
        "encoder" => Ok(Claim::Encoder(EncoderId::from(name))),
        "user" => Ok(Claim::User(UserId::from(name))),
        _ => Err(StoreFault::damaged()),
    }
}

pub(super) fn blob(job: JobId) -> Vec<u8> {
    job.0.as_bytes().to_vec()
}

pub(super) fn job_id(row: &Row<'_>, column: usize) -> rusqlite::Result<JobId> {
    let id = uuid_at(row, column)?;
    id.map(JobId).ok_or_else(|| rusqlite::Error::InvalidColumnType(column, "job".to_owned(), Type::Null))
}

fn uuid_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Uuid>> {
    let wrong = |kind| rusqlite::Error::InvalidColumnType(column, "id".to_owned(), kind);
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Blob(bytes) => Uuid::from_slice(bytes).map(Some).map_err(|_| wrong(Type::Blob)),
        other => Err(wrong(other.data_type())),
    }
}

/// The file keeps times to the microsecond.
fn end(at: Timestamp, lasts: SignedDuration) -> Timestamp {
    let end = at.checked_add(lasts).unwrap_or(Timestamp::MAX);
    Timestamp::from_microsecond(end.as_microsecond()).unwrap_or(end)
}
