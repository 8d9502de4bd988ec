//! Drives the engine for the desk: opens the record of the jobs, hands over what the clerk wishes, tells what happens.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::lanes::Lanes;
use super::retention::forget;
use super::sync::Line;
use crate::app::msg::{Data, Ignored, Load, Msg};
use crate::config::{Config, Env};
use crate::desk::job::command::Command;
use crate::engine::clock::SystemClock;
use crate::engine::{self, Update};
use crate::journal::{Holder, Journal, JournalError, MemoryJournal};
use crate::journal::{OpenError, Trouble, Unopened};
use crate::journal::{Scope, SqliteJournal, default_path};
use crate::seam::client::Client;
use crate::seam::types::SystemId;
use crate::words::journal as words;

/// How long leaving in order may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// How often a record that can't be opened is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// What the clerk wishes of the engine.
#[derive(Clone, Debug)]
pub enum Wish {
    /// A command about a job.
    Command(Command),
    /// Go on without a record.
    GoOnWithoutRecord,
    /// Leave everything in order, then say so.
    Stop,
}

/// Where the record of the jobs is kept.
#[derive(Clone, Debug)]
pub struct Record {
    /// The file; `None` where there is no home folder to keep it in.
    pub path: Option<PathBuf>,
    /// The API's address: jobs are kept apart by it.
    pub endpoint: String,
    /// How long a job that ended is kept.
    pub keep: SignedDuration,
}

impl Record {
    /// The record as the config wants it.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let env = Env::of_process();
        Self {
            path: config.journal.path.clone().or_else(|| default_path(|name| env.get(name))),
            endpoint: config.seam.endpoint.clone(),
            keep: SignedDuration::from_hours(24 * i64::from(config.journal.keep_days)),
        }
    }
}

/// What driving needs.
pub struct Setup {
    /// The client.
    pub client: Client,
    /// The line to the server.
    pub line: Arc<Line>,
    /// The way to the program.
    pub lanes: Lanes<Msg>,
    /// The record; `None` keeps the jobs in memory, as the demo does.
    pub record: Option<Record>,
    /// Who sits here.
    pub operator: String,
    /// After how much rest a job asks before it does anything.
    pub ask_after: SignedDuration,
}

/// Starts the engine once the system is known, gives it the wishes and the program its updates, until it is stopped.
pub async fn drive(
    setup: Setup,
    mut system: watch::Receiver<Option<SystemId>>,
    mut wishes: mpsc::UnboundedReceiver<Wish>,
) {
    let system = loop {
        tokio::select! {
            found = system.wait_for(Option::is_some) => match found.map(|system| system.clone()) {
                Ok(Some(system)) => break system,
                _ => return,
            },
            wish = wishes.recv() => match wish {
                Some(Wish::Stop) => return setup.lanes.jobs.send(Msg::Stopped),
                Some(_) => {}
                None => return,
            },
        }
    };
    let Some(record) = &setup.record else { return run(&setup, MemoryJournal::new(), system, wishes).await };
    let opened = match open(record, &system).await {
        Ok(opened) => opened,
        Err(error) => {
            tracing::error!(%error, "the record of the jobs can't be opened");
            setup.lanes.jobs.send(Msg::Unrecorded(words::not_opened(&error)));
            match wait(&setup, record, &system, &mut wishes).await {
                Waited::Mended(opened) => {
                    setup.lanes.jobs.send(Msg::Journal(None));
                    *opened
                }
                Waited::Without => return run(&setup, MemoryJournal::new(), system, wishes).await,
                Waited::Stop => return setup.lanes.jobs.send(Msg::Stopped),
                Waited::Gone => return,
            }
        }
    };
    let (journal, said) = opened;
    // A notice shows the last one: that is what became of it, the others stand below that in the activity.
    for text in said.into_iter().rev() {
        setup.lanes.jobs.send(Msg::Notice(text));
    }
    let journal = Arc::new(journal);
    tokio::select! {
        () = run(&setup, journal.clone(), system, wishes) => {}
        () = forget(&journal, &SystemClock, record.keep) => {}
    }
}

type Opened = (SqliteJournal, Vec<String>);

/// What came of a record that could not be opened.
enum Waited {
    Mended(Box<Opened>),
    /// The clerk said so.
    Without,
    Stop,
    /// The program is gone.
    Gone,
}

/// Until the record can be opened after all, or the clerk goes on without it.
async fn wait(setup: &Setup, record: &Record, system: &SystemId, wishes: &mut mpsc::UnboundedReceiver<Wish>) -> Waited {
    let mended = async {
        loop {
            tokio::time::sleep(AGAIN).await;
            if let Ok(opened) = open(record, system).await {
                return opened;
            }
        }
    };
    tokio::pin!(mended);
    loop {
        tokio::select! {
            wish = wishes.recv() => match wish {
                Some(Wish::GoOnWithoutRecord) => return Waited::Without,
                Some(Wish::Stop) => return Waited::Stop,
                Some(Wish::Command(command)) => setup.lanes.jobs.send(Msg::Unstarted(command.job())),
                None => return Waited::Gone,
            },
            opened = &mut mended => return Waited::Mended(Box::new(opened)),
        }
    }
}

async fn open(record: &Record, system: &SystemId) -> Result<Opened, OpenError> {
    let Some(path) = &record.path else {
        let why = Unopened::Trouble(Trouble::from("there is no home folder to keep it in"));
        return Err(OpenError { path: PathBuf::from("journal.db"), why });
    };
    let scope = Scope { endpoint: record.endpoint.clone(), system: system.to_string() };
    let (journal, salvaged) = SqliteJournal::open(path, scope, Timestamp::now()).await?;
    Ok((journal, salvaged.as_ref().map(words::salvaged).unwrap_or_default()))
}

async fn run<J: Journal>(setup: &Setup, journal: J, system: SystemId, mut wishes: mpsc::UnboundedReceiver<Wish>) {
    let (updates, mut told) = mpsc::unbounded_channel();
    let id = uuid::Uuid::new_v4();
    let place = std::env::var("SSH_TTY").unwrap_or_else(|_| format!("process {}", std::process::id()));
    let label = format!("{}, {}", setup.operator, place.trim_start_matches("/dev/"));
    let engine_setup = engine::Setup {
        system,
        holder: Holder::new(id.to_string(), label),
        ask_after: setup.ask_after,
        seed: id.as_u64_pair().1,
    };
    let engine = engine::start(setup.client.clone(), journal, SystemClock, engine_setup, updates);
    loop {
        tokio::select! {
            wish = wishes.recv() => match wish {
                Some(Wish::Command(command)) => engine.send(command),
                Some(Wish::GoOnWithoutRecord) => engine.go_on_without_record(),
                Some(Wish::Stop) => {
                    if timeout(GOODBYE, engine.stop()).await.is_err() {
                        tracing::warn!("the engine did not stop in time; its leases end by themselves");
                    }
                    return setup.lanes.jobs.send(Msg::Stopped);
                }
                None => return,
            },
            update = told.recv() => match update {
                // One place says whether the line is up; the engine only tells it what it met.
                Some(Update::Line(trouble)) => trouble.iter().for_each(|error| setup.line.is_down(error)),
                Some(update) => message(update).into_iter().for_each(|message| setup.lanes.jobs.send(message)),
                None => return,
            },
        }
    }
}

// What single objects say is as new as its answer, whatever loading runs.
fn message(update: Update) -> Option<Msg> {
    let fact = |data| Some(Msg::Data(Load::MAX, Box::new(data)));
    match update {
        Update::Job(job) => Some(Msg::Job(job)),
        Update::Elsewhere { job, holder } => Some(Msg::Elsewhere(job, holder.unwrap_or_default())),
        Update::Ignored { job, why } => Some(Msg::Ignored(job, ignored(why)?)),
        Update::User(user) => fact(Data::User(user.acs_user_id.clone(), Ok(Some(*user)))),
        Update::UserGone(user) => fact(Data::User(user, Ok(None))),
        Update::Groups { user, groups } => {
            let groups = groups.into_iter().filter(|group| !group.is_going());
            fact(Data::GroupsOf(user, Ok(groups.map(|group| group.acs_access_group_id).collect())))
        }
        Update::Membership { user, group, is_member } => fact(Data::Member(user, group, is_member)),
        Update::Credentials { user, credentials } => fact(Data::CredentialsOf(user, Ok(credentials))),
        Update::Credential(credential) => fact(Data::Credential(credential)),
        Update::CredentialGone(credential) => fact(Data::CredentialGone(credential)),
        Update::Line(_) => None,
        Update::Journal(trouble) => Some(Msg::Journal(trouble.as_ref().map(journal_trouble))),
    }
}

fn journal_trouble(error: &JournalError) -> String {
    match error {
        JournalError::Unavailable(trouble) => words::sentence(trouble),
        other => words::sentence(&Trouble::Other(other.to_string())),
    }
}

fn ignored(why: engine::Ignored) -> Option<Ignored> {
    Some(match why {
        engine::Ignored::NotNow | engine::Ignored::NoSuchJob => Ignored::NotNow,
        engine::Ignored::GuestInWork { holder: Some(holder), .. } => Ignored::GuestElsewhere(holder),
        engine::Ignored::GuestInWork { job, .. } => Ignored::GuestInWork(job?),
        engine::Ignored::TakenOver => Ignored::TakenOver,
        // The desk draws ids at random, so that this can only be an echo of its own command.
        engine::Ignored::Twice => return None,
    })
}
