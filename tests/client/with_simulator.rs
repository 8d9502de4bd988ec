//! The client against the simulator, over HTTP: every call, and what it did read back by another.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use keydesk::seam::client::{Client, Connection, all_pages};
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::page::{Cursor, Page};
use keydesk::seam::request::{EventsQuery, NewUser, ScheduleUpdate, UserUpdate};
use keydesk::seam::types::{
    AccessMethod, AccessSchedule, ActionAttempt, AttemptStatus, Credential, Encoder, EndsAt, Group, SystemId, User,
};
use keydesk::simulator::{Options, Simulator};

/// A hotel of its own for each test, with everything in it fast.
struct Hotel {
    client: Client,
    system: SystemId,
    _simulator: Simulator,
}

impl Hotel {
    async fn open(options: Options) -> Self {
        let key = options.api_key.clone();
        let simulator = Simulator::start(options).await.unwrap();
        let client = Client::new(connection(&simulator.url(), &key)).unwrap();
        let system = client.systems_list().await.unwrap().remove(0).acs_system_id;
        Self { client, system, _simulator: simulator }
    }

    /// The guests who match a search.
    async fn search(&self, text: &str) -> Vec<User> {
        self.client.users_page(&self.system, Some(text), None, None).await.unwrap().items
    }

    async fn guest(&self, name: &str) -> User {
        let found = self.search(name).await.into_iter().find(|user| user.name() == name);
        found.unwrap_or_else(|| panic!("{name} lives here"))
    }

    async fn group(&self, name: &str) -> Group {
        let found = self.client.groups_list(&self.system).await.unwrap().into_iter().find(|group| group.name() == name);
        found.unwrap_or_else(|| panic!("{name} is a group"))
    }

    async fn encoder(&self) -> Encoder {
        self.client.encoders_page(&self.system, None).await.unwrap().items.remove(0)
    }

    async fn groups_of(&self, user: &User) -> Vec<String> {
        let groups = self.client.groups_of_user(&user.acs_user_id).await.unwrap();
        groups.iter().map(|group| group.name().to_owned()).collect()
    }

    /// Follows an attempt to its end.
    async fn end_of(&self, attempt: ActionAttempt) -> ActionAttempt {
        assert_eq!(attempt.status, AttemptStatus::Pending);
        let id = &attempt.action_attempt_id;
        until("the attempt has ended", async || {
            Some(self.client.attempt_get(id).await.unwrap()).filter(|now| now.status != AttemptStatus::Pending)
        })
        .await
    }

    async fn write(&self, credential: &Credential) -> ActionAttempt {
        let encoder = self.encoder().await.acs_encoder_id;
        self.end_of(self.client.encode_credential(&credential.acs_credential_id, &encoder).await.unwrap()).await
    }
}

fn fast() -> Options {
    let moment = Duration::from_millis(5);
    Options { card_delay: moment, write_time: moment, sync_delay: moment, ..Options::default() }
}

fn connection(url: &str, key: &str) -> Connection {
    Connection {
        endpoint: url.to_owned(),
        key: key.into(),
        workspace: None,
        connect_timeout: Duration::from_secs(20),
        total_timeout: Duration::from_secs(20),
        allow_insecure: false,
    }
}

/// Asks again and again until there is an answer.
async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// A moment so many hours from now, in whole seconds as forms have it.
fn hours_from_now(hours: i64) -> Timestamp {
    Timestamp::from_second((Timestamp::now() + SignedDuration::from_hours(hours)).as_second()).unwrap()
}

#[tokio::test]
async fn workspace_and_systems() {
    let Hotel { client, system, _simulator } = Hotel::open(fast()).await;
    assert!(client.workspace_get().await.unwrap().is_sandbox);
    let found = client.system_get(&system).await.unwrap();
    assert_eq!(found.name.as_deref(), Some("Hotel Aurora"));
    assert_eq!(found.external_type.as_deref(), Some("salto_space_system"));
    assert_eq!(found.location.time_zone.as_deref(), Some("Europe/Berlin"));
}

#[tokio::test]
async fn a_guest_comes_changes_and_goes() {
    let hotel = Hotel::open(fast()).await;
    let client = &hotel.client;
    let (room, gym) = (hotel.group("Room 204").await, hotel.group("Gym").await);
    let end = hours_from_now(48);
    let created = client
        .user_create(&NewUser {
            system: hotel.system.clone(),
            full_name: "Jane Roe".into(),
            phone_number: Some("+15555550100".into()),
            email_address: Some("jane@example.com".into()),
            group_ids: vec![room.acs_access_group_id.clone()],
            access_schedule: Some(AccessSchedule { starts_at: None, ends_at: EndsAt::At(end) }),
        })
        .await
        .unwrap();
    let id = &created.acs_user_id;
    let read = client.user_get(id).await.unwrap();
    assert_eq!((read.name(), read.ends_at()), ("Jane Roe", EndsAt::At(end)));
    assert_eq!(read.phone_number.as_deref(), Some("+15555550100"));
    assert_eq!(read.email_address.as_deref(), Some("jane@example.com"));
    assert_eq!(hotel.groups_of(&read).await, ["Room 204"]);
    assert_eq!(hotel.search("jane@exa").await.len(), 1);

    client.user_add_to_group(id, &gym.acs_access_group_id).await.unwrap();
    client.user_remove_from_group(id, &room.acs_access_group_id).await.unwrap();
    assert_eq!(hotel.groups_of(&read).await, ["Gym"]);
    let doors = client.user_entrances(id).await.unwrap();
    assert_eq!(doors.iter().filter_map(|door| door.display_name.as_deref()).collect::<Vec<_>>(), ["Gym"]);

    let (starts_at, ends_at) = (hours_from_now(1), hours_from_now(72));
    let mut update = UserUpdate::of(id.clone());
    update.full_name = Some("Jane Doe".into());
    update.phone_number = Some("+15555550199".into());
    update.email_address = Some("doe@example.com".into());
    update.access_schedule = ScheduleUpdate::Set { starts_at, ends_at };
    client.user_update(&update).await.unwrap();
    let read = client.user_get(id).await.unwrap();
    assert_eq!((read.name(), read.phone_number.as_deref()), ("Jane Doe", Some("+15555550199")));
    assert_eq!(read.email_address.as_deref(), Some("doe@example.com"));
    let schedule = AccessSchedule { starts_at: Some(starts_at), ends_at: EndsAt::At(ends_at) };
    assert_eq!(read.access_schedule, Some(schedule));
    client
        .user_update(&UserUpdate { access_schedule: ScheduleUpdate::Clear, ..UserUpdate::of(id.clone()) })
        .await
        .unwrap();
    assert_eq!(client.user_get(id).await.unwrap().ends_at(), EndsAt::Never);

    client.user_suspend(id).await.unwrap();
    assert!(client.user_get(id).await.unwrap().is_suspended);
    client.user_unsuspend(id).await.unwrap();
    assert!(!client.user_get(id).await.unwrap().is_suspended);

    client.user_delete(id).await.unwrap();
    let gone = until("the user is gone", async || client.user_get(id).await.err()).await;
    assert!(gone.is_gone() && gone.code == "acs_user_not_found", "{gone:?}");
    assert!(gone.request_id.is_some());
}

#[tokio::test]
async fn what_is_on_its_way_says_so() {
    let slow = Options { sync_delay: Duration::from_secs(3600), ..fast() };
    let hotel = Hotel::open(slow).await;
    let guest = hotel.guest("John Doe").await;
    let card = hotel.client.credential_create(&guest.acs_user_id, true).await.unwrap();
    assert_ne!(card.is_latest_desired_state_synced_with_provider, Some(true));
    hotel.client.credential_delete(&card.acs_credential_id).await.unwrap();
    let read = hotel.client.credential_get(&card.acs_credential_id).await.unwrap();
    assert!(read.is_going() && !read.is_live_card());
    hotel.client.user_suspend(&guest.acs_user_id).await.unwrap();
    let read = hotel.client.user_get(&guest.acs_user_id).await.unwrap();
    assert!(read.pending_mutations.iter().any(|change| change.code == "updating_suspension_state"));
    hotel.client.user_delete(&guest.acs_user_id).await.unwrap();
    assert!(hotel.client.user_get(&guest.acs_user_id).await.unwrap().is_going());
}

#[tokio::test]
async fn groups_know_users_and_entrances() {
    let hotel = Hotel::open(fast()).await;
    let room = hotel.group("Room 204").await.acs_access_group_id;
    assert_eq!(hotel.client.group_get(&room).await.unwrap().name(), "Room 204");
    let users = hotel.client.group_users(&room).await.unwrap();
    assert_eq!(users.iter().map(User::name).collect::<Vec<_>>(), ["John Doe"]);
    let doors = hotel.client.group_entrances(&room).await.unwrap();
    assert!(doors.iter().any(|door| door.display_name.as_deref() == Some("Room 204")));
}

#[tokio::test]
async fn a_card_is_made_changed_and_replaced() {
    let hotel = Hotel::open(fast()).await;
    let client = &hotel.client;
    let guest = hotel.guest("John Doe").await.acs_user_id;
    let before = Timestamp::now() - SignedDuration::from_secs(1);
    assert!(client.credentials_of_user(&guest).await.unwrap().is_empty());
    let refused = client.credential_create(&guest, false).await.unwrap_err();
    assert_eq!((refused.kind, refused.code.as_str()), (ErrorKind::Refused, "card_credential_not_found"));

    let card = client.credential_create(&guest, true).await.unwrap();
    let id = &card.acs_credential_id;
    assert!(card.is_live_card() && !card.is_issued && card.warns("waiting_to_be_issued"));
    assert_eq!(card.acs_user_id.as_ref(), Some(&guest));
    let refused = client.credential_create(&guest, true).await.unwrap_err();
    assert_eq!((refused.kind, refused.code.as_str()), (ErrorKind::Refused, "card_credential_already_exists"));
    assert_eq!(refused.data["acs_credential_id"].as_str(), Some(id.as_str()));

    let ended = hotel.write(&card).await;
    assert_eq!(ended.status, AttemptStatus::Success, "{ended:?}");
    assert_eq!(ended.result["acs_credential_id"].as_str(), Some(id.as_str()));
    let read = client.credential_get(id).await.unwrap();
    assert!(read.is_issued && read.card_number.is_some() && !read.warns("waiting_to_be_issued"));

    let mut query = EventsQuery::since(before);
    query.credential = Some(id.clone());
    query.event_types = vec!["acs_credential.issued".into()];
    let events = client.events_list(&query).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].event_type.as_str(), events[0].acs_credential_id.as_ref()),
        ("acs_credential.issued", Some(id))
    );
    let until_then = EventsQuery { window: EventsQuery::between(Timestamp::UNIX_EPOCH, before).window, ..query };
    assert!(client.events_list(&until_then).await.unwrap().is_empty());

    let gym = hotel.group("Gym").await.acs_access_group_id;
    client.user_add_to_group(&guest, &gym).await.unwrap();
    assert!(client.credential_get(id).await.unwrap().warns("needs_to_be_reissued"));
    let same = client.credential_create(&guest, false).await.unwrap();
    assert_eq!(&same.acs_credential_id, id);
    assert_eq!(hotel.write(&same).await.status, AttemptStatus::Success);
    assert!(!client.credential_get(id).await.unwrap().warns("needs_to_be_reissued"));
    let doors = client.credential_entrances(id).await.unwrap();
    assert!(doors.iter().any(|door| door.display_name.as_deref() == Some("Gym")));

    let ends_at = hours_from_now(24);
    assert_eq!(client.credential_update(id, ends_at).await.unwrap().ends_at, EndsAt::At(ends_at));

    client.credential_delete(id).await.unwrap();
    until("the card is gone", async || client.credential_get(id).await.err().filter(SeamError::is_gone)).await;
    let next = client.credential_create(&guest, true).await.unwrap();
    assert_ne!(&next.acs_credential_id, id);
}

#[tokio::test]
async fn a_card_changes_hands() {
    let hotel = Hotel::open(fast()).await;
    let client = &hotel.client;
    let (john, eva) = (hotel.guest("John Doe").await.acs_user_id, hotel.guest("Eva Brandt").await.acs_user_id);
    let card = client.credential_create(&john, true).await.unwrap().acs_credential_id;
    assert_eq!(client.credential_unassign(&card, &john).await.unwrap().acs_user_id, None);
    assert_eq!(client.credential_assign(&card, &eva).await.unwrap().acs_user_id, Some(eva.clone()));
    assert!(client.credentials_of_user(&john).await.unwrap().is_empty());
    assert_eq!(client.credentials_of_user(&eva).await.unwrap()[0].acs_credential_id, card);
}

#[tokio::test]
async fn encoders_scan_and_fail_as_told() {
    let hotel = Hotel::open(fast()).await;
    let client = &hotel.client;
    let encoder = hotel.encoder().await.acs_encoder_id;
    assert_eq!(client.encoder_get(&encoder).await.unwrap().name(), "Front Desk");
    let guest = hotel.guest("John Doe").await.acs_user_id;
    let card = client.credential_create(&guest, true).await.unwrap();
    let code = |ended: &ActionAttempt| ended.error.as_ref().map(|error| error.code.clone()).unwrap_or_default();

    client.simulate_encode_fails(&encoder, "encoding_interrupted").await.unwrap();
    let failed = hotel.write(&card).await;
    assert_eq!((failed.status, code(&failed).as_str()), (AttemptStatus::Error, "encoding_interrupted"));
    client.simulate_encode_succeeds(&encoder).await.unwrap();
    let written = hotel.write(&card).await;
    assert_eq!(written.status, AttemptStatus::Success);

    let both = [failed.action_attempt_id, written.action_attempt_id];
    let listed = client.attempts_list(&both).await.unwrap();
    let status = |at: usize| listed.iter().find(|one| one.action_attempt_id == both[at]).map(|one| one.status);
    assert_eq!((listed.len(), status(0), status(1)), (2, Some(AttemptStatus::Error), Some(AttemptStatus::Success)));

    client.simulate_scan_fails(&encoder, "no_credential_on_encoder").await.unwrap();
    let scanned = hotel.end_of(client.scan_credential(&encoder).await.unwrap()).await;
    assert_eq!(code(&scanned), "no_credential_on_encoder");
    let id = card.acs_credential_id;
    client.simulate_scan_succeeds(&encoder, "credential_exists_on_seam", Some(&id)).await.unwrap();
    let scanned = hotel.end_of(client.scan_credential(&encoder).await.unwrap()).await;
    assert_eq!(scanned.result["acs_credential_on_seam"]["acs_credential_id"].as_str(), Some(id.as_str()));
    client.simulate_scan_succeeds(&encoder, "credential_does_not_exist_on_seam", None).await.unwrap();
    let scanned = hotel.end_of(client.scan_credential(&encoder).await.unwrap()).await;
    assert_eq!(scanned.status, AttemptStatus::Success);
    assert!(scanned.result["acs_credential_on_seam"].is_null());

    client.simulate_scan_succeeds(&encoder, "credential_exists_on_seam", Some(&id)).await.unwrap();
    let assigned = hotel.end_of(client.scan_to_assign_credential(&encoder, &guest).await.unwrap()).await;
    assert_eq!(assigned.status, AttemptStatus::Success, "{assigned:?}");
    assert_eq!(assigned.result["acs_user_id"].as_str(), Some(guest.as_str()));
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let hotel = Hotel::open(Options { users: Some(1200), ..fast() }).await;
    let (client, system) = (&hotel.client, &hotel.system);
    let (mut sizes, mut ids, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page: Page<User> = client.users_page(system, None, None, cursor.as_ref()).await.unwrap();
        assert_eq!(page.skipped, 0);
        sizes.push(page.items.len());
        ids.extend(page.items.into_iter().map(|user| user.acs_user_id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!((sizes, ids.len()), (vec![500, 500, 200], 1200));
    assert_eq!(client.users_page(system, None, Some(7), None).await.unwrap().items.len(), 7);

    let ask = async |cursor: Option<Cursor>| client.credentials_page(system, Some(100), cursor.as_ref()).await;
    let credentials = all_pages(50, ask).await.unwrap().items;
    assert!(credentials.len() > 100 && credentials.iter().any(|one| one.access_method == AccessMethod::MobileKey));
    let ask = async |cursor: Option<Cursor>| client.entrances_page(system, cursor.as_ref()).await;
    assert!(all_pages(50, ask).await.unwrap().items.len() > 20);
    let encoders = client.encoders_page(system, None).await.unwrap();
    assert_eq!((encoders.items.len(), encoders.next), (3, None));
}

#[tokio::test]
async fn refusals_say_what_they_are() {
    let hotel = Hotel::open(fast()).await;
    let client = &hotel.client;
    let wrong = Client::new(connection(client.endpoint(), "seam_wrong_key_12345")).unwrap();
    let error = wrong.systems_list().await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Unauthorized, Some(401)));
    let error = client.user_get(&"no uuid".into()).await.unwrap_err();
    assert_eq!((error.kind, error.status, error.code.as_str()), (ErrorKind::Refused, Some(400), "invalid_input"));
    assert!(error.validation.contains_key("acs_user_id") && error.request_id.is_some(), "{error:?}");
    let nobody = "00000000-0000-4000-8000-000000000000";
    for error in [
        client.user_get(&nobody.into()).await.unwrap_err(),
        client.credential_get(&nobody.into()).await.unwrap_err(),
        client.encoder_get(&nobody.into()).await.unwrap_err(),
        client.group_get(&nobody.into()).await.unwrap_err(),
        client.system_get(&nobody.into()).await.unwrap_err(),
        client.attempt_get(&nobody.into()).await.unwrap_err(),
    ] {
        assert!(error.is_gone() && !error.not_offered(), "{error:?}");
    }
}
