//! Check-out of a room, and taking it back.

use super::hotel::Hotel;
use crate::support::driver::Driver;
use crate::support::program_desk::Desk;
use crate::support::pty::wait_until;

#[test]
fn a_guest_is_checked_out_and_let_in_again_without_the_card() {
    let hotel = Hotel::open();
    let mut desk = Desk::at(&hotel.url());
    desk.choose("jose", "García, José", "Room 316");
    desk.act("Check out: the guest, the room");
    desk.see_title("Check out Room 316");
    desk.see("suspended, card cancelled");
    desk.see("COLLECT 1 CARD");
    desk.enter();
    desk.see("checked out, card cancelled");
    desk.see_row("García, José", "suspended");
    assert!(hotel.groups_of("José García").is_empty());
    wait_until("the card is cancelled", || hotel.cards_of("José García").is_empty());
    assert!(hotel.user("José García")["is_suspended"] == true);

    desk.act_by_name("Take the last check-out back");
    desk.see("may come in again");
    desk.see_row("García, José", "no card");
    assert_eq!(hotel.groups_of("José García"), ["Room 316"]);
    assert!(hotel.user("José García")["is_suspended"] != true);
}
