//! What each action is called, in the key line, the palette and the help.

/// The words of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionWords {
    /// Its name, as the palette lists it.
    pub name: &'static str,
    /// One or two words for the key line.
    pub short: &'static str,
    /// One line of help.
    pub help: &'static str,
}

const fn words(name: &'static str, short: &'static str, help: &'static str) -> ActionWords {
    ActionWords { name, short, help }
}

/// Card of the guest.
pub const CARD: ActionWords =
    words("Card for the guest: make, update, lost", "card", "make, update or replace the guest's card; plan first");
/// New guest.
pub const NEW_GUEST: ActionWords = words("New guest", "new guest", "enter a guest and make the first card");
/// Search.
pub const SEARCH: ActionWords = words("Search", "search", "find by name, room, phone or e-mail; Esc clears");
/// Clear the search.
pub const CLEAR_SEARCH: ActionWords = words("Clear the search", "clear", "show everyone again");
/// Stage a group.
pub const STAGE: ActionWords = words("Group in or out", "in/out", "mark the group to be added or taken away");
/// Save staged groups.
pub const SAVE: ActionWords = words("Save group changes", "save", "save the marked groups, without a card");
/// Drop staged groups.
pub const DROP: ActionWords = words("Drop group changes", "drop", "forget the marked groups of this guest");
/// Choose the desk encoder.
pub const USE_ENCODER: ActionWords =
    words("Make this the desk encoder", "desk encoder", "cards are made on the encoder with the star");
/// Reload.
pub const RELOAD: ActionWords = words("Read everything again", "reload", "read guests, groups and cards again");
/// Jobs that need a person.
pub const NEEDS: ActionWords = words("What needs me", "needs you", "cards under way and cards that wait for you");
/// Palette.
pub const PALETTE: ActionWords = words("All actions", "all actions", "every action by name");
/// Help.
pub const HELP: ActionWords = words("Help", "help", "the keys for where you are");
/// Quit.
pub const QUIT: ActionWords = words("Leave keydesk", "quit", "leave; asks while a card is being made");
/// Ctrl-C.
pub const QUIT_IF_IDLE: ActionWords =
    words("Leave if nothing is open", "quit", "leave, but only if nothing can be lost");
/// Next pane.
pub const NEXT_PANE: ActionWords = words("Next pane", "pane", "move to the next pane");
/// Previous pane.
pub const PREVIOUS_PANE: ActionWords = words("Previous pane", "pane", "move to the pane before");
/// To users.
pub const TO_USERS: ActionWords = words("Go to users", "users", "move to the users");
/// To groups.
pub const TO_GROUPS: ActionWords = words("Go to access groups", "groups", "move to the access groups");
/// To credentials.
pub const TO_CREDENTIALS: ActionWords = words("Go to credentials", "credentials", "move to card and mobile key");
/// To encoders.
pub const TO_ENCODERS: ActionWords = words("Go to encoders", "encoders", "move to the encoders");
/// To activity.
pub const TO_ACTIVITY: ActionWords = words("Go to activity", "activity", "see what happened at this desk");
/// Row up.
pub const UP: ActionWords = words("One row up", "up", "one row up");
/// Row down.
pub const DOWN: ActionWords = words("One row down", "down", "one row down");
/// Page up.
pub const PAGE_UP: ActionWords = words("One page up", "page up", "one page up");
/// Page down.
pub const PAGE_DOWN: ActionWords = words("One page down", "page down", "one page down");
/// First row.
pub const HOME: ActionWords = words("First row", "first", "to the first row");
/// Last row.
pub const END: ActionWords = words("Last row", "last", "to the last row");
/// The next encode succeeds.
pub const SUCCEED_NEXT: ActionWords =
    words("Practice: next card succeeds", "practice", "the next card on the desk encoder is written");
/// The next encode fails: no card is there.
pub const FAIL_NO_CARD: ActionWords =
    words("Practice: next card fails, no card there", "practice", "as if no card lay on the desk encoder");
/// The next encode fails: the card is lifted.
pub const FAIL_LIFTED_EARLY: ActionWords =
    words("Practice: next card fails, lifted too early", "practice", "as if the card was lifted too early");
/// The next encode fails: the encoder gives up.
pub const FAIL_TOOK_TOO_LONG: ActionWords =
    words("Practice: next card fails, took too long", "practice", "as if the desk encoder had given up");
/// The next encode fails for no reason that has a name.
pub const FAIL_UNNAMED: ActionWords =
    words("Practice: next card fails, unknown fault", "practice", "as if the key system named no reason");

/// The line of the help that says how to practise a failure.
pub const PRACTICE: &str =
    "To practise a failure: press : and choose \"Practice: next card fails …\". It works in a sandbox only.";

/// Why an action can't be done now.
pub mod why {
    /// Nobody is selected.
    pub const NO_GUEST: &str = "Choose a guest first.";
    /// The list of guests isn't there.
    pub const NOT_CONNECTED: &str = "The access system is not there yet.";
    /// No encoder is known.
    pub const NO_ENCODER: &str = "No encoder is there to write a card.";
    /// Nothing is staged.
    pub const NOTHING_STAGED: &str = "Nothing is marked. Space marks a group in or out.";
    /// The pane has no search.
    pub const NO_SEARCH: &str = "There is nothing to search in this pane.";
    /// No search is on.
    pub const NO_SEARCH_ON: &str = "";
    /// Which groups the guest is in isn't known yet.
    pub const READING_GROUPS: &str = "The guest's groups are still being read.";
    /// No group is under the cursor.
    pub const NO_GROUP: &str = "Choose a group first.";
    /// Another pane.
    pub const OTHER_PANE: &str = "This works in another pane.";
    /// Only in a sandbox.
    pub const NOT_A_SANDBOX: &str = "Practice works in a sandbox workspace only.";
    /// Another process has the guest in work.
    pub const ELSEWHERE: &str = "Another desk has this guest in work: who it is stands under Card.";
    /// A job is under way for this guest.
    pub const SAVING: &str = "This guest is being saved. One moment.";
}
