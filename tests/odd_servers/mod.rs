//! The real desk against a server that answers as no good server would: it says so in words and stays usable.

mod server;

use std::fs;
use std::time::Duration;

use crate::support::driver::Driver;
use crate::support::pty::{DEADLINE, Ended, Launch, Pty, wait_until};
use server::{Odd, OddServer};

const HTML: Odd = Odd::Plain(404, "content-type: text/html\r\n", "<html><body>Cannot POST</body></html>");
const LIMITED: Odd = Odd::Plain(429, "retry-after: 1\r\n", "slow down");
const REFUSED: Odd = Odd::Plain(401, "", "");
const FORBIDDEN: Odd = Odd::Plain(403, "", "");
const ANOTHER: Odd = Odd::Body(r#"{"workspace":{"workspace_id":"another"},"ok":true}"#);
const FAULT: Odd = Odd::Plain(500, "content-type: text/html\r\n", "<h1>Oops</h1>");

fn desk(server: &OddServer) -> Pty {
    Launch::keydesk().env("SEAM_API_KEY", "seam_odd_key").args(["--endpoint", &server.url()]).start()
}

/// Keys move the cursor through the guests, a dialog opens and closes, and leaving works.
fn usable(mut desk: Pty) {
    desk.press("Home");
    desk.see("Credentials of no-name");
    desk.press("Down");
    desk.see("Credentials of Odd, Ann");
    desk.press("Down");
    desk.see("Credentials of Odd, Ben");
    leaves(desk);
}

fn leaves(mut desk: Pty) {
    desk.press("?");
    desk.see("┏ Help ");
    desk.press("Esc");
    desk.see_no("┏ Help ");
    desk.press("q");
    assert_eq!(desk.wait_for_end(DEADLINE), Ended::Code(0));
    desk.assert_restored();
}

#[test]
fn odd_ids_and_unknown_fields_are_a_desk_like_any_other() {
    let server = OddServer::start([]);
    let mut desk = desk(&server);
    desk.see("Odd House");
    desk.see("Odd Encoder");
    desk.see("Odd, Ann");
    desk.see("Room 7");
    desk.see("nameless");
    desk.see("card ok");
    usable(desk);
}

#[test]
fn missing_arrays_are_empty_panes() {
    let ok = || Odd::Body(r#"{"ok":true}"#);
    let paths = ["/acs/encoders/list", "/acs/access_groups/list", "/acs/credentials/list"];
    let server = OddServer::start(paths.map(|path| (path, ok())));
    let mut desk = desk(&server);
    desk.see("Odd, Ann");
    desk.see("No encoder is connected to this access system.");
    desk.see("has no groups");
    desk.see("no card");
    usable(desk);
}

#[test]
fn encoders_that_the_server_lacks_are_said_in_their_pane_only() {
    let server = OddServer::start([("/acs/encoders/list", HTML)]);
    let mut desk = desk(&server);
    desk.see("This server does not offer that.");
    desk.see("Room 7");
    desk.see("card ok");
    desk.press("c");
    desk.see("No encoder");
    usable(desk);
}

#[test]
fn groups_that_the_server_lacks_are_said_in_their_pane_only() {
    let server = OddServer::start([("/acs/access_groups/list", HTML), ("/acs/access_groups/list_users", HTML)]);
    let mut desk = desk(&server);
    desk.see("This server does not offer that.");
    desk.see("Odd Encoder");
    desk.see("card ok");
    usable(desk);
}

#[test]
fn keys_work_while_a_body_is_slow() {
    let server = OddServer::start([("/acs/users/list", Odd::Slow(Duration::from_secs(2)))]);
    let mut desk = desk(&server);
    desk.see("Reading the guests");
    desk.see("Odd Encoder");
    desk.press("Tab");
    desk.see("┏ 2 Access groups ━");
    desk.see("Reading the guests");
    desk.press("1");
    desk.see("Odd, Ann");
    usable(desk);
}

#[test]
fn a_truncated_answer_is_told_and_read_again_on_demand() {
    let server = OddServer::start([("/acs/users/list", Odd::Truncated)]);
    let mut desk = desk(&server);
    desk.see("answer can't be read");
    desk.see("Odd Encoder");
    server.mend();
    desk.press("r");
    desk.see("Odd, Ann");
    desk.see_no("can't be read");
    usable(desk);
}

#[test]
fn a_server_gets_the_pause_it_asks_for_and_then_guests_show() {
    const TWICE: Odd = Odd::FirstTimes(2, &LIMITED);
    let server = OddServer::start([("/acs/users/list", TWICE)]);
    let mut desk = desk(&server);
    desk.see("Odd Encoder");
    desk.see("Odd, Ann");
    usable(desk);
}

#[test]
fn a_server_with_a_fault_is_told_and_the_rest_works() {
    let server = OddServer::start([("/acs/users/list", FAULT)]);
    let mut desk = desk(&server);
    desk.see("The server has a fault of its own.");
    desk.see("Odd Encoder");
    leaves(desk);

    let server = OddServer::start([("/acs/credentials/list", FAULT)]);
    let mut desk = self::desk(&server);
    desk.see("Odd, Ann");
    desk.see("The server has a fault of its own.");
    usable(desk);
}

#[test]
fn a_server_that_lacks_everything_says_so_in_the_header() {
    let server = OddServer::start([("/acs/systems/list", HTML), ("/workspaces/get", HTML)]);
    let mut desk = desk(&server);
    desk.see("NO CONNECTION");
    desk.see("This server does not offer that.");
    leaves(desk);
}

#[test]
fn a_call_that_the_key_has_no_right_to_is_not_a_refused_key() {
    let server = OddServer::start([("/acs/access_groups/list_users", FORBIDDEN), ("/acs/encoders/list", FORBIDDEN)]);
    let launch = Launch::keydesk().env("SEAM_API_KEY", "seam_odd_key").args(["--endpoint", &server.url()]);
    let log = launch.home().join("state/keydesk/keydesk.log");
    let mut desk = launch.start();
    desk.see("Room 7");
    desk.see("card ok");
    // It says so where it is missed, and nowhere else.
    desk.see("The server refuses that to keydesk's API key.");
    let told = || fs::read_to_string(&log).unwrap_or_default();
    wait_until("it is logged", || told().contains("a call is refused with a key that works for others"));
    assert!(!told().contains("the key does not work"));
    desk.see_no("KEY NOT");
    usable(desk);
}

#[test]
fn a_mended_key_of_another_workspace_does_not_mix_two_hotels() {
    let server = OddServer::start([]);
    let launch = Launch::keydesk().args(["--endpoint", &server.url()]);
    let folder = launch.home().join("config/keydesk");
    fs::create_dir_all(&folder).expect("a folder");
    let config = |key: &str| {
        let file = folder.join("config.toml");
        fs::write(&file, format!("[seam]\napi_key = \"{key}\"\n")).expect("a config");
    };
    config("seam_odd_key");
    let mut desk = launch.start();
    desk.see("Odd, Ann");
    config("no key at all");
    desk.press("r");
    desk.see("keydesk goes on with the key that it has. ");
    config("seam_odd_key");
    server.spoil("/workspaces/get", REFUSED);
    server.spoil("/acs/access_groups/list", REFUSED);
    desk.press("Down");
    desk.see("KEY NOT ACCEPTED since");
    config("seam_other_key");
    server.spoil("/workspaces/get", Odd::OnlyFor("seam_other_key", &ANOTHER));
    desk.press("r");
    desk.see("KEY OF ANOTHER HOTEL since");
    desk.see("The key is for another workspace than the one that is shown. Start keydesk again");
    desk.see("Odd, Ann");
    server.mend();
    desk.press("r");
    desk.see_no("KEY");
    usable(desk);
}
