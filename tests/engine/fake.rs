//! A small access system that lives in memory and does what it is told: fail, forget, answer late.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::engine::api::{Answered, Api};
use keydesk::engine::clock::Clock;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::request::{NewUser, ScheduleUpdate, UserUpdate};
use keydesk::seam::types::{
    ActionAttempt, AttemptId, Credential, CredentialId, EncoderId, Event, Group, GroupId, SystemId, User, UserId,
};
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
            self.befall(deed, act.as_ref(), made);
        }
    }

    fn befall(&mut self, deed: Deed, act: Option<&Act>, made: Option<String>) {
        let owner = |card: &CredentialId| self.cards.iter().find(|one| one.id == *card).map(|one| one.user.clone());
        let user = match act {
            Some(Act::CreateUser(_)) => made.as_deref().map(UserId::from),
            Some(Act::AddToGroup(user, _) | Act::RemoveFromGroup(user, _)) => Some(user.clone()),
            Some(Act::CreateCredential(user, _) | Act::DeleteUser(user)) => Some(user.clone()),
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

impl World {
    fn id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{}", self.made)
    }

    /// From now on nothing new goes wrong.
    pub fn clear_up(&mut self) {
        self.is_down = None;
        self.down = None;
        self.bridge_down_until = None;
        self.faults.clear();
        self.encodes.clear();
    }

    /// Does what is due.
    pub fn tick(&mut self) {
        let now = Instant::now();
        let late = std::mem::take(&mut self.late);
        let (mut due, rest): (Vec<_>, Vec<_>) = late.into_iter().partition(|(at, ..)| *at <= now);
        self.late = rest;
        due.sort_by_key(|(at, ..)| *at);
        for (_, act, heard) in due {
            let made = self.act(act);
            *heard.lock().unwrap() = Some(made);
        }
        self.cards.retain(|card| card.going_until.is_none_or(|until| until > now));
        for attempt in self.attempts.values_mut().filter(|attempt| !attempt.is_written) {
            let Encode::Written(after) = attempt.encode else { continue };
            if now < attempt.begun + after {
                continue;
            }
            if self.cards.iter().all(|card| card.id != attempt.credential) {
                attempt.encode = Encode::Fails(after, "credential_deleted");
                continue;
            }
            attempt.is_written = true;
            self.writes.push(attempt.credential.clone());
            let cards = self.cards.iter_mut().filter(|card| card.id == attempt.credential);
            let is_first = cards.fold(false, |first, card| first | !std::mem::replace(&mut card.is_issued, true));
            let event = if is_first { "acs_credential.issued" } else { "acs_credential.reissued" };
            self.events.push((attempt.credential.clone(), event.into()));
        }
    }

    fn card_of(&self, user: &UserId) -> Option<Card> {
        self.cards.iter().find(|card| card.user == *user).cloned()
    }

    fn is_card(&self, card: &CredentialId) -> Answered<()> {
        let is_there = self.cards.iter().any(|one| one.id == *card);
        if is_there { Ok(()) } else { Err(gone("acs_credential_not_found")) }
    }

    fn is_user(&self, user: &UserId) -> Answered<()> {
        let is_there = self.users.iter().any(|(id, _)| id == user);
        if is_there { Ok(()) } else { Err(gone("acs_user_not_found")) }
    }

    fn carry_out(&mut self, act: Option<Act>) -> Answered<Option<String>> {
        act.map_or(Ok(None), |act| self.act(act))
    }

    fn act(&mut self, act: Act) -> Answered<Option<String>> {
        match &act {
            Act::AddToGroup(user, _) | Act::RemoveFromGroup(user, _) | Act::CreateCredential(user, _) => {
                self.is_user(user)?;
            }
            Act::UpdateUser(update) => self.is_user(&update.user)?,
            _ => {}
        }
        Ok(match act {
            Act::CreateUser(new) => {
                let id = self.id("user");
                let row = json!({"acs_user_id": id, "full_name": new.full_name, "phone_number": new.phone_number,
                    "access_schedule": new.access_schedule});
                self.users.push((id.as_str().into(), row));
                let groups = if self.ignores_groups { Vec::new() } else { new.group_ids };
                self.groups.insert(id.as_str().into(), groups);
                Some(id)
            }
            Act::AddToGroup(user, group) => {
                let groups = self.groups.entry(user).or_default();
                if !groups.contains(&group) {
                    groups.push(group);
                }
                None
            }
            Act::RemoveFromGroup(user, group) => {
                self.groups.entry(user).or_default().retain(|one| *one != group);
                None
            }
            Act::CreateCredential(user, true) => {
                if self.card_of(&user).is_some() {
                    return Err(SeamError { code: "card_exists".into(), ..error(ErrorKind::Refused) });
                }
                let id = self.id("credential");
                self.cards.push(Card { id: id.as_str().into(), user, is_issued: false, going_until: None });
                Some(id)
            }
            Act::CreateCredential(user, false) => match self.card_of(&user) {
                Some(card) => Some(card.id.as_str().to_owned()),
                None => return Err(SeamError { code: "no_card".into(), ..error(ErrorKind::Refused) }),
            },
            Act::DeleteCredential(id) => {
                self.is_card(&id)?;
                match self.lingers {
                    Some(time) => {
                        for card in self.cards.iter_mut().filter(|card| card.id == id) {
                            card.going_until = Some(Instant::now() + time);
                        }
                    }
                    None => self.cards.retain(|card| card.id != id),
                }
                None
            }
            Act::Encode(credential, encoder) => {
                self.is_card(&credential)?;
                let id = self.id("attempt");
                let mut encode = self.encodes.pop_front().unwrap_or(Encode::Written(Duration::from_secs(2)));
                if self.bridge_down_until.is_some_and(|until| until > Instant::now()) {
                    encode = Encode::Fails(Duration::from_secs(1), "bridge_disconnected");
                } else if self.gone_encoders.contains(&encoder) {
                    encode = Encode::Fails(Duration::from_secs(1), "encoder_not_online");
                }
                let busy = |one: &&Attempt| one.encoder == encoder && one.credential != credential && !one.is_over();
                if let Some(other) = self.attempts.values().find(busy) {
                    self.overlaps.push(format!("{credential} on {encoder} while {} is there", other.credential));
                }
                let attempt = Attempt { begun: Instant::now(), encode, credential, encoder, is_written: false };
                self.attempts.insert(id.as_str().into(), attempt);
                Some(id)
            }
            Act::UpdateUser(update) => {
                for (_, row) in self.users.iter_mut().filter(|(id, _)| *id == update.user) {
                    for (field, value) in
                        [("phone_number", &update.phone_number), ("email_address", &update.email_address)]
                    {
                        if let Some(value) = value {
                            row[field] = json!(value);
                        }
                    }
                    match update.access_schedule {
                        ScheduleUpdate::Keep => {}
                        ScheduleUpdate::Set { starts_at, ends_at } => {
                            row["access_schedule"] = json!({"starts_at": starts_at, "ends_at": ends_at});
                        }
                        ScheduleUpdate::Clear => row["access_schedule"] = Value::Null,
                    }
                }
                None
            }
            Act::DeleteUser(user) => {
                self.users.retain(|(id, _)| *id != user);
                None
            }
        })
    }

    fn credential(card: &Card) -> Value {
        let warnings = match card.going_until {
            Some(_) => json!([{"warning_code": "being_deleted"}]),
            None => json!([]),
        };
        json!({"acs_credential_id": card.id, "acs_user_id": card.user, "access_method": "card",
            "is_issued": card.is_issued, "warnings": warnings,
            "card_number": card.is_issued.then_some("1234abc")})
    }

    fn attempt(&self, id: &AttemptId) -> Option<ActionAttempt> {
        let Attempt { begun, encode, credential, .. } = self.attempts.get(id)?;
        let age = begun.elapsed();
        let pending = json!({"action_attempt_id": id, "status": "pending"});
        Some(read(match encode {
            Encode::Written(after) if age >= *after => {
                let card = self.cards.iter().find(|card| card.id == *credential);
                json!({"action_attempt_id": id, "status": "success", "result": card.map(Self::credential)})
            }
            Encode::Fails(after, code) if age >= *after => {
                json!({"action_attempt_id": id, "status": "error", "error": {"type": code, "message": "so it is"}})
            }
            _ => pending,
        }))
    }
}

impl Api for Fake {
    async fn create_user(&self, user: &NewUser) -> Answered<User> {
        let act = Act::CreateUser(user.clone());
        self.reply("create_user", user.full_name.clone(), Some(act), |world, made| {
            let made = made.unwrap();
            let row = world.users.iter().find(|(id, _)| id.as_str() == made).unwrap();
            Ok(read(row.1.clone()))
        })
        .await
    }

    async fn search_users(&self, _: &SystemId, text: &str) -> Answered<Vec<User>> {
        let text = text.to_owned();
        self.reply("search_users", text.clone(), None, |world, _| {
            let hit = |row: &Value, field: &str| row[field].as_str().is_some_and(|value| value.contains(&text));
            let found = world.users.iter().filter(|(_, row)| hit(row, "full_name") || hit(row, "phone_number"));
            Ok(found.map(|(_, row)| read(row.clone())).collect())
        })
        .await
    }

    async fn user(&self, user: &UserId) -> Answered<User> {
        self.reply("user", user.to_string(), None, |world, _| {
            let row = world.users.iter().find(|(id, _)| id == user);
            row.map(|(_, row)| read(row.clone())).ok_or_else(|| gone("acs_user_not_found"))
        })
        .await
    }

    async fn update_user(&self, update: &UserUpdate) -> Answered<()> {
        let (asked, act) = (update.user.to_string(), Act::UpdateUser(update.clone()));
        self.reply("update_user", asked, Some(act), |_, _| Ok(())).await
    }

    async fn delete_user(&self, user: &UserId) -> Answered<()> {
        self.reply("delete_user", user.to_string(), Some(Act::DeleteUser(user.clone())), |_, _| Ok(())).await
    }

    async fn groups_of(&self, user: &UserId) -> Answered<Vec<Group>> {
        self.reply("groups_of", user.to_string(), None, |world, _| {
            world.is_user(user)?;
            let groups = world.groups.get(user).cloned().unwrap_or_default();
            Ok(groups.into_iter().map(|id| read(json!({"acs_access_group_id": id}))).collect())
        })
        .await
    }

    async fn add_to_group(&self, user: &UserId, group: &GroupId) -> Answered<()> {
        let act = Act::AddToGroup(user.clone(), group.clone());
        self.reply("add_to_group", group.to_string(), Some(act), |_, _| Ok(())).await
    }

    async fn remove_from_group(&self, user: &UserId, group: &GroupId) -> Answered<()> {
        let act = Act::RemoveFromGroup(user.clone(), group.clone());
        self.reply("remove_from_group", group.to_string(), Some(act), |_, _| Ok(())).await
    }

    async fn credentials_of(&self, user: &UserId) -> Answered<Vec<Credential>> {
        self.reply("credentials_of", user.to_string(), None, |world, _| {
            world.is_user(user)?;
            let cards = world.cards.iter().filter(|card| card.user == *user);
            Ok(cards.map(|card| read(World::credential(card))).collect())
        })
        .await
    }

    async fn credential(&self, credential: &CredentialId) -> Answered<Credential> {
        self.reply("credential", credential.to_string(), None, |world, _| {
            let card = world.cards.iter().find(|card| card.id == *credential);
            card.map(|card| read(World::credential(card))).ok_or_else(|| gone("acs_credential_not_found"))
        })
        .await
    }

    async fn create_credential(&self, user: &UserId, assign_new_key: bool) -> Answered<Credential> {
        let act = Act::CreateCredential(user.clone(), assign_new_key);
        self.reply("create_credential", format!("{user} {assign_new_key}"), Some(act), |world, made| {
            let made = made.unwrap();
            let card = world.cards.iter().find(|card| card.id.as_str() == made).unwrap();
            Ok(read(World::credential(card)))
        })
        .await
    }

    async fn delete_credential(&self, credential: &CredentialId) -> Answered<()> {
        let act = Act::DeleteCredential(credential.clone());
        self.reply("delete_credential", credential.to_string(), Some(act), |_, _| Ok(())).await
    }

    async fn encode(&self, credential: &CredentialId, encoder: &EncoderId) -> Answered<ActionAttempt> {
        let act = Act::Encode(credential.clone(), encoder.clone());
        self.reply("encode", format!("{credential} {encoder}"), Some(act), |world, made| {
            Ok(world.attempt(&made.unwrap().as_str().into()).unwrap())
        })
        .await
    }

    fn attempts(&self, attempts: &[AttemptId]) -> impl Future<Output = Answered<Vec<ActionAttempt>>> + Send {
        let ids = attempts.to_vec();
        self.reply("attempts", ids.len().to_string(), None, move |world, _| {
            if world.forgets_attempts {
                return Ok(Vec::new());
            }
            Ok(ids.iter().filter_map(|id| world.attempt(id)).collect())
        })
    }

    async fn written(&self, credential: &CredentialId, _: Timestamp) -> Answered<Vec<Event>> {
        self.reply("written", credential.to_string(), None, |world, _| {
            let events = world.events.iter().enumerate().filter(|(_, (id, _))| id == credential);
            let event = |(n, (id, kind)): (usize, &(CredentialId, String))| {
                read(json!({"event_id": format!("event-{n}"), "event_type": kind, "acs_credential_id": id}))
            };
            Ok(events.map(event).collect())
        })
        .await
    }
}
