//! Drives one job through random turns, and checks each call before it is sent.

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::command::Decision;
use keydesk::domain::job::event::{AttemptEnd, CallOutcome, Entry, Event, FORMAT, Intent};
use keydesk::domain::job::fold::{begin, fold, replay};
use keydesk::domain::job::next::{Next, next};
use keydesk::domain::job::order::{CardWork, Guest, Named, NewGuest, Order};
use keydesk::domain::job::{Job, JobId, Offer, Stage, Why, allows, offers};
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::types::{AttemptError, UserId};
use proptest::prelude::*;
use uuid::Uuid;

use super::world::{Fate, Meddling, World};

pub const LAST_READING: SignedDuration = SignedDuration::from_secs(8);

/// One thing that happens beside the calls.
#[derive(Clone, Debug)]
pub struct Turn {
    pub fate: Fate,
    /// Which of the offers a person takes when asked.
    pub choice: u8,
    /// Whether someone else changes the world before this turn.
    pub meddling: Meddling,
    /// Whether the process ends and another takes the job up.
    pub dies: bool,
    pub encode_error: Option<&'static str>,
}

pub fn error(kind: ErrorKind) -> SeamError {
    SeamError { code: "a_code".into(), status: Some(500), ..SeamError::new(kind, "what the server said") }
}

pub fn named<Id: for<'a> From<&'a str>>(id: &str) -> Named<Id> {
    Named { id: id.into(), name: id.to_uppercase() }
}

pub fn order(card: CardWork, is_new: bool) -> Order {
    let guest = if is_new {
        Guest::New(NewGuest {
            full_name: "Jane Doe".into(),
            phone_number: Some("+15555550100".into()),
            email_address: None,
            known_namesakes: vec![UserId::from("known")],
        })
    } else {
        Guest::Existing(named("user"))
    };
    let encoder = (card != CardWork::None).then(|| named("front"));
    Order {
        add: vec![named("g1"), named("g2")],
        remove: if is_new { vec![] } else { vec![named("g3")] },
        card,
        encoder,
        room: Some("204".into()),
        ..Order::of(guest)
    }
}

/// Drives one job and checks at every call that it may be sent.
pub struct Drive {
    pub job: Job,
    pub history: Vec<Entry>,
    pub at: Timestamp,
    pub world: World,
    pub calls: Vec<Intent>,
}

impl Drive {
    pub fn start(order: Order) -> Self {
        let at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let id = JobId(Uuid::nil());
        let entry = Entry { v: FORMAT, seq: 1, at, event: Event::Started { order: Box::new(order), by: "Kim".into() } };
        let job = begin(id, &entry).unwrap();
        Self { job, history: vec![entry], at, world: World::default(), calls: Vec::new() }
    }

    pub fn append(&mut self, event: Event) {
        self.at += SignedDuration::from_millis(20);
        let entry = Entry { v: FORMAT, seq: self.job.seq + 1, at: self.at, event };
        self.job = fold(self.job.clone(), &entry);
        self.history.push(entry);
    }

    /// Whether everything that such a call could have done is known not to have happened, or a person decided.
    pub fn may_send(&self, intent: &Intent) -> Result<(), String> {
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
                        (Event::Answered { answer: CallOutcome::Attempt(_) }, open) => open,
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
    pub fn reads_at(&self, seq: u64) -> bool {
        let before: Vec<_> = self.history.iter().take_while(|entry| entry.seq < seq).cloned().collect();
        let job = replay(self.job.id, &before).unwrap();
        matches!(job.progress.stage, Stage::ReadBack { .. })
    }

    pub fn step(&mut self, turn: &Turn) -> Result<(), TestCaseError> {
        self.world.tick();
        self.world.meddle(turn.meddling);
        if turn.dies {
            self.append(Event::Resumed {
                by: "desk-2".into(),
                why: Why::Restart,
                is_old: turn.choice.is_multiple_of(2),
            });
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
                let useful: Vec<_> = offers
                    .iter()
                    .filter(|offer| !matches!(offer, Offer::Withdraw | Offer::NewGuest | Offer::Later))
                    .collect();
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
pub fn same_work(one: &Intent, other: &Intent) -> bool {
    one == other
        || matches!((one, other), (Intent::Encode { .. }, Intent::Encode { .. }))
        || matches!((one, other), (Intent::CreateCredential { .. }, Intent::CreateCredential { .. }))
}

pub fn progressed(before: &Job, after: &Job) -> bool {
    before.progress != after.progress || before.phase != after.phase || before.steps != after.steps
}

pub fn decision(offer: &Offer) -> Decision {
    match offer {
        Offer::GoOn => Decision::GoOn,
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
        // Saving the form gives the job up.
        Offer::NewGuest | Offer::MendData | Offer::Withdraw => Decision::Withdraw,
    }
}
