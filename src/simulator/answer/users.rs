//! Users and access groups, with their pending mutations.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::hotel::{
    Hotel, HotelGroup, HotelPerson, HotelSchedule, HotelUser, MembershipChange, Mutation, UserChange,
};
use super::{BEING_DELETED, Stamp, coded_message, error, stamp, warning};

#[derive(Serialize)]
struct ScheduleView {
    starts_at: Stamp,
    ends_at: Option<Stamp>,
}

impl From<HotelSchedule> for ScheduleView {
    fn from(schedule: HotelSchedule) -> Self {
        Self { starts_at: Stamp(schedule.starts_at), ends_at: stamp(schedule.ends_at) }
    }
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
    salto_space_metadata: Value,
    pending_mutations: Vec<Value>,
    errors: Vec<Value>,
    warnings: Vec<Value>,
}

pub fn user<'w>(hotel: &Hotel, row: &'w HotelUser) -> UserView<'w> {
    let mut errors = Vec::new();
    if let Some(at) = row.creation_failed_at {
        let message = "The user could not be created on the access system.";
        errors.push(error("failed_to_create_on_acs_system", message, at));
    }
    let mut warnings = Vec::new();
    if let Some(since) = row.deleting_since {
        warnings.push(warning("being_deleted", BEING_DELETED, since));
    }
    if let Some(since) = row.schedule.and_then(|schedule| schedule.ends_at).filter(|ends_at| *ends_at <= hotel.now) {
        warnings.push(warning("acs_user_inactive", "The user's access schedule has ended.", since));
    }
    UserView {
        acs_user_id: row.id,
        acs_system_id: hotel.system.id,
        workspace_id: hotel.workspace,
        connected_account_id: hotel.account,
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
        salto_space_metadata: json!({ "user_id": row.id.simple().to_string(), "audit_openings": false }),
        pending_mutations: row.mutations.iter().map(user_mutation).collect(),
        errors,
        warnings,
    }
}

fn mutation(code: &str, message: &str, since: Timestamp, from: &Value, to: &Value) -> Value {
    json!({ "mutation_code": code, "message": message, "created_at": Stamp(since), "from": from, "to": to })
}

/// A pending mutation of a user, in the shape that the contract gives it.
fn user_mutation(pending: &Mutation<UserChange>) -> Value {
    let since = pending.created_at;
    let plain = |code, message| coded_message("mutation_code", code, message, since);
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

fn membership(code: &str, message: &str, since: Timestamp, field: &str, what: MembershipChange<Uuid>) -> Value {
    let (from, to) = match what {
        MembershipChange::Joining(id) => (None, Some(id)),
        MembershipChange::Leaving(id) => (Some(id), None),
    };
    mutation(code, message, since, &json!({ field: from }), &json!({ field: to }))
}

fn person(person: &HotelPerson) -> Value {
    json!({ "full_name": person.full_name, "email_address": person.email, "phone_number": person.phone })
}

fn schedule(schedule: Option<HotelSchedule>) -> Value {
    json!({
        "starts_at": stamp(schedule.map(|schedule| schedule.starts_at)),
        "ends_at": stamp(schedule.and_then(|schedule| schedule.ends_at)),
    })
}

pub fn group(hotel: &Hotel, row: &HotelGroup) -> Value {
    let pending = |pending: &Mutation<MembershipChange<Uuid>>| {
        let message = "The group's members are being updated on the access system.";
        membership("updating_user_membership", message, pending.created_at, "acs_user_id", pending.change)
    };
    json!({
        "acs_access_group_id": row.id,
        "acs_system_id": hotel.system.id,
        "workspace_id": hotel.workspace,
        "connected_account_id": hotel.account,
        "created_at": Stamp(row.created_at),
        "display_name": row.name,
        "name": row.name,
        "access_group_type": "salto_space_group",
        "access_group_type_display_name": "Salto Space Group",
        "external_type": "salto_space_group",
        "external_type_display_name": "Salto Space Group",
        "is_managed": true,
        "pending_mutations": row.mutations.iter().map(pending).collect::<Vec<_>>(),
        "errors": [],
        "warnings": [],
    })
}
