//! Puts key sequences back together that a slow line tore apart. Pure: the time is handed in.
//!
//! A terminal sends an arrow as `Esc [ A`. When the line delivers the `Esc` alone, the reader must take it for the Esc
//! key, and `[` and `A` follow as typed letters. So a bare Esc is held for a moment: what completes a sequence becomes
//! its key, anything else comes out as it came in. A paste that lost its head the same way is collected again, so that
//! its line ends never act as Enter.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::input::{Input, clean_paste};
use crate::keys::key::{Key, KeyCode};

/// How long a paste that was put together again may pause before it counts as whole: its end mark may be lost.
const PASTE_PAUSE: Duration = Duration::from_millis(200);

/// How close text must follow a paste to be part of it: nobody types that fast, but a forged end mark does.
const PASTE_TAIL: Duration = Duration::from_millis(10);

/// How close the characters of a terminal's answer follow each other.
const ANSWER_GAP: Duration = Duration::from_millis(50);

/// No key's sequence is longer than this.
pub(super) const LONGEST: usize = 12;

/// Much more than any field takes; what a paste holds beyond it is dropped.
pub(super) const PASTE_LIMIT: usize = 4096;

/// The machine: input as the terminal delivered it goes in, input as it was meant comes out, in the same order.
#[derive(Debug)]
pub(super) struct Rejoin {
    hold: Duration,
    /// A bare Esc came: the characters since.
    held: Option<String>,
    /// A paste is being collected: its text so far, and the pause that ends it.
    paste: Option<(String, Duration)>,
    /// When the newest character of a string that the terminal sends by itself (OSC, DCS, APC, PM, SOS) came: a late
    /// answer to a question of an earlier program. It is nobody's typing.
    answer: Option<Instant>,
    /// When what is held or collected is let go.
    until: Option<Instant>,
    ready: VecDeque<Input>,
}

impl Rejoin {
    pub(super) fn new(hold: Duration) -> Self {
        Self { hold, held: None, paste: None, answer: None, until: None, ready: VecDeque::new() }
    }

    /// Takes input that arrived at `at`; times must not go back.
    pub(super) fn push(&mut self, at: Instant, input: Input) {
        self.expire(at);
        let Input::Key(key) = input else {
            if let Input::Paste(text) = input {
                self.release();
                self.collect(&text, PASTE_TAIL);
                self.wait(at);
            } else {
                // A new size or focus has no place in the order of keys.
                self.ready.push_back(input);
            }
            return;
        };
        if self.is_of_answer(at, key) {
            return;
        }
        if let (Some(held), Some(c)) = (self.held.as_mut(), key.typed()) {
            held.push(c);
            let sequence = read(held);
            self.advance(sequence, at);
        } else {
            self.release();
            if key == Key::plain(KeyCode::Esc) {
                self.held = Some(String::new());
            } else {
                self.deliver(Input::Key(key));
            }
        }
        self.wait(at);
    }

    /// Whether the key belongs to a string that the terminal sends by itself.
    fn is_of_answer(&mut self, at: Instant, key: Key) -> bool {
        let goes_on = self.answer.is_some_and(|newest| at <= newest + ANSWER_GAP);
        // The reader takes the Esc before a character for Alt.
        let begins = |c| key.alt && !key.ctrl && key.code == KeyCode::Char(c);
        self.answer = if ANSWERS.into_iter().any(begins) || goes_on && self.held.is_none() && key.typed().is_some() {
            Some(at)
        } else if goes_on && (begins('\\') || key == Key::ctrl('g')) {
            self.answer = None;
            return true;
        } else {
            None
        };
        self.answer.is_some()
    }

    /// Acts on what the held characters amount to.
    fn advance(&mut self, sequence: Sequence, at: Instant) {
        match sequence {
            Sequence::Part => return,
            Sequence::None => self.release(),
            Sequence::Whole(None) => {}
            Sequence::Whole(Some(input)) => self.deliver(input),
            Sequence::PasteStart => self.collect("", PASTE_PAUSE),
            Sequence::PasteEnd => self.end_paste(),
            Sequence::Answer => self.answer = Some(at),
        }
        self.held = None;
    }

    /// When [`expire`](Self::expire) must be called; nothing while nothing is held.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.until
    }

    /// Lets go of what was held long enough.
    pub(super) fn expire(&mut self, at: Instant) {
        if self.until.is_some_and(|until| at >= until) {
            self.finish();
        }
    }

    /// Gives out all that is still held back, as no more will come.
    pub(super) fn finish(&mut self) {
        self.until = None;
        self.release();
        self.end_paste();
    }

    /// The next input that is certain.
    pub(super) fn pop(&mut self) -> Option<Input> {
        self.ready.pop_front()
    }

    fn wait(&mut self, at: Instant) {
        let hold = self.held.as_ref().map(|_| self.hold);
        let pause = self.paste.as_ref().map(|(_, pause)| *pause);
        self.until = hold.max(pause).map(|longest| at + longest);
    }

    /// The held Esc was the Esc key, and what followed was typed.
    fn release(&mut self) {
        if let Some(text) = self.held.take() {
            self.deliver(Input::Key(Key::plain(KeyCode::Esc)));
            for c in text.chars() {
                self.deliver(Input::Key(Key::char(c)));
            }
        }
    }

    /// Passes input on, or into the paste that is being collected if it is text.
    fn deliver(&mut self, input: Input) {
        if let (Some(_), Input::Key(key)) = (&self.paste, &input) {
            let text = match key.code {
                KeyCode::Enter | KeyCode::Tab => Some('\n'),
                KeyCode::Esc => return,
                _ => key.typed(),
            };
            if let Some(c) = text {
                let pause = self.paste.as_ref().map_or(PASTE_PAUSE, |(_, pause)| *pause);
                self.collect(c.encode_utf8(&mut [0; 4]), pause);
                return;
            }
            self.end_paste();
        }
        self.ready.push_back(input);
    }

    fn collect(&mut self, more: &str, pause: Duration) {
        let (text, longest) = self.paste.get_or_insert_default();
        *longest = pause.max(*longest);
        let room = PASTE_LIMIT.saturating_sub(text.chars().count());
        text.extend(more.chars().take(room));
    }

    fn end_paste(&mut self) {
        if let Some((text, _)) = self.paste.take() {
            let text = clean_paste(&text);
            if !text.is_empty() {
                self.ready.push_back(Input::Paste(text));
            }
        }
    }
}

/// What follows the Esc of a string that a terminal sends by itself: OSC, DCS, APC, PM, SOS.
const ANSWERS: [char; 5] = [']', 'P', '_', '^', 'X'];

/// What the characters after an Esc amount to.
enum Sequence {
    /// Not a whole sequence yet.
    Part,
    /// A whole one: its input, or nothing for one that keydesk has no use for.
    Whole(Option<Input>),
    PasteStart,
    PasteEnd,
    /// The start of a string that the terminal sends by itself.
    Answer,
    /// No part of a sequence: a person typed it.
    None,
}

fn read(text: &str) -> Sequence {
    let mut chars = text.chars();
    let (lead, rest) = (chars.next(), chars.as_str());
    match (lead, rest.chars().next_back()) {
        (Some('[' | 'O'), None) => Sequence::Part,
        (Some('['), Some('[')) if rest.len() == 1 => Sequence::Part,
        (Some('['), Some('0'..='9' | ';' | ':' | '<'..='?')) if rest.len() < LONGEST => Sequence::Part,
        (Some('O'), Some(last)) => match letter(last) {
            Some(code) => Sequence::Whole(Some(Input::Key(Key::plain(code)))),
            None => Sequence::None,
        },
        (Some('['), Some('@'..='~')) => control(rest),
        (Some(lead), None) if ANSWERS.contains(&lead) => Sequence::Answer,
        // The end of such a string.
        (Some('\\'), None) => Sequence::Whole(None),
        _ => Sequence::None,
    }
}

/// A control sequence: parameters and a last letter.
fn control(text: &str) -> Sequence {
    let (parameters, last) = text.split_at(text.len() - 1);
    let last = last.chars().next().unwrap_or_default();
    let mut numbers = parameters.split(';').map(|number| number.split(':').next().and_then(|n| n.parse().ok()));
    let first: Option<u16> = numbers.next().flatten();
    let held = numbers.next().flatten().unwrap_or(1u16).saturating_sub(1);
    let code = match (parameters, last) {
        ("200", '~') => return Sequence::PasteStart,
        ("201", '~') => return Sequence::PasteEnd,
        ("", 'I') => return Sequence::Whole(Some(Input::FocusGained)),
        ("", 'O') => return Sequence::Whole(Some(Input::FocusLost)),
        ("", 'Z') => Some(KeyCode::BackTab),
        ("[", 'A'..='E') => Some(KeyCode::F(last as u8 - b'A' + 1)),
        (_, '~') => first.and_then(numbered),
        _ => letter(last),
    };
    Sequence::Whole(
        code.map(|code| Input::Key(Key { code, shift: held & 1 != 0, alt: held & 2 != 0, ctrl: held & 4 != 0 })),
    )
}

/// The keys that a letter stands for.
pub(super) fn letter(c: char) -> Option<KeyCode> {
    Some(match c {
        'A' => KeyCode::Up,
        'B' => KeyCode::Down,
        'C' => KeyCode::Right,
        'D' => KeyCode::Left,
        'F' | 'w' => KeyCode::End,
        'H' => KeyCode::Home,
        'M' => KeyCode::Enter,
        'P'..='S' => KeyCode::F(c as u8 - b'P' + 1),
        _ => return None,
    })
}

/// The keys that a number and a tilde stand for: those of xterm, rxvt and the Linux console.
fn numbered(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number as u8 - 10),
        17..=21 => KeyCode::F(number as u8 - 11),
        23..=26 => KeyCode::F(number as u8 - 12),
        28..=29 => KeyCode::F(number as u8 - 15),
        31..=34 => KeyCode::F(number as u8 - 17),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
