//! The event loop without a terminal: what comes first, when it draws, when it sleeps.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::support::driver::Driver;
use crate::support::in_process::{InProcess, TestScreen};
use crossterm::event::{Event, KeyCode as Code};
use jiff::{SignedDuration, Timestamp};
use keydesk::backend::clock::SteadyClock;
use keydesk::backend::lanes::{Lanes, Message, lanes};
use keydesk::keys::key::{Key, KeyCode};
use keydesk::terminal::input::{Arrival, HOLD, Input, Keyboard};
use keydesk::terminal::run::{End, Program, Sources, run};
use keydesk::terminal::stop::{self, Ending, StopHandle};
use ratatui::Frame;
use tokio::sync::mpsc;

#[derive(Debug, Clone, PartialEq)]
enum Told {
    Job(u8, u32),
    Page(u32),
}

impl Message for Told {
    fn replaces(&self, older: &Self) -> bool {
        matches!((self, older), (Self::Job(new, _), Self::Job(old, _)) if new == old)
    }
}

/// Writes down what it was told and how often it drew.
struct Log {
    lines: Vec<String>,
    frames: usize,
    deadline: Option<Timestamp>,
    every: SignedDuration,
    dirty: bool,
    bell: bool,
    /// Quits once this many lines are there.
    lines_wanted: usize,
    /// Quits once it drew so often.
    frames_wanted: usize,
    /// Answers each message with the next.
    echo: Option<Lanes<Told>>,
    began: Instant,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            frames: 0,
            deadline: None,
            every: SignedDuration::from_secs(1),
            dirty: false,
            bell: false,
            lines_wanted: usize::MAX,
            frames_wanted: usize::MAX,
            echo: None,
            began: Instant::now(),
        }
    }
}

impl Log {
    fn note(&mut self, line: String) {
        self.dirty = true;
        self.lines.push(line);
    }
}

impl Program for Log {
    type Msg = Told;

    fn input(&mut self, _: Timestamp, input: Input) {
        match input {
            Input::Key(key) if key == Key::char('-') => {}
            Input::Key(key) => {
                self.bell |= key == Key::char('!');
                self.note(key.to_string());
            }
            other => self.note(format!("{other:?}")),
        }
    }

    fn message(&mut self, _: Timestamp, message: Told) {
        assert!(self.began.elapsed() < Duration::from_secs(20), "a flood of messages kept the screen away");
        if let (Told::Job(job, step), Some(lanes)) = (&message, &self.echo) {
            lanes.jobs.send(Told::Job(*job, step + 1));
            self.dirty = true;
        } else {
            self.note(format!("{message:?}"));
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        self.deadline
    }

    fn deadline_passed(&mut self, at: Timestamp) {
        self.note("deadline".into());
        self.deadline = Some(at + self.every);
    }

    fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    fn view(&mut self, frame: &mut Frame) {
        self.frames += 1;
        frame.render_widget(self.lines.join(" "), frame.area());
    }

    fn take_bell(&mut self) -> bool {
        std::mem::take(&mut self.bell)
    }

    fn quit(&self) -> bool {
        self.lines.len() >= self.lines_wanted || self.frames >= self.frames_wanted
    }

    fn ending(&mut self, _: Timestamp, why: Ending) {
        self.lines.push(format!("{why:?}"));
    }
}

/// The other ends of everything that reaches the program.
struct Outside {
    keys: mpsc::Sender<Arrival>,
    lanes: Lanes<Told>,
    stop: StopHandle,
}

impl Outside {
    fn event(&self, event: Event) {
        self.keys.try_send((tokio::time::Instant::now().into_std(), event)).unwrap();
    }

    fn press(&self, c: char) {
        self.event(Event::Key(Code::Char(c).into()));
    }
}

fn sources() -> (Outside, Sources<Told>) {
    sources_at(SteadyClock::new(|| Timestamp::UNIX_EPOCH))
}

fn sources_at(clock: SteadyClock) -> (Outside, Sources<Told>) {
    let (keys, arrivals) = mpsc::channel(100);
    let (lanes, intake) = lanes();
    let (stop, stopped) = stop::channel();
    (Outside { keys, lanes, stop }, Sources { keyboard: Keyboard::new(arrivals, HOLD), intake, stopped, clock })
}

#[tokio::test(start_paused = true)]
async fn input_comes_before_jobs_before_pages_and_all_is_one_frame() {
    let (outside, sources) = sources();
    for n in 1..=2 {
        outside.lanes.bulk.try_send(Told::Page(n)).unwrap();
        outside.lanes.jobs.send(Told::Job(7, n));
        outside.lanes.jobs.send(Told::Job(8, n));
    }
    for c in ['a', 'b'] {
        outside.press(c);
    }
    let (mut program, mut screen) = (Log { lines_wanted: 6, ..Log::default() }, TestScreen::new(20, 2));
    assert_eq!(run(&mut program, &mut screen, sources).await.unwrap(), End::Quit);
    assert_eq!(program.lines, ["a", "b", "Job(7, 2)", "Job(8, 2)", "Page(1)", "Page(2)"]);
    assert_eq!(screen.frames, 2, "the first frame and one for all that came");
}

#[tokio::test(start_paused = true)]
async fn without_a_change_nothing_is_drawn_and_the_bell_needs_a_frame() {
    let (outside, sources) = sources();
    let driving = async {
        for c in ['-', '-', '!', '-'] {
            outside.press(c);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        drop(outside);
    };
    let (mut program, mut screen) = (Log::default(), TestScreen::new(20, 2));
    let (end, ()) = tokio::join!(run(&mut program, &mut screen, sources), driving);
    assert_eq!(end.unwrap(), End::Stopped(Ending::HangUp));
    assert_eq!((screen.frames, screen.bells), (2, 1));
}

#[tokio::test]
async fn a_flood_of_messages_delays_neither_screen_nor_keys() {
    let (outside, sources) = sources();
    outside.lanes.jobs.send(Told::Job(1, 0));
    let (mut program, mut screen) =
        (Log { echo: Some(outside.lanes.clone()), lines_wanted: 2, ..Log::default() }, TestScreen::new(20, 2));
    let keys = outside.keys.clone();
    let pressing = async {
        for c in ['a', 'b'] {
            tokio::time::sleep(Duration::from_millis(20)).await;
            keys.send((Instant::now(), Event::Key(Code::Char(c).into()))).await.unwrap();
        }
    };
    let (end, ()) = tokio::join!(run(&mut program, &mut screen, sources), pressing);
    assert_eq!(end.unwrap(), End::Quit);
    assert!(screen.frames > 3, "{} frames", screen.frames);
}

#[tokio::test(start_paused = true)]
async fn a_slow_program_holds_up_its_pages_and_loses_none() {
    let (outside, sources) = sources();
    let bulk = outside.lanes.bulk.clone();
    let loading = async {
        for n in 0..500 {
            bulk.send(Told::Page(n)).await.unwrap();
        }
    };
    let (mut program, mut screen) = (Log { lines_wanted: 500, ..Log::default() }, TestScreen::new(20, 2));
    let (end, ()) = tokio::join!(run(&mut program, &mut screen, sources), loading);
    assert_eq!(end.unwrap(), End::Quit);
    assert_eq!(program.lines, (0..500).map(|n| format!("{:?}", Told::Page(n))).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn deadlines_come_in_time_though_the_wall_clock_is_set() {
    let wall = Rc::new(Cell::new(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1000)));
    let read = Rc::clone(&wall);
    let (outside, sources) = sources_at(SteadyClock::new(move || read.get()));
    let mut program =
        Log { deadline: Some(wall.get() + SignedDuration::from_secs(1)), lines_wanted: 20, ..Log::default() };
    let jumping = async {
        for hours in [-500, 3, -2, 400] {
            tokio::time::sleep(Duration::from_millis(3300)).await;
            wall.set(wall.get() + SignedDuration::from_hours(hours));
        }
    };
    let mut screen = TestScreen::new(20, 2);
    let running = async { tokio::join!(run(&mut program, &mut screen, sources), jumping).0 };
    let end = tokio::time::timeout(Duration::from_secs(25), running).await;
    assert_eq!(end.expect("twenty deadlines a second apart").unwrap(), End::Quit);
    drop(outside);
}

#[tokio::test(start_paused = true)]
async fn without_a_deadline_it_sleeps_until_something_comes() {
    let (outside, sources) = sources();
    let (mut program, mut screen) = (Log { lines_wanted: 1, ..Log::default() }, TestScreen::new(20, 2));
    let pressing = async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        outside.press('a');
    };
    let (end, ()) = tokio::join!(run(&mut program, &mut screen, sources), pressing);
    assert_eq!(end.unwrap(), End::Quit);
    assert_eq!(screen.frames, 2);
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_sizes_is_taken_over_once() {
    let (outside, sources) = sources();
    for size in 1..50 {
        outside.event(Event::Resize(size, size));
    }
    outside.event(Event::Resize(0, 0));
    let (mut program, mut screen) = (Log { lines_wanted: 50, ..Log::default() }, TestScreen::new(20, 2));
    assert_eq!(run(&mut program, &mut screen, sources).await.unwrap(), End::Quit);
    assert_eq!(screen.sizes, [(80, 24)], "no size at all counts as the usual one");
}

#[tokio::test(start_paused = true)]
async fn the_first_reason_to_end_is_told_before_anything_else() {
    let (outside, sources) = sources();
    outside.press('a');
    outside.stop.request(Ending::HangUp);
    outside.stop.request(Ending::Signal(15));
    let (mut program, mut screen) = (Log::default(), TestScreen::new(20, 2));
    let end = run(&mut program, &mut screen, sources).await.unwrap();
    assert_eq!(end, End::Stopped(Ending::HangUp));
    assert_eq!(program.lines, ["HangUp"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_screen_is_an_error_unless_a_signal_ended_the_program() {
    struct Lost;
    impl keydesk::terminal::run::Screen for Lost {
        fn resize(&mut self, _: u16, _: u16) -> std::io::Result<()> {
            Ok(())
        }

        fn show(&mut self, _: bool, _: &mut dyn FnMut(&mut Frame)) -> std::io::Result<()> {
            Err(std::io::Error::other("the line is gone"))
        }
    }
    let (_outside, lost) = sources();
    assert_eq!(run(&mut Log::default(), &mut Lost, lost).await.unwrap_err().to_string(), "the line is gone");
    let (outside, hung_up) = sources();
    let hanging_up = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        outside.stop.request(Ending::HangUp);
    };
    let (mut program, mut screen) = (Log::default(), Lost);
    let (end, ()) = tokio::join!(run(&mut program, &mut screen, hung_up), hanging_up);
    assert_eq!(end.unwrap(), End::Stopped(Ending::HangUp));
    assert_eq!(program.lines, ["HangUp"]);
}

#[tokio::test(start_paused = true)]
async fn a_keyboard_that_ends_is_a_hang_up_unless_a_signal_says_why() {
    let (outside, sources) = sources();
    let Outside { keys, stop, lanes: _lanes } = outside;
    drop(keys);
    let signal = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        stop.request(Ending::Signal(15));
    };
    let (mut program, mut screen) = (Log::default(), TestScreen::new(20, 2));
    let (end, ()) = tokio::join!(run(&mut program, &mut screen, sources), signal);
    assert_eq!(end.unwrap(), End::Stopped(Ending::Signal(15)));
    assert_eq!(program.lines, ["Signal(15)"]);

    let (outside, sources) = self::sources();
    let Outside { keys, lanes: _lanes, stop: _stop } = outside;
    drop(keys);
    let mut program = Log::default();
    assert_eq!(run(&mut program, &mut screen, sources).await.unwrap(), End::Stopped(Ending::HangUp));
    assert_eq!(program.lines, ["HangUp"]);
}

#[test]
fn a_person_can_drive_a_program_in_process() {
    let now = Timestamp::UNIX_EPOCH;
    let program = Log { deadline: Some(now + SignedDuration::from_secs(60)), ..Log::default() };
    let mut desk = InProcess::new(program, now, (60, 3));
    desk.press("Up");
    desk.type_text("ab");
    desk.paste("text");
    desk.tell(Told::Page(1));
    desk.see("Up a b Paste(\"text\") Page(1)");
    desk.see_no("deadline");
    desk.pass(SignedDuration::from_secs(60));
    desk.resize(90, 3);
    desk.see("deadline Resize(90, 3)");
    assert_eq!(desk.program.lines.first().map(String::as_str), Some(Key::plain(KeyCode::Up).to_string().as_str()));
}
