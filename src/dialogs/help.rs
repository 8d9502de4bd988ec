//! Help for where the focus is, made from the table of actions.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Msg, Out};
use crate::component::ctx::Ctx;
use crate::keys::PaneId;
use crate::keys::action::{Action, ActionRow, Binding, bindings};
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::keys::key::Key;
use crate::ui::frame::{KeyHint, dialog};
use crate::ui::layout::{centered, inside};
use crate::ui::text::{pad, wrap};
use crate::ui::theme::{Glyph, Role, Theme};
use crate::words::panes::row;
use crate::words::{actions, help as words};

const WIDTH: u16 = 76;

/// The cells of the column of keys.
const KEY_CELLS: usize = 14;

/// The state: where the focus is, and how far it is scrolled.
#[derive(Clone, Debug)]
pub struct State {
    /// The pane that had the focus.
    pub pane: PaneId,
    top: usize,
}

impl State {
    /// Help for this pane, from the top.
    pub fn new(pane: PaneId) -> Self {
        Self { pane, top: 0 }
    }
}

pub(super) fn update(state: &mut State, msg: &Msg, ctx: &Ctx) -> Vec<Out> {
    let Msg::Key(key) = msg else { return Vec::new() };
    match dialog_key(*key) {
        Some(DialogKey::Leave | DialogKey::Do | DialogKey::CloseHelp) => return vec![Out::Close],
        Some(DialogKey::Move(step)) => {
            let (width, height) = ctx.size;
            let (all, place) = page(state, ctx, Rect::new(0, 0, width, height));
            let shown = usize::from(inside(place).height);
            // The last page stays full.
            let tops = all.len().saturating_sub(shown) + 1;
            state.top = step.apply(state.top.min(tops - 1), tops, shown);
        }
        _ => {}
    }
    Vec::new()
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let (all, place) = page(state, ctx, area);
    let shown = usize::from(inside(place).height);
    let top = state.top.min(all.len().saturating_sub(shown));
    let title = words::title(top + 1, (top + shown).min(all.len()), all.len());
    let inner = dialog(frame, place, ctx.theme(), Role::Accent, &title);
    frame.render_widget(Paragraph::new(all.into_iter().skip(top).collect::<Vec<_>>()), inner);
}

// All lines, and the place of the dialog, which may not show all of them.
fn page(state: &State, ctx: &Ctx, area: Rect) -> (Vec<Line<'static>>, Rect) {
    let cells = usize::from(WIDTH.min(area.width)).saturating_sub(4);
    let all = lines(state, ctx, cells);
    let height = u16::try_from(all.len()).unwrap_or(u16::MAX).saturating_add(2);
    (all, centered(area, WIDTH, height))
}

pub(super) fn keys() -> Vec<KeyHint> {
    vec![KeyHint::new("Up Down", words::SCROLL), KeyHint::new("Esc", words::CLOSE)]
}

fn lines(state: &State, ctx: &Ctx, cells: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme();
    let about = [words::HOW, words::IN_DIALOGS].into_iter().flat_map(|text| wrap(text, cells));
    let mut lines: Vec<Line> = about.map(|line| Line::from(format!(" {line}"))).collect();
    if ctx.is_sandbox() {
        lines.extend(
            wrap(actions::PRACTICE, cells)
                .into_iter()
                .map(|line| Line::styled(format!(" {line}"), theme.style(Role::Warning))),
        );
    }
    if bindings(Some(state.pane)).next().is_some() {
        lines.push(head(theme, &words::here(state.pane.words().title)));
        lines.extend(bindings(Some(state.pane)).flat_map(|(row, binding)| action_lines(theme, cells, row, binding)));
    }
    lines.push(head(theme, words::EVERYWHERE));
    let everywhere = bindings(None).filter(|(row, _)| row.action != Action::ClearSearch);
    lines.extend(everywhere.flat_map(|(row, binding)| action_lines(theme, cells, row, binding)));
    lines.push(head(theme, words::MARKS));
    for (glyph, role, said) in [
        (Glyph::Ok, Role::Dim, row::OK),
        (Glyph::Hollow, Role::Dim, row::NO_CARD),
        (Glyph::Dotted, Role::Warning, row::TO_BE_WRITTEN),
        (Glyph::Attention, Role::Warning, row::UPDATE),
        (Glyph::Working, Role::Accent, row::IN_WORK),
        (Glyph::Stopped, Role::Bad, row::SUSPENDED),
    ] {
        lines.push(Line::from(vec![
            Span::styled(format!("   {}  ", theme.glyph(glyph)), theme.style(role)),
            Span::raw(said),
        ]));
    }
    lines
}

fn head(theme: Theme, text: &str) -> Line<'static> {
    Line::styled(format!(" {text}"), theme.bold(Role::Accent))
}

// What an action does stands beside its keys, on as many lines as it needs.
fn action_lines(theme: Theme, cells: usize, row: &ActionRow, binding: &Binding) -> Vec<Line<'static>> {
    let keys = binding.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(", ");
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let help = wrap(row.words.help, cells.saturating_sub(KEY_CELLS + 2)).into_iter();
    let keys = std::iter::once(keys).chain(std::iter::repeat(String::new()));
    help.zip(keys)
        .map(|(text, keys)| {
            let keys = format!("   {}", pad(&keys, KEY_CELLS, ellipsis));
            Line::from(vec![Span::styled(keys, theme.style(Role::Strong)), Span::raw(text)])
        })
        .collect()
}
