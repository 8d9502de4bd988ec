//! The workspace, the access system, encoders, entrances, action attempts and events.

use serde_json::{Value, json};

use super::super::attempt::{Attempt, State, Task};
use super::super::encoder::HotelEncoder;
use super::super::events::{HotelEvent, Subject};
use super::super::hotel::{Hotel, HotelEntrance};
use super::{Stamp, error};

pub fn encoder(hotel: &Hotel, row: &HotelEncoder) -> Value {
    let removed = row.removed_at.map(|at| error("acs_encoder_removed", "The encoder was removed.", at));
    json!({
        "acs_encoder_id": row.id,
        "acs_system_id": hotel.system.id,
        "workspace_id": hotel.workspace,
        "connected_account_id": hotel.account,
        "created_at": Stamp(row.created_at),
        "display_name": row.name,
        "errors": removed.into_iter().collect::<Vec<_>>(),
    })
}

pub fn entrance(hotel: &Hotel, row: &HotelEntrance) -> Value {
    json!({
        "acs_entrance_id": row.id,
        "acs_system_id": hotel.system.id,
        "workspace_id": hotel.workspace,
        "connected_account_id": hotel.account,
        "created_at": Stamp(row.created_at),
        "display_name": row.name,
        "can_unlock_with_card": true,
        "can_unlock_with_mobile_key": true,
        "can_unlock_with_cloud_key": false,
        "can_unlock_with_code": false,
        "salto_space_metadata": {
            "door_id": row.id.simple().to_string(),
            "door_name": row.name,
            "door_description": row.name,
            "room_name": row.room.as_deref().unwrap_or_default(),
            "room_description": row.room.as_deref().unwrap_or_default(),
            "audit_on_keys": false,
        },
        "space_ids": [],
        "errors": [],
        "warnings": [],
    })
}

pub fn attempt(row: &Attempt) -> Value {
    let (status, result, error) = match &row.state {
        State::Pending => ("pending", Value::Null, Value::Null),
        State::Success(result) => ("success", result.clone(), Value::Null),
        State::Error(failure) => {
            ("error", Value::Null, json!({ "type": failure.code(row.task), "message": failure.message() }))
        }
    };
    let action_type = match row.task {
        Task::Encode(_) => "ENCODE_CREDENTIAL",
        Task::Scan => "SCAN_CREDENTIAL",
        Task::ScanToAssign(_) => "SCAN_TO_ASSIGN_CREDENTIAL",
    };
    json!({
        "action_attempt_id": row.id,
        "action_type": action_type,
        "status": status,
        "result": result,
        "error": error,
    })
}

fn system_errors(hotel: &Hotel) -> Vec<Value> {
    let message = "Seam Bridge is disconnected: the computer that it runs on must be on and connected.";
    let down = hotel.system.bridge_down_since.map(|since| error("seam_bridge_disconnected", message, since));
    down.into_iter().collect()
}

pub fn system(hotel: &Hotel) -> Value {
    let system = &hotel.system;
    json!({
        "acs_system_id": system.id,
        "workspace_id": hotel.workspace,
        "connected_account_id": hotel.account,
        "connected_account_ids": [hotel.account],
        "created_at": Stamp(system.created_at),
        "name": system.name,
        "external_type": "salto_space_system",
        "external_type_display_name": "Salto Space system",
        "system_type": "salto_space_system",
        "system_type_display_name": "Salto Space system",
        "image_url": "data:,",
        "image_alt_text": "Salto Space",
        "is_credential_manager": false,
        "default_credential_manager_acs_system_id": null,
        "location": { "time_zone": system.time_zone },
        "acs_access_group_count": hotel.groups.len(),
        "acs_user_count": hotel.users.len(),
        "errors": system_errors(hotel),
        "warnings": [],
    })
}

pub fn workspace(hotel: &Hotel) -> Value {
    json!({
        "workspace_id": hotel.workspace,
        "name": hotel.system.name,
        "company_name": hotel.system.name,
        "connect_partner_name": null,
        "connect_webview_customization": {},
        "is_publishable_key_auth_enabled": false,
        "is_sandbox": true,
        "is_suspended": false,
        "organization_id": null,
    })
}

pub fn event(hotel: &Hotel, row: &HotelEvent) -> Value {
    let mut event = json!({
        "event_id": row.id,
        "event_type": row.kind,
        "workspace_id": hotel.workspace,
        "connected_account_id": hotel.account,
        "acs_system_id": hotel.system.id,
        "created_at": Stamp(row.at),
        "occurred_at": Stamp(row.at),
    });
    match row.subject {
        Subject::System if row.kind == "acs_system.disconnected" => {
            let message = "Seam Bridge is disconnected.";
            event["acs_system_errors"] = json!([error("seam_bridge_disconnected", message, row.at)]);
            for field in ["acs_system_warnings", "connected_account_errors", "connected_account_warnings"] {
                event[field] = json!([]);
            }
        }
        Subject::System => {}
        Subject::User(id) => event["acs_user_id"] = json!(id),
        Subject::Credential(id) => event["acs_credential_id"] = json!(id),
        Subject::Encoder(id) => event["acs_encoder_id"] = json!(id),
        Subject::Group(id) => event["acs_access_group_id"] = json!(id),
        Subject::Entrance(id) => event["acs_entrance_id"] = json!(id),
    }
    event
}
