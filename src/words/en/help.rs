//! The frame of help and palette.

#![allow(missing_docs, reason = "a doc stands only where the text does not say itself when it is shown")]

/// The title of the help: "Help"; where not all lines are shown, with which are.
pub fn title(first: usize, last: usize, all: usize) -> String {
    if last - first + 1 >= all { "Help".to_owned() } else { format!("Help · lines {first} to {last} of {all}") }
}
/// The head of a pane's keys.
pub fn here(pane: &str) -> String {
    format!("In {pane}")
}
/// The head of the keys that work everywhere.
pub const EVERYWHERE: &str = "Everywhere";
/// The head of the marks.
pub const MARKS: &str = "Marks";
/// How the desk works, in a few lines.
pub const HOW: &str = "A guest without a card: n (new) or find the guest and press c. Place the card when the yellow \
block says so and leave it until the green block says WRITTEN. Esc lets a card go on by itself: serve the next guest.";
/// The keys that are the same in every dialog.
pub const IN_DIALOGS: &str = "In a dialog the arrows choose a row and Enter does it; Tab takes another encoder, x gives \
a card up after a question, Esc leaves and never stops a card.";
pub const SCROLL: &str = "scroll";
pub const CLOSE: &str = "close";
/// The title of the palette.
pub const PALETTE: &str = "All actions";
pub const TYPE: &str = "type a few letters";
pub const NOTHING: &str = "No action of this name.";
pub const DO: &str = "do it";
