//! The work on the file: each method is one transaction.

use jiff::{SignedDuration, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::Scope;
use super::checksum::{claim_checksum, entry_checksum, job_checksum};
use super::fault::StoreFault;
use crate::domain::job::JobId;
use crate::domain::job::event::{Entry, Event, FORMAT};
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

/// A row of `jobs`.
struct JobState {
    number: i64,
    length: u64,
    state: i64,
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
            && self.sightings.holds(&old, at, lasts)
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

    pub(super) fn renew(&mut self, lease: &Lease, at: Timestamp, lasts: SignedDuration) -> Done<Lease> {
        let (change, scope) = self.change()?;
        check(&change, scope, lease)?;
        let until = end(at, lasts);
        let (kind, name) = key(&lease.claim);
        change.execute(
            "UPDATE claims SET until = ?2, sum = ?3 WHERE epoch = ?1",
            params![
                lease.epoch.cast_signed(),
                until.as_microsecond(),
                claim_checksum(scope, kind, &name, &lease.holder, until.as_microsecond())
            ],
        )?;
        change.commit()?;
        Ok(Lease { until, ..lease.clone() })
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
        match job {
            Some(job) => put_length(&change, scope, id, &job, entry.seq, Some(at), job.state)?,
            None => put_job(&change, scope, id, entry.seq, at.as_microsecond(), OPEN)?,
        }
        change.commit()?;
        Ok(entry)
    }

    pub(super) fn close(&mut self, lease: &Lease) -> Done<()> {
        let (change, scope) = self.change()?;
        check(&change, scope, lease)?;
        let Claim::Job(id) = lease.claim else { return Err(JournalError::Fenced.into()) };
        if let Some(job) = job_of(&change, scope, id)? {
            put_length(&change, scope, id, &job, job.length, None, ENDED)?;
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

pub(super) fn put_job(
    db: &Connection,
    scope: &Scope,
    job: JobId,
    length: u64,
    last_at: i64,
    state: i64,
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO jobs (endpoint, system, job, length, last_at, state, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            scope.endpoint,
            scope.system,
            blob(job),
            length.cast_signed(),
            last_at,
            state,
            job_checksum(scope, job, length, last_at, state)
        ],
    )?;
    Ok(())
}

fn put_length(
    db: &Connection,
    scope: &Scope,
    id: JobId,
    job: &JobState,
    length: u64,
    at: Option<Timestamp>,
    state: i64,
) -> rusqlite::Result<()> {
    let last_at = match at {
        Some(at) => at.as_microsecond(),
        None => db.query_row("SELECT last_at FROM jobs WHERE number = ?1", [job.number], |row| row.get(0))?,
    };
    db.execute(
        "UPDATE jobs SET length = ?2, last_at = ?3, state = ?4, sum = ?5 WHERE number = ?1",
        params![job.number, length.cast_signed(), last_at, state, job_checksum(scope, id, length, last_at, state)],
    )?;
    Ok(())
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

fn job_of(db: &Connection, scope: &Scope, id: JobId) -> Done<Option<JobState>> {
    let row = db
        .query_row(
            "SELECT number, length, last_at, state, sum FROM jobs WHERE job = ?1 AND endpoint = ?2 AND system = ?3",
            params![blob(id), scope.endpoint, scope.system],
            |row| {
                let (length, last_at, state) = (row.get::<_, i64>(1)?.cast_unsigned(), row.get(2)?, row.get(3)?);
                let is_right = row.get::<_, i64>(4)? == job_checksum(scope, id, length, last_at, state);
                Ok(is_right.then_some(JobState { number: row.get(0)?, length, state }))
            },
        )
        .optional()?;
    row.map(|job| job.ok_or_else(StoreFault::damaged)).transpose()
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

/// How a claim is kept.
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
    let bytes = row.get_ref(column)?.as_blob().ok().and_then(|bytes| Uuid::from_slice(bytes).ok());
    bytes.map(JobId).ok_or_else(|| rusqlite::Error::InvalidColumnType(column, "job".to_owned(), Type::Blob))
}

/// The file keeps times to the microsecond.
fn end(at: Timestamp, lasts: SignedDuration) -> Timestamp {
    let end = at.checked_add(lasts).unwrap_or(Timestamp::MAX);
    Timestamp::from_microsecond(end.as_microsecond()).unwrap_or(end)
}
