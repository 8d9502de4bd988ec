//! What only Unix has, in one place: the terminal as a file, signals, and a terminal that hangs up.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH, SIGXFSZ};
use signal_hook::low_level::emulate_default_handler;

use super::full_screen;
use super::stop::{Ending, StopHandle};

/// The signals that end the program. Typed Ctrl-C and Ctrl-\ are keys; as signals these two come from outside.
const SIGNALS: [i32; 4] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

/// How long a program that doesn't end by itself may take to give the terminal back.
const RESTORE: Duration = Duration::from_millis(300);

/// The terminal's output as a file of its own: no buffer, and no lock that a blocked write could keep from others.
#[derive(Debug)]
pub(super) struct Output(File);

impl Output {
    /// Opens the standard output once more.
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self(io::stdout().as_fd().try_clone_to_owned()?.into()))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                // Another program may have left the shared terminal non-blocking.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    poll(&mut [PollFd::new(&self.0, PollFlags::OUT)], None)?;
                }
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What came from the terminal.
#[derive(Debug)]
pub(super) enum TerminalEvent<'a> {
    /// These bytes were sent.
    Bytes(&'a [u8]),
    /// Nothing came for as long as was waited.
    Silence,
    /// The window has a new size.
    Resized,
    /// The terminal is gone.
    End,
}

/// What the terminal sends, and word of new sizes.
#[derive(Debug)]
pub(super) struct TerminalBytes {
    sizes: UnixStream,
    buffer: [u8; 1024],
}

impl TerminalBytes {
    /// Listens for new sizes from now on.
    pub fn open() -> io::Result<Self> {
        let (sizes, signal) = UnixStream::pair()?;
        sizes.set_nonblocking(true)?;
        signal.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(SIGWINCH, signal)?;
        Ok(Self { sizes, buffer: [0; 1024] })
    }

    /// Waits for what comes next, at most so long.
    pub fn next(&mut self, wait: Option<Duration>) -> io::Result<TerminalEvent<'_>> {
        let stdin = io::stdin();
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        loop {
            let mut ready = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(&self.sizes, PollFlags::IN)];
            match poll(&mut ready, wait.as_ref()) {
                Ok(0) => return Ok(TerminalEvent::Silence),
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            let [keys, sizes] = ready.map(|one| !one.revents().is_empty());
            if sizes {
                // Many signals are one new size.
                while matches!((&self.sizes).read(&mut self.buffer), Ok(1..)) {}
                return Ok(TerminalEvent::Resized);
            }
            if !keys {
                continue;
            }
            match rustix::io::read(&stdin, &mut self.buffer) {
                // It hung up.
                Ok(0) | Err(Errno::IO) => return Ok(TerminalEvent::End),
                Ok(length) => return Ok(TerminalEvent::Bytes(&self.buffer[..length])),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Leaves the terminal to the shell when the program is stopped (`kill -TSTP`), and takes it again when it goes on, on a
/// thread of its own; `resumed` is called then, for a new picture. A plain `kill -STOP` can't be heard: going on can.
///
/// # Errors
/// When the system refuses the handlers or the thread.
pub fn watch_stops(resumed: impl Fn() + Send + 'static) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGTSTP, SIGCONT])?;
    thread::Builder::new().name("stops".into()).spawn(move || {
        for signal in signals.forever() {
            if signal == SIGTSTP {
                full_screen::lend();
                if let Err(error) = emulate_default_handler(SIGTSTP) {
                    tracing::warn!(%error, "the program can't be stopped");
                }
            } else if is_in_foreground() && full_screen::take_again() {
                resumed();
            }
        }
    })?;
    Ok(())
}

/// Whether the terminal is ours: a program in the background that changes it would be stopped at once.
fn is_in_foreground() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|group| group == getpgrp())
}

/// Watches for signals and for a terminal that hangs up, on a thread of its own, until the process ends.
///
/// On the first of them the program is asked to end through `stop`. If it is still there after `grace` (it may be
/// blocked in a write, or busy), the thread gives the terminal back and ends the process itself.
///
/// # Errors
/// When the system refuses the handlers or the thread.
pub fn watch(stop: StopHandle, grace: Duration) -> io::Result<()> {
    let (mut came, signal) = UnixStream::pair()?;
    let number = Arc::new(AtomicUsize::new(0));
    // A login with a limit on the size of files: the write fails and is told, where the signal would end the desk.
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    for each in SIGNALS {
        // In this order: the number is there before the thread wakes up.
        signal_hook::flag::register_usize(each, Arc::clone(&number), usize::try_from(each).unwrap_or(0))?;
        signal_hook::low_level::pipe::register(each, signal.try_clone()?)?;
    }
    thread::Builder::new().name("signals".into()).spawn(move || {
        let ending = match wait(&mut came) {
            Ok(true) => match i32::try_from(number.load(Ordering::SeqCst)) {
                Ok(SIGHUP) | Err(_) => Ending::HangUp,
                Ok(number) => Ending::Signal(number),
            },
            Ok(false) => Ending::HangUp,
            Err(error) => {
                tracing::error!(%error, "signals can't be watched any more");
                return;
            }
        };
        stop.request(ending);
        thread::sleep(grace);
        force(ending);
    })?;
    Ok(())
}

/// Waits for a signal (true) or the end of the terminal (false).
fn wait(came: &mut UnixStream) -> io::Result<bool> {
    let stdin = io::stdin();
    loop {
        // Asked for nothing, poll still tells of a hang-up; keys don't wake it.
        let mut both = [PollFd::new(came, PollFlags::IN), PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut both, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => {
                let [signal, terminal] = both.map(|fd| !fd.revents().is_empty());
                if signal {
                    let mut byte = [0];
                    came.read_exact(&mut byte)?;
                    return Ok(true);
                }
                if terminal {
                    return Ok(false);
                }
            }
        }
    }
}

/// Ends the process, giving the terminal back if it takes the bytes.
fn force(ending: Ending) -> ! {
    let (done, waited) = mpsc::channel();
    let started = thread::Builder::new().name("restore".into()).spawn(move || {
        full_screen::restore();
        done.send(())
    });
    if started.is_ok() && waited.recv_timeout(RESTORE).is_err() {
        tracing::warn!("the terminal takes no bytes; it could not be given back");
    }
    process::exit(i32::from(ending.exit_code()))
}
