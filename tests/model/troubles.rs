//! What is wrong with the desk as a whole: it stands in the header while it lasts, with the remedy in reach.

use jiff::SignedDuration;
use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::component::ctx::Settings;
use keydesk::domain::fact::Fact;
use keydesk::domain::query::Query;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorCause, ErrorKind, SeamError};
use keydesk::seam::key::{KeyPlace, KeyRefusal, KeyTrouble};
use keydesk::seam::types::System;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world;

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

fn outage(cause: Option<ErrorCause>, kind: ErrorKind) -> BackendMsg {
    BackendMsg::Server(Some(SeamError { cause, ..SeamError::new(kind, "x") }))
}

#[test]
fn a_running_desk_names_the_cause_of_an_outage_and_its_remedy() {
    for (cause, kind, short, remedy) in [
        (Some(ErrorCause::NameNotFound), ErrorKind::Unreachable, "name not found", "Check this PC's network"),
        (Some(ErrorCause::ConnectionRefused), ErrorKind::Unreachable, "connection refused", "Nothing listens"),
        (Some(ErrorCause::ConnectTimedOut), ErrorKind::Unreachable, "nothing answers", "firewall"),
        (Some(ErrorCause::CertificateNotTrusted), ErrorKind::Unreachable, "certificate not trusted", "SSL_CERT_FILE"),
        (Some(ErrorCause::CertificateWrongName), ErrorKind::Unreachable, "certificate of another name", "address"),
        (Some(ErrorCause::CertificateExpired), ErrorKind::Unreachable, "certificate not valid today", "Check this PC"),
        (Some(ErrorCause::ProxyLogin), ErrorKind::Unreachable, "proxy wants a login", "HTTPS_PROXY"),
        (None, ErrorKind::TimedOut, "no answer in time", "network"),
        (None, ErrorKind::Broken, "connection broke", "network"),
    ] {
        for size in [(120, 36), (80, 24)] {
            let mut desk = Desk::open_at(size);
            desk.tell(outage(cause.clone(), kind));
            desk.see(&format!("OFFLINE since 14:32: {short}"));
            desk.act(Action::Needs);
            desk.see("What needs you");
            desk.see(remedy);
            desk.press("Esc");
            desk.tell(BackendMsg::Server(None));
            desk.see_no("OFFLINE");
        }
    }
}

#[test]
fn a_pause_that_the_server_asks_for_says_until_when() {
    let mut desk = Desk::open();
    desk.tell(BackendMsg::Pause(SignedDuration::from_mins(10)));
    desk.see("PAUSE until 14:42");
    desk.act(Action::Needs);
    desk.see("The server asks for a pause until 14:42. keydesk goes on by");
    desk.press("Esc");
    desk.wait(11 * 60_000);
    desk.see_no("PAUSE");
}

#[test]
fn all_troubles_stand_whole_behind_what_needs_me() {
    let mut desk = Desk::open_at((80, 24));
    desk.tell(key(KeyRefusal::NotAccepted, KeyPlace::File("/etc/seam.key".to_owned())));
    clock(&mut desk, SignedDuration::from_hours(24));
    desk.act(Action::Needs);
    for words in ["/etc/seam.key, then press r.", "24 h ahead of the server", "Set the clock, then start"] {
        desk.see(words);
    }
    desk.press("Esc");
    desk.tell(BackendMsg::Key(None));
    clock(&mut desk, SignedDuration::ZERO);
    desk.act(Action::Needs);
    desk.see("Nothing needs you.");
}

#[test]
fn a_notice_that_has_no_room_is_opened_whole_in_the_activity() {
    for size in [(120, 36), (80, 24)] {
        let mut desk = Desk::open_at(size);
        let long = "A word. ".repeat(30) + "The very end.";
        desk.tell(BackendMsg::Notice(long));
        desk.tell(BackendMsg::Notice("A short one.".to_owned()));
        desk.see_no("The very end.");
        desk.wait(6_000);
        desk.focus(PaneId::Activity);
        desk.press("Down");
        desk.press("Enter");
        desk.see("14:32:1");
        desk.see("The very end.");
        desk.press("Esc");
        desk.see_no("The very end.");
        assert!(desk.model().dialogs.is_empty());
    }
}

#[test]
fn a_toast_that_is_cut_says_where_it_can_be_opened() {
    let mut desk = Desk::open_at((80, 24));
    desk.tell(BackendMsg::Notice("A word. ".repeat(30)));
    assert!(desk.key_line().contains("… ") && desk.key_line().contains("(5, Enter opens it)"), "{}", desk.key_line());
}

fn answered(desk: &mut Desk, query: Query, error: Option<&SeamError>) {
    let load = desk.model().ctx.directory.load();
    desk.tell(BackendMsg::Answered(load, query, error.cloned().map(Box::new)));
}

#[test]
fn answers_of_no_use_are_told_while_the_desk_runs() {
    let away = Some(ErrorCause::Redirected("https://login.example/".to_owned()));
    for (cause, short, remedy) in
        [(away, "server sends elsewhere", "https://login.example/"), (None, "answer can't be read", "what stands")]
    {
        for size in [(120, 36), (80, 24)] {
            let mut desk = Desk::open_at(size);
            let error = SeamError { cause: cause.clone(), ..SeamError::new(ErrorKind::Unreadable, "x") };
            answered(&mut desk, Query::System, Some(&error));
            desk.see_no("NOT READ");
            for query in [Query::Encoders, Query::System, Query::Events] {
                answered(&mut desk, query, Some(&error));
                desk.see(&format!("NOT READ since 14:32: {short}"));
            }
            let newest = desk.model().panes.activity.newest().cloned().unwrap();
            assert!(newest.starts_with("The server"), "{newest}");
            let lines = desk.screen_text().matches(&newest[..20]).count();
            assert!(lines == 1 || size.1 < 36 && lines == 0, "{lines} lines for one change");
            assert!(desk.model().toast.is_none());
            desk.act(Action::Needs);
            desk.see(remedy);
            desk.press("Esc");
            for query in [Query::Encoders, Query::System] {
                answered(&mut desk, query, None);
                desk.see("NOT READ");
            }
            answered(&mut desk, Query::Events, None);
            desk.see_no("NOT READ");
        }
    }
}

#[test]
fn what_has_a_banner_of_its_own_is_not_told_twice() {
    let mut desk = Desk::open();
    for error in [
        SeamError::new(ErrorKind::Unreachable, "x"),
        SeamError::new(ErrorKind::Unauthorized, "x"),
        SeamError::new(ErrorKind::Limited, "x"),
        SeamError::new(ErrorKind::Server, "x"),
    ] {
        answered(&mut desk, Query::System, Some(&error));
        answered(&mut desk, Query::Encoders, Some(&error));
    }
    // One guest that can't be read is no trouble of the desk.
    let unreadable = SeamError::new(ErrorKind::Unreadable, "x");
    let guest = desk.model().ctx.selected.clone().unwrap();
    answered(&mut desk, Query::User(guest.clone()), Some(&unreadable));
    answered(&mut desk, Query::User(guest), Some(&unreadable));
    desk.see_no("NOT READ");
    assert_eq!(desk.model().ctx.not_read, None);
}

#[test]
fn an_outage_is_in_the_header_at_any_width() {
    for size in [(60, 18), (80, 24), (100, 30), (120, 36)] {
        for message in ["no answer in time", "x"] {
            let settings = Settings { operator: "reception-desk-number-two".into(), ..world::settings() };
            let mut desk = Desk::open_with(settings, size);
            desk.tell(BackendMsg::Server(Some(SeamError::new(ErrorKind::TimedOut, message))));
            let screen = desk.screen_text();
            let header = screen.lines().next().unwrap();
            assert!(header.contains("OFFLINE since"), "{size:?}: {header}");
        }
    }
}

#[test]
fn what_the_server_reports_of_the_system_is_in_the_header_and_whole_behind_what_needs_me() {
    for (errors, warnings, header, whole) in [
        (json!([{"error_code": "seam_bridge_disconnected"}]), json!([]), "LINK DOWN", "The bridge PC must run"),
        (
            json!([{"error_code": "licence_expired", "message": "The licence\u{1b}[2J of the key system ran out"}]),
            json!([]),
            "KEY SYSTEM ERROR",
            "The licence[2J of the key system ran out.",
        ),
        (
            json!([]),
            json!([{"warning_code": "time_zone_does_not_match_location"}]),
            "key system warning",
            "time zone does not fit",
        ),
        (
            json!([]),
            json!([{"warning_code": "new_one", "message": "Something is odd"}]),
            "key system warning",
            "is odd.",
        ),
    ] {
        for size in [(120, 36), (80, 24)] {
            let mut desk = Desk::open_at(size);
            let system: System = world::from(json!({"acs_system_id": "s", "name": "Hotel Aurora",
                "external_type": "salto_space", "errors": errors, "warnings": warnings}));
            desk.data(Fact::System(Ok((system, None))));
            desk.see(header);
            desk.act(Action::Needs);
            desk.see(whole);
        }
    }
}
