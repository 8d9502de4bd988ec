//! Ids for new jobs, from a seed that is handed in: the core draws no random numbers of its own.

use uuid::Builder;

use crate::domain::job::JobId;

/// A source of ids.
#[derive(Clone, Debug)]
pub struct Ids(u128);

impl Ids {
    /// Ids from this seed; two desks need two seeds.
    pub fn new(seed: u128) -> Self {
        Self(seed)
    }

    /// The next id.
    pub fn next_job(&mut self) -> JobId {
        // SplitMix64, once for each half.
        let mut half = || {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let mut z = (self.0 ^ (self.0 >> 64)) as u64;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let (high, low) = (half(), half());
        JobId(Builder::from_random_bytes(((u128::from(high) << 64) | u128::from(low)).to_be_bytes()).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_follow_from_the_seed() {
        let (mut a, mut b) = (Ids::new(7), Ids::new(7));
        let first: Vec<_> = (0..1000).map(|_| a.next_job()).collect();
        assert!(first.iter().all(|id| *id == b.next_job()));
        assert_eq!(first.iter().collect::<std::collections::HashSet<_>>().len(), 1000);
        assert_eq!(first[0].0.get_version_num(), 4);
    }
}
