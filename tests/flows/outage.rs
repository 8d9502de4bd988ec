//! The server dies under the desk and comes back.

use super::hotel::Hotel;
use crate::support::driver::Driver;
use crate::support::program_desk::Desk;

#[test]
fn a_server_that_dies_is_told_and_comes_back_by_itself() {
    let mut hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    hotel.die();
    desk.act("Read everything again");
    desk.see("OFFLINE since");
    // Which of the two it is depends on what the desk was just reading.
    let told = ["The server refuses connections", "The connection broke."];
    desk.wait_until("why", &mut |screen| told.iter().any(|told| screen.contains(told)));
    // The guests are still there and the keys still move.
    desk.see_row("Andersson, Nils", "card ok");
    desk.press("Down");
    desk.see("Credentials of Andersson, Nils");
    desk.act("Search");
    desk.type_text("jose");
    desk.see("Credentials of García, José");
    desk.press("Esc");
    hotel.reopen();
    desk.see_no("OFFLINE");
    desk.see("the connection is back");
    desk.see("key system link");
    desk.leave();
}

#[test]
fn a_server_that_dies_while_a_card_is_placed_leaves_a_question() {
    let mut hotel = Hotel::with_manual_encoders();
    let mut desk = Desk::at(&hotel.url());
    desk.choose("john doe", "Doe, John", "Room 204");
    desk.act("Card for the guest: make, update, lost");
    desk.see_title("Card for John Doe");
    desk.enter();
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    hotel.wait_until_doing("Front Desk", "waiting_for_card");
    hotel.die();
    desk.see("OFFLINE since");
    desk.press("Esc");
    desk.see_no_title("Card for John Doe");
    desk.press("Up");
    desk.see("Credentials of Çelik, Zeynep");
    // The new server knows neither the attempt nor the credential: the desk must not wait for ever.
    hotel.reopen();
    desk.see_no("OFFLINE");
    desk.act("What needs me");
    desk.see_title("What needs you");
    desk.see("checking");
    desk.enter();
    desk.see_title("Card for John Doe");
    desk.see("CHECKING");
    desk.see("if a card lies there, leave it");
}
