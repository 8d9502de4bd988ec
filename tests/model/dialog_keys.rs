//! The rule of keys in dialogs: what changes something is a row and Enter, a letter does no harm.

use keydesk::app::effect::Effect;
use keydesk::dialogs::Dialog;
use keydesk::keys::PaneId;
use keydesk::keys::action::{ACTIONS, Action};
use keydesk::keys::dialog_key::{DIALOG_KEYS, DialogKey};
use keydesk::keys::key::{Key, KeyCode};
use keydesk::ui::list::Move;

use super::scenes::SCENES;
use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world;

/// Every key that types a character.
fn letters() -> impl Iterator<Item = Key> {
    ('!'..='~').map(Key::char)
}

fn desk_at(scene: &str) -> Desk {
    let (_, bring) = SCENES.iter().find(|(name, _)| *name == scene).unwrap();
    let mut desk = Desk::open_with(world::settings(), (120, 36));
    bring(&mut desk);
    desk.wait(500);
    desk.effects();
    desk
}

#[test]
fn no_letter_changes_anything_in_any_dialog() {
    let mut seen = Vec::new();
    for (scene, _) in SCENES {
        if desk_at(scene).model().dialogs.is_empty() {
            continue;
        }
        let mut desk = desk_at(scene);
        for key in letters() {
            let before = desk.model().dialogs.ids();
            let takes_text = matches!(desk.model().dialogs.top(), Some(Dialog::Form(_) | Dialog::Palette(_)));
            seen.push(std::mem::discriminant(desk.model().dialogs.top().unwrap()));
            desk.key(key);
            let harmless = |effect: &Effect| matches!(effect, Effect::Fetch(..) | Effect::Draft(_));
            let effects = desk.effects();
            assert!(effects.iter().all(harmless), "{key} in {scene}: {effects:?}");
            let now = desk.model().dialogs.ids();
            let asks = desk.model().dialogs.top().is_some_and(Dialog::is_question);
            assert!(now.len() <= before.len() || asks, "{key} in {scene} opens something that is no question");
            assert!(!takes_text || now == before, "{key} in {scene} is typed");
            if now != before {
                desk = desk_at(scene);
            }
        }
    }
    seen.sort_by_key(|kind| format!("{kind:?}"));
    seen.dedup();
    assert_eq!(seen.len(), 11, "every kind of dialog is among the scenes");
}

#[test]
fn a_letter_means_one_thing_in_all_dialogs_and_the_desk() {
    for (at, (does, keys)) in DIALOG_KEYS.iter().enumerate() {
        for key in *keys {
            assert!(DIALOG_KEYS[at + 1..].iter().all(|(_, others)| !others.contains(key)), "{key} means two things");
            if !matches!(key.code, KeyCode::Char(_)) {
                continue;
            }
            for row in ACTIONS.iter().filter(|row| row.bindings.iter().any(|binding| binding.keys.contains(key))) {
                let same = match does {
                    DialogKey::Move(step) => row.action == Action::Move(*step),
                    DialogKey::CloseHelp => row.action == Action::Help,
                    DialogKey::CloseNeeds => row.action == Action::Needs,
                    // Both take what is under the cursor in or out.
                    DialogKey::Tick => row.action == Action::Stage,
                    _ => false,
                };
                assert!(same, "{key} is {does:?} in dialogs and {:?} on the desk", row.action);
            }
        }
    }
}

#[test]
fn the_first_answer_to_every_question_does_no_harm() {
    for scene in ["close form", "give up", "quit"] {
        let mut desk = desk_at(scene);
        let open = desk.model().dialogs.len();
        desk.press("Enter");
        assert_eq!(desk.effects(), [], "{scene}");
        assert_eq!(desk.model().dialogs.len(), open - 1, "{scene}: only the question is closed");
    }
}

#[test]
fn a_row_counts_only_for_the_state_it_was_chosen_in() {
    let (mut desk, id) = super::jobs::failed("Max Doerr", "credential_cannot_be_reissued");
    desk.keys("Down Down");
    desk.see("▸ try again");
    desk.press("Enter");
    desk.obey(id);
    desk.run(id);
    desk.fails(id, "credential_cannot_be_reissued");
    desk.wait(500);
    desk.see_no("▸ try again");
    desk.press("Enter");
    assert_eq!(desk.decisions(), [], "nothing is chosen anew");
}

#[test]
fn the_arrows_stop_at_the_ends_of_the_rows() {
    let (mut desk, _) = super::jobs::failed("Max Doerr", "credential_cannot_be_reissued");
    desk.keys("Up Up");
    desk.see("▸ replace the card");
    desk.keys("Down Down Down");
    desk.see("▸ try again");
    assert_eq!(Move::Down.apply(1, 2, 2), 1);
    assert_eq!(desk.model().focus, PaneId::Users, "no key goes through to the desk");
}
