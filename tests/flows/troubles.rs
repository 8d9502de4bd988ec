//! What is wrong with the desk as a whole, on the real program: the clock, the key, the way to the server.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::hotel::Hotel;
use crate::support::driver::Driver;
use crate::support::program_desk::{Desk, launch};
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
