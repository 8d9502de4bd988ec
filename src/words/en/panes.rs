//! Header, panes and their empty, loading and failed looks.

#![allow(missing_docs, reason = "a doc stands only where the text does not say itself when it is shown")]

use crate::domain::directory::SystemTrouble;
use crate::seam::error::{ErrorKind, SeamError};

use super::errors::advice;

/// The header: the make of a system that no cards are made for.
pub fn other_make(make: &str) -> String {
    format!("{make}: NO CARDS FROM HERE")
}

/// The same as a sentence, for the activity.
pub fn other_make_sentence(make: &str) -> String {
    format!(
        "This system is {make}; keydesk makes cards for Salto ProAccess Space only. Guests and cards can be looked at."
    )
}

/// The name of the program, in the header.
pub const PRODUCT: &str = "keydesk";

/// The mark of the demo.
pub const DEMO: &str = "DEMO";

/// The mark of a sandbox workspace.
pub const SANDBOX: &str = "SANDBOX";

/// What a pane says of itself.
#[derive(Clone, Copy, Debug)]
pub struct PaneWords {
    pub title: &'static str,
    /// While its data is on the way.
    pub loading: &'static str,
    /// While there is no access system to read it from.
    pub waiting: &'static str,
    /// When there is nothing to show.
    pub empty: &'static str,
    /// The prompt of its search.
    pub search: &'static str,
}

pub const USERS: PaneWords = PaneWords {
    title: "Users",
    loading: "Reading the guests …",
    waiting: "",
    empty: "No users yet. Press n for the first guest.",
    search: "name, room, phone or e-mail",
};

pub const GROUPS: PaneWords = PaneWords {
    title: "Access groups",
    loading: "Reading the access groups …",
    waiting: "The groups show here once the access system is there.",
    empty: "This access system has no groups. They are made in the key system.",
    search: "find a group",
};

pub const CREDENTIALS: PaneWords = PaneWords {
    title: "Credentials",
    loading: "Reading the credentials …",
    waiting: "",
    empty: "Choose a guest to see card and mobile key.",
    search: "",
};

pub const ENCODERS: PaneWords = PaneWords {
    title: "Encoders",
    loading: "Looking for encoders …",
    waiting: "The encoders show here once the access system is there.",
    empty: "No encoder is connected to this access system.",
    search: "",
};

pub const ACTIVITY: PaneWords = PaneWords {
    title: "Activity",
    loading: "",
    waiting: "",
    empty: "What happens at this desk shows here.",
    search: "",
};

/// "Credentials of Doe, Jane".
pub fn credentials_of(name: &str) -> String {
    format!("Credentials of {name}")
}

/// A number with thin gaps: "1 284".
pub fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// "18 of 1 284".
pub fn some_of(some: usize, all: usize) -> String {
    format!("{} of {}", number(some), number(all))
}

/// "1 284, loading".
pub fn still_loading(count: usize) -> String {
    format!("{}, loading", number(count))
}

/// "1 284, not all": the loading broke off.
pub fn broken_off(count: usize) -> String {
    format!("{}, not all: press r", number(count))
}

/// How far the slow reading of rooms is.
pub fn sweep(done: usize, all: usize) -> String {
    format!("rooms {done}/{all}")
}

/// "as of 10:39": when what is shown was read, where that is longer ago than it should be.
pub fn as_of(when: &str) -> String {
    format!("as of {when}")
}

/// "4 entrances".
pub fn entrances(count: usize) -> String {
    if count == 1 { "1 entrance".to_owned() } else { format!("{count} entrances") }
}

/// "2 jobs".
pub fn jobs(count: usize) -> String {
    if count == 1 { "1 job".to_owned() } else { format!("{count} jobs") }
}

/// "! 1 needs you".
pub fn need_you(count: usize) -> String {
    if count == 1 { "! 1 needs you".to_owned() } else { format!("! {count} need you") }
}

/// The key system link in the header, long or short.
pub fn link(up: bool, short: bool) -> &'static str {
    match (up, short) {
        (true, true) => "link",
        (true, false) => "key system link",
        (false, true) => "LINK DOWN",
        (false, false) => "KEY SYSTEM LINK DOWN",
    }
}

/// The server reports an error of the access system that says nothing of the link.
pub const SYSTEM_ERROR: &str = "KEY SYSTEM ERROR: press !";

/// The server warns of the access system.
pub const SYSTEM_WARNING: &str = "key system warning: press !";

/// After a notice that has no room: where it stands whole.
pub const OPENS: &str = "  (5, Enter opens it)";

/// The server asked for silence until then.
pub fn pause(until: &str) -> String {
    format!("PAUSE until {until}")
}

/// The same as a sentence.
pub fn pause_sentence(until: &str) -> String {
    format!("The server asks for a pause until {until}. keydesk goes on by itself after that.")
}

/// The line is in trouble since then, for this reason in a few words.
pub fn offline(since: &str, why: &str, lists_of: Option<&str>) -> String {
    match lists_of {
        Some(at) => format!("OFFLINE since {since}: {why}, lists of {at}"),
        None => format!("OFFLINE since {since}: {why}"),
    }
}

/// The same where there is hardly any room.
pub fn offline_short(since: &str) -> String {
    format!("OFFLINE since {since}")
}

/// The server is reached, but since then something can't be read, for this reason in a few words.
pub fn not_read(since: &str, why: &str) -> String {
    format!("NOT READ since {since}: {why}")
}

/// The record of the jobs can't be written.
pub const NO_RECORD: &str = "NO RECORD";

/// The same, and nobody said that it goes on without: no card is made.
pub const NO_RECORD_NO_CARDS: &str = "NO RECORD, NO CARDS";

/// The header before the system is known.
pub const CONNECTING: &str = "connecting …";

/// What the header says when the server can't be had.
pub fn header_trouble(trouble: &SystemTrouble) -> String {
    match trouble {
        SystemTrouble::Call(error) if error.kind == ErrorKind::Unauthorized => "KEY NOT ACCEPTED".to_owned(),
        SystemTrouble::Call(_) => "NO CONNECTION".to_owned(),
        SystemTrouble::None | SystemTrouble::Several(_) | SystemTrouble::NoSuch(..) => "NO ACCESS SYSTEM".to_owned(),
    }
}

/// What is wrong with the access system, whole, with the remedy.
pub fn system_trouble(trouble: &SystemTrouble) -> String {
    match trouble {
        SystemTrouble::Call(error) => failed(error),
        SystemTrouble::None => {
            "This workspace has no access system. Connect the hotel's key system in Seam first.".to_owned()
        }
        SystemTrouble::Several(names) => format!(
            "This workspace has several access systems: {}. Choose one with --system or `system` in the config.",
            names.join(", ")
        ),
        SystemTrouble::NoSuch(wanted, names) => format!(
            "There is no access system \"{wanted}\" in this workspace. It has: {}. Mend --system or `system` in the config.",
            names.join(", ")
        ),
    }
}

const AGAIN: &str = "Press r to try again.";

/// A pane whose data could not be had.
pub fn failed(error: &SeamError) -> String {
    let advice = advice(error);
    // What passes by itself needs no other remedy.
    let passes = error.may_pass() && error.kind != ErrorKind::Unreachable;
    if passes { format!("{} {AGAIN}", advice.what) } else { format!("{advice} {AGAIN}") }
}

/// Nobody was chosen, so there are no groups to show.
pub const CHOOSE_A_GUEST: &str = "Choose a guest to see the groups.";

/// The guest under the cursor was deleted.
pub const GUEST_IS_GONE: &str = "This guest is in the key system no more. Choose another.";

/// A search without a hit.
pub fn nothing_found(text: &str) -> String {
    format!("Nobody fits \"{text}\". Esc clears, n makes a new guest.")
}

/// A search for groups without a hit.
pub fn no_group_found(text: &str) -> String {
    format!("No group fits \"{text}\". Esc clears.")
}

/// Which of the groups the guest is in could not be read.
pub const MEMBERSHIP_FAILED: &str = "can't be read, press r";

/// The groups of the guest are being read.
pub const READING_MEMBERSHIP: &str = "reading …";

/// A staged change that is not saved.
pub const NOT_SAVED: &str = "not saved";

/// A staged way out of a group.
pub const LEAVES: &str = "out, not saved";

/// A change is on its way to the key system.
pub const ON_ITS_WAY: &str = "on its way to the key system";

/// The words in a user's row.
pub mod row {
    use crate::domain::guest_state::GuestState;

    /// A card is being made.
    pub const IN_WORK: &str = "card in work";
    /// Another process has the guest in work.
    pub const ELSEWHERE: &str = "other desk";
    /// A job waits for a person.
    pub const NEEDS_YOU: &str = "needs you";
    /// Its card is written, and is being recorded.
    pub const WRITTEN: &str = "card written";
    /// Its card is written, and the record could not take that.
    pub const NOT_RECORDED: &str = "not recorded";
    /// Something else is being saved.
    pub const SAVING: &str = "saving";
    /// Group changes that are not saved.
    pub const NOT_SAVED: &str = "not saved";
    /// What a guest's state is called; empty while it is not known.
    pub fn state(state: GuestState) -> &'static str {
        match state {
            GuestState::UserError => TROUBLE,
            GuestState::Suspended => SUSPENDED,
            GuestState::EndedWithCard | GuestState::Ended => ENDED,
            GuestState::CardError => CARD_ERROR,
            GuestState::CardEnded => CARD_ENDED,
            GuestState::ToBeWritten => TO_BE_WRITTEN,
            GuestState::NeedsUpdate => UPDATE,
            GuestState::Warned => WARNED,
            GuestState::Unknown => UNKNOWN,
            GuestState::NoCard => NO_CARD,
            GuestState::CardOk => OK,
        }
    }

    pub const SUSPENDED: &str = "suspended";
    /// The guest's access has ended.
    pub const ENDED: &str = "stay ended";
    /// The server reports an error of the card.
    pub const CARD_ERROR: &str = "card fault";
    /// The card has an end of its own, which is past.
    pub const CARD_ENDED: &str = "card ended";
    /// The server warns of the guest or the card: the text stands beside the card.
    pub const WARNED: &str = "warning";
    /// The server has the user under the cursor no more.
    pub const GONE: &str = "gone";
    /// The key system refused the user.
    pub const TROUBLE: &str = "key system!";
    pub const NO_CARD: &str = "no card";
    /// A credential that was never written.
    pub const TO_BE_WRITTEN: &str = "to be written";
    /// A credential that was never written, as the key system says, and that a person called written.
    pub const CALLED_WRITTEN: &str = "said written";
    /// A card that lacks a change.
    pub const UPDATE: &str = "update card";
    /// A card that is current.
    pub const OK: &str = "card ok";
    pub const UNKNOWN: &str = "";
}

/// The words of the credentials pane.
pub mod credential {
    use crate::domain::guest_state::GuestState;

    /// The line of the card, by the guest's state; empty while it is not known.
    pub fn state(state: GuestState) -> &'static str {
        match state {
            GuestState::UserError => TROUBLE,
            GuestState::Suspended => SUSPENDED_SHORT,
            GuestState::EndedWithCard => ENDED,
            GuestState::CardError => CARD_ERROR,
            GuestState::CardEnded => CARD_ENDED,
            GuestState::ToBeWritten => TO_BE_WRITTEN,
            GuestState::NeedsUpdate => UPDATE,
            GuestState::Warned => WARNED,
            GuestState::Unknown => "",
            GuestState::Ended | GuestState::NoCard => NO_CARD,
            GuestState::CardOk => OK,
        }
    }

    /// The line of the card.
    pub const CARD: &str = "Card";
    /// The line of the mobile key.
    pub const MOBILE_KEY: &str = "Mobile key";
    /// The line of who else is in the guest's rooms.
    pub const ROOM: &str = "Room";
    /// The line of the contact.
    pub const CONTACT: &str = "Contact";
    /// The line of the access itself.
    pub const ACCESS: &str = "Access";
    pub const NONE: &str = "none";
    /// None, and how to make one.
    pub const NO_CARD: &str = "none · press c to make one";
    pub const TO_BE_WRITTEN: &str = "prepared, not on a card yet · press c";
    /// Never written as the key system says, and called written by a person.
    pub const NOT_KNOWN_TO_SYSTEM: &str = "the key system says no";
    /// Its job waits for a person.
    pub const NEEDS_YOU: &str = "not written: press c to go on";
    /// Written, and being recorded.
    pub const WRITTEN: &str = "written, being recorded";
    /// Written, and the record could not take that.
    pub const NOT_RECORDED: &str = "written, NOT in the record: note name, room and time";
    /// The key system reports an error of the user.
    pub const TROUBLE: &str = "the key system reports a fault of the guest";
    /// The access has ended, and a card is there.
    pub const ENDED: &str = "the stay has ended, the card is not cancelled";
    /// The server reports an error of the card.
    pub const CARD_ERROR: &str = "the key system reports a fault of the card";
    /// The card's own end is past.
    pub const CARD_ENDED: &str = "the card has ended";
    /// The server warns of the guest or the card.
    pub const WARNED: &str = "there is a warning";
    /// Suspended, in the line of the card.
    pub const SUSPENDED_SHORT: &str = "suspended";
    /// "the card ended Mon 23 Nov 11:00", where that is not the end of the stay.
    pub fn card_until(until: &str) -> String {
        format!("the card itself: {until}")
    }

    /// Written, lacks a change.
    pub const UPDATE: &str = "needs an update · press c";
    pub const OK: &str = "ok";
    pub const ISSUED: &str = "in the guest's phone";
    /// Sent to a phone.
    pub const INVITED: &str = "not taken up yet";
    /// No door while suspended.
    pub const OPENS_NOTHING: &str = "opens nothing while suspended";
    pub const SUSPENDED: &str = "suspended: no card or key of this guest opens anything";

    /// "no. 1234abc".
    pub fn number(number: &str) -> String {
        format!("no. {number}")
    }

    /// "written Tue 24 Nov 14:32".
    pub fn written(at: &str) -> String {
        format!("written {at}")
    }

    /// "rooms 204, 310".
    pub fn rooms(rooms: &[String]) -> String {
        format!("rooms {}", rooms.join(", "))
    }

    /// "opens 7 doors".
    pub fn doors(count: usize) -> String {
        if count == 1 { "opens 1 door".to_owned() } else { format!("opens {count} doors") }
    }

    /// "Kim, tty3: card on Front Desk".
    pub fn elsewhere(holder: &str, step: &str) -> String {
        format!("in work at {}: {step}", crate::seam::lenient::clean(holder))
    }

    /// "in work on Front Desk".
    pub fn in_work(encoder: &str) -> String {
        format!("in work on {encoder}")
    }
}

/// The words of the encoders pane.
pub mod encoder {
    /// The note of the pane.
    pub const NOTE: &str = "desk encoder";
    /// Nothing was heard of it yet.
    pub const NOT_TRIED: &str = "not tried yet";
    /// Behind a line that is down nobody knows.
    pub const NOT_KNOWN: &str = "not known";
    /// The next card on it was set to fail.
    pub const PRACTICE: &str = "practice: the next card fails";
    /// Another process has it.
    pub const ELSEWHERE: &str = "other desk";
    /// It was removed from the system.
    pub const REMOVED: &str = "removed";
    /// The link to the key system is down.
    pub const LINK_DOWN: &str = "link down";
    /// The job on it works before the card comes in.
    pub const PREPARING: &str = "preparing";
    /// It is being found out whether the job on it wrote its card.
    pub const CHECKING: &str = "checking";
    /// The job on it needs a person.
    pub const NEEDS_YOU: &str = "NEEDS YOU";
    /// The card on it is written, and is being recorded.
    pub const WRITTEN: &str = "WRITTEN";
    /// The card on it is written, and the record could not take that.
    pub const NOT_RECORDED: &str = "NOT IN THE RECORD";

    /// "answered 10:39".
    pub fn answered(when: &str) -> String {
        format!("answered {when}")
    }

    /// "no answer 10:41".
    pub fn no_answer(when: &str) -> String {
        format!("no answer {when}")
    }

    /// "tried 10:41": what came of it does not tell whether it answered.
    pub fn tried(when: &str) -> String {
        format!("tried {when}")
    }

    /// "last: John Doe".
    pub fn last(who: &str) -> String {
        format!("last: {who}")
    }

    /// "1 waits".
    pub fn queued(count: usize) -> String {
        if count == 1 { "1 waits".to_owned() } else { format!("{count} wait") }
    }
}

/// What is shown where the terminal is too small.
pub fn too_small(width: u16, height: u16) -> String {
    format!("keydesk needs a larger window: at least {width} x {height}.")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn large_numbers_have_gaps() {
        assert_eq!(number(7), "7");
        assert_eq!(number(1284), "1 284");
        assert_eq!(number(100_000), "100 000");
    }
}
