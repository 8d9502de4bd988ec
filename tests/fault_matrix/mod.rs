//! Every changing call of every flow, with every fault, and a process that goes on or dies at every point around it:
//! afterwards there is one user, one card, and a record that tells what happened.
//!
//! The journal is a file. Whoever dies loses the runtime with all that ran in it and the handle on the file; whoever
//! starts again opens the file again.

mod check;
mod faults;
mod screen;
mod takeover;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keydesk::domain::job::order::{AccessChange, CardWork, Details, Order};
use keydesk::domain::job::{Job, JobId};
use tokio::time::Instant;

use crate::support::crash_points::{CALLS, CrashPoint, CrashingJournal, Watchers};
use crate::support::engine_desk::{Desk, existing, named, new_guest};
use crate::support::fake_api::{Fake, Fault, TestClock};
use crate::support::journal_store::{JournalStore, OnDisk};
use crate::support::person::Person;
use faults::faults;
use screen::Screen;

struct Flow {
    name: &'static str,
    calls: &'static [&'static str],
    order: fn() -> Order,
    /// The groups and cards that are there, and whether the server ignores groups at a creation.
    world: fn(&Fake),
    groups: &'static [&'static str],
    has_card: bool,
}

fn is_there(fake: &Fake, card: Option<bool>) {
    fake.user("jane", "Jane Doe", None);
    fake.world().groups.insert("jane".into(), vec!["leaves".into()]);
    if let Some(is_issued) = card {
        fake.card("old", "jane", is_issued);
    }
}

fn with_groups(card: CardWork) -> Order {
    let mut order = existing("jane", card);
    order.add = vec![named("comes")];
    order.remove = vec![named("leaves")];
    order
}

const FLOWS: [Flow; 10] = [
    Flow {
        name: "new guest",
        calls: &["create_user", "create_credential", "encode"],
        order: new_guest,
        world: |_| {},
        groups: &["lounge", "room-204"],
        has_card: true,
    },
    Flow {
        name: "new guest, groups one by one",
        calls: &["create_user", "add_to_group", "create_credential", "encode"],
        order: new_guest,
        world: |fake| fake.world().ignores_groups = true,
        groups: &["lounge", "room-204"],
        has_card: true,
    },
    Flow {
        name: "new guest who is there already",
        calls: &["add_to_group", "update_user"],
        order: new_guest,
        world: |fake| fake.user("jane", "Jane Doe", None),
        groups: &["lounge", "room-204"],
        has_card: true,
    },
    Flow {
        name: "first card",
        calls: &["create_credential", "encode"],
        order: || existing("jane", CardWork::New),
        world: |fake| is_there(fake, None),
        groups: &["leaves"],
        has_card: true,
    },
    Flow {
        name: "update",
        calls: &["add_to_group", "remove_from_group", "create_credential", "encode"],
        order: || with_groups(CardWork::Update("old".into())),
        world: |fake| is_there(fake, Some(true)),
        groups: &["comes"],
        has_card: true,
    },
    Flow {
        name: "replace",
        calls: &["delete_credential", "create_credential", "encode"],
        order: || existing("jane", CardWork::Replace("old".into())),
        world: |fake| is_there(fake, Some(true)),
        groups: &["leaves"],
        has_card: true,
    },
    Flow {
        name: "group change",
        calls: &["add_to_group", "remove_from_group"],
        order: || with_groups(CardWork::None),
        world: |fake| is_there(fake, None),
        groups: &["comes"],
        has_card: false,
    },
    Flow {
        name: "another name and another departure",
        calls: &["update_user"],
        order: || Order {
            details: Some(Details { full_name: Some("Jane Roe".into()), ..Details::default() }),
            schedule: new_guest().schedule,
            ..existing("jane", CardWork::None)
        },
        world: |fake| is_there(fake, None),
        groups: &["leaves"],
        has_card: false,
    },
    Flow {
        name: "access suspended, card cancelled",
        calls: &["set_suspension", "delete_credential"],
        order: || Order { access: Some(AccessChange::Suspend), ..existing("jane", CardWork::Cancel("old".into())) },
        world: |fake| is_there(fake, Some(true)),
        groups: &["leaves"],
        has_card: false,
    },
    Flow {
        name: "card cancelled, guest deleted",
        calls: &["delete_credential", "delete_user"],
        order: || Order { access: Some(AccessChange::Delete), ..existing("jane", CardWork::Cancel("old".into())) },
        world: |fake| is_there(fake, Some(true)),
        groups: &[],
        has_card: false,
    },
];

const CRASH_POINTS: [Option<CrashPoint>; 6] = [
    None,
    Some(CrashPoint::BeforeIntent),
    Some(CrashPoint::AfterIntent),
    Some(CrashPoint::InCall),
    Some(CrashPoint::BeforeAnswer),
    Some(CrashPoint::AfterAnswer),
];

/// After so many cases that went wrong no more are tried.
const ENOUGH: usize = 10;

/// What the cases were.
#[derive(Default)]
struct Tally {
    cases: usize,
    crashes: usize,
    withdrawn: usize,
    looks: usize,
    asked: BTreeMap<String, usize>,
}

impl Tally {
    fn add(&mut self, trier: Trier) {
        self.cases += trier.tally.cases;
        self.crashes += trier.tally.crashes;
        self.withdrawn += trier.tally.withdrawn;
        self.looks = self.looks.max(trier.screen.looks());
        for (question, times) in trier.tally.asked {
            *self.asked.entry(question).or_default() += times;
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { cases, crashes, withdrawn, looks, asked } = self;
        write!(
            f,
            "{cases} cases, {crashes} crashes, {withdrawn} given up, {looks} looks of the screen, asked: {asked:?}"
        )
    }
}

/// A life of a process: a runtime of its own, whose clock goes on where that of the life before stopped. When it is
/// over, everything that ran in it is dropped where it stands.
fn live<T>(since: Option<Instant>, life: impl Future<Output = T>) -> (T, Instant) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        match since {
            Some(since) => tokio::time::advance(since.saturating_duration_since(Instant::now())).await,
            None => TestClock::start(),
        }
        (life.await, Instant::now())
    })
}

/// What a thread that tries cases keeps.
struct Trier {
    screen: Screen,
    tally: Tally,
}

impl Trier {
    fn case(&mut self, flow: &Flow, call: &'static str, fault: Option<&Fault>, crash: Option<CrashPoint>) {
        let (files, fake) = (OnDisk::default(), Fake::default());
        (flow.world)(&fake);
        if let Some(fault) = fault {
            fake.fault(call, fault.clone());
        }
        let (mut person, mut seen) = (Person::default(), Vec::new());
        let ((id, mut end), since) = live(None, async {
            let first = CrashingJournal::new(files.open(), Watchers::default(), crash.map(|crash| (crash, call)));
            let witness = first.clone();
            fake.world().witness = Some(Arc::new(move |call| witness.hears(call)));
            let mut desk = Desk::called("one", fake.clone(), first.clone());
            let id = desk.start((flow.order)());
            (id, self.attend(&mut desk, &mut person, &mut seen, id, || first.is_dead()).await)
        });
        fake.world().witness = None;
        let dead = end.is_none().then_some("one");
        if dead.is_some() {
            self.tally.crashes += 1;
            let mut desk = None;
            (end, _) = live(Some(since), async {
                let desk = desk.insert(Desk::sharing("two", fake.clone(), files.open()));
                self.attend(desk, &mut person, &mut seen, id, || false).await
            });
            assert!(end.is_some(), "it stands still: {:#?}", desk.map(|desk| (desk.jobs, desk.elsewhere)));
        }
        let Some(job) = end else { return };
        check::world(flow, &fake, fault, &job, &person);
        check::record(&files, id, &job, &seen, dead);
        self.tally.cases += 1;
        self.tally.withdrawn += usize::from(!job.lifecycle().is_done());
        for question in person.asked {
            *self.tally.asked.entry(question).or_default() += 1;
        }
    }

    /// Attends to the job and looks at the screen meanwhile. When it ended, waits until nothing that was given up acts.
    async fn attend(
        &mut self,
        desk: &mut Desk,
        person: &mut Person,
        seen: &mut Vec<Arc<Job>>,
        id: JobId,
        is_dead: impl Fn() -> bool,
    ) -> Option<Job> {
        let end = person.attend(desk, id, is_dead, |desk| check::see(desk, &mut self.screen, seen)).await?;
        desk.pass(Duration::from_secs(60)).await;
        check::see(desk, &mut self.screen, seen);
        desk.fake.world().tick();
        assert_eq!(desk.handle.remembered_jobs(), 0, "nothing of it is kept in mind");
        Some(end)
    }
}

#[test]
fn every_call_has_a_flow() {
    for call in CALLS {
        assert!(FLOWS.iter().any(|flow| flow.calls.contains(&call)), "no flow makes the call {call}");
    }
}

#[test]
fn whatever_fails_and_whenever_there_is_one_user_and_one_card() {
    let mut cases = Vec::new();
    for flow in &FLOWS {
        for call in flow.calls {
            for (what, fault) in faults(call) {
                cases.extend(CRASH_POINTS.map(|crash| (flow, *call, what, fault.clone(), crash)));
            }
        }
    }
    let next = AtomicUsize::new(0);
    let (total, failed) = (Mutex::new(Tally::default()), Mutex::new(Vec::new()));
    let try_some = || {
        let mut trier = Trier { screen: Screen::new(), tally: Tally::default() };
        while let Some((flow, call, what, fault, crash)) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
            let outcome = catch_unwind(AssertUnwindSafe(|| trier.case(flow, call, fault.as_ref(), *crash)));
            let mut failed = failed.lock().unwrap();
            if outcome.is_err() {
                failed.push(format!("{}, {call}: {what}, dies: {crash:?}", flow.name));
            }
            if failed.len() >= ENOUGH {
                break;
            }
        }
        total.lock().unwrap().add(trier);
    };
    // Each one waits for the thread of its journal half of the time.
    let threads = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(try_some);
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "what went wrong is told above, in the order of these cases:\n{}", failed.join("\n"));
    let total = total.into_inner().unwrap();
    assert_eq!(total.cases, cases.len(), "all were tried");
    println!("{total}");
}
