//! The list behind `!`: jobs that need a person, then those under way.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Dialog, Msg, Out, job};
use crate::component::ctx::Ctx;
use crate::domain::job::{Job, Phase};
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::ui::frame::{KeyHint, dialog, row};
use crate::ui::layout::centered;
use crate::ui::list::Window;
use crate::ui::text::{pad, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::card::needs as words;
use crate::words::card::{WRITTEN_NOT_RECORDED, WRITTEN_UNRECORDED, keys as card_keys, place_short};
use crate::words::{clock, errors, key, panes, time};

const WIDTH: u16 = 76;

/// The state: the row under the cursor.
#[derive(Clone, Debug, Default)]
pub struct State {
    cursor: usize,
}

/// The jobs of this desk, those that ask first.
fn rows(ctx: &Ctx) -> Vec<&Arc<Job>> {
    let (mut asking, others): (Vec<_>, Vec<_>) = ctx.jobs.unfinished().partition(|job| job.asks().is_some());
    asking.extend(others);
    asking
}

/// A row: the glyph with its role, who, and what is said of the job.
type NeedsRow<'a> = (Glyph, Role, &'a str, String);

/// All lines: below those of this desk stand the jobs of others, which can only be looked at.
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
    [offline, not_read, pause, key, clock, ctx.journal_trouble.clone()].into_iter().flatten().collect()
}

pub(super) fn update(state: &mut State, msg: &Msg, ctx: &Ctx) -> Vec<Out> {
    let rows = rows(ctx);
    state.cursor = state.cursor.min(rows.len().saturating_sub(1));
    let Msg::Key(key) = msg else { return Vec::new() };
    match dialog_key(*key) {
        Some(DialogKey::Leave | DialogKey::CloseNeeds) => vec![Out::Close],
        Some(DialogKey::Do) => match rows.get(state.cursor) {
            Some(job) => vec![Out::Become(Dialog::Job(job::State::new(job.id)))],
            None => vec![Out::Close],
        },
        Some(DialogKey::Move(step)) => {
            state.cursor = step.apply(state.cursor, rows.len(), 10);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let lines = lines(ctx);
    let told = troubles(ctx).into_iter().flat_map(|text| {
        let text = wrap(&text, usize::from(WIDTH) - 8).into_iter();
        text.enumerate().map(|(at, line)| if at == 0 { (true, line) } else { (false, line) }).collect::<Vec<_>>()
    });
    let told: Vec<_> = told.collect();
    let gap = usize::from(!told.is_empty() && !lines.is_empty());
    let above = u16::try_from(told.len() + gap).unwrap_or(u16::MAX);
    let rows_height = if lines.is_empty() && !told.is_empty() { 0 } else { lines.len().max(1) };
    let height = u16::try_from(rows_height).unwrap_or(u16::MAX).saturating_add(4).saturating_add(above);
    let role = if ctx.jobs.asking().next().is_some() { Role::Warning } else { Role::Accent };
    let inner = dialog(frame, centered(area, WIDTH, height), theme, role, words::TITLE);
    for (y, (is_first, text)) in (inner.y + 1..inner.bottom()).zip(&told) {
        let mark = if *is_first { theme.glyph(Glyph::Attention) } else { " " };
        let line = Line::styled(format!("  {mark} {text}"), theme.style(Role::Bad));
        frame.render_widget(line, Rect { y, height: 1, ..inner });
    }
    if lines.is_empty() && !told.is_empty() {
        return;
    }
    let used = above.min(inner.height);
    let inner = Rect { y: inner.y + used, height: inner.height - used, ..inner };
    if lines.is_empty() {
        let line = Rect { y: inner.y + 1.min(inner.height), height: 1.min(inner.height), ..inner };
        frame.render_widget(Line::from(format!("  {}", words::NOTHING)), line);
        return;
    }
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(2), ..inner }.intersection(inner);
    let mut window = Window::default();
    window.follow(state.cursor, lines.len(), usize::from(list.height));
    let cells = usize::from(list.width).saturating_sub(30);
    for (y, (at, told)) in (list.y..list.bottom()).zip(lines.iter().enumerate().skip(window.top)) {
        let (glyph, role, who, said) = told;
        let line = Line::from(vec![
            Span::styled(format!("  {} ", theme.glyph(*glyph)), theme.style(*role)),
            Span::raw(format!("{} ", pad(who, 24, ellipsis))),
            Span::styled(pad(said, cells, ellipsis), theme.style(*role)),
        ]);
        let place = Rect { y, height: 1, ..list };
        row(frame, place, theme, line, (at == state.cursor && !rows(ctx).is_empty()).then_some(true));
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
