//! Two desks and a foreign client at one access system: what is done elsewhere shows by itself, in bounded time, with a
//! bounded number of requests. The desks' time passes when told; reading goes over real HTTP.

mod desk;

use std::time::Duration;

use desk::Desk;
use jiff::SignedDuration;
use keydesk::simulator::{Options, Simulator};
use serde_json::{Value, json};

/// What events tell is on the screen within so many seconds.
const SOON: i64 = 10;
/// What is read every ten seconds, and may have to wait for room in the budget.
const NEAR: i64 = 12;
/// What only the list of groups tells.
const GROUPS: i64 = 65;
/// What only the rota finds: two minutes, and what all that events told here took from its budget.
const ROTA: i64 = 150;

struct Hotel {
    simulator: Simulator,
    desks: [Desk; 2],
}

impl Hotel {
    /// A hotel with two desks: at the first John Doe is selected, at the second Nils Andersson.
    async fn open() -> Self {
        let options = Options {
            card_delay: Duration::ZERO,
            write_time: Duration::ZERO,
            sync_delay: Duration::ZERO,
            ..Options::default()
        };
        let key = options.api_key.clone();
        let simulator = Simulator::start(options).await.unwrap();
        let mut first = Desk::open(simulator.url(), key.clone()).await;
        let mut second = Desk::open(simulator.url(), key).await;
        first.choose("john doe", "Doe, John").await;
        second.choose("nils", "Andersson, Nils").await;
        Self { simulator, desks: [first, second] }
    }

    fn ask(&self, path: &str, params: &Value) -> Value {
        self.simulator.ask(path, params).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The id of the first object of a list whose field has this value.
    fn id(&self, path: &str, list: &str, (field, value): (&str, &str), id: &str) -> Value {
        let system = self.ask("/acs/systems/list", &json!({}))["acs_systems"][0]["acs_system_id"].clone();
        let all = self.ask(path, &json!({ "acs_system_id": system }));
        let found = all[list].as_array().unwrap().iter().find(|one| one[field] == value);
        found.unwrap_or_else(|| panic!("no {value} in {path}"))[id].clone()
    }

    fn user(&self, name: &str) -> Value {
        self.id("/acs/users/list", "acs_users", ("full_name", name), "acs_user_id")
    }

    fn group(&self, name: &str) -> Value {
        self.id("/acs/access_groups/list", "acs_access_groups", ("name", name), "acs_access_group_id")
    }

    fn encoder(&self, name: &str) -> Value {
        self.id("/acs/encoders/list", "acs_encoders", ("display_name", name), "acs_encoder_id")
    }

    fn card(&self, user: &Value) -> Value {
        let all = self.ask("/acs/credentials/list", &json!({ "acs_user_id": user }));
        all["acs_credentials"][0]["acs_credential_id"].clone()
    }

    async fn pass(&mut self, seconds: i64) {
        for desk in &mut self.desks {
            desk.pass(SignedDuration::from_secs(seconds)).await;
        }
    }

    /// Waits until these desks show it, and says after how many seconds. Nothing at them is pressed.
    async fn shows(&mut self, what: &str, at: &[usize], within: i64, is_shown: impl Fn(&str) -> bool) {
        for second in 0..=within {
            if at.iter().all(|desk| is_shown(&self.desks[*desk].screen())) {
                println!("{what:<45} after {second:>3} s of {within}");
                return;
            }
            self.pass(1).await;
        }
        panic!("{what} is not shown after {within} s:\n{}", self.desks[at[0]].screen());
    }
}

/// Whether the row of a guest says this.
fn row(screen: &str, guest: &str, said: &str) -> bool {
    // The users' pane stands first in a line, between its borders.
    let rows = screen.lines().filter_map(|line| line.split(['┃', '│']).nth(1));
    rows.filter(|row| row.contains(guest)).any(|row| row.contains(said))
}

const BOTH: &[usize] = &[0, 1];

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_dies_is_answered_all_the_same() {
    let options = Options::default();
    let key = options.api_key.clone();
    let simulator = Simulator::start(options).await.unwrap();
    // No pause at all between two requests is more than the timer takes: the reading of everything dies of it.
    let mut desk = Desk::open_sweeping(simulator.url(), key, u32::MAX).await;
    desk.pass(SignedDuration::from_mins(3)).await;
    desk.choose("john doe", "Doe, John").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_do_shows_by_itself() {
    let mut hotel = Box::pin(Hotel::open()).await;
    hotel.pass(120).await;
    let begin = hotel.desks[0].now();
    let paths = ["/events/list", "/acs/users/get", "/acs/users/list", "/acs/access_groups/list_users"];
    let before: u64 = hotel.simulator.calls().len().try_into().unwrap();

    // Events tell.
    let system = hotel.ask("/acs/systems/list", &json!({}))["acs_systems"][0]["acs_system_id"].clone();
    hotel.ask("/acs/users/create", &json!({ "acs_system_id": system, "full_name": "Jane Roe" }));
    hotel.shows("a user made", BOTH, SOON, |screen| screen.contains("Roe, Jane")).await;
    let jane = hotel.user("Jane Roe");
    hotel.ask("/acs/users/delete", &json!({ "acs_user_id": jane }));
    hotel.shows("a user deleted", BOTH, SOON, |screen| !screen.contains("Roe, Jane")).await;
    let minh = hotel.user("Minh Nguyễn");
    let key = json!({ "assign_new_key": true });
    let made = json!({ "acs_user_id": minh, "access_method": "card", "salto_space_metadata": key });
    let card = hotel.ask("/acs/credentials/create", &made)["acs_credential"]["acs_credential_id"].clone();
    let encoder = hotel.encoder("Concierge");
    hotel.ask("/acs/encoders/encode_credential", &json!({ "acs_credential_id": card, "acs_encoder_id": encoder }));
    hotel.shows("a card written elsewhere", BOTH, SOON, |screen| row(screen, "Nguyễn, Minh", "card ok")).await;
    hotel.ask("/acs/credentials/delete", &json!({ "acs_credential_id": card }));
    hotel.shows("a credential deleted", BOTH, SOON, |screen| row(screen, "Nguyễn, Minh", "no card")).await;
    hotel.ask("/_sim/set_encoder", &json!({ "acs_encoder_id": encoder, "removed": true }));
    hotel.shows("an encoder removed", BOTH, SOON, |screen| screen.contains("■ removed")).await;
    hotel.ask("/_sim/set_encoder", &json!({ "acs_encoder_id": encoder, "removed": false }));
    hotel.shows("an encoder added", BOTH, SOON, |screen| !screen.contains("■ removed")).await;
    hotel.ask("/_sim/set_bridge", &json!({ "connected": false }));
    hotel.shows("the bridge cut", BOTH, SOON, |screen| screen.contains("KEY SYSTEM LINK DOWN")).await;
    hotel.ask("/_sim/set_bridge", &json!({ "connected": true }));
    hotel.shows("the bridge back", BOTH, SOON, |screen| screen.contains("● key system link")).await;

    // Entrances of the selected guest's groups.
    let room = hotel.group("Room 204");
    let doors = |hotel: &Hotel| {
        let all =
            hotel.ask("/acs/access_groups/list_accessible_entrances", &json!({ "acs_access_group_id": room.clone() }));
        let all = all["acs_entrances"].as_array().unwrap().clone();
        all.into_iter().map(|door| door["acs_entrance_id"].clone()).collect::<Vec<_>>()
    };
    let many = doors(&hotel).len();
    let says = |count: usize| move |screen: &str| screen.contains(&format!("{count} entrances"));
    let room_says =
        |screen: &str, count: usize| screen.lines().any(|line| line.contains("✓ Room 204") && says(count)(line));
    assert!(room_says(&hotel.desks[0].screen(), many));
    let gate = hotel.ask("/_sim/add_entrance", &json!({ "name": "Garden Gate" }))["acs_entrance"].clone();
    let gate = gate["acs_entrance_id"].clone();
    let mut with_gate = doors(&hotel);
    with_gate.push(gate.clone());
    hotel.ask("/_sim/set_group", &json!({ "acs_access_group_id": room.clone(), "acs_entrance_ids": with_gate }));
    hotel.shows("an entrance added", &[0], SOON, |screen| room_says(screen, many + 1)).await;
    hotel.ask("/_sim/delete_entrance", &json!({ "acs_entrance_id": gate }));
    hotel.shows("an entrance removed", &[0], SOON, |screen| room_says(screen, many)).await;

    // What no event tells of the selected guest.
    let john = hotel.user("John Doe");
    hotel.ask("/acs/users/update", &json!({ "acs_user_id": john, "full_name": "Johnny Doe" }));
    hotel.shows("the selected guest renamed", &[0], NEAR, |screen| screen.contains("Credentials of Doe, Johnny")).await;
    let lounge = hotel.group("Executive Lounge");
    hotel.ask("/acs/users/add_to_access_group", &json!({ "acs_user_id": john, "acs_access_group_id": lounge }));
    hotel.shows("the selected guest's membership", &[0], NEAR, |screen| screen.contains("✓ Executive Lounge")).await;
    let made = json!({ "acs_user_id": john, "access_method": "card", "salto_space_metadata": key });
    hotel.ask("/acs/credentials/create", &made);
    hotel.shows("a credential made", &[0], NEAR, |screen| row(screen, "Doe, Johnny", "to be written")).await;

    // Groups.
    let is_listed = |screen: &str, name: &str| screen.contains(&format!("· {name}"));
    hotel.ask("/_sim/set_group", &json!({ "name": "Art Cellar" }));
    hotel.shows("a new group", BOTH, GROUPS, |screen| is_listed(screen, "Art Cellar")).await;
    hotel.ask("/_sim/delete_group", &json!({ "acs_access_group_id": hotel.group("Art Cellar") }));
    hotel.shows("a group deleted", BOTH, SOON, |screen| !screen.contains("Art Cellar")).await;

    // What no event tells of anybody else: the rota finds it.
    let chloe = hotel.user("Chloé Dubois");
    hotel.ask("/acs/users/update", &json!({ "acs_user_id": chloe, "full_name": "Chloé Durand" }));
    hotel.shows("another guest renamed", BOTH, ROTA, |screen| screen.contains("Durand, Chloé")).await;
    let room = hotel.group("Room 220");
    hotel.ask("/acs/users/remove_from_access_group", &json!({ "acs_user_id": chloe, "acs_access_group_id": room }));
    hotel.shows("another guest's room", BOTH, ROTA, |screen| !row(screen, "Durand, Chloé", "220")).await;
    let jose = hotel.user("José García");
    let card = hotel.card(&jose);
    hotel.ask("/acs/credentials/delete", &json!({ "acs_credential_id": card }));
    let made = json!({ "acs_user_id": jose, "access_method": "card", "salto_space_metadata": key });
    hotel.ask("/acs/credentials/create", &made);
    hotel
        .shows("another guest's credential made", BOTH, ROTA, |screen| row(screen, "García, José", "to be written"))
        .await;

    // The desks say how much they asked; the server counts the same.
    let minutes = hotel.desks[0].now().duration_since(begin).as_secs_f64() / 60.0;
    let made: u32 = hotel.desks.iter().map(|desk| desk.asked_since(begin)).sum();
    let served = u64::try_from(hotel.simulator.calls().len()).unwrap() - before;
    for path in paths {
        println!("{path}: {}", hotel.simulator.count(path).received);
    }
    println!("{made} requests of two desks in {minutes:.1} minutes, {served} served");
    // Of a user who is gone only that is read: each desk was told of one.
    assert_eq!(u64::from(made), served + 4, "the cost of each query is what it makes");
    for desk in &hotel.desks {
        let most = desk.most_in_a_minute(begin);
        println!("at most {most} in a minute");
        assert!(most <= 60);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_hotel_is_read_whole_within_two_minutes_and_less_while_nobody_works() {
    let mut hotel = Box::pin(Hotel::open()).await;
    hotel.pass(120).await;
    let groups = hotel.ask("/acs/access_groups/list", &json!({}))["acs_access_groups"].as_array().unwrap().len();
    let users = hotel.ask("/acs/users/list", &json!({}))["acs_users"].as_array().unwrap().len();
    println!("{users} users, {groups} groups");
    let Hotel { simulator, desks: [mut desk, _other] } = hotel;
    let since = simulator.calls().len();
    let frames = desk.frames;
    desk.pass(SignedDuration::from_mins(2)).await;
    let calls = simulator.calls().split_off(since);
    let asked = |path: &str, param: &str| {
        let of_path = calls.iter().filter(|call| call.path == path);
        of_path.map(|call| call.params[param].to_string()).collect::<std::collections::BTreeSet<_>>()
    };
    let mut counts = std::collections::BTreeMap::new();
    for call in &calls {
        *counts.entry(call.path.clone()).or_insert(0) += 1;
    }
    println!("{counts:#?}");
    assert_eq!(asked("/acs/access_groups/list_users", "acs_access_group_id").len(), groups);
    assert!(!asked("/acs/users/list", "acs_system_id").is_empty());
    assert!(!asked("/acs/credentials/list", "acs_system_id").is_empty());
    println!("{} requests in two minutes", calls.len());
    assert!(calls.len() <= 120);
    assert_eq!(desk.frames, frames, "nothing changed, nothing was drawn");

    // A large part of an hour without a key.
    desk.pass(SignedDuration::from_mins(10)).await;
    let (idle, since) = (desk.now(), simulator.calls().len());
    desk.pass(SignedDuration::from_mins(30)).await;
    let calls = simulator.calls().len() - since;
    println!("{calls} requests in thirty minutes without a key, at most {} a minute", desk.most_in_a_minute(idle));
    assert!(desk.most_in_a_minute(idle) <= 18);
    assert_eq!(desk.frames, frames);
    simulator.ask("/acs/users/create", &json!({
        "acs_system_id": simulator.ask("/acs/systems/list", &json!({})).unwrap()["acs_systems"][0]["acs_system_id"],
        "full_name": "Jane Roe",
    })).unwrap();
    desk.pass(SignedDuration::from_secs(SOON)).await;
    assert!(desk.screen().contains("Roe, Jane"), "events tell also while nobody works");
}
