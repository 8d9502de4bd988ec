//! Virtual encoders: each works through a queue of attempts; for each it waits for a card, then writes or reads it.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::answer;
use super::attempt::{Attempt, Failure, ForcedOutcome, State, Task};
use super::cards::CardMake;
use super::hotel::{AgendaEntry, Hotel};
use super::table::RowKey;

/// How long an encoder in manual mode waits for a card, unless told otherwise.
const USUAL_CARD_WAIT: SignedDuration = SignedDuration::from_secs(30);

pub struct HotelEncoder {
    pub id: Uuid,
    pub name: String,
    pub created_at: Timestamp,
    pub removed_at: Option<Timestamp>,
    pub online: bool,
    /// Whether cards are placed and lifted by `/_sim/*` calls only, and not automatically.
    pub manual: bool,
    /// How long a manual encoder waits for a card.
    pub card_wait: SignedDuration,
    /// The number of the card that lies on it.
    pub card: Option<String>,
    /// Whether a call placed that card. An automatic card is removed when the attempt ends.
    pub placed_by_hand: bool,
    /// The card that was written or read here last; the next scan gets it.
    pub last_card: Option<String>,
    pub queue: VecDeque<RowKey<Attempt>>,
    pub current: Option<CurrentAttempt>,
    /// Counts the scheduled steps, so that a step that was superseded is ignored.
    turn: u64,
    /// The outcome that a simulate call has fixed for the next encoding, and the only credential it is meant for.
    pub next_encode: Option<(ForcedOutcome, Option<Uuid>)>,
    /// The same for the next scan.
    pub next_scan: Option<ForcedOutcome>,
}

/// The attempt that an encoder is carrying out.
pub struct CurrentAttempt {
    pub attempt: RowKey<Attempt>,
    pub step: AttemptStep,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AttemptStep {
    AwaitCard,
    /// The card is being written or read.
    Busy,
    /// It will fail at its next scheduled step.
    Failing(Failure),
}

impl HotelEncoder {
    pub fn new(id: Uuid, name: &str, created_at: Timestamp) -> Self {
        Self {
            id,
            name: name.to_owned(),
            created_at,
            removed_at: None,
            online: true,
            manual: false,
            card_wait: USUAL_CARD_WAIT,
            card: None,
            placed_by_hand: false,
            last_card: None,
            queue: VecDeque::new(),
            current: None,
            turn: 0,
            next_encode: None,
            next_scan: None,
        }
    }

    pub fn is_reachable(&self) -> bool {
        self.online && self.removed_at.is_none()
    }
}

impl Hotel {
    /// Puts an attempt into the encoder's queue; it is pending from now on.
    pub fn start_attempt(&mut self, key: RowKey<HotelEncoder>, task: Task) -> RowKey<Attempt> {
        let credential = match task {
            Task::Encode(credential) => self.credentials.get(credential).map(|row| row.id),
            Task::Scan | Task::ScanToAssign(_) => None,
        };
        let id = self.rng.uuid();
        let mut forced = None;
        if let Some(encoder) = self.encoders.get_mut(key) {
            forced = match task {
                Task::Encode(_) => encoder
                    .next_encode
                    .take_if(|(_, only)| only.is_none() || *only == credential)
                    .map(|(forced, _)| forced),
                Task::Scan | Task::ScanToAssign(_) => encoder.next_scan.take(),
            };
        }
        let attempt = self.attempts.insert(Attempt { id, task, forced, state: State::Pending });
        if let Some(encoder) = self.encoders.get_mut(key) {
            encoder.queue.push_back(attempt);
        }
        self.start_next_attempt(key);
        attempt
    }

    /// Starts the next attempt of the queue, unless one is being carried out.
    fn start_next_attempt(&mut self, key: RowKey<HotelEncoder>) {
        let bridge_is_down = self.system.bridge_down_since.is_some();
        let (card_delay, write_time) = (self.timing.card_delay, self.timing.write_time);
        let Some(encoder) = self.encoders.get_mut(key).filter(|encoder| encoder.current.is_none()) else { return };
        let Some(attempt) = encoder.queue.pop_front() else { return };
        let forced = self.attempts.get(attempt).and_then(|attempt| attempt.forced);
        let (step, delay) = match forced {
            Some(ForcedOutcome::Fail(failure)) => {
                (AttemptStep::Failing(failure), card_delay + failure.time(write_time))
            }
            None if bridge_is_down => (AttemptStep::Failing(Failure::Bridge), card_delay),
            None if !encoder.is_reachable() => (AttemptStep::Failing(Failure::NotOnline), card_delay),
            None if encoder.manual => (AttemptStep::AwaitCard, encoder.card_wait),
            None | Some(_) => (AttemptStep::AwaitCard, card_delay),
        };
        let card_lies_there = encoder.card.is_some();
        encoder.current = Some(CurrentAttempt { attempt, step });
        if step == AttemptStep::AwaitCard && card_lies_there && forced.is_none() {
            self.start_card_work(key);
        } else {
            self.next_step_in(key, delay);
        }
    }

    pub fn next_step_in(&mut self, key: RowKey<HotelEncoder>, delay: SignedDuration) {
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        encoder.turn += 1;
        let turn = encoder.turn;
        self.schedule(self.now + delay, AgendaEntry::EncoderStep { encoder: key, turn });
    }

    /// Carries out a step whose time has come.
    pub fn encoder_step(&mut self, key: RowKey<HotelEncoder>, turn: u64) {
        let Some(encoder) = self.encoders.get(key).filter(|encoder| encoder.turn == turn) else { return };
        let Some(CurrentAttempt { attempt, step }) = encoder.current else { return };
        let forced = self.attempts.get(attempt).and_then(|attempt| attempt.forced);
        match step {
            AttemptStep::Failing(failure) => self.finish(key, Err(failure)),
            AttemptStep::Busy => self.complete(key, attempt, forced),
            AttemptStep::AwaitCard if encoder.manual && forced.is_none() => {
                self.finish(key, Err(Failure::NoCredential));
            }
            AttemptStep::AwaitCard => {
                if encoder.card.is_none() {
                    let card = self.card_for_attempt(key, attempt, forced);
                    self.set_card(key, card, false);
                }
                self.start_card_work(key);
            }
        }
    }

    pub fn set_card(&mut self, key: RowKey<HotelEncoder>, card: Option<String>, by_hand: bool) {
        if let Some(encoder) = self.encoders.get_mut(key) {
            encoder.card = card;
            encoder.placed_by_hand = by_hand;
        }
    }

    /// Begins to write or read the card on the encoder, or fails the attempt.
    pub fn start_card_work(&mut self, key: RowKey<HotelEncoder>) {
        let Some(encoder) = self.encoders.get(key) else { return };
        let Some(attempt) = encoder.current.as_ref().and_then(|current| self.attempts.get(current.attempt)) else {
            return;
        };
        let card = encoder.card.as_ref().and_then(|number| self.cards.get(number));
        let refused = match (attempt.task, card) {
            (_, None) => Some(Failure::NoCredential),
            (_, Some(card)) if card.make == CardMake::Foreign => Some(Failure::IncompatibleFormat),
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
        if let Some(current) = self.encoders.get_mut(key).and_then(|encoder| encoder.current.as_mut()) {
            current.step = AttemptStep::Busy;
        }
        self.next_step_in(key, time);
    }

    /// Completes the writing or reading.
    fn complete(&mut self, key: RowKey<HotelEncoder>, attempt: RowKey<Attempt>, forced: Option<ForcedOutcome>) {
        let Some(number) = self.encoders.get(key).and_then(|encoder| encoder.card.clone()) else {
            return self.finish(key, Err(Failure::NoCredential));
        };
        let outcome = match self.attempts.get(attempt).map(|attempt| attempt.task) {
            Some(Task::Encode(credential)) => self.write(credential, &number),
            Some(Task::ScanToAssign(user)) => self.assign_scanned(&number, user),
            Some(Task::Scan) | None => {
                let outdated = matches!(forced, Some(ForcedOutcome::OnSeam { outdated: true, .. }));
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

    /// Ends the current attempt and starts the next one.
    pub fn finish(&mut self, key: RowKey<HotelEncoder>, outcome: Result<Value, Failure>) {
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        if !encoder.placed_by_hand {
            encoder.card = None;
        }
        encoder.turn += 1;
        let Some(current) = encoder.current.take() else { return };
        if let Some(attempt) = self.attempts.get_mut(current.attempt) {
            attempt.state = outcome.map_or_else(State::Error, State::Success);
        }
        self.start_next_attempt(key);
    }

    /// Lets the current attempt fail after the card delay, the time that it takes to notice.
    pub fn fail_after_delay(&mut self, key: RowKey<HotelEncoder>, failure: Failure) {
        let delay = self.timing.card_delay;
        let Some(current) = self.encoders.get_mut(key).and_then(|encoder| encoder.current.as_mut()) else { return };
        if matches!(current.step, AttemptStep::AwaitCard | AttemptStep::Busy) {
            current.step = AttemptStep::Failing(failure);
            self.next_step_in(key, delay);
        }
    }
}
