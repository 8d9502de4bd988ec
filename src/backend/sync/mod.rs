//! Reads the hotel from the server and hands it to the program, page by page.

mod everything;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::{Mutex, Semaphore, mpsc, watch};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use crate::backend::lanes::Lanes;
use crate::component::backend_msg::BackendMsg;
use crate::domain::codes::is_salto_space;
use crate::domain::directory::SystemTrouble;
use crate::domain::directory::person::prepare;
use crate::domain::events::EventTrail;
use crate::domain::fact::{Fact, Load};
use crate::domain::query::Query;
use crate::domain::room::RoomPattern;
use crate::engine::server_health::ServerHealth;
use crate::seam::client::Client;
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::page::{Cursor, Page, PageTrail};
use crate::seam::request::EventsQuery;
use crate::seam::types::{CredentialId, GroupId, System, SystemId, UserId};

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
    pub found: watch::Sender<Option<FoundSystem>>,
}

/// The access system that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSystem {
    /// Its id.
    pub id: SystemId,
    /// Whether guests and cards may be made in it: not in one of another make.
    pub is_supported: bool,
}

/// Answers queries until the program is gone.
pub async fn run(options: SyncOptions, mut queries: mpsc::UnboundedReceiver<(Load, Query)>) {
    let reader = Arc::new(Reader {
        permits: Semaphore::new(AT_ONCE),
        events: Mutex::default(),
        users: Mutex::default(),
        credentials: Mutex::default(),
        options,
    });
    let mut tasks = JoinSet::new();
    let mut everything: Option<AbortHandle> = None;
    let mut asked: HashMap<Id, (Load, Query)> = HashMap::new();
    let watcher = Arc::clone(&reader);
    tasks.spawn(async move { watcher.watch_over_server().await });
    loop {
        let query = tokio::select! {
            query = queries.recv() => query,
            // Ended tasks are cleared away.
            Some(ended) = tasks.join_next_with_id() => {
                let id = ended.as_ref().map_or_else(JoinError::id, |(id, ())| *id);
                let died = ended.is_err_and(|error| error.is_panic());
                if let Some((load, query)) = asked.remove(&id).filter(|_| died) {
                    reader.tell_died(load, query);
                }
                continue;
            }
        };
        let Some((load, query)) = query else { return };
        let (reader, about) = (Arc::clone(&reader), (load, query.clone()));
        let task = if query == Query::Everything {
            // A new reload takes the place of the one before: its pages would be dropped anyway.
            if let Some(before) = everything.take() {
                before.abort();
            }
            let task = tasks.spawn(async move {
                let error = reader.everything(load).await.err().map(Box::new);
                reader.send_page(BackendMsg::Answered(load, Query::Everything, error)).await;
            });
            everything = Some(task.clone());
            task
        } else {
            tasks.spawn(async move { reader.answer(load, query).await })
        };
        asked.insert(task.id(), about);
    }
}

struct Reader {
    options: SyncOptions,
    permits: Semaphore,
    events: Mutex<Option<EventTrail>>,
    users: Mutex<Pass>,
    credentials: Mutex<Pass>,
}

/// How far a quiet pass through a long list has come.
#[derive(Default)]
struct Pass {
    load: Load,
    trail: PageTrail,
    next: Option<Cursor>,
}

impl Pass {
    /// Where the next page of this pass begins; another pass begins anew.
    fn cursor(&mut self, load: Load) -> Option<Cursor> {
        if self.load != load {
            *self = Self { load, ..Self::default() };
        }
        self.next.clone()
    }

    /// Notes a page; whether it was the last.
    fn is_end<T>(&mut self, page: &Page<T>) -> Result<bool, SeamError> {
        self.next = self.trail.next(page)?;
        Ok(self.next.is_none())
    }
}

impl Reader {
    async fn watch_over_server(&self) {
        let tell = |outage| self.options.lanes.jobs.send(BackendMsg::Server(outage));
        self.options.health.watch_over(|| self.options.client.workspace_get(), tell).await;
    }

    fn send_fact(&self, load: Load, fact: Fact) {
        self.options.lanes.jobs.send(BackendMsg::Fact(Some(load), Box::new(fact)));
    }

    // Pages go through the narrow lane: a program that is busy makes reading wait, never the keys.
    async fn send_page(&self, msg: BackendMsg) {
        // Nobody takes it any more when the program ends.
        let _ = self.options.lanes.bulk.send(msg).await;
    }

    // A reading that died by a fault of its own is answered too: otherwise it would never be asked again.
    fn tell_died(&self, load: Load, query: Query) {
        tracing::error!(?query, "a reading died");
        let error = SeamError::new(ErrorKind::Unreadable, "");
        match &query {
            Query::UsersOf(group) => self.send_fact(load, Fact::UsersOf(group.clone(), Err(error.clone()))),
            Query::EntrancesOf(group) => self.send_fact(load, Fact::EntrancesOf(group.clone(), Err(error.clone()))),
            _ => {}
        }
        self.options.lanes.jobs.send(BackendMsg::Answered(load, query, Some(Box::new(error))));
    }

    // The answer to a page goes the way of the page, so that it comes after it.
    async fn answer(&self, load: Load, query: Query) {
        let Ok(_permit) = self.permits.acquire().await else { return };
        let error = self.read(load, &query).await.err().map(Box::new);
        if matches!(query, Query::UsersPage | Query::CredentialsPage) {
            self.send_page(BackendMsg::Answered(load, query, error)).await;
        } else {
            self.options.lanes.jobs.send(BackendMsg::Answered(load, query, error));
        }
    }

    async fn read(&self, load: Load, query: &Query) -> Result<(), SeamError> {
        let (client, health) = (&self.options.client, &self.options.health);
        // Nothing is asked of a system while it is not known which is meant.
        let system = self.options.found.borrow().as_ref().map(|found| found.id.clone());
        match query {
            Query::Everything => Ok(()),
            Query::Events => self.new_events(system).await,
            Query::System => {
                let Some(system) = system else { return Ok(()) };
                let found = health.read(|| client.system_get(&system)).await;
                let error = found.as_ref().err().cloned();
                self.send_fact(load, Fact::System(found.map(with_zone).map_err(SystemTrouble::Call)));
                error.map_or(Ok(()), Err)
            }
            Query::Encoders => match system {
                Some(system) => self.encoders(load, &system).await,
                None => Ok(()),
            },
            Query::Groups => match system {
                Some(system) => self.groups(load, &system).await.map(drop),
                None => Ok(()),
            },
            Query::UsersPage => match system {
                Some(system) => self.users_page(load, &system).await,
                None => Ok(()),
            },
            Query::CredentialsPage => match system {
                Some(system) => self.credentials_page(load, &system).await,
                None => Ok(()),
            },
            Query::GroupsOf(user) => self.groups_of(load, user).await,
            Query::UsersOf(group) => self.users_of(load, group).await,
            Query::EntrancesOf(group) => self.entrances_of(load, group).await,
            Query::User(user) => self.user(load, user.clone()).await,
            Query::Credential(credential) => self.credential(load, credential.clone()).await,
        }
    }

    async fn new_events(&self, system: Option<SystemId>) -> Result<(), SeamError> {
        let mut events = self.events.lock().await;
        let ahead = *self.options.client.clock_ahead().borrow();
        let now = || {
            let at = Timestamp::now();
            at.saturating_sub(ahead.unwrap_or_default()).unwrap_or(at)
        };
        let trail = events.get_or_insert_with(|| EventTrail::new(now(), ahead.is_some()));
        let asked = EventsQuery { system, ..EventsQuery::since(trail.since()) };
        let listed = self.options.health.read(|| self.options.client.events_list(&asked)).await?;
        let mut news = trail.take(now(), ahead.is_some(), listed);
        news.sort_by_key(|event| event.occurred_at);
        if !news.is_empty() {
            self.options.lanes.jobs.send(BackendMsg::Events(news));
        }
        Ok(())
    }

    async fn users_page(&self, load: Load, system: &SystemId) -> Result<(), SeamError> {
        let mut pass = self.users.lock().await;
        let cursor = pass.cursor(load);
        let client = &self.options.client;
        let page = self.options.health.read(|| client.users_page(system, None, None, cursor.as_ref())).await;
        let (page, end) = page_end(&mut pass, page);
        if let Some(page) = page {
            self.send_page(BackendMsg::Fact(Some(load), Box::new(Fact::People(prepare(page.items))))).await;
        }
        if let Some(end) = end.clone() {
            self.send_page(BackendMsg::Fact(Some(load), Box::new(Fact::PeopleEnd(end)))).await;
        }
        end.unwrap_or(Ok(()))
    }

    async fn credentials_page(&self, load: Load, system: &SystemId) -> Result<(), SeamError> {
        let mut pass = self.credentials.lock().await;
        let cursor = pass.cursor(load);
        let client = &self.options.client;
        let page = self.options.health.read(|| client.credentials_page(system, None, cursor.as_ref())).await;
        let (page, end) = page_end(&mut pass, page);
        if let Some(page) = page {
            self.send_page(BackendMsg::Fact(Some(load), Box::new(Fact::Credentials(page.items)))).await;
        }
        if let Some(end) = end.clone() {
            self.send_page(BackendMsg::Fact(Some(load), Box::new(Fact::CredentialsEnd(end)))).await;
        }
        end.unwrap_or(Ok(()))
    }

    async fn users_of(&self, load: Load, group: &GroupId) -> Result<(), SeamError> {
        let users = self.options.health.read(|| self.options.client.group_users(group)).await;
        let error = users.as_ref().err().cloned();
        let users = users.map(|users| users.into_iter().map(|user| user.acs_user_id).collect());
        self.send_fact(load, Fact::UsersOf(group.clone(), users));
        error.map_or(Ok(()), Err)
    }

    async fn entrances_of(&self, load: Load, group: &GroupId) -> Result<(), SeamError> {
        let entrances = self.options.health.read(|| self.options.client.group_entrances(group)).await;
        let error = entrances.as_ref().err().cloned();
        self.send_fact(load, Fact::EntrancesOf(group.clone(), entrances));
        error.map_or(Ok(()), Err)
    }

    async fn groups_of(&self, load: Load, user: &UserId) -> Result<(), SeamError> {
        let groups = self.options.health.read(|| self.options.client.groups_of_user(user)).await;
        let error = groups.as_ref().err().cloned();
        self.send_fact(load, Fact::groups_of(user.clone(), groups));
        error.map_or(Ok(()), Err)
    }

    async fn credential(&self, load: Load, id: CredentialId) -> Result<(), SeamError> {
        match self.options.health.read(|| self.options.client.credential_get(&id)).await {
            Ok(credential) => self.send_fact(load, Fact::Credential(Box::new(credential))),
            Err(error) if error.is_gone() => self.send_fact(load, Fact::CredentialGone(id)),
            // What was known stays; the next reading tells what is so.
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn user(&self, load: Load, id: UserId) -> Result<(), SeamError> {
        let client = &self.options.client;
        let user = match self.options.health.read(|| client.user_get(&id)).await {
            Ok(user) => Ok(Some(user)),
            // Only Seam's own word that the user is unknown counts, not any 404 on the way.
            Err(error) if error.is_gone() => Ok(None),
            Err(error) => Err(error),
        };
        let is_there = !matches!(user, Ok(None));
        let mut error = user.as_ref().err().cloned();
        self.send_fact(load, Fact::User(id.clone(), user));
        if is_there {
            let credentials = self.options.health.read(|| client.credentials_of_user(&id)).await;
            error = error.or(credentials.as_ref().err().cloned());
            self.send_fact(load, Fact::CredentialsOf(id.clone(), credentials));
            error = error.or(self.groups_of(load, &id).await.err());
        }
        error.map_or(Ok(()), Err)
    }
}

/// A page, if it came, and how the pass ended, if it did with it.
type PageAndEnd<T> = (Option<Page<T>>, Option<Result<(), SeamError>>);

fn page_end<T>(pass: &mut Pass, page: Result<Page<T>, SeamError>) -> PageAndEnd<T> {
    match page {
        Ok(page) => {
            let end = match pass.is_end(&page) {
                Ok(false) => None,
                Ok(true) => Some(Ok(())),
                Err(error) => Some(Err(error)),
            };
            (Some(page), end)
        }
        Err(error) => (None, Some(Err(error))),
    }
}

fn with_zone(system: System) -> (System, Option<TimeZone>) {
    let zone = system.location.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    (system, zone)
}

/// The system that the settings name, or the only one, or the only one of the make that cards are made for.
fn choose(systems: Vec<System>, wish: Option<&str>) -> Result<System, SystemTrouble> {
    let name = |system: &System| system.name.clone().unwrap_or_else(|| system.acs_system_id.to_string());
    let names: Vec<String> = systems.iter().map(name).collect();
    if let Some(wish) = wish {
        let is_it = |system: &System| system.acs_system_id.as_str() == wish || name(system).eq_ignore_ascii_case(wish);
        return systems.into_iter().find(is_it).ok_or_else(|| SystemTrouble::NoSuch(wish.to_owned(), names));
    }
    if systems.len() == 1 {
        return systems.into_iter().next().ok_or(SystemTrouble::None);
    }
    // Of several the one that cards can be made in is meant.
    let mut fitting = systems.into_iter().filter(is_salto_space);
    match (names.len(), fitting.next(), fitting.next()) {
        (0, ..) => Err(SystemTrouble::None),
        (_, Some(only), None) => Ok(only),
        _ => Err(SystemTrouble::Several(names)),
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
        let of_make = |id: &str, make: &str| System { external_type: Some(make.to_owned()), ..system(id, id) };
        let mixed = || vec![of_make("v", "visionline_system"), of_make("s", "salto_space_system")];
        assert_eq!(choose(mixed(), None).unwrap().acs_system_id.as_str(), "s");
        assert_eq!(choose(mixed(), Some("v")).unwrap().acs_system_id.as_str(), "v");
        let twice = [mixed(), mixed()].concat();
        assert!(matches!(choose(twice, None), Err(SystemTrouble::Several(_))));
    }
}
