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
use crate::dialogs::Dialog;
use crate::domain::directory::Remote;
use crate::keys::action::{Action, hint};
use crate::panes;
use crate::ui::ascii::to_ascii;
use crate::ui::frame::{KeyHint, key_line, shade};
use crate::ui::layout::SMALLEST;
use crate::ui::text::{fit, width, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::{card, clock, errors, key, panes as words, time};

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
    let dialogs: Vec<&Dialog> = model.dialogs.iter().collect();
    let first = dialogs.iter().rposition(|dialog| dialog.hides_others()).unwrap_or(0);
    for (at, dialog) in dialogs.iter().enumerate().skip(first) {
        let is_top = at + 1 == dialogs.len();
        if is_top {
            shade(frame, area, ctx.theme());
        }
        dialog.view(ctx, frame, area, is_top);
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
    // How much room is left behind the gap that comes next.
    let left = |line: &[Span]| room.saturating_sub(cells(line) + if line.len() == 1 { 1 } else { width(gap) });
    let add = |line: &mut Vec<Span<'static>>, thing: Vec<Span<'static>>| {
        line.push(Span::raw(if line.len() == 1 { " " } else { gap }));
        line.extend(thing);
    };
    for alarm in alarms(model, ctx) {
        let left = left(&line).saturating_sub(2);
        // An alarm is never left out: where even its shortest form has no room, that is cut.
        let form = alarm.forms.iter().find(|text| width(text) <= left).or(alarm.forms.last());
        if let Some(form) = form.filter(|_| left > 3) {
            let text = format!(" {} ", fit(form, left, theme.glyph(Glyph::Ellipsis)));
            add(&mut line, vec![Span::styled(text, theme.block(alarm.role))]);
        }
    }
    for thing in header_facts(ctx, short) {
        if cells(&thing) <= left(&line) {
            add(&mut line, thing);
        }
    }
    frame.render_widget(Line::from(line), area);
    frame.render_widget(Line::from(right).right_aligned(), area);
}

/// What is wrong with the desk as a whole, in the forms that the header can have of it, the longest first.
struct Alarm {
    forms: Vec<String>,
    role: Role,
}

// The alarms of the header, the most important first.
fn alarms(model: &Model, ctx: &Ctx) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let mut tell = |forms: Vec<String>, role| alarms.push(Alarm { forms, role });
    let hour = |at| time::hour(at, ctx.zone());
    if let Some(since) = model.ctx.offline_since {
        let why = ctx.offline_why.as_ref().map(errors::short).unwrap_or_default();
        let lists_of = model.live.lists_of().map(hour);
        // Where there is little room, the cause matters more than how old the lists are.
        let forms = [lists_of.as_deref(), None].map(|lists_of| words::offline(&hour(since), why, lists_of));
        let shortest = words::offline_short(&hour(since));
        tell(forms.into_iter().chain([shortest]).collect(), Role::Bad);
    }
    // Behind an outage or a refused key nothing is read anyway.
    if let Some((since, error)) = &ctx.not_read
        && ctx.offline_since.is_none()
        && ctx.key_trouble.is_none()
    {
        tell(vec![words::not_read(&hour(*since), errors::short(error))], Role::Bad);
    }
    if let Some(until) = ctx.pause_until {
        tell(vec![words::pause(&hour(until))], Role::Warning);
    }
    if let Some((since, trouble)) = &ctx.key_trouble {
        tell(vec![key::since(trouble, &hour(*since))], Role::Bad);
    }
    if let Some(ahead) = ctx.clock_is_off {
        tell(vec![clock::short(ahead)], Role::Bad);
    }
    if model.lacks_record() {
        let text = if model.is_without_record { words::NO_RECORD } else { words::NO_RECORD_NO_CARDS };
        tell(vec![text.to_owned()], Role::Bad);
    }
    alarms
}

// What the header tells besides, the most important first.
fn header_facts(ctx: &Ctx, short: bool) -> Vec<Vec<Span<'static>>> {
    let theme = ctx.theme();
    let mut things = Vec::new();
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
            let reported = ctx.system_notices().next().map(|(_, role)| role);
            let is_well = up && reported.is_none();
            let (glyph, role, said) = match reported {
                _ if !up => (Glyph::Stopped, Role::Bad, words::link(up, short)),
                Some(Role::Bad) => (Glyph::Stopped, Role::Bad, words::SYSTEM_ERROR),
                Some(_) => (Glyph::Attention, Role::Warning, words::SYSTEM_WARNING),
                None => (Glyph::Ok, Role::Good, words::link(up, short)),
            };
            let words_style = if is_well { theme.style(Role::Plain) } else { theme.bold(role) };
            let read_at = ctx.ages.system.map(|at| words::as_of(&time::moment(at, ctx.zone(), ctx.at)));
            let age = read_at.map(|age| format!(" {age}")).unwrap_or_default();
            // Behind a line that is down, or a refused key, nobody knows how the link to the key system is.
            let link = (ctx.offline_since.is_none() && ctx.key_trouble.is_none()).then(|| {
                vec![
                    Span::styled(format!("{} ", theme.glyph(glyph)), theme.style(role)),
                    Span::styled(said, words_style),
                    Span::styled(age.clone(), theme.style(Role::Dim)),
                ]
            });
            if is_well {
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
