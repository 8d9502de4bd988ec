//! The manual controls of the encoders: cards placed and lifted by hand, encoders plugged in and out.

use jiff::SignedDuration;

use super::attempt::{Failure, Task};
use super::encoder::{AttemptStep, CurrentAttempt, HotelEncoder};
use super::events::Subject;
use super::hotel::Hotel;
use super::refusal::Refusal;
use super::table::RowKey;

impl Hotel {
    /// Places a card by hand, and switches the encoder to manual mode.
    pub fn place_card(&mut self, key: RowKey<HotelEncoder>, number: String) -> Result<(), Refusal> {
        let elsewhere = self.encoder_holding(&number).is_some_and(|other| other != key);
        let Some(encoder) = self.encoders.get_mut(key) else { return Ok(()) };
        if elsewhere || encoder.card.as_ref().is_some_and(|lying| *lying != number) {
            return Err(Refusal::new(409, "card_in_the_way", "Lift the card that lies there first."));
        }
        encoder.manual = true;
        let waits = encoder.current.as_ref().is_some_and(|current| current.step == AttemptStep::AwaitCard);
        self.set_card(key, Some(number), true);
        if waits {
            self.start_card_work(key);
        }
        Ok(())
    }

    /// Lifts the card and returns its number. A card that was being written keeps its old content.
    pub fn lift_card(&mut self, key: RowKey<HotelEncoder>) -> Option<String> {
        let encoder = self.encoders.get_mut(key)?;
        encoder.manual = true;
        let card = encoder.card.take();
        if let Some(CurrentAttempt { attempt, step: AttemptStep::Busy }) = encoder.current {
            let failure = match self.attempts.get(attempt).map(|attempt| attempt.task) {
                Some(Task::Encode(_)) => Failure::Interrupted,
                _ => Failure::NoCredential,
            };
            self.finish(key, Err(failure));
        }
        card
    }

    /// Switches an encoder between manual and automatic mode. In automatic mode a card that lies there is removed.
    pub fn set_manual(&mut self, key: RowKey<HotelEncoder>, manual: bool, card_wait: Option<SignedDuration>) {
        let card_delay = self.timing.card_delay;
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        encoder.card_wait = card_wait.unwrap_or(encoder.card_wait);
        let changes = encoder.manual != manual || card_wait.is_some();
        encoder.manual = manual;
        let is_busy = encoder.current.as_ref().is_some_and(|current| current.step == AttemptStep::Busy);
        if !manual {
            encoder.placed_by_hand = false;
            encoder.card.take_if(|_| !is_busy);
        }
        let waits = encoder.current.as_ref().is_some_and(|current| current.step == AttemptStep::AwaitCard);
        let delay = if manual { encoder.card_wait } else { card_delay };
        if waits && changes {
            self.next_step_in(key, delay);
        }
    }

    /// Plugs an encoder in or out.
    pub fn set_online(&mut self, key: RowKey<HotelEncoder>, online: bool) {
        if let Some(encoder) = self.encoders.get_mut(key) {
            encoder.online = online;
            self.fail_if_unreachable(key);
        }
    }

    /// Removes an encoder from the access system, or puts it back.
    pub fn set_removed(&mut self, key: RowKey<HotelEncoder>, removed: bool) {
        let now = self.now;
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        if encoder.removed_at.is_some() == removed {
            return;
        }
        encoder.removed_at = removed.then_some(now);
        let id = encoder.id;
        self.fail_if_unreachable(key);
        self.record_event(if removed { "acs_encoder.removed" } else { "acs_encoder.added" }, Subject::Encoder(id));
    }

    /// Lets the current attempt fail when the encoder is no longer reachable.
    fn fail_if_unreachable(&mut self, key: RowKey<HotelEncoder>) {
        let Some(encoder) = self.encoders.get(key).filter(|encoder| !encoder.is_reachable()) else { return };
        let failure = match encoder.current.as_ref().map(|current| current.step) {
            Some(AttemptStep::Busy) => Failure::Timeout,
            _ => Failure::NotOnline,
        };
        self.fail_after_delay(key, failure);
    }

    /// Lets the current attempt of every encoder fail, since none is reachable without the bridge.
    pub fn fail_attempts_without_bridge(&mut self) {
        let keys: Vec<_> = self.encoders.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.fail_after_delay(key, Failure::Bridge);
        }
    }
}
