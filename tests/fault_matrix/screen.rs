//! What stands on the screen for a job: the state in capitals, and what to do.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use keydesk::component::ctx::{Ctx, Settings};
use keydesk::component::jobs::Jobs;
use keydesk::dialogs::{Dialog, job, needs};
use keydesk::domain::job::steps::Step;
use keydesk::domain::job::{Job, Outcome, Phase, Question};
use keydesk::domain::room::{DEFAULT_PATTERN, RoomPattern};
use keydesk::ui::theme::{Colors, Theme};
use keydesk::words::{Advice, card as words, errors};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// Columns and rows of the screen that jobs are drawn on.
const SIZE: (u16, u16) = (120, 36);

/// Draws jobs, each look of them once.
pub struct Screen {
    ctx: Ctx,
    drawn: HashSet<String>,
}

impl Screen {
    pub fn new() -> Self {
        let settings = Settings {
            operator: "Kim".into(),
            zone: TimeZone::UTC,
            zone_is_chosen: false,
            check_out: Time::constant(11, 0, 0, 0),
            day_first: true,
            check_out_kind: keydesk::domain::check_out::CheckOutKind::Suspend,
            guard_doors: 40,
            country: None,
            rooms: RoomPattern::new(DEFAULT_PATTERN).unwrap(),
            theme: Theme { colors: Colors::Sixteen, ascii: false },
            bell: false,
            demo: false,
            encoder: None,
        };
        Self { ctx: Ctx::new(settings, SIZE, Timestamp::UNIX_EPOCH), drawn: HashSet::new() }
    }

    /// How many looks of jobs there were.
    pub fn looks(&self) -> usize {
        self.drawn.len()
    }

    /// The screen has the sentence for this job, the keys that answer it, and a line in the list of what is open.
    pub fn has_a_sentence(&mut self, job: &Arc<Job>) {
        let Some(look) = self.draw(job) else { return };
        let (what, below) = sentence(job);
        assert!(what.chars().any(char::is_alphabetic) && what == what.to_uppercase(), "{what:?} of {:?}", job.phase);
        assert!(below.chars().any(char::is_alphabetic), "{what} says no more: {:?}", job.phase);
        if let Phase::Waiting { error, .. } | Phase::Asking(Question::Refused(error)) = &job.phase {
            assert!(errors::sentence(error).contains(' '), "nothing says why: {error:?}");
        }
        for text in [&what, &below] {
            assert!(look.dialog.contains(text.as_str()), "{text:?} is not there: {}", look.dialog);
        }
        let rest = look.dialog.replace(&what, "").replace(&below, "");
        assert!(!rest.contains(words::WRITTEN), "beside its sentence it says that a card was written: {rest}");
        if job.asks().is_some() {
            for key in Dialog::Job(job::State::new(job.id)).keys(&self.ctx) {
                let (key, does) = (key.key, key.does);
                assert!(look.dialog.contains(&format!("{key} {does}")), "{key} {does} is not there: {}", look.dialog);
            }
            for row in job::row_words(&self.ctx, job) {
                assert!(look.dialog.contains(&row), "{row:?} is not there: {}", look.dialog);
            }
        }
        let is_listed = look.list.contains(job.who());
        assert_eq!(is_listed, !job.lifecycle().needs_nobody(), "{:?} in the list: {}", job.phase, look.list);
    }

    fn draw(&mut self, job: &Arc<Job>) -> Option<Look> {
        let states: Vec<_> = job.steps.iter().map(|record| std::mem::discriminant(&record.state)).collect();
        let (what, below) = sentence(job);
        if !self.drawn.insert(format!("{what} {below} {states:?} {} {}", job.who(), job.is_parked)) {
            return None;
        }
        self.ctx.jobs = Jobs::default();
        self.ctx.jobs.apply(job, Timestamp::UNIX_EPOCH);
        let dialog = self.text(&Dialog::Job(job::State::new(job.id)));
        let list = self.text(&Dialog::Needs(needs::State::default()));
        Some(Look { dialog, list })
    }

    /// What stands there, without frames, in one line.
    fn text(&self, dialog: &Dialog) -> String {
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
        terminal.draw(|frame| dialog.view(&self.ctx, frame, frame.area(), true)).unwrap();
        let text: String = terminal.backend().buffer().content.iter().map(ratatui::buffer::Cell::symbol).collect();
        let text = text.replace(|c: char| ('\u{2500}'..'\u{2580}').contains(&c), " ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

struct Look {
    dialog: String,
    list: String,
}

/// Whether the screen tells the clerk to hand the card out.
pub fn says_that_it_is_written(job: &Job) -> bool {
    let is_recorded = job.lifecycle().is_done() && job.lifecycle().needs_nobody();
    job.order.card.writes() && (is_recorded || job.unrecorded.is_some())
}

fn sentence(job: &Job) -> (String, String) {
    let Advice { what, remedy } = advice(job);
    (what.into_owned(), remedy.into_owned())
}

fn advice(job: &Job) -> Advice {
    let encoder = job.encoder.as_ref().map_or("", |encoder| encoder.name.as_str());
    if let Some(unrecorded) = &job.unrecorded {
        return if unrecorded.is_failing { words::WRITTEN_NOT_RECORDED } else { words::WRITTEN_UNRECORDED };
    }
    match &job.phase {
        _ if says_that_it_is_written(job) => Advice::new(words::WRITTEN, written()),
        Phase::Working if job.lifecycle().is_watching() && job.lifecycle().is_done() => {
            Advice::new(words::SAVED, written())
        }
        Phase::Working if job.lifecycle().is_watching() => words::GIVEN_UP,
        Phase::Working if job.lifecycle().is_done() => words::TIDYING,
        Phase::Working => words::WORKING,
        Phase::Waiting { error, .. } => words::waits(error),
        Phase::Queued => words::queued(encoder),
        Phase::Placing { .. } => words::place(job.takes_own_card(), job.who(), encoder, false),
        Phase::ReadingBack { .. } if job.current().is_some_and(|record| record.step == Step::Encode) => {
            words::CHECKING_CARD
        }
        Phase::ReadingBack { .. } => words::CHECKING,
        Phase::Asking(question) => job::question_words(job, question),
        Phase::Ended(Outcome::Done(_)) => Advice::new(words::SAVED, written()),
        Phase::Ended(Outcome::Withdrawn(_)) => words::GIVEN_UP,
    }
}

fn written() -> String {
    // No user was read: no end is promised.
    words::written_below(&[], words::END_NOT_READ)
}
