//! Tells text that a machine pours in (a barcode or passport reader, a paste without marks) from keys that a person
//! presses. Pure: the time is handed in.
//!
//! Where no text field has the focus, letters and Enter are commands, and a text that is poured in would be a row of
//! them. So there a typed key is held for a moment: alone it is the key, with more close behind it is a paste. Few keys
//! may be fingers that roll, unless Enter is among them: no hand presses Enter with another key. A key that opens a text
//! field is not held: on a slow line it arrives together with what was typed into that field.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::input::{Input, clean_paste};
use super::rejoin::PASTE_LIMIT;
use crate::keys::key::{Key, KeyCode};

/// Keys that follow each other closer than this are not typed by a hand, unless there are only a few.
const GAP: Duration = Duration::from_millis(20);

/// So many keys that close are a burst. Fewer may be fingers that roll, or a slow line that delivers late.
const BURST: usize = 4;

/// Typed keys that came close behind each other.
#[derive(Debug, Clone, Copy)]
struct Run {
    newest: Instant,
    count: usize,
    /// The one key that it consists of so far; `None` once there are two.
    only: Option<Key>,
    /// Whether that key was the last before it too, so that it may be held down.
    repeats: bool,
}

/// How long after a press a key that is held may repeat for the first time.
const FIRST_REPEAT: Duration = Duration::from_secs(1);

/// Input in, the same input out, but typed keys that come in a burst where they would be commands as one paste.
#[derive(Debug, Default)]
pub(super) struct Bursts {
    run: Option<Run>,
    // The run before, where it was one key only: that key, and when it last came.
    before: Option<(Key, Instant)>,
    held: Vec<Key>,
    ready: VecDeque<Input>,
}

impl Bursts {
    /// Takes input that arrived at `at`; times must not go back. `is_text` tells whether a key would be typed into a text
    /// now, or open one.
    pub(super) fn push(&mut self, at: Instant, input: Input, is_text: impl Fn(Key) -> bool) {
        self.expire(at);
        let key = match input {
            Input::Key(key) if is_typed(key) => key,
            other => {
                self.finish();
                self.before = None;
                self.ready.push_back(other);
                return;
            }
        };
        let run = match self.run.filter(|run| at < run.newest + GAP) {
            None => {
                let before = self.run.map_or(self.before.take(), |run| Some((run.only?, run.newest)));
                let repeats = before.is_some_and(|(before, newest)| before == key && at < newest + FIRST_REPEAT);
                Run { newest: at, count: 1, only: Some(key), repeats }
            }
            Some(run) => Run { newest: at, count: run.count + 1, only: run.only.filter(|only| *only == key), ..run },
        };
        self.run = Some(run);
        // The key of the search, but no letter: that would make a part of a name a command.
        let opens = run.count < BURST && key.typed().is_some_and(|c| c.is_ascii_punctuation());
        if (self.held.is_empty() || opens) && is_text(key) {
            self.ready.extend(self.held.drain(..).map(Input::Key));
            self.ready.push_back(Input::Key(key));
        } else if run.count > 1 && run.only.is_some() && run.repeats {
            // A key that is held down repeats that fast on some machines.
            self.ready.extend(self.held.drain(..).map(Input::Key));
            self.ready.push_back(Input::Key(key));
        } else if self.held.len() < PASTE_LIMIT {
            self.held.push(key);
        }
    }

    /// When [`expire`](Self::expire) must be called; nothing while nothing is held.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.run.filter(|_| !self.held.is_empty()).map(|run| run.newest + GAP)
    }

    /// Lets go of what was held long enough.
    pub(super) fn expire(&mut self, at: Instant) {
        if self.deadline().is_some_and(|deadline| at >= deadline) {
            self.finish();
        }
    }

    /// Lets go of everything.
    pub(super) fn finish(&mut self) {
        let held = std::mem::take(&mut self.held);
        let has_enter = held.contains(&Key::plain(KeyCode::Enter));
        let is_text = |run: &Run| run.only.is_none() && (run.count >= BURST || has_enter);
        let run = self.run.take();
        self.before = run.and_then(|run| Some((run.only?, run.newest)));
        let is_burst = run.as_ref().is_some_and(is_text);
        if !is_burst {
            self.ready.extend(held.into_iter().map(Input::Key));
            return;
        }
        let text: String = held.iter().map(|key| key.typed().unwrap_or('\n')).collect();
        let text = clean_paste(&text);
        if !text.is_empty() {
            self.ready.push_back(Input::Paste(text));
        }
    }

    /// The next input that is certain.
    pub(super) fn pop(&mut self) -> Option<Input> {
        self.ready.pop_front()
    }
}

/// What a text consists of: characters and the ends of its lines and columns.
fn is_typed(key: Key) -> bool {
    key.typed().is_some() || key == Key::plain(KeyCode::Enter) || key == Key::plain(KeyCode::Tab)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(c: char) -> Input {
        Input::Key(if c == '\n' { Key::plain(KeyCode::Enter) } else { Key::char(c) })
    }

    /// What comes out of keys with this many milliseconds between them.
    fn pressed(text: &str, gap: u64, takes_text: bool) -> Vec<Input> {
        let mut bursts = Bursts::default();
        let start = Instant::now();
        let mut out = Vec::new();
        for (place, c) in (0..).zip(text.chars()) {
            bursts.push(start + Duration::from_millis(place * gap), key(c), |_| takes_text);
            out.extend(std::iter::from_fn(|| bursts.pop()));
        }
        bursts.finish();
        out.extend(std::iter::from_fn(|| bursts.pop()));
        out
    }

    #[test]
    fn a_poured_text_is_one_paste_where_letters_are_commands() {
        for gap in [0, 1, 8, 19] {
            assert_eq!(pressed("Jane Doe\n204\n", gap, false), [Input::Paste("Jane Doe 204 ".into())], "{gap}");
        }
        assert_eq!(pressed("Doe\n", 0, true).len(), 4, "a text field takes it as it comes");
    }

    #[test]
    fn what_a_hand_presses_stays_keys() {
        let keys = |text: &str| text.chars().map(key).collect::<Vec<_>>();
        for (text, gap) in [("c\n", 20), ("c\n", 150), ("nqq", 10), ("Doe\n", 20), ("\n", 0)] {
            assert_eq!(pressed(text, gap, false), keys(text), "{text:?} every {gap} ms");
        }
        assert_eq!(pressed("jjjjjjjj", 16, false), keys("jjjjjjjj"), "a key that is held down");
    }

    #[test]
    fn a_key_that_is_held_down_works_while_it_is_held() {
        let mut bursts = Bursts::default();
        let start = Instant::now();
        bursts.push(start, key('j'), |_| false);
        let mut came = 0;
        for repeat in 0..30 {
            let at = start + Duration::from_millis(300 + repeat * 16);
            bursts.push(at, key('j'), |_| false);
            came += std::iter::from_fn(|| bursts.pop()).count() as u64;
            assert!(came >= repeat, "repeat {repeat}");
        }
        // Another key is a new beginning: what pours in behind it is a text.
        let at = start + Duration::from_secs(1);
        for c in "kcc\n".chars() {
            bursts.push(at, key(c), |_| false);
        }
        bursts.finish();
        assert_eq!(std::iter::from_fn(|| bursts.pop()).collect::<Vec<_>>(), [Input::Paste("kcc ".into())]);
    }

    #[test]
    fn a_short_text_with_an_enter_is_no_hand_either() {
        for text in
            ["ccc\n", "ccJane\n", "\n\nDoe", "c\n", "12\n", "j\n", "\nc", "7\n8\n", "ab\ncd\n", "\n\nc\n", "cc\n"]
        {
            for gap in [0, 1, 8, 19] {
                let out = pressed(text, gap, false);
                assert!(matches!(&out[..], [Input::Paste(_)]), "{text:?} every {gap} ms: {out:?}");
            }
        }
        assert_eq!(pressed("c\n", 1, false), [Input::Paste("c ".into())]);
        assert_eq!(pressed("1\n", 1, true), [key('1'), key('\n')], "a field takes it as it comes");
    }

    #[test]
    fn a_text_that_goes_on_behind_the_field_is_still_one_burst() {
        let mut bursts = Bursts::default();
        let start = Instant::now();
        for (place, c) in (0..).zip("Doe\nn\n".chars()) {
            bursts.push(start + Duration::from_millis(place), key(c), |_| place < 4);
        }
        bursts.finish();
        let out: Vec<Input> = std::iter::from_fn(|| bursts.pop()).collect();
        assert_eq!(out[..4], "Doe\n".chars().map(key).collect::<Vec<_>>());
        assert_eq!(out[4..], [Input::Paste("n ".into())]);
    }

    #[test]
    fn a_key_that_opens_a_field_comes_with_what_is_typed_there() {
        let mut bursts = Bursts::default();
        let at = Instant::now();
        let mut is_open = false;
        let mut out = Vec::new();
        for c in "1/doe\n".chars() {
            bursts.push(at, key(c), |key| is_open || key == Key::char('/'));
            while let Some(input) = bursts.pop() {
                is_open |= input == self::key('/');
                out.push(input);
            }
        }
        assert_eq!(out, "1/doe\n".chars().map(key).collect::<Vec<_>>());
    }

    #[test]
    fn other_keys_keep_their_place_in_the_order() {
        let mut bursts = Bursts::default();
        let at = Instant::now();
        bursts.push(at, key('c'), |_| false);
        assert_eq!(bursts.pop(), None);
        bursts.push(at, Input::Key(Key::f(4)), |_| false);
        assert_eq!((bursts.pop(), bursts.pop()), (Some(key('c')), Some(Input::Key(Key::f(4)))));
        bursts.push(at, key('x'), |_| false);
        bursts.expire(at + GAP);
        assert_eq!((bursts.pop(), bursts.deadline()), (Some(key('x')), None));
    }

    proptest! {
        #[test]
        fn no_poured_text_is_an_enter_where_letters_are_commands(
            text in "[a-zA-Z0-9 \n]{4,60}",
            gaps in prop::collection::vec(0_u64..20, 60),
        ) {
            prop_assume!(text.chars().any(|c| c != text.chars().next().unwrap()));
            let mut bursts = Bursts::default();
            let mut at = Instant::now();
            for (c, gap) in text.chars().zip(gaps) {
                at += Duration::from_millis(gap);
                bursts.push(at, key(c), |_| false);
            }
            bursts.finish();
            let out: Vec<Input> = std::iter::from_fn(|| bursts.pop()).collect();
            prop_assert!(!out.iter().any(|input| matches!(input, Input::Key(_))), "{out:?}");
        }
    }
}
