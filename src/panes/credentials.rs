//! Credentials: card, mobile key, access and contact of the selected user.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Msg, Out, look, with_age};
use crate::component::ctx::Ctx;
use crate::domain::directory::Remote;
use crate::domain::directory::person::Person;
use crate::domain::guest_state::{GuestState, guest_state, has_ended, is_to_be_told};
use crate::domain::plan::{Changes, facts, room_mates};
use crate::keys::PaneId;
use crate::seam::types::{AccessMethod, Credential, EndsAt, Notice, User};
use crate::ui::frame::pane;
use crate::ui::list::Window;
use crate::ui::text::{pad, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::card;
use crate::words::errors;
use crate::words::panes as words;
use crate::words::panes::credential;
use crate::words::time;

/// How far the text is scrolled, and the size of the inside in cells.
#[derive(Debug, Default)]
pub struct State {
    window: Window,
    width: usize,
    height: usize,
}

pub(super) fn update(state: &mut State, msg: &Msg, ctx: &Ctx) -> Vec<Out> {
    match msg {
        Msg::Size(width, height) => (state.width, state.height) = (*width, *height),
        Msg::Move(step) => {
            let last = shown(ctx, state.width).len().saturating_sub(state.height);
            state.window.top = step.apply(state.window.top, last + 1, state.height);
        }
        Msg::Refresh | Msg::SelectUser(_) => state.window.top = 0,
        _ => {}
    }
    Vec::new()
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect, focused: bool) {
    let theme = ctx.theme();
    let person = ctx.selected.as_ref().and_then(|user| ctx.directory.user(user));
    let name = person
        .map_or_else(|| words::CREDENTIALS.title.to_owned(), |person| words::credentials_of(person.reception_name()));
    let title = format!("{} {name}", PaneId::Credentials.number());
    let inner = pane(frame, area, theme, focused, &title, &with_age(ctx, ctx.ages.guest, String::new()));
    let mut shown = shown(ctx, usize::from(inner.width));
    frame.render_widget(Paragraph::new(shown.split_off(state.window.top.min(shown.len()))), inner);
}

// The lines as they stand in a pane of this width.
fn shown(ctx: &Ctx, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme();
    let mut shown = Vec::new();
    for (head, text, role) in lines(ctx) {
        let cells = width.saturating_sub(13).max(10);
        for (at, part) in wrap(&text, cells).into_iter().enumerate() {
            let head = if at == 0 { head } else { "" };
            shown.push(Line::from(vec![
                Span::raw(format!(" {}", pad(head, 11, theme.glyph(Glyph::Ellipsis)))),
                Span::styled(part, theme.style(role)),
            ]));
        }
    }
    shown
}

fn lines(ctx: &Ctx) -> Vec<(&'static str, String, Role)> {
    let Some(person) = ctx.selected.as_ref().and_then(|user| ctx.directory.user(user)) else {
        return if ctx.selected_is_gone {
            vec![("", words::GUEST_IS_GONE.to_owned(), Role::Warning)]
        } else {
            vec![("", words::CREDENTIALS.empty.to_owned(), Role::Dim)]
        };
    };
    let mut lines = card_lines(ctx, person);
    let user = person.user();
    let keys = ctx
        .directory
        .credentials_of(&user.acs_user_id)
        .filter(|key| key.access_method == AccessMethod::MobileKey && key.parent_acs_credential_id.is_none())
        .find(|key| !key.is_going());
    let (text, role) = match (keys, ctx.directory.credentials_load()) {
        (Some(key), _) if key.is_issued => (credential::ISSUED, Role::Plain),
        (Some(_), _) => (credential::INVITED, Role::Plain),
        (None, Remote::Loaded(())) => (credential::NONE, Role::Dim),
        (None, _) => ("", Role::Dim),
    };
    lines.push((credential::MOBILE_KEY, text.to_owned(), role));
    if user.is_suspended {
        lines.push((credential::ACCESS, credential::SUSPENDED.to_owned(), Role::Bad));
    }
    if let Some(pending) = user.pending_mutations.first() {
        lines.push((credential::ACCESS, errors::notice(pending).what.into_owned(), Role::Dim));
    }
    let contact: Vec<&str> = user.phone_number.iter().chain(&user.email_address).map(String::as_str).collect();
    if !contact.is_empty() {
        lines.push((credential::CONTACT, contact.join(" · "), Role::Dim));
    }
    if person.reception_name() != user.name() {
        lines.push(("", user.name().to_owned(), Role::Dim));
    }
    // Last, where it is the first to be cut off.
    let seen = facts(&ctx.directory, Some(&user.acs_user_id), &Changes::default(), EndsAt::Never);
    let mates = room_mates(&ctx.directory, &seen, Some(&user.acs_user_id), ctx.at);
    if !mates.is_empty() {
        lines.push((credential::ROOM, card::room_mates(&mates, seen.rooms.len() > 1), Role::Dim));
    }
    lines
}

fn card_lines(ctx: &Ctx, person: &Person) -> Vec<(&'static str, String, Role)> {
    let user = person.user();
    let mark = |glyph: Glyph, text: &str| format!("{} {text}", ctx.theme().glyph(glyph));
    let card_now = ctx.directory.card_of(&user.acs_user_id);
    let job = ctx.jobs.of_user(&user.acs_user_id).filter(|job| !job.lifecycle().needs_nobody());
    let encoder = job.and_then(|job| job.encoder.as_ref());
    let (text, role) = match (encoder, guest_state(&ctx.directory, &user.acs_user_id, ctx.at)) {
        (Some(_), _) if job.is_some_and(|job| job.unrecorded.as_ref().is_some_and(|one| one.is_failing)) => {
            (mark(Glyph::Attention, credential::NOT_RECORDED), Role::Warning)
        }
        (Some(_), _) if job.is_some_and(|job| job.unrecorded.is_some()) => {
            (mark(Glyph::Ok, credential::WRITTEN), Role::Plain)
        }
        (Some(_), _) if job.is_some_and(|job| job.asks().is_some()) => {
            (mark(Glyph::Attention, credential::NEEDS_YOU), Role::Warning)
        }
        (Some(encoder), _) => (mark(Glyph::Working, &credential::in_work(&encoder.name)), Role::Accent),
        (None, GuestState::Unknown) => match ctx.directory.credentials_load() {
            Remote::Failed(error) => (words::failed(error), Role::Bad),
            _ => (words::CREDENTIALS.loading.to_owned(), Role::Dim),
        },
        (None, GuestState::ToBeWritten) if ctx.called_written(&user.acs_user_id).is_some() => {
            let word = ctx.called_written(&user.acs_user_id).map(|word| {
                let when = time::moment(word.at, ctx.zone(), ctx.at);
                format!("{} · {}", card::called_written_by(&word.by, &when), credential::NOT_KNOWN_TO_SYSTEM)
            });
            (mark(Glyph::Dotted, &word.unwrap_or_default()), Role::Warning)
        }
        (None, state) => {
            let (glyph, role) = look(state);
            let role = if matches!(role, Role::Good | Role::Dim) { Role::Plain } else { role };
            (mark(glyph, credential::state(state)), role)
        }
    };
    let elsewhere = ctx.jobs.elsewhere_of_user(&user.acs_user_id);
    let (text, role) = match elsewhere.and_then(|(job, holder)| Some((job, holder, job.current()?))) {
        Some((job, holder, record)) => {
            let encoder = job.encoder.as_ref().map_or("", |encoder| encoder.name.as_str());
            let step = card::step(&record.step, false, encoder, None);
            (mark(Glyph::Working, &credential::elsewhere(holder, &step)), Role::Accent)
        }
        None => (text, role),
    };
    let mut lines = vec![(credential::CARD, text, role)];
    lines.extend(notice_lines(user, card_now));
    // What is staged is not on any card yet, so that it does not count here.
    let seen = facts(&ctx.directory, Some(&user.acs_user_id), &Changes::default(), EndsAt::Never);
    let mut opens = Vec::new();
    // The row may have no room for all of several rooms.
    if let rooms @ [_, _, ..] = seen.rooms.as_slice() {
        opens.push(credential::rooms(rooms));
    }
    if user.is_suspended {
        opens.push(credential::OPENS_NOTHING.to_owned());
    } else if seen.groups_known {
        opens.extend(seen.doors.map(credential::doors));
    }
    opens.push(time::until(user.ends_at(), ctx.zone(), ctx.at));
    lines.push(("", opens.join(" · "), Role::Dim));
    let mut about = Vec::new();
    if let Some(card) = card_now {
        about.extend(card.card_number.as_deref().map(credential::number));
        let written = card.issued_at.filter(|_| card.is_issued);
        about.extend(written.map(|at| credential::written(&time::day_hour(at, ctx.zone(), ctx.at))));
    }
    if !about.is_empty() {
        lines.push(("", about.join(" · "), Role::Dim));
    }
    if let Some(card) = card_now {
        // A written card may end by itself, earlier or later than the stay.
        if card.is_issued && card.ends_at != EndsAt::Never && card.ends_at != user.ends_at() {
            let role = if has_ended(card, ctx.at) { Role::Bad } else { Role::Plain };
            lines.push(("", credential::card_until(&time::until(card.ends_at, ctx.zone(), ctx.at)), role));
        }
        if card.is_latest_desired_state_synced_with_provider == Some(false) {
            lines.push(("", words::ON_ITS_WAY.to_owned(), Role::Dim));
        }
    }
    lines
}

// What the server reports of the guest and of the card, in its own words where the code is not known. Errors come first.
fn notice_lines(user: &User, card: Option<&Credential>) -> Vec<(&'static str, String, Role)> {
    let line = |notice: &Notice, role| ("", errors::notice(notice).to_string(), role);
    let card_errors = card.into_iter().flat_map(|card| &card.errors);
    let card_warnings = card.into_iter().flat_map(|card| &card.warnings);
    let errors = user.errors.iter().chain(card_errors).map(|notice| line(notice, Role::Bad));
    let warnings = user.warnings.iter().chain(card_warnings).filter(|warning| is_to_be_told(warning));
    errors.chain(warnings.map(|notice| line(notice, Role::Warning))).collect()
}
