//! The last thing before a call goes out is to see whether job, guest and encoder are still this process's: also after
//! a wait for the line, in which it may have been frozen.

use std::time::Duration;

use keydesk::domain::job::command::Decision;
use keydesk::domain::job::command::Ignored;
use keydesk::domain::job::event::Event;
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::{Job, JobId, Phase, Question};
use keydesk::journal::Claim;
use keydesk::seam::error::{ErrorKind, SeamError};
use tokio::time::Instant;

use super::journal::Kept;
use crate::support::engine_desk::{Desk, existing, named};
use crate::support::fake_api::{Fake, Fault, error};

fn guests() -> Fake {
    let fake = Fake::default();
    for name in ["u", "v"] {
        fake.user(name, name, None);
    }
    fake
}

fn calls(fake: &Fake, what: &str) -> usize {
    fake.world().calls.iter().filter(|(_, call)| call == what).count()
}

/// Another job is told to leave the server alone for a minute, so every call of this desk waits.
async fn silence(desk: &mut Desk) {
    let limited = SeamError { retry_after: Some(Duration::from_secs(60)), ..error(ErrorKind::Limited) };
    desk.fake.fault("groups_of", Fault::Fail(limited));
    let mut order = existing("v", CardWork::None);
    order.add = vec![named("spa")];
    let id = desk.start(order);
    desk.job(id, |job| matches!(job.phase, Phase::Waiting { .. })).await;
}

/// A job whose intent to make its next call is kept, and whose call waits for the line. `looks` tells when it begins to
/// look before that call.
async fn waits_to_send(desk: &mut Desk, journal: &Kept, looks: fn(&Job) -> bool) -> JobId {
    let id = desk.start(existing("u", CardWork::New));
    desk.job(id, looks).await;
    let at = Instant::now();
    silence(desk).await;
    let is_kept = |event: &Event| matches!(event, Event::Intended { .. });
    while !journal.history(id).await.last().is_some_and(|entry| is_kept(&entry.event)) {
        desk.pass(Duration::from_millis(10)).await;
    }
    assert!(at.elapsed() < Duration::from_secs(2), "{:?}", at.elapsed());
    id
}

fn will_create(job: &Job) -> bool {
    job.seq == 1
}

fn will_encode(job: &Job) -> bool {
    job.holds_encoder().is_some()
}

#[tokio::test(start_paused = true)]
async fn a_process_frozen_while_the_server_was_away_sends_nothing() {
    let (fake, journal) = (guests(), Kept::default());
    let frozen = journal.process();
    let mut one = Desk::called("one", fake.clone(), frozen.clone());
    let id = waits_to_send(&mut one, &journal, will_create).await;
    // The wait for the line ends while it is frozen.
    frozen.freeze(Duration::from_secs(90));
    let mut two = Desk::called("two", fake.clone(), journal.clone());
    two.job(id, |job| matches!(job.asks(), Some(Question::Resume { .. }))).await;
    assert!(frozen.is_still_frozen(), "the other one took over, read back and made the card meanwhile");
    assert_eq!(calls(&fake, "create_credential u true"), 1);
    assert_eq!(one.ignored().await, Ignored::TakenOver);
    one.pass(Duration::from_secs(120)).await;
    assert!(!frozen.is_still_frozen());
    assert_eq!(calls(&fake, "create_credential u true"), 1, "the frozen one sent its own, too");
    two.answer(id, Decision::GoOn).await;
    two.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn a_guest_whom_another_process_took_meanwhile_is_left_alone() {
    let (fake, journal) = (guests(), Kept::default());
    let mut desk = Desk::called("desk", fake.clone(), journal.clone());
    let id = waits_to_send(&mut desk, &journal, will_create).await;
    journal.rival(Claim::User("u".into())).await;
    let (_, question) = desk.asks(id).await;
    assert_eq!(question, Question::GuestInWork { by: Some("rival".into()) });
    assert_eq!(calls(&fake, "create_credential u true"), 0);
    assert!(!lost_an_answer(&journal, id).await, "it is known that it was not sent");
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_another_process_took_meanwhile_is_left_alone() {
    let (fake, journal) = (guests(), Kept::default());
    let mut desk = Desk::called("desk", fake.clone(), journal.clone());
    let id = waits_to_send(&mut desk, &journal, will_encode).await;
    journal.rival(Claim::Encoder("front".into())).await;
    let job = desk.job(id, |job| job.encoder_with.is_some()).await;
    assert_eq!((&job.phase, job.encoder_with.as_deref()), (&Phase::Queued, Some("rival")));
    desk.pass(Duration::from_secs(120)).await;
    assert_eq!(fake.calls("encode"), 0);
    assert!(!lost_an_answer(&journal, id).await, "it is known that it was not sent");
}

async fn lost_an_answer(journal: &Kept, id: JobId) -> bool {
    journal.history(id).await.iter().any(|entry| matches!(entry.event, Event::Lost { .. }))
}
