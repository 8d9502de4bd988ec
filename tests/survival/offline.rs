//! Jobs that are started while the server is away.

use std::time::Duration;

use super::steered_hotel::SteeredHotel;
use crate::support::driver::Driver;
use crate::support::program_desk::Desk;

fn plan(desk: &mut Desk, who: &str) {
    desk.act("Card for the guest: make, update, lost");
    desk.see_title(&format!("Card for {who}"));
}

#[test]
fn a_job_started_offline_is_withdrawn_or_goes_on_by_itself() {
    let mut hotel = SteeredHotel::with_card_after(Duration::from_millis(500));
    let mut desk = hotel.desk();
    desk.choose("john doe", "Doe, John", "Room 204");
    desk.choose("nguyen", "Nguyễn, Minh", "Room 306");
    hotel.stop_listening();
    desk.act("Read everything again");
    desk.see("OFFLINE since");

    plan(&mut desk, "Minh Nguyễn");
    desk.enter();
    desk.see("NO CONNECTION");
    desk.press("x");
    desk.see("Give up this job for Minh Nguyễn?");
    desk.do_row(1);
    desk.see("GIVEN UP");
    desk.enter();
    desk.see_no_title("Card for Minh Nguyễn");

    desk.choose("john doe", "Doe, John", "Room 204");
    plan(&mut desk, "John Doe");
    desk.enter();
    desk.see("NO CONNECTION");
    desk.see("It goes on by itself");
    hotel.resume();
    desk.see_written();
    desk.see_no("OFFLINE");
    hotel.wait_until_it_agrees("John Doe");
    assert!(hotel.cards_of("Minh Nguyễn").is_empty());
}
