//! What became known, applied to the model; and what is asked for.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::effect::Effect;
use super::model::Model;
use super::update::{log_line, refresh_dialogs, to_pane, toast};
use crate::domain::codes::is_supported;
use crate::domain::directory::Remote;
use crate::domain::fact::{Fact, Load};
use crate::domain::practice::Practice;
use crate::domain::query::{Query, StaleId};
use crate::keys::PaneId;
use crate::panes;
use crate::seam::error::SeamError;
use crate::seam::types::{Encoder, SeamEvent};
use crate::ui::theme::{Glyph, Role};
use crate::words::panes::{other_make_sentence, system_trouble};
use crate::words::{errors, log};

/// Begins a reload of everything. What is shown stays until it is replaced.
pub fn load_everything(model: &mut Model, effects: &mut Vec<Effect>) {
    let load = model.ctx.directory.begin_load();
    model.live.begin_load(load, model.ctx.at);
    effects.push(Effect::Fetch(load, Query::Everything));
}

/// Reads what happened while the server could not be asked: without a word where the lists are there.
pub(super) fn read_after_absence(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.ctx.directory.is_loaded() {
        model.live.read_all_soon(model.ctx.at);
    } else {
        load_everything(model, effects);
    }
}

/// Asks the server for a person, unless the answer is on its way already.
pub(super) fn fetch(model: &mut Model, query: Query, effects: &mut Vec<Effect>) {
    ask(model, query, true, effects);
}

/// Reads again what a job or a question of one may have changed.
pub(super) fn read_again(model: &mut Model, stale: StaleId, effects: &mut Vec<Effect>) {
    for query in model.ctx.directory.readings(stale) {
        match query {
            Query::Everything => load_everything(model, effects),
            query => ask(model, query, false, effects),
        }
    }
}

fn ask(model: &mut Model, query: Query, by_person: bool, effects: &mut Vec<Effect>) {
    if model.ctx.directory.mark_asked(&query) {
        model.live.ask(&query, by_person, model.ctx.at);
        effects.push(Effect::Fetch(model.ctx.directory.load_of(&query), query));
    }
}

/// Notes what events say is out of date: it is read when its turn comes, which is soon.
pub(super) fn apply_events(model: &mut Model, events: &[SeamEvent], effects: &mut Vec<Effect>) {
    let at = model.ctx.at;
    for event in events {
        let Some(stale) = model.ctx.directory.stale_after(event) else { continue };
        if matches!(stale, StaleId::Entrance(_)) {
            let chosen = model.ctx.selected.as_ref().and_then(|user| model.ctx.directory.groups_of(user));
            model.live.entrances_changed(chosen.into_iter().flatten().cloned(), at);
        }
        for query in model.ctx.directory.readings(stale) {
            match query {
                Query::Everything => load_everything(model, effects),
                query => model.live.note_stale(query, at),
            }
        }
    }
}

/// Asks for what is due by itself.
pub(super) fn read_what_is_due(model: &mut Model, effects: &mut Vec<Effect>) {
    while let Some(query) = model.live.next(&model.ctx, &|| model.panes.users.shown(&model.ctx), model.ctx.at) {
        if model.live.begins_pass(&query) {
            model.ctx.directory.begin_pass(&query);
        }
        // What is on its way already for somebody else comes all the same.
        ask(model, query, false, effects);
    }
    let ages = model.live.ages(model.ctx.at);
    model.is_dirty |= ages != model.ctx.ages;
    model.ctx.ages = ages;
    note_not_read(model);
}

// Said in the header while it lasts; the activity has one line for each change.
fn note_not_read(model: &mut Model) {
    let now = model.live.not_read();
    if now == model.ctx.not_read {
        return;
    }
    let short = |told: &Option<(Timestamp, SeamError)>| told.as_ref().map(|(_, error)| errors::short(error));
    if short(&now) != short(&model.ctx.not_read) {
        match &now {
            Some((_, error)) => log_line(model, Glyph::Attention, Role::Bad, errors::sentence(error)),
            None => log_line(model, Glyph::Check, Role::Good, log::READ_AGAIN.to_owned()),
        }
        model.is_dirty = true;
    }
    model.ctx.not_read = now;
}

/// Applies one fact. The model is to be drawn again only when that changes something that can be seen.
pub(super) fn apply_fact(model: &mut Model, load: Option<Load>, fact: Fact, effects: &mut Vec<Effect>) {
    if let Fact::System(Ok((system, _))) = &fact
        && !is_supported(system)
        && model.ctx.directory.system().loaded().is_none()
    {
        let make = system.external_type_display_name.as_deref().or(system.external_type.as_deref());
        log_line(model, Glyph::Attention, Role::Warning, other_make_sentence(make.unwrap_or_default()));
    }
    match &fact {
        Fact::System(Ok((_, Some(zone)))) if !model.ctx.settings.zone_is_chosen => {
            model.is_dirty |= model.ctx.settings.zone != *zone;
            model.ctx.settings.zone = zone.clone();
        }
        // A quiet reading that failed says nothing.
        Fact::System(Err(trouble)) if model.live.is_loading() && model.ctx.directory.system().loaded().is_some() => {
            toast(model, system_trouble(trouble), Role::Warning);
        }
        Fact::Encoders(Ok(encoders)) => choose_desk_encoder(model, encoders),
        Fact::User(user, Err(error)) | Fact::CredentialsOf(user, Err(error))
            if model.live.is_wanted_by_person(&Query::User(user.clone())) =>
        {
            toast(model, errors::sentence(error), Role::Warning);
        }
        _ => {}
    }
    if let Some(query) = model.ctx.directory.overtaken(load, &fact) {
        model.live.note_stale(query, model.ctx.at);
        return;
    }
    if let Fact::User(user, Ok(_)) = &fact {
        model.is_dirty |= model.ctx.read_back.remove(user);
    }
    let is_of_pass = model.ctx.directory.is_of_pass(load, &fact);
    model.live.heard(&fact, is_of_pass, model.ctx.at);
    let changed = model.ctx.directory.apply(load, fact);
    if !changed.is_any() {
        return;
    }
    model.is_dirty = true;
    // What was staged for someone who is gone can't be saved any more, and must not be asked about at the end.
    for user in &changed.gone {
        model.ctx.staged.clear(user);
    }
    let directory = &model.ctx.directory;
    if changed.groups && *directory.groups_load() == Remote::Loaded(()) {
        model.ctx.staged.keep_groups(|group| directory.group(group).is_some());
    }
    if (changed.users || changed.groups) && model.panes.users.is_searching() {
        to_pane(model, PaneId::Users, panes::Msg::Refresh, effects);
    }
    refresh_dialogs(model, effects);
}

/// Keeps the desk encoder while it is there. Otherwise takes the wished one; where nothing was wished, the first that
/// the server names and that has no trouble.
fn choose_desk_encoder(model: &mut Model, encoders: &[Encoder]) {
    let is_there = |id: &_| encoders.iter().any(|encoder| &encoder.acs_encoder_id == id);
    if model.ctx.desk_encoder.as_ref().is_some_and(is_there) {
        return;
    }
    let id = |encoder: &Encoder| encoder.acs_encoder_id.clone();
    let default = encoders.iter().find(|encoder| encoder.errors.is_empty()).or(encoders.first()).map(id);
    let Some(wish) = model.ctx.settings.encoder.clone() else {
        model.is_dirty |= default != model.ctx.desk_encoder;
        model.ctx.desk_encoder = default;
        return;
    };
    let named: Vec<&Encoder> = encoders.iter().filter(|encoder| encoder.name().eq_ignore_ascii_case(&wish)).collect();
    let by_id = encoders.iter().find(|encoder| encoder.acs_encoder_id.as_str() == wish);
    let (chosen, said) = match (by_id, &named[..]) {
        (Some(encoder), _) => (Some(id(encoder)), None),
        (None, [encoder]) => (Some(id(encoder)), None),
        (None, []) => (default, Some(log::no_such_encoder(&wish))),
        // None is taken: a card on the wrong one of them would be another room's.
        (None, several) => (None, Some(log::several_encoders(&wish, several.len()))),
    };
    model.is_dirty |= chosen != model.ctx.desk_encoder;
    model.ctx.desk_encoder = chosen;
    let ids = |encoders: &[Encoder]| encoders.iter().map(id).collect::<BTreeSet<_>>();
    if let Some(text) = said.filter(|_| ids(model.ctx.encoders()) != ids(encoders)) {
        toast(model, text, Role::Warning);
    }
}

/// The next encode was set to fail or to succeed, or that was refused.
pub(super) fn apply_practice(model: &mut Model, practice: &Practice, result: Result<(), SeamError>) {
    let name = model.ctx.encoder(&practice.encoder).map(Encoder::name).unwrap_or_default();
    if result.is_ok() {
        model.ctx.jobs.practise(&practice.encoder, practice.fails_with.is_some());
    }
    match (result, &practice.fails_with) {
        (Ok(()), Some(code)) => {
            let why = errors::attempt_short(&code.as_str().into());
            toast(model, log::will_fail(&name, why), Role::Warning);
        }
        (Ok(()), None) => toast(model, log::will_succeed(&name), Role::Good),
        (Err(error), _) => toast(model, errors::sentence(&error), Role::Bad),
    }
}
