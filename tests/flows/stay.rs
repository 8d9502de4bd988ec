//! Stays that change: longer, in another room.

use super::hotel::Hotel;
use crate::support::driver::Driver;
use crate::support::program_desk::Desk;

#[test]
fn a_stay_is_made_longer_and_the_own_card_written_again() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    let before = hotel.user("José García")["access_schedule"]["ends_at"].clone();
    let (_, card_before) = hotel.written_card_of("José García");
    desk.choose("jose", "García, José", "Room 316");
    desk.act("Departure: longer, shorter, later");
    desk.see_title("Changes for José García");
    desk.type_text("+1");
    desk.see("1 night more");
    desk.enter();
    desk.see_title("Card for José García");
    desk.see("so far");
    desk.enter();
    desk.see_written();
    desk.enter();
    desk.see_row("García, José", "card ok");
    let after = hotel.user("José García")["access_schedule"]["ends_at"].clone();
    let day = |end: &serde_json::Value| end.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(day(&after).duration_since(day(&before)), jiff::SignedDuration::from_hours(24));
    let (_, card_after) = hotel.written_card_of("José García");
    assert_eq!(card_after["number"], card_before["number"], "the guest's own card");
}

#[test]
fn a_guest_moves_and_keeps_the_other_groups() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    desk.choose("alvarez", "Álvarez, Lucía", "Room 312");
    desk.act("Move to another room");
    desk.see_title("Changes for Lucía Álvarez");
    desk.type_text("118");
    desk.see("Room 118");
    desk.enter();
    // Nils Andersson is in it.
    desk.see("Nils Andersson");
    desk.press("Down");
    desk.enter();
    desk.see_title("Card for Lucía Álvarez");
    desk.enter();
    desk.see_written();
    desk.enter();
    desk.see_row("Álvarez, Lucía", "card ok");
    assert_eq!(hotel.groups_of("Lucía Álvarez"), ["Pool & Spa", "Room 118"]);
    let (_, card) = hotel.written_card_of("Lucía Álvarez");
    assert_eq!(card["content"]["access_groups"].as_array().unwrap().len(), 2);
}
