//! Choices from a seed that is printed when a run fails.

pub struct Rng(keydesk::rng::Rng);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(keydesk::rng::Rng::new(seed))
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.below(end)
    }

    /// Comes true once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}
