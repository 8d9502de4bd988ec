//! What is wrong with the desk as a whole: it stands in the header while it lasts, with the remedy in reach.

use jiff::SignedDuration;
use keydesk::component::backend_msg::BackendMsg;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;

fn clock(desk: &mut Desk, ahead: SignedDuration) {
    let server = desk.now - ahead;
    desk.tell(BackendMsg::ServerTime(server));
}

#[test]
fn a_wrong_clock_is_told_until_it_is_mended() {
    let mut desk = Desk::open();
    clock(&mut desk, SignedDuration::from_secs(119));
    desk.see_no("CLOCK");
    assert_eq!(desk.model().ctx.clock_is_off, None);
    clock(&mut desk, SignedDuration::from_hours(24));
    desk.see("CLOCK 24 h AHEAD");
    desk.see("This PC's clock is 24 h ahead of the server: departures would be wrong. Set the clock");
    assert_eq!(desk.model().ctx.clock_is_off, Some(SignedDuration::from_hours(24)));
    clock(&mut desk, SignedDuration::from_mins(-5));
    desk.see("CLOCK 5 min BEHIND");
    clock(&mut desk, SignedDuration::from_secs(-2));
    desk.see_no("CLOCK");
    desk.see("the clock is right again");
    assert_eq!(desk.model().ctx.clock_is_off, None);
}

#[test]
fn a_clock_that_is_set_back_is_still_wrong_for_a_desk_that_runs() {
    let mut desk = Desk::open();
    clock(&mut desk, SignedDuration::from_hours(24));
    // The PC is right again, but the desk's own time goes on a day ahead.
    clock(&mut desk, SignedDuration::from_hours(24));
    desk.see("CLOCK 24 h AHEAD");
    desk.see("then start keydesk again");
}
