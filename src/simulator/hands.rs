//! What people do at the encoders: placing and lifting cards, plugging machines in and out.

use jiff::SignedDuration;

use super::attempt::{Failure, Task};
use super::encoder::{Encoder, Step, Work};
use super::events::Subject;
use super::refusal::Refusal;
use super::store::Key;
use super::world::World;

impl World {
    /// Someone places a card by hand; from now on this encoder's cards come and go by hand only.
    pub fn place_card(&mut self, key: Key<Encoder>, number: String) -> Result<(), Refusal> {
        let elsewhere = self.encoder_under(&number).is_some_and(|other| other != key);
        let Some(encoder) = self.encoders.get_mut(key) else { return Ok(()) };
        if elsewhere || encoder.card.as_ref().is_some_and(|lying| *lying != number) {
            return Err(Refusal::new(409, "card_in_the_way", "Lift the card that lies there first."));
        }
        encoder.manual = true;
        let waits = encoder.work.as_ref().is_some_and(|work| work.step == Step::AwaitCard);
        self.put_down(key, Some(number), true);
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

    /// Cards come and go by hand only, or by themselves again: then a card that lies there is taken away.
    pub fn set_manual(&mut self, key: Key<Encoder>, manual: bool, patience: Option<SignedDuration>) {
        let card_delay = self.timing.card_delay;
        let Some(encoder) = self.encoders.get_mut(key) else { return };
        encoder.patience = patience.unwrap_or(encoder.patience);
        let changes = encoder.manual != manual || patience.is_some();
        encoder.manual = manual;
        let is_busy = encoder.work.as_ref().is_some_and(|work| work.step == Step::Busy);
        if !manual {
            encoder.placed_by_hand = false;
            encoder.card.take_if(|_| !is_busy);
        }
        let waits = encoder.work.as_ref().is_some_and(|work| work.step == Step::AwaitCard);
        let delay = if manual { encoder.patience } else { card_delay };
        if waits && changes {
            self.next_step_in(key, delay);
        }
    }

    /// Plugs an encoder in or out.
    pub fn set_online(&mut self, key: Key<Encoder>, online: bool) {
        if let Some(encoder) = self.encoders.get_mut(key) {
            encoder.online = online;
            self.encoder_fell_silent(key);
        }
    }

    /// Takes an encoder out of the access system, or back in.
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

    /// An encoder that no longer answers spoils what it was doing.
    fn encoder_fell_silent(&mut self, key: Key<Encoder>) {
        let Some(encoder) = self.encoders.get(key).filter(|encoder| !encoder.answers()) else { return };
        let failure = match encoder.work.as_ref().map(|work| work.step) {
            Some(Step::Busy) => Failure::Timeout,
            _ => Failure::NotOnline,
        };
        self.spoil(key, failure);
    }

    /// Without the bridge no encoder can be reached.
    pub fn bridge_fails_encoders(&mut self) {
        let keys: Vec<_> = self.encoders.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.spoil(key, Failure::Bridge);
        }
    }
}
