//! The calls that jobs need, as a trait: the real client answers them, and tests do.

use std::future::Future;

use jiff::Timestamp;

use crate::domain::codes::EventCode;
use crate::seam::client::Client;
use crate::seam::error::SeamError;
use crate::seam::request::{EventsQuery, NewUser, UserUpdate};
use crate::seam::types::{
    ActionAttempt, AttemptId, Credential, CredentialId, EncoderId, Group, GroupId, SeamEvent, SystemId, User, UserId,
};

/// The answer to one call, or why there is none.
pub type Answered<T> = Result<T, SeamError>;

/// The calls that jobs need. An implementation repeats nothing by itself, and gives a list only when it is whole: what
/// is not in it counts as not there.
#[allow(clippy::missing_errors_doc, reason = "all fail as the API's calls do, see SeamError")]
pub trait Api: Send + Sync + 'static {
    /// `/acs/users/create`.
    fn create_user(&self, user: &NewUser) -> impl Future<Output = Answered<User>> + Send;
    /// `/acs/users/list` with `search`, all pages; servers may find more than was asked for.
    fn search_users(&self, system: &SystemId, text: &str) -> impl Future<Output = Answered<Vec<User>>> + Send;
    /// `/acs/users/get`.
    fn user(&self, user: &UserId) -> impl Future<Output = Answered<User>> + Send;
    /// `/acs/users/update`.
    fn update_user(&self, update: &UserUpdate) -> impl Future<Output = Answered<()>> + Send;
    /// `/acs/users/suspend`, `/acs/users/unsuspend`.
    fn set_suspension(&self, user: &UserId, is_suspended: bool) -> impl Future<Output = Answered<()>> + Send;
    /// `/acs/users/delete`.
    fn delete_user(&self, user: &UserId) -> impl Future<Output = Answered<()>> + Send;
    /// `/acs/access_groups/list` with `acs_user_id`.
    fn groups_of(&self, user: &UserId) -> impl Future<Output = Answered<Vec<Group>>> + Send;
    /// `/acs/users/add_to_access_group`.
    fn add_to_group(&self, user: &UserId, group: &GroupId) -> impl Future<Output = Answered<()>> + Send;
    /// `/acs/users/remove_from_access_group`.
    fn remove_from_group(&self, user: &UserId, group: &GroupId) -> impl Future<Output = Answered<()>> + Send;
    /// `/acs/credentials/list` with `acs_user_id`, all pages.
    fn credentials_of(&self, user: &UserId) -> impl Future<Output = Answered<Vec<Credential>>> + Send;
    /// `/acs/credentials/get`.
    fn credential(&self, credential: &CredentialId) -> impl Future<Output = Answered<Credential>> + Send;
    /// `/acs/credentials/create` of a card.
    fn create_credential(
        &self,
        user: &UserId,
        assign_new_key: bool,
    ) -> impl Future<Output = Answered<Credential>> + Send;
    /// `/acs/credentials/delete`.
    fn delete_credential(&self, credential: &CredentialId) -> impl Future<Output = Answered<()>> + Send;
    /// `/acs/encoders/encode_credential`.
    fn encode(
        &self,
        credential: &CredentialId,
        encoder: &EncoderId,
    ) -> impl Future<Output = Answered<ActionAttempt>> + Send;
    /// `/action_attempts/list`: those that the server knows. One that is missing says little, and it is asked again.
    fn attempts(&self, attempts: &[AttemptId]) -> impl Future<Output = Answered<Vec<ActionAttempt>>> + Send;
    /// `/events/list`: the events of a credential that tell of a written card.
    fn written(
        &self,
        credential: &CredentialId,
        since: Timestamp,
    ) -> impl Future<Output = Answered<Vec<SeamEvent>>> + Send;
}

impl Api for Client {
    async fn create_user(&self, user: &NewUser) -> Answered<User> {
        self.user_create(user).await
    }

    async fn search_users(&self, system: &SystemId, text: &str) -> Answered<Vec<User>> {
        self.all_users_found(system, text).await
    }

    async fn user(&self, user: &UserId) -> Answered<User> {
        self.user_get(user).await
    }

    async fn update_user(&self, update: &UserUpdate) -> Answered<()> {
        self.user_update(update).await
    }

    async fn set_suspension(&self, user: &UserId, is_suspended: bool) -> Answered<()> {
        if is_suspended { self.user_suspend(user).await } else { self.user_unsuspend(user).await }
    }

    async fn delete_user(&self, user: &UserId) -> Answered<()> {
        self.user_delete(user).await
    }

    async fn groups_of(&self, user: &UserId) -> Answered<Vec<Group>> {
        self.all_groups_of_user(user).await
    }

    async fn add_to_group(&self, user: &UserId, group: &GroupId) -> Answered<()> {
        self.user_add_to_group(user, group).await
    }

    async fn remove_from_group(&self, user: &UserId, group: &GroupId) -> Answered<()> {
        self.user_remove_from_group(user, group).await
    }

    async fn credentials_of(&self, user: &UserId) -> Answered<Vec<Credential>> {
        self.all_credentials_of_user(user).await
    }

    async fn credential(&self, credential: &CredentialId) -> Answered<Credential> {
        self.credential_get(credential).await
    }

    async fn create_credential(&self, user: &UserId, assign_new_key: bool) -> Answered<Credential> {
        self.credential_create(user, assign_new_key).await
    }

    async fn delete_credential(&self, credential: &CredentialId) -> Answered<()> {
        self.credential_delete(credential).await
    }

    async fn encode(&self, credential: &CredentialId, encoder: &EncoderId) -> Answered<ActionAttempt> {
        self.encode_credential(credential, encoder).await
    }

    async fn attempts(&self, attempts: &[AttemptId]) -> Answered<Vec<ActionAttempt>> {
        self.attempts_list(attempts).await
    }

    async fn written(&self, credential: &CredentialId, since: Timestamp) -> Answered<Vec<SeamEvent>> {
        let query = EventsQuery {
            event_types: EventCode::KNOWN.iter().map(|code| (*code).to_owned()).collect(),
            credential: Some(credential.clone()),
            ..EventsQuery::since(since)
        };
        self.all_events(&query).await
    }
}
