//! Credentials, and the results of scans.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::hotel::{Hotel, HotelCredential, Method};
use super::{BEING_DELETED, Stamp, stamp, warning};

// The contract has these flags.
#[allow(clippy::struct_excessive_bools)]
#[derive(Serialize)]
pub struct CredentialView<'w> {
    acs_credential_id: Uuid,
    acs_system_id: Uuid,
    workspace_id: Uuid,
    connected_account_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    acs_user_id: Option<Uuid>,
    access_method: &'static str,
    display_name: &'static str,
    external_type: &'static str,
    external_type_display_name: &'static str,
    created_at: Stamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<Stamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<Stamp>,
    card_number: Option<&'w str>,
    is_issued: bool,
    issued_at: Option<Stamp>,
    is_managed: bool,
    is_multi_phone_sync_credential: bool,
    is_latest_desired_state_synced_with_provider: bool,
    latest_desired_state_synced_with_provider_at: Option<Stamp>,
    errors: Vec<Value>,
    warnings: Vec<Value>,
}

pub fn credential<'w>(hotel: &Hotel, row: &'w HotelCredential) -> CredentialView<'w> {
    let (starts_at, ends_at) = hotel.validity(row);
    CredentialView {
        acs_credential_id: row.id,
        acs_system_id: hotel.system.id,
        workspace_id: hotel.workspace,
        connected_account_id: hotel.account,
        acs_user_id: row.user.and_then(|user| hotel.users.get(user)).map(|user| user.id),
        access_method: match row.method {
            Method::Card => "card",
            Method::MobileKey => "mobile_key",
        },
        display_name: match row.method {
            Method::Card => "Card",
            Method::MobileKey => "Mobile Key",
        },
        external_type: "salto_space_key",
        external_type_display_name: "Salto Space Key",
        created_at: Stamp(row.created_at),
        starts_at: stamp(starts_at),
        ends_at: stamp(ends_at),
        card_number: row.card_number.as_deref(),
        is_issued: row.issued_at.is_some(),
        issued_at: stamp(row.issued_at),
        is_managed: true,
        is_multi_phone_sync_credential: false,
        is_latest_desired_state_synced_with_provider: row.syncing_until.is_none(),
        latest_desired_state_synced_with_provider_at: stamp(row.synced_at),
        errors: Vec::new(),
        warnings: credential_warnings(row),
    }
}

fn credential_warnings(row: &HotelCredential) -> Vec<Value> {
    let mut warnings = Vec::new();
    if row.method == Method::Card && row.issued_at.is_none() {
        let message = "The credential is waiting to be written to a card.";
        warnings.push(warning("waiting_to_be_issued", message, row.created_at));
    }
    if let Some(since) = row.outdated_since {
        let message = "Access permissions have changed: write the credential to its card again.";
        warnings.push(warning("needs_to_be_reissued", message, since));
    }
    if let Some(since) = row.overwritten_at {
        let message = "The card of this credential was written with another credential.";
        warnings.push(warning("unknown_issue_with_acs_credential", message, since));
    }
    if let Some(since) = row.deleting_since {
        warnings.push(warning("being_deleted", BEING_DELETED, since));
    }
    warnings
}

/// A credential as part of an attempt's result, which does not change afterwards.
pub fn credential_value(hotel: &Hotel, row: &HotelCredential) -> Value {
    json!(credential(hotel, row))
}

/// The result of a scan: the credential on the card, the one that Seam has, and warnings where they differ.
pub fn scan_result(hotel: &Hotel, number: &str, outdated: bool) -> Value {
    let content = hotel.cards.get(number).and_then(|card| card.content.as_ref());
    let on_encoder = json!({
        "card_number": number,
        "created_at": stamp(content.map(|content| content.written_at)),
        "starts_at": stamp(content.and_then(|content| content.starts_at)),
        "ends_at": stamp(content.and_then(|content| content.ends_at)),
        "is_issued": content.is_some(),
    });
    let known = content.and_then(|content| hotel.credentials.look_up(content.credential).ok()).map(|(_, row)| row);
    let warn = |code: &str, message: &str| json!({ "warning_code": code, "warning_message": message });
    let warnings = match (content, known) {
        (Some(_), None) => {
            vec![warn("acs_credential_on_seam_not_found", "The credential on the card is not known to Seam.")]
        }
        (Some(_), Some(row)) => {
            let differs = row.outdated_since.is_some() || row.card_number.as_deref() != Some(number);
            let message = "The card is older than the credential that Seam has.";
            let warning = || warn("acs_credential_on_encoder_out_of_sync", message);
            (outdated || differs).then(warning).into_iter().collect()
        }
        (None, _) => Vec::new(),
    };
    json!({
        "acs_credential_on_encoder": on_encoder,
        "acs_credential_on_seam": known.map(|row| credential(hotel, row)),
        "warnings": warnings,
    })
}
