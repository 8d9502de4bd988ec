//! The dialogs: each with its state, update and view, the same shape as a pane. They give typed results to the app.

pub mod changes;
pub mod check_out;
pub mod confirm;
pub mod entry;
pub mod guest_form;
pub mod help;
pub mod job;
mod meanwhile;
pub mod needs;
pub mod palette;
pub mod pick;
pub mod plan;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::component::ctx::Ctx;
use crate::component::draft::Draft;
use crate::domain::job::JobId;
use crate::domain::job::command::Decision;
use crate::domain::job::order::Order;
use crate::domain::query::Query;
use crate::keys::action::Action;
use crate::keys::key::Key;
use crate::seam::types::{EncoderId, UserId};
use crate::ui::frame::KeyHint;

/// A dialog with its state, of whichever kind.
#[derive(Debug)]
pub enum Dialog {
    /// The form for a new guest.
    Form(Box<guest_form::State>),
    /// What a card will be and do, before it is started.
    Plan(plan::State),
    /// The group changes of a guest before they are saved.
    Changes(changes::State),
    /// A job, from its start to its end.
    Job(job::State),
    /// A question with yes and no.
    Confirm(confirm::State),
    /// The keys for where the focus was.
    Help(help::State),
    /// Every action by name, with a search.
    Palette(palette::State),
    /// The jobs that need a person, and those under way.
    Needs(needs::State),
    /// The choice of an encoder, for a plan or a job.
    Pick(pick::State),
    /// An entry of the activity, whole.
    Entry(entry::State),
    /// Who leaves a room, and what becomes of each.
    CheckOut(check_out::State),
}

/// What a dialog can be told.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed while it is the top dialog.
    Key(Key),
    /// A text was pasted while it is the top dialog.
    Paste(String),
    /// What it looks at may have changed.
    Refresh,
    /// The dialog above it chose this encoder.
    Picked(EncoderId),
    /// A question of the form was answered.
    Reply(guest_form::Reply),
}

/// What a dialog asks the app to do, in the dialog's name.
#[derive(Debug)]
pub enum Out {
    /// Close me, and what I opened over me.
    Close,
    /// Open another over me; what it answers comes to me.
    Open(Dialog),
    /// Close me and open another that answers to nobody.
    Become(Dialog),
    /// Close me and carry out this action.
    Do(Action),
    /// Close me and start this order; its job is shown.
    Start(Box<Order>),
    /// Close me and start these orders together; none of their jobs is shown. With the notice that says so.
    StartBatch(Vec<Order>, String),
    /// Close me, give this job up, and start this order when that is done.
    StartInstead(JobId, Box<Order>),
    /// Tell the engine what a person decided about a job.
    Decide(JobId, Decision),
    /// The encoder was chosen, for the dialog below.
    Picked(EncoderId),
    /// Do this in the name of the dialog that asked; where the desk itself asked, in the desk's.
    Answer(Vec<Out>),
    /// Hand me the answer to my question.
    Reply(guest_form::Reply),
    /// Open the form with what was typed before a session was lost.
    OpenForm(Box<Draft>),
    /// Keep that form for the next start.
    ShelveForm(Box<Draft>),
    /// Go on without a record of the jobs.
    GoOnWithoutRecord,
    /// Leave the program at once, without asking again.
    Quit,
    /// Close me and put the cursor on this user.
    Select(UserId),
    /// Read this at the server; the answer comes as a refresh.
    Fetch(Query),
    /// What Enter would start has changed: it is ignored for a moment.
    Changed,
}

impl Dialog {
    /// Applies a message, and says what the app is to do, in order.
    pub fn update(&mut self, msg: Msg, ctx: &Ctx) -> Vec<Out> {
        match self {
            Self::Form(state) => guest_form::update(state, msg, ctx),
            Self::Plan(state) => plan::update(state, msg, ctx),
            Self::Changes(state) => changes::update(state, &msg, ctx),
            Self::Job(state) => job::update(state, msg, ctx),
            Self::Confirm(state) => confirm::update(state, &msg),
            Self::Help(state) => help::update(state, &msg, ctx),
            Self::Palette(state) => palette::update(state, msg, ctx),
            Self::Needs(state) => needs::update(state, &msg, ctx),
            Self::Pick(state) => pick::update(state, &msg, ctx),
            Self::Entry(state) => entry::update(state, &msg),
            Self::CheckOut(state) => check_out::update(state, &msg, ctx),
        }
    }

    /// Draws the dialog into the middle of the area.
    ///
    /// `is_top` is whether it takes the keys: only then the terminal's cursor stands in it.
    pub fn view(&self, ctx: &Ctx, frame: &mut Frame, area: Rect, is_top: bool) {
        match self {
            Self::Form(state) => guest_form::view(state, ctx, frame, area, is_top),
            Self::Plan(state) => plan::view(state, ctx, frame, area),
            Self::Changes(state) => changes::view(state, ctx, frame, area),
            Self::Job(state) => job::view(state, ctx, frame, area),
            Self::Confirm(state) => confirm::view(state, ctx, frame, area),
            Self::Help(state) => help::view(state, ctx, frame, area),
            Self::Palette(state) => palette::view(state, ctx, frame, area),
            Self::Needs(state) => needs::view(state, ctx, frame, area),
            Self::Pick(state) => pick::view(state, ctx, frame, area),
            Self::Entry(state) => entry::view(state, ctx, frame, area),
            Self::CheckOut(state) => check_out::view(state, ctx, frame, area),
        }
    }

    /// Its keys, for the key line.
    pub fn keys(&self, ctx: &Ctx) -> Vec<KeyHint> {
        match self {
            Self::Form(state) => guest_form::keys(state, ctx),
            Self::Plan(state) => plan::keys(state, ctx),
            Self::Changes(_) => changes::keys(),
            Self::Job(state) => job::keys(state, ctx),
            Self::Confirm(state) => confirm::keys(state),
            Self::Help(_) => help::keys(),
            Self::Palette(_) => palette::keys(),
            Self::Needs(_) => needs::keys(),
            Self::Pick(_) => pick::keys(),
            Self::Entry(_) => entry::keys(),
            Self::CheckOut(state) => check_out::keys(state, ctx),
        }
    }

    /// Whether nothing of the dialogs below it is shown: it says itself what they said.
    pub fn hides_others(&self) -> bool {
        matches!(self, Self::Plan(_))
    }

    /// Whether its keys stand in the dialog itself, where the eye is.
    pub fn shows_its_keys(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::Changes(_) | Self::CheckOut(_) | Self::Job(_) | Self::Confirm(_))
    }

    /// Whether Enter starts or decides something here, so that it is ignored for a moment after what it would do changed.
    pub fn guards_enter(&self) -> bool {
        match self {
            Self::Plan(_) | Self::Changes(_) | Self::CheckOut(_) | Self::Job(_) | Self::Confirm(_) | Self::Pick(_) => {
                true
            }
            // In a field it only goes on to the next one.
            Self::Form(state) => !state.takes_text() || state.is_for_one(),
            Self::Help(_) | Self::Palette(_) | Self::Needs(_) | Self::Entry(_) => false,
        }
    }

    /// The job that it shows; `None` for any other dialog.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::Job(state) => Some(state.id),
            _ => None,
        }
    }

    /// Whether it is a question with answers.
    pub fn is_question(&self) -> bool {
        matches!(self, Self::Confirm(_))
    }

    /// Whether typed characters go into a text field.
    pub fn takes_text(&self) -> bool {
        match self {
            Self::Form(state) => state.takes_text(),
            Self::Palette(_) => true,
            Self::Plan(_)
            | Self::Changes(_)
            | Self::Job(_)
            | Self::Confirm(_)
            | Self::Help(_)
            | Self::Needs(_)
            | Self::Pick(_)
            | Self::Entry(_)
            | Self::CheckOut(_) => false,
        }
    }

    /// Whether something was typed into it that closing would lose.
    pub fn has_typing(&self) -> bool {
        matches!(self, Self::Form(state) if state.is_touched())
    }
}
