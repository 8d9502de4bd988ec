//! The job machine under any weather: whatever answers, faults and decisions come, it does nothing twice.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::{SignedDuration, Timestamp};
use keydesk::desk::job::command::Decision;
use keydesk::desk::job::event::{Answer, AttemptEnd, Entry, Event, FORMAT, Intent};
use keydesk::desk::job::fold::{begin, fold, replay};
use keydesk::desk::job::look::{Card, Look, Namesake, Ready, Seen, UserFailed};
use keydesk::desk::job::next::{Next, next};
use keydesk::desk::job::order::{CardWork, Guest, Named, NewGuest, Order, Step};
use keydesk::desk::job::{Job, JobId, Offer, Phase, StepState, allows, offers};
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::types::{AttemptError, AttemptId, CredentialId, EventId, UserId};
use proptest::prelude::*;
use uuid::Uuid;

const LAST_READING: SignedDuration = SignedDuration::from_secs(8);

/// What the server does with a request, and what the desk learns of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// Done and answered.
    Done,
    /// Done, and the answer was lost.
    DoneSilently,
    /// Not done, and the answer was lost.
    Dropped,
    /// The answer was lost; it is done later, when so many more requests came.
    Late(u8),
    /// A definite no.
    Refused,
    /// Never sent.
    Unreachable,
}

/// One thing that happens beside the calls.
#[derive(Clone, Debug)]
struct Turn {
    fate: Fate,
    /// Which of the offers a person takes when asked.
    choice: u8,
    /// Whether someone else changes the world before this turn.
    meddling: Meddling,
    /// Whether the process ends and another takes the job up.
    dies: bool,
    encode_error: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Meddling {
    None,
    CardDeleted,
    CardAppears,
    NamesakeAppears,
}

/// A server that keeps what a Salto Space system keeps.
#[derive(Default)]
struct World {
    users: Vec<(UserId, bool)>,
    cards: Vec<Card>,
    groups: Vec<keydesk::seam::types::GroupId>,
    events: Vec<(CredentialId, EventId)>,
    late: Vec<(u8, Intent)>,
    made: u32,
    // What our requests did.
    users_by_us: u32,
    cards_by_us: Vec<CredentialId>,
}

impl World {
    fn id(&mut self) -> String {
        self.made += 1;
        format!("made-{}", self.made)
    }

    fn act(&mut self, intent: &Intent) -> Option<Answer> {
        Some(match intent {
            Intent::CreateUser => {
                let id = UserId::from(self.id().as_str());
                self.users.push((id.clone(), true));
                self.users_by_us += 1;
                Answer::User(id)
            }
            Intent::AddToGroup { group, .. } => {
                self.groups.push(group.clone());
                Answer::Done
            }
            Intent::RemoveFromGroup { group, .. } => {
                self.groups.retain(|one| one != group);
                Answer::Done
            }
            Intent::DeleteCredential { credential } => {
                self.cards.retain(|card| card.id != *credential);
                Answer::Done
            }
            Intent::CreateCredential { assign_new_key: true, .. } => {
                if !self.cards.is_empty() {
                    return None;
                }
                let id = CredentialId::from(self.id().as_str());
                self.cards.push(Card { id: id.clone(), is_issued: false, is_going: false });
                self.cards_by_us.push(id.clone());
                Answer::Credential(id)
            }
            Intent::CreateCredential { assign_new_key: false, .. } => {
                Answer::Credential(self.cards.first()?.id.clone())
            }
            Intent::Encode { credential, .. } => {
                if !self.cards.iter().any(|card| card.id == *credential) {
                    return None;
                }
                let event = EventId::from(self.id().as_str());
                self.events.push((credential.clone(), event));
                Answer::Attempt(AttemptId::from(self.id().as_str()))
            }
            Intent::DeleteUser { user } => {
                self.users.retain(|(id, _)| id != user);
                Answer::Done
            }
        })
    }

    fn look(&self, look: &Look) -> Seen {
        match look {
            Look::Namesakes(_) => Seen::Namesakes(
                self.users
                    .iter()
                    .map(|(id, same_contact)| Namesake {
                        id: id.clone(),
                        name: "Jane Doe".into(),
                        contact: None,
                        same_name: true,
                        same_contact: *same_contact,
                    })
                    .collect(),
            ),
            Look::Groups(_) => Seen::Groups(self.groups.clone()),
            Look::Cards(_) => Seen::Cards(self.cards.clone()),
            Look::Credential(id) => Seen::Credential(self.cards.iter().find(|card| card.id == *id).cloned()),
            Look::User(id) => {
                if self.users.iter().any(|(user, _)| user == id) {
                    Seen::User
                } else {
                    Seen::UserGone
                }
            }
            Look::Ready { credential, .. } => Seen::Ready(Ready {
                user_failed: None,
                cards: self.cards.clone(),
                written: self
                    .events
                    .iter()
                    .filter(|(id, _)| id == credential)
                    .map(|(_, event)| event.clone())
                    .collect(),
            }),
        }
    }

    fn meddle(&mut self, what: Meddling) {
        match what {
            Meddling::CardDeleted => self.cards.clear(),
            Meddling::CardAppears if self.cards.is_empty() => {
                let id = CredentialId::from(self.id().as_str());
                self.cards.push(Card { id, is_issued: true, is_going: false });
            }
            Meddling::None | Meddling::CardAppears => {}
            Meddling::NamesakeAppears => {
                let id = UserId::from(self.id().as_str());
                self.users.push((id, false));
            }
        }
    }

    fn tick(&mut self) {
        let (due, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.late).into_iter().partition(|(n, _)| *n == 0);
        self.late = rest.into_iter().map(|(n, intent)| (n - 1, intent)).collect();
        for (_, intent) in due {
            self.act(&intent);
        }
    }
}

fn error(kind: ErrorKind) -> SeamError {
    SeamError { code: "a_code".into(), status: Some(500), ..SeamError::new(kind, "what the server said") }
}

fn named<Id: for<'a> From<&'a str>>(id: &str) -> Named<Id> {
    Named { id: id.into(), name: id.to_uppercase() }
}

fn order(card: CardWork, is_new: bool) -> Order {
    let guest = if is_new {
        Guest::New(NewGuest {
            full_name: "Jane Doe".into(),
            phone_number: Some("+15555550100".into()),
            email_address: None,
            ends_at: None,
            known_namesakes: vec![UserId::from("known")],
        })
    } else {
        Guest::Existing(named("user"))
    };
    let encoder = (card != CardWork::None).then(|| named("front"));
    Order {
        guest,
        add: vec![named("g1"), named("g2")],
        remove: if is_new { vec![] } else { vec![named("g3")] },
        card,
        encoder,
        room: Some("204".into()),
        until: None,
    }
}

/// Drives one job and checks at every call that it may be sent.
struct Drive {
    job: Job,
    history: Vec<Entry>,
    at: Timestamp,
    world: World,
    calls: Vec<Intent>,
}

impl Drive {
    fn start(order: Order) -> Self {
        let at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let id = JobId(Uuid::nil());
        let entry = Entry { v: FORMAT, seq: 1, at, event: Event::Started { order: Box::new(order), by: "Kim".into() } };
        let job = begin(id, &entry).unwrap();
        Self { job, history: vec![entry], at, world: World::default(), calls: Vec::new() }
    }

    fn append(&mut self, event: Event) {
        self.at += SignedDuration::from_millis(20);
        let entry = Entry { v: FORMAT, seq: self.job.seq + 1, at: self.at, event };
        self.job = fold(self.job.clone(), &entry);
        self.history.push(entry);
    }

    /// Whether everything that such a call could have done is known not to have happened, or a person decided.
    fn may_send(&self, intent: &Intent) -> Result<(), String> {
        let mut open: Option<Timestamp> = None;
        for entry in &self.history {
            match &entry.event {
                Event::Intended { intent: sent } if same_work(sent, intent) => {
                    if open.is_some() {
                        return Err(format!("sent twice: {sent:?}"));
                    }
                    open = Some(entry.at);
                }
                Event::Refused { .. } | Event::Delayed { .. } | Event::Answered { .. } | Event::Attempt { .. } => {
                    open = match (&entry.event, open) {
                        // A read that met trouble after a loss says nothing about the call.
                        (Event::Refused { .. } | Event::Delayed { .. }, Some(_)) if self.reads_at(entry.seq) => open,
                        // An attempt is open until it ends.
                        (Event::Answered { answer: Answer::Attempt(_) }, open) => open,
                        _ => None,
                    };
                }
                Event::Decided { decision, .. }
                    if !matches!(decision, Decision::Later) && !self.reads_at(entry.seq) =>
                {
                    open = None;
                }
                // Reading never tells that a card was not written.
                Event::Read { .. }
                    if !matches!(intent, Intent::Encode { .. })
                        && open.is_some_and(|sent| entry.at >= sent.checked_add(LAST_READING).unwrap()) =>
                {
                    open = None;
                }
                _ => {}
            }
        }
        if open.is_some() { Err(format!("the outcome of {intent:?} is open")) } else { Ok(()) }
    }

    /// Whether the job was reading back when it met this entry.
    fn reads_at(&self, seq: u64) -> bool {
        let before: Vec<_> = self.history.iter().take_while(|entry| entry.seq < seq).cloned().collect();
        let job = replay(self.job.id, &before).unwrap();
        matches!(job.progress.stage, keydesk::desk::job::Stage::ReadBack { .. })
    }

    fn step(&mut self, turn: &Turn) -> Result<(), TestCaseError> {
        self.world.tick();
        self.world.meddle(turn.meddling);
        if turn.dies {
            self.append(Event::Resumed { by: "desk-2".into() });
        }
        match next(&self.job, self.at) {
            Next::Done(_) => {}
            Next::Wait(until) => {
                prop_assert!(until > self.at, "it waits for the past");
                self.at = until;
            }
            Next::Look(look) | Next::ReadBack(look) if turn.fate == Fate::Unreachable => {
                drop(look);
                let until = self.at + SignedDuration::from_secs(2);
                self.append(Event::Delayed { until, error: error(ErrorKind::Unreachable) });
            }
            Next::Look(look) => {
                let seen = self.world.look(&look);
                let before = self.job.clone();
                self.append(Event::Looked { seen });
                prop_assert!(progressed(&before, &self.job), "a look changed nothing: {:?}", before.progress);
            }
            Next::ReadBack(look) => {
                let seen = self.world.look(&look);
                let before = self.job.clone();
                self.append(Event::Read { seen });
                prop_assert!(progressed(&before, &self.job), "a reading changed nothing: {:?}", before.progress);
            }
            Next::TakeEncoder(_) => self.append(Event::Granted),
            Next::Watch(_) => {
                let end = match turn.encode_error {
                    Some(code) => AttemptEnd::Error(AttemptError { code: code.into(), message: None }),
                    None => AttemptEnd::Success { credential: None, card_number: Some("1234abc".into()) },
                };
                if let AttemptEnd::Success { .. } = end
                    && let Some(ours) = self.job.credential.clone()
                    && let Some(card) = self.world.cards.iter_mut().find(|card| card.id == ours)
                {
                    card.is_issued = true;
                }
                self.append(Event::Attempt { end });
            }
            Next::Ask(question) => {
                prop_assert_eq!(self.job.asks(), Some(&question), "it asks what the screen does not see");
                let offers = offers(&self.job);
                prop_assert!(!offers.is_empty(), "a question without an answer: {question:?}");
                // Giving up and putting off are taken last, so that cases go far.
                let useful: Vec<_> =
                    offers.iter().filter(|offer| !matches!(offer, Offer::Withdraw | Offer::Later)).collect();
                let pick = usize::from(turn.choice);
                let offer = match useful.len() {
                    0 => &offers[pick % offers.len()],
                    _ if turn.choice == u8::MAX => offers.last().unwrap(),
                    n => useful[pick % n],
                };
                let decision = decision(offer);
                prop_assert!(allows(&self.job, &decision));
                self.append(Event::Decided { decision, by: "Kim".into() });
                prop_assert!(self.job.asks() != Some(&question) || *offer == Offer::Later, "{offer:?} changed nothing");
            }
            Next::Call(intent) => {
                if let Err(why) = self.may_send(&intent) {
                    return Err(TestCaseError::fail(format!("{why}\n{:#?}", self.history)));
                }
                if matches!(intent, Intent::Encode { .. }) {
                    prop_assert!(self.job.holds_encoder().is_some(), "it writes without an encoder");
                }
                self.calls.push(intent.clone());
                self.append(Event::Intended { intent: intent.clone() });
                prop_assert!(offers(&self.job).is_empty(), "a decision while a call is out");
                let event = match turn.fate {
                    Fate::Done => match self.world.act(&intent) {
                        Some(answer) => Event::Answered { answer },
                        None => Event::Refused { error: error(ErrorKind::Refused) },
                    },
                    Fate::DoneSilently => {
                        self.world.act(&intent);
                        Event::Lost { error: error(ErrorKind::TimedOut) }
                    }
                    Fate::Dropped => Event::Lost { error: error(ErrorKind::Broken) },
                    Fate::Late(n) => {
                        self.world.late.push((n, intent));
                        Event::Lost { error: error(ErrorKind::TimedOut) }
                    }
                    Fate::Refused => Event::Refused { error: error(ErrorKind::Refused) },
                    Fate::Unreachable => Event::Delayed {
                        until: self.at + SignedDuration::from_secs(1),
                        error: error(ErrorKind::Unreachable),
                    },
                };
                self.append(event);
            }
        }
        Ok(())
    }
}

/// Whether two calls must not both act. An encode counts as the same on any encoder.
fn same_work(one: &Intent, other: &Intent) -> bool {
    one == other
        || matches!((one, other), (Intent::Encode { .. }, Intent::Encode { .. }))
        || matches!((one, other), (Intent::CreateCredential { .. }, Intent::CreateCredential { .. }))
}

fn progressed(before: &Job, after: &Job) -> bool {
    before.progress != after.progress || before.phase != after.phase || before.steps != after.steps
}

fn decision(offer: &Offer) -> Decision {
    match offer {
        Offer::TryAgain | Offer::WriteAgain => Decision::TryAgain,
        Offer::OtherEncoder => Decision::TryOn(named("bar")),
        Offer::ReplaceCard => Decision::ReplaceCard,
        Offer::NewCredential => Decision::NewCredential,
        Offer::CallItWritten => Decision::CallItWritten,
        Offer::UseCandidate(candidate) => Decision::UseUser(candidate.id.clone()),
        Offer::CreateAnyway => Decision::CreateAnyway,
        Offer::UseFound => Decision::UseFound,
        Offer::DeleteTwin(twin) => Decision::DeleteTwin(twin.id.clone()),
        Offer::KeepBoth => Decision::KeepBoth,
        Offer::Later => Decision::Later,
        Offer::Withdraw => Decision::Withdraw,
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Done),
        2 => Just(Fate::DoneSilently),
        2 => Just(Fate::Dropped),
        1 => (0u8..12).prop_map(Fate::Late),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Unreachable),
    ]
}

fn meddling() -> impl Strategy<Value = Meddling> {
    prop_oneof![
        30 => Just(Meddling::None),
        1 => Just(Meddling::CardDeleted),
        1 => Just(Meddling::CardAppears),
        1 => Just(Meddling::NamesakeAppears),
    ]
}

fn turn() -> impl Strategy<Value = Turn> {
    let encode_error = prop_oneof![
        2 => Just(None),
        1 => prop::sample::select(vec![
            "no_credential_on_encoder", "credential_cannot_be_reissued", "credential_deleted",
            "encoder_not_online", "something_new",
        ]).prop_map(Some),
    ];
    (fate(), any::<u8>(), meddling(), prop::bool::weighted(0.05), encode_error)
        .prop_map(|(fate, choice, meddling, dies, encode_error)| Turn { fate, choice, meddling, dies, encode_error })
}

fn any_order() -> impl Strategy<Value = (Order, Vec<Card>)> {
    let card = |is_issued| Card { id: "old".into(), is_issued, is_going: false };
    prop_oneof![
        3 => Just((order(CardWork::New, true), vec![])),
        1 => Just((order(CardWork::New, false), vec![])),
        1 => Just((order(CardWork::None, true), vec![])),
        1 => Just((order(CardWork::EncodeAgain("old".into()), false), vec![card(false)])),
        1 => Just((order(CardWork::Update("old".into()), false), vec![card(true)])),
        2 => Just((order(CardWork::Replace("old".into()), false), vec![card(true)])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_done_twice_and_nothing_stands_still((order, cards) in any_order(), turns in prop::collection::vec(turn(), 1..120)) {
        let mut drive = Drive::start(order);
        drive.world.cards = cards;
        drive.world.users.push(("known".into(), false));
        for turn in &turns {
            drive.step(turn)?;
        }
        // At most one card credential, whatever the weather: the server holds one at most, and we never left two.
        prop_assert!(drive.world.cards.len() <= 1);
        // Then the weather clears and nobody meddles: the job comes to its end.
        let clear = Turn { fate: Fate::Done, choice: 0, meddling: Meddling::None, dies: false, encode_error: None };
        for _ in 0..200 {
            drive.step(&clear)?;
        }
        prop_assert!(drive.job.is_ended(), "it never ends: {:?} {:?}", drive.job.phase, drive.job.steps);
        // A history that went through the journal gives the same job.
        let kept: Vec<Entry> = serde_json::from_str(&serde_json::to_string(&drive.history).unwrap()).unwrap();
        prop_assert_eq!(&kept, &drive.history);
        prop_assert_eq!(replay(drive.job.id, &kept).unwrap(), drive.job);
    }

    #[test]
    fn without_late_requests_or_decisions_one_user_is_created_at_most(
        fates in prop::collection::vec(fate().prop_filter("late", |fate| !matches!(fate, Fate::Late(_))), 1..80),
    ) {
        let mut drive = Drive::start(order(CardWork::New, true));
        for fate in fates {
            if drive.job.asks().is_some() {
                break;
            }
            drive.step(&Turn { fate, choice: 0, meddling: Meddling::None, dies: false, encode_error: None })?;
        }
        prop_assert!(drive.world.users_by_us <= 1);
        prop_assert!(drive.world.cards_by_us.len() <= 1);
    }

    #[test]
    fn any_order_of_events_folds(events in prop::collection::vec(event(), 0..60), (order, _) in any_order()) {
        let mut drive = Drive::start(order);
        for event in events {
            drive.append(event);
            let _ = offers(&drive.job);
            if let Next::Ask(question) = next(&drive.job, drive.at) {
                prop_assert_eq!(drive.job.asks(), Some(&question));
            }
            let is_done = drive.job.steps.iter().all(|record| matches!(record.state, StepState::Done(_)));
            prop_assert!(!matches!(drive.job.phase, Phase::Working) || !is_done || drive.job.progress.twin_watch.is_some());
        }
    }
}

fn card() -> impl Strategy<Value = Card> {
    (prop::sample::select(vec!["old", "new", "other"]), any::<bool>(), any::<bool>())
        .prop_map(|(id, is_issued, is_going)| Card { id: id.into(), is_issued, is_going })
}

fn seen() -> impl Strategy<Value = Seen> {
    let cards = || prop::collection::vec(card(), 0..3);
    let groups = prop::sample::subsequence(vec!["g1", "g2", "g3"], 0..=3);
    prop_oneof![
        prop::collection::vec((0u8..3, any::<bool>(), any::<bool>()), 0..3).prop_map(|found| Seen::Namesakes(
            found
                .into_iter()
                .map(|(id, same_name, same_contact)| Namesake {
                    id: id.to_string().as_str().into(),
                    name: "Jane Doe".into(),
                    contact: None,
                    same_name,
                    same_contact,
                })
                .collect()
        )),
        groups.prop_map(|ids| Seen::Groups(ids.into_iter().map(Into::into).collect())),
        cards().prop_map(Seen::Cards),
        prop::option::of(card()).prop_map(Seen::Credential),
        Just(Seen::User),
        Just(Seen::UserGone),
        (cards(), any::<bool>(), any::<bool>()).prop_map(|(cards, failed, written)| Seen::Ready(Ready {
            user_failed: failed.then_some(UserFailed { message: None }),
            cards,
            written: if written { vec!["event".into()] } else { vec![] },
        })),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let intent = prop_oneof![
        Just(Intent::CreateUser),
        Just(Intent::AddToGroup { user: "user".into(), group: "g1".into() }),
        Just(Intent::CreateCredential { user: "user".into(), assign_new_key: true }),
        Just(Intent::Encode { credential: "new".into(), encoder: "front".into() }),
    ];
    let answer = prop_oneof![
        Just(Answer::Done),
        Just(Answer::User("1".into())),
        Just(Answer::Credential("new".into())),
        Just(Answer::Attempt("attempt".into())),
        Just(Answer::Written),
    ];
    let kind = prop::sample::select(vec![
        ErrorKind::Unreachable,
        ErrorKind::TimedOut,
        ErrorKind::NotFound,
        ErrorKind::Refused,
        ErrorKind::Unauthorized,
    ]);
    let decision = prop::sample::select(vec![
        Decision::TryAgain,
        Decision::TryOn(named("bar")),
        Decision::ReplaceCard,
        Decision::NewCredential,
        Decision::CallItWritten,
        Decision::UseUser("1".into()),
        Decision::CreateAnyway,
        Decision::UseFound,
        Decision::DeleteTwin("1".into()),
        Decision::KeepBoth,
        Decision::Later,
    ]);
    prop_oneof![
        6 => seen().prop_map(|seen| Event::Looked { seen }),
        4 => seen().prop_map(|seen| Event::Read { seen }),
        4 => intent.prop_map(|intent| Event::Intended { intent }),
        4 => answer.prop_map(|answer| Event::Answered { answer }),
        2 => kind.clone().prop_map(|kind| Event::Refused { error: error(kind) }),
        2 => kind.clone().prop_map(|kind| Event::Lost { error: error(kind) }),
        1 => kind.prop_map(|kind| Event::Delayed { until: Timestamp::MAX, error: error(kind) }),
        1 => Just(Event::Attempt { end: AttemptEnd::Error(AttemptError::default()) }),
        1 => Just(Event::Attempt { end: AttemptEnd::Success { credential: None, card_number: None } }),
        1 => Just(Event::Queued),
        2 => Just(Event::Granted),
        4 => decision.prop_map(|decision| Event::Decided { decision, by: "Kim".into() }),
        1 => Just(Event::Resumed { by: "desk".into() }),
        1 => Just(Event::Started { order: Box::new(order(CardWork::New, true)), by: "Kim".into() }),
    ]
}

#[test]
fn a_step_that_is_done_already_is_not_called() {
    let mut drive = Drive::start(order(CardWork::None, false));
    drive.world.groups = vec!["g1".into(), "g2".into()];
    let clear = Turn { fate: Fate::Done, choice: 0, meddling: Meddling::None, dies: false, encode_error: None };
    for _ in 0..20 {
        drive.step(&clear).unwrap();
    }
    assert!(drive.job.is_done());
    assert_eq!(drive.calls, []);
    assert!(drive.job.steps.iter().any(|record| matches!(record.step, Step::RemoveFromGroup(_))));
}
