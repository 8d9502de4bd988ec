//! A job that another process takes over: it goes on from what the file holds, and it has no right to an encoder that
//! its former process had.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use jiff::SignedDuration;
use keydesk::domain::job::command::Decision;
use keydesk::domain::job::event::{CallOutcome, Event};
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::{Phase, Question};
use keydesk::engine::Update;
use keydesk::engine::clock::Clock;
use keydesk::journal::{Claim, Holder, Journal};

use super::live;
use crate::support::crash_points::{CrashPoint, CrashingJournal, Watchers};
use crate::support::engine_desk::{Desk, existing};
use crate::support::fake_api::{Encode, Fake, TestClock};
use crate::support::journal_store::{JournalStore, OnDisk};

/// A life on a thread of its own: where it runs in circles, that is a failure like any other.
fn live_for_ten_seconds(life: impl Future<Output = ()> + Send + 'static) {
    let (done, ended) = channel();
    let thread = thread::spawn(move || {
        live(None, life);
        done.send(()).unwrap();
    });
    if ended.recv_timeout(Duration::from_secs(10)).is_err() {
        assert!(thread.is_finished(), "it runs in circles without an end");
        thread.join().unwrap();
    }
}

#[test]
fn what_the_former_process_wrote_until_the_claim_counts() {
    live_for_ten_seconds(async {
        let (store, fake, watchers) = (OnDisk::default(), Fake::default(), Watchers::default());
        fake.user("u", "Jane Doe", None);
        let first =
            CrashingJournal::new(store.open(), watchers.clone(), Some((CrashPoint::AfterAnswer, "create_credential")));
        let second = CrashingJournal::new(store.open(), watchers, None);
        let mut one = Desk::called("one", fake.clone(), first.clone());
        let mut two = Desk::called("two", fake.clone(), second.clone());
        // It stands still while its call is out, until its lease has ended and the other one has begun to claim the job.
        let witness = first.clone();
        fake.world().witness = Some(Arc::new(move |_| {
            witness.freeze(Duration::from_millis(11_500));
            true
        }));
        let id = one.start(existing("u", CardWork::New));
        two.elsewhere(id, |_| true).await;
        second.claims_slowly(Duration::from_secs(2));
        let job = two.job(id, |job| job.resumed.is_some()).await;
        assert!(first.is_dead(), "it kept its answer meanwhile and died");
        let history = store.open().history(id).await.unwrap();
        let (answered, resumed) = (&history[history.len() - 2].event, &history[history.len() - 1].event);
        assert!(matches!(answered, Event::Answered { answer: CallOutcome::Credential(_) }), "{answered:?}");
        assert!(matches!(resumed, Event::Resumed { .. }), "{resumed:?}");
        let answer_was_seen =
            |update: &Update| matches!(update, Update::Elsewhere { job, .. } if job.seq + 2 > history.len() as u64);
        assert!(!two.updates.iter().any(answer_was_seen), "the answer came after the look and before the claim");
        assert!(job.credential.is_some(), "the answer that came between is known");
        let ignored = two.updates.iter().any(|update| matches!(update, Update::Ignored { .. }));
        assert!(!ignored, "it took the job over from a state that was old: {:#?}", two.updates);
    });
}

#[test]
fn a_job_taken_up_claims_its_encoder_again_before_it_writes() {
    live_for_ten_seconds(async {
        let (store, fake, watchers) = (OnDisk::default(), Fake::default(), Watchers::default());
        fake.user("a", "Ana", None);
        fake.user("b", "Ben", None);
        let first = CrashingJournal::new(store.open(), watchers.clone(), Some((CrashPoint::BeforeIntent, "encode")));
        let mut one = Desk::called("one", fake.clone(), first.clone());
        let a = one.start(existing("a", CardWork::New));
        one.job(a, |job| job.holds_encoder().is_some()).await;
        one.pass(Duration::from_secs(1)).await;
        assert!(first.is_dead(), "it died with the encoder in hand, before it used it");
        drop(one);
        // Its lease ends, and another desk writes on that encoder.
        tokio::time::sleep(Duration::from_secs(11)).await;
        fake.world().encodes.push_back(Encode::Written(Duration::from_secs(60)));
        let mut three = Desk::called("three", fake.clone(), CrashingJournal::new(store.open(), watchers.clone(), None));
        let b = three.start(existing("b", CardWork::New));
        three.placing(b).await;
        let (_, question) = three.asks(a).await;
        assert!(matches!(question, Question::Resume { .. }), "{question:?}");
        three.handle.stop().await;
        let mut two = Desk::called("two", fake.clone(), CrashingJournal::new(store.open(), watchers, None));
        let (job, _) = two.asks(a).await;
        assert_eq!(job.holds_encoder(), None, "others may use it");
        two.answer(a, Decision::GoOn).await;
        two.pass(Duration::from_secs(20)).await;
        assert_eq!(fake.calls("encode"), 1, "it sends nothing to an encoder that it has not claimed");
        assert_eq!(two.jobs[&a].phase, Phase::Queued);
        two.done(b).await;
        two.turn(a).await;
        two.done(a).await;
        assert_eq!(fake.world().overlaps, Vec::<String>::new());
    });
}

#[test]
fn a_job_taken_up_leaves_an_encoder_that_another_has() {
    live_for_ten_seconds(async {
        let (store, fake, watchers) = (OnDisk::default(), Fake::default(), Watchers::default());
        fake.user("u", "Jane Doe", None);
        fake.world().encodes.push_back(Encode::Fails(Duration::from_secs(30), "no_credential_on_encoder"));
        let first = CrashingJournal::new(store.open(), watchers.clone(), None);
        let mut one = Desk::called("one", fake.clone(), first.clone());
        let id = one.start(existing("u", CardWork::New));
        one.placing(id).await;
        first.kill();
        drop(one);
        tokio::time::sleep(Duration::from_secs(11)).await;
        let (other, claim) = (Holder::new("other", "other"), Claim::Encoder("front".into()));
        let journal = store.open();
        let lasts = SignedDuration::from_secs(120);
        let lease = journal.claim(claim, &other, TestClock.now(), lasts).await.unwrap();
        let mut two = Desk::called("two", fake.clone(), CrashingJournal::new(store.open(), watchers, None));
        let (_, question) = two.asks(id).await;
        assert!(matches!(question, Question::EncodeFailed(_)), "what ran was followed: {question:?}");
        two.answer(id, Decision::TryAgain).await;
        let job = two.job(id, |job| job.phase == Phase::Queued && job.encoder_with.is_some()).await;
        assert_eq!(job.encoder_with.as_deref(), Some("other"), "it says who has it");
        assert_eq!(fake.calls("encode"), 1, "it sends nothing to an encoder that it has not claimed");
        journal.release(&lease).await.unwrap();
        two.turn(id).await;
        two.done(id).await;
    });
}
