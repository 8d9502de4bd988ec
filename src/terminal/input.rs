//! Keys, pastes and sizes as they come from the terminal.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc;

use super::burst::Bursts;
use super::decoder::Decoder;
use super::held_enter::HeldEnter;
use super::rejoin::{PASTE_LIMIT, Rejoin};
use super::unix::{TerminalBytes, TerminalEvent};
use crate::keys::key::{Key, KeyCode};

/// Arrivals that may wait for the program; more than a terminal line itself holds back.
const WAITING: usize = 8192;

/// How long a bare Esc, and each further piece of its sequence, is waited for.
pub const HOLD: Duration = Duration::from_millis(50);

/// What a person or the terminal did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed, or repeats while it is held.
    Key(Key),
    /// Enter is held down: it was told as a key once and is not told again.
    EnterHeld,
    /// A text was pasted: one line, no control characters, at most 4096 characters, never empty.
    Paste(String),
    /// The window has a new size: columns, rows.
    Resize(u16, u16),
    /// The window came to the front (only from terminals that report it unasked).
    FocusGained,
    /// Another window came to the front.
    FocusLost,
}

/// An event and when it arrived. The time counts for telling the Esc key from a torn sequence, so it is taken where
/// the event is read, not where a busy program gets to it.
pub type Arrival = (Instant, Event);

/// The keyboard as the program sees it: events in, [`Input`] out.
#[derive(Debug)]
pub struct Keyboard {
    arrivals: mpsc::Receiver<Arrival>,
    rejoin: Rejoin,
    held_enter: HeldEnter,
    bursts: Bursts,
}

impl Keyboard {
    /// A keyboard over any source of events; it ends when the source does. A bare Esc is held for `hold`, usually
    /// [`HOLD`].
    pub fn new(arrivals: mpsc::Receiver<Arrival>, hold: Duration) -> Self {
        Self { arrivals, rejoin: Rejoin::new(hold), held_enter: HeldEnter::default(), bursts: Bursts::default() }
    }

    /// The next input; `None` when the source has ended. Nothing is lost when the wait is given up. `is_text` tells
    /// whether a key would be typed into a text now, or open one: elsewhere keys are commands, and what pours in is none.
    pub async fn next(&mut self, is_text: impl Fn(Key) -> bool) -> Option<Input> {
        loop {
            if let Some(input) = self.try_next(&is_text) {
                return Some(input);
            }
            let deadlines = [self.rejoin.deadline(), self.held_enter.deadline(), self.bursts.deadline()];
            let deadline = deadlines.into_iter().flatten().min();
            let arrival = match deadline {
                None => self.arrivals.recv().await,
                Some(deadline) => tokio::select! {
                    biased;
                    arrival = self.arrivals.recv() => arrival,
                    () = tokio::time::sleep_until(deadline.into()) => {
                        self.rejoin.expire(deadline);
                        self.held_enter.expire(deadline);
                        self.pass_on(deadline, &is_text);
                        self.bursts.expire(deadline);
                        continue;
                    }
                },
            };
            let Some(arrival) = arrival else {
                self.rejoin.finish();
                self.pass_on(Instant::now(), &is_text);
                self.held_enter.finish();
                self.pass_on(Instant::now(), &is_text);
                self.bursts.finish();
                return self.bursts.pop();
            };
            self.take_arrival(arrival, &is_text);
        }
    }

    /// The next input that is already there.
    pub fn try_next(&mut self, is_text: impl Fn(Key) -> bool) -> Option<Input> {
        loop {
            if let Some(input) = self.bursts.pop() {
                return Some(input);
            }
            let arrival = self.arrivals.try_recv().ok()?;
            self.take_arrival(arrival, &is_text);
        }
    }

    fn take_arrival(&mut self, (at, event): Arrival, is_text: &impl Fn(Key) -> bool) {
        if let Some(input) = translate(event) {
            self.rejoin.push(at, input);
            self.pass_on(at, is_text);
        }
    }

    fn pass_on(&mut self, at: Instant, is_text: &impl Fn(Key) -> bool) {
        while let Some(input) = self.rejoin.pop() {
            self.held_enter.push(at, input);
        }
        while let Some((at, input)) = self.held_enter.pop() {
            self.bursts.push(at, input, is_text);
        }
    }
}

/// The way for events to the [`Keyboard`].
pub fn arrivals() -> (mpsc::Sender<Arrival>, mpsc::Receiver<Arrival>) {
    mpsc::channel(WAITING)
}

/// Starts the thread that reads the terminal. `shown` is the size that was read before: when the window was resized
/// in between, that arrives first.
///
/// A thread of its own, since a read blocks, and the program must go on.
///
/// # Errors
/// When the system gives no thread, or refuses to tell of new sizes.
pub fn read_terminal(shown: (u16, u16), sender: mpsc::Sender<Arrival>) -> io::Result<()> {
    let mut bytes = TerminalBytes::open()?;
    thread::Builder::new().name("keyboard".into()).spawn(move || {
        if let Err(error) = forward(&mut bytes, shown, &sender) {
            tracing::error!(%error, "reading the terminal failed");
        }
    })?;
    Ok(())
}

/// Tells the program that the whole screen must be drawn anew: the size is told once more.
pub fn draw_anew(sender: &mpsc::WeakSender<Arrival>) {
    // Nobody draws any more when the program ends.
    if let (Some(sender), Ok((columns, rows))) = (sender.upgrade(), super::full_screen::size()) {
        let _ = sender.blocking_send((Instant::now(), Event::Resize(columns, rows)));
    }
}

/// Reads until the program or the terminal is gone.
fn forward(bytes: &mut TerminalBytes, shown: (u16, u16), sender: &mpsc::Sender<Arrival>) -> io::Result<()> {
    let mut decoder = Decoder::default();
    // One that came before it is listened for shows in the size.
    let (columns, rows) = super::full_screen::size()?;
    let mut events = if (columns, rows) == shown { Vec::new() } else { vec![Event::Resize(columns, rows)] };
    loop {
        let at = Instant::now();
        for event in events {
            if sender.blocking_send((at, event)).is_err() {
                return Ok(());
            }
        }
        events = match bytes.next(decoder.waits())? {
            TerminalEvent::Bytes(read) => decoder.feed(read),
            TerminalEvent::Silence => decoder.flush(),
            TerminalEvent::Resized => {
                let (columns, rows) = super::full_screen::size()?;
                vec![Event::Resize(columns, rows)]
            }
            TerminalEvent::End => return Ok(()),
        };
    }
}

fn translate(event: Event) -> Option<Input> {
    match event {
        Event::Key(KeyEvent { kind: KeyEventKind::Release, .. }) | Event::Mouse(_) => None,
        Event::Key(event) => Some(Input::Key(key(event))),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Resize(columns, rows) => {
            let (columns, rows) = super::full_screen::usable(columns, rows);
            Some(Input::Resize(columns, rows))
        }
        Event::FocusGained => Some(Input::FocusGained),
        Event::FocusLost => Some(Input::FocusLost),
    }
}

fn key(event: KeyEvent) -> Key {
    use crossterm::event::KeyCode as Code;
    let held = |modifier| event.modifiers.contains(modifier);
    let (mut ctrl, alt, mut shift) = (held(KeyModifiers::CONTROL), held(KeyModifiers::ALT), held(KeyModifiers::SHIFT));
    let code = match event.code {
        // What terminals send for Enter and Backspace besides their own codes.
        Code::Char('j' | 'm') if ctrl => KeyCode::Enter,
        Code::Char('h') if ctrl => KeyCode::Backspace,
        Code::Char(c) if c.is_control() => KeyCode::Other,
        Code::Char(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
        Code::Char(c) => KeyCode::Char(c),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab if shift => KeyCode::BackTab,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Insert => KeyCode::Insert,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::F(number) => KeyCode::F(number),
        _ => KeyCode::Other,
    };
    if matches!(event.code, Code::Char('j' | 'm' | 'h')) && matches!(code, KeyCode::Enter | KeyCode::Backspace) {
        ctrl = false;
    }
    if matches!(code, KeyCode::Char(_) | KeyCode::BackTab) {
        shift = false;
    }
    Key { code, ctrl, alt, shift }
}

/// A pasted text as one harmless line: line ends and tabs become a space, other control characters go, and what is
/// beyond the limit goes too.
pub(super) fn clean_paste(text: &str) -> String {
    let mut clean = String::new();
    let mut before = ' ';
    for c in text.chars().take(PASTE_LIMIT) {
        match c {
            '\n' if before == '\r' => {}
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push(' '),
            c if c.is_control() => {}
            c => clean.push(c),
        }
        before = c;
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyCode as Code;
    use proptest::prelude::*;

    fn pressed(code: Code, modifiers: KeyModifiers) -> Key {
        key(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn what_terminals_send_for_enter_and_backspace_is_understood() {
        for c in ['j', 'm'] {
            assert_eq!(pressed(Code::Char(c), KeyModifiers::CONTROL), Key::plain(KeyCode::Enter));
        }
        assert_eq!(pressed(Code::Char('h'), KeyModifiers::CONTROL), Key::plain(KeyCode::Backspace));
        assert_eq!(pressed(Code::Char('h'), KeyModifiers::NONE), Key::char('h'));
    }

    #[test]
    fn shift_is_folded_into_what_it_produces() {
        assert_eq!(pressed(Code::Char('S'), KeyModifiers::SHIFT), Key::char('S'));
        assert_eq!(pressed(Code::BackTab, KeyModifiers::SHIFT), Key::plain(KeyCode::BackTab));
        assert_eq!(pressed(Code::Tab, KeyModifiers::SHIFT), Key::plain(KeyCode::BackTab));
        assert_eq!(pressed(Code::Char('S'), KeyModifiers::CONTROL | KeyModifiers::SHIFT), Key::ctrl('s'));
        assert!(pressed(Code::Up, KeyModifiers::SHIFT).shift);
    }

    #[test]
    fn a_control_character_never_counts_as_typed() {
        assert_eq!(pressed(Code::Char('\u{9b}'), KeyModifiers::NONE), Key::plain(KeyCode::Other));
    }

    #[test]
    fn only_presses_and_repeats_count() {
        let event = |kind| Event::Key(KeyEvent::new_with_kind(Code::Char('a'), KeyModifiers::NONE, kind));
        assert_eq!(translate(event(KeyEventKind::Press)), Some(Input::Key(Key::char('a'))));
        assert_eq!(translate(event(KeyEventKind::Repeat)), Some(Input::Key(Key::char('a'))));
        assert_eq!(translate(event(KeyEventKind::Release)), None);
    }

    #[test]
    fn a_paste_becomes_one_harmless_line() {
        assert_eq!(clean_paste("Jane\tDoe\r\nRoom 204\rx\ny"), "Jane Doe Room 204 x y");
        assert_eq!(clean_paste("\u{1b}[31mred\u{7}\u{9b}2J\0"), "[31mred2J");
        assert_eq!(clean_paste(&"x".repeat(100_000)).len(), PASTE_LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lone_esc_comes_after_the_hold() {
        let (sender, receiver) = mpsc::channel(4);
        let mut keyboard = Keyboard::new(receiver, HOLD);
        let start = tokio::time::Instant::now();
        assert!(sender.try_send((start.into_std(), Event::Key(Code::Esc.into()))).is_ok());
        assert_eq!(keyboard.try_next(|_| true), None);
        assert_eq!(keyboard.next(|_| true).await, Some(Input::Key(Key::plain(KeyCode::Esc))));
        assert_eq!(start.elapsed(), HOLD);
        drop(sender);
        assert_eq!(keyboard.next(|_| true).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_held_enter_is_one_key_and_a_second_press_is_a_key_in_time() {
        let enter = || Input::Key(Key::plain(KeyCode::Enter));
        for (times, expected) in
            [(&[0, 500, 530, 560][..], vec![enter(), Input::EnterHeld]), (&[0, 500][..], vec![enter(), enter()])]
        {
            let (sender, receiver) = mpsc::channel(4);
            let mut keyboard = Keyboard::new(receiver, HOLD);
            let start = tokio::time::Instant::now();
            for after in times {
                let at = start.into_std() + Duration::from_millis(*after);
                assert!(sender.try_send((at, Event::Key(Code::Enter.into()))).is_ok());
            }
            for input in expected {
                assert_eq!(keyboard.next(|_| false).await, Some(input));
            }
            assert!(start.elapsed() <= Duration::from_millis(600));
            drop(sender);
            assert_eq!(keyboard.next(|_| false).await, None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_torn_sequence_is_one_key_for_a_busy_program_too() {
        let (sender, receiver) = mpsc::channel(4);
        let mut keyboard = Keyboard::new(receiver, HOLD);
        let start = tokio::time::Instant::now().into_std();
        for (after, code) in [(0, Code::Esc), (5, Code::Char('[')), (10, Code::Char('A'))] {
            assert!(sender.try_send((start + Duration::from_millis(after), Event::Key(code.into()))).is_ok());
        }
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(keyboard.next(|_| true).await, Some(Input::Key(Key::plain(KeyCode::Up))));
    }

    proptest! {
        #[test]
        fn no_paste_holds_a_control_character(text in "\\PC*[\\x00-\\x1f\\x7f-\\x9f]*\\PC*") {
            prop_assert!(!clean_paste(&text).chars().any(char::is_control));
        }
    }
}
