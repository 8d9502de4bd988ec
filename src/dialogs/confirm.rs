//! A question with yes and no. Enter is no answer: it is the key that people hold.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::{Msg, Out};
use crate::component::ctx::Ctx;
use crate::component::draft::Draft;
use crate::domain::job::JobId;
use crate::keys::key::KeyCode;
use crate::seam::types::UserId;
use crate::ui::frame::{KeyHint, dialog, key_lines};
use crate::ui::layout::centered;
use crate::ui::text::wrap;
use crate::ui::theme::Role;

/// What a yes is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Leave the program.
    Quit,
    /// Go on without a record of the jobs.
    NoRecord,
    /// Go on with a form that a lost session left behind.
    OpenDraft(Box<Draft>),
    /// Close the form below and lose what was typed.
    CloseForm,
    /// Create a guest although a namesake is there.
    CreateSecond,
    /// Go on with this guest instead of the form.
    UseGuest(UserId),
    /// Give this job up.
    Withdraw(JobId),
    /// Say that the card of this job was written.
    CallItWritten(JobId),
    /// Throw the half-typed form away that a lost session left.
    DropDraft,
}

/// The question.
#[derive(Clone, Debug)]
pub struct State {
    /// The title.
    pub title: String,
    /// The question.
    pub question: String,
    /// What yes does.
    pub yes: &'static str,
    /// What no does.
    pub no: &'static str,
    /// A third answer: its key, what it does, and what it is for.
    pub also: Option<(char, &'static str, Purpose)>,
    /// What a yes is for.
    pub purpose: Purpose,
}

/// Takes a message.
pub fn update(state: &mut State, msg: &Msg) -> Vec<Out> {
    let Msg::Key(key) = msg else { return Vec::new() };
    if let Some((letter, _, purpose)) = &state.also
        && key.typed() == Some(*letter)
    {
        return vec![Out::Close, Out::Yes(purpose.clone())];
    }
    match key.code {
        KeyCode::Char('y' | 'Y') if !key.ctrl => vec![Out::Close, Out::Yes(state.purpose.clone())],
        KeyCode::Char('n' | 'N') | KeyCode::Esc if !key.ctrl => vec![Out::Close, Out::No(state.purpose.clone())],
        _ => Vec::new(),
    }
}

/// Draws the dialog.
pub fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let width = 60.min(area.width);
    let lines = wrap(&state.question, usize::from(width.saturating_sub(6)));
    let keys = key_lines(&keys(state), usize::from(width.saturating_sub(6)), theme);
    let height = u16::try_from(lines.len() + keys.len()).unwrap_or(u16::MAX).saturating_add(5);
    let inner = dialog(frame, centered(area, width, height), theme, Role::Warning, &state.title);
    let mut shown = vec![Line::default()];
    shown.extend(lines.into_iter().map(|line| Line::from(format!("  {line}"))));
    shown.push(Line::default());
    for mut line in keys {
        line.spans.insert(0, "  ".into());
        shown.push(line);
    }
    frame.render_widget(Paragraph::new(shown), inner);
}

/// Its keys.
pub fn keys(state: &State) -> Vec<KeyHint> {
    let also = state.also.as_ref().map(|(letter, does, _)| KeyHint::new(letter.to_string(), *does));
    let mut keys = vec![KeyHint::new("y", state.yes)];
    keys.extend(also);
    keys.push(KeyHint::new("Esc", state.no));
    keys
}
