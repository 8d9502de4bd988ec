//! Pseudo-random numbers from a seed: the same seed gives the same numbers.
//!
//! The caller brings the seed, so modules that may not draw on chance themselves can use it. Not for secrets.

use uuid::{Builder, Uuid};

/// A `SplitMix64` generator, whose state is one number.
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// Starts the sequence that belongs to this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number, from the whole range of `u64`.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to but not including `limit`; 0 when `limit` is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.next_u64().checked_rem(limit as u64).unwrap_or_default() as usize
    }

    /// The next two numbers as a UUID of version 4.
    pub fn uuid(&mut self) -> Uuid {
        let bits = (u128::from(self.next_u64()) << 64) | u128::from(self.next_u64());
        Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        let mut rng = Rng::new(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([rng.next_u64(), rng.next_u64(), rng.next_u64()], expected);
    }

    #[test]
    fn uuids_differ_follow_from_the_seed_and_have_version_four() {
        let (mut one, mut two, mut other) = (Rng::new(7), Rng::new(7), Rng::new(8));
        let uuids: Vec<_> = (0..1000).map(|_| one.uuid()).collect();
        assert!(uuids.iter().all(|uuid| *uuid == two.uuid()));
        assert_eq!(uuids.iter().collect::<HashSet<_>>().len(), 1000);
        assert_ne!(uuids[0], other.uuid());
        assert_eq!(uuids[0].get_version_num(), 4);
    }

    #[test]
    fn numbers_below_a_limit_reach_all_of_the_range() {
        let mut rng = Rng::new(3);
        let drawn: HashSet<_> = (0..200).map(|_| rng.below(5)).collect();
        assert_eq!(drawn, (0..5).collect());
        assert_eq!((rng.below(1), rng.below(0)), (0, 0));
    }
}
