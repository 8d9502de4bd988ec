//! The whole screen from the model: header, panes, dialogs, key line.
//!
//! ```text
//! keydesk  Hotel Aurora  ! 1 needs you  1 job  * link                      anna   header: alarms first
//! +- 1 Users --------------- 184 -++- 2 Access groups ------------------- 3 of 61 -+
//! | Doe, John       204  card ok  || + Room 204                     4 entrances   |
//! | Doerr, Max      415  update   || . Gym                          1 entrance    |   panes: one has the focus,
//! |         +- Card for John Doe ------------------------------+                  |   all are drawn
//! |         |  New card   Room 204 - until Sat 28 Nov 11:00    |------------------+
//! |         |           LIFTED TOO EARLY                       |------------------+
//! |         |  > try again                                     |                  |   dialogs: over shaded panes,
//! |         |   Enter  do it   Tab  other encoder   Esc  later |                  |   the top one takes the keys
//! +---------+--------------------------------------------------+------------------+
//! +- 4 Encoders --------- * desk encoder -++- 5 Activity --------------------------+
//! | * Front Desk   PLACE A BLANK CARD     || 14:32:10 v John Doe: card written     |
//! +---------------------------------------++---------------------------------------+
//!  c card   n new guest   / search   ? help                                          key line, or a notice
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::model::Model;
use super::run_action::available;
use super::update::toast_fits;
use crate::component::ctx::Ctx;
use crate::domain::directory::Remote;
use crate::keys::action::{Action, hint};
use crate::panes;
use crate::ui::ascii::to_ascii;
use crate::ui::frame::{KeyHint, key_line, shade};
use crate::ui::layout::SMALLEST;
use crate::ui::text::{fit, width, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::{card, clock, errors, key, panes as words, time};

/// The longest banner that a narrow header has room for, in cells.
const SHORT_BANNER: usize = 58;

/// Draws the whole screen; a frame of another size than the model knows gets a sentence.
pub fn view(model: &Model, frame: &mut Frame) {
    let area = frame.area();
    let ctx = &model.ctx;
    let Some(desk) = model.areas().filter(|_| (area.width, area.height) == ctx.size) else {
        let text = words::too_small(SMALLEST.0, SMALLEST.1);
        let lines: Vec<Line> = wrap(&text, usize::from(area.width)).into_iter().map(Line::from).collect();
        frame.render_widget(Paragraph::new(lines), area);
        return;
    };
    header(model, ctx, frame, desk.header);
    for (pane, area) in model.shown_panes() {
        let focused = model.focus == pane && model.dialogs.is_empty();
        model.panes.view(pane, ctx, frame, area, focused);
    }
    for (at, dialog) in model.dialogs.iter().enumerate() {
        if at + 1 == model.dialogs.len() {
            shade(frame, area, ctx.theme());
        }
        dialog.view(ctx, frame, area);
    }
    keys(model, ctx, frame, desk.keys);
    if ctx.theme().ascii {
        to_ascii(frame.buffer_mut());
    }
}

// Alarms stand first after the name; where there is little room, what stands last goes, each thing whole.
fn header(model: &Model, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let short = area.width < 100;
    let mut right = Vec::new();
    if ctx.settings.demo {
        right.push(Span::styled(format!(" {} ", words::DEMO), theme.block(Role::Warning)));
    } else if ctx.is_sandbox() {
        right.push(Span::styled(format!(" {} ", words::SANDBOX), theme.block(Role::Warning)));
    }
    right.push(Span::styled(format!("  {} ", ctx.settings.operator), theme.style(Role::Dim)));
    let cells = |spans: &[Span]| spans.iter().map(|span| width(&span.content)).sum::<usize>();
    let room = usize::from(area.width).saturating_sub(cells(&right));
    let gap = if short { "  " } else { "   " };
    let mut line = vec![Span::styled(format!(" {} ", words::PRODUCT), theme.block(Role::Accent))];
    for thing in header_facts(model, ctx, short) {
        let gap = if line.len() == 1 { " " } else { gap };
        if cells(&line) + width(gap) + cells(&thing) <= room {
            line.push(Span::raw(gap));
            line.extend(thing);
        }
    }
    frame.render_widget(Line::from(line), area);
    frame.render_widget(Line::from(right).right_aligned(), area);
}

// What the header tells, the most important first.
fn header_facts(model: &Model, ctx: &Ctx, short: bool) -> Vec<Vec<Span<'static>>> {
    let theme = ctx.theme();
    let mut things = Vec::new();
    if let Some(since) = model.ctx.offline_since {
        let lists_of = model.live.lists_of().map(|at| time::hour(at, ctx.zone()));
        let why = ctx.offline_why.as_ref().map(errors::short).unwrap_or_default();
        let since = time::hour(since, ctx.zone());
        let whole = words::offline(&since, why, lists_of.as_deref());
        // Where there is little room, the cause matters more than how old the lists are.
        let text = if short && width(&whole) > SHORT_BANNER { words::offline(&since, why, None) } else { whole };
        things.push(vec![Span::styled(format!(" {text} "), theme.block(Role::Bad))]);
    }
    // Behind an outage or a refused key nothing is read anyway.
    if let Some((since, error)) = &ctx.not_read
        && ctx.offline_since.is_none()
        && ctx.key_trouble.is_none()
    {
        let text = words::not_read(&time::hour(*since, ctx.zone()), errors::short(error));
        things.push(vec![Span::styled(format!(" {text} "), theme.block(Role::Bad))]);
    }
    if let Some(until) = ctx.pause_until {
        let text = words::pause(&time::hour(until, ctx.zone()));
        things.push(vec![Span::styled(format!(" {text} "), theme.block(Role::Warning))]);
    }
    if let Some((since, trouble)) = &ctx.key_trouble {
        let text = key::since(trouble, &time::hour(*since, ctx.zone()));
        things.push(vec![Span::styled(format!(" {text} "), theme.block(Role::Bad))]);
    }
    if let Some(ahead) = ctx.clock_is_off {
        things.push(vec![Span::styled(format!(" {} ", clock::short(ahead)), theme.block(Role::Bad))]);
    }
    if model.lacks_record() {
        let text = if model.is_without_record { words::NO_RECORD } else { words::NO_RECORD_NO_CARDS };
        things.push(vec![Span::styled(format!(" {text} "), theme.block(Role::Bad))]);
    }
    let asking = ctx.jobs.asking().count();
    let asking = (asking > 0).then(|| vec![Span::styled(words::need_you(asking), theme.bold(Role::Warning))]);
    // Those that need a person are counted by themselves.
    let open = ctx.jobs.unfinished().filter(|job| job.asks().is_none()).count();
    let open = (open > 0).then(|| vec![Span::styled(words::jobs(open), theme.style(Role::Accent))]);
    match ctx.directory.system() {
        Remote::Loaded(system) => {
            let name = fit(system.name.as_deref().unwrap_or_default(), 30, theme.glyph(Glyph::Ellipsis)).into_owned();
            things.push(vec![Span::styled(name, theme.style(Role::Strong))]);
            let up = ctx.link_is_up();
            let (glyph, role) = if up { (Glyph::Ok, Role::Good) } else { (Glyph::Stopped, Role::Bad) };
            let words_style = if up { theme.style(Role::Plain) } else { theme.bold(Role::Bad) };
            let read_at = ctx.ages.system.map(|at| words::as_of(&time::moment(at, ctx.zone(), ctx.at)));
            let age = read_at.map(|age| format!(" {age}")).unwrap_or_default();
            // Behind a line that is down, nobody knows how the link to the key system is.
            let link = model.ctx.offline_since.is_none().then(|| {
                vec![
                    Span::styled(format!("{} ", theme.glyph(glyph)), theme.style(role)),
                    Span::styled(words::link(up, short), words_style),
                    Span::styled(age.clone(), theme.style(Role::Dim)),
                ]
            });
            if up {
                things.extend(asking.into_iter().chain(open).chain(link));
            } else {
                things.extend(link.into_iter().chain(asking).chain(open));
            }
            let make = system.external_type_display_name.as_ref();
            if ctx.is_other_make() {
                let make = make.or(system.external_type.as_ref()).map_or("", String::as_str);
                let text = format!(" {} ", words::other_make(&fit(make, 24, theme.glyph(Glyph::Ellipsis))));
                things.push(vec![Span::styled(text, theme.block(Role::Warning))]);
            } else if let (false, Some(make)) = (short, make) {
                things.push(vec![Span::styled(make.clone(), theme.style(Role::Dim))]);
            }
        }
        Remote::NotAsked | Remote::Loading => {
            things.push(vec![Span::styled(words::CONNECTING, theme.style(Role::Dim))]);
        }
        // The header says that already.
        Remote::Failed(_) if ctx.key_trouble.is_some() => {}
        Remote::Failed(trouble) => {
            things.push(vec![Span::styled(format!(" {} ", words::header_trouble(trouble)), theme.block(Role::Bad))]);
        }
    }
    if let (false, Some(encoder)) = (short, ctx.desk_encoder.as_ref().and_then(|id| ctx.encoder(id))) {
        let star = Span::styled(format!("{} ", theme.glyph(Glyph::Star)), theme.style(Role::Warning));
        things.push(vec![star, Span::raw(encoder.name())]);
    }
    things
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
        let hint = if toast_fits(&toast.text, area.width) { "" } else { words::OPENS };
        let room = cells.saturating_sub(4 + width(hint));
        let text = format!("{}{hint}", fit(&toast.text, room, theme.glyph(Glyph::Ellipsis)));
        let line = Line::styled(format!(" {} {text}", theme.glyph(mark)), theme.style(toast.role));
        frame.render_widget(line, area);
        return;
    }
    if let Some(dialog) = model.dialogs.top() {
        // The keys are said once: in the dialog, or here.
        let keys = if dialog.shows_its_keys() { Vec::new() } else { dialog.keys(ctx) };
        let mut line = key_line(&keys, cells, theme);
        let used: usize = line.spans.iter().map(|span| width(&span.content)).sum();
        // Over a question about giving something up, "nothing is lost" would be a lie.
        let is_question = dialog.is_question();
        let goes_on = if model.lacks_record() { card::DESK_GOES_ON_UNRECORDED } else { card::DESK_GOES_ON };
        if !is_question && used + width(goes_on) + 1 < cells {
            line.push_span(Span::styled(format!(" {goes_on}"), theme.style(Role::Dim)));
        }
        frame.render_widget(line, area);
        return;
    }
    frame.render_widget(key_line(&hints(model, ctx), cells, theme), area);
}

fn hints(model: &Model, ctx: &Ctx) -> Vec<KeyHint> {
    let pane = model.focus;
    let mut actions = panes::actions(pane).to_vec();
    if model.is_searching() {
        actions.push(Action::ClearSearch);
    }
    actions.extend([Action::Card, Action::NewGuest, Action::Search, Action::Needs, Action::NextPane, Action::Palette]);
    actions.push(Action::Help);
    let can = |action: &Action| available(*action, ctx, pane, model.is_searching()).is_ok();
    let is_needed = |action: &Action| {
        let is_something = ctx.has_trouble() || ctx.jobs.unfinished().next().is_some();
        *action != Action::Needs || is_something || ctx.jobs.elsewhere().next().is_some()
    };
    actions.into_iter().filter(can).filter(is_needed).map(|action| hint(action, pane)).collect()
}
