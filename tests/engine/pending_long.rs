//! An attempt that stays pending: it is followed without end, and a person has a way out.

use std::time::Duration;

use keydesk::domain::job::command::Decision;
use keydesk::domain::job::event::Event;
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::{Job, JobId, Offer, Outcome, Phase, Question};
use keydesk::seam::error::ErrorKind;

use super::journal::Kept;
use crate::support::engine_desk::{Desk, existing, holds, named, new_guest, offered};
use crate::support::fake_api::{Encode, Fake, Fault, error};

const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// What a timer may be late.
const A_MOMENT: Duration = Duration::from_millis(50);

/// A desk with a card that is awaited, and the encoder says no more of it than this.
async fn awaited(encode: Encode) -> (Desk, JobId) {
    let fake = Fake::default();
    for name in ["u", "v"] {
        fake.user(name, name, None);
    }
    fake.world().encodes.push_back(encode);
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::New));
    desk.placing(id).await;
    (desk, id)
}

async fn lingering(encode: Encode) -> (Desk, JobId) {
    let (mut desk, id) = awaited(encode).await;
    desk.pass(FIVE_MINUTES + A_MOMENT).await;
    assert_eq!(desk.jobs[&id].asks(), Some(&Question::EncodeUnknown));
    (desk, id)
}

#[tokio::test(start_paused = true)]
async fn after_five_minutes_a_person_is_asked_while_it_is_followed() {
    let (mut desk, id) = awaited(Encode::Written(Duration::from_secs(3600))).await;
    desk.pass(Duration::from_secs(299)).await;
    assert!(matches!(desk.jobs[&id].phase, Phase::Placing { .. }));
    assert_eq!(offered(&desk.jobs[&id]), [], "nothing stops it before");
    desk.pass(Duration::from_secs(1) + A_MOMENT).await;
    let (job, question) = desk.asks(id).await;
    assert_eq!(question, Question::EncodeUnknown);
    assert_eq!(offered(&job), [Offer::WriteAgain, Offer::CallItWritten, Offer::Later, Offer::Withdraw]);
    assert_eq!(holds(&job), Some("front"));
    // It is written after an hour, and nobody had to do anything.
    let job = desk.job(id, |job| job.lifecycle().is_ended()).await;
    assert!(job.lifecycle().is_done());
    assert_eq!((job.card_number.as_deref(), desk.fake.calls("encode")), (Some("1234abc"), 1));
    assert!(job.seq <= 10, "it was asked once: {}", job.seq);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_fails_late_says_why() {
    let (mut desk, id) = lingering(Encode::Fails(Duration::from_secs(900), "action_attempt_expired")).await;
    let failed = |job: &Job| matches!(job.asks(), Some(Question::EncodeFailed(_)));
    let job = desk.job(id, failed).await;
    assert_eq!(offered(&job), [Offer::TryAgain, Offer::OtherEncoder, Offer::Later, Offer::Withdraw]);
    desk.answer(id, Decision::TryAgain).await;
    desk.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn it_is_written_again_only_when_a_person_says_so() {
    let (mut desk, id) = lingering(Encode::Pending).await;
    desk.pass(Duration::from_secs(3600)).await;
    assert_eq!(desk.fake.calls("encode"), 1);
    desk.answer(id, Decision::TryAgain).await;
    let job = desk.done(id).await;
    assert_eq!((desk.fake.calls("encode"), desk.fake.world().writes.len()), (2, 1));
    assert!(job.lifecycle().is_ended());
}

#[tokio::test(start_paused = true)]
async fn a_card_written_just_now_is_found_before_it_is_written_again() {
    // Between two questions for the attempt.
    let (mut desk, id) = lingering(Encode::Written(FIVE_MINUTES + 2 * A_MOMENT)).await;
    desk.fake.world().forgets_attempts = true;
    desk.pass(4 * A_MOMENT).await;
    desk.answer(id, Decision::TryAgain).await;
    desk.done(id).await;
    assert_eq!(desk.fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_clerk_may_say_that_it_is_written_or_give_it_up() {
    let (mut desk, id) = lingering(Encode::Pending).await;
    desk.answer(id, Decision::CallItWritten).await;
    assert!(desk.done(id).await.lifecycle().is_done());

    let (mut desk, id) = lingering(Encode::Pending).await;
    let job = desk.answer(id, Decision::Withdraw).await;
    assert!(matches!(job.phase, Phase::Ended(Outcome::Withdrawn(_))));
    // Guest and encoder are free again, and nobody follows the attempt.
    desk.pass(Duration::from_secs(2)).await;
    let asked = desk.fake.calls("attempts");
    desk.pass(Duration::from_secs(60)).await;
    assert_eq!(desk.fake.calls("attempts"), asked);
    let credential = desk.fake.world().cards[0].id.clone();
    let again = desk.start(existing("u", CardWork::EncodeAgain(credential)));
    desk.done(again).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_is_put_off_frees_its_encoder_and_is_followed_on() {
    let (mut desk, id) = lingering(Encode::Written(Duration::from_secs(900))).await;
    let other = desk.start(existing("v", CardWork::New));
    desk.job(other, |job| job.phase == Phase::Queued).await;
    let parked = desk.answer(id, Decision::Later).await;
    assert_eq!((holds(&parked), parked.occupies(), parked.is_parked), (None, None, true));
    desk.turn(other).await;
    desk.done(other).await;
    assert!(!desk.jobs[&id].lifecycle().is_ended());
    let job = desk.job(id, |job| job.lifecycle().is_ended()).await;
    assert!(job.lifecycle().is_done() && !job.is_parked);
    assert_eq!(desk.fake.calls("encode"), 2);
}

#[tokio::test(start_paused = true)]
async fn one_that_was_put_off_and_got_written_is_not_put_off_any_more() {
    let fake = Fake::default();
    fake.fault("create_user", Fault::Fail(error(ErrorKind::Broken)));
    fake.world().encodes.push_back(Encode::Written(Duration::from_secs(900)));
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    desk.asks(id).await;
    desk.answer(id, Decision::Later).await;
    let job = desk.job(id, |job| job.lifecycle().is_done()).await;
    assert!(job.lifecycle().is_watching() && !job.is_parked);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_forgotten_later_is_read_back() {
    let (mut desk, id) = lingering(Encode::Pending).await;
    desk.answer(id, Decision::Later).await;
    desk.fake.world().forgets_attempts = true;
    desk.job(id, |job| matches!(job.phase, Phase::ReadingBack { .. })).await;
    let (job, question) = desk.asks(id).await;
    assert_eq!((question, job.is_parked), (Question::EncodeUnknown, false));
    desk.answer(id, Decision::CallItWritten).await;
    desk.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_down_for_long_leaves_a_way_out_too() {
    let (mut desk, id) = awaited(Encode::Written(Duration::from_secs(30))).await;
    desk.fake.world().is_down = Some(ErrorKind::Unreachable);
    desk.pass(FIVE_MINUTES + A_MOMENT).await;
    assert_eq!(desk.jobs[&id].asks(), Some(&Question::EncodeUnknown));
    desk.fake.world().is_down = None;
    let job = desk.job(id, |job| job.lifecycle().is_ended()).await;
    assert!(job.lifecycle().is_done());
    assert_eq!(desk.fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_five_minutes_count_from_the_start_of_the_attempt() {
    let (fake, journal) = (Fake::default(), Kept::default());
    fake.user("u", "u", None);
    fake.world().encodes.push_back(Encode::Written(Duration::from_secs(900)));
    let dying = journal.process();
    let mut one = Desk::called("one", fake.clone(), dying.clone());
    let mut order = existing("u", CardWork::New);
    order.encoder = Some(named("bar"));
    let id = one.start(order);
    let job = one.placing(id).await;
    let Phase::Placing { since, .. } = job.phase else { unreachable!() };
    one.pass(Duration::from_secs(240)).await;
    dying.kill();
    drop(one);
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    let job = two.job(id, |job| job.asks() == Some(&Question::EncodeUnknown)).await;
    let history = journal.history(id).await;
    let lingers = history.iter().find(|entry| matches!(entry.event, Event::Lingers)).unwrap();
    assert_eq!(lingers.at.duration_since(since).as_secs(), 300);
    assert_eq!(job.occupies().map(ToString::to_string).as_deref(), Some("bar"));
    // A third one finds it asked, and follows.
    two.handle.stop().await;
    let mut three = Desk::called("three", fake.clone(), journal.clone());
    let job = three.job(id, |job| job.lifecycle().is_ended()).await;
    assert!(job.lifecycle().is_done());
    assert_eq!(journal.history(id).await.iter().filter(|entry| matches!(entry.event, Event::Lingers)).count(), 1);
}
