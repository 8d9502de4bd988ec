//! Leaving, Ctrl-C, notices that end by themselves, and the sleep when nothing happens.

use jiff::{SignedDuration, Timestamp};
use keydesk::app::deadline;
use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::domain::fact::Fact;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::terminal::run::Program;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world;

fn with_a_job() -> Desk {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.act(Action::Card);
    desk.enter();
    let id = desk.begin();
    desk.run(id);
    desk.press("Esc");
    desk.effects();
    desk
}

fn with_marks() -> Desk {
    let mut desk = Desk::open();
    desk.focus(PaneId::Groups);
    desk.act(Action::Stage);
    desk.effects();
    desk
}

#[test]
fn an_idle_desk_leaves_at_once() {
    for key in ["q", "F10", "Ctrl-C"] {
        let mut desk = Desk::open();
        desk.press(key);
        assert!(desk.program.quit(), "{key}");
    }
}

#[test]
fn with_a_job_it_asks_and_names_the_guest() {
    let mut desk = with_a_job();
    desk.act(Action::Quit);
    assert!(!desk.program.quit());
    desk.see("Leave keydesk?");
    desk.see("John Doe");
    desk.press("Enter");
    assert!(!desk.program.quit(), "the first answer does no harm");
    assert!(desk.model().dialogs.is_empty());
    desk.act(Action::Quit);
    desk.press("Esc");
    assert!(desk.model().dialogs.is_empty() && !desk.program.quit());
    desk.act(Action::Quit);
    desk.do_row(1);
    assert!(desk.program.quit());
}

#[test]
fn with_marks_that_are_not_saved_it_asks_too() {
    let mut desk = with_marks();
    desk.act(Action::Quit);
    assert!(!desk.program.quit());
    desk.see("Group changes are not saved: ");
    desk.press("Esc");
    desk.see("not saved");
    desk.act(Action::DropStaged);
    desk.act(Action::Quit);
    assert!(desk.program.quit());
}

#[test]
fn many_jobs_are_counted_and_named() {
    let mut desk = with_a_job();
    for name in ["Eva Brandt", "Tom Quinn", "Max Doerr", "Will Zimmer"] {
        desk.choose(name);
        desk.act(Action::Card);
        desk.enter();
        desk.begin();
        desk.press("Esc");
    }
    desk.act(Action::Quit);
    desk.see("Not finished: ");
    desk.see("and 1 more");
}

#[test]
fn ctrl_c_never_throws_anything_away() {
    let mut desk = with_a_job();
    desk.press("Ctrl-C");
    desk.see("q leaves and asks first");
    assert!(!desk.program.quit());

    let mut desk = with_marks();
    desk.press("Ctrl-C");
    assert!(!desk.program.quit());

    let mut desk = Desk::open();
    desk.act(Action::NewGuest);
    desk.type_text("Jane");
    desk.press("Ctrl-C");
    desk.see("Esc closes the form");
    assert!(!desk.program.quit());
    desk.see("Jane");
    // Also from a question over the form.
    desk.press("Esc");
    desk.press("Ctrl-C");
    assert!(!desk.program.quit());
    desk.see("Throw away");
}

#[test]
fn ctrl_c_closes_a_dialog_that_holds_nothing_before_it_leaves() {
    for action in [Action::Help, Action::Palette, Action::Needs, Action::NewGuest, Action::Card] {
        let mut desk = Desk::open();
        desk.act(action);
        desk.press("Ctrl-C");
        assert!(desk.model().dialogs.is_empty() && !desk.program.quit(), "{action:?}");
        desk.press("Ctrl-C");
        assert!(desk.program.quit(), "{action:?}");
    }
}

#[test]
fn a_notice_ends_after_five_seconds_and_the_keys_are_back() {
    let mut desk = Desk::open();
    desk.act(Action::Reload);
    desk.see("Reading everything again.");
    desk.wait(4_999);
    desk.see("Reading everything again.");
    desk.wait(1);
    desk.see_no("Reading everything again.");
    assert!(desk.key_line().contains("new guest"));
}

/// When the first stay ends that is in sight: until then nothing turns by itself.
fn first_end() -> Timestamp {
    "2026-11-26T10:00:00Z".parse().unwrap()
}

#[test]
fn when_nothing_happens_nothing_is_drawn() {
    let mut desk = Desk::open();
    for keys in ["Tab", "?", "Esc", ":", "Esc", "/", "Esc", "n", "Esc"] {
        desk.press(keys);
    }
    desk.screen_text();
    let (requests, frames) = desk.live(SignedDuration::from_hours(1));
    assert!(requests > 0, "it reads what others may have done");
    assert_eq!(frames, 0);
    desk.tell(BackendMsg::Server(Some(SeamError::new(ErrorKind::Unreachable, "x"))));
    desk.wait(3 * 3_600_000);
    assert_eq!(
        deadline(desk.model()),
        Some(first_end()),
        "who is offline asks nothing, and when all is old nothing gets older"
    );
    let mut desk = with_a_job();
    desk.screen_text();
    assert_eq!(desk.live(SignedDuration::from_secs(60)).1, 60, "once a second while a card is pending");
}

#[test]
fn a_job_that_asks_or_waits_its_turn_turns_no_seconds() {
    let mut desk = with_a_job();
    let id = desk.model().ctx.jobs.unfinished().next().unwrap().id;
    desk.fails(id, "encoding_interrupted");
    desk.live(SignedDuration::from_secs(10));
    assert_eq!(desk.live(SignedDuration::from_mins(1)).1, 0);
}

#[test]
fn the_seconds_of_a_pending_card_turn_by_themselves() {
    let mut desk = with_a_job();
    for shown in ["0:01", "0:02", "0:03"] {
        desk.wait(1_000);
        desk.see(shown);
    }
    desk.wait(3_597_000 + 3_600_000);
    desk.see("2:00:00");
}

#[test]
fn a_clock_that_was_set_back_spins_nothing() {
    let mut desk = with_a_job();
    desk.act(Action::Reload);
    desk.now = "2026-11-24T08:00:00Z".parse().unwrap();
    desk.data(Fact::PeopleEnd(Ok(())));
    let due = deadline(desk.model()).unwrap();
    assert!(due > desk.now, "a deadline that lies behind would never sleep");
    desk.see("0:00");
}

#[test]
fn a_desk_that_is_too_small_says_what_it_needs_and_comes_back() {
    let mut desk = Desk::open();
    desk.resize(59, 18);
    desk.see("keydesk needs a larger window: at least 60 x 18.");
    desk.resize(60, 17);
    desk.see("larger window");
    // Nobody works blind.
    desk.press("n");
    desk.resize(120, 36);
    desk.see_no("Full name");
    for data in world::everything() {
        desk.data(data);
    }
    assert!(!desk.effects().contains(&Effect::Quit));
}
