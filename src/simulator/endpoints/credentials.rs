//! `/acs/credentials/*`.

use super::super::answer;
use super::super::credentials::NewCredential;
use super::super::hotel::{Hotel, HotelCredential, Method};
use super::super::params::{Kind, Param, Params, optional, required};
use super::super::refusal::Refusal;
use super::super::reply::{Reply, page, page_start};
use super::super::table::RowKey;
use super::super::users::search_form;
use super::groups::entrances_of;
use super::{CURSOR, IDENTITY, LIMIT, SEARCH, SYSTEM, SimulatedEndpoint, USER, Verb, check_identity, check_system};
use super::{endpoint, get, post};

const ONE: &[Param] = &[required("acs_credential_id", Kind::Id)];
const ASSIGN: &[Param] = &[required("acs_credential_id", Kind::Id), USER, IDENTITY];

pub const TABLE: &[SimulatedEndpoint] = &[
    post("/acs/credentials/create", CREATE, create),
    get("/acs/credentials/get", ONE, get_one),
    get("/acs/credentials/list", LIST, list),
    endpoint(Verb::PATCH, "/acs/credentials/update", UPDATE, update),
    endpoint(Verb::DELETE, "/acs/credentials/delete", ONE, delete),
    endpoint(Verb::PATCH, "/acs/credentials/assign", ASSIGN, assign),
    endpoint(Verb::PATCH, "/acs/credentials/unassign", ASSIGN, unassign),
    get("/acs/credentials/list_accessible_entrances", ONE, list_accessible_entrances),
];

/// The contract names `assign_new_key`; Seam's own guide for Salto Space writes `assign_new_card` in its samples.
const SALTO_SPACE: &[Param] = &[
    optional("assign_new_key", Kind::Flag),
    optional("assign_new_card", Kind::Flag),
    optional("update_current_key", Kind::Flag),
];

const CREATE: &[Param] = &[
    required("access_method", Kind::Choice(&["code", "card", "mobile_key", "cloud_key"])),
    USER,
    IDENTITY,
    SYSTEM,
    optional("allowed_acs_entrance_ids", Kind::Ids),
    optional("code", Kind::Text),
    optional("credential_manager_acs_system_id", Kind::Id),
    optional("starts_at", Kind::Time),
    optional("ends_at", Kind::Time),
    optional("is_multi_phone_sync_credential", Kind::Flag),
    optional("salto_space_metadata", Kind::Record(SALTO_SPACE)),
];

fn create(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_system(hotel, params)?;
    check_identity(params)?;
    let method = match params.text("access_method") {
        Some("card") => Method::Card,
        Some("mobile_key") => Method::MobileKey,
        _ => return Err(Refusal::invalid("access_method", "Salto Space supports card and mobile_key only")),
    };
    let user = hotel.user_to_change(params.required_id("acs_user_id")?)?;
    let (starts_at, ends_at) = (params.time("starts_at"), params.time("ends_at"));
    if ends_at.is_some_and(|ends_at| ends_at <= starts_at.unwrap_or(hotel.now).max(hotel.now)) {
        return Err(Refusal::invalid("ends_at", "Must be a time in the future and after starts_at"));
    }
    let request = NewCredential { user, method, assign_new_key: assign_new_key(params)?, starts_at, ends_at };
    let key = hotel.create_credential(&request)?;
    reply_with(hotel, key)
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

fn reply_with(hotel: &Hotel, key: RowKey<HotelCredential>) -> Result<Reply, Refusal> {
    hotel.credentials.get(key).map_or_else(
        || Err(Refusal::not_found("acs_credential", key.place())),
        |row| Reply::of("acs_credential", &answer::credential(hotel, row)),
    )
}

fn get_one(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = credential_key(hotel, params)?;
    reply_with(hotel, key)
}

fn credential_key(hotel: &Hotel, params: &Params) -> Result<RowKey<HotelCredential>, Refusal> {
    hotel.credentials.find(params.required_id("acs_credential_id")?)
}

/// The credential of a call that changes something.
fn credential_to_change(hotel: &Hotel, params: &Params) -> Result<RowKey<HotelCredential>, Refusal> {
    let (key, row) = hotel.credentials.look_up(params.required_id("acs_credential_id")?)?;
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
    optional("created_before", Kind::Time),
    optional("is_multi_phone_sync_credential", Kind::Flag),
];

fn list(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_system(hotel, params)?;
    check_identity(params)?;
    let hotel = &*hotel;
    let search = params.text("search").map(search_form);
    let before = params.time("created_before");
    let no_multi_phone = params.flag("is_multi_phone_sync_credential") != Some(true);
    let matches = |row: &HotelCredential| {
        search.as_ref().is_none_or(|search| matches_search(hotel, row, search))
            && before.is_none_or(|before| row.created_at < before)
            && no_multi_phone
    };
    let first = page_start::<HotelCredential>(params)?;
    let page = if let Some(user) = params.id("acs_user_id") {
        let held = hotel.users.look_up(user)?.1.credentials.range(RowKey::at(first)..);
        let rows = held.filter_map(|key| Some((*key, hotel.credentials.get(*key)?)));
        page(rows.filter(|(_, row)| matches(row)), params, 500)
    } else {
        page(hotel.credentials.from(first).filter(|(_, row)| matches(row)), params, 500)
    };
    let views: Vec<_> = page.rows.iter().map(|row| answer::credential(hotel, row)).collect();
    Reply::page("acs_credentials", &views, page.next)
}

/// Whether a credential's card number, id or user's id holds the text.
fn matches_search(hotel: &Hotel, row: &HotelCredential, search: &str) -> bool {
    let user = row.user.and_then(|user| hotel.users.get(user)).map(|user| user.id);
    row.card_number.as_ref().is_some_and(|number| search_form(number).contains(search))
        || row.id.to_string().contains(search)
        || user.is_some_and(|id| id.to_string().contains(search))
}

const UPDATE: &[Param] =
    &[required("acs_credential_id", Kind::Id), optional("code", Kind::Text), optional("ends_at", Kind::Time)];

fn update(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = credential_to_change(hotel, params)?;
    if let Some(ends_at) = params.time("ends_at") {
        let starts_at = hotel.credentials.get(key).and_then(|row| row.starts_at).unwrap_or(hotel.now);
        if ends_at <= hotel.now.max(starts_at) {
            return Err(Refusal::invalid("ends_at", "Must be a time in the future and after starts_at"));
        }
        hotel.set_credential_end(key, ends_at);
    }
    reply_with(hotel, key)
}

fn delete(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = credential_key(hotel, params)?;
    hotel.delete_credential(key);
    Ok(Reply::done())
}

fn assign(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_identity(params)?;
    let key = credential_to_change(hotel, params)?;
    let user = hotel.user_to_change(params.required_id("acs_user_id")?)?;
    hotel.assign_credential(key, user)?;
    reply_with(hotel, key)
}

fn unassign(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_identity(params)?;
    let key = credential_to_change(hotel, params)?;
    if let Some(user) = params.id("acs_user_id") {
        let user = hotel.users.find(user)?;
        if hotel.credentials.get(key).and_then(|row| row.user) != Some(user) {
            return Err(Refusal::invalid("acs_user_id", "The credential does not belong to this user"));
        }
    }
    hotel.unassign_credential(key);
    reply_with(hotel, key)
}

fn list_accessible_entrances(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = hotel.credentials.look_up(params.required_id("acs_credential_id")?)?;
    let groups = row.user.and_then(|user| hotel.users.get(user)).map(|user| &user.groups);
    Reply::of("acs_entrances", &entrances_of(hotel, groups.into_iter().flatten().copied()))
}
