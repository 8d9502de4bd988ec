//! Plastic cards: which one is placed, what is written on it, and what that means for credentials.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::answer;
use super::attempt::{Attempt, Failure, ForcedOutcome, Task};
use super::encoder::HotelEncoder;
use super::events::Subject;
use super::hotel::{Hotel, HotelCredential, HotelGroup, HotelUser, Method};
use super::table::RowKey;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CardMake {
    /// A card that the encoders can write.
    Own,
    /// A card of a type that the encoders can't write.
    Foreign,
}

pub struct HotelCard {
    pub number: String,
    pub make: CardMake,
    pub content: Option<CardContent>,
}

/// What was written on a card, as it was at that moment.
pub struct CardContent {
    pub credential: Uuid,
    pub written_at: Timestamp,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub groups: Vec<RowKey<HotelGroup>>,
}

impl Hotel {
    /// Adds a blank card and returns its number.
    pub fn new_card(&mut self, make: CardMake) -> String {
        // Seven bytes, of which the first names the chip's maker, as on contactless cards.
        let number = format!("04{:012X}", self.rng.next_u64() >> 16);
        self.cards.insert(number.clone(), HotelCard { number: number.clone(), make, content: None });
        number
    }

    /// The content of a card if the credential were written to it now.
    pub fn content_for(&self, row: &HotelCredential) -> CardContent {
        let (starts_at, ends_at) = self.validity(row);
        let groups = row.user.and_then(|user| self.users.get(user)).map(|user| user.groups.iter().copied().collect());
        CardContent { credential: row.id, written_at: self.now, starts_at, ends_at, groups: groups.unwrap_or_default() }
    }

    /// Why a credential can't be written to a card: once written, it belongs to that card.
    pub fn refuses_card(&self, credential: RowKey<HotelCredential>, card: &str) -> Option<Failure> {
        let Some(row) = self.credentials.get(credential).filter(|row| row.deleting_since.is_none()) else {
            return Some(Failure::CredentialDeleted);
        };
        let user = row.user.and_then(|user| self.users.get(user));
        if user.is_none_or(|user| user.creation_failed_at.is_some()) {
            return Some(Failure::UserMissing);
        }
        let is_of_another_card = row.card_number.as_ref().is_some_and(|number| number != card);
        is_of_another_card.then_some(Failure::CannotBeReissued)
    }

    /// Writes the credential to the card; the credential as the API shows it, or why it can't be written.
    pub fn write(&mut self, key: RowKey<HotelCredential>, number: &str) -> Result<Value, Failure> {
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
        let kind = if was_issued { "acs_credential.reissued" } else { "acs_credential.issued" };
        self.record_event(kind, Subject::Credential(id));
        self.credentials.get(key).map(|row| answer::credential_value(self, row)).ok_or(Failure::CredentialDeleted)
    }

    /// Marks the credential that was on this card before as overwritten.
    fn card_is_overwritten(&mut self, other: Uuid, number: &str) {
        let now = self.now;
        let Some(row) = self.credentials.find(other).ok().and_then(|key| self.credentials.get_mut(key)) else { return };
        if row.card_number.as_deref() == Some(number) {
            row.overwritten_at = Some(now);
            self.record_event("acs_credential.invalidated", Subject::Credential(other));
        }
    }

    /// Gives the credential on a scanned card to a user.
    pub fn assign_scanned(&mut self, number: &str, user: RowKey<HotelUser>) -> Result<Value, Failure> {
        let content = self.cards.get(number).and_then(|card| card.content.as_ref()).ok_or(Failure::NoCredential)?;
        let key = self.credentials.find(content.credential).map_err(|_| Failure::NoCredential)?;
        let holder = self.credentials.get(key).and_then(|row| row.user);
        if holder.is_some_and(|holder| holder != user) {
            return Err(Failure::OtherHolder);
        }
        self.assign_credential(key, user).map_err(|_| Failure::Uncategorized)?;
        self.credentials.get(key).map(|row| answer::credential_value(self, row)).ok_or(Failure::CredentialDeleted)
    }

    /// The card that an automatic encoder gets for an attempt: the credential's own card for an encoding, else the card
    /// that was written there last. `None` while that card lies on another encoder.
    pub fn card_for_attempt(
        &mut self,
        key: RowKey<HotelEncoder>,
        attempt: RowKey<Attempt>,
        forced: Option<ForcedOutcome>,
    ) -> Option<String> {
        let task = self.attempts.get(attempt).map(|attempt| attempt.task);
        let own = match (task, forced) {
            (Some(Task::Encode(credential)), _) => {
                self.credentials.get(credential).and_then(|row| row.card_number.clone())
            }
            (_, Some(ForcedOutcome::OnSeam { credential: Some(credential), .. })) => Some(self.card_of(credential)),
            (_, Some(ForcedOutcome::Unknown)) => Some(self.unknown_card()),
            (_, Some(ForcedOutcome::Empty)) => None,
            _ => self.encoders.get(key).and_then(|encoder| encoder.last_card.clone()).or_else(|| self.any_issued()),
        };
        let number =
            own.filter(|number| self.cards.contains_key(number)).unwrap_or_else(|| self.new_card(CardMake::Own));
        self.encoder_holding(&number).is_none().then_some(number)
    }

    /// The card of a credential. One that was never written is put on a new card, since a simulate call promised a scan.
    fn card_of(&mut self, id: Uuid) -> String {
        let row = self.credentials.find(id).ok().and_then(|key| self.credentials.get(key));
        if let Some(number) = row.and_then(|row| row.card_number.clone()) {
            return number;
        }
        let content = row.map(|row| self.content_for(row));
        let number = self.new_card(CardMake::Own);
        if let Some(card) = self.cards.get_mut(&number) {
            card.content = content;
        }
        number
    }

    /// A card with a credential that Seam does not know.
    fn unknown_card(&mut self) -> String {
        let (credential, now) = (self.rng.uuid(), self.now);
        let number = self.new_card(CardMake::Own);
        if let Some(card) = self.cards.get_mut(&number) {
            let (starts_at, ends_at) = (Some(now), None);
            card.content = Some(CardContent { credential, written_at: now, starts_at, ends_at, groups: Vec::new() });
        }
        number
    }

    /// A random card that holds a credential; `None` when no credential was written yet.
    fn any_issued(&mut self) -> Option<String> {
        let start = self.rng.below(self.credentials.end());
        let held = |row: &HotelCredential| row.method == Method::Card && row.issued_at.is_some();
        let mut rows = self.credentials.from(start).chain(self.credentials.iter());
        rows.find(|(_, row)| held(row)).and_then(|(_, row)| row.card_number.clone())
    }

    /// The encoder that a card lies on.
    pub fn encoder_holding(&self, number: &str) -> Option<RowKey<HotelEncoder>> {
        self.encoders.iter().find(|(_, row)| row.card.as_deref() == Some(number)).map(|(key, _)| key)
    }
}
