//! What is wrong with the desk as a whole, on the real program: the clock, the key, the way to the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use keydesk::simulator::Options;
use serde_json::json;

use super::hotel::Hotel;
use crate::support::driver::Driver;
use crate::support::program_desk::{Desk, KEY, launch};
use crate::support::pty::{Launch, wait_until};

/// The log of a desk that is about to be started.
fn log_of(launch: &Launch) -> PathBuf {
    launch.home().join("state/keydesk/keydesk.log")
}

/// Waits until the log has so many lines with these words.
fn wait_for_log(log: &PathBuf, words: &str, count: usize) {
    wait_until(&format!("{count} of {words:?} in the log"), || logged(log, words) >= count);
    assert_eq!(logged(log, words), count, "{words:?}");
}

fn logged(log: &PathBuf, words: &str) -> usize {
    fs::read_to_string(log).unwrap_or_default().lines().filter(|line| line.contains(words)).count()
}

#[test]
fn a_clock_that_differs_from_the_servers_is_told_and_logged_once() {
    let hotel = Hotel::open();
    hotel.call("/_sim/set_date", &json!({"date": "Wed, 25 Nov 2015 12:00:00 GMT"}));
    let launch = launch(&hotel.url());
    let log = log_of(&launch);
    let mut desk = Desk::shown(launch);
    desk.see("days AHEAD");
    desk.act("Read everything again");
    desk.see("days AHEAD");
    wait_for_log(&log, "clock is ahead", 1);
    hotel.call("/_sim/set_date", &json!({}));
    desk.act("Read everything again");
    desk.see_no("AHEAD");
    desk.see("the clock is right again");
    wait_for_log(&log, "clock agrees", 1);
    desk.leave();
}

/// A key that the simulator accepts after it was told so.
const OTHER: &str = "seam_another_key";

/// A desk that is about to be started with its key in a file; and that file.
fn with_key_file(url: &str) -> (Launch, PathBuf) {
    let launch = Launch::keydesk().args(["--endpoint", url, "--encoder", "Front Desk"]);
    let folder = launch.home().join("config/keydesk");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "[seam]\napi_key_file = \"seam.key\"\n").unwrap();
    let file = folder.join("seam.key");
    write_key(&file, KEY);
    (launch, file)
}

fn write_key(file: &Path, key: &str) {
    use std::io::Write;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut open = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file).unwrap();
    open.write_all(key.as_bytes()).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// How many calls came since the one with this number.
fn calls_since(hotel: &Hotel, since: u64) -> usize {
    hotel.call("/_sim/calls", &json!({"since": since}))["calls"].as_array().unwrap().len()
}

fn last_call(hotel: &Hotel) -> u64 {
    let calls = hotel.call("/_sim/calls", &json!({}))["calls"].as_array().unwrap().clone();
    calls.last().map_or(0, |call| call["call"].as_u64().unwrap())
}

#[test]
fn a_revoked_key_is_told_at_once_and_a_mended_file_goes_on() {
    let hotel = Hotel::open();
    let (launch, file) = with_key_file(&hotel.url());
    let log = log_of(&launch);
    let mut desk = Desk::shown(launch);
    desk.rest();
    hotel.call("/_sim/set_key", &json!({"api_key": OTHER}));
    let revoked = Instant::now();
    let before = last_call(&hotel);
    desk.press("Down");
    desk.see("KEY NOT ACCEPTED since");
    assert!(revoked.elapsed() < Duration::from_secs(5));
    // Nobody asks again and again.
    for _ in 0..10 {
        desk.press("Down");
        thread::sleep(Duration::from_millis(250));
    }
    assert!(calls_since(&hotel, before) <= 10, "{}", calls_since(&hotel, before));
    wait_for_log(&log, "the key does not work", 1);
    assert_eq!(logged(&log, "a call failed"), 0);

    // The old key again, a file that is none, then a good one.
    desk.act("Read everything again");
    desk.see("KEY NOT ACCEPTED since");
    fs::remove_file(&file).unwrap();
    desk.act("Read everything again");
    desk.see("KEY CAN'T BE READ since");
    write_key(&file, OTHER);
    desk.act("Read everything again");
    desk.see_no("KEY");
    desk.see("the key is accepted again");
    desk.see_row("Álvarez, Lucía", "card ok");
    wait_for_log(&log, "the key is accepted again", 1);
    let text = fs::read_to_string(&log).unwrap();
    assert!(!text.contains(KEY) && !text.contains(OTHER), "the log holds no key");
    desk.leave();
}

#[test]
fn a_key_that_is_refused_from_the_start_is_mended_while_the_desk_runs() {
    let hotel = Hotel::open();
    hotel.call("/_sim/set_key", &json!({"api_key": OTHER}));
    let (launch, file) = with_key_file(&hotel.url());
    let mut desk = Desk::unseen(launch);
    desk.see("KEY NOT ACCEPTED since");
    desk.see("does not accept keydesk's API key");
    desk.act("Read everything again");
    desk.see("Reading the key again.");
    desk.see("does not accept keydesk's API key");
    write_key(&file, OTHER);
    desk.act("Read everything again");
    desk.see_row("Álvarez, Lucía", "card ok");
    desk.see_no("KEY");
    desk.leave();
}

#[test]
fn a_revoked_key_in_a_large_hotel_is_no_storm() {
    let hotel = Hotel::with(Options { users: Some(3000), ..Options::default() });
    let launch = launch(&hotel.url());
    let log = log_of(&launch);
    let mut desk = Desk::unseen(launch);
    desk.see("rooms");
    hotel.call("/_sim/set_key", &json!({"api_key": OTHER}));
    desk.see("KEY NOT ACCEPTED since");
    let before = last_call(&hotel);
    thread::sleep(Duration::from_secs(4));
    assert!(calls_since(&hotel, before) <= 1, "{}", calls_since(&hotel, before));
    wait_for_log(&log, "the key does not work", 1);
    hotel.call("/_sim/set_key", &json!({}));
    desk.act("Read everything again");
    desk.see_no("KEY");
    desk.see("rooms");
    desk.leave();
}
