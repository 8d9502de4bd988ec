//! A record of the jobs that can't be kept: each reason has its own sentence, the clerk is asked once, and with the
//! clerk's word everything works without it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use keydesk::simulator::{FaultEffect, Release};
use rusqlite::Connection;
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::at_once;
use super::killed::kill;
use super::steered_hotel::SteeredHotel;
use crate::support::driver::Driver;
use crate::support::program_desk::{Desk, KEY};
use crate::support::pty::{DEADLINE, Launch, wait_until};

const TITLE: &str = "No record of the jobs";
const MARK: &str = "NO RECORD";
/// Long enough for the disk to become full before the card is written.
const CARD_COMES: Duration = Duration::from_secs(5);

#[test]
fn a_record_that_cannot_be_kept_is_a_question_with_its_reason() {
    at_once(&[
        ("later version", a_record_of_a_later_version_is_left_alone),
        ("something else", a_file_that_is_something_else_is_left_alone),
        ("garbage", a_record_that_is_garbage_is_put_aside_and_a_new_one_is_kept),
        ("damaged in use", a_record_damaged_while_another_desk_has_it_is_left_alone),
        ("may only be read", a_record_that_may_only_be_read_is_left_alone),
        ("full disk", a_disk_that_is_full_from_the_start_is_told),
        ("full later, room", a_disk_that_becomes_full_stops_the_job_until_there_is_room),
        ("full later, a person", a_disk_that_becomes_full_is_done_without_on_request),
        ("full when written", a_card_that_the_full_disk_cannot_record_is_told_as_written),
        ("full when written, killed", an_unrecorded_card_is_found_at_the_next_start),
        ("locked", a_record_that_another_program_keeps_locked_is_waited_for),
        ("waits", a_desk_that_waits_makes_no_card_until_the_record_is_mended),
        ("mended", a_question_about_the_record_goes_when_it_is_mended),
    ]);
}

/// A desk was here before: its record is in order and nobody has it open.
fn hotel_with_a_record() -> SteeredHotel {
    let hotel = SteeredHotel::open();
    let mut desk = hotel.desk();
    plan(&mut desk);
    desk.enter();
    desk.see_written();
    desk.enter();
    // A key that a busy program reads together with this Enter would be taken for a poured text.
    desk.see_no_title("Card for John Doe");
    desk.leave();
    assert!(hotel.record().exists());
    hotel
}

fn plan(desk: &mut Desk) {
    desk.choose("john doe", "Doe, John", "Room 204");
    desk.act("Card for the guest: make, update, lost");
    desk.see_title("Card for John Doe");
}

/// The clerk is asked, with these words.
fn asks(desk: &mut Desk, why: &str) {
    desk.see_title(TITLE);
    desk.wait_until(&format!("the question with {why:?}"), &mut |screen| question(screen).contains(why));
    desk.see(MARK);
}

/// What the dialog says, in one line.
fn question(screen: &str) -> String {
    let corner = screen.lines().find_map(|line| Some(line[..line.find(&format!("┏ {TITLE} "))?].chars().count()));
    let Some(left) = corner else { return String::new() };
    let inside = |line: &str| -> String {
        line.chars().skip(left + 1).take_while(|c| !matches!(c, '┃' | '┓' | '┛')).collect()
    };
    screen.lines().map(inside).collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With the clerk's word a whole card is made, and the mark stays.
fn go_on(hotel: &SteeredHotel, desk: &mut Desk) {
    desk.do_row(1);
    desk.see_no_title(TITLE);
    plan(desk);
    desk.enter();
    desk.see_written();
    desk.see(MARK);
    desk.enter();
    desk.see_no_title("Card for John Doe");
    // It is asked once.
    desk.act("Read everything again");
    desk.see_row("Doe, John", "card ok");
    assert!(!desk.screen_text().contains(TITLE));
    hotel.wait_until_it_agrees("John Doe");
}

/// The desk asks why, goes on, and leaves the file as it was.
fn refused(hotel: &SteeredHotel, why: &str) {
    let before = fs::read(hotel.record()).unwrap();
    let mut desk = hotel.desk();
    asks(&mut desk, why);
    go_on(hotel, &mut desk);
    desk.leave();
    assert!(fs::read(hotel.record()).unwrap() == before, "the file is as it was");
}

fn a_record_of_a_later_version_is_left_alone() {
    let hotel = hotel_with_a_record();
    Connection::open(hotel.record()).unwrap().pragma_update(None, "user_version", 9).unwrap();
    refused(&hotel, "A later keydesk keeps the record");
}

fn a_file_that_is_something_else_is_left_alone() {
    let hotel = SteeredHotel::open();
    fs::create_dir_all(hotel.record().parent().unwrap()).unwrap();
    fs::write(hotel.record(), "the guest list of 1987\n").unwrap();
    refused(&hotel, "holds something else and was left alone");
}

fn a_record_that_is_garbage_is_put_aside_and_a_new_one_is_kept() {
    let hotel = hotel_with_a_record();
    let garbage = [b'x'; 8192];
    fs::write(hotel.record(), garbage).unwrap();
    let mut desk = hotel.desk();
    // A notice for a moment, then a line of the activity.
    desk.see("The record was damaged and not");
    assert!(!desk.screen_text().contains(MARK));
    plan(&mut desk);
    desk.enter();
    desk.see_written();
    desk.enter();
    desk.see_no_title("Card for John Doe");
    hotel.wait_until_all_is_done();
    desk.leave();
    let folder = fs::read_dir(hotel.record().parent().unwrap()).unwrap();
    let aside = folder.map(|entry| entry.unwrap().path()).find(|path| is_aside(path));
    assert!(fs::read(aside.unwrap()).unwrap() == garbage, "the damaged file is kept");
}

fn is_aside(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "db") && path.to_string_lossy().contains(".damaged-")
}

/// As long as another program writes, the job waits; then it goes on by itself.
fn a_record_that_another_program_keeps_locked_is_waited_for() {
    let hotel = SteeredHotel::open();
    let mut desk = hotel.desk();
    // What was kept shows that it has the record open.
    plan(&mut desk);
    desk.enter();
    desk.see_written();
    desk.enter();
    desk.see_no_title("Card for John Doe");
    hotel.wait_until_all_is_done();
    plan(&mut desk);
    let other = Connection::open(hotel.record()).unwrap();
    other.busy_timeout(DEADLINE).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    desk.enter();
    asks(&mut desk, "Another program keeps it locked: wait a moment, or end that program.");
    desk.press("Esc");
    desk.see_no_title(TITLE);
    assert_eq!(hotel.acted("/acs/encoders/encode_credential"), 1, "the card of before");
    other.execute_batch("ROLLBACK").unwrap();
    desk.see_written();
    desk.see_no(MARK);
    hotel.wait_until_all_is_done();
}

fn a_record_damaged_while_another_desk_has_it_is_left_alone() {
    let hotel = hotel_with_a_record();
    let mut first = hotel.desk();
    // What was kept shows that it has the record open.
    plan(&mut first);
    first.enter();
    first.see_written();
    let mut bytes = fs::read(hotel.record()).unwrap();
    bytes[100..].fill(b'x');
    fs::write(hotel.record(), &bytes).unwrap();
    let mut second = hotel.desk();
    asks(&mut second, "is damaged. End keydesk on every screen, then start it again");
    go_on(&hotel, &mut second);
    second.leave();
}

fn a_record_that_may_only_be_read_is_left_alone() {
    let hotel = hotel_with_a_record();
    let folder = hotel.record().parent().unwrap().to_owned();
    let before = fs::read(hotel.record()).unwrap();
    let modes = |folder_mode, file_mode| {
        for entry in fs::read_dir(&folder).unwrap() {
            fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(file_mode)).unwrap();
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(folder_mode)).unwrap();
    };
    modes(0o755, 0o644);
    let mut desk = if rustix::process::geteuid().is_root() {
        // Root may write everywhere: the desk belongs to someone else.
        fs::set_permissions(hotel.state_folder(), fs::Permissions::from_mode(0o755)).unwrap();
        Desk::shown(as_nobody(&hotel))
    } else {
        modes(0o555, 0o444);
        hotel.desk()
    };
    asks(&mut desk, "this login must own the file and its folder, on a disk that can be written");
    go_on(&hotel, &mut desk);
    desk.leave();
    modes(0o700, 0o600);
    assert!(fs::read(hotel.record()).unwrap() == before, "the file is as it was");
}

fn a_desk_that_waits_makes_no_card_until_the_record_is_mended() {
    let hotel = SteeredHotel::open();
    let folder = hotel.record().parent().unwrap().to_owned();
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir(hotel.record()).unwrap();
    let mut desk = hotel.desk();
    asks(&mut desk, "can't be kept");
    desk.press("Esc");
    desk.see_no_title(TITLE);
    desk.see(MARK);
    plan(&mut desk);
    desk.enter();
    // Whoever makes a card all the same is asked again.
    asks(&mut desk, "can't be kept");
    desk.press("Esc");
    desk.see_no_title(TITLE);
    assert!(hotel.cards_of("John Doe").is_empty());
    fs::remove_dir(hotel.record()).unwrap();
    desk.see_no(MARK);
    plan(&mut desk);
    desk.enter();
    desk.see_written();
    hotel.wait_until_it_agrees("John Doe");
    hotel.wait_until_all_is_done();
}

fn a_question_about_the_record_goes_when_it_is_mended() {
    let hotel = SteeredHotel::open();
    fs::create_dir_all(hotel.record()).unwrap();
    let mut desk = hotel.desk();
    asks(&mut desk, "can't be kept");
    fs::remove_dir(hotel.record()).unwrap();
    desk.see_no_title(TITLE);
    desk.see_no(MARK);
}

const PROGRAM: &str = "KEYDESK_TEST_PROGRAM";
const NOBODY: u32 = 65534;

/// A desk of another login, which may read what everyone may read.
fn as_nobody(hotel: &SteeredHotel) -> Launch {
    let this = std::env::current_exe().unwrap();
    let launch =
        Launch::program(this).args(["--exact", "survival::record::the_desk_of_nobody", "--ignored", "--nocapture"]);
    let program = launch.home().join("keydesk");
    fs::copy(env!("CARGO_BIN_EXE_keydesk"), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(launch.home(), fs::Permissions::from_mode(0o777)).unwrap();
    launch
        .env(PROGRAM, program)
        .env("SEAM_API_KEY", KEY)
        .env("SEAM_ENDPOINT", hotel.url())
        .env("XDG_STATE_HOME", hotel.state_folder())
}

/// Not a test: becomes the desk of another login.
#[test]
#[ignore = "the program of another test"]
fn the_desk_of_nobody() {
    let Some(program) = std::env::var_os(PROGRAM) else { return };
    let error = Command::new(program).args(["--encoder", "Front Desk"]).uid(NOBODY).gid(NOBODY).exec();
    panic!("{error}");
}

/// How much a program may write to files: nothing, as on a full disk, or everything. What is there can be read.
fn disk(desk: &Desk, is_full: bool) {
    let pid = i32::try_from(desk.pid()).ok().and_then(Pid::from_raw);
    let now = rustix::process::getrlimit(Resource::Fsize);
    prlimit(
        pid,
        Resource::Fsize,
        Rlimit { current: if is_full { Some(0) } else { now.current }, maximum: now.maximum },
    )
    .unwrap();
}

fn a_disk_that_is_full_from_the_start_is_told() {
    let hotel = SteeredHotel::open();
    hotel.expect("/acs/systems/list", FaultEffect::Hold);
    let mut desk = Desk::unseen(hotel.launch());
    hotel.wait_held("/acs/systems/list");
    disk(&desk, true);
    hotel.release(Release::GoOn);
    asks(&mut desk, "can't be kept");
    go_on(&hotel, &mut desk);
    // The log can't be written either, which is no reason to write over the screen.
    assert!(!String::from_utf8_lossy(&desk.bytes()).contains("Unable to write"));
    desk.leave();
}

fn a_disk_that_becomes_full_stops_the_job_until_there_is_room() {
    let hotel = SteeredHotel::open();
    let mut desk = full_in_the_middle(&hotel);
    // Waiting is the clerk's word: nothing more is asked of the server.
    desk.press("Esc");
    desk.see_no_title(TITLE);
    desk.see(MARK);
    let read = hotel.acted("/acs/encoders/list");
    desk.press("Esc");
    desk.see_no_title("Card for John Doe");
    desk.act("Read everything again");
    wait_until("all is read again", || hotel.acted("/acs/encoders/list") > read);
    assert_eq!(hotel.acted("/acs/encoders/encode_credential"), 0);
    disk(&desk, false);
    desk.see_row("Doe, John", "card ok");
    desk.see_no(MARK);
    hotel.wait_until_it_agrees("John Doe");
    hotel.wait_until_all_is_done();
    desk.leave();
}

fn a_disk_that_becomes_full_is_done_without_on_request() {
    let hotel = SteeredHotel::open();
    let mut desk = full_in_the_middle(&hotel);
    desk.do_row(1);
    desk.see_no_title(TITLE);
    desk.see_written();
    desk.see(MARK);
    hotel.wait_until_it_agrees("John Doe");
    kill(&mut desk);
    // What was kept goes on at the next start: the truth is read, and nothing is done twice.
    let mut next = hotel.desk();
    next.see("John Doe: went on after a");
    next.see("! 1 needs you");
    assert!(hotel.agrees("John Doe"));
    assert_eq!(hotel.acted("/acs/credentials/create"), 1);
    assert_eq!(hotel.acted("/acs/encoders/encode_credential"), 1);
}

/// A card is placed and written while the disk is full.
fn full_when_written(hotel: &SteeredHotel) -> Desk {
    let mut desk = hotel.desk();
    plan(&mut desk);
    desk.enter();
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    disk(&desk, true);
    asks(&mut desk, "Without it keydesk forgets open jobs");
    desk.press("Esc");
    desk.see_no_title(TITLE);
    desk.see("WRITTEN, NOT IN THE RECORD");
    desk.see("note name, room and time on paper");
    desk
}

fn a_card_that_the_full_disk_cannot_record_is_told_as_written() {
    let hotel = SteeredHotel::with_card_after(CARD_COMES);
    let mut desk = full_when_written(&hotel);
    desk.press("Esc");
    desk.see_no_title("Card for John Doe");
    desk.see_row("Doe, John", "not recorded");
    desk.see(MARK);
    assert!(hotel.has_open_jobs());
    disk(&desk, false);
    desk.see_row("Doe, John", "card ok");
    desk.see_no(MARK);
    hotel.wait_until_it_agrees("John Doe");
    hotel.wait_until_all_is_done();
    desk.leave();
}

fn an_unrecorded_card_is_found_at_the_next_start() {
    let hotel = SteeredHotel::with_card_after(CARD_COMES);
    let mut desk = full_when_written(&hotel);
    kill(&mut desk);
    let mut next = hotel.desk();
    next.see("John Doe: card written");
    next.see_row("Doe, John", "card ok");
    hotel.wait_until_all_is_done();
    assert_eq!(hotel.acted("/acs/encoders/encode_credential"), 1);
    next.leave();
}

/// The disk becomes full while the creation of the credential is out.
fn full_in_the_middle(hotel: &SteeredHotel) -> Desk {
    let mut desk = hotel.desk();
    plan(&mut desk);
    hotel.expect("/acs/credentials/create", FaultEffect::HoldAnswer);
    desk.enter();
    hotel.wait_held("/acs/credentials/create");
    disk(&desk, true);
    hotel.release(Release::GoOn);
    asks(&mut desk, "Without it keydesk forgets open jobs");
    assert_eq!(hotel.acted("/acs/encoders/encode_credential"), 0);
    desk
}
