//! How long to wait before a call that only reads is repeated. Pure: the sleeping, the clock and the random numbers
//! are the caller's. Calls that change something are never repeated from here: the truth is read back first.

use std::time::Duration;

use super::error::SeamError;

/// No two requests of one loop follow each other faster: five a second.
pub const SHORTEST: Duration = Duration::from_millis(200);

/// A `Retry-After` beyond this is taken as this: a server's slip must not silence the desk for a day.
pub const LONGEST_ASKED: Duration = Duration::from_secs(15 * 60);

/// Waits that double from a first one up to a longest one, each shortened at random by up to a half so that many desks
/// don't come back in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// No wait grows beyond this, unless the server asks for it.
    pub longest: Duration,
    /// How many failures end it; `None` goes on for ever.
    pub attempts: Option<u32>,
}

impl Default for Backoff {
    /// Half a second, doubling up to 30 s, without end.
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(30), attempts: None }
    }
}

impl Backoff {
    /// How long to wait after the `failures`-th failure in a row (from 1), or `None` when repeating is of no use: the
    /// server refused, or it failed often enough. `random` is any number, used for the jitter.
    pub fn wait(&self, failures: u32, error: &SeamError, random: u64) -> Option<Duration> {
        if !error.may_pass() || self.attempts.is_some_and(|most| failures >= most) {
            return None;
        }
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let full = doubled.min(self.longest);
        let asked = error.retry_after.unwrap_or_default().min(LONGEST_ASKED);
        let wait =
            if asked > full { asked + part(SHORTEST, random) } else { (full / 2 + part(full / 2, random)).max(asked) };
        Some(wait.max(SHORTEST))
    }
}

/// A part of a span, from nothing to all of it, by a random number.
fn part(span: Duration, random: u64) -> Duration {
    const STEPS: u32 = 1 << 16;
    span * ((random % u64::from(STEPS)) as u32) / STEPS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::seam::error::ErrorKind;

    fn error(kind: ErrorKind, retry_after: Option<Duration>) -> SeamError {
        SeamError { retry_after, ..SeamError::new(kind, "x") }
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff::default();
        let server = error(ErrorKind::Server, None);
        let waits: Vec<_> = (1..=9).map(|n| backoff.wait(n, &server, u64::MAX).unwrap().as_millis()).collect();
        assert_eq!(waits, [499, 999, 1999, 3999, 7999, 15999, 29999, 29999, 29999]);
        assert_eq!(backoff.wait(2, &server, 0).unwrap().as_millis(), 500);
    }

    #[test]
    fn a_refusal_is_not_repeated_and_enough_is_enough() {
        let backoff = Backoff { attempts: Some(3), ..Backoff::default() };
        assert_eq!(backoff.wait(1, &error(ErrorKind::Refused, None), 0), None);
        assert_eq!(backoff.wait(1, &error(ErrorKind::Unauthorized, None), 0), None);
        assert_eq!(backoff.wait(1, &error(ErrorKind::NotFound, None), 0), None);
        assert!(backoff.wait(2, &error(ErrorKind::Broken, None), 0).is_some());
        assert_eq!(backoff.wait(3, &error(ErrorKind::Broken, None), 0), None);
    }

    proptest! {
        #[test]
        fn a_wait_is_as_long_as_asked_and_has_an_end(
            failures in prop_oneof![0_u32..20, any::<u32>()],
            random in any::<u64>(),
            asked in proptest::option::of(prop_oneof![0_u32..30, any::<u32>()]),
        ) {
            let asked = asked.map(|seconds| Duration::from_secs(seconds.into()));
            let backoff = Backoff::default();
            let wait = backoff.wait(failures, &error(ErrorKind::Limited, asked), random).unwrap();
            prop_assert!(wait >= SHORTEST);
            prop_assert!(wait >= asked.unwrap_or_default().min(LONGEST_ASKED));
            prop_assert!(wait <= backoff.longest.max(asked.unwrap_or_default().min(LONGEST_ASKED)) + SHORTEST);
        }
    }
}
