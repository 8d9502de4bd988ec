//! A desk that is killed while a call that changes something is out, before and after the call was acted on.

use std::thread;

use keydesk::simulator::{Effect, Release};
use rustix::process::Signal;

use crate::desk::Desk;
use crate::house::House;
use crate::support::driver::Driver;
use crate::support::pty::{DEADLINE, Ended};

const CREATE_USER: &str = "/acs/users/create";
const ADD_TO_GROUP: &str = "/acs/users/add_to_access_group";
const CREATE: &str = "/acs/credentials/create";
const DELETE: &str = "/acs/credentials/delete";
const ENCODE: &str = "/acs/encoders/encode_credential";

/// What becomes of the call that was out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It never arrived.
    Lost,
    /// It is acted on when the next desk is there already.
    Late,
    /// It was acted on before the desk died.
    Done,
}

const FATES: [Fate; 3] = [Fate::Lost, Fate::Late, Fate::Done];

pub fn kill(desk: &mut Desk) {
    desk.signal(Signal::KILL);
    assert!(matches!(desk.wait_for_end(DEADLINE), Ended::Signal(_)));
}

/// Starts a card for a guest who is not there yet.
pub fn new_guest(desk: &mut Desk) {
    desk.act("New guest");
    desk.see_title("New guest");
    desk.type_text("Jane Roe");
    desk.press("Tab");
    desk.type_text("204");
    desk.see("in it now: John Doe");
    for text in ["+3", "", "jane@example.com"] {
        desk.press("Tab");
        desk.type_text(text);
    }
    desk.see("jane@example.com");
    desk.press("Ctrl-S");
}

fn update(desk: &mut Desk) {
    desk.choose("jose", "García, José", "Room 316");
    desk.stage("Gym", "+ Gym");
    desk.act("Card for the guest: make, update, lost");
    desk.see_title("Card for José García");
    desk.see("add Gym");
    desk.enter();
}

fn replace(desk: &mut Desk) {
    desk.choose("jose", "García, José", "Room 316");
    desk.act("Card for the guest: make, update, lost");
    desk.see_title("Card for José García");
    desk.press("Down");
    desk.see("a BLANK card goes on Front Desk");
    desk.enter();
}

/// Answers what a job that went on asks, until its card is written.
fn answer(desk: &mut Desk, name: &str) {
    let written = format!("{name}: card written");
    desk.wait_until("the job asks, or is done", &mut |screen| {
        screen.contains("! 1 needs you") || screen.contains(&written)
    });
    if desk.screen_text().contains(&written) {
        return;
    }
    desk.act("What needs me");
    desk.see_title("What needs you");
    desk.enter();
    desk.see_title(&format!("Card for {name}"));
    desk.see("IS THE GUEST STILL HERE?");
    desk.see("went on after a");
    desk.enter();
    desk.see_written();
    desk.press("Esc");
    desk.see_no_title(&format!("Card for {name}"));
}

/// One death and what the next desk makes of it.
fn survive(start: fn(&mut Desk), name: &str, row: &str, path: &str, fate: Fate) {
    let house = House::open();
    let mut first = house.desk();
    house.expect(path, if fate == Fate::Done { Effect::HoldAnswer } else { Effect::Hold });
    start(&mut first);
    let held = house.wait_held(path);
    assert_eq!(held.acted, fate == Fate::Done);
    kill(&mut first);
    if fate != Fate::Late {
        house.release(Release::Lose);
    }
    let mut second = house.desk();
    if fate == Fate::Late {
        second.see(&format!("{name}: went on after a"));
        house.release(Release::GoOn);
    }
    if (path, fate) == (ENCODE, Fate::Lost) {
        // Whether a card was written shows only when no attempt can live any more: until then nothing is repeated.
        second.see(&format!("{name}: went on after a"));
        second.act("What needs me");
        second.see("checking");
        second.enter();
        second.see("CHECKING");
        house.assert_nothing_twice(name);
        return;
    }
    answer(&mut second, name);
    house.wait_until_it_agrees(name);
    second.see(&format!("{name}: went on after a"));
    if (path, fate) == (CREATE_USER, Fate::Lost) {
        // For a minute the lost request could still create the guest a second time: the job watches that long.
        second.see("1 job");
        return;
    }
    second.see_row(row, "card ok");
    second.see_no("1 job");
    second.leave();
}

type Flow = (fn(&mut Desk), &'static str, &'static str, &'static [&'static str]);

const FLOWS: [Flow; 3] = [
    (new_guest, "Jane Roe", "Roe, Jane", &[CREATE_USER, CREATE, ENCODE]),
    (update, "José García", "García, José", &[ADD_TO_GROUP, CREATE, ENCODE]),
    (replace, "José García", "García, José", &[DELETE]),
];

#[test]
fn a_job_survives_a_kill_at_every_call() {
    // All deaths at once: they mostly wait for the dead desk's lease to end.
    thread::scope(|scope| {
        for (start, name, row, paths) in FLOWS {
            for path in paths {
                for fate in FATES {
                    let case = thread::Builder::new().name(format!("{name} {path} {fate:?}"));
                    case.spawn_scoped(scope, move || survive(start, name, row, path, fate)).unwrap();
                }
            }
        }
    });
}
