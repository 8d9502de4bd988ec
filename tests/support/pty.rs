//! A program in a pseudo-terminal, as a person with a keyboard has it.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use keydesk::keys::key::{Key, KeyCode};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, Termios};
use tempfile::TempDir;

use super::driver::Driver;
use super::emulator::Emulator;

/// How long anything is waited for before it counts as failed; generous, since the machine may be busy.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// The size of the terminal at the start: columns and rows.
const SIZE: (u16, u16) = (120, 36);

/// The least time between a text and a key that a hand presses after it.
const HAND: Duration = Duration::from_millis(30);

/// How often a condition is looked at that nobody announces.
const LOOK: Duration = Duration::from_millis(2);

/// A program that is about to be started.
pub struct Launch {
    command: CommandBuilder,
    home: TempDir,
}

impl Launch {
    /// The real `keydesk`.
    pub fn keydesk() -> Self {
        Self::program(env!("CARGO_BIN_EXE_keydesk"))
    }

    /// Any program, with a home of its own and an environment that depends on nothing outside.
    pub fn program(path: impl AsRef<std::ffi::OsStr>) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut command = CommandBuilder::new(path);
        command.env_clear();
        command.cwd(home.path());
        command.env("HOME", home.path());
        for (variable, folder) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            command.env(variable, home.path().join(folder));
        }
        for (variable, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")]
        {
            command.env(variable, value);
        }
        Self { command, home }
    }

    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        for arg in args {
            self.command.arg(arg.into());
        }
        self
    }

    pub fn env(mut self, variable: &str, value: impl Into<OsString>) -> Self {
        self.command.env(variable, value.into());
        self
    }

    /// Starts the program with the terminal as mere input and output: no SIGHUP and no SIGWINCH comes from it, and
    /// its modes stay as the program left them after its end.
    pub fn detached(mut self) -> Self {
        self.command.set_controlling_tty(false);
        self
    }

    /// The home of the program, to put files there.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn start(self) -> Pty {
        let (columns, rows) = SIZE;
        let pair = native_pty_system().openpty(pty_size(columns, rows)).expect("a pseudo-terminal");
        let tty = pair.master.tty_name().expect("the terminal has a name");
        let cooked = modes(&open_tty(&tty).expect("the terminal opens"));
        let writer = pair.master.take_writer().expect("a writer");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let child = pair.slave.spawn_command(self.command).expect("the program starts");
        drop(pair.slave);
        let shared = Arc::new(Shared {
            screen: Mutex::new(Emulator::new(columns, rows)),
            changed: Condvar::new(),
            hung_up: AtomicBool::new(false),
            paused: AtomicBool::new(false),
        });
        let seen = Arc::clone(&shared);
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut chunk) {
                if seen.hung_up.load(Ordering::SeqCst) {
                    return;
                }
                seen.screen.lock().expect("the screen").take(&chunk[..n]);
                seen.changed.notify_all();
                while seen.paused.load(Ordering::SeqCst) {
                    thread::park();
                }
            }
        });
        Pty { line: Some((pair.master, writer)), child, shared, tty, sent: Instant::now(), cooked, _home: self.home }
    }
}

struct Shared {
    screen: Mutex<Emulator>,
    changed: Condvar,
    hung_up: AtomicBool,
    paused: AtomicBool,
}

/// A program that runs in a pseudo-terminal. Dropping it kills the program.
pub struct Pty {
    /// Our end of the terminal; gone after a hang-up.
    line: Option<(Box<dyn MasterPty + Send>, Box<dyn Write + Send>)>,
    child: Box<dyn Child + Send + Sync>,
    shared: Arc<Shared>,
    tty: PathBuf,
    /// When bytes were sent for the last time.
    sent: Instant,
    /// The modes of the terminal before the program had it.
    cooked: Modes,
    /// Kept until the program has ended.
    _home: TempDir,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Code(u32),
    Signal(String),
}

/// The modes of a terminal: input, output, local.
pub type Modes = String;

impl Pty {
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("the program has an id")
    }

    /// The screen now.
    pub fn screen(&self) -> vt100::Screen {
        self.emulator().screen().clone()
    }

    /// How often the bell rang.
    pub fn bells(&self) -> usize {
        self.emulator().bells()
    }

    /// Everything written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.emulator().log().to_vec()
    }

    /// A place in what is written: what is on the screen now lies before it.
    pub fn mark(&self) -> usize {
        self.emulator().shown()
    }

    /// What was written since a mark.
    pub fn bytes_since(&self, mark: usize) -> Vec<u8> {
        self.emulator().log()[mark..].to_vec()
    }

    /// Waits until the screen fulfils a condition.
    pub fn wait_for(&self, what: &str, deadline: Duration, mut wanted: impl FnMut(&vt100::Screen) -> bool) {
        let until = Instant::now() + deadline;
        let mut emulator = self.emulator();
        while !wanted(emulator.screen()) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "not seen within {deadline:?}: {what}\n{}", dump(&emulator));
            emulator = self.shared.changed.wait_timeout(emulator, left).expect("the screen").0;
        }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.sent = Instant::now();
        let (_, writer) = self.line.as_mut().expect("the line is up");
        writer.write_all(bytes).expect("the terminal takes input");
        writer.flush().expect("the terminal takes input");
    }

    /// Waits until the program has read all that was sent.
    pub fn wait_until_read(&self) {
        let tty = open_tty(&self.tty).expect("the terminal opens");
        wait_until("the program reads its input", || {
            rustix::io::ioctl_fionread(&tty).expect("the terminal tells what is unread") == 0
        });
    }

    /// Closes our end of the terminal, as when a window is closed or a line drops.
    pub fn hang_up(&mut self) {
        self.shared.hung_up.store(true, Ordering::SeqCst);
        self.line = None;
        // The reader holds the last handle and sleeps: a byte wakes it. It may have gone by itself.
        if let Ok(tty) = open_tty(&self.tty) {
            let _ = rustix::io::write(&tty, b" ");
        }
    }

    /// Takes nothing more from the program, for ever: a line that is stuck.
    pub fn stop_reading(&self) {
        self.shared.paused.store(true, Ordering::SeqCst);
    }

    /// Waits until the program rests: it has nothing to do, or can't go on.
    pub fn wait_until_quiet(&self) {
        let activity = || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("the program's state");
            let times: Vec<_> = stat.rsplit(") ").next().expect("its times").split(' ').skip(11).take(2).collect();
            (self.wake_ups(), times.join(" "))
        };
        let mut before = activity();
        wait_until("the program rests", || {
            thread::sleep(Duration::from_millis(100));
            let now = activity();
            std::mem::replace(&mut before, now.clone()) == now
        });
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).expect("an id");
        kill_process(pid, signal).expect("the signal is sent");
    }

    /// Whether all threads of the program are stopped: a signal reaches them one by one.
    pub fn is_stopped(&self) -> bool {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("the threads of the program");
        let mut stats = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("stat")).ok());
        stats.all(|stat| stat.rsplit(") ").next().is_some_and(|state| state.starts_with('T')))
    }

    /// Waits for the end of the program.
    pub fn wait_for_end(&mut self, deadline: Duration) -> Ended {
        let until = Instant::now() + deadline;
        loop {
            if let Some(status) = self.child.try_wait().expect("the program can be waited for") {
                return match status.signal() {
                    Some(signal) => Ended::Signal(signal.to_owned()),
                    None => Ended::Code(status.exit_code()),
                };
            }
            assert!(Instant::now() < until, "still running after {deadline:?}\n{}", dump(&self.emulator()));
            thread::sleep(LOOK);
        }
    }

    /// Whether the terminal is as it was before the program: cooked, main screen, cursor shown, pastes unmarked.
    pub fn assert_restored(&self) {
        self.wait_for("the terminal is given back", DEADLINE, |screen| {
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
        assert_eq!(self.modes(), self.cooked, "the modes of the terminal");
    }

    /// Whether the program has the terminal now.
    pub fn assert_taken(&self) {
        let screen = self.screen();
        assert!(screen.alternate_screen() && screen.bracketed_paste(), "{}", dump(&self.emulator()));
        assert_ne!(self.modes(), self.cooked, "the modes of the terminal");
    }

    /// Sets the terminal to lines that are echoed, as a shell does when the program was stopped.
    pub fn cook(&self) {
        let tty = open_tty(&self.tty).expect("the terminal opens");
        let mut modes = rustix::termios::tcgetattr(&tty).expect("the terminal tells its modes");
        modes.local_modes |= LocalModes::ICANON | LocalModes::ECHO;
        rustix::termios::tcsetattr(&tty, rustix::termios::OptionalActions::Now, &modes).expect("the modes are set");
    }

    /// Whether the terminal hands on each key by itself, unechoed.
    pub fn is_raw(&self) -> bool {
        let tty = open_tty(&self.tty).expect("the terminal opens");
        let modes = rustix::termios::tcgetattr(&tty).expect("the terminal tells its modes");
        !modes.local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO)
    }

    fn modes(&self) -> Modes {
        modes(&open_tty(&self.tty).expect("the terminal opens"))
    }

    /// How often the program's threads gave up the processor: each wake-up ends so.
    pub fn wake_ups(&self) -> u64 {
        self.over_threads("status", "voluntary_ctxt_switches:")
    }

    /// How many writes the program made; nothing where the kernel does not count them.
    pub fn writes(&self) -> Option<u64> {
        fs::exists("/proc/self/io").is_ok_and(|counts| counts).then(|| self.over_threads("io", "syscw:"))
    }

    /// The sum of a number that the kernel keeps for each thread of the program.
    fn over_threads(&self, file: &str, name: &str) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("the threads of the program");
        let texts = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join(file)).ok());
        texts.map(|text| number_after(&text, name)).sum()
    }

    fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.shared.screen.lock().expect("the screen")
    }
}

impl Driver for Pty {
    fn key(&mut self, key: Key) {
        // A hand leaves a pause before a key of its own: what follows a text at once is a machine's.
        let pause = (self.sent + HAND).saturating_duration_since(Instant::now());
        thread::sleep(pause);
        let bytes = sequence(key);
        self.send(&bytes);
    }

    fn paste(&mut self, text: &str) {
        let bytes = [b"\x1b[200~", text.as_bytes(), b"\x1b[201~"].concat();
        self.send(&bytes);
    }

    fn type_text(&mut self, text: &str) {
        self.send(text.as_bytes());
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.emulator().resize(columns, rows);
        let (master, _) = self.line.as_ref().expect("the line is up");
        master.resize(pty_size(columns, rows)).expect("the terminal takes a size");
    }

    fn wait_until(&mut self, what: &str, wanted: &mut dyn FnMut(&str) -> bool) {
        self.wait_for(what, DEADLINE, |screen| wanted(&screen.contents()));
    }

    fn screen_text(&mut self) -> String {
        self.screen().contents()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// Waits for a condition that nobody announces.
pub fn wait_until(what: &str, mut met: impl FnMut() -> bool) {
    let until = Instant::now() + DEADLINE;
    while !met() {
        assert!(Instant::now() < until, "not within {DEADLINE:?}: {what}");
        thread::sleep(LOOK);
    }
}

/// The bytes that xterm sends for a key.
pub fn sequence(key: Key) -> Vec<u8> {
    let held = 1 + u8::from(key.shift) + 2 * u8::from(key.alt) + 4 * u8::from(key.ctrl);
    let letter = |c: char| if held == 1 { format!("\x1b[{c}") } else { format!("\x1b[1;{held}{c}") };
    let number = |n: u8| if held == 1 { format!("\x1b[{n}~") } else { format!("\x1b[{n};{held}~") };
    let text = match key.code {
        KeyCode::Char(c) => {
            let byte = if key.ctrl { char::from(c.to_ascii_uppercase() as u8 & 0x1f) } else { c };
            format!("{}{byte}", if key.alt { "\x1b" } else { "" })
        }
        KeyCode::Enter => "\r".into(),
        KeyCode::Esc => "\x1b".into(),
        KeyCode::Tab => "\t".into(),
        KeyCode::BackTab => "\x1b[Z".into(),
        KeyCode::Backspace => "\x7f".into(),
        KeyCode::Insert => number(2),
        KeyCode::Delete => number(3),
        KeyCode::PageUp => number(5),
        KeyCode::PageDown => number(6),
        KeyCode::Up => letter('A'),
        KeyCode::Down => letter('B'),
        KeyCode::Right => letter('C'),
        KeyCode::Left => letter('D'),
        KeyCode::Home => letter('H'),
        KeyCode::End => letter('F'),
        KeyCode::F(n @ 1..=4) if held == 1 => format!("\x1bO{}", char::from(b'P' + n - 1)),
        KeyCode::F(n @ 1..=4) => letter(char::from(b'P' + n - 1)),
        KeyCode::F(5) => number(15),
        KeyCode::F(n @ 6..=10) => number(n + 11),
        KeyCode::F(n @ 11..=12) => number(n + 12),
        KeyCode::F(_) | KeyCode::Other => panic!("xterm sends nothing for {key}"),
    };
    text.into_bytes()
}

/// The screen in a frame, for a failing test.
fn dump(emulator: &Emulator) -> String {
    let screen = emulator.screen();
    let (rows, columns) = screen.size();
    let mut text = format!("--- screen {columns}x{rows}, {} bytes written ---\n", emulator.log().len());
    for row in screen.rows(0, columns.get()) {
        let _ = writeln!(text, "|{row}");
    }
    text
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn open_tty(path: &Path) -> rustix::io::Result<OwnedFd> {
    // Never as this process's own controlling terminal.
    rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK, Mode::empty())
}

fn modes(tty: &OwnedFd) -> Modes {
    let Termios { input_modes, output_modes, local_modes, .. } =
        rustix::termios::tcgetattr(tty).expect("the terminal tells its modes");
    // The kernel sets this one when it has input to reprint.
    let local_modes = local_modes - LocalModes::PENDIN;
    format!("{input_modes:?} {output_modes:?} {local_modes:?}")
}

fn number_after(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect(name);
    line.trim().parse().expect(name)
}
