//! What is read by itself, and when: the schedule by messages and times made by hand.

use jiff::{SignedDuration, Timestamp};
use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::domain::directory::SystemTrouble;
use keydesk::domain::directory::person::prepare;
use keydesk::domain::fact::Fact;
use keydesk::domain::query::Query;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::rng::Rng;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::key::{KeyPlace, KeyRefusal, KeyTrouble};
use keydesk::seam::types::SeamEvent;
use keydesk::terminal::run::Program;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// A desk at which somebody has worked for two minutes: the schedule has its rhythm.
fn used() -> Desk {
    let mut desk = Desk::open();
    desk.live(minutes(2));
    desk.press("Down");
    desk.press("Up");
    desk.live(seconds(20));
    desk.program.asked.clear();
    desk
}

/// How often something was asked since the log was cleared.
fn times(desk: &Desk, wanted: &Query) -> usize {
    desk.program.asked.iter().filter(|(_, query)| query == wanted).count()
}

fn chosen(desk: &Desk) -> Query {
    Query::User(desk.model().ctx.selected.clone().unwrap())
}

/// The most requests in any minute, of what was asked from a moment on.
fn most_in_a_minute(desk: &Desk, from: Timestamp) -> u32 {
    let asked: Vec<_> = desk.program.asked.iter().filter(|(at, _)| *at >= from).collect();
    let in_minute = |begin: Timestamp| {
        let within = asked.iter().filter(|(at, _)| *at >= begin && *at < begin + minutes(1));
        within.map(|(_, query)| query.cost()).sum()
    };
    asked.iter().map(|(at, _)| in_minute(*at)).max().unwrap_or(0)
}

fn event(id: u64, kind: &str, about: &str, subject: &str) -> SeamEvent {
    from(json!({"event_id": id.to_string(), "event_type": kind, "acs_system_id": "s-1", about: subject}))
}

#[test]
fn each_thing_has_its_turn_while_somebody_works() {
    let mut desk = used();
    let (requests, frames) = desk.live(minutes(2));
    let guest = chosen(&desk);
    for (query, wanted) in
        [(Query::Events, 24), (Query::System, 12), (Query::Encoders, 12), (guest, 12), (Query::Groups, 2)]
    {
        assert!(times(&desk, &query).abs_diff(wanted) <= 1, "{query:?}: {} times", times(&desk, &query));
    }
    // The rota: everything else once in two minutes, and nothing much more often.
    for query in [Query::UsersPage, Query::CredentialsPage] {
        assert!((1..=2).contains(&times(&desk, &query)), "{query:?}");
    }
    for name in world::group_names() {
        let query = Query::UsersOf(world::group(name));
        assert!((1..=2).contains(&times(&desk, &query)), "{query:?}: {} times", times(&desk, &query));
    }
    assert!(requests <= 120, "{requests} requests in two minutes");
    assert_eq!(frames, 0, "nothing changed, nothing is drawn");
}

#[test]
fn whoever_presses_which_keys_the_budget_holds() {
    for seed in 0..6 {
        let mut rng = Rng::new(seed);
        let mut desk = Desk::open();
        desk.program.asked.clear();
        let begin = desk.now;
        let mut number = 0;
        while desk.now < begin + minutes(60) {
            // Sometimes a hectic minute, sometimes long rests, sometimes a stranger who does much.
            let rest = if rng.below(40) == 0 { 90_000 } else { 100 + 100 * i64::try_from(rng.below(80)).unwrap() };
            desk.live(SignedDuration::from_millis(rest));
            desk.press(["Down", "Up", "PgDn", "PgUp", "End", "Home", "Down"][rng.below(7)]);
            if rng.below(4) == 0 {
                let made = (0..rng.below(20)).map(|_| {
                    number += 1;
                    event(number, "acs_user.created", "acs_user_id", &format!("stranger-{number}"))
                });
                let made = made.collect();
                desk.tell(BackendMsg::Events(made));
            }
        }
        let most = most_in_a_minute(&desk, begin);
        assert!((50..=60).contains(&most), "seed {seed}: {most} requests in a minute");
        let idle = desk.now + minutes(10);
        desk.live(minutes(60));
        let most = most_in_a_minute(&desk, idle);
        assert!((12..=18).contains(&most), "seed {seed}: {most} requests in a minute while nobody works");
        let events = desk.program.asked.iter().filter(|(at, query)| *at >= idle && *query == Query::Events).count();
        assert!(events >= 12 * 50 - 1, "seed {seed}: events keep coming: {events}");
        let is_of_rota = |query: &Query| {
            matches!(query, Query::UsersPage | Query::CredentialsPage | Query::UsersOf(_) | Query::EntrancesOf(_))
        };
        let rota = desk.program.asked.iter().filter(|(at, query)| *at >= idle && is_of_rota(query)).count();
        assert!(rota >= 36, "seed {seed}: the rota goes on: {rota}");
    }
}

#[test]
fn events_keep_coming_while_a_clerk_runs_through_the_guests() {
    let mut desk = used();
    for _ in 0..300 {
        desk.press("Down");
        desk.live(SignedDuration::from_millis(200));
        if desk.selected_name().contains("Zimmer") {
            desk.press("Home");
        }
    }
    assert!(times(&desk, &Query::Events) >= 11, "{}", times(&desk, &Query::Events));
    let begin = desk.program.asked[0].0;
    assert!(most_in_a_minute(&desk, begin) <= 60);
}

#[test]
fn a_key_after_a_long_rest_brings_the_pace_back_at_once() {
    let mut desk = used();
    desk.live(minutes(30));
    desk.program.asked.clear();
    desk.press("?");
    let guest = chosen(&desk);
    desk.live(seconds(1));
    for query in [Query::Events, Query::System, guest, Query::UsersPage] {
        assert_eq!(times(&desk, &query), 1, "{query:?}");
    }
    desk.live(seconds(6));
    for query in [Query::Encoders, Query::Groups, Query::CredentialsPage] {
        assert_eq!(times(&desk, &query), 1, "{query:?}");
    }
    desk.live(seconds(53));
    let idle_now = times(&desk, &Query::System);
    assert!((5..=7).contains(&idle_now), "{idle_now}");
}

#[test]
fn after_a_sleep_the_lists_are_read_without_a_word() {
    let mut desk = used();
    let before = desk.screen_text();
    let load = desk.model().ctx.directory.load();
    // The machine sleeps: the wall clock jumps, no deadline is met on the way.
    desk.now += SignedDuration::from_mins(8);
    let at = desk.now;
    desk.program.asked.clear();
    desk.program.deadline_passed(at);
    desk.live(seconds(10));
    for query in [Query::Events, Query::Groups, Query::UsersPage, Query::CredentialsPage] {
        assert!(times(&desk, &query) >= 1, "{query:?}");
    }
    assert_eq!(times(&desk, &Query::Everything), 0);
    assert!(desk.model().ctx.directory.load() > load);
    assert_eq!(desk.screen_text(), before);
}

#[test]
fn what_an_event_tells_is_read_at_once_and_what_is_known_is_not() {
    let mut desk = used();
    let known = event(1, "acs_user.created", "acs_user_id", "u-john");
    let new = event(2, "acs_user.created", "acs_user_id", "u-new");
    let odd = event(3, "acs_user.painted", "acs_user_id", "u-new");
    desk.tell(BackendMsg::Events(vec![known, new, odd]));
    desk.live(seconds(5));
    assert_eq!(times(&desk, &Query::User("u-new".into())), 1);
    assert_eq!(times(&desk, &Query::User("u-john".into())), 0);
    desk.program.asked.clear();
    // Doors that come are in a group of nobody knows which: those of the selected guest are read first.
    let guest = desk.model().ctx.selected.clone().unwrap();
    desk.tell(BackendMsg::Events(vec![event(4, "acs_entrance.added", "acs_entrance_id", "gate")]));
    desk.live(seconds(8));
    for group in world::groups_of(guest.as_str()) {
        assert_eq!(times(&desk, &Query::EntrancesOf(group.clone())), 1, "{group:?}");
    }
    desk.program.asked.clear();
    desk.tell(BackendMsg::Events(vec![event(5, "acs_access_group.deleted", "acs_access_group_id", "g-Gym")]));
    desk.live(seconds(2));
    assert_eq!(times(&desk, &Query::Groups), 1);
}

#[test]
fn an_answer_that_a_job_of_the_desk_has_overtaken_is_asked_again() {
    let mut desk = Desk::open();
    desk.choose("Eva Brandt");
    desk.wait(2_500);
    let load = desk.model().ctx.directory.load();
    desk.program.asked.clear();
    let card = |issued: bool| Fact::Credential(Box::new(from(world::card("u-eva", issued, None))));
    desk.tell(BackendMsg::Fact(None, Box::new(card(true))));
    desk.see("card ok");
    let row = desk.line("Brandt, Eva");
    let late = Fact::CredentialsOf("u-eva".into(), Ok(vec![from(world::card("u-eva", false, None))]));
    desk.tell(BackendMsg::Fact(Some(load), Box::new(late)));
    assert_eq!(desk.line("Brandt, Eva"), row);
    desk.tell(BackendMsg::Answered(load, chosen(&desk), None));
    assert_eq!(times(&desk, &chosen(&desk)), 1);
    desk.wait(9_000);
    assert_eq!(times(&desk, &chosen(&desk)), 1, "once is enough");
}

#[test]
fn while_the_key_is_refused_or_a_pause_is_asked_for_nothing_piles_up() {
    for is_pause in [false, true] {
        let mut desk = used();
        if is_pause {
            desk.tell(BackendMsg::Pause(minutes(1)));
        } else {
            let trouble = KeyTrouble { why: KeyRefusal::NotAccepted, place: KeyPlace::default() };
            desk.tell(BackendMsg::Key(Some(trouble)));
        }
        desk.live(seconds(1));
        desk.program.asked.clear();
        for _ in 0..18 {
            desk.press("Down");
            desk.live(seconds(3));
        }
        assert_eq!(desk.program.asked, [], "pause: {is_pause}");
        let end = desk.now;
        if !is_pause {
            desk.tell(BackendMsg::Key(None));
        }
        desk.live(seconds(20));
        assert!((1..=3).contains(&times(&desk, &chosen(&desk))), "pause: {is_pause}");
        desk.live(minutes(2));
        assert!(times(&desk, &Query::UsersPage) >= 1);
        assert!(most_in_a_minute(&desk, end) <= 60);
    }
}

#[test]
fn entrances_that_could_not_be_read_are_tried_again_within_minutes() {
    let mut desk = used();
    desk.choose("John Doe");
    let room = Query::EntrancesOf(world::group("Room 204"));
    let door = event(1, "acs_entrance.added", "acs_entrance_id", "new-door");
    desk.tell(BackendMsg::Events(vec![door]));
    let failed = SeamError::new(ErrorKind::Server, "a fault of its own");
    let end = desk.now + minutes(20);
    let mut tries = Vec::new();
    while desk.now < end {
        desk.wait(500);
        for effect in desk.effects() {
            let Effect::Fetch(load, query) = effect else { continue };
            if query == room && tries.len() < 3 {
                tries.push(desk.now);
                desk.tell(BackendMsg::Answered(load, query, Some(Box::new(failed.clone()))));
            } else {
                tries.extend((query == room).then_some(desk.now));
                desk.answer(load, query);
            }
        }
    }
    let between: Vec<i64> = tries.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs()).collect();
    assert!(between.len() >= 3 && between[..3].iter().all(|seconds| (110..=300).contains(seconds)), "{between:?}");
    assert!(between[3..].iter().all(|seconds| *seconds >= 360), "once they were read, no more: {between:?}");
}

#[test]
fn a_flood_of_events_reads_the_lists_instead() {
    let mut desk = used();
    let flood = (0..300).map(|n| event(n, "acs_user.created", "acs_user_id", &format!("new-{n}"))).collect();
    desk.tell(BackendMsg::Events(flood));
    desk.live(minutes(1));
    assert!(times(&desk, &Query::UsersPage) >= 1);
    let single = desk.program.asked.iter().filter(|(_, query)| matches!(query, Query::User(_))).count();
    assert!(single < 15, "{single} read one by one");
    let begin = desk.program.asked[0].0;
    assert!(most_in_a_minute(&desk, begin) <= 60);
}

#[test]
fn a_server_without_events_is_not_asked_again_and_its_lists_are_read() {
    let mut desk = used();
    let lacks = SeamError { status: Some(404), ..SeamError::new(ErrorKind::NotFound, "Not Found") };
    let load = desk.model().ctx.directory.load();
    desk.tell(BackendMsg::Answered(load, Query::Events, Some(Box::new(lacks))));
    desk.effects();
    desk.program.asked.clear();
    desk.live(minutes(3));
    assert_eq!(times(&desk, &Query::Events), 0);
    assert!(times(&desk, &Query::UsersPage) >= 2);
    desk.press("Down");
    desk.live(minutes(8));
    assert!(times(&desk, &Query::Events) > 0, "asked again some time: it may have been a fault on the way");
}

#[test]
fn a_quiet_reading_that_fails_says_only_its_age() {
    let mut desk = used();
    let guest = chosen(&desk);
    let failed = SeamError::new(ErrorKind::Server, "a fault of its own");
    let before = desk.screen_text();
    desk.effects();
    let until = desk.now + minutes(12);
    let mut was_said_at = None;
    let begin = desk.now;
    while desk.now < until {
        desk.wait(1_000);
        for query in desk.queries() {
            let load = desk.model().ctx.directory.load();
            let fact = match &query {
                Query::User(user) => Some(Fact::User(user.clone(), Err(failed.clone()))),
                Query::System => Some(Fact::System(Err(SystemTrouble::Call(failed.clone())))),
                Query::Encoders => Some(Fact::Encoders(Err(failed.clone()))),
                Query::Groups => Some(Fact::Groups(Err(failed.clone()))),
                Query::UsersPage => Some(Fact::PeopleEnd(Err(failed.clone()))),
                Query::CredentialsPage => Some(Fact::CredentialsEnd(Err(failed.clone()))),
                Query::UsersOf(group) => Some(Fact::UsersOf(group.clone(), Err(failed.clone()))),
                _ => None,
            };
            if let Some(fact) = fact {
                desk.data(fact);
            }
            desk.tell(BackendMsg::Answered(load, query, Some(Box::new(failed.clone()))));
        }
        assert!(desk.model().toast.is_none());
        if was_said_at.is_none() && desk.screen_text() != before {
            was_said_at = Some(desk.now.duration_since(begin).as_secs());
        }
    }
    assert!((20..=32).contains(&was_said_at.unwrap()), "said after {was_said_at:?} s");
    // The names of the lists' ages: where it stands, and in the header.
    let screen = desk.screen_text();
    for place in ["key system link as of 14:3", "1 Users", "2 Access groups", "4 Encoders", "Credentials of"] {
        let line = screen.lines().find(|line| line.contains(place)).unwrap_or_else(|| panic!("{place}\n{screen}"));
        assert!(line.contains("as of 14:3"), "{place}: {line}");
    }
    desk.see_no("loading");
    assert!(times(&desk, &guest) <= 25, "not asked in a hurry: {}", times(&desk, &guest));
    desk.live(minutes(3));
    desk.see_no("as of");
}

#[test]
fn cursor_filter_dialog_and_text_stay_while_lists_are_read() {
    let mut desk = used();
    desk.choose("John Doe");
    desk.focus(PaneId::Groups);
    desk.keys("Down Down");
    desk.act(Action::NewGuest);
    desk.type_text("Jane R");
    let before = desk.screen_text();
    let (_, frames) = desk.live(minutes(5));
    assert_eq!((desk.screen_text(), frames), (before, 0));
}

#[test]
fn who_is_gone_at_the_end_of_a_pass_is_said_to_be_gone_and_enter_does_not_hit_the_next() {
    let mut desk = used();
    desk.choose("John Doe");
    while times(&desk, &Query::UsersPage) == 0 {
        desk.wait(1_000);
        let effects = desk.effects();
        for effect in effects {
            if let Effect::Fetch(load, query) = effect {
                if query == Query::UsersPage {
                    let others = world::users().into_iter().filter(|user| user.acs_user_id.as_str() != "u-john");
                    desk.tell(BackendMsg::Fact(Some(load), Box::new(Fact::People(prepare(others.collect())))));
                    desk.see("Doe, John");
                    desk.tell(BackendMsg::Fact(Some(load), Box::new(Fact::PeopleEnd(Ok(())))));
                } else {
                    desk.answer(load, query);
                }
            }
        }
    }
    desk.see("gone");
    desk.press("Enter");
    assert!(desk.model().dialogs.is_empty(), "Enter was meant for a guest who is not there");
    desk.press("Down");
    desk.see_no("Doe, John");
    desk.press("Enter");
    assert!(!desk.model().dialogs.is_empty());
}
