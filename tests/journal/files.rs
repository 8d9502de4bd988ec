//! What only a file can do: rights, formats, several access systems, a disk that stalls.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keydesk::domain::job::event::Event;
use keydesk::domain::remembered::RememberedGuest;
use keydesk::journal::{Claim, Journal, JournalError, OpenError, Position, SqliteJournal, Trouble, Unopened};
use keydesk::seam::types::UserId;
use rusqlite::Connection;

use crate::support::journals::{MINUTE, at, closed, desk, history, id, job, open, open_any, scope, soon, started};

async fn refused(path: &Path) -> Unopened {
    let OpenError { path: told, why } = SqliteJournal::open(path, scope("aurora"), at(0)).await.unwrap_err();
    assert_eq!(told, path);
    why
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/keydesk/journal.db");
    let journal = open(&path).await;
    history(&journal, 1, &[started("Jane Doe")]).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let mut files: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), mode(&entry.path()))
        })
        .collect();
    files.sort();
    let names = ["journal.db", "journal.db-shm", "journal.db-wal", "journal.db.lock"];
    assert_eq!(files, names.map(|name| (name.to_owned(), 0o600)));
    closed(journal, &path).await;

    // What a group may do was set on purpose; everyone else has no business here.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let journal = open(&path).await;
    history(&journal, 2, &[started("Jane Doe")]).await;
    assert_eq!(mode(&path), 0o660);
    assert_eq!(mode(&path.with_file_name("journal.db-wal")), 0o660);
}

#[tokio::test]
async fn what_was_written_is_there_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path).await;
    let (lease, entries) = history(&journal, 1, &[started("Jane Doe"), Event::Queued]).await;
    closed(journal, &path).await;
    let journal = open(&path).await;
    assert_eq!(journal.open_jobs().await.unwrap()[0].entries, entries);
    assert_eq!(journal.claims().await.unwrap(), [lease]);
}

#[tokio::test]
async fn access_systems_are_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let aurora = open(&path).await;
    let (boreal, _) = SqliteJournal::open(&path, scope("boreal"), at(0)).await.unwrap();
    let mut elsewhere = scope("aurora");
    elsewhere.endpoint = "http://127.0.0.1:4010".to_owned();
    let (elsewhere, _) = SqliteJournal::open(&path, elsewhere, at(0)).await.unwrap();
    let (lease, entries) = history(&aurora, 1, &[started("Jane Doe")]).await;
    for other in [&boreal, &elsewhere] {
        assert_eq!(other.open_jobs().await.unwrap(), []);
        assert_eq!(other.history(id(1)).await.unwrap(), []);
        assert_eq!(other.since(Position::default()).await.unwrap(), []);
        assert_eq!(other.claims().await.unwrap(), []);
        assert_eq!(other.append(&lease, 1, at(1), Event::Queued).await, Err(JournalError::Fenced));
        // The same names mean other things there.
        other.claim(keydesk::journal::Claim::User("jane".into()), &desk("b"), at(0), MINUTE).await.unwrap();
    }
    assert_eq!(aurora.history(id(1)).await.unwrap(), entries);
}

#[tokio::test]
async fn a_later_version_s_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    closed(open(&path).await, &path).await;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(refused(&path).await, Unopened::Newer { found: 9, known: 2 });
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("config.toml");
    fs::write(&text, "[desk]\noperator = \"ana\"\n").unwrap();
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE photos (id)").unwrap();
    for path in [&text, &other] {
        let before = fs::read(path).unwrap();
        // The second time too: what the first one leaves behind is no sign of a journal.
        for _ in 0..2 {
            assert_eq!(refused(path).await, Unopened::NotAJournal, "{path:?}");
        }
        assert_eq!(fs::read(path).unwrap(), before);
    }
    assert!(!folder.path().join("config.toml.lock").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_may_not_be_written_is_said_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(closed.join("probe"), "").is_ok() {
        // The superuser may write everywhere: the unit tests hold what SQLite's errors mean.
        return;
    }
    let path = closed.join("journal.db");
    assert_eq!(refused(&path).await, Unopened::Trouble(Trouble::ReadOnly));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn a_stalled_disk_delays_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path).await;
    let lease = journal.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    // Whoever holds the file's lock makes the journal's own thread stand still in the middle of its work.
    let stall = Connection::open(&path).unwrap();
    stall.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writing = tokio::spawn(async move { journal.append(&lease, 0, at(1), started("Jane Doe")).await });
    // This runtime has one thread: had the append blocked it, none of these keys were handled.
    let (keys, mut typed) = tokio::sync::mpsc::channel(1);
    let typing = tokio::spawn(async move {
        for key in 0..200 {
            keys.send(key).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    });
    for key in 0..200 {
        assert_eq!(typed.recv().await, Some(key));
    }
    typing.await.unwrap();
    assert!(!writing.is_finished(), "the disk still stalls");
    stall.execute_batch("ROLLBACK").unwrap();
    soon(writing).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_is_forgotten_is_in_no_file_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path).await;
    // Another desk has the file open all the while.
    let _other = open(&path).await;
    let guest = Claim::User("new: Forgetmenot Doe".into());
    for n in 1..=200 {
        let (lease, _) = history(&journal, n, &[started("Forgetmenot Doe"), Event::Queued]).await;
        journal.claim(guest.clone(), &desk("a"), at(0), MINUTE).await.unwrap();
        journal.close(&lease).await.unwrap();
    }
    let (_, kept) = history(&journal, 201, &[started("Keepme Roe")]).await;
    // The size of the file as SQLite sees it: the log may still hold some of it.
    let pages = || -> i64 {
        Connection::open(&path).unwrap().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap()
    };
    let before = pages();
    journal.prune(at(1000)).await.unwrap();
    assert!(pages() < before / 2, "{before} pages became {}", pages());
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let found = memchr::memmem::find(&fs::read(&path).unwrap(), b"Forgetmenot");
        assert_eq!(found, None, "{path:?}");
    }
    assert_eq!(journal.history(id(201)).await.unwrap(), kept);
}

#[tokio::test]
async fn what_goes_wrong_for_a_while_goes_well_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let (journal, _) = open_any(&path).await;
    let (lease, _) = history(&journal, 1, &[started("Jane Doe")]).await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let locked = soon(journal.append(&lease, 1, at(1), Event::Queued)).await;
    assert_eq!(locked, Err(JournalError::Unavailable(Trouble::Locked)));
    // Reading goes on meanwhile.
    assert_eq!(journal.history(id(1)).await.unwrap().len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    journal.append(&lease, 1, at(1), Event::Queued).await.unwrap();
}

#[tokio::test]
async fn desks_come_and_go_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut desks = tokio::task::JoinSet::new();
    for n in 0..4 {
        let path = path.clone();
        desks.spawn(async move {
            for round in 0..12 {
                let journal = open(&path).await;
                history(&journal, n * 100 + round, &[started("Jane Doe")]).await;
            }
        });
    }
    soon(desks.join_all()).await;
    assert_eq!(open(&path).await.open_jobs().await.unwrap().len(), 48);
}

#[tokio::test]
async fn a_desk_that_joins_while_another_writes_finds_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let first = open(&path).await;
    // Enough that looking at all of it takes longer than a write.
    let long: Vec<_> = std::iter::once(started("Jane Doe")).chain(vec![Event::Queued; 60]).collect();
    for n in 0..40 {
        history(&first, n, &long).await;
    }
    let joined = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&joined);
    let writing = tokio::spawn(async move {
        let mut n = 1000;
        while !is_over.load(Ordering::SeqCst) {
            history(&first, n, &[started("Jane Roe")]).await;
            n += 1;
        }
        n - 1000
    });
    for _ in 0..8 {
        drop(open(&path).await);
    }
    joined.store(true, Ordering::SeqCst);
    assert!(soon(writing).await.unwrap() > 10, "it wrote meanwhile");
}

#[tokio::test]
async fn leases_are_renewed_in_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path).await;
    let mut leases = Vec::new();
    for n in 1..=3 {
        leases.push(journal.claim(job(n), &desk("a"), at(0), MINUTE).await.unwrap());
    }
    let fails = format!(
        "CREATE TRIGGER fails BEFORE UPDATE ON claims WHEN NEW.epoch = {} BEGIN SELECT RAISE(ABORT, 'no'); END",
        leases[2].epoch
    );
    let other = Connection::open(&path).unwrap();
    other.execute_batch(&fails).unwrap();
    let failed = journal.renew_all(&leases, at(30), MINUTE).await;
    assert!(matches!(failed, Err(JournalError::Unavailable(_))), "{failed:?}");
    assert_eq!(journal.claims().await.unwrap(), leases, "the first two were not renewed either");
    other.execute_batch("DROP TRIGGER fails").unwrap();
    let renewed = journal.renew_all(&leases, at(30), MINUTE).await.unwrap();
    assert_eq!(journal.claims().await.unwrap(), renewed.into_iter().collect::<Result<Vec<_>, _>>().unwrap());
}

#[tokio::test]
async fn what_guests_have_survives_damage_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path).await;
    let (other, _) = SqliteJournal::open(&path, scope("other"), at(0)).await.unwrap();
    let guest = |companion: &str| RememberedGuest { companions: vec![companion.into()], ..RememberedGuest::default() };
    let (jane, john) = (UserId::from("jane"), UserId::from("john"));
    journal.remember(&jane, &guest("companion of jane"), at(0)).await.unwrap();
    journal.remember(&john, &guest("companion of john"), at(0)).await.unwrap();
    other.remember(&jane, &guest("another"), at(0)).await.unwrap();
    assert_eq!(journal.remembered(&jane).await.unwrap(), Some(guest("companion of jane")));
    assert_eq!(other.all_remembered().await.unwrap(), [(jane.clone(), guest("another"))]);
    drop(other);
    closed(journal, &path).await;

    // A flipped bit in a row is noticed; the other rows are taken over.
    let change = "UPDATE guests SET remembered = REPLACE(remembered, 'of john', 'of joan')";
    Connection::open(&path).unwrap().execute_batch(change).unwrap();
    let (journal, salvaged) = open_any(&path).await;
    assert!(salvaged.is_some());
    assert_eq!(journal.all_remembered().await.unwrap(), [(jane, guest("companion of jane"))]);
}
