//! What each action is called, in the key line, the palette and the help.

#![allow(missing_docs, reason = "each constant is a sentence that says itself what it says")]

/// The words of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionWords {
    /// Its name, as the palette lists it.
    pub name: &'static str,
    /// One or two words for the key line.
    pub short: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Other words by which people look for it in the palette; empty where its name has them all.
    pub synonyms: &'static str,
}

const fn words(name: &'static str, short: &'static str, help: &'static str) -> ActionWords {
    ActionWords { name, short, help, synonyms: "" }
}

impl ActionWords {
    const fn also(self, synonyms: &'static str) -> Self {
        Self { synonyms, ..self }
    }
}

pub const CARD: ActionWords =
    words("Card for the guest: make, update, lost", "card", "make, update or replace the guest's card; plan first")
        .also("new card another card key write again rewrite replace lost stolen broken duplicate encode reissue");
pub const EDIT: ActionWords = words("Edit the guest", "edit", "change name, room, departure, contact or groups")
    .also("change mend correct rename phone email guest data details");
pub const DEPARTURE: ActionWords =
    words("Departure: longer, shorter, later", "departure", "change when the stay ends, then write the card again")
        .also("extend stay late check-out checkout prolong shorten nights until end");
pub const MOVE_ROOM: ActionWords =
    words("Move to another room", "move", "change the room and keep the other groups, then write the card again")
        .also("change room swap switch upgrade relocate");
pub const ANOTHER_CARD: ActionWords =
    words("Another card for the room", "another card", "a companion with the same room, groups and dates")
        .also("second card spouse partner family child companion duplicate extra");
pub const CHECK_OUT: ActionWords = words(
    "Check out: the guest, the room",
    "check out",
    "end the stay: shows first who leaves and which cards to collect",
)
.also("checkout leave departure goodbye end stay collect cards");
pub const SUSPEND: ActionWords =
    words("Suspend the guest", "suspend", "no card and no mobile key of the guest opens anything until that ends")
        .also("block lock stop bar freeze access");
pub const UNSUSPEND: ActionWords =
    words("End the suspension", "unsuspend", "the guest's card and key open doors again")
        .also("unblock unlock let in resume restore access");
pub const CANCEL_CARD: ActionWords =
    words("Cancel the card, make no other", "cancel card", "the card is no longer valid in the system")
        .also("void invalidate revoke stop remove card");
pub const DELETE_GUEST: ActionWords =
    words("Delete the guest", "delete", "the guest goes for good, with groups, card and key")
        .also("remove erase guest user");
pub const TAKE_BACK: ActionWords = words(
    "Take the last check-out back",
    "take back",
    "guests who were suspended may come in again; cards stay cancelled",
)
.also("undo check out checkout");
pub const NEW_GUEST: ActionWords = words("New guest", "new guest", "enter a guest and make the first card")
    .also("check in checkin arrival add person user second companion another person walk in");
pub const SEARCH: ActionWords =
    words("Search", "search", "find by name, room, phone or e-mail; Esc clears").also("find look for filter room name");
pub const CLEAR_SEARCH: ActionWords = words("Clear the search", "clear", "show everyone again");
pub const STAGE: ActionWords = words("Group in or out", "in/out", "mark the group to be added or taken away")
    .also("move room change upgrade access doors add remove lounge spa");
pub const SAVE: ActionWords =
    words("Save group changes", "save", "show all that is marked; Enter again saves it, no card")
        .also("store apply move room change access");
pub const DROP: ActionWords =
    words("Drop group changes", "drop", "forget the marked groups of this guest").also("undo cancel forget discard");
pub const USE_ENCODER: ActionWords =
    words("Make this the desk encoder", "desk encoder", "cards are made on the encoder with the star")
        .also("choose select other encoder star printer writer");
pub const OPEN_ENTRY: ActionWords =
    words("Open the notice", "open", "show the notice under the cursor whole").also("read whole message");
pub const RELOAD: ActionWords = words("Read everything again", "reload", "read guests, groups and cards again")
    .also("reload refresh update again key f5");
pub const NEEDS: ActionWords = words("What needs me", "needs you", "cards under way and cards that wait for you")
    .also("needs you waiting queue jobs problem trouble question error offline");
pub const PALETTE: ActionWords = words("All actions", "all actions", "every action by name");
pub const HELP: ActionWords = words("Help", "help", "the keys for where you are").also("keys shortcuts how manual");
pub const QUIT: ActionWords =
    words("Leave keydesk", "quit", "leave; asks while a card is being made").also("quit exit close end log out logout");
pub const QUIT_IF_IDLE: ActionWords =
    words("Leave if nothing is open", "quit", "leave, but only if nothing can be lost");
pub const NEXT_PANE: ActionWords = words("Next pane", "pane", "move to the next pane");
pub const PREVIOUS_PANE: ActionWords = words("Previous pane", "pane", "move to the pane before");
pub const TO_USERS: ActionWords = words("Go to users", "users", "move to the users").also("guests people");
pub const TO_GROUPS: ActionWords =
    words("Go to access groups", "groups", "move to the access groups").also("rooms doors access");
pub const TO_CREDENTIALS: ActionWords =
    words("Go to credentials", "credentials", "move to card and mobile key").also("card mobile key");
pub const TO_ENCODERS: ActionWords =
    words("Go to encoders", "encoders", "move to the encoders").also("which encoder other encoder");
pub const TO_ACTIVITY: ActionWords = words("Go to activity", "activity", "see what happened at this desk")
    .also("log history notices messages what happened");
pub const UP: ActionWords = words("One row up", "up", "one row up");
pub const DOWN: ActionWords = words("One row down", "down", "one row down");
pub const PAGE_UP: ActionWords = words("One page up", "page up", "one page up");
pub const PAGE_DOWN: ActionWords = words("One page down", "page down", "one page down");
pub const HOME: ActionWords = words("First row", "first", "to the first row");
pub const END: ActionWords = words("Last row", "last", "to the last row");
pub const SUCCEED_NEXT: ActionWords =
    words("Practice: next card succeeds", "practice", "the next card on the desk encoder is written");
pub const FAIL_NO_CARD: ActionWords =
    words("Practice: next card fails, no card there", "practice", "as if no card lay on the desk encoder");
pub const FAIL_LIFTED_EARLY: ActionWords =
    words("Practice: next card fails, lifted too early", "practice", "as if the card was lifted too early");
pub const FAIL_TOOK_TOO_LONG: ActionWords =
    words("Practice: next card fails, took too long", "practice", "as if the desk encoder had given up");
pub const FAIL_UNNAMED: ActionWords =
    words("Practice: next card fails, unknown fault", "practice", "as if the key system named no reason");

/// The line of the help that says how to practise a failure.
pub const PRACTICE: &str =
    "To practise a failure: press : and choose \"Practice: next card fails …\". It works in a sandbox only.";

/// Why an action can't be done now.
pub mod why {
    pub const SUSPENDED_ALREADY: &str = "The guest is suspended already.";
    pub const NOT_SUSPENDED: &str = "The guest is not suspended.";
    pub const NO_CARD: &str = "The guest has no card.";
    pub const NOTHING_TO_TAKE_BACK: &str = "There is no check-out of this desk that can be taken back.";
    pub const NO_GUEST: &str = "Choose a guest first.";
    pub const GUEST_IS_GONE: &str = crate::words::panes::GUEST_IS_GONE;
    pub const NOT_CONNECTED: &str = "The access system is not there yet.";
    pub const OTHER_MAKE: &str =
        "keydesk makes guests and cards for Salto ProAccess Space only: this system is another make.";
    pub const NO_ENCODER: &str = "No encoder is there to write a card.";
    pub const CHOOSE_ENCODER: &str = "Choose the encoder of this desk first: 4, then Enter on it.";
    pub const NOTHING_STAGED: &str = "Nothing is marked. Space marks a group in or out.";
    pub const NO_SEARCH: &str = "There is nothing to search in this pane.";
    pub const READING_GROUPS: &str = "The guest's groups are still being read.";
    pub const NO_GROUP: &str = "Choose a group first.";
    pub const OTHER_PANE: &str = "This works in another pane.";
    pub const NOT_A_SANDBOX: &str = "Practice works in a sandbox workspace only.";
    pub const ELSEWHERE: &str = "Another desk has this guest in work: who it is stands under Card.";
    pub const SAVING: &str = "This guest is being saved. One moment.";
}
