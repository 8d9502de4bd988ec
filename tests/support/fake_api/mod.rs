//! A small access system that lives in memory and does what it is told: fail, forget, answer late.

mod api;
mod world;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::engine::api::Answered;
use keydesk::engine::clock::Clock;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::request::{NewUser, UserUpdate};
use keydesk::seam::types::{AttemptId, CredentialId, EncoderId, GroupId, UserId};
use serde_json::{Value, json};
use tokio::time::Instant;

/// What happens to a call instead of being carried out and answered.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A definite no, with this code.
    Refuse(&'static str),
    /// The error alone; the call is not carried out.
    Fail(SeamError),
    /// The call is carried out, then this is all that comes back.
    DoneBut(SeamError),
    /// The answer is lost; the call is carried out after this time.
    Late(Duration),
    /// The call is carried out and answered after this time; by then the client may have given up.
    Slow(Duration),
    /// The call is carried out, and answered after this time; by then the client may have given up.
    SlowAnswer(Duration),
    /// From now on, and for so long, this is all that any call gets.
    Down(SeamError, Duration),
    /// Someone else does this right before the call is carried out.
    Before(Deed),
    /// Someone else does this right after the call was carried out.
    After(Deed),
}

/// What happens at the hotel besides our calls.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    /// The bridge to the key system is down for so long.
    BridgeDown(Duration),
    /// The encoder that is used is taken away.
    EncoderGone,
    /// The card credentials of the user whom the call is about are deleted.
    CredentialDeleted,
    /// The user whom the call is about is deleted, with all that belongs to it.
    UserDeleted,
}

/// How long the client waits for an answer.
pub const PATIENCE: Duration = Duration::from_secs(30);

impl Fault {
    /// The call is carried out, then the answer is lost.
    pub fn silently() -> Self {
        Self::DoneBut(error(ErrorKind::TimedOut))
    }
}

/// How an encode attempt goes on.
#[derive(Clone, Debug)]
pub enum Encode {
    Written(Duration),
    Fails(Duration, &'static str),
    Pending,
}

#[derive(Default)]
pub struct World {
    made: u32,
    pub users: Vec<(UserId, Value)>,
    pub groups: HashMap<UserId, Vec<GroupId>>,
    pub cards: Vec<Card>,
    pub events: Vec<(CredentialId, String)>,
    attempts: BTreeMap<AttemptId, Attempt>,
    /// What was written to cards, in order.
    pub writes: Vec<CredentialId>,
    /// How often an encoder was given an order while it still had one for another credential.
    pub overlaps: Vec<String>,
    /// Who wants to know what is about to be answered to a changing call; the answer is never given then when it says
    /// so.
    pub witness: Option<Witness>,
    late: Vec<(Instant, Act, Heard)>,
    /// What someone else does as soon as the answer is given, with the call and what it made.
    after: Option<(Deed, Option<Act>, Option<String>)>,
    /// Until when what is told here is all that calls get.
    down: Option<(Instant, SeamError)>,
    bridge_down_until: Option<Instant>,
    gone_encoders: HashSet<EncoderId>,
    /// The server does not look at `acs_access_group_ids`.
    pub ignores_groups: bool,
    /// How deleted cards linger.
    pub lingers: Option<Duration>,
    pub encodes: VecDeque<Encode>,
    pub faults: HashMap<&'static str, VecDeque<Fault>>,
    /// From now on no call gets through.
    pub is_down: Option<ErrorKind>,
    pub forgets_attempts: bool,
    pub calls: Vec<(Instant, String)>,
}

/// Is told of each changing call after it had its effect; says whether the answer arrives.
pub type Witness = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What a call that acts later gave, for the one who still waits for it.
type Heard = Arc<Mutex<Option<Answered<Option<String>>>>>;

/// What comes of a call.
enum Fate {
    /// It was carried out, or not.
    Now(Answered<Option<String>>),
    /// That is known then.
    Then(Instant, Heard),
}

struct Attempt {
    begun: Instant,
    encode: Encode,
    credential: CredentialId,
    encoder: EncoderId,
    is_written: bool,
}

#[derive(Clone, Debug)]
pub struct Card {
    pub id: CredentialId,
    pub user: UserId,
    pub is_issued: bool,
    pub going_until: Option<Instant>,
}

#[derive(Clone)]
enum Act {
    CreateUser(NewUser),
    AddToGroup(UserId, GroupId),
    RemoveFromGroup(UserId, GroupId),
    CreateCredential(UserId, bool),
    DeleteCredential(CredentialId),
    Encode(CredentialId, EncoderId),
    UpdateUser(UserUpdate),
    SetSuspension(UserId, bool),
    DeleteUser(UserId),
}

#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<World>>);

/// The time of day by tokio's clock: the same for all desks of a test.
#[derive(Clone, Copy, Debug)]
pub struct TestClock;

thread_local! {
    /// A test has a thread of its own, and on it one paused clock at a time.
    static ZERO: Cell<Option<Instant>> = const { Cell::new(None) };
}

impl TestClock {
    /// Begins anew, where one thread runs several tests.
    pub fn start() {
        ZERO.set(Some(Instant::now()));
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let start = Timestamp::constant(1_795_514_400, 0);
        let zero = ZERO.get().unwrap_or_else(|| {
            Self::start();
            Instant::now()
        });
        start + SignedDuration::try_from(zero.elapsed()).unwrap()
    }
}

pub fn error(kind: ErrorKind) -> SeamError {
    SeamError::new(kind, "what the server said")
}

impl Attempt {
    fn is_over(&self) -> bool {
        match self.encode {
            Encode::Written(after) | Encode::Fails(after, _) => self.begun.elapsed() >= after,
            Encode::Pending => false,
        }
    }
}

impl Fake {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub fn fault(&self, call: &'static str, fault: Fault) {
        self.world().faults.entry(call).or_default().push_back(fault);
    }

    pub fn calls(&self, call: &str) -> usize {
        self.world().calls.iter().filter(|(_, one)| one.split(' ').next() == Some(call)).count()
    }

    /// How many users and how many cards there are.
    pub fn left(&self) -> (usize, usize) {
        let world = self.world();
        (world.users.len(), world.cards.len())
    }

    pub fn card(&self, id: &str, user: &str, is_issued: bool) {
        self.world().cards.push(Card { id: id.into(), user: user.into(), is_issued, going_until: None });
    }

    pub fn user(&self, id: &str, name: &str, phone: Option<&str>) {
        let row = json!({"acs_user_id": id, "full_name": name, "phone_number": phone});
        self.world().users.push((id.into(), row));
    }

    /// What a call is answered: the act, unless a fault comes first. Takes a moment, as every call does.
    async fn reply<T>(
        &self,
        call: &'static str,
        what: String,
        act: Option<Act>,
        answer: impl FnOnce(&mut World, Option<String>) -> Answered<T>,
    ) -> Answered<T> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let until = Instant::now() + PATIENCE;
        let (fate, witness) = {
            let mut world = self.world();
            let witness = act.is_some().then(|| world.witness.clone()).flatten();
            let fate = world.meet(call, &what, act);
            let fate = fate.answered(&mut world, answer);
            world.befall_after();
            (fate, witness)
        };
        if witness.is_some_and(|witness| !witness(call)) {
            std::future::pending::<()>().await;
        }
        match fate {
            Ok(answered) => answered,
            Err((at, _, _)) if at > until => {
                tokio::time::sleep_until(until).await;
                Err(error(ErrorKind::TimedOut))
            }
            Err((at, heard, answer)) => {
                tokio::time::sleep_until(at).await;
                let mut world = self.world();
                world.tick();
                let made = heard.lock().unwrap().take().unwrap();
                answer(&mut world, made?)
            }
        }
    }
}

impl Fate {
    /// The answer, or when it will be known.
    fn answered<T, F>(self, world: &mut World, answer: F) -> Result<Answered<T>, (Instant, Heard, F)>
    where
        F: FnOnce(&mut World, Option<String>) -> Answered<T>,
    {
        match self {
            Self::Now(made) => Ok(made.and_then(|made| answer(world, made))),
            Self::Then(at, heard) => Err((at, heard, answer)),
        }
    }
}

impl World {
    fn meet(&mut self, call: &'static str, what: &str, act: Option<Act>) -> Fate {
        let now = Instant::now();
        self.tick();
        self.calls.push((now, format!("{call} {what}")));
        if let Some(kind) = self.is_down {
            return Fate::Now(Err(error(kind)));
        }
        if let Some((_, error)) = self.down.as_ref().filter(|(until, _)| *until > now) {
            return Fate::Now(Err(error.clone()));
        }
        Fate::Now(match self.faults.get_mut(call).and_then(VecDeque::pop_front) {
            None => self.carry_out(act),
            Some(Fault::Refuse(code)) => {
                let kind = if code.ends_with("_not_found") { ErrorKind::NotFound } else { ErrorKind::Refused };
                Err(SeamError { code: code.into(), ..error(kind) })
            }
            Some(Fault::Fail(error)) => Err(error),
            Some(Fault::DoneBut(error)) => self.carry_out(act).and(Err(error)),
            Some(Fault::Late(after)) => {
                self.late.extend(act.map(|act| (now + after, act, Heard::default())));
                Err(error(ErrorKind::TimedOut))
            }
            Some(Fault::Slow(time)) => {
                let heard = match act {
                    Some(act) => {
                        let heard = Heard::default();
                        self.late.push((now + time, act, heard.clone()));
                        heard
                    }
                    None => Arc::new(Mutex::new(Some(Ok(None)))),
                };
                return Fate::Then(now + time, heard);
            }
            Some(Fault::SlowAnswer(time)) => {
                return Fate::Then(now + time, Arc::new(Mutex::new(Some(self.carry_out(act)))));
            }
            Some(Fault::Down(error, time)) => {
                self.down = Some((now + time, error.clone()));
                Err(error)
            }
            Some(Fault::Before(deed)) => {
                self.befall(deed, act.as_ref(), None);
                self.carry_out(act)
            }
            Some(Fault::After(deed)) => {
                let made = self.carry_out(act.clone());
                self.after = Some((deed, act, made.clone().ok().flatten()));
                made
            }
        })
    }

    fn befall_after(&mut self) {
        if let Some((deed, act, made)) = self.after.take() {
            self.befall(deed, act.as_ref(), made.as_deref());
        }
    }

    fn befall(&mut self, deed: Deed, act: Option<&Act>, made: Option<&str>) {
        let owner = |card: &CredentialId| self.cards.iter().find(|one| one.id == *card).map(|one| one.user.clone());
        let user = match act {
            Some(Act::CreateUser(_)) => made.map(UserId::from),
            Some(
                Act::AddToGroup(user, _)
                | Act::RemoveFromGroup(user, _)
                | Act::CreateCredential(user, _)
                | Act::SetSuspension(user, _)
                | Act::DeleteUser(user),
            ) => Some(user.clone()),
            Some(Act::UpdateUser(update)) => Some(update.user.clone()),
            Some(Act::DeleteCredential(card) | Act::Encode(card, _)) => owner(card),
            None => None,
        };
        match deed {
            Deed::BridgeDown(time) => {
                let now = Instant::now();
                self.bridge_down_until = Some(now + time);
                for attempt in self.attempts.values_mut().filter(|attempt| !attempt.is_over()) {
                    attempt.encode = Encode::Fails(attempt.begun.elapsed(), "bridge_disconnected");
                }
            }
            Deed::EncoderGone => self.gone_encoders.extend(match act {
                Some(Act::Encode(_, encoder)) => Some(encoder.clone()),
                _ => None,
            }),
            Deed::CredentialDeleted => self.cards.retain(|card| Some(&card.user) != user.as_ref()),
            Deed::UserDeleted => {
                self.cards.retain(|card| Some(&card.user) != user.as_ref());
                self.users.retain(|(id, _)| Some(id) != user.as_ref());
                self.groups.retain(|id, _| Some(id) != user.as_ref());
            }
        }
    }
}

fn gone(code: &str) -> SeamError {
    SeamError { code: code.into(), status: Some(404), ..error(ErrorKind::NotFound) }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}
