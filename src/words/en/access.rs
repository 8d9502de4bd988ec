//! The access of a guest as a whole: suspended, back again, without a card, deleted.

#![allow(missing_docs, reason = "a doc stands only where the text does not say itself when it is shown")]

/// "Access of Jane Doe".
pub fn title(who: &str) -> String {
    format!("Access of {who}")
}

/// The answer that changes nothing.
pub const LEAVE_IT: &str = "No, leave it as it is";

pub const SUSPEND: &str = "Yes, suspend";
pub const UNSUSPEND: &str = "Yes, let in again";
pub const CANCEL_CARD: &str = "Yes, cancel the card";
pub const DELETE: &str = "Yes, delete";

const OFFLINE_DOORS: &str = "A door that hears nothing may open for the card until its end: collect it.";

/// The question before a suspension.
pub fn suspend(who: &str) -> String {
    format!("Suspend {who}? Card and mobile key open nothing until the suspension ends. {OFFLINE_DOORS}")
}

/// The question before a suspension ends.
pub fn unsuspend(who: &str) -> String {
    format!("End the suspension of {who}? The groups, and a card that was not cancelled, count again.")
}

/// The question before a card is cancelled.
pub fn cancel_card(who: &str) -> String {
    format!("Cancel the card of {who} and make no other? That can't be taken back. {OFFLINE_DOORS}")
}

/// The question before a user is deleted.
pub fn delete(who: &str) -> String {
    format!("Delete {who}, with groups, card and mobile key? That can't be taken back. {OFFLINE_DOORS}")
}
