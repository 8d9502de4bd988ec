//! A record of the jobs that can't be kept.

use std::fs;

use crate::desk::Desk;
use crate::house::House;
use crate::support::driver::Driver;

#[test]
fn without_a_record_the_desk_asks_once_and_says_so_from_then_on() {
    let house = House::open();
    let launch = house.launch();
    let file = launch.home().join("a-file");
    fs::write(&file, "").unwrap();
    let config = launch.home().join("config.toml");
    fs::write(&config, format!("[journal]\npath = \"{}\"\n", file.join("journal.db").display())).unwrap();
    let mut desk = Desk::shown(launch.args(["--config".as_ref(), config.as_os_str()]));
    desk.see_title("No record of the jobs");
    desk.see("The record");
    desk.press("y");
    desk.see_no_title("No record of the jobs");
    desk.see("NO RECORD");
    desk.choose("john doe", "Doe, John", "Room 204");
    desk.act("Card for the guest: make, update, lost");
    desk.see_title("Card for John Doe");
    desk.enter();
    desk.see_written();
    desk.see("NO RECORD");
    house.wait_until_it_agrees("John Doe");
}
