//! One table of actions behind the keys, the help, the palette and the key line.

use keydesk::app::effect::Effect;
use keydesk::app::run_action::available;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::domain::fact::Fact;
use keydesk::domain::practice::Practice;
use keydesk::keys::PaneId;
use keydesk::keys::action::{ACTIONS, Action, SimulatedFailure, bindings};
use keydesk::keys::key::{Key, KeyCode};
use keydesk::seam::error::{ErrorKind, SeamError};

use keydesk::words::actions as words;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world;

fn sandbox() -> Desk {
    let mut desk = Desk::open();
    desk.data(Fact::Workspace(world::workspace(true)));
    desk
}

/// Opens the palette and types.
fn palette(desk: &mut Desk, text: &str) {
    desk.act(Action::Palette);
    desk.see("All actions");
    desk.type_text(text);
}

/// Everything that the help says, page by page.
fn help(desk: &mut Desk) -> String {
    desk.act(Action::Help);
    let mut all = desk.screen_text();
    for _ in 0..8 {
        desk.press("PgDn");
        all.push_str(&desk.screen_text());
    }
    desk.press("Esc");
    assert!(desk.model().dialogs.is_empty());
    all
}

#[test]
fn the_help_lists_every_key_of_the_table_for_its_pane() {
    for size in [(120, 36), (80, 24), (60, 18)] {
        for pane in PaneId::ALL {
            let mut desk = Desk::open_at(size);
            desk.focus(pane);
            let help = help(&mut desk);
            let all = bindings(Some(pane)).chain(bindings(None));
            for (row, binding) in all.filter(|(row, _)| row.action != Action::ClearSearch) {
                let start: String = row.words.help.chars().take(20).collect();
                let keys = binding.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(", ");
                let is_there = help.lines().any(|line| line.contains(&start) && line.contains(&keys));
                assert!(is_there, "{keys} for {:?} is not in the help of {pane:?} at {size:?}", row.action);
                let is_whole = row.words.help.split(' ').all(|word| help.contains(word));
                assert!(is_whole && !help.contains('…'), "{:?} is cut at {size:?}", row.words.help);
            }
        }
    }
}

#[test]
fn the_help_scrolls_back_at_once_from_its_end() {
    for size in [(120, 36), (80, 24), (60, 18)] {
        let mut desk = Desk::open_at(size);
        desk.act(Action::Help);
        desk.press("End");
        let end = desk.screen_text();
        desk.press("Down");
        assert_eq!(desk.screen_text(), end, "there is nothing below");
        desk.press("Up");
        assert_ne!(desk.screen_text(), end, "{size:?}");
    }
}

#[test]
fn the_help_says_how_to_practise_in_a_sandbox_only() {
    let practice = "To practise a failure";
    assert!(help(&mut sandbox()).contains(practice));
    assert!(!help(&mut Desk::open()).contains(practice));
}

#[test]
fn the_help_closes_by_the_key_that_opened_it() {
    for key in ["?", "F1", "Esc", "Enter"] {
        let mut desk = Desk::open();
        desk.act(Action::Help);
        desk.press(key);
        assert!(desk.model().dialogs.is_empty(), "{key}");
        assert!(!desk.effects().contains(&Effect::Quit), "{key}");
    }
}

#[test]
fn every_default_key_of_the_design_means_what_it_says() {
    let key = |name: &str| name.parse::<Key>().unwrap();
    for (keys, action) in [
        ("c F4", Action::Card),
        ("n F2", Action::NewGuest),
        ("/ F3", Action::Search),
        (": Ctrl-P", Action::Palette),
        ("! ", Action::Needs),
        ("? F1", Action::Help),
        ("r F5", Action::Reload),
        ("q F10", Action::Quit),
        ("Ctrl-C", Action::QuitIfIdle),
        ("Tab", Action::NextPane),
        ("Shift-Tab", Action::PreviousPane),
    ] {
        for name in keys.split_whitespace() {
            for pane in PaneId::ALL {
                let found = keydesk::keys::action::action_for(key(name), pane);
                assert_eq!(found, Some(action), "{name} in {pane:?}");
            }
        }
    }
}

#[test]
fn the_palette_finds_by_parts_and_does_what_the_key_does() {
    let mut desk = Desk::open();
    palette(&mut desk, "gue ne");
    desk.see("New guest");
    desk.press("Enter");
    desk.see("Full name");
    assert_eq!(desk.model().dialogs.len(), 1);

    let mut desk = Desk::open();
    palette(&mut desk, "encoders");
    desk.press("Enter");
    assert_eq!(desk.model().focus, PaneId::Encoders);
    palette(&mut desk, "leave");
    desk.press("Enter");
    assert!(desk.effects().contains(&Effect::Quit));
}

#[test]
fn the_palette_says_why_not_and_the_action_says_it_too() {
    let mut desk = Desk::open();
    palette(&mut desk, "save");
    desk.see("Save group changes: Nothing is marked.");
    desk.press("Enter");
    assert!(desk.key_line().contains("Nothing is marked."), "{}", desk.key_line());
    palette(&mut desk, "desk encoder");
    desk.see("This works in another pane.");
}

#[test]
fn the_palette_shows_the_keys_and_every_action_but_moves() {
    let mut desk = sandbox();
    desk.focus(PaneId::Groups);
    desk.act(Action::Palette);
    let mut all = desk.screen_text();
    for _ in 0..40 {
        desk.press("Down");
        all.push_str(&desk.screen_text());
    }
    for row in ACTIONS {
        let hidden = matches!(row.action, Action::Move(_) | Action::QuitIfIdle | Action::Palette | Action::ClearSearch);
        let name: String = row.words.name.chars().take(30).collect();
        assert!(hidden || all.contains(&name), "{name} is not in the palette");
    }
}

#[test]
fn nothing_of_that_name_is_said_and_enter_does_nothing() {
    let mut desk = Desk::open();
    palette(&mut desk, "zzz");
    desk.see("No action of this name.");
    desk.press("Enter");
    assert_eq!(desk.model().dialogs.len(), 1);
    desk.keys("Backspace Backspace Backspace Esc");
    assert!(desk.model().dialogs.is_empty());
}

fn practice(code: Option<&str>) -> Practice {
    Practice { encoder: "e-front".into(), fails_with: code.map(str::to_owned) }
}

#[test]
fn practice_appears_in_a_sandbox_and_asks_the_server() {
    let mut desk = Desk::open();
    assert!(available(Action::SucceedNext, &desk.model().ctx, PaneId::Users, false).is_err());
    assert!(available(Action::FailNext(SimulatedFailure::NoCard), &desk.model().ctx, PaneId::Users, false).is_err());
    palette(&mut desk, "practice");
    desk.see("No action of this name.");

    let mut desk = sandbox();
    desk.see("SANDBOX");
    palette(&mut desk, "practice lifted");
    desk.press("Enter");
    let code = "encoding_interrupted".to_owned();
    assert!(desk.effects().contains(&Effect::Practise(practice(Some(&code)))));
    desk.tell(BackendMsg::Practised(practice(Some(&code)), Ok(())));
    desk.see("The next card on Front Desk will fail: lifted too early.");
    palette(&mut desk, "succeeds");
    desk.press("Enter");
    assert!(desk.effects().contains(&Effect::Practise(practice(None))));
    desk.tell(BackendMsg::Practised(practice(None), Ok(())));
    desk.see("The next card on Front Desk will be written.");
    let error = SeamError::new(ErrorKind::NotFound, "x");
    desk.tell(BackendMsg::Practised(practice(Some(&code)), Err(error)));
    desk.see("This server does not offer that.");
}

#[test]
fn every_practised_failure_has_an_entry_and_words() {
    for row in ACTIONS {
        let Action::FailNext(failure) = row.action else { continue };
        let mut desk = sandbox();
        palette(&mut desk, row.words.name);
        desk.press("Enter");
        let code = failure.code();
        assert!(desk.effects().contains(&Effect::Practise(practice(Some(code.as_str())))), "{code:?}");
    }
}

#[test]
fn the_key_line_offers_only_what_can_be_done() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    let line = desk.key_line();
    assert!(!line.contains("card") && !line.contains("new guest") && line.contains("help"), "{line}");
    let mut desk = Desk::open();
    assert!(desk.key_line().contains("card") && desk.key_line().contains("new guest"));
    assert!(!desk.key_line().contains("needs you"), "nothing does");
    desk.focus(PaneId::Groups);
    assert!(desk.key_line().contains("in/out") && !desk.key_line().contains("save"), "{}", desk.key_line());
    desk.act(Action::Stage);
    assert!(desk.key_line().contains("save") && desk.key_line().contains("drop"), "{}", desk.key_line());
    desk.focus(PaneId::Encoders);
    assert!(desk.key_line().contains("desk encoder") && !desk.key_line().contains("search"), "{}", desk.key_line());
}

#[test]
fn every_key_line_ends_with_the_way_to_help() {
    for size in [(120, 36), (80, 24), (60, 18)] {
        for pane in PaneId::ALL {
            let mut desk = Desk::open_at(size);
            desk.focus(pane);
            let line = desk.key_line();
            assert!(line.ends_with("help"), "{pane:?} {size:?}: {line}");
        }
    }
}

#[test]
fn a_key_without_a_meaning_does_nothing() {
    let mut desk = Desk::open();
    let before = desk.screen_text();
    for key in ["z", "Ins", "F7", "F12", "Ctrl-X", "Alt-n", "Left", "Right", "?key"] {
        desk.press(key);
        assert_eq!(desk.effects(), [], "{key}");
        assert_eq!(desk.screen_text(), before, "{key}");
    }
    desk.key(Key { shift: true, ..Key::plain(KeyCode::Up) });
    assert_eq!(desk.screen_text(), before);
}

#[test]
fn the_palette_knows_the_words_that_people_type() {
    for (typed, action) in [
        ("new card", words::CARD),
        ("another card", words::CARD),
        ("lost", words::CARD),
        ("check in", words::NEW_GUEST),
        ("move room", words::STAGE),
        ("refresh", words::RELOAD),
        ("exit", words::QUIT),
        ("check out", words::CHECK_OUT),
        ("extend", words::DEPARTURE),
        ("late check-out", words::DEPARTURE),
        ("rename", words::EDIT),
        ("change room", words::MOVE_ROOM),
        ("checkout", words::CHECK_OUT),
        ("undo check out", words::TAKE_BACK),
        ("delete", words::DELETE_GUEST),
        ("block", words::SUSPEND),
    ] {
        let mut desk = Desk::open();
        desk.choose("John Doe");
        palette(&mut desk, typed);
        assert!(desk.sees(action.name), "{typed} finds {}", action.name);
    }
    // What can't be done here is not answered by something else.
    for typed in ["refund", "arrivals"] {
        let mut desk = Desk::open();
        desk.choose("John Doe");
        palette(&mut desk, typed);
        desk.see("No action of this name.");
    }
}

#[test]
fn what_can_be_done_here_and_now_stands_first_in_the_palette() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.act(Action::Palette);
    let screen = desk.screen_text();
    let line = |name: &str| screen.lines().position(|line| line.contains(name));
    let (first, card) = (line(words::CARD.name), line(words::NEW_GUEST.name));
    assert!(first.is_some() && first < card, "{screen}");
    for other_pane in [words::STAGE.name, words::SAVE.name, words::USE_ENCODER.name] {
        assert!(line(other_pane).is_none_or(|at| Some(at) > card), "{other_pane}\n{screen}");
    }
}
