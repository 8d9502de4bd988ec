//! The JSON shapes of the API's objects, with the fields that its contract requires.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::encoder::{Attempt, Encoder, State, Task};
use super::events::{Event, Subject};
use super::world::{
    Credential, Entrance, Group, Membership, Method, Mutation, Person, Schedule, User, UserChange, World,
};

/// A time as the API writes it: UTC with milliseconds.
#[derive(Clone, Copy)]
pub struct Stamp(pub Timestamp);

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

fn stamp(time: Option<Timestamp>) -> Option<Stamp> {
    time.map(Stamp)
}

/// A warning or an error that hangs on an object.
fn note(code_field: &str, code: &str, message: &str, since: Timestamp) -> Value {
    json!({ code_field: code, "message": message, "created_at": Stamp(since) })
}

fn warning(code: &str, message: &str, since: Timestamp) -> Value {
    note("warning_code", code, message, since)
}

fn error(code: &str, message: &str, since: Timestamp) -> Value {
    note("error_code", code, message, since)
}

const BEING_DELETED: &str = "Being deleted from the access system; it will be gone shortly.";

#[derive(Serialize)]
struct ScheduleView {
    starts_at: Stamp,
    ends_at: Option<Stamp>,
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        Self { starts_at: Stamp(schedule.starts_at), ends_at: stamp(schedule.ends_at) }
    }
}

#[derive(Serialize)]
struct SaltoUser {
    user_id: String,
    audit_openings: bool,
}

#[derive(Serialize)]
pub struct UserView<'w> {
    acs_user_id: Uuid,
    acs_system_id: Uuid,
    workspace_id: Uuid,
    connected_account_id: Uuid,
    created_at: Stamp,
    display_name: &'w str,
    full_name: &'w str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'w str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<&'w str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'w str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_schedule: Option<ScheduleView>,
    external_type: &'static str,
    external_type_display_name: &'static str,
    is_managed: bool,
    is_suspended: bool,
    last_successful_sync_at: Option<Stamp>,
    salto_space_metadata: SaltoUser,
    pending_mutations: Vec<Value>,
    errors: Vec<Value>,
    warnings: Vec<Value>,
}

pub fn user<'w>(world: &World, row: &'w User) -> UserView<'w> {
    let mut errors = Vec::new();
    if let Some(at) = row.creation_failed_at {
        let message = "The user could not be created on the access system.";
        errors.push(error("failed_to_create_on_acs_system", message, at));
    }
    let mut warnings = Vec::new();
    if let Some(since) = row.deleting_since {
        warnings.push(warning("being_deleted", BEING_DELETED, since));
    }
    if let Some(since) = row.schedule.and_then(|schedule| schedule.ends_at).filter(|ends_at| *ends_at <= world.now) {
        warnings.push(warning("acs_user_inactive", "The user's access schedule has ended.", since));
    }
    UserView {
        acs_user_id: row.id,
        acs_system_id: world.site.id,
        workspace_id: world.workspace,
        connected_account_id: world.account,
        created_at: Stamp(row.created_at),
        display_name: &row.full_name,
        full_name: &row.full_name,
        email: row.email.as_deref(),
        email_address: row.email.as_deref(),
        phone_number: row.phone.as_deref(),
        access_schedule: row.schedule.map(ScheduleView::from),
        external_type: "salto_space_user",
        external_type_display_name: "Salto Space User",
        is_managed: true,
        is_suspended: row.suspended,
        last_successful_sync_at: stamp(row.synced_at),
        salto_space_metadata: SaltoUser { user_id: row.id.simple().to_string(), audit_openings: false },
        pending_mutations: row.mutations.iter().map(user_mutation).collect(),
        errors,
        warnings,
    }
}

fn mutation(code: &str, message: &str, since: Timestamp, from: &Value, to: &Value) -> Value {
    json!({ "mutation_code": code, "message": message, "created_at": Stamp(since), "from": from, "to": to })
}

/// What is on its way for a user; every shape is one of the contract's.
fn user_mutation(pending: &Mutation<UserChange>) -> Value {
    let since = pending.created_at;
    let plain = |code, message| note("mutation_code", code, message, since);
    match &pending.change {
        UserChange::Creating => plain("creating", "The user is being created on the access system."),
        UserChange::Deleting => plain("deleting", "The user is being deleted from the access system."),
        UserChange::Information { from, to } => mutation(
            "updating_user_information",
            "The user's information is being updated on the access system.",
            since,
            &person(from),
            &person(to),
        ),
        UserChange::Schedule { from, to } => mutation(
            "updating_access_schedule",
            "The user's access schedule is being updated on the access system.",
            since,
            &schedule(*from),
            &schedule(*to),
        ),
        UserChange::Suspension { to } => mutation(
            "updating_suspension_state",
            "The user's suspension is being updated on the access system.",
            since,
            &json!({ "is_suspended": !to }),
            &json!({ "is_suspended": to }),
        ),
        UserChange::Group(what) => membership(
            "updating_group_membership",
            "The user's access groups are being updated on the access system.",
            since,
            "acs_access_group_id",
            *what,
        ),
        UserChange::Credential(what) => membership(
            "updating_credential_assignment",
            "The user's credentials are being updated on the access system.",
            since,
            "acs_credential_id",
            *what,
        ),
    }
}

fn membership(code: &str, message: &str, since: Timestamp, field: &str, what: Membership<Uuid>) -> Value {
    let (from, to) = match what {
        Membership::Joining(id) => (None, Some(id)),
        Membership::Leaving(id) => (Some(id), None),
    };
    mutation(code, message, since, &json!({ field: from }), &json!({ field: to }))
}

fn person(person: &Person) -> Value {
    json!({ "full_name": person.full_name, "email_address": person.email, "phone_number": person.phone })
}

fn schedule(schedule: Option<Schedule>) -> Value {
    json!({
        "starts_at": stamp(schedule.map(|schedule| schedule.starts_at)),
        "ends_at": stamp(schedule.and_then(|schedule| schedule.ends_at)),
    })
}

#[derive(Serialize)]
pub struct GroupView<'w> {
    acs_access_group_id: Uuid,
    acs_system_id: Uuid,
    workspace_id: Uuid,
    connected_account_id: Uuid,
    created_at: Stamp,
    display_name: &'w str,
    name: &'w str,
    access_group_type: &'static str,
    access_group_type_display_name: &'static str,
    external_type: &'static str,
    external_type_display_name: &'static str,
    is_managed: bool,
    pending_mutations: Vec<Value>,
    errors: Vec<Value>,
    warnings: Vec<Value>,
}

pub fn group<'w>(world: &World, row: &'w Group) -> GroupView<'w> {
    let pending = |pending: &Mutation<Membership<Uuid>>| {
        let message = "The group's members are being updated on the access system.";
        membership("updating_user_membership", message, pending.created_at, "acs_user_id", pending.change)
    };
    GroupView {
        acs_access_group_id: row.id,
        acs_system_id: world.site.id,
        workspace_id: world.workspace,
        connected_account_id: world.account,
        created_at: Stamp(row.created_at),
        display_name: &row.name,
        name: &row.name,
        access_group_type: "salto_space_group",
        access_group_type_display_name: "Salto Space Group",
        external_type: "salto_space_group",
        external_type_display_name: "Salto Space Group",
        is_managed: true,
        pending_mutations: row.mutations.iter().map(pending).collect(),
        errors: Vec::new(),
        warnings: Vec::new(),
    }
}

// The flags are the contract's own.
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

pub fn credential<'w>(world: &World, row: &'w Credential) -> CredentialView<'w> {
    let (starts_at, ends_at) = world.validity(row);
    CredentialView {
        acs_credential_id: row.id,
        acs_system_id: world.site.id,
        workspace_id: world.workspace,
        connected_account_id: world.account,
        acs_user_id: row.user.and_then(|user| world.users.get(user)).map(|user| user.id),
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

fn credential_warnings(row: &Credential) -> Vec<Value> {
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

/// A credential as part of an attempt's result, which keeps what was true at that moment.
pub fn credential_value(world: &World, row: &Credential) -> Value {
    json!(credential(world, row))
}

/// What a scan found: the card, what Seam has, and where they differ.
pub fn scan_result(world: &World, number: &str, outdated: bool) -> Value {
    let content = world.cards.get(number).and_then(|card| card.content.as_ref());
    let on_encoder = json!({
        "card_number": number,
        "created_at": stamp(content.map(|content| content.written_at)),
        "starts_at": stamp(content.and_then(|content| content.starts_at)),
        "ends_at": stamp(content.and_then(|content| content.ends_at)),
        "is_issued": content.is_some(),
    });
    let known = content.and_then(|content| world.credentials.look_up(content.credential).ok()).map(|(_, row)| row);
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
        "acs_credential_on_seam": known.map(|row| credential(world, row)),
        "warnings": warnings,
    })
}

pub fn encoder(world: &World, row: &Encoder) -> Value {
    let removed = row.removed_at.map(|at| error("acs_encoder_removed", "The encoder was removed.", at));
    json!({
        "acs_encoder_id": row.id,
        "acs_system_id": world.site.id,
        "workspace_id": world.workspace,
        "connected_account_id": world.account,
        "created_at": Stamp(row.created_at),
        "display_name": row.name,
        "errors": removed.into_iter().collect::<Vec<_>>(),
    })
}

pub fn entrance(world: &World, row: &Entrance) -> Value {
    json!({
        "acs_entrance_id": row.id,
        "acs_system_id": world.site.id,
        "workspace_id": world.workspace,
        "connected_account_id": world.account,
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
            ("error", Value::Null, json!({ "type": failure.code(), "message": failure.message() }))
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

fn system_errors(world: &World) -> Vec<Value> {
    let message = "Seam Bridge is disconnected: the computer that it runs on must be on and connected.";
    let down = world.site.bridge_down_since.map(|since| error("seam_bridge_disconnected", message, since));
    down.into_iter().collect()
}

pub fn system(world: &World) -> Value {
    let site = &world.site;
    json!({
        "acs_system_id": site.id,
        "workspace_id": world.workspace,
        "connected_account_id": world.account,
        "connected_account_ids": [world.account],
        "created_at": Stamp(site.created_at),
        "name": site.name,
        "external_type": "salto_space_system",
        "external_type_display_name": "Salto Space system",
        "system_type": "salto_space_system",
        "system_type_display_name": "Salto Space system",
        "image_url": "data:,",
        "image_alt_text": "Salto Space",
        "is_credential_manager": false,
        "default_credential_manager_acs_system_id": null,
        "location": { "time_zone": site.time_zone },
        "acs_access_group_count": world.groups.len(),
        "acs_user_count": world.users.len(),
        "errors": system_errors(world),
        "warnings": [],
    })
}

pub fn workspace(world: &World) -> Value {
    json!({
        "workspace_id": world.workspace,
        "name": world.site.name,
        "company_name": world.site.name,
        "connect_partner_name": null,
        "connect_webview_customization": {},
        "is_publishable_key_auth_enabled": false,
        "is_sandbox": true,
        "is_suspended": false,
        "organization_id": null,
    })
}

pub fn event(world: &World, row: &Event) -> Value {
    let mut event = json!({
        "event_id": row.id,
        "event_type": row.kind,
        "workspace_id": world.workspace,
        "connected_account_id": world.account,
        "acs_system_id": world.site.id,
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
    }
    event
}
