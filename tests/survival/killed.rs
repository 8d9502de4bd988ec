//! A desk that is killed while a call that changes something is out, before and after the call was acted on.

use std::thread;

use keydesk::simulator::{FaultEffect, Release};
use rustix::process::Signal;

use super::aged_record::A_WHILE;
use super::steered_hotel::SteeredHotel;
use crate::support::driver::Driver;
use crate::support::program_desk::Desk;
use crate::support::pty::{DEADLINE, Ended};

const CREATE_USER: &str = "/acs/users/create";
const ADD_TO_GROUP: &str = "/acs/users/add_to_access_group";
pub const CREATE: &str = "/acs/credentials/create";
const DELETE: &str = "/acs/credentials/delete";
pub const ENCODE: &str = "/acs/encoders/encode_credential";

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
    type_new_guest(desk);
    desk.press("Ctrl-S");
    desk.see("Room 204 is taken by");
    desk.do_row(1);
}

pub fn type_new_guest(desk: &mut Desk) {
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

/// Opens what needs the clerk.
pub fn open_question(desk: &mut Desk, name: &str) {
    desk.act("What needs me");
    desk.see_title("What needs you");
    desk.enter();
    desk.see_title(&format!("Card for {name}"));
}

/// Sees the card written in the dialog, and leaves that.
fn see_written(desk: &mut Desk, name: &str) {
    desk.see_written();
    desk.press("Esc");
    desk.see_no_title(&format!("Card for {name}"));
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
    open_question(desk, name);
    desk.see("IS THE GUEST STILL HERE?");
    desk.see("went on after a");
    desk.enter();
    see_written(desk, name);
}

/// Whether a card was written shows only when no attempt can live any more: until then the desk only looks. Then it
/// asks, and only a person has it written again.
fn answer_not_known(hotel: &SteeredHotel, mut desk: Desk, name: &str) -> Desk {
    desk.see(&format!("{name}: went on after a"));
    desk.act("What needs me");
    desk.see("checking");
    desk.enter();
    desk.see("CHECKING");
    assert_eq!(hotel.acted(ENCODE), 0);
    kill(&mut desk);
    hotel.let_pass(A_WHILE);
    let mut desk = hotel.desk();
    desk.see("! 1 needs you");
    assert_eq!(hotel.acted(ENCODE), 0);
    open_question(&mut desk, name);
    desk.see("NOT KNOWN WHETHER THE CARD WAS WRITTEN");
    desk.see("write again");
    desk.enter();
    see_written(&mut desk, name);
    desk
}

/// For a minute the lost request could still create the guest a second time: the card is written, and the job watches
/// that long without a word.
fn watch_for_twin(hotel: &SteeredHotel, mut desk: Desk) -> Desk {
    desk.see_no("1 job");
    assert!(hotel.has_open_jobs(), "the journal knows that it still watches");
    kill(&mut desk);
    hotel.let_pass(A_WHILE);
    hotel.desk()
}

/// One death and what the next desk makes of it.
fn survive(start: fn(&mut Desk), name: &str, row: &str, path: &str, fate: Fate) {
    let hotel = SteeredHotel::open();
    let mut first = hotel.desk();
    hotel.expect(path, if fate == Fate::Done { FaultEffect::HoldAnswer } else { FaultEffect::Hold });
    start(&mut first);
    let held = hotel.wait_held(path);
    assert_eq!(held.acted, fate == Fate::Done);
    kill(&mut first);
    if fate != Fate::Late {
        hotel.release(Release::Lose);
    }
    let mut second = hotel.desk();
    if fate == Fate::Late {
        second.see(&format!("{name}: went on after a"));
        hotel.release(Release::GoOn);
    }
    if (path, fate) == (ENCODE, Fate::Lost) {
        second = answer_not_known(&hotel, second, name);
    } else {
        answer(&mut second, name);
    }
    hotel.wait_until_it_agrees(name);
    second.see(&format!("{name}: went on after a"));
    if (path, fate) == (CREATE_USER, Fate::Lost) {
        second = watch_for_twin(&hotel, second);
    }
    second.see_row(row, "card ok");
    second.see_no("1 job");
    hotel.wait_until_all_is_done();
    assert!(hotel.agrees(name));
    // For a card that is updated the server answers the same credential however often it is asked.
    let may_be_repeated = (name, path) == ("José García", CREATE) && fate != Fate::Lost;
    assert_eq!(hotel.acted(path), if may_be_repeated { 2 } else { 1 });
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
