//! Encoders: what each is doing, which one is the desk's.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Msg, Out, with_age};
use crate::component::ctx::Ctx;
use crate::component::heard::heard;
use crate::component::jobs::LastWrite;
use crate::domain::directory::Remote;
use crate::domain::job::{Job, Phase, StepState};
use crate::keys::PaneId;
use crate::seam::lenient::clean;
use crate::seam::types::{Encoder, EncoderId};
use crate::ui::frame::{self, pane, sentence};
use crate::ui::list::Window;
use crate::ui::text::{fit, pad, pad_middle, width};
use crate::ui::theme::{Glyph, Role, Theme};
use crate::words::panes as words;
use crate::words::panes::encoder as said;
use crate::words::{card, errors, time};

/// The cells of the longest name of an encoder that is shown whole.
const LONGEST_NAME: usize = 16;

/// The cells at the end of a longer name that stay: they tell encoders apart.
const NAME_END: usize = 6;

/// So many cells of a guest's name stay, whatever stands after it.
const NAME_CELLS: usize = 12;

/// Which encoder is under the cursor, and how far the list is scrolled.
#[derive(Debug, Default)]
pub struct State {
    cursor: Option<EncoderId>,
    window: Window,
    height: usize,
}

impl State {
    fn cursor_row(&self, ctx: &Ctx) -> usize {
        let wanted = self.cursor.as_ref().or(ctx.desk_encoder.as_ref());
        ctx.encoders().iter().position(|encoder| Some(&encoder.acs_encoder_id) == wanted).unwrap_or(0)
    }
}

pub(super) fn update(state: &mut State, msg: &Msg, ctx: &Ctx) -> Vec<Out> {
    let encoders = ctx.encoders();
    let mut out = Vec::new();
    match msg {
        Msg::Size(_, height) => state.height = *height,
        Msg::Move(step) => {
            let place = step.apply(state.cursor_row(ctx), encoders.len(), state.height);
            state.cursor = encoders.get(place).map(|encoder| encoder.acs_encoder_id.clone());
        }
        Msg::Choose => {
            out.extend(
                encoders.get(state.cursor_row(ctx)).map(|encoder| Out::UseEncoder(encoder.acs_encoder_id.clone())),
            );
        }
        _ => {}
    }
    state.window.follow(state.cursor_row(ctx), encoders.len(), state.height);
    out
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect, focused: bool) {
    let theme = ctx.theme();
    let title = PaneId::Encoders.title();
    let note = format!("{} {}", theme.glyph(Glyph::Star), said::NOTE);
    let inner = pane(frame, area, theme, focused, &title, &with_age(ctx, ctx.ages.encoders, note));
    let encoders = ctx.encoders();
    if encoders.is_empty() {
        let (text, role) = match ctx.directory.encoders() {
            Remote::Failed(error) => (words::failed(error), Role::Bad),
            Remote::Loaded(_) => (words::ENCODERS.empty.to_owned(), Role::Warning),
            Remote::NotAsked | Remote::Loading => match ctx.directory.system() {
                Remote::Failed(_) => (words::ENCODERS.waiting.to_owned(), Role::Dim),
                _ => (words::ENCODERS.loading.to_owned(), Role::Dim),
            },
        };
        sentence(frame, inner, &text, theme.style(role));
        return;
    }
    let name_cells = encoders.iter().map(|encoder| width(&encoder.name())).max().unwrap_or(0).clamp(8, LONGEST_NAME);
    let place = state.cursor_row(ctx);
    for (line, (at, encoder)) in (inner.y..inner.bottom()).zip(encoders.iter().enumerate().skip(state.window.top)) {
        let row = Rect { y: line, height: 1, ..inner };
        let cursor = (at == place && focused).then_some(true);
        view_row(ctx, frame, row, encoder, name_cells, cursor);
    }
}

// What a row says after the name: a state that catches the eye, and what belongs to it.
struct Doing {
    mark: String,
    role: Role,
    style: Style,
    state: String,
    /// The guest, who is shortened where there is little room.
    who: String,
    /// What stands after the guest.
    rest: String,
    tail: String,
}

fn view_row(ctx: &Ctx, frame: &mut Frame, area: Rect, encoder: &Encoder, name_cells: usize, cursor: Option<bool>) {
    let theme = ctx.theme();
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let is_desk = ctx.desk_encoder.as_ref() == Some(&encoder.acs_encoder_id);
    let star = if is_desk { theme.glyph(Glyph::Star) } else { " " };
    let doing = doing(ctx, encoder);
    let cells = usize::from(area.width);
    let state_cells = (cells / 3).clamp(18, 20);
    let gap = if doing.tail.is_empty() { "" } else { " " };
    let tail_cells = width(&doing.tail) + 2 * gap.len();
    let about_cells = cells.saturating_sub(name_cells + 5 + state_cells + 1 + tail_cells);
    // The guest's name makes room for what stands after it, as far as it stays a name.
    let who_cells = about_cells.saturating_sub(width(&doing.rest)).max(NAME_CELLS);
    let who = fit(&doing.who, who_cells, ellipsis);
    let name_style = if is_desk { theme.style(Role::Strong) } else { Style::new() };
    let state_cells = state_cells - width(&doing.mark);
    let state_width = width(&doing.state).min(state_cells);
    let spans = vec![
        Span::styled(format!(" {star} "), theme.style(Role::Warning)),
        Span::styled(format!("{}  ", pad_middle(&encoder.name(), name_cells, NAME_END, ellipsis)), name_style),
        Span::styled(doing.mark, theme.style(doing.role)),
        Span::styled(fit(&doing.state, state_cells, ellipsis).into_owned(), doing.style),
        Span::raw(" ".repeat(state_cells - state_width + 1)),
        Span::raw(pad(&format!("{who}{}", doing.rest), about_cells, ellipsis)),
        Span::styled(format!("{gap}{}", doing.tail), theme.style(Role::Dim)),
    ];
    frame::row(frame, area, theme, Line::from(spans), cursor);
}

fn doing(ctx: &Ctx, encoder: &Encoder) -> Doing {
    let theme = ctx.theme();
    if let Some(job) = ctx.jobs.on_encoder(&encoder.acs_encoder_id) {
        return doing_job(ctx, job, encoder);
    }
    if let Some((job, holder)) = ctx.jobs.elsewhere_on(&encoder.acs_encoder_id) {
        return Doing {
            mark: format!("{} ", theme.glyph(Glyph::Working)),
            role: Role::Accent,
            style: theme.style(Role::Accent),
            state: said::ELSEWHERE.to_owned(),
            who: job.who().to_owned(),
            rest: format!(" {} {}", theme.glyph(Glyph::Between), clean(holder)),
            tail: String::new(),
        };
    }
    let plain = |glyph: Glyph, role: Role, text: &str, rest: String| Doing {
        mark: format!("{} ", theme.glyph(glyph)),
        role,
        // All is well is said quietly: only its mark has a colour.
        style: if role == Role::Good { theme.style(Role::Plain) } else { theme.style(role) },
        state: text.to_owned(),
        who: String::new(),
        rest,
        tail: String::new(),
    };
    if let Some(error) = encoder.errors.first() {
        return plain(Glyph::Stopped, Role::Bad, said::REMOVED, errors::notice(error).to_string());
    }
    if ctx.offline_since.is_some() {
        return plain(Glyph::Hollow, Role::Dim, said::NOT_KNOWN, String::new());
    }
    let heard = heard(ctx, &encoder.acs_encoder_id);
    if ctx.jobs.will_fail(&encoder.acs_encoder_id) {
        return plain(Glyph::Attention, Role::Warning, &heard.text, said::PRACTICE.to_owned());
    }
    if ctx.directory.system().loaded().is_some() && !ctx.link_is_up() {
        return plain(Glyph::Stopped, Role::Bad, said::LINK_DOWN, String::new());
    }
    let doing = plain(heard.glyph, heard.role, &heard.text, String::new());
    match ctx.jobs.last_on(&encoder.acs_encoder_id) {
        None => doing,
        Some(LastWrite { error: Some(code), .. }) if code.encoder_answered() == Some(false) => {
            Doing { rest: errors::attempt_short(code).to_owned(), ..doing }
        }
        Some(last) => {
            let came = last.error.as_ref().map_or(theme.glyph(Glyph::Check), errors::attempt_short);
            Doing { who: said::last(&last.who), rest: format!(" {came}"), ..doing }
        }
    }
}

fn doing_job(ctx: &Ctx, job: &Job, encoder: &Encoder) -> Doing {
    let theme = ctx.theme();
    let own = job.takes_own_card();
    let who = job.who().to_owned();
    let between = theme.glyph(Glyph::Between);
    let mut rest = String::new();
    if let Some(room) = &job.order.room {
        rest = format!(" {between} {room}");
    }
    // Who waits stands before the kind of work: where there is little room, the end is cut.
    let queued = ctx.jobs.queued_on(&encoder.acs_encoder_id);
    if queued > 0 {
        rest = format!("{rest} {between} {}", said::queued(queued));
    }
    rest = format!("{rest} {between} {}", card::kind(&job.order.card).to_lowercase());
    let steps = steps_line(job, theme);
    if let Some(unrecorded) = &job.unrecorded {
        let (role, state) =
            if unrecorded.is_failing { (Role::Warning, said::NOT_RECORDED) } else { (Role::Good, said::WRITTEN) };
        return Doing {
            mark: String::new(),
            role,
            style: theme.block(role).patch(theme.style(Role::Strong)),
            state: format!(" {state} "),
            who,
            rest,
            tail: steps,
        };
    }
    match &job.phase {
        Phase::Placing { since, .. } => Doing {
            mark: String::new(),
            role: Role::Warning,
            style: theme.block(Role::Warning).patch(theme.style(Role::Strong)),
            state: format!(" {} ", card::place_short(own)),
            who,
            rest,
            tail: format!("{steps} {}", time::span(ctx.at.duration_since(*since))),
        },
        Phase::Asking(_) => Doing {
            mark: String::new(),
            role: Role::Bad,
            style: theme.block(Role::Bad).patch(theme.style(Role::Strong)),
            state: format!(" {} ", said::NEEDS_YOU),
            who,
            rest,
            tail: steps,
        },
        _ => Doing {
            mark: format!("{} ", theme.glyph(Glyph::Working)),
            role: Role::Accent,
            style: theme.style(Role::Accent),
            state: match job.phase {
                Phase::ReadingBack { .. } => said::CHECKING,
                _ => said::PREPARING,
            }
            .to_owned(),
            who,
            rest,
            tail: steps,
        },
    }
}

fn steps_line(job: &Job, theme: Theme) -> String {
    job.steps
        .iter()
        .map(|record| match record.state {
            StepState::Todo => theme.glyph(Glyph::Dot),
            StepState::Doing(_) if job.unrecorded.is_some() => theme.glyph(Glyph::Check),
            StepState::Doing(_) => theme.glyph(Glyph::Current),
            StepState::Done(_) => theme.glyph(Glyph::Check),
            StepState::Failed(_) => theme.glyph(Glyph::Cross),
        })
        .collect()
}
