//! What the tests share.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::JobId;
use keydesk::domain::job::event::{Entry, Event};
use keydesk::domain::job::order::{Guest, NewGuest, Order, Schedule};
use keydesk::journal::{Claim, Holder, Journal, Lease, Salvaged, Scope, SqliteJournal};
use keydesk::seam::types::EndsAt;
use uuid::Uuid;

pub const MINUTE: SignedDuration = SignedDuration::from_mins(1);

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

pub fn desk(name: &str) -> Holder {
    Holder::new(name, format!("{name} at the front desk"))
}

pub fn id(n: u128) -> JobId {
    JobId(Uuid::from_u128(n))
}

pub fn job(n: u128) -> Claim {
    Claim::Job(id(n))
}

pub fn scope(system: &str) -> Scope {
    Scope { endpoint: "https://connect.getseam.com".to_owned(), system: system.to_owned() }
}

/// A first entry like those of the desk.
pub fn started(name: &str) -> Event {
    let guest = NewGuest {
        full_name: name.to_owned(),
        phone_number: Some("+34600123456".to_owned()),
        email_address: None,
        known_namesakes: Vec::new(),
    };
    let order = Order {
        schedule: Some(Schedule { starts_at: None, ends_at: Some(at(86_400)) }),
        room: Some("204".to_owned()),
        until: EndsAt::At(at(86_400)),
        ..Order::of(Guest::New(guest))
    };
    Event::Started { order: Box::new(order), by: "ana".to_owned() }
}

/// Appends events to a new job, which stays open.
pub async fn history(journal: &impl Journal, n: u128, events: &[Event]) -> (Lease, Vec<Entry>) {
    let lease = journal.claim(job(n), &desk("a"), at(0), MINUTE).await.unwrap();
    let mut entries = Vec::new();
    for event in events {
        let after = entries.len() as u64;
        entries.push(journal.append(&lease, after, at(after as i64), event.clone()).await.unwrap());
    }
    (lease, entries)
}

/// Opens a journal that must be in order.
pub async fn open(path: &Path) -> SqliteJournal {
    let (journal, salvaged) = open_any(path).await;
    assert_eq!(salvaged, None);
    journal
}

pub async fn open_any(path: &Path) -> (SqliteJournal, Option<Salvaged>) {
    SqliteJournal::open(path, scope("aurora"), at(0)).await.unwrap()
}

/// Waits for something that must come.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("it comes in time")
}

/// Closes a journal, the only one on its file, and waits until its thread let go of it.
pub async fn closed(journal: SqliteJournal, path: &Path) {
    drop(journal);
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    let lock = std::fs::File::open(lock).unwrap();
    let free = async {
        while lock.try_lock().is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    soon(free).await;
}
