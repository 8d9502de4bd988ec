//! Access system users.

use serde_json::{Value, json};

use super::Client;
use super::others::present;
use crate::seam::error::SeamError;
use crate::seam::page::{Cursor, Page};
use crate::seam::request::{NewUser, ScheduleUpdate, UserUpdate};
use crate::seam::types::{Entrance, GroupId, SystemId, User, UserId};

impl Client {
    /// Creates a user: `/acs/users/create`.
    pub async fn user_create(&self, user: &NewUser) -> Result<User, SeamError> {
        let groups = (!user.group_ids.is_empty()).then_some(&user.group_ids);
        let body = present(json!({
            "acs_system_id": user.system,
            "full_name": user.full_name,
            "phone_number": user.phone_number,
            "email_address": user.email_address,
            "acs_access_group_ids": groups,
            "access_schedule": user.access_schedule,
        }));
        self.one("/acs/users/create", body, "acs_user").await
    }

    /// One user: `/acs/users/get`.
    ///
    /// # Errors
    /// See [`SeamError::is_gone`] for a user that does not exist.
    pub async fn user_get(&self, user: &UserId) -> Result<User, SeamError> {
        self.one("/acs/users/get", json!({"acs_user_id": user}), "acs_user").await
    }

    /// A page of a system's users, also of those who match a search (name, phone, e-mail, id): `/acs/users/list`.
    pub async fn users_page(
        &self,
        system: &SystemId,
        search: Option<&str>,
        limit: Option<u32>,
        cursor: Option<&Cursor>,
    ) -> Result<Page<User>, SeamError> {
        // The contract wants at least one character.
        let search = search.filter(|search| !search.is_empty());
        let body = present(json!({"acs_system_id": system, "search": search, "limit": limit}));
        self.page("/acs/users/list", body, "acs_users", cursor).await
    }

    /// Changes a user: `/acs/users/update`.
    pub async fn user_update(&self, update: &UserUpdate) -> Result<(), SeamError> {
        let mut body = present(json!({
            "acs_user_id": update.user,
            "full_name": update.full_name,
            "phone_number": update.phone_number,
            "email_address": update.email_address,
        }));
        match update.access_schedule {
            ScheduleUpdate::Keep => {}
            ScheduleUpdate::Set { starts_at, ends_at } => {
                body["access_schedule"] = json!({"starts_at": starts_at, "ends_at": ends_at});
            }
            ScheduleUpdate::Clear => body["access_schedule"] = Value::Null,
        }
        self.done("/acs/users/update", body).await
    }

    /// Deletes a user: `/acs/users/delete`.
    pub async fn user_delete(&self, user: &UserId) -> Result<(), SeamError> {
        self.done("/acs/users/delete", json!({"acs_user_id": user})).await
    }

    /// Suspends a user's access: `/acs/users/suspend`.
    pub async fn user_suspend(&self, user: &UserId) -> Result<(), SeamError> {
        self.done("/acs/users/suspend", json!({"acs_user_id": user})).await
    }

    /// Ends the suspension of a user's access: `/acs/users/unsuspend`.
    pub async fn user_unsuspend(&self, user: &UserId) -> Result<(), SeamError> {
        self.done("/acs/users/unsuspend", json!({"acs_user_id": user})).await
    }

    /// Puts a user into a group: `/acs/users/add_to_access_group`.
    pub async fn user_add_to_group(&self, user: &UserId, group: &GroupId) -> Result<(), SeamError> {
        let body = json!({"acs_user_id": user, "acs_access_group_id": group});
        self.done("/acs/users/add_to_access_group", body).await
    }

    /// Takes a user out of a group: `/acs/users/remove_from_access_group`.
    pub async fn user_remove_from_group(&self, user: &UserId, group: &GroupId) -> Result<(), SeamError> {
        let body = json!({"acs_user_id": user, "acs_access_group_id": group});
        self.done("/acs/users/remove_from_access_group", body).await
    }

    /// The entrances that a user may open: `/acs/users/list_accessible_entrances`.
    pub async fn user_entrances(&self, user: &UserId) -> Result<Vec<Entrance>, SeamError> {
        self.whole("/acs/users/list_accessible_entrances", json!({"acs_user_id": user}), "acs_entrances").await
    }
}
