//! Jobs of a newer version, whose history this one can't read: they are shown, nothing is done for them, and they block
//! no more than they must.

use std::time::Duration;

use jiff::SignedDuration;
use keydesk::domain::job::command::Decision;
use keydesk::domain::job::event::{CallOutcome, Event};
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::{JobId, Offer, Phase, Question};
use keydesk::journal::{Claim, Holder, Journal, Lease};
use serde_json::json;
use uuid::Uuid;

use super::journal::Kept;
use crate::support::engine_desk::{Desk, existing, offered};
use crate::support::fake_api::Fake;

const THEIRS: JobId = JobId(Uuid::from_u128(77));
const LEASE: SignedDuration = SignedDuration::from_secs(10);

fn newer() -> Event {
    Event::Unknown(json!({"what": "sings", "song": 7}))
}

/// A job that a newer version began; it is still open, and its lease ends in ten seconds.
async fn theirs(journal: &Kept, events: Vec<Event>) -> Vec<Lease> {
    let newer = Holder::new("newer", "newer");
    let lease = journal.inner.claim(Claim::Job(THEIRS), &newer, Kept::now(), LEASE).await.unwrap();
    for (after, event) in (0..).zip(events) {
        journal.inner.append(&lease, after, Kept::now(), event).await.unwrap();
    }
    let encoder = journal.inner.claim(Claim::Encoder("front".into()), &newer, Kept::now(), LEASE).await.unwrap();
    vec![lease, encoder]
}

fn desk(journal: &Kept) -> Desk {
    let fake = Fake::default();
    fake.user("u", "u", None);
    fake.user("v", "v", None);
    Desk::with(fake, journal.clone())
}

#[tokio::test(start_paused = true)]
async fn without_a_readable_start_it_is_shown_and_can_be_given_up() {
    let journal = Kept::default();
    let guest = json!({"existing": {"id": "v", "name": "Vera Stone"}});
    let start = json!({"what": "started", "order": {"guest": guest, "card": {"sung": 7}}, "by": "Kim"});
    theirs(&journal, vec![Event::Unknown(start)]).await;
    let mut desk = desk(&journal);
    let (job, holder) = desk.elsewhere(THEIRS, |_| true).await;
    assert_eq!((job.who(), job.asks(), holder.as_deref()), ("Vera Stone", Some(&Question::Unreadable), Some("newer")));
    // Its process is gone; nobody knows what it did, and it is a person's to see to it.
    let (job, question) = desk.asks(THEIRS).await;
    assert_eq!((question, offered(&job)), (Question::Unreadable, vec![Offer::Later, Offer::Withdraw]));
    desk.pass(Duration::from_secs(600)).await;
    assert_eq!(desk.fake.world().calls.len(), 0);
    desk.answer(THEIRS, Decision::Withdraw).await;
    assert!(desk.job(THEIRS, |job| job.lifecycle().is_ended()).await.lifecycle().is_ended());
    desk.pass(Duration::from_secs(1)).await;
    assert_eq!(journal.inner.open_jobs().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn only_its_lease_reserves_the_encoder() {
    let journal = Kept::default();
    let start = Event::Unknown(json!({"what": "started", "order": {}, "by": "Kim"}));
    let leases = theirs(&journal, vec![start]).await;
    let mut desk = desk(&journal);
    let id = desk.start(existing("u", CardWork::New));
    // As long as its process lives nobody else uses it.
    for _ in 0..10 {
        for lease in &leases {
            journal.inner.renew(lease, Kept::now(), LEASE).await.unwrap();
        }
        desk.pass(Duration::from_secs(3)).await;
    }
    assert_eq!(desk.jobs[&id].phase, Phase::Queued);
    assert_eq!(desk.jobs[&id].encoder_with.as_deref(), Some("newer"));
    assert_eq!(desk.fake.calls("encode"), 0);
    desk.turn(id).await;
    desk.done(id).await;
    assert_eq!(desk.jobs[&THEIRS].asks(), Some(&Question::Unreadable));
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_was_writing_waits_for_a_person() {
    let journal = Kept::default();
    let fake = Fake::default();
    for name in ["u", "v"] {
        fake.user(name, name, None);
    }
    let dying = journal.process();
    let mut one = Desk::called("one", fake.clone(), dying.clone());
    fake.world().encodes.push_back(crate::support::fake_api::Encode::Pending);
    let theirs = one.start(existing("v", CardWork::New));
    one.placing(theirs).await;
    dying.kill();
    drop(one);
    // A newer version took it over, did something, and is gone, too.
    let later = Kept::now() + LEASE;
    let newer_desk = Holder::new("newer", "newer");
    let lease = journal.inner.claim(Claim::Job(theirs), &newer_desk, later, LEASE).await.unwrap();
    let length = journal.history(theirs).await.len() as u64;
    assert!(matches!(
        &journal.history(theirs).await[length as usize - 1].event,
        Event::Answered { answer: CallOutcome::Attempt(_) }
    ));
    journal.inner.append(&lease, length, later, newer()).await.unwrap();
    journal.inner.release(&lease).await.unwrap();

    let mut two = Desk::called("two", fake.clone(), journal.clone());
    let (_, question) = two.asks(theirs).await;
    assert_eq!(question, Question::Unreadable);
    let id = two.start(existing("u", CardWork::New));
    two.pass(Duration::from_secs(60)).await;
    assert_eq!((&two.jobs[&id].phase, fake.calls("encode")), (&Phase::Queued, 1));
    two.answer(theirs, Decision::Withdraw).await;
    two.turn(id).await;
    two.done(id).await;
}
