//! What Seam's API speaks of, as the desk needs it. Field names and meanings are those of the API's contract
//! (OpenAPI document, types 1.977.0). Only ids are certain; everything else decodes leniently.

#![allow(missing_docs, reason = "the fields are called as in the API's reference; a doc says what that does not")]

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use super::ids::{AttemptId, CredentialId, EncoderId, EntranceId, EventId, GroupId, SystemId, UserId};
use super::lenient::{code, list, or_default, text};

/// An error or a warning that Seam keeps on an object (`errors[]`, `warnings[]`), or a change that is on its way
/// (`pending_mutations[]`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "NoticeFields")]
pub struct Notice {
    /// `error_code`, `warning_code` or `mutation_code`; see the codes that `words` has sentences for.
    pub code: String,
    /// The server's own words (`message`, in scan results `warning_message`).
    pub message: Option<String>,
    /// What a pending change leads to (`to`), in the contract's shape for its code; null otherwise.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub to: Value,
}

/// The names under which code and message travel; the plain ones are our own, for what was kept.
#[derive(Deserialize)]
struct NoticeFields {
    #[serde(default, deserialize_with = "code")]
    code: String,
    #[serde(default, deserialize_with = "code")]
    error_code: String,
    #[serde(default, deserialize_with = "code")]
    warning_code: String,
    #[serde(default, deserialize_with = "code")]
    mutation_code: String,
    #[serde(default, deserialize_with = "text")]
    message: Option<String>,
    #[serde(default, deserialize_with = "text")]
    warning_message: Option<String>,
    #[serde(default)]
    to: Value,
}

impl From<NoticeFields> for Notice {
    fn from(fields: NoticeFields) -> Self {
        let codes = [fields.error_code, fields.warning_code, fields.mutation_code, fields.code];
        Self {
            code: codes.into_iter().find(|code| !code.is_empty()).unwrap_or_default(),
            message: fields.message.or(fields.warning_message),
            to: fields.to,
        }
    }
}

/// When something ends (`ends_at`). A date that can't be read is not known: it must never pass for no end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Value", into = "Value")]
pub enum EndsAt {
    /// It does not end by itself.
    #[default]
    Never,
    /// It ends then.
    At(Timestamp),
    /// There is a date that can't be read, for example one without a zone, or a number.
    NotKnown,
}

impl EndsAt {
    /// The time of the end; `None` when there is none, or it is not known.
    pub fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Never | Self::NotKnown => None,
        }
    }

    /// Whether the end is past.
    pub fn is_over(self, now: Timestamp) -> bool {
        self.at().is_some_and(|at| at <= now)
    }
}

impl From<Option<Timestamp>> for EndsAt {
    fn from(end: Option<Timestamp>) -> Self {
        end.map_or(Self::Never, Self::At)
    }
}

impl From<Value> for EndsAt {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Never,
            Value::String(text) => text.parse().map_or(Self::NotKnown, Self::At),
            _ => Self::NotKnown,
        }
    }
}

impl From<EndsAt> for Value {
    fn from(end: EndsAt) -> Self {
        match end {
            EndsAt::Never => Self::Null,
            EndsAt::At(at) => Self::String(at.to_string()),
            EndsAt::NotKnown => Self::String("not known".to_owned()),
        }
    }
}

/// When a user's access starts and ends (`access_schedule`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Value")]
pub struct AccessSchedule {
    /// Start of access; the time of creation when it was left out, `None` too when it can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// End of access.
    #[serde(skip_serializing_if = "is_never")]
    pub ends_at: EndsAt,
}

fn is_never(end: &EndsAt) -> bool {
    *end == EndsAt::Never
}

impl From<Value> for AccessSchedule {
    fn from(mut value: Value) -> Self {
        match &mut value {
            Value::Null => Self::default(),
            Value::Object(fields) => Self {
                starts_at: EndsAt::from(fields.remove("starts_at").unwrap_or_default()).at(),
                ends_at: fields.remove("ends_at").unwrap_or_default().into(),
            },
            _ => Self { starts_at: None, ends_at: EndsAt::NotKnown },
        }
    }
}

/// A Seam workspace (`/workspaces/get`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Workspace {
    /// Id of the workspace.
    pub workspace_id: String,
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// Whether it is a sandbox: only there the simulate calls of encoders work.
    #[serde(default, deserialize_with = "or_default")]
    pub is_sandbox: bool,
}

/// An access control system (`acs_system`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct System {
    pub acs_system_id: SystemId,
    /// Its name, usually the name of the hotel.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// The make, for example `salto_space_system`.
    #[serde(default, deserialize_with = "text")]
    pub external_type: Option<String>,
    /// The make as people write it, for example "Salto Space".
    #[serde(default, deserialize_with = "text")]
    pub external_type_display_name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub location: Location,
    /// What is wrong with it, for example `seam_bridge_disconnected`.
    #[serde(default, deserialize_with = "list")]
    pub errors: Vec<Notice>,
    /// What Seam warns of: it works all the same.
    #[serde(default, deserialize_with = "list")]
    pub warnings: Vec<Notice>,
}

/// Where an access system stands (`acs_system.location`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Location {
    /// Its IANA time zone, for example `Europe/Berlin`.
    #[serde(default, deserialize_with = "text")]
    pub time_zone: Option<String>,
}

/// An access system user (`acs_user`): for a hotel, a guest or a member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    pub acs_user_id: UserId,
    /// The full name as the hotel gave it.
    #[serde(default, deserialize_with = "text")]
    pub full_name: Option<String>,
    /// The name that Seam shows; always there by the contract.
    #[serde(default, deserialize_with = "text")]
    pub display_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub email_address: Option<String>,
    /// E.164, for example `+34600000000`; `None` when there is none.
    #[serde(default, deserialize_with = "text")]
    pub phone_number: Option<String>,
    /// Whether access is suspended: the user's cards open nothing.
    #[serde(default, deserialize_with = "or_default")]
    pub is_suspended: bool,
    /// When access starts and ends; `None` when the user has no schedule.
    #[serde(default, deserialize_with = "or_default")]
    pub access_schedule: Option<AccessSchedule>,
    /// What is wrong with the user in the key system, for example `failed_to_create_on_acs_system`.
    #[serde(default, deserialize_with = "list")]
    pub errors: Vec<Notice>,
    /// What is odd about the user, for example `being_deleted`.
    #[serde(default, deserialize_with = "list")]
    pub warnings: Vec<Notice>,
    /// Changes that Seam has not brought to the key system yet.
    #[serde(default, deserialize_with = "list")]
    pub pending_mutations: Vec<Notice>,
}

impl User {
    /// The name to show: the full name, else what Seam shows, else nothing.
    pub fn name(&self) -> &str {
        self.full_name.as_deref().or(self.display_name.as_deref()).unwrap_or_default()
    }

    /// When access starts, if that is set.
    pub fn starts_at(&self) -> Option<Timestamp> {
        self.access_schedule.as_ref().and_then(|schedule| schedule.starts_at)
    }

    /// When access ends.
    pub fn ends_at(&self) -> EndsAt {
        self.access_schedule.as_ref().map_or(EndsAt::Never, |schedule| schedule.ends_at)
    }

    /// When access starts once all that is on its way has arrived (`updating_access_schedule`).
    pub fn will_start_at(&self) -> Option<Timestamp> {
        self.pending_schedule().map_or_else(|| self.starts_at(), |schedule| schedule.starts_at)
    }

    /// When access ends once all that is on its way has arrived (`updating_access_schedule`).
    pub fn will_end_at(&self) -> EndsAt {
        self.pending_schedule().map_or_else(|| self.ends_at(), |schedule| schedule.ends_at)
    }

    fn pending_schedule(&self) -> Option<AccessSchedule> {
        self.pending("updating_access_schedule").map(|to| AccessSchedule::from(to.clone()))
    }

    /// Whether access is suspended once all that is on its way has arrived (`updating_suspension_state`).
    pub fn will_be_suspended(&self) -> bool {
        let pending = self.pending("updating_suspension_state").and_then(|to| to.get("is_suspended")?.as_bool());
        pending.unwrap_or(self.is_suspended)
    }

    /// The full name once all that is on its way has arrived (`updating_user_information`).
    pub fn will_have_full_name(&self) -> Option<&str> {
        self.pending_text("full_name").or(self.full_name.as_deref())
    }

    /// The phone number once all that is on its way has arrived (`updating_user_information`).
    pub fn will_have_phone_number(&self) -> Option<&str> {
        self.pending_text("phone_number").or(self.phone_number.as_deref())
    }

    /// The e-mail address once all that is on its way has arrived (`updating_user_information`).
    pub fn will_have_email_address(&self) -> Option<&str> {
        self.pending_text("email_address").or(self.email_address.as_deref())
    }

    fn pending_text(&self, field: &str) -> Option<&str> {
        self.pending("updating_user_information")?.get(field)?.as_str()
    }

    /// What the newest pending change of this kind leads to.
    fn pending(&self, code: &str) -> Option<&Value> {
        self.pending_mutations.iter().rev().find(|mutation| mutation.code == code).map(|mutation| &mutation.to)
    }

    /// Whether the user counts as gone (`being_deleted`, `deleting`).
    pub fn is_going(&self) -> bool {
        is_going(&self.warnings, &self.pending_mutations)
    }
}

/// An access group (`acs_access_group`): the entrances that its users may open are set in the key system.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Group {
    pub acs_access_group_id: GroupId,
    /// Its name, for example "Room 204".
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// The name that Seam shows.
    #[serde(default, deserialize_with = "text")]
    pub display_name: Option<String>,
    /// What is wrong with it in the key system.
    #[serde(default, deserialize_with = "list")]
    pub errors: Vec<Notice>,
    /// What is odd about it, for example `being_deleted`.
    #[serde(default, deserialize_with = "list")]
    pub warnings: Vec<Notice>,
    /// Changes that Seam has not brought to the key system yet.
    #[serde(default, deserialize_with = "list")]
    pub pending_mutations: Vec<Notice>,
}

impl Group {
    /// The name to show, empty when the server gave none.
    pub fn name(&self) -> &str {
        self.name.as_deref().or(self.display_name.as_deref()).unwrap_or_default()
    }

    /// Whether the group counts as gone.
    pub fn is_going(&self) -> bool {
        is_going(&self.warnings, &self.pending_mutations)
    }
}

/// How a credential opens doors (`access_method`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessMethod {
    /// A plastic key card.
    Card,
    /// A key in a phone.
    MobileKey,
    /// A code for a keypad.
    Code,
    /// Anything that this version doesn't know.
    #[default]
    #[serde(other)]
    Other,
}

/// A credential (`acs_credential`): what a user opens doors with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Credential {
    pub acs_credential_id: CredentialId,
    /// Whose it is; `None` when it is assigned to nobody.
    #[serde(default, deserialize_with = "or_default")]
    pub acs_user_id: Option<UserId>,
    /// How it opens doors.
    #[serde(default, deserialize_with = "or_default")]
    pub access_method: AccessMethod,
    /// Whether it was written to a card (or sent to a phone).
    #[serde(default, deserialize_with = "or_default")]
    pub is_issued: bool,
    /// When it was written for the first time.
    #[serde(default, deserialize_with = "or_default")]
    pub issued_at: Option<Timestamp>,
    /// The number of the card that it was written to.
    #[serde(default, deserialize_with = "text")]
    pub card_number: Option<String>,
    /// When it stops opening doors.
    #[serde(default)]
    pub ends_at: EndsAt,
    /// Set on a mobile key that was copied for one phone: such a row is not counted.
    #[serde(default, deserialize_with = "or_default")]
    pub parent_acs_credential_id: Option<CredentialId>,
    /// Whether the key system has what Seam wants; `None` when the server doesn't say.
    #[serde(default, deserialize_with = "or_default")]
    pub is_latest_desired_state_synced_with_provider: Option<bool>,
    /// What Seam reports as broken; empty when all is well.
    #[serde(default, deserialize_with = "list")]
    pub errors: Vec<Notice>,
    /// What is odd about it, for example `needs_to_be_reissued`, `waiting_to_be_issued`.
    #[serde(default, deserialize_with = "list")]
    pub warnings: Vec<Notice>,
}

impl Credential {
    /// Whether it is a card that counts: not a copy for a phone, not being deleted.
    pub fn is_live_card(&self) -> bool {
        self.access_method == AccessMethod::Card && self.parent_acs_credential_id.is_none() && !self.is_going()
    }

    /// Whether it is a mobile key that counts: not its copy for a phone, not being deleted.
    pub fn is_live_mobile_key(&self) -> bool {
        self.access_method == AccessMethod::MobileKey && self.parent_acs_credential_id.is_none() && !self.is_going()
    }

    /// Whether the credential counts as gone.
    pub fn is_going(&self) -> bool {
        is_going(&self.warnings, &[])
    }

    /// Whether it carries a warning with this code.
    pub fn warns(&self, code: &str) -> bool {
        self.warnings.iter().any(|warning| warning.code == code)
    }
}

/// A card encoder (`acs_encoder`). The API has no field for idle, busy or offline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Encoder {
    pub acs_encoder_id: EncoderId,
    /// Its name, for example "Front Desk".
    #[serde(default, deserialize_with = "text")]
    pub display_name: Option<String>,
    /// What is wrong with it, for example `acs_encoder_removed`.
    #[serde(default, deserialize_with = "list")]
    pub errors: Vec<Notice>,
}

impl Encoder {
    /// The name to show: its own, else its id made fit for a screen.
    pub fn name(&self) -> String {
        self.display_name.clone().unwrap_or_else(|| self.acs_encoder_id.to_string())
    }
}

/// An entrance (`acs_entrance`): a door that groups and credentials open.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Entrance {
    pub acs_entrance_id: EntranceId,
    #[serde(default, deserialize_with = "text")]
    pub display_name: Option<String>,
    /// What Salto Space says of it; empty for other makes.
    #[serde(default, deserialize_with = "or_default")]
    pub salto_space_metadata: SaltoSpaceEntrance,
}

/// What Salto Space says of an entrance (`salto_space_metadata`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SaltoSpaceEntrance {
    /// The name of the room that it is the door of; `None` or empty where it is the door of none.
    #[serde(default, deserialize_with = "text")]
    pub room_name: Option<String>,
}

impl Entrance {
    /// The name of the guest room that it is the door of; `None` for any other door.
    pub fn room_name(&self) -> Option<&str> {
        self.salto_space_metadata.room_name.as_deref().map(str::trim).filter(|name| !name.is_empty())
    }
}

/// A long-running action at an encoder (`action_attempt`), as far as the server knows it now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ActionAttempt {
    pub action_attempt_id: AttemptId,
    #[serde(default, deserialize_with = "or_default")]
    pub status: AttemptStatus,
    /// What came of it when `status` is `success`; its shape depends on the action.
    #[serde(default)]
    pub result: Value,
    /// Why it failed when `status` is `error`.
    #[serde(default, deserialize_with = "or_default")]
    pub error: Option<AttemptError>,
}

/// Where an action attempt stands (`status`). Pending is all that is known while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptStatus {
    Success,
    /// Ended badly; see the attempt's error.
    Error,
    /// Not ended: whether a card lies there or is being written can't be known.
    #[default]
    #[serde(other)]
    Pending,
}

/// Why an action attempt failed (`action_attempt.error`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptError {
    /// The code, for example `no_credential_on_encoder`.
    #[serde(default, rename = "type", deserialize_with = "code")]
    pub code: String,
    /// The server's own words.
    #[serde(default, deserialize_with = "text")]
    pub message: Option<String>,
}

/// Something that happened (`event`), as far as the desk reads it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SeamEvent {
    pub event_id: EventId,
    /// What happened, for example `acs_credential.issued`.
    #[serde(default, deserialize_with = "code")]
    pub event_type: String,
    #[serde(default, deserialize_with = "or_default")]
    pub occurred_at: Option<Timestamp>,
    /// When the server noted it: what `since` is compared with.
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<Timestamp>,
    /// The access system that it happened in.
    #[serde(default, deserialize_with = "or_default")]
    pub acs_system_id: Option<SystemId>,
    /// The credential that it is about.
    #[serde(default, deserialize_with = "or_default")]
    pub acs_credential_id: Option<CredentialId>,
    /// The user that it is about.
    #[serde(default, deserialize_with = "or_default")]
    pub acs_user_id: Option<UserId>,
    /// The encoder that it is about.
    #[serde(default, deserialize_with = "or_default")]
    pub acs_encoder_id: Option<EncoderId>,
    /// The group that it is about.
    #[serde(default, deserialize_with = "or_default")]
    pub acs_access_group_id: Option<GroupId>,
    /// The entrance that it is about.
    #[serde(default, deserialize_with = "or_default")]
    pub acs_entrance_id: Option<EntranceId>,
}

fn is_going(warnings: &[Notice], pending: &[Notice]) -> bool {
    warnings.iter().any(|warning| warning.code == "being_deleted")
        || pending.iter().any(|mutation| mutation.code == "deleting")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_an_id_and_nothing_else_decodes() {
        let user: User = serde_json::from_str(r#"{"acs_user_id":"not-a-uuid","extra":{"a":1}}"#).unwrap();
        assert_eq!(user.name(), "");
        assert!(user.warnings.is_empty());
        let attempt: ActionAttempt = serde_json::from_str(r#"{"action_attempt_id":"1","status":"a_new_one"}"#).unwrap();
        assert_eq!(attempt.status, AttemptStatus::Pending);
    }

    #[test]
    fn an_end_that_can_not_be_read_is_not_known_and_never_no_end() {
        let at = EndsAt::At("2026-11-28T10:00:00Z".parse().unwrap());
        for (json, end) in [
            (r#"{"ends_at":"2026-11-28T10:00:00Z"}"#, at),
            (r#"{"ends_at":"2026-11-28T11:00:00.000+01:00"}"#, at),
            (r#"{"ends_at":"2026-11-28T10:00:00"}"#, EndsAt::NotKnown),
            (r#"{"ends_at":"2026-11-28"}"#, EndsAt::NotKnown),
            (r#"{"ends_at":"28 Nov"}"#, EndsAt::NotKnown),
            (r#"{"ends_at":""}"#, EndsAt::NotKnown),
            (r#"{"ends_at":1795860000}"#, EndsAt::NotKnown),
            (r#"{"ends_at":1.5}"#, EndsAt::NotKnown),
            (r#"{"ends_at":true}"#, EndsAt::NotKnown),
            (r#"{"ends_at":{"date":"2026-11-28"}}"#, EndsAt::NotKnown),
            (r#"{"ends_at":[]}"#, EndsAt::NotKnown),
            (r#"{"ends_at":null}"#, EndsAt::Never),
            ("{}", EndsAt::Never),
            ("null", EndsAt::Never),
            (r#""until friday""#, EndsAt::NotKnown),
            ("7", EndsAt::NotKnown),
        ] {
            let user: User =
                serde_json::from_str(&format!(r#"{{"acs_user_id":"u","access_schedule":{json}}}"#)).unwrap();
            assert_eq!((user.ends_at(), user.will_end_at()), (end, end), "{json}");
            let pending = format!(
                r#"{{"acs_user_id":"u","pending_mutations":[{{"mutation_code":"updating_access_schedule","to":{json}}}]}}"#
            );
            let user: User = serde_json::from_str(&pending).unwrap();
            assert_eq!(user.will_end_at(), end, "{json} on its way");
            let Some(date) = json.strip_prefix(r#"{"ends_at":"#).and_then(|json| json.strip_suffix('}')) else {
                continue;
            };
            let card = format!(r#"{{"acs_credential_id":"c","ends_at":{date}}}"#);
            assert_eq!(serde_json::from_str::<Credential>(&card).unwrap().ends_at, end, "{date}");
            let kept: EndsAt = serde_json::from_value(serde_json::to_value(end).unwrap()).unwrap();
            assert_eq!(kept, end);
        }
    }

    #[test]
    fn a_warning_of_a_scan_result_has_its_own_name_for_the_message() {
        let notice: Notice =
            serde_json::from_str(r#"{"warning_code":"x","warning_message":"on \u001b[2Jthe card"}"#).unwrap();
        assert_eq!(notice, Notice { code: "x".into(), message: Some("on [2Jthe card".into()), to: Value::Null });
        let both: Notice =
            serde_json::from_str(r#"{"error_code":"x","code":"y","message":"a","warning_message":"b"}"#).unwrap();
        assert_eq!(both, Notice { code: "x".into(), message: Some("a".into()), to: Value::Null });
        let kept: Notice = serde_json::from_str(&serde_json::to_string(&both).unwrap()).unwrap();
        assert_eq!(kept, both);
    }

    #[test]
    fn what_is_being_deleted_is_no_live_card() {
        let card: Credential = serde_json::from_str(
            r#"{"acs_credential_id":"c","access_method":"card","warnings":[{"warning_code":"being_deleted"}]}"#,
        )
        .unwrap();
        assert!(!card.is_live_card());
    }
}
