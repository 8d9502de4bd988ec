//! Ids for new jobs, from a seed that is handed in: the core draws no random numbers of its own.

use crate::domain::job::JobId;
use crate::domain::job::order::BatchId;
use crate::rng::Rng;

/// Makes the ids of new jobs, one after another.
#[derive(Clone, Debug)]
pub struct Ids(Rng);

impl Ids {
    /// Ids from this seed; two desks need two seeds.
    pub fn new(seed: u128) -> Self {
        Self(Rng::new((seed ^ (seed >> 64)) as u64))
    }

    /// The next id for orders that are given together, a UUID of version 4.
    pub fn next_batch(&mut self) -> BatchId {
        BatchId(self.0.uuid())
    }

    /// The next id, a UUID of version 4.
    pub fn next_job(&mut self) -> JobId {
        JobId(self.0.uuid())
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
