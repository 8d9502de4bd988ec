//! The group changes of a guest, all of them and by name, before they are saved: also those that a filter hides.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Msg, Out};
use crate::component::ctx::Ctx;
use crate::domain::job::order::{CardWork, Guest, Named};
use crate::domain::plan::{Changes, Plan, Wish, plan};
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::seam::types::UserId;
use crate::ui::frame::{KeyHint, dialog, key_lines};
use crate::ui::layout::centered;
use crate::ui::text::wrap;
use crate::ui::theme::{Glyph, Role};
use crate::words::card::{self as words, keys as key_words};

const WIDTH: u16 = 60;

/// Whose changes these are, what was shown last, and how far the list is scrolled.
#[derive(Clone, Debug)]
pub struct State {
    user: UserId,
    shown: Changes,
    top: usize,
}

impl State {
    /// The changes that are marked for this user.
    pub fn new(user: UserId, ctx: &Ctx) -> Self {
        let shown = ctx.staged.changes(&user, &ctx.directory);
        Self { user, shown, top: 0 }
    }

    // What saving does; `None` when the guest is gone.
    fn plan(&self, ctx: &Ctx) -> Option<Plan> {
        let person = ctx.directory.user(&self.user)?;
        let wish = Wish {
            guest: Guest::Existing(Named { id: self.user.clone(), name: person.user().name().to_owned() }),
            changes: self.shown.clone(),
            card: CardWork::None,
            encoder: None,
        };
        Some(plan(&ctx.directory, wish))
    }
}

pub(super) fn update(state: &mut State, msg: &Msg, ctx: &Ctx) -> Vec<Out> {
    match msg {
        Msg::Key(key) => match dialog_key(*key) {
            Some(DialogKey::Leave) => return vec![Out::Close],
            Some(DialogKey::Do) => {
                return state.plan(ctx).map(|plan| Out::Start(Box::new(plan.order))).into_iter().collect();
            }
            Some(DialogKey::Move(step)) => state.top = step.apply(state.top, lines(state, ctx).len(), 10),
            _ => {}
        },
        Msg::Refresh => {
            let changes = ctx.staged.changes(&state.user, &ctx.directory);
            if changes.is_empty() || ctx.directory.user(&state.user).is_none() {
                return vec![Out::Close];
            }
            if changes != state.shown {
                state.shown = changes;
                return vec![Out::Changed];
            }
        }
        Msg::Paste(_) | Msg::Picked(_) | Msg::Reply(_) => {}
    }
    Vec::new()
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let Some(person) = ctx.directory.user(&state.user) else { return };
    let mut all = lines(state, ctx);
    let mut tail = vec![Line::default()];
    for mut line in key_lines(&keys(), usize::from(WIDTH.min(area.width)).saturating_sub(6), theme) {
        line.spans.insert(0, Span::raw("  "));
        tail.push(line);
    }
    let height = u16::try_from(all.len() + tail.len() + 1).unwrap_or(u16::MAX).saturating_add(3);
    let title = words::changes_title(person.user().name());
    let inner = dialog(frame, centered(area, WIDTH, height), theme, Role::Warning, &title);
    // The keys are never cut off; what has no room above them is scrolled to.
    let room = usize::from(inner.height).saturating_sub(tail.len() + 1).max(1);
    let top = state.top.min(all.len().saturating_sub(room));
    let mut shown = vec![Line::default()];
    shown.extend(all.drain(top..).take(room));
    shown.extend(tail);
    frame.render_widget(Paragraph::new(shown), inner);
}

pub(super) fn keys() -> Vec<KeyHint> {
    vec![KeyHint::new("Enter", key_words::SAVE), KeyHint::new("Esc", key_words::BACK_MARKED)]
}

fn lines(state: &State, ctx: &Ctx) -> Vec<Line<'static>> {
    let theme = ctx.theme();
    let cells = usize::from(WIDTH).saturating_sub(10);
    let mut lines = Vec::new();
    let Changes { add, remove, .. } = &state.shown;
    let marked = add.iter().map(|group| (Glyph::Plus, group)).chain(remove.iter().map(|group| (Glyph::Minus, group)));
    for (glyph, group) in marked {
        for (at, part) in wrap(&group.name, cells).into_iter().enumerate() {
            let mark = if at == 0 { theme.glyph(glyph) } else { " " };
            lines
                .push(Line::from(vec![Span::styled(format!("  {mark} "), theme.bold(Role::Warning)), Span::raw(part)]));
        }
    }
    let Some(Plan { facts, .. }) = state.plan(ctx) else { return lines };
    let is_room = |group: &Named<_>| ctx.directory.group(&group.id).is_some_and(|row| row.room().is_some());
    if facts.groups_known && facts.rooms.is_empty() && remove.iter().any(is_room) {
        lines.push(Line::default());
        lines.push(Line::styled(format!("  {}", words::NO_ROOM_LEFT), theme.style(Role::Bad)));
    }
    lines
}
