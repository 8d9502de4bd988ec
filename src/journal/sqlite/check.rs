//! Whether a file is whole: its structure, the checksum of every row, and every job's length against its entries.

use std::collections::HashMap;

use rusqlite::Connection;

use super::Scope;
use super::checksum::{claim_checksum, entry_checksum, guest_checksum};
use super::fault::trouble;
use super::schema;
use super::store::{BROKEN, JobRow, job_id};
use crate::domain::job::JobId;
use crate::journal::{Holder, Trouble};

/// Whether the file is whole.
///
/// # Errors
/// What keeps it from being read, other than damage.
pub(super) fn is_whole(db: &Connection) -> Result<bool, Trouble> {
    match look(db) {
        Ok(is_whole) => Ok(is_whole),
        Err(error) => match trouble(&error) {
            Trouble::Damaged => Ok(false),
            other => Err(other),
        },
    }
}

fn look(db: &Connection) -> rusqlite::Result<bool> {
    // One view of the file: another process may write meanwhile.
    let _view = db.unchecked_transaction()?;
    let structure: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    let is_first = schema::version(db)? == 1;
    Ok(structure == "ok" && claims(db)? && jobs(db, is_first, histories(db)?)? && (is_first || guests(db)?))
}

/// How many entries of each job there are, and the last one's place; `None` when one is not what was written.
fn histories(db: &Connection) -> rusqlite::Result<Option<HashMap<JobId, (u64, u64)>>> {
    let mut histories: HashMap<JobId, (u64, u64)> = HashMap::new();
    let mut select = db.prepare("SELECT job, seq, entry, sum FROM entries NOT INDEXED")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (job, seq) = (job_id(row, 0)?, row.get::<_, i64>(1)?.cast_unsigned());
        if row.get::<_, i64>(3)? != entry_checksum(job, seq, row.get_ref(2)?.as_str()?) {
            return Ok(None);
        }
        let (count, last) = histories.entry(job).or_default();
        (*count, *last) = (*count + 1, seq.max(*last));
    }
    Ok(Some(histories))
}

/// `is_first`: in a file of the first version jobs have no batch.
fn jobs(db: &Connection, is_first: bool, histories: Option<HashMap<JobId, (u64, u64)>>) -> rusqlite::Result<bool> {
    let Some(mut histories) = histories else { return Ok(false) };
    let batch = if is_first { "NULL" } else { "batch" };
    let select =
        format!("SELECT endpoint, system, job, number, length, last_at, state, {batch}, sum FROM jobs NOT INDEXED");
    let mut select = db.prepare(&select)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let scope = Scope { endpoint: row.get(0)?, system: row.get(1)? };
        let id = job_id(row, 2)?;
        let found = histories.remove(&id);
        let Some(job) = JobRow::at(row, 3, &scope, id)? else { return Ok(false) };
        if job.state != BROKEN && found != Some((job.length, job.length)) {
            return Ok(false);
        }
    }
    // The open ones are found by way of the indexes.
    let by_index: (u64, u64, u64) = db.query_row(
        "SELECT (SELECT COUNT(*) FROM jobs NOT INDEXED WHERE state = 0), COUNT(*),
                COALESCE(SUM((SELECT COUNT(*) FROM entries WHERE entries.job = jobs.job) = length), 0)
         FROM jobs INDEXED BY open_jobs WHERE state = 0",
        [],
        |row| {
            Ok((
                row.get::<_, i64>(0)?.cast_unsigned(),
                row.get::<_, i64>(1)?.cast_unsigned(),
                row.get::<_, i64>(2)?.cast_unsigned(),
            ))
        },
    )?;
    Ok(histories.is_empty() && by_index.0 == by_index.1 && by_index.1 == by_index.2)
}

fn guests(db: &Connection) -> rusqlite::Result<bool> {
    let mut select = db.prepare("SELECT endpoint, system, user, remembered, at, sum FROM guests NOT INDEXED")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let scope = Scope { endpoint: row.get(0)?, system: row.get(1)? };
        let (user, remembered): (String, String) = (row.get(2)?, row.get(3)?);
        if row.get::<_, i64>(5)? != guest_checksum(&scope, &user, &remembered, row.get(4)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn claims(db: &Connection) -> rusqlite::Result<bool> {
    let mut select =
        db.prepare("SELECT endpoint, system, kind, name, holder, label, until, sum FROM claims NOT INDEXED")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let scope = Scope { endpoint: row.get(0)?, system: row.get(1)? };
        let holder = Holder { id: row.get(4)?, label: row.get(5)? };
        let (kind, name): (String, String) = (row.get(2)?, row.get(3)?);
        if row.get::<_, i64>(7)? != claim_checksum(&scope, &kind, &name, &holder, row.get(6)?) {
            return Ok(false);
        }
    }
    Ok(true)
}
