//! Drives one job to its end: does what the job wants next, appends what came of it to the journal, folds that into the
//! job, and shows the job.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Notify, oneshot};

use super::api::Api;
use super::claims::subject;
use super::clock::Clock;
use super::elsewhere::TakenJob;
use super::encoders::Turn;
use super::leases::HeldLease;
use super::watch::Watch;
use super::{Decided, SeenOfJob, Shared, Update, label};
use crate::domain::job::command::Ignored;
use crate::domain::job::event::{Event, Intent};
use crate::domain::job::fold::{begin, fold};
use crate::domain::job::look::Look;
use crate::domain::job::next::{Next, next};
use crate::domain::job::order::Order;
use crate::domain::job::resume::is_old;
use crate::domain::job::steps::{encode::LINGERS, later};
use crate::domain::job::{Job, JobId, Phase, Unrecorded, allows};
use crate::journal::{Claim, Journal, JournalError};
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::retry::{Backoff, SHORTEST};
use crate::seam::types::{AttemptId, UserId};

/// Waits of a job while the server is the trouble. Short enough that a clerk sees it go on.
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(15), attempts: None };

/// How long an attempt that was begun long ago is followed, after the job was taken up again, before a person is asked.
const FOLLOWED_FIRST: SignedDuration = SignedDuration::from_secs(5);

/// How a runner gets its job.
pub(super) enum Begin {
    /// A person starts it.
    Start {
        /// What is to be done.
        order: Box<Order>,
        /// The operator who gave the order.
        by: String,
    },
    /// Its process ended or lost it: this one goes on with it.
    Take(Box<TakenJob>),
}

/// The job ended, or it is not ours any more.
pub(super) struct LeaveJob;

pub(super) type Going<T> = Result<T, LeaveJob>;

/// What a reading is for: the next step, or a lost answer.
#[derive(Clone, Copy)]
enum Reading {
    Before,
    Back,
}

pub(super) struct Runner<A, J, C> {
    pub(super) shared: Arc<Shared<A, J, C>>,
    pub(super) job: Job,
    pub(super) lease: HeldLease,
    /// Woken when another process took one of the job's leases.
    pub(super) lost: Arc<Notify>,
    decisions: UnboundedReceiver<Decided>,
    /// The engine reads it, so that no second job starts for the same user.
    seen: Arc<SeenOfJob>,
    /// The right to work for the guest: as one who is created, and as the user.
    pub(super) users: Vec<(UserId, HeldLease)>,
    pub(super) turn: Option<Turn>,
    /// The trouble that the journal knows of since the last thing that went well, and how often it was met since.
    trouble: Option<(ErrorKind, u32)>,
}

impl<A: Api, J: Journal, C: Clock> Runner<A, J, C> {
    pub(super) async fn run(
        shared: Arc<Shared<A, J, C>>,
        id: JobId,
        begin: Begin,
        decisions: UnboundedReceiver<Decided>,
        seen: Arc<SeenOfJob>,
    ) {
        let runner = match begin {
            Begin::Start { order, by } => Self::start(shared, id, order, by, decisions, seen).await,
            Begin::Take(taken) => Self::resume(shared, *taken, decisions, seen).await,
        };
        if let Ok(mut runner) = runner {
            // How it stops does not matter: the last update told it.
            while runner.step().await.is_ok() {}
        }
    }

    /// Begins a job: nobody else may be at work for the guest.
    async fn start(
        shared: Arc<Shared<A, J, C>>,
        id: JobId,
        order: Box<Order>,
        by: String,
        decisions: UnboundedReceiver<Decided>,
        seen: Arc<SeenOfJob>,
    ) -> Going<Self> {
        let lost = Arc::new(Notify::new());
        let Ok(lease) = shared.claim(Claim::Job(id), &lost).await else {
            return Err(shared.ignore(id, Ignored::Twice));
        };
        let guest_of_order = subject(&order.guest);
        let in_work = |job: Option<JobId>, holder| shared.ignore(id, Ignored::GuestInWork { job, holder });
        let user = match (
            shared.claim(Claim::User(guest_of_order.clone()), &lost).await,
            shared.known.at_work_for(&guest_of_order),
        ) {
            (Ok(held), None) => (guest_of_order, held),
            (Err(JournalError::Held { by, .. }), None) => {
                return Err(in_work(None, (!shared.is_us(&by)).then(|| label(&by))));
            }
            (Err(_), None) => return Err(in_work(None, None)),
            (_, Some((job, holder))) => return Err(in_work(Some(job), holder)),
        };
        let event = Event::Started { order, by };
        let entry = match shared.journal.append(&lease.lease, 0, || shared.clock.now(), event, || ()).await {
            Ok(entry) => entry,
            Err(JournalError::Conflict { .. }) => return Err(shared.ignore(id, Ignored::Twice)),
            Err(_) => return Err(shared.ignore(id, Ignored::TakenOver)),
        };
        let Some(job) = begin(id, &entry) else { return Err(shared.ignore(id, Ignored::NoSuchJob)) };
        let runner = Self { shared, job, lease, lost, decisions, seen, users: vec![user], turn: None, trouble: None };
        runner.show();
        Ok(runner)
    }

    /// Goes on with a job that was taken over.
    async fn resume(
        shared: Arc<Shared<A, J, C>>,
        taken: TakenJob,
        decisions: UnboundedReceiver<Decided>,
        seen: Arc<SeenOfJob>,
    ) -> Going<Self> {
        let TakenJob { job, why, lease, lost } = taken;
        let is_old = is_old(&job, shared.clock.now(), shared.ask_after);
        let by = label(&shared.holder);
        let mut runner =
            Self { shared, job, lease, lost, decisions, seen, users: Vec::new(), turn: None, trouble: None };
        runner.append(Event::Resumed { by, why, is_old }).await?;
        // What is followed or read back needs neither, but nobody else shall begin with them meanwhile.
        for user in runner.subjects() {
            let _ = runner.try_user(&user).await?;
        }
        Ok(runner)
    }

    /// Does what the job wants now.
    async fn step(&mut self) -> Going<()> {
        self.hold_encoder().await;
        let wanted = next(&self.job, self.shared.clock.now());
        // Reading what is not known, and following what runs, must not wait for anyone.
        if matches!(wanted, Next::Look(_) | Next::Call(_)) {
            if !self.has_user().await? {
                return Ok(());
            }
            if let Some(encoder) = self.lacks_encoder() {
                return self.wait_for_encoder(encoder).await;
            }
        }
        match wanted {
            Next::Look(look) => self.read(look, Reading::Before).await,
            Next::ReadBack(look) => self.read(look, Reading::Back).await,
            Next::Call(intent) => self.call(intent).await,
            Next::Watch(attempt) => self.watch(attempt).await,
            Next::TakeEncoder(encoder) => self.wait_for_encoder(encoder).await,
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
                let remembered = self.shared.remember(&self.job).await;
                match remembered.and(self.shared.journal.close(&self.lease.lease).await) {
                    Ok(()) => self.lease.is_returned(),
                    Err(_) => return Err(self.taken_over()),
                }
                Err(LeaveJob)
            }
        }
    }

    async fn read(&mut self, look: Look, reading: Reading) -> Going<()> {
        let (shared, job) = (self.shared.clone(), self.job.clone());
        if let (Reading::Before, None, Some(error)) = (reading, self.trouble, shared.calls.health.why_unreachable()) {
            // Without a try that fails first: the screen shows at once that the job waits, and offers to give it up.
            return self.retry_read_later(error).await;
        }
        let Some(seen) = self.unless_decided(shared.calls.look(&job, &look)).await? else { return Ok(()) };
        match (seen, reading) {
            (Ok(seen), Reading::Before) => self.append(Event::Looked { seen }).await,
            (Ok(seen), Reading::Back) => self.append(Event::Read { seen }).await,
            (Err(error), _) if error.may_pass() => self.retry_read_later(error).await,
            (Err(error), _) => self.append(Event::Refused { error }).await,
        }
    }

    /// Handles a read that failed for a passing reason. The first failure is appended to the journal; as long as the same
    /// trouble lasts the job only waits, so that a long outage is one entry.
    async fn retry_read_later(&mut self, error: SeamError) -> Going<()> {
        match &mut self.trouble {
            Some((kind, times)) if *kind == error.kind && error.retry_after.is_none() => {
                *times = times.saturating_add(1);
                let failures = *times;
                let wait = BACKOFF.wait(failures, &error, self.shared.calls.health.jitter()).unwrap_or(SHORTEST);
                let shared = self.shared.clone();
                let rest = async {
                    tokio::select! {
                        biased;
                        () = tokio::time::sleep(wait) => {}
                        () = shared.calls.health.wait_until_back(&error) => {}
                    }
                };
                self.unless_decided(rest).await?;
                Ok(())
            }
            _ => {
                let kind = error.kind;
                let event = self.delayed(error);
                self.append(event).await?;
                self.trouble = Some((kind, 1));
                Ok(())
            }
        }
    }

    /// Appends the intent, sends the call, appends its outcome. A call that was begun can't be stopped. Only when another
    /// process takes the job over its answer is not awaited: that process reads back what became of it.
    async fn call(&mut self, intent: Intent) -> Going<()> {
        let is_encode = matches!(intent, Intent::Encode { .. });
        // A process that was frozen may have lost what it believes to have.
        if is_encode && !self.is_sure_of_encoder().await {
            return Ok(());
        }
        self.append(Event::Intended { intent: intent.clone() }).await?;
        let (shared, job, leases) = (self.shared.clone(), self.job.clone(), self.needs(is_encode));
        let is_sure = async {
            match &leases {
                Some(leases) => shared.leases.are_sure(leases, &shared.journal, &shared.clock).await,
                None => false,
            }
        };
        let Some(answer) = self.unless_decided(shared.calls.call(&job, &intent, is_sure)).await? else {
            // Nothing can be decided while a call is out; if it ever could, the outcome would be unknown.
            return self.append(Event::Lost { error: SeamError::new(ErrorKind::Broken, "") }).await;
        };
        let event = match answer {
            // It was not sent.
            None => self.delayed(SeamError::new(ErrorKind::Broken, "")),
            Some(Ok(answer)) => Event::Answered { answer },
            Some(Err(error)) if error.outcome_unknown() => Event::Lost { error },
            Some(Err(error)) if error.may_pass() => self.delayed(error),
            Some(Err(error)) => Event::Refused { error },
        };
        self.append(event).await
    }

    async fn watch(&mut self, attempt: AttemptId) -> Going<()> {
        let (reply, mut ended) = oneshot::channel();
        // The watcher lives as long as the engine; without it the reply tells.
        let _ = self.shared.watch.send(Watch { attempt, reply });
        let ended = loop {
            let rest = self.until_it_lingers();
            let lingers = async {
                match rest {
                    Some(rest) => tokio::time::sleep(rest).await,
                    None => std::future::pending().await,
                }
            };
            let news = async {
                tokio::select! {
                    biased;
                    ended = &mut ended => Some(ended),
                    () = lingers => None,
                }
            };
            match self.unless_decided(news).await? {
                None => return Ok(()),
                Some(Some(ended)) => break ended,
                Some(None) => self.append(Event::Lingers).await?,
            }
        };
        let Ok(ended) = ended else {
            tracing::error!("the watcher of action attempts is gone");
            return Err(LeaveJob);
        };
        let event = match ended {
            Ok(attempt) => Event::Attempt { end: self.shared.calls.attempt_end(attempt) },
            Err(error) => Event::Lost { error },
        };
        self.append(event).await
    }

    /// How long the attempt that is followed may still be pending before a person is asked, if nobody was yet.
    fn until_it_lingers(&self) -> Option<Duration> {
        let Phase::Placing { since, .. } = self.job.phase else { return None };
        let rest = later(since, LINGERS).duration_since(self.shared.clock.now());
        // Where the clock was set back it takes no longer all the same, and the server is asked before a person is.
        Some(rest.clamp(FOLLOWED_FIRST, LINGERS).unsigned_abs())
    }

    fn delayed(&self, error: SeamError) -> Event {
        let failures = self.job.progress.troubles.saturating_add(1);
        let wait = BACKOFF.wait(failures, &error, self.shared.calls.health.jitter()).unwrap_or(SHORTEST);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        Event::Delayed { until: later(self.shared.clock.now(), wait), error }
    }

    /// Waits for `work`. When a decision that the job allows comes first, the decision is appended, the work is dropped,
    /// and the result is `None`. Work that must not be dropped runs in phases that allow no decision.
    pub(super) async fn unless_decided<T>(&mut self, work: impl Future<Output = T>) -> Going<Option<T>> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                () = self.lost.notified() => {
                    if !self.lease.is_ours() {
                        return Err(self.taken_over());
                    }
                }
                done = &mut work => return Ok(Some(done)),
                decided = self.decisions.recv() => {
                    // Without the engine there is nothing more to do.
                    let Some((decision, by)) = decided else { return Err(LeaveJob) };
                    if allows(&self.job, &decision) {
                        self.append(Event::Decided { decision, by }).await?;
                        return Ok(None);
                    }
                    self.shared.send_update(Update::Ignored { job: self.job.id, why: Ignored::NotNow });
                }
            }
        }
    }

    /// Appends an event to the journal, folds it, shows the job. That a card is written is shown before the journal has
    /// it, as a state of its own; the job itself goes on only from what the journal has.
    pub(super) async fn append(&mut self, event: Event) -> Going<()> {
        let shared = self.shared.clone();
        let written = Unrecorded::of(&self.job, &event, shared.clock.now()).filter(|_| !shared.journal.is_without());
        if let Some(written) = &written {
            self.show_unrecorded(written.clone());
        }
        let failed = || {
            if let Some(written) = &written {
                self.show_unrecorded(Unrecorded { is_failing: true, ..written.clone() });
            }
        };
        match shared.journal.append(&self.lease.lease, self.job.seq, || shared.clock.now(), event, failed).await {
            Ok(entry) => {
                self.trouble = None;
                let was_on_trust = self.job.on_trust.is_some();
                self.job = fold(self.job.clone(), &entry);
                // Where keeping it took long, someone else may have gone on since.
                self.is_sure_of_job().await?;
                self.show();
                if self.job.on_trust.is_some() && !was_on_trust {
                    shared.remember(&self.job).await.map_err(|_| self.taken_over())?;
                }
                Ok(())
            }
            Err(_) => Err(self.taken_over()),
        }
    }

    /// Another process has the job now: this one leaves it.
    pub(super) fn taken_over(&self) -> LeaveJob {
        self.shared.ignore(self.job.id, Ignored::TakenOver)
    }

    fn show(&self) {
        if let Some(user) = &self.job.user {
            self.seen.user.get_or_init(|| user.clone());
        }
        self.seen.has_ended.store(self.job.lifecycle().is_ended(), Ordering::Release);
        self.shared.send_update(Update::Job(Arc::new(self.job.clone())));
    }

    fn show_unrecorded(&self, written: Unrecorded) {
        let job = Job { unrecorded: Some(written), ..self.job.clone() };
        self.shared.send_update(Update::Job(Arc::new(job)));
    }
}
