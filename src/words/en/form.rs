//! The form for a new guest.

#![allow(missing_docs, reason = "a doc stands only where the text does not say itself when it is shown")]

use jiff::SignedDuration;

use crate::domain::phone::PhoneError;
use crate::domain::stay::DepartureError;

pub const TITLE: &str = "New guest";
/// The form about a guest who is there.
pub fn title_of(name: &str) -> String {
    format!("Changes for {name}")
}
/// A phone number or an e-mail address that was emptied.
pub const CAN_NOT_BE_EMPTIED: &str = "can be changed, not taken away: the key system keeps it";
pub const NAME: &str = "Full name";
pub const ROOM: &str = "Room";
pub const DEPARTURE: &str = "Departure";
pub const PHONE: &str = "Phone";
pub const EMAIL: &str = "E-mail";
pub const ALSO: &str = "Also opens";

/// The hint of an empty field for groups.
pub const TYPE_TO_ADD: &str = "type to add a group";
/// The hint of an empty room.
pub const TYPE_ROOM: &str = "room number, or empty";
/// The hint of an empty departure.
pub fn no_end(day_first: bool) -> String {
    format!("no end date · or 3 (nights), {}, fri 16:00", a_date(day_first))
}

/// A long stay: nothing is refused, but a slip shows.
pub const MANY_NIGHTS: &str = "a long stay: is it right?";

fn a_date(day_first: bool) -> &'static str {
    if day_first { "28.11" } else { "11/28" }
}

/// The name is missing.
pub const NAME_MISSING: &str = "The name is needed.";
/// The e-mail address can't be one.
pub const EMAIL_WRONG: &str = "An e-mail address looks like name@example.com.";

/// "then write the guest's card on Front Desk".
pub fn card_then(encoder: Option<&str>) -> String {
    match encoder {
        Some(encoder) => format!("then write the guest's card on {encoder}"),
        None => "then write the guest's card (no encoder is there)".to_owned(),
    }
}

/// How a departure differs from the present one, in nights.
pub fn nights_more(nights: i32) -> Option<String> {
    let count = nights.unsigned_abs();
    let word = if count == 1 { "night" } else { "nights" };
    match nights.cmp(&0) {
        std::cmp::Ordering::Less => Some(format!("{count} {word} less")),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(format!("{count} {word} more")),
    }
}

/// "make a card now on Front Desk".
pub fn card_now(encoder: Option<&str>) -> String {
    match encoder {
        Some(encoder) => format!("make a card now on {encoder}"),
        None => "make a card now (no encoder is there)".to_owned(),
    }
}

/// No room of this name.
pub fn no_such_group(text: &str) -> String {
    format!("There is no \"{}\". Choose one that is listed, or empty the field.", text.trim())
}

/// More than one room of this name.
pub fn several_groups(text: &str, count: usize) -> String {
    format!("{count} groups are \"{}\". Choose one with the arrows.", text.trim())
}

/// A card without an encoder.
pub const NO_ENCODER: &str = "No encoder is there. Space takes the card out of this form.";

/// "Sat 28 Nov 2026, 11:00 · 4 nights".
pub fn stays_until(day: &str, nights: i32) -> String {
    match nights {
        0 => format!("{day} · today"),
        1 => format!("{day} · 1 night"),
        _ => format!("{day} · {nights} nights"),
    }
}

/// What is wrong with a departure.
pub fn departure_wrong(error: DepartureError, day_first: bool) -> String {
    let fixed = match error {
        DepartureError::Unreadable => {
            let date = a_date(day_first);
            return format!("Write 3 (nights), {date}, fri, tomorrow, +1 or never; an hour as 16:00 after it.");
        }
        DepartureError::NoSuchDay => "There is no such day or hour. Look at the calendar and type it again.",
        DepartureError::SkippedHour => "The clock is put forward then and skips this hour. Type another one.",
        DepartureError::Past => "That is over already. Type a later day or hour.",
        DepartureError::TooFar => "That is too far ahead. Type a date within ten years, such as 2027-11-28.",
    };
    fixed.to_owned()
}

/// What is wrong with a phone number.
pub fn phone_wrong(error: PhoneError) -> &'static str {
    match error {
        PhoneError::NoCountry => "Begin with + and the country, for example +49 30 1234567.",
        PhoneError::UnknownCallingCode => "No country has this calling code.",
        PhoneError::WrongLength => "Too many or too few digits for a number of its country.",
        PhoneError::Unclear => "That can be two numbers. Begin with + and the country.",
        PhoneError::Extension => "Leave the extension out: only the number itself is kept.",
        PhoneError::NotANumber => "That is no phone number.",
    }
}

/// "leaves today: John Doe".
pub fn leaves_today(names: &[String]) -> String {
    format!("leaves today: {}", some_names(names, 3))
}

/// "in it now: John Doe".
pub fn in_it_now(names: &[String]) -> String {
    format!("in it now: {}", some_names(names, 3))
}

/// The first names of a list, and how many more.
pub fn some_names(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > most { format!("{shown} and {} more", names.len() - most) } else { shown }
}

/// A guest who is there already: "Doe, Jane · 311 · until Sat 28 Nov 11:00".
pub fn match_line(name: &str, room: Option<&str>, until: &str) -> String {
    match room {
        Some(room) => format!("{name} · {room} · {until}"),
        None => format!("{name} · {until}"),
    }
}

/// How one of them is used.
pub const USE: &str = "use";

/// The same guest is there, and Enter would create a second: asked once more. `others` is how many more there are.
pub fn namesake(name: &str, rooms: &str, until: &str, others: usize) -> String {
    let others = match others {
        0 => String::new(),
        1 => " So is one more like this.".to_owned(),
        _ => format!(" So are {others} more like this."),
    };
    format!("{name} is here already: {}.{others} Create another user all the same?", room_and_until(rooms, until))
}

/// One of several: "it is John Doe: Room 204, until Sat 28 Nov 11:00".
pub fn use_this(name: &str, rooms: &str, until: &str) -> String {
    format!("it is {name}: {}", room_and_until(rooms, until))
}

/// Somebody of this name or contact came in while the form stood open.
pub fn came_meanwhile(name: &str, rooms: &str, until: &str) -> String {
    format!("{name} came in meanwhile: {}", room_and_until(rooms, until))
}

/// A group that was chosen was deleted.
pub fn group_gone(name: &str) -> String {
    format!("{name} is gone from the key system meanwhile")
}

/// A group that was chosen has another name.
pub fn group_renamed(before: &str, now: &str) -> String {
    format!("{before} is called {now} now")
}

/// What to do about a further group that is gone.
pub fn take_away(gone: &str) -> String {
    format!("{gone}. Backspace takes it away.")
}

fn room_and_until(rooms: &str, until: &str) -> String {
    if rooms.is_empty() { format!("no room, {until}") } else { format!("Room {rooms}, {until}") }
}

/// A guest in a room, in a sentence: "John Doe until Sat 28 Nov 11:00".
pub fn who_until(name: &str, until: &str) -> String {
    if until.starts_with("until") { format!("{name} {until}") } else { format!("{name} ({until})") }
}

/// The room is taken by these, and by so many more of whom nothing is read yet.
pub fn room_taken(room: &str, who: &[String], unread: usize) -> String {
    let mut all: Vec<String> = who.iter().take(3).cloned().collect();
    match who.len().saturating_sub(3) + unread {
        0 => {}
        1 => all.push("one more guest".to_owned()),
        more => all.push(format!("{more} more guests")),
    }
    let last = all.pop().unwrap_or_default();
    let who = if all.is_empty() { last } else { format!("{} and {last}", all.join(", ")) };
    format!("{room} is taken by {who}. Another guest in the same room?")
}

/// Who is in the room could not be read, or is not read yet.
pub fn room_not_read(room: &str, why: Option<&str>) -> String {
    let why = why.map(|why| format!(" {why}")).unwrap_or_default();
    format!("Who is in {room} is not known.{why} Somebody may be in it. Save all the same?")
}

/// Saving waits for it.
pub const READING_ROOM: &str = "reading who is in it …";

/// The default answer to a question about a room.
pub const BACK_TO_ROOM: &str = "back to the room";

/// Yes to a question about a room.
pub const SAME_ROOM: &str = "this room all the same";

/// No departure was typed.
pub fn no_departure(has_card: bool) -> String {
    let what = if has_card { "the card would open" } else { "the guest could come in" };
    format!("No departure: {what} until somebody ends it. When does the guest leave?")
}

/// The default answer to a question about a departure.
pub const BACK_TO_DEPARTURE: &str = "back to the departure";

/// Yes to the question.
pub const WITHOUT_END: &str = "no end date";

/// The hint for "never".
pub const NEVER: &str = "no end date: open until somebody ends it";

/// The clock is wrong, and with it a departure that counts from today.
pub fn clock_question(ahead: SignedDuration, here: &str, there: &str) -> String {
    let what = super::clock::advice(ahead).what;
    format!("{what} You would get {here}; by the server's clock it is {there}.")
}

/// One of the two.
pub fn take_departure(day: &str) -> String {
    format!("take {day}")
}

/// The form has no group at all, and a card is to be made.
pub const OPENS_NOTHING: &str = "no room and no group: this card will open nothing";

/// Yes to the question.
pub const CREATE_SECOND: &str = "create a second";

/// Keys of the form.
pub mod keys {
    pub const NEXT: &str = "next field";
    /// Enter on a group that is listed.
    pub const TAKE: &str = "take it";
    /// What Ctrl-S does with a guest who is there.
    pub const SAVE: &str = "save";
    pub const CREATE: &str = "create";
    pub const CLOSE: &str = "close";
    /// Space on the box.
    pub const TOGGLE: &str = "on/off";
    pub const CHOOSE: &str = "choose";
    /// Backspace in an empty field of groups.
    pub const REMOVE: &str = "take the last away";
}

/// How a stay without an end is typed.
pub const NEVER_TYPED: &str = "never";

/// What the server refused, at its field.
pub fn server_says(said: &str) -> String {
    format!("The server refused this: {}", said.trim())
}

/// The guest who was meant is there no more.
pub const GUEST_GONE: &str = "This guest is in the key system no more. Nothing was changed, and your form is kept.";

/// The guest who was meant has a job under way.
pub fn guest_in_work(name: &str) -> String {
    format!("{name} is in work already. Finish that first (under !); your form is kept.")
}

pub const USE_YES: &str = "go on with that guest";

/// A form that a lost session left behind.
pub fn left_behind(name: &str) -> String {
    if name.trim().is_empty() {
        "A form for a new guest was left half-typed. Go on with it?".to_owned()
    } else {
        format!("The form for {} was left half-typed. Go on with it?", name.trim())
    }
}

/// Closing a form with something typed in it.
pub const CLOSE_QUESTION: &str = "Throw away what you typed?";

pub const THROW_AWAY: &str = "throw away";

/// Begin another form; this one is asked about again later.
pub const NEW_FORM: &str = "begin a new form, keep this one";

/// Not now: it is asked about with the next new guest, and at the next start.
pub const LATER: &str = "keep it for later";

pub const GO_ON: &str = "go on typing";
