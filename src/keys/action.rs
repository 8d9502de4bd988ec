//! One table of actions behind the keys, the key line, the palette and the help.

use super::key::{Key, KeyCode};
use crate::domain::codes::AttemptCode;
use crate::keys::PaneId;
use crate::ui::list::Move;
use crate::words::actions::{self as words, ActionWords};

/// Everything that a person can ask the desk for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The card of the selected user: the plan, or the job that is under way.
    Card,
    /// The form for a new guest.
    NewGuest,
    /// Search in the pane that has the focus.
    Search,
    /// End the search of the pane.
    ClearSearch,
    /// Stage the group under the cursor in or out.
    Stage,
    /// Save the staged groups of the selected user.
    Save,
    /// Drop the staged groups of the selected user.
    DropStaged,
    /// Make the encoder under the cursor the desk encoder.
    UseEncoder,
    /// Read everything anew.
    Reload,
    /// The jobs that need a person, and those under way.
    Needs,
    /// Every action by name.
    Palette,
    /// Help for where the focus is.
    Help,
    /// Leave.
    Quit,
    /// Leave, but only where nothing can be lost.
    QuitIfIdle,
    /// The focus to the next pane.
    NextPane,
    /// The focus to the pane before.
    PreviousPane,
    /// The focus to this pane.
    Focus(PaneId),
    /// A movement in the list of the pane.
    Move(Move),
    /// Make the next encode on the desk encoder fail with the code at this place of [`FAILURES`] (sandbox only).
    FailNext(usize),
    /// Make the next encode on the desk encoder succeed (sandbox only).
    SucceedNext,
}

/// The codes that an encode can be made to fail with, by `/acs/encoders/simulate/next_credential_encode_will_fail`.
/// The API's contract knows these four; any other code is refused.
pub const FAILURES: [AttemptCode; 4] =
    [AttemptCode::NoCard, AttemptCode::Interrupted, AttemptCode::Expired, AttemptCode::Uncategorized];

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// The keys for it, the first is shown.
    pub keys: &'static [Key],
    /// The pane that it belongs to; `None` works everywhere.
    pub pane: Option<PaneId>,
}

const fn binding(action: Action, keys: &'static [Key], pane: Option<PaneId>) -> Binding {
    Binding { action, keys, pane }
}

/// The table. Rows of a pane stand before those for everywhere, so that a pane's key wins.
pub const BINDINGS: &[Binding] = &[
    binding(Action::Card, &[Key::plain(KeyCode::Enter)], Some(PaneId::Users)),
    binding(Action::Stage, &[Key::char(' ')], Some(PaneId::Groups)),
    binding(Action::Save, &[Key::plain(KeyCode::Enter)], Some(PaneId::Groups)),
    binding(Action::DropStaged, &[Key::plain(KeyCode::Backspace)], Some(PaneId::Groups)),
    binding(Action::UseEncoder, &[Key::plain(KeyCode::Enter)], Some(PaneId::Encoders)),
    binding(Action::Card, &[Key::char('c'), Key::f(4)], None),
    binding(Action::NewGuest, &[Key::char('n'), Key::f(2)], None),
    binding(Action::Search, &[Key::char('/'), Key::f(3)], None),
    binding(Action::Palette, &[Key::char(':'), Key::ctrl('p')], None),
    binding(Action::Needs, &[Key::char('!')], None),
    binding(Action::Help, &[Key::char('?'), Key::f(1)], None),
    binding(Action::Reload, &[Key::char('r'), Key::f(5)], None),
    binding(Action::Quit, &[Key::char('q'), Key::f(10)], None),
    binding(Action::QuitIfIdle, &[Key::ctrl('c')], None),
    binding(Action::NextPane, &[Key::plain(KeyCode::Tab)], None),
    binding(Action::PreviousPane, &[Key::plain(KeyCode::BackTab)], None),
    binding(Action::Focus(PaneId::Users), &[Key::char('1')], None),
    binding(Action::Focus(PaneId::Groups), &[Key::char('2')], None),
    binding(Action::Focus(PaneId::Credentials), &[Key::char('3')], None),
    binding(Action::Focus(PaneId::Encoders), &[Key::char('4')], None),
    binding(Action::Focus(PaneId::Activity), &[Key::char('5')], None),
    binding(Action::Move(Move::Up), &[Key::plain(KeyCode::Up), Key::char('k')], None),
    binding(Action::Move(Move::Down), &[Key::plain(KeyCode::Down), Key::char('j')], None),
    binding(Action::Move(Move::PageUp), &[Key::plain(KeyCode::PageUp)], None),
    binding(Action::Move(Move::PageDown), &[Key::plain(KeyCode::PageDown)], None),
    binding(Action::Move(Move::Home), &[Key::plain(KeyCode::Home), Key::char('g')], None),
    binding(Action::Move(Move::End), &[Key::plain(KeyCode::End), Key::char('G')], None),
    binding(Action::ClearSearch, &[Key::plain(KeyCode::Esc)], None),
    binding(Action::FailNext(0), &[], None),
    binding(Action::FailNext(1), &[], None),
    binding(Action::FailNext(2), &[], None),
    binding(Action::FailNext(3), &[], None),
    binding(Action::SucceedNext, &[], None),
];

/// What an action is called.
pub fn words_of(action: Action) -> ActionWords {
    match action {
        Action::Card => words::CARD,
        Action::NewGuest => words::NEW_GUEST,
        Action::Search => words::SEARCH,
        Action::ClearSearch => words::CLEAR_SEARCH,
        Action::Stage => words::STAGE,
        Action::Save => words::SAVE,
        Action::DropStaged => words::DROP,
        Action::UseEncoder => words::USE_ENCODER,
        Action::Reload => words::RELOAD,
        Action::Needs => words::NEEDS,
        Action::Palette => words::PALETTE,
        Action::Help => words::HELP,
        Action::Quit => words::QUIT,
        Action::QuitIfIdle => words::QUIT_IF_IDLE,
        Action::NextPane => words::NEXT_PANE,
        Action::PreviousPane => words::PREVIOUS_PANE,
        Action::Focus(PaneId::Users) => words::TO_USERS,
        Action::Focus(PaneId::Groups) => words::TO_GROUPS,
        Action::Focus(PaneId::Credentials) => words::TO_CREDENTIALS,
        Action::Focus(PaneId::Encoders) => words::TO_ENCODERS,
        Action::Focus(PaneId::Activity) => words::TO_ACTIVITY,
        Action::Move(Move::Up) => words::UP,
        Action::Move(Move::Down) => words::DOWN,
        Action::Move(Move::PageUp) => words::PAGE_UP,
        Action::Move(Move::PageDown) => words::PAGE_DOWN,
        Action::Move(Move::Home) => words::HOME,
        Action::Move(Move::End) => words::END,
        Action::FailNext(how) => words::FAIL_NEXT[how.min(words::FAIL_NEXT.len() - 1)],
        Action::SucceedNext => words::SUCCEED_NEXT,
    }
}

/// The action of a key for a pane.
pub fn action_for(key: Key, pane: PaneId) -> Option<Action> {
    BINDINGS
        .iter()
        .find(|row| row.pane.is_none_or(|wanted| wanted == pane) && row.keys.contains(&key))
        .map(|row| row.action)
}

/// The key that is shown for an action in a pane; empty when it has none.
pub fn shown_key(action: Action, pane: PaneId) -> String {
    let rows = || BINDINGS.iter().filter(|row| row.action == action);
    rows()
        .find(|row| row.pane.is_none())
        .or_else(|| rows().find(|row| row.pane == Some(pane)))
        .or_else(|| rows().next())
        .and_then(|row| row.keys.first())
        .map(Key::to_string)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_pane() {
        for (at, row) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[at + 1..] {
                if row.pane == other.pane {
                    assert!(row.keys.iter().all(|key| !other.keys.contains(key)), "{row:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn every_pane_is_reached_by_the_number_on_its_frame() {
        for pane in PaneId::ALL {
            assert_eq!(shown_key(Action::Focus(pane), pane), pane.number().to_string());
        }
    }

    #[test]
    fn the_key_of_a_pane_wins() {
        let enter = Key::plain(KeyCode::Enter);
        assert_eq!(action_for(enter, PaneId::Users), Some(Action::Card));
        assert_eq!(action_for(enter, PaneId::Encoders), Some(Action::UseEncoder));
        assert_eq!(action_for(enter, PaneId::Activity), None);
        assert_eq!(shown_key(Action::Card, PaneId::Users), "c");
        assert_eq!(shown_key(Action::Save, PaneId::Groups), "Enter");
    }
}
