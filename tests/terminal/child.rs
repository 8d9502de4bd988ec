//! The program that the terminal tests look at: it shows what it was told, and fails on request.

use std::env;
use std::io::{self, Write};
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::backend::lanes::{Lanes, Message};
use keydesk::keys::key::{Key, KeyCode};
use keydesk::terminal::host::{Patience, ProgramParts, host};
use keydesk::terminal::input::Input;
use keydesk::terminal::run::{End, Program};
use keydesk::terminal::stop::Ending;
use ratatui::Frame;
use ratatui::layout::Position;
use tokio::runtime::Handle;

use crate::support::pty::Launch;

const CHILD: &str = "KEYDESK_TEST_CHILD";
/// How long a bare Esc is held, in milliseconds.
pub const HOLD: &str = "KEYDESK_TEST_HOLD";

const ARGS: [&str; 5] = ["terminal::child_process", "--exact", "--nocapture", "--quiet", "--test-threads=1"];

/// This test binary once more, as the child, in a terminal.
pub fn launch() -> Launch {
    Launch::program(env::current_exe().unwrap()).args(ARGS).env(CHILD, "1")
}

/// The same without a terminal.
pub fn command() -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(ARGS).env(CHILD, "1").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Whether this process is the child.
pub fn wanted() -> bool {
    env::var_os(CHILD).is_some()
}

pub fn main() -> ! {
    let esc = env::var(HOLD).ok().and_then(|millis| millis.parse().ok()).map(Duration::from_millis);
    let patience = Patience { esc: esc.unwrap_or(Patience::default().esc), ..Patience::default() };
    let code = match host(patience, Echo::new) {
        Ok((Echo { failed: true, .. }, _)) => {
            say("the program failed");
            1
        }
        Ok((program, End::Stopped(why))) => {
            say(program.goodbye);
            i32::from(why.exit_code())
        }
        Ok((_, End::Quit)) => 0,
        Err(error) => {
            say(&error.to_string());
            i32::from(error.exit_code())
        }
    };
    process::exit(code)
}

/// `eprintln` would panic when the terminal is gone.
fn say(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

/// Nothing is told to this program.
pub enum Nothing {}

impl Message for Nothing {}

#[allow(clippy::struct_excessive_bools, reason = "each stands for one request of a test")]
struct Echo {
    size: (u16, u16),
    text: String,
    last: String,
    pasted: String,
    escapes: usize,
    enters: usize,
    ticks: usize,
    next_tick: Option<Timestamp>,
    flood: Option<u64>,
    dirty: bool,
    bell: bool,
    quit: bool,
    failed: bool,
    goodbye: &'static str,
    background: Option<Handle>,
    _lanes: Lanes<Nothing>,
}

impl Echo {
    fn new(place: ProgramParts<'_, Nothing>) -> Self {
        Self {
            size: place.size,
            text: String::new(),
            last: String::new(),
            pasted: String::new(),
            escapes: 0,
            enters: 0,
            ticks: 0,
            next_tick: None,
            flood: None,
            dirty: true,
            bell: false,
            quit: false,
            failed: false,
            goodbye: "",
            background: place.background.handle().cloned(),
            _lanes: place.lanes,
        }
    }

    fn key(&mut self, at: Timestamp, key: Key) {
        self.last = key.to_string();
        self.text.extend(key.typed());
        self.escapes += usize::from(key.code == KeyCode::Esc);
        self.enters += usize::from(key.code == KeyCode::Enter);
        match self.last.as_str() {
            "Ctrl-Q" => self.quit = true,
            "Ctrl-E" => (self.quit, self.failed) = (true, true),
            "Ctrl-P" => panic!("a panic in the program"),
            "Ctrl-T" => {
                let panicking = async { panic!("a panic in the background") };
                self.background.as_ref().map(|background| background.spawn(panicking));
            }
            "Ctrl-G" => self.bell = true,
            "Ctrl-K" => self.next_tick = Some(at + SignedDuration::from_millis(10)),
            "Ctrl-F" => (self.flood, self.next_tick) = (Some(0), Some(at)),
            // Never comes back.
            "Ctrl-W" => loop {
                thread::park();
            },
            _ => {}
        }
    }
}

impl Program for Echo {
    type Msg = Nothing;

    fn input(&mut self, at: Timestamp, input: Input) {
        self.dirty = true;
        match input {
            // Asks for a frame and changes nothing on it.
            Input::Key(key) if key == Key::ctrl('n') => {}
            Input::Key(key) => self.key(at, key),
            Input::Paste(text) => self.pasted = text,
            Input::Resize(columns, rows) => self.size = (columns, rows),
            Input::EnterHeld | Input::FocusGained | Input::FocusLost => {}
        }
    }

    fn message(&mut self, _: Timestamp, message: Nothing) {
        match message {}
    }

    fn deadline(&self) -> Option<Timestamp> {
        self.next_tick
    }

    fn deadline_passed(&mut self, at: Timestamp) {
        self.dirty = true;
        self.ticks += 1;
        if let Some(step) = &mut self.flood {
            *step += 1;
        }
        let more = self.ticks < 3 || self.flood.is_some();
        self.next_tick = more.then(|| at + SignedDuration::from_millis(10));
    }

    fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    fn view(&mut self, frame: &mut Frame) {
        if let Some(step) = self.flood {
            let row = |y: u16| (0..300).map(move |x| char::from(b'a' + ((x + y + step as u16) % 26) as u8));
            let lines: Vec<String> = (0..frame.area().height).map(|y| row(y).collect()).collect();
            frame.render_widget(lines.join("\n"), frame.area());
            return;
        }
        let (columns, rows) = self.size;
        let lines = [
            format!("ready {columns}x{rows}"),
            format!("text: {}.", self.text),
            format!("last: {}.", self.last),
            format!("pasted: {}.", self.pasted),
            format!("escapes: {}", self.escapes),
            format!("enters: {}", self.enters),
            format!("ticks: {}", self.ticks),
        ];
        frame.render_widget(ratatui::text::Text::from_iter(lines), frame.area());
        frame.set_cursor_position(Position::new(6 + self.text.chars().count() as u16, 1));
    }

    fn take_bell(&mut self) -> bool {
        std::mem::take(&mut self.bell)
    }

    fn quit(&self) -> bool {
        self.quit
    }

    fn ending(&mut self, _: Timestamp, _: Ending) {
        self.goodbye = "goodbye";
    }
}
