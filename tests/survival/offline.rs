//! Jobs that are started while the server is away.

use std::time::Duration;

use crate::desk::Desk;
use crate::house::House;
use crate::support::driver::Driver;

fn plan(desk: &mut Desk, who: &str) {
    desk.act("Card for the guest: make, update, lost");
    desk.see_title(&format!("Card for {who}"));
}

#[test]
fn a_job_started_offline_waits_or_is_withdrawn_and_goes_on_by_itself() {
    let mut house = House::with_card_after(Duration::from_millis(500));
    let mut desk = house.desk();
    desk.choose("john doe", "Doe, John", "Room 204");
    desk.choose("nguyen", "Nguyễn, Minh", "Room 306");
    house.stop_listening();
    desk.act("Read everything again");
    desk.see("OFFLINE since");

    plan(&mut desk, "Minh Nguyễn");
    desk.enter();
    desk.see("NO CONNECTION");
    desk.press("x");
    desk.see("Give up this job for Minh Nguyễn?");
    desk.press("y");
    desk.see("GIVEN UP");
    desk.enter();
    desk.see_no_title("Card for Minh Nguyễn");

    desk.choose("john doe", "Doe, John", "Room 204");
    plan(&mut desk, "John Doe");
    desk.enter();
    desk.see("NO CONNECTION");
    desk.see("itself when the line is back");
    house.resume();
    desk.see_written();
    desk.see_no("OFFLINE");
    house.wait_until_it_agrees("John Doe");
    assert!(house.cards_of("Minh Nguyễn").is_empty());
}
