//! Random runs: jobs, faults, decisions, kills, frozen processes and restarts at two desks with one journal and three
//! encoders. Nothing is lost, nothing is done twice.
//!
//! The journal is in memory first, then in a file that each process opens for itself; a seed gives the same run on both.
//! `KEYDESK_RANDOM_JOBS=1000` makes one long run on the file; `KEYDESK_RANDOM_SEED` chooses another one.

mod check;
mod random_events;
mod rng;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use keydesk::domain::job::fold::replay;
use keydesk::domain::job::{Job, JobId, Offer, offers};
use keydesk::engine::Update;
use keydesk::journal::{Journal, StoredEntry};
use keydesk::seam::error::ErrorKind;

use crate::support::blind_repeats::nothing_is_repeated_blindly;
use crate::support::crash_points::{CrashingJournal, Watchers};
use crate::support::engine_desk::{Desk, number};
use crate::support::fake_api::{Fake, TestClock};
use crate::support::journal_store::{InMemory, JournalStore, OnDisk};
use crate::support::person::decision;
use rng::Rng;

/// So many bytes more the process may have after the last job than after a quarter of them. What the access system of the
/// test remembers of three quarters of a long run is a part of it.
const GROWTH: usize = 8 << 20;

/// Set in the process that does the runs.
const OWN_PROCESS: &str = "KEYDESK_TEST_RANDOM_RUNS";

/// How many bytes of memory this process has, where Linux says it.
fn resident() -> Option<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    pages.split_whitespace().nth(1)?.parse::<usize>().ok().map(|pages| pages * 4096)
}

/// Of each open job two engines together keep at most so much, as far as it is more than a few jobs.
const KEPT_OF_EACH: usize = 16;
const MANY: usize = 5;

/// So often a person answers the same job before it is given up.
const PATIENCE: usize = 12;

/// The beginning of what is told at length.
fn brief(what: &impl Debug) -> String {
    format!("{what:?}").chars().take(60).collect()
}

struct Process<J> {
    number: u128,
    desk: Desk,
    journal: CrashingJournal<J>,
    /// What each job was last answered at.
    answered: HashMap<JobId, u64>,
    /// How often each was.
    times: HashMap<JobId, usize>,
}

struct Run<S: JournalStore> {
    rng: Rng,
    fake: Fake,
    store: S,
    watchers: Watchers,
    processes: [Option<Process<S::Journal>>; 2],
    born: usize,
    guests: usize,
    ordered: Vec<JobId>,
    refused: Vec<JobId>,
    history: VecDeque<String>,
    kills: usize,
    faults_are_over: bool,
    /// How much memory the process has after a quarter of the jobs, and after all.
    resident: Vec<usize>,
    most_open: usize,
    most_kept: usize,
    summary: String,
}

impl<S: JournalStore> Run<S> {
    fn new(seed: u64, store: S) -> Self {
        Self {
            rng: Rng::new(seed),
            fake: Fake::default(),
            store,
            watchers: Watchers::default(),
            processes: [None, None],
            born: 0,
            guests: 0,
            ordered: Vec::new(),
            refused: Vec::new(),
            history: VecDeque::new(),
            kills: 0,
            faults_are_over: false,
            resident: Vec::new(),
            most_open: 0,
            most_kept: 0,
            summary: String::new(),
        }
    }

    fn note(&mut self, what: String) {
        if self.history.len() == 40 {
            self.history.pop_front();
        }
        self.history.push_back(what);
    }

    fn open(&mut self, place: usize) {
        self.born += 1;
        let name = format!("desk {}", self.born);
        let journal = CrashingJournal::new(self.store.open(), self.watchers.clone(), None);
        let desk = Desk::called(&name, self.fake.clone(), journal.clone());
        self.note(format!("{name} opens"));
        self.processes[place] =
            Some(Process { number: number(&name), desk, journal, answered: HashMap::new(), times: HashMap::new() });
    }

    /// Persons answer some of what is asked; all of it when the faults are over.
    fn answer(&mut self) {
        let mut notes = Vec::new();
        for place in 0..2 {
            let Some(process) = &mut self.processes[place] else { continue };
            let mut asking: Vec<Arc<Job>> =
                process.desk.jobs.values().filter(|job| job.asks().is_some()).cloned().collect();
            asking.sort_by_key(|job| job.id);
            for job in asking {
                if process.answered.get(&job.id) == Some(&job.seq) || !self.faults_are_over && !self.rng.once_in(3) {
                    continue;
                }
                let offers = offers(&job);
                let leads_on = |offer: &&Offer| {
                    !matches!(
                        offer,
                        Offer::Later
                            | Offer::Withdraw
                            | Offer::NewGuest
                            | Offer::MendData
                            | Offer::KeepBoth
                            | Offer::CreateAnyway
                    )
                };
                let first = offers.iter().find(leads_on);
                let times = process.times.entry(job.id).or_default();
                *times += 1;
                let offer = if *times > PATIENCE {
                    None
                } else if self.faults_are_over || !self.rng.once_in(4) {
                    first
                } else {
                    let all: Vec<_> =
                        offers.iter().filter(|offer| !matches!(offer, Offer::KeepBoth | Offer::CreateAnyway)).collect();
                    Some(self.rng.one_of(&all))
                };
                // Who has no patience any more gives it up, where that can be done.
                let give_up = offers.iter().find(|offer| **offer == Offer::Withdraw);
                let Some(offer) = offer.or(give_up).or(first) else { continue };
                process.answered.insert(job.id, job.seq);
                process.desk.decide(job.id, decision(offer));
                let (question, offer) = (job.asks().map(brief), brief(offer));
                notes.push(format!("{place} {}: {} -> {offer}", job.id.0, question.unwrap_or_default()));
            }
        }
        for what in notes {
            self.note(what);
        }
    }

    async fn pass(&mut self, time: Duration) -> Result<(), String> {
        for place in 0..2 {
            let Some(process) = &mut self.processes[place] else { continue };
            process.desk.pass(if place == 0 { time } else { Duration::ZERO }).await;
            for update in process.desk.updates.drain(..) {
                match update {
                    Update::Ignored { job, why: keydesk::domain::job::command::Ignored::GuestInWork { .. } } => {
                        self.refused.push(job);
                    }
                    Update::Job(job) if job.lifecycle().is_ended() => {
                        process.answered.remove(&job.id);
                        process.times.remove(&job.id);
                    }
                    _ => {}
                }
            }
            process.desk.jobs.retain(|_, job| !job.lifecycle().is_ended());
            process.desk.elsewhere.retain(|_, (job, _)| !job.lifecycle().is_ended());
        }
        if self.processes[0].is_none() {
            tokio::time::sleep(time).await;
        }
        // What the test itself need not remember.
        self.fake.world().calls.clear();
        self.is_flat()
    }

    /// How many jobs the desks show.
    fn shown(&self) -> usize {
        let desks = self.processes.iter().flatten().map(|process| &process.desk);
        let shown: HashSet<&JobId> = desks.flat_map(|desk| desk.jobs.keys().chain(desk.elsewhere.keys())).collect();
        shown.len()
    }

    /// What the engines keep in mind depends on what is open, not on what was: each keeps a job, its leases and what it
    /// uses, and what was seen at the last look.
    fn is_flat(&mut self) -> Result<(), String> {
        self.most_open = self.most_open.max(self.shown());
        self.most_kept = self.most_kept.max(self.kept());
        if self.most_kept > KEPT_OF_EACH * self.most_open.max(MANY) {
            return Err(format!("{} kept in mind, and never more than {} open", self.most_kept, self.most_open));
        }
        Ok(())
    }

    async fn run_jobs(&mut self, jobs: usize) -> Result<Vec<StoredEntry>, String> {
        let quarter = jobs / 4;
        while self.ordered.len() < jobs {
            for place in 0..2 {
                if self.processes[place].is_none() && self.rng.once_in(4) {
                    self.open(place);
                }
            }
            match self.rng.below(24) {
                0..8 => self.start(),
                8..13 => self.fault(),
                13..15 => self.encode(),
                15..17 => self.end_or_freeze().await,
                17 => {
                    let is_down = self.rng.once_in(3).then_some(ErrorKind::Unreachable);
                    self.note(format!("the line: {is_down:?}"));
                    self.fake.world().is_down = is_down;
                }
                _ => {}
            }
            self.answer();
            let longest = self.rng.one_of(&[100, 1000, 8000]);
            let time = Duration::from_millis(20 + self.rng.below(longest) as u64);
            self.pass(time).await?;
            if self.ordered.len() >= quarter && self.resident.is_empty() {
                self.resident.extend(resident());
            }
        }
        self.resident.extend(resident());
        self.finish().await
    }

    /// No more faults: everything comes to its end.
    async fn finish(&mut self) -> Result<Vec<StoredEntry>, String> {
        self.note("no more faults".into());
        self.faults_are_over = true;
        {
            let mut world = self.fake.world();
            world.clear_up();
        }
        for place in 0..2 {
            if self.processes[place].is_none() {
                self.open(place);
            }
        }
        for _ in 0..4000 {
            self.answer();
            self.pass(Duration::from_millis(500)).await?;
            if self.kept() == 0 && self.open_jobs().await.is_empty() {
                return self.check().await;
            }
        }
        Err(format!("it never comes to an end: kept {} {:#?}", self.kept(), self.open_jobs().await))
    }

    /// How much the engines keep in mind.
    fn kept(&self) -> usize {
        self.processes.iter().flatten().map(|process| process.desk.handle.remembered_jobs()).sum()
    }

    /// The jobs that are open in the journal, read by one who just opened it.
    async fn open_jobs(&self) -> Vec<Job> {
        let open = self.store.open().open_jobs().await.unwrap();
        open.iter().map(|one| replay(one.job, &one.entries).unwrap()).collect()
    }

    async fn check(&mut self) -> Result<Vec<StoredEntry>, String> {
        let records = check::all(&*self.store.open()).await;
        let jobs = check::jobs(&records);
        let mut ended = Vec::new();
        for (id, records) in &jobs {
            let entries: Vec<_> = records.iter().map(|record| record.entry.clone()).collect();
            nothing_is_repeated_blindly(*id, &entries)?;
            let job = check::job(*id, records);
            if !job.lifecycle().is_ended() {
                return Err(format!("lost: {job:#?}"));
            }
            ended.push(job);
        }
        if let [early, late] = self.resident[..]
            && late > early + GROWTH
        {
            return Err(format!("{} KiB more in memory than after a quarter", (late - early) / 1024));
        }
        check::order_is_kept(&records)?;
        check::what_is_told_is_written(&self.fake, &ended, &jobs)?;
        check::one_of_each(&self.fake, &ended).map_err(|why| format!("{why}\n{}", check::about(&why, &records)))?;
        // What was ordered is in the journal, unless its process ended before it could be or the guest was in work.
        let live: Vec<u128> = self.processes.iter().flatten().map(|process| process.number).collect();
        let is_nowhere = |id: &&JobId| !jobs.contains_key(id) && !self.refused.contains(id);
        if let Some(lost) = self.ordered.iter().filter(is_nowhere).find(|id| live.contains(&(id.0.as_u128() >> 64))) {
            return Err(format!("{lost:?} was ordered and is nowhere"));
        }
        let done = ended.iter().filter(|job| job.lifecycle().is_done()).count();
        let resumed = ended.iter().filter(|job| job.resumed.is_some()).count();
        self.summary = format!(
            "{} ordered, {} refused, {done} done, {} withdrawn, {resumed} taken up again, {} kills, {} entries, {} cards \
             written, at most {} open and {} kept in mind, memory: {:?}",
            self.ordered.len(),
            self.refused.len(),
            ended.len() - done,
            self.kills,
            records.len(),
            self.fake.world().writes.len(),
            self.most_open,
            self.most_kept,
            self.resident,
        );
        Ok(records)
    }
}

/// One run; what the journal holds at its end. A mistake prints the seed and a short history.
fn run<S: JournalStore>(seed: u64, jobs: usize, store: S) -> Vec<StoredEntry> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let mut run = Run::new(seed, store);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            TestClock::start();
            run.run_jobs(jobs).await
        })
    }));
    let tell = |what: &str| {
        let history: Vec<_> = run.history.iter().map(String::as_str).collect();
        eprintln!("seed {seed}, {jobs} jobs: {what}\nbefore that:\n{}", history.join("\n"));
    };
    match outcome {
        Ok(Ok(records)) => {
            println!("seed {seed}: {}", run.summary);
            records
        }
        Ok(Err(why)) => {
            tell(&why);
            panic!("seed {seed}, {jobs} jobs");
        }
        Err(panic) => {
            tell("see the panic above");
            resume_unwind(panic);
        }
    }
}

/// How much memory a process has says something of the runs only where no other test runs in it.
fn in_a_process_of_its_own(test: &str) {
    let mut runs = Command::new(std::env::current_exe().unwrap());
    let output = runs.args(["--exact", test, "--nocapture"]).env(OWN_PROCESS, "1").output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    print!("{said}");
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}

#[test]
fn nothing_is_lost_and_nothing_is_done_twice() {
    if std::env::var_os(OWN_PROCESS).is_none() {
        return in_a_process_of_its_own("random_runs::nothing_is_lost_and_nothing_is_done_twice");
    }
    let seed = setting("KEYDESK_RANDOM_SEED");
    if let Some(jobs) = setting("KEYDESK_RANDOM_JOBS") {
        run(seed.unwrap_or(1), jobs as usize, OnDisk::default());
        return;
    }
    let seeds = seed.map_or(1..25, |seed| seed..seed + 1);
    for seed in seeds {
        let in_memory = run(seed, 40, InMemory::default());
        let on_disk = run(seed, 40, OnDisk::default());
        assert!(in_memory == on_disk, "seed {seed}: the stores tell different stories");
    }
}
