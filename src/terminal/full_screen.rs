//! The terminal: taken over at the start, given back on every way out, and written to once a frame.

use std::io::{self, IsTerminal, Write};
use std::panic;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    Clear, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{queue, terminal as device};
use ratatui::Frame;

use super::painter::Painter;
use super::run::Screen;
use super::stop::{Ending, StopHandle};
use super::unix::Output;

/// What a terminal that does not know its size is taken for.
const USUAL: (u16, u16) = (80, 24);

/// How long giving the terminal back waits for a frame that is being written.
const FRAME_WAIT: Duration = Duration::from_millis(200);

/// Why the terminal could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Input or output goes elsewhere than to a terminal.
    #[error("keydesk needs a terminal, and its {0} is none; start it without redirecting or piping (over ssh: ssh -t)")]
    NotATerminal(&'static str),
    /// The operating system refused a call on the terminal.
    #[error("the terminal can't be used: {0}")]
    Io(#[from] io::Error),
}

impl TerminalError {
    /// The exit code for it: 2 for a wrong way to start it, 1 for a failure.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotATerminal(_) => 2,
            Self::Io(_) => 1,
        }
    }
}

/// Checks that both input and output are a terminal.
///
/// # Errors
/// Names the one that is not.
pub fn require_terminal() -> Result<(), TerminalError> {
    if !io::stdin().is_terminal() {
        return Err(TerminalError::NotATerminal("input"));
    }
    if !io::stdout().is_terminal() {
        return Err(TerminalError::NotATerminal("output"));
    }
    Ok(())
}

/// The size of the terminal: columns, rows.
///
/// # Errors
/// When the terminal is gone.
pub fn size() -> io::Result<(u16, u16)> {
    let (columns, rows) = device::size()?;
    Ok(usable(columns, rows))
}

/// A size that can be drawn on: serial lines and some containers report none.
pub(super) fn usable(columns: u16, rows: u16) -> (u16, u16) {
    if columns == 0 || rows == 0 { USUAL } else { (columns, rows) }
}

/// The terminal as it is while keydesk has it; dropping it gives the terminal back.
#[derive(Debug)]
pub struct FullScreen {
    painter: Painter<Guarded>,
    size: (u16, u16),
}

impl FullScreen {
    /// Takes over the terminal: raw mode, alternate screen, pastes marked as such, no cursor.
    ///
    /// # Errors
    /// When input or output is no terminal, or the system refuses.
    pub fn open() -> Result<Self, TerminalError> {
        require_terminal()?;
        let size = size()?;
        let mut output = Guarded(Output::open()?);
        HOLD.begin();
        let opened = enable_raw_mode().and_then(|()| {
            output.write_all(&opening()?)?;
            Painter::new(output, size)
        });
        match opened {
            Ok(painter) => Ok(Self { painter, size }),
            Err(error) => {
                restore();
                Err(error.into())
            }
        }
    }

    /// The size when it was opened: columns, rows.
    pub fn size(&self) -> (u16, u16) {
        self.size
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        restore();
    }
}

impl Screen for FullScreen {
    fn resize(&mut self, columns: u16, rows: u16) -> io::Result<()> {
        self.painter.resize(columns, rows)
    }

    fn show(&mut self, bell: bool, view: &mut dyn FnMut(&mut Frame)) -> io::Result<()> {
        self.painter.show(bell, view)
    }
}

/// What makes a terminal a full screen. The keypad sends digits and Enter, and the arrows their usual sequences, whatever
/// an earlier program left behind.
fn opening() -> io::Result<Vec<u8>> {
    let mut bytes = b"\x1b>\x1b[?1l".to_vec();
    queue!(bytes, EnterAlternateScreen, EnableBracketedPaste, Clear(device::ClearType::All), Hide)?;
    Ok(bytes)
}

/// Gives the terminal to the shell while the program is stopped.
pub(super) fn lend() {
    if HOLD.is_held() {
        give_back();
    }
}

/// Takes the terminal again after the program was stopped. False where keydesk does not have it.
pub(super) fn take_again() -> bool {
    if !HOLD.is_held() {
        return false;
    }
    // Whoever had it meanwhile may have left it in any mode, and raw mode is entered from the other one only.
    let taken = disable_raw_mode().and_then(|()| enable_raw_mode());
    let written = taken.and_then(|()| Output::open()?.write_all(&opening()?));
    if let Err(error) = &written {
        tracing::warn!(%error, "the terminal can't be taken again");
    }
    written.is_ok()
}

/// Gives the terminal back as it was found, once; does nothing when it was not taken or is given back already.
///
/// Works from any thread, and also when the terminal is gone: errors have nobody left to hear them. It can block when
/// the line takes no more bytes, so whoever must not wait calls it on a thread of its own.
pub fn restore() {
    if HOLD.give_back() {
        give_back();
    }
}

fn give_back() {
    let mut bytes = Vec::new();
    let queued = queue!(
        bytes,
        EndSynchronizedUpdate,
        SetAttribute(Attribute::Reset),
        DisableBracketedPaste,
        Show,
        LeaveAlternateScreen,
    );
    // Cooked mode first: it can't block, and matters more to whoever types next.
    let cooked = disable_raw_mode();
    let written = queued.and_then(|()| Output::open()?.write_all(&bytes));
    if let Err(error) = cooked.and(written) {
        tracing::debug!(%error, "the terminal could not be given back");
    }
}

/// Makes every panic give the terminal back before its report is printed. A panic on another thread than this one
/// also asks for the end of the program, since it would go on without that thread.
pub fn restore_on_panic(stop: StopHandle) {
    let main: ThreadId = thread::current().id();
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        restore();
        report(info);
        if thread::current().id() != main {
            stop.request(Ending::Panic);
        }
    }));
}

/// Whether keydesk has the terminal, and whether a frame is on its way to it right now.
struct TerminalHold {
    state: Mutex<(bool, bool)>,
    written: Condvar,
}

static HOLD: TerminalHold = TerminalHold { state: Mutex::new((false, false)), written: Condvar::new() };

impl TerminalHold {
    fn begin(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 = true;
    }

    fn is_held(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Ends the hold; waits a little for a frame that is being written. False when there was no hold.
    fn give_back(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let had = std::mem::replace(&mut state.0, false);
        if had {
            drop(self.written.wait_timeout_while(state, FRAME_WAIT, |(_, writing)| *writing));
        }
        had
    }

    /// Writes, unless the terminal was given back: then the bytes go nowhere, since whoever gave it back ends the
    /// program too.
    fn write(&self, bytes: &[u8], output: &mut Output) -> io::Result<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.0 {
            return Ok(bytes.len());
        }
        state.1 = true;
        drop(state);
        let result = output.write(bytes);
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = false;
        self.written.notify_all();
        result
    }
}

/// The terminal's output, shut once the terminal was given back.
#[derive(Debug)]
struct Guarded(Output);

impl Write for Guarded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HOLD.write(bytes, &mut self.0)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
