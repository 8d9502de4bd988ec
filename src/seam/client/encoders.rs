//! Card encoders: reading their list, writing and scanning cards, and telling a sandbox what the next card does.

use serde_json::json;

use super::Client;
use super::others::present;
use crate::seam::error::SeamError;
use crate::seam::page::{Cursor, Page};
use crate::seam::types::{ActionAttempt, CredentialId, Encoder, EncoderId, SystemId, UserId};

impl Client {
    /// A page of a system's encoders: `/acs/encoders/list`.
    pub async fn encoders_page(&self, system: &SystemId, cursor: Option<&Cursor>) -> Result<Page<Encoder>, SeamError> {
        self.page("/acs/encoders/list", json!({"acs_system_id": system}), "acs_encoders", cursor).await
    }

    /// One encoder: `/acs/encoders/get`.
    pub async fn encoder_get(&self, encoder: &EncoderId) -> Result<Encoder, SeamError> {
        self.one("/acs/encoders/get", json!({"acs_encoder_id": encoder}), "acs_encoder").await
    }

    /// Starts writing a credential to the card on an encoder: `/acs/encoders/encode_credential`. The attempt is
    /// usually pending; no call can stop it.
    ///
    /// # Errors
    /// When the outcome is unknown the attempt can't be found again.
    pub async fn encode_credential(
        &self,
        credential: &CredentialId,
        encoder: &EncoderId,
    ) -> Result<ActionAttempt, SeamError> {
        let body = json!({"acs_credential_id": credential, "acs_encoder_id": encoder});
        self.one("/acs/encoders/encode_credential", body, "action_attempt").await
    }

    /// Starts reading the card on an encoder: `/acs/encoders/scan_credential`.
    pub async fn scan_credential(&self, encoder: &EncoderId) -> Result<ActionAttempt, SeamError> {
        self.one("/acs/encoders/scan_credential", json!({"acs_encoder_id": encoder}), "action_attempt").await
    }

    /// Starts reading the card on an encoder to give it to a user: `/acs/encoders/scan_to_assign_credential`.
    pub async fn scan_to_assign_credential(
        &self,
        encoder: &EncoderId,
        user: &UserId,
    ) -> Result<ActionAttempt, SeamError> {
        let body = json!({"acs_encoder_id": encoder, "acs_user_id": user});
        self.one("/acs/encoders/scan_to_assign_credential", body, "action_attempt").await
    }

    /// Makes the next encoding fail: `/acs/encoders/simulate/next_credential_encode_will_fail`; sandboxes only. The
    /// codes are `no_credential_on_encoder`, `encoding_interrupted`, `uncategorized_error`, `action_attempt_expired`.
    pub async fn simulate_encode_fails(&self, encoder: &EncoderId, code: &str) -> Result<(), SeamError> {
        let body = json!({"acs_encoder_id": encoder, "error_code": code});
        self.done("/acs/encoders/simulate/next_credential_encode_will_fail", body).await
    }

    /// Makes the next encoding succeed: `/acs/encoders/simulate/next_credential_encode_will_succeed`; sandboxes only.
    pub async fn simulate_encode_succeeds(&self, encoder: &EncoderId) -> Result<(), SeamError> {
        let body = json!({"acs_encoder_id": encoder, "scenario": "credential_is_issued"});
        self.done("/acs/encoders/simulate/next_credential_encode_will_succeed", body).await
    }

    /// Makes the next scan fail: `/acs/encoders/simulate/next_credential_scan_will_fail`; sandboxes only. The codes
    /// are `no_credential_on_encoder`, `uncategorized_error`, `action_attempt_expired`.
    pub async fn simulate_scan_fails(&self, encoder: &EncoderId, code: &str) -> Result<(), SeamError> {
        let body = json!({"acs_encoder_id": encoder, "error_code": code});
        self.done("/acs/encoders/simulate/next_credential_scan_will_fail", body).await
    }

    /// Makes the next scan succeed: `/acs/encoders/simulate/next_credential_scan_will_succeed`; sandboxes only. The
    /// scenarios are `credential_exists_on_seam` and `credential_on_encoder_needs_update`, which may name the
    /// credential, and `credential_does_not_exist_on_seam` and `credential_on_encoder_is_empty`, which may not.
    pub async fn simulate_scan_succeeds(
        &self,
        encoder: &EncoderId,
        scenario: &str,
        credential_on_seam: Option<&CredentialId>,
    ) -> Result<(), SeamError> {
        let body = present(json!({
            "acs_encoder_id": encoder,
            "scenario": scenario,
            "acs_credential_id_on_seam": credential_on_seam,
        }));
        self.done("/acs/encoders/simulate/next_credential_scan_will_succeed", body).await
    }
}
