//! Random-looking values from a seed: the same seed gives the same hotel, ids and card numbers on every run.

use uuid::Uuid;

/// A small generator (SplitMix64): its quality is ample for ids and its state is one number.
pub struct Ids {
    state: u64,
}

impl Ids {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; zero for an empty range.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = limit as u64;
        if limit == 0 { 0 } else { (self.number() % limit) as usize }
    }

    /// An id shaped as UUID v4, as every id of the API is.
    pub fn id(&mut self) -> Uuid {
        let bytes = (u128::from(self.number()) << 64) | u128::from(self.number());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }

    /// A card's own number: seven bytes of which the first tells the chip's maker, as on contactless cards.
    pub fn card_number(&mut self) -> String {
        format!("04{:012X}", self.number() >> 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_of_version_four() {
        let (mut one, mut two, mut other) = (Ids::new(7), Ids::new(7), Ids::new(8));
        let id = one.id();
        assert_eq!(id, two.id());
        assert_ne!(id, other.id());
        assert_eq!(id.get_version_num(), 4);
        assert_eq!(one.card_number().len(), 14);
    }
}
