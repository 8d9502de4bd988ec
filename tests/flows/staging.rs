//! Group changes: staged, saved, written to the card.

use serde_json::json;

use super::hotel::Hotel;
use crate::support::driver::Driver;
use crate::support::program_desk::Desk;

#[test]
fn a_staged_group_is_in_the_plan_and_then_on_the_card() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    let (before, card_before) = hotel.written_card_of("José García");
    desk.choose("jose", "García, José", "Room 316");
    desk.stage("Gym", "+ Gym");
    desk.act("Card for the guest: make, update, lost");
    desk.see_title("Card for José García");
    desk.see("add Gym");
    desk.see("then write");
    desk.see("the guest's OWN card goes on Front Desk");
    desk.enter();
    desk.see("PLACE JOSÉ'S OWN CARD ON FRONT DESK");
    desk.see_written();
    desk.see("Gym added");
    desk.enter();
    desk.see_no("not saved");
    desk.see_row("García, José", "card ok");
    assert_eq!(hotel.groups_of("José García"), ["Gym", "Room 316"]);
    let (after, card_after) = hotel.written_card_of("José García");
    assert_eq!(after["acs_credential_id"], before["acs_credential_id"]);
    assert_eq!(card_after["number"], card_before["number"]);
    assert_eq!(card_after["content"]["access_groups"], json!(["Room 316", "Gym"]));
}

#[test]
fn saved_groups_leave_a_card_that_wants_an_update() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    desk.choose("bianchi", "Bianchi, Marco", "Pool & Spa");
    desk.choose("jose", "García, José", "Room 316");
    desk.stage("Gym", "+ Gym");
    desk.act("Save group changes");
    desk.see("Save for ");
    desk.enter();
    desk.see("groups saved");
    desk.see_row("García, José", "update card");
    desk.see_no("not saved");
    assert_eq!(hotel.groups_of("José García"), ["Gym", "Room 316"]);
    let (_, card) = hotel.written_card_of("José García");
    assert_eq!(card["content"]["access_groups"], json!(["Room 316"]));

    // Out again, this time with the card.
    desk.stage("Gym", "− Gym");
    desk.act("Card for the guest: make, update, lost");
    desk.see("take away Gym");
    desk.enter();
    desk.see_written();
    desk.enter();
    desk.see_row("García, José", "card ok");
    assert_eq!(hotel.groups_of("José García"), ["Room 316"]);
}
