//! What the larger calls ask for, as values: an intent can be kept in a journal before it is sent.

#![allow(missing_docs, reason = "the fields are called as in the API's reference; a doc says what that does not")]

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::types::{AccessSchedule, CredentialId, EncoderId, GroupId, SystemId, UserId};

/// A user to be created (`/acs/users/create`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUser {
    /// The access system that the user is created in.
    pub system: SystemId,
    /// The full name; required by the contract.
    pub full_name: String,
    /// E.164, for example `+34600000000`; `None` when there is none.
    pub phone_number: Option<String>,
    pub email_address: Option<String>,
    /// The groups that the user is in from the start; servers may ignore them, so they are read back.
    pub group_ids: Vec<GroupId>,
    /// When access starts and ends; without a start it is now, without an end it does not end by itself.
    pub access_schedule: Option<AccessSchedule>,
}

/// A change to a user (`/acs/users/update`). What is `None` stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserUpdate {
    pub user: UserId,
    /// The new full name.
    pub full_name: Option<String>,
    /// The new phone number, E.164.
    pub phone_number: Option<String>,
    /// The new e-mail address.
    pub email_address: Option<String>,
    /// What becomes of the schedule.
    pub access_schedule: ScheduleUpdate,
}

impl UserUpdate {
    /// An update that changes nothing yet.
    pub fn of(user: UserId) -> Self {
        Self {
            user,
            full_name: None,
            phone_number: None,
            email_address: None,
            access_schedule: ScheduleUpdate::default(),
        }
    }
}

/// What an update does to a user's access schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleUpdate {
    /// It stays as it is.
    #[default]
    Keep,
    /// Both dates are set: the contract takes neither alone.
    Set {
        starts_at: Timestamp,
        /// End of access; in the future and after the start.
        ends_at: Timestamp,
    },
    /// It is taken away (`null`, which the contract allows without saying what a server makes of it).
    Clear,
}

/// Which events to list (`/events/list`). What is `None` or empty does not narrow the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsQuery {
    /// The span of time; required by the contract.
    pub window: EventsWindow,
    /// Only these types, for example `acs_credential.issued`.
    pub event_types: Vec<String>,
    /// Only events of this credential.
    pub credential: Option<CredentialId>,
    /// Only events of this user.
    pub user: Option<UserId>,
    /// Only events of this encoder.
    pub encoder: Option<EncoderId>,
    /// Only events of this access system.
    pub system: Option<SystemId>,
    /// At most so many; the server's own bound is 500.
    pub limit: Option<u32>,
}

impl EventsQuery {
    /// All events since a moment.
    pub fn since(at: Timestamp) -> Self {
        Self::within(EventsWindow::Since(at))
    }

    /// All events between two moments, both exclusive.
    pub fn between(from: Timestamp, until: Timestamp) -> Self {
        Self::within(EventsWindow::Between(from, until))
    }

    fn within(window: EventsWindow) -> Self {
        Self { window, event_types: Vec::new(), credential: None, user: None, encoder: None, system: None, limit: None }
    }
}

/// The span of time that events are listed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventsWindow {
    /// From a moment on (`since`).
    Since(Timestamp),
    /// Between two moments, both exclusive (`between`).
    Between(Timestamp, Timestamp),
}
