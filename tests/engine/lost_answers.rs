//! Lost answers: the truth is read back before anything is repeated.

use std::sync::Arc;
use std::time::Duration;

use keydesk::domain::job::command::Decision;
use keydesk::domain::job::order::{CardWork, Guest};
use keydesk::domain::job::{Offer, Outcome, Phase, PlanChange, Question};
use keydesk::domain::remembered::CalledWritten;
use keydesk::engine::Update;
use keydesk::journal::{Journal, MemoryJournal};
use keydesk::seam::error::ErrorKind;
use keydesk::seam::types::UserId;

use super::journal::Kept;
use crate::support::engine_desk::{Desk, existing, named, new_guest, offered};
use crate::support::fake_api::{Encode, Fake, Fault, error};

const CHANGING: [&str; 6] =
    ["create_user", "add_to_group", "remove_from_group", "create_credential", "delete_credential", "encode"];

/// An order that makes each of the calls.
fn orders(call: &str) -> (Fake, keydesk::domain::job::order::Order) {
    let fake = Fake::default();
    if call == "create_user" {
        return (fake, new_guest());
    }
    fake.user("u", "Jane Doe", None);
    fake.card("old", "u", true);
    fake.world().groups.insert("u".into(), vec!["leaves".into()]);
    let mut order = existing("u", CardWork::Replace("old".into()));
    order.add = vec![named("comes")];
    order.remove = vec![named("leaves")];
    (fake, order)
}

fn dropped() -> Fault {
    Fault::Fail(error(ErrorKind::Broken))
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_adopted_and_not_repeated() {
    for call in CHANGING {
        let (fake, order) = orders(call);
        fake.fault(call, Fault::silently());
        let mut desk = Desk::open(fake);
        let id = desk.start(order);
        let reading = desk.job(id, |job| matches!(job.phase, Phase::ReadingBack { .. })).await;
        assert!(offered(&reading).is_empty(), "{call}");
        desk.done(id).await;
        assert_eq!(desk.fake.calls(call), 1, "{call}");
        assert_eq!(desk.fake.world().cards.len(), 1, "{call}");
        assert_eq!(desk.fake.world().users.len(), 1, "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_done_is_repeated_after_the_settle_window() {
    for call in CHANGING.into_iter().filter(|call| *call != "encode") {
        let (fake, order) = orders(call);
        fake.fault(call, dropped());
        let mut desk = Desk::open(fake);
        let id = desk.start(order);
        desk.done(id).await;
        let world = desk.fake.world();
        let times: Vec<_> = world.calls.iter().filter(|(_, one)| one.starts_with(call)).map(|(at, _)| *at).collect();
        assert_eq!(times.len(), 2, "{call}");
        assert!(times[1] - times[0] >= Duration::from_secs(8), "{call}: {:?}", times[1] - times[0]);
        let read = match call {
            "create_user" => "search_users",
            "add_to_group" | "remove_from_group" => "groups_of",
            "create_credential" => "credentials_of",
            _ => "credential ",
        };
        let readings = world.calls.iter().filter(|(at, one)| one.starts_with(read) && *at > times[0] && *at < times[1]);
        let searches = if call == "create_user" { 2 } else { 1 };
        assert_eq!(readings.count(), 3 * searches, "{call}: it was read three times");
        assert_eq!((world.users.len(), world.cards.len()), (1, 1), "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_acts_late_within_the_window_is_adopted() {
    for call in CHANGING {
        for late in [500, 2_500, 7_000] {
            let (fake, order) = orders(call);
            fake.fault(call, Fault::Late(Duration::from_millis(late)));
            let mut desk = Desk::open(fake);
            let id = desk.start(order);
            desk.done(id).await;
            assert_eq!(desk.fake.calls(call), 1, "{call} {late}");
            assert_eq!(desk.fake.left(), (1, 1), "{call} {late}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_card_after_the_window_is_ours_all_the_same() {
    let (fake, order) = orders("create_credential");
    // The last reading is at 8.02 s, the second call arrives at 8.04 s.
    fake.fault("create_credential", Fault::Late(Duration::from_millis(8_030)));
    let mut desk = Desk::open(fake);
    let id = desk.start(order);
    let job = desk.done(id).await;
    assert_eq!(desk.fake.calls("create_credential"), 2, "the second is refused: the late card was there first");
    assert_eq!(desk.fake.world().cards.len(), 1);
    assert_eq!(desk.fake.world().cards[0].id, *job.credential.as_ref().unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_late_twin_is_noticed_and_can_be_deleted() {
    for decision in [Decision::DeleteTwin("user-3".into()), Decision::KeepBoth] {
        let fake = Fake::default();
        fake.fault("create_user", Fault::Late(Duration::from_secs(9)));
        let mut desk = Desk::open(fake);
        let id = desk.start(new_guest());
        let (job, question) = desk.asks(id).await;
        let Question::PlanChanged(PlanChange::Twin(twin)) = question else { panic!("{question:?}") };
        assert_ne!(job.user.as_ref(), Some(&twin.id));
        assert_eq!(offered(&job), [Offer::DeleteTwin(twin.clone()), Offer::KeepBoth, Offer::Later]);
        let decision = match decision {
            Decision::DeleteTwin(_) => Decision::DeleteTwin(twin.id.clone()),
            other => other,
        };
        let left = if decision == Decision::KeepBoth { 2 } else { 1 };
        desk.answer(id, decision).await;
        desk.done(id).await;
        assert_eq!(desk.fake.world().users.len(), left);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unsure_namesake_after_a_lost_answer_is_asked_about() {
    let fake = Fake::default();
    fake.fault("create_user", dropped());
    let mut desk = Desk::open(fake);
    let mut order = new_guest();
    if let Guest::New(guest) = &mut order.guest {
        // Without a contact only the name can tell, and names don't.
        guest.phone_number = None;
    }
    let id = desk.start(order);
    desk.job(id, |job| matches!(job.phase, Phase::ReadingBack { .. })).await;
    desk.fake.user("other", "Jane Doe", None);
    let (_, question) = desk.asks(id).await;
    assert!(matches!(question, Question::WhoIsIt(found) if found.len() == 1));
    desk.answer(id, Decision::CreateAnyway).await;
    let job = desk.done(id).await;
    assert_ne!(job.user.as_ref().unwrap().as_str(), "other");
    assert_eq!(desk.fake.world().users.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_late_user_is_noticed_although_the_job_was_given_up() {
    let fake = Fake::default();
    for late in [25, 26, 27] {
        fake.fault("create_user", Fault::Late(Duration::from_secs(late)));
    }
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    let (_, question) = desk.asks(id).await;
    assert!(matches!(question, Question::Refused(_)), "{question:?}");
    let job = desk.answer(id, Decision::Withdraw).await;
    assert!(job.lifecycle().is_watching());
    let mut gone = 0;
    loop {
        let job = desk.job(id, |job| job.lifecycle().is_ended() || job.asks().is_some()).await;
        let Some(Question::PlanChanged(PlanChange::Twin(late))) = job.asks().cloned() else {
            assert!(matches!(job.phase, Phase::Ended(Outcome::Withdrawn(_))), "{:?}", job.phase);
            break;
        };
        gone += 1;
        desk.answer(id, Decision::DeleteTwin(late.id)).await;
    }
    assert_eq!((gone, desk.fake.left()), (3, (0, 0)));
}

#[tokio::test(start_paused = true)]
async fn several_new_namesakes_are_asked_about() {
    let fake = Fake::default();
    fake.fault("create_user", Fault::silently());
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    desk.job(id, |job| matches!(job.phase, Phase::ReadingBack { .. })).await;
    desk.fake.user("other", "Jane Doe", Some("+15555550100"));
    let (_, question) = desk.asks(id).await;
    assert!(matches!(question, Question::WhoIsIt(found) if found.len() == 2));
    assert_eq!(desk.fake.calls("create_user"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_update_whose_answer_was_lost_is_asked_for_again() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.card("c", "u", true);
    fake.fault("create_credential", Fault::silently());
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::Update("c".into())));
    let job = desk.done(id).await;
    assert_eq!(desk.fake.calls("create_credential"), 2, "the answer is the same card, so asking again is harmless");
    assert_eq!(job.credential.as_ref().unwrap().as_str(), "c");
}

#[tokio::test(start_paused = true)]
async fn only_a_person_repeats_a_write_whose_answer_was_lost() {
    let (fake, order) = orders("encode");
    fake.fault("encode", dropped());
    let mut desk = Desk::open(fake);
    let id = desk.start(order);
    let (job, question) = desk.asks(id).await;
    assert_eq!(question, Question::EncodeUnknown);
    assert_eq!(offered(&job), [Offer::WriteAgain, Offer::CallItWritten, Offer::Later, Offer::Withdraw]);
    let waited = match desk.fake.world().calls.iter().rfind(|(_, call)| call.starts_with("encode")) {
        Some((at, _)) => at.elapsed(),
        None => panic!("it was sent"),
    };
    assert!(waited >= Duration::from_secs(60), "longer than an attempt lives: {waited:?}");
    desk.pass(Duration::from_secs(3600)).await;
    assert_eq!(desk.fake.calls("encode"), 1);
    desk.answer(id, Decision::TryAgain).await;
    desk.done(id).await;
    assert_eq!(desk.fake.calls("encode"), 2);
}

#[tokio::test(start_paused = true)]
async fn the_clerk_saw_it_work() {
    let (fake, order) = orders("encode");
    fake.world().encodes.push_back(Encode::Pending);
    fake.fault("encode", Fault::silently());
    let mut desk = Desk::open(fake);
    let id = desk.start(order);
    desk.asks(id).await;
    let job = desk.answer(id, Decision::CallItWritten).await;
    assert!(job.lifecycle().is_done());
    assert_eq!(desk.fake.calls("encode"), 1);
}

fn said_written(desk: &Desk, user: &UserId) -> Option<CalledWritten> {
    let mut said = desk.updates.iter().filter_map(|update| match update {
        Update::Remembered { user: of, guest } if of == user => Some(guest.called_written.clone()),
        _ => None,
    });
    said.next_back().flatten()
}

#[tokio::test(start_paused = true)]
async fn who_called_a_card_written_is_known_everywhere() {
    let (fake, order) = orders("encode");
    fake.fault("encode", Fault::Fail(error(ErrorKind::Broken)));
    let journal = Arc::new(MemoryJournal::new());
    let mut desk = Desk::sharing("desk", fake.clone(), journal.clone());
    let mut other = Desk::sharing("other", fake.clone(), journal.clone());
    let id = desk.start(order);
    desk.asks(id).await;
    let job = desk.answer(id, Decision::CallItWritten).await;
    let user = job.user.clone().unwrap();
    desk.pass(Duration::from_secs(2)).await;
    other.pass(Duration::from_secs(2)).await;
    let said = said_written(&desk, &user).unwrap();
    assert_eq!((said.by.as_str(), Some(&said.credential)), ("Kim", job.credential.as_ref()));
    assert_eq!(said_written(&other, &user).as_ref(), Some(&said));
    drop((desk, other));

    let mut next = Desk::sharing("next", fake, journal.clone());
    next.pass(Duration::from_secs(2)).await;
    assert_eq!(said_written(&next, &user), Some(said));
    // A card that the server tells as written ends it.
    let id = next.start(existing(user.as_str(), CardWork::EncodeAgain(job.credential.clone().unwrap())));
    next.done(id).await;
    next.pass(Duration::from_secs(2)).await;
    assert_eq!(said_written(&next, &user), None);
    assert_eq!(journal.remembered(&user).await.unwrap().unwrap().called_written, None);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_every_time_is_told_to_a_person() {
    let fake = Fake::default();
    for _ in 0..3 {
        fake.fault("create_user", Fault::Fail(error(ErrorKind::Server)));
    }
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    let (_, question) = desk.asks(id).await;
    assert!(matches!(question, Question::Refused(error) if error.kind == ErrorKind::Server));
    assert_eq!(desk.fake.calls("create_user"), 3);
    desk.answer(id, Decision::TryAgain).await;
    desk.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn a_line_that_stays_down_delays_the_reading_and_nothing_else() {
    let fake = Fake::default();
    fake.fault("create_user", Fault::silently());
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    desk.job(id, |job| matches!(job.phase, Phase::ReadingBack { .. })).await;
    desk.fake.world().is_down = Some(ErrorKind::Unreachable);
    desk.pass(Duration::from_secs(3600)).await;
    assert!(matches!(desk.jobs[&id].phase, Phase::ReadingBack { .. }));
    assert!(offered(&desk.jobs[&id]).is_empty(), "it can't be given up before the truth is known");
    desk.fake.world().is_down = None;
    desk.done(id).await;
    assert_eq!(desk.fake.calls("create_user"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_job_goes_on_after_its_engine_ended() {
    for call in CHANGING {
        let (fake, order) = orders(call);
        // The call is carried out, and the engine ends before its answer comes.
        fake.fault(call, Fault::silently());
        let journal = Kept::default();
        let mut desk = Desk::with(fake, journal.clone());
        let id = desk.start(order);
        desk.job(id, |job| matches!(job.phase, Phase::ReadingBack { .. })).await;
        let fake = desk.fake.clone();
        desk.handle.stop().await;

        let mut desk = Desk::with(fake, journal);
        desk.resumed(id).await;
        desk.done(id).await;
        assert_eq!(desk.fake.calls(call), 1, "{call}");
        assert_eq!(desk.fake.left(), (1, 1), "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_out_when_its_engine_ended_is_read_back() {
    for call in CHANGING {
        let (fake, order) = orders(call);
        let journal = Kept::default();
        let mut desk = Desk::with(fake, journal.clone());
        let id = desk.start(order);
        // The intent is kept and the request is on its way: it takes 20 ms to arrive.
        desk.job(id, |job| {
            let called = matches!(job.progress.stage, keydesk::domain::job::Stage::Called(_));
            called && job.current().is_some_and(|record| call_of(&record.step) == call)
        })
        .await;
        let fake = desk.fake.clone();
        desk.handle.stop().await;
        assert_eq!(fake.calls(call), 0, "{call}: it never arrived");

        let mut desk = Desk::with(fake, journal);
        if call == "encode" {
            let (_, question) = desk.asks(id).await;
            assert_eq!(question, Question::EncodeUnknown);
        } else {
            desk.resumed(id).await;
            desk.done(id).await;
        }
    }
}

fn call_of(step: &keydesk::domain::job::steps::Step) -> &'static str {
    use keydesk::domain::job::steps::Step;
    match step {
        Step::CreateUser => "create_user",
        Step::UpdateUser(_) => "update_user",
        Step::AddToGroup(_) => "add_to_group",
        Step::RemoveFromGroup(_) => "remove_from_group",
        Step::DeleteCredential(_) => "delete_credential",
        Step::CreateCredential(_) => "create_credential",
        Step::Encode => "encode",
        Step::SetSuspension(_) => "set_suspension",
        Step::DeleteUser(_) => "delete_user",
    }
}
