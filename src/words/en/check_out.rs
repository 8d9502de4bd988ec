//! Check-out: who leaves, what becomes of each, and which cards to collect.

#![allow(missing_docs, reason = "a doc stands only where the text does not say itself when it is shown")]

use crate::domain::check_out::Outcome;

/// "Check out Room 312".
pub fn title(whom: &str) -> String {
    format!("Check out {whom}")
}

/// The head of the column of cards.
pub const CARD: &str = "Card";

/// The tick that leaves users as they are.
pub const CARDS_ONLY: &str = "cards only: the guests stay as they are";

/// What becomes of someone who is ticked. The mobile key is named where there is one.
pub fn outcome(outcome: Outcome, has_card: bool, has_mobile_key: bool) -> String {
    match outcome {
        Outcome::Stays => "stays".to_owned(),
        Outcome::LeavesRoom => "leaves this room only, keeps the card".to_owned(),
        Outcome::CardCancelled if has_mobile_key => "card cancelled, the mobile key stays".to_owned(),
        Outcome::CardCancelled => "card cancelled".to_owned(),
        Outcome::NoCard if has_mobile_key => "no card; the mobile key stays".to_owned(),
        Outcome::NoCard => "no card".to_owned(),
        Outcome::Suspended | Outcome::Deleted => {
            let mut said = vec![if outcome == Outcome::Deleted { "deleted" } else { "suspended" }];
            if has_card {
                said.push("card cancelled");
            }
            if has_mobile_key {
                said.push("mobile key off");
            }
            said.join(", ")
        }
    }
}

/// "stays: also in 402 until Mon 30 Nov 11:00".
pub fn also_in(rooms: &[String], until: &str) -> String {
    format!("stays: also in {} {until}", rooms.join(", "))
}

/// "stays: arrives today 15:00".
pub fn arrives(at: &str) -> String {
    format!("stays: arrives {at}")
}

/// Not in any room.
pub const NO_ROOM: &str = "stays: in no room, maybe staff";

/// Opens far more than a guest does.
pub fn many_doors(doors: usize) -> String {
    format!("stays: opens {doors} doors, maybe staff")
}

/// The groups can't be read.
pub const NOT_KNOWN: &str = "stays: the groups are not read yet";

/// The large words of the block.
pub fn collect(cards: usize) -> String {
    match cards {
        0 => "NO CARD TO COLLECT".to_owned(),
        1 => "COLLECT 1 CARD".to_owned(),
        _ => format!("COLLECT {cards} CARDS"),
    }
}

/// Below them: what a collected card is good for, and what a card that is not collected may still do.
pub fn doors_that_hear_nothing(until: Option<&str>) -> String {
    let end = until.map_or_else(String::new, |until| format!(" until {until}"));
    format!("A door that hears nothing may open for a card{end}. {GOOD_AS_BLANK}")
}

/// What a collected card is good for.
pub const GOOD_AS_BLANK: &str = "A collected card is good as a blank.";

/// Nobody is ticked.
pub const NOBODY: &str = "NOBODY IS TICKED";

/// Below it.
pub const TICK_SOMEBODY: &str = "Space ticks who leaves.";

/// What can be taken back, for the settings' kind.
pub const SUSPENDED_COMES_BACK: &str = "A suspended guest can come back, a cancelled card can't.";

/// The same where users are deleted.
pub const DELETED_STAYS_DELETED: &str = "A deleted guest can't come back; a new one can be made.";

/// The room is empty as far as is known.
pub const NOBODY_THERE: &str = "Nobody is in this room.";

/// It is still being read who is there.
pub const READING: &str = "Reading who is in this room …";

/// "check out 2".
pub fn check_out_some(count: usize) -> String {
    format!("check out {count}")
}

pub const TICK: &str = "tick";
pub const OTHER_ROOM: &str = "other room";

/// The question about someone who is likely no guest.
pub fn is_that_meant(names: &[String]) -> String {
    let who = names.join(", ");
    format!("{who} may be staff: in no room, or opening many doors. Check out all the same?")
}

/// The answer that leaves it.
pub const DO_NOT: &str = "No, go back";

/// The answer that does it.
pub const DO_IT: &str = "Yes, check out";

/// The notice when it began.
pub fn begun(whom: &str, cards: usize) -> String {
    match cards {
        0 => format!("{whom}: checking out."),
        1 => format!("{whom}: checking out. Collect 1 card."),
        _ => format!("{whom}: checking out. Collect {cards} cards."),
    }
}

/// A line of the activity: someone was checked out.
pub fn done(who: &str, has_card: bool) -> String {
    if has_card { format!("{who}: checked out, card cancelled") } else { format!("{who}: checked out") }
}

/// A line of the activity: someone's card was cancelled, and nothing else.
pub fn card_cancelled(who: &str) -> String {
    format!("{who}: card cancelled")
}

/// A line of the activity: someone's suspension ended.
pub fn unsuspended(who: &str) -> String {
    format!("{who}: may come in again, a new card is needed")
}

/// A line of the activity: a user was deleted.
pub fn deleted(who: &str) -> String {
    format!("{who}: deleted")
}

/// The last check-out is being taken back.
pub fn taking_back(count: usize) -> String {
    if count == 1 { "Taking back 1 check-out.".to_owned() } else { format!("Taking back {count} check-outs.") }
}
