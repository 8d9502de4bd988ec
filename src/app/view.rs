//! The whole screen from the model: header, panes, dialogs, key line.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::action::{Action, shown_key, words_of};
use super::available::available;
use super::ctx::Ctx;
use super::model::Model;
use crate::desk::directory::Remote;
use crate::panes::{PaneId, activity, credentials, encoders, groups, users};
use crate::ui::frame::{KeyHint, key_line, shade};
use crate::ui::layout::SMALLEST;
use crate::ui::text::{fit, width, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::{card, panes as words, time};

/// Draws the model.
pub fn view(model: &Model, frame: &mut Frame) {
    let area = frame.area();
    let ctx = model.ctx();
    let Some(desk) = model.layout().filter(|_| (area.width, area.height) == model.size) else {
        let text = words::too_small(SMALLEST.0, SMALLEST.1);
        let lines: Vec<Line> = wrap(&text, usize::from(area.width)).into_iter().map(Line::from).collect();
        frame.render_widget(Paragraph::new(lines), area);
        return;
    };
    let focused = |pane: PaneId| model.focus == pane && model.dialogs.is_empty();
    header(model, &ctx, frame, desk.header);
    users::view(&model.panes.users, &ctx, frame, desk.users, focused(PaneId::Users));
    groups::view(&model.panes.groups, &ctx, frame, desk.groups, focused(PaneId::Groups));
    credentials::view(&model.panes.credentials, &ctx, frame, desk.credentials, focused(PaneId::Credentials));
    if desk.activity.is_none() && model.focus == PaneId::Activity {
        activity::view(&model.panes.activity, &ctx, frame, desk.encoders, focused(PaneId::Activity));
    } else {
        encoders::view(&model.panes.encoders, &ctx, frame, desk.encoders, focused(PaneId::Encoders));
    }
    if let Some(place) = desk.activity {
        activity::view(&model.panes.activity, &ctx, frame, place, focused(PaneId::Activity));
    }
    for (at, dialog) in model.dialogs.iter().enumerate() {
        if at + 1 == model.dialogs.len() {
            shade(frame, area, ctx.theme());
        }
        dialog.view(&ctx, frame, area);
    }
    keys(model, &ctx, frame, desk.keys);
    if ctx.theme().ascii {
        plain_marks(frame);
    }
}

// Sentences hold a few marks that old terminals lack; letters of names stay as they are.
fn plain_marks(frame: &mut Frame) {
    for cell in &mut frame.buffer_mut().content {
        match cell.symbol() {
            "·" => cell.set_symbol("-"),
            "…" => cell.set_symbol("~"),
            _ => continue,
        };
    }
}

// Alarms stand first after the name: where there is little room, they are what is left.
fn header(model: &Model, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let short = area.width < 100;
    let mut spans = vec![Span::styled(format!(" {} ", words::PRODUCT), theme.block(Role::Accent)), Span::raw(" ")];
    let gap = || Span::raw(if short { "  " } else { "   " });
    if let Some(since) = model.offline_since {
        let text = words::offline(&time::hour(since, ctx.zone()));
        spans.extend([Span::styled(format!(" {text} "), theme.block(Role::Bad)), Span::raw(" ")]);
    }
    if model.journal_trouble.is_some() {
        spans.extend([Span::styled(format!(" {} ", words::NO_RECORD), theme.block(Role::Bad)), Span::raw(" ")]);
    }
    match &ctx.directory.system {
        Remote::Loaded(system) => {
            let name = system.name.as_deref().unwrap_or_default();
            spans.push(Span::styled(
                fit(name, 30, theme.glyph(Glyph::Ellipsis)).into_owned(),
                theme.style(Role::Strong),
            ));
            if let (false, Some(make)) = (short, &system.external_type_display_name) {
                spans.push(Span::styled(format!(" {} {make}", theme.glyph(Glyph::Between)), theme.style(Role::Dim)));
            }
            spans.push(gap());
            let up = ctx.link_is_up();
            let (glyph, role) = if up { (Glyph::Ok, Role::Good) } else { (Glyph::Stopped, Role::Bad) };
            spans.push(Span::styled(format!("{} ", theme.glyph(glyph)), theme.style(role)));
            let words_style = if up { theme.style(Role::Plain) } else { theme.bold(Role::Bad) };
            spans.push(Span::styled(words::link(up, short), words_style));
        }
        Remote::NotAsked | Remote::Loading => spans.push(Span::styled(words::CONNECTING, theme.style(Role::Dim))),
        Remote::Failed(trouble) => {
            spans.push(Span::styled(format!(" {} ", words::header_trouble(trouble)), theme.block(Role::Bad)));
        }
    }
    let asking = ctx.jobs.asking().count();
    let open = ctx.jobs.open().count();
    if asking > 0 {
        spans.extend([gap(), Span::styled(words::need_you(asking), theme.bold(Role::Warning))]);
    }
    if open > 0 {
        spans.extend([gap(), Span::styled(words::jobs(open), theme.style(Role::Accent))]);
    }
    if let (false, Some(encoder)) = (short, ctx.desk_encoder.and_then(|id| ctx.encoder(id))) {
        let star = Span::styled(format!("{} ", theme.glyph(Glyph::Star)), theme.style(Role::Warning));
        spans.extend([gap(), star, Span::raw(encoder.name())]);
    }
    let mut right = Vec::new();
    if ctx.settings.demo {
        right.push(Span::styled(format!(" {} ", words::DEMO), theme.block(Role::Warning)));
    } else if ctx.is_sandbox() {
        right.push(Span::styled(format!(" {} ", words::SANDBOX), theme.block(Role::Warning)));
    }
    right.push(Span::styled(format!("  {} ", ctx.settings.operator), theme.style(Role::Dim)));
    let used = |spans: &[Span]| spans.iter().map(|span| width(&span.content)).sum::<usize>();
    let right_cells = used(&right);
    let room = usize::from(area.width).saturating_sub(right_cells);
    while used(&spans) > room && spans.len() > 3 {
        spans.pop();
    }
    frame.render_widget(Line::from(spans), area);
    frame.render_widget(Line::from(right).right_aligned(), area);
}

fn keys(model: &Model, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let cells = usize::from(area.width);
    if let Some(toast) = &model.toast {
        let mark = match toast.role {
            Role::Good => Glyph::Check,
            Role::Warning | Role::Bad => Glyph::Attention,
            _ => Glyph::Dot,
        };
        let text = fit(&toast.text, cells.saturating_sub(4), theme.glyph(Glyph::Ellipsis)).into_owned();
        let line = Line::styled(format!(" {} {text}", theme.glyph(mark)), theme.style(toast.role));
        frame.render_widget(line, area);
        return;
    }
    if let Some(dialog) = model.dialogs.last() {
        // The keys are said once: in the dialog, or here.
        let keys = if dialog.shows_its_keys() { Vec::new() } else { dialog.keys(ctx) };
        let mut line = key_line(&keys, cells, theme);
        let used: usize = line.spans.iter().map(|span| width(&span.content)).sum();
        if used + width(card::DESK_GOES_ON) + 1 < cells {
            line.push_span(Span::styled(format!(" {}", card::DESK_GOES_ON), theme.style(Role::Dim)));
        }
        frame.render_widget(line, area);
        return;
    }
    frame.render_widget(key_line(&hints(model, ctx), cells, theme), area);
}

fn hints(model: &Model, ctx: &Ctx) -> Vec<KeyHint> {
    let pane = model.focus;
    let of_pane: &[Action] = match pane {
        PaneId::Groups => &[Action::Stage, Action::Save, Action::DropStaged],
        PaneId::Encoders => &[Action::UseEncoder],
        _ => &[],
    };
    let mut actions = of_pane.to_vec();
    if model.is_searching() {
        actions.push(Action::ClearSearch);
    }
    actions.extend([Action::Card, Action::NewGuest, Action::Search, Action::NextPane, Action::Palette, Action::Needs]);
    actions.push(Action::Help);
    let can = |action: &Action| available(*action, ctx, pane, model.is_searching()).is_ok();
    let is_needed = |action: &Action| *action != Action::Needs || ctx.jobs.open().next().is_some();
    actions
        .into_iter()
        .filter(can)
        .filter(is_needed)
        .map(|action| KeyHint::new(shown_key(action, pane), words_of(action).short))
        .collect()
}
