//! Drives jobs and watches encoders. Knows no screen: it takes commands and sends updates.
//!
//! Each job is a task (`runner`) that asks the pure machine what it wants, keeps the intent, sends the call, keeps the
//! answer, folds, and tells the screen. All tasks share the line, the queues of the encoders and the one watcher of
//! action attempts.

pub mod api;
mod chance;
pub mod clock;
mod encoders;
mod line;
mod perform;
mod runner;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, JoinSet};

use crate::desk::job::command::{Command, Decision};
use crate::desk::job::order::Guest;
use crate::desk::job::{Job, JobId};
use crate::journal::{Holder, Journal, JournalError};
use crate::seam::error::SeamError;
use crate::seam::types::{Credential, CredentialId, Group, GroupId, SystemId, User, UserId};

use api::Api;
use chance::Chance;
use clock::Clock;
use encoders::Encoders;
use line::Line;
use perform::Hands;
use runner::{Begin, Runner};

/// What the engine needs besides the API, the journal and the clock.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The access system that new users are created in.
    pub system: SystemId,
    /// The name of this process in the journal.
    pub holder: Holder,
    /// Any number, for the jitter of waits: different on each desk.
    pub seed: u64,
}

/// What the engine tells the screen, in the order in which it happened.
#[derive(Clone, Debug)]
pub enum Update {
    /// A job, after something happened to it.
    Job(Arc<Job>),
    /// A command was not followed.
    Ignored {
        /// The job that it was about.
        job: JobId,
        /// Why.
        why: Ignored,
    },
    /// A user as the server has it now.
    User(Box<User>),
    /// A user is gone.
    UserGone(UserId),
    /// All groups of a user.
    Groups {
        /// The user.
        user: UserId,
        /// The groups.
        groups: Vec<Group>,
    },
    /// A user was put into a group or taken out of it.
    Membership {
        /// The user.
        user: UserId,
        /// The group.
        group: GroupId,
        /// Whether the user is in it now.
        is_member: bool,
    },
    /// All credentials of a user.
    Credentials {
        /// The user.
        user: UserId,
        /// The credentials.
        credentials: Vec<Credential>,
    },
    /// A credential as the server has it now.
    Credential(Box<Credential>),
    /// A credential is gone, or being deleted.
    CredentialGone(CredentialId),
    /// The line to the server, or the key, is in trouble; `None` when it works again. Sent when that changes.
    Line(Option<SeamError>),
    /// The journal can't be written, so jobs stand still; `None` when it works again.
    Journal(Option<JournalError>),
}

/// Why a command was not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// The job can't take this decision now: it moves on by itself, or it is not what it asked.
    NotNow,
    /// There is no such job, or it ended.
    NoSuchJob,
    /// A job with this id is there already.
    Twice,
    /// This other job is at work for the same guest.
    GuestInWork(JobId),
    /// Another process drives the job now.
    TakenOver,
}

/// The running engine. Dropping it stops everything at once, where it stands.
#[derive(Debug)]
pub struct Handle {
    commands: UnboundedSender<Command>,
    root: JoinHandle<()>,
}

impl Handle {
    /// Gives a command. What comes of it is told by updates.
    pub fn send(&self, command: Command) {
        // The engine ends only with this handle.
        let _ = self.commands.send(command);
    }

    /// Stops everything where it stands, and waits until it did.
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
    journal: J,
    clock: C,
    setup: Setup,
    updates: UnboundedSender<Update>,
) -> Handle {
    let (commands, orders) = unbounded_channel();
    let root = Root::new(api, journal, clock, setup, updates);
    Handle { commands, root: tokio::spawn(root.run(orders)) }
}

/// What all jobs share.
#[derive(Debug)]
struct Shared<A, J, C> {
    hands: Hands<A>,
    journal: J,
    clock: C,
    holder: Holder,
    chance: Arc<Chance>,
    encoders: Encoders,
    watch: UnboundedSender<watch::Watch>,
    updates: UnboundedSender<Update>,
}

impl<A, J, C> Shared<A, J, C> {
    fn tell(&self, update: Update) {
        // Nobody listens any more when the desk closes.
        let _ = self.updates.send(update);
    }
}

/// A decision on its way to its job, with who took it.
type Decided = (Decision, String);

struct Running {
    decisions: UnboundedSender<Decided>,
    guest: Subject,
}

/// The user whom a job is for, as soon as that is known.
type Subject = Arc<OnceLock<UserId>>;

struct Root<A, J, C> {
    shared: Arc<Shared<A, J, C>>,
    tasks: JoinSet<Option<JobId>>,
    running: HashMap<JobId, Running>,
}

impl<A: Api, J: Journal, C: Clock> Root<A, J, C> {
    fn new(api: A, journal: J, clock: C, setup: Setup, updates: UnboundedSender<Update>) -> Self {
        let api = Arc::new(api);
        let line = Arc::new(Line::new(updates.clone()));
        let chance = Arc::new(Chance::new(setup.seed));
        let (watch, wishes) = unbounded_channel();
        let mut tasks = JoinSet::new();
        let watcher = watch::watch(api.clone(), line.clone(), chance.clone(), wishes);
        tasks.spawn(async move {
            watcher.await;
            None
        });
        let hands = Hands { api, line, system: setup.system, updates: updates.clone() };
        let encoders = Encoders::default();
        let shared = Shared { hands, journal, clock, holder: setup.holder, chance, encoders, watch, updates };
        Self { shared: Arc::new(shared), tasks, running: HashMap::new() }
    }

    async fn run(mut self, mut commands: UnboundedReceiver<Command>) {
        self.take_up().await;
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.follow(command),
                    // The handle is gone: the tasks end with the set.
                    None => return,
                },
                Some(ended) = self.tasks.join_next() => match ended {
                    Ok(Some(job)) => {
                        self.running.remove(&job);
                    }
                    Ok(None) => {}
                    Err(error) => tracing::error!(%error, "a job's task did not end well"),
                },
            }
        }
    }

    /// Takes up the jobs that did not end when their process did.
    async fn take_up(&mut self) {
        match self.shared.journal.open_jobs().await {
            Ok(jobs) => {
                for history in jobs {
                    self.spawn(history.job, Begin::Resume(history.entries));
                }
            }
            Err(error) => self.shared.tell(Update::Journal(Some(error))),
        }
    }

    fn follow(&mut self, command: Command) {
        let job = match &command {
            Command::Start { id, .. } | Command::Decide { id, .. } => *id,
        };
        if let Err(why) = self.try_follow(command) {
            self.shared.tell(Update::Ignored { job, why });
        }
    }

    fn try_follow(&mut self, command: Command) -> Result<(), Ignored> {
        match command {
            Command::Start { id, order, by } => {
                if self.running.contains_key(&id) {
                    return Err(Ignored::Twice);
                }
                if let Guest::Existing(guest) = &order.guest
                    && let Some(other) = self.at_work_for(&guest.id)
                {
                    return Err(Ignored::GuestInWork(other));
                }
                self.spawn(id, Begin::Start { order, by });
                Ok(())
            }
            Command::Decide { id, decision, by } => {
                let running = self.running.get(&id).ok_or(Ignored::NoSuchJob)?;
                running.decisions.send((decision, by)).map_err(|_| Ignored::NoSuchJob)
            }
        }
    }

    fn at_work_for(&self, guest: &UserId) -> Option<JobId> {
        let job = self
            .running
            .iter()
            .find(|(_, running)| running.guest.get() == Some(guest) && !running.decisions.is_closed());
        job.map(|(id, _)| *id)
    }

    fn spawn(&mut self, id: JobId, begin: Begin) {
        let (decisions, wishes) = unbounded_channel();
        let guest = Subject::default();
        if let Begin::Start { order, .. } = &begin
            && let Guest::Existing(user) = &order.guest
        {
            guest.get_or_init(|| user.id.clone());
        }
        self.running.insert(id, Running { decisions, guest: guest.clone() });
        let shared = self.shared.clone();
        self.tasks.spawn(async move {
            Runner::run(shared, id, begin, wishes, guest).await;
            Some(id)
        });
    }
}
