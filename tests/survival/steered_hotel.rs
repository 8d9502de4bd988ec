//! A hotel whose simulator is steered from inside this process, and the state folder of the desks in it.

use std::path::Path;
use std::time::Duration;

use keydesk::simulator::{CallFault, FaultEffect, HeldCall, Options, Release, Simulator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::support::program_desk::{Desk, launch};
use crate::support::pty::{DEADLINE, Launch, wait_until};

pub struct SteeredHotel {
    simulator: Simulator,
    runtime: Runtime,
    state: TempDir,
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

impl SteeredHotel {
    /// Cards come by themselves.
    pub fn open() -> Self {
        Self::with_card_after(millis(300))
    }

    /// Cards come by themselves, so much after the encoder asks.
    pub fn with_card_after(card_delay: Duration) -> Self {
        let options = Options { card_delay, write_time: millis(50), sync_delay: millis(50), ..Options::default() };
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        Self { simulator, runtime, state: tempfile::tempdir().unwrap() }
    }

    pub fn url(&self) -> String {
        self.simulator.url()
    }

    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The state folder that all desks of the hotel share.
    pub fn state_folder(&self) -> &Path {
        self.state.path()
    }

    /// A desk that is about to be started on the shared state folder.
    pub fn launch(&self) -> Launch {
        launch(&self.url()).env("XDG_STATE_HOME", self.state_folder())
    }

    /// A desk on the shared state folder, with all guests on the screen.
    pub fn desk(&self) -> Desk {
        Desk::shown(self.launch())
    }

    /// Something happens to the next call of a path.
    pub fn expect(&self, path: &str, effect: FaultEffect) {
        self.simulator.faults().add(CallFault::new(effect).on(path));
    }

    /// Waits until a call of this path is held.
    pub fn wait_held(&self, path: &str) -> HeldCall {
        let held = self.runtime.block_on(self.simulator.wait_held(DEADLINE, |held| held.path == path));
        held.unwrap_or_else(|| panic!("no call of {path} came"))
    }

    /// What becomes of the held calls; returns when it has.
    pub fn release(&self, how: Release) {
        self.runtime.block_on(self.simulator.release(None, how));
    }

    pub fn stop_listening(&mut self) {
        self.runtime.block_on(self.simulator.stop_listening()).unwrap();
    }

    pub fn resume(&mut self) {
        self.runtime.block_on(self.simulator.resume()).unwrap();
    }

    /// How many calls of a path were acted on.
    pub fn acted(&self, path: &str) -> u64 {
        self.simulator.count(path).acted
    }

    fn ask(&self, path: &str, params: &Value) -> Value {
        self.simulator.ask(path, params).unwrap()
    }

    /// The users of this name.
    pub fn users(&self, name: &str) -> Vec<Value> {
        let system = self.ask("/acs/systems/list", &json!({}))["acs_systems"][0]["acs_system_id"].clone();
        let all = self.ask("/acs/users/list", &json!({"acs_system_id": system, "limit": 500}));
        all["acs_users"].as_array().unwrap().iter().filter(|user| user["full_name"] == name).cloned().collect()
    }

    /// Somebody else makes a guest, by another program.
    pub fn make_elsewhere(&self, name: &str) {
        let system = self.ask("/acs/systems/list", &json!({}))["acs_systems"][0]["acs_system_id"].clone();
        self.ask("/acs/users/create", &json!({"acs_system_id": system, "full_name": name}));
    }

    fn of_user(&self, name: &str, path: &str, list: &str) -> Vec<Value> {
        let Some(user) = self.users(name).pop() else { return Vec::new() };
        let all = self.ask(path, &json!({"acs_user_id": user["acs_user_id"]}));
        all[list].as_array().unwrap().clone()
    }

    /// The names of a guest's groups, sorted.
    pub fn groups_of(&self, name: &str) -> Vec<String> {
        let groups = self.of_user(name, "/acs/access_groups/list", "acs_access_groups");
        let mut names: Vec<_> = groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    /// The card credentials of a guest.
    pub fn cards_of(&self, name: &str) -> Vec<Value> {
        let all = self.of_user(name, "/acs/credentials/list", "acs_credentials");
        all.into_iter().filter(|credential| credential["access_method"] == "card").collect()
    }

    /// Whether there is one user of this name with one card credential, written, and one card that holds it and opens
    /// what the user's groups open.
    pub fn agrees(&self, name: &str) -> bool {
        let cards = self.cards_of(name);
        let [card] = &cards[..] else { return false };
        let state = self.simulator.state();
        let there = state["cards"].as_array().unwrap().clone();
        let id = &card["acs_credential_id"];
        let held: Vec<_> = there.iter().filter(|card| card["content"]["acs_credential_id"] == *id).collect();
        let [held] = &held[..] else { return false };
        let opened = held["content"]["access_groups"].as_array().unwrap();
        let mut opened: Vec<_> = opened.iter().map(|group| group.as_str().unwrap().to_owned()).collect();
        opened.sort();
        self.users(name).len() == 1
            && card["is_issued"] == true
            && held["number"] == card["card_number"]
            && opened == self.groups_of(name)
    }

    /// Never more than one of each by our doing.
    pub fn assert_nothing_twice(&self, name: &str) {
        let (users, cards) = (self.users(name), self.cards_of(name));
        assert!(users.len() <= 1, "users of the name {name}: {users:#?}");
        assert!(cards.len() <= 1, "cards of {name}: {cards:#?}");
    }

    pub fn wait_until_it_agrees(&self, name: &str) {
        wait_until(&format!("{name} has one card"), || {
            self.assert_nothing_twice(name);
            self.agrees(name)
        });
    }
}
