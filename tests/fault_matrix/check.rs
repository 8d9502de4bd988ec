//! What must be true whatever failed.

use std::collections::BTreeMap;
use std::sync::Arc;

use keydesk::domain::job::event::Event;
use keydesk::domain::job::fold::{begin, fold};
use keydesk::domain::job::order::{AccessChange, Guest};
use keydesk::domain::job::results::ChangeResult;
use keydesk::domain::job::steps::Step;
use keydesk::domain::job::{Job, JobId, StepState, offers};
use keydesk::engine::Update;
use keydesk::journal::Journal;
use keydesk::seam::types::{GroupId, UserId};

use serde_json::json;

use super::Flow;
use super::faults::takes_the_user;
use super::screen::{Screen, says_that_it_is_written};
use crate::support::blind_repeats::nothing_is_repeated_blindly;
use crate::support::engine_desk::Desk;
use crate::support::fake_api::{Fake, Fault};
use crate::support::journal_store::{JournalStore, OnDisk, at_once};
use crate::support::person::Person;

/// Looks at all that a desk said since: each state of the job has its sentence, and none claims too much.
pub fn see(desk: &mut Desk, screen: &mut Screen, seen: &mut Vec<Arc<Job>>) {
    for update in desk.updates.drain(..) {
        let Update::Job(job) = update else { continue };
        screen.has_a_sentence(&job);
        assert!(job.asks().is_none() || !offers(&job).is_empty(), "a question without an answer: {:?}", job.asks());
        if says_that_it_is_written(&job) {
            let writes = &desk.fake.world().writes;
            assert!(writes.last() == job.credential.as_ref(), "{:?} is told as written: {writes:?}", job.credential);
        }
        seen.push(job);
    }
}

/// One user, one card, and what is in the guest's hand is what the access system knows.
pub fn world(flow: &Flow, fake: &Fake, fault: Option<&Fault>, job: &Job, person: &Person) {
    let world = fake.world();
    let may_be_gone = takes_the_user(fault);
    assert!(job.lifecycle().is_done() || may_be_gone, "nothing kept it from being done: {:#?}", job.phase);
    let users: Vec<&UserId> = world.users.iter().map(|(id, _)| id).collect();
    assert!(users.len() <= 1, "one user: {users:?}");
    assert!(users.iter().all(|id| job.user.as_ref() == Some(*id)), "the job knows which: {users:?}");
    let is_deletion = job.order.access == Some(AccessChange::Delete);
    assert!(users.len() == 1 || may_be_gone || is_deletion, "the user is there");
    assert!(world.cards.len() <= 1, "one card credential: {:?}", world.cards);
    for card in &world.cards {
        assert_eq!(Some(&card.id), job.credential.as_ref(), "the job knows which");
    }
    assert_eq!(world.overlaps, Vec::<String>::new());
    assert!(world.writes.len() <= 1 + person.writes_again, "written twice without a person: {:?}", world.writes);
    let encoded = is_encoded(job);
    assert_eq!(encoded, !world.writes.is_empty(), "what the job says of the card: {:?}", world.writes);
    if encoded {
        assert_eq!(world.writes.last(), job.credential.as_ref(), "the credential that the job names is on the card");
    }
    if is_deletion {
        assert!(users.is_empty() && world.cards.is_empty(), "the user is gone, with the card: {users:?}");
        assert!(job.lifecycle().is_done(), "who is gone already is as deleted: {:#?}", job.phase);
    }
    if may_be_gone || is_deletion {
        return;
    }
    let row = &world.users[0].1;
    if let Some(schedule) = job.order.schedule {
        assert_eq!(row["access_schedule"]["ends_at"], json!(schedule.ends_at), "the departure is what was typed");
    }
    if let Guest::New(guest) = &job.order.guest {
        assert_eq!(row["phone_number"], json!(guest.phone_number));
    }
    if let Some(name) = job.order.details.as_ref().and_then(|details| details.full_name.as_ref()) {
        assert_eq!(row["full_name"], json!(name));
    }
    assert_eq!(row["is_suspended"] == true, job.order.access == Some(AccessChange::Suspend));
    let results = job.results();
    assert!(results.iter().all(|(_, result)| matches!(result, ChangeResult::Done(_))), "{results:?}");
    let mut groups = world.groups[users[0]].clone();
    groups.sort();
    assert_eq!(groups, flow.groups.iter().map(|id| GroupId::from(*id)).collect::<Vec<_>>());
    assert!(job.steps.iter().all(|record| is_done(&record.state)), "all is done: {:?}", job.steps);
    assert_eq!(encoded, flow.has_card);
    assert_eq!(world.cards.len(), usize::from(flow.has_card));
    assert!(world.cards.iter().all(|card| card.is_issued), "the access system knows that it is written");
}

fn is_encoded(job: &Job) -> bool {
    job.steps.iter().any(|record| is_done(&record.state) && record.step == Step::Encode)
}

fn is_done(state: &StepState) -> bool {
    matches!(state, StepState::Done(_))
}

/// The file, opened again, tells each state that was on the screen, and nothing is open any more.
pub fn record(store: &OnDisk, id: JobId, end: &Job, seen: &[Arc<Job>], dead: Option<&str>) {
    let journal = store.open();
    let history = at_once(journal.history(id)).unwrap();
    let (early, seen): (Vec<&Arc<Job>>, Vec<_>) = seen.iter().partition(|job| job.unrecorded.is_some());
    let seen: BTreeMap<u64, &Arc<Job>> = seen.into_iter().map(|job| (job.seq, job)).collect();
    let early: BTreeMap<u64, &Arc<Job>> = early.into_iter().map(|job| (job.seq, job)).collect();
    let mut job = begin(id, &history[0]).unwrap();
    for (entry, seq) in history.iter().zip(1..) {
        assert_eq!(entry.seq, seq, "no entry is missing");
        job = fold(job, entry);
        if let Some(shown) = seen.get(&seq) {
            assert_eq!(job, ***shown, "the record tells what the screen showed");
        }
        // Shown as written before the record had it: all else is what the record tells.
        if let Some(shown) = early.get(&seq) {
            assert_eq!(job, Job { unrecorded: None, ..(***shown).clone() }, "only the written card is ahead");
        }
        if let Some(shown) = early.get(&(seq - 1)) {
            let number = shown.unrecorded.as_ref().and_then(|written| written.card_number.clone());
            let is_told = is_encoded(&job) && job.card_number == number;
            let has_died = matches!(entry.event, Event::Resumed { .. });
            assert!(is_told || has_died, "what was shown came into the record, or its process died: {entry:?}");
        }
    }
    assert_eq!(job, *end, "the record tells how it ended");
    nothing_is_repeated_blindly(id, &history).unwrap();
    assert_eq!(at_once(journal.open_jobs()).unwrap(), [], "it is closed");
    let claims = at_once(journal.claims()).unwrap();
    assert!(claims.iter().all(|lease| dead == Some(lease.holder.id.as_str())), "the living gave back: {claims:?}");
}
