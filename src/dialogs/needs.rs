//! The list behind `!`: jobs that need a person, then those under way.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Dialog, Msg, Out, job};
use crate::component::ctx::Ctx;
use crate::domain::job::order::Guest;
use crate::domain::job::{Job, Phase};
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::seam::types::UserId;
use crate::ui::frame::{KeyHint, dialog, row};
use crate::ui::layout::centered;
use crate::ui::list::Window;
use crate::ui::text::{pad, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::card::needs as words;
use crate::words::card::{WRITTEN_NOT_RECORDED, WRITTEN_UNRECORDED, keys as card_keys, place_short};
use crate::words::{clock, errors, key, panes, time};

const WIDTH: u16 = 76;

/// The state: the chosen item, counted from the first trouble; `None` until one is chosen.
#[derive(Clone, Debug, Default)]
pub struct State {
    cursor: Option<usize>,
}

/// The jobs of this desk, those that ask first.
fn rows(ctx: &Ctx) -> Vec<&Arc<Job>> {
    let (mut asking, others): (Vec<_>, Vec<_>) = ctx.jobs.unfinished().partition(|job| job.asks().is_some());
    asking.extend(others);
    asking
}

/// A row: the glyph with its role, who, and what is said of the job.
type NeedsRow<'a> = (Glyph, Role, &'a str, String);

/// All jobs: below those of this desk stand the jobs of others, which can only be looked at.
fn lines(ctx: &Ctx) -> Vec<NeedsRow<'_>> {
    let ours = rows(ctx).into_iter().map(|job| {
        let (glyph, role, said) = state_of(job);
        (glyph, role, job.who(), said)
    });
    let others = ctx.jobs.elsewhere().map(|(job, holder)| {
        let (_, _, said) = state_of(job);
        (Glyph::Working, Role::Dim, job.who(), words::elsewhere(holder, &said.to_lowercase()))
    });
    ours.chain(others).collect()
}

/// What is wrong with the desk as a whole, each a whole sentence with its remedy.
fn troubles(ctx: &Ctx) -> Vec<String> {
    let offline = ctx.offline_why.as_ref().map(errors::sentence);
    let not_read = ctx.not_read.as_ref().map(|(_, error)| errors::sentence(error));
    let pause = ctx.pause_until.map(|until| panes::pause_sentence(&time::hour(until, ctx.zone())));
    let key = ctx.key_trouble.as_ref().map(|(_, trouble)| key::advice(trouble).to_string());
    let clock = ctx.clock_is_off.map(|ahead| clock::advice(ahead).to_string());
    let system = ctx.system_notices().map(|(notice, _)| errors::notice(notice).to_string());
    let desk = [offline, not_read, pause, key, clock, ctx.journal_trouble.clone()];
    desk.into_iter().flatten().chain(system).collect()
}

// Until an item is chosen it is the first job; without jobs there is none.
fn cursor(state: &State, ctx: &Ctx) -> Option<usize> {
    let (above, jobs) = (troubles(ctx).len(), lines(ctx).len());
    match state.cursor {
        Some(at) => Some(at.min((above + jobs).saturating_sub(1))),
        None => (jobs > 0).then_some(above),
    }
}

pub(super) fn update(state: &mut State, msg: &Msg, ctx: &Ctx) -> Vec<Out> {
    let Msg::Key(key) = msg else { return Vec::new() };
    let (above, ours) = (troubles(ctx).len(), rows(ctx));
    let at = cursor(state, ctx);
    match dialog_key(*key) {
        Some(DialogKey::Leave | DialogKey::CloseNeeds) => vec![Out::Close],
        Some(DialogKey::Do) => match at {
            None => vec![Out::Close],
            Some(at) if at < above => Vec::new(),
            Some(at) => {
                if let Some(job) = ours.get(at - above) {
                    return vec![Out::Become(Dialog::Job(job::State::new(job.id)))];
                }
                // A job of another desk can't be opened here; its guest can be looked at.
                let job = ctx.jobs.elsewhere().nth(at - above - ours.len()).map(|(job, _)| job);
                job.and_then(guest).map(Out::Select).into_iter().collect()
            }
        },
        Some(DialogKey::Move(step)) => {
            let before = at.unwrap_or(0);
            state.cursor = Some(step.apply(before, above + lines(ctx).len(), 10));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

// The guest of a job, as far as there is one yet.
fn guest(job: &Job) -> Option<UserId> {
    match &job.order.guest {
        Guest::Existing(guest) => Some(guest.id.clone()),
        Guest::New(_) => job.user.clone(),
    }
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let jobs = lines(ctx);
    let told = troubles(ctx);
    let room = usize::from(WIDTH.min(area.width));
    let cells = room.saturating_sub(32);
    // Each line with the item that it belongs to; between troubles and jobs one that belongs to none.
    let mut all: Vec<(Option<usize>, Line)> = Vec::new();
    for (item, text) in told.iter().enumerate() {
        for (at, text) in wrap(text, room.saturating_sub(8)).into_iter().enumerate() {
            let mark = if at == 0 { theme.glyph(Glyph::Attention) } else { " " };
            all.push((Some(item), Line::styled(format!("  {mark} {text}"), theme.style(Role::Bad))));
        }
    }
    if !told.is_empty() && !jobs.is_empty() {
        all.push((None, Line::default()));
    }
    for (at, (glyph, role, who, said)) in jobs.iter().enumerate() {
        let line = Line::from(vec![
            Span::styled(format!("  {} ", theme.glyph(*glyph)), theme.style(*role)),
            Span::raw(format!("{} ", pad(who, 24, ellipsis))),
            Span::styled(pad(said, cells, ellipsis), theme.style(*role)),
        ]);
        all.push((Some(told.len() + at), line));
    }
    if all.is_empty() {
        all.push((None, Line::from(format!("  {}", words::NOTHING))));
    }
    let height = u16::try_from(all.len()).unwrap_or(u16::MAX).saturating_add(4);
    let role = if ctx.jobs.asking().next().is_some() { Role::Warning } else { Role::Accent };
    let inner = dialog(frame, centered(area, WIDTH, height), theme, role, words::TITLE);
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(2), ..inner }.intersection(inner);
    let cursor = cursor(state, ctx);
    let is_chosen = |(item, _): &(Option<usize>, Line)| item.is_some() && *item == cursor;
    let mut window = Window::default();
    // All of the chosen item if there is room, its beginning otherwise.
    for at in [all.iter().rposition(is_chosen), all.iter().position(is_chosen)].into_iter().flatten() {
        window.follow(at, all.len(), usize::from(list.height));
    }
    for (y, told) in (list.y..list.bottom()).zip(all.iter().skip(window.top)) {
        row(frame, Rect { y, height: 1, ..list }, theme, told.1.clone(), is_chosen(told).then_some(true));
    }
}

fn state_of(job: &Job) -> (Glyph, Role, String) {
    if let Some(unrecorded) = &job.unrecorded {
        return if unrecorded.is_failing {
            (Glyph::Attention, Role::Warning, WRITTEN_NOT_RECORDED.what.into_owned())
        } else {
            (Glyph::Check, Role::Good, WRITTEN_UNRECORDED.what.into_owned())
        };
    }
    match &job.phase {
        Phase::Asking(question) => {
            (Glyph::Attention, Role::Warning, job::question_words(job, question).what.into_owned())
        }
        Phase::Placing { .. } => (Glyph::Working, Role::Accent, place_short(job.takes_own_card()).to_owned()),
        Phase::Queued => (Glyph::Dotted, Role::Accent, words::QUEUED.to_owned()),
        Phase::Waiting { error, .. } => (Glyph::Attention, Role::Warning, words::waits(error.kind).to_owned()),
        Phase::ReadingBack { .. } => (Glyph::Working, Role::Accent, words::CHECKING.to_owned()),
        Phase::Working | Phase::Ended(_) => (Glyph::Working, Role::Accent, words::WORKING.to_owned()),
    }
}

pub(super) fn keys() -> Vec<KeyHint> {
    vec![KeyHint::new("Enter", words::OPEN), KeyHint::new("Esc", card_keys::BACK)]
}
