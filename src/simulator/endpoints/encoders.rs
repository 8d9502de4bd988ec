//! `/acs/encoders/*`: listing encoders and starting attempts on them.

use uuid::Uuid;

use super::super::answer;
use super::super::attempt::{Attempt, Task};
use super::super::encoder::Encoder;
use super::super::params::{Kind, Param, Params, may, need};
use super::super::refusal::Refusal;
use super::super::reply::{Reply, first_place, page};
use super::super::store::Key;
use super::super::world::{Method, World};
use super::{CURSOR, Endpoint, IDENTITY, LIMIT, SYSTEM, USER, check_identity, check_system, get, post};

pub const ENCODER: Param = need("acs_encoder_id", Kind::Id);
const KS: Param = may("salto_ks_metadata", Kind::Record(&[may("detect_new_tags", Kind::Flag)]));

pub const TABLE: &[Endpoint] = &[
    get("/acs/encoders/get", &[ENCODER], get_one),
    get("/acs/encoders/list", LIST, list),
    post("/acs/encoders/encode_credential", ENCODE, encode_credential),
    post("/acs/encoders/scan_credential", &[ENCODER, KS], scan_credential),
    post("/acs/encoders/scan_to_assign_credential", &[ENCODER, USER, IDENTITY, KS], scan_to_assign_credential),
];

/// The encoder that a call is about.
pub fn the_encoder(world: &World, params: &Params) -> Result<Key<Encoder>, Refusal> {
    world.encoders.find(params.needed_id("acs_encoder_id")?)
}

fn get_one(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = world.encoders.look_up(params.needed_id("acs_encoder_id")?)?;
    Reply::of("acs_encoder", &answer::encoder(world, row))
}

const LIST: &[Param] = &[SYSTEM, may("acs_system_ids", Kind::Ids), may("acs_encoder_ids", Kind::Ids), LIMIT, CURSOR];

fn list(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    check_system(world, params)?;
    let world = &*world;
    let (systems, encoders) = (params.ids("acs_system_ids"), params.ids("acs_encoder_ids"));
    if params.id("acs_system_id").is_none() && systems.is_none() && encoders.is_none() {
        return Err(Refusal::invalid("acs_system_id", "Required, unless acs_system_ids or acs_encoder_ids is given"));
    }
    if let Some(unknown) = systems.and_then(|ids| ids.iter().find(|id| **id != world.site.id)) {
        return Err(Refusal::not_found("acs_system", unknown));
    }
    let matches = |id: &Uuid| systems.is_none_or(|ids| !ids.is_empty()) && encoders.is_none_or(|ids| ids.contains(id));
    let rows = world.encoders.from(first_place::<Encoder>(params)?).filter(|(_, row)| matches(&row.id));
    let page = page(rows, params, 500);
    let views: Vec<_> = page.rows.iter().map(|row| answer::encoder(world, row)).collect();
    Reply::page("acs_encoders", &views, page.next)
}

const ENCODE: &[Param] = &[ENCODER, may("acs_credential_id", Kind::Id), may("access_method_id", Kind::Id)];

fn encode_credential(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let encoder = the_encoder(world, params)?;
    if let Some(id) = params.id("access_method_id") {
        return Err(Refusal::not_found("access_method", id));
    }
    let (credential, row) = world.credentials.look_up(params.needed_id("acs_credential_id")?)?;
    if row.method != Method::Card {
        return Err(Refusal::invalid("acs_credential_id", "Only a card credential can be written to a card"));
    }
    let attempt = world.start_attempt(encoder, Task::Encode(credential));
    answer_attempt(world, attempt)
}

fn scan_credential(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let encoder = the_encoder(world, params)?;
    let attempt = world.start_attempt(encoder, Task::Scan);
    answer_attempt(world, attempt)
}

fn scan_to_assign_credential(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    check_identity(params)?;
    let encoder = the_encoder(world, params)?;
    let user = world.user_to_change(params.needed_id("acs_user_id")?)?;
    let attempt = world.start_attempt(encoder, Task::ScanToAssign(user));
    answer_attempt(world, attempt)
}

fn answer_attempt(world: &World, key: Key<Attempt>) -> Result<Reply, Refusal> {
    world.attempts.get(key).map_or_else(
        || Err(Refusal::not_found("action_attempt", key.place())),
        |row| Reply::of("action_attempt", &answer::attempt(row)),
    )
}
