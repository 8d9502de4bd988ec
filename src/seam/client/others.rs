//! Workspace, access systems, entrances, action attempts and events.

use serde_json::{Value, json};

use super::{Client, all_pages};
use crate::seam::error::SeamError;
use crate::seam::page::{Cursor, Page};
use crate::seam::request::{EventsQuery, EventsWindow};
use crate::seam::types::{ActionAttempt, AttemptId, Entrance, SeamEvent, System, SystemId, Workspace};

/// Attempts that were asked for by their ids fit on a few pages.
const PAGES_OF_ATTEMPTS: usize = 100;

impl Client {
    /// The workspace that the key belongs to: `/workspaces/get`.
    pub async fn workspace_get(&self) -> Result<Workspace, SeamError> {
        let workspace: Workspace = self.one("/workspaces/get", json!({}), "workspace").await?;
        let _ = self.inner.workspace.set(workspace.workspace_id.clone());
        Ok(workspace)
    }

    /// The workspace that the server named first to this client; `None` while it named none.
    pub fn workspace_seen(&self) -> Option<String> {
        self.inner.workspace.get().cloned()
    }

    /// All access systems: `/acs/systems/list`.
    pub async fn systems_list(&self) -> Result<Vec<System>, SeamError> {
        self.whole("/acs/systems/list", json!({}), "acs_systems").await
    }

    /// One access system: `/acs/systems/get`.
    pub async fn system_get(&self, system: &SystemId) -> Result<System, SeamError> {
        self.one("/acs/systems/get", json!({"acs_system_id": system}), "acs_system").await
    }

    /// A page of a system's entrances: `/acs/entrances/list`.
    pub async fn entrances_page(
        &self,
        system: &SystemId,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Entrance>, SeamError> {
        self.page("/acs/entrances/list", json!({"acs_system_id": system}), "acs_entrances", cursor).await
    }

    /// One action attempt as it stands now: `/action_attempts/get`.
    pub async fn attempt_get(&self, attempt: &AttemptId) -> Result<ActionAttempt, SeamError> {
        self.one("/action_attempts/get", json!({"action_attempt_id": attempt}), "action_attempt").await
    }

    /// Many action attempts in one request: `/action_attempts/list`. Those that the server doesn't know are missing
    /// in the answer. Nothing is sent for no ids: without a filter a server would list every attempt it has.
    pub async fn attempts_list(&self, attempts: &[AttemptId]) -> Result<Vec<ActionAttempt>, SeamError> {
        if attempts.is_empty() {
            return Ok(Vec::new());
        }
        let ask = async |cursor: Option<Cursor>| {
            let body = json!({"action_attempt_ids": attempts});
            self.page("/action_attempts/list", body, "action_attempts", cursor.as_ref()).await
        };
        Ok(all_pages(PAGES_OF_ATTEMPTS, ask).await?.items)
    }

    /// What happened in a span of time: `/events/list`. Not paged; the server's bound is 500 unless `limit` is given.
    pub async fn events_list(&self, query: &EventsQuery) -> Result<Vec<SeamEvent>, SeamError> {
        self.whole("/events/list", events(query), "events").await
    }
}

/// The body that asks for events.
pub(super) fn events(query: &EventsQuery) -> Value {
    let (since, between) = match query.window {
        EventsWindow::Since(at) => (Some(at), None),
        EventsWindow::Between(from, until) => (None, Some([from, until])),
    };
    let types = (!query.event_types.is_empty()).then_some(&query.event_types);
    present(json!({
        "since": since,
        "between": between,
        "event_types": types,
        "acs_credential_id": query.credential,
        "acs_user_id": query.user,
        "acs_encoder_id": query.encoder,
        "acs_system_id": query.system,
        "limit": query.limit,
    }))
}

/// A request body without what was not given: most parameters may be left out but must not be null.
pub(super) fn present(mut body: Value) -> Value {
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    body
}
