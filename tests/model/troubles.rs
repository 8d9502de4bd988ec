//! What is wrong with the desk as a whole: it stands in the header while it lasts, with the remedy in reach.

use jiff::SignedDuration;
use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::domain::query::Query;
use keydesk::keys::action::Action;
use keydesk::seam::key::{KeyPlace, KeyRefusal, KeyTrouble};

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

fn key(why: KeyRefusal, place: KeyPlace) -> BackendMsg {
    BackendMsg::Key(Some(KeyTrouble { why, place }))
}

#[test]
fn a_key_that_does_not_work_says_what_to_mend_and_comes_back_by_itself() {
    let mut desk = Desk::open();
    let file = KeyPlace::File("/etc/seam.key".to_owned());
    desk.tell(key(KeyRefusal::NotAccepted, file.clone()));
    desk.see("KEY NOT ACCEPTED since 14:32");
    desk.see("The server does not accept keydesk's API key. Mend the key in /etc/seam.key, then press r.");
    desk.see("Doe, John");
    desk.act(Action::Reload);
    assert_eq!(desk.effects(), [Effect::ReadKey], "nothing else is read");
    desk.wait(60_000);
    desk.tell(key(KeyRefusal::Unreadable("The file is gone.".to_owned()), file));
    desk.see("KEY CAN'T BE READ since 14:32");
    desk.see("The old key is not accepted, and the new one can't be read. The file is gone.");
    desk.tell(BackendMsg::Key(None));
    desk.see_no("KEY");
    desk.see("the key is accepted again");
    assert!(desk.queries().contains(&Query::UsersPage));
    desk.tell(key(KeyRefusal::NotAccepted, KeyPlace::Variable("SEAM_API_KEY")));
    desk.see("It comes from $SEAM_API_KEY: set a valid one and restart keydesk.");
}

#[test]
fn a_key_that_was_never_accepted_is_said_in_the_panes_too() {
    let mut desk = Desk::fresh(crate::support::model_desk::world::settings(), (120, 36));
    desk.tell(key(KeyRefusal::NotAccepted, KeyPlace::default()));
    desk.see("KEY NOT ACCEPTED since 13:32");
    desk.see("after keydesk must set a valid");
    desk.see_no("Reading the guests");
    assert_eq!(desk.screen_text().matches("KEY NOT ACCEPTED").count(), 1);
}
