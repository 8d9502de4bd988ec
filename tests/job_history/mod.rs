//! The shapes in which a job's history is kept. They are on disks: what was written once stays readable. A change of
//! shape gets a new version and keeps reading these lines.

use std::fmt::Write;
use std::time::Duration;

use keydesk::domain::job::command::Decision;
use keydesk::domain::job::event::{AttemptEnd, CallOutcome, Entry, Event, FORMAT, Intent};
use keydesk::domain::job::fold::{begin, fold, replay};
use keydesk::domain::job::look::{Card, Namesake, Ready, Seen, UserFailed};
use keydesk::domain::job::next::{Next, next};
use keydesk::domain::job::order::{AccessChange, BatchId, CardWork, Details, Guest, Named, NewGuest, Order, Schedule};
use keydesk::domain::job::results::{ChangeResult, OrderedChange};
use keydesk::domain::job::{Job, JobId, Offer, Question, Why, offers};
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::types::{AttemptError, EndsAt};
use serde_json::{Value, json};
use uuid::Uuid;

fn named<Id: for<'a> From<&'a str>>(id: &str, name: &str) -> Named<Id> {
    Named { id: id.into(), name: name.into() }
}

fn schedule() -> Schedule {
    Schedule { starts_at: None, ends_at: Some("2026-11-28T11:00:00Z".parse().unwrap()) }
}

fn order() -> Order {
    let guest = Guest::New(NewGuest {
        full_name: "Jane Doe".into(),
        phone_number: Some("+15555550100".into()),
        email_address: None,
        known_namesakes: vec!["u0".into()],
    });
    Order {
        schedule: Some(schedule()),
        add: vec![named("g1", "Room 204")],
        card: CardWork::New,
        encoder: Some(named("e1", "Front Desk")),
        room: Some("204".into()),
        until: EndsAt::At("2026-11-28T11:00:00Z".parse().unwrap()),
        ..Order::of(guest)
    }
}

fn error() -> SeamError {
    SeamError {
        code: "internal_server_error".into(),
        status: Some(500),
        request_id: Some("r1".into()),
        retry_after: Some(Duration::from_secs(2)),
        validation: [("full_name".to_owned(), vec!["Required".to_owned()])].into(),
        ..SeamError::new(ErrorKind::Server, "it broke")
    }
}

fn error_json() -> Value {
    json!({"kind": "server", "code": "internal_server_error", "message": "it broke",
        "validation": {"full_name": ["Required"]}, "data": null, "status": 500, "request_id": "r1",
        "retry_after": {"secs": 2, "nanos": 0}})
}

fn card(id: &str) -> Card {
    Card { id: id.into(), is_issued: true, is_going: false }
}

fn looked(seen: Seen) -> Event {
    Event::Looked { seen }
}

fn intended(intent: Intent) -> Event {
    Event::Intended { intent }
}

fn answered(answer: CallOutcome) -> Event {
    Event::Answered { answer }
}

fn decided(decision: Decision) -> Event {
    Event::Decided { decision, by: "Kim".into() }
}

/// Every event with the line that keeps it.
fn samples() -> Vec<(Event, Value)> {
    let order_with = |guest: Value, card: Value| {
        json!({"guest": guest, "schedule": {"starts_at": null, "ends_at": "2026-11-28T11:00:00Z"}, "add": [{"id": "g1", "name": "Room 204"}], "remove": [], "card": card,
            "encoder": {"id": "e1", "name": "Front Desk"}, "room": "204", "until": "2026-11-28T11:00:00Z"})
    };
    let new = json!({"new": {"full_name": "Jane Doe", "phone_number": "+15555550100", "email_address": null,
        "known_namesakes": ["u0"]}});
    let existing = json!({"existing": {"id": "u1", "name": "Jane Doe"}});
    let started = |order: Order| Event::Started { order: Box::new(order), by: "Kim".into() };
    let for_existing = |card| Order { guest: Guest::Existing(named("u1", "Jane Doe")), card, ..order() };
    let card_json = json!({"id": "c1", "is_issued": true, "is_going": false});
    let namesake = Namesake {
        id: "u1".into(),
        name: "Jane Doe".into(),
        contact: Some("+15555550100".into()),
        same_name: true,
        same_contact: false,
    };
    let ready = Ready {
        user_failed: Some(UserFailed { message: Some("no licence".into()) }),
        cards: vec![card("c1")],
        written: vec!["v1".into()],
    };
    let mut samples = vec![
        (started(order()), json!({"what": "started", "order": order_with(new, json!("new")), "by": "Kim"})),
        (
            looked(Seen::Namesakes(vec![namesake])),
            json!({"what": "looked", "seen": {"namesakes": [{"id": "u1", "name": "Jane Doe",
                "contact": "+15555550100", "same_name": true, "same_contact": false}]}}),
        ),
        (looked(Seen::Groups(vec!["g1".into()])), json!({"what": "looked", "seen": {"groups": ["g1"]}})),
        (looked(Seen::Cards(vec![card("c1")])), json!({"what": "looked", "seen": {"cards": [card_json]}})),
        (looked(Seen::Credential(Some(card("c1")))), json!({"what": "looked", "seen": {"credential": card_json}})),
        (looked(Seen::Credential(None)), json!({"what": "looked", "seen": {"credential": null}})),
        (looked(Seen::User), json!({"what": "looked", "seen": "user"})),
        (
            looked(Seen::Details { as_wanted: false, starts_at: None }),
            json!({"what": "looked", "seen": {"details": {"as_wanted": false, "starts_at": null}}}),
        ),
        (looked(Seen::UserGone), json!({"what": "looked", "seen": "user_gone"})),
        (
            looked(Seen::Ready(ready)),
            json!({"what": "looked", "seen": {"ready": {"user_failed": {"message": "no licence"},
                "cards": [card_json], "written": ["v1"]}}}),
        ),
        (Event::Read { seen: Seen::User }, json!({"what": "read", "seen": "user"})),
        (intended(Intent::CreateUser), json!({"what": "intended", "intent": "create_user"})),
        (
            intended(Intent::AddToGroup { user: "u1".into(), group: "g1".into() }),
            json!({"what": "intended", "intent": {"add_to_group": {"user": "u1", "group": "g1"}}}),
        ),
        (
            intended(Intent::RemoveFromGroup { user: "u1".into(), group: "g1".into() }),
            json!({"what": "intended", "intent": {"remove_from_group": {"user": "u1", "group": "g1"}}}),
        ),
        (
            intended(Intent::DeleteCredential { credential: "c1".into() }),
            json!({"what": "intended", "intent": {"delete_credential": {"credential": "c1"}}}),
        ),
        (
            intended(Intent::CreateCredential { user: "u1".into(), assign_new_key: false }),
            json!({"what": "intended", "intent": {"create_credential": {"user": "u1", "assign_new_key": false}}}),
        ),
        (
            intended(Intent::Encode { credential: "c1".into(), encoder: "e1".into() }),
            json!({"what": "intended", "intent": {"encode": {"credential": "c1", "encoder": "e1"}}}),
        ),
        (
            intended(Intent::UpdateUser {
                user: "u1".into(),
                details: Details {
                    full_name: Some("Jane Roe".into()),
                    phone_number: Some("+15555550100".into()),
                    email_address: None,
                },
                schedule: Some(Schedule { starts_at: Some("2026-11-24T10:00:00Z".parse().unwrap()), ..schedule() }),
            }),
            json!({"what": "intended", "intent": {"update_user": {
                "user": "u1",
                "details": {"full_name": "Jane Roe", "phone_number": "+15555550100", "email_address": null},
                "schedule": {"starts_at": "2026-11-24T10:00:00Z", "ends_at": "2026-11-28T11:00:00Z"},
            }}}),
        ),
        (
            intended(Intent::SetSuspension { user: "u1".into(), is_suspended: true }),
            json!({"what": "intended", "intent": {"set_suspension": {"user": "u1", "is_suspended": true}}}),
        ),
        (looked(Seen::Suspension(false)), json!({"what": "looked", "seen": {"suspension": false}})),
        (
            started(Order {
                details: Some(Details { full_name: Some("Jane Roe".into()), ..Details::default() }),
                schedule: Some(schedule()),
                access: Some(AccessChange::Unsuspend),
                remove: vec![named("g2", "Gym")],
                batch: Some(BatchId(Uuid::nil())),
                ..Order::of(Guest::Existing(named("u1", "Jane Doe")))
            }),
            json!({"what": "started", "by": "Kim", "order": {
                "guest": existing,
                "details": {"full_name": "Jane Roe", "phone_number": null, "email_address": null},
                "schedule": {"starts_at": null, "ends_at": "2026-11-28T11:00:00Z"},
                "access": "unsuspend",
                "add": [], "remove": [{"id": "g2", "name": "Gym"}], "card": "none", "encoder": null, "room": null,
                "until": null, "batch": "00000000-0000-0000-0000-000000000000",
            }}),
        ),
        (
            intended(Intent::DeleteUser { user: "u1".into() }),
            json!({"what": "intended", "intent": {"delete_user": {"user": "u1"}}}),
        ),
        (answered(CallOutcome::Done), json!({"what": "answered", "answer": "done"})),
        (answered(CallOutcome::User("u1".into())), json!({"what": "answered", "answer": {"user": "u1"}})),
        (answered(CallOutcome::Credential("c1".into())), json!({"what": "answered", "answer": {"credential": "c1"}})),
        (answered(CallOutcome::Attempt("a1".into())), json!({"what": "answered", "answer": {"attempt": "a1"}})),
        (answered(CallOutcome::Written), json!({"what": "answered", "answer": "written"})),
        (Event::Refused { error: error() }, json!({"what": "refused", "error": error_json()})),
        (Event::Lost { error: error() }, json!({"what": "lost", "error": error_json()})),
        (
            Event::Delayed { until: "2026-11-24T10:00:05Z".parse().unwrap(), error: error() },
            json!({"what": "delayed", "until": "2026-11-24T10:00:05Z", "error": error_json()}),
        ),
        (
            Event::Attempt {
                end: AttemptEnd::Success { credential: Some("c1".into()), card_number: Some("1234abc".into()) },
            },
            json!({"what": "attempt", "end": {"success": {"credential": "c1", "card_number": "1234abc"}}}),
        ),
        (
            Event::Attempt {
                end: AttemptEnd::Error(AttemptError { code: "no_credential_on_encoder".into(), message: None }),
            },
            json!({"what": "attempt", "end": {"error": {"type": "no_credential_on_encoder", "message": null}}}),
        ),
        (Event::Lingers, json!({"what": "lingers"})),
        (Event::Queued, json!({"what": "queued"})),
        (Event::Granted, json!({"what": "granted"})),
        (
            Event::Resumed { by: "desk-2".into(), why: Why::Takeover, is_old: true },
            json!({"what": "resumed", "by": "desk-2", "why": "takeover", "is_old": true}),
        ),
        (Event::QueuedBehind { by: "desk-2".into() }, json!({"what": "queued_behind", "by": "desk-2"})),
        (Event::GuestInWork { by: None }, json!({"what": "guest_in_work", "by": null})),
        (decided(Decision::GoOn), json!({"what": "decided", "decision": "go_on", "by": "Kim"})),
    ];
    let works = [
        (CardWork::None, json!("none")),
        (CardWork::EncodeAgain("c1".into()), json!({"encode_again": "c1"})),
        (CardWork::Update("c1".into()), json!({"update": "c1"})),
        (CardWork::Replace("c1".into()), json!({"replace": "c1"})),
        (CardWork::Cancel("c1".into()), json!({"cancel": "c1"})),
    ];
    for (work, kept) in works {
        let order = order_with(existing.clone(), kept);
        samples.push((started(for_existing(work)), json!({"what": "started", "order": order, "by": "Kim"})));
    }
    let decisions = [
        (Decision::TryAgain, json!("try_again")),
        (Decision::TryOn(named("e2", "Bar")), json!({"try_on": {"id": "e2", "name": "Bar"}})),
        (Decision::ReplaceCard, json!("replace_card")),
        (Decision::NewCredential, json!("new_credential")),
        (Decision::CallItWritten, json!("call_it_written")),
        (Decision::UseUser("u1".into()), json!({"use_user": "u1"})),
        (Decision::CreateAnyway, json!("create_anyway")),
        (Decision::UseFound, json!("use_found")),
        (Decision::DeleteTwin("u1".into()), json!({"delete_twin": "u1"})),
        (Decision::KeepBoth, json!("keep_both")),
        (Decision::Later, json!("later")),
        (Decision::Withdraw, json!("withdraw")),
    ];
    for (decision, kept) in decisions {
        samples.push((decided(decision), json!({"what": "decided", "decision": kept, "by": "Kim"})));
    }
    samples
}

#[test]
fn every_event_is_kept_in_its_shape_and_read_from_it() {
    for (event, kept) in samples() {
        assert_eq!(serde_json::to_value(&event).unwrap(), kept);
        assert_eq!(serde_json::from_value::<Event>(kept).unwrap(), event);
    }
}

#[test]
fn a_resumption_that_was_kept_without_a_reason_is_a_restart() {
    let kept = json!({"what": "resumed", "by": "desk-2"});
    let event = Event::Resumed { by: "desk-2".into(), why: Why::Restart, is_old: false };
    assert_eq!(serde_json::from_value::<Event>(kept).unwrap(), event);
}

#[test]
fn an_entry_carries_its_version() {
    let entry = Entry { v: FORMAT, seq: 3, at: "2026-11-24T10:00:00Z".parse().unwrap(), event: Event::Queued };
    let kept = r#"{"v":2,"seq":3,"at":"2026-11-24T10:00:00Z","event":{"what":"queued"}}"#;
    assert_eq!(serde_json::to_string(&entry).unwrap(), kept);
    assert_eq!(serde_json::from_str::<Entry>(kept).unwrap(), entry);
}

#[test]
fn what_a_newer_version_wrote_is_kept_and_stops_the_job() {
    let strange = [
        json!({"what": "teleported", "to": {"room": 204}}),
        json!({"what": "looked", "seen": {"auras": ["green"]}}),
        json!({"what": "decided", "decision": "sing", "by": "Kim"}),
    ];
    for kept in strange {
        let event: Event = serde_json::from_value(kept.clone()).unwrap();
        assert_eq!(event, Event::Unknown(kept.clone()));
        assert_eq!(serde_json::to_value(&event).unwrap(), kept, "nothing of it is lost");

        let at = "2026-11-24T10:00:00Z".parse().unwrap();
        let start = Event::Started { order: Box::new(order()), by: "Kim".into() };
        let job = begin(JobId(Uuid::nil()), &Entry { v: FORMAT, seq: 1, at, event: start }).unwrap();
        let job = fold(job, &Entry { v: FORMAT + 1, seq: 2, at, event });
        assert_eq!(next(&job, at), Next::Ask(Question::Unreadable));
        assert_eq!(offers(&job), [Offer::Later, Offer::Withdraw]);
        // What comes after it does not make the job act on half a story.
        let after = Entry { v: FORMAT + 1, seq: 3, at, event: intended(Intent::CreateUser) };
        assert_eq!(next(&fold(job, &after), at), Next::Ask(Question::Unreadable));
    }
}

fn kept(v: u16, seq: u64, event: Event) -> Entry {
    Entry { v, seq, at: "2026-11-24T10:00:00Z".parse().unwrap(), event }
}

fn begun() -> Job {
    let start = Event::Started { order: Box::new(order()), by: "Kim".into() };
    begin(JobId(Uuid::nil()), &kept(FORMAT, 1, start)).unwrap()
}

fn stands_still(job: &Job) {
    assert_eq!(job.asks(), Some(&Question::Unreadable));
    assert_eq!(offers(job), [Offer::Later, Offer::Withdraw]);
    assert!(!job.lifecycle().is_done() && !job.lifecycle().needs_nobody());
}

#[test]
fn a_job_that_a_newer_version_started_is_there_all_the_same() {
    let start = json!({"what": "started", "by": "Kim", "order": {
        "guest": {"new": {"full_name": "Jane\u{1b}[2J Doe", "pet": "dog"}}, "card": {"hologram": "gold"},
    }});
    let event: Event = serde_json::from_value(start.clone()).unwrap();
    assert_eq!(event, Event::Unknown(start));
    let job = begin(JobId(Uuid::nil()), &kept(FORMAT + 1, 1, event)).unwrap();
    stands_still(&job);
    assert_eq!(job.who(), "Jane[2J Doe");

    // What looks the same may mean more.
    let start = Event::Started { order: Box::new(order()), by: "Kim".into() };
    stands_still(&begin(JobId(Uuid::nil()), &kept(FORMAT + 1, 1, start)).unwrap());
    stands_still(&fold(begun(), &kept(FORMAT + 1, 2, Event::Looked { seen: Seen::Namesakes(Vec::new()) })));
}

#[test]
fn a_history_with_a_gap_is_not_followed() {
    stands_still(&fold(begun(), &kept(FORMAT, 3, Event::Looked { seen: Seen::Namesakes(Vec::new()) })));
}

#[test]
fn a_call_of_another_step_is_not_taken_for_this_one() {
    let looked = fold(begun(), &kept(FORMAT, 2, Event::Looked { seen: Seen::Namesakes(Vec::new()) }));
    stands_still(&fold(looked, &kept(FORMAT, 3, intended(Intent::DeleteUser { user: "u1".into() }))));
}

#[test]
fn a_look_at_something_else_does_not_make_the_job_look_for_ever() {
    stands_still(&fold(begun(), &kept(FORMAT, 2, Event::Looked { seen: Seen::User })));
    let looked = fold(begun(), &kept(FORMAT, 2, Event::Looked { seen: Seen::Namesakes(Vec::new()) }));
    let called = fold(looked, &kept(FORMAT, 3, intended(Intent::CreateUser)));
    stands_still(&fold(called, &kept(FORMAT, 4, Event::Read { seen: Seen::Groups(Vec::new()) })));
}

#[test]
fn a_history_that_does_not_begin_with_a_start_is_no_job() {
    let at = "2026-11-24T10:00:00Z".parse().unwrap();
    assert_eq!(replay(JobId(Uuid::nil()), &[]), None);
    assert_eq!(replay(JobId(Uuid::nil()), &[Entry { v: FORMAT, seq: 1, at, event: Event::Queued }]), None);
}

/// What a history that was kept once means must stay: a change of the fold is a change of every open job on disk.
#[test]
fn whole_histories_keep_their_meaning() {
    insta::assert_snapshot!("a_creation_that_was_lost_and_found", told(include_str!("histories/lost_and_found.jsonl")));
    insta::assert_snapshot!("a_card_that_was_written_twice", told(include_str!("histories/written_twice.jsonl")));
    insta::assert_snapshot!("a_stay_that_was_changed", told(include_str!("histories/stay_changed.jsonl")));
    insta::assert_snapshot!("a_check_out_that_was_given_up", told(include_str!("histories/checked_out.jsonl")));
}

/// Each state of a history's job.
fn told(history: &str) -> String {
    let entries: Vec<Entry> = history.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lengths = 1..=entries.len();
    let states = lengths.map(|length| {
        let job = replay(JobId(Uuid::nil()), &entries[..length]).unwrap();
        let mut told = format!("{} {:?} {:?}", job.seq, job.phase, job.progress.stage);
        for record in &job.steps {
            let _ = write!(told, "\n    {record:?}");
        }
        told
    });
    states.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_change_of_an_order_has_a_result() {
    let end = |history: &str| {
        let entries: Vec<Entry> = history.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        replay(JobId(Uuid::nil()), &entries).unwrap()
    };
    let results = |job: &Job| job.results().into_iter().map(|(_, result)| result).collect::<Vec<_>>();
    let done = |second: &str| ChangeResult::Done(format!("2026-11-26T10:00:{second}Z").parse().unwrap());
    let changed = end(include_str!("histories/stay_changed.jsonl"));
    assert_eq!(results(&changed), [done("04"), done("04"), done("08"), done("11"), done("19")]);
    let given_up = end(include_str!("histories/checked_out.jsonl"));
    assert_eq!(results(&given_up), [done("04"), ChangeResult::GivenUp]);
    assert_eq!(given_up.results()[0].0, OrderedChange::Access(AccessChange::Suspend));
    assert_eq!(given_up.results()[1].0, OrderedChange::Card(&CardWork::Cancel("c1".into())));
    assert_eq!(results(&begun()), [ChangeResult::Open; 3]);
}

#[test]
fn a_new_guest_without_a_departure_is_the_same_in_both_formats() {
    let started = |v: u16, guest: Value| {
        let order = json!({"guest": {"new": guest}, "add": [], "remove": [], "card": "new", "encoder": null, "room": null,
            "until": null});
        let entry = json!({"v": v, "seq": 1, "at": "2026-11-24T10:00:00Z",
            "event": {"what": "started", "by": "Kim", "order": order}});
        serde_json::from_value::<Entry>(entry).unwrap()
    };
    let guest = json!({"full_name": "Jane Doe", "phone_number": null, "email_address": null, "known_namesakes": []});
    let mut old = guest.clone();
    old["ends_at"] = Value::Null;
    assert_eq!(started(1, old), started(FORMAT, guest));
}
