//! What jobs do when all goes well, and when the world is not as planned.

use std::time::Duration;

use keydesk::domain::fact::Fact;
use keydesk::domain::job::command::{Decision, Ignored};
use keydesk::domain::job::order::{CardWork, Order, Schedule};
use keydesk::domain::job::steps::Step;
use keydesk::domain::job::{Offer, Phase, PlanChange, Question, StepState};
use keydesk::engine::Update;
use keydesk::seam::error::ErrorKind;
use serde_json::json;

use crate::support::engine_desk::{Desk, existing, named, new_guest, offered};
use crate::support::fake_api::{Fake, Fault};
use crate::support::journals;

fn is_fact(update: &Update, is_it: impl Fn(&Fact) -> bool) -> bool {
    matches!(update, Update::Fact(fact) if is_it(fact))
}

#[tokio::test(start_paused = true)]
async fn a_new_guest_becomes_a_written_card() {
    let mut desk = Desk::open(Fake::default());
    let id = desk.start(new_guest());
    let job = desk.done(id).await;
    assert_eq!(job.card_number.as_deref(), Some("1234abc"));
    assert!(job.steps.iter().all(|record| matches!(record.state, StepState::Done(_))));
    for (call, times) in [("create_user", 1), ("add_to_group", 0), ("create_credential", 1), ("encode", 1)] {
        assert_eq!(desk.fake.calls(call), times, "{call}");
    }
    let user = job.user.clone().unwrap();
    assert_eq!(desk.fake.world().groups[&user].len(), 2);
    let row = desk.fake.world().users[0].1.clone();
    assert_eq!(row["access_schedule"]["ends_at"], "2026-11-28T11:00:00Z");

    // The directory learns the user, the groups and the written credential without a reload.
    assert!(
        desk.updates.iter().any(|one| is_fact(one, |fact| matches!(fact, Fact::User(id, Ok(Some(_))) if *id == user)))
    );
    assert!(
        desk.updates
            .iter()
            .any(|one| is_fact(one, |fact| matches!(fact, Fact::GroupsOf(_, Ok(groups)) if groups.len() == 2)))
    );
    let written = |one: &Update| is_fact(one, |fact| matches!(fact, Fact::Credential(found) if found.is_issued));
    assert!(desk.updates.iter().any(written));
}

#[tokio::test(start_paused = true)]
async fn groups_that_the_server_ignored_are_added_one_by_one() {
    let fake = Fake::default();
    fake.world().ignores_groups = true;
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    let job = desk.done(id).await;
    assert_eq!(desk.fake.calls("add_to_group"), 2);
    assert_eq!(desk.fake.world().groups[job.user.as_ref().unwrap()].len(), 2);
    let added = job.steps.iter().filter(|record| matches!(record.step, Step::AddToGroup(_))).count();
    assert_eq!(added, 2, "the steps show it");
}

#[tokio::test(start_paused = true)]
async fn groups_are_changed_before_the_own_card_is_written() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.card("c", "u", true);
    fake.world().groups.insert("u".into(), vec!["room-204".into()]);
    let mut desk = Desk::open(fake);
    let mut order = existing("u", CardWork::Update("c".into()));
    order.add = vec![named("room-305")];
    order.remove = vec![named("room-204")];
    let id = desk.start(order);
    let job = desk.done(id).await;
    assert!(job.takes_own_card());
    assert_eq!(desk.fake.world().groups[&"u".into()], ["room-305".into()]);
    assert_eq!(desk.fake.calls("create_credential"), 1);
    let calls: Vec<String> = desk.fake.world().calls.iter().map(|(_, call)| call.clone()).collect();
    assert!(calls.contains(&"create_credential u false".to_owned()), "{calls:?}");
    assert!(calls.contains(&"encode c front".to_owned()), "it holds on to the credential that the answer named");
    let told: Vec<bool> = desk
        .updates
        .iter()
        .filter_map(|one| match one {
            Update::Fact(fact) => match **fact {
                Fact::Member(_, _, is_member) => Some(is_member),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(told, [false, true]);
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_was_never_written_gets_no_second_one() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.card("c", "u", false);
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::EncodeAgain("c".into())));
    let job = desk.done(id).await;
    assert!(!job.takes_own_card());
    assert_eq!(desk.fake.calls("create_credential"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_card_is_replaced_although_its_deletion_lingers() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.card("old", "u", true);
    fake.world().lingers = Some(Duration::from_secs(5));
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::Replace("old".into())));
    let job = desk.done(id).await;
    assert_ne!(job.credential.as_ref().unwrap().as_str(), "old");
    assert!(desk.fake.calls("create_credential") > 1, "it was refused for a moment");
    assert_eq!(desk.fake.world().cards.len(), 1);
    assert!(
        desk.updates
            .iter()
            .any(|one| is_fact(one, |fact| matches!(fact, Fact::CredentialGone(id) if id.as_str() == "old")))
    );
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_never_ends_is_told_to_a_person() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.card("old", "u", true);
    fake.world().lingers = Some(Duration::from_secs(7200));
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::Replace("old".into())));
    let (job, question) = desk.asks(id).await;
    assert!(matches!(question, Question::Refused(error) if error.code == "card_exists"));
    assert_eq!(offered(&job), [Offer::TryAgain, Offer::Later, Offer::Withdraw]);
}

#[tokio::test(start_paused = true)]
async fn a_card_that_appeared_is_not_doubled() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.card("theirs", "u", false);
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::New));
    let (job, question) = desk.asks(id).await;
    let found = PlanChange::CardExists { credential: "theirs".into(), is_issued: false };
    assert_eq!(question, Question::PlanChanged(found));
    assert_eq!(offered(&job), [Offer::UseFound, Offer::ReplaceCard, Offer::Later, Offer::Withdraw]);
    desk.answer(id, Decision::UseFound).await;
    let job = desk.done(id).await;
    assert_eq!(job.credential.as_ref().unwrap().as_str(), "theirs");
    assert_eq!(desk.fake.calls("create_credential"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_card_that_was_written_meanwhile_is_updated() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.card("theirs", "u", true);
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::New));
    desk.asks(id).await;
    let job = desk.answer(id, Decision::UseFound).await;
    assert!(job.takes_own_card());
    desk.done(id).await;
    assert!(desk.fake.world().calls.iter().any(|(_, call)| call == "create_credential u false"));
}

#[tokio::test(start_paused = true)]
async fn a_card_that_appeared_can_be_replaced() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.card("theirs", "u", true);
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::New));
    desk.asks(id).await;
    desk.answer(id, Decision::ReplaceCard).await;
    let job = desk.done(id).await;
    assert!(!job.takes_own_card());
    assert_eq!(desk.fake.world().cards.len(), 1);
    assert_ne!(desk.fake.world().cards[0].id.as_str(), "theirs");
}

#[tokio::test(start_paused = true)]
async fn a_card_to_update_that_is_gone_becomes_a_new_one() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::Update("gone".into())));
    let (_, question) = desk.asks(id).await;
    assert_eq!(question, Question::PlanChanged(PlanChange::CredentialGone));
    desk.answer(id, Decision::NewCredential).await;
    let job = desk.done(id).await;
    assert!(!job.takes_own_card(), "a new credential goes onto a blank card");
}

#[tokio::test(start_paused = true)]
async fn a_user_whom_the_key_system_refused_is_seen_before_the_card() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    fake.card("c", "u", false);
    let notice = serde_json::json!([{"error_code": "failed_to_create_on_acs_system", "message": "no licence"}]);
    fake.world().users[0].1["errors"] = notice;
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::EncodeAgain("c".into())));
    let (_, question) = desk.asks(id).await;
    assert_eq!(question, Question::PlanChanged(PlanChange::UserFailed(Some("no licence".into()))));
    assert_eq!(desk.fake.calls("encode"), 0);
    desk.fake.world().users[0].1["errors"] = serde_json::json!([]);
    desk.answer(id, Decision::TryAgain).await;
    desk.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn a_user_who_is_gone_gets_no_card() {
    let mut desk = Desk::open(Fake::default());
    let id = desk.start(existing("nobody", CardWork::New));
    desk.fake.fault("credentials_of", Fault::Refuse("acs_user_not_found"));
    let (_, question) = desk.asks(id).await;
    assert_eq!(question, Question::PlanChanged(PlanChange::UserGone));
    let job = desk.answer(id, Decision::Withdraw).await;
    assert!(job.lifecycle().is_ended() && !job.lifecycle().is_done());
    assert_eq!(desk.fake.calls("create_credential"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_namesake_is_asked_about_before_the_creation() {
    let fake = Fake::default();
    fake.user("jane", "Jane Doe", None);
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    let (job, question) = desk.asks(id).await;
    let Question::WhoIsIt(candidates) = question else { panic!("{question:?}") };
    assert_eq!(candidates.len(), 1);
    assert!(matches!(offered(&job)[..], [Offer::UseCandidate(_), Offer::CreateAnyway, Offer::Later, Offer::Withdraw]));
    // Not one of the candidates.
    desk.decide(id, Decision::UseUser("someone".into()));
    assert_eq!(desk.ignored().await, Ignored::NotNow);
    desk.answer(id, Decision::UseUser("jane".into())).await;
    let job = desk.done(id).await;
    assert_eq!(job.user.as_ref().unwrap().as_str(), "jane");
    assert_eq!(desk.fake.calls("create_user"), 0);
    assert_eq!(desk.fake.world().groups[&"jane".into()].len(), 2, "the groups of the order are hers now");
}

#[tokio::test(start_paused = true)]
async fn an_empty_departure_leaves_the_end_of_that_guest() {
    for (schedule, ends) in [(None, json!("2026-11-30T10:00:00Z")), (Some(Schedule::default()), json!(null))] {
        let fake = Fake::default();
        fake.user("jane", "Jane Doe", None);
        let dates = json!({"starts_at": "2026-11-20T10:00:00Z", "ends_at": "2026-11-30T10:00:00Z"});
        fake.world().users[0].1["access_schedule"] = dates;
        let mut desk = Desk::open(fake);
        let id = desk.start(Order { schedule, ..new_guest() });
        desk.asks(id).await;
        desk.answer(id, Decision::UseUser("jane".into())).await;
        desk.done(id).await;
        let user = desk.fake.world().users[0].1.clone();
        assert_eq!(user["access_schedule"]["ends_at"], ends, "{schedule:?}");
        assert_eq!(user["phone_number"], "+15555550100", "what was typed goes along");
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_namesake_is_no_reason_to_ask() {
    let fake = Fake::default();
    fake.user("jane", "Jane Doe", Some("+15555550100"));
    let mut desk = Desk::open(fake);
    let mut order = new_guest();
    if let keydesk::domain::job::order::Guest::New(guest) = &mut order.guest {
        guest.known_namesakes.push("jane".into());
    }
    let id = desk.start(order);
    let job = desk.done(id).await;
    assert_ne!(job.user.as_ref().unwrap().as_str(), "jane");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_and_can_be_tried_again() {
    let fake = Fake::default();
    fake.fault("create_user", Fault::Refuse("invalid_input"));
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    let (job, question) = desk.asks(id).await;
    assert!(matches!(question, Question::Refused(error) if error.code == "invalid_input"));
    assert!(matches!(job.steps[0].state, StepState::Failed(_)));
    desk.answer(id, Decision::TryAgain).await;
    desk.done(id).await;
    assert_eq!(desk.fake.world().users.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_jobs_for_one_guest_are_one_too_many() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    let mut desk = Desk::open(fake);
    let first = desk.start(existing("u", CardWork::New));
    desk.start(existing("u", CardWork::New));
    assert_eq!(desk.ignored().await, Ignored::GuestInWork { job: Some(first), holder: None });
    desk.done(first).await;
    assert_eq!(desk.fake.calls("create_credential"), 1);
    // Another one after it may start.
    desk.pass(Duration::from_secs(1)).await;
    let third = desk.start(existing("u", CardWork::None));
    desk.done(third).await;
}

#[tokio::test]
async fn a_job_is_replaced_as_soon_as_it_is_seen_to_end() {
    for order in [existing("u", CardWork::New), new_guest()] {
        let folder = tempfile::tempdir().unwrap();
        let fake = Fake::default();
        fake.user("u", "Jane Roe", None);
        fake.world().is_down = Some(ErrorKind::Unreachable);
        let mut desk = Desk::with(fake, journals::open(&folder.path().join("journal.db")).await);
        let mut last = desk.start(order.clone());
        for _ in 0..10 {
            journals::soon(desk.job(last, |job| matches!(job.phase, Phase::Waiting { .. }))).await;
            desk.decide(last, Decision::Withdraw);
            journals::soon(desk.job(last, |job| job.lifecycle().is_ended())).await;
            last = desk.start(order.clone());
        }
        journals::soon(desk.job(last, |job| matches!(job.phase, Phase::Waiting { .. }))).await;
        assert!(!desk.updates.iter().any(|update| matches!(update, Update::Ignored { .. })));
        desk.handle.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_guest_who_was_just_created_is_in_work_too() {
    let mut desk = Desk::open(Fake::default());
    let first = desk.start(new_guest());
    let user = desk.job(first, |job| job.user.is_some()).await.user.clone().unwrap();
    desk.start(existing(user.as_str(), CardWork::New));
    assert_eq!(desk.ignored().await, Ignored::GuestInWork { job: Some(first), holder: None });
}

#[tokio::test(start_paused = true)]
async fn a_job_without_work_is_done_and_one_without_an_encoder_asks() {
    let fake = Fake::default();
    fake.user("u", "Jane Doe", None);
    let mut desk = Desk::open(fake);
    let id = desk.start(existing("u", CardWork::None));
    desk.done(id).await;
    desk.pass(Duration::from_secs(1)).await;
    let mut order = existing("u", CardWork::New);
    order.encoder = None;
    let id = desk.start(order);
    let (_, question) = desk.asks(id).await;
    assert_eq!(question, Question::NoEncoder);
    desk.answer(id, Decision::TryOn(named("bar"))).await;
    desk.done(id).await;
}
