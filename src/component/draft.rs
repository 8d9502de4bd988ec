//! A half-typed form as it is kept, so that it survives a lost session.

use serde::{Deserialize, Serialize};

use crate::domain::job::order::Named;
use crate::seam::types::GroupId;

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
    /// Whether a card is to be made as soon as the guest is created.
    pub card: bool,
}
