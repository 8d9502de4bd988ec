//! `/acs/encoders/simulate/*`: Seam's own calls that decide how the next attempt on an encoder goes.

use uuid::Uuid;

use super::super::attempt::{Failure, Fate};
use super::super::params::{Kind, Param, Params, may};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::super::world::World;
use super::encoders::{ENCODER, the_encoder};
use super::{Endpoint, post};

const ENCODE_ERRORS: &[&str] =
    &["no_credential_on_encoder", "encoding_interrupted", "uncategorized_error", "action_attempt_expired"];
const SCAN_ERRORS: &[&str] = &["no_credential_on_encoder", "uncategorized_error", "action_attempt_expired"];
const SCAN_SCENARIOS: &[&str] = &[
    "credential_exists_on_seam",
    "credential_on_encoder_needs_update",
    "credential_does_not_exist_on_seam",
    "credential_on_encoder_is_empty",
];
const ON_SEAM: Param = may("acs_credential_id_on_seam", Kind::Id);

pub const TABLE: &[Endpoint] = &[
    post(
        "/acs/encoders/simulate/next_credential_encode_will_fail",
        &[ENCODER, may("error_code", Kind::Choice(ENCODE_ERRORS)), may("acs_credential_id", Kind::Id)],
        encode_will_fail,
    ),
    post(
        "/acs/encoders/simulate/next_credential_encode_will_succeed",
        &[ENCODER, may("scenario", Kind::Choice(&["credential_is_issued"]))],
        encode_will_succeed,
    ),
    post(
        "/acs/encoders/simulate/next_credential_scan_will_fail",
        &[ENCODER, may("error_code", Kind::Choice(SCAN_ERRORS)), ON_SEAM],
        scan_will_fail,
    ),
    post(
        "/acs/encoders/simulate/next_credential_scan_will_succeed",
        &[ENCODER, may("scenario", Kind::Choice(SCAN_SCENARIOS)), ON_SEAM],
        scan_will_succeed,
    ),
];

fn failure(params: &Params) -> Failure {
    params.text("error_code").map_or(Failure::NoCredential, Failure::from_code)
}

/// A credential that a simulate call names must exist.
fn named_credential(world: &World, params: &Params, name: &str) -> Result<Option<Uuid>, Refusal> {
    let id = params.id(name);
    id.map_or(Ok(None), |id| world.credentials.find(id).map(|_| Some(id)))
}

fn encode_will_fail(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_encoder(world, params)?;
    let only = named_credential(world, params, "acs_credential_id")?;
    if let Some(encoder) = world.encoders.get_mut(key) {
        encoder.next_encode = Some((Fate::Fail(failure(params)), only));
    }
    Ok(Reply::done())
}

fn encode_will_succeed(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_encoder(world, params)?;
    if let Some(encoder) = world.encoders.get_mut(key) {
        encoder.next_encode = Some((Fate::Issue, None));
    }
    Ok(Reply::done())
}

fn scan_will_fail(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_encoder(world, params)?;
    named_credential(world, params, "acs_credential_id_on_seam")?;
    if let Some(encoder) = world.encoders.get_mut(key) {
        encoder.next_scan = Some(Fate::Fail(failure(params)));
    }
    Ok(Reply::done())
}

fn scan_will_succeed(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_encoder(world, params)?;
    let credential = named_credential(world, params, "acs_credential_id_on_seam")?;
    let fate = match params.text("scenario") {
        Some("credential_on_encoder_needs_update") => Fate::OnSeam { credential, outdated: true },
        Some("credential_does_not_exist_on_seam") => Fate::Unknown,
        Some("credential_on_encoder_is_empty") => Fate::Empty,
        _ => Fate::OnSeam { credential, outdated: false },
    };
    if let Some(encoder) = world.encoders.get_mut(key) {
        encoder.next_scan = Some(fate);
    }
    Ok(Reply::done())
}
