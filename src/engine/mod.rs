//! Drives jobs and watches encoders. Knows no screen: it takes commands and sends updates.
//!
//! Each job is a task (`runner`) that asks the pure machine what it wants, keeps the intent, sends the call, keeps the
//! answer, folds, and tells the screen. All tasks share the server's health, the queues of the encoders and the one watcher of
//! action attempts. What a process works on it has a lease for (`leases`); the jobs of other processes are seen in the
//! journal and taken over when their process is gone (`elsewhere`).

pub mod api;
mod calls;
mod claims;
pub mod clock;
mod elsewhere;
mod encoders;
mod leases;
mod retrying_journal;
mod runner;
pub mod server_health;
mod watch;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, JoinSet};

use crate::domain::fact::Fact;
use crate::domain::job::command::{Command, Decision, Ignored};
use crate::domain::job::{Job, JobId};
use crate::domain::remembered::RememberedGuest;
use crate::journal::{Holder, Journal, JournalError};
use crate::seam::types::{SystemId, UserId};

use api::Api;
use calls::JobCalls;
use claims::subject;
use clock::Clock;
use elsewhere::{Known, TakenJob};
use encoders::Encoders;
use leases::Leases;
use retrying_journal::{RecordMode, RetryingJournal};
use runner::{Begin, Runner};
use server_health::ServerHealth;

/// How long an engine that stops waits until its leases are given back.
const RELEASE_TIME: Duration = Duration::from_millis(200);

/// What the engine needs besides the API, the journal and the clock.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// How the server is, shared with whoever else asks it.
    pub health: Arc<ServerHealth>,
    /// The access system that new users are created in.
    pub system: SystemId,
    /// The name of this process in the journal.
    pub holder: Holder,
    /// A job to which nothing happened for so long asks a person when it is taken up again, before it does anything.
    pub ask_after: SignedDuration,
}

/// What [`EngineOptions::ask_after`] is when nobody says otherwise.
pub const ASK_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// How a process is called where others see it.
fn label(holder: &Holder) -> String {
    holder.label.clone()
}

/// What the engine tells the screen, in the order in which it happened.
#[derive(Clone, Debug)]
pub enum Update {
    /// A job of this process, after something happened to it.
    Job(Arc<Job>),
    /// A job of another process, after something happened to it: to be shown, not to be touched.
    Elsewhere {
        /// The job. One that ended is told once more and then forgotten.
        job: Arc<Job>,
        /// The label of the process that drives it, when it is known.
        holder: Option<String>,
    },
    /// A command changed nothing, because it came too late or did not fit.
    Ignored {
        /// The job that it was about.
        job: JobId,
        /// Why the command changed nothing.
        why: Ignored,
    },
    /// Something that a job read or changed on the way.
    Fact(Box<Fact>),
    /// What is remembered of a user.
    Remembered {
        /// The user whom it is remembered of.
        user: UserId,
        /// Everything that is remembered of this guest.
        guest: Box<RememberedGuest>,
    },
    /// The journal can't be written, so jobs stand still; `None` when it works again.
    Journal(Option<JournalError>),
}

/// The running engine. Dropping it stops everything at once, where it stands.
#[derive(Debug)]
pub struct Handle {
    commands: UnboundedSender<Command>,
    mode: Arc<RecordMode>,
    known: Arc<Known>,
    leases: Arc<Leases>,
    root: JoinHandle<()>,
}

impl Handle {
    /// Gives a command. What comes of it is told by updates.
    pub fn send(&self, command: Command) {
        // The engine ends only with this handle.
        let _ = self.commands.send(command);
    }

    /// From now on nothing is kept, and what waits for the journal goes on. For a person to say, when the journal does
    /// not work: what happens from here on is lost with this process, and other processes don't see it.
    pub fn go_on_without_record(&self) {
        self.mode.go_without();
    }

    /// How many jobs and leases the engine keeps in mind: none when there is no work.
    pub fn remembered_jobs(&self) -> usize {
        self.known.len() + self.leases.len()
    }

    /// Stops everything where it stands, gives back what it had leases on, so that another process can go on at once,
    /// and waits until that is done.
    pub async fn stop(self) {
        drop(self.commands);
        if let Err(error) = self.root.await {
            tracing::error!(%error, "the engine did not end well");
        }
    }
}

/// Starts the engine on the current tokio runtime. It takes up the jobs that the journal has open.
pub fn start<A: Api, J: Journal, C: Clock>(
    api: A,
    journal: Arc<J>,
    clock: C,
    options: EngineOptions,
    updates: UnboundedSender<Update>,
) -> Handle {
    let (commands, orders) = unbounded_channel();
    let mode = Arc::new(RecordMode::default());
    let journal = RetryingJournal::new(journal, mode.clone(), updates.clone());
    let root = Root::new(api, journal, clock, options, updates);
    let (known, leases) = (root.shared.known.clone(), root.shared.leases.clone());
    Handle { commands, mode, known, leases, root: tokio::spawn(root.run(orders)) }
}

/// What all jobs of this engine use in common.
#[derive(Debug)]
struct Shared<A, J, C> {
    calls: JobCalls<A>,
    journal: RetryingJournal<J>,
    clock: C,
    holder: Holder,
    ask_after: SignedDuration,
    encoders: Encoders,
    leases: Arc<Leases>,
    known: Arc<Known>,
    watch: UnboundedSender<watch::Watch>,
    updates: UnboundedSender<Update>,
}

impl<A, J, C> Shared<A, J, C> {
    fn send_update(&self, update: Update) {
        // Nobody listens any more when the desk closes.
        let _ = self.updates.send(update);
    }
}

/// A decision on its way to its job, with who took it.
type Decided = (Decision, String);

struct Running {
    decisions: UnboundedSender<Decided>,
    /// The user id under which the guest is claimed.
    subject: UserId,
    seen: Arc<SeenOfJob>,
}

/// What a job's task lets the engine see of the job.
#[derive(Debug, Default)]
struct SeenOfJob {
    /// The user whom the job is for, as soon as that is known.
    user: OnceLock<UserId>,
    /// Whether the job ended: its task only closes it in the journal and gives its leases back.
    has_ended: AtomicBool,
}

struct Root<A, J, C> {
    shared: Arc<Shared<A, J, C>>,
    tasks: JoinSet<Option<JobId>>,
    running: HashMap<JobId, Running>,
    /// Starts for guests whose jobs ended and are not closed yet, oldest first.
    waiting: Vec<Command>,
    taken: UnboundedReceiver<TakenJob>,
}

impl<A: Api, J: Journal, C: Clock> Root<A, J, C> {
    fn new(
        api: A,
        journal: RetryingJournal<J>,
        clock: C,
        options: EngineOptions,
        updates: UnboundedSender<Update>,
    ) -> Self {
        let api = Arc::new(api);
        let (watch, wishes) = unbounded_channel();
        let (found, taken) = unbounded_channel();
        let mut tasks = JoinSet::new();
        let watcher = watch::watch(api.clone(), options.health.clone(), wishes);
        let shared = Arc::new(Shared {
            calls: JobCalls { api, health: options.health, system: options.system, updates: updates.clone() },
            journal,
            clock,
            holder: options.holder,
            ask_after: options.ask_after,
            encoders: Encoders::default(),
            leases: Arc::default(),
            known: Arc::default(),
            watch,
            updates,
        });
        let beat = {
            let shared = shared.clone();
            async move { shared.leases.renew_and_release(&shared.journal, &shared.clock).await }
        };
        let elsewhere = elsewhere::watch(shared.clone(), found);
        // None of them ends before the engine does.
        tasks.spawn(async move { (watcher.await, None).1 });
        tasks.spawn(async move { (beat.await, None).1 });
        tasks.spawn(async move { (elsewhere.await, None).1 });
        Self { shared, tasks, running: HashMap::new(), waiting: Vec::new(), taken }
    }

    async fn run(mut self, mut commands: UnboundedReceiver<Command>) {
        loop {
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(command) => self.carry_out(command),
                    // The handle is gone.
                    None => break,
                },
                Some(taken) = self.taken.recv() => {
                    let (id, subject, user) = (taken.job.id, subject(&taken.job.order.guest), taken.job.user.clone());
                    self.spawn(id, Begin::Take(Box::new(taken)), subject, user);
                }
                Some(ended) = self.tasks.join_next() => {
                    match ended {
                        // One that came back to us meanwhile runs in another task.
                        Ok(Some(job)) => {
                            self.running.retain(|id, running| *id != job || !running.decisions.is_closed());
                        }
                        Ok(None) => {}
                        Err(error) => tracing::error!(%error, "a job's task did not end well"),
                    }
                    for command in std::mem::take(&mut self.waiting) {
                        self.carry_out(command);
                    }
                }
            }
        }
        self.tasks.shutdown().await;
        let give_back = self.shared.leases.give_back(&self.shared.journal);
        if tokio::time::timeout(RELEASE_TIME, give_back).await.is_err() {
            tracing::warn!("the journal did not take the leases back in time: they end by themselves");
        }
    }

    fn carry_out(&mut self, command: Command) {
        let job = match &command {
            Command::Start { id, .. } | Command::Decide { id, .. } => *id,
        };
        if let Err(why) = self.try_follow(command) {
            self.shared.send_update(Update::Ignored { job, why });
        }
    }

    fn try_follow(&mut self, command: Command) -> Result<(), Ignored> {
        match command {
            Command::Start { id, order, by } => {
                if self.running.contains_key(&id) {
                    return Err(Ignored::Twice);
                }
                let subject = subject(&order.guest);
                if let Some((other, seen)) = self.at_work_for(&subject) {
                    if !seen.has_ended.load(Ordering::Acquire) {
                        return Err(Ignored::GuestInWork { job: Some(other), holder: None });
                    }
                    // It was told that the job ended, and it is closed in a moment.
                    self.waiting.push(Command::Start { id, order, by });
                    return Ok(());
                }
                self.shared.known.add(id);
                let user = order.guest.user().cloned();
                self.spawn(id, Begin::Start { order, by }, subject, user);
                Ok(())
            }
            Command::Decide { id, decision, by } => {
                let running = self.running.get(&id).ok_or(Ignored::NoSuchJob)?;
                running.decisions.send((decision, by)).map_err(|_| Ignored::NoSuchJob)
            }
        }
    }

    /// The job of this process that is at work for the guest, also one that only looks for a late twin: another one
    /// would make what that takes for a twin.
    fn at_work_for(&self, guest: &UserId) -> Option<(JobId, &SeenOfJob)> {
        let is_for = |running: &Running| running.subject == *guest || running.seen.user.get() == Some(guest);
        let job = self.running.iter().find(|(_, running)| is_for(running) && !running.decisions.is_closed());
        job.map(|(id, running)| (*id, &*running.seen))
    }

    fn spawn(&mut self, id: JobId, begin: Begin, subject: UserId, user: Option<UserId>) {
        let (decisions, wishes) = unbounded_channel();
        let seen = Arc::<SeenOfJob>::default();
        if let Some(user) = user {
            seen.user.get_or_init(|| user);
        }
        self.running.insert(id, Running { decisions, subject, seen: seen.clone() });
        let shared = self.shared.clone();
        self.tasks.spawn(async move {
            Runner::run(shared, id, begin, wishes, seen).await;
            Some(id)
        });
    }
}
