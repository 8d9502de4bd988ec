//! Jobs that are taken up again: they go on by themselves as far as nobody is needed, and ask where someone is.

use std::time::Duration;

use keydesk::domain::job::command::Decision;
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::steps::Step;
use keydesk::domain::job::{JobId, Offer, Phase, Question, StepState, Why};
use keydesk::seam::error::ErrorKind;

use super::journal::Kept;
use crate::support::engine_desk::{Desk, existing, named, new_guest, offered};
use crate::support::fake_api::{Encode, Fake, Fault};

/// Half an hour, and a little more.
const LONG: Duration = Duration::from_secs(31 * 60);

async fn closed(desk: Desk) -> Fake {
    let fake = desk.fake.clone();
    desk.handle.stop().await;
    fake
}

/// A job that was begun while the line was down, and whose desk was closed then.
async fn begun_offline() -> (Fake, Kept, JobId) {
    let journal = Kept::default();
    let fake = Fake::default();
    fake.world().is_down = Some(ErrorKind::Unreachable);
    let mut desk = Desk::with(fake, journal.clone());
    let id = desk.start(new_guest());
    desk.job(id, |job| matches!(job.phase, Phase::Waiting { .. })).await;
    let fake = closed(desk).await;
    fake.world().is_down = None;
    (fake, journal, id)
}

#[tokio::test(start_paused = true)]
async fn a_job_goes_on_by_itself_until_a_card_must_be_placed() {
    let (fake, journal, id) = begun_offline().await;
    tokio::time::sleep(Duration::from_secs(20 * 60)).await;
    let mut desk = Desk::with(fake, journal);
    let (job, question) = desk.asks(id).await;
    assert!(matches!(question, Question::Resume { .. }), "{question:?}");
    assert_eq!(job.resumed.as_ref().unwrap().why, Why::Restart);
    assert_eq!(job.current().unwrap().step, Step::Encode);
    assert_eq!(desk.fake.left(), (1, 1), "all that needs nobody is done");
    assert_eq!(desk.fake.calls("encode"), 0);
    assert_eq!(job.holds_encoder(), None, "others may use it meanwhile");
    assert_eq!(offered(&job), [Offer::GoOn, Offer::Later, Offer::Withdraw]);
    desk.answer(id, Decision::GoOn).await;
    desk.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_rested_for_long_asks_before_it_does_anything() {
    let (fake, journal, id) = begun_offline().await;
    let rested = tokio::time::Instant::now();
    tokio::time::sleep(LONG).await;
    let mut desk = Desk::with(fake, journal);
    let (job, question) = desk.asks(id).await;
    let Question::Resume { last } = question else { panic!("{question:?}") };
    assert_eq!(last, job.progress.last.unwrap());
    assert!(rested.elapsed() >= LONG);
    desk.pass(Duration::from_secs(600)).await;
    assert_eq!(desk.fake.calls("create_user"), 0);
    // Putting it off is no word to go on.
    desk.answer(id, Decision::Later).await;
    desk.pass(Duration::from_secs(600)).await;
    assert_eq!(desk.fake.calls("create_user"), 0);
    desk.answer(id, Decision::GoOn).await;
    // Who said so stands there: it is not asked again.
    desk.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_is_read_first_however_long_a_job_rested() {
    let journal = Kept::default();
    let fake = Fake::default();
    fake.fault("create_user", Fault::silently());
    let mut desk = Desk::with(fake, journal.clone());
    let id = desk.start(new_guest());
    desk.job(id, |job| matches!(job.phase, Phase::ReadingBack { .. })).await;
    let fake = closed(desk).await;
    tokio::time::sleep(LONG).await;
    let mut desk = Desk::with(fake, journal);
    let (job, question) = desk.asks(id).await;
    assert!(matches!(question, Question::Resume { .. }), "{question:?}");
    assert!(job.user.is_some(), "the user is found");
    assert_eq!(desk.fake.calls("create_credential"), 0, "and nothing is begun");
    desk.answer(id, Decision::GoOn).await;
    desk.done(id).await;
    assert_eq!(desk.fake.calls("create_user"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_runs_is_followed_without_a_question() {
    let journal = Kept::default();
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.world().encodes.push_back(Encode::Written(LONG + Duration::from_secs(4)));
    let mut desk = Desk::with(fake, journal.clone());
    let id = desk.start(existing("u", CardWork::New));
    desk.placing(id).await;
    let fake = closed(desk).await;
    tokio::time::sleep(LONG).await;
    let mut desk = Desk::with(fake, journal);
    let job = desk.job(id, |job| job.resumed.is_some()).await;
    assert!(matches!(job.phase, Phase::Placing { .. }), "{:?}", job.phase);
    desk.done(id).await;
    assert_eq!(desk.fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_question_stays_the_question_and_its_answer_is_enough() {
    let journal = Kept::default();
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.world().encodes.push_back(Encode::Fails(Duration::from_secs(1), "no_credential_on_encoder"));
    let mut desk = Desk::with(fake, journal.clone());
    let id = desk.start(existing("u", CardWork::New));
    desk.asks(id).await;
    let fake = closed(desk).await;
    tokio::time::sleep(LONG).await;
    let mut desk = Desk::with(fake, journal);
    let (job, question) = desk.asks(id).await;
    assert!(matches!(question, Question::EncodeFailed(_)), "{question:?}");
    assert!(matches!(job.steps.last().unwrap().state, StepState::Failed(_)));
    desk.answer(id, Decision::TryOn(named("bar"))).await;
    desk.done(id).await;
}
