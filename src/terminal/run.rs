//! The event loop: input first, then jobs, then bulk pages, then one frame; waiting while there is nothing to do.

use std::io;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use ratatui::Frame;

use super::input::{Input, Keyboard};
use super::stop::{Ending, Stopped};
use crate::backend::clock::SteadyClock;
use crate::backend::lanes::{Intake, Message};
use crate::keys::key::Key;

/// How long messages are taken in before the screen shows what they changed.
const DRAIN: Duration = Duration::from_millis(4);

/// A deadline that a program leaves in the past is not met more often than this.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// How long the reason for a failed write, or for a keyboard that ended, is waited for.
const REASON_WAIT: Duration = Duration::from_millis(100);

/// What the loop runs. Each call gets the time and must return soon; whatever takes time is done elsewhere, and what
/// comes of it returns through the [`Lanes`](crate::backend::lanes::Lanes). Effects must not wait for those lanes.
pub trait Program {
    /// What the rest of keydesk tells the program.
    type Msg: Message;

    /// A key, a paste, a new size.
    fn input(&mut self, at: Timestamp, input: Input);

    /// Something that the rest of keydesk has to tell.
    fn message(&mut self, at: Timestamp, message: Self::Msg);

    /// When the program wants to be woken if nothing else happens before.
    fn deadline(&self) -> Option<Timestamp>;

    /// That time has come. The next deadline should lie ahead of `at`.
    fn deadline_passed(&mut self, at: Timestamp);

    /// Whether the screen is out of date; asked once before each frame, and answered with no until something changes.
    fn take_dirty(&mut self) -> bool;

    /// Draws the whole frame; what is not drawn is blank.
    fn view(&mut self, frame: &mut Frame);

    /// Whether to ring the bell now, once.
    fn take_bell(&mut self) -> bool;

    /// Whether a key would be typed into a text now, or open one; elsewhere keys are commands.
    fn is_text(&self, key: Key) -> bool {
        let _ = key;
        true
    }

    /// Whether the program is done.
    fn quit(&self) -> bool;

    /// The program will be ended from outside, within about a second: time for what must still be said.
    fn ending(&mut self, at: Timestamp, why: Ending) {
        let _ = (at, why);
    }
}

/// The terminal as the loop needs it; tests have one of their own.
pub trait Screen {
    /// The window has a new size: the next frame is drawn as a whole.
    ///
    /// # Errors
    /// When the screen is gone.
    fn resize(&mut self, columns: u16, rows: u16) -> io::Result<()>;

    /// Shows a frame, and rings the bell with it. May block while the line is slow.
    ///
    /// # Errors
    /// When the screen is gone.
    fn show(&mut self, bell: bool, view: &mut dyn FnMut(&mut Frame)) -> io::Result<()>;
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The program was done.
    Quit,
    /// The outside ended it.
    Stopped(Ending),
}

/// Where everything comes from that reaches the program.
pub struct Sources<Msg> {
    /// Keys, pastes and new sizes, in the order in which they came.
    pub keyboard: Keyboard,
    /// What the rest of keydesk tells.
    pub intake: Intake<Msg>,
    /// Resolves when the outside asks for the end.
    pub stopped: Stopped,
    /// The time that each call to the program gets.
    pub clock: SteadyClock,
}

/// Runs the program until it quits or is stopped.
///
/// # Errors
/// When a frame could not be shown.
pub async fn run<P, S>(program: &mut P, screen: &mut S, mut sources: Sources<P::Msg>) -> io::Result<End>
where
    P: Program,
    S: Screen,
{
    match run_loop(program, screen, &mut sources).await {
        // A write fails when the terminal hangs up, and why becomes known a moment later.
        Err(error) => match reason(&mut sources).await {
            Some(why) => Ok(stop(program, &mut sources, why)),
            None => Err(error),
        },
        end => end,
    }
}

/// Why the terminal failed, when that becomes known soon.
async fn reason<Msg>(sources: &mut Sources<Msg>) -> Option<Ending> {
    tokio::time::timeout(REASON_WAIT, sources.stopped.wait()).await.ok()
}

fn stop<P: Program>(program: &mut P, sources: &mut Sources<P::Msg>, why: Ending) -> End {
    program.ending(sources.clock.now(), why);
    End::Stopped(why)
}

async fn run_loop<P, S>(program: &mut P, screen: &mut S, sources: &mut Sources<P::Msg>) -> io::Result<End>
where
    P: Program,
    S: Screen,
{
    let mut screen = Resizing { screen, size: None };
    screen.screen.show(program.take_bell(), &mut |frame| program.view(frame))?;
    program.take_dirty();
    loop {
        if program.quit() {
            return Ok(End::Quit);
        }
        match next(program, sources).await {
            Happened::Input(input) => screen.input(program, sources.clock.now(), input),
            Happened::Message(message) => program.message(sources.clock.now(), message),
            Happened::Deadline => {}
            // The keyboard may see the end of the terminal before the signal, or whoever watches for it, arrives.
            Happened::InputClosed => {
                let why = reason(sources).await.unwrap_or(Ending::HangUp);
                return Ok(stop(program, sources, why));
            }
            Happened::Stopped(why) => return Ok(stop(program, sources, why)),
        }
        drain(program, &mut screen, sources);
        let at = sources.clock.now();
        if program.deadline().is_some_and(|deadline| deadline <= at) {
            program.deadline_passed(at);
        }
        screen.show(program)?;
        // Without it, many messages at once would use up tokio's budget, and the keyboard and the end would never seem ready.
        tokio::task::yield_now().await;
    }
}

enum Happened<Msg> {
    Input(Input),
    Message(Msg),
    Deadline,
    InputClosed,
    Stopped(Ending),
}

/// Sleeps until something happens.
async fn next<P: Program>(program: &P, sources: &mut Sources<P::Msg>) -> Happened<P::Msg> {
    let wait = program.deadline().map(|deadline| sources.clock.until(deadline).max(SHORTEST_WAIT));
    let deadline = async move {
        match wait {
            Some(wait) => tokio::time::sleep(wait).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        why = sources.stopped.wait() => Happened::Stopped(why),
        input = sources.keyboard.next(|key| program.is_text(key)) => input.map_or(Happened::InputClosed, Happened::Input),
        message = sources.intake.jobs.next() => Happened::Message(message),
        Some(page) = sources.intake.bulk.recv() => Happened::Message(page),
        () = deadline => Happened::Deadline,
    }
}

/// Takes in what else is there, the most urgent first, for a few milliseconds at most.
fn drain<P: Program, S: Screen>(program: &mut P, screen: &mut Resizing<S>, sources: &mut Sources<P::Msg>) {
    let start = Instant::now();
    while !program.quit() && start.elapsed() < DRAIN {
        if let Some(input) = sources.keyboard.try_next(|key| program.is_text(key)) {
            screen.input(program, sources.clock.now(), input);
        } else if let Some(message) = sources.intake.jobs.try_next() {
            program.message(sources.clock.now(), message);
        } else if let Ok(page) = sources.intake.bulk.try_recv() {
            program.message(sources.clock.now(), page);
        } else {
            return;
        }
    }
}

/// A screen that is told only the last of many sizes that come at once.
struct Resizing<'a, S> {
    screen: &'a mut S,
    size: Option<(u16, u16)>,
}

impl<S: Screen> Resizing<'_, S> {
    fn input(&mut self, program: &mut impl Program, at: Timestamp, input: Input) {
        if let Input::Resize(columns, rows) = input {
            self.size = Some((columns, rows));
        }
        program.input(at, input);
    }

    /// Shows the program if anything changed.
    fn show(&mut self, program: &mut impl Program) -> io::Result<()> {
        let resized = match self.size.take() {
            Some((columns, rows)) => self.screen.resize(columns, rows).map(|()| true)?,
            None => false,
        };
        let bell = program.take_bell();
        if program.take_dirty() || resized || bell {
            self.screen.show(bell, &mut |frame| program.view(frame))?;
        }
        Ok(())
    }
}
