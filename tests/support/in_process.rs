//! A program driven without a terminal: ratatui's test backend, and time that passes when told.

use std::convert::Infallible;
use std::io;

use jiff::{SignedDuration, Timestamp};
use keydesk::keys::key::Key;
use keydesk::terminal::input::Input;
use keydesk::terminal::run::{Program, Screen};
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};

use super::driver::Driver;

/// A screen for the event loop that keeps what it shows.
pub struct TestScreen {
    pub terminal: Terminal<TestBackend>,
    /// Frames shown so far.
    pub frames: usize,
    /// Times that the bell rang.
    pub bells: usize,
    /// Sizes taken over so far.
    pub sizes: Vec<(u16, u16)>,
}

impl TestScreen {
    pub fn new(columns: u16, rows: u16) -> Self {
        let Ok(terminal) = Terminal::new(TestBackend::new(columns, rows));
        Self { terminal, frames: 0, bells: 0, sizes: Vec::new() }
    }

    pub fn text(&self) -> String {
        self.terminal.backend().to_string()
    }
}

impl Screen for TestScreen {
    fn resize(&mut self, columns: u16, rows: u16) -> io::Result<()> {
        self.sizes.push((columns, rows));
        self.terminal.backend_mut().resize(columns, rows);
        let resized: Result<(), Infallible> = self.terminal.resize(Rect::new(0, 0, columns, rows));
        resized.map_err(|never| match never {})
    }

    fn show(&mut self, bell: bool, view: &mut dyn FnMut(&mut Frame)) -> io::Result<()> {
        self.frames += 1;
        self.bells += usize::from(bell);
        self.terminal.draw(|frame| view(frame)).map(drop).map_err(|never| match never {})
    }
}

/// A person at a program that runs in this process.
pub struct InProcess<P: Program> {
    pub program: P,
    pub screen: TestScreen,
    pub now: Timestamp,
}

impl<P: Program> InProcess<P> {
    pub fn new(program: P, now: Timestamp, (columns, rows): (u16, u16)) -> Self {
        Self { program, screen: TestScreen::new(columns, rows), now }
    }

    /// Tells the program something.
    pub fn tell(&mut self, message: P::Msg) {
        self.program.message(self.now, message);
    }

    /// Enter is held down.
    pub fn hold_enter(&mut self) {
        self.program.input(self.now, Input::EnterHeld);
    }

    /// Lets time pass; deadlines come when they are due.
    pub fn pass(&mut self, time: SignedDuration) {
        let end = self.now + time;
        while let Some(deadline) = self.program.deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.program.deadline_passed(self.now);
            assert!(self.program.deadline() != Some(deadline), "the deadline {deadline} stays for ever");
        }
        self.now = end;
    }
}

impl<P: Program> Driver for InProcess<P> {
    fn key(&mut self, key: Key) {
        self.program.input(self.now, Input::Key(key));
    }

    fn paste(&mut self, text: &str) {
        self.program.input(self.now, Input::Paste(text.to_owned()));
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.resize(columns, rows).unwrap();
        self.program.input(self.now, Input::Resize(columns, rows));
    }

    fn wait_until(&mut self, what: &str, wanted: &mut dyn FnMut(&str) -> bool) {
        let screen = self.screen_text();
        assert!(wanted(&screen), "the screen does not show {what}:\n{screen}");
    }

    fn screen_text(&mut self) -> String {
        let bell = self.program.take_bell();
        if self.program.take_dirty() || bell || self.screen.frames == 0 {
            self.screen.show(bell, &mut |frame| self.program.view(frame)).unwrap();
        }
        self.screen.text()
    }
}
