//! The engine with the real client against the simulator, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use keydesk::domain::job::command::{Command, Decision};
use keydesk::domain::job::order::{AccessChange, CardWork, Details, Guest, Named, NewGuest, Order, Schedule};
use keydesk::domain::job::{Job, JobId, Question};
use keydesk::engine::clock::SystemClock;
use keydesk::engine::{ASK_AFTER, EngineOptions, Handle, Update, start};
use keydesk::journal::{Holder, MemoryJournal};
use keydesk::seam::client::{Client, Connection};
use keydesk::seam::request::NewUser;
use keydesk::seam::types::{Credential, Encoder, EncoderId, Group, GroupId, SystemId, UserId};
use keydesk::simulator::{Options, Simulator};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

/// Longer than any of this takes; only a failing test waits for so long.
const PATIENCE: Duration = Duration::from_secs(30);

struct Hotel {
    client: Client,
    system: SystemId,
    encoder: Encoder,
    groups: Vec<Group>,
    engine: Handle,
    updates: UnboundedReceiver<Update>,
    made: u128,
    _simulator: Simulator,
}

impl Hotel {
    async fn open() -> Self {
        Self::with_sync_delay(Duration::from_millis(5)).await
    }

    async fn with_sync_delay(sync_delay: Duration) -> Self {
        let moment = Duration::from_millis(5);
        let options = Options { card_delay: moment, write_time: moment, sync_delay, ..Options::default() };
        let key = options.api_key.clone();
        let simulator = Simulator::start(options).await.unwrap();
        let client = Client::new(Connection {
            endpoint: simulator.url(),
            key: key.into(),
            workspace: None,
            connect_timeout: PATIENCE,
            total_timeout: PATIENCE,
            allow_insecure: false,
        })
        .unwrap();
        let system = client.systems_list().await.unwrap().remove(0).acs_system_id;
        let encoder = client.encoders_page(&system, None).await.unwrap().items.remove(0);
        let groups = client.groups_list(&system).await.unwrap();
        let (sender, updates) = unbounded_channel();
        let options = EngineOptions {
            health: std::sync::Arc::new(keydesk::engine::server_health::ServerHealth::new(7)),
            system: system.clone(),
            holder: Holder::new("desk", "desk"),
            ask_after: ASK_AFTER,
        };
        let engine = start(client.clone(), Arc::new(MemoryJournal::new()), SystemClock, options, sender);
        Self { client, system, encoder, groups, engine, updates, made: 0, _simulator: simulator }
    }

    fn group(&self, name: &str) -> Named<GroupId> {
        let group = self.groups.iter().find(|group| group.name() == name).unwrap();
        Named { id: group.acs_access_group_id.clone(), name: name.into() }
    }

    fn desk(&self) -> Named<EncoderId> {
        Named { id: self.encoder.acs_encoder_id.clone(), name: self.encoder.name() }
    }

    fn order(&self, guest: Guest, card: CardWork) -> Order {
        let encoder = Some(self.desk());
        Order { card, encoder, ..Order::of(guest) }
    }

    fn new_guest(&self) -> Order {
        let guest = NewGuest {
            full_name: "Mira Holm".into(),
            phone_number: Some("+4915155501999".into()),
            email_address: None,
            known_namesakes: Vec::new(),
        };
        let add = vec![self.group("Room 204")];
        let schedule = Some(Schedule { starts_at: None, ends_at: Some("2099-11-28T11:00:00Z".parse().unwrap()) });
        Order { schedule, add, ..self.order(Guest::New(guest), CardWork::New) }
    }

    async fn run(&mut self, order: Order) -> Arc<Job> {
        self.made += 1;
        let id = JobId(Uuid::from_u128(self.made));
        self.engine.send(Command::Start { id, order: Box::new(order), by: "Kim".into() });
        self.rests(id).await
    }

    async fn decide(&mut self, job: &Job, decision: Decision) -> Arc<Job> {
        let seq = job.seq;
        self.engine.send(Command::Decide { id: job.id, decision, by: "Kim".into() });
        let id = job.id;
        self.until(move |job| job.id == id && job.seq > seq && (job.lifecycle().is_ended() || job.asks().is_some()))
            .await
    }

    async fn rests(&mut self, id: JobId) -> Arc<Job> {
        self.until(move |job| job.id == id && (job.lifecycle().is_ended() || job.asks().is_some())).await
    }

    async fn until(&mut self, what: impl Fn(&Job) -> bool) -> Arc<Job> {
        let mut last = None;
        let heard = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Update::Job(job) = self.updates.recv().await.unwrap() {
                    if what(&job) {
                        return job;
                    }
                    last = Some(job);
                }
            }
        });
        heard.await.unwrap_or_else(|_| panic!("it came no further than {last:#?}"))
    }

    async fn cards(&self, user: &UserId) -> Vec<Credential> {
        let all = self.client.credentials_of_user(user).await.unwrap();
        all.into_iter().filter(Credential::is_live_card).collect()
    }
}

fn guest(job: &Job) -> Guest {
    Guest::Existing(Named { id: job.user.clone().unwrap(), name: job.who().to_owned() })
}

#[tokio::test]
async fn a_stay_with_all_its_cards() {
    let mut hotel = Hotel::open().await;

    // A guest arrives.
    let order = hotel.new_guest();
    let first = hotel.run(order).await;
    assert!(first.lifecycle().is_done(), "{:#?}", first.phase);
    let user = first.user.clone().unwrap();
    let groups = hotel.client.groups_of_user(&user).await.unwrap();
    assert_eq!(groups.iter().map(Group::name).collect::<Vec<_>>(), ["Room 204"]);
    let cards = hotel.cards(&user).await;
    assert_eq!(cards.len(), 1);
    assert!(cards[0].is_issued);
    assert_eq!(cards[0].card_number, first.card_number);
    let stored = hotel.client.user_get(&user).await.unwrap();
    assert_eq!(stored.ends_at().at(), Some("2099-11-28T11:00:00Z".parse().unwrap()));

    // Another group: the guest's own card is written again.
    let add = vec![hotel.group("Room 205")];
    let update = CardWork::Update(cards[0].acs_credential_id.clone());
    let second = hotel.run(Order { add, ..hotel.order(guest(&first), update) }).await;
    assert!(second.lifecycle().is_done(), "{:#?}", second.phase);
    let cards = hotel.cards(&user).await;
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0].card_number, first.card_number, "it is the same card");
    assert_eq!(hotel.client.groups_of_user(&user).await.unwrap().len(), 2);

    // The card is lost.
    let lost = CardWork::Replace(cards[0].acs_credential_id.clone());
    let third = hotel.run(hotel.order(guest(&first), lost)).await;
    assert!(third.lifecycle().is_done(), "{:#?}", third.phase);
    let cards = hotel.cards(&user).await;
    assert_eq!(cards.len(), 1);
    assert_ne!(cards[0].card_number, first.card_number);
    hotel.engine.stop().await;
}

#[tokio::test]
async fn a_failed_write_is_tried_again_with_the_same_credential() {
    let mut hotel = Hotel::open().await;
    hotel.client.simulate_encode_fails(&hotel.encoder.acs_encoder_id, "no_credential_on_encoder").await.unwrap();
    let order = hotel.new_guest();
    let failed = hotel.run(order).await;
    let Some(Question::EncodeFailed(error)) = failed.asks() else { panic!("{:#?}", failed.phase) };
    assert_eq!(error.code, "no_credential_on_encoder");
    let done = hotel.decide(&failed, Decision::TryAgain).await;
    assert!(done.lifecycle().is_done(), "{:#?}", done.phase);
    assert_eq!(done.credential, failed.credential);
    let found = hotel.client.users_page(&hotel.system, Some("Mira Holm"), None, None).await.unwrap();
    assert_eq!(found.items.len(), 1);
}

#[tokio::test]
async fn a_lost_card_is_replaced_while_its_deletion_is_on_its_way() {
    let mut hotel = Hotel::with_sync_delay(Duration::from_millis(700)).await;
    let order = hotel.new_guest();
    let first = hotel.run(order).await;
    assert!(first.lifecycle().is_done(), "{:#?}", first.phase);
    let lost = CardWork::Replace(first.credential.clone().unwrap());
    let replaced = hotel.run(hotel.order(guest(&first), lost)).await;
    assert!(replaced.lifecycle().is_done(), "{:#?}", replaced.phase);
    let cards = hotel.cards(first.user.as_ref().unwrap()).await;
    assert_eq!(cards.len(), 1);
    assert_ne!(cards[0].card_number, first.card_number);
}

#[tokio::test]
async fn two_guests_at_one_encoder_are_served_one_after_the_other() {
    let mut hotel = Hotel::open().await;
    let mut second = hotel.new_guest();
    if let Guest::New(guest) = &mut second.guest {
        guest.full_name = "Anton Berg".into();
        guest.phone_number = Some("+4915155501998".into());
    }
    let orders = [hotel.new_guest(), second];
    let ids = [JobId(Uuid::from_u128(1)), JobId(Uuid::from_u128(2))];
    for (id, order) in ids.into_iter().zip(orders) {
        hotel.engine.send(Command::Start { id, order: Box::new(order), by: "Kim".into() });
    }
    let mut users = Vec::new();
    let mut rested = 0;
    while rested < 2 {
        let job = hotel.until(|job| job.lifecycle().is_ended() || job.asks().is_some()).await;
        if job.asks() == Some(&Question::YourTurn) {
            hotel.engine.send(Command::Decide { id: job.id, decision: Decision::GoOn, by: "Kim".into() });
            continue;
        }
        assert!(job.lifecycle().is_done(), "{:#?}", job.phase);
        users.extend(job.user.clone());
        rested += 1;
    }
    for user in users {
        assert!(hotel.cards(&user).await[0].is_issued);
    }
}

#[tokio::test]
async fn what_was_typed_counts_for_a_guest_who_is_there_already() {
    // What is on its way to the key system counts as it will be.
    for sync_delay in [Duration::from_millis(5), Duration::from_mins(10)] {
        let mut hotel = Hotel::with_sync_delay(sync_delay).await;
        let there = NewUser {
            system: hotel.system.clone(),
            full_name: "Mira Holm".into(),
            phone_number: None,
            email_address: Some("mira@example.com".into()),
            group_ids: Vec::new(),
            access_schedule: None,
        };
        let there = hotel.client.user_create(&there).await.unwrap();
        let order = hotel.new_guest();
        let job = hotel.run(order).await;
        assert!(matches!(job.asks(), Some(Question::WhoIsIt(_))), "{:#?}", job.phase);
        let job = hotel.decide(&job, Decision::UseUser(there.acs_user_id.clone())).await;
        assert!(job.lifecycle().is_done(), "{:#?}", job.phase);
        assert_eq!(job.user.as_ref(), Some(&there.acs_user_id));
        let stored = hotel.client.user_get(&there.acs_user_id).await.unwrap();
        assert_eq!(stored.will_end_at().at(), Some("2099-11-28T11:00:00Z".parse().unwrap()));
        assert_eq!(stored.will_have_phone_number(), Some("+4915155501999"));
        assert_eq!(stored.will_have_email_address(), Some("mira@example.com"), "what was not typed stays");
        assert!(stored.starts_at().is_some_and(|start| start <= job.started_at));
    }
}

#[tokio::test]
async fn a_stay_changes_and_ends() {
    // What is on its way to the key system counts as it will be.
    for sync_delay in [Duration::from_millis(5), Duration::from_mins(10)] {
        let mut hotel = Hotel::with_sync_delay(sync_delay).await;
        let there = NewUser {
            system: hotel.system.clone(),
            full_name: "Mira Holm".into(),
            phone_number: Some("+4915155501999".into()),
            email_address: None,
            group_ids: Vec::new(),
            access_schedule: None,
        };
        let there = hotel.client.user_create(&there).await.unwrap();
        let user = there.acs_user_id.clone();
        let mira = Guest::Existing(Named { id: user.clone(), name: "Mira Holm".into() });

        // A longer stay from another day on, under a mended name.
        let schedule = Schedule {
            starts_at: Some("2098-11-28T15:00:00Z".parse().unwrap()),
            ends_at: Some("2099-11-28T11:00:00Z".parse().unwrap()),
        };
        let details = Details { full_name: Some("Mira Holmes".into()), ..Details::default() };
        let order =
            Order { details: Some(details), schedule: Some(schedule), ..hotel.order(mira.clone(), CardWork::None) };
        let changed = hotel.run(order.clone()).await;
        assert!(changed.lifecycle().is_done(), "{:#?}", changed.phase);
        let stored = hotel.client.user_get(&user).await.unwrap();
        assert_eq!(stored.will_have_full_name(), Some("Mira Holmes"));
        assert_eq!(stored.will_have_phone_number(), Some("+4915155501999"), "what was not ordered stays");
        assert_eq!((stored.will_start_at(), stored.will_end_at().at()), (schedule.starts_at, schedule.ends_at));
        // The same once more sends nothing: it is as wanted.
        let again = hotel.run(order).await;
        assert!(again.lifecycle().is_done() && again.seq < changed.seq, "{again:#?}");

        for (access, is_suspended) in [(AccessChange::Suspend, true), (AccessChange::Unsuspend, false)] {
            let order = Order { access: Some(access), ..hotel.order(mira.clone(), CardWork::None) };
            let job = hotel.run(order).await;
            assert!(job.lifecycle().is_done(), "{:#?}", job.phase);
            assert_eq!(hotel.client.user_get(&user).await.unwrap().will_be_suspended(), is_suspended);
        }

        let order = Order { access: Some(AccessChange::Delete), ..hotel.order(mira, CardWork::None) };
        let gone = hotel.run(order).await;
        assert!(gone.lifecycle().is_done(), "{:#?}", gone.phase);
        let is_gone = match hotel.client.user_get(&user).await {
            Ok(user) => user.is_going(),
            Err(error) => error.is_gone(),
        };
        assert!(is_gone);
    }
}

#[tokio::test]
async fn a_cancelled_card_is_gone_and_no_other_is_made() {
    let mut hotel = Hotel::open().await;
    let order = hotel.new_guest();
    let first = hotel.run(order).await;
    let cancel = CardWork::Cancel(first.credential.clone().unwrap());
    let cancelled = hotel.run(hotel.order(guest(&first), cancel)).await;
    assert!(cancelled.lifecycle().is_done(), "{:#?}", cancelled.phase);
    assert_eq!(hotel.cards(first.user.as_ref().unwrap()).await, []);
}
