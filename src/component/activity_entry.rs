//! An entry of the activity, as the pane lists it and a dialog shows it whole.

use jiff::Timestamp;

use crate::ui::theme::{Glyph, Role};

/// Something that happened, as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityEntry {
    /// When it happened, by the clock of this PC.
    pub at: Timestamp,
    /// The mark that stands before the text.
    pub glyph: Glyph,
    /// The role whose colour the mark has.
    pub role: Role,
    /// What happened, in one sentence without the hour.
    pub text: String,
}
