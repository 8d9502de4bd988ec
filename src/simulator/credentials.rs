//! Rules for credentials: what Salto Space allows a user to hold, and what makes a card outdated.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::events::Subject;
use super::hotel::{AgendaEntry, Hotel, HotelCredential, HotelUser, MembershipChange, Method, UserChange};
use super::refusal::Refusal;
use super::table::RowKey;

/// The parameters of a credential that is to be created.
pub struct NewCredential {
    pub user: RowKey<HotelUser>,
    pub method: Method,
    /// `assign_new_key`: a first card, or an update of the one that the user holds.
    pub assign_new_key: Option<bool>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
}

impl HotelCredential {
    pub fn new(id: Uuid, user: Option<RowKey<HotelUser>>, method: Method, created_at: Timestamp) -> Self {
        Self {
            id,
            user,
            method,
            created_at,
            starts_at: None,
            ends_at: None,
            card_number: None,
            issued_at: None,
            outdated_since: None,
            overwritten_at: None,
            syncing_until: None,
            synced_at: None,
            deleting_since: None,
        }
    }
}

impl Hotel {
    /// The credential of a kind that a user holds; one that is being deleted doesn't count.
    pub fn held_by(&self, user: RowKey<HotelUser>, method: Method) -> Option<RowKey<HotelCredential>> {
        let user = self.users.get(user)?;
        user.credentials.iter().copied().find(|key| {
            self.credentials.get(*key).is_some_and(|held| held.method == method && held.deleting_since.is_none())
        })
    }

    pub fn create_credential(&mut self, request: &NewCredential) -> Result<RowKey<HotelCredential>, Refusal> {
        let held = self.held_by(request.user, request.method);
        match (request.method, request.assign_new_key, held) {
            (Method::Card, Some(false), Some(held)) => {
                self.mark_syncing(held);
                return Ok(held);
            }
            (Method::Card, Some(false), None) => {
                return Err(Refusal::new(
                    400,
                    "card_credential_not_found",
                    "This user has no card credential to update. To assign a first card, set assign_new_key to true.",
                ));
            }
            (_, _, Some(held)) => return Err(self.already_held(request.method, held)),
            (_, _, None) => {}
        }
        let id = self.rng.uuid();
        let mut credential = HotelCredential::new(id, Some(request.user), request.method, self.now);
        credential.starts_at = request.starts_at;
        credential.ends_at = request.ends_at;
        let key = self.credentials.insert(credential);
        if let Some(user) = self.users.get_mut(request.user) {
            user.credentials.insert(key);
        }
        self.mark_syncing(key);
        Ok(key)
    }

    fn already_held(&self, method: Method, held: RowKey<HotelCredential>) -> Refusal {
        let (kind, message) = match method {
            Method::Card => (
                "card_credential_already_exists",
                "This user already has a card credential. A Salto Space user can have only one: to update the card, \
                 set assign_new_key to false; to replace it, delete the credential first.",
            ),
            Method::MobileKey => (
                "mobile_key_already_exists",
                "This user already has a mobile key. A Salto Space user can have only one.",
            ),
        };
        let id = self.credentials.get(held).map(|held| held.id);
        Refusal::new(400, kind, message).with_data(json!({ "acs_credential_id": id }))
    }

    /// Gives a credential to a user who holds none of its kind.
    pub fn assign_credential(&mut self, key: RowKey<HotelCredential>, to: RowKey<HotelUser>) -> Result<(), Refusal> {
        let Some((id, from, method)) = self.credentials.get(key).map(|row| (row.id, row.user, row.method)) else {
            return Ok(());
        };
        if from == Some(to) {
            return Ok(());
        }
        if let Some(held) = self.held_by(to, method) {
            return Err(self.already_held(method, held));
        }
        self.unassign_credential(key);
        if let Some(row) = self.credentials.get_mut(key) {
            row.user = Some(to);
        }
        if let Some(user) = self.users.get_mut(to) {
            user.credentials.insert(key);
        }
        self.add_user_mutation(to, UserChange::Credential(MembershipChange::Joining(id)));
        self.mark_syncing(key);
        self.outdate_card(to);
        Ok(())
    }

    pub fn unassign_credential(&mut self, key: RowKey<HotelCredential>) {
        let Some(row) = self.credentials.get_mut(key) else { return };
        let id = row.id;
        let Some(from) = row.user.take() else { return };
        if let Some(user) = self.users.get_mut(from) {
            user.credentials.remove(&key);
        }
        self.add_user_mutation(from, UserChange::Credential(MembershipChange::Leaving(id)));
        self.mark_syncing(key);
    }

    /// Deletes a credential, after the time that the key system takes.
    pub fn delete_credential(&mut self, key: RowKey<HotelCredential>) {
        let now = self.now;
        if let Some(row) = self.credentials.get_mut(key).filter(|row| row.deleting_since.is_none()) {
            row.deleting_since = Some(now);
            self.schedule(self.sync_time(), AgendaEntry::CredentialDeletion(key));
        }
    }

    pub fn remove_credential(&mut self, key: RowKey<HotelCredential>) {
        let Some(row) = self.credentials.remove(key) else { return };
        if let Some(user) = row.user.and_then(|user| self.users.get_mut(user)) {
            user.credentials.remove(&key);
        }
        self.record_event("acs_credential.deleted", Subject::Credential(row.id));
    }

    /// Marks a credential as not yet synced with the key system.
    pub fn mark_syncing(&mut self, key: RowKey<HotelCredential>) {
        let until = self.sync_time();
        if let Some(row) = self.credentials.get_mut(key) {
            row.syncing_until = Some(until);
            self.schedule(until, AgendaEntry::CredentialSynced(key));
        }
    }

    pub fn credential_synced(&mut self, key: RowKey<HotelCredential>) {
        let now = self.now;
        let Some(row) = self.credentials.get_mut(key) else { return };
        if row.syncing_until.is_some_and(|until| until <= now) {
            row.syncing_until = None;
            row.synced_at = Some(now);
        }
        if row.method == Method::MobileKey && row.issued_at.is_none() {
            row.issued_at = Some(now);
            let id = row.id;
            self.record_event("acs_credential.issued", Subject::Credential(id));
        }
    }

    /// Sets the end of a credential, independent of its user's schedule.
    pub fn set_credential_end(&mut self, key: RowKey<HotelCredential>, ends_at: Timestamp) {
        let now = self.now;
        let Some(row) = self.credentials.get_mut(key).filter(|row| row.ends_at != Some(ends_at)) else { return };
        row.ends_at = Some(ends_at);
        if row.method == Method::Card && row.issued_at.is_some() {
            row.outdated_since.get_or_insert(now);
        }
        self.mark_syncing(key);
    }

    /// Marks the user's written card as outdated: it must be written again, since what the user may open has changed.
    pub fn outdate_card(&mut self, user: RowKey<HotelUser>) {
        let now = self.now;
        let Some(held) = self.held_by(user, Method::Card) else { return };
        if let Some(row) = self.credentials.get_mut(held).filter(|row| row.issued_at.is_some()) {
            row.outdated_since.get_or_insert(now);
            self.mark_syncing(held);
        }
    }

    /// When a credential's validity starts and ends: its own dates, else those of its user.
    pub fn validity(&self, row: &HotelCredential) -> (Option<Timestamp>, Option<Timestamp>) {
        let schedule = row.user.and_then(|user| self.users.get(user)).and_then(|user| user.schedule);
        let starts_at = row.starts_at.or(schedule.map(|schedule| schedule.starts_at));
        let ends_at = row.ends_at.or(schedule.and_then(|schedule| schedule.ends_at));
        (starts_at, ends_at)
    }
}
