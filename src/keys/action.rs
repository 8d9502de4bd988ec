//! One table of actions behind the keys, the key line, the palette and the help.

use super::key::{Key, KeyCode};
use crate::domain::codes::AttemptCode;
use crate::keys::PaneId;
use crate::ui::frame::KeyHint;
use crate::ui::list::Move;
use crate::words::actions::{self as words, ActionWords};

/// Everything that a person can ask the desk for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The card of the selected user: the plan, or the job that is under way.
    Card,
    /// The form of the selected user, filled.
    Edit,
    /// The same, for the departure alone.
    Departure,
    /// The same, for the room alone.
    MoveRoom,
    /// The form for another card of the selected user's room.
    AnotherCard,
    /// Check out the selected user: the room with everyone in it.
    CheckOut,
    /// Suspend the access of the selected user, after a question.
    Suspend,
    /// End the suspension of the selected user, after a question.
    Unsuspend,
    /// Cancel the card of the selected user without making another, after a question.
    CancelCard,
    /// Delete the selected user, after a question.
    DeleteGuest,
    /// Take the last check-out of this desk back, as far as that can be done.
    TakeBack,
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
    /// Show the entry of the activity under the cursor whole.
    OpenEntry,
    /// Read all lists at the server again.
    Reload,
    /// The jobs that need a person, and those under way.
    Needs,
    /// Show every action by name.
    Palette,
    /// Help for where the focus is.
    Help,
    /// Leave the program; asks while a job or a mark would be lost.
    Quit,
    /// Close what is open, else leave the program; never where anything can be lost.
    QuitIfIdle,
    /// The focus to the next pane.
    NextPane,
    /// The focus to the pane before.
    PreviousPane,
    /// The focus to this pane.
    Focus(PaneId),
    /// A movement in the list of the pane.
    Move(Move),
    /// Make the next encode on the desk encoder fail in this way (sandbox only).
    FailNext(SimulatedFailure),
    /// Make the next encode on the desk encoder succeed (sandbox only).
    SucceedNext,
}

/// Why an action can't be done now, in one sentence; `None` when there is nothing to tell, and its key does nothing.
pub type WhyNot = Option<&'static str>;

/// A way in which an encode can be made to fail. The API's contract knows these four; any other code is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SimulatedFailure {
    /// No card lies on the encoder.
    NoCard,
    /// The card is lifted while it is being written.
    LiftedEarly,
    /// Nothing comes for too long.
    TookTooLong,
    /// A failure without a name of its own.
    Unnamed,
}

impl SimulatedFailure {
    /// The code for `/acs/encoders/simulate/next_credential_encode_will_fail`.
    pub fn code(self) -> AttemptCode {
        match self {
            Self::NoCard => AttemptCode::NoCard,
            Self::LiftedEarly => AttemptCode::Interrupted,
            Self::TookTooLong => AttemptCode::Expired,
            Self::Unnamed => AttemptCode::Uncategorized,
        }
    }
}

/// An action: what it is called, and which keys do it where. What it does stands in `app/run_action.rs`.
#[derive(Clone, Copy, Debug)]
pub struct ActionRow {
    /// The action; no two rows have the same.
    pub action: Action,
    /// What it is called.
    pub words: ActionWords,
    /// Its keys; empty for what only the palette has.
    pub bindings: &'static [Binding],
}

/// Keys, and where they work.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The pane that must have the focus; `None` works everywhere.
    pub pane: Option<PaneId>,
    /// The keys, the one to show first.
    pub keys: &'static [Key],
}

const fn row(action: Action, words: ActionWords, bindings: &'static [Binding]) -> ActionRow {
    ActionRow { action, words, bindings }
}

const fn everywhere(keys: &'static [Key]) -> Binding {
    Binding { pane: None, keys }
}

const fn within(pane: PaneId, keys: &'static [Key]) -> Binding {
    Binding { pane: Some(pane), keys }
}

const ENTER: Key = Key::plain(KeyCode::Enter);

/// The table, in the order of help and palette. A key of the pane with the focus wins over one that works everywhere.
///
/// To add an action: a variant of [`Action`], a row here, and an arm in `app/run_action.rs`.
#[rustfmt::skip]
pub const ACTIONS: &[ActionRow] = &[
    row(Action::Card, words::CARD, &[everywhere(&[Key::char('c'), Key::f(4)]), within(PaneId::Users, &[ENTER])]),
    row(Action::Edit, words::EDIT, &[everywhere(&[Key::char('e')])]),
    row(Action::Departure, words::DEPARTURE, &[everywhere(&[Key::char('d')])]),
    row(Action::MoveRoom, words::MOVE_ROOM, &[everywhere(&[Key::char('m')])]),
    row(Action::AnotherCard, words::ANOTHER_CARD, &[everywhere(&[Key::char('C')])]),
    row(Action::CheckOut, words::CHECK_OUT, &[everywhere(&[Key::char('o'), Key::f(8)])]),
    row(Action::Suspend, words::SUSPEND, &[]),
    row(Action::Unsuspend, words::UNSUSPEND, &[]),
    row(Action::CancelCard, words::CANCEL_CARD, &[]),
    row(Action::DeleteGuest, words::DELETE_GUEST, &[]),
    row(Action::TakeBack, words::TAKE_BACK, &[]),
    row(Action::Stage, words::STAGE, &[within(PaneId::Groups, &[Key::char(' ')])]),
    row(Action::Save, words::SAVE, &[within(PaneId::Groups, &[ENTER])]),
    row(Action::DropStaged, words::DROP, &[within(PaneId::Groups, &[Key::plain(KeyCode::Backspace)])]),
    row(Action::UseEncoder, words::USE_ENCODER, &[within(PaneId::Encoders, &[ENTER])]),
    row(Action::OpenEntry, words::OPEN_ENTRY, &[within(PaneId::Activity, &[ENTER])]),
    row(Action::NewGuest, words::NEW_GUEST, &[everywhere(&[Key::char('n'), Key::f(2)])]),
    row(Action::Search, words::SEARCH, &[everywhere(&[Key::char('/'), Key::f(3)])]),
    row(Action::Palette, words::PALETTE, &[everywhere(&[Key::char(':'), Key::ctrl('p')])]),
    row(Action::Needs, words::NEEDS, &[everywhere(&[Key::char('!')])]),
    row(Action::Help, words::HELP, &[everywhere(&[Key::char('?'), Key::f(1)])]),
    row(Action::Reload, words::RELOAD, &[everywhere(&[Key::char('r'), Key::f(5)])]),
    row(Action::Quit, words::QUIT, &[everywhere(&[Key::char('q'), Key::f(10)])]),
    row(Action::QuitIfIdle, words::QUIT_IF_IDLE, &[everywhere(&[Key::ctrl('c')])]),
    row(Action::NextPane, words::NEXT_PANE, &[everywhere(&[Key::plain(KeyCode::Tab)])]),
    row(Action::PreviousPane, words::PREVIOUS_PANE, &[everywhere(&[Key::plain(KeyCode::BackTab)])]),
    row(Action::Focus(PaneId::Users), words::TO_USERS, &[everywhere(&[Key::char('1')])]),
    row(Action::Focus(PaneId::Groups), words::TO_GROUPS, &[everywhere(&[Key::char('2')])]),
    row(Action::Focus(PaneId::Credentials), words::TO_CREDENTIALS, &[everywhere(&[Key::char('3')])]),
    row(Action::Focus(PaneId::Encoders), words::TO_ENCODERS, &[everywhere(&[Key::char('4')])]),
    row(Action::Focus(PaneId::Activity), words::TO_ACTIVITY, &[everywhere(&[Key::char('5')])]),
    row(Action::Move(Move::Up), words::UP, &[everywhere(&[Key::plain(KeyCode::Up), Key::char('k')])]),
    row(Action::Move(Move::Down), words::DOWN, &[everywhere(&[Key::plain(KeyCode::Down), Key::char('j')])]),
    row(Action::Move(Move::PageUp), words::PAGE_UP, &[everywhere(&[Key::plain(KeyCode::PageUp)])]),
    row(Action::Move(Move::PageDown), words::PAGE_DOWN, &[everywhere(&[Key::plain(KeyCode::PageDown)])]),
    row(Action::Move(Move::Home), words::HOME, &[everywhere(&[Key::plain(KeyCode::Home), Key::char('g')])]),
    row(Action::Move(Move::End), words::END, &[everywhere(&[Key::plain(KeyCode::End), Key::char('G')])]),
    row(Action::ClearSearch, words::CLEAR_SEARCH, &[everywhere(&[Key::plain(KeyCode::Esc)])]),
    row(Action::FailNext(SimulatedFailure::NoCard), words::FAIL_NO_CARD, &[]),
    row(Action::FailNext(SimulatedFailure::LiftedEarly), words::FAIL_LIFTED_EARLY, &[]),
    row(Action::FailNext(SimulatedFailure::TookTooLong), words::FAIL_TOOK_TOO_LONG, &[]),
    row(Action::FailNext(SimulatedFailure::Unnamed), words::FAIL_UNNAMED, &[]),
    row(Action::SucceedNext, words::SUCCEED_NEXT, &[]),
];

/// Every binding with the row that it belongs to, those of one pane or those for everywhere.
pub fn bindings(pane: Option<PaneId>) -> impl Iterator<Item = (&'static ActionRow, &'static Binding)> {
    let all = ACTIONS.iter().flat_map(|row| row.bindings.iter().map(move |binding| (row, binding)));
    all.filter(move |(_, binding)| binding.pane == pane)
}

/// The action of a key for a pane; `None` for a key without a meaning there.
pub fn action_for(key: Key, pane: PaneId) -> Option<Action> {
    let mut fitting = bindings(Some(pane)).chain(bindings(None)).filter(|(_, binding)| binding.keys.contains(&key));
    fitting.next().map(|(row, _)| row.action)
}

/// The hint of an action for the key line of a pane: its key, empty when it has none, and its short name.
pub fn hint(action: Action, pane: PaneId) -> KeyHint {
    let row = ACTIONS.iter().find(|row| row.action == action);
    KeyHint::new(row.map(|row| shown_key(row, pane)).unwrap_or_default(), row.map_or("", |row| row.words.short))
}

/// The key that is shown for an action in a pane; empty when it has none.
pub fn shown_key(row: &ActionRow, pane: PaneId) -> String {
    let in_order = [None, Some(pane)].into_iter().find_map(|at| row.bindings.iter().find(|other| other.pane == at));
    let binding = in_order.or(row.bindings.first());
    binding.and_then(|binding| binding.keys.first()).map(Key::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_exactly_one_row() {
        for (at, row) in ACTIONS.iter().enumerate() {
            assert!(ACTIONS[at + 1..].iter().all(|other| other.action != row.action), "{:?} has two", row.action);
        }
        // The variants as they stand in this file, since nothing else knows them all.
        let (_, variants) = include_str!("action.rs").split_once("pub enum Action {").unwrap();
        let (variants, _) = variants.split_once("\n}").unwrap();
        for variant in variants.lines().map(str::trim).filter(|line| line.starts_with(char::is_uppercase)) {
            let name = variant.trim_end_matches(',').split('(').next().unwrap();
            let is_it = |row: &ActionRow| format!("{:?}", row.action).split('(').next() == Some(name);
            assert!(ACTIONS.iter().any(is_it), "{name} has no row");
        }
        for pane in PaneId::ALL {
            assert!(ACTIONS.iter().any(|row| row.action == Action::Focus(pane)), "no key leads to {pane:?}");
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_pane() {
        for pane in PaneId::ALL.into_iter().map(Some).chain([None]) {
            let keys: Vec<_> =
                bindings(pane).flat_map(|(row, binding)| binding.keys.iter().map(move |key| (row, key))).collect();
            for (at, (row, key)) in keys.iter().enumerate() {
                let other = keys[at + 1..].iter().find(|(_, other)| other == key);
                assert!(other.is_none(), "{key} means {:?} and {other:?}", row.action);
            }
        }
    }

    #[test]
    fn every_pane_is_reached_by_the_number_on_its_frame() {
        for (at, pane) in PaneId::ALL.into_iter().enumerate() {
            assert_eq!(pane.number(), at + 1);
            assert_eq!(hint(Action::Focus(pane), pane).key, pane.number().to_string());
        }
    }

    #[test]
    fn the_key_of_a_pane_wins() {
        assert_eq!(action_for(ENTER, PaneId::Users), Some(Action::Card));
        assert_eq!(action_for(ENTER, PaneId::Encoders), Some(Action::UseEncoder));
        assert_eq!(action_for(ENTER, PaneId::Activity), Some(Action::OpenEntry));
        assert_eq!(action_for(ENTER, PaneId::Credentials), None);
        assert_eq!(hint(Action::Card, PaneId::Users).key, "c");
        assert_eq!(hint(Action::Save, PaneId::Groups).key, "Enter");
    }
}
