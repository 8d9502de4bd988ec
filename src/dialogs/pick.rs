//! Which encoder: for a plan, or for a job whose encoder failed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Msg, Out};
use crate::component::ctx::Ctx;
use crate::component::heard::heard;
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::seam::types::{Encoder, EncoderId};
use crate::ui::frame::{KeyHint, dialog, row};
use crate::ui::layout::centered;
use crate::ui::list::Window;
use crate::ui::text::{pad, pad_middle};
use crate::ui::theme::{Glyph, Role};
use crate::words::card::{keys as card_keys, pick as words};
use crate::words::errors::attempt_short;

/// The state: the row under the cursor, and the encoder that is used now.
#[derive(Clone, Debug)]
pub struct State {
    cursor: usize,
    now: Option<EncoderId>,
    who: String,
}

impl State {
    /// Choose another than this for the card of this guest; the cursor stands on the first other that is not known to fail.
    pub fn new(now: Option<EncoderId>, who: &str, ctx: &Ctx) -> Self {
        let is_other = |encoder: &Encoder| Some(&encoder.acs_encoder_id) != now.as_ref();
        let fails = |encoder: &Encoder| {
            let last = ctx.jobs.last_on(&encoder.acs_encoder_id);
            !encoder.errors.is_empty() || last.is_some_and(|last| last.error.is_some())
        };
        let good = ctx.encoders().iter().position(|encoder| is_other(encoder) && !fails(encoder));
        let other = good.or_else(|| ctx.encoders().iter().position(is_other));
        Self { cursor: other.unwrap_or(0), now, who: who.to_owned() }
    }
}

pub(super) fn update(state: &mut State, msg: &Msg, ctx: &Ctx) -> Vec<Out> {
    let encoders = ctx.encoders();
    let Msg::Key(key) = msg else { return Vec::new() };
    match dialog_key(*key) {
        Some(DialogKey::Leave) => return vec![Out::Close],
        Some(DialogKey::Do) => {
            let chosen = encoders.get(state.cursor).map(|encoder| Out::Picked(encoder.acs_encoder_id.clone()));
            return std::iter::once(Out::Close).chain(chosen).collect();
        }
        Some(DialogKey::Move(step)) => state.cursor = step.apply(state.cursor, encoders.len(), 5),
        _ => {}
    }
    Vec::new()
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let encoders = ctx.encoders();
    let height = u16::try_from(encoders.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = dialog(frame, centered(area, 64, height), theme, Role::Accent, &words::title(&state.who));
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(2), ..inner }.intersection(inner);
    let mut window = Window::default();
    window.follow(state.cursor, encoders.len(), usize::from(list.height));
    let cells = usize::from(list.width).saturating_sub(26);
    for (y, (at, encoder)) in (list.y..list.bottom()).zip(encoders.iter().enumerate().skip(window.top)) {
        let id = &encoder.acs_encoder_id;
        let mark = match (at == state.cursor, state.now.as_ref() == Some(id)) {
            (true, _) => theme.glyph(Glyph::Chosen),
            (false, true) => theme.glyph(Glyph::Dot),
            (false, false) => " ",
        };
        // A job that asks makes no card there: why it asks says more.
        let busy = ctx.jobs.on_encoder(id).filter(|job| job.asks().is_none());
        let said = match (busy, ctx.jobs.last_on(id).and_then(|last| last.error.as_ref())) {
            (Some(job), _) => words::busy(job.who()),
            (None, Some(code)) => attempt_short(code).to_owned(),
            (None, None) => heard(ctx, id).text,
        };
        let line = Line::from(vec![
            Span::raw(format!("  {mark} {} ", pad_middle(&encoder.name(), 20, 6, ellipsis))),
            Span::styled(pad(&said, cells, ellipsis), theme.style(Role::Dim)),
        ]);
        let place = Rect { y, height: 1, ..list };
        row(frame, place, theme, line, (at == state.cursor).then_some(true));
    }
}

pub(super) fn keys() -> Vec<KeyHint> {
    vec![KeyHint::new("Enter", words::USE), KeyHint::new("Esc", card_keys::BACK)]
}
