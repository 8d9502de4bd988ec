//! Every changing call of every flow, with every fault, and a process that goes on or dies at every point around it:
//! afterwards there is one user, one card, and a record that tells what happened.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail loudly as tests do")]

#[allow(dead_code, reason = "shared with the tests of the engine")]
#[path = "../engine/desk.rs"]
mod desk;
#[allow(dead_code, reason = "shared with the tests of the engine")]
#[path = "../engine/fake.rs"]
mod fake;
mod mortal;
mod person;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use keydesk::desk::job::Job;
use keydesk::desk::job::fold::replay;
use keydesk::desk::job::order::{CardWork, Order};
use keydesk::journal::{Journal, MemoryJournal};
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::types::{GroupId, UserId};

use desk::{Desk, existing, named, new_guest};
use fake::{Fake, Fault, TestClock, error};
use mortal::{Bells, Death, Mortal};
use person::Person;

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

const FLOWS: [Flow; 6] = [
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
];

fn faults() -> Vec<(&'static str, Option<Fault>)> {
    let limited = SeamError { retry_after: Some(Duration::from_secs(20)), ..error(ErrorKind::Limited) };
    vec![
        ("no fault", None),
        ("refused", Some(Fault::Refuse("invalid_input"))),
        ("reset before acting", Some(Fault::Fail(error(ErrorKind::Broken)))),
        ("acted, then reset", Some(Fault::DoneBut(error(ErrorKind::Broken)))),
        ("acts 5 s late", Some(Fault::Late(Duration::from_secs(5)))),
        ("acts 25 s late", Some(Fault::Late(Duration::from_secs(25)))),
        ("truncated answer", Some(Fault::DoneBut(error(ErrorKind::Unreadable)))),
        ("500 before acting", Some(Fault::Fail(error(ErrorKind::Server)))),
        ("500 after acting", Some(Fault::DoneBut(error(ErrorKind::Server)))),
        ("429", Some(Fault::Fail(limited))),
        ("never connected", Some(Fault::Fail(error(ErrorKind::Unreachable)))),
    ]
}

const DEATHS: [Option<Death>; 6] = [
    None,
    Some(Death::BeforeIntent),
    Some(Death::AfterIntent),
    Some(Death::InCall),
    Some(Death::BeforeAnswer),
    Some(Death::AfterAnswer),
];

#[derive(Default)]
struct Tally {
    cases: usize,
    deaths: usize,
    asked: BTreeMap<String, usize>,
}

async fn case(flow: &Flow, call: &'static str, fault: Option<Fault>, death: Option<Death>, tally: &mut Tally) {
    TestClock::start();
    let fake = Fake::default();
    (flow.world)(&fake);
    if let Some(fault) = fault {
        fake.fault(call, fault);
    }
    let journal = Arc::new(MemoryJournal::new());
    let first = Mortal::new(journal.clone(), Bells::default(), death.map(|death| (death, call)));
    let witness = first.clone();
    fake.world().witness = Some(Arc::new(move |call| witness.hears(call)));
    let mut desk = Desk::called("one", fake.clone(), first.clone());
    let mut person = Person::default();
    let id = desk.start((flow.order)());
    let mut end = person.attend(&mut desk, id, || first.is_dead()).await;
    if first.is_dead() {
        tally.deaths += 1;
        fake.world().witness = None;
        desk = Desk::called("two", fake.clone(), journal.clone());
        end = person.attend(&mut desk, id, || false).await;
    }
    let Some(job) = end else { panic!("it stands still: {:#?} {:#?}", desk.jobs, desk.elsewhere) };
    // Nothing that was given up acts any more.
    desk.pass(Duration::from_secs(60)).await;
    fake.world().tick();
    check(flow, &fake, &job, &person);
    let history = journal.history(id).await.unwrap();
    assert_eq!(replay(id, &history).as_ref(), Some(&job), "the record tells what the screen shows");
    assert_eq!(journal.open_jobs().await.unwrap(), [], "it is closed");
    assert_eq!(desk.handle.kept(), 0, "nothing of it is kept in mind");
    tally.cases += 1;
    for question in person.asked {
        *tally.asked.entry(question).or_default() += 1;
    }
}

fn check(flow: &Flow, fake: &Fake, job: &Job, person: &Person) {
    assert!(job.is_done(), "{:#?}", job.phase);
    let world = fake.world();
    let users: Vec<UserId> = world.users.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(users, [job.user.clone().unwrap()], "one user, and the job knows which");
    let mut groups = world.groups[&users[0]].clone();
    groups.sort();
    assert_eq!(groups, flow.groups.iter().map(|id| GroupId::from(*id)).collect::<Vec<_>>());
    assert_eq!(world.overlaps, Vec::<String>::new());
    if !flow.has_card {
        assert_eq!((world.cards.len(), world.writes.len()), (0, 0));
        return;
    }
    assert_eq!(world.cards.len(), 1, "one card credential");
    let card = &world.cards[0];
    assert_eq!(Some(&card.id), job.credential.as_ref(), "and the job knows which");
    assert!(card.is_issued);
    assert_eq!(world.writes.last(), Some(&card.id), "the card in the guest's hand is the one that Seam knows");
    assert!(world.writes.len() <= 1 + person.writes_again, "written twice without a person: {:?}", world.writes);
}

#[test]
fn whatever_fails_and_whenever_there_is_one_user_and_one_card() {
    let mut tally = Tally::default();
    for flow in &FLOWS {
        for call in flow.calls {
            for (what, fault) in faults() {
                for death in DEATHS {
                    let label = format!("{}, {call}: {what}, dies: {death:?}", flow.name);
                    let mut runtime = tokio::runtime::Builder::new_current_thread();
                    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
                    let run = std::panic::AssertUnwindSafe(|| {
                        runtime.block_on(case(flow, call, fault.clone(), death, &mut tally));
                    });
                    assert!(std::panic::catch_unwind(run).is_ok(), "in the case: {label}");
                }
            }
        }
    }
    assert_eq!(tally.cases, 18 * faults().len() * DEATHS.len());
    println!("{} cases, {} deaths, asked: {:?}", tally.cases, tally.deaths, tally.asked);
}
