//! The job machine with random events: whatever answers, faults and decisions come, it does nothing twice.

mod drive;
mod events;
mod random_turns;
mod world;

use keydesk::domain::job::event::Entry;
use keydesk::domain::job::fold::replay;
use keydesk::domain::job::next::{Next, next};
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::steps::Step;
use keydesk::domain::job::{Phase, StepState, offers};
use proptest::prelude::*;

use drive::{Drive, Turn, order};
use events::event;
use random_turns::{any_order, fate, turn};
use world::{Fate, Meddling};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_done_twice_and_nothing_stands_still((order, cards) in any_order(), turns in prop::collection::vec(turn(), 1..120)) {
        let mut drive = Drive::start(order);
        drive.world.cards = cards;
        drive.world.users.push(("known".into(), false));
        for turn in &turns {
            drive.step(turn)?;
        }
        // At most one card credential, whatever failed: the server holds one at most, and we never left two.
        prop_assert!(drive.world.cards.len() <= 1);
        // Then nothing fails any more and nobody meddles: the job comes to its end.
        let clear = Turn { fate: Fate::Done, choice: 0, meddling: Meddling::None, dies: false, encode_error: None };
        for _ in 0..200 {
            drive.step(&clear)?;
        }
        prop_assert!(drive.job.lifecycle().is_ended(), "it never ends: {:?} {:?}", drive.job.phase, drive.job.steps);
        // A history that went through the journal gives the same job.
        let kept: Vec<Entry> = serde_json::from_str(&serde_json::to_string(&drive.history).unwrap()).unwrap();
        prop_assert_eq!(&kept, &drive.history);
        prop_assert_eq!(replay(drive.job.id, &kept).unwrap(), drive.job);
    }

    #[test]
    fn without_late_requests_or_decisions_one_user_is_created(
        fates in prop::collection::vec(fate().prop_filter("late", |fate| !matches!(fate, Fate::Late(_))), 1..80),
    ) {
        let mut drive = Drive::start(order(CardWork::New, true));
        for fate in fates {
            if drive.job.asks().is_some() {
                break;
            }
            drive.step(&Turn { fate, choice: 0, meddling: Meddling::None, dies: false, encode_error: None })?;
        }
        prop_assert!(drive.world.users_by_us <= 1);
        prop_assert!(drive.world.cards_by_us.len() <= 1);
    }

    #[test]
    fn any_order_of_events_folds(events in prop::collection::vec(event(), 0..60), (order, _) in any_order()) {
        let mut drive = Drive::start(order);
        for event in events {
            drive.append(event);
            let _ = offers(&drive.job);
            if let Next::Ask(question) = next(&drive.job, drive.at) {
                prop_assert_eq!(drive.job.asks(), Some(&question));
            }
            let is_done = drive.job.steps.iter().all(|record| matches!(record.state, StepState::Done(_)));
            prop_assert!(!matches!(drive.job.phase, Phase::Working) || !is_done || drive.job.progress.twin_watch.is_some());
        }
    }
}

#[test]
fn a_step_that_is_done_already_is_not_called() {
    let mut drive = Drive::start(order(CardWork::None, false));
    drive.world.groups = vec!["g1".into(), "g2".into()];
    let clear = Turn { fate: Fate::Done, choice: 0, meddling: Meddling::None, dies: false, encode_error: None };
    for _ in 0..20 {
        drive.step(&clear).unwrap();
    }
    assert!(drive.job.lifecycle().is_done());
    assert_eq!(drive.calls, []);
    assert!(drive.job.steps.iter().any(|record| matches!(record.step, Step::RemoveFromGroup(_))));
}
