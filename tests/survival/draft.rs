//! A half-typed form outlives its session.

use std::fs;

use keydesk::simulator::FaultEffect;
use rustix::process::Signal;

use super::at_once;
use super::killed::{kill, new_guest};
use super::steered_hotel::SteeredHotel;
use crate::support::driver::Driver;
use crate::support::pty::{DEADLINE, Ended, wait_until};

#[test]
fn a_half_typed_form_outlives_its_session() {
    at_once(&[
        ("a kill", a_half_typed_form_outlives_a_kill),
        ("a lost line", a_half_typed_form_outlives_a_lost_line),
        ("sent", a_form_that_was_sent_is_not_offered_again),
    ]);
}

fn a_half_typed_form_outlives_a_kill() {
    outlives(Signal::KILL);
}

fn a_half_typed_form_outlives_a_lost_line() {
    outlives(Signal::HUP);
}

/// It is offered again, and no more once it was used.
fn outlives(signal: Signal) {
    let hotel = SteeredHotel::open();
    let mut first = hotel.desk();
    first.act("New guest");
    first.see_title("New guest");
    first.type_text("Jane Roe");
    first.press("Tab");
    first.type_text("204");
    first.see("in it now: John Doe");
    wait_until("the form is kept", || {
        let drafts = fs::read_dir(hotel.state_folder().join("keydesk/drafts"));
        drafts.is_ok_and(|mut drafts| {
            drafts.any(|draft| {
                let path = draft.unwrap().path();
                // What is being written beside it does not count before it has taken its place.
                let is_kept = path.extension().is_some_and(|extension| extension == "draft");
                is_kept && fs::read_to_string(path).is_ok_and(|text| text.contains(r#""room":"204""#))
            })
        })
    });
    if signal == Signal::KILL {
        kill(&mut first);
    } else {
        first.signal(signal);
        assert_eq!(first.wait_for_end(DEADLINE), Ended::Code(129));
    }

    let mut second = hotel.desk();
    second.see("The form for Jane Roe was left half-typed.");
    second.do_row(0);
    second.see_title("New guest");
    second.see("Jane Roe");
    second.see("in it now: John Doe");
    second.press("Ctrl-S");
    second.see("Room 204 is taken by");
    second.do_row(1);
    second.see("No departure:");
    second.do_row(1);
    second.see_written();
    second.enter();
    second.see_row("Roe, Jane", " 204 ");
    second.see_row("Roe, Jane", "● card ok");
    kill(&mut second);

    // The rooms are read slowly, so that the third waits for the card alone.
    let mut third = hotel.desk();
    third.see_row("Roe, Jane", "● card ok");
    assert!(!third.screen_text().contains("half-typed"));
}

fn a_form_that_was_sent_is_not_offered_again() {
    let hotel = SteeredHotel::open();
    let mut first = hotel.desk();
    hotel.expect("/acs/users/create", FaultEffect::Hold);
    new_guest(&mut first);
    hotel.wait_held("/acs/users/create");
    kill(&mut first);
    let mut second = hotel.desk();
    second.see("Jane Roe: went on after a");
    assert!(!second.screen_text().contains("half-typed"));
}
