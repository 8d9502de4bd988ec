//! How the form looks.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::save::new_stay;
use super::{At, State, Suggestion};
use crate::component::ctx::Ctx;
use crate::component::field::Field;
use crate::domain::directory::person::Person;
use crate::domain::occupancy::Occupants;
use crate::domain::stay::{Departure, MANY_NIGHTS, nights};
use crate::ui::frame::{KeyHint, dialog, row};
use crate::ui::layout::centered;
use crate::ui::text::{fit, pad, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::{form as words, panes, time};

const WIDTH: u16 = 70;
const LABEL: u16 = 14;

// A line of the form, in the order in which they stand.
enum FormRow {
    Gap,
    Field(At),
    Hint(String, Role),
    Choice(usize, String, bool),
}

pub fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect, is_top: bool) {
    let theme = ctx.theme();
    let rows = rows(state, ctx, usize::from(WIDTH.min(area.width).saturating_sub(LABEL + 7)));
    let guest = state.guest.as_ref().and_then(|user| ctx.directory.user(user));
    let title = guest.map_or_else(|| words::TITLE.to_owned(), |guest| words::title_of(guest.user().name()));
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(3);
    let inner = dialog(frame, centered(area, WIDTH, height), theme, Role::Accent, &title);
    // Where there is little room, the field that is typed into is kept in sight.
    let focus = rows.iter().position(|row| matches!(row, FormRow::Field(at) if *at == state.at)).unwrap_or(0);
    let room = usize::from(inner.height);
    let skip = (focus + 4).saturating_sub(room).min(rows.len().saturating_sub(room));
    for (y, form_row) in (inner.y..inner.bottom()).zip(rows.iter().skip(skip)) {
        let place = Rect { x: inner.x + 2.min(inner.width), y, width: inner.width.saturating_sub(4), height: 1 };
        view_row(state, ctx, frame, place, form_row, is_top);
    }
}

// `cells` is how much room a hint has.
fn rows(state: &State, ctx: &Ctx, cells: usize) -> Vec<FormRow> {
    let mut rows = vec![FormRow::Gap];
    let changed = state.changed_meanwhile(ctx);
    let changed_at = |wanted: Option<At>| changed.iter().filter(move |(at, _)| *at == wanted).map(|(_, said)| said);
    for said in changed_at(None) {
        rows.extend(hint_rows(said, Role::Warning, cells));
    }
    for at in At::ALL {
        if at == At::Card {
            rows.push(FormRow::Gap);
        }
        rows.push(FormRow::Field(at));
        let focused = at == state.at;
        let trouble = (state.blamed == Some(at) || !focused).then(|| state.trouble(at, ctx)).flatten();
        let is_told = |said: &&String| trouble.as_ref().is_none_or(|trouble| !trouble.starts_with(said.as_str()));
        for said in changed_at(Some(at)).filter(is_told) {
            rows.extend(hint_rows(said, Role::Warning, cells));
        }
        match (trouble, at) {
            (Some(trouble), _) if at != At::Name || state.blamed == Some(At::Name) => {
                rows.extend(hint_rows(&trouble, Role::Bad, cells));
            }
            (_, At::Room | At::Departure) => {
                let (text, role) = hint(state, ctx, at);
                rows.extend(hint_rows(&text, role, cells));
            }
            (None, At::Card) if state.opens_nothing(ctx) => {
                rows.extend(hint_rows(words::OPENS_NOTHING, Role::Warning, cells));
            }
            _ => {}
        }
        for (_, said) in state.refused.iter().filter(|(refused, _)| *refused == at) {
            rows.extend(hint_rows(said, Role::Bad, cells));
        }
        let suggestions = if focused { state.suggestions(ctx) } else { Vec::new() };
        for (index, suggestion) in suggestions.into_iter().enumerate() {
            let (text, is_guest) = match suggestion {
                Suggestion::Guest(_, line) => (line, true),
                Suggestion::Group(row) => (row.group().name().to_owned(), false),
            };
            rows.push(FormRow::Choice(index, text, is_guest));
        }
    }
    rows
}

fn hint_rows(text: &str, role: Role, cells: usize) -> impl Iterator<Item = FormRow> {
    wrap(text, cells).into_iter().map(move |line| FormRow::Hint(line, role))
}

fn hint(state: &State, ctx: &Ctx, at: At) -> (String, Role) {
    let between = format!(" {} ", ctx.theme().glyph(Glyph::Between));
    if at == At::Departure {
        return match state.departure(ctx) {
            Ok(Departure::At(end)) => {
                let nights = nights(&end, ctx.at);
                let mut said = words::stays_until(&time::full_day(&end), nights);
                if let Some(more) = state.nights_more(&end, ctx).and_then(words::nights_more) {
                    said = format!("{said}{between}{more}");
                }
                if nights > MANY_NIGHTS {
                    (format!("{said}{between}{}", words::MANY_NIGHTS), Role::Warning)
                } else {
                    (said, Role::Plain)
                }
            }
            Ok(Departure::Never) => (words::NEVER.to_owned(), Role::Warning),
            Ok(Departure::NotTyped) => (words::no_end(ctx.settings.day_first), Role::Dim),
            // While it is being typed, a hint is kinder than a scolding.
            Err(error) => (words::departure_wrong(error, ctx.settings.day_first), Role::Dim),
        };
    }
    match state.room_row(ctx) {
        Some(row) => {
            let mut facts = vec![row.group().name().to_owned()];
            facts.extend(row.entrances().loaded().map(|entrances| panes::entrances(entrances.len())));
            let guest = state.is_guest();
            let stay = new_stay(&state.departure(ctx).unwrap_or(Departure::NotTyped), guest.as_ref(), ctx);
            let names = |people: &[&Person]| people.iter().map(|one| one.user().name().to_owned()).collect::<Vec<_>>();
            let mut role = Role::Plain;
            match Occupants::of(&ctx.directory, row, &stay, guest.as_ref()) {
                None if state.waits.is_some() => facts.push(words::READING_ROOM.to_owned()),
                None => {}
                Some(others) => {
                    if !others.staying.is_empty() {
                        facts.push(words::in_it_now(&names(&others.staying)));
                        role = Role::Warning;
                    }
                    if !others.leaving.is_empty() {
                        facts.push(words::leaves_today(&names(&others.leaving)));
                    }
                }
            }
            (facts.join(&between), role)
        }
        None => (words::TYPE_ROOM.to_owned(), Role::Dim),
    }
}

fn view_row(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect, form_row: &FormRow, is_top: bool) {
    let theme = ctx.theme();
    let ellipsis = theme.glyph(Glyph::Ellipsis);
    let right = Rect { x: area.x + LABEL.min(area.width), width: area.width.saturating_sub(LABEL), ..area };
    let cells = usize::from(right.width);
    match form_row {
        FormRow::Gap => {}
        FormRow::Field(at) => view_field(state, ctx, frame, area, *at, is_top),
        FormRow::Hint(text, role) => {
            let text = fit(text, cells.saturating_sub(1), ellipsis).into_owned();
            frame.render_widget(Span::styled(format!(" {text}"), theme.style(*role)), right);
        }
        FormRow::Choice(index, text, is_guest) => {
            let chosen = state.chosen == Some(*index);
            let key = match (is_guest, chosen, index) {
                (true, true, _) => format!("  Enter {}", words::USE),
                (true, false, 0) => format!("  Down: {}", words::USE),
                _ => String::new(),
            };
            let (mark, role) = match (is_guest, chosen) {
                (true, _) => (theme.glyph(Glyph::Attention), Role::Warning),
                (false, true) => (theme.glyph(Glyph::Chosen), Role::Plain),
                (false, false) => (" ", Role::Dim),
            };
            let text_cells = cells.saturating_sub(3 + key.chars().count());
            let line = Line::from(vec![
                Span::styled(format!(" {mark} "), theme.style(role)),
                Span::styled(pad(text, text_cells, ellipsis), theme.style(if *is_guest { role } else { Role::Plain })),
                Span::styled(key, theme.style(Role::Dim)),
            ]);
            row(frame, right, theme, line, chosen.then_some(true));
        }
    }
}

fn view_field(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect, at: At, is_top: bool) {
    let theme = ctx.theme();
    let right = Rect { x: area.x + LABEL.min(area.width), width: area.width.saturating_sub(LABEL), ..area };
    let focused = state.at == at;
    let typing = focused && state.chosen.is_none();
    let (label, field): (&str, Option<&Field>) = match at {
        At::Name => (words::NAME, Some(&state.name)),
        At::Room => (words::ROOM, Some(&state.room)),
        At::Departure => (words::DEPARTURE, Some(&state.departure)),
        At::Phone => (words::PHONE, Some(&state.phone)),
        At::Email => (words::EMAIL, Some(&state.email)),
        At::Also => (words::ALSO, Some(&state.also)),
        At::Card => ("", None),
    };
    let label_style = if focused { theme.bold(Role::Accent) } else { theme.style(Role::Plain) };
    frame.render_widget(Span::styled(label, label_style), area);
    let Some(field) = field else {
        let encoder = state.encoder.as_ref().and_then(|id| ctx.encoder(id)).map(crate::seam::types::Encoder::name);
        let (mark, role) = if state.card { (theme.glyph(Glyph::Check), Role::Good) } else { (" ", Role::Dim) };
        let words = match state.guest {
            Some(_) => words::card_then(encoder.as_deref()),
            None => words::card_now(encoder.as_deref()),
        };
        let line = Line::from(vec![
            Span::styled(format!("[{mark}] "), theme.style(role)),
            Span::styled(words, if state.card { theme.style(Role::Plain) } else { theme.style(Role::Dim) }),
        ]);
        row(frame, right, theme, line, focused.then_some(true));
        return;
    };
    let mut place = right;
    if at == At::Also {
        for group in &state.groups {
            let name = format!(" {} ", group.name);
            let cells = u16::try_from(crate::ui::text::width(&name)).unwrap_or(u16::MAX).min(place.width);
            frame.render_widget(Span::styled(name, theme.key()), Rect { width: cells, ..place });
            let used = cells.saturating_add(1).min(place.width);
            place = Rect { x: place.x + used, width: place.width - used, ..place };
        }
    }
    let place = Rect { width: place.width.min(44), ..place };
    field.view(frame, place, theme.field(typing), typing && is_top);
    if at == At::Also && field.text().is_empty() && place.width > 4 {
        let hint = Rect { x: place.x + 1, width: place.width - 2, ..place };
        frame.render_widget(Span::styled(words::TYPE_TO_ADD, theme.field(typing)), hint);
    }
}

pub fn keys(state: &State, ctx: &Ctx) -> Vec<KeyHint> {
    let mut hints = Vec::new();
    let suggestions = state.suggestions(ctx);
    let save = if state.guest.is_some() { words::keys::SAVE } else { words::keys::CREATE };
    let enter = match (state.chosen.and_then(|at| suggestions.get(at)), state.at) {
        (Some(Suggestion::Group(_)), _) => words::keys::TAKE,
        (Some(Suggestion::Guest(..)), _) => words::USE,
        (None, _) if state.is_for_one => words::keys::SAVE,
        (_, At::Card) => save,
        _ => words::keys::NEXT,
    };
    hints.push(KeyHint::new("Enter", enter));
    if state.is_for_one {
        hints.push(KeyHint::new("Tab", words::keys::NEXT));
    } else {
        hints.push(KeyHint::new("Ctrl-S", save));
    }
    if state.at == At::Card {
        hints.push(KeyHint::new("Space", words::keys::TOGGLE));
    }
    if state.at == At::Also && !state.groups.is_empty() {
        hints.push(KeyHint::new("Backspace", words::keys::REMOVE));
    }
    if !suggestions.is_empty() {
        hints.push(KeyHint::new("Down", words::keys::CHOOSE));
    }
    hints.push(KeyHint::new("Esc", words::keys::CLOSE));
    hints
}
