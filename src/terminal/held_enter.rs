//! Tells an Enter that is held down from one that is pressed again. Pure: the time is handed in.
//!
//! Terminals do not tell when a key is let go. A key that is held repeats for the first time 250 ms to a second after it
//! was pressed, and from then on every 25 to 60 ms; a hand needs 100 ms and more from one press to the next. So an Enter
//! that can be a first repeat waits for a moment: with another close behind it, it is one, and all that follow as close are
//! too; alone it is a press. Nothing else waits.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use super::input::Input;
use crate::keys::key::{Key, KeyCode};

/// How long after a press a key that is held may repeat for the first time.
const FIRST_REPEAT: RangeInclusive<Duration> = Duration::from_millis(200)..=Duration::from_secs(1);

/// Two that are this close are not both pressed by a hand, where the first of them came as late as a first repeat.
const REPEAT: Duration = Duration::from_millis(80);

const ENTER: Input = Input::Key(Key::plain(KeyCode::Enter));

/// Input in, the same input out in the same order, but for the repeats of an Enter that is held.
#[derive(Debug, Default)]
pub(super) struct HeldEnter {
    // When the newest Enter came, if nothing else came since.
    newest: Option<Instant>,
    // The Enter that waits.
    waits: Option<Instant>,
    is_held: bool,
    ready: VecDeque<(Instant, Input)>,
}

impl HeldEnter {
    /// Takes input that arrived at `at`; times must not go back.
    pub(super) fn push(&mut self, at: Instant, input: Input) {
        self.expire(at);
        if input != ENTER {
            self.finish();
            self.newest = None;
            self.ready.push_back((at, input));
            return;
        }
        let since = self.newest.replace(at).map(|newest| at - newest);
        let is_close = since.is_some_and(|since| since < REPEAT);
        if self.waits.take().is_some() {
            self.is_held = true;
            self.ready.push_back((at, Input::EnterHeld));
        } else if !(self.is_held && is_close) {
            self.is_held = false;
            if since.is_some_and(|since| FIRST_REPEAT.contains(&since)) {
                self.waits = Some(at);
            } else {
                self.ready.push_back((at, input));
            }
        }
    }

    /// When [`expire`](Self::expire) must be called; nothing while nothing waits.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waits.map(|waits| waits + REPEAT)
    }

    /// Lets go of an Enter that waited long enough.
    pub(super) fn expire(&mut self, at: Instant) {
        if self.deadline().is_some_and(|deadline| at >= deadline) {
            self.finish();
        }
    }

    /// Lets go of what waits.
    pub(super) fn finish(&mut self) {
        self.ready.extend(self.waits.take().map(|at| (at, ENTER)));
    }

    /// The next input that is certain, and when it arrived.
    pub(super) fn pop(&mut self) -> Option<(Instant, Input)> {
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What comes out of Enters that arrive after so many milliseconds, and how late.
    fn entered(times: &[u64]) -> Vec<(u64, Input, Duration)> {
        let start = Instant::now();
        let mut held = HeldEnter::default();
        let mut out = Vec::new();
        let mut take = |held: &mut HeldEnter, now: Instant| {
            while let Some((at, input)) = held.pop() {
                out.push((u64::try_from((at - start).as_millis()).unwrap(), input, now - at));
            }
        };
        for time in times {
            let at = start + Duration::from_millis(*time);
            if let Some(deadline) = held.deadline().filter(|deadline| *deadline <= at) {
                held.expire(deadline);
                take(&mut held, deadline);
            }
            held.push(at, ENTER);
            take(&mut held, at);
        }
        if let Some(deadline) = held.deadline() {
            held.expire(deadline);
            take(&mut held, deadline);
        }
        out
    }

    fn counted(times: &[u64]) -> Vec<u64> {
        entered(times).into_iter().filter(|(_, input, _)| *input == ENTER).map(|(at, ..)| at).collect()
    }

    #[test]
    fn an_enter_that_is_held_counts_once_and_is_told_once() {
        for first in [250, 400, 500, 660, 1000] {
            for step in [16, 30, 40, 60, 79] {
                let mut times = vec![0];
                times.extend((0..20).map(|repeat| first + repeat * step));
                assert_eq!(counted(&times), [0], "first after {first} ms, then every {step} ms");
                let told = entered(&times).into_iter().filter(|(_, input, _)| *input == Input::EnterHeld).count();
                assert_eq!(told, 1);
                // Let go and pressed again, it counts.
                times.push(times.last().unwrap() + 150);
                assert_eq!(counted(&times).len(), 2);
            }
        }
    }

    #[test]
    fn another_key_lets_a_waiting_enter_go_first() {
        let start = Instant::now();
        let mut held = HeldEnter::default();
        let x = Input::Key(Key::char('x'));
        for (after, input) in [(0, ENTER), (500, ENTER), (510, x.clone()), (520, ENTER)] {
            held.push(start + Duration::from_millis(after), input);
        }
        let out: Vec<Input> = std::iter::from_fn(|| held.pop()).map(|(_, input)| input).collect();
        assert_eq!(out, [ENTER, ENTER, x, ENTER]);
    }

    proptest! {
        #[test]
        fn no_press_of_a_hand_is_lost_or_late(gaps in prop::collection::vec(100_u64..1500, 1..12)) {
            let mut time = 0;
            let times: Vec<u64> = gaps.iter().map(|gap| { time += gap; time }).collect();
            let out = entered(&times);
            prop_assert_eq!(out.iter().map(|(at, ..)| *at).collect::<Vec<_>>(), times);
            for (_, input, late) in out {
                prop_assert!(input == ENTER && late < Duration::from_millis(100));
            }
        }
    }
}
