//! Puts the adapter together: takes the terminal, runs a program in it, gives it back.

use std::time::Duration;

use super::full_screen::{FullScreen, TerminalError, require_terminal, restore_on_panic};
use super::input::{HOLD, Keyboard, arrivals, draw_anew, read_terminal};
use super::run::{End, Program, Sources, run};
use super::stop;
use super::unix;
use crate::backend::background::Background;
use crate::backend::clock::SteadyClock;
use crate::backend::lanes::{Lanes, lanes};

/// How long the host waits for what may not come.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long a bare Esc is held, in case it is a torn sequence.
    pub esc: Duration,
    /// How long the program may take to end after a signal or a hang-up before the process is ended.
    pub goodbye: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { esc: HOLD, goodbye: Duration::from_secs(1) }
    }
}

/// What a program is built from.
#[derive(Debug)]
pub struct ProgramParts<'a, Msg> {
    /// How the rest of keydesk reaches the program.
    pub lanes: Lanes<Msg>,
    /// Where the rest of keydesk runs.
    pub background: &'a Background,
    /// The size of the window: columns, rows.
    pub size: (u16, u16),
}

/// Runs a program in the terminal, on this thread; returns it with how it ended, when the terminal is given back.
///
/// Sets the panic hook and the signal handlers of the process, so it is called once and by `main`. After a hang-up or
/// a signal the process ends `patience.goodbye` later at most, even when the program does not.
///
/// # Errors
/// When there is no terminal, or it fails.
pub fn host<P: Program>(
    patience: Patience,
    build: impl FnOnce(ProgramParts<'_, P::Msg>) -> P,
) -> Result<(P, End), TerminalError> {
    require_terminal()?;
    let background = Background::start()?;
    // The way back is there before the terminal is taken.
    let (stop, stopped) = stop::channel();
    restore_on_panic(stop.clone());
    unix::watch(stop, patience.goodbye)?;
    let (sender, received) = arrivals();
    let mut screen = FullScreen::open()?;
    // Weak, so that the keyboard still ends with the thread that reads it.
    let resumed = sender.downgrade();
    unix::watch_stops(move || draw_anew(&resumed))?;
    let (lanes, intake) = lanes();
    let mut program = build(ProgramParts { lanes, background: &background, size: screen.size() });
    read_terminal(screen.size(), sender)?;
    let sources =
        Sources { keyboard: Keyboard::new(received, patience.esc), intake, stopped, clock: SteadyClock::system() };
    // The terminal write can block, so nothing else shares this thread.
    let end = tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(run(
        &mut program,
        &mut screen,
        sources,
    ))?;
    // The screen first, so that nothing the background still does is printed on it.
    drop(screen);
    drop(background);
    Ok((program, end))
}
