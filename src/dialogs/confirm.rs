//! A question. Each answer carries what it does, and the first is the one that does no harm: it is chosen when the
//! question comes up, since Enter is the key that people hold.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::{Msg, Out};
use crate::component::ctx::Ctx;
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::ui::choices::choice_lines;
use crate::ui::frame::{KeyHint, dialog, key_lines};
use crate::ui::layout::centered;
use crate::ui::text::wrap;
use crate::ui::theme::Role;
use crate::words::card::keys as words;

const WIDTH: u16 = 60;

/// An answer, and what it does in the name of whoever asked.
#[derive(Debug)]
pub struct ConfirmAnswer {
    says: Cow<'static, str>,
    does: Vec<Out>,
}

/// An answer: its row, and what it does in the name of whoever asked (nothing: only the question closes).
pub fn answer(says: impl Into<Cow<'static, str>>, does: Vec<Out>) -> ConfirmAnswer {
    ConfirmAnswer { says: says.into(), does }
}

/// A question with its answers, and which of them is chosen.
#[derive(Debug)]
pub struct State {
    title: String,
    question: String,
    answers: Vec<ConfirmAnswer>,
    chosen: usize,
    by_esc: usize,
}

impl State {
    /// A question with its answers: the first is chosen and must be harmless. Esc gives the first too.
    pub fn new(title: impl Into<String>, question: impl Into<String>, answers: Vec<ConfirmAnswer>) -> Self {
        Self { title: title.into(), question: question.into(), answers, chosen: 0, by_esc: 0 }
    }

    /// The same, where Esc gives another answer than the first.
    #[must_use]
    pub fn esc_gives(self, answer: usize) -> Self {
        Self { by_esc: answer, ..self }
    }

    fn give_answer(&mut self, at: usize) -> Vec<Out> {
        let does = self.answers.get_mut(at).map(|answer| std::mem::take(&mut answer.does)).unwrap_or_default();
        vec![Out::Close, Out::Answer(does)]
    }
}

pub(super) fn update(state: &mut State, msg: &Msg) -> Vec<Out> {
    let Msg::Key(key) = msg else { return Vec::new() };
    match dialog_key(*key) {
        Some(DialogKey::Move(step)) => state.chosen = step.apply(state.chosen, state.answers.len(), 10),
        Some(DialogKey::Do) => return state.give_answer(state.chosen),
        Some(DialogKey::Leave) => return state.give_answer(state.by_esc),
        _ => {}
    }
    Vec::new()
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let width = WIDTH.min(area.width);
    let cells = usize::from(width.saturating_sub(6));
    let rows: Vec<String> = state.answers.iter().map(|answer| answer.says.clone().into_owned()).collect();
    let rows = choice_lines(&rows, Some(state.chosen), cells, usize::from(area.height), theme);
    let keys = key_lines(&keys(state), cells, theme);
    let mut shown = vec![Line::default()];
    shown.extend(wrap(&state.question, cells).into_iter().map(|line| Line::from(format!("  {line}"))));
    shown.push(Line::default());
    shown.extend(rows);
    shown.push(Line::default());
    for mut line in keys {
        line.spans.insert(0, "  ".into());
        shown.push(line);
    }
    let height = u16::try_from(shown.len()).unwrap_or(u16::MAX).saturating_add(3);
    let inner = dialog(frame, centered(area, width, height), theme, Role::Warning, &state.title);
    // The answers are never cut off: where there is little room, the first lines go.
    let skip = shown.len().saturating_sub(usize::from(inner.height));
    frame.render_widget(Paragraph::new(shown.split_off(skip)), inner);
}

pub(super) fn keys(state: &State) -> Vec<KeyHint> {
    let esc = state.answers.get(state.by_esc).map_or("", |answer| &answer.says);
    vec![KeyHint::new("Up Down", words::CHOOSE), KeyHint::new("Enter", words::DO), KeyHint::new("Esc", esc)]
}
