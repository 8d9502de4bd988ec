//! What outranks "card ok": in the row, beside the card and in the plan alike.

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::fact::Fact;
use keydesk::keys::action::Action;
use keydesk::seam::types::UserId;
use serde_json::{Value, json};

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

/// A desk at Tom Quinn, whose card is good, with these fields of the user and of the card set to something else.
fn with(user: &[(&str, Value)], card: &[(&str, Value)]) -> Desk {
    let mut desk = Desk::open();
    desk.choose("Tom Quinn");
    assert!(desk.line("Quinn, Tom").contains("card ok"));
    let mut new_user = world::user(world::GUESTS.iter().find(|guest| guest.0 == "u-tom").unwrap());
    let mut new_card = world::card("u-tom", true, None);
    for (field, value) in user {
        new_user[field] = value.clone();
    }
    for (field, value) in card {
        new_card[field] = value.clone();
    }
    desk.data(Fact::user(from(new_user)));
    desk.data(Fact::Credential(Box::new(from(new_card))));
    desk
}

#[test]
fn nothing_that_speaks_against_a_card_hides_behind_ok() {
    let yesterday = json!("2026-11-23T10:00:00Z");
    let notice = |key: &str| json!([{key: "a_new_code", "message": "Look at \u{1b}[2J\u{202e}door 7"}]);
    let told = "Look at [2Jdoor 7.";
    for (user, card, row, beside, note) in [
        (vec![("access_schedule", json!({"ends_at": yesterday}))], vec![], "stay ended", "the stay has ended", "ended"),
        (
            vec![],
            vec![("ends_at", yesterday.clone())],
            "card ended",
            "the card itself: ended Mon 23 Nov 11:00",
            "is past",
        ),
        (vec![("errors", notice("error_code"))], vec![], "key system!", told, told),
        (vec![("warnings", notice("warning_code"))], vec![], "warning", told, told),
        (vec![], vec![("errors", notice("error_code"))], "card fault", told, told),
        (vec![], vec![("warnings", notice("warning_code"))], "warning", told, told),
        (
            vec![],
            vec![("warnings", json!([{"warning_code": "schedule_externally_modified"}]))],
            "warning",
            "dates were changed",
            "dates were changed",
        ),
        (
            vec![("warnings", json!([{"warning_code": "acs_user_inactive"}]))],
            vec![],
            "warning",
            "Not active in the key system",
            "Not active in the key system",
        ),
        (vec![("is_suspended", json!(true))], vec![("errors", notice("error_code"))], "suspended", told, told),
    ] {
        let mut desk = with(&user, &card);
        let line = desk.line("Quinn, Tom ");
        assert!(line.contains(row) && !line.contains("card ok"), "{line}");
        desk.see(beside);
        desk.see_no("● ok");
        desk.act(Action::Card);
        desk.see(note);
        desk.see_no("the card is up to date");
    }
}

#[test]
fn a_stay_that_ends_while_it_is_looked_at_turns_by_itself() {
    for (user, card, row) in [
        (vec![("access_schedule", json!({"ends_at": "2026-11-24T13:32:15Z"}))], vec![], "stay ended"),
        (vec![], vec![("ends_at", json!("2026-11-24T13:32:15Z"))], "card ended"),
    ] {
        let mut desk = with(&user, &card);
        // A moment before the end, so that nothing else is drawn anew with it.
        let end: Timestamp = "2026-11-24T13:32:15Z".parse().unwrap();
        desk.pass(end.duration_since(desk.now) - SignedDuration::from_millis(100));
        assert!(desk.line("Quinn, Tom ").contains("card ok"));
        let frames = desk.screen.frames;
        desk.wait(200);
        assert!(desk.line("Quinn, Tom ").contains(row), "{}", desk.screen_text());
        assert_eq!(desk.screen.frames, frames + 1);
    }
}

#[test]
fn an_ended_stay_without_a_card_needs_nobody() {
    let mut desk = with(&[("access_schedule", json!({"ends_at": "2026-11-23T10:00:00Z"}))], &[]);
    desk.data(Fact::CredentialGone("c-u-tom".into()));
    assert!(desk.line("Quinn, Tom ").contains("○ stay ended"));
}

#[test]
fn a_row_names_all_rooms_and_the_end_of_the_stay_where_there_is_room() {
    for (size, rooms) in
        [((120, 36), "205 206    Sat 28 ● card ok"), ((80, 24), "205 206 ● card ok"), ((60, 18), "205+1")]
    {
        let mut desk = Desk::open_at(size);
        desk.choose("Ana Maria");
        desk.see(rooms);
    }
    let mut desk = Desk::open();
    desk.choose("Ana Maria");
    desk.see("rooms 205, 206");
    assert!(desk.line("Brandt, Eva").contains("no end"));
    assert!(desk.line("Haddad, Leila").contains("23 Nov ■ stay ended"));
}

#[test]
fn others_in_the_rooms_are_told_per_room_and_only_those_who_have_access() {
    let mut desk = Desk::open();
    let rooms = ["Room 204", "Room 207", "Room 401", "Room 415"];
    desk.data(Fact::GroupsOf("u-tom".into(), Ok(rooms.into_iter().map(world::group).collect())));
    desk.data(Fact::UsersOf(world::group("Room 415"), Ok(vec!["u-tom".into(), "u-max".into(), "u-eva".into()])));
    desk.choose("Tom Quinn");
    desk.data(Fact::GroupsOf("u-tom".into(), Ok(rooms.into_iter().map(world::group).collect())));
    desk.act(Action::Card);
    // Pål in 207 is suspended, Leila's stay in 401 is over.
    desk.see("204: Lucía Álvarez, John Doe · 415: Eva Brandt, Max");
    desk.see_no("207: ");
    desk.see_no("401: ");
}

#[test]
fn the_guests_pane_says_who_else_is_in_each_room() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.see("also in the room: Lucía Álvarez");
    // Of several rooms each says who is in it; who is suspended or whose stay is over is not.
    let users = |users: &[&str]| Ok(users.iter().map(|user| UserId::from(*user)).collect());
    desk.data(Fact::UsersOf(world::group("Room 333"), users(&["u-john", "u-jonas", "u-pal", "u-leila"])));
    desk.data(Fact::GroupsOf("u-john".into(), Ok(vec![world::group("Room 204"), world::group("Room 333")])));
    desk.see("204: Lucía Álvarez · 333: Jonas Fischer");
    desk.see_no("333: Jonas Fischer,");
    desk.choose("Will Zimmer");
    desk.see_no("also in the room");
}
