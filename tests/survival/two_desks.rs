//! Two desks on one machine.

use std::time::Duration;

use keydesk::simulator::{FaultEffect, Release};
use rustix::process::Signal;

use super::at_once;
use super::killed::{CREATE, ENCODE, kill, open_question, type_new_guest};
use super::steered_hotel::SteeredHotel;
use crate::support::driver::Driver;
use crate::support::program_desk::Desk;
use crate::support::pty::wait_until;

/// Sooner than a look at a journal that tells of no change (30 s). How soon exactly (2 s) is tried with a paused clock.
const SOON: Duration = Duration::from_secs(10);
/// What is promised: a lease lasts 10 s.
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
fn desks_share_jobs_guests_and_encoders() {
    at_once(&[
        ("killed", a_job_shows_at_the_other_desk_and_is_taken_over_once),
        ("frozen before the encoder", a_desk_that_was_frozen_leaves_its_job_to_whoever_took_it),
        ("frozen until the card is written", a_desk_that_wakes_when_the_card_is_written_says_so),
        ("frozen at the encoder", a_desk_frozen_while_a_card_was_written_leaves_it),
        ("one encoder", one_encoder_serves_one_desk_at_a_time),
        ("one guest", the_same_guest_at_both_desks_gets_one_card),
        ("a stranger", what_a_stranger_does_shows_at_both_desks_without_a_key),
        ("one new guest", the_same_new_guest_at_both_desks_is_created_once),
    ]);
}

fn a_job_shows_at_the_other_desk_and_is_taken_over_once() {
    let hotel = SteeredHotel::with_card_after(Duration::from_secs(6));
    let (mut first, mut second) = (hotel.desk(), hotel.desk());
    second.choose("john doe", "Doe, John", "Room 204");
    start(&mut first, "john doe", "John Doe", "Doe, John", "Room 204");
    first.see("PLACE A BLANK CARD ON FRONT DESK");
    see_within(&second, "in work at", SOON);
    second.see_row("Doe, John", "other desk");
    second.see(&format!("process {}", first.pid()));
    kill(&mut first);
    let mut third = hotel.desk();
    let took = |screen: &str| screen.contains("John Doe: taken over") || screen.contains("John Doe: went on");
    second.wait_for("one of them takes it over", TAKEN_OVER, |screen| {
        took(&screen.contents()) || took(&third.screen().contents())
    });
    hotel.wait_until_it_agrees("John Doe");
    second.see_row("Doe, John", "card ok");
    third.see_row("Doe, John", "card ok");
    assert!(took(&second.screen_text()) != took(&third.screen_text()), "taken over once");
    assert_eq!(hotel.acted(ENCODE), 1);
}

fn what_a_stranger_does_shows_at_both_desks_without_a_key() {
    let hotel = SteeredHotel::open();
    let (first, second) = (hotel.desk(), hotel.desk());
    hotel.make_elsewhere("Jane Roe");
    // Events are listed every five seconds.
    see_within(&first, "Roe, Jane", SOON);
    see_within(&second, "Roe, Jane", SOON);
}

fn one_encoder_serves_one_desk_at_a_time() {
    let hotel = SteeredHotel::with_card_after(Duration::from_secs(4));
    let (mut first, mut second) = (hotel.desk(), hotel.desk());
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
    hotel.wait_until_it_agrees("John Doe");
    hotel.wait_until_it_agrees("Minh Nguyễn");
}

/// The desk is frozen while its call is out: the answer lies there when it wakes.
fn a_desk_that_was_frozen_leaves_its_job_to_whoever_took_it() {
    let hotel = SteeredHotel::open();
    let (mut first, mut second) = (hotel.desk(), hotel.desk());
    hotel.expect(CREATE, FaultEffect::HoldAnswer);
    start(&mut first, "john doe", "John Doe", "Doe, John", "Room 204");
    hotel.wait_held(CREATE);
    second.see_row("Doe, John", "other desk");
    freeze(&hotel, &first);
    hotel.release(Release::GoOn);
    second.see("John Doe: taken over");
    second.see("! 1 needs you");
    wake_up(&hotel, &mut first);
    open_question(&mut second, "John Doe");
    second.see("IS THE GUEST STILL HERE?");
    second.enter();
    second.see_written();
    all_is_done_once(&hotel, &mut first, "John Doe");
}

/// The desk is frozen while its encoder waits for the card: the other one follows what runs there.
fn a_desk_frozen_while_a_card_was_written_leaves_it() {
    let hotel = SteeredHotel::with_card_after(Duration::from_secs(16));
    let (mut first, mut second) = (hotel.desk(), hotel.desk());
    start(&mut first, "john doe", "John Doe", "Doe, John", "Room 204");
    first.see("PLACE A BLANK CARD ON FRONT DESK");
    second.see_row("Doe, John", "other desk");
    freeze(&hotel, &first);
    second.wait_for("it is taken over", TAKEN_OVER, |screen| screen.contents().contains("John Doe: taken over"));
    wake_up(&hotel, &mut first);
    all_is_done_once(&hotel, &mut first, "John Doe");
}

/// The desk wakes when the other one has written the card already: nothing on its screen says otherwise.
fn a_desk_that_wakes_when_the_card_is_written_says_so() {
    let hotel = SteeredHotel::with_card_after(Duration::from_secs(16));
    let (mut first, mut second) = (hotel.desk(), hotel.desk());
    start(&mut first, "john doe", "John Doe", "Doe, John", "Room 204");
    first.see("PLACE A BLANK CARD ON FRONT DESK");
    second.see_row("Doe, John", "other desk");
    freeze(&hotel, &first);
    second.wait_for("it is taken over", TAKEN_OVER, |screen| screen.contents().contains("John Doe: taken over"));
    second.see("John Doe: card written");
    first.signal(Signal::CONT);
    first.see("John Doe: done by desk");
    first.see_no_title("Card for John Doe");
    first.see_no("PLACE A BLANK CARD");
    first.see_no("1 job");
    all_is_done_once(&hotel, &mut first, "John Doe");
}

/// Stops a desk, but not while it writes to the record: then nobody can write there until it goes on or is killed.
fn freeze(hotel: &SteeredHotel, desk: &Desk) {
    wait_until("the desk is stopped", || {
        desk.signal(Signal::STOP);
        wait_until("all its threads stand still", || desk.is_stopped());
        let is_free = hotel.record_can_be_written();
        if !is_free {
            desk.signal(Signal::CONT);
        }
        is_free
    });
}

/// The desk goes on where it was stopped, and finds that its job is another's: it says so and writes nothing.
fn wake_up(hotel: &SteeredHotel, desk: &mut Desk) {
    let before = hotel.entries();
    desk.signal(Signal::CONT);
    // A notice for a moment, then a line of the activity.
    let told = ["Another desk has this job now.", "John Doe: desk, process "];
    desk.wait_until("who has the job", &mut |screen| told.iter().any(|told| screen.contains(told)));
    assert_eq!(hotel.entries(), before);
}

fn all_is_done_once(hotel: &SteeredHotel, desk: &mut Desk, name: &str) {
    hotel.wait_until_it_agrees(name);
    hotel.wait_until_all_is_done();
    desk.press("Esc");
    desk.see_no_title(&format!("Card for {name}"));
    desk.see_row("Doe, John", "card ok");
    assert_eq!((hotel.acted(CREATE), hotel.acted(ENCODE)), (1, 1));
}

fn the_same_guest_at_both_desks_gets_one_card() {
    let hotel = SteeredHotel::with_card_after(Duration::from_secs(2));
    let (mut first, mut second) = (hotel.desk(), hotel.desk());
    for desk in [&mut first, &mut second] {
        desk.choose("john doe", "Doe, John", "Room 204");
        desk.act("Card for the guest: make, update, lost");
        desk.see_title("Card for John Doe");
    }
    // Both begin in the same moment.
    first.enter();
    second.press("Enter");
    one_is_served(&hotel, first, second, "John Doe");
}

fn the_same_new_guest_at_both_desks_is_created_once() {
    let hotel = SteeredHotel::with_card_after(Duration::from_secs(2));
    let (mut first, mut second) = (hotel.desk(), hotel.desk());
    for desk in [&mut first, &mut second] {
        type_new_guest(desk);
    }
    for desk in [&mut first, &mut second] {
        desk.press("Ctrl-S");
        desk.see("Room 204 is taken by");
        desk.press("End");
    }
    first.press("Enter");
    second.press("Enter");
    one_is_served(&hotel, first, second, "Jane Roe");
    assert_eq!(hotel.acted("/acs/users/create"), 1);
}

/// One of two desks makes the card, the other says in a sentence that it does.
fn one_is_served(hotel: &SteeredHotel, first: Desk, second: Desk, name: &str) {
    let is_told = |screen: &str| {
        screen.contains("THIS GUEST IS SERVED ELSEWHERE")
            || screen.contains("has this guest in work: nothing was done here")
            || screen.contains("Another desk has this guest in work")
    };
    let (loser, mut winner) = wait_for_loser(first, second, is_told);
    winner.see_written();
    assert!(!is_told(&winner.screen_text()));
    hotel.wait_until_it_agrees(name);
    drop(loser);
    assert_eq!((hotel.acted(CREATE), hotel.acted(ENCODE)), (1, 1));
}

/// Waits until one of two desks shows what is wanted: that one first.
fn wait_for_loser(one: Desk, other: Desk, wanted: impl Fn(&str) -> bool) -> (Desk, Desk) {
    let shows = |desk: &Desk| wanted(&desk.screen().contents());
    wait_until("one of them is told", || shows(&one) || shows(&other));
    if shows(&one) { (one, other) } else { (other, one) }
}
