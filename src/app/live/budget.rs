//! How many requests the desk made in the last minute, and when there is room for more.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// The span that requests are counted over.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The requests of the last minute.
#[derive(Debug, Default)]
pub(super) struct Spent(VecDeque<(Timestamp, u32)>);

impl Spent {
    /// Notes requests that are made now.
    pub fn add(&mut self, at: Timestamp, cost: u32) {
        while self.0.front().is_some_and(|(then, _)| *then <= minute_before(at)) {
            self.0.pop_front();
        }
        if cost > 0 {
            self.0.push_back((at, cost));
        }
    }

    /// The first moment, from `at` on, at which so many requests more make at most `most` in a minute. Requests before
    /// `since` don't count. `None` when there is never room for so many.
    pub fn room(&self, at: Timestamp, cost: u32, most: u32, since: Timestamp) -> Option<Timestamp> {
        let free = most.checked_sub(cost)?;
        let begin = minute_before(at).max(since);
        let counted = || self.0.iter().filter(|(then, _)| *then > begin);
        let mut sum: u32 = counted().map(|(_, cost)| cost).sum();
        let mut room = at;
        for (then, cost) in counted() {
            if sum <= free {
                break;
            }
            sum -= cost;
            room = then.saturating_add(MINUTE).unwrap_or(*then);
        }
        Some(room)
    }
}

fn minute_before(at: Timestamp) -> Timestamp {
    at.saturating_sub(MINUTE).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::constant(1_800_000_000 + second, 0)
    }

    #[test]
    fn there_is_room_again_when_the_oldest_are_a_minute_old() {
        let mut spent = Spent::default();
        let since = second(-100);
        for at in 0..3 {
            spent.add(second(at), 1);
        }
        assert_eq!(spent.room(second(5), 1, 4, since), Some(second(5)));
        assert_eq!(spent.room(second(5), 1, 3, since), Some(second(60)));
        assert_eq!(spent.room(second(5), 3, 4, since), Some(second(61)));
        assert_eq!(spent.room(second(61), 1, 2, since), Some(second(61)));
        assert_eq!(spent.room(second(5), 5, 4, since), None);
        assert_eq!(spent.room(second(5), 3, 4, second(1)), Some(second(5)), "what was before does not count");
        spent.add(second(100), 1);
        assert_eq!(spent.0.len(), 1);
    }
}
