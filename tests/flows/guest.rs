//! New guests: the form, namesakes, bad input, search.

use serde_json::json;

use super::hotel::Hotel;
use crate::support::driver::Driver;
use crate::support::program_desk::{Desk, demo};

#[test]
fn a_new_guest_gets_a_card_and_the_api_tells_the_same() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    desk.act("New guest");
    desk.see_title("New guest");
    desk.type_text("Jane Roe");
    desk.press("Tab");
    desk.type_text("204");
    desk.see("in it now: John Doe");
    desk.press("Tab");
    desk.type_text("+3");
    desk.see("3 nights");
    desk.press("Tab");
    desk.type_text("+49 30 1234567");
    desk.press("Tab");
    desk.type_text("jane@example.com");
    desk.press("Tab");
    desk.type_text("gym");
    desk.press("Ctrl-S");
    // A group that was typed and not taken is not dropped in silence.
    desk.see("There is no \"gym\"");
    desk.press("Tab");
    desk.press("Ctrl-S");
    desk.see("Room 204 is taken by John Doe");
    desk.do_row(1);
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    desk.see_written();
    desk.see("Room 204 · until");
    desk.enter();
    desk.see_no_title("Card for Jane Roe");
    desk.see_row("Roe, Jane", " 204 ");
    desk.see_row("Roe, Jane", "● card ok");
    assert_eq!(desk.bells(), 1);

    let user = hotel.user("Jane Roe");
    assert_eq!(user["phone_number"], "+49301234567");
    assert_eq!(user["email_address"], "jane@example.com");
    assert_eq!(hotel.groups_of("Jane Roe"), ["Gym", "Room 204"]);
    let (credential, card) = hotel.written_card_of("Jane Roe");
    assert_eq!(card["number"], credential["card_number"]);
    assert_eq!(card["content"]["access_groups"], json!(["Room 204", "Gym"]));
    let ends: jiff::Timestamp = user["access_schedule"]["ends_at"].as_str().unwrap().parse().unwrap();
    let ends = ends.in_tz("Europe/Berlin").unwrap();
    assert_eq!(ends.strftime("%H:%M").to_string(), "11:00");
    let nights = ends.date() - jiff::Timestamp::now().in_tz("Europe/Berlin").unwrap().date();
    assert!((2..=3).contains(&nights.get_days()), "midnight may have passed meanwhile: {nights}");
    desk.leave();
}

#[test]
fn the_same_guest_entered_twice_gets_the_question() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    desk.act("New guest");
    desk.see_title("New guest");
    desk.type_text("jose garcia");
    desk.see("▲ García, José");
    desk.press("Ctrl-S");
    desk.see("is here already");
    desk.press("Esc");
    desk.see_no("is here already");
    desk.see("jose garcia");
    assert_eq!(hotel.users("José García").len(), 1);
    // The guest who is meant is one key away.
    desk.press("Down");
    desk.enter();
    desk.see_no_title("New guest");
    desk.see("Credentials of García, José");

    desk.act("New guest");
    desk.see_title("New guest");
    desk.type_text("José García");
    desk.see("▲ García, José");
    desk.press("Ctrl-S");
    desk.see("is here already");
    desk.do_row(2);
    desk.see_written();
    assert_eq!(hotel.users("José García").len(), 2);
}

#[test]
fn bad_input_keeps_what_was_typed() {
    let mut desk = Desk::shown(demo());
    desk.act("New guest");
    desk.see_title("New guest");
    desk.press("Ctrl-S");
    desk.see("The name is needed.");
    desk.type_text("Jane Roe");
    desk.press("Tab");
    desk.type_text("999");
    desk.press("Tab");
    desk.type_text("soon");
    desk.press("Tab");
    desk.type_text("12");
    desk.press("Tab");
    desk.type_text("jane at example");
    // One trouble after the other, each by its field; nothing typed is lost on the way.
    for (trouble, wrong, right) in [
        ("There is no \"999\"", "999", "204"),
        ("Write 3 (nights), 28.11", "soon", "+1"),
        ("Begin with +", "12", "+49301234567"),
        ("An e-mail address looks like", "jane at example", "jane@example.com"),
    ] {
        desk.press("Ctrl-S");
        desk.see(trouble);
        desk.see("Jane Roe");
        desk.see(wrong);
        for _ in wrong.chars() {
            desk.press("Backspace");
        }
        desk.type_text(right);
        desk.see(right);
    }
    desk.press("Ctrl-S");
    desk.see("Room 204 is taken by");
    desk.do_row(1);
    desk.see_written();
    desk.see("Room 204");
}

#[test]
fn search_finds_by_unaccented_name_and_by_room() {
    let mut desk = Desk::shown(demo());
    desk.act("Search");
    desk.type_text("jose");
    desk.see_no("Álvarez, Lucía");
    desk.see_row("García, José", "316");
    desk.press("Esc");
    desk.see("Álvarez, Lucía");
    desk.act("Search");
    desk.type_text("204");
    desk.see_no("Álvarez, Lucía");
    desk.see_row("Doe, John", "204");
    desk.see("✓ Room 204");
    // A hit's card is one key away, also while typing.
    desk.press("F4");
    desk.see_title("Card for John Doe");
    desk.press("Esc");
    desk.see_no_title("Card for John Doe");
    desk.type_text("zzzz");
    desk.see("Nobody fits \"204zzzz\"");
    desk.press("Esc");
    desk.see("Álvarez, Lucía");
    desk.leave();
}
