//! The screens as a receptionist sees them: snapshots of their text, and of a few with their roles of colour.
//!
//! A change of looks or words is taken over with `INSTA_UPDATE=always cargo test --test core screens`.

mod paint;

use keydesk::component::backend_msg::BackendMsg;
use keydesk::component::ctx::Settings;
use keydesk::domain::directory::SystemTrouble;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::JobId;
use keydesk::domain::job::command::Decision;
use keydesk::domain::job::event::{Event, Intent};
use keydesk::domain::job::look::Seen;
use keydesk::domain::remembered::{CalledWritten, RememberedGuest};
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::ui::theme::{Colors, Theme};
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::{Desk, world};
use paint::{painted, plain};

/// The two sizes that must look right.
const SIZES: [(u16, u16); 2] = [(120, 36), (80, 24)];

/// Takes a snapshot of a scene at both sizes.
fn both(name: &str, scene: impl Fn(&mut Desk)) {
    for size in SIZES {
        let mut desk = Desk::open_at(size);
        scene(&mut desk);
        insta::assert_snapshot!(format!("{name}@{}x{}", size.0, size.1), plain(&desk.buffer()));
    }
}

fn start(desk: &mut Desk, name: &str) -> JobId {
    desk.choose(name);
    desk.act(Action::Card);
    desk.enter();
    desk.begin()
}

fn place(desk: &mut Desk, name: &str) -> JobId {
    let id = start(desk, name);
    desk.run(id);
    id
}

/// Lets the notice of before end.
fn rest(desk: &mut Desk) {
    desk.wait(7_000);
}

/// A busy desk: one card is placed, one waits for a person, one waits its turn.
fn busy(desk: &mut Desk) {
    let asks = place(desk, "Tom Quinn");
    desk.wait(4_000);
    desk.fails(asks, "encoder_not_online");
    desk.press("Esc");
    desk.obey(asks);
    let done = place(desk, "Daria Ivanova");
    desk.wait(9_000);
    desk.written(done);
    desk.enter();
    place(desk, "John Doe");
    desk.press("Esc");
    let waits = start(desk, "Eva Brandt");
    desk.turn(waits);
    desk.turn(waits);
    desk.event(waits, Event::Queued);
    desk.press("Esc");
    desk.choose("John Doe");
    rest(desk);
}

#[test]
fn desk_at_rest() {
    both("desk", |desk| desk.choose("John Doe"));
}

#[test]
fn desk_at_work() {
    both("desk-busy", busy);
}

#[test]
fn desk_with_marked_groups() {
    both("groups-staged", |desk| {
        desk.choose("José García");
        desk.focus(PaneId::Groups);
        desk.keys("Down Space Down Space Down Down Space");
    });
}

#[test]
fn activity_in_focus() {
    both("activity", |desk| {
        busy(desk);
        desk.focus(PaneId::Activity);
    });
}

#[test]
fn a_search_with_hits() {
    both("search", |desk| {
        desk.act(Action::Search);
        desk.type_text("204");
    });
}

#[test]
fn a_search_without_a_hit() {
    both("search-nobody", |desk| {
        desk.act(Action::Search);
        desk.type_text("schmidtke");
    });
}

#[test]
fn a_search_in_the_groups() {
    both("search-groups", |desk| {
        desk.choose("John Doe");
        desk.focus(PaneId::Groups);
        desk.act(Action::Search);
        desk.type_text("room 2");
    });
}

#[test]
fn form_when_it_opens() {
    both("form-empty", |desk| desk.act(Action::NewGuest));
}

fn fill(desk: &mut Desk) {
    desk.act(Action::NewGuest);
    for text in ["Jane Roe", "204", "+4", "0151 98765432", "jane.roe@example.com"] {
        desk.type_text(text);
        desk.press("Tab");
    }
}

#[test]
fn form_filled_with_suggestions_for_groups() {
    both("form-filled", |desk| {
        fill(desk);
        desk.type_text("gym");
        desk.press("Enter");
        desk.type_text("p");
    });
}

#[test]
fn form_with_rooms_to_choose_from() {
    both("form-rooms", |desk| {
        desk.act(Action::NewGuest);
        desk.type_text("Jane Roe");
        desk.press("Tab");
        desk.type_text("20");
        desk.keys("Down Down");
    });
}

#[test]
fn form_with_guests_who_are_here_already() {
    both("form-matches", |desk| {
        desk.act(Action::NewGuest);
        desk.type_text("doe");
        desk.press("Down");
    });
}

#[test]
fn form_with_what_is_wrong() {
    both("form-wrong", |desk| {
        fill(desk);
        desk.press("Shift-Tab");
        desk.press("Ctrl-U");
        desk.type_text("jane.roe");
        desk.keys("Shift-Tab Ctrl-U");
        desk.type_text("call me");
        desk.keys("Shift-Tab Ctrl-U");
        desk.type_text("soon");
        desk.press("Ctrl-S");
    });
}

#[test]
fn form_and_the_question_before_it_closes() {
    both("form-close", |desk| {
        fill(desk);
        desk.press("Esc");
    });
}

#[test]
fn form_and_the_question_about_a_room_that_is_taken() {
    both("form-taken", |desk| {
        fill(desk);
        desk.press("Ctrl-S");
    });
}

#[test]
fn form_and_the_question_about_a_missing_departure() {
    both("form-endless", |desk| {
        desk.act(Action::NewGuest);
        desk.type_text("Jane Roe");
        desk.press("Tab");
        desk.type_text("207");
        desk.press("Ctrl-S");
    });
}

#[test]
fn form_and_the_question_about_a_namesake() {
    both("form-namesake", |desk| {
        desk.act(Action::NewGuest);
        desk.type_text("John Doe");
        desk.press("Ctrl-S");
    });
}

#[test]
fn the_form_of_a_guest_who_is_there() {
    both("edit", |desk| {
        desk.choose("José García");
        desk.act(Action::Edit);
        desk.settle();
    });
    both("departure", |desk| {
        desk.choose("José García");
        desk.act(Action::Departure);
        desk.settle();
        desk.type_text("+1");
    });
}

#[test]
fn the_check_out_of_a_room() {
    both("check-out", |desk| {
        desk.choose("Lucía Álvarez");
        desk.act(Action::CheckOut);
        desk.settle();
    });
    both("check-out-stays", |desk| {
        desk.choose("Tom Quinn");
        desk.act(Action::CheckOut);
        desk.settle();
        desk.press("Down");
    });
    both("check-out-staff", |desk| {
        desk.choose("Eva Brandt");
        desk.act(Action::CheckOut);
        desk.settle();
    });
}

#[test]
fn plan_of_a_first_card() {
    both("plan-new", |desk| {
        desk.choose("John Doe");
        desk.act(Action::Card);
    });
}

#[test]
fn plan_of_an_update_with_marked_groups() {
    both("plan-update", |desk| {
        desk.choose("José García");
        desk.focus(PaneId::Groups);
        desk.keys("Down Space Down Down Space Down Down Down Down Space");
        desk.act(Action::Card);
    });
}

#[test]
fn plan_of_a_lost_card() {
    both("plan-replace", |desk| {
        desk.choose("José García");
        desk.act(Action::Card);
        desk.press("Down");
    });
}

#[test]
fn plan_with_everything_that_speaks_against_it() {
    both("plan-warnings", |desk| {
        place(desk, "John Doe");
        desk.press("Esc");
        desk.choose("Leila Haddad");
        desk.act(Action::Card);
    });
}

#[test]
fn plan_while_the_cards_are_read() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for data in world::everything().into_iter().take(6) {
        desk.data(data);
    }
    desk.act(Action::Card);
    insta::assert_snapshot!("plan-reading@120x36", plain(&desk.buffer()));
}

#[test]
fn encoders_to_choose_from() {
    both("pick", |desk| {
        place(desk, "John Doe");
        desk.press("Esc");
        desk.choose("Eva Brandt");
        desk.act(Action::Card);
        desk.press("Tab");
    });
}

#[test]
fn job_before_the_card_comes_in() {
    both("job-working", |desk| {
        let id = start(desk, "John Doe");
        desk.turn(id);
    });
}

#[test]
fn job_with_a_blank_card_to_be_placed() {
    both("job-place-blank", |desk| {
        place(desk, "John Doe");
        desk.wait(6_000);
    });
}

#[test]
fn job_with_the_guests_own_card_to_be_placed() {
    both("job-place-own", |desk| {
        desk.choose("Max Doerr");
        desk.focus(PaneId::Groups);
        desk.keys("Down Space Down Space");
        place(desk, "Max Doerr");
        desk.wait(6_000);
    });
}

#[test]
fn job_that_is_written() {
    both("job-written", |desk| {
        let id = place(desk, "John Doe");
        desk.wait(9_000);
        desk.written(id);
    });
}

#[test]
fn job_that_is_written_and_being_recorded() {
    both("job-unrecorded", |desk| {
        let id = place(desk, "John Doe");
        desk.wait(9_000);
        desk.unrecorded(id, false);
    });
}

#[test]
fn job_that_is_written_and_not_in_the_record() {
    both("job-not-recorded", |desk| {
        let id = place(desk, "John Doe");
        desk.wait(9_000);
        desk.unrecorded(id, false);
        desk.unrecorded(id, true);
    });
}

#[test]
fn desk_with_a_card_that_is_not_in_the_record() {
    both("not-recorded", |desk| {
        let id = place(desk, "John Doe");
        desk.wait(9_000);
        desk.press("Esc");
        desk.unrecorded(id, false);
        desk.unrecorded(id, true);
        rest(desk);
    });
}

#[test]
fn desk_with_a_card_that_was_called_written() {
    both("called-written", |desk| {
        desk.choose("Jonas Fischer");
        let word = CalledWritten { credential: "c-u-jonas".into(), by: "Kim".into(), at: desk.now };
        let guest = RememberedGuest { called_written: Some(word), ..RememberedGuest::default() };
        desk.tell(BackendMsg::Remembered("u-jonas".into(), Box::new(guest)));
        desk.live(jiff::SignedDuration::from_mins(7));
    });
}

#[test]
fn job_whose_guest_is_gone() {
    both("job-guest-gone", |desk| {
        let id = start(desk, "John Doe");
        desk.event(id, Event::Looked { seen: Seen::UserGone });
    });
}

#[test]
fn job_of_a_new_guest_that_is_written() {
    both("job-new-guest-written", |desk| {
        fill(desk);
        desk.save_anyway();
        let id = desk.begin();
        desk.run(id);
        desk.wait(9_000);
        desk.data(Fact::user(world::from(json!({"acs_user_id": "u-new", "full_name": "Jane Roe",
            "access_schedule": {"starts_at": "2026-11-24T13:32:10Z", "ends_at": "2026-11-28T10:00:00Z"}}))));
        desk.written(id);
    });
}

#[test]
fn job_that_failed_with_its_details() {
    both("job-failed", |desk| {
        let id = place(desk, "John Doe");
        desk.wait(6_000);
        desk.fails(id, "encoding_interrupted");
        desk.press("i");
    });
}

#[test]
fn every_failure_in_its_block() {
    let mut all = Vec::new();
    for code in [
        "no_credential_on_encoder",
        "encoding_interrupted",
        "incompatible_card_format",
        "credential_cannot_be_reissued",
        "credential_deleted",
        "encoder_not_online",
        "encoder_communication_timeout",
        "bridge_disconnected",
        "action_attempt_expired",
        "uncategorized_error",
    ] {
        let mut desk = Desk::open_at((80, 24));
        let id = place(&mut desk, "Max Doerr");
        desk.fails(id, code);
        let inside = |line: &str| Some(line.split('┃').nth(1)?.trim_end().to_owned());
        let lines: Vec<String> = plain(&desk.buffer()).lines().filter_map(inside).collect();
        let from = lines.iter().position(|line| line.contains('✗')).unwrap();
        let said = lines[from..].iter().filter(|line| !line.is_empty()).cloned().collect::<Vec<_>>().join("\n");
        all.push(format!("{code}\n{said}\n"));
    }
    insta::assert_snapshot!("failures", all.join("\n"));
}

#[test]
fn job_that_was_refused() {
    both("job-refused", |desk| {
        let id = start(desk, "John Doe");
        let intent = desk.run_to(id, |intent| matches!(intent, Intent::CreateCredential { .. }));
        desk.event(id, Event::Intended { intent });
        let error = SeamError {
            code: "invalid_input".into(),
            status: Some(400),
            request_id: Some("8f1c2d3e-req".into()),
            validation: [("acs_user_id".to_owned(), vec!["Invalid uuid".to_owned()])].into(),
            ..SeamError::new(ErrorKind::NotFound, "Invalid input")
        };
        desk.event(id, Event::Refused { error });
        desk.press("i");
    });
}

#[test]
fn job_that_is_not_known() {
    both("job-not-known", |desk| {
        let id = start(desk, "John Doe");
        let intent = desk.run_to(id, |intent| matches!(intent, Intent::Encode { .. }));
        desk.lose(id, intent);
        desk.live(jiff::SignedDuration::from_mins(2));
        desk.turn(id);
    });
}

#[test]
fn job_that_reads_back() {
    both("job-checking", |desk| {
        let id = start(desk, "John Doe");
        let intent = desk.run_to(id, |intent| matches!(intent, Intent::CreateCredential { .. }));
        desk.lose(id, intent);
    });
}

#[test]
fn job_without_a_connection() {
    both("job-offline", |desk| {
        let id = start(desk, "John Doe");
        let error = SeamError::new(ErrorKind::Unreachable, "x");
        desk.tell(BackendMsg::Server(Some(error.clone())));
        let until = desk.now + jiff::SignedDuration::from_secs(2);
        desk.event(id, Event::Delayed { until, error });
    });
}

#[test]
fn the_list_of_what_needs_me() {
    both("needs", |desk| {
        busy(desk);
        desk.act(Action::Needs);
    });
}

#[test]
fn a_job_that_was_put_off() {
    both("job-put-off", |desk| {
        let id = place(desk, "John Doe");
        desk.fails(id, "no_credential_on_encoder");
        desk.decided(id, Decision::Later);
    });
}

#[test]
fn the_question_before_a_job_is_given_up() {
    both("give-up", |desk| {
        let id = place(desk, "John Doe");
        desk.fails(id, "no_credential_on_encoder");
        desk.press("x");
    });
}

#[test]
fn help_and_its_end() {
    both("help", |desk| desk.act(Action::Help));
    both("help-end", |desk| {
        desk.data(Fact::Workspace(world::workspace(true)));
        desk.focus(PaneId::Groups);
        desk.act(Action::Help);
        desk.keys("PgDn PgDn PgDn PgDn PgDn PgDn");
    });
}

#[test]
fn the_palette() {
    both("palette", |desk| desk.act(Action::Palette));
    both("palette-found", |desk| {
        desk.data(Fact::Workspace(world::workspace(true)));
        desk.act(Action::Palette);
        desk.type_text("card");
    });
}

#[test]
fn the_question_before_leaving() {
    both("quit", |desk| {
        busy(desk);
        desk.focus(PaneId::Groups);
        desk.choose("José García");
        desk.focus(PaneId::Groups);
        desk.act(Action::Stage);
        desk.act(Action::Quit);
    });
}

#[test]
fn without_a_connection_from_the_start() {
    for size in SIZES {
        let mut desk = Desk::fresh(world::settings(), size);
        let error = SeamError::new(ErrorKind::Unreachable, "connection refused");
        desk.tell(BackendMsg::Server(Some(error.clone())));
        desk.data(Fact::System(Err(SystemTrouble::Call(error))));
        insta::assert_snapshot!(format!("no-connection@{}x{}", size.0, size.1), plain(&desk.buffer()));
    }
}

#[test]
fn offline_with_what_is_known() {
    both("offline", |desk| {
        busy(desk);
        desk.tell(BackendMsg::Server(Some(SeamError::new(ErrorKind::TimedOut, "x"))));
        desk.tell(BackendMsg::Journal(Some("The disk is full: free some space on it.".into())));
        desk.do_row(1);
    });
}

#[test]
fn group_changes_before_they_are_saved() {
    both("groups-changes", |desk| {
        desk.choose("John Doe");
        desk.focus(PaneId::Groups);
        desk.act(Action::Stage);
        desk.keys("Down Down Down");
        desk.act(Action::Stage);
        desk.act(Action::Save);
    });
}

#[test]
fn with_the_link_to_the_key_system_down() {
    both("link-down", |desk| {
        let mut system = world::system();
        system.errors = world::from(serde_json::json!([{"error_code": "seam_bridge_disconnected", "message": "raw"}]));
        desk.data(Fact::System(Ok((system, None))));
    });
}

#[test]
fn while_everything_loads() {
    for size in SIZES {
        let mut desk = Desk::fresh(Settings { demo: true, ..world::settings() }, size);
        insta::assert_snapshot!(format!("connecting@{}x{}", size.0, size.1), plain(&desk.buffer()));
        for data in world::everything().into_iter().take(5) {
            desk.data(data);
        }
        insta::assert_snapshot!(format!("loading@{}x{}", size.0, size.1), plain(&desk.buffer()));
    }
}

#[test]
fn an_empty_house() {
    for size in SIZES {
        let mut desk = Desk::fresh(world::settings(), size);
        desk.data(Fact::System(Ok((world::system(), None))));
        desk.data(Fact::Encoders(Ok(Vec::new())));
        desk.data(Fact::Groups(Ok(Vec::new())));
        desk.data(Fact::PeopleEnd(Ok(())));
        desk.data(Fact::CredentialsEnd(Ok(())));
        insta::assert_snapshot!(format!("empty@{}x{}", size.0, size.1), plain(&desk.buffer()));
    }
}

#[test]
fn several_systems_and_none_chosen() {
    for size in SIZES {
        let mut desk = Desk::fresh(world::settings(), size);
        let names = vec!["Hotel Aurora".to_owned(), "Aurora Annex".to_owned()];
        desk.data(Fact::System(Err(SystemTrouble::Several(names))));
        insta::assert_snapshot!(format!("several-systems@{}x{}", size.0, size.1), plain(&desk.buffer()));
    }
}

#[test]
fn the_smallest_window_and_one_that_is_too_small() {
    let mut desk = Desk::open_at((60, 18));
    busy(&mut desk);
    insta::assert_snapshot!("desk-busy@60x18", plain(&desk.buffer()));
    desk.act(Action::Needs);
    desk.enter();
    insta::assert_snapshot!("job-failed@60x18", plain(&desk.buffer()));
    desk.press("Esc");
    fill(&mut desk);
    insta::assert_snapshot!("form@60x18", plain(&desk.buffer()));
    desk.resize(42, 10);
    insta::assert_snapshot!("too-small@42x10", plain(&desk.buffer()));
}

#[test]
fn a_plain_terminal() {
    let theme = Theme { colors: Colors::None, ascii: true };
    let mut desk = Desk::open_with(Settings { theme, demo: true, ..world::settings() }, (80, 24));
    busy(&mut desk);
    insta::assert_snapshot!("ascii-desk@80x24", painted(&desk.buffer()));
    desk.act(Action::Card);
    insta::assert_snapshot!("ascii-job@80x24", painted(&desk.buffer()));
}

#[test]
fn roles_of_colour() {
    let mut desk = Desk::open_with(Settings { demo: true, ..world::settings() }, (120, 36));
    busy(&mut desk);
    insta::assert_snapshot!("roles-desk@120x36", painted(&desk.buffer()));
    for (name, code) in [("roles-placing", None), ("roles-failed", Some("no_credential_on_encoder"))] {
        let mut desk = Desk::open_at((80, 24));
        let id = place(&mut desk, "John Doe");
        if let Some(code) = code {
            desk.fails(id, code);
        }
        insta::assert_snapshot!(format!("{name}@80x24"), painted(&desk.buffer()));
    }
    let mut desk = Desk::open_at((80, 24));
    let id = place(&mut desk, "John Doe");
    desk.written(id);
    insta::assert_snapshot!("roles-written@80x24", painted(&desk.buffer()));
}
