//! A half-typed form as it is kept, so that it survives a lost session.

use serde::{Deserialize, Serialize};

use crate::domain::job::JobId;
use crate::domain::job::order::Named;
use crate::seam::types::{EncoderId, GroupId, UserId};

/// What was typed into the form for a new guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Full name, as it was typed.
    pub name: String,
    /// Number or name of the room, as it was typed.
    pub room: String,
    /// Departure, as it was typed: nights, a day, or empty for no end.
    pub departure: String,
    /// Phone, as it was typed.
    pub phone: String,
    /// E-mail address, as it was typed.
    pub email: String,
    /// Groups that were chosen beside the room's.
    pub groups: Vec<Named<GroupId>>,
    /// Name of one more group, as far as it was typed.
    pub also: String,
    /// Whether a card is to be made as soon as the guest is created.
    pub card: bool,
    /// The job that is given up when the form is saved; `None` for a form that replaces none.
    pub replaces: Option<JobId>,
    /// The guest whom the form is about; `None` for a new one.
    pub guest: Option<UserId>,
    /// Groups that the guest is to leave.
    pub remove: Vec<Named<GroupId>>,
    /// The groups that the guest was in when the form was opened: of these, what the form does not name is left.
    pub was: Vec<Named<GroupId>>,
    /// The encoder of the job that is replaced; `None` is the desk's.
    pub encoder: Option<EncoderId>,
}
