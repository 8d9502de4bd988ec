//! What reaches the terminal: frames, sizes, torn keys, hostile names, and nothing while nothing happens.

use std::thread;
use std::time::Duration;

use serde_json::json;

use super::hotel::Hotel;
use crate::support::driver::Driver;
use crate::support::emulator::{find, frames};
use crate::support::program_desk::{Desk, demo};

#[test]
fn sizes_in_the_middle_of_everything_lose_nothing() {
    let hotel = Hotel::with_manual_encoders();
    let mut desk = Desk::at(&hotel.url());
    let sizes = |desk: &mut Desk, words: &str| {
        for (columns, rows) in [(80, 24), (30, 10), (1, 1), (120, 36)] {
            desk.resize(columns, rows);
            match (columns, rows) {
                (30, 10) => desk.see("larger window"),
                (1, 1) => {}
                _ => desk.see(words),
            }
        }
    };
    desk.act("New guest");
    desk.see_title("New guest");
    desk.type_text("Jane Roe");
    desk.press("Tab");
    desk.type_text("204");
    // While the window is too small keys are not taken: they must have arrived before.
    desk.see("in it now: John Doe");
    sizes(&mut desk, "Jane Roe");
    desk.see("in it now: John Doe");
    desk.press("Ctrl-S");
    desk.see("Room 204 is taken by");
    desk.do_row(1);
    desk.see("No departure:");
    desk.do_row(1);
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    sizes(&mut desk, "PLACE A BLANK CARD ON FRONT DESK");
    hotel.wait_until_doing("Front Desk", "waiting_for_card");
    hotel.place_blank("Front Desk");
    desk.see_written();
    sizes(&mut desk, "WRITTEN");
    desk.enter();
    desk.see_row("Roe, Jane", "card ok");
    desk.see("Access groups");
    desk.leave();
}

#[test]
fn a_torn_key_and_a_bare_esc_never_cost_what_was_typed() {
    let mut desk = Desk::shown(demo());
    desk.act("New guest");
    desk.see_title("New guest");
    desk.type_text("Jane Roe");
    desk.see("Jane Roe");
    desk.press("Esc");
    desk.see("Throw away what you typed?");
    desk.press("Esc");
    desk.see_no("Throw away");
    desk.see("Jane Roe");
    // A machine that is busy for longer than a bare Esc is held makes an Esc of it: it asks, so nothing is lost.
    let mut rejoined = 0;
    for _ in 0..20 {
        desk.press("End");
        desk.send(b"\x1b");
        desk.wait_until_read();
        desk.send(b"[D");
        desk.type_text("x");
        let came = "Jane Roxe";
        desk.wait_until("the key", &mut |screen| screen.contains(came) || screen.contains("Throw away"));
        if desk.screen_text().contains(came) {
            rejoined += 1;
            desk.press("Backspace");
        } else {
            desk.press("Esc");
            desk.see_no("Throw away");
        }
        desk.wait_until("the name as it was", &mut |screen| screen.contains("Jane Roe ") && !screen.contains("[D"));
        if rejoined == 5 {
            return;
        }
    }
    panic!("a torn key was rejoined {rejoined} times in 20");
}

#[test]
fn what_a_scanner_types_over_the_list_makes_no_card() {
    let mut desk = Desk::shown(demo());
    for poured in ["c\r", "c\n", "12\r", "ab\rcd\r", "DOE JOHN\r204\r"] {
        desk.send(poured.as_bytes());
        desk.see("A text came in faster than a hand types");
        // A key that says something, so that each notice is a new one.
        desk.press("r");
        desk.see("Reading everything again.");
        desk.see_no_title("Card for");
        assert!(!desk.screen_text().contains("started"), "{poured:?}:\n{}", desk.screen_text());
    }
    // The same keys by hand.
    desk.press("c");
    desk.see("Card for");
    desk.press("Enter");
    desk.see_written();
    desk.enter();
    desk.leave();
}

#[test]
fn a_whole_flow_is_frames_and_nothing_between_them() {
    let mut desk = Desk::shown(demo());
    let mark = desk.mark();
    desk.act("New guest");
    desk.see_title("New guest");
    desk.type_text("Jane Roe");
    desk.press("Ctrl-S");
    desk.see_written();
    desk.enter();
    desk.see_no_title("Card for Jane Roe");
    desk.rest();
    let bytes = desk.bytes_since(mark);
    assert!(frames(&bytes).len() > 10);
}

#[test]
fn a_loaded_desk_that_rests_writes_nothing() {
    let desk = Desk::shown(demo());
    desk.rest();
    let bytes = desk.bytes().len();
    // Nothing can be waited for here: that nothing happens is what is tested.
    thread::sleep(Duration::from_secs(3));
    assert_eq!(desk.bytes().len(), bytes);
}

#[test]
fn a_hostile_name_never_reaches_the_terminal_raw() {
    let hotel = Hotel::open();
    let group = hotel.call("/acs/access_groups/list", &json!({"acs_system_id": hotel.system()}));
    let groups = group["acs_access_groups"].as_array().unwrap();
    let room = groups.iter().find(|group| group["name"] == "Room 204").unwrap();
    hotel.call(
        "/acs/users/create",
        &json!({
            "acs_system_id": hotel.system(),
            "full_name": "Eva\u{1b}[2J\u{202e}X\u{9b}5n\u{7}Roe",
            "acs_access_group_ids": [room["acs_access_group_id"]],
        }),
    );
    let mut desk = Desk::at(&hotel.url());
    desk.act("Search");
    desk.type_text("204");
    desk.see_row("Eva[2JX5nRoe", "204");
    desk.press("Down");
    desk.see("Credentials of Eva[2JX5nRoe");
    desk.press("F4");
    desk.see("Card for Eva");
    desk.see("New card");
    desk.enter();
    desk.see_written();
    desk.enter();
    desk.see_no_title("Card for Eva[2JX5nRoe");
    let bytes = desk.bytes();
    for evil in ["\u{1b}[2J", "\u{202e}", "\u{9b}"] {
        // The desk clears the screen with this itself, but only at the very beginning.
        let after = &bytes[bytes.len().min(2000)..];
        assert!(find(after, evil.as_bytes()).is_none(), "{evil:?}");
    }
    // The card's end rings; the name's own bell does not.
    assert_eq!(desk.bells(), 1);
}
