//! `/acs/credentials/*`.

use super::super::answer;
use super::super::credentials::Wish;
use super::super::params::{Kind, Param, Params, may, need};
use super::super::refusal::Refusal;
use super::super::reply::{Reply, first_place, page};
use super::super::store::Key;
use super::super::users::fold;
use super::super::world::{Credential, Method, World};
use super::groups::entrances_of;
use super::{CURSOR, Endpoint, IDENTITY, LIMIT, SEARCH, SYSTEM, USER, Verb, check_identity, check_system};
use super::{endpoint, get, post};

const ONE: &[Param] = &[need("acs_credential_id", Kind::Id)];
const ASSIGN: &[Param] = &[need("acs_credential_id", Kind::Id), USER, IDENTITY];

pub const TABLE: &[Endpoint] = &[
    post("/acs/credentials/create", CREATE, create),
    get("/acs/credentials/get", ONE, get_one),
    get("/acs/credentials/list", LIST, list),
    endpoint(Verb::Patch, "/acs/credentials/update", UPDATE, update),
    endpoint(Verb::Delete, "/acs/credentials/delete", ONE, delete),
    endpoint(Verb::Patch, "/acs/credentials/assign", ASSIGN, assign),
    endpoint(Verb::Patch, "/acs/credentials/unassign", ASSIGN, unassign),
    get("/acs/credentials/list_accessible_entrances", ONE, list_accessible_entrances),
];

/// The contract names `assign_new_key`; Seam's own guide for Salto Space writes `assign_new_card` in its samples.
const SALTO_SPACE: &[Param] =
    &[may("assign_new_key", Kind::Flag), may("assign_new_card", Kind::Flag), may("update_current_key", Kind::Flag)];

const CREATE: &[Param] = &[
    need("access_method", Kind::Choice(&["code", "card", "mobile_key", "cloud_key"])),
    USER,
    IDENTITY,
    SYSTEM,
    may("allowed_acs_entrance_ids", Kind::Ids),
    may("code", Kind::Text),
    may("credential_manager_acs_system_id", Kind::Id),
    may("starts_at", Kind::Time),
    may("ends_at", Kind::Time),
    may("is_multi_phone_sync_credential", Kind::Flag),
    may("salto_space_metadata", Kind::Record(SALTO_SPACE)),
];

fn create(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    check_system(world, params)?;
    check_identity(params)?;
    let method = match params.text("access_method") {
        Some("card") => Method::Card,
        Some("mobile_key") => Method::MobileKey,
        _ => return Err(Refusal::invalid("access_method", "Salto Space supports card and mobile_key only")),
    };
    let user = world.user_to_change(params.needed_id("acs_user_id")?)?;
    let (starts_at, ends_at) = (params.time("starts_at"), params.time("ends_at"));
    if ends_at.is_some_and(|ends_at| ends_at <= starts_at.unwrap_or(world.now).max(world.now)) {
        return Err(Refusal::invalid("ends_at", "Must be a time in the future and after starts_at"));
    }
    let wish = Wish { user, method, assign_new_key: assign_new_key(params)?, starts_at, ends_at };
    let key = world.create_credential(&wish)?;
    answer_one(world, key)
}

fn assign_new_key(params: &Params) -> Result<Option<bool>, Refusal> {
    let Some(metadata) = params.record("salto_space_metadata") else { return Ok(None) };
    match (metadata.flag("assign_new_key"), metadata.flag("assign_new_card")) {
        (Some(key), Some(card)) if key != card => {
            Err(Refusal::invalid("salto_space_metadata.assign_new_card", "Must not contradict assign_new_key"))
        }
        (key, card) => Ok(key.or(card)),
    }
}

fn answer_one(world: &World, key: Key<Credential>) -> Result<Reply, Refusal> {
    world.credentials.get(key).map_or_else(
        || Err(Refusal::not_found("acs_credential", key.place())),
        |row| Reply::of("acs_credential", &answer::credential(world, row)),
    )
}

fn get_one(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_credential(world, params)?;
    answer_one(world, key)
}

fn the_credential(world: &World, params: &Params) -> Result<Key<Credential>, Refusal> {
    world.credentials.find(params.needed_id("acs_credential_id")?)
}

/// The credential of a call that changes something.
fn credential_to_change(world: &World, params: &Params) -> Result<Key<Credential>, Refusal> {
    let (key, row) = world.credentials.look_up(params.needed_id("acs_credential_id")?)?;
    if row.deleting_since.is_some() {
        return Err(Refusal::new(409, "acs_credential_being_deleted", "This credential is being deleted."));
    }
    Ok(key)
}

const LIST: &[Param] = &[
    USER,
    SYSTEM,
    IDENTITY,
    SEARCH,
    LIMIT,
    CURSOR,
    may("created_before", Kind::Time),
    may("is_multi_phone_sync_credential", Kind::Flag),
];

fn list(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    check_system(world, params)?;
    check_identity(params)?;
    let world = &*world;
    let search = params.text("search").map(fold);
    let before = params.time("created_before");
    let no_multi_phone = params.flag("is_multi_phone_sync_credential") != Some(true);
    let matches = |row: &Credential| {
        search.as_ref().is_none_or(|search| names(world, row, search))
            && before.is_none_or(|before| row.created_at < before)
            && no_multi_phone
    };
    let first = first_place::<Credential>(params)?;
    let page = if let Some(user) = params.id("acs_user_id") {
        let held = world.users.look_up(user)?.1.credentials.range(Key::at(first)..);
        let rows = held.filter_map(|key| Some((*key, world.credentials.get(*key)?)));
        page(rows.filter(|(_, row)| matches(row)), params, 500)
    } else {
        page(world.credentials.from(first).filter(|(_, row)| matches(row)), params, 500)
    };
    let views: Vec<_> = page.rows.iter().map(|row| answer::credential(world, row)).collect();
    Reply::page("acs_credentials", &views, page.next)
}

/// Whether a credential's card number, id or user's id holds the text.
fn names(world: &World, row: &Credential, search: &str) -> bool {
    let user = row.user.and_then(|user| world.users.get(user)).map(|user| user.id);
    row.card_number.as_ref().is_some_and(|number| fold(number).contains(search))
        || row.id.to_string().contains(search)
        || user.is_some_and(|id| id.to_string().contains(search))
}

const UPDATE: &[Param] = &[need("acs_credential_id", Kind::Id), may("code", Kind::Text), may("ends_at", Kind::Time)];

fn update(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = credential_to_change(world, params)?;
    if let Some(ends_at) = params.time("ends_at") {
        let starts_at = world.credentials.get(key).and_then(|row| row.starts_at).unwrap_or(world.now);
        if ends_at <= world.now.max(starts_at) {
            return Err(Refusal::invalid("ends_at", "Must be a time in the future and after starts_at"));
        }
        world.set_credential_end(key, ends_at);
    }
    answer_one(world, key)
}

fn delete(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_credential(world, params)?;
    world.delete_credential(key);
    Ok(Reply::done())
}

fn assign(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    check_identity(params)?;
    let key = credential_to_change(world, params)?;
    let user = world.user_to_change(params.needed_id("acs_user_id")?)?;
    world.assign_credential(key, user)?;
    answer_one(world, key)
}

fn unassign(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    check_identity(params)?;
    let key = credential_to_change(world, params)?;
    if let Some(user) = params.id("acs_user_id") {
        let user = world.users.find(user)?;
        if world.credentials.get(key).and_then(|row| row.user) != Some(user) {
            return Err(Refusal::invalid("acs_user_id", "The credential does not belong to this user"));
        }
    }
    world.unassign_credential(key);
    answer_one(world, key)
}

fn list_accessible_entrances(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = world.credentials.look_up(params.needed_id("acs_credential_id")?)?;
    let groups = row.user.and_then(|user| world.users.get(user)).map(|user| &user.groups);
    Reply::of("acs_entrances", &entrances_of(world, groups.into_iter().flatten().copied()))
}
