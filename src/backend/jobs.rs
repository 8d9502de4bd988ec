//! Drives the engine for the desk: opens the record of the jobs, hands over what the clerk wishes, tells what happens.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::lanes::Lanes;
use super::retention::forget;
use super::sync::FoundSystem;
use crate::component::backend_msg::BackendMsg;
use crate::config::{Config, Env};
use crate::domain::job::command::Command;
use crate::engine::clock::SystemClock;
use crate::engine::server_health::ServerHealth;
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

/// What the clerk wants of the engine.
#[derive(Clone, Debug)]
pub enum EngineRequest {
    /// A command about a job.
    Command(Command),
    /// Go on without a record.
    GoOnWithoutRecord,
    /// Leave everything in order, then say so.
    Stop,
}

/// Where the record of the jobs is kept.
#[derive(Clone, Debug)]
pub struct JournalFile {
    /// The file; `None` where there is no home folder to keep it in.
    pub path: Option<PathBuf>,
    /// How long a job that ended is kept.
    pub keep: SignedDuration,
}

impl JournalFile {
    /// The record as the config wants it.
    pub fn from_config(config: &Config) -> Self {
        let env = Env::of_process();
        Self {
            path: config.journal.path.clone().or_else(|| default_path(|name| env.get(name))),
            keep: SignedDuration::from_hours(24 * i64::from(config.journal.keep_days)),
        }
    }
}

/// What driving the engine needs.
pub struct JobsOptions {
    /// Sends the calls of the jobs, with the key of the settings.
    pub client: Client,
    /// How the server is, shared with whoever else asks it.
    pub health: Arc<ServerHealth>,
    /// The way to the program.
    pub lanes: Lanes<BackendMsg>,
    /// The record; `None` keeps the jobs in memory, as the demo does.
    pub record: Option<JournalFile>,
    /// The name under which jobs of this desk are recorded.
    pub operator: String,
    /// After how much rest a job asks before it does anything.
    pub ask_after: SignedDuration,
}

/// What the clerk wants, in order; what comes too early waits.
struct EngineRequests {
    early: VecDeque<EngineRequest>,
    later: mpsc::UnboundedReceiver<EngineRequest>,
}

impl EngineRequests {
    async fn next(&mut self) -> Option<EngineRequest> {
        match self.early.pop_front() {
            Some(request) => Some(request),
            None => self.later.recv().await,
        }
    }

    /// What comes of some work; nothing when the program ends meanwhile.
    async fn after<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                request = self.later.recv() => match request {
                    Some(EngineRequest::Stop) | None => return None,
                    Some(request) => self.early.push_back(request),
                },
                done = &mut work => return Some(done),
            }
        }
    }
}

/// Starts the engine once the system is known, gives it the wishes and the program its updates, until it is stopped.
pub async fn drive(
    options: JobsOptions,
    system: watch::Receiver<Option<FoundSystem>>,
    requests: mpsc::UnboundedReceiver<EngineRequest>,
) {
    let mut requests = EngineRequests { early: VecDeque::new(), later: requests };
    // How it ended does not matter: the program waits for nothing else.
    let _ = drive_to_the_end(&options, system, &mut requests).await;
    options.lanes.jobs.send(BackendMsg::Stopped);
}

async fn drive_to_the_end(
    options: &JobsOptions,
    mut system: watch::Receiver<Option<FoundSystem>>,
    requests: &mut EngineRequests,
) -> Option<()> {
    let found = requests.after(system.wait_for(Option::is_some)).await?.ok()?.clone();
    let FoundSystem { id: system, is_supported } = found?;
    if !is_supported {
        // Whatever an order or an open job wants, it would go by the rules of another make: no job runs here.
        return refuse_all(&options.lanes, requests).await;
    }
    let Some(record) = &options.record else {
        return run(options, Arc::new(MemoryJournal::new()), system, requests).await;
    };
    let (journal, said) = match requests.after(open(record, options.client.endpoint(), &system)).await? {
        Ok(opened) => opened,
        Err(error) => {
            tracing::error!(%error, "the record of the jobs can't be opened");
            options.lanes.jobs.send(BackendMsg::Journal(Some(words::not_opened(&error))));
            match journal_once_it_opens(options, record, &system, requests).await? {
                Some(opened) => {
                    options.lanes.jobs.send(BackendMsg::Journal(None));
                    opened
                }
                None => return run(options, Arc::new(MemoryJournal::new()), system, requests).await,
            }
        }
    };
    // A notice shows the last one: that is what became of it, the others stand below that in the activity.
    for text in said.into_iter().rev() {
        options.lanes.jobs.send(BackendMsg::Notice(text));
    }
    let journal = Arc::new(journal);
    tokio::select! {
        ended = run(options, journal.clone(), system, requests) => ended,
        () = forget(&*journal, &SystemClock, record.keep) => None,
    }
}

/// Starts nothing and goes on with nothing, until it is stopped.
async fn refuse_all(lanes: &Lanes<BackendMsg>, requests: &mut EngineRequests) -> Option<()> {
    loop {
        match requests.next().await? {
            EngineRequest::Command(command) => lanes.jobs.send(BackendMsg::Unstarted(command.job())),
            EngineRequest::GoOnWithoutRecord => {}
            EngineRequest::Stop => return None,
        }
    }
}

type Opened = (SqliteJournal, Vec<String>);

/// The record, once it can be opened after all; nothing in its place when the clerk goes on without it.
async fn journal_once_it_opens(
    options: &JobsOptions,
    record: &JournalFile,
    system: &SystemId,
    requests: &mut EngineRequests,
) -> Option<Option<Opened>> {
    let opened = async {
        loop {
            tokio::time::sleep(AGAIN).await;
            if let Ok(opened) = open(record, options.client.endpoint(), system).await {
                return opened;
            }
        }
    };
    tokio::pin!(opened);
    loop {
        tokio::select! {
            request = requests.next() => match request? {
                EngineRequest::GoOnWithoutRecord => return Some(None),
                EngineRequest::Stop => return None,
                EngineRequest::Command(command) => options.lanes.jobs.send(BackendMsg::Unstarted(command.job())),
            },
            opened = &mut opened => return Some(Some(opened)),
        }
    }
}

async fn open(record: &JournalFile, endpoint: &str, system: &SystemId) -> Result<Opened, OpenError> {
    let Some(path) = &record.path else {
        let why = Unopened::Trouble(Trouble::from("there is no home folder to keep it in"));
        return Err(OpenError { path: PathBuf::from("journal.db"), why });
    };
    let scope = Scope { endpoint: endpoint.to_owned(), system: system.to_string() };
    let (journal, salvaged) = SqliteJournal::open(path, scope, Timestamp::now()).await?;
    Ok((journal, salvaged.as_ref().map(words::salvaged).unwrap_or_default()))
}

async fn run<J: Journal>(
    options: &JobsOptions,
    journal: Arc<J>,
    system: SystemId,
    requests: &mut EngineRequests,
) -> Option<()> {
    let (updates, mut told) = mpsc::unbounded_channel();
    let id = uuid::Uuid::new_v4();
    let place = std::env::var("SSH_TTY").unwrap_or_else(|_| format!("process {}", std::process::id()));
    let label = format!("{}, {}", options.operator, place.trim_start_matches("/dev/"));
    let engine_options = engine::EngineOptions {
        health: Arc::clone(&options.health),
        system,
        holder: Holder::new(id.to_string(), label),
        ask_after: options.ask_after,
    };
    let engine = engine::start(options.client.clone(), journal, SystemClock, engine_options, updates);
    loop {
        tokio::select! {
            request = requests.next() => match request? {
                EngineRequest::Command(command) => engine.send(command),
                EngineRequest::GoOnWithoutRecord => engine.go_on_without_record(),
                EngineRequest::Stop => {
                    if timeout(GOODBYE, engine.stop()).await.is_err() {
                        tracing::warn!("the engine did not stop in time; its leases end by themselves");
                    }
                    return None;
                }
            },
            update = told.recv() => options.lanes.jobs.send(message(update?)),
        }
    }
}

fn message(update: Update) -> BackendMsg {
    match update {
        Update::Job(job) => BackendMsg::Job(job),
        Update::Remembered { user, guest } => BackendMsg::Remembered(user, guest),
        Update::Elsewhere { job, holder } => BackendMsg::Elsewhere(job, holder.unwrap_or_default()),
        Update::Ignored { job, why } => BackendMsg::Ignored(job, why),
        Update::Fact(fact) => BackendMsg::Fact(None, fact),
        Update::Journal(trouble) => BackendMsg::Journal(trouble.as_ref().map(journal_trouble)),
    }
}

fn journal_trouble(error: &JournalError) -> String {
    match error {
        JournalError::Unavailable(trouble) => words::sentence(trouble),
        other => words::sentence(&Trouble::Other(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::lanes::lanes;
    use crate::domain::job::JobId;
    use crate::domain::job::command::Decision;
    use crate::seam::client::Connection;

    #[tokio::test]
    async fn no_job_runs_in_a_system_of_another_make() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let (lanes, mut intake) = lanes();
        let client = Client::new(Connection {
            endpoint: "http://127.0.0.1:9".to_owned(),
            key: "seam_key".into(),
            workspace: None,
            connect_timeout: Duration::from_secs(1),
            total_timeout: Duration::from_secs(1),
            allow_insecure: false,
        });
        let options = JobsOptions {
            client: client.unwrap(),
            health: Arc::new(ServerHealth::new(1)),
            lanes,
            record: Some(JournalFile { path: Some(path.clone()), keep: SignedDuration::from_hours(24) }),
            operator: "Anna".to_owned(),
            ask_after: SignedDuration::from_mins(30),
        };
        let (request, requests) = mpsc::unbounded_channel();
        let found = FoundSystem { id: "s-1".into(), is_supported: false };
        let (_found, system) = watch::channel(Some(found));
        let id = JobId(uuid::Uuid::from_u128(7));
        let decision = Decision::GoOn;
        let command = Command::Decide { id, decision, by: "Anna".to_owned() };
        assert!(request.send(EngineRequest::Command(command)).is_ok());
        let driven = drive(options, system, requests);
        let told = async {
            let refused = intake.next().await;
            assert!(matches!(refused, BackendMsg::Unstarted(job) if job == id), "{refused:?}");
            assert!(request.send(EngineRequest::Stop).is_ok());
            intake.next().await
        };
        let ((), stopped) = tokio::join!(driven, told);
        assert!(matches!(stopped, BackendMsg::Stopped));
        assert!(!path.exists(), "no open job was looked for");
    }

    #[tokio::test]
    async fn what_is_wished_too_early_waits_and_leaving_does_not() {
        let (request, later) = mpsc::unbounded_channel();
        let mut requests = EngineRequests { early: VecDeque::new(), later };
        assert!(request.send(EngineRequest::GoOnWithoutRecord).is_ok());
        let opening = async {
            tokio::task::yield_now().await;
            "opened"
        };
        assert_eq!(requests.after(opening).await, Some("opened"));
        assert!(matches!(requests.next().await, Some(EngineRequest::GoOnWithoutRecord)), "it was not lost");
        assert!(request.send(EngineRequest::Stop).is_ok());
        assert_eq!(requests.after(std::future::pending::<()>()).await, None, "nobody waits for a disk to leave");
    }
}
