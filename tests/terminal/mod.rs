//! The terminal adapter in a pseudo-terminal: a small program in a process of its own, a person in front of it.

mod child;

use std::time::{Duration, Instant};

use crate::support::driver::Driver;
use crate::support::emulator::{BEGIN, frames};
use crate::support::pty::{DEADLINE, Ended, Launch, Pty, wait_until};
use rustix::process::Signal;

/// Not a test by itself: the program that the others start (see [`child::launch`]).
#[test]
fn child_process() {
    if child::wanted() {
        child::main();
    }
}

fn start() -> Pty {
    shown(child::launch())
}

fn shown(launch: Launch) -> Pty {
    let mut pty = launch.start();
    pty.see("ready");
    pty
}

#[test]
fn keys_arrive_and_the_terminal_is_given_back_after_quit() {
    let mut pty = shown(child::launch().detached());
    pty.assert_taken();
    pty.type_text("Zoë 漢");
    pty.see("text: Zoë 漢");
    for name in ["Up", "Ctrl-Right", "Shift-Tab", "F2", "F10", "PgDn", "Del", "Backspace", "Enter", "Alt-x", "Ctrl-Z"] {
        pty.press(name);
        pty.see(&format!("last: {name}."));
    }
    pty.press("Ctrl-Q");
    assert_eq!(pty.wait_for_end(DEADLINE), Ended::Code(0));
    pty.assert_restored();
}

#[test]
fn after_an_error_the_terminal_is_back_and_the_reason_readable() {
    let mut pty = shown(child::launch().detached());
    pty.press("Ctrl-E");
    assert_eq!(pty.wait_for_end(DEADLINE), Ended::Code(1));
    pty.assert_restored();
    pty.see("the program failed");
}

#[test]
fn after_a_panic_the_terminal_is_back_and_the_report_readable() {
    for (key, report) in [("Ctrl-P", "a panic in the program"), ("Ctrl-T", "a panic in the background")] {
        let mut pty = shown(child::launch().detached());
        pty.press(key);
        assert_eq!(pty.wait_for_end(DEADLINE), Ended::Code(101), "{key}");
        pty.assert_restored();
        pty.see(report);
    }
}

#[test]
fn the_terminal_is_given_back_after_a_signal() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)] {
        let mut pty = shown(child::launch().detached());
        pty.signal(signal);
        assert_eq!(pty.wait_for_end(DEADLINE), Ended::Code(code), "{signal:?}");
        pty.assert_restored();
        pty.see("goodbye");
    }
}

#[test]
fn a_signal_ends_a_program_that_does_not_answer() {
    let mut pty = shown(child::launch().detached());
    pty.press("Ctrl-B");
    pty.see("last: Ctrl-B.");
    pty.press("Ctrl-W");
    pty.wait_until_read();
    pty.signal(Signal::TERM);
    assert_eq!(pty.wait_for_end(DEADLINE), Ended::Code(143));
    pty.assert_restored();
}

/// The line takes no more bytes and a frame waits in the write: the process must end all the same.
#[test]
fn a_signal_ends_a_program_whose_line_is_stuck() {
    let mut pty = start();
    pty.press("Ctrl-F");
    pty.see("abcdefg");
    pty.stop_reading();
    pty.wait_until_quiet();
    pty.signal(Signal::TERM);
    assert_eq!(pty.wait_for_end(DEADLINE), Ended::Code(143));
}

#[test]
fn fifty_hang_ups_with_keys_in_flight_leave_no_process() {
    let mut desks: Vec<Pty> = Vec::new();
    for round in 0..5 {
        desks.extend((0..10).map(|_| child::launch().start()));
        for (number, pty) in desks.iter_mut().enumerate() {
            pty.see("ready");
            // Whole keys, half sequences, a paste without an end, a bare Esc: in the middle of any of them.
            let flight: [&[u8]; 5] = [b"abc\x1b[A\x1b[Bxyz", b"abc\x1b[", b"\x1b[200~half a pas", b"\x1b", b"q\x1bO"];
            for _ in 0..=number {
                pty.send(flight[(number + round) % flight.len()]);
            }
            pty.hang_up();
        }
        let start = Instant::now();
        for pty in &mut desks {
            assert_eq!(pty.wait_for_end(Duration::from_secs(5)), Ended::Code(129));
        }
        assert!(start.elapsed() < Duration::from_secs(5));
        desks.clear();
    }
}

#[test]
fn a_hang_up_without_a_signal_ends_the_program_too() {
    let mut pty = shown(child::launch().detached());
    pty.type_text("abc");
    pty.hang_up();
    assert_eq!(pty.wait_for_end(DEADLINE), Ended::Code(129));
}

#[test]
fn a_sequence_torn_anywhere_is_its_key() {
    // A long hold, so that a busy machine tears nothing by itself.
    let mut pty = shown(child::launch().env(child::HOLD, "5000"));
    let mut torn = 0;
    for name in ["Up", "F1", "F5", "F10", "Ctrl-Left", "Shift-Down", "Del", "PgUp", "Shift-Tab", "End"] {
        let sequence = crate::support::pty::sequence(name.parse().unwrap());
        for at in 1..sequence.len() {
            pty.send(&sequence[..at]);
            pty.wait_until_read();
            pty.send(&sequence[at..=at]);
            pty.wait_until_read();
            pty.send(&sequence[at + 1..]);
            pty.see(&format!("last: {name}."));
            pty.press("x");
            pty.see("last: x.");
            torn += 1;
        }
    }
    // No Esc was seen, and none of it was taken for text.
    pty.see("escapes: 0");
    pty.see(&format!("text: {}.", "x".repeat(torn)));
}

#[test]
fn a_keypad_that_was_left_in_another_mode_has_its_keys() {
    let mut pty = start();
    for (sent, name) in [
        ("\x1bOw", "End"),
        ("\x1bOM", "Enter"),
        ("\x1bOA", "Up"),
        ("\x1bOH", "Home"),
        ("\x1bOS", "F4"),
        ("\x1bOs", "3"),
    ] {
        pty.send(sent.as_bytes());
        pty.see(&format!("last: {name}."));
    }
    // What no key sends is no text either.
    pty.send(b"\x1bOz\x1b[?64;1;2;6;9;15;18;21;22c");
    pty.type_text("x");
    pty.see("text: 3x.");
    pty.see("escapes: 0");
}

#[test]
fn latin_1_is_read_and_loses_nothing() {
    let mut pty = start();
    pty.send(b"Jos\xe9 Ruiz M\xfcller ");
    pty.see("text: José Ruiz Müller .");
    // The last one waits for what UTF-8 would need, for a moment only.
    pty.send(b"\xe9");
    pty.see("text: José Ruiz Müller é.");
    let umlaut = "ü".as_bytes();
    pty.send(&umlaut[..1]);
    pty.send(&umlaut[1..]);
    pty.see("text: José Ruiz Müller éü.");
}

#[test]
fn a_bare_esc_comes_once_and_by_itself() {
    let mut pty = start();
    pty.type_text("typed");
    pty.press("Esc");
    pty.see("escapes: 1");
    pty.see("text: typed.");
}

#[test]
fn a_frame_is_one_write_and_nothing_comes_in_between() {
    let mut pty = start();
    let (mark, before) = (pty.mark(), pty.writes());
    for n in 1..=40 {
        pty.press("x");
        pty.see(&format!("text: {}.", "x".repeat(n)));
    }
    let bytes = pty.bytes_since(mark);
    assert_eq!(frames(&bytes).len(), 40);
    if let (Some(before), Some(after)) = (before, pty.writes()) {
        assert_eq!(after - before, 40);
    }
}

#[test]
fn a_frame_that_changes_nothing_sends_no_byte() {
    let mut pty = start();
    let mark = pty.mark();
    for _ in 0..3 {
        pty.press("Ctrl-N");
        pty.wait_until_read();
        pty.wait_until_quiet();
    }
    pty.press("x");
    pty.see("text: x.");
    assert_eq!(frames(&pty.bytes_since(mark)).len(), 1);
}

#[test]
fn the_bell_rings_with_a_frame() {
    let mut pty = start();
    pty.press("Ctrl-G");
    pty.see("last: Ctrl-G.");
    assert_eq!(pty.bells(), 1);
}

#[test]
fn an_idle_program_sleeps_and_writes_nothing() {
    let mut pty = start();
    pty.press("Ctrl-K");
    pty.see("ticks: 3");
    pty.wait_until_quiet();
    let (bytes, wake_ups) = (pty.bytes().len(), pty.wake_ups());
    // Nothing can be waited for here: that nothing happens is what is tested.
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(pty.bytes().len(), bytes);
    assert_eq!(pty.wake_ups(), wake_ups);
}

#[test]
fn a_paste_is_one_harmless_line() {
    let mut pty = start();
    pty.paste("Jane\tDoe\r\nRoom 204\u{1b}[31m\u{7}\u{9b}5n");
    pty.see("pasted: Jane Doe Room 204[31m5n.");
    // An end mark in the middle: what follows is still text, and the Enter in it presses nothing.
    pty.paste("one\u{1b}[201~two\rthree");
    pty.see("pasted: onetwo three.");
    pty.see("enters: 0");
    pty.press("Enter");
    pty.see("enters: 1");
}

#[test]
fn a_storm_of_sizes_down_to_one_cell_ends_in_the_last() {
    let mut pty = start();
    for size in 1..40 {
        pty.resize(size, size / 3 + 1);
        pty.resize(160 - size, 50 - size);
    }
    pty.resize(1, 1);
    pty.wait_for("the smallest screen", DEADLINE, |screen| screen.contents().trim() == "r");
    pty.resize(80, 24);
    pty.see("ready 80x24");
    pty.see("text: ");
    assert!(crate::support::emulator::find(&pty.bytes(), b"\x1b[6n").is_none(), "the terminal is asked for nothing");
    assert!(crate::support::emulator::find(&pty.bytes(), BEGIN).is_some());
}

#[test]
fn without_a_terminal_it_says_so() {
    let output = child::command().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("keydesk needs a terminal, and its input is none"), "{said}");
}

#[test]
fn a_stopped_program_lends_the_terminal_and_takes_it_again() {
    let mut pty = start();
    pty.type_text("Zoë");
    pty.see("text: Zoë");
    pty.signal(Signal::TSTP);
    wait_until("it is stopped", || pty.is_stopped());
    pty.assert_restored();
    pty.cook();
    pty.signal(Signal::CONT);
    pty.see("text: Zoë");
    pty.assert_taken();
    pty.press("F2");
    pty.see("last: F2.");
}

#[test]
fn a_program_that_was_stopped_unheard_takes_the_terminal_again() {
    let mut pty = start();
    pty.signal(Signal::STOP);
    wait_until("it is stopped", || pty.is_stopped());
    pty.cook();
    let mark = pty.mark();
    pty.signal(Signal::CONT);
    wait_until("keys come one by one", || pty.is_raw());
    wait_until("the picture is drawn anew", || String::from_utf8_lossy(&pty.bytes_since(mark)).contains("ready"));
    pty.press("F2");
    pty.see("last: F2.");
}

#[test]
fn a_late_answer_of_the_terminal_is_not_typed() {
    let mut pty = start();
    pty.send(b"a\x1b]11;rgb:1e1e/1e1e/2e2e\x07b\x1bP1$r0m\x1b\\c\x1b_Gi=31;OK\x1b\\d");
    pty.see("text: abcd");
}
