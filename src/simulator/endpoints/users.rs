//! `/acs/users/*`.

use jiff::Timestamp;
use uuid::Uuid;

use super::super::answer;
use super::super::hotel::{Hotel, HotelPerson, HotelSchedule, HotelUser};
use super::super::params::{Kind, Param, Params, nullable, optional, required};
use super::super::refusal::Refusal;
use super::super::reply::{Reply, page, page_start};
use super::super::table::RowKey;
use super::super::users::search_form;
use super::groups::entrances_of;
use super::{CURSOR, IDENTITY, LIMIT, SEARCH, SYSTEM, SimulatedEndpoint, USER, Verb, check_identity, check_system};
use super::{endpoint, get, post};

const WHO: &[Param] = &[USER, IDENTITY, SYSTEM];
const MEMBERSHIP: &[Param] = &[USER, IDENTITY, required("acs_access_group_id", Kind::Id)];

pub const TABLE: &[SimulatedEndpoint] = &[
    post("/acs/users/create", CREATE, create),
    get("/acs/users/get", WHO, get_one),
    get("/acs/users/list", LIST, list),
    endpoint(Verb::PATCH, "/acs/users/update", UPDATE, update),
    endpoint(Verb::DELETE, "/acs/users/delete", WHO, delete),
    post("/acs/users/suspend", WHO, |hotel, params| suspend(hotel, params, true)),
    post("/acs/users/unsuspend", WHO, |hotel, params| suspend(hotel, params, false)),
    endpoint(Verb::PUT, "/acs/users/add_to_access_group", MEMBERSHIP, add_to_access_group),
    endpoint(Verb::DELETE, "/acs/users/remove_from_access_group", MEMBERSHIP, remove_from_access_group),
    get("/acs/users/list_accessible_entrances", WHO, list_accessible_entrances),
];

const CREATE: &[Param] = &[
    required("acs_system_id", Kind::Id),
    required("full_name", Kind::NonEmptyText),
    optional("email", Kind::Email),
    optional("email_address", Kind::Email),
    optional("phone_number", Kind::Phone),
    optional("acs_access_group_ids", Kind::Ids),
    optional("access_schedule", Kind::Record(&[optional("starts_at", Kind::Time), nullable("ends_at", Kind::Time)])),
    IDENTITY,
];

fn create(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_system(hotel, params)?;
    check_identity(params)?;
    let person = HotelPerson {
        full_name: params.text("full_name").unwrap_or_default().to_owned(),
        email: params.text("email_address").or(params.text("email")).map(str::to_owned),
        phone: params.text("phone_number").map(str::to_owned),
    };
    let schedule = params.record("access_schedule").map(|given| schedule(&given, hotel.now)).transpose()?;
    let key = hotel.create_user(person, schedule, &params.ids("acs_access_group_ids").unwrap_or_default())?;
    reply_with(hotel, key)
}

/// Checks a schedule: it must end in the future and after it starts.
fn schedule(given: &Params, now: Timestamp) -> Result<HotelSchedule, Refusal> {
    let schedule = HotelSchedule { starts_at: given.time("starts_at").unwrap_or(now), ends_at: given.time("ends_at") };
    match schedule.ends_at {
        Some(end) if end <= schedule.starts_at => {
            Err(Refusal::invalid("access_schedule.ends_at", "Must be after starts_at"))
        }
        Some(end) if end <= now => Err(Refusal::invalid("access_schedule.ends_at", "Must be a time in the future")),
        _ => Ok(schedule),
    }
}

fn reply_with(hotel: &Hotel, key: RowKey<HotelUser>) -> Result<Reply, Refusal> {
    let row = hotel.users.get(key).ok_or_else(|| Refusal::not_found("acs_user", Uuid::nil()))?;
    Reply::of("acs_user", &answer::user(hotel, row))
}

/// The id of the user that a call is about.
fn user_id(params: &Params) -> Result<Uuid, Refusal> {
    check_identity(params)?;
    params.required_id("acs_user_id")
}

fn get_one(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = hotel.users.find(user_id(params)?)?;
    reply_with(hotel, key)
}

const LIST: &[Param] = &[
    SYSTEM,
    SEARCH,
    LIMIT,
    CURSOR,
    optional("created_before", Kind::Time),
    IDENTITY,
    optional("user_identity_email_address", Kind::Text),
    optional("user_identity_phone_number", Kind::Text),
];

fn list(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_system(hotel, params)?;
    check_identity(params)?;
    let hotel = &*hotel;
    let search = params.text("search").map(search_form);
    let before = params.time("created_before");
    let has_identity = params.text("user_identity_email_address").or(params.text("user_identity_phone_number"));
    let matches = |row: &HotelUser| {
        search.as_ref().is_none_or(|search| row.searchable.contains(search) || row.id.to_string().contains(search))
            && before.is_none_or(|before| row.created_at < before)
            && has_identity.is_none()
    };
    let rows = hotel.users.from(page_start::<HotelUser>(params)?).filter(|(_, row)| matches(row));
    let page = page(rows, params, 500);
    let views: Vec<_> = page.rows.iter().map(|row| answer::user(hotel, row)).collect();
    Reply::page("acs_users", &views, page.next)
}

const UPDATE: &[Param] = &[
    USER,
    IDENTITY,
    SYSTEM,
    optional("full_name", Kind::NonEmptyText),
    optional("email", Kind::Email),
    optional("email_address", Kind::Email),
    optional("phone_number", Kind::Phone),
    optional("hid_acs_system_id", Kind::Id),
    nullable("access_schedule", Kind::Record(&[required("starts_at", Kind::Time), required("ends_at", Kind::Time)])),
];

fn update(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = hotel.user_to_change(user_id(params)?)?;
    let Some((mut person, kept)) = hotel.users.get(key).map(|row| (row.person(), row.schedule)) else {
        return Ok(Reply::done());
    };
    if let Some(name) = params.text("full_name") {
        name.clone_into(&mut person.full_name);
    }
    if let Some(email) = params.text("email_address").or(params.text("email")) {
        person.email = Some(email.to_owned());
    }
    if let Some(phone) = params.text("phone_number") {
        person.phone = Some(phone.to_owned());
    }
    let given = params.record("access_schedule").map(|given| schedule(&given, hotel.now)).transpose()?;
    let schedule = if params.is_null("access_schedule") { None } else { given.or(kept) };
    hotel.update_user(key, person, schedule);
    Ok(Reply::done())
}

fn delete(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = hotel.users.find(user_id(params)?)?;
    hotel.delete_user(key);
    Ok(Reply::done())
}

fn suspend(hotel: &mut Hotel, params: &Params, suspended: bool) -> Result<Reply, Refusal> {
    let key = hotel.user_to_change(user_id(params)?)?;
    hotel.suspend_user(key, suspended);
    Ok(Reply::done())
}

fn add_to_access_group(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let user = hotel.user_to_change(user_id(params)?)?;
    let group = hotel.groups.find(params.required_id("acs_access_group_id")?)?;
    hotel.add_to_group(user, group);
    Ok(Reply::done())
}

fn remove_from_access_group(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let user = hotel.user_to_change(user_id(params)?)?;
    let group = hotel.groups.find(params.required_id("acs_access_group_id")?)?;
    hotel.remove_from_group(user, group);
    Ok(Reply::done())
}

fn list_accessible_entrances(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = hotel.users.look_up(user_id(params)?)?;
    Reply::of("acs_entrances", &entrances_of(hotel, row.groups.iter().copied()))
}
