//! Plastic cards: what lies on an encoder and what is written on it.

use jiff::Timestamp;
use uuid::Uuid;

use super::store::Key;
use super::world::{Credential, Group, World};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// From this hotel's stock.
    Own,
    /// Of a type that the encoders can't write.
    Foreign,
}

pub struct Card {
    pub number: String,
    pub make: Make,
    pub content: Option<Content>,
}

/// What was written on a card, as it was at that moment.
pub struct Content {
    pub credential: Uuid,
    pub written_at: Timestamp,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub groups: Vec<Key<Group>>,
}

impl World {
    /// Takes a new card from a box; its number.
    pub fn new_card(&mut self, make: Make) -> String {
        let number = self.ids.card_number();
        self.cards.insert(number.clone(), Card { number: number.clone(), make, content: None });
        number
    }

    /// What would stand on a card if the credential were written now.
    pub fn content_for(&self, row: &Credential) -> Content {
        let (starts_at, ends_at) = self.validity(row);
        let groups = row.user.and_then(|user| self.users.get(user)).map(|user| user.groups.iter().copied().collect());
        Content { credential: row.id, written_at: self.now, starts_at, ends_at, groups: groups.unwrap_or_default() }
    }
}
