//! The time that the program is told: the wall clock, made safe to wait by.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A wall clock that never goes back.
///
/// It follows the wall clock forward (also over a jump, such as after a suspend). When the wall clock is set back it
/// goes on at its own pace from where it was: deadlines still come when they should, instead of an hour late.
pub struct SteadyClock {
    wall: Box<dyn FnMut() -> Timestamp>,
    at: Timestamp,
    read: Instant,
}

impl SteadyClock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// A clock over another wall clock.
    pub fn new(mut wall: impl FnMut() -> Timestamp + 'static) -> Self {
        Self { at: wall(), read: Instant::now(), wall: Box::new(wall) }
    }

    /// The time now: never before an answer that was given earlier, and never behind the time that really passed.
    pub fn now(&mut self) -> Timestamp {
        let read = Instant::now();
        let steady = self.at.saturating_add(SignedDuration::try_from(read - self.read).unwrap_or(SignedDuration::MAX));
        self.at = steady.unwrap_or(Timestamp::MAX).max((self.wall)());
        self.read = read;
        self.at
    }

    /// How long until `deadline`; nothing when it has passed.
    pub fn until(&mut self, deadline: Timestamp) -> Duration {
        Duration::try_from(deadline.duration_since(self.now())).unwrap_or(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    fn clock_with_wall() -> (SteadyClock, Rc<Cell<Timestamp>>) {
        let wall = Rc::new(Cell::new(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24)));
        let read = Rc::clone(&wall);
        (SteadyClock::new(move || read.get()), wall)
    }

    #[tokio::test(start_paused = true)]
    async fn a_wall_clock_set_back_does_not_hold_up_a_deadline() {
        let (mut clock, wall) = clock_with_wall();
        let deadline = clock.now() + SignedDuration::from_secs(2);
        wall.set(wall.get() - SignedDuration::from_hours(1));
        assert_eq!(clock.until(deadline), Duration::from_secs(2));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), deadline);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wall_clock_set_forward_is_followed() {
        let (mut clock, wall) = clock_with_wall();
        wall.set(wall.get() + SignedDuration::from_hours(1));
        assert_eq!(clock.now(), wall.get());
    }
}
