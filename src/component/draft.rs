//! A half-typed form as it is kept, so that it survives a lost session.

use serde::{Deserialize, Serialize};

use crate::domain::job::order::Named;
use crate::seam::types::GroupId;

/// What was typed into the form for a new guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Full name.
    pub name: String,
    /// Room.
    pub room: String,
    /// Departure, as it was typed.
    pub departure: String,
    /// Phone, as it was typed.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Other groups that were chosen.
    pub groups: Vec<Named<GroupId>>,
    /// Whether a card was wanted.
    pub card: bool,
}
