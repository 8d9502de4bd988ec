//! A desk for tests: the engine, what it said, and waiting for what it will say.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use keydesk::domain::job::command::Ignored;
use keydesk::domain::job::command::{Command, Decision};
use keydesk::domain::job::order::{CardWork, Guest, Named, NewGuest, Order, Schedule};
use keydesk::domain::job::{Job, JobId, Offer, Phase, Question, offers};
use keydesk::engine::server_health::ServerHealth;
use keydesk::engine::{ASK_AFTER, EngineOptions, Handle, Update, start};
use keydesk::journal::{Holder, MemoryJournal};
use keydesk::seam::types::EncoderId;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

use crate::support::fake_api::{Fake, TestClock};

/// By the paused clock: nothing that a test waits for takes longer.
const PATIENCE: Duration = Duration::from_secs(3 * 3600);

pub struct Desk {
    pub fake: Fake,
    pub handle: Handle,
    pub health: Arc<ServerHealth>,
    pub updates: Vec<Update>,
    pub jobs: HashMap<JobId, Arc<Job>>,
    pub elsewhere: HashMap<JobId, (Arc<Job>, Option<String>)>,
    source: UnboundedReceiver<Update>,
    made: u128,
}

pub fn named<Id: for<'a> From<&'a str>>(id: &str) -> Named<Id> {
    Named { id: id.into(), name: id.to_uppercase() }
}

/// A desk's name as the upper half of its jobs' ids.
pub fn number(name: &str) -> u128 {
    name.bytes().fold(0, |sum, byte| sum * 256 + u128::from(byte))
}

pub fn new_guest() -> Order {
    let guest = NewGuest {
        full_name: "Jane Doe".into(),
        phone_number: Some("+15555550100".into()),
        email_address: None,
        known_namesakes: Vec::new(),
    };
    Order {
        schedule: Some(Schedule { starts_at: None, ends_at: Some("2026-11-28T11:00:00Z".parse().unwrap()) }),
        add: vec![named("room-204"), named("lounge")],
        card: CardWork::New,
        encoder: Some(named("front")),
        room: Some("204".into()),
        ..Order::of(Guest::New(guest))
    }
}

/// Another guest of the same name.
pub fn namesake() -> Order {
    let mut order = new_guest();
    if let Guest::New(guest) = &mut order.guest {
        guest.phone_number = Some("+15555550199".into());
    }
    order
}

pub fn existing(user: &str, card: CardWork) -> Order {
    let encoder = card.writes().then(|| named("front"));
    Order { card, encoder, room: Some("204".into()), ..Order::of(Guest::Existing(named(user))) }
}

impl Desk {
    pub fn open(fake: Fake) -> Self {
        Self::with(fake, MemoryJournal::new())
    }

    pub fn with<J: keydesk::journal::Journal>(fake: Fake, journal: J) -> Self {
        Self::called("desk", fake, journal)
    }

    /// A desk of another name, for several at one journal.
    pub fn called<J: keydesk::journal::Journal>(name: &str, fake: Fake, journal: J) -> Self {
        Self::sharing(name, fake, Arc::new(journal))
    }

    /// The same with a journal that the test goes on using.
    pub fn sharing<J: keydesk::journal::Journal>(name: &str, fake: Fake, journal: Arc<J>) -> Self {
        let (updates, source) = unbounded_channel();
        let health = Arc::new(ServerHealth::new(7));
        let options = EngineOptions {
            health: health.clone(),
            system: "system".into(),
            holder: Holder::new(name, name),
            ask_after: ASK_AFTER,
        };
        let handle = start(fake.clone(), journal, TestClock, options, updates);
        let (jobs, elsewhere) = (HashMap::new(), HashMap::new());
        // The ids of several desks differ.
        let made = number(name) << 64;
        Self { fake, handle, health, updates: Vec::new(), jobs, elsewhere, source, made }
    }

    pub fn start(&mut self, order: Order) -> JobId {
        self.made += 1;
        let id = JobId(Uuid::from_u128(self.made));
        self.handle.send(Command::Start { id, order: Box::new(order), by: "Kim".into() });
        id
    }

    pub fn decide(&self, id: JobId, decision: Decision) {
        self.handle.send(Command::Decide { id, decision, by: "Kim".into() });
    }

    async fn hear(&mut self) -> Update {
        let update = tokio::time::timeout(PATIENCE, self.source.recv()).await;
        let update = update.unwrap_or_else(|_| panic!("nothing happens any more: {:#?}", self.jobs)).unwrap();
        self.learn(&update);
        update
    }

    fn learn(&mut self, update: &Update) {
        match update {
            Update::Job(job) => {
                assert!(job.seq < 1500, "it runs in circles: {job:#?}");
                self.elsewhere.remove(&job.id);
                self.jobs.insert(job.id, job.clone());
            }
            Update::Elsewhere { job, holder } => {
                self.jobs.remove(&job.id);
                self.elsewhere.insert(job.id, (job.clone(), holder.clone()));
            }
            _ => {}
        }
        self.updates.push(update.clone());
    }

    /// Waits until another desk's job is told like that.
    pub async fn elsewhere(&mut self, id: JobId, what: impl Fn(&Job) -> bool) -> (Arc<Job>, Option<String>) {
        loop {
            if let Some(found) = self.elsewhere.get(&id).filter(|(job, _)| what(job)) {
                return found.clone();
            }
            self.hear().await;
        }
    }

    pub async fn job(&mut self, id: JobId, what: impl Fn(&Job) -> bool) -> Arc<Job> {
        loop {
            if let Some(job) = self.jobs.get(&id).filter(|job| what(job)) {
                return job.clone();
            }
            self.hear().await;
        }
    }

    /// The encoder is free for a job that waited: the clerk takes the last card away and goes on.
    pub async fn turn(&mut self, id: JobId) -> Arc<Job> {
        let (job, question) = self.asks(id).await;
        assert_eq!(question, Question::YourTurn);
        assert!(job.holds_encoder().is_some());
        self.answer(id, Decision::GoOn).await
    }

    pub async fn done(&mut self, id: JobId) -> Arc<Job> {
        let job = self.job(id, |job| job.lifecycle().is_ended() || job.asks().is_some()).await;
        assert!(job.lifecycle().is_done(), "{:#?}", job.phase);
        job
    }

    pub async fn asks(&mut self, id: JobId) -> (Arc<Job>, Question) {
        let job = self.job(id, |job| job.lifecycle().is_ended() || job.asks().is_some() && !job.is_parked).await;
        let question = job.asks().unwrap_or_else(|| panic!("it ended: {:#?}", job.phase)).clone();
        (job, question)
    }

    /// Decides, and waits until the job has taken it.
    pub async fn answer(&mut self, id: JobId, decision: Decision) -> Arc<Job> {
        let seq = self.jobs[&id].seq;
        self.decide(id, decision);
        self.job(id, |job| job.seq > seq).await
    }

    /// Lets a job go on that was taken up again and asks whether the guest is still there.
    pub async fn resumed(&mut self, id: JobId) {
        let job = self.job(id, |job| job.lifecycle().is_ended() || job.asks().is_some()).await;
        if matches!(job.asks(), Some(Question::Resume { .. })) {
            self.answer(id, Decision::GoOn).await;
        }
    }

    pub async fn placing(&mut self, id: JobId) -> Arc<Job> {
        self.job(id, |job| matches!(job.phase, Phase::Placing { .. })).await
    }

    pub async fn ignored(&mut self) -> Ignored {
        loop {
            if let Update::Ignored { why, .. } = self.hear().await {
                return why;
            }
        }
    }

    /// Lets time pass and hears what happened meanwhile.
    pub async fn pass(&mut self, time: Duration) {
        let end = tokio::time::Instant::now() + time;
        while let Ok(update) = tokio::time::timeout_at(end, self.source.recv()).await {
            self.learn(&update.unwrap());
        }
    }
}

pub fn offered(job: &Job) -> Vec<Offer> {
    offers(job)
}

pub fn holds(job: &Job) -> Option<&str> {
    job.holds_encoder().map(EncoderId::as_str)
}
