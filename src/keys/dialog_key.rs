//! What keys do in dialogs that take no text: one table for all of them.
//!
//! A letter has one meaning in every dialog, and none of them changes anything by itself: whoever types on when
//! another dialog comes up does no harm. What changes something is a row that is chosen with the arrows, then Enter.

use super::key::{Key, KeyCode};
use crate::ui::list::Move;

/// What a key asks of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogKey {
    /// Move the choice, or scroll.
    Move(Move),
    /// Do what is chosen.
    Do,
    /// Choose another encoder for the card.
    OtherEncoder,
    /// Tick what is under the cursor, or untick it.
    Tick,
    /// Show the technical side, or hide it.
    Details,
    /// Give up, after a question.
    GiveUp,
    /// Close the help: the key that opened it.
    CloseHelp,
    /// Close the list of what needs a person: the key that opened it.
    CloseNeeds,
    /// Leave the dialog without doing anything.
    Leave,
}

/// Every key that means the same in all dialogs.
pub const DIALOG_KEYS: &[(DialogKey, &[Key])] = &[
    (DialogKey::Move(Move::Up), &[Key::plain(KeyCode::Up), Key::char('k')]),
    (DialogKey::Move(Move::Down), &[Key::plain(KeyCode::Down), Key::char('j')]),
    (DialogKey::Move(Move::PageUp), &[Key::plain(KeyCode::PageUp)]),
    (DialogKey::Move(Move::PageDown), &[Key::plain(KeyCode::PageDown)]),
    (DialogKey::Move(Move::Home), &[Key::plain(KeyCode::Home)]),
    (DialogKey::Move(Move::End), &[Key::plain(KeyCode::End)]),
    (DialogKey::Do, &[Key::plain(KeyCode::Enter)]),
    (DialogKey::OtherEncoder, &[Key::plain(KeyCode::Tab)]),
    (DialogKey::Tick, &[Key::char(' ')]),
    (DialogKey::Details, &[Key::char('i')]),
    (DialogKey::GiveUp, &[Key::char('x')]),
    (DialogKey::CloseHelp, &[Key::char('?'), Key::f(1)]),
    (DialogKey::CloseNeeds, &[Key::char('!')]),
    (DialogKey::Leave, &[Key::plain(KeyCode::Esc)]),
];

/// What a key asks of a dialog; `None` for a key that no dialog knows.
pub fn dialog_key(key: Key) -> Option<DialogKey> {
    DIALOG_KEYS.iter().find(|(_, keys)| keys.contains(&key)).map(|(does, _)| *does)
}
