//! The time of day, handed in so that tests can hold it.

use jiff::Timestamp;

/// Tells the time of day. Sleeping is tokio's.
pub trait Clock: Send + Sync + 'static {
    /// The time now, by the wall clock: it may be set back.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
