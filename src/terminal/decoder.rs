//! Bytes of a terminal become events. Pure: what is not whole yet waits for more, or for the word that no more comes.
//!
//! Sequences of keys pass on as they are, an Esc and its characters, for [`Rejoin`](super::rejoin) to read: it must know
//! them anyway, since a slow line tears them. A byte that can't be UTF-8 comes from a terminal that sends Latin-1.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::rejoin::{LONGEST, PASTE_LIMIT, letter};

const PASTE: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// How long the rest of a torn character or sequence is waited for.
const TORN: Duration = Duration::from_millis(200);

/// How long a paste may pause. One whose end was lost must not take the keyboard away for ever.
const PASTE_PAUSE: Duration = Duration::from_secs(3);

/// The most bytes of a paste that are kept; what comes between these and its end is dropped.
const LONGEST_PASTE: usize = 4 * PASTE_LIMIT;

/// What the terminal sent, as far as it is not decoded yet.
#[derive(Debug, Default)]
pub(super) struct Decoder(Vec<u8>);

/// What the first bytes are.
enum Decoded {
    /// So many bytes are these events.
    Events(usize, Vec<Event>),
    /// The begin of something longer.
    Part,
}

impl Decoder {
    /// Decodes what was read. A lone Esc at its end counts as the key: it may be torn from a sequence, too.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.0.extend_from_slice(bytes);
        self.decode(false)
    }

    /// Decodes what waits for more, as no more came in time.
    pub fn flush(&mut self) -> Vec<Event> {
        self.decode(true)
    }

    /// How long what waits for more may go on waiting before [`flush`](Self::flush); `None` when nothing waits.
    pub fn waits(&self) -> Option<Duration> {
        match self.0.as_slice() {
            [] => None,
            // The rest of a paste would act as keys: it gets more time.
            bytes if bytes.starts_with(PASTE) => Some(PASTE_PAUSE),
            _ => Some(TORN),
        }
    }

    fn decode(&mut self, is_all: bool) -> Vec<Event> {
        let mut events = Vec::new();
        let mut at = 0;
        while at < self.0.len() {
            match first(&self.0[at..], is_all) {
                Decoded::Events(length, found) => {
                    events.extend(found);
                    at += length;
                }
                Decoded::Part => break,
            }
        }
        self.0.drain(..at);
        if self.0.starts_with(PASTE) {
            let kept = PASTE.len() + LONGEST_PASTE;
            // The end may be torn.
            let last = self.0.len().saturating_sub(PASTE_END.len() - 1);
            self.0.drain(kept.min(last)..last);
        }
        events
    }
}

fn first(bytes: &[u8], is_all: bool) -> Decoded {
    let esc = || key(KeyCode::Esc);
    match bytes {
        [0x1b] | [0x1b, 0x1b, ..] => Decoded::Events(1, vec![esc()]),
        [0x1b, b'[', rest @ ..] => control_sequence(bytes, rest, is_all),
        [0x1b, b'O'] if !is_all => Decoded::Part,
        [0x1b, b'O', last, ..] if last.is_ascii_graphic() || *last == b' ' => {
            let events = match (letter(char::from(*last)), keypad(*last)) {
                (Some(_), _) => as_keys(&bytes[..3]),
                (None, Some(c)) => vec![key(KeyCode::Char(c))],
                // What no key sends is nobody's typing.
                (None, None) => Vec::new(),
            };
            Decoded::Events(3, events)
        }
        [0x1b, rest @ ..] => match first(rest, is_all) {
            Decoded::Events(length, events) => Decoded::Events(length + 1, events.into_iter().map(with_alt).collect()),
            part @ Decoded::Part => part,
        },
        _ => single(bytes, is_all),
    }
}

fn control_sequence(bytes: &[u8], rest: &[u8], is_all: bool) -> Decoded {
    if let Some(paste) = bytes.strip_prefix(PASTE) {
        return match memchr::memmem::find(paste, PASTE_END) {
            Some(end) => {
                Decoded::Events(PASTE.len() + end + PASTE_END.len(), vec![Event::Paste(text_of(&paste[..end]))])
            }
            None if is_all => Decoded::Events(bytes.len(), vec![Event::Paste(text_of(paste))]),
            None => Decoded::Part,
        };
    }
    // The Linux console sends F1 to F5 as `[[A` to `[[E`.
    let parameters = usize::from(rest.first() == Some(&b'['));
    let end = rest.iter().skip(parameters).position(|byte| !matches!(byte, 0x20..=0x3f)).map(|at| at + parameters);
    match end.map(|end| (end, rest[end])) {
        None if !is_all => Decoded::Part,
        None => Decoded::Events(bytes.len(), as_keys(bytes)),
        // A long one is an answer of the terminal that nobody waits for.
        Some((end, 0x40..=0x7e)) if end >= LONGEST => Decoded::Events(end + 3, Vec::new()),
        Some((end, 0x40..=0x7e)) => Decoded::Events(end + 3, as_keys(&bytes[..end + 3])),
        Some((end, _)) => Decoded::Events(end + 2, as_keys(&bytes[..end + 2])),
    }
}

/// A byte of control, or a character.
fn single(bytes: &[u8], is_all: bool) -> Decoded {
    let ctrl = |c: u8| Event::Key(KeyEvent::new(KeyCode::Char(char::from(c)), KeyModifiers::CONTROL));
    let event = match bytes[0] {
        b'\r' => key(KeyCode::Enter),
        b'\t' => key(KeyCode::Tab),
        0x7f => key(KeyCode::Backspace),
        0 => ctrl(b' '),
        byte @ 1..=0x1a => ctrl(byte - 1 + b'a'),
        byte @ 0x1c..=0x1f => ctrl(byte - 0x1c + b'4'),
        _ => {
            return match character(bytes) {
                None if !is_all => Decoded::Part,
                found => {
                    let (length, c) = found.unwrap_or((1, char::from(bytes[0])));
                    Decoded::Events(length, vec![key(KeyCode::Char(c))])
                }
            };
        }
    };
    Decoded::Events(1, vec![event])
}

/// The first character with its length; `None` while its bytes are not all there. A byte that can't begin or go on a
/// character of UTF-8 is one of Latin-1.
fn character(bytes: &[u8]) -> Option<(usize, char)> {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let given = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(given) {
        Ok(text) => text.chars().next().map(|c| (c.len_utf8(), c)),
        // `error_len` is `None` where only the end is missing.
        Err(error) if error.error_len().is_none() && given.len() < length => None,
        Err(_) => Some((1, char::from(bytes[0]))),
    }
}

/// What the keypad sends after Esc and O where an earlier program left it so. It counts only in one piece: torn by a
/// slow line it is what a person may type.
fn keypad(last: u8) -> Option<char> {
    Some(match last {
        b' ' => ' ',
        b'X' => '=',
        // From * to 9 they stand as in ASCII.
        b'j'..=b'y' => char::from(last - b'j' + b'*'),
        _ => return None,
    })
}

fn text_of(mut bytes: &[u8]) -> String {
    let mut text = String::new();
    while let Some(first) = bytes.first() {
        let (length, c) = character(bytes).unwrap_or((1, char::from(*first)));
        text.push(c);
        bytes = &bytes[length..];
    }
    text
}

fn key(code: KeyCode) -> Event {
    Event::Key(code.into())
}

/// An Esc and the characters of its sequence.
fn as_keys(sequence: &[u8]) -> Vec<Event> {
    let characters = sequence[1..].iter().map(|byte| key(KeyCode::Char(char::from(*byte))));
    std::iter::once(key(KeyCode::Esc)).chain(characters).collect()
}

fn with_alt(event: Event) -> Event {
    match event {
        Event::Key(mut key) => {
            key.modifiers |= KeyModifiers::ALT;
            Event::Key(key)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(events: &[Event]) -> String {
        let char_of = |event: &Event| match event {
            Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers, .. }) if modifiers.is_empty() => Some(*c),
            _ => None,
        };
        events.iter().filter_map(char_of).collect()
    }

    fn all(bytes: &[u8]) -> Vec<Event> {
        let mut decoder = Decoder::default();
        let mut events = decoder.feed(bytes);
        events.extend(decoder.flush());
        events
    }

    #[test]
    fn latin_1_is_read_where_utf_8_can_not_be() {
        for (bytes, text) in [
            (&b"Jos\xe9 Ruiz"[..], "José Ruiz"),
            (b"M\xfcller", "Müller"),
            (b"\xc5ngstr\xf6m", "Ångström"),
            (b"Jos\xe9", "José"),
            ("José 雪 𝄞".as_bytes(), "José 雪 𝄞"),
            (b"\xe9\xe9\xe9", "ééé"),
            (b"\xf0\x9d\x84x", "\u{f0}\u{9d}\u{84}x"),
        ] {
            assert_eq!(typed(&all(bytes)), text);
        }
        assert_eq!(all(b"\x1b[200~Jos\xe9 R\x1b[201~"), [Event::Paste("José R".into())]);
    }

    #[test]
    fn a_character_waits_for_its_rest() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\xc3"), []);
        assert_eq!(decoder.waits(), Some(TORN));
        assert_eq!(typed(&decoder.feed(b"\xa9")), "é");
        assert_eq!(decoder.waits(), None);
    }

    #[test]
    fn a_paste_is_one_whatever_stands_in_it_and_waits_for_its_end() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b[200~a\rb\x03\x1b[A"), []);
        assert_eq!(decoder.waits(), Some(PASTE_PAUSE));
        assert_eq!(decoder.feed(b"c\x1b[201~"), [Event::Paste("a\rb\u{3}\u{1b}[Ac".into())]);
    }

    #[test]
    fn a_paste_without_its_end_gives_the_keyboard_back_and_is_kept_short() {
        let mut decoder = Decoder::default();
        decoder.feed(b"\x1b[200~Jane");
        assert_eq!(decoder.flush(), [Event::Paste("Jane".into())]);
        assert_eq!(typed(&decoder.feed(b"x")), "x");
        decoder.feed(PASTE);
        for _ in 0..1000 {
            decoder.feed(&[b'x'; 1024]);
        }
        assert!(decoder.0.len() < 2 * LONGEST_PASTE, "{}", decoder.0.len());
        decoder.feed(&PASTE_END[..3]);
        let events = decoder.feed(&PASTE_END[3..]);
        assert!(matches!(&events[..], [Event::Paste(text)] if text.len() <= LONGEST_PASTE + PASTE_END.len()));
        assert_eq!(typed(&decoder.feed(b"y")), "y");
    }

    #[test]
    fn esc_twice_is_twice() {
        let esc = || key(KeyCode::Esc);
        assert_eq!(all(b"\x1b\x1b"), [esc(), esc()]);
        assert_eq!(all(b"\x1b\x1b\x1b"), [esc(), esc(), esc()]);
    }

    #[test]
    fn what_no_key_sends_is_no_typing() {
        for bytes in [&b"\x1bOz"[..], b"\x1b[?64;1;2;6;9;15;18;21;22c", b"\x1b[>0;276;0;1;2c"] {
            assert_eq!(typed(&all(bytes)), "", "{bytes:?}");
        }
        assert_eq!(typed(&all(b"\x1bOp\x1bOq\x1bOy\x1bOk\x1bOX")), "019+=");
        assert_eq!(all(b"\x1bx"), [with_alt(key(KeyCode::Char('x')))]);
        assert_eq!(all(b"\x1b\r"), [with_alt(key(KeyCode::Enter))]);
    }

    proptest! {
        #[test]
        fn text_comes_out_as_it_went_in_wherever_it_is_torn(text in "[^\\x00-\\x1f\\x7f-\\x9f]{0,20}", cut in 0_usize..60) {
            let bytes = text.as_bytes();
            let cut = cut.min(bytes.len());
            let mut decoder = Decoder::default();
            let mut events = decoder.feed(&bytes[..cut]);
            events.extend(decoder.feed(&bytes[cut..]));
            prop_assert_eq!(typed(&events), text);
            prop_assert_eq!(decoder.waits(), None);
        }

        #[test]
        fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut decoder = Decoder::default();
            decoder.feed(&bytes);
            decoder.flush();
            prop_assert_eq!(decoder.waits(), None);
        }
    }
}
