//! The jobs of other processes: read from the journal, shown, and taken over when their process is gone.
//!
//! A process is known to be gone when the lease of its job can be taken: while it lives, the journal answers with the
//! holder and the lease's end.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use super::api::Api;
use super::claims::subject;
use super::clock::Clock;
use super::leases::{Asked, HeldLease, LEASE};
use super::{Shared, Update, label};
use crate::domain::job::fold::{begin, fold, replay};
use crate::domain::job::{Job, JobId, Phase, Why};
use crate::journal::{Claim, History, Journal, JournalError, PAGE, Position};
use crate::seam::types::{EncoderId, UserId};

/// How often the journal is read while other processes have open jobs.
const LOOK: Duration = Duration::from_millis(500);

/// How often the journal is read while no other process has an open job.
const IDLE: Duration = Duration::from_secs(30);

/// The shortest time between two reads.
const REST: Duration = Duration::from_millis(100);

/// What this process knows of who drives which job.
#[derive(Debug, Default)]
pub(super) struct Known {
    state: Mutex<State>,
    /// Woken when a job of ours became another's, so that it is looked at soon.
    pub(super) news: Notify,
}

#[derive(Debug, Default)]
struct State {
    ours: HashSet<JobId>,
    /// The encoders that may be writing for an open job.
    occupied: Vec<(EncoderId, Occupant)>,
    /// The open jobs of others, with the label of who has them.
    others: HashMap<JobId, Other>,
    /// How many jobs the task below keeps.
    kept: usize,
}

/// An open job that may be writing on an encoder.
#[derive(Clone, Debug)]
pub(super) struct Occupant {
    job: JobId,
    /// The label of the process that drives the job; `None` when that is this process or nobody.
    pub(super) driver: Option<String>,
}

#[derive(Debug)]
struct Other {
    /// The user id under which the guest is claimed.
    subject: UserId,
    user: Option<UserId>,
    queued_for: Option<EncoderId>,
    by: Option<String>,
}

impl Known {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This process drives the job from now on.
    pub(super) fn add(&self, job: JobId) {
        self.state().ours.insert(job);
    }

    /// This process does not drive the job any more, although it did not end.
    pub(super) fn let_go(&self, job: JobId) {
        self.state().ours.remove(&job);
        self.news.notify_one();
    }

    /// The open job that may be writing on this encoder, other than `but`, as far as was seen; `None` when there is
    /// none. A process that is gone may have left its encoder at work.
    pub(super) fn occupant(&self, encoder: &EncoderId, but: JobId) -> Option<Occupant> {
        let state = self.state();
        let found = state.occupied.iter().find(|(on, occupant)| on == encoder && occupant.job != but);
        found.map(|(_, occupant)| occupant.clone())
    }

    fn is_ours(&self, job: JobId) -> bool {
        self.state().ours.contains(&job)
    }

    /// Another process's job for this user, and the label of who has it.
    pub(super) fn at_work_for(&self, user: &UserId) -> Option<(JobId, Option<String>)> {
        let state = self.state();
        let is_for = |other: &Other| other.subject == *user || other.user.as_ref() == Some(user);
        let found = state.others.iter().find(|(_, other)| is_for(other));
        found.map(|(job, other)| (*job, other.by.clone()))
    }

    /// Whether another process waits for this encoder.
    pub(super) fn is_wanted(&self, encoder: &EncoderId) -> bool {
        self.state().others.values().any(|other| other.queued_for.as_ref() == Some(encoder))
    }

    /// How many jobs and encoders are kept in memory.
    pub(super) fn len(&self) -> usize {
        let state = self.state();
        state.ours.len() + state.occupied.len() + state.others.len() + state.kept
    }
}

/// A job that this process took over.
#[derive(Debug)]
pub(super) struct TakenJob {
    pub(super) job: Job,
    pub(super) why: Why,
    pub(super) lease: HeldLease,
    /// Woken when the lease, or another one of the job, is lost.
    pub(super) lost: Arc<Notify>,
}

struct WatchedJob {
    job: Job,
    by: Option<String>,
    /// Until when `by` has it, unless it is renewed.
    until: Option<Timestamp>,
    /// When the lease is asked for again.
    again: Option<Instant>,
    /// Whether the job was open when this process started, and no process was seen since to renew its lease.
    was_left: bool,
    /// What the screen was told last: the newest entry's number and the holder's label; `None` before that.
    told: Option<(u64, Option<String>)>,
}

impl WatchedJob {
    fn new(job: Job, was_left: bool) -> Self {
        Self { job, by: None, until: None, again: None, was_left, told: None }
    }

    /// Who took the job over last, when that was not us.
    fn taken_by(&self, us: &str) -> Option<String> {
        self.job.resumed.as_ref().map(|resumed| resumed.by.clone()).filter(|by| by != us)
    }
}

/// Looks at the journal until the engine ends.
pub(super) async fn watch<A: Api, J: Journal, C: Clock>(
    shared: Arc<Shared<A, J, C>>,
    taken: UnboundedSender<TakenJob>,
) {
    let (position, open) = match shared.journal.open().await {
        Ok(open) => open,
        Err(error) => {
            tracing::error!(%error, "the open jobs can't be read");
            return;
        }
    };
    match shared.journal.all_remembered().await {
        Ok(guests) => {
            for (user, guest) in guests {
                shared.send_update(Update::Remembered { user, guest: Box::new(guest) });
            }
        }
        Err(error) => tracing::error!(%error, "what is remembered of guests can't be read"),
    }
    let understood = |history: History| {
        let job = replay(history.job, &history.entries);
        if job.is_none() {
            tracing::error!(job = %history.job.0, "an open job has no start, so nothing can be done for it");
        }
        job
    };
    let jobs = open.into_iter().filter_map(understood);
    let jobs = jobs.map(|job| (job.id, WatchedJob::new(job, true))).collect();
    let mut changes = shared.journal.changes();
    let mut watcher = Watcher { shared, taken, position, jobs };
    loop {
        changes.borrow_and_update();
        let mut pause = IDLE;
        if !watcher.shared.journal.is_without() {
            // A journal that does not work is asked again at the next look.
            let looked = watcher.look().await;
            if looked.is_err() || watcher.has_others() {
                pause = LOOK;
            }
        }
        tokio::time::sleep(REST).await;
        tokio::select! {
            biased;
            () = tokio::time::sleep(pause) => {}
            Ok(()) = changes.changed() => {}
            () = watcher.shared.known.news.notified() => {}
        }
    }
}

struct Watcher<A, J, C> {
    shared: Arc<Shared<A, J, C>>,
    taken: UnboundedSender<TakenJob>,
    position: Position,
    /// All open jobs, ours too: when another process takes one over, it is shown as it stands.
    jobs: BTreeMap<JobId, WatchedJob>,
}

impl<A: Api, J: Journal, C: Clock> Watcher<A, J, C> {
    async fn look(&mut self) -> Result<(), JournalError> {
        self.fold_new_entries().await?;
        let now = Instant::now();
        // A job that ended and is still open was left by a process that died before it closed it.
        let due = |seen: &WatchedJob| {
            (!seen.job.lifecycle().is_ended() || seen.was_left) && seen.again.is_none_or(|again| again <= now)
        };
        let mut asked: Vec<JobId> = self.jobs.values().filter(|seen| due(seen)).map(|seen| seen.job.id).collect();
        asked.retain(|id| !self.shared.known.is_ours(*id));
        for id in asked {
            self.try_take_over(id).await?;
        }
        for job in self.show_changes() {
            self.show_remembered(&job).await?;
        }
        Ok(())
    }

    fn has_others(&self) -> bool {
        self.jobs.values().any(|seen| seen.told.is_some())
    }

    /// Folds the new entries of all jobs, page by page.
    async fn fold_new_entries(&mut self) -> Result<(), JournalError> {
        loop {
            let page = self.shared.journal.since(self.position).await?;
            let is_last = page.len() < PAGE;
            for record in page {
                self.position = record.position;
                match self.jobs.get_mut(&record.job) {
                    Some(seen) => seen.job = fold(seen.job.clone(), &record.entry),
                    None => {
                        if let Some(job) = begin(record.job, &record.entry) {
                            self.jobs.insert(job.id, WatchedJob::new(job, false));
                        }
                    }
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Tries to take the lease of a job: takes the job over, or notes who has it.
    async fn try_take_over(&mut self, id: JobId) -> Result<(), JournalError> {
        let (now, asked, claim) = (self.shared.clock.now(), Asked::now(&self.shared.clock), Claim::Job(id));
        match self.shared.journal.try_claim(claim, &self.shared.holder, now, LEASE).await {
            Ok(lease) => {
                let lost = Arc::new(Notify::new());
                let lease = self.shared.leases.register(lease, asked, lost.clone());
                // With the lease in hand nobody else can append: what is read now is the whole history.
                let history = self.shared.journal.history(id).await?;
                let (Some(seen), Some(job)) = (self.jobs.get_mut(&id), replay(id, &history)) else { return Ok(()) };
                seen.job = job;
                if seen.job.lifecycle().is_ended() {
                    // Its process ended before it could close it.
                    seen.was_left = false;
                    self.shared.remember(&seen.job).await?;
                    let _ = self.shared.journal.close(&lease.lease).await;
                    return Ok(());
                }
                let why = if seen.was_left { Why::Restart } else { Why::Takeover };
                self.shared.known.add(id);
                // The engine is gone only when this task is, too.
                let _ = self.taken.send(TakenJob { job: seen.job.clone(), why, lease, lost });
                (seen.by, seen.until, seen.again, seen.was_left) = (None, None, None, false);
            }
            Err(JournalError::Held { by, until }) => {
                if let Some(seen) = self.jobs.get_mut(&id) {
                    seen.was_left &= seen.until.is_none_or(|before| before == until);
                    (seen.by, seen.until) = (Some(label(&by)), Some(until));
                    // Also where the clocks differ: no lease lasts longer than this.
                    let rest = until.duration_since(now).clamp(SignedDuration::ZERO, LEASE);
                    seen.again = Some(Instant::now() + rest.unsigned_abs());
                }
            }
            Err(error @ JournalError::Unavailable(_)) => return Err(error),
            Err(JournalError::Fenced | JournalError::Conflict { .. }) => {}
        }
        Ok(())
    }

    /// Shows what is remembered of the guest of another process's job that ended. That process may not have kept it yet.
    async fn show_remembered(&self, job: &Job) -> Result<(), JournalError> {
        let Some(user) = job.user.clone().filter(|_| job.order.card.writes()) else { return Ok(()) };
        let mut guest = self.shared.journal.remembered(&user).await?.unwrap_or_default();
        guest.apply(job);
        self.shared.send_update(Update::Remembered { user, guest: Box::new(guest) });
        Ok(())
    }

    /// Sends updates of other processes' jobs that changed, and forgets those that ended, which it gives.
    fn show_changes(&mut self) -> Vec<Arc<Job>> {
        let (known, us) = (&self.shared.known, label(&self.shared.holder));
        let mut others = HashMap::new();
        let mut ended = Vec::new();
        self.jobs.retain(|id, seen| {
            if known.is_ours(*id) {
                seen.told = None;
                if seen.job.lifecycle().is_ended() {
                    known.state().ours.remove(id);
                    // Another process took the job and ended it while this one stood still.
                    if let Some(holder) = seen.taken_by(&us) {
                        let job = Arc::new(seen.job.clone());
                        let _ = self.shared.updates.send(Update::Elsewhere { job, holder: Some(holder) });
                    }
                }
                return !seen.job.lifecycle().is_ended();
            }
            let by = seen.by.clone().or_else(|| seen.taken_by(&us));
            let news = Some((seen.job.seq, by.clone()));
            if seen.told != news {
                seen.told = news;
                let (job, holder) = (Arc::new(seen.job.clone()), by);
                if job.lifecycle().is_ended() {
                    ended.push(job.clone());
                }
                // Nobody listens any more when the desk closes.
                let _ = self.shared.updates.send(Update::Elsewhere { job, holder });
            }
            if !seen.job.lifecycle().is_ended() {
                let queued_for = seen.job.encoder.as_ref().filter(|_| seen.job.phase == Phase::Queued);
                let queued_for = queued_for.map(|encoder| encoder.id.clone());
                let (subject, user) = (subject(&seen.job.order.guest), seen.job.user.clone());
                others.insert(*id, Other { subject, user, queued_for, by: seen.by.clone() });
            }
            !seen.job.lifecycle().is_ended() || seen.was_left
        });
        let occupied = self.jobs.values().filter_map(|seen| {
            let encoder = seen.job.occupies()?.clone();
            Some((encoder, Occupant { job: seen.job.id, driver: seen.by.clone() }))
        });
        let mut state = known.state();
        state.occupied = occupied.collect();
        state.others = others;
        state.kept = self.jobs.len();
        ended
    }
}
