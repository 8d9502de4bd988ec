//! A power cut, as far as it can be tried: files that are cut short, or whose bytes are others. Opening always ends, in a
//! journal that works or in a clear error; nothing is ever read that was not written, and no job goes on whose end is
//! missing.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use keydesk::domain::job::JobId;
use keydesk::domain::job::event::{Entry, Event};
use keydesk::journal::{Journal, Position, Salvaged, SqliteJournal, Unopened};
use keydesk::rng::Rng;

use crate::support::journals::{MINUTE, at, closed, desk, history, id, job, open, open_any, scope, soon, started};

/// A journal's files as a power cut leaves them, and what was written into them.
struct Original {
    file: Vec<u8>,
    log: Vec<u8>,
    written: HashMap<JobId, Vec<Entry>>,
    ended: Vec<JobId>,
}

async fn original() -> Original {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut written = HashMap::new();
    let mut ended = Vec::new();
    // The first half stands in the file, the second in its log.
    let mut journal = open(&path).await;
    for n in 1..=24 {
        if n == 13 {
            closed(journal, &path).await;
            journal = open(&path).await;
        }
        let (lease, entries) =
            history(&journal, n, &[started(&format!("Guest {n}")), Event::Queued, Event::Granted, Event::Queued]).await;
        written.insert(id(n), entries);
        if n % 2 == 0 {
            journal.close(&lease).await.unwrap();
            ended.push(id(n));
        }
    }
    let (file, log) = (fs::read(&path).unwrap(), fs::read(beside(&path, "-wal")).unwrap());
    assert!(file.len() > 20_000 && log.len() > 20_000, "{} and {}", file.len(), log.len());
    Original { file, log, written, ended }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// What became of a damaged journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Became {
    /// Opened, with every entry.
    Whole,
    /// Opened; the last ones are missing, as if they had never been written.
    Earlier,
    /// What could be read was taken over, all of it.
    SalvagedWhole,
    SalvagedPart,
    SalvagedNothing,
    /// An error.
    Refused,
}

impl Original {
    /// Puts the files into a folder and opens them.
    async fn became(&self, file: &[u8], log: &[u8], what: &str) -> Became {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        fs::write(beside(&path, ".lock"), "").unwrap();
        fs::write(&path, file).unwrap();
        fs::write(beside(&path, "-wal"), log).unwrap();
        let opened = match soon(SqliteJournal::open(&path, scope("aurora"), at(0))).await {
            Ok(opened) => opened,
            Err(error) => {
                assert!(matches!(error.why, Unopened::Newer { .. } | Unopened::NotAJournal), "{what}: {error:?}");
                assert!(fs::read(&path).unwrap() == file, "{what}: left as it was");
                return Became::Refused;
            }
        };
        let (journal, salvaged) = opened;
        let read = self.hold(&journal, salvaged.as_ref(), log == self.log, what).await;
        let all: usize = self.written.values().map(Vec::len).sum();
        if let Some(salvaged) = &salvaged {
            assert_eq!(salvaged.read as usize, read, "{what}");
            let kept = |suffix| fs::read(beside(&salvaged.aside, suffix)).unwrap_or_default();
            assert!(kept("") == file && kept("-wal") == log, "{what}: the damaged files are kept as they were");
        }
        // It works on, and the next start finds it in order.
        let lease = journal.claim(job(99), &desk("b"), at(1), MINUTE).await.unwrap();
        journal.append(&lease, 0, at(1), started("Later")).await.unwrap();
        drop(journal);
        let (again, mended) = open_any(&path).await;
        assert_eq!(mended, None, "{what}: mended for good");
        assert_eq!(again.history(id(99)).await.unwrap().len(), 1, "{what}");
        match (salvaged, read) {
            (None, read) if read == all => Became::Whole,
            (None, _) => Became::Earlier,
            (Some(_), 0) => Became::SalvagedNothing,
            (Some(_), read) if read == all => Became::SalvagedWhole,
            (Some(_), _) => Became::SalvagedPart,
        }
    }

    /// Nothing was made up; what goes on is whole, as far as a whole log tells. Says how many entries there are.
    async fn hold(
        &self,
        journal: &SqliteJournal,
        salvaged: Option<&Salvaged>,
        log_is_whole: bool,
        what: &str,
    ) -> usize {
        let records = journal.since(Position::default()).await.unwrap();
        for record in &records {
            let written = &self.written[&record.job];
            assert_eq!(written.get(record.entry.seq as usize - 1), Some(&record.entry), "{what}");
        }
        for history in journal.open_jobs().await.unwrap() {
            let written = &self.written[&history.job];
            assert!(written.starts_with(&history.entries), "{what}");
            let is_broken = salvaged.is_some_and(|one| one.broken.iter().any(|broken| broken.job == history.job));
            assert!(!is_broken, "{what}: a job that is not whole goes on");
            if log_is_whole {
                assert!(history.entries == *written && !self.ended.contains(&history.job), "{what}: an earlier state");
            }
        }
        records.len()
    }
}

#[derive(Default)]
struct Tally(BTreeMap<Became, u32>);

impl Tally {
    fn add(&mut self, became: Became) {
        *self.0.entry(became).or_default() += 1;
    }

    fn of(&self, became: Became) -> u32 {
        self.0.get(&became).copied().unwrap_or_default()
    }
}

#[tokio::test]
async fn a_file_that_is_cut_anywhere() {
    let original = original().await;
    let mut tally = Tally::default();
    for len in (0..original.file.len()).step_by(1499) {
        tally.add(original.became(&original.file[..len], &original.log, &format!("file of {len} bytes")).await);
    }
    println!("the file cut: {:?}", tally.0);
    assert!(tally.of(Became::SalvagedPart) + tally.of(Became::Whole) + tally.of(Became::SalvagedWhole) > 10);
}

#[tokio::test]
async fn a_log_that_is_cut_anywhere() {
    let original = original().await;
    let mut tally = Tally::default();
    for len in (0..original.log.len()).step_by(30_011) {
        tally.add(original.became(&original.file, &original.log[..len], &format!("log of {len} bytes")).await);
    }
    println!("the log cut: {:?}", tally.0);
    // A log that ends early is an earlier state, never a damaged one.
    assert_eq!(tally.of(Became::SalvagedPart) + tally.of(Became::Refused), 0);
    assert!(tally.of(Became::Earlier) > 10);
}

#[tokio::test]
async fn bytes_that_are_others() {
    let original = original().await;
    let mut tally = Tally::default();
    let mut rng = Rng::new(1);
    for n in 0..80 {
        let (mut file, mut log) = (original.file.clone(), original.log.clone());
        let count = [1, 1, 4, 64][n % 4];
        for _ in 0..count {
            let target = if n % 5 == 0 { &mut log } else { &mut file };
            let place = if n % 7 == 0 { rng.below(100) } else { rng.below(target.len()) };
            target[place] ^= 1 << rng.below(8);
        }
        tally.add(original.became(&file, &log, &format!("flips no. {n}")).await);
    }
    println!("bytes changed: {:?}", tally.0);
    assert!(tally.of(Became::SalvagedPart) + tally.of(Became::SalvagedWhole) > 20);
}

#[tokio::test]
async fn a_log_damaged_in_the_middle_is_not_taken_for_a_shorter_one() {
    let original = original().await;
    let frame = 24 + 4096;
    let frames = original.log.len() / frame;
    for place in [3, 32 + 4, 32 + frame * 2 + 100, 32 + frame * (frames / 2) + 10, 32 + frame * (frames - 20)] {
        let mut log = original.log.clone();
        log[place] ^= 1;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        fs::write(&path, &original.file).unwrap();
        fs::write(beside(&path, "-wal"), &log).unwrap();
        let (journal, salvaged) = open_any(&path).await;
        let salvaged = salvaged.unwrap();
        assert!(salvaged.may_lack_more, "byte {place}");
        // What the lost part did to a job is not known of any.
        assert_eq!(journal.open_jobs().await.unwrap(), [], "byte {place}");
        assert!(salvaged.broken.len() >= 6, "byte {place}: {}", salvaged.broken.len());
    }
    // The last transaction may be half there: it was never confirmed.
    let mut log = original.log.clone();
    let place = log.len() - 100;
    log[place] ^= 1;
    let became = original.became(&original.file, &log, "the last page of the log").await;
    // It marked a job as ended: no entry is missing.
    assert_eq!(became, Became::Whole);
}

#[tokio::test]
async fn pages_that_are_gone() {
    let original = original().await;
    let mut tally = Tally::default();
    for page in 0..original.file.len() / 4096 {
        for fill in [0, 0xFF, b'x'] {
            let mut file = original.file.clone();
            file[page * 4096..(page + 1) * 4096].fill(fill);
            tally.add(original.became(&file, &[], &format!("page {page} filled with {fill}")).await);
        }
    }
    println!("pages overwritten: {:?}", tally.0);
    assert!(tally.of(Became::SalvagedPart) > 0);
}

#[tokio::test]
async fn a_log_whose_file_is_gone_is_not_thrown_away() {
    let original = original().await;
    for is_there in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        fs::write(beside(&path, "-wal"), &original.log).unwrap();
        if is_there {
            fs::write(&path, "").unwrap();
        }
        let (journal, salvaged) = open_any(&path).await;
        let salvaged = salvaged.unwrap();
        assert_eq!((salvaged.read, salvaged.may_lack_more), (0, true));
        assert!(fs::read(beside(&salvaged.aside, "-wal")).unwrap() == original.log);
        assert_eq!(journal.open_jobs().await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_lost_entry_stops_its_job_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path).await;
    for (n, name) in [(1, "Jane Doe"), (2, "John Roe"), (3, "Zoe Poe")] {
        history(&journal, n, &[started(name), Event::Queued, Event::Granted]).await;
    }
    let (lease, _) = history(&journal, 4, &[started("Ended Well"), Event::Queued]).await;
    journal.close(&lease).await.unwrap();
    closed(journal, &path).await;
    // One letter of John's name, and the last entry of Zoe.
    let mut bytes = fs::read(&path).unwrap();
    let place = memchr::memmem::find(&bytes, b"John Roe").unwrap();
    bytes[place] = b'T';
    let place = memchr::memmem::find(&bytes, b"Ended Well").unwrap();
    bytes[place] = b'B';
    fs::write(&path, &bytes).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    let job_3 = id(3).0.as_bytes().to_vec();
    assert_eq!(db.execute("DELETE FROM entries WHERE job = ?1 AND seq = 3", [job_3]).unwrap(), 1);
    db.close().unwrap();

    let (journal, salvaged) = open_any(&path).await;
    let salvaged = salvaged.unwrap();
    assert_eq!((salvaged.read, salvaged.lost, salvaged.may_lack_more), (8, 3, false));
    let broken: Vec<_> = salvaged.broken.iter().map(|history| (history.job, history.entries.len())).collect();
    // What had ended needs nobody.
    assert_eq!(broken, [(id(2), 2), (id(3), 2)]);
    assert_eq!(journal.open_jobs().await.unwrap().iter().map(|one| one.job).collect::<Vec<_>>(), [id(1)]);
    assert_eq!(journal.history(id(3)).await.unwrap().len(), 2);

    // The damaged file holds guests too: it goes with them.
    let asides = || {
        fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("damaged"))
            .count()
    };
    journal.prune(at(-1)).await.unwrap();
    assert_eq!(asides(), 1);
    journal.prune(at(86_400)).await.unwrap();
    assert_eq!(asides(), 0);
}

#[tokio::test]
async fn a_damaged_file_that_others_use_is_left_alone() {
    let original = original().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    fs::write(&path, &original.file).unwrap();
    let journal = open(&path).await;
    let mut bytes = fs::read(&path).unwrap();
    let place = memchr::memmem::find(&bytes, b"Guest 7").unwrap();
    bytes[place] = b'Q';
    fs::write(&path, &bytes).unwrap();
    let error = SqliteJournal::open(&path, scope("aurora"), at(0)).await.unwrap_err();
    assert_eq!(error.why, Unopened::DamagedInUse);
    assert!(fs::read(&path).unwrap() == bytes);
    drop(journal);
    // The first one to be alone with it sees to it.
    let mended = async {
        loop {
            match SqliteJournal::open(&path, scope("aurora"), at(0)).await {
                Ok((_, salvaged)) => return salvaged,
                Err(error) => assert_eq!(error.why, Unopened::DamagedInUse),
            }
        }
    };
    assert_eq!(soon(mended).await.unwrap().lost, 1);
}

#[tokio::test]
async fn a_replacement_that_was_cut_short_is_ended_by_the_next_start() {
    let original = original().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    // The old log must not get into the new file.
    fs::write(&path, &original.file[..5000]).unwrap();
    fs::write(beside(&path, "-wal"), &original.log).unwrap();
    fs::write(beside(&path, ".new"), &original.file).unwrap();
    let journal = open(&path).await;
    assert_eq!(journal.since(Position::default()).await.unwrap().len(), 48);
    assert!(!beside(&path, ".new").exists());
}
