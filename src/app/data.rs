//! What the server told, taken into the model.

use super::effect::Effect;
use super::model::Model;
use super::msg::{Data, Load};
use super::update::{refresh_dialogs, to_pane, toast};
use crate::domain::directory::{Remote, SystemTrouble};
use crate::domain::query::Query;
use crate::keys::PaneId;
use crate::panes;
use crate::seam::types::{Encoder, UserId};
use crate::ui::theme::Role;
use crate::words::panes::system_trouble;
use crate::words::{errors, log};

/// Begins a new loading of everything. What is shown stays until it is replaced.
pub fn load_everything(model: &mut Model, effects: &mut Vec<Effect>) {
    model.load += 1;
    let directory = &mut model.ctx.directory;
    directory.begin_load();
    directory.people_load = Remote::Loading;
    directory.groups_load = if directory.groups().is_empty() { Remote::Loading } else { Remote::Loaded(()) };
    if directory.credentials_load != Remote::Loaded(()) {
        directory.credentials_load = Remote::Loading;
    }
    if directory.system.loaded().is_none() {
        directory.system = Remote::Loading;
    }
    if directory.encoders.loaded().is_none() {
        directory.encoders = Remote::Loading;
    }
    effects.push(Effect::Fetch(model.load, Query::Everything));
    // The selected user's groups are asked for anew once the cursor rests.
    model.rest_at = model.ctx.selected.is_some().then_some(model.ctx.at);
}

/// Takes in data. Pages of an older loading fall; single facts are as new as their answer.
pub(super) fn take(model: &mut Model, load: Load, data: Data, effects: &mut Vec<Effect>) {
    let is_current = load == model.load;
    let mut redo_search = false;
    match data {
        Data::Workspace(workspace) => model.ctx.directory.workspace = Some(workspace),
        Data::System(Ok((system, zone))) => {
            if let (Some(zone), false) = (zone, model.ctx.settings.zone_is_chosen) {
                model.ctx.settings.zone = zone;
            }
            model.ctx.directory.system = Remote::Loaded(system);
        }
        Data::System(Err(trouble)) => system_failed(model, trouble),
        Data::Encoders(Ok(encoders)) => take_encoders(model, encoders),
        Data::Encoders(Err(error)) => {
            if model.ctx.directory.encoders.loaded().is_none() {
                model.ctx.directory.encoders = Remote::Failed(error);
            }
        }
        Data::Groups(Ok(groups)) => {
            model.ctx.directory.set_groups(groups, &model.ctx.settings.rooms);
            let directory = &model.ctx.directory;
            model.ctx.staged.keep_groups(|group| directory.group(group).is_some());
            redo_search = true;
        }
        Data::Groups(Err(error)) => {
            if model.ctx.directory.groups().is_empty() {
                model.ctx.directory.groups_load = Remote::Failed(error);
            }
        }
        Data::People(page) if is_current => {
            model.ctx.directory.merge_people(page, load);
            redo_search = true;
        }
        Data::PeopleEnd(Ok(())) if is_current => {
            for user in model.ctx.directory.people.end_load(load) {
                forget(model, &user);
            }
            model.ctx.directory.people_load = Remote::Loaded(());
            model.lists_of = Some(model.ctx.at);
            redo_search = true;
        }
        Data::PeopleEnd(Err(error)) if is_current => model.ctx.directory.people_load = Remote::Failed(error),
        Data::Credentials(page) if is_current => model.ctx.directory.merge_credentials(page, load),
        Data::CredentialsEnd(Ok(())) if is_current => model.ctx.directory.end_credential_load(load),
        Data::CredentialsEnd(Err(error)) if is_current => {
            if model.ctx.directory.credentials_load != Remote::Loaded(()) {
                model.ctx.directory.credentials_load = Remote::Failed(error);
            }
        }
        Data::GroupsOf(user, Ok(groups)) => model.ctx.directory.set_groups_of(&user, groups.into_iter().collect()),
        Data::GroupsOf(user, Err(error)) => model.ctx.directory.set_membership_load(&user, Remote::Failed(error)),
        Data::UsersOf(group, Ok(users)) => {
            model.ctx.directory.set_users_of(&group, users);
            redo_search = true;
        }
        Data::EntrancesOf(group, Ok(entrances)) => model.ctx.directory.set_entrances(&group, entrances),
        // Pages of an older loading fall. A group without its users stays without them until a reload.
        Data::People(_)
        | Data::PeopleEnd(_)
        | Data::Credentials(_)
        | Data::CredentialsEnd(_)
        | Data::UsersOf(_, Err(_))
        | Data::EntrancesOf(_, Err(_)) => {}
        Data::Member(user, group, is_in) => model.ctx.directory.set_member(&user, &group, is_in),
        Data::Credential(credential) => model.ctx.directory.put_credential(*credential, model.load),
        Data::CredentialGone(credential) => model.ctx.directory.remove_credential(&credential),
        Data::User(user, Ok(None)) => {
            forget(model, &user);
            redo_search = true;
        }
        Data::User(_, Ok(Some(user))) => {
            model.ctx.directory.put_user(user, model.load);
            redo_search = true;
        }
        Data::CredentialsOf(user, Ok(credentials)) => {
            model.ctx.directory.set_credentials_of(&user, credentials, model.load);
        }
        Data::User(_, Err(error)) | Data::CredentialsOf(_, Err(error)) => {
            toast(model, errors::sentence(&error), Role::Warning);
        }
        Data::Simulated(encoder, code, result) => simulated(model, &encoder, code.as_deref(), result),
    }
    if redo_search && model.panes.users.is_searching() {
        to_pane(model, PaneId::Users, panes::Msg::Refresh, effects);
    }
    refresh_dialogs(model, effects);
}

// What was staged for someone who is gone can't be saved any more, and must not be asked about at the end.
fn forget(model: &mut Model, user: &UserId) {
    model.ctx.directory.remove_user(user);
    model.ctx.staged.clear(user);
}

/// Asks for the groups of the selected user, unless they are on their way; known ones may have changed since.
pub(super) fn ask_for_groups(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(user) = model.ctx.selected.clone() else { return };
    if model.ctx.directory.membership_load(&user) == &Remote::Loading {
        return;
    }
    model.ctx.directory.set_membership_load(&user, Remote::Loading);
    effects.push(Effect::Fetch(model.load, Query::GroupsOf(user)));
}

// A system that was there stays: one call that failed says nothing about it. What waited for a system that never came
// stops waiting.
fn system_failed(model: &mut Model, trouble: SystemTrouble) {
    let directory = &mut model.ctx.directory;
    for load in [&mut directory.people_load, &mut directory.groups_load, &mut directory.credentials_load] {
        if *load == Remote::Loading {
            *load = Remote::NotAsked;
        }
    }
    if directory.encoders == Remote::Loading {
        directory.encoders = Remote::NotAsked;
    }
    if directory.system.loaded().is_some() {
        toast(model, system_trouble(&trouble), Role::Warning);
    } else {
        directory.system = Remote::Failed(trouble);
    }
}

fn take_encoders(model: &mut Model, mut encoders: Vec<Encoder>) {
    // Where nothing was wished, the first that the server names and that has no trouble.
    let default = encoders.iter().find(|encoder| encoder.errors.is_empty()).or(encoders.first());
    let default = default.map(|encoder| encoder.acs_encoder_id.clone());
    encoders.sort_by_key(|encoder| (encoder.name().to_lowercase(), encoder.acs_encoder_id.clone()));
    let is_there = |id: &_| encoders.iter().any(|encoder| &encoder.acs_encoder_id == id);
    if !model.ctx.desk_encoder.as_ref().is_some_and(is_there) {
        let wish = model.ctx.settings.encoder.as_deref();
        let wished = encoders.iter().find(|encoder| {
            wish.is_some_and(|wish| {
                encoder.acs_encoder_id.as_str() == wish || encoder.name().eq_ignore_ascii_case(wish)
            })
        });
        model.ctx.desk_encoder = wished.map(|encoder| encoder.acs_encoder_id.clone()).or(default);
        if let (Some(wish), None) = (wish, wished) {
            let text = log::no_such_encoder(wish);
            toast(model, text, Role::Warning);
        }
    }
    model.ctx.directory.encoders = Remote::Loaded(encoders);
}

fn simulated(
    model: &mut Model,
    encoder: &crate::seam::types::EncoderId,
    code: Option<&str>,
    result: Result<(), crate::seam::error::SeamError>,
) {
    let name = model.ctx.encoder(encoder).map(Encoder::name).unwrap_or_default();
    if result.is_ok() {
        model.ctx.jobs.practise(encoder, code.is_some());
    }
    match (result, code) {
        (Ok(()), Some(code)) => toast(model, log::will_fail(&name, errors::attempt_short(&code.into())), Role::Warning),
        (Ok(()), None) => toast(model, log::will_succeed(&name), Role::Good),
        (Err(error), _) => toast(model, errors::sentence(&error), Role::Bad),
    }
}
