//! A written card that the journal does not have yet. The screen shows it at once; what the job does next is decided by
//! the journal's entries alone.

use jiff::Timestamp;

use super::Job;
use super::event::{Entry, Event, FORMAT};
use super::fold::fold;
use super::state::StepState;
use super::steps::Step;

/// What is known of a written card before the journal has it. Stands only in what is shown: no entry gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrecorded {
    /// When it became known that the card is written.
    pub at: Timestamp,
    /// The number of the card; `None` when the server did not tell it.
    pub card_number: Option<String>,
    /// Whether the journal could not take it; it is tried again.
    pub is_failing: bool,
}

impl Unrecorded {
    /// What is shown while this event waits for the journal: something when it tells that the job's card is written,
    /// `None` for every other event.
    #[must_use]
    pub fn of(job: &Job, event: &Event, at: Timestamp) -> Option<Self> {
        if !matches!(event, Event::Attempt { .. } | Event::Read { .. } | Event::Answered { .. }) {
            return None;
        }
        let entry = Entry { v: FORMAT, seq: job.seq + 1, at, event: event.clone() };
        let after = fold(job.clone(), &entry);
        let is_new = is_written(&after) && !is_written(job);
        is_new.then_some(Self { at, card_number: after.card_number, is_failing: false })
    }
}

fn is_written(job: &Job) -> bool {
    job.steps.iter().any(|record| record.step == Step::Encode && matches!(record.state, StepState::Done(_)))
}
