//! What every journal does. Each test runs with both stores, and with two handles on one store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::event::{Event, FORMAT};
use keydesk::domain::job::order::BatchId;
use keydesk::domain::remembered::RememberedGuest;
use keydesk::journal::{Claim, History, Journal, JournalError, MemoryJournal, PAGE, Position, SqliteJournal};
use keydesk::seam::types::UserId;
use tempfile::TempDir;

use crate::support::journals::{MINUTE, at, desk, history, id, job, open, soon, started};

/// Two handles on one store, as two desks have them.
struct Desks<J> {
    a: Arc<J>,
    b: Arc<J>,
    _folder: Option<TempDir>,
}

#[expect(clippy::unused_async, reason = "as the other one")]
async fn in_memory() -> Desks<MemoryJournal> {
    let journal = Arc::new(MemoryJournal::new());
    Desks { a: journal.clone(), b: journal, _folder: None }
}

async fn on_disk() -> Desks<SqliteJournal> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    Desks { a: Arc::new(open(&path).await), b: Arc::new(open(&path).await), _folder: Some(folder) }
}

macro_rules! both {
    ($($test:ident)*) => {
        mod memory {
            $(#[tokio::test] async fn $test() { super::$test(super::in_memory().await).await; })*
        }
        mod sqlite {
            $(#[tokio::test] async fn $test() { super::$test(super::on_disk().await).await; })*
        }
    };
}

both! {
    a_lease_is_one_holders_until_it_ends
    a_lease_that_was_given_back_is_free_at_once
    a_lease_that_was_given_back_writes_nothing_more
    the_holder_may_claim_again_and_its_old_lease_is_void
    a_lease_lasts_on_when_it_is_renewed
    many_leases_are_renewed_each_for_itself
    a_clock_that_was_set_back_locks_nothing_of_one_who_is_gone
    a_clock_that_was_set_back_takes_nothing_from_one_who_lives
    one_who_slept_through_a_takeover_can_do_nothing
    a_lease_that_ended_counts_until_someone_takes_it
    of_many_who_claim_at_once_one_has_it
    epochs_are_never_used_again
    entries_are_numbered_by_job_and_ordered_by_store
    an_entry_is_read_as_it_was_written
    a_history_is_longer_than_a_late_writer_believes
    only_the_lease_of_the_job_writes
    what_ended_is_read_but_not_open
    open_jobs_come_oldest_first_with_all_entries
    since_goes_on_behind_the_last
    everyone_sees_who_works_on_what
    changes_tell_of_everyones_work
    what_ended_long_ago_is_forgotten
    what_is_open_is_never_forgotten
    what_is_remembered_of_a_guest_is_read_again
    the_jobs_of_a_batch_are_found_together
}

async fn a_lease_is_one_holders_until_it_ends<J: Journal>(desks: Desks<J>) {
    for claim in [job(1), Claim::Encoder("front".into()), Claim::User("jane".into())] {
        let first = desks.a.claim(claim.clone(), &desk("a"), at(0), MINUTE).await.unwrap();
        assert_eq!((first.until, &first.holder), (at(60), &desk("a")));
        let held = desks.b.claim(claim.clone(), &desk("b"), at(59), MINUTE).await;
        assert_eq!(held, Err(JournalError::Held { by: desk("a"), until: at(60) }));
        let second = desks.b.claim(claim, &desk("b"), at(60), MINUTE).await.unwrap();
        assert!(second.epoch > first.epoch);
    }
}

async fn a_lease_that_was_given_back_is_free_at_once<J: Journal>(desks: Desks<J>) {
    let claim = Claim::Encoder("front".into());
    let first = desks.a.claim(claim.clone(), &desk("a"), at(0), MINUTE).await.unwrap();
    desks.a.release(&first).await.unwrap();
    let second = desks.b.claim(claim.clone(), &desk("b"), at(1), MINUTE).await.unwrap();
    // Giving back what others have by now changes nothing.
    desks.a.release(&first).await.unwrap();
    let held = desks.a.claim(claim, &desk("a"), at(2), MINUTE).await;
    assert_eq!(held, Err(JournalError::Held { by: desk("b"), until: second.until }));
}

async fn a_lease_that_was_given_back_writes_nothing_more<J: Journal>(desks: Desks<J>) {
    let lease = desks.a.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    desks.a.release(&lease).await.unwrap();
    assert_eq!(desks.a.append(&lease, 0, at(1), Event::Queued).await, Err(JournalError::Fenced));
    assert_eq!(desks.a.renew(&lease, at(1), MINUTE).await, Err(JournalError::Fenced));
    assert_eq!(desks.a.close(&lease).await, Err(JournalError::Fenced));
}

async fn the_holder_may_claim_again_and_its_old_lease_is_void<J: Journal>(desks: Desks<J>) {
    let old = desks.a.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    let new = desks.a.claim(job(1), &desk("a"), at(1), MINUTE).await.unwrap();
    assert!(new.epoch > old.epoch);
    assert_eq!(desks.a.append(&old, 0, at(2), Event::Queued).await, Err(JournalError::Fenced));
    desks.a.append(&new, 0, at(2), Event::Queued).await.unwrap();
}

async fn a_lease_lasts_on_when_it_is_renewed<J: Journal>(desks: Desks<J>) {
    let lease = desks.a.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    let renewed = desks.a.renew(&lease, at(50), MINUTE).await.unwrap();
    assert_eq!((renewed.until, renewed.epoch), (at(110), lease.epoch));
    let held = desks.b.claim(job(1), &desk("b"), at(109), MINUTE).await;
    assert_eq!(held, Err(JournalError::Held { by: desk("a"), until: at(110) }));
    desks.a.append(&lease, 0, at(109), Event::Queued).await.unwrap();
    desks.b.claim(job(1), &desk("b"), at(110), MINUTE).await.unwrap();
}

async fn many_leases_are_renewed_each_for_itself<J: Journal>(desks: Desks<J>) {
    let mut leases = Vec::new();
    for n in 1..=3 {
        leases.push(desks.a.claim(job(n), &desk("a"), at(0), MINUTE).await.unwrap());
    }
    desks.b.claim(job(2), &desk("b"), at(60), MINUTE).await.unwrap();
    let renewed = desks.a.renew_all(&leases, at(70), MINUTE).await.unwrap();
    let until = renewed.iter().map(|lease| lease.as_ref().map(|lease| lease.until));
    let until: Vec<_> = until.collect();
    assert_eq!(until, [Ok(at(130)), Err(&JournalError::Fenced), Ok(at(130))]);
    let claims = desks.b.claims().await.unwrap();
    assert_eq!(claims.iter().filter(|lease| lease.until == at(130)).count(), 2);
    assert_eq!(desks.a.renew_all(&[], at(70), MINUTE).await.unwrap(), []);
}

async fn a_clock_that_was_set_back_locks_nothing_of_one_who_is_gone<J: Journal>(desks: Desks<J>) {
    let lasts = SignedDuration::from_millis(200);
    for claim in [job(1), Claim::Encoder("front".into()), Claim::User("jane".into())] {
        let gone = desks.a.claim(claim.clone(), &desk("gone"), at(3600), lasts).await.unwrap();
        let begun = Instant::now();
        let taken = async {
            loop {
                match desks.b.claim(claim.clone(), &desk("b"), at(0), lasts).await {
                    Ok(lease) => return lease,
                    Err(error) => assert_eq!(error, JournalError::Held { by: desk("gone"), until: gone.until }),
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let taken = soon(taken).await;
        assert!(begun.elapsed() >= lasts.unsigned_abs(), "it was watched for as long as a lease lasts");
        assert_eq!(taken.until, at(0) + lasts);
        assert_eq!(desks.a.renew(&gone, at(0), lasts).await, Err(JournalError::Fenced));
    }
}

async fn a_clock_that_was_set_back_takes_nothing_from_one_who_lives<J: Journal>(desks: Desks<J>) {
    // By its own idea of time the other one would have ended it long ago, whatever comes between.
    let lasts = SignedDuration::from_millis(1);
    let lease = desks.a.claim(job(1), &desk("a"), at(3600), lasts).await.unwrap();
    for beat in 0..20 {
        let held = desks.b.claim(job(1), &desk("b"), at(0), lasts).await;
        assert_eq!(held, Err(JournalError::Held { by: desk("a"), until: at(3600 + beat) + lasts }));
        tokio::time::sleep(Duration::from_millis(2)).await;
        desks.a.renew(&lease, at(3601 + beat), lasts).await.unwrap();
    }
    // It renews by the new time, and all is as ever, also for who read the clock a little earlier.
    desks.a.renew(&lease, at(1), MINUTE).await.unwrap();
    for when in [0, 2, 60] {
        let held = desks.b.claim(job(1), &desk("b"), at(when), MINUTE).await;
        assert_eq!(held, Err(JournalError::Held { by: desk("a"), until: at(61) }));
    }
    desks.b.claim(job(1), &desk("b"), at(61), MINUTE).await.unwrap();
}

async fn one_who_slept_through_a_takeover_can_do_nothing<J: Journal>(desks: Desks<J>) {
    let (frozen, _) = history(&*desks.a, 1, &[started("Jane Doe"), Event::Queued]).await;
    let mine = desks.b.claim(job(1), &desk("b"), at(61), MINUTE).await.unwrap();
    // Whatever it believes of the history, whatever its clock says.
    for (after, when) in [(2, 62), (2, 5), (3, 62), (0, 500)] {
        assert_eq!(desks.a.append(&frozen, after, at(when), Event::Granted).await, Err(JournalError::Fenced));
    }
    assert_eq!(desks.a.renew(&frozen, at(62), MINUTE).await, Err(JournalError::Fenced));
    assert_eq!(desks.a.close(&frozen).await, Err(JournalError::Fenced));
    desks.a.release(&frozen).await.unwrap();
    // A lease made up of the right epoch and another holder is none either.
    let forged = keydesk::journal::Lease { holder: desk("a"), ..mine.clone() };
    assert_eq!(desks.a.append(&forged, 2, at(62), Event::Granted).await, Err(JournalError::Fenced));
    assert_eq!(desks.b.history(id(1)).await.unwrap().len(), 2);
    desks.b.append(&mine, 2, at(62), Event::Granted).await.unwrap();
}

async fn a_lease_that_ended_counts_until_someone_takes_it<J: Journal>(desks: Desks<J>) {
    let lease = desks.a.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    desks.a.append(&lease, 0, at(3600), Event::Queued).await.unwrap();
    let lease = desks.a.renew(&lease, at(3600), MINUTE).await.unwrap();
    assert_eq!(lease.until, at(3660));
}

async fn of_many_who_claim_at_once_one_has_it<J: Journal>(desks: Desks<J>) {
    let (a, b) = (Arc::new(desks.a), Arc::new(desks.b));
    let mut claims = tokio::task::JoinSet::new();
    for n in 0..20 {
        let journal = if n % 2 == 0 { a.clone() } else { b.clone() };
        claims.spawn(async move { journal.claim(job(1), &desk(&format!("desk {n}")), at(0), MINUTE).await });
    }
    let claims = soon(claims.join_all()).await;
    let winner = claims.iter().find_map(|claim| claim.as_ref().ok()).unwrap();
    for claim in &claims {
        match claim {
            Ok(lease) => assert_eq!(lease, winner, "two have it"),
            Err(error) => assert_eq!(*error, JournalError::Held { by: winner.holder.clone(), until: at(60) }),
        }
    }
}

async fn epochs_are_never_used_again<J: Journal>(desks: Desks<J>) {
    let mut last = 0;
    for n in 0..5 {
        let lease = desks.a.claim(job(n % 2), &desk("a"), at(0), MINUTE).await.unwrap();
        assert!(lease.epoch > last);
        last = lease.epoch;
        desks.a.release(&lease).await.unwrap();
        desks.b.prune(at(1000)).await.unwrap();
    }
}

async fn entries_are_numbered_by_job_and_ordered_by_store<J: Journal>(desks: Desks<J>) {
    let one = desks.a.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    let two = desks.b.claim(job(2), &desk("b"), at(0), MINUTE).await.unwrap();
    desks.a.append(&one, 0, at(9), Event::Queued).await.unwrap();
    desks.b.append(&two, 0, at(1), Event::Queued).await.unwrap();
    let entry = desks.a.append(&one, 1, at(2), Event::Granted).await.unwrap();
    assert_eq!((entry.v, entry.seq, entry.at), (FORMAT, 2, at(2)));
    // The store's order, not that of the desks' clocks.
    let all = desks.b.since(Position::default()).await.unwrap();
    assert_eq!(
        all.iter().map(|record| (record.job, record.entry.seq)).collect::<Vec<_>>(),
        [(id(1), 1), (id(2), 1), (id(1), 2)]
    );
    assert!(all.is_sorted_by(|a, b| a.position < b.position));
}

async fn an_entry_is_read_as_it_was_written<J: Journal>(desks: Desks<J>) {
    let odd = "Zoë \u{202e}O'Brien\0\n\"; DROP TABLE jobs; --";
    let precise = Timestamp::from_nanosecond(1_790_000_000_123_456_789).unwrap();
    let unknown = serde_json::from_str(r#"{"what": "melted", "how": [1, 2.5, null]}"#).unwrap();
    let lease = desks.a.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    let mut written = Vec::new();
    for event in [started(odd), Event::Unknown(unknown), Event::Granted] {
        written.push(desks.a.append(&lease, written.len() as u64, precise, event).await.unwrap());
    }
    assert_eq!(written[0].at, precise);
    assert_eq!(desks.b.history(id(1)).await.unwrap(), written);
    let records = desks.b.since(Position::default()).await.unwrap();
    assert_eq!(records.into_iter().map(|record| record.entry).collect::<Vec<_>>(), written);
}

async fn a_history_is_longer_than_a_late_writer_believes<J: Journal>(desks: Desks<J>) {
    let (lease, _) = history(&*desks.a, 1, &[started("Jane Doe"), Event::Queued]).await;
    for after in [0, 1, 3] {
        let conflict = desks.a.append(&lease, after, at(3), Event::Granted).await;
        assert_eq!(conflict, Err(JournalError::Conflict { found: 2 }), "behind {after}");
    }
    assert_eq!(desks.b.history(id(1)).await.unwrap().len(), 2);
}

async fn only_the_lease_of_the_job_writes<J: Journal>(desks: Desks<J>) {
    let encoder = desks.a.claim(Claim::Encoder("front".into()), &desk("a"), at(0), MINUTE).await.unwrap();
    assert_eq!(desks.a.append(&encoder, 0, at(1), Event::Queued).await, Err(JournalError::Fenced));
    let one = desks.a.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    let other = keydesk::journal::Lease { claim: job(2), ..one };
    assert_eq!(desks.a.append(&other, 0, at(1), Event::Queued).await, Err(JournalError::Fenced));
    assert_eq!(desks.b.since(Position::default()).await.unwrap(), []);
}

async fn what_ended_is_read_but_not_open<J: Journal>(desks: Desks<J>) {
    let (lease, entries) = history(&*desks.a, 1, &[started("Jane Doe"), Event::Queued]).await;
    desks.a.close(&lease).await.unwrap();
    assert_eq!(desks.b.open_jobs().await.unwrap(), []);
    assert_eq!(desks.b.claims().await.unwrap(), []);
    assert_eq!(desks.b.history(id(1)).await.unwrap(), entries);
    assert_eq!(desks.b.since(Position::default()).await.unwrap().len(), 2);
    // Nothing comes after the end.
    assert_eq!(desks.a.append(&lease, 2, at(3), Event::Granted).await, Err(JournalError::Fenced));
    // One that never began ends all the same.
    let lease = desks.a.claim(job(2), &desk("a"), at(0), MINUTE).await.unwrap();
    desks.a.close(&lease).await.unwrap();
    assert_eq!(desks.b.history(id(2)).await.unwrap(), []);
}

async fn open_jobs_come_oldest_first_with_all_entries<J: Journal>(desks: Desks<J>) {
    // Ids in another order than time.
    for n in [7, 3, 9] {
        history(&*desks.a, n, &[started("Jane Doe"), Event::Queued]).await;
    }
    let (lease, _) = history(&*desks.a, 5, &[started("Jane Doe")]).await;
    desks.a.close(&lease).await.unwrap();
    let open = desks.b.open_jobs().await.unwrap();
    assert_eq!(open.iter().map(|history| history.job).collect::<Vec<_>>(), [id(7), id(3), id(9)]);
    for history in open {
        assert_eq!(history.entries, desks.a.history(history.job).await.unwrap());
        assert_eq!(history.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
    }
}

async fn since_goes_on_behind_the_last<J: Journal>(desks: Desks<J>) {
    assert_eq!(desks.a.newest().await.unwrap(), Position::default());
    let count = 2 * PAGE + 5;
    let lease = desks.a.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    for after in 0..count as u64 {
        desks.a.append(&lease, after, at(0), Event::Queued).await.unwrap();
    }
    let (mut position, mut pages) = (Position::default(), Vec::new());
    loop {
        let page = desks.b.since(position).await.unwrap();
        let Some(last) = page.last() else { break };
        position = last.position;
        pages.push(page.len());
    }
    assert_eq!(pages, [PAGE, PAGE, 5]);
    assert_eq!(desks.b.newest().await.unwrap(), position);
    assert_eq!(desks.b.since(Position(u64::MAX)).await.unwrap(), []);
}

async fn everyone_sees_who_works_on_what<J: Journal>(desks: Desks<J>) {
    let on_job = desks.a.claim(job(1), &desk("a"), at(0), MINUTE).await.unwrap();
    let on_user = desks.b.claim(Claim::User("jane".into()), &desk("b"), at(0), MINUTE).await.unwrap();
    let mut on_encoder = desks.b.claim(Claim::Encoder("front".into()), &desk("b"), at(0), MINUTE).await.unwrap();
    on_encoder = desks.b.renew(&on_encoder, at(30), MINUTE).await.unwrap();
    let sorted = |mut leases: Vec<keydesk::journal::Lease>| {
        leases.sort_by_key(|lease| lease.epoch);
        leases
    };
    let seen = sorted(desks.a.claims().await.unwrap());
    assert_eq!(seen, [on_job, on_user.clone(), on_encoder.clone()]);
    assert_eq!(seen[1].holder.label, "b at the front desk");
    desks.b.release(&on_encoder).await.unwrap();
    assert_eq!(desks.a.claims().await.unwrap().len(), 2);
}

async fn changes_tell_of_everyones_work<J: Journal>(desks: Desks<J>) {
    for (writer, reader) in [(&*desks.a, &*desks.b), (&*desks.b, &*desks.a), (&*desks.a, &*desks.a)] {
        let mut changes = reader.changes();
        changes.mark_unchanged();
        writer.claim(Claim::User("jane".into()), &desk("a"), at(0), MINUTE).await.unwrap();
        soon(changes.changed()).await.unwrap();
    }
    // Who listens late hears of what comes, not of what was.
    assert!(!desks.a.changes().has_changed().unwrap());
}

async fn what_ended_long_ago_is_forgotten<J: Journal>(desks: Desks<J>) {
    for n in 1..=250 {
        let (lease, _) = history(&*desks.a, n, &[started("Jane Doe")]).await;
        desks.a.close(&lease).await.unwrap();
    }
    let (lease, recent) = history(&*desks.a, 300, &[started("John Roe"), Event::Queued, Event::Granted]).await;
    desks.a.close(&lease).await.unwrap();
    desks.a.claim(Claim::User("jane".into()), &desk("gone"), at(-100), MINUTE).await.unwrap();
    let newest = desks.a.newest().await.unwrap();
    assert_eq!(desks.b.prune(at(1)).await.unwrap(), 250);
    assert_eq!(desks.a.history(id(1)).await.unwrap(), []);
    assert_eq!(desks.a.claims().await.unwrap(), []);
    assert_eq!(desks.a.history(id(300)).await.unwrap(), recent);
    assert_eq!(desks.a.since(Position::default()).await.unwrap().len(), 3);
    assert_eq!(desks.b.prune(at(1)).await.unwrap(), 0);
    // Positions go on, also when the newest went.
    assert_eq!(desks.b.prune(at(1000)).await.unwrap(), 1);
    history(&*desks.a, 301, &[started("Jane Doe")]).await;
    assert_eq!(desks.b.since(newest).await.unwrap().len(), 1);
}

async fn what_is_open_is_never_forgotten<J: Journal>(desks: Desks<J>) {
    let (lease, entries) = history(&*desks.a, 1, &[started("Jane Doe"), Event::Queued]).await;
    desks.a.renew(&lease, at(10_000_000), MINUTE).await.unwrap();
    assert_eq!(desks.b.prune(at(10_000_000)).await.unwrap(), 0);
    assert_eq!(desks.b.history(id(1)).await.unwrap(), entries);
    desks.a.append(&lease, 2, at(10_000_000), Event::Granted).await.unwrap();
}

async fn what_is_remembered_of_a_guest_is_read_again<J: Journal>(desks: Desks<J>) {
    let jane = UserId::from("jane");
    assert_eq!(desks.a.remembered(&jane).await.unwrap(), None);
    let mut guest = RememberedGuest { companions: vec!["john".into()], ..RememberedGuest::default() };
    desks.a.remember(&jane, &guest, at(0)).await.unwrap();
    assert_eq!(desks.b.remembered(&jane).await.unwrap(), Some(guest.clone()));
    guest.companions.push("ana".into());
    desks.b.remember(&jane, &guest, at(5)).await.unwrap();
    assert_eq!(desks.a.all_remembered().await.unwrap(), [(jane.clone(), guest.clone())]);
    desks.a.prune(at(5)).await.unwrap();
    assert_eq!(desks.a.remembered(&jane).await.unwrap(), Some(guest));
    desks.a.prune(at(6)).await.unwrap();
    assert_eq!(desks.b.all_remembered().await.unwrap(), []);
}

async fn the_jobs_of_a_batch_are_found_together<J: Journal>(desks: Desks<J>) {
    let (this, other) = (BatchId(id(100).0), BatchId(id(101).0));
    let in_batch = |name: &str, batch| {
        let Event::Started { mut order, by } = started(name) else { unreachable!() };
        order.batch = batch;
        Event::Started { order, by }
    };
    let mut expected = Vec::new();
    for (n, batch) in [(3, Some(this)), (1, None), (2, Some(this)), (4, Some(other))] {
        let (lease, entries) = history(&*desks.a, n, &[in_batch("Jane Doe", batch), Event::Queued]).await;
        if n == 3 {
            desks.a.close(&lease).await.unwrap();
        }
        if batch == Some(this) {
            expected.push(History { job: id(n), entries });
        }
    }
    assert_eq!(desks.b.jobs_of_batch(this).await.unwrap(), expected);
    assert_eq!(desks.b.jobs_of_batch(BatchId(id(1).0)).await.unwrap(), []);
}
