//! The reload of everything: the first screen soon, long lists page by page, then the groups one by one.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::{FoundSystem, Reader, choose, with_zone};
use crate::component::backend_msg::BackendMsg;
use crate::domain::codes::is_supported;
use crate::domain::directory::SystemTrouble;
use crate::domain::directory::person::prepare;
use crate::domain::fact::{Fact, Load};
use crate::seam::client::all_pages;
use crate::seam::error::SeamError;
use crate::seam::page::PageTrail;
use crate::seam::types::{Group, SystemId};

/// A hotel with more pages of encoders than this does not exist.
const ENCODER_PAGES: usize = 20;

/// Rows of a first page: enough for the first screen, and soon there.
const FIRST: u32 = 100;

impl Reader {
    pub(super) async fn everything(&self, load: Load) -> Result<(), SeamError> {
        let client = &self.options.client;
        let (workspace, systems) = tokio::join!(
            self.options.health.read(|| client.workspace_get()),
            self.options.health.read(|| client.systems_list())
        );
        match workspace {
            Ok(workspace) => self.send_fact(load, Fact::Workspace(workspace)),
            // Only the simulate calls hang on it; the system tells what else is wrong.
            Err(error) => tracing::warn!(code = error.code, "the workspace can't be read"),
        }
        let system =
            systems.map_err(SystemTrouble::Call).and_then(|systems| choose(systems, self.options.system.as_deref()));
        let id = match system {
            Ok(system) => {
                let id = system.acs_system_id.clone();
                let is_supported = is_supported(&system);
                self.send_fact(load, Fact::System(Ok(with_zone(system))));
                self.options.found.send_replace(Some(FoundSystem { id: id.clone(), is_supported }));
                id
            }
            Err(trouble) => {
                let error = match &trouble {
                    SystemTrouble::Call(error) => Err(error.clone()),
                    _ => Ok(()),
                };
                self.send_fact(load, Fact::System(Err(trouble)));
                return error;
            }
        };
        let (groups, encoders, users, credentials) = tokio::join!(
            self.groups(load, &id),
            self.encoders(load, &id),
            self.users(load, &id),
            self.credentials(load, &id)
        );
        let failed = encoders.and(users).and(credentials);
        self.sweep(load, groups?).await;
        failed
    }

    pub(super) async fn encoders(&self, load: Load, system: &SystemId) -> Result<(), SeamError> {
        let client = &self.options.client;
        let encoders = self
            .options
            .health
            .read(|| all_pages(ENCODER_PAGES, async |cursor| client.encoders_page(system, cursor.as_ref()).await))
            .await;
        let error = encoders.as_ref().err().cloned();
        self.send_fact(load, Fact::Encoders(encoders.map(|page| page.items)));
        error.map_or(Ok(()), Err)
    }

    pub(super) async fn groups(&self, load: Load, system: &SystemId) -> Result<Vec<Group>, SeamError> {
        let groups = self.options.health.read(|| self.options.client.groups_list(system)).await;
        self.send_fact(load, Fact::Groups(groups.clone()));
        groups
    }

    async fn tell_page(&self, load: Load, fact: Fact) {
        self.send_page(BackendMsg::Fact(Some(load), Box::new(fact))).await;
    }

    async fn users(&self, load: Load, system: &SystemId) -> Result<(), SeamError> {
        let client = &self.options.client;
        let (mut trail, mut cursor) = (PageTrail::default(), None);
        let mut limit = Some(FIRST);
        let end = loop {
            match self.options.health.read(|| client.users_page(system, None, limit, cursor.as_ref())).await {
                Ok(page) => {
                    let next = trail.next(&page);
                    self.tell_page(load, Fact::People(prepare(page.items))).await;
                    match next {
                        Ok(Some(next)) => cursor = Some(next),
                        Ok(None) => break Ok(()),
                        Err(error) => break Err(error),
                    }
                    limit = None;
                }
                Err(error) => break Err(error),
            }
        };
        self.tell_page(load, Fact::PeopleEnd(end.clone())).await;
        end
    }

    async fn credentials(&self, load: Load, system: &SystemId) -> Result<(), SeamError> {
        let client = &self.options.client;
        let (mut trail, mut cursor) = (PageTrail::default(), None);
        let end = loop {
            match self.options.health.read(|| client.credentials_page(system, None, cursor.as_ref())).await {
                Ok(page) => {
                    let next = trail.next(&page);
                    self.tell_page(load, Fact::Credentials(page.items)).await;
                    match next {
                        Ok(Some(next)) => cursor = Some(next),
                        Ok(None) => break Ok(()),
                        Err(error) => break Err(error),
                    }
                }
                Err(error) => break Err(error),
            }
        };
        self.tell_page(load, Fact::CredentialsEnd(end.clone())).await;
        end
    }

    // The API does not say which groups a user is in: the users of each group are read slowly, rooms first.
    async fn sweep(&self, load: Load, mut groups: Vec<Group>) {
        groups.sort_by_key(|group| self.options.rooms.room_of(group.name()).is_none());
        let pace = Duration::from_secs(1) / self.options.sweep_per_second.max(1);
        let mut tick = interval(pace);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for group in &groups {
            tick.tick().await;
            if self.users_of(load, &group.acs_access_group_id).await.is_err_and(|error| error.not_offered()) {
                return;
            }
        }
        for group in &groups {
            tick.tick().await;
            if self.entrances_of(load, &group.acs_access_group_id).await.is_err_and(|error| error.not_offered()) {
                return;
            }
        }
    }
}
