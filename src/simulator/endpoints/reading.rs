//! The workspace, systems, entrances, action attempts and events; and webhooks, which are not simulated.

use serde_json::Value;

use super::super::answer;
use super::super::attempt::Attempt;
use super::super::events::{HotelEvent, Subject};
use super::super::hotel::{Hotel, HotelEntrance};
use super::super::params::{Kind, Param, Params, optional, required};
use super::super::refusal::Refusal;
use super::super::reply::{Reply, RowPage, page, page_start};
use super::super::table::RowKey;
use super::super::users::search_form;
use super::{CURSOR, LIMIT, SEARCH, SYSTEM, SimulatedEndpoint, Verb, check_system, endpoint, get, post};

pub const TABLE: &[SimulatedEndpoint] = &[
    get("/workspaces/get", &[], |hotel, _| Reply::of("workspace", &answer::workspace(hotel))),
    get("/acs/systems/get", &[required("acs_system_id", Kind::Id)], system),
    get("/acs/systems/list", SYSTEMS, systems),
    get("/acs/entrances/get", &[required("acs_entrance_id", Kind::Id)], entrance),
    get("/acs/entrances/list", ENTRANCES, entrances),
    get("/action_attempts/get", &[required("action_attempt_id", Kind::Id)], attempt),
    get("/action_attempts/list", ATTEMPTS, attempts),
    get("/events/get", EVENT, event),
    get("/events/list", EVENTS, events),
    post("/webhooks/create", &[], no_webhooks),
    get("/webhooks/get", &[], no_webhooks),
    get("/webhooks/list", &[], no_webhooks),
    endpoint(Verb::PUT, "/webhooks/update", &[], no_webhooks),
    endpoint(Verb::DELETE, "/webhooks/delete", &[], no_webhooks),
];

fn no_webhooks(_: &mut Hotel, _: &Params) -> Result<Reply, Refusal> {
    let message = "The simulator sends no webhooks: /events/list returns the same events.";
    Err(Refusal::new(501, "not_implemented", message))
}

fn system(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_system(hotel, params)?;
    Reply::of("acs_system", &answer::system(hotel))
}

const SYSTEMS: &[Param] = &[optional("connected_account_id", Kind::Id), optional("customer_key", Kind::Text), SEARCH];

fn systems(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let system = &hotel.system;
    let found =
        params.text("search").map(search_form).is_none_or(|search| {
            search_form(&system.name).contains(&search) || system.id.to_string().contains(&search)
        }) && is_of_account(hotel, params)
            && params.text("customer_key").is_none();
    let rows: Vec<Value> = found.then(|| answer::system(hotel)).into_iter().collect();
    Reply::of("acs_systems", &rows)
}

fn is_of_account(hotel: &Hotel, params: &Params) -> bool {
    params.id("connected_account_id").is_none_or(|account| account == hotel.account)
}

fn entrance(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = hotel.entrances.look_up(params.required_id("acs_entrance_id")?)?;
    Reply::of("acs_entrance", &answer::entrance(hotel, row))
}

const ENTRANCES: &[Param] = &[
    SYSTEM,
    optional("acs_credential_id", Kind::Id),
    optional("acs_entrance_ids", Kind::Ids),
    optional("connected_account_id", Kind::Id),
    optional("customer_key", Kind::Text),
    optional("space_id", Kind::Id),
    SEARCH,
    LIMIT,
    CURSOR,
];

fn entrances(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_system(hotel, params)?;
    let hotel = &*hotel;
    let search = params.text("search").map(search_form);
    let only = params.ids("acs_entrance_ids");
    // No entrance here belongs to a space or to a customer.
    let none = params.id("space_id").is_some() || params.text("customer_key").is_some();
    let none = none || !is_of_account(hotel, params);
    let opened = params.id("acs_credential_id").map(|id| opened_by(hotel, id)).transpose()?;
    let matches = |key: RowKey<HotelEntrance>, row: &HotelEntrance| {
        search.as_ref().is_none_or(|search| search_form(&row.name).contains(search))
            && only.as_ref().is_none_or(|ids| ids.contains(&row.id))
            && opened.as_ref().is_none_or(|opened| opened.contains(&key))
            && !none
    };
    let rows = hotel.entrances.from(page_start::<HotelEntrance>(params)?).filter(|(key, row)| matches(*key, row));
    let page = page(rows, params, 900);
    let views: Vec<_> = page.rows.iter().map(|row| answer::entrance(hotel, row)).collect();
    Reply::page("acs_entrances", &views, page.next)
}

fn opened_by(hotel: &Hotel, credential: uuid::Uuid) -> Result<Vec<RowKey<HotelEntrance>>, Refusal> {
    let (_, row) = hotel.credentials.look_up(credential)?;
    let groups = row.user.and_then(|user| hotel.users.get(user)).map(|user| &user.groups);
    let groups = groups.into_iter().flatten().filter_map(|key| hotel.groups.get(*key));
    Ok(groups.flat_map(|group| &group.entrances).copied().collect())
}

fn attempt(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = hotel.attempts.look_up(params.required_id("action_attempt_id")?)?;
    Reply::of("action_attempt", &answer::attempt(row))
}

const ATTEMPTS: &[Param] = &[optional("action_attempt_ids", Kind::Ids), optional("device_id", Kind::Id), LIMIT, CURSOR];

fn attempts(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let first = page_start::<Attempt>(params)?;
    let page = match params.ids("action_attempt_ids") {
        Some(ids) => {
            let mut keys: Vec<_> = ids.iter().filter_map(|id| hotel.attempts.find(*id).ok()).collect();
            keys.sort_unstable();
            keys.dedup();
            let rows = keys.into_iter().filter(|key| key.place() >= first);
            page(rows.filter_map(|key| Some((key, hotel.attempts.get(key)?))), params, 500)
        }
        // Attempts on encoders belong to no device.
        None if params.id("device_id").is_some() => RowPage { rows: Vec::new(), next: None },
        None => page(hotel.attempts.from(first), params, 500),
    };
    let views: Vec<_> = page.rows.iter().map(|row| answer::attempt(row)).collect();
    Reply::page("action_attempts", &views, page.next)
}

const EVENT: &[Param] =
    &[optional("event_id", Kind::Id), optional("event_type", Kind::Text), optional("device_id", Kind::Id)];

fn event(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let hotel = &*hotel;
    let (id, kind) = (params.id("event_id"), params.text("event_type"));
    if id.is_none() && kind.is_none() {
        return Err(Refusal::invalid("event_id", "Required, unless event_type is given"));
    }
    let matches = |row: &&HotelEvent| id.is_none_or(|id| row.id == id) && kind.is_none_or(|kind| row.kind == kind);
    let found = hotel.events.iter().rev().find(matches);
    let row = found.ok_or_else(|| Refusal::not_found("event", id.map(|id| id.to_string()).unwrap_or_default()))?;
    Reply::of("event", &answer::event(hotel, row))
}

const EVENTS: &[Param] = &[
    optional("since", Kind::Time),
    optional("between", Kind::Interval),
    optional("event_type", Kind::Text),
    optional("event_types", Kind::Texts),
    optional("event_ids", Kind::Ids),
    SYSTEM,
    optional("acs_system_ids", Kind::Ids),
    optional("acs_user_id", Kind::Id),
    optional("acs_credential_id", Kind::Id),
    optional("acs_encoder_id", Kind::Id),
    optional("acs_access_group_id", Kind::Id),
    optional("acs_entrance_id", Kind::Id),
    optional("device_id", Kind::Id),
    LIMIT,
];

/// The oldest events first, so that a caller can go on from the last one that it got.
fn events(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let hotel = &*hotel;
    let (since, between) = (params.time("since"), params.interval("between"));
    if since.is_none() && between.is_none() {
        return Err(Refusal::invalid("since", "Required, unless between is given"));
    }
    let (kinds, ids, systems) = (params.texts("event_types"), params.ids("event_ids"), params.ids("acs_system_ids"));
    let is_in_time = |row: &&HotelEvent| {
        since.is_none_or(|since| row.at >= since) && between.is_none_or(|(from, to)| from < row.at && row.at < to)
    };
    let is_wanted = |row: &&HotelEvent| {
        params.text("event_type").is_none_or(|kind| kind == row.kind)
            && kinds.as_ref().is_none_or(|kinds| kinds.contains(&row.kind))
            && ids.as_ref().is_none_or(|ids| ids.contains(&row.id))
            && params.id("acs_system_id").is_none_or(|id| id == hotel.system.id)
            && systems.as_ref().is_none_or(|ids| ids.contains(&hotel.system.id))
            && is_about(row, params)
    };
    let limit = params.count("limit").unwrap_or(500);
    let rows = hotel.events.iter().filter(is_in_time).filter(is_wanted).take(limit);
    let views: Vec<_> = rows.map(|row| answer::event(hotel, row)).collect();
    Reply::of("events", &views)
}

fn is_about(row: &HotelEvent, params: &Params) -> bool {
    let (name, id) = match row.subject {
        Subject::System => ("", None),
        Subject::User(id) => ("acs_user_id", Some(id)),
        Subject::Credential(id) => ("acs_credential_id", Some(id)),
        Subject::Encoder(id) => ("acs_encoder_id", Some(id)),
        Subject::Group(id) => ("acs_access_group_id", Some(id)),
        Subject::Entrance(id) => ("acs_entrance_id", Some(id)),
    };
    // Nothing here is about a device.
    let filters =
        ["acs_user_id", "acs_credential_id", "acs_encoder_id", "acs_access_group_id", "acs_entrance_id", "device_id"];
    filters.iter().all(|filter| params.id(filter).is_none_or(|asked| *filter == name && id == Some(asked)))
}
