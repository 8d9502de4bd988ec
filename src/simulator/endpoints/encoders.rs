//! `/acs/encoders/*`: listing encoders and starting attempts on them.

use uuid::Uuid;

use super::super::answer;
use super::super::attempt::{Attempt, Task};
use super::super::encoder::HotelEncoder;
use super::super::hotel::{Hotel, Method};
use super::super::params::{Kind, Param, Params, optional, required};
use super::super::refusal::Refusal;
use super::super::reply::{Reply, page, page_start};
use super::super::table::RowKey;
use super::{CURSOR, IDENTITY, LIMIT, SYSTEM, SimulatedEndpoint, USER, check_identity, check_system, get, post};

pub const ENCODER: Param = required("acs_encoder_id", Kind::Id);
const KS: Param = optional("salto_ks_metadata", Kind::Record(&[optional("detect_new_tags", Kind::Flag)]));

pub const TABLE: &[SimulatedEndpoint] = &[
    get("/acs/encoders/get", &[ENCODER], get_one),
    get("/acs/encoders/list", LIST, list),
    post("/acs/encoders/encode_credential", ENCODE, encode_credential),
    post("/acs/encoders/scan_credential", &[ENCODER, KS], scan_credential),
    post("/acs/encoders/scan_to_assign_credential", &[ENCODER, USER, IDENTITY, KS], scan_to_assign_credential),
];

/// The encoder that a call is about.
pub fn encoder_key(hotel: &Hotel, params: &Params) -> Result<RowKey<HotelEncoder>, Refusal> {
    hotel.encoders.find(params.required_id("acs_encoder_id")?)
}

fn get_one(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = hotel.encoders.look_up(params.required_id("acs_encoder_id")?)?;
    Reply::of("acs_encoder", &answer::encoder(hotel, row))
}

const LIST: &[Param] =
    &[SYSTEM, optional("acs_system_ids", Kind::Ids), optional("acs_encoder_ids", Kind::Ids), LIMIT, CURSOR];

fn list(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_system(hotel, params)?;
    let hotel = &*hotel;
    let (systems, encoders) = (params.ids("acs_system_ids"), params.ids("acs_encoder_ids"));
    if params.id("acs_system_id").is_none() && systems.is_none() && encoders.is_none() {
        return Err(Refusal::invalid("acs_system_id", "Required, unless acs_system_ids or acs_encoder_ids is given"));
    }
    if let Some(unknown) = systems.iter().flatten().find(|id| **id != hotel.system.id) {
        return Err(Refusal::not_found("acs_system", unknown));
    }
    let matches = |id: &Uuid| {
        systems.as_ref().is_none_or(|ids| !ids.is_empty()) && encoders.as_ref().is_none_or(|ids| ids.contains(id))
    };
    let rows = hotel.encoders.from(page_start::<HotelEncoder>(params)?).filter(|(_, row)| matches(&row.id));
    let page = page(rows, params, 500);
    let views: Vec<_> = page.rows.iter().map(|row| answer::encoder(hotel, row)).collect();
    Reply::page("acs_encoders", &views, page.next)
}

const ENCODE: &[Param] = &[ENCODER, optional("acs_credential_id", Kind::Id), optional("access_method_id", Kind::Id)];

fn encode_credential(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let encoder = encoder_key(hotel, params)?;
    if let Some(id) = params.id("access_method_id") {
        return Err(Refusal::not_found("access_method", id));
    }
    let (credential, row) = hotel.credentials.look_up(params.required_id("acs_credential_id")?)?;
    if row.method != Method::Card {
        return Err(Refusal::invalid("acs_credential_id", "Only a card credential can be written to a card"));
    }
    let attempt = hotel.start_attempt(encoder, Task::Encode(credential));
    reply_with_attempt(hotel, attempt)
}

fn scan_credential(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let encoder = encoder_key(hotel, params)?;
    let attempt = hotel.start_attempt(encoder, Task::Scan);
    reply_with_attempt(hotel, attempt)
}

fn scan_to_assign_credential(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_identity(params)?;
    let encoder = encoder_key(hotel, params)?;
    let user = hotel.user_to_change(params.required_id("acs_user_id")?)?;
    let attempt = hotel.start_attempt(encoder, Task::ScanToAssign(user));
    reply_with_attempt(hotel, attempt)
}

fn reply_with_attempt(hotel: &Hotel, key: RowKey<Attempt>) -> Result<Reply, Refusal> {
    hotel.attempts.get(key).map_or_else(
        || Err(Refusal::not_found("action_attempt", key.place())),
        |row| Reply::of("action_attempt", &answer::attempt(row)),
    )
}
