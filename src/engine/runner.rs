//! One job, driven to its end: what the machine wants is done, what came of it is kept, then folded, then shown.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

use super::api::Api;
use super::clock::Clock;
use super::encoders::Turn;
use super::watch::Watch;
use super::{Decided, Ignored, Shared, Subject, Update};
use crate::desk::job::event::{Entry, Event, Intent};
use crate::desk::job::fold::{begin, fold, replay};
use crate::desk::job::next::{Next, next};
use crate::desk::job::order::Order;
use crate::desk::job::rules::later;
use crate::desk::job::{Job, JobId, allows};
use crate::journal::{Claim, Journal, JournalError, Lease};
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::retry::{Backoff, SHORTEST};
use crate::seam::types::{AttemptId, EncoderId};

/// How long a lease on a job lasts.
const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// How often a journal that does not work is tried again.
const JOURNAL_AGAIN: Duration = Duration::from_secs(1);

/// Waits of a job while the line or the server is the trouble. Short enough that a clerk sees it go on.
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(15), attempts: None };

/// How a job comes to a runner.
pub(super) enum Begin {
    /// A person starts it.
    Start {
        /// What is to be done.
        order: Box<Order>,
        /// The operator.
        by: String,
    },
    /// Its process ended; this is its history.
    Resume(Vec<Entry>),
}

/// The job ended, or it is not ours any more.
struct Stop;

type Going<T> = Result<T, Stop>;

pub(super) struct Runner<A, J, C> {
    shared: Arc<Shared<A, J, C>>,
    job: Job,
    lease: Lease,
    decisions: UnboundedReceiver<Decided>,
    /// Told to the engine, so that no second job starts for the same user.
    guest: Subject,
    turn: Option<Turn>,
}

impl<A: Api, J: Journal, C: Clock> Runner<A, J, C> {
    pub(super) async fn run(
        shared: Arc<Shared<A, J, C>>,
        id: JobId,
        begin: Begin,
        decisions: UnboundedReceiver<Decided>,
        guest: Subject,
    ) {
        if let Ok(mut runner) = Self::enter(shared, id, begin, decisions, guest).await {
            // How it stops does not matter: the last update told it.
            while runner.step().await.is_ok() {}
        }
    }

    /// Takes the lease and makes the job from its first entry or its history.
    async fn enter(
        shared: Arc<Shared<A, J, C>>,
        id: JobId,
        how: Begin,
        decisions: UnboundedReceiver<Decided>,
        guest: Subject,
    ) -> Going<Self> {
        let lease =
            kept(&shared, id, || shared.journal.claim(Claim::Job(id), &shared.holder, shared.clock.now(), LEASE))
                .await?;
        let (job, event) = match how {
            Begin::Start { order, by } => {
                let event = Event::Started { order, by };
                let entry =
                    kept(&shared, id, || shared.journal.append(&lease, 0, shared.clock.now(), event.clone())).await?;
                (begin(id, &entry), None)
            }
            Begin::Resume(entries) => (replay(id, &entries), Some(Event::Resumed { by: shared.holder.label.clone() })),
        };
        let Some(job) = job else {
            shared.tell(Update::Ignored { job: id, why: Ignored::NoSuchJob });
            return Err(Stop);
        };
        let mut runner = Self { shared, job, lease, decisions, guest, turn: None };
        match event {
            Some(event) => runner.append(event).await?,
            None => runner.show(),
        }
        Ok(runner)
    }

    /// Does what the job wants now.
    async fn step(&mut self) -> Going<()> {
        self.hold_encoder();
        match next(&self.job, self.shared.clock.now()) {
            Next::Look(look) => {
                let (shared, job) = (self.shared.clone(), self.job.clone());
                let Some(seen) = self.unless_decided(shared.hands.look(&job, &look)).await? else { return Ok(()) };
                let event = match seen {
                    Ok(seen) => Event::Looked { seen },
                    Err(error) => self.not_read(error),
                };
                self.append(event).await
            }
            Next::ReadBack(look) => {
                let (shared, job) = (self.shared.clone(), self.job.clone());
                let Some(seen) = self.unless_decided(shared.hands.look(&job, &look)).await? else { return Ok(()) };
                let event = match seen {
                    Ok(seen) => Event::Read { seen },
                    Err(error) => self.not_read(error),
                };
                self.append(event).await
            }
            Next::Call(intent) => self.call(intent).await,
            Next::Watch(attempt) => self.watch(attempt).await,
            Next::TakeEncoder(encoder) => self.take_encoder(encoder).await,
            Next::Wait(until) => {
                let wait = Duration::try_from(until.duration_since(self.shared.clock.now())).unwrap_or_default();
                self.unless_decided(tokio::time::sleep(wait)).await?;
                Ok(())
            }
            Next::Ask(_) => {
                self.unless_decided(std::future::pending::<()>()).await?;
                Ok(())
            }
            Next::Done(_) => {
                let (shared, lease, id) = (self.shared.clone(), self.lease.clone(), self.job.id);
                kept(&shared, id, || shared.journal.close(&lease)).await?;
                Err(Stop)
            }
        }
    }

    /// Keeps the intent, sends the call, keeps what came of it. Nothing stops a call that was begun.
    async fn call(&mut self, intent: Intent) -> Going<()> {
        self.append(Event::Intended { intent: intent.clone() }).await?;
        let (shared, job) = (self.shared.clone(), self.job.clone());
        let Some(answer) = self.unless_decided(shared.hands.call(&job, &intent)).await? else {
            // Nothing can be decided while a call is out; if it ever could, the outcome would be unknown.
            return self.append(Event::Lost { error: SeamError::new(ErrorKind::Broken, "") }).await;
        };
        let event = match answer {
            Ok(answer) => Event::Answered { answer },
            Err(error) if error.outcome_unknown() => Event::Lost { error },
            Err(error) if error.may_pass() => self.delayed(error),
            Err(error) => Event::Refused { error },
        };
        self.append(event).await
    }

    async fn watch(&mut self, attempt: AttemptId) -> Going<()> {
        let (reply, ended) = oneshot::channel();
        // The watcher lives as long as the engine; without it the reply tells.
        let _ = self.shared.watch.send(Watch { attempt, reply });
        let Some(ended) = self.unless_decided(ended).await? else { return Ok(()) };
        let Ok(ended) = ended else {
            tracing::error!("the watcher of action attempts is gone");
            return Err(Stop);
        };
        let event = match ended {
            Ok(attempt) => Event::Attempt { end: self.shared.hands.ended(attempt) },
            Err(error) => Event::Lost { error },
        };
        self.append(event).await
    }

    async fn take_encoder(&mut self, encoder: EncoderId) -> Going<()> {
        let shared = self.shared.clone();
        self.turn = shared.encoders.try_take(&encoder);
        if self.turn.is_none() {
            self.append(Event::Queued).await?;
            let Some(turn) = self.unless_decided(shared.encoders.take(&encoder)).await? else { return Ok(()) };
            self.turn = turn;
        }
        self.append(Event::Granted).await
    }

    /// Lets the encoder go when the job uses it no longer; takes it when a job that was taken up uses one.
    fn hold_encoder(&mut self) {
        let wanted = self.job.holds_encoder();
        if self.turn.as_ref().map(|turn| &turn.encoder) != wanted {
            // Another job may have it meanwhile: the attempt that runs there is followed all the same.
            self.turn = wanted.cloned().and_then(|encoder| self.shared.encoders.try_take(&encoder));
        }
    }

    /// What is kept of a reading that failed.
    fn not_read(&self, error: SeamError) -> Event {
        if error.may_pass() { self.delayed(error) } else { Event::Refused { error } }
    }

    fn delayed(&self, error: SeamError) -> Event {
        let failures = self.job.progress.troubles.saturating_add(1);
        let wait = BACKOFF.wait(failures, &error, self.shared.chance.next()).unwrap_or(SHORTEST);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        Event::Delayed { until: later(self.shared.clock.now(), wait), error }
    }

    /// Waits for something, unless a decision that the job takes now comes first: then that is kept, the work is
    /// dropped, and the answer is `None`. Work that must not be dropped runs in phases that take no decision.
    async fn unless_decided<T>(&mut self, work: impl Future<Output = T>) -> Going<Option<T>> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(Some(done)),
                decided = self.decisions.recv() => {
                    // Without the engine there is nothing more to do.
                    let Some((decision, by)) = decided else { return Err(Stop) };
                    if allows(&self.job, &decision) {
                        self.append(Event::Decided { decision, by }).await?;
                        return Ok(None);
                    }
                    self.shared.tell(Update::Ignored { job: self.job.id, why: Ignored::NotNow });
                }
            }
        }
    }

    async fn append(&mut self, event: Event) -> Going<()> {
        let shared = self.shared.clone();
        let (lease, after) = (&self.lease, self.job.seq);
        let entry =
            kept(&shared, self.job.id, || shared.journal.append(lease, after, shared.clock.now(), event.clone()))
                .await?;
        self.job = fold(self.job.clone(), &entry);
        self.show();
        Ok(())
    }

    fn show(&self) {
        if let Some(user) = &self.job.user {
            self.guest.get_or_init(|| user.clone());
        }
        self.shared.tell(Update::Job(Arc::new(self.job.clone())));
    }
}

/// Does something with the journal until it is done. A journal that does not work is tried again and again, since
/// nothing may be sent that is not kept; a job that someone else took over is left alone.
async fn kept<A, J, C, T, F>(shared: &Shared<A, J, C>, job: JobId, mut work: impl FnMut() -> F) -> Going<T>
where
    F: Future<Output = Result<T, JournalError>>,
{
    let mut is_in_trouble = false;
    loop {
        match work().await {
            Ok(done) => {
                if is_in_trouble {
                    shared.tell(Update::Journal(None));
                }
                return Ok(done);
            }
            Err(error @ JournalError::Unavailable(_)) => {
                if !is_in_trouble {
                    is_in_trouble = true;
                    shared.tell(Update::Journal(Some(error)));
                }
                tokio::time::sleep(JOURNAL_AGAIN).await;
            }
            Err(JournalError::Held { .. } | JournalError::Fenced | JournalError::Conflict { .. }) => {
                shared.tell(Update::Ignored { job, why: Ignored::TakenOver });
                return Err(Stop);
            }
        }
    }
}
