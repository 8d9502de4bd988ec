//! Takes what can be read of a damaged file over into a fresh one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::Scope;
use super::checksum::{entry_checksum, guest_checksum};
use super::fault::trouble;
use super::open::{beside, is_log_alone, size};
use super::schema::{self, MIGRATIONS};
use super::store::{BROKEN, ENDED, JobRow, blob, fill as fill_version, job_id, put_guest, put_job};
use crate::domain::job::JobId;
use crate::domain::job::event::Entry;
use crate::files;
use crate::journal::{History, Salvaged, Trouble, Unopened};

/// How a damaged file is called: sorts by time.
const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// What is known of the damaged file's log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LogState {
    /// Nothing of it is missing but what was never confirmed.
    Whole,
    /// Confirmed transactions are missing: any job may have gone on in them.
    BrokenOff,
}

/// Keeps the damaged file aside and puts one with what could be read in its place. Whenever this is cut short, the next
/// start begins again or ends it.
pub(super) fn salvage(path: &Path, log: LogState, scope: &Scope, at: Timestamp) -> Result<Salvaged, Unopened> {
    let aside = keep_aside(path, at)?;
    let fresh = beside(path, ".salvage");
    for suffix in ["", "-wal", "-shm"] {
        remove(&beside(&fresh, suffix))?;
    }
    files::make_private(&fresh)?;
    let has_log = size(&beside(&aside, "-wal"))? > 0;
    let salvaged = carry_over(&fresh, &aside, log, scope, at);
    // What reading leaves behind.
    remove(&beside(&aside, "-shm"))?;
    if !has_log {
        remove(&beside(&aside, "-wal"))?;
    }
    let salvaged = salvaged?;
    // From here on the new file counts.
    fs::rename(&fresh, beside(path, ".new"))?;
    finish(path)?;
    Ok(salvaged)
}

/// Ends a replacement that was begun: the old log goes before the old file, since it would fit no other.
pub(super) fn finish(path: &Path) -> io::Result<()> {
    let new = beside(path, ".new");
    if new.try_exists()? {
        remove(&beside(path, "-wal"))?;
        remove(&beside(path, "-shm"))?;
        fs::rename(new, path)?;
        // The folder's own entries are on the disk when it is synced; where a folder can't be, nothing more can be done.
        if let Some(folder) = path.parent()
            && let Ok(folder) = File::open(folder)
        {
            let _ = folder.sync_all();
        }
    }
    Ok(())
}

/// Removes the damaged files that were put aside before a time: they hold what guests told too.
pub(super) fn prune_aside(path: &Path, before: Timestamp) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_stem()) else { return Ok(()) };
    let prefix = format!("{}.damaged-", name.to_string_lossy());
    let before = before.strftime(STAMP).to_string();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(stamp) = name.strip_prefix(&prefix).and_then(|rest| rest.get(..before.len()))
            && stamp < before.as_str()
        {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives the file and its log a second name, so that both outlive what comes.
fn keep_aside(path: &Path, at: Timestamp) -> io::Result<PathBuf> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let stamp = at.strftime(STAMP);
    let mut aside = path.with_file_name(format!("{name}.damaged-{stamp}.db"));
    let mut count = 1;
    while aside.try_exists()? || beside(&aside, "-wal").try_exists()? {
        count += 1;
        aside = path.with_file_name(format!("{name}.damaged-{stamp}-{count}.db"));
    }
    for suffix in ["-wal", ""] {
        let (from, to) = (beside(path, suffix), beside(&aside, suffix));
        if size(&from)? > 0 && fs::hard_link(&from, &to).is_err() {
            // A file system without links.
            fs::copy(&from, &to)?;
        }
    }
    Ok(aside)
}

/// A job as its row says.
struct ScopedJob {
    scope: Scope,
    row: JobRow,
}

/// What was found of a job's entries.
#[derive(Default)]
struct Found {
    count: u64,
    last: u64,
}

fn carry_over(fresh: &Path, aside: &Path, log: LogState, scope: &Scope, at: Timestamp) -> Result<Salvaged, Unopened> {
    let mut fresh = schema::connect(fresh)?;
    schema::migrate(&mut fresh, MIGRATIONS, fill_version)?;
    let mut salvaged = Salvaged { read: 0, lost: 0, may_lack_more: true, broken: Vec::new(), aside: aside.to_owned() };
    // Of a log without its file nothing can be read.
    if !is_log_alone(aside)? {
        match schema::connect_to_read(aside) {
            Ok(damaged) => take_over(&damaged, &mut fresh, log, scope, at, &mut salvaged)?,
            Err(error) if trouble(&error) == Trouble::Damaged => {}
            Err(error) => return Err(error.into()),
        }
    }
    // Moves everything from the log into the file, so that the file alone is all.
    fresh.close().map_err(|(_, error)| error)?;
    Ok(salvaged)
}

fn take_over(
    damaged: &Connection,
    fresh: &mut Connection,
    log: LogState,
    scope: &Scope,
    at: Timestamp,
    salvaged: &mut Salvaged,
) -> Result<(), Unopened> {
    let mut jobs: BTreeMap<JobId, ScopedJob> = BTreeMap::new();
    let mut found: BTreeMap<JobId, Found> = BTreeMap::new();
    let change = fresh.transaction()?;

    // A file of the first version has neither batches nor guests.
    let is_first = damaged.table_exists(None, "guests").is_ok_and(|exists| !exists);
    let batch = if is_first { "NULL" } else { "batch" };
    let select =
        format!("SELECT number, job, endpoint, system, number, length, last_at, state, {batch}, sum FROM jobs");
    let all_jobs = each(damaged, &select, |row| {
        if let Some((id, job)) = job_at(row)? {
            jobs.insert(id, job);
        }
        Ok(())
    })?;
    let select = "SELECT number, endpoint, system, user, remembered, at, sum FROM guests";
    let all_guests = is_first
        || each(damaged, select, |row| {
            let scope = Scope { endpoint: row.get(1)?, system: row.get(2)? };
            let (user, remembered, at): (String, String, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
            if row.get::<_, i64>(6)? == guest_checksum(&scope, &user, &remembered, at) {
                put_guest(&change, &scope, &user, &remembered, at)?;
            }
            Ok(())
        })?;
    let all_entries = each(damaged, "SELECT position, job, seq, entry, sum FROM entries", |row| {
        let (job, seq) = (job_id(row, 1)?, row.get::<_, i64>(2)?.cast_unsigned());
        let (text, sum) = (row.get_ref(3)?.as_str()?, row.get::<_, i64>(4)?);
        if sum != entry_checksum(job, seq, text) {
            return Ok(());
        }
        let added = change.execute(
            "INSERT OR IGNORE INTO entries (position, job, seq, entry, sum) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![row.get::<_, i64>(0)?, blob(job), seq.cast_signed(), text, sum],
        )?;
        let found = found.entry(job).or_default();
        found.count += added as u64;
        found.last = found.last.max(seq);
        Ok(())
    })?;

    for id in jobs.keys() {
        found.entry(*id).or_default();
    }
    let mut order: Vec<(JobId, Found)> = found.into_iter().collect();
    order.sort_by_key(|(id, _)| jobs.get(id).map_or(i64::MAX, |job| job.row.number));
    for (id, Found { count, last }) in order {
        salvaged.read += count;
        let job = jobs.get(&id);
        let is_whole =
            |row: &JobRow| count == row.length && last == row.length && (log == LogState::Whole || row.state == ENDED);
        match job {
            Some(job) if is_whole(&job.row) => put_job(&change, &job.scope, id, &job.row)?,
            _ => {
                let length = job.map_or(last, |job| job.row.length.max(last));
                salvaged.lost += length.saturating_sub(count);
                let last_at = job.map_or(at.as_microsecond(), |job| job.row.last_at);
                let row =
                    JobRow { number: 0, length, last_at, state: BROKEN, batch: job.and_then(|job| job.row.batch) };
                put_job(&change, job.map_or(scope, |job| &job.scope), id, &row)?;
                if job.is_none_or(|job| job.row.state != ENDED) {
                    salvaged.broken.push(History { job: id, entries: entries(&change, id)? });
                }
            }
        }
    }
    change.commit()?;
    salvaged.may_lack_more = !(all_jobs && all_entries && all_guests) || log == LogState::BrokenOff;
    Ok(())
}

fn job_at(row: &Row<'_>) -> rusqlite::Result<Option<(JobId, ScopedJob)>> {
    let id = job_id(row, 1)?;
    let scope = Scope { endpoint: row.get(2)?, system: row.get(3)? };
    let found = JobRow::at(row, 4, &scope, id)?;
    Ok(found.map(|row| (id, ScopedJob { scope, row })))
}

fn entries(db: &Connection, job: JobId) -> rusqlite::Result<Vec<Entry>> {
    let mut select = db.prepare("SELECT entry FROM entries WHERE job = ?1 ORDER BY seq")?;
    let texts = select.query_map([blob(job)], |row| row.get::<_, String>(0))?;
    // One that another version wrote in a way that this one can't read is kept, not shown.
    Ok(texts.collect::<Result<Vec<_>, _>>()?.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
}

/// Hands out every row that can be read, by its key, which is the first column: past damage on both sides. Says whether
/// all of the table could be read.
fn each(
    db: &Connection,
    select: &str,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<bool, Unopened> {
    let key = select.split([' ', ',']).nth(1).unwrap_or_default();
    let forward = format!("{select} NOT INDEXED WHERE {key} > ?1 AND {key} < ?2 ORDER BY {key}");
    let backward = format!("{forward} DESC");
    let mut is_whole = true;
    let mut last = 0;
    loop {
        let (reached, is_end) = scan(db, &forward, last, i64::MAX, &mut take)?;
        if is_end {
            return Ok(is_whole);
        }
        is_whole = false;
        let Some(next) = next_readable_key(db, &format!("{forward} LIMIT 1"), reached)? else {
            scan(db, &backward, reached, i64::MAX, &mut take)?;
            return Ok(false);
        };
        // What lies right before what can be read again.
        scan(db, &backward, reached, next, &mut take)?;
        last = next - 1;
    }
}

/// Reads rows between two keys until one can't be read. Says how far it came, and whether that was the end.
fn scan(
    db: &Connection,
    select: &str,
    after: i64,
    before: i64,
    take: &mut impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<(i64, bool), Unopened> {
    let is_backward = select.ends_with("DESC");
    let mut reached = if is_backward { before } else { after };
    let mut read = || {
        let mut select = db.prepare(select)?;
        let mut rows = select.query([after, before])?;
        while let Some(row) = rows.next()? {
            let key: i64 = row.get(0)?;
            // A damaged tree may lead in circles.
            if if is_backward { key >= reached } else { key <= reached } {
                return Ok(false);
            }
            reached = key;
            // A row that is not what was written is passed over.
            match take(row) {
                Err(error) if trouble(&error) != Trouble::Damaged => return Err(error),
                _ => {}
            }
        }
        Ok(true)
    };
    match read() {
        Ok(is_end) => Ok((reached, is_end)),
        Err(error) if trouble(&error) == Trouble::Damaged => Ok((reached, false)),
        Err(error) => Err(error.into()),
    }
}

/// The first key that can be read again somewhere behind one: looks farther and farther away.
fn next_readable_key(db: &Connection, select: &str, reached: i64) -> Result<Option<i64>, Unopened> {
    // 1, 2, 4 and so on, as far as numbers go.
    for from in (0..63).map_while(|power| reached.checked_add(1 << power)) {
        match db.query_row(select, [from - 1, i64::MAX], |row| row.get::<_, i64>(0)).optional() {
            Ok(Some(key)) if key >= from => return Ok(Some(key)),
            Ok(None) => return Ok(None),
            Ok(Some(_)) => {}
            Err(error) if trouble(&error) == Trouble::Damaged => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}
