//! Cards of guests who are there: failures, the other encoder, a lost card.

use serde_json::json;

use super::hotel::{Hotel, quick};
use crate::support::driver::Driver;
use crate::support::program_desk::{Desk, demo};

/// Starts the card of a guest from the plan.
fn start(desk: &mut Desk, who: &str, kind: &str) {
    desk.act("Card for the guest: make, update, lost");
    desk.see_title(&format!("Card for {who}"));
    desk.see(kind);
    desk.enter();
}

#[test]
fn a_practised_failure_and_then_the_card() {
    let mut desk = Desk::shown(demo());
    desk.choose("john doe", "Doe, John", "Room 204");
    desk.act_by_name("Practice: next card fails, no card there");
    desk.see("The next card on Front Desk will fail");
    start(&mut desk, "John Doe", "New card");
    desk.see("NO CARD WAS ON FRONT DESK");
    desk.see("lay a blank card flat on it");
    assert_eq!(desk.bells(), 1);
    desk.enter();
    desk.see_written();
    desk.enter();
    desk.see_row("Doe, John", "card ok");
    desk.leave();
}

#[test]
fn every_practice_is_one_that_the_api_takes() {
    let mut desk = Desk::shown(demo());
    for (practice, said) in [
        ("no card there", "will fail: no card"),
        ("lifted too early", "will fail: lifted too early"),
        ("took too long", "will fail: took too long"),
        ("unknown fault", "will fail: not written"),
    ] {
        desk.act_by_name(&format!("Practice: next card fails, {practice}"));
        desk.see(said);
    }
    desk.act_by_name("Practice: next card succeeds");
    desk.see("The next card on Front Desk will be written.");
}

#[test]
fn a_card_lifted_too_early_is_written_when_it_is_back() {
    let hotel = Hotel::with_manual_encoders();
    let mut desk = Desk::at(&hotel.url());
    desk.choose("john doe", "Doe, John", "Room 204");
    start(&mut desk, "John Doe", "New card");
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    desk.see_row("Doe, John", "card in work");
    // Nothing is offered that would stop it: no call does.
    desk.see_no("try again");
    hotel.wait_until_doing("Front Desk", "waiting_for_card");
    hotel.call(
        "/acs/encoders/simulate/next_credential_encode_will_fail",
        &json!({
            "acs_encoder_id": hotel.encoder("Front Desk")["acs_encoder_id"],
            "error_code": "encoding_interrupted",
        }),
    );
    hotel.place_blank("Front Desk");
    desk.see_written();
    desk.enter();
    desk.see_row("Doe, John", "card ok");
    // The wish is for the next card, and that one fails.
    start(&mut desk, "John Doe", "Update card");
    desk.see("LIFTED TOO EARLY");
    desk.enter();
    desk.see_written();
    hotel.written_card_of("John Doe");
}

#[test]
fn lifting_a_card_while_it_is_written_is_told() {
    let slow = keydesk::simulator::Options { write_time: std::time::Duration::from_secs(3600), ..quick() };
    let hotel = Hotel::with(slow);
    let mut desk = Desk::at(&hotel.url());
    desk.choose("john doe", "Doe, John", "Room 204");
    start(&mut desk, "John Doe", "New card");
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    hotel.wait_until_doing("Front Desk", "busy");
    hotel.lift("Front Desk");
    desk.see("LIFTED TOO EARLY");
    desk.see("the same card back");
    let cards = hotel.cards_of("John Doe");
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0]["is_issued"], false);
}

#[test]
fn another_encoder_after_an_error() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    hotel.sim("set_encoder", "Front Desk", &json!({"online": false}));
    desk.choose("john doe", "Doe, John", "Room 204");
    start(&mut desk, "John Doe", "New card");
    desk.see("FRONT DESK DOES NOT ANSWER");
    desk.press("Tab");
    desk.see_title("Which encoder for John Doe?");
    // The cursor stands on the first other: Back Office; Concierge follows.
    desk.press("Down");
    desk.enter();
    desk.see("PLACE A BLANK CARD ON CONCIERGE");
    desk.see_written();
    hotel.written_card_of("John Doe");
}

#[test]
fn a_lost_card_is_replaced() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    let (old, old_card) = hotel.written_card_of("José García");
    desk.choose("jose", "García, José", "Room 316");
    desk.act("Card for the guest: make, update, lost");
    desk.see_title("Card for José García");
    desk.see("the guest's OWN card goes on Front Desk");
    desk.press("Down");
    desk.see("a BLANK card goes on Front Desk");
    desk.see(&format!("the old card, no. {}, stops working", old_card["number"].as_str().unwrap()));
    desk.enter();
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    desk.see("old card stopped");
    desk.see_written();
    let (new, new_card) = hotel.written_card_of("José García");
    assert_ne!(new["acs_credential_id"], old["acs_credential_id"]);
    assert_ne!(new_card["number"], old_card["number"]);
    let gone = hotel.ask("/acs/credentials/get", &json!({"acs_credential_id": old["acs_credential_id"]}));
    assert_eq!(gone.0, 404);
    desk.enter();
    desk.see_row("García, José", "card ok");
}

#[test]
fn a_prepared_card_is_written_and_none_is_created_beside_it() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    let prepared = hotel.cards_of("Jonas Fischer");
    desk.choose("fischer", "Fischer, Jonas", "Room 333");
    start(&mut desk, "Jonas Fischer", "Write the prepared card");
    desk.see_written();
    let (written, _) = hotel.written_card_of("Jonas Fischer");
    assert_eq!(written["acs_credential_id"], prepared[0]["acs_credential_id"]);
}
