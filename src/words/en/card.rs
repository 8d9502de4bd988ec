//! The card dialog: the plan, the steps, the block, and what can be done now.

#![allow(missing_docs, reason = "a doc stands only where the text does not say itself when it is shown")]

use crate::domain::guest_state::GuestState;
use crate::domain::job::order::CardWork;
use crate::domain::job::steps::Step;
use crate::domain::job::{Offer, PlanChange};

use super::errors;
use super::form::some_names;
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::lenient::clean;
use crate::seam::types::AttemptError;
use crate::words::Advice;

/// "Card for Jane Doe".
pub fn title(who: &str) -> String {
    format!("Card for {who}")
}

/// The title of a job that makes no card.
pub fn title_without_card(who: &str) -> String {
    format!("Saving {who}")
}

/// The title of the group changes that are about to be saved.
pub fn changes_title(who: &str) -> String {
    format!("Save for {who}?")
}

/// What kind of work it is.
pub fn kind(work: &CardWork) -> &'static str {
    match work {
        CardWork::None => "Without a card",
        CardWork::New => "New card",
        CardWork::EncodeAgain(_) => "Write the prepared card",
        CardWork::Update(_) => "Update card",
        CardWork::Replace(_) => "Replace lost card",
        CardWork::Cancel(_) => "Cancel card",
    }
}

/// One line on what the kind means.
pub fn kind_help(work: &CardWork, state: GuestState, is_staged: bool) -> &'static str {
    match work {
        CardWork::None => "",
        CardWork::New => "the guest has no card: a blank one is written",
        CardWork::EncodeAgain(_) => "a card was prepared and never written: it is written to a blank card",
        CardWork::Update(_) if is_staged || state == GuestState::NeedsUpdate => {
            "the access changed: the guest's own card is written again"
        }
        CardWork::Update(_) if state == GuestState::CardOk => "the card is up to date: writing it again does no harm",
        CardWork::Update(_) => "the guest's own card is written again; see the notes",
        CardWork::Replace(_) => "the card is lost or broken: it stops working, a blank one is written",
        CardWork::Cancel(_) => "the card's credential is deleted, and no other card is made",
    }
}

/// Which card belongs on the encoder, in the plan.
pub fn which_card(own: bool, encoder: &str) -> String {
    if own { format!("the guest's OWN card goes on {encoder}") } else { format!("a BLANK card goes on {encoder}") }
}

/// "The guest's groups changed meanwhile: + Lounge − Room 204".
pub fn groups_changed(came: &[String], went: &[String]) -> String {
    let came = came.iter().map(|name| format!(" + {name}"));
    let went = went.iter().map(|name| format!(" − {name}"));
    format!("The guest's groups changed meanwhile:{}", came.chain(went).collect::<String>())
}

/// "Room 204 is taken since: Maria Keller".
pub fn taken_since(rooms: &str, names: &[String]) -> String {
    format!("Room {rooms} is taken since: {}", names.join(", "))
}

/// The end of access is another one than when the plan was opened.
pub const END_CHANGED: &str = "The end of access changed meanwhile";

/// "add Executive Lounge".
pub fn adds(names: &[String]) -> String {
    format!("add {}", names.join(", "))
}

/// "take away Gym".
pub fn removes(names: &[String]) -> String {
    format!("take away {}", names.join(", "))
}

/// "then write the card".
pub const THEN_WRITE: &str = "then write";

/// A room is taken away and none is left.
pub const NO_ROOM_LEFT: &str = "the guest has no room afterwards";

/// No group at all.
pub const OPENS_NOTHING: &str = "no groups: this card will open nothing";

/// The groups are not known yet.
pub const READING_GROUPS: &str = "reading the groups …";

/// "also in the room: John Doe"; of a guest with several rooms "204: John Doe · 310: Maria Keller".
pub fn room_mates(rooms: &[(String, Vec<String>)], has_several_rooms: bool) -> String {
    let said = |(room, names): &(String, Vec<String>)| {
        let room = if has_several_rooms { room } else { "also in the room" };
        format!("{room}: {}", some_names(names, 3))
    };
    rooms.iter().map(said).collect::<Vec<_>>().join(" · ")
}

/// Heads of the lines of the plan.
pub mod head {
    pub const OPENS: &str = "Opens";
    pub const UNTIL: &str = "Until";
    pub const ROOM: &str = "Room";
    /// What is changed first.
    pub const FIRST: &str = "First";
    /// What is changed of name and contact.
    pub const SAVES: &str = "Saves";
    /// The card and the encoder.
    pub const CARD: &str = "Card";
    pub const STOPS: &str = "Stops";
    pub const NOTE: &str = "Note";
}

/// "Sat 28 Nov 11:00 (so far Thu 26 Nov 11:00)".
pub fn end_changes(new: &str, old: &str) -> String {
    format!("{new} (so far {old})")
}

/// The guest has another room, which is not touched.
pub fn also_in_room(rooms: &str) -> String {
    format!("also in Room {rooms}: stays")
}

/// The name that was typed is not the guest's.
pub fn name_stays(name: &str, typed: &str) -> String {
    format!("the name stays {name}, not \"{typed}\"")
}

/// What stops working when a card is replaced.
pub fn old_stops(number: Option<&str>) -> String {
    match number {
        Some(number) => format!("the old card, no. {number}, stops working"),
        None => "the old card stops working".to_owned(),
    }
}

/// The encoder of the plan is not there any more.
pub const ENCODER_GONE: &str = "the encoder is not there any more: Tab chooses another";

/// The user is suspended.
/// A suspended guest who gets new dates.
pub const LET_IN_AGAIN: &str = "the guest is suspended: with the new dates the suspension ends";
pub const SUSPENDED: &str = "the guest is suspended: the card opens nothing until that ends";

/// The user's access has ended.
pub const ENDED: &str = "the guest's access has ended: the card will open nothing";

/// The card's own end is past.
pub const CARD_ENDED: &str = "the card that was written has an end of its own, and that is past";

/// The plan can't start yet.
pub const CREDENTIALS_LOADING: &str = "The guest's cards are still being read.";

/// The encoder has another job: this one waits its turn.
pub fn waits_for(encoder: &str, who: &str) -> String {
    format!("{encoder} is making a card for {who}: this one waits its turn")
}

/// A step and whether it is done.
pub fn step(step: &Step, done: bool, encoder: &str, number: Option<&str>) -> String {
    match (step, done) {
        (Step::CreateUser, true) => "guest created".to_owned(),
        (Step::CreateUser, false) => "create the guest".to_owned(),
        (Step::UpdateUser(_), true) => "departure and contact set".to_owned(),
        (Step::UpdateUser(_), false) => "set departure and contact".to_owned(),
        (Step::AddToGroup(step), true) => format!("{} added", step.group.name),
        (Step::AddToGroup(step), false) => format!("add {}", step.group.name),
        (Step::RemoveFromGroup(step), true) => format!("{} taken away", step.group.name),
        (Step::RemoveFromGroup(step), false) => format!("take away {}", step.group.name),
        (Step::DeleteCredential(_), true) => "old card stopped".to_owned(),
        (Step::DeleteCredential(_), false) => "stop the old card".to_owned(),
        (Step::CreateCredential(_), true) => "credential prepared".to_owned(),
        (Step::CreateCredential(_), false) => "prepare the credential".to_owned(),
        (Step::SetSuspension(step), true) if step.is_suspended => "access suspended".to_owned(),
        (Step::SetSuspension(step), false) if step.is_suspended => "suspend the access".to_owned(),
        (Step::SetSuspension(_), true) => "suspension ended".to_owned(),
        (Step::SetSuspension(_), false) => "end the suspension".to_owned(),
        (Step::DeleteUser(step), true) if !step.is_twin => "guest deleted".to_owned(),
        (Step::DeleteUser(step), false) if !step.is_twin => "delete the guest".to_owned(),
        (Step::DeleteUser(step), true) => format!("second {} deleted", step.user.name),
        (Step::DeleteUser(step), false) => format!("delete the second {}", step.user.name),
        (Step::Encode, true) => match number {
            Some(number) => format!("card on {encoder}, no. {number}"),
            None => format!("card on {encoder}"),
        },
        (Step::Encode, false) => format!("card on {encoder}"),
    }
}

/// The block while the card must lie on the encoder. `is_after_another`: a card was written there a moment ago, and may
/// lie there still.
pub fn place(own: bool, who: &str, encoder: &str, is_after_another: bool) -> Advice {
    let encoder = encoder.to_uppercase();
    let first = if own {
        format!("PLACE {}'S OWN CARD ON {encoder}", first_name(who).to_uppercase())
    } else {
        format!("PLACE A BLANK CARD ON {encoder}")
    };
    let below = if is_after_another {
        "take the last card away first, then leave this one there until this says WRITTEN"
    } else {
        "leave it there until this says WRITTEN"
    };
    Advice::new(first, below)
}

/// The block when the encoder is free after another card.
pub fn your_turn(own: bool, who: &str, encoder: &str) -> Advice {
    let below = if own {
        "take the last card away, lay the guest's own card there, then go on"
    } else {
        "take the last card away, lay a blank card there, then go on"
    };
    Advice::new(format!("{} IS FREE FOR {}", encoder.to_uppercase(), who.to_uppercase()), below)
}

/// The same for a row: "PLACE A BLANK CARD".
pub fn place_short(own: bool) -> &'static str {
    if own { "PLACE THE OWN CARD" } else { "PLACE A BLANK CARD" }
}

fn first_name(full: &str) -> &str {
    match full.split_once(',') {
        Some((_, given)) => given.split_whitespace().next().unwrap_or(full),
        None => full.split_whitespace().next().unwrap_or(full),
    }
}

/// The block while calls are made.
pub const WORKING: Advice = Advice::fixed("ONE MOMENT", "the key system is being told; no card yet");

/// The block while a second entry of the guest is deleted, after everything else was done.
pub const TIDYING: Advice =
    Advice::fixed("ONE MOMENT", "the second entry is being deleted; the guest's card is not touched");

/// The block of a queued job.
pub fn queued(encoder: &str) -> Advice {
    Advice::new(
        format!("WAITS FOR {}", encoder.to_uppercase()),
        "another card is being made there; keydesk calls you when it is this one's turn",
    )
}

/// The block of a job that waits because of this error.
pub fn waits(error: &SeamError) -> Advice {
    let why = errors::advice(error).what;
    match error.kind {
        ErrorKind::Unreachable | ErrorKind::Broken | ErrorKind::TimedOut => {
            Advice::new("NO CONNECTION", format!("{why} It goes on by itself when the line is back."))
        }
        ErrorKind::Unreadable | ErrorKind::Server => {
            Advice::new("THE SERVER HAS TROUBLE", format!("{why} It is tried again by itself."))
        }
        ErrorKind::Limited => Advice::new("ONE MOMENT", format!("{why} It goes on by itself after that.")),
        // A refusal is waited out only while the deletion of an old card takes effect.
        ErrorKind::Unauthorized | ErrorKind::NotFound | ErrorKind::Refused => {
            Advice::fixed("ONE MOMENT", "the old card is still being deleted; it goes on by itself")
        }
    }
}

/// The block while the truth is read back.
pub const CHECKING: Advice = Advice::fixed(
    "CHECKING",
    "an answer was lost: keydesk finds out what was done before it goes on; this takes up to a minute",
);

/// The same after an order to write a card: it may lie there half written.
pub const CHECKING_CARD: Advice = Advice::fixed(
    "CHECKING",
    "if a card lies there, leave it: keydesk finds out whether it was written; this takes up to a minute",
);

/// The block of a written card.
pub const WRITTEN: &str = "WRITTEN";

/// The block of a written card that the record does not have yet.
pub const WRITTEN_UNRECORDED: Advice =
    Advice::fixed("WRITTEN, BEING RECORDED", "the card is good; keydesk is still noting it in the record of the jobs");

/// The block of a written card that the record could not take.
pub const WRITTEN_NOT_RECORDED: Advice = Advice::fixed(
    "WRITTEN, NOT IN THE RECORD",
    "the card can be handed out: note name, room and time on paper. keydesk tries the record again by itself",
);

/// The block of a job without a card.
pub const SAVED: &str = "SAVED";

/// The block of a job that was given up.
pub const GIVEN_UP: Advice = Advice::fixed("GIVEN UP", "what has a tick is not taken back");

/// The end was not read at the server since it was changed.
pub const END_NOT_READ: &str = "end not read yet";

/// The server did not take the end that was ordered: "the key system kept Sat 28 Nov 11:00".
pub fn end_kept(end: &str) -> String {
    format!("the key system kept {end}")
}

/// "Room 204 · until Sat 28 Nov 11:00".
pub fn written_below(opens: &[String], until: &str) -> String {
    if opens.is_empty() { until.to_owned() } else { format!("{} · {until}", some_names(opens, 4)) }
}

/// The block of a card that was written while others changed what it opens.
pub fn not_as_planned(now: &str, planned: &str) -> Advice {
    Advice::new(
        "WRITTEN, NOT AS PLANNED",
        format!("it opens {now}. The plan said {planned}: others changed it meanwhile"),
    )
}

/// The block of a card that was not blank: it was another guest's.
pub fn wrote_over(owner: &str) -> Advice {
    Advice::new(
        format!("WRITTEN OVER THE CARD OF {}", owner.to_uppercase()),
        "that guest's card opens nothing any more: make a new one for that guest (c)",
    )
}

/// The block of a written card that opens nothing.
pub const WRITTEN_NOTHING: &str = "WRITTEN, BUT OPENS NOTHING";

/// The block of placing while the line is down.
pub const PLACE_OFFLINE: Advice = Advice::fixed(
    "NO CONNECTION",
    "leave the card where it is; whether it was written shows when the connection is back",
);

/// A call was refused.
pub const REFUSED: &str = "REFUSED";

/// An encode attempt is pending for very long; it is followed all the same.
pub const LINGERS: Advice = Advice::fixed(
    "STILL NO WORD OF THE CARD",
    "nothing came for five minutes, and keydesk looks on: write again, or try the card at a door",
);

/// The outcome of an encode is not known.
pub const UNKNOWN: Advice = Advice::fixed(
    "NOT KNOWN WHETHER THE CARD WAS WRITTEN",
    "the answer was lost: try the card at a door, or write it again",
);

/// No encoder was named.
pub const NO_ENCODER: Advice = Advice::fixed("NO ENCODER", "choose the encoder that writes the card");

/// The job's history can't be read.
pub const UNREADABLE: Advice =
    Advice::fixed("MADE BY A NEWER KEYDESK", "this version can't read what happened to this job: use the newer one");

/// The job was taken up again, and the guest may have gone.
pub const RESUME: Advice = Advice::fixed(
    "IS THE GUEST STILL HERE?",
    "this job was left before it was done: go on only if the guest is here and wants it",
);

/// Another job is at work for the guest.
pub const GUEST_IN_WORK: &str = "THIS GUEST IS SERVED ELSEWHERE";

/// What it says below.
pub fn guest_in_work(by: Option<&str>) -> String {
    match by {
        Some(by) => format!("{} has this guest in work: nothing was done here", clean(by)),
        None => "another job is at work for this guest: nothing was done here".to_owned(),
    }
}

/// A job went on after its process ended.
pub fn resumed(taken_over: bool) -> &'static str {
    if taken_over { "taken over from a desk that is gone" } else { "went on after a restart" }
}

/// Who has the encoder that a job waits for.
pub fn encoder_with(holder: &str) -> String {
    format!("the encoder is with {}", clean(holder))
}

/// Someone else may be the guest. `lost`: an answer was lost, and those that are asked about came since.
pub fn who_is_it(name: &str, lost: bool) -> Advice {
    let below = if lost {
        format!("{name} came into the key system since keydesk asked for it: most likely that is this guest")
    } else {
        format!("{name} may be in the key system already: choose, so that nobody is there twice")
    };
    Advice::new("WHO IS IT?", below)
}

/// The block of a card that only a person calls written.
pub fn called_written(by: &str) -> Advice {
    Advice::new("CALLED WRITTEN", format!("on {}'s word alone: the key system told nothing of it", clean(by)))
}

/// Who called a card written, and when, as long as the key system says otherwise.
#[must_use]
pub fn called_written_by(by: &str, when: &str) -> String {
    format!("called written by {} {when}", clean(by))
}

/// The question before a card is called written.
pub fn call_written_question(who: &str) -> String {
    format!("The key system did not tell that {who}'s card was written. Did you try it at a door, and it opens?")
}

/// The answers to it.
pub mod call_written {
    pub const YES: &str = "it opens";
    pub const NO: &str = "back";
}

/// Until when a second user is looked for whom a lost request may still make.
pub fn looking_for_twin(until: &str) -> String {
    format!("looks for a late second entry until {until}")
}

/// The world is otherwise than the plan said. `has_user`: whether the job has a user of its own.
pub fn changed(change: &PlanChange, has_user: bool) -> Advice {
    match change {
        PlanChange::CardExists { is_issued: true, .. } => {
            Advice::fixed("THERE IS A CARD ALREADY", "someone made one meanwhile: write it again, or replace it")
        }
        PlanChange::CardExists { is_issued: false, .. } => {
            Advice::fixed("A CARD IS PREPARED ALREADY", "someone prepared one meanwhile: use it")
        }
        PlanChange::CredentialGone => {
            Advice::fixed("THE CARD'S CREDENTIAL IS GONE", "someone deleted it: create a new one")
        }
        PlanChange::Twin(twin) if !has_user => Advice::new(
            "CREATED AFTER ALL",
            format!("a lost request created {} although the job was given up: delete the entry, or keep it", twin.name),
        ),
        PlanChange::Twin(twin) => Advice::new(
            "THERE ARE TWO NOW",
            format!("a lost request created {} a second time: delete that one, or keep both", twin.name),
        ),
        PlanChange::UserGone => Advice::fixed(
            "THE GUEST IS GONE",
            "someone deleted this user: make the guest anew with what was typed, or give the job up",
        ),
        PlanChange::UserFailed(message) => {
            let said = message.as_ref().map_or_else(String::new, |message| format!("{message} "));
            let remedy = format!("{said}A card would open nothing: tell whoever looks after the key system.");
            Advice::new("THE KEY SYSTEM REFUSED THE GUEST", remedy)
        }
    }
}

/// What tells a candidate apart: name, and what else is known.
pub fn candidate(name: &str, known: &[String]) -> String {
    if known.is_empty() { format!("it is {name}") } else { format!("it is {name} ({})", known.join(", ")) }
}

/// What a person can do, as a short phrase for a key. `has_user`: whether the job has a user of its own.
pub fn offer(offer: &Offer, has_user: bool) -> String {
    match offer {
        Offer::GoOn => "go on".to_owned(),
        Offer::TryAgain => "try again".to_owned(),
        Offer::OtherEncoder => "other encoder".to_owned(),
        Offer::ReplaceCard => "replace the card".to_owned(),
        Offer::NewCredential => "create a new one".to_owned(),
        Offer::NewGuest => "new guest with the same data".to_owned(),
        Offer::MendData => "mend the data".to_owned(),
        Offer::WriteAgain => "write again".to_owned(),
        Offer::CallItWritten => "it works: call it written".to_owned(),
        Offer::UseCandidate(one) => candidate(&one.name, one.contact.as_slice()),
        Offer::CreateAnyway => "none of them: create".to_owned(),
        Offer::UseFound => "use that one".to_owned(),
        Offer::DeleteTwin(_) => if has_user { "delete the second" } else { "delete it" }.to_owned(),
        Offer::KeepBoth => if has_user { "keep both" } else { "keep it" }.to_owned(),
        Offer::Later => "later (under !)".to_owned(),
        Offer::Withdraw => "give it up".to_owned(),
    }
}

/// "6 doors".
pub fn door_count(count: usize) -> String {
    if count == 1 { "1 door".to_owned() } else { format!("{count} doors") }
}

/// "Room 204".
pub fn room(room: &str) -> String {
    format!("Room {room}")
}

/// The job was put off.
pub const PUT_OFF: &str = "put off";

/// The question before a job is given up.
pub fn give_up_question(who: &str) -> String {
    format!("Give up this job for {who}? What has a tick is not taken back; nothing more is done.")
}

/// The answers to it.
pub mod give_up {
    pub const YES: &str = "give it up";
    pub const NO: &str = "keep it";
}

/// The technical side of a failed attempt.
pub fn attempt_details(error: &AttemptError) -> Vec<String> {
    let mut lines = vec![format!("type {}", clean(&error.code))];
    lines.extend(error.message.as_ref().map(|message| format!("message {message}")));
    lines
}

/// The technical side of a pending attempt.
pub fn attempt_id(id: &str) -> String {
    format!("action attempt {}", clean(id))
}

/// There is no technical side.
pub const NO_DETAILS: &str = "no technical details";

/// Keys of the dialog.
pub mod keys {
    /// Enter in the plan.
    pub const START: &str = "start";
    /// Enter below the group changes.
    pub const SAVE: &str = "save";
    /// Esc below them: the marks stay.
    pub const BACK_MARKED: &str = "back, nothing is saved";
    pub const CHOOSE: &str = "choose";
    /// Enter on the row that is chosen.
    pub const DO: &str = "do it";
    /// Esc in the plan.
    pub const CLOSE: &str = "close";
    /// Esc while it runs.
    pub const LEAVE: &str = "leave it running, next guest";
    /// Enter at the end.
    pub const DONE: &str = "done";
    pub const DETAILS: &str = "details";
    /// The encoder of the plan.
    pub const ENCODER: &str = "other encoder";
    /// Esc while a job asks and was put off already.
    pub const BACK: &str = "back";
}

/// The line below a dialog.
pub const DESK_GOES_ON: &str = "the desk goes on behind this: jobs run, nothing is lost";

/// The same without a record of the jobs.
pub const DESK_GOES_ON_UNRECORDED: &str = "the desk goes on behind this, without a record";

/// The list behind `!`.
pub mod needs {
    use crate::seam::error::ErrorKind;

    pub const TITLE: &str = "What needs you";
    /// A job of another process, by the label of its holder.
    pub fn elsewhere(holder: &str, what: &str) -> String {
        let holder = crate::seam::lenient::clean(holder);
        if holder.is_empty() { format!("at another desk: {what}") } else { format!("with {holder}: {what}") }
    }

    pub const NOTHING: &str = "Nothing needs you. No card is under way.";
    /// A job that waits for its encoder.
    pub const QUEUED: &str = "waits for its encoder";
    /// A job that makes calls.
    pub const WORKING: &str = "under way";
    /// A job that waits because of an error of this kind.
    pub fn waits(kind: ErrorKind) -> &'static str {
        match kind {
            ErrorKind::Unreachable | ErrorKind::Broken | ErrorKind::TimedOut => "waits for the connection",
            ErrorKind::Unreadable | ErrorKind::Server => "waits for the server",
            ErrorKind::Limited => "waits: the server asks for a pause",
            ErrorKind::Unauthorized | ErrorKind::NotFound | ErrorKind::Refused => "waits until the old card is deleted",
        }
    }

    /// A job that reads back.
    pub const CHECKING: &str = "checking";
    pub const OPEN: &str = "open";
}

pub mod pick {
    /// The title, with the guest whom the card is for.
    pub fn title(who: &str) -> String {
        format!("Which encoder for {who}?")
    }

    /// The encoder has a job.
    pub fn busy(who: &str) -> String {
        format!("makes a card for {who}")
    }
    pub const USE: &str = "use it";
}

/// Leaving while cards are under way.
pub mod quit {
    pub const TITLE: &str = "Leave keydesk?";

    /// What would be left undone. With a record on disk, jobs go on at the next start.
    pub fn question(jobs: &[String], unsaved: &[String], is_recorded: bool) -> String {
        let jobs = match jobs {
            [] => String::new(),
            some if is_recorded => format!(
                "Not finished: {}. The next start of keydesk goes on with it; a card that is being written is written \
                 all the same. ",
                super::some_names(some, 4)
            ),
            [one] => format!(
                "The job for {one} is not finished and would be forgotten; a card that is being written is written all \
                 the same. "
            ),
            many => format!(
                "{} jobs are not finished and would be forgotten: {}. A card that is being written is written all the \
                 same. ",
                many.len(),
                super::some_names(many, 4)
            ),
        };
        let unsaved = if unsaved.is_empty() {
            String::new()
        } else {
            format!("Group changes are not saved: {}.", super::some_names(unsaved, 4))
        };
        format!("{jobs}{unsaved}")
    }

    pub const LEAVE: &str = "leave";
    pub const STAY: &str = "stay";
}
