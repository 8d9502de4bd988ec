//! A hotel: a simulator in this process, and what its API tells of it.

use std::net::SocketAddr;
use std::time::Duration;

use keydesk::simulator::{Options, Simulator};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::support::program_desk::KEY;
use crate::support::pty::wait_until;

/// The simulator on a runtime of its own, so that it can die as a process does: with all its connections.
struct Running {
    _simulator: Simulator,
    runtime: Option<Runtime>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

pub struct Hotel {
    running: Option<Running>,
    options: Options,
    address: SocketAddr,
    http: reqwest::Client,
    runtime: Runtime,
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

impl Hotel {
    /// Cards come by themselves, after a moment that a test can see.
    pub fn open() -> Self {
        Self::with(Options { card_delay: millis(300), ..quick() })
    }

    pub fn with(options: Options) -> Self {
        // Only the first call of a process can install the provider; every later one finds it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // No connection is kept, since the simulator may die in between.
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let mut hotel = Self { running: None, address: options.listen, options, http, runtime };
        hotel.reopen();
        hotel
    }

    /// Cards are placed by the test.
    pub fn with_manual_encoders() -> Self {
        let hotel = Self::with(quick());
        for encoder in ["Front Desk", "Concierge"] {
            hotel.sim("set_mode", encoder, &json!({"mode": "manual", "card_wait_ms": 3_600_000}));
        }
        hotel
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The simulator dies; whoever is connected notices.
    pub fn die(&mut self) {
        self.running = None;
    }

    /// A new simulator on the same port: the hotel is as it was at the very beginning.
    pub fn reopen(&mut self) {
        let options = Options { listen: self.address, ..self.options.clone() };
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        self.address = simulator.url().trim_start_matches("http://").parse().unwrap();
        self.running = Some(Running { _simulator: simulator, runtime: Some(runtime) });
    }

    /// A call that must succeed.
    pub fn call(&self, path: &str, params: &Value) -> Value {
        let (status, body) = self.ask(path, params);
        assert_eq!(status, 200, "{path} {params}: {body}");
        body
    }

    /// A call and its status.
    pub fn ask(&self, path: &str, params: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.url())).bearer_auth(KEY).json(params);
        self.runtime.block_on(async {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.json().await.unwrap())
        })
    }

    pub fn system(&self) -> Value {
        self.call("/acs/systems/list", &json!({}))["acs_systems"][0]["acs_system_id"].clone()
    }

    /// The users of this name.
    pub fn users(&self, name: &str) -> Vec<Value> {
        let all = self.call("/acs/users/list", &json!({"acs_system_id": self.system(), "limit": 500}));
        all["acs_users"].as_array().unwrap().iter().filter(|user| user["full_name"] == name).cloned().collect()
    }

    /// The one user of this name.
    pub fn user(&self, name: &str) -> Value {
        let users = self.users(name);
        assert_eq!(users.len(), 1, "users of the name {name}");
        users[0].clone()
    }

    /// The names of a guest's groups, sorted.
    pub fn groups_of(&self, name: &str) -> Vec<String> {
        let user = &self.user(name)["acs_user_id"];
        let groups = self.call("/acs/access_groups/list", &json!({"acs_user_id": user}));
        let groups = groups["acs_access_groups"].as_array().unwrap();
        let mut names: Vec<_> = groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    /// The card credentials of a guest.
    pub fn cards_of(&self, name: &str) -> Vec<Value> {
        let user = &self.user(name)["acs_user_id"];
        let all = self.call("/acs/credentials/list", &json!({"acs_user_id": user}));
        let all = all["acs_credentials"].as_array().unwrap();
        all.iter().filter(|credential| credential["access_method"] == "card").cloned().collect()
    }

    /// The only card credential of a guest, written; and what its card holds.
    pub fn written_card_of(&self, name: &str) -> (Value, Value) {
        let cards = self.cards_of(name);
        assert_eq!(cards.len(), 1, "cards of {name}: {cards:?}");
        assert_eq!(cards[0]["is_issued"], true);
        let state = self.call("/_sim/state", &json!({}));
        let cards_there = state["state"]["cards"].as_array().unwrap();
        let id = &cards[0]["acs_credential_id"];
        let held: Vec<_> = cards_there.iter().filter(|card| card["content"]["acs_credential_id"] == *id).collect();
        assert_eq!(held.len(), 1, "cards that hold the credential: {held:?}");
        (cards[0].clone(), held[0].clone())
    }

    pub fn encoder(&self, name: &str) -> Value {
        let state = self.call("/_sim/state", &json!({}));
        let encoders = state["state"]["encoders"].as_array().unwrap().clone();
        encoders.into_iter().find(|encoder| encoder["display_name"] == name).unwrap()
    }

    /// One of the simulator's own calls, for an encoder.
    pub fn sim(&self, call: &str, encoder: &str, params: &Value) -> Value {
        let mut params = params.clone();
        params["acs_encoder_id"] = self.encoder(encoder)["acs_encoder_id"].clone();
        self.call(&format!("/_sim/{call}"), &params)
    }

    pub fn place_blank(&self, encoder: &str) {
        self.sim("place_card", encoder, &json!({"card": "blank"}));
    }

    pub fn lift(&self, encoder: &str) {
        self.sim("lift_card", encoder, &json!({}));
    }

    pub fn wait_until_doing(&self, encoder: &str, what: &str) {
        wait_until(&format!("{encoder} is {what}"), || self.encoder(encoder)["doing"] == what);
    }
}

/// Everything at once.
pub fn quick() -> Options {
    Options { card_delay: millis(20), write_time: millis(50), sync_delay: millis(50), ..Options::default() }
}
