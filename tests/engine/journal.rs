//! The journal comes first: nothing is sent that is not kept, and nothing is written to a job that was taken over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::command::{Decision, Ignored};
use keydesk::domain::job::event::{Entry, Event};
use keydesk::domain::job::fold::replay;
use keydesk::domain::job::order::BatchId;
use keydesk::domain::job::order::CardWork;
use keydesk::domain::job::{Job, JobId, Phase, Why};
use keydesk::domain::remembered::RememberedGuest;
use keydesk::engine::Update;
use keydesk::journal::{Claim, History, Holder, Journal, JournalError, Lease, MemoryJournal, Position, StoredEntry};
use keydesk::seam::types::UserId;

use tokio::time::Instant;

use crate::support::engine_desk::{Desk, existing, named, new_guest, offered};
use crate::support::fake_api::{Encode, Fake, TestClock};
use keydesk::engine::clock::Clock as _;

/// A journal that outlives its engines, as one process sees it: its disk can be full, and the process can be killed or
/// frozen.
#[derive(Clone, Default)]
pub struct Kept {
    pub inner: Arc<MemoryJournal>,
    is_full: Arc<AtomicBool>,
    lags: Arc<AtomicBool>,
    /// How many leases each call renewed.
    renewals: Arc<Mutex<Vec<usize>>>,
    fate: Arc<Mutex<Fate>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AtWritten {
    /// The disk is full from then on.
    DiskFull,
    /// The process ends.
    Death,
}

#[derive(Default)]
struct Fate {
    is_dead: bool,
    dies_before_close: bool,
    /// What happens at the moment at which the journal should take that the card is written.
    at_written: Option<AtWritten>,
    /// The process stops after it kept this intent, for so long.
    freezes: Option<(&'static str, Duration)>,
    frozen_until: Option<Instant>,
}

impl Kept {
    /// The same journal for a process with a fate of its own.
    pub fn process(&self) -> Self {
        Self { inner: self.inner.clone(), ..Self::default() }
    }

    /// From now on the list of all jobs' entries does not show the newest.
    pub fn lag(&self) {
        self.lags.store(true, Ordering::SeqCst);
    }

    /// From now on the process writes and reads nothing.
    pub fn kill(&self) {
        self.fate.lock().unwrap().is_dead = true;
    }

    pub fn kill_before_close(&self) {
        self.fate.lock().unwrap().dies_before_close = true;
    }

    pub fn freeze_after(&self, intent: &'static str, time: Duration) {
        self.fate.lock().unwrap().freezes = Some((intent, time));
    }

    /// The process stands still from now on, for so long.
    pub fn freeze(&self, time: Duration) {
        self.fate.lock().unwrap().frozen_until = Some(Instant::now() + time);
    }

    pub async fn is_frozen(&self) {
        while self.fate.lock().unwrap().frozen_until.is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn is_still_frozen(&self) -> bool {
        self.fate.lock().unwrap().frozen_until.is_some_and(|until| until > Instant::now())
    }

    pub fn now() -> Timestamp {
        TestClock.now()
    }

    pub async fn history(&self, job: JobId) -> Vec<Entry> {
        let all = self.inner.since(Position::default()).await.unwrap();
        all.into_iter().filter(|record| record.job == job).map(|record| record.entry).collect()
    }

    /// Another process takes something, and lives.
    pub async fn rival(&self, claim: Claim) -> Lease {
        const LASTS: SignedDuration = SignedDuration::from_secs(10);
        let (rival, later) = (Holder::new("rival", "rival"), Self::now() + SignedDuration::from_mins(1));
        let lease = self.inner.claim(claim, &rival, later, LASTS).await.unwrap();
        let (journal, beats) = (self.inner.clone(), lease.clone());
        tokio::spawn(async move {
            while journal.renew(&beats, Self::now(), LASTS).await.is_ok() {
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
        });
        lease
    }

    fn room(&self) -> Result<(), JournalError> {
        if self.is_full.load(Ordering::SeqCst) { Err(JournalError::Unavailable("disk full".into())) } else { Ok(()) }
    }

    /// A dead process gets no further, and a frozen one not yet.
    async fn alive(&self) {
        let (is_dead, until) = {
            let fate = self.fate.lock().unwrap();
            (fate.is_dead, fate.frozen_until)
        };
        if is_dead {
            std::future::pending::<()>().await;
        }
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
    }
}

impl Journal for Kept {
    async fn claim(
        &self,
        claim: Claim,
        holder: &Holder,
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Lease, JournalError> {
        self.alive().await;
        self.inner.claim(claim, holder, at.max(Self::now()), lasts).await
    }

    async fn renew_all(
        &self,
        leases: &[Lease],
        at: Timestamp,
        lasts: SignedDuration,
    ) -> Result<Vec<Result<Lease, JournalError>>, JournalError> {
        self.alive().await;
        self.renewals.lock().unwrap().push(leases.len());
        self.inner.renew_all(leases, at.max(Self::now()), lasts).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), JournalError> {
        self.alive().await;
        self.inner.release(lease).await
    }

    async fn append(&self, lease: &Lease, after: u64, at: Timestamp, event: Event) -> Result<Entry, JournalError> {
        self.alive().await;
        // A disk takes its time; nothing may overtake it.
        tokio::time::sleep(Duration::from_millis(300)).await;
        if matches!(event, Event::Attempt { .. }) {
            let happens = self.fate.lock().unwrap().at_written.take();
            match happens {
                Some(AtWritten::DiskFull) => self.is_full.store(true, Ordering::SeqCst),
                Some(AtWritten::Death) => {
                    self.kill();
                    self.alive().await;
                }
                None => {}
            }
        }
        self.room()?;
        let intent = match &event {
            Event::Intended { intent } => serde_json::to_string(intent).unwrap(),
            _ => String::new(),
        };
        let entry = self.inner.append(lease, after, at, event).await?;
        {
            let mut fate = self.fate.lock().unwrap();
            if let Some((_, time)) = fate.freezes.take_if(|(name, _)| intent.contains(&format!("\"{name}\""))) {
                fate.frozen_until = Some(Instant::now() + time);
            }
        }
        self.alive().await;
        Ok(entry)
    }

    async fn close(&self, lease: &Lease) -> Result<(), JournalError> {
        if self.fate.lock().unwrap().dies_before_close {
            self.kill();
        }
        self.alive().await;
        self.inner.close(lease).await
    }

    async fn open_jobs(&self) -> Result<Vec<History>, JournalError> {
        self.alive().await;
        self.inner.open_jobs().await
    }

    async fn jobs_of_batch(&self, batch: BatchId) -> Result<Vec<History>, JournalError> {
        self.inner.jobs_of_batch(batch).await
    }

    async fn since(&self, position: Position) -> Result<Vec<StoredEntry>, JournalError> {
        self.alive().await;
        if self.lags.load(Ordering::SeqCst) { Ok(Vec::new()) } else { self.inner.since(position).await }
    }

    async fn history(&self, job: JobId) -> Result<Vec<Entry>, JournalError> {
        self.inner.history(job).await
    }

    async fn remember(&self, user: &UserId, guest: &RememberedGuest, at: Timestamp) -> Result<(), JournalError> {
        self.alive().await;
        self.room()?;
        self.inner.remember(user, guest, at).await
    }

    async fn remembered(&self, user: &UserId) -> Result<Option<RememberedGuest>, JournalError> {
        self.inner.remembered(user).await
    }

    async fn all_remembered(&self) -> Result<Vec<(UserId, RememberedGuest)>, JournalError> {
        self.inner.all_remembered().await
    }

    async fn newest(&self) -> Result<Position, JournalError> {
        self.inner.newest().await
    }

    async fn claims(&self) -> Result<Vec<Lease>, JournalError> {
        self.inner.claims().await
    }

    fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.changes()
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, JournalError> {
        self.inner.prune(before).await
    }
}

#[tokio::test(start_paused = true)]
async fn intents_and_answers_are_kept_before_the_next_call_is_sent() {
    let journal = Kept::default();
    let clock = TestClock;
    let mut desk = Desk::with(Fake::default(), journal.clone());
    let started = tokio::time::Instant::now();
    let id = desk.start(new_guest());
    let job = desk.done(id).await;
    let records = journal.inner.since(Position::default()).await.unwrap();
    let zero = clock.now();
    let age = |at: Timestamp| zero.duration_since(at);
    for (n, record) in records.iter().enumerate() {
        let Event::Intended { intent } = &record.entry.event else { continue };
        let sent = desk.fake.world().calls.iter().map(|(at, call)| (*at, call.clone())).find(|(_, call)| {
            let name = serde_json::to_value(intent).unwrap();
            let name =
                name.as_str().map_or_else(|| name.as_object().unwrap().keys().next().unwrap().clone(), Into::into);
            call.starts_with(&name)
        });
        let (sent, call) = sent.unwrap();
        // The entry's time is when it was handed to the disk, which needs 300 ms.
        let kept = age(record.entry.at) - SignedDuration::from_millis(300);
        let sent = SignedDuration::try_from(sent.elapsed()).unwrap();
        assert!(kept >= sent, "{call} was sent before it was kept");
        assert!(matches!(records[n + 1].entry.event, Event::Answered { .. }), "{call}");
    }
    assert!(started.elapsed() > Duration::from_millis(300) * records.len() as u32);

    let entries: Vec<Entry> = records.into_iter().map(|record| record.entry).collect();
    assert_eq!(replay(id, &entries).as_ref(), Some(&*job), "the record tells what the screen shows");
    assert_eq!(journal.inner.open_jobs().await.unwrap(), [], "it is closed");
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_stops_the_job_until_there_is_room() {
    let journal = Kept::default();
    let mut desk = Desk::with(Fake::default(), journal.clone());
    let id = desk.start(new_guest());
    desk.job(id, |job| job.user.is_some()).await;
    journal.is_full.store(true, Ordering::SeqCst);
    let sent = desk.fake.world().calls.len();
    desk.pass(Duration::from_secs(600)).await;
    assert!(desk.updates.iter().any(|one| matches!(one, Update::Journal(Some(_)))));
    assert!(desk.fake.world().calls.len() <= sent + 1, "nothing goes out that is not kept");
    journal.is_full.store(false, Ordering::SeqCst);
    desk.done(id).await;
    let told = desk.updates.iter().filter(|one| matches!(one, Update::Journal(_))).count();
    assert_eq!(told, 2, "told once each way");
    assert_eq!(desk.fake.calls("create_user"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_call_per_heartbeat_renews_all_leases() {
    let journal = Kept::default();
    let fake = Fake::default();
    let mut desk = Desk::with(fake.clone(), journal.clone());
    // Four jobs wait for a person, each with the leases of its job and its user, one with its encoder.
    for name in ["ana", "eva", "kim", "tom"] {
        fake.user(name, name, None);
        fake.world().encodes.push_back(Encode::Fails(Duration::from_secs(1), "encoding_interrupted"));
        let id = desk.start(existing(name, CardWork::New));
        desk.asks(id).await;
        if name != "tom" {
            desk.answer(id, Decision::Later).await;
        }
    }
    desk.pass(Duration::from_secs(1)).await;
    let held = journal.inner.claims().await.unwrap().len();
    assert!(held == 9, "{held} leases");
    journal.renewals.lock().unwrap().clear();
    desk.pass(Duration::from_secs(30)).await;
    let renewals = journal.renewals.lock().unwrap().clone();
    assert_eq!(renewals, [held; 10], "one call in three seconds for all of them");
}

/// The states in which a job was shown as written before the journal had that.
fn shown_unrecorded(desk: &Desk) -> Vec<Arc<Job>> {
    let shown = desk.updates.iter().filter_map(|update| match update {
        Update::Job(job) if job.unrecorded.is_some() => Some(job.clone()),
        _ => None,
    });
    shown.collect()
}

#[tokio::test(start_paused = true)]
async fn a_written_card_is_shown_before_the_journal_has_it() {
    let journal = Kept::default();
    let mut desk = Desk::with(Fake::default(), journal.clone());
    let id = desk.start(new_guest());
    let job = desk.job(id, |job| job.unrecorded.is_some()).await;
    assert!(matches!(job.phase, Phase::Placing { .. }), "the fold is not ahead of the journal");
    assert_eq!(offered(&job), []);
    assert_eq!(journal.history(id).await.len() as u64, job.seq);
    let job = desk.done(id).await;
    let shown = shown_unrecorded(&desk);
    assert_eq!(shown.len(), 1);
    let written = shown[0].unrecorded.clone().unwrap();
    assert_eq!((written.card_number, written.is_failing), (job.card_number.clone(), false));
    assert_eq!(job.unrecorded, None);
}

#[tokio::test(start_paused = true)]
async fn a_card_the_journal_cannot_take_is_shown_and_retried() {
    let journal = Kept::default();
    journal.fate.lock().unwrap().at_written = Some(AtWritten::DiskFull);
    let mut desk = Desk::with(Fake::default(), journal.clone());
    let id = desk.start(new_guest());
    let job = desk.job(id, |job| job.unrecorded.as_ref().is_some_and(|written| written.is_failing)).await;
    let calls = desk.fake.world().calls.len();
    desk.decide(id, Decision::TryAgain);
    desk.pass(Duration::from_secs(60)).await;
    assert_eq!(desk.fake.world().calls.len(), calls, "nothing goes out before the journal has it");
    assert_eq!(desk.jobs[&id], job, "and nothing else is shown");
    assert!(shown_unrecorded(&desk).iter().all(|shown| shown.seq == job.seq));

    journal.is_full.store(false, Ordering::SeqCst);
    let job = desk.done(id).await;
    assert_eq!(replay(id, &journal.history(id).await).as_ref(), Some(&*job));
    assert_eq!(desk.fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn dying_before_the_card_is_journaled_loses_nothing() {
    let journal = Kept::default();
    journal.fate.lock().unwrap().at_written = Some(AtWritten::Death);
    let fake = Fake::default();
    let mut desk = Desk::with(fake.clone(), journal.clone());
    let id = desk.start(new_guest());
    desk.job(id, |job| job.unrecorded.is_some()).await;
    desk.pass(Duration::from_secs(1)).await;
    drop(desk);
    let mut next = Desk::called("next", fake, journal.process());
    let job = next.done(id).await;
    assert!(job.card_number.is_some());
    assert_eq!(next.fake.calls("encode"), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_record_no_card_waits_for_it() {
    let journal = Kept::default();
    journal.is_full.store(true, Ordering::SeqCst);
    let mut desk = Desk::with(Fake::default(), journal);
    desk.handle.go_on_without_record();
    let id = desk.start(new_guest());
    desk.done(id).await;
    assert_eq!(shown_unrecorded(&desk), []);
}

#[tokio::test(start_paused = true)]
async fn a_person_may_go_on_without_a_record() {
    let journal = Kept::default();
    let mut desk = Desk::with(Fake::default(), journal.clone());
    let id = desk.start(new_guest());
    desk.job(id, |job| job.user.is_some()).await;
    journal.is_full.store(true, Ordering::SeqCst);
    desk.pass(Duration::from_secs(60)).await;
    assert!(!desk.jobs[&id].lifecycle().is_ended());
    let kept = journal.history(id).await.len();
    desk.handle.go_on_without_record();
    desk.done(id).await;
    // Others start, too, and still not two for one guest at a time.
    let user = desk.jobs[&id].user.clone().unwrap();
    desk.pass(Duration::from_secs(1)).await;
    let mut order = existing(user.as_str(), CardWork::None);
    order.add = vec![named("spa")];
    let next = desk.start(order.clone());
    desk.start(order);
    assert!(matches!(desk.ignored().await, Ignored::GuestInWork { .. }));
    desk.done(next).await;
    assert_eq!(journal.history(id).await.len(), kept, "nothing more is kept");
    let told = desk.updates.iter().filter(|one| matches!(one, Update::Journal(_))).count();
    assert_eq!(told, 1, "nobody is told that it works again");
}

#[tokio::test(start_paused = true)]
async fn a_job_without_a_record_that_someone_took_over_is_left_alone() {
    let journal = Kept::default();
    let mut desk = Desk::with(Fake::default(), journal.clone());
    desk.fake.world().encodes.push_back(Encode::Written(Duration::from_secs(3600)));
    let id = desk.start(new_guest());
    desk.placing(id).await;
    desk.handle.go_on_without_record();
    let other = Holder::new("other", "other");
    let later = Kept::now() + SignedDuration::from_hours(1);
    journal.inner.claim(Claim::Job(id), &other, later, SignedDuration::from_secs(15)).await.unwrap();
    let at = Instant::now();
    assert_eq!(desk.ignored().await, Ignored::TakenOver);
    assert!(at.elapsed() <= Duration::from_secs(4), "{:?}", at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_asking_job_is_let_go_as_soon_as_another_process_has_it() {
    let journal = Kept::default();
    let mut desk = Desk::with(Fake::default(), journal.clone());
    let mut order = new_guest();
    order.encoder = None;
    let id = desk.start(order);
    desk.asks(id).await;
    let other = Holder::new("other", "other");
    let later = Kept::now() + SignedDuration::from_hours(1);
    journal.inner.claim(Claim::Job(id), &other, later, SignedDuration::from_secs(15)).await.unwrap();
    let at = Instant::now();
    assert_eq!(desk.ignored().await, Ignored::TakenOver);
    assert!(at.elapsed() <= Duration::from_secs(4), "{:?}", at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_job_that_was_taken_over_is_left_alone() {
    let journal = Kept::default();
    let mut desk = Desk::with(Fake::default(), journal.clone());
    let id = desk.start(new_guest());
    desk.job(id, |job| job.user.is_some()).await;
    let lease = journal.rival(Claim::Job(id)).await;
    assert_eq!(desk.ignored().await, Ignored::TakenOver);
    let sent = desk.fake.world().calls.len();
    desk.pass(Duration::from_secs(600)).await;
    assert_eq!(desk.fake.world().calls.len(), sent);
    let history = journal.inner.open_jobs().await.unwrap();
    let after = history[0].entries.len() as u64;
    journal
        .inner
        .append(&lease, after, Kept::now(), Event::Resumed { by: "rival".into(), why: Why::Takeover, is_old: false })
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stopped_engine_sends_nothing_more() {
    let journal = Kept::default();
    let mut desk = Desk::with(Fake::default(), journal.clone());
    let id = desk.start(new_guest());
    desk.placing(id).await;
    let fake = desk.fake.clone();
    desk.handle.stop().await;
    let sent = fake.world().calls.len();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(fake.world().calls.len(), sent);
    assert_eq!(journal.inner.open_jobs().await.unwrap().len(), 1, "the job is not forgotten");
}
