//! Several processes at one journal: each job has one driver, each guest one job, each encoder one user.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use keydesk::domain::job::command::Decision;
use keydesk::domain::job::command::Ignored;
use keydesk::domain::job::event::Event;
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::{Offer, Phase, Question, Why};
use keydesk::engine::Update;
use keydesk::journal::{Journal, MemoryJournal, Position};
use keydesk::seam::error::ErrorKind;
use tokio::time::Instant;

use super::journal::Kept;
use crate::support::engine_desk::{Desk, existing, namesake, new_guest, offered};
use crate::support::fake_api::{Encode, Fake, Fault, error};

fn guests(names: &[&str]) -> Fake {
    let fake = Fake::default();
    for name in names {
        fake.user(name, name, None);
    }
    fake
}

fn slow(fake: &Fake, seconds: u64) {
    fake.world().encodes.push_back(Encode::Written(Duration::from_secs(seconds)));
}

#[tokio::test(start_paused = true)]
async fn a_job_elsewhere_and_its_end_are_seen_within_two_seconds() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let mut one = Desk::called("one", fake.clone(), journal.clone());
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    two.pass(Duration::from_secs(5)).await;
    slow(&fake, 60);
    let id = one.start(existing("u", CardWork::New));
    one.placing(id).await;
    let at = Instant::now();
    let (job, holder) = two.elsewhere(id, |job| matches!(job.phase, Phase::Placing { .. })).await;
    assert!(at.elapsed() <= Duration::from_secs(2), "{:?}", at.elapsed());
    assert_eq!(holder.as_deref(), Some("one"));
    assert_eq!(*job, *one.jobs[&id], "it is the same job");
    one.done(id).await;
    let at = Instant::now();
    two.elsewhere(id, |job| job.lifecycle().is_done()).await;
    assert!(at.elapsed() <= Duration::from_secs(2), "{:?}", at.elapsed());
    assert!(two.jobs.is_empty() && one.elsewhere.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_guest_gets_one_card_from_two_clerks() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let mut one = Desk::called("one", fake.clone(), journal.clone());
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    let first = one.start(existing("u", CardWork::New));
    // At once, before it was seen: the journal itself refuses.
    two.start(existing("u", CardWork::New));
    assert_eq!(two.ignored().await, Ignored::GuestInWork { job: None, holder: Some("one".into()) });
    two.elsewhere(first, |_| true).await;
    two.start(existing("u", CardWork::New));
    assert_eq!(two.ignored().await, Ignored::GuestInWork { job: Some(first), holder: Some("one".into()) });
    one.done(first).await;
    assert_eq!(fake.calls("create_credential"), 1);
    // When it is done the other one may.
    two.elsewhere(first, |job| job.lifecycle().is_ended()).await;
    two.pass(Duration::from_secs(1)).await;
    let id = two.start(existing("u", CardWork::None));
    two.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn two_clerks_who_create_the_same_guest_make_one() {
    let (fake, journal) = (Fake::default(), Kept::default());
    let mut one = Desk::called("one", fake.clone(), journal.clone());
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    slow(&fake, 60);
    let first = one.start(new_guest());
    two.start(new_guest());
    assert_eq!(two.ignored().await, Ignored::GuestInWork { job: None, holder: Some("one".into()) });
    one.start(new_guest());
    assert_eq!(one.ignored().await, Ignored::GuestInWork { job: Some(first), holder: None });
    two.elsewhere(first, |_| true).await;
    two.start(new_guest());
    assert_eq!(two.ignored().await, Ignored::GuestInWork { job: Some(first), holder: Some("one".into()) });
    one.placing(first).await;
    // The clerk takes someone of that name for the guest.
    let second = two.start(namesake());
    let (_, question) = two.asks(second).await;
    let Question::WhoIsIt(found) = question else { panic!("{question:?}") };
    two.answer(second, Decision::UseUser(found[0].id.clone())).await;
    let (job, question) = two.asks(second).await;
    assert_eq!(question, Question::GuestInWork { by: Some("one".into()) });
    assert_eq!(offered(&job), [Offer::TryAgain, Offer::Later, Offer::Withdraw]);
    one.done(first).await;
    two.pass(Duration::from_secs(1)).await;
    two.answer(second, Decision::TryAgain).await;
    // The card that the first one made is there.
    let (_, question) = two.asks(second).await;
    assert!(matches!(question, Question::PlanChanged(_)), "{question:?}");
    two.answer(second, Decision::Withdraw).await;
    assert_eq!(fake.left(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_only_looks_for_a_twin_still_holds_its_guest() {
    let fake = Fake::default();
    fake.fault("create_user", Fault::Fail(error(ErrorKind::Broken)));
    let mut desk = Desk::open(fake);
    let first = desk.start(new_guest());
    desk.job(first, |job| job.lifecycle().is_watching()).await;
    desk.start(new_guest());
    assert_eq!(desk.ignored().await, Ignored::GuestInWork { job: Some(first), holder: None });
    let user = desk.jobs[&first].user.clone().unwrap();
    desk.start(existing(user.as_str(), CardWork::None));
    assert_eq!(desk.ignored().await, Ignored::GuestInWork { job: Some(first), holder: None });
    assert!(desk.done(first).await.lifecycle().is_done());
}

#[tokio::test(start_paused = true)]
async fn a_job_is_taken_over_with_what_the_common_list_lacks() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let dying = journal.process();
    let mut one = Desk::called("one", fake.clone(), dying.clone());
    slow(&fake, 40);
    let id = one.start(existing("u", CardWork::New));
    one.job(id, |job| job.seq >= 2).await;
    let late = journal.process();
    late.lag();
    let mut two = Desk::called("two", fake.clone(), late);
    two.elsewhere(id, |job| !job.lifecycle().is_ended()).await;
    one.placing(id).await;
    dying.kill();
    drop(one);
    two.pass(Duration::from_secs(15)).await;
    assert!(two.jobs.get(&id).is_some_and(|job| job.resumed.is_some()), "it was taken over");
    two.done(id).await;
    assert_eq!(fake.calls("encode"), 1, "the attempt that ran was followed");
}

#[tokio::test(start_paused = true)]
async fn two_jobs_that_turn_out_to_be_for_one_guest_are_told_apart() {
    let fake = Fake::default();
    slow(&fake, 60);
    let mut desk = Desk::open(fake);
    let first = desk.start(new_guest());
    desk.placing(first).await;
    let second = desk.start(namesake());
    let (_, question) = desk.asks(second).await;
    let Question::WhoIsIt(found) = question else { panic!("{question:?}") };
    desk.answer(second, Decision::UseUser(found[0].id.clone())).await;
    let (_, question) = desk.asks(second).await;
    assert_eq!(question, Question::GuestInWork { by: None });
}

#[tokio::test(start_paused = true)]
async fn an_encoder_held_elsewhere_is_waited_for_naming_its_holder() {
    let (fake, journal) = (guests(&["a", "b", "c"]), Kept::default());
    let mut one = Desk::called("one", fake.clone(), journal.clone());
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    slow(&fake, 120);
    let a = one.start(existing("a", CardWork::New));
    one.placing(a).await;
    let b = two.start(existing("b", CardWork::New));
    let job = two.job(b, |job| job.encoder_with.is_some()).await;
    assert_eq!((&job.phase, job.encoder_with.as_deref()), (&Phase::Queued, Some("one")));
    assert_eq!(offered(&job), [Offer::OtherEncoder, Offer::Withdraw]);
    // One that came later waits longer, although it is the same process that has the encoder now.
    let c = one.start(existing("c", CardWork::New));
    one.job(c, |job| job.phase == Phase::Queued).await;
    two.pass(Duration::from_secs(100)).await;
    assert_eq!(fake.calls("encode"), 1);
    one.done(a).await;
    let at = Instant::now();
    two.turn(b).await;
    let job = two.placing(b).await;
    assert_eq!(job.encoder_with, None);
    assert!(at.elapsed() < Duration::from_secs(3), "{:?}", at.elapsed());
    one.pass(Duration::from_secs(1)).await;
    assert_eq!(one.jobs[&c].phase, Phase::Queued);
    two.done(b).await;
    one.turn(c).await;
    one.done(c).await;
    let order: Vec<String> = fake.world().calls.iter().map(|(_, call)| call.clone()).collect();
    let order: Vec<_> = order.iter().filter(|call| call.starts_with("encode")).collect();
    assert_eq!(order.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_put_off_leaves_its_encoder_to_other_processes() {
    let (fake, journal) = (guests(&["a", "b"]), Kept::default());
    let mut one = Desk::called("one", fake.clone(), journal.clone());
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    fake.world().encodes.push_back(Encode::Fails(Duration::from_secs(1), "no_credential_on_encoder"));
    let a = one.start(existing("a", CardWork::New));
    one.asks(a).await;
    let b = two.start(existing("b", CardWork::New));
    two.job(b, |job| job.encoder_with.is_some()).await;
    two.pass(Duration::from_secs(60)).await;
    assert_eq!(two.jobs[&b].phase, Phase::Queued);
    one.answer(a, Decision::Later).await;
    two.turn(b).await;
    two.done(b).await;
    one.answer(a, Decision::TryAgain).await;
    one.done(a).await;
}

#[tokio::test(start_paused = true)]
async fn a_killed_processs_job_is_taken_over_once_within_15_seconds() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let dying = journal.process();
    let mut one = Desk::called("one", fake.clone(), dying.clone());
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    let mut three = Desk::called("three", fake.clone(), journal.clone());
    slow(&fake, 40);
    let id = one.start(existing("u", CardWork::New));
    one.placing(id).await;
    two.elsewhere(id, |_| true).await;
    // As long as it lives nobody touches it.
    two.pass(Duration::from_secs(20)).await;
    assert!(two.jobs.is_empty());
    dying.kill();
    drop(one);
    let at = Instant::now();
    let taken = loop {
        two.pass(Duration::from_millis(100)).await;
        three.pass(Duration::from_millis(100)).await;
        if !two.jobs.is_empty() || !three.jobs.is_empty() {
            break at.elapsed();
        }
    };
    assert!(taken <= Duration::from_secs(15), "{taken:?}");
    let (mut driver, mut other) = if two.jobs.is_empty() { (three, two) } else { (two, three) };
    let job = driver.done(id).await;
    let resumed = job.resumed.clone().unwrap();
    assert_eq!(resumed.why, Why::Takeover);
    let (_, holder) = other.elsewhere(id, |job| job.lifecycle().is_done()).await;
    assert_eq!(holder, Some(resumed.by));
    assert!(other.jobs.is_empty(), "one of them took it");
    assert_eq!(fake.calls("encode"), 1, "the attempt that ran was followed");
    let records = journal.inner.since(Position::default()).await.unwrap();
    assert_eq!(records.iter().filter(|one| matches!(one.entry.event, Event::Resumed { .. })).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_process_writes_and_sends_nothing_when_it_wakes() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let frozen = journal.process();
    let mut one = Desk::called("one", fake.clone(), frozen.clone());
    // It is frozen at the worst point: an intent is kept, and the call is about to be sent.
    frozen.freeze_after("create_credential", Duration::from_secs(60));
    let id = one.start(existing("u", CardWork::New));
    frozen.is_frozen().await;
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    two.job(id, |job| job.asks().is_some()).await;
    assert!(frozen.is_still_frozen(), "the other one took over meanwhile");
    one.pass(Duration::ZERO).await;
    let mark = one.updates.len();
    assert_eq!(one.ignored().await, Ignored::TakenOver);
    assert!(!frozen.is_still_frozen());
    two.answer(id, Decision::GoOn).await;
    two.done(id).await;
    let (job, holder) = one.elsewhere(id, |job| job.lifecycle().is_done()).await;
    assert_eq!((job.seq, holder.as_deref()), (two.jobs[&id].seq, Some("two")), "it reads again");
    assert!(!one.updates[mark..].iter().any(|one| matches!(one, Update::Job(_))), "it says no more of it");
    assert_eq!(fake.calls("create_credential"), 1, "the frozen one sent nothing");
    assert_eq!(fake.left(), (1, 1));
    let history = journal.history(id).await;
    let resumed = history.iter().position(|entry| matches!(entry.event, Event::Resumed { .. })).unwrap();
    assert!(history[resumed..].iter().all(|entry| entry.seq > resumed as u64));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_wakes_when_all_is_done_tells_that() {
    for call in ["create_credential", "encode"] {
        let (fake, journal) = (guests(&["u"]), Kept::default());
        let frozen = journal.process();
        let mut one = Desk::called("one", fake.clone(), frozen.clone());
        frozen.freeze_after(call, Duration::from_secs(300));
        let id = one.start(existing("u", CardWork::New));
        frozen.is_frozen().await;
        let mut two = Desk::called("two", fake.clone(), journal.clone());
        two.job(id, |job| job.asks().is_some()).await;
        let first = two.jobs[&id].clone();
        two.answer(id, if call == "encode" { Decision::TryAgain } else { Decision::GoOn }).await;
        two.done(id).await;
        assert!(frozen.is_still_frozen() && first.asks().is_some());
        let (job, holder) = one.elsewhere(id, |job| job.lifecycle().is_done()).await;
        assert!(!frozen.is_still_frozen());
        assert_eq!((job.seq, holder.as_deref()), (two.jobs[&id].seq, Some("two")), "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_frozen_process_whose_job_nobody_took_goes_on() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let frozen = journal.process();
    let mut one = Desk::called("one", fake.clone(), frozen.clone());
    frozen.freeze_after("create_credential", Duration::from_secs(60));
    let id = one.start(existing("u", CardWork::New));
    frozen.is_frozen().await;
    one.done(id).await;
    assert_eq!(fake.calls("create_credential"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_encoder_taken_while_its_process_was_frozen_is_waited_for() {
    let (fake, journal) = (guests(&["a", "b"]), Kept::default());
    let frozen = journal.process();
    let mut one = Desk::called("one", fake.clone(), frozen.clone());
    frozen.freeze_after("encode", Duration::from_secs(12));
    slow(&fake, 60);
    let a = one.start(existing("a", CardWork::New));
    frozen.is_frozen().await;
    // Someone takes the encoder, not the job.
    let claim = keydesk::journal::Claim::Encoder("front".into());
    let other = keydesk::journal::Holder::new("other", "other");
    tokio::time::sleep(Duration::from_secs(11)).await;
    let at = Kept::now();
    let lease = journal.inner.claim(claim, &other, at, jiff::SignedDuration::from_secs(30)).await.unwrap();
    let job = one.job(a, |job| job.encoder_with.is_some()).await;
    assert_eq!(job.encoder_with.as_deref(), Some("other"));
    assert_eq!(fake.calls("encode"), 0, "nothing was sent to an encoder that another has");
    journal.inner.release(&lease).await.unwrap();
    one.turn(a).await;
    one.done(a).await;
    assert_eq!(fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_is_closed_leaves_its_jobs_at_once() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let mut one = Desk::called("one", fake.clone(), journal.clone());
    slow(&fake, 40);
    let id = one.start(existing("u", CardWork::New));
    one.placing(id).await;
    one.handle.stop().await;
    let at = Instant::now();
    let mut again = Desk::called("one again", fake.clone(), journal.clone());
    let job = again.job(id, |job| job.resumed.is_some()).await;
    assert!(at.elapsed() < Duration::from_secs(1), "{:?}", at.elapsed());
    assert_eq!(job.resumed.as_ref().unwrap().why, Why::Restart);
    assert!(matches!(job.phase, Phase::Placing { .. }), "what runs is followed: {:?}", job.phase);
    again.done(id).await;
    assert_eq!(fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_a_closed_desk_left_at_work_is_waited_for() {
    // The desk is closed right after its order went out, at any time beside the other one's looks at the journal.
    for offset in (0..600).step_by(25) {
        let (fake, journal) = (guests(&["a", "b"]), Arc::new(MemoryJournal::new()));
        fake.world().encodes.push_back(Encode::Fails(Duration::from_secs(1), "no_credential_on_encoder"));
        slow(&fake, 40);
        let mut one = Desk::sharing("one", fake.clone(), journal.clone());
        let mut two = Desk::sharing("two", fake.clone(), journal.clone());
        let a = one.start(existing("a", CardWork::New));
        one.asks(a).await;
        let b = two.start(existing("b", CardWork::New));
        two.job(b, |job| job.encoder_with.is_some()).await;
        one.pass(Duration::from_millis(offset)).await;
        one.answer(a, Decision::TryAgain).await;
        one.placing(a).await;
        one.handle.stop().await;
        two.turn(b).await;
        two.done(b).await;
        assert_eq!(fake.world().overlaps, Vec::<String>::new(), "offset {offset} ms");
        assert!(two.jobs[&a].lifecycle().is_done(), "it was followed");
    }
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_comes_back_after_a_kill_tells_a_restart() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let dying = journal.process();
    let mut one = Desk::called("one", fake.clone(), dying.clone());
    slow(&fake, 40);
    let id = one.start(existing("u", CardWork::New));
    one.placing(id).await;
    dying.kill();
    drop(one);
    let at = Instant::now();
    let mut again = Desk::called("one again", fake.clone(), journal.clone());
    let (_, holder) = again.elsewhere(id, |_| true).await;
    assert_eq!(holder.as_deref(), Some("one"), "its lease has not ended yet");
    let job = again.job(id, |job| job.resumed.is_some()).await;
    assert!(at.elapsed() <= Duration::from_secs(15));
    assert_eq!(job.resumed.as_ref().unwrap().why, Why::Restart);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_ended_and_was_not_closed_is_closed_by_the_next() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let dying = journal.process();
    let mut one = Desk::called("one", fake.clone(), dying.clone());
    dying.kill_before_close();
    let id = one.start(existing("u", CardWork::None));
    one.done(id).await;
    one.pass(Duration::from_secs(1)).await;
    drop(one);
    assert_eq!(journal.inner.open_jobs().await.unwrap().len(), 1);
    let mut again = Desk::called("two", fake.clone(), journal.clone());
    again.pass(Duration::from_secs(20)).await;
    assert_eq!(journal.inner.open_jobs().await.unwrap(), []);
    assert!(again.jobs.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_remembered_of_what_is_over() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let mut one = Desk::called("one", fake.clone(), journal.clone());
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    for _ in 0..5 {
        let id = one.start(existing("u", CardWork::None));
        one.done(id).await;
        one.pass(Duration::from_secs(2)).await;
    }
    two.pass(Duration::from_secs(2)).await;
    assert_eq!((one.handle.remembered_jobs(), two.handle.remembered_jobs()), (0, 0));
}

/// The clock was set back by an hour: whatever is held ends an hour late by the new time.
async fn an_hour_back(journal: &Kept) {
    for lease in journal.inner.claims().await.unwrap() {
        let ahead = Kept::now() + SignedDuration::from_hours(1);
        journal.inner.renew(&lease, ahead, SignedDuration::from_secs(10)).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_does_not_lock_what_a_killed_process_had() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let dying = journal.process();
    let mut one = Desk::called("one", fake.clone(), dying.clone());
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    slow(&fake, 40);
    let id = one.start(existing("u", CardWork::New));
    one.placing(id).await;
    two.elsewhere(id, |_| true).await;
    dying.kill();
    drop(one);
    an_hour_back(&journal).await;
    two.pass(Duration::from_secs(25)).await;
    assert!(two.jobs.contains_key(&id), "it was taken over");
    two.done(id).await;
    // Its guest and its encoder are free again, too.
    let id = two.start(existing("u", CardWork::Replace(fake.world().cards[0].id.clone())));
    two.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_takes_nothing_from_a_living_process() {
    let (fake, journal) = (guests(&["u"]), Kept::default());
    let mut one = Desk::called("one", fake.clone(), journal.clone());
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    slow(&fake, 60);
    let id = one.start(existing("u", CardWork::New));
    one.placing(id).await;
    two.elsewhere(id, |_| true).await;
    for _ in 0..4 {
        an_hour_back(&journal).await;
        two.start(existing("u", CardWork::None));
        assert!(matches!(two.ignored().await, Ignored::GuestInWork { .. }));
        two.pass(Duration::from_secs(11)).await;
        let holders: Vec<_> = journal.inner.claims().await.unwrap().into_iter().map(|lease| lease.holder.id).collect();
        assert!(holders.len() >= 3 && holders.iter().all(|id| id == "one"), "{holders:?}");
    }
    assert!(two.jobs.is_empty());
    one.done(id).await;
    assert!(!one.updates.iter().any(|one| matches!(one, Update::Ignored { .. })));
}
