//! Empty, loading and failed looks; stale data; reload; the line that breaks and comes back.

use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::component::ctx::Settings;
use keydesk::domain::directory::SystemTrouble;
use keydesk::domain::directory::person::prepare;
use keydesk::domain::fact::Fact;
use keydesk::domain::query::Query;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::ui::list::Move;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

fn fresh() -> Desk {
    Desk::fresh(world::settings(), (120, 36))
}

fn unreachable() -> SeamError {
    SeamError::new(ErrorKind::Unreachable, "connection refused")
}

#[test]
fn it_asks_for_everything_first_and_keys_work_meanwhile() {
    let mut desk = fresh();
    assert_eq!(desk.effects(), [Effect::Fetch(1, Query::Everything)]);
    for words in ["connecting …", "Reading the guests …", "Looking for encoders …", "Choose a guest to see card"]
    {
        desk.see(words);
    }
    desk.press("?");
    desk.see("Everywhere");
    desk.press("Esc");
    desk.act(Action::NewGuest);
    desk.see("The access system is not there yet.");
}

#[test]
fn each_pane_says_what_it_waits_for() {
    let mut desk = fresh();
    desk.data(Fact::System(Ok((world::system(), None))));
    desk.see("Reading the guests …");
    desk.see("Reading the access groups …");
    desk.data(Fact::People(prepare(world::users())));
    desk.see("20, loading");
    desk.press("Down");
    desk.see("Reading the credentials …");
    desk.data(Fact::PeopleEnd(Ok(())));
    desk.see_no("loading");
    // No card is said to be missing before the cards are known.
    desk.see_no("no card");
    desk.data(Fact::CredentialsEnd(Ok(())));
    desk.see("○ no card");
}

#[test]
fn an_empty_hotel_says_what_to_press() {
    let mut desk = fresh();
    desk.data(Fact::System(Ok((world::system(), None))));
    desk.data(Fact::Encoders(Ok(Vec::new())));
    desk.data(Fact::Groups(Ok(Vec::new())));
    desk.data(Fact::PeopleEnd(Ok(())));
    desk.data(Fact::CredentialsEnd(Ok(())));
    desk.see("No users yet. Press n for the first guest.");
    desk.see("No encoder is connected to this access system.");
    desk.see("What happens at this desk shows here.");
    desk.act(Action::Card);
    desk.see("Choose a guest first.");
}

#[test]
fn a_hotel_without_groups_says_where_they_are_made() {
    let mut desk = fresh();
    desk.data(Fact::System(Ok((world::system(), None))));
    desk.data(Fact::Groups(Ok(Vec::new())));
    desk.data(Fact::People(prepare(world::users())));
    desk.see("This access system has no groups. They are made in");
}

#[test]
fn what_failed_says_why_and_how_to_try_again() {
    let mut desk = fresh();
    desk.data(Fact::System(Ok((world::system(), None))));
    let gone = SeamError::new(ErrorKind::NotFound, "Not Found");
    desk.data(Fact::Encoders(Err(gone.clone())));
    desk.data(Fact::Groups(Err(gone.clone())));
    desk.data(Fact::PeopleEnd(Err(SeamError::new(ErrorKind::TimedOut, "x"))));
    desk.see("The server did not answer in time. Press r to");
    desk.data(Fact::People(prepare(world::users())));
    desk.data(Fact::CredentialsEnd(Err(SeamError::new(ErrorKind::Server, "x"))));
    assert_eq!(desk.screen_text().matches("This server does not offer that. Whoever").count(), 2);
    desk.see("The server has a fault of its own.");
    desk.see("20, not all: press r");
    desk.see("Álvarez, Lucía");
    desk.act(Action::Reload);
    desk.see_no("This server does not offer that");
    for data in world::everything() {
        desk.data(data);
    }
    desk.see("★ Front Desk   ○ not tried yet");
    desk.see("● card ok");
}

#[test]
fn no_system_in_all_its_forms() {
    for (trouble, header, sentence) in [
        (SystemTrouble::Call(unreachable()), "NO CONNECTION", "The server can't be reached"),
        (SystemTrouble::Call(SeamError::new(ErrorKind::Unauthorized, "x")), "KEY NOT ACCEPTED", "does not accept"),
        (SystemTrouble::None, "NO ACCESS SYSTEM", "has no access system"),
        (SystemTrouble::Several(vec!["Aurora".into(), "Annex".into()]), "NO ACCESS SYSTEM", "Aurora, Annex"),
        (SystemTrouble::NoSuch("Auora".into(), vec!["Aurora".into()]), "NO ACCESS SYSTEM", "\"Auora\""),
    ] {
        let mut desk = fresh();
        desk.data(Fact::System(Err(trouble)));
        desk.see(header);
        desk.see(sentence);
        desk.see_no("Reading the guests");
    }
}

#[test]
fn pages_of_an_older_loading_fall() {
    let mut desk = Desk::open();
    desk.act(Action::Reload);
    desk.see("Reading everything again.");
    assert!(desk.queries().contains(&Query::Everything));
    let old: keydesk::seam::types::User = from(json!({"acs_user_id": "u-old", "full_name": "Otto Alt"}));
    desk.old_data(Fact::People(prepare(vec![old])));
    desk.old_data(Fact::PeopleEnd(Ok(())));
    desk.old_data(Fact::CredentialsEnd(Ok(())));
    desk.see_no("Alt, Otto");
    desk.see("20, loading");
    desk.see("Doe, John");
    desk.see("16F0AB");
}

#[test]
fn a_reload_keeps_what_is_shown_and_drops_who_is_gone() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.act(Action::Reload);
    desk.see("Doe, John");
    assert_eq!(desk.selected_name(), "John Doe");
    let kept: Vec<_> = world::users().into_iter().filter(|user| user.acs_user_id.as_str() != "u-tom").collect();
    desk.data(Fact::People(prepare(kept)));
    desk.see("Quinn, Tom");
    desk.data(Fact::PeopleEnd(Ok(())));
    desk.see_no("Quinn, Tom");
    assert_eq!(desk.selected_name(), "John Doe");
}

#[test]
fn a_reload_that_fails_takes_nothing_away() {
    let mut desk = Desk::open();
    desk.act(Action::Reload);
    desk.data(Fact::Groups(Err(unreachable())));
    desk.data(Fact::Encoders(Err(unreachable())));
    desk.data(Fact::PeopleEnd(Err(unreachable())));
    desk.data(Fact::CredentialsEnd(Err(unreachable())));
    for words in ["Doe, John", "Car Park", "★ Front Desk", "16F0AB"] {
        desk.see(words);
    }
}

#[test]
fn the_zone_is_the_systems_unless_the_config_chose_one() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.see("until Sat 28 Nov 11:00");
    let settings = Settings { zone_is_chosen: true, ..world::settings() };
    let mut desk = Desk::open_with(settings, (120, 36));
    desk.choose("John Doe");
    desk.see("until Sat 28 Nov 10:00");
}

#[test]
fn offline_tells_since_when_and_all_is_read_again_after_it() {
    let mut desk = Desk::open();
    desk.effects();
    desk.tell(BackendMsg::Server(Some(unreachable())));
    desk.see("OFFLINE since 14:32");
    desk.wait(120_000);
    desk.tell(BackendMsg::Server(Some(unreachable())));
    desk.see("OFFLINE since 14:32");
    assert_eq!(desk.screen_text().matches("The server can't be reached").count(), 1, "said once");
    // Lists and forms still work.
    desk.act(Action::Move(Move::Down));
    assert_eq!(desk.selected_name(), "Nils Andersson");
    assert_eq!(desk.queries(), [], "who is offline asks nothing");
    desk.tell(BackendMsg::Server(None));
    desk.see_no("OFFLINE");
    desk.see("the connection is back");
    let asked = desk.queries();
    for query in [Query::Events, Query::System, Query::UsersPage, Query::User("u-nils".into())] {
        assert!(asked.contains(&query), "{query:?}: {asked:?}");
    }
    desk.see_no("loading");
    desk.tell(BackendMsg::Server(None));
    assert_eq!(desk.queries(), [], "a line that works is no news");
}

#[test]
fn no_record_is_a_mark_in_the_header() {
    let mut desk = Desk::open();
    desk.tell(BackendMsg::Journal(Some("The disk is full.".into())));
    desk.see("NO RECORD");
    // The clerk is asked once whether to go on without.
    desk.see("The disk is full. Without it keydesk forgets open jobs");
    desk.do_row(1);
    assert!(desk.effects().contains(&Effect::GoOnWithoutRecord));
    desk.tell(BackendMsg::Journal(Some("The disk is full.".into())));
    desk.see_no("Without it keydesk forgets");
    // That can't be taken back: the mark stays, whatever the record does.
    desk.tell(BackendMsg::Journal(None));
    desk.see("NO RECORD");
    assert!(!desk.model().is_recorded());
}

#[test]
fn a_record_that_works_again_is_no_question_any_more() {
    let mut desk = Desk::open();
    for _ in 0..2 {
        desk.tell(BackendMsg::Journal(Some("The disk is full.".into())));
        desk.see("NO RECORD");
        desk.see("Without it keydesk forgets");
        desk.tell(BackendMsg::Journal(None));
        desk.see_no("NO RECORD");
        desk.see_no("Without it keydesk forgets");
        desk.keys("Down Enter Esc");
        assert!(!desk.effects().contains(&Effect::GoOnWithoutRecord));
    }
    assert!(desk.model().is_recorded());
}

#[test]
fn the_link_to_the_key_system_shows_in_header_and_encoders() {
    let mut desk = Desk::open();
    desk.see("● key system link");
    let mut system = world::system();
    system.errors = from(json!([{"error_code": "seam_bridge_disconnected", "message": "raw"}]));
    desk.data(Fact::System(Ok((system, None))));
    desk.see("KEY SYSTEM LINK DOWN");
    assert_eq!(desk.screen_text().matches("■ link down").count(), 3);
    desk.resize(80, 24);
    desk.see("LINK DOWN");
}

#[test]
fn membership_that_can_not_be_read_is_said_in_its_pane() {
    let mut desk = fresh();
    desk.data(Fact::System(Ok((world::system(), None))));
    desk.data(Fact::Groups(Ok(world::groups())));
    desk.data(Fact::People(prepare(world::users())));
    desk.data(Fact::PeopleEnd(Ok(())));
    desk.wait(200);
    desk.see("reading …");
    let user = desk.model().ctx.selected.clone().unwrap();
    desk.data(Fact::GroupsOf(user, Err(SeamError::new(ErrorKind::TimedOut, "x"))));
    desk.see_no("reading …");
    desk.see("can't be read, press r");
    desk.focus(PaneId::Groups);
    desk.act(Action::Stage);
    assert_eq!(desk.model().ctx.staged.users().count(), 0, "nothing is staged on what is not known");
}

#[test]
fn the_slow_reading_of_the_rooms_says_how_far_it_is() {
    let mut desk = fresh();
    for data in world::everything().into_iter().take(8) {
        desk.data(data);
    }
    desk.see("rooms 0/22 · 20");
    for name in world::group_names() {
        for data in world::answer(&Query::UsersOf(world::group(name))) {
            desk.data(data);
        }
    }
    desk.see_no("reading rooms");
    assert!(desk.line("Doe, John").contains(" 204 "));
}

#[test]
fn pending_changes_are_shown_and_never_waited_for() {
    let mut desk = Desk::open();
    desk.choose("Chloé Dubois");
    desk.see("Group changes are on their way to the");
    desk.act(Action::Card);
    desk.enter();
    assert_eq!(desk.ordered().1.guest.name(), "Chloé Dubois");
}

#[test]
fn each_state_of_a_guest_has_its_word_and_mark() {
    let mut desk = Desk::open();
    for (name, said) in [
        ("Doe, John", "○ no card"),
        ("Fischer, Jonas", "◌ to be written"),
        ("Doerr, Max", "▲ update card"),
        ("García, José", "● card ok"),
        ("Eriksen, Pål", "■ suspended"),
        ("O'Doe, Sinéad", "■ key system!"),
    ] {
        assert!(desk.line(name).contains(said), "{}", desk.line(name));
    }
}

#[test]
fn the_credentials_pane_says_it_all() {
    let mut desk = Desk::open();
    for (name, words) in [
        ("John Doe", ["none · press c to make one", "opens 6 doors · until Sat 28 Nov 11:00", "+4915112345678"]),
        ("Jonas Fischer", ["prepared, not on a card yet · press c", "opens 5 doors", "Jonas Fischer"]),
        ("Max Doerr", ["needs an update · press c", "no. 16F0AB · written Sun 22 Nov 16:04", "Mobile key none"]),
        ("Nguyễn Minh Anh", ["● ok", "in the guest's phone", "opens 4 doors"]),
        ("Pål Eriksen", ["suspended: no card or key", "Card       ■ suspended", "opens nothing while suspended"]),
        ("Sinéad O'Doe", ["The key system refused to create this", "none", "opens 4 doors"]),
        ("Leila Haddad", ["ended Mon 23 Nov 11:00", "■ the stay has ended, the card is not", "Leila Haddad"]),
        ("Eva Brandt", ["no end date", "opens 0 doors", "none"]),
    ] {
        desk.choose(name);
        for said in words {
            desk.see(said);
        }
    }
}

#[test]
fn a_mobile_key_copied_for_one_phone_is_not_counted() {
    let mut desk = Desk::open();
    desk.data(Fact::CredentialsOf(
        "u-john".into(),
        Ok(vec![from(json!({"acs_credential_id": "c-copy", "acs_user_id": "u-john", "access_method": "mobile_key",
            "is_issued": true, "parent_acs_credential_id": "c-parent"}))]),
    ));
    desk.choose("John Doe");
    desk.see("Mobile key none");
}

#[test]
fn entrances_are_asked_for_once_until_the_next_reload() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for fact in world::everything().into_iter().take(8) {
        desk.data(fact);
    }
    desk.data(Fact::GroupsOf("u-john".into(), Ok(world::groups_of("u-john"))));
    desk.choose("John Doe");
    let room = world::group("Room 204");
    desk.data(Fact::EntrancesOf(room.clone(), Err(unreachable())));
    let entrances = Query::EntrancesOf(room.clone());
    let asked = |desk: &mut Desk| {
        desk.queries();
        desk.act(Action::Card);
        let queries = desk.queries();
        desk.press("Esc");
        queries.iter().filter(|query| **query == entrances).count()
    };
    assert_eq!(asked(&mut desk), 1, "a plan that is opened asks for what failed");
    assert_eq!(asked(&mut desk), 0, "it is on its way");
    desk.data(Fact::EntrancesOf(room, Ok(Vec::new())));
    assert_eq!(asked(&mut desk), 0, "it is known");
}

#[test]
fn a_fact_that_changes_nothing_is_not_drawn() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.wait(10_000);
    desk.screen_text();
    for fact in world::everything() {
        let text = format!("{fact:?}");
        desk.data(fact);
        assert!(!desk.model().is_dirty, "{text}");
    }
    desk.data(Fact::Member("u-john".into(), world::group("Gym"), true));
    assert!(desk.model().is_dirty);
    desk.screen_text();
    assert!(!desk.model().is_dirty, "it was drawn");
    // A quiet reading that failed says nothing; a person who waits for it is told.
    desk.data(Fact::User("u-john".into(), Err(unreachable())));
    assert!(!desk.model().is_dirty);
    desk.act(Action::Card);
    desk.screen_text();
    desk.data(Fact::User("u-john".into(), Err(unreachable())));
    desk.see("The server can't be reached");
}
