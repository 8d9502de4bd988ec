//! Two desks on one machine.

use std::time::Duration;

use crate::desk::Desk;
use crate::house::House;
use crate::killed::kill;
use crate::support::driver::Driver;
use crate::support::pty::wait_until;

const SOON: Duration = Duration::from_secs(2);
const TAKEN_OVER: Duration = Duration::from_secs(15);

fn start(desk: &mut Desk, search: &str, who: &str, row: &str, group: &str) {
    desk.choose(search, row, group);
    desk.act("Card for the guest: make, update, lost");
    desk.see_title(&format!("Card for {who}"));
    desk.enter();
}

fn see_within(desk: &Desk, words: &str, deadline: Duration) {
    desk.wait_for(&format!("{words:?}"), deadline, |screen| screen.contents().contains(words));
}

#[test]
fn a_job_shows_at_the_other_desk_and_is_taken_over_once_when_its_desk_dies() {
    let house = House::with_card_after(Duration::from_secs(6));
    let (mut first, mut second) = (house.desk(), house.desk());
    second.choose("john doe", "Doe, John", "Room 204");
    start(&mut first, "john doe", "John Doe", "Doe, John", "Room 204");
    first.see("PLACE A BLANK CARD ON FRONT DESK");
    see_within(&second, "in work at", SOON);
    second.see_row("Doe, John", "other desk");
    second.see(&format!("process {}", first.pid()));
    kill(&mut first);
    let mut third = house.desk();
    let took = |screen: &str| screen.contains("John Doe: taken over") || screen.contains("John Doe: went on");
    second.wait_for("one of them takes it over", TAKEN_OVER, |screen| {
        took(&screen.contents()) || took(&third.screen().contents())
    });
    house.wait_until_it_agrees("John Doe");
    second.see_row("Doe, John", "card ok");
    third.see_row("Doe, John", "card ok");
    assert!(took(&second.screen_text()) != took(&third.screen_text()), "taken over once");
    assert_eq!(house.acted("/acs/encoders/encode_credential"), 1);
}

#[test]
fn one_encoder_serves_one_desk_at_a_time() {
    let house = House::with_card_after(Duration::from_secs(4));
    let (mut first, mut second) = (house.desk(), house.desk());
    second.choose("nguyen", "Nguyễn, Minh", "Room 306");
    start(&mut first, "john doe", "John Doe", "Doe, John", "Room 204");
    first.see("PLACE A BLANK CARD ON FRONT DESK");
    second.see("other desk");
    second.act("Card for the guest: make, update, lost");
    second.see_title("Card for Minh Nguyễn");
    second.enter();
    second.see("WAITS FOR FRONT DESK");
    second.see("the encoder is with");
    second.see(&format!("process {}", first.pid()));
    second.see("FRONT DESK IS FREE FOR MINH NGUYỄN");
    first.see_written();
    second.enter();
    second.see_written();
    house.wait_until_it_agrees("John Doe");
    house.wait_until_it_agrees("Minh Nguyễn");
}

#[test]
fn the_same_guest_at_both_desks_gets_one_card() {
    let house = House::with_card_after(Duration::from_secs(2));
    let (mut first, mut second) = (house.desk(), house.desk());
    for desk in [&mut first, &mut second] {
        desk.choose("john doe", "Doe, John", "Room 204");
        desk.act("Card for the guest: make, update, lost");
        desk.see_title("Card for John Doe");
    }
    // Both begin in the same moment.
    first.enter();
    second.press("Enter");
    let is_served = |screen: &str| {
        screen.contains("THIS GUEST IS SERVED ELSEWHERE")
            || screen.contains("has this guest in work: nothing was done here")
            || screen.contains("Another desk has this guest in work")
    };
    let (loser, winner) = wait_for_loser(first, second, is_served);
    assert!(!is_served(&winner.screen().contents()));
    drop(loser);
    let mut winner = winner;
    winner.see_written();
    house.wait_until_it_agrees("John Doe");
    assert_eq!(house.acted("/acs/credentials/create"), 1);
    assert_eq!(house.acted("/acs/encoders/encode_credential"), 1);
}

/// Waits until one of two desks shows what is wanted: that one first.
fn wait_for_loser(one: Desk, other: Desk, wanted: impl Fn(&str) -> bool) -> (Desk, Desk) {
    let shows = |desk: &Desk| wanted(&desk.screen().contents());
    wait_until("one of them is told", || shows(&one) || shows(&other));
    if shows(&one) { (one, other) } else { (other, one) }
}
