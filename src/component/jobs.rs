//! The jobs of this desk as the screen knows them, and what they left behind at each encoder.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::codes::AttemptCode;
use crate::domain::job::order::Guest;
use crate::domain::job::steps::Step;
use crate::domain::job::{Job, JobId, Phase, Question, StepState};
use crate::seam::types::{EncoderId, UserId};

/// How many jobs that ended are kept.
const ENDED_KEPT: usize = 20;

/// The open jobs of this desk, and the last that ended.
#[derive(Debug, Default)]
pub struct Jobs {
    all: BTreeMap<JobId, Arc<Job>>,
    ended: VecDeque<JobId>,
    last: HashMap<EncoderId, LastWrite>,
    elsewhere: BTreeMap<JobId, (Arc<Job>, String)>,
    // Encoders whose next card was set to fail, for practice.
    armed: HashSet<EncoderId>,
}

/// How the last card on an encoder ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastWrite {
    /// When it ended, by the clock of this PC.
    pub at: Timestamp,
    /// The guest whom the card was for.
    pub who: String,
    /// Why nothing was written; `None` when a card was.
    pub error: Option<AttemptCode>,
}

/// How a job differs from what was known of it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobChange {
    /// Nothing that anyone must hear of.
    Moved,
    /// It asks something that only a person can decide.
    Asks,
    /// The card is written, and the journal does not have that yet.
    Written,
    /// The card is written, and the journal could not take that: it is tried again.
    NotRecorded,
    /// Everything that was asked for is done.
    Done,
    /// An operator gave it up; nothing more is done.
    Withdrawn,
}

impl Jobs {
    /// Applies a newer state of a job and says what is new about it. An older state is dropped.
    pub fn apply(&mut self, job: &Arc<Job>, at: Timestamp) -> JobChange {
        let before = self.all.get(&job.id);
        let is_unrecorded_news =
            |before: &Job| before.seq == job.seq && job.unrecorded.is_some() && before.unrecorded != job.unrecorded;
        if before.is_some_and(|before| before.seq >= job.seq && !is_unrecorded_news(before)) {
            return JobChange::Moved;
        }
        let was = before.map(|before| before.phase.clone());
        // What was done before this desk took it up was told then.
        let was_done = before.map_or(job.resumed.is_some(), |before| before.lifecycle().is_done());
        let was_over = before.is_some_and(|before| before.lifecycle().needs_nobody());
        let had_encode_error = matches!(&was, Some(Phase::Asking(Question::EncodeFailed(_))));
        let change = match (&job.unrecorded, &job.phase) {
            (Some(unrecorded), _) if unrecorded.is_failing => JobChange::NotRecorded,
            (Some(_), _) => JobChange::Written,
            (None, Phase::Asking(question)) if !matches!(&was, Some(Phase::Asking(old)) if old == question) => {
                JobChange::Asks
            }
            (None, Phase::Asking(_)) => JobChange::Moved,
            _ if job.lifecycle().is_done() && !was_done => JobChange::Done,
            _ if job.lifecycle().needs_nobody() && !job.lifecycle().is_done() && !was_over => JobChange::Withdrawn,
            _ => JobChange::Moved,
        };
        if let (Some(encoder), true) = (&job.encoder, job.order.card.writes()) {
            let error = match (&job.phase, change) {
                (Phase::Asking(Question::EncodeFailed(error)), _) if !had_encode_error => {
                    Some(Some(AttemptCode::from(error)))
                }
                (_, JobChange::Done) if job.on_trust.is_none() => Some(None),
                _ => None,
            };
            if let Some(error) = error {
                self.armed.remove(&encoder.id);
                // A job that went on after a restart failed earlier than this desk heard of it.
                let at = match job.current().map(|record| &record.state) {
                    Some(StepState::Failed(at)) => *at,
                    _ => at,
                };
                self.last.insert(encoder.id.clone(), LastWrite { at, who: job.who().to_owned(), error });
            }
        }
        self.elsewhere.remove(&job.id);
        self.all.insert(job.id, Arc::clone(job));
        if job.lifecycle().is_ended() {
            self.ended.push_back(job.id);
            // The dialog of a job that just ended still looks at it; older ones are history.
            if self.ended.len() > ENDED_KEPT
                && let Some(oldest) = self.ended.pop_front()
            {
                self.all.remove(&oldest);
            }
        }
        change
    }

    /// The job with this id.
    pub fn get(&self, id: JobId) -> Option<&Arc<Job>> {
        self.all.get(&id)
    }

    /// Jobs that are not over, oldest first.
    pub fn unfinished(&self) -> impl Iterator<Item = &Arc<Job>> {
        let mut open: Vec<_> = self.all.values().filter(|job| !job.lifecycle().needs_nobody()).collect();
        open.sort_by_key(|job| (job.started_at, job.id));
        open.into_iter()
    }

    /// Jobs that need a person, oldest first.
    pub fn asking(&self) -> impl Iterator<Item = &Arc<Job>> {
        self.unfinished().filter(|job| job.asks().is_some())
    }

    /// The job for a user that did not end: while a late twin is looked for, no other may begin.
    pub fn of_user(&self, user: &UserId) -> Option<&Arc<Job>> {
        self.all.values().filter(|job| !job.lifecycle().is_ended()).find(|job| match &job.order.guest {
            Guest::Existing(guest) => guest.id == *user,
            Guest::New(_) => job.user.as_ref() == Some(user),
        })
    }

    /// Whether a job for this user is under way, at this desk or another: a second one would race with it.
    pub fn is_busy(&self, user: &UserId) -> bool {
        self.of_user(user).is_some() || self.elsewhere_of_user(user).is_some()
    }

    /// The open job that has this encoder.
    pub fn on_encoder(&self, encoder: &EncoderId) -> Option<&Arc<Job>> {
        self.unfinished().find(|job| job.holds_encoder() == Some(encoder))
    }

    /// How many open jobs wait until this encoder is free.
    pub fn queued_on(&self, encoder: &EncoderId) -> usize {
        self.unfinished()
            .filter(|job| job.phase == Phase::Queued && job.encoder.as_ref().is_some_and(|named| named.id == *encoder))
            .count()
    }

    /// How the last card on this encoder ended.
    pub fn last_on(&self, encoder: &EncoderId) -> Option<&LastWrite> {
        self.last.get(encoder)
    }

    /// The next card on this encoder was set to fail, or to succeed.
    pub fn practise(&mut self, encoder: &EncoderId, fails: bool) {
        if fails {
            self.armed.insert(encoder.clone());
        } else {
            self.armed.remove(encoder);
        }
    }

    /// Whether the next card on this encoder was set to fail.
    pub fn will_fail(&self, encoder: &EncoderId) -> bool {
        self.armed.contains(encoder)
    }

    /// Whether an open job of another process was not known until now.
    pub fn is_new_elsewhere(&self, job: &Job) -> bool {
        !job.lifecycle().needs_nobody() && !self.elsewhere.contains_key(&job.id) && !self.all.contains_key(&job.id)
    }

    /// Whether it is an open job of another process, as far as is known.
    pub fn is_known_elsewhere(&self, job: JobId) -> bool {
        self.elsewhere.contains_key(&job)
    }

    /// Applies a state of a job of another process; one that ended is forgotten. Whether it was this desk's until then.
    pub fn apply_elsewhere(&mut self, job: &Arc<Job>, holder: String) -> bool {
        if let Some((encoder, last)) = last_write(job)
            && self.last.get(&encoder).is_none_or(|known| known.at < last.at)
        {
            self.last.insert(encoder, last);
        }
        let was_ours = self.all.remove(&job.id).is_some();
        if job.lifecycle().is_ended() {
            self.elsewhere.remove(&job.id);
        } else {
            self.elsewhere.insert(job.id, (Arc::clone(job), holder));
        }
        was_ours
    }

    /// The open jobs of other processes with their holders, oldest first.
    pub fn elsewhere(&self) -> impl Iterator<Item = (&Job, &str)> {
        let mut all: Vec<_> = self.elsewhere.values().filter(|(job, _)| !job.lifecycle().needs_nobody()).collect();
        all.sort_by_key(|(job, _)| (job.started_at, job.id));
        all.into_iter().map(|(job, holder)| (&**job, holder.as_str()))
    }

    /// The job of another process for a user, and its holder.
    pub fn elsewhere_of_user(&self, user: &UserId) -> Option<(&Job, &str)> {
        let is_for = |job: &Job| job.user.as_ref() == Some(user);
        self.elsewhere.values().find(|(job, _)| is_for(job)).map(|(job, holder)| (&**job, holder.as_str()))
    }

    /// The job of another process that has this encoder, and its holder.
    pub fn elsewhere_on(&self, encoder: &EncoderId) -> Option<(&Job, &str)> {
        let has = |job: &Job| job.holds_encoder() == Some(encoder);
        self.elsewhere.values().find(|(job, _)| has(job)).map(|(job, holder)| (&**job, holder.as_str()))
    }
}

/// How the card of a job ended, as its history tells; `None` before that, and where only a person's word tells.
fn last_write(job: &Job) -> Option<(EncoderId, LastWrite)> {
    let encoder = job.encoder.as_ref()?.id.clone();
    let record = job.steps.iter().find(|record| matches!(record.step, Step::Encode))?;
    let (at, error) = match (record.state.clone(), &job.phase) {
        (StepState::Failed(at), Phase::Asking(Question::EncodeFailed(error))) => (at, Some(AttemptCode::from(error))),
        (StepState::Done(at), _) if job.on_trust.is_none() => (at, None),
        _ => return None,
    };
    Some((encoder, LastWrite { at, who: job.who().to_owned(), error }))
}
