//! Credentials.

use jiff::Timestamp;
use serde_json::json;

use super::others::present;
use super::{Client, all_pages};
use crate::seam::error::SeamError;
use crate::seam::page::{Cursor, Page};
use crate::seam::types::{Credential, CredentialId, Entrance, SystemId, UserId};

/// Nobody has more credentials than fit on so many pages.
const PAGES_OF_A_USER: usize = 100;

impl Client {
    /// Creates a card credential: `/acs/credentials/create`. With `assign_new_key` it is a user's first or replacing
    /// card, without it is the update of the card that the user holds; the answer may then be the same credential.
    pub async fn credential_create(&self, user: &UserId, assign_new_key: bool) -> Result<Credential, SeamError> {
        let body = json!({
            "acs_user_id": user,
            "access_method": "card",
            "salto_space_metadata": {"assign_new_key": assign_new_key},
        });
        self.one("/acs/credentials/create", body, "acs_credential").await
    }

    /// One credential: `/acs/credentials/get`.
    ///
    /// # Errors
    /// See [`SeamError::is_gone`] for a credential that does not exist.
    pub async fn credential_get(&self, credential: &CredentialId) -> Result<Credential, SeamError> {
        self.one("/acs/credentials/get", json!({"acs_credential_id": credential}), "acs_credential").await
    }

    /// A page of a system's credentials: `/acs/credentials/list`.
    pub async fn credentials_page(
        &self,
        system: &SystemId,
        limit: Option<u32>,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Credential>, SeamError> {
        let body = present(json!({"acs_system_id": system, "limit": limit}));
        self.page("/acs/credentials/list", body, "acs_credentials", cursor).await
    }

    /// All credentials of a user: `/acs/credentials/list` with `acs_user_id`, page after page.
    pub async fn credentials_of_user(&self, user: &UserId) -> Result<Vec<Credential>, SeamError> {
        let ask = async |cursor: Option<Cursor>| {
            let body = json!({"acs_user_id": user});
            self.page("/acs/credentials/list", body, "acs_credentials", cursor.as_ref()).await
        };
        Ok(all_pages(PAGES_OF_A_USER, ask).await?.items)
    }

    /// Changes when a credential ends: `/acs/credentials/update`.
    pub async fn credential_update(
        &self,
        credential: &CredentialId,
        ends_at: Timestamp,
    ) -> Result<Credential, SeamError> {
        let body = json!({"acs_credential_id": credential, "ends_at": ends_at});
        self.one("/acs/credentials/update", body, "acs_credential").await
    }

    /// Deletes a credential: `/acs/credentials/delete`.
    pub async fn credential_delete(&self, credential: &CredentialId) -> Result<(), SeamError> {
        self.done("/acs/credentials/delete", json!({"acs_credential_id": credential})).await
    }

    /// Gives a credential to a user: `/acs/credentials/assign`.
    pub async fn credential_assign(&self, credential: &CredentialId, user: &UserId) -> Result<Credential, SeamError> {
        let body = json!({"acs_credential_id": credential, "acs_user_id": user});
        self.one("/acs/credentials/assign", body, "acs_credential").await
    }

    /// Takes a credential from a user: `/acs/credentials/unassign`.
    pub async fn credential_unassign(&self, credential: &CredentialId, user: &UserId) -> Result<Credential, SeamError> {
        let body = json!({"acs_credential_id": credential, "acs_user_id": user});
        self.one("/acs/credentials/unassign", body, "acs_credential").await
    }

    /// The entrances that a credential opens: `/acs/credentials/list_accessible_entrances`.
    pub async fn credential_entrances(&self, credential: &CredentialId) -> Result<Vec<Entrance>, SeamError> {
        let body = json!({"acs_credential_id": credential});
        self.whole("/acs/credentials/list_accessible_entrances", body, "acs_entrances").await
    }
}
