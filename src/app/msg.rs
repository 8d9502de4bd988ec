//! What can happen to the desk.

use crate::component::backend_msg::BackendMsg;
use crate::keys::key::Key;

/// A message: the only way in which the model changes.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Enter is held down: it was told as a key once and is not told again.
    EnterHeld,
    /// A text was pasted.
    Paste(String),
    /// The terminal has this size now, in cells.
    Resize(u16, u16),
    /// The time that the model asked to be woken at has come.
    Deadline,
    /// Reading, jobs or half-typed forms tell something.
    Backend(BackendMsg),
}
