//! A server that keeps what a Salto Space system keeps.

use keydesk::domain::job::event::{CallOutcome, Intent};
use keydesk::domain::job::look::{Card, Look, Namesake, Ready, Seen};
use keydesk::seam::types::{AttemptId, CredentialId, EventId, GroupId, UserId};

/// What the server does with a request, and what the desk learns of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// Done and answered.
    Done,
    /// Done, and the answer was lost.
    DoneSilently,
    /// Not done, and the answer was lost.
    Dropped,
    /// The answer was lost; it is done later, when so many more requests came.
    Late(u8),
    /// A definite no.
    Refused,
    /// Never sent.
    Unreachable,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meddling {
    None,
    CardDeleted,
    CardAppears,
    NamesakeAppears,
}

/// A server that keeps what a Salto Space system keeps.
#[derive(Default)]
pub struct World {
    pub users: Vec<(UserId, bool)>,
    pub cards: Vec<Card>,
    pub groups: Vec<GroupId>,
    pub is_updated: bool,
    pub is_suspended: bool,
    pub events: Vec<(CredentialId, EventId)>,
    pub late: Vec<(u8, Intent)>,
    pub made: u32,
    // What our requests did.
    pub users_by_us: u32,
    pub cards_by_us: Vec<CredentialId>,
}

impl World {
    pub fn id(&mut self) -> String {
        self.made += 1;
        format!("made-{}", self.made)
    }

    pub fn act(&mut self, intent: &Intent) -> Option<CallOutcome> {
        Some(match intent {
            Intent::CreateUser => {
                let id = UserId::from(self.id().as_str());
                self.users.push((id.clone(), true));
                self.users_by_us += 1;
                CallOutcome::User(id)
            }
            Intent::UpdateUser { .. } => {
                self.is_updated = true;
                CallOutcome::Done
            }
            Intent::AddToGroup { group, .. } => {
                self.groups.push(group.clone());
                CallOutcome::Done
            }
            Intent::RemoveFromGroup { group, .. } => {
                self.groups.retain(|one| one != group);
                CallOutcome::Done
            }
            Intent::DeleteCredential { credential } => {
                self.cards.retain(|card| card.id != *credential);
                CallOutcome::Done
            }
            Intent::CreateCredential { assign_new_key: true, .. } => {
                if !self.cards.is_empty() {
                    return None;
                }
                let id = CredentialId::from(self.id().as_str());
                self.cards.push(Card { id: id.clone(), is_issued: false, is_going: false });
                self.cards_by_us.push(id.clone());
                CallOutcome::Credential(id)
            }
            Intent::CreateCredential { assign_new_key: false, .. } => {
                CallOutcome::Credential(self.cards.first()?.id.clone())
            }
            Intent::Encode { credential, .. } => {
                if !self.cards.iter().any(|card| card.id == *credential) {
                    return None;
                }
                let event = EventId::from(self.id().as_str());
                self.events.push((credential.clone(), event));
                CallOutcome::Attempt(AttemptId::from(self.id().as_str()))
            }
            Intent::SetSuspension { is_suspended, .. } => {
                self.is_suspended = *is_suspended;
                CallOutcome::Done
            }
            Intent::DeleteUser { user } => {
                self.users.retain(|(id, _)| id != user);
                CallOutcome::Done
            }
        })
    }

    pub fn look(&self, look: &Look) -> Seen {
        match look {
            Look::Namesakes(_) => Seen::Namesakes(
                self.users
                    .iter()
                    .map(|(id, same_contact)| Namesake {
                        id: id.clone(),
                        name: "Jane Doe".into(),
                        contact: None,
                        same_name: true,
                        same_contact: *same_contact,
                    })
                    .collect(),
            ),
            Look::Groups(_) => Seen::Groups(self.groups.clone()),
            Look::Cards(_) => Seen::Cards(self.cards.clone()),
            Look::Credential(id) => Seen::Credential(self.cards.iter().find(|card| card.id == *id).cloned()),
            Look::User(id) => {
                if self.users.iter().any(|(user, _)| user == id) {
                    Seen::User
                } else {
                    Seen::UserGone
                }
            }
            Look::Suspension(_) => Seen::Suspension(self.is_suspended),
            Look::Details { .. } => Seen::Details { as_wanted: self.is_updated, starts_at: None },
            Look::Ready { credential, .. } => Seen::Ready(Ready {
                user_failed: None,
                cards: self.cards.clone(),
                written: self
                    .events
                    .iter()
                    .filter(|(id, _)| id == credential)
                    .map(|(_, event)| event.clone())
                    .collect(),
            }),
        }
    }

    pub fn meddle(&mut self, what: Meddling) {
        match what {
            Meddling::CardDeleted => self.cards.clear(),
            Meddling::CardAppears if self.cards.is_empty() => {
                let id = CredentialId::from(self.id().as_str());
                self.cards.push(Card { id, is_issued: true, is_going: false });
            }
            Meddling::None | Meddling::CardAppears => {}
            Meddling::NamesakeAppears => {
                let id = UserId::from(self.id().as_str());
                self.users.push((id, false));
            }
        }
    }

    pub fn tick(&mut self) {
        let (due, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.late).into_iter().partition(|(n, _)| *n == 0);
        self.late = rest.into_iter().map(|(n, intent)| (n - 1, intent)).collect();
        for (_, intent) in due {
            self.act(&intent);
        }
    }
}
