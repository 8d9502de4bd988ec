//! The line: waiting, being asked to wait, a key that is refused, a journal that does not work.

use std::time::Duration;

use keydesk::domain::job::command::Decision;
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::{Offer, Phase, Question};
use keydesk::engine::Update;
use keydesk::seam::error::{ErrorKind, SeamError};

use crate::support::engine_desk::{Desk, existing, named, namesake, new_guest, offered};
use crate::support::fake_api::{Fake, Fault, error};

#[tokio::test(start_paused = true)]
async fn a_job_that_was_started_offline_waits_and_starts_by_itself() {
    let fake = Fake::default();
    fake.world().is_down = Some(ErrorKind::Unreachable);
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    let job = desk.job(id, |job| matches!(job.phase, Phase::Waiting { .. })).await;
    assert_eq!(offered(&job), [Offer::TryAgain, Offer::Withdraw]);
    let other = desk.start(namesake());
    desk.job(other, |job| matches!(job.phase, Phase::Waiting { .. })).await;
    desk.pass(Duration::from_secs(3600)).await;
    let job = desk.answer(other, Decision::Withdraw).await;
    assert!(job.lifecycle().is_ended());
    assert_eq!(desk.fake.calls("create_user"), 0);
    desk.fake.world().is_down = None;
    desk.done(id).await;
    assert_eq!(desk.fake.world().users.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_known_outage_needs_no_time_out_to_be_seen_again() {
    let fake = Fake::default();
    fake.world().is_down = Some(ErrorKind::Unreachable);
    let mut desk = Desk::open(fake);
    let first = desk.start(new_guest());
    desk.job(first, |job| matches!(job.phase, Phase::Waiting { .. })).await;
    let at = tokio::time::Instant::now();
    let second = desk.start(namesake());
    let job = desk.job(second, |job| matches!(job.phase, Phase::Waiting { .. })).await;
    assert_eq!(at.elapsed(), Duration::ZERO, "no request was needed");
    assert_eq!(offered(&job), [Offer::TryAgain, Offer::Withdraw]);
}

#[tokio::test(start_paused = true)]
async fn a_long_outage_is_one_entry_and_all_jobs_go_on_with_the_first() {
    let fake = Fake::default();
    fake.world().is_down = Some(ErrorKind::Unreachable);
    let mut desk = Desk::open(fake);
    let mut ids = Vec::new();
    for n in 0..10 {
        let user = format!("user-{n}");
        desk.fake.user(&user, &user, None);
        let mut order = existing(&user, CardWork::None);
        order.add = vec![named("spa")];
        ids.push(desk.start(order));
    }
    desk.pass(Duration::from_secs(8 * 3600)).await;
    for id in &ids {
        assert!(desk.jobs[id].seq <= 4, "{}", desk.jobs[id].seq);
        assert!(matches!(desk.jobs[id].phase, Phase::Waiting { .. }));
    }
    desk.fake.world().is_down = None;
    while desk.health.trouble().is_some() {
        desk.pass(Duration::from_millis(10)).await;
    }
    desk.pass(Duration::from_secs(3)).await;
    for id in ids {
        assert!(desk.jobs[&id].lifecycle().is_done(), "{:?}", desk.jobs[&id].phase);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_down_gets_at_most_five_requests_a_second() {
    let fake = Fake::default();
    fake.world().is_down = Some(ErrorKind::Server);
    let mut desk = Desk::open(fake);
    for n in 0..40 {
        let user = format!("user-{n}");
        desk.start(existing(&user, CardWork::New));
    }
    desk.pass(Duration::from_secs(120)).await;
    let times: Vec<_> = desk.fake.world().calls.iter().map(|(at, _)| *at).collect();
    // Those that were sent at once knew nothing of the trouble yet.
    let later: Vec<_> = times.iter().filter(|at| at.duration_since(times[0]) > Duration::from_millis(20)).collect();
    assert!(later.len() > 200, "they go on: {}", later.len());
    for window in later.windows(6) {
        assert!(window[5].duration_since(*window[0]) >= Duration::from_millis(950), "{window:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_time_gets_it() {
    let fake = Fake::default();
    fake.user("u", "u", None);
    let limited = SeamError { retry_after: Some(Duration::from_secs(30)), ..error(ErrorKind::Limited) };
    fake.fault("create_user", Fault::Fail(limited));
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    let job = desk.job(id, |job| matches!(job.phase, Phase::Waiting { .. })).await;
    assert_eq!(offered(&job), [Offer::Withdraw], "it is not hurried");
    let at = tokio::time::Instant::now();
    let asked = desk.fake.world().calls.len();
    // Nor by another job.
    let mut group_only = existing("u", CardWork::None);
    group_only.add = vec![named("spa")];
    let other = desk.start(group_only);
    desk.pass(Duration::from_secs(29)).await;
    assert_eq!(desk.fake.world().calls.len(), asked);
    desk.done(other).await;
    desk.done(id).await;
    assert!(at.elapsed() >= Duration::from_secs(30));
    assert_eq!(desk.fake.world().users.len(), 2, "it was not carried out the first time, so nothing is read back");
    assert!(
        !desk
            .updates
            .iter()
            .any(|one| { matches!(one, Update::Job(job) if matches!(job.phase, Phase::ReadingBack { .. })) })
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_refused_is_a_question_and_the_line_tells_it() {
    let fake = Fake::default();
    fake.world().is_down = Some(ErrorKind::Unauthorized);
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    let (_, question) = desk.asks(id).await;
    assert!(matches!(question, Question::Refused(error) if error.kind == ErrorKind::Unauthorized));
    assert_eq!(desk.health.trouble().map(|error| error.kind), Some(ErrorKind::Unauthorized));
    desk.fake.world().is_down = None;
    desk.answer(id, Decision::TryAgain).await;
    desk.done(id).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_refused_while_reading_back_loses_nothing() {
    let fake = Fake::default();
    fake.fault("create_user", Fault::silently());
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    desk.job(id, |job| matches!(job.phase, Phase::ReadingBack { .. })).await;
    desk.fake.world().is_down = Some(ErrorKind::Unauthorized);
    let (job, _) = desk.asks(id).await;
    assert_eq!(offered(&job), [Offer::TryAgain, Offer::Later], "what is not known can't be given up");
    desk.fake.world().is_down = None;
    let job = desk.answer(id, Decision::TryAgain).await;
    assert!(matches!(job.phase, Phase::ReadingBack { .. }));
    desk.done(id).await;
    assert_eq!(desk.fake.calls("create_user"), 1);
}

#[tokio::test(start_paused = true)]
async fn waits_grow_where_reading_goes_well_and_calls_do_not() {
    let fake = Fake::default();
    for _ in 0..6 {
        fake.fault("create_user", Fault::Fail(error(ErrorKind::Limited)));
    }
    let mut desk = Desk::open(fake);
    let id = desk.start(new_guest());
    desk.done(id).await;
    let world = desk.fake.world();
    let times: Vec<_> =
        world.calls.iter().filter(|(_, call)| call.starts_with("create_user")).map(|(at, _)| *at).collect();
    assert_eq!(times.len(), 7);
    assert!(times[6] - times[5] > Duration::from_secs(6), "{:?}", times[6] - times[5]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_never_whole_is_reread_slowly_never_believed() {
    let fake = Fake::default();
    fake.user("u", "u", None);
    fake.world().groups.insert("u".into(), vec!["spa".into()]);
    fake.fault("remove_from_group", Fault::Fail(error(ErrorKind::TimedOut)));
    let mut desk = Desk::open(fake);
    let mut order = existing("u", CardWork::None);
    (order.add, order.remove) = (Vec::new(), vec![named("spa")]);
    let id = desk.start(order);
    desk.job(id, |job| matches!(job.phase, Phase::ReadingBack { .. })).await;
    for _ in 0..10_000 {
        desk.fake.fault("groups_of", Fault::Fail(error(ErrorKind::Unreadable)));
    }
    let before = desk.fake.calls("groups_of");
    desk.pass(Duration::from_secs(3600)).await;
    let asked = desk.fake.calls("groups_of") - before;
    assert!((240..600).contains(&asked), "the waits grow to 15 s: {asked}");
    assert!(matches!(desk.jobs[&id].phase, Phase::ReadingBack { .. }));
    assert!(desk.jobs[&id].seq < 12, "it is kept once: {}", desk.jobs[&id].seq);
    assert_eq!(desk.fake.calls("remove_from_group"), 1);
    desk.fake.world().faults.clear();
    desk.done(id).await;
    assert_eq!(desk.fake.calls("remove_from_group"), 2);
    assert!(desk.fake.world().groups.values().all(Vec::is_empty));
}
