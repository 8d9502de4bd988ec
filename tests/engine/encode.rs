//! Encoding: errors and what is offered, waiting, queues, one request for many attempts.

use std::time::Duration;

use keydesk::domain::job::command::Decision;
use keydesk::domain::job::command::Ignored;
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::{Offer, Phase, Question, StepState};
use keydesk::seam::error::ErrorKind;

use crate::support::engine_desk::{Desk, existing, holds, named, offered};
use crate::support::fake_api::{Encode, Fake};

fn with_guests(guests: &[&str]) -> Fake {
    let fake = Fake::default();
    for guest in guests {
        fake.user(guest, guest, None);
    }
    fake
}

fn fails(fake: &Fake, code: &'static str) {
    fake.world().encodes.push_back(Encode::Fails(Duration::from_secs(1), code));
}

async fn failed(code: &'static str) -> (Desk, keydesk::domain::job::JobId, Vec<Offer>) {
    let fake = with_guests(&["u"]);
    fails(&fake, code);
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::New));
    let (job, question) = desk.asks(id).await;
    assert!(matches!(question, Question::EncodeFailed(error) if error.code == code));
    assert!(matches!(job.steps.last().unwrap().state, StepState::Failed(_)));
    let offers = offered(&job);
    (desk, id, offers)
}

#[tokio::test(start_paused = true)]
async fn each_error_has_offers_and_again_writes_the_same_credential() {
    let codes = [
        "no_credential_on_encoder",
        "no_card_on_encoder",
        "encoding_interrupted",
        "incompatible_card_format",
        "encoder_not_online",
        "encoder_communication_timeout",
        "bridge_disconnected",
        "action_attempt_expired",
        "uncategorized_error",
        "one_that_nobody_knows",
    ];
    for code in codes {
        let (mut desk, id, offers) = failed(code).await;
        assert_eq!(offers, [Offer::TryAgain, Offer::OtherEncoder, Offer::Later, Offer::Withdraw], "{code}");
        desk.answer(id, Decision::TryAgain).await;
        desk.done(id).await;
        assert_eq!((desk.fake.calls("encode"), desk.fake.calls("create_credential")), (2, 1), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_encoder_is_used_after_an_error() {
    let (mut desk, id, _) = failed("encoder_not_online").await;
    let job = desk.answer(id, Decision::TryOn(named("bar"))).await;
    assert_eq!(holds(&job), None);
    desk.done(id).await;
    assert!(desk.fake.world().calls.iter().any(|(_, call)| call.ends_with(" bar")));
}

#[tokio::test(start_paused = true)]
async fn a_card_that_cannot_be_written_again_is_replaced() {
    let (mut desk, id, offers) = failed("credential_cannot_be_reissued").await;
    assert_eq!(offers, [Offer::ReplaceCard, Offer::TryAgain, Offer::Later, Offer::Withdraw]);
    let job = desk.answer(id, Decision::ReplaceCard).await;
    assert_eq!(job.steps.len(), 4, "{:?}", job.steps);
    let job = desk.done(id).await;
    assert_eq!((desk.fake.calls("delete_credential"), desk.fake.calls("create_credential")), (1, 2));
    assert_eq!(desk.fake.world().cards[0].id, *job.credential.as_ref().unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_was_deleted_is_created_anew() {
    let (mut desk, id, offers) = failed("credential_deleted").await;
    assert_eq!(offers, [Offer::NewCredential, Offer::Later, Offer::Withdraw]);
    desk.fake.world().cards.clear();
    desk.answer(id, Decision::NewCredential).await;
    desk.done(id).await;
    assert_eq!(desk.fake.calls("create_credential"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_job_is_over() {
    let (mut desk, id, _) = failed("no_credential_on_encoder").await;
    let job = desk.answer(id, Decision::Withdraw).await;
    assert!(job.lifecycle().is_ended() && !job.lifecycle().is_done());
    desk.pass(Duration::from_secs(60)).await;
    desk.decide(id, Decision::TryAgain);
    assert_eq!(desk.ignored().await, Ignored::NoSuchJob);
    assert_eq!(desk.fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn pending_for_an_hour_is_followed_for_an_hour() {
    let fake = with_guests(&["u"]);
    fake.world().encodes.push_back(Encode::Written(Duration::from_secs(3600)));
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::New));
    let job = desk.placing(id).await;
    assert!(offered(&job).is_empty(), "no stop, no other encoder while it is pending");
    for decision in [Decision::TryAgain, Decision::TryOn(named("bar")), Decision::Later, Decision::Withdraw] {
        desk.decide(id, decision);
        assert_eq!(desk.ignored().await, Ignored::NotNow);
    }
    let job = desk.job(id, |job| job.lifecycle().is_ended()).await;
    assert!(job.lifecycle().is_done());
    assert_eq!(desk.fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_second_job_on_an_encoder_waits_its_turn() {
    let fake = with_guests(&["a", "b", "c"]);
    fake.world().encodes.push_back(Encode::Written(Duration::from_secs(30)));
    let mut desk = Desk::open(fake);
    let a = desk.start(existing("a", CardWork::New));
    desk.placing(a).await;
    let b = desk.start(existing("b", CardWork::New));
    let queued = desk.job(b, |job| job.phase == Phase::Queued).await;
    assert_eq!(holds(&queued), None);
    assert_eq!(offered(&queued), [Offer::OtherEncoder, Offer::Withdraw]);
    let c = desk.start(existing("c", CardWork::New));
    desk.job(c, |job| job.phase == Phase::Queued).await;
    assert_eq!(desk.fake.calls("encode"), 1);
    // One of them leaves the queue for another encoder at once.
    desk.answer(c, Decision::TryOn(named("bar"))).await;
    desk.done(c).await;
    assert!(!desk.jobs[&a].lifecycle().is_done());
    // The card of the first may still lie there, and would be written over: nothing is sent before a person says so.
    let (_, question) = desk.asks(b).await;
    assert_eq!(question, Question::YourTurn);
    assert!(desk.jobs[&a].lifecycle().is_done(), "it was first");
    desk.pass(Duration::from_secs(600)).await;
    assert_eq!(desk.fake.calls("encode"), 2);
    desk.turn(b).await;
    desk.done(b).await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_job_keeps_its_encoder_until_later_frees_it() {
    let fake = with_guests(&["a", "b"]);
    fails(&fake, "no_credential_on_encoder");
    let mut desk = Desk::open(fake);
    let a = desk.start(existing("a", CardWork::New));
    let (job, _) = desk.asks(a).await;
    assert_eq!(holds(&job), Some("front"));
    let b = desk.start(existing("b", CardWork::New));
    desk.job(b, |job| job.phase == Phase::Queued).await;
    desk.pass(Duration::from_secs(600)).await;
    assert_eq!(desk.fake.calls("encode"), 1);

    let parked = desk.answer(a, Decision::Later).await;
    assert!(parked.is_parked && parked.asks().is_some());
    assert_eq!(holds(&parked), None);
    assert!(!offered(&parked).contains(&Offer::Later));
    desk.turn(b).await;
    desk.done(b).await;
    // The first one can be taken up again.
    let job = desk.answer(a, Decision::TryAgain).await;
    assert!(!job.is_parked);
    desk.done(a).await;
}

#[tokio::test(start_paused = true)]
async fn one_request_asks_for_all_pending_attempts_and_none_for_none() {
    let fake = with_guests(&["a", "b", "c"]);
    for _ in 0..3 {
        fake.world().encodes.push_back(Encode::Written(Duration::from_secs(20)));
    }
    let mut desk = Desk::open(fake);
    let mut ids = Vec::new();
    for (guest, encoder) in [("a", "front"), ("b", "bar"), ("c", "spa")] {
        let mut order = existing(guest, CardWork::New);
        order.encoder = Some(named(encoder));
        ids.push(desk.start(order));
    }
    for id in ids {
        desk.done(id).await;
    }
    let polls = desk.fake.calls("attempts");
    assert!((30..60).contains(&polls), "20 s at two or three a second, for all three together: {polls}");
    assert!(desk.fake.world().calls.iter().any(|(_, call)| call == "attempts 3"));
    desk.pass(Duration::from_secs(3600)).await;
    assert_eq!(desk.fake.calls("attempts"), polls);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_breaks_while_a_card_is_awaited_changes_nothing() {
    let fake = with_guests(&["u"]);
    fake.world().encodes.push_back(Encode::Written(Duration::from_secs(30)));
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::New));
    desk.placing(id).await;
    desk.fake.world().is_down = Some(ErrorKind::Unreachable);
    let before = desk.fake.calls("attempts");
    desk.pass(Duration::from_secs(280)).await;
    let asked = desk.fake.calls("attempts") - before;
    assert!((28..65).contains(&asked), "it backs off, and goes on: {asked}");
    assert!(matches!(desk.jobs[&id].phase, Phase::Placing { .. }));
    assert_eq!(desk.health.trouble().map(|error| error.kind), Some(ErrorKind::Unreachable));
    desk.fake.world().is_down = None;
    desk.done(id).await;
    assert_eq!(desk.health.trouble(), None);
    assert_eq!(desk.fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_the_server_forgot_ends_as_the_events_tell() {
    let fake = with_guests(&["u", "v"]);
    fake.world().forgets_attempts = true;
    fake.world().encodes.push_back(Encode::Written(Duration::from_secs(1)));
    fake.world().encodes.push_back(Encode::Pending);
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::New));
    desk.done(id).await;
    let id = desk.start(existing("v", CardWork::New));
    let (_, question) = desk.asks(id).await;
    assert_eq!(question, Question::EncodeUnknown);
}
