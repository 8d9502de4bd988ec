//! What a step's record costs: an entry in memory, and one that is on the disk before the call is sent.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench fails loudly and prints")]

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::JobId;
use keydesk::domain::job::event::{CallOutcome, Event, Intent};
use keydesk::journal::{Claim, Holder, Journal, MemoryJournal, Position, Scope, SqliteJournal};
use uuid::Uuid;

const APPENDS: u64 = 2000;
const JOBS: u128 = 1500;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        report("memory, append", appends(&MemoryJournal::new()).await);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let scope = || Scope { endpoint: "https://connect.getseam.com".to_owned(), system: "aurora".to_owned() };
        let at = Timestamp::UNIX_EPOCH;
        let (journal, _) = SqliteJournal::open(&path, scope(), at).await.unwrap();
        report("SQLite (synchronous=FULL), append", appends(&journal).await);
        report("SQLite, claim and release", claims(&journal).await);

        // A busy season: what opening costs, which looks at every row.
        fill(&journal).await;
        let started = Instant::now();
        let pages = pages(&journal).await;
        println!("SQLite, all {pages} entries read: {:?}", started.elapsed());
        let started = Instant::now();
        let (second, _) = SqliteJournal::open(&path, scope(), at).await.unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        println!("SQLite, opening a file of {} MB: {:?}", size / 1_000_000, started.elapsed());
        let started = Instant::now();
        let pruned = second.prune(Timestamp::MAX).await.unwrap();
        println!("SQLite, forgetting {pruned} jobs: {:?}", started.elapsed());
    });
}

/// An intent and its answer, as most entries are.
fn event(n: u64) -> Event {
    let user = format!("00000000-0000-4000-8000-{n:012}");
    if n.is_multiple_of(2) {
        Event::Intended { intent: Intent::CreateCredential { user: user.as_str().into(), assign_new_key: true } }
    } else {
        Event::Answered { answer: CallOutcome::User(user.as_str().into()) }
    }
}

async fn job(journal: &impl Journal, n: u128, length: u64) -> Vec<Duration> {
    let (holder, at) = (Holder::new("bench", "bench"), Timestamp::UNIX_EPOCH);
    let claim = Claim::Job(JobId(Uuid::from_u128(n)));
    let lease = journal.claim(claim, &holder, at, SignedDuration::from_mins(1)).await.unwrap();
    let mut times = Vec::new();
    for after in 0..length {
        let started = Instant::now();
        journal.append(&lease, after, at, event(after)).await.unwrap();
        times.push(started.elapsed());
    }
    journal.close(&lease).await.unwrap();
    times
}

async fn appends(journal: &impl Journal) -> Vec<Duration> {
    let mut times = Vec::new();
    for n in 1..=u128::from(APPENDS / 20) {
        times.extend(job(journal, n, 20).await);
    }
    times
}

async fn claims(journal: &impl Journal) -> Vec<Duration> {
    let holder = Holder::new("bench", "bench");
    let mut times = Vec::new();
    for _ in 0..500 {
        let started = Instant::now();
        let claim = Claim::Encoder("front".into());
        let lease = journal.claim(claim, &holder, Timestamp::UNIX_EPOCH, SignedDuration::from_mins(1)).await.unwrap();
        journal.release(&lease).await.unwrap();
        times.push(started.elapsed());
    }
    times
}

async fn fill(journal: &impl Journal) {
    for n in 0..JOBS {
        job(journal, 1_000_000 + n, 20).await;
    }
}

async fn pages(journal: &impl Journal) -> usize {
    let (mut position, mut count) = (Position::default(), 0);
    loop {
        let page = journal.since(position).await.unwrap();
        let Some(last) = page.last() else { return count };
        (position, count) = (last.position, count + page.len());
    }
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("{what}: median {:?}, 99 % below {:?}, longest {:?}", at(50), at(99), at(100));
}
