//! Reads the hotel from the server and hands it to the program, page by page.

mod everything;

use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::backend::lanes::Lanes;
use crate::component::backend_msg::BackendMsg;
use crate::domain::directory::SystemTrouble;
use crate::domain::fact::{Fact, Load};
use crate::domain::query::Query;
use crate::domain::room::RoomPattern;
use crate::engine::server_health::ServerHealth;
use crate::seam::client::Client;
use crate::seam::types::{CredentialId, System, SystemId, UserId};

/// How many single questions are under way at once.
const AT_ONCE: usize = 6;

/// What the sync task needs.
#[derive(Clone)]
pub struct SyncOptions {
    /// Reads the lists, with the key of the settings.
    pub client: Client,
    /// How the server is, shared with whoever else asks it.
    pub health: Arc<ServerHealth>,
    /// The way to the program.
    pub lanes: Lanes<BackendMsg>,
    /// The wished system, by name or id.
    pub system: Option<String>,
    /// How many requests a second the slow reading of the groups may make.
    pub sweep_per_second: u32,
    /// How a room is read out of a group's name: rooms are read first.
    pub rooms: RoomPattern,
    /// Told the system once it is known.
    pub found: watch::Sender<Option<SystemId>>,
}

/// Answers queries until the program is gone.
pub async fn run(options: SyncOptions, mut queries: mpsc::UnboundedReceiver<(Load, Query)>) {
    let reader = Arc::new(Reader { permits: Semaphore::new(AT_ONCE), options });
    let mut tasks = JoinSet::new();
    let mut everything: Option<AbortHandle> = None;
    let watcher = Arc::clone(&reader);
    tasks.spawn(async move { watcher.watch_over_server().await });
    loop {
        let query = tokio::select! {
            query = queries.recv() => query,
            // Ended tasks are cleared away.
            Some(_) = tasks.join_next() => continue,
        };
        let Some((load, query)) = query else { return };
        let reader = Arc::clone(&reader);
        if query == Query::Everything {
            // A new reload takes the place of the one before: its pages would be dropped anyway.
            if let Some(before) = everything.take() {
                before.abort();
            }
            everything = Some(tasks.spawn(async move { reader.everything(load).await }));
        } else {
            tasks.spawn(async move { reader.single(load, query).await });
        }
    }
}

struct Reader {
    options: SyncOptions,
    permits: Semaphore,
}

impl Reader {
    async fn watch_over_server(&self) {
        let tell = |outage| self.options.lanes.jobs.send(BackendMsg::Server(outage));
        self.options.health.watch_over(|| self.options.client.workspace_get(), tell).await;
    }

    fn send_fact(&self, load: Load, fact: Fact) {
        self.options.lanes.jobs.send(BackendMsg::Fact(Some(load), Box::new(fact)));
    }

    async fn single(&self, load: Load, query: Query) {
        let Ok(_permit) = self.permits.acquire().await else { return };
        let client = &self.options.client;
        match query {
            Query::Everything => {}
            Query::System => {
                if let Some(system) = self.known_system() {
                    let found = self.options.health.read(|| client.system_get(&system)).await;
                    self.send_fact(load, Fact::System(found.map(with_zone).map_err(SystemTrouble::Call)));
                }
            }
            Query::Encoders => {
                if let Some(system) = self.known_system() {
                    self.encoders(load, &system).await;
                }
            }
            Query::GroupsOf(user) => self.groups_of(load, user).await,
            Query::UsersOf(group) => {
                let users = self.options.health.read(|| client.group_users(&group)).await;
                let users = users.map(|users| users.into_iter().map(|user| user.acs_user_id).collect());
                self.send_fact(load, Fact::UsersOf(group, users));
            }
            Query::EntrancesOf(group) => {
                let entrances = self.options.health.read(|| client.group_entrances(&group)).await;
                self.send_fact(load, Fact::EntrancesOf(group, entrances));
            }
            Query::User(user) => self.user(load, user).await,
            Query::Credential(credential) => self.credential(load, credential).await,
        }
    }

    async fn groups_of(&self, load: Load, user: UserId) {
        let groups = self.options.health.read(|| self.options.client.groups_of_user(&user)).await;
        self.send_fact(load, Fact::groups_of(user, groups));
    }

    async fn credential(&self, load: Load, id: CredentialId) {
        match self.options.health.read(|| self.options.client.credential_get(&id)).await {
            Ok(credential) => self.send_fact(load, Fact::Credential(Box::new(credential))),
            Err(error) if error.is_gone() => self.send_fact(load, Fact::CredentialGone(id)),
            // What was known stays; the next reload tells what is so.
            Err(error) => tracing::warn!(code = error.code, "a credential can't be read"),
        }
    }

    async fn user(&self, load: Load, id: UserId) {
        let client = &self.options.client;
        let user = match self.options.health.read(|| client.user_get(&id)).await {
            Ok(user) => Ok(Some(user)),
            // Only Seam's own word that the user is unknown counts, not any 404 on the way.
            Err(error) if error.is_gone() => Ok(None),
            Err(error) => Err(error),
        };
        let is_there = !matches!(user, Ok(None));
        self.send_fact(load, Fact::User(id.clone(), user));
        if is_there {
            let credentials = self.options.health.read(|| client.credentials_of_user(&id)).await;
            self.send_fact(load, Fact::CredentialsOf(id.clone(), credentials));
            self.groups_of(load, id).await;
        }
    }

    // Nothing while it is not known which system is meant.
    fn known_system(&self) -> Option<SystemId> {
        self.options.found.borrow().clone()
    }
}

fn with_zone(system: System) -> (System, Option<TimeZone>) {
    let zone = system.location.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    (system, zone)
}

/// The system that the settings name, or the only one.
fn choose(systems: Vec<System>, wish: Option<&str>) -> Result<System, SystemTrouble> {
    let name = |system: &System| system.name.clone().unwrap_or_else(|| system.acs_system_id.to_string());
    let names: Vec<String> = systems.iter().map(name).collect();
    if let Some(wish) = wish {
        let is_it = |system: &System| system.acs_system_id.as_str() == wish || name(system).eq_ignore_ascii_case(wish);
        return systems.into_iter().find(is_it).ok_or_else(|| SystemTrouble::NoSuch(wish.to_owned(), names));
    }
    let mut systems = systems.into_iter();
    match (systems.next(), systems.next()) {
        (None, _) => Err(SystemTrouble::None),
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(SystemTrouble::Several(names)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(id: &str, name: &str) -> System {
        serde_json::from_value(serde_json::json!({"acs_system_id": id, "name": name})).unwrap()
    }

    #[test]
    fn the_only_system_is_meant_and_of_several_the_wished_one() {
        let both = || vec![system("a", "Hotel Aurora"), system("b", "Annex")];
        assert_eq!(choose(vec![system("a", "Hotel Aurora")], None).unwrap().acs_system_id.as_str(), "a");
        assert_eq!(choose(both(), Some("annex")).unwrap().acs_system_id.as_str(), "b");
        assert_eq!(choose(both(), Some("a")).unwrap().acs_system_id.as_str(), "a");
        assert_eq!(choose(both(), None), Err(SystemTrouble::Several(vec!["Hotel Aurora".into(), "Annex".into()])));
        assert!(matches!(choose(both(), Some("c")), Err(SystemTrouble::NoSuch(wish, _)) if wish == "c"));
        assert_eq!(choose(Vec::new(), None), Err(SystemTrouble::None));
    }
}
