//! What a job wants now: the one thing that whoever drives it does next.

use jiff::Timestamp;

use super::event::Intent;
use super::look::Look;
use super::steps::LONGEST_WAIT;
use super::steps::create_user::namesakes;
use super::{Job, Outcome, Phase, Question, Stage};
use crate::seam::types::{AttemptId, EncoderId};

/// What a job wants now. Whoever drives it does that, and appends what came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Read this and append [`Looked`](super::event::Event::Looked).
    Look(Look),
    /// Append [`Intended`](super::event::Event::Intended), send the call, append what came of it.
    Call(Intent),
    /// Read this and append [`Read`](super::event::Event::Read).
    ReadBack(Look),
    /// Follow this attempt to its end. When it is pending for [`LINGERS`](super::steps::encode::LINGERS), append
    /// [`Lingers`](super::event::Event::Lingers) and go on.
    Watch(AttemptId),
    /// Take this encoder for the job: append [`Granted`](super::event::Event::Granted), or
    /// [`Queued`](super::event::Event::Queued) first when another job has it.
    TakeEncoder(EncoderId),
    /// Nothing before this time.
    Wait(Timestamp),
    /// A person has to decide.
    Ask(Question),
    /// Nothing: the job ended in this way.
    Done(Outcome),
}

/// What the job wants at this time.
pub fn next(job: &Job, at: Timestamp) -> Next {
    match &job.phase {
        Phase::Ended(outcome) => return Next::Done(outcome.clone()),
        Phase::Asking(question) => {
            return match (question, &job.progress.stage) {
                // A person may decide, and the attempt may end: whichever comes first.
                (Question::EncodeUnknown, Stage::Watch(attempt)) => Next::Watch(attempt.clone()),
                _ => Next::Ask(question.clone()),
            };
        }
        _ => {}
    }
    let due = due(job).filter(|due| *due > at && due.duration_since(at) <= LONGEST_WAIT);
    if let Some(due) = due {
        return Next::Wait(due);
    }
    // A job that lacks what its step is about can't go on by itself; the fold lets none come here.
    wanted(job).unwrap_or(Next::Ask(Question::Unreadable))
}

fn due(job: &Job) -> Option<Timestamp> {
    let reading = match (&job.progress.stage, job.current()) {
        (Stage::Twins, _) => job.progress.twin_watch.as_ref().map(|watch| watch.until),
        (Stage::ReadBack { since, readings }, Some(record)) => Some(record.step.reading_is_due(*since, *readings)),
        (Stage::Called(since), Some(record)) => Some(record.step.reading_is_due(*since, 0)),
        _ => None,
    };
    reading.max(job.progress.not_before)
}

fn wanted(job: &Job) -> Option<Next> {
    if job.progress.stage == Stage::Twins {
        return namesakes(job).map(Next::Look);
    }
    let step = &job.current()?.step;
    Some(match &job.progress.stage {
        Stage::Look | Stage::Call if step.uses_encoder() && !job.progress.has_encoder => {
            Next::TakeEncoder(job.encoder.as_ref()?.id.clone())
        }
        Stage::Look => Next::Look(step.look(job)?),
        Stage::Call => Next::Call(step.call(job)?),
        Stage::Called(_) | Stage::ReadBack { .. } => Next::ReadBack(step.look(job)?),
        Stage::Watch(attempt) => Next::Watch(attempt.clone()),
        Stage::Groups => Next::Look(Look::Groups(job.user.clone()?)),
        Stage::Twins => return None,
    })
}
