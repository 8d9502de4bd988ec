//! Lists that must be whole, since it is decided on them what is done: where a part is missing they are
//! `Unreadable` (see [`ErrorKind`](crate::seam::error::ErrorKind)), and an empty list is one that the server sent.

use serde_json::json;

use super::Client;
use super::others::{events, present};
use crate::seam::error::SeamError;
use crate::seam::request::EventsQuery;
use crate::seam::types::{Credential, Group, SeamEvent, SystemId, User, UserId};

/// A search for one guest that fills more pages was not answered as a search.
const PAGES_OF_A_SEARCH: usize = 1000;

/// Nobody has more of anything than fits on so many pages.
const PAGES_OF_A_USER: usize = 100;

impl Client {
    /// All users that a search finds (name, phone, e-mail, id): `/acs/users/list`.
    ///
    /// # Errors
    /// `Unreadable` where a part is missing.
    pub async fn all_users_found(&self, system: &SystemId, text: &str) -> Result<Vec<User>, SeamError> {
        // The contract wants at least one character.
        let search = Some(text).filter(|text| !text.is_empty());
        let body = present(json!({"acs_system_id": system, "search": search}));
        self.all("/acs/users/list", body, "acs_users", PAGES_OF_A_SEARCH).await
    }

    /// All groups that a user is in: `/acs/access_groups/list` with `acs_user_id`.
    ///
    /// # Errors
    /// `Unreadable` where a part is missing.
    pub async fn all_groups_of_user(&self, user: &UserId) -> Result<Vec<Group>, SeamError> {
        let body = json!({"acs_user_id": user});
        self.all("/acs/access_groups/list", body, "acs_access_groups", PAGES_OF_A_USER).await
    }

    /// All credentials of a user: `/acs/credentials/list` with `acs_user_id`.
    ///
    /// # Errors
    /// `Unreadable` where a part is missing.
    pub async fn all_credentials_of_user(&self, user: &UserId) -> Result<Vec<Credential>, SeamError> {
        let body = json!({"acs_user_id": user});
        self.all("/acs/credentials/list", body, "acs_credentials", PAGES_OF_A_USER).await
    }

    /// All that happened in a span of time: `/events/list`.
    ///
    /// # Errors
    /// `Unreadable` where a part is missing.
    pub async fn all_events(&self, query: &EventsQuery) -> Result<Vec<SeamEvent>, SeamError> {
        self.all("/events/list", events(query), "events", PAGES_OF_A_USER).await
    }
}
