//! `/acs/encoders/simulate/*`: Seam's own calls that decide how the next attempt on an encoder goes.

use uuid::Uuid;

use super::super::attempt::{Failure, ForcedOutcome};
use super::super::hotel::Hotel;
use super::super::params::{Kind, Param, Params, optional};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::encoders::{ENCODER, encoder_key};
use super::{SimulatedEndpoint, post};

const ENCODE_ERRORS: &[&str] =
    &["no_credential_on_encoder", "encoding_interrupted", "uncategorized_error", "action_attempt_expired"];
const SCAN_ERRORS: &[&str] = &["no_credential_on_encoder", "uncategorized_error", "action_attempt_expired"];
const SCAN_SCENARIOS: &[&str] = &[
    "credential_exists_on_seam",
    "credential_on_encoder_needs_update",
    "credential_does_not_exist_on_seam",
    "credential_on_encoder_is_empty",
];
const ON_SEAM: Param = optional("acs_credential_id_on_seam", Kind::Id);

pub const TABLE: &[SimulatedEndpoint] = &[
    post(
        "/acs/encoders/simulate/next_credential_encode_will_fail",
        &[ENCODER, optional("error_code", Kind::Choice(ENCODE_ERRORS)), optional("acs_credential_id", Kind::Id)],
        encode_will_fail,
    ),
    post(
        "/acs/encoders/simulate/next_credential_encode_will_succeed",
        &[ENCODER, optional("scenario", Kind::Choice(&["credential_is_issued"]))],
        encode_will_succeed,
    ),
    post(
        "/acs/encoders/simulate/next_credential_scan_will_fail",
        &[ENCODER, optional("error_code", Kind::Choice(SCAN_ERRORS)), ON_SEAM],
        scan_will_fail,
    ),
    post(
        "/acs/encoders/simulate/next_credential_scan_will_succeed",
        &[ENCODER, optional("scenario", Kind::Choice(SCAN_SCENARIOS)), ON_SEAM],
        scan_will_succeed,
    ),
];

fn failure(params: &Params) -> Failure {
    params.text("error_code").map_or(Failure::NoCredential, Failure::from_code)
}

/// The id of the credential that a simulate call names, if any; it must exist.
fn named_credential(hotel: &Hotel, params: &Params, name: &str) -> Result<Option<Uuid>, Refusal> {
    let id = params.id(name);
    id.map_or(Ok(None), |id| hotel.credentials.find(id).map(|_| Some(id)))
}

fn encode_will_fail(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = encoder_key(hotel, params)?;
    let only = named_credential(hotel, params, "acs_credential_id")?;
    if let Some(encoder) = hotel.encoders.get_mut(key) {
        encoder.next_encode = Some((ForcedOutcome::Fail(failure(params)), only));
    }
    Ok(Reply::done())
}

fn encode_will_succeed(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = encoder_key(hotel, params)?;
    if let Some(encoder) = hotel.encoders.get_mut(key) {
        encoder.next_encode = Some((ForcedOutcome::Issue, None));
    }
    Ok(Reply::done())
}

fn scan_will_fail(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = encoder_key(hotel, params)?;
    named_credential(hotel, params, "acs_credential_id_on_seam")?;
    if let Some(encoder) = hotel.encoders.get_mut(key) {
        encoder.next_scan = Some(ForcedOutcome::Fail(failure(params)));
    }
    Ok(Reply::done())
}

fn scan_will_succeed(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = encoder_key(hotel, params)?;
    let credential = named_credential(hotel, params, "acs_credential_id_on_seam")?;
    let forced = match params.text("scenario") {
        Some("credential_on_encoder_needs_update") => ForcedOutcome::OnSeam { credential, outdated: true },
        Some("credential_does_not_exist_on_seam") => ForcedOutcome::Unknown,
        Some("credential_on_encoder_is_empty") => ForcedOutcome::Empty,
        _ => ForcedOutcome::OnSeam { credential, outdated: false },
    };
    if let Some(encoder) = hotel.encoders.get_mut(key) {
        encoder.next_scan = Some(forced);
    }
    Ok(Reply::done())
}
