//! `/acs/users/*`.

use jiff::Timestamp;
use uuid::Uuid;

use super::super::answer;
use super::super::params::{Kind, Param, Params, may, need, nullable};
use super::super::refusal::Refusal;
use super::super::reply::{Reply, first_place, page};
use super::super::store::Key;
use super::super::users::fold;
use super::super::world::{Person, Schedule, User, World};
use super::groups::entrances_of;
use super::{CURSOR, Endpoint, IDENTITY, LIMIT, SEARCH, SYSTEM, USER, Verb, check_identity, check_system};
use super::{endpoint, get, post};

const WHO: &[Param] = &[USER, IDENTITY, SYSTEM];
const MEMBERSHIP: &[Param] = &[USER, IDENTITY, need("acs_access_group_id", Kind::Id)];

pub const TABLE: &[Endpoint] = &[
    post("/acs/users/create", CREATE, create),
    get("/acs/users/get", WHO, get_one),
    get("/acs/users/list", LIST, list),
    endpoint(Verb::Patch, "/acs/users/update", UPDATE, update),
    endpoint(Verb::Delete, "/acs/users/delete", WHO, delete),
    post("/acs/users/suspend", WHO, |world, params| suspend(world, params, true)),
    post("/acs/users/unsuspend", WHO, |world, params| suspend(world, params, false)),
    endpoint(Verb::Put, "/acs/users/add_to_access_group", MEMBERSHIP, add_to_access_group),
    endpoint(Verb::Delete, "/acs/users/remove_from_access_group", MEMBERSHIP, remove_from_access_group),
    get("/acs/users/list_accessible_entrances", WHO, list_accessible_entrances),
];

const CREATE: &[Param] = &[
    need("acs_system_id", Kind::Id),
    need("full_name", Kind::Words),
    may("email", Kind::Email),
    may("email_address", Kind::Email),
    may("phone_number", Kind::Phone),
    may("acs_access_group_ids", Kind::Ids),
    may("access_schedule", Kind::Record(&[may("starts_at", Kind::Time), nullable("ends_at", Kind::Time)])),
    IDENTITY,
];

fn create(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    check_system(world, params)?;
    check_identity(params)?;
    let person = Person {
        full_name: params.text("full_name").unwrap_or_default().to_owned(),
        email: params.text("email_address").or(params.text("email")).map(str::to_owned),
        phone: params.text("phone_number").map(str::to_owned),
    };
    let schedule = params.record("access_schedule").map(|given| schedule(given, world.now)).transpose()?;
    let key = world.create_user(person, schedule, params.ids("acs_access_group_ids").unwrap_or_default())?;
    answer_one(world, key)
}

/// A schedule as the API takes it: it ends in the future and after it starts.
fn schedule(given: &Params, now: Timestamp) -> Result<Schedule, Refusal> {
    let schedule = Schedule { starts_at: given.time("starts_at").unwrap_or(now), ends_at: given.time("ends_at") };
    match schedule.ends_at {
        Some(end) if end <= schedule.starts_at => {
            Err(Refusal::invalid("access_schedule.ends_at", "Must be after starts_at"))
        }
        Some(end) if end <= now => Err(Refusal::invalid("access_schedule.ends_at", "Must be a time in the future")),
        _ => Ok(schedule),
    }
}

fn answer_one(world: &World, key: Key<User>) -> Result<Reply, Refusal> {
    let row = world.users.get(key).ok_or_else(|| Refusal::not_found("acs_user", Uuid::nil()))?;
    Reply::of("acs_user", &answer::user(world, row))
}

/// The id of the user that a call is about.
fn user_id(params: &Params) -> Result<Uuid, Refusal> {
    check_identity(params)?;
    params.needed_id("acs_user_id")
}

fn get_one(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = world.users.find(user_id(params)?)?;
    answer_one(world, key)
}

const LIST: &[Param] = &[
    SYSTEM,
    SEARCH,
    LIMIT,
    CURSOR,
    may("created_before", Kind::Time),
    IDENTITY,
    may("user_identity_email_address", Kind::Text),
    may("user_identity_phone_number", Kind::Text),
];

fn list(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    check_system(world, params)?;
    check_identity(params)?;
    let world = &*world;
    let search = params.text("search").map(fold);
    let before = params.time("created_before");
    let has_identity = params.text("user_identity_email_address").or(params.text("user_identity_phone_number"));
    let matches = |row: &User| {
        search.as_ref().is_none_or(|search| row.folded.contains(search) || row.id.to_string().contains(search))
            && before.is_none_or(|before| row.created_at < before)
            && has_identity.is_none()
    };
    let rows = world.users.from(first_place::<User>(params)?).filter(|(_, row)| matches(row));
    let page = page(rows, params, 500);
    let views: Vec<_> = page.rows.iter().map(|row| answer::user(world, row)).collect();
    Reply::page("acs_users", &views, page.next)
}

const UPDATE: &[Param] = &[
    USER,
    IDENTITY,
    SYSTEM,
    may("full_name", Kind::Words),
    may("email", Kind::Email),
    may("email_address", Kind::Email),
    may("phone_number", Kind::Phone),
    may("hid_acs_system_id", Kind::Id),
    nullable("access_schedule", Kind::Record(&[need("starts_at", Kind::Time), need("ends_at", Kind::Time)])),
];

fn update(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = world.user_to_change(user_id(params)?)?;
    let Some((mut person, kept)) = world.users.get(key).map(|row| (row.person(), row.schedule)) else {
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
    let given = params.record("access_schedule").map(|given| schedule(given, world.now)).transpose()?;
    let schedule = if params.is_null("access_schedule") { None } else { given.or(kept) };
    world.update_user(key, person, schedule);
    Ok(Reply::done())
}

fn delete(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = world.users.find(user_id(params)?)?;
    world.delete_user(key);
    Ok(Reply::done())
}

fn suspend(world: &mut World, params: &Params, suspended: bool) -> Result<Reply, Refusal> {
    let key = world.user_to_change(user_id(params)?)?;
    world.suspend_user(key, suspended);
    Ok(Reply::done())
}

fn add_to_access_group(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let user = world.user_to_change(user_id(params)?)?;
    let group = world.groups.find(params.needed_id("acs_access_group_id")?)?;
    world.add_to_group(user, group);
    Ok(Reply::done())
}

fn remove_from_access_group(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let user = world.user_to_change(user_id(params)?)?;
    let group = world.groups.find(params.needed_id("acs_access_group_id")?)?;
    world.remove_from_group(user, group);
    Ok(Reply::done())
}

fn list_accessible_entrances(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = world.users.look_up(user_id(params)?)?;
    Reply::of("acs_entrances", &entrances_of(world, row.groups.iter().copied()))
}
