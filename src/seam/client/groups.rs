//! Access groups.

use serde_json::json;

use super::Client;
use crate::seam::error::SeamError;
use crate::seam::types::{Entrance, Group, GroupId, SystemId, User, UserId};

impl Client {
    /// All groups of a system: `/acs/access_groups/list`.
    pub async fn groups_list(&self, system: &SystemId) -> Result<Vec<Group>, SeamError> {
        self.whole("/acs/access_groups/list", json!({"acs_system_id": system}), "acs_access_groups").await
    }

    /// The groups that a user is in: `/acs/access_groups/list` with `acs_user_id`.
    pub async fn groups_of_user(&self, user: &UserId) -> Result<Vec<Group>, SeamError> {
        self.whole("/acs/access_groups/list", json!({"acs_user_id": user}), "acs_access_groups").await
    }

    /// One group: `/acs/access_groups/get`.
    pub async fn group_get(&self, group: &GroupId) -> Result<Group, SeamError> {
        self.one("/acs/access_groups/get", json!({"acs_access_group_id": group}), "acs_access_group").await
    }

    /// The users in a group: `/acs/access_groups/list_users`.
    pub async fn group_users(&self, group: &GroupId) -> Result<Vec<User>, SeamError> {
        self.whole("/acs/access_groups/list_users", json!({"acs_access_group_id": group}), "acs_users").await
    }

    /// The entrances that a group opens: `/acs/access_groups/list_accessible_entrances`.
    pub async fn group_entrances(&self, group: &GroupId) -> Result<Vec<Entrance>, SeamError> {
        let body = json!({"acs_access_group_id": group});
        self.whole("/acs/access_groups/list_accessible_entrances", body, "acs_entrances").await
    }
}
