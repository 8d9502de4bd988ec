//! Several jobs: left running, queued, put off, and leaving in the middle of them.

use std::time::Duration;

use keydesk::simulator::Options;

use super::hotel::{Hotel, quick};
use crate::support::driver::Driver;
use crate::support::program_desk::{Desk, demo};
use crate::support::pty::{DEADLINE, Ended};

fn start(desk: &mut Desk, search: &str, who: &str, row: &str, group: &str) {
    desk.choose(search, row, group);
    desk.act("Card for the guest: make, update, lost");
    desk.see_title(&format!("Card for {who}"));
    desk.enter();
}

#[test]
fn a_job_left_running_goes_on_and_the_next_guest_queues() {
    let slow = Options { card_delay: Duration::from_secs(4), ..quick() };
    let hotel = Hotel::with(slow);
    let mut desk = Desk::at(&hotel.url());
    start(&mut desk, "john doe", "John Doe", "Doe, John", "Room 204");
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    desk.press("Esc");
    desk.see_no_title("Card for John Doe");
    desk.see_row("Doe, John", "card in work");
    desk.see("1 job");

    start(&mut desk, "nguyen", "Minh Nguyễn", "Nguyễn, Minh", "Room 306");
    desk.see("WAITS FOR FRONT DESK");
    desk.see("2 jobs");
    // The second needs a card of its own: the first is taken away before anything is written.
    desk.see("FRONT DESK IS FREE FOR MINH NGUYỄN");
    desk.enter();
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    desk.see_row("Doe, John", "card ok");
    desk.see_written();
    let (_, first) = hotel.written_card_of("John Doe");
    let (_, second) = hotel.written_card_of("Minh Nguyễn");
    assert_ne!(first["number"], second["number"]);
}

#[test]
fn a_job_put_off_waits_behind_the_exclamation_mark() {
    let mut desk = Desk::shown(demo());
    desk.act_by_name("Practice: next card fails, took too long");
    desk.see("The next card on Front Desk will fail");
    start(&mut desk, "john doe", "John Doe", "Doe, John", "Room 204");
    desk.see("IT TOOK TOO LONG");
    desk.press("Esc");
    desk.see_no_title("Card for John Doe");
    desk.see("! 1 needs you");
    desk.see_row("Doe, John", "needs you");

    // The encoder is free meanwhile.
    start(&mut desk, "nguyen", "Minh Nguyễn", "Nguyễn, Minh", "Room 306");
    desk.see_written();
    desk.enter();
    desk.see_no_title("Card for Minh Nguyễn");

    desk.act("What needs me");
    desk.see_title("What needs you");
    desk.enter();
    desk.see_title("Card for John Doe");
    desk.see("put off");
    desk.enter();
    desk.see_written();
    desk.enter();
    desk.see_no("needs you");
    desk.see_row("Doe, John", "card ok");
    desk.leave();
}

#[test]
fn leaving_asks_while_a_card_is_being_made() {
    let hotel = Hotel::with_manual_encoders();
    let mut desk = Desk::at(&hotel.url());
    start(&mut desk, "john doe", "John Doe", "Doe, John", "Room 204");
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    desk.press("Esc");
    desk.see_no_title("Card for John Doe");
    desk.press("Ctrl-C");
    desk.see("q leaves and asks first");
    desk.act("Leave keydesk");
    desk.see_title("Leave keydesk?");
    desk.see("Not finished: John Doe.");
    // The first answer does not leave.
    desk.enter();
    desk.see_no_title("Leave keydesk?");
    desk.see_row("Doe, John", "card in work");
    desk.act("Leave keydesk");
    desk.see_title("Leave keydesk?");
    desk.do_row(1);
    assert_eq!(desk.wait_for_end(DEADLINE), Ended::Code(0));
    desk.assert_restored();
}
