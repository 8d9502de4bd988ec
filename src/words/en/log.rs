//! The lines of the activity and the short notices at the bottom.

#![allow(missing_docs, reason = "a doc stands only where the text does not say itself when it is shown")]

/// A job was done: a card.
pub fn card_written(who: &str, number: Option<&str>) -> String {
    match number {
        Some(number) => format!("{who}: card written, no. {number}"),
        None => format!("{who}: card written"),
    }
}

/// A card was written, and the journal could not take that.
#[must_use]
pub fn not_recorded(who: &str) -> String {
    format!("{who}: written, NOT recorded")
}

/// The notice that says what to do then.
#[must_use]
pub fn note_it(who: &str) -> String {
    format!("{who}: card written, NOT in the record. Note name, room and time.")
}

/// A job was done: a new guest without a card.
pub fn guest_created(who: &str) -> String {
    format!("{who}: created")
}

/// The guest has a job under way, so that no other can start.
pub const IN_WORK: &str = "Not saved: this guest is in work.";

/// A form whose order was not started.
pub fn form_kept(why: &str) -> String {
    format!("{why} Your form is kept: n offers it again.")
}

/// A job was done: name, contact or dates.
pub fn changes_saved(who: &str, needs_update: bool) -> String {
    if needs_update { format!("{who}: saved, the card needs an update") } else { format!("{who}: saved") }
}

/// The same as a notice, while the guest is the one under the cursor.
pub fn changes_saved_update(who: &str) -> String {
    format!("{who}: saved, update the card (c)")
}

/// A job was done: groups.
pub fn groups_saved(who: &str, needs_update: bool) -> String {
    if needs_update { format!("{who}: groups saved, the card needs an update") } else { format!("{who}: groups saved") }
}

/// The same as a notice, while the guest is the one under the cursor: the key is for that guest.
pub fn groups_saved_update(who: &str) -> String {
    format!("{who}: groups saved, update the card (c)")
}

/// The guest under the cursor was deleted by someone else.
pub fn guest_gone(name: &str) -> String {
    format!("{name} is in the key system no more: choose another guest.")
}

/// The card that was written had been another guest's.
pub fn wrote_over(who: &str, owner: &str) -> String {
    format!("{who}: the card was {owner}'s, who needs a new one")
}

/// A job needs a person.
pub fn needs_you(who: &str, what: &str) -> String {
    format!("{who}: {what}")
}

/// A job was given up.
pub fn withdrawn(who: &str) -> String {
    format!("{who}: given up")
}

/// Orders that were not started, since these have a job already.
pub fn left_out(names: &[&str]) -> String {
    format!("{}: in work already, left out.", names.join(", "))
}

/// A job was started at this desk.
pub fn started(who: &str) -> String {
    format!("{who}: started")
}

/// The desk encoder was chosen.
pub fn desk_encoder(name: &str) -> String {
    format!("Cards are made on {name} now.")
}

/// Everything is read anew.
pub const RELOADING: &str = "Reading everything again.";

/// The staged groups were dropped.
pub const DROPPED: &str = "The marked groups are forgotten.";

/// The next encode was set to fail.
pub fn will_fail(encoder: &str, how: &str) -> String {
    format!("The next card on {encoder} will fail: {how}.")
}

/// The next encode was set to succeed.
pub fn will_succeed(encoder: &str) -> String {
    format!("The next card on {encoder} will be written.")
}

/// An Enter close behind another.
pub const ENTER_TWICE: &str = "Enter came twice in a moment: the second did nothing. Press it again.";

/// An Enter that is held down.
pub const ENTER_HELD: &str = "Enter is held down: it counts once. Let it go, then press it again.";

/// An Enter that was on its way when what it does changed.
pub const ENTER_TOO_EARLY: &str = "This has just changed, so Enter did nothing: look, then press it again.";

/// A text that came where nothing takes one.
pub const TEXT_IGNORED: &str = "A text came in faster than a hand types, where none is typed: it was left out.";

/// Ctrl-C while something can be lost.
pub const CTRL_C: &str = "A card is being made, or changes are not saved. Esc goes back; q leaves and asks first.";

/// Ctrl-C while a form is open.
pub const CTRL_C_FORM: &str = "What you typed is still here. Esc closes the form.";

/// A job asks and its dialog is closed.
pub fn press_needs(who: &str) -> String {
    format!("{who}: press ! to see what is needed.")
}

/// A decision came too late.
pub const NOT_NOW: &str = "The job has moved on meanwhile: look again.";

/// Another process has the job.
pub const TAKEN_OVER: &str = "Another desk has this job now.";

/// A job is at work for the same guest.
pub const GUEST_IN_WORK: &str = "This guest is in work already: here is that job.";

/// Another process has the guest in work.
pub fn guest_elsewhere(holder: &str) -> String {
    format!("{} has this guest in work: nothing was done here.", crate::seam::lenient::clean(holder))
}

/// Another process has a job.
pub fn elsewhere(who: &str, holder: &str) -> String {
    let holder = crate::seam::lenient::clean(holder);
    if holder.is_empty() { format!("{who}: at another desk") } else { format!("{who}: with {holder}") }
}

/// A job of another process ended.
pub fn ended_elsewhere(who: &str, holder: &str, is_done: bool) -> String {
    let holder = crate::seam::lenient::clean(holder);
    let by = if holder.is_empty() { "another desk" } else { holder.as_str() };
    if is_done { format!("{who}: done by {by}") } else { format!("{who}: given up by {by}") }
}

/// A job of this desk became another's.
pub fn taken_over(who: &str, holder: &str, is_done: bool) -> String {
    let holder = crate::seam::lenient::clean(holder);
    if is_done {
        format!("{who}: done by {holder}, who took the job over")
    } else {
        format!("{who}: {holder} has this job now")
    }
}

/// A person says that a card was written, and nothing else does.
pub fn called_written(who: &str, by: &str) -> String {
    format!("{who}: card called written by {by}")
}

/// An order was not taken.
pub const NOT_STARTED: &str = "not started: there is no record to keep the job in";

/// A job went on.
pub fn resumed(who: &str, taken_over: bool) -> String {
    if taken_over {
        format!("{who}: taken over from a desk that is gone")
    } else {
        format!("{who}: went on after a restart")
    }
}

/// What could not be read can be read again.
pub const READ_AGAIN: &str = "the server's answers can be read again";

/// The line works again.
pub const BACK_ONLINE: &str = "the connection is back";

/// Several encoders have the name of the wished one.
pub fn several_encoders(wish: &str, count: usize) -> String {
    let wish = crate::seam::lenient::clean(wish);
    format!(
        "{count} encoders are called \"{wish}\": choose yours with 4 and Enter, or name its id in the configuration."
    )
}

/// The wished desk encoder is not there.
pub fn no_such_encoder(wish: &str) -> String {
    format!("There is no encoder \"{}\": another one has the star.", crate::seam::lenient::clean(wish))
}
