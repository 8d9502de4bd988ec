//! Starting and stopping.

use keydesk::simulator::{Options, Simulator, SimulatorError};
use serde_json::json;

use super::caller::{Caller, KEY, client, quick};

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let open = Options { listen: "0.0.0.0:0".parse().unwrap(), ..quick() };
    let error = Simulator::start(open).await.unwrap_err();
    assert!(matches!(error, SimulatorError::NotLoopback(_)));
    assert!(error.to_string().contains("loopback only"), "{error}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let caller = Caller::open().await;
    let address = caller.url.strip_prefix("http://").unwrap().parse().unwrap();
    let error = Simulator::start(Options { listen: address, ..quick() }).await.unwrap_err();
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn stopped_or_dropped_it_answers_no_more() {
    for stop in [true, false] {
        let Caller { simulator, http, url } = Caller::open().await;
        let call = || http.post(format!("{url}/workspaces/get")).bearer_auth(KEY).send();
        assert_eq!(call().await.unwrap().status(), 200);
        if stop {
            simulator.stop().await.unwrap();
        } else {
            drop(simulator);
        }
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while call().await.is_ok() {
            assert!(std::time::Instant::now() < deadline, "it still answers");
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn it_runs_until_the_future_is_dropped() {
    let simulator = Simulator::start(quick()).await.unwrap();
    let url = simulator.url();
    let running = tokio::spawn(simulator.run());
    let answer = client().get(format!("{url}/workspaces/get")).bearer_auth(KEY).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn the_same_seed_makes_the_same_hotel_and_the_same_ids() {
    let start = async |seed: u64| {
        let caller = Caller::with(Options { seed, users: Some(60), ..quick() }).await;
        // How many calls only read must not matter.
        if seed == 1 {
            caller.state().await;
        }
        let jane = caller.new_user("Jane Doe").await;
        let users = caller.post("/acs/users/list", json!({})).await;
        (jane, super::caller::column(&users["acs_users"], "acs_user_id"))
    };
    assert_eq!(start(1).await, start(1).await);
    assert_ne!(start(1).await, start(2).await);
}

#[test]
fn the_key_shows_in_no_debug_output() {
    let shown = format!("{:?}", Options { api_key: "a secret".to_owned(), ..Options::default() });
    assert!(!shown.contains("a secret"), "{shown}");
}
