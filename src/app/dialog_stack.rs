//! The dialogs that are open, one over the other. Only the top one takes keys; each is closed by its id, never by
//! where it stands.

use crate::dialogs::Dialog;

/// Which dialog: no two that were ever open share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialogId(u64);

#[derive(Debug)]
struct OpenDialog {
    id: DialogId,
    // The dialog that asks by this one, and gets what it answers; `None` for what the desk opened.
    opener: Option<DialogId>,
    dialog: Dialog,
}

/// The dialogs, the top one last.
#[derive(Debug, Default)]
pub struct DialogStack {
    entries: Vec<OpenDialog>,
    opened: u64,
}

impl DialogStack {
    /// Opens a dialog over all others.
    pub fn push(&mut self, dialog: Dialog, opener: Option<DialogId>) -> DialogId {
        self.opened += 1;
        let id = DialogId(self.opened);
        self.entries.push(OpenDialog { id, opener, dialog });
        id
    }

    /// Closes a dialog and what it opened over itself; `None` when it is closed already.
    pub fn close(&mut self, id: DialogId) -> Option<Dialog> {
        let at = self.entries.iter().position(|entry| entry.id == id)?;
        let closed = self.entries.remove(at);
        while let Some(child) = self.entries.iter().find(|entry| entry.opener == Some(id)).map(|entry| entry.id) {
            self.close(child);
        }
        Some(closed.dialog)
    }

    /// Closes every dialog of this kind, and what they opened.
    pub fn close_where(&mut self, is_it: impl Fn(&Dialog) -> bool) {
        while let Some(id) = self.entries.iter().find(|entry| is_it(&entry.dialog)).map(|entry| entry.id) {
            self.close(id);
        }
    }

    /// The dialog that takes the keys.
    pub fn top(&self) -> Option<&Dialog> {
        self.entries.last().map(|entry| &entry.dialog)
    }

    /// The id of the dialog that takes the keys.
    pub fn top_id(&self) -> Option<DialogId> {
        self.entries.last().map(|entry| entry.id)
    }

    /// The dialog with this id, while it is open.
    pub fn get_mut(&mut self, id: DialogId) -> Option<&mut Dialog> {
        self.entries.iter_mut().find(|entry| entry.id == id).map(|entry| &mut entry.dialog)
    }

    /// The dialog that asks by this one.
    pub fn opener(&self, id: DialogId) -> Option<DialogId> {
        self.entries.iter().find(|entry| entry.id == id)?.opener
    }

    /// Whether the dialog is open.
    pub fn is_open(&self, id: DialogId) -> bool {
        self.entries.iter().any(|entry| entry.id == id)
    }

    /// The ids of all, the top one last.
    pub fn ids(&self) -> Vec<DialogId> {
        self.entries.iter().map(|entry| entry.id).collect()
    }

    /// All dialogs, the top one last.
    pub fn iter(&self) -> impl Iterator<Item = &Dialog> {
        self.entries.iter().map(|entry| &entry.dialog)
    }

    /// Whether the desk itself has the keys.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogs::{help, needs};
    use crate::keys::PaneId;

    #[test]
    fn a_dialog_closes_with_what_it_opened_and_leaves_the_others() {
        let dialog = || Dialog::Needs(needs::State::default());
        let mut stack = DialogStack::default();
        let below = stack.push(dialog(), None);
        let asking = stack.push(dialog(), None);
        let question = stack.push(dialog(), Some(asking));
        let other = stack.push(Dialog::Help(help::State::new(PaneId::Users)), None);
        stack.push(dialog(), Some(question));
        assert!(stack.close(asking).is_some());
        assert!(stack.close(question).is_none(), "it went with the one that asked");
        assert_eq!(stack.ids(), [below, other]);
        stack.close_where(|dialog| matches!(dialog, Dialog::Help(_)));
        assert_eq!((stack.top_id(), stack.len()), (Some(below), 1));
        assert_ne!(stack.push(dialog(), None), other, "an id is never used again");
    }
}
