//! What the clerk asked for: fixed when the job starts, kept with it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::steps::Step;
use super::steps::add_to_group::AddToGroup;
use super::steps::create_credential::CreateCredential;
use super::steps::delete_credential::DeleteCredential;
use super::steps::delete_user::DeleteUser;
use super::steps::remove_from_group::RemoveFromGroup;
use super::steps::set_suspension::SetSuspension;
use super::steps::update_user::UpdateUser;
use crate::seam::lenient::clean;
use crate::seam::types::{CredentialId, EncoderId, EndsAt, GroupId, UserId};

/// An id with the name that it had when the order was given, so that a job reads well whatever happens to the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<Id> {
    /// The id at the server.
    pub id: Id,
    /// The name when the order was given; it may have changed since.
    pub name: String,
}

/// The whole order: one guest, and what is wished for that guest. What concerns several guests is one order for each,
/// with the same batch id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The one guest whom all of it is about.
    pub guest: Guest,
    /// What becomes of the name and the contact of a guest who is there; `None` leaves them. Those of a new guest stand
    /// in [`NewGuest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
    /// When access starts and ends; `None` leaves it, and is "from now on, no end date" for a new guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// What becomes of the access of a guest who is there as a whole; `None` leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessChange>,
    /// Groups that the guest shall be in. For a new guest: all of them.
    pub add: Vec<Named<GroupId>>,
    /// Groups that the guest shall no longer be in.
    pub remove: Vec<Named<GroupId>>,
    /// What is done about a card.
    pub card: CardWork,
    /// The encoder for the card; `None` when no card is written.
    pub encoder: Option<Named<EncoderId>>,
    /// The room as the plan showed it, for rows and blocks.
    pub room: Option<String>,
    /// The end of access as the plan showed it.
    #[serde(default)]
    pub until: EndsAt,
    /// What this order was given together with; `None` when it was given by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchId>,
}

/// Id of orders that were given together, handed out by the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BatchId(pub Uuid);

/// What becomes of a guest's access as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessChange {
    /// It is suspended: the user stays, with groups and cards.
    Suspend,
    /// The suspension of the user's access ends.
    Unsuspend,
    /// The user is deleted, after everything else.
    Delete,
}

/// For whom the order is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guest {
    /// A user who is there.
    Existing(Named<UserId>),
    /// Someone who is to be created.
    New(NewGuest),
}

impl Guest {
    /// The guest's full name when the order was given.
    pub fn name(&self) -> &str {
        match self {
            Self::Existing(user) => &user.name,
            Self::New(guest) => &guest.full_name,
        }
    }

    /// The user, for a guest who is there.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::Existing(user) => Some(&user.id),
            Self::New(_) => None,
        }
    }
}

/// A guest who is to be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewGuest {
    /// Full name; never empty.
    pub full_name: String,
    /// The phone number in E.164; `None` when none was typed.
    pub phone_number: Option<String>,
    /// The e-mail address; `None` when none was typed.
    pub email_address: Option<String>,
    /// Users who were there with the same name, phone or e-mail when the clerk said "create": known namesakes are
    /// no reason to ask again.
    pub known_namesakes: Vec<UserId>,
}

/// Name and contact that a user shall have from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Full name; `None` leaves it as it is.
    pub full_name: Option<String>,
    /// Phone number, E.164; `None` leaves it as it is.
    pub phone_number: Option<String>,
    /// E-mail address; `None` leaves it as it is.
    pub email_address: Option<String>,
}

/// When a user's access starts and ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Start of access. `None` keeps the start of an access that has begun; any other starts now. Of a guest who is
    /// there it counts only with an end: the API sets neither alone.
    pub starts_at: Option<Timestamp>,
    /// End of access; `None` is "no end date".
    pub ends_at: Option<Timestamp>,
}

/// What is done about a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardWork {
    /// Nothing: only the user or the groups.
    None,
    /// The first card: create a credential with `assign_new_key: true`, write a blank card.
    New,
    /// A credential is there and was never written: write that one to a blank card.
    EncodeAgain(CredentialId),
    /// The access changed: `assign_new_key: false`, write onto the guest's own card.
    Update(CredentialId),
    /// The card is lost or not usable: delete its credential, create a new one, write a blank card.
    Replace(CredentialId),
    /// The credential of the card is deleted, and no other is created.
    Cancel(CredentialId),
}

impl CardWork {
    /// Whether a card is written at the end.
    pub fn writes(&self) -> bool {
        !matches!(self, Self::None | Self::Cancel(_))
    }

    /// Whether the guest's own card belongs on the encoder; otherwise a blank one does.
    pub fn takes_own_card(&self) -> bool {
        matches!(self, Self::Update(_))
    }
}

impl Order {
    /// Stands for an order that a newer version wrote: it holds the guest's name, where that can be found, and wants
    /// nothing.
    pub fn unreadable(start: &Value) -> Self {
        let guest = &start["order"]["guest"];
        let name = guest["new"]["full_name"].as_str().or(guest["existing"]["name"].as_str()).unwrap_or("?");
        Self::of(Guest::Existing(Named { id: UserId::from(""), name: clean(name) }))
    }

    /// An order for this guest that wishes nothing; for a new guest nothing but the creation.
    pub fn of(guest: Guest) -> Self {
        Self {
            guest,
            details: None,
            schedule: None,
            access: None,
            add: Vec::new(),
            remove: Vec::new(),
            card: CardWork::None,
            encoder: None,
            room: None,
            until: EndsAt::Never,
            batch: None,
        }
    }

    /// The steps in which the order is carried out.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        match &self.guest {
            // The groups go along with the creation; whether the server took them is read back.
            Guest::New(_) => steps.push(Step::CreateUser),
            Guest::Existing(_) => {
                if let Some(access @ (AccessChange::Suspend | AccessChange::Unsuspend)) = self.access {
                    steps.push(Step::SetSuspension(SetSuspension { is_suspended: access == AccessChange::Suspend }));
                }
                if self.details.is_some() || self.schedule.is_some() {
                    let details = self.details.clone().unwrap_or_default();
                    steps.push(Step::UpdateUser(UpdateUser { details, schedule: self.schedule }));
                }
                let leave = self.remove.iter().cloned();
                steps.extend(leave.map(|group| Step::RemoveFromGroup(RemoveFromGroup { group })));
                let enter = self.add.iter().cloned();
                steps.extend(enter.map(|group| Step::AddToGroup(AddToGroup { group })));
            }
        }
        match &self.card {
            CardWork::None | CardWork::EncodeAgain(_) => {}
            CardWork::New => steps.push(Step::CreateCredential(CreateCredential { assign_new_key: true })),
            CardWork::Update(_) => steps.push(Step::CreateCredential(CreateCredential { assign_new_key: false })),
            CardWork::Cancel(old) => steps.push(Step::DeleteCredential(DeleteCredential { credential: old.clone() })),
            CardWork::Replace(old) => {
                steps.push(Step::DeleteCredential(DeleteCredential { credential: old.clone() }));
                steps.push(Step::CreateCredential(CreateCredential { assign_new_key: true }));
            }
        }
        if self.card.writes() {
            steps.push(Step::Encode);
        }
        if let (Guest::Existing(user), Some(AccessChange::Delete)) = (&self.guest, self.access) {
            steps.push(Step::DeleteUser(DeleteUser { user: user.clone(), is_twin: false }));
        }
        steps
    }
}
