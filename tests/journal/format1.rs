//! A journal of format 1, as the program before format 2 wrote it, is carried over when it is opened.
//!
//! The fixture holds six jobs of a desk at `keydesk simulator`: Jane Roe was created with a written card (ended); Piotr
//! Nowak's update found no card on the encoder and was put off (asks); Amara Okafor's card was given up (ended); Eva
//! Brandt's card was called written by a person after its answer was lost (ended). Then the process was killed while
//! John Doe's card was awaited on the encoder and Minh Nguyễn's job waited for that encoder.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use keydesk::domain::job::event::{Entry, Event, FORMAT};
use keydesk::domain::job::fold::replay;
use keydesk::domain::job::{Job, JobId, Outcome, Phase, Question, Why};
use keydesk::journal::{Claim, Journal, Position, Salvaged, Scope, SqliteJournal};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::support::journals::{MINUTE, closed, desk, started};

const FIXTURE: &[u8] = include_bytes!("../fixtures/journal_format1.db");

/// A copy of the fixture, and its folder.
fn copy() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    fs::write(&path, FIXTURE).unwrap();
    (folder, path)
}

/// After everything that the fixture holds.
fn now() -> Timestamp {
    "2026-11-25T08:15:00Z".parse().unwrap()
}

async fn open(path: &Path) -> (SqliteJournal, Option<Salvaged>) {
    let scope = Scope {
        endpoint: "http://127.0.0.1:4010".to_owned(),
        system: "71bb54d8-d101-45b9-834d-0bff90150280".to_owned(),
    };
    SqliteJournal::open(path, scope, now()).await.unwrap()
}

/// All jobs in the order in which they were started, each with its number of entries.
async fn jobs(journal: &SqliteJournal) -> Vec<Job> {
    let mut ids: Vec<JobId> = Vec::new();
    for stored in journal.since(Position::default()).await.unwrap() {
        if !ids.contains(&stored.job) {
            ids.push(stored.job);
        }
    }
    let mut jobs = Vec::new();
    for id in ids {
        jobs.push(replay(id, &journal.history(id).await.unwrap()).unwrap());
    }
    jobs
}

fn about(jobs: &[Job]) -> Vec<(&str, u64)> {
    jobs.iter().map(|job| (job.who(), job.seq)).collect()
}

const ALL: [(&str, u64); 6] = [
    ("Jane Roe", 13),
    ("Piotr Nowak", 10),
    ("Amara Okafor", 10),
    ("Eva Brandt", 25),
    ("John Doe", 8),
    ("Minh Nguyễn", 5),
];

#[tokio::test]
async fn all_jobs_are_there_with_their_states() {
    let (_folder, path) = copy();
    let (journal, salvaged) = open(&path).await;
    assert_eq!(salvaged, None);
    let jobs = jobs(&journal).await;
    assert_eq!(about(&jobs), ALL);
    let [jane, piotr, amara, eva, john, minh] = &jobs[..] else { unreachable!() };
    assert!(matches!(jane.phase, Phase::Ended(Outcome::Done(_))));
    assert_eq!(jane.card_number.as_deref(), Some("0474D6CBB3445E"));
    assert!(jane.user.is_some() && jane.credential.is_some());
    let Some(Question::EncodeFailed(error)) = piotr.asks() else { panic!("{:?}", piotr.phase) };
    assert!(piotr.is_parked, "{error:?}");
    assert!(matches!(amara.phase, Phase::Ended(Outcome::Withdrawn(_))));
    assert!(matches!(eva.phase, Phase::Ended(Outcome::Done(_))));
    assert!(eva.on_trust.is_some());
    assert!(matches!(john.phase, Phase::Placing { .. }));
    assert_eq!(minh.phase, Phase::Queued);

    // Who called a card written is remembered from now on.
    let remembered = journal.all_remembered().await.unwrap();
    let [(user, guest)] = &remembered[..] else { panic!("{remembered:?}") };
    assert_eq!(Some(user), eva.user.as_ref());
    let (word, trust) = (guest.called_written.clone().unwrap(), eva.on_trust.clone().unwrap());
    assert_eq!((word.by, word.at, Some(word.credential)), (trust.by, trust.at, eva.credential.clone()));

    let open_jobs: Vec<JobId> = journal.open_jobs().await.unwrap().into_iter().map(|history| history.job).collect();
    assert_eq!(open_jobs, [piotr.id, john.id, minh.id]);
    closed(journal, &path).await;
    let version: u32 =
        Connection::open(&path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 2);
}

#[tokio::test]
async fn the_open_jobs_go_on_and_others_begin() {
    let (_folder, path) = copy();
    let (journal, _) = open(&path).await;
    for history in journal.open_jobs().await.unwrap() {
        let job = Claim::Job(history.job);
        let lease = journal.claim(job, &desk("next"), now(), MINUTE).await.unwrap();
        let resumed = Event::Resumed { by: "next".into(), why: Why::Restart, is_old: false };
        let entry = journal.append(&lease, history.entries.len() as u64, now(), resumed).await.unwrap();
        assert_eq!(entry.v, FORMAT);
        // Old and new entries are read together.
        let entries = journal.history(history.job).await.unwrap();
        let expected: Vec<Entry> = history.entries.iter().cloned().chain([entry]).collect();
        assert_eq!(entries, expected);
        assert!(replay(history.job, &entries).unwrap().resumed.is_some());
        journal.close(&lease).await.unwrap();
    }
    assert_eq!(journal.open_jobs().await.unwrap(), []);
    let id = JobId(uuid::Uuid::from_u128(7));
    let lease = journal.claim(Claim::Job(id), &desk("next"), now(), MINUTE).await.unwrap();
    journal.append(&lease, 0, now(), started("Ana Silva")).await.unwrap();
    closed(journal, &path).await;

    let (journal, salvaged) = open(&path).await;
    assert_eq!(salvaged, None);
    assert_eq!(journal.open_jobs().await.unwrap().len(), 1);
    // What ended is forgotten in time, as everything else.
    assert_eq!(journal.prune(now() + MINUTE).await.unwrap(), 6);
}

#[tokio::test]
async fn what_can_be_read_of_a_damaged_one_is_carried_over() {
    let (folder, path) = copy();
    let mut damaged = FIXTURE.to_vec();
    let name = b"Jane Roe";
    let place = damaged.windows(name.len()).position(|bytes| bytes == name).unwrap();
    damaged[place] = b'K';
    fs::write(&path, &damaged).unwrap();
    let (journal, salvaged) = open(&path).await;
    let salvaged = salvaged.unwrap();
    assert_eq!((salvaged.lost, salvaged.may_lack_more, salvaged.broken), (1, false, Vec::new()));
    assert!(fs::read(&salvaged.aside).unwrap() == damaged);
    assert_eq!(about(&jobs_but_the_first(&journal).await), ALL[1..]);
    assert_eq!(journal.open_jobs().await.unwrap().len(), 3);
    drop(folder);
}

/// The first job lacks its beginning.
async fn jobs_but_the_first(journal: &SqliteJournal) -> Vec<Job> {
    let mut found: Vec<(JobId, Vec<Entry>)> = Vec::new();
    for stored in journal.since(Position::default()).await.unwrap() {
        match found.iter_mut().find(|(id, _)| *id == stored.job) {
            Some((_, entries)) => entries.push(stored.entry),
            None => found.push((stored.job, vec![stored.entry])),
        }
    }
    assert_eq!(found.len(), 6);
    found.iter().filter_map(|(id, entries)| replay(*id, entries)).collect()
}
