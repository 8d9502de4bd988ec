//! How the real program begins and ends: keys refused, signals, hang-ups.

use std::time::Duration;

use rustix::process::Signal;

use super::hotel::Hotel;
use crate::support::driver::Driver;
use crate::support::program_desk::{Desk, KEY, demo, launch};
use crate::support::pty::{DEADLINE, Ended, Launch};

#[test]
fn leaving_when_idle_gives_the_terminal_back() {
    for key in ["q", "F10", "Ctrl-C"] {
        let mut desk = Desk::shown(demo().detached());
        desk.assert_taken();
        desk.press(key);
        assert_eq!(desk.wait_for_end(DEADLINE), Ended::Code(0), "{key}");
        desk.assert_restored();
    }
}

#[test]
fn without_a_key_it_names_the_demo() {
    let mut pty = Launch::keydesk().start();
    assert_eq!(pty.wait_for_end(DEADLINE), Ended::Code(2));
    pty.see("keydesk demo");
    pty.see("SEAM_API_KEY");
    pty.assert_restored();
}

#[test]
fn a_wrong_key_is_said_in_a_sentence_and_the_keys_still_work() {
    let hotel = Hotel::open();
    let wrong_key = Launch::keydesk().env("SEAM_API_KEY", "seam_wrong_key").args(["--endpoint", &hotel.url()]);
    let mut pty = wrong_key.start();
    pty.see("KEY NOT ACCEPTED");
    pty.see("The server does not accept keydesk's API key.");
    pty.press("?");
    pty.see("┏ Help ");
    pty.press("Esc");
    pty.see_no("┏ Help ");
    pty.press("q");
    assert_eq!(pty.wait_for_end(DEADLINE), Ended::Code(0));
    let said = String::from_utf8_lossy(&pty.bytes()).into_owned();
    assert!(!said.contains("seam_wrong_key") && !said.contains(KEY));
}

#[test]
fn a_signal_ends_it_and_gives_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut desk = Desk::shown(demo().detached());
        desk.type_text("n");
        desk.see_title("New guest");
        desk.signal(signal);
        assert_eq!(desk.wait_for_end(DEADLINE), Ended::Code(code), "{signal:?}");
        desk.assert_restored();
    }
}

#[test]
fn fifty_hang_ups_with_keys_in_flight_leave_no_process() {
    let hotel = Hotel::open();
    for round in 0..5 {
        let mut desks: Vec<_> = (0..10).map(|_| launch(&hotel.url()).start()).collect();
        for (number, pty) in desks.iter_mut().enumerate() {
            pty.see("Users");
            // Moves, half sequences, a paste without an end, a form, a bare Esc: in the middle of any of them.
            let flight: [&[u8]; 5] =
                [b"\x1b[B\x1b[Bn Jane", b"jjj\x1b[", b"/\x1b[200~half a pas", b"n\x1b", b"c\r\x1bO"];
            for _ in 0..=number {
                pty.send(flight[(number + round) % flight.len()]);
            }
            pty.hang_up();
        }
        for pty in &mut desks {
            // Ended by itself, within seconds: none is left, none spins.
            assert_eq!(pty.wait_for_end(Duration::from_secs(10)), Ended::Code(129));
        }
    }
}
