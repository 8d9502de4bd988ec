//! A job is the fold of its events. Pure and total: whatever the order of events, no entry is a reason to fail; one
//! that does not fit changes nothing but the sequence number.

use jiff::Timestamp;

use super::command::Decision;
use super::event::{AttemptEnd, CallOutcome, Entry, Event, FORMAT};
use super::look::Seen;
use super::order::{CardWork, Order};
use super::steps::create_user::{missing_groups, twin};
use super::steps::{After, Before, ROUNDS, Step, Then, later, outcome_is_pending};
use super::{
    Job, JobId, OnTrust, Outcome, Phase, PlanChange, Progress, Question, Stage, StepRecord, StepState, offers, resume,
};
use crate::seam::error::{ErrorKind, SeamError};

/// The job that an entry begins; `None` when it is not a start. A start that a newer version wrote begins a job all
/// the same, which a person has to see to: nothing else tells that it is there.
pub fn begin(id: JobId, entry: &Entry) -> Option<Job> {
    let (order, by) = match &entry.event {
        Event::Started { order, by } => (order.clone(), by.clone()),
        Event::Unknown(start) if start.get("what").is_some_and(|what| what == "started") => {
            (Box::new(Order::unreadable(start)), String::new())
        }
        _ => return None,
    };
    let user = order.guest.user().cloned();
    let credential = match &order.card {
        CardWork::EncodeAgain(credential) | CardWork::Update(credential) => Some(credential.clone()),
        CardWork::None | CardWork::New | CardWork::Replace(_) | CardWork::Cancel(_) => None,
    };
    let steps = order.steps().into_iter().map(|step| StepRecord { step, state: StepState::Todo }).collect();
    let encoder = order.encoder.clone();
    let mut job = Job {
        id,
        order: *order,
        started_by: by,
        started_at: entry.at,
        seq: entry.seq,
        user,
        credential,
        encoder,
        card_number: None,
        on_trust: None,
        steps,
        dropped: Vec::new(),
        phase: Phase::Working,
        is_parked: false,
        encoder_with: None,
        resumed: None,
        progress: Progress { last: Some(entry.at), ..Progress::default() },
        unrecorded: None,
    };
    if entry.v > FORMAT || matches!(entry.event, Event::Unknown(_)) {
        give_up_reading(&mut job);
    } else if job.steps.is_empty() {
        end(&mut job, Outcome::Done(entry.at));
    }
    ask_for_what_lacks(&mut job);
    Some(job)
}

/// The job after one more entry. Entries that were folded already are left out.
pub fn fold(mut job: Job, entry: &Entry) -> Job {
    if entry.seq <= job.seq {
        return job;
    }
    // What is missing, or written by a newer version, may have changed everything.
    let is_readable = entry.seq == job.seq + 1 && entry.v <= FORMAT;
    job.seq = entry.seq;
    if !job.lifecycle().is_ended() {
        if is_readable {
            apply(&mut job, &entry.event, entry.at);
        } else {
            give_up_reading(&mut job);
        }
        ask_for_what_lacks(&mut job);
        resume::ask_before_going_on(&mut job);
        if !job.lifecycle().is_ended() && !matches!(entry.event, Event::Resumed { .. }) {
            job.progress.last = Some(entry.at);
        }
        if job.phase != Phase::Queued {
            job.encoder_with = None;
        }
    }
    job
}

/// The job that a whole history gives; `None` when it does not begin with a start.
pub fn replay(id: JobId, history: &[Entry]) -> Option<Job> {
    let (first, rest) = history.split_first()?;
    Some(rest.iter().fold(begin(id, first)?, fold))
}

fn apply(job: &mut Job, event: &Event, at: Timestamp) {
    if job.progress.is_unreadable && !matches!(event, Event::Decided { .. }) {
        return;
    }
    // Where reading goes well and calls don't, waits still grow.
    if !matches!(event, Event::Delayed { .. } | Event::Looked { .. } | Event::Intended { .. }) {
        job.progress.troubles = 0;
    }
    if !matches!(event, Event::Delayed { .. }) {
        job.progress.not_before = None;
    }
    match event {
        Event::Started { .. } => {}
        Event::Looked { seen } => apply_look(job, seen, at),
        Event::Intended { intent } => {
            let wanted = job.current().and_then(|record| record.step.call(job));
            if wanted.is_some_and(|wanted| wanted != *intent) {
                // It would be taken for the call of another step.
                give_up_reading(job);
            } else if job.current().is_some() && !outcome_is_pending(job) {
                // Also where it was not expected: a call that may have been sent must never be forgotten.
                job.progress.is_repeated |= job.progress.lost.is_some();
                job.progress.stage = Stage::Called(at);
                job.phase = Phase::Working;
                set_step_state(job, StepState::Doing(at));
            }
        }
        Event::Answered { answer } => {
            if matches!(job.progress.stage, Stage::Called(_) | Stage::ReadBack { .. }) {
                apply_outcome(job, answer, at);
            }
        }
        Event::Refused { error } => apply_refusal(job, error, at),
        Event::Lost { error } => {
            if matches!(job.progress.stage, Stage::Called(_) | Stage::Watch(_)) {
                begin_read_back(job, error.clone(), at);
            }
        }
        Event::Delayed { until, error } => apply_delay(job, *until, error),
        Event::Read { seen } => apply_reading(job, seen, at),
        Event::Lingers => {
            if matches!(job.progress.stage, Stage::Watch(_)) && job.asks().is_none() {
                // Should a person write again: what was written until then is found by the look before.
                job.progress.lost = Some(no_answer());
                ask_question(job, Question::EncodeUnknown);
            }
        }
        Event::Attempt { end } => {
            if matches!(job.progress.stage, Stage::Watch(_)) {
                apply_attempt_end(job, end, at);
            }
        }
        Event::Queued => apply_queueing(job, None),
        Event::QueuedBehind { by } => apply_queueing(job, Some(by)),
        Event::Granted => {
            if waits_for_encoder(job) {
                let waited = job.phase == Phase::Queued;
                job.progress.has_encoder = true;
                job.phase = Phase::Working;
                // The card of the job before may still lie there: it would be written over.
                if waited {
                    ask_question(job, Question::YourTurn);
                }
            }
        }
        Event::GuestInWork { by } => {
            if job.asks().is_none() && !outcome_is_pending(job) {
                job.progress.has_encoder = false;
                ask_question(job, Question::GuestInWork { by: by.clone() });
            }
        }
        Event::Decided { decision, by } => {
            if *decision == Decision::CallItWritten && offers::allows(job, decision) {
                job.on_trust = Some(OnTrust { by: by.clone(), at });
            }
            offers::apply(job, decision, at);
        }
        Event::Resumed { by, why, is_old } => resume::apply_resumption(job, by, *why, *is_old, at),
        Event::Unknown(_) => give_up_reading(job),
    }
}

fn apply_look(job: &mut Job, seen: &Seen, at: Timestamp) {
    if job.asks().is_some() {
        return;
    }
    match &job.progress.stage {
        Stage::Look => apply_look_before_call(job, seen, at),
        Stage::Groups => match seen {
            Seen::Groups(groups) => {
                let missing = missing_groups(job, groups);
                insert(job, 1, missing);
                finish_step(job, at);
            }
            Seen::UserGone => ask_question(job, Question::PlanChanged(PlanChange::UserGone)),
            _ => {}
        },
        Stage::Twins => {
            if let Seen::Namesakes(found) = seen {
                match twin(job, found) {
                    Some(twin) => ask_question(job, Question::PlanChanged(PlanChange::Twin(twin.candidate()))),
                    None => end_as_decided(job, at),
                }
            }
        }
        _ => {}
    }
}

fn apply_look_before_call(job: &mut Job, seen: &Seen, at: Timestamp) {
    let Some(step) = job.current().map(|record| record.step.clone()) else { return };
    let Some(verdict) = step.before_call(job, seen) else {
        // Looking again would tell the same.
        return give_up_reading(job);
    };
    let refusal = job.progress.refusal.take();
    set_step_state(job, StepState::Doing(at));
    match (verdict, refusal) {
        // Nothing tells why: the refusal itself is what there is to say.
        (Before::Go, Some(error)) => {
            set_step_state(job, StepState::Failed(at));
            ask_question(job, Question::Refused(error));
        }
        (Before::Go, None) => {
            job.progress.before = Some(seen.clone());
            job.progress.stage = Stage::Call;
            job.phase = Phase::Working;
        }
        (Before::Done(answer), _) => apply_outcome(job, &answer, at),
        (Before::Hold(wait), refusal) => {
            job.progress.patience += 1;
            let until = later(at, wait);
            job.progress.not_before = Some(until);
            if let Some(error) = refusal {
                job.phase = Phase::Waiting { until, error };
            }
        }
        (Before::Ask(question), _) => {
            set_step_state(job, StepState::Failed(at));
            ask_question(job, question);
        }
    }
}

/// What a call gave, however that was learned. An answer that does not fit the step leaves the outcome open.
fn apply_outcome(job: &mut Job, answer: &CallOutcome, at: Timestamp) {
    let Some(step) = job.current().map(|record| record.step.clone()) else { return };
    match step.apply(job, answer, at) {
        Some(Then::Finish) => finish_step(job, at),
        Some(Then::Watch(attempt)) => {
            job.phase = Phase::Placing { attempt: attempt.clone(), since: at };
            job.progress.stage = Stage::Watch(attempt);
        }
        Some(Then::CheckGroups) => {
            job.progress.stage = Stage::Groups;
            job.phase = Phase::Working;
        }
        None => {}
    }
}

fn apply_refusal(job: &mut Job, error: &SeamError, at: Timestamp) {
    let Some(step) = job.current().map(|record| record.step.clone()) else {
        ask_question(job, Question::Refused(error.clone()));
        return;
    };
    if !matches!(job.progress.stage, Stage::Called(_)) {
        // Reading was not allowed: what was to be read is still to be read.
        if !matches!(job.progress.stage, Stage::Watch(_)) {
            ask_question(job, Question::Refused(error.clone()));
        }
        return;
    }
    if step.refusal_is_done(error) {
        apply_outcome(job, &CallOutcome::Done, at);
        return;
    }
    job.progress.stage = Stage::Look;
    if step.refusal_has_reason(error) {
        job.progress.refusal = Some(error.clone());
        return;
    }
    set_step_state(job, StepState::Failed(at));
    ask_question(job, Question::Refused(error.clone()));
}

fn apply_delay(job: &mut Job, until: Timestamp, error: &SeamError) {
    match job.progress.stage {
        Stage::Watch(_) => return,
        // Nothing was carried out; the world may have changed until the next try, so it looks again.
        Stage::Called(_) | Stage::Call => job.progress.stage = Stage::Look,
        _ => {}
    }
    if job.asks().is_some() {
        return;
    }
    job.progress.troubles = job.progress.troubles.saturating_add(1);
    job.progress.not_before = Some(until);
    if !matches!(job.progress.stage, Stage::ReadBack { .. }) {
        job.phase = Phase::Waiting { until, error: error.clone() };
    }
}

pub(super) fn begin_read_back(job: &mut Job, error: SeamError, at: Timestamp) {
    job.is_parked = false;
    job.progress.lost = Some(error.clone());
    job.progress.rounds = job.progress.rounds.saturating_add(1);
    job.progress.stage = Stage::ReadBack { since: at, readings: 0 };
    job.phase = Phase::ReadingBack { since: at, error };
}

fn apply_reading(job: &mut Job, seen: &Seen, at: Timestamp) {
    if let Stage::Called(since) = job.progress.stage {
        begin_read_back(job, no_answer(), since);
    }
    let Stage::ReadBack { since, readings } = job.progress.stage else { return };
    if job.asks().is_some() {
        return;
    }
    let Some(step) = job.current().map(|record| record.step.clone()) else { return };
    let Some(verdict) = step.after_loss(job, seen) else { return give_up_reading(job) };
    if let After::Done(answer) = verdict {
        apply_outcome(job, &answer, at);
        return;
    }
    let readings = readings.saturating_add(1);
    if !step.is_last_reading(since, readings, at) {
        job.progress.stage = Stage::ReadBack { since, readings };
        return;
    }
    job.progress.stage = Stage::Look;
    let question = match verdict {
        After::NotDone if job.progress.rounds < ROUNDS => {
            // The last reading is the look before the same call.
            job.progress.stage = Stage::Call;
            job.phase = Phase::Working;
            return;
        }
        After::Ask(question) => question,
        _ => lost_call(job),
    };
    set_step_state(job, StepState::Failed(at));
    ask_question(job, question);
}

fn apply_attempt_end(job: &mut Job, end: &AttemptEnd, at: Timestamp) {
    match end {
        AttemptEnd::Success { credential, card_number } => {
            if let Some(credential) = credential {
                job.credential = Some(credential.clone());
            }
            job.card_number.clone_from(card_number);
            job.is_parked = false;
            finish_step(job, at);
        }
        AttemptEnd::Error(error) => {
            job.progress.stage = Stage::Look;
            set_step_state(job, StepState::Failed(at));
            ask_question(job, Question::EncodeFailed(error.clone()));
        }
    }
}

/// The encoder is another's, so it is not this job's, whatever was before.
fn apply_queueing(job: &mut Job, by: Option<&String>) {
    if waits_for_encoder(job) {
        job.progress.has_encoder = false;
        job.encoder_with = by.cloned();
        job.phase = Phase::Queued;
    }
}

/// Ends the current step and goes on to the next one, or to the end.
pub(super) fn finish_step(job: &mut Job, at: Timestamp) {
    set_step_state(job, StepState::Done(at));
    let was = std::mem::take(&mut job.progress);
    job.progress = Progress {
        has_encoder: was.has_encoder,
        others: was.others,
        twin_watch: was.twin_watch,
        withdrawn: was.withdrawn,
        is_unreadable: was.is_unreadable,
        unattended: was.unattended,
        last: was.last,
        ..Progress::default()
    };
    job.phase = Phase::Working;
    if job.current().is_none() {
        job.progress.has_encoder = false;
        if job.progress.twin_watch.is_some() {
            job.progress.stage = Stage::Twins;
        } else {
            end(job, Outcome::Done(at));
        }
    }
}

/// Ends the job as a person wished, when nothing is left to do.
pub(super) fn end_as_decided(job: &mut Job, at: Timestamp) {
    end(job, job.progress.withdrawn.map_or(Outcome::Done(at), Outcome::Withdrawn));
}

/// Ends the job, so that no later event changes its outcome.
pub(super) fn end(job: &mut Job, outcome: Outcome) {
    job.phase = Phase::Ended(outcome);
    job.is_parked = false;
    job.progress = Progress::default();
}

/// Puts steps into the list, `after` places behind the current one.
pub(super) fn insert(job: &mut Job, after: usize, steps: impl IntoIterator<Item = Step>) {
    let here = job.steps.iter().position(|record| !matches!(record.state, StepState::Done(_)));
    let place = here.map_or(job.steps.len(), |here| here + after).min(job.steps.len());
    job.steps.splice(place..place, steps.into_iter().map(|step| StepRecord { step, state: StepState::Todo }));
}

/// The history can't be followed: nothing more is done, and a person is told.
fn give_up_reading(job: &mut Job) {
    job.progress.is_unreadable = true;
    ask_question(job, Question::Unreadable);
}

fn ask_question(job: &mut Job, question: Question) {
    job.phase = Phase::Asking(question);
}

/// A step that lacks what it is about becomes a question, so that a job never stands still without a word.
fn ask_for_what_lacks(job: &mut Job) {
    let is_going_on = !matches!(job.phase, Phase::Asking(_) | Phase::Ended(_));
    if !is_going_on || matches!(job.progress.stage, Stage::Watch(_) | Stage::Twins) {
        return;
    }
    if let Some(question) = job.current().and_then(|record| record.step.missing(job)) {
        ask_question(job, question);
    }
}

fn waits_for_encoder(job: &Job) -> bool {
    job.asks().is_none() && matches!(job.progress.stage, Stage::Look | Stage::Call) && job.needs_encoder()
}

fn set_step_state(job: &mut Job, state: StepState) {
    if let Some(record) = job.steps.iter_mut().find(|record| !matches!(record.state, StepState::Done(_))) {
        record.state = match (&record.state, state) {
            (StepState::Doing(since), StepState::Doing(_)) => StepState::Doing(*since),
            (_, state) => state,
        };
    }
}

/// The question about a call whose answer was lost and that was not carried out, or of which nothing tells.
pub(super) fn lost_call(job: &Job) -> Question {
    Question::Refused(job.progress.lost.clone().unwrap_or_else(no_answer))
}

/// The error of a call whose sender ended before an answer came: nothing is known of it.
pub(super) fn no_answer() -> SeamError {
    SeamError::new(ErrorKind::Broken, "")
}
