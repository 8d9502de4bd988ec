//! Virtual encoders: little machines that wait for a card, write or read it, and take one attempt after another.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::answer;
use super::cards::{Content, Make};
use super::events::Subject;
use super::refusal::Refusal;
use super::store::Key;
use super::world::{Credential, Due, Method, User, World};

/// How long an encoder in manual mode waits for a card, unless told otherwise.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

pub struct Encoder {
    pub id: Uuid,
    pub name: String,
    pub created_at: Timestamp,
    pub removed_at: Option<Timestamp>,
    pub online: bool,
    /// Cards are placed and lifted by calls only, not by themselves.
    pub manual: bool,
    /// How long a manual encoder waits for a card.
    pub patience: SignedDuration,
    /// The number of the card that lies on it.
    pub card: Option<String>,
    /// The card that was written here last: the one that lies nearest when one is to be scanned.
    pub last_card: Option<String>,
    pub line: VecDeque<Key<Attempt>>,
    pub work: Option<Work>,
    /// Counts the steps; a scheduled step of an earlier turn no longer counts.
    turn: u64,
    /// What the simulate calls decided about the next encoding and the next scan.
    pub next_encode: Option<(Fate, Option<Uuid>)>,
    pub next_scan: Option<Fate>,
}

/// The attempt in hand.
pub struct Work {
    pub attempt: Key<Attempt>,
    pub step: Step,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
    AwaitCard,
    /// The card is being written or read.
    Busy,
    /// It goes wrong when the time is over.
    Failing(Failure),
}

pub struct Attempt {
    pub id: Uuid,
    pub task: Task,
    pub fate: Option<Fate>,
    pub state: State,
}

#[derive(Clone, Copy)]
pub enum Task {
    Encode(Key<Credential>),
    Scan,
    ScanToAssign(Key<User>),
}

pub enum State {
    Pending,
    Success(Value),
    Error(Failure),
}

/// How a simulated attempt will go, decided beforehand.
#[derive(Clone, Copy)]
pub enum Fate {
    Fail(Failure),
    /// An encoding succeeds whatever the encoder's state is.
    Issue,
    /// The card on the encoder holds this credential, or any that was issued.
    OnSeam {
        credential: Option<Uuid>,
        outdated: bool,
    },
    /// The card holds a credential that Seam does not know.
    Unknown,
    /// The card is blank.
    Empty,
}

/// Why an attempt ended in an error; the codes are those of the API's contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    NoCredential,
    IncompatibleFormat,
    CannotBeReissued,
    Interrupted,
    NotOnline,
    Timeout,
    Bridge,
    CredentialDeleted,
    Expired,
    Uncategorized,
    UserMissing,
    OtherHolder,
}

impl Failure {
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCredential => "no_credential_on_encoder",
            Self::IncompatibleFormat => "incompatible_card_format",
            Self::CannotBeReissued => "credential_cannot_be_reissued",
            Self::Interrupted => "encoding_interrupted",
            Self::NotOnline => "encoder_not_online",
            Self::Timeout => "encoder_communication_timeout",
            Self::Bridge => "bridge_disconnected",
            Self::CredentialDeleted => "credential_deleted",
            Self::Expired => "action_attempt_expired",
            Self::Uncategorized | Self::UserMissing | Self::OtherHolder => "uncategorized_error",
        }
    }

    pub fn message(self) -> &'static str {
        match self {
            Self::NoCredential => "No credential was found on the encoder.",
            Self::IncompatibleFormat => "The format of the card is not compatible with this access system.",
            Self::CannotBeReissued => "The credential was written to another card and can't be written to this one.",
            Self::Interrupted => "The card was removed from the encoder before writing was complete.",
            Self::NotOnline => "The encoder is not online.",
            Self::Timeout => "The encoder stopped answering.",
            Self::Bridge => "Seam Bridge is disconnected or can't reach the access system.",
            Self::CredentialDeleted => "The credential was deleted and can no longer be encoded.",
            Self::Expired => "The action attempt expired.",
            Self::Uncategorized => "Something unexpected went wrong.",
            Self::UserMissing => "The user of this credential does not exist on the access system.",
            Self::OtherHolder => "The credential on this card belongs to another user.",
        }
    }

    /// The failure of a code that the simulate calls take.
    pub fn from_code(code: &str) -> Self {
        match code {
            "encoding_interrupted" => Self::Interrupted,
            "action_attempt_expired" => Self::Expired,
            "uncategorized_error" => Self::Uncategorized,
            _ => Self::NoCredential,
        }
    }
}

impl Encoder {
    pub fn new(id: Uuid, name: &str, created_at: Timestamp) -> Self {
        Self {
            id,
            name: name.to_owned(),
            created_at,
            removed_at: None,
            online: true,
            manual: false,
            patience: PATIENCE,
            card: None,
            last_card: None,
            line: VecDeque::new(),
            work: None,
            turn: 0,
            next_encode: None,
            next_scan: None,
        }
    }

    fn answers(&self) -> bool {
        self.online && self.removed_at.is_none()
    }
}

impl World {
    /// Puts an attempt into the encoder's line; it is pending from now on.
    pub fn start_attempt(&mut self, key: Key<Encoder>, task: Task) -> Key<Attempt> {
        let credential = match task {
            Task::Encode(credential) => self.credentials.get(credential).map(|row| row.id),
            Task::Scan | Task::ScanToAssign(_) => None,
        };
        let id = self.ids.id();
        let mut fate = None;
        if let Some(encoder) = self.encoders.get_mut(key) {
            fate = match task {
                Task::Encode(_) => {
                    encoder.next_encode.take_if(|(_, only)| only.is_none() || *only == credential).map(|(fate, _)| fate)
                }
                Task::Scan | Task::ScanToAssign(_) => encoder.next_scan.take(),
            };
        }
        let attempt = self.attempts.insert(Attempt { id, task, fate, state: State::Pending });
        if let Some(encoder) = self.encoders.get_mut(key) {
            encoder.line.push_back(attempt);
        }
        self.take_next(key);
        attempt
    }

    /// An encoder whose hands are free takes the next attempt of its line.
    fn take_next(&mut self, key: Key<Encoder>) {
        let bridge_is_down = self.site.bridge_down_since.is_some();
        let (card_delay, write_time) = (self.timing.card_delay, self.timing.write_time);
        let Some(encoder) = self.encoders.get_mut(key).filter(|encoder| encoder.work.is_none()) else { return };
        let Some(attempt) = encoder.line.pop_front() else { return };
        let fate = self.attempts.get(attempt).and_then(|attempt| attempt.fate);
        let (step, delay) = match fate {
            Some(Fate::Fail(failure)) => (Step::Failing(failure), card_delay + failure_time(failure, write_time)),
            None if bridge_is_down => (Step::Failing(Failure::Bridge), card_delay),
            None if !encoder.answers() => (Step::Failing(Failure::NotOnline), card_delay),
            None if encoder.manual => (Step::AwaitCard, encoder.patience),
            None | Some(_) => (Step::AwaitCard, card_delay),
        };
        let card_lies_there = encoder.manual && encoder.card.is_some();
        encoder.work = Some(Work { attempt, step });
        if step == Step::AwaitCard && card_lies_there && fate.is_none() {
            self.begin(key);
        } else {
            self.next_step_in(key, delay);
        }
    }

    fn next_step_in(&mut self, key: Key<Encoder>, delay: SignedDuration) {
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        encoder.turn += 1;
        let turn = encoder.turn;
        self.schedule(self.now + delay, Due::EncoderStep { encoder: key, turn });
    }

    /// The time of a step is over.
    pub fn encoder_step(&mut self, key: Key<Encoder>, turn: u64) {
        let Some(encoder) = self.encoders.get(key).filter(|encoder| encoder.turn == turn) else { return };
        let Some(Work { attempt, step }) = encoder.work else { return };
        let fate = self.attempts.get(attempt).and_then(|attempt| attempt.fate);
        match step {
            Step::Failing(failure) => self.finish(key, Err(failure)),
            Step::Busy => self.complete(key, attempt, fate),
            Step::AwaitCard if encoder.manual && fate.is_none() => self.finish(key, Err(Failure::NoCredential)),
            Step::AwaitCard => {
                let card = self.card_at_hand(key, attempt, fate);
                self.put_down(key, card);
                self.begin(key);
            }
        }
    }

    /// A card lies on the encoder: writing or reading begins, or is refused.
    fn begin(&mut self, key: Key<Encoder>) {
        let Some(encoder) = self.encoders.get(key) else { return };
        let Some(attempt) = encoder.work.as_ref().and_then(|work| self.attempts.get(work.attempt)) else { return };
        let card = encoder.card.as_ref().and_then(|number| self.cards.get(number));
        let refused = match (attempt.task, card) {
            (_, None) => Some(Failure::NoCredential),
            (_, Some(card)) if card.make == Make::Foreign => Some(Failure::IncompatibleFormat),
            (Task::Encode(credential), Some(card)) => self.refuses_card(credential, &card.number),
            (Task::Scan | Task::ScanToAssign(_), Some(_)) => None,
        };
        let time = match attempt.task {
            Task::Encode(_) => self.timing.write_time,
            // Reading takes a third of the time of writing.
            Task::Scan | Task::ScanToAssign(_) => self.timing.write_time / 3,
        };
        if let Some(failure) = refused {
            return self.finish(key, Err(failure));
        }
        if let Some(work) = self.encoders.get_mut(key).and_then(|encoder| encoder.work.as_mut()) {
            work.step = Step::Busy;
        }
        self.next_step_in(key, time);
    }

    /// Why a credential can't be written to a card: once written, it belongs to that card.
    fn refuses_card(&self, credential: Key<Credential>, card: &str) -> Option<Failure> {
        let Some(row) = self.credentials.get(credential).filter(|row| row.deleting_since.is_none()) else {
            return Some(Failure::CredentialDeleted);
        };
        let user = row.user.and_then(|user| self.users.get(user));
        if user.is_some_and(|user| user.creation_failed_at.is_some()) {
            return Some(Failure::UserMissing);
        }
        let is_of_another_card = row.card_number.as_ref().is_some_and(|number| number != card);
        is_of_another_card.then_some(Failure::CannotBeReissued)
    }

    /// Writing or reading is done.
    fn complete(&mut self, key: Key<Encoder>, attempt: Key<Attempt>, fate: Option<Fate>) {
        let Some(number) = self.encoders.get(key).and_then(|encoder| encoder.card.clone()) else {
            return self.finish(key, Err(Failure::NoCredential));
        };
        let outcome = match self.attempts.get(attempt).map(|attempt| attempt.task) {
            Some(Task::Encode(credential)) => self.write(credential, &number),
            Some(Task::ScanToAssign(user)) => self.assign_scanned(&number, user),
            Some(Task::Scan) | None => {
                let outdated = matches!(fate, Some(Fate::OnSeam { outdated: true, .. }));
                Ok(answer::scan_result(self, &number, outdated))
            }
        };
        if outcome.is_ok()
            && let Some(encoder) = self.encoders.get_mut(key)
        {
            encoder.last_card = Some(number);
        }
        self.finish(key, outcome);
    }

    /// The card holds the credential from now on.
    fn write(&mut self, key: Key<Credential>, number: &str) -> Result<Value, Failure> {
        // What was true when writing began may have changed meanwhile.
        if let Some(failure) = self.refuses_card(key, number) {
            return Err(failure);
        }
        let Some(row) = self.credentials.get(key) else { return Err(Failure::CredentialDeleted) };
        let (id, was_issued) = (row.id, row.issued_at.is_some());
        let content = self.content_for(row);
        let Some(card) = self.cards.get_mut(number) else { return Err(Failure::NoCredential) };
        let overwritten = card.content.replace(content).map(|content| content.credential);
        if let Some(other) = overwritten.filter(|other| *other != id) {
            self.card_is_overwritten(other, number);
        }
        let now = self.now;
        if let Some(row) = self.credentials.get_mut(key) {
            row.card_number = Some(number.to_owned());
            row.issued_at = Some(now);
            row.outdated_since = None;
            row.overwritten_at = None;
        }
        self.credential_changes(key);
        let kind = if was_issued { "acs_credential.reissued" } else { "acs_credential.issued" };
        self.record(kind, Subject::Credential(id));
        self.credentials.get(key).map(|row| answer::credential_value(self, row)).ok_or(Failure::CredentialDeleted)
    }

    /// Another credential was on this card until now: it opens nothing any more.
    fn card_is_overwritten(&mut self, other: Uuid, number: &str) {
        let now = self.now;
        let Some(row) = self.credentials.find(other).ok().and_then(|key| self.credentials.get_mut(key)) else { return };
        if row.card_number.as_deref() == Some(number) {
            row.overwritten_at = Some(now);
            self.record("acs_credential.invalidated", Subject::Credential(other));
        }
    }

    fn assign_scanned(&mut self, number: &str, user: Key<User>) -> Result<Value, Failure> {
        let content = self.cards.get(number).and_then(|card| card.content.as_ref()).ok_or(Failure::NoCredential)?;
        let key = self.credentials.find(content.credential).map_err(|_| Failure::NoCredential)?;
        let holder = self.credentials.get(key).and_then(|row| row.user);
        if holder.is_some_and(|holder| holder != user) {
            return Err(Failure::OtherHolder);
        }
        self.assign_credential(key, user).map_err(|_| Failure::Uncategorized)?;
        self.credentials.get(key).map(|row| answer::credential_value(self, row)).ok_or(Failure::CredentialDeleted)
    }

    fn finish(&mut self, key: Key<Encoder>, outcome: Result<Value, Failure>) {
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        if !encoder.manual {
            // Whoever placed the card by itself takes it away as well.
            encoder.card = None;
        }
        encoder.turn += 1;
        let Some(work) = encoder.work.take() else { return };
        if let Some(attempt) = self.attempts.get_mut(work.attempt) {
            attempt.state = outcome.map_or_else(State::Error, State::Success);
        }
        self.take_next(key);
    }

    /// The card that is placed by itself: the right one for a job, the nearest one for a scan.
    fn card_at_hand(&mut self, key: Key<Encoder>, attempt: Key<Attempt>, fate: Option<Fate>) -> String {
        if let Some(lying) = self.encoders.get(key).and_then(|encoder| encoder.card.clone()) {
            return lying;
        }
        let task = self.attempts.get(attempt).map(|attempt| attempt.task);
        let own = match (task, fate) {
            (Some(Task::Encode(credential)), _) => {
                self.credentials.get(credential).and_then(|row| row.card_number.clone())
            }
            (_, Some(Fate::OnSeam { credential: Some(credential), .. })) => Some(self.card_of(credential)),
            (_, Some(Fate::Unknown)) => Some(self.stranger_card()),
            (_, Some(Fate::Empty)) => None,
            _ => self.encoders.get(key).and_then(|encoder| encoder.last_card.clone()).or_else(|| self.any_issued()),
        };
        own.filter(|number| self.cards.contains_key(number)).unwrap_or_else(|| self.new_card(Make::Own))
    }

    /// The card of a credential; one that was never written appears on a card all the same, for the simulated scan.
    fn card_of(&mut self, id: Uuid) -> String {
        let row = self.credentials.find(id).ok().and_then(|key| self.credentials.get(key));
        if let Some(number) = row.and_then(|row| row.card_number.clone()) {
            return number;
        }
        let content = row.map(|row| self.content_for(row));
        let number = self.new_card(Make::Own);
        if let Some(card) = self.cards.get_mut(&number) {
            card.content = content;
        }
        number
    }

    /// A card with a credential that Seam does not know.
    fn stranger_card(&mut self) -> String {
        let (credential, now) = (self.ids.id(), self.now);
        let number = self.new_card(Make::Own);
        if let Some(card) = self.cards.get_mut(&number) {
            let (starts_at, ends_at) = (Some(now), None);
            card.content = Some(Content { credential, written_at: now, starts_at, ends_at, groups: Vec::new() });
        }
        number
    }

    /// Some guest's card.
    fn any_issued(&mut self) -> Option<String> {
        let start = self.ids.below(self.credentials.end() as usize) as u32;
        let held = |row: &Credential| row.method == Method::Card && row.issued_at.is_some();
        let mut rows = self.credentials.from(start).chain(self.credentials.iter());
        rows.find(|(_, row)| held(row)).and_then(|(_, row)| row.card_number.clone())
    }

    fn put_down(&mut self, key: Key<Encoder>, number: String) {
        let elsewhere = self.encoders.iter().find(|(_, encoder)| encoder.card.as_deref() == Some(&number));
        if let Some(other) = elsewhere.map(|(other, _)| other).filter(|other| *other != key)
            && let Some(other) = self.encoders.get_mut(other)
        {
            other.card = None;
        }
        if let Some(encoder) = self.encoders.get_mut(key) {
            encoder.card = Some(number);
        }
    }

    /// Someone places a card by hand; from now on this encoder's cards come and go by hand only.
    pub fn place_card(&mut self, key: Key<Encoder>, number: String) -> Result<(), Refusal> {
        let busy_elsewhere = self.encoders.iter().any(|(other, encoder)| {
            let is_busy = encoder.work.as_ref().is_some_and(|work| work.step == Step::Busy);
            other != key && is_busy && encoder.card.as_deref() == Some(&number)
        });
        let Some(encoder) = self.encoders.get_mut(key) else { return Ok(()) };
        if encoder.card.as_ref().is_some_and(|lying| *lying != number) || busy_elsewhere {
            return Err(Refusal::new(409, "card_in_the_way", "Lift the card that lies there first."));
        }
        encoder.manual = true;
        let waits = encoder.work.as_ref().is_some_and(|work| work.step == Step::AwaitCard);
        self.put_down(key, number);
        if waits {
            self.begin(key);
        }
        Ok(())
    }

    /// Someone lifts the card; a card that was being written stays as it was.
    pub fn lift_card(&mut self, key: Key<Encoder>) -> Option<String> {
        let encoder = self.encoders.get_mut(key)?;
        encoder.manual = true;
        let card = encoder.card.take();
        if let Some(Work { attempt, step: Step::Busy }) = encoder.work {
            let failure = match self.attempts.get(attempt).map(|attempt| attempt.task) {
                Some(Task::Encode(_)) => Failure::Interrupted,
                _ => Failure::NoCredential,
            };
            self.finish(key, Err(failure));
        }
        card
    }

    pub fn set_manual(&mut self, key: Key<Encoder>, manual: bool, patience: Option<SignedDuration>) {
        let card_delay = self.timing.card_delay;
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        encoder.patience = patience.unwrap_or(encoder.patience);
        let changes = encoder.manual != manual || patience.is_some();
        encoder.manual = manual;
        let waits = encoder.work.as_ref().is_some_and(|work| work.step == Step::AwaitCard);
        let delay = if manual { encoder.patience } else { card_delay };
        if waits && changes {
            self.next_step_in(key, delay);
        }
    }

    pub fn set_online(&mut self, key: Key<Encoder>, online: bool) {
        if let Some(encoder) = self.encoders.get_mut(key) {
            encoder.online = online;
            self.encoder_fell_silent(key);
        }
    }

    pub fn set_removed(&mut self, key: Key<Encoder>, removed: bool) {
        let now = self.now;
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        if encoder.removed_at.is_some() == removed {
            return;
        }
        encoder.removed_at = removed.then_some(now);
        let id = encoder.id;
        self.encoder_fell_silent(key);
        self.record(if removed { "acs_encoder.removed" } else { "acs_encoder.added" }, Subject::Encoder(id));
    }

    fn encoder_fell_silent(&mut self, key: Key<Encoder>) {
        let Some(encoder) = self.encoders.get(key).filter(|encoder| !encoder.answers()) else { return };
        let failure = match encoder.work.as_ref().map(|work| work.step) {
            Some(Step::Busy) => Failure::Timeout,
            _ => Failure::NotOnline,
        };
        self.spoil(key, failure);
    }

    pub fn bridge_fails_encoders(&mut self) {
        let keys: Vec<_> = self.encoders.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.spoil(key, Failure::Bridge);
        }
    }

    /// The attempt in hand will fail, after the time that it takes to notice.
    fn spoil(&mut self, key: Key<Encoder>, failure: Failure) {
        let delay = self.timing.card_delay;
        let Some(work) = self.encoders.get_mut(key).and_then(|encoder| encoder.work.as_mut()) else { return };
        if matches!(work.step, Step::AwaitCard | Step::Busy) {
            work.step = Step::Failing(failure);
            self.next_step_in(key, delay);
        }
    }
}

/// How long after the card was placed a decided failure shows.
fn failure_time(failure: Failure, write_time: SignedDuration) -> SignedDuration {
    match failure {
        Failure::NoCredential => SignedDuration::ZERO,
        Failure::Interrupted => write_time / 2,
        _ => write_time,
    }
}
