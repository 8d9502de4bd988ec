//! Virtual encoders: little machines that wait for a card, write or read it, and take one attempt after another.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::answer;
use super::attempt::{Attempt, Failure, Fate, State, Task};
use super::cards::Make;
use super::store::Key;
use super::world::{Due, World};

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
    /// Someone placed that card; one that came by itself goes by itself.
    pub placed_by_hand: bool,
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
            placed_by_hand: false,
            last_card: None,
            line: VecDeque::new(),
            work: None,
            turn: 0,
            next_encode: None,
            next_scan: None,
        }
    }

    pub fn answers(&self) -> bool {
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
            Some(Fate::Fail(failure)) => (Step::Failing(failure), card_delay + failure.time(write_time)),
            None if bridge_is_down => (Step::Failing(Failure::Bridge), card_delay),
            None if !encoder.answers() => (Step::Failing(Failure::NotOnline), card_delay),
            None if encoder.manual => (Step::AwaitCard, encoder.patience),
            None | Some(_) => (Step::AwaitCard, card_delay),
        };
        let card_lies_there = encoder.card.is_some();
        encoder.work = Some(Work { attempt, step });
        if step == Step::AwaitCard && card_lies_there && fate.is_none() {
            self.begin(key);
        } else {
            self.next_step_in(key, delay);
        }
    }

    pub fn next_step_in(&mut self, key: Key<Encoder>, delay: SignedDuration) {
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
                if encoder.card.is_none() {
                    let card = self.card_at_hand(key, attempt, fate);
                    self.put_down(key, card, false);
                }
                self.begin(key);
            }
        }
    }

    pub fn put_down(&mut self, key: Key<Encoder>, card: Option<String>, by_hand: bool) {
        if let Some(encoder) = self.encoders.get_mut(key) {
            encoder.card = card;
            encoder.placed_by_hand = by_hand;
        }
    }

    /// The time for a card is there: writing or reading begins, or is refused.
    pub fn begin(&mut self, key: Key<Encoder>) {
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

    /// The attempt in hand is over; the next one begins.
    pub fn finish(&mut self, key: Key<Encoder>, outcome: Result<Value, Failure>) {
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        if !encoder.placed_by_hand {
            encoder.card = None;
        }
        encoder.turn += 1;
        let Some(work) = encoder.work.take() else { return };
        if let Some(attempt) = self.attempts.get_mut(work.attempt) {
            attempt.state = outcome.map_or_else(State::Error, State::Success);
        }
        self.take_next(key);
    }

    /// The attempt in hand will fail, after the time that it takes to notice.
    pub fn spoil(&mut self, key: Key<Encoder>, failure: Failure) {
        let delay = self.timing.card_delay;
        let Some(work) = self.encoders.get_mut(key).and_then(|encoder| encoder.work.as_mut()) else { return };
        if matches!(work.step, Step::AwaitCard | Step::Busy) {
            work.step = Step::Failing(failure);
            self.next_step_in(key, delay);
        }
    }
}
