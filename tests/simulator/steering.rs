//! Faults, held calls and the log of calls by the simulator's own calls over HTTP; dying and coming back.

use keydesk::simulator::{AskError, CallFault, FaultEffect, Options, faults_from_json};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::caller::{Caller, KEY, PATIENCE, client, quick};

const CREATE: &str = "/acs/users/create";

/// Creates a user whatever comes of it.
async fn create(caller: &Caller, params: &Value) -> Result<reqwest::Response, reqwest::Error> {
    caller.http.post(format!("{}{CREATE}", caller.url)).bearer_auth(KEY).json(params).send().await
}

async fn jane(caller: &Caller) -> Value {
    json!({ "acs_system_id": caller.system().await, "full_name": "Jane Doe" })
}

#[tokio::test]
async fn faults_are_added_listed_and_removed() {
    let caller = Caller::open().await;
    let add = async |fault: Value| caller.post("/_sim/faults/add", fault).await["id"].clone();
    let refuse =
        json!({ "fault": "refuse", "path": CREATE, "nth": 2, "status": 404, "type": "gone", "message": "Gone." });
    assert_eq!(add(refuse).await, json!(1));
    assert_eq!(add(json!({ "fault": "delay", "every": true, "delay_ms": 5 })).await, json!(2));
    caller.system().await;
    let listed = caller.post("/_sim/faults/list", json!({})).await["faults"].clone();
    let expected = json!([
        { "id": 1, "fault": "refuse", "path": CREATE, "nth": 2, "times": 1, "status": 404, "type": "gone",
          "message": "Gone.", "seen": 0, "struck": 0 },
        { "id": 2, "fault": "delay", "path": null, "nth": 1, "every": true, "delay_ms": 5, "seen": 1, "struck": 1 },
    ]);
    assert_eq!(listed, expected);
    let params = jane(&caller).await;
    assert_eq!(create(&caller, &params).await.unwrap().status(), 200);
    assert_eq!(create(&caller, &params).await.unwrap().status(), 404);
    caller.post("/_sim/faults/remove", json!({ "id": 2 })).await;
    assert_eq!(caller.refusal("/_sim/faults/remove", json!({ "id": 2 })).await, "fault_not_found");
    add(json!({ "fault": "unauthorized" })).await;
    assert_eq!(caller.post("/_sim/faults/clear", json!({})).await["cleared"], json!(1));
    caller.system().await;
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let caller = Caller::open().await;
    for (fault, word) in [
        (json!({ "fault": "explode" }), "fault"),
        (json!({ "fault": "reset", "path": "/acs/user/create" }), "path"),
        (json!({ "fault": "reset", "path": "/_sim/state" }), "path"),
        (json!({ "fault": "refuse", "status": 200 }), "status"),
    ] {
        let (status, error) = caller.refused("/_sim/faults/add", fault).await;
        assert_eq!((status, error["validation_errors"][word]["_errors"].is_array()), (400, true), "{error}");
    }
}

#[tokio::test]
async fn the_log_tells_what_came_and_what_was_acted_on() {
    let caller = Caller::open().await;
    let params = jane(&caller).await;
    for effect in [FaultEffect::Reset, FaultEffect::DropAfterCommit] {
        caller.simulator.faults().add(CallFault::new(effect).on(CREATE));
    }
    assert!(create(&caller, &params).await.is_err());
    assert!(create(&caller, &params).await.is_err());
    assert_eq!(create(&caller, &params).await.unwrap().status(), 200);
    assert_eq!(create(&caller, &json!({ "full_name": "Jane Doe" })).await.unwrap().status(), 400);
    let log = caller.post("/_sim/calls", json!({ "path": CREATE })).await;
    let told: Vec<_> =
        log["calls"].as_array().unwrap().iter().map(|row| (&row["fault"], &row["acted"], &row["status"])).collect();
    let row = |fault: &Value, acted: bool, status: &Value| (fault.clone(), json!(acted), status.clone());
    let expected = [
        row(&json!("reset"), false, &Value::Null),
        row(&json!("drop_after_commit"), true, &Value::Null),
        row(&Value::Null, true, &json!(200)),
        row(&Value::Null, false, &json!(400)),
    ];
    assert!(told.iter().map(|(f, a, s)| ((*f).clone(), (*a).clone(), (*s).clone())).eq(expected), "{told:?}");
    assert_eq!(log["counts"], json!({ CREATE: { "received": 4, "acted": 2 } }));
    assert_eq!((caller.simulator.count(CREATE).received, caller.simulator.count(CREATE).acted), (4, 2));
    assert_eq!(log["calls"][0]["params"], params);
    assert_eq!((&log["calls"][0]["verb"], &log["calls"][0]["call"]), (&json!("POST"), &json!(2)));
    let later = caller.post("/_sim/calls", json!({ "since": log["calls"][2]["call"] })).await;
    assert_eq!(later["calls"].as_array().unwrap().len(), 1);
    // What the hotel's rules refuse has not been acted on.
    let nobody = json!({ "acs_user_id": log["calls"][0]["params"]["acs_system_id"] });
    assert_eq!(caller.refusal("/acs/users/get", nobody).await, "acs_user_not_found");
    let get = caller.simulator.count("/acs/users/get");
    assert_eq!((get.received, get.acted), (1, 0));
    // What is not known here is in the log too, but not the simulator's own calls.
    assert_eq!(caller.call("POST", "/nothing", &json!({})).await.status, 404);
    let calls = caller.simulator.calls();
    assert!(calls.iter().any(|call| call.path == "/nothing" && call.status == Some(404)));
    assert!(!calls.iter().any(|call| call.path.starts_with("/_sim/")));
}

#[tokio::test]
async fn a_caller_can_wait_until_a_call_is_held_and_release_it() {
    let caller = Caller::open().await;
    let params = jane(&caller).await;
    let nobody = json!({ "path": CREATE, "timeout_ms": 0 });
    assert_eq!(caller.refused("/_sim/wait_held", nobody.clone()).await.0, 408);
    caller.post("/_sim/faults/add", json!({ "fault": "hold", "path": CREATE, "times": 2 })).await;
    let (first, second, ()) = tokio::join!(create(&caller, &params), create(&caller, &params), async {
        let held = caller.post("/_sim/wait_held", json!({ "path": CREATE, "count": 2 })).await;
        let calls: Vec<_> = held["held"].as_array().unwrap().iter().map(|row| row["call"].clone()).collect();
        assert_eq!(calls.len(), 2);
        assert_eq!(caller.post("/_sim/held", json!({ "path": "/acs/users/get" })).await["held"], json!([]));
        assert_eq!(caller.refusal("/_sim/release", json!({ "call": 4711 })).await, "held_call_not_found");
        assert_eq!(caller.post("/_sim/release", json!({ "call": calls[0], "lose": true })).await["released"], json!(1));
        assert_eq!(caller.simulator.count(CREATE).acted, 0);
        assert_eq!(caller.post("/_sim/release", json!({})).await["released"], json!(1));
        assert_eq!(caller.simulator.count(CREATE).acted, 1);
    });
    assert!(first.is_ok() != second.is_ok());
    assert_eq!(caller.refused("/_sim/wait_held", nobody).await.0, 408);
}

#[tokio::test]
async fn a_script_gives_faults_from_the_start() {
    let faults = faults_from_json(r#"[{ "fault": "server_error", "path": "/acs/systems/list", "nth": 2 }]"#).unwrap();
    let caller = Caller::with(Options { faults, ..quick() }).await;
    caller.system().await;
    assert_eq!(caller.refused("/acs/systems/list", json!({})).await.0, 500);
    caller.system().await;
}

#[tokio::test]
async fn a_question_from_inside_meets_no_fault_and_no_log() {
    let caller = Caller::open().await;
    let params = jane(&caller).await;
    caller.simulator.faults().add(CallFault::new(FaultEffect::Unauthorized));
    let before = caller.simulator.calls().len();
    let made = caller.simulator.ask(CREATE, &params).unwrap();
    super::contract::check(&made);
    let unknown =
        caller.simulator.ask("/acs/users/get", &json!({ "acs_user_id": caller.simulator.url() })).unwrap_err();
    assert!(matches!(unknown, AskError { status: 400, .. }), "{unknown}");
    assert_eq!(caller.simulator.ask("/nothing", &json!({})).unwrap_err().status, 404);
    assert_eq!(caller.simulator.calls().len(), before);
    assert_eq!(
        caller.simulator.state()["counts"]["acs_users"].as_u64(),
        caller.state().await["counts"]["acs_users"].as_u64()
    );
}

#[tokio::test]
async fn a_server_that_dies_comes_back_with_its_hotel() {
    let mut caller = Caller::open().await;
    let params = jane(&caller).await;
    let user = caller.new_user("John Smith").await;
    caller.simulator.faults().add(CallFault::new(FaultEffect::Hold).on(CREATE));
    caller.simulator.faults().add(CallFault::new(FaultEffect::ServerError { acts: false }).on(CREATE));
    let (url, http) = (caller.url.clone(), caller.http.clone());
    let held =
        tokio::spawn(async move { http.post(format!("{url}{CREATE}")).bearer_auth(KEY).json(&params).send().await });
    caller.simulator.wait_held(PATIENCE, |_| true).await.unwrap();
    caller.simulator.stop_listening().await.unwrap();
    assert!(held.await.unwrap().is_err());
    // A new client: a connection of the old one may not have heard yet that it was reset.
    let call = client().post(format!("{}/workspaces/get", caller.url)).bearer_auth(KEY).send();
    assert!(call.await.unwrap_err().is_connect());
    assert!(caller.simulator.held().is_empty());
    // Stopping twice and resuming twice is no mistake.
    caller.simulator.stop_listening().await.unwrap();
    for _ in 0..2 {
        caller.simulator.resume().await.unwrap();
    }
    assert_eq!(
        caller.post("/acs/users/get", json!({ "acs_user_id": user })).await["acs_user"]["full_name"],
        "John Smith"
    );
    let found = caller.post("/acs/users/list", json!({ "search": "Jane Doe" })).await;
    assert_eq!(found["acs_users"], json!([]));
    assert_eq!(caller.simulator.count(CREATE).received, 2);
    let params = jane(&caller).await;
    assert_eq!(create(&caller, &params).await.unwrap().status(), 500);
}

#[tokio::test]
async fn it_dies_amid_a_request_and_stops_with_a_held_call() {
    let mut caller = Caller::open().await;
    let address = caller.url.strip_prefix("http://").unwrap().to_owned();
    let mut half = TcpStream::connect(&address).await.unwrap();
    half.write_all(b"POST /acs/users/create HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    // Known to be served: this call came after it.
    caller.system().await;
    tokio::time::timeout(PATIENCE, caller.simulator.stop_listening()).await.unwrap().unwrap();
    assert!(half.read_u8().await.is_err());
    caller.simulator.resume().await.unwrap();

    for stop in [true, false] {
        let caller = Caller::open().await;
        let params = jane(&caller).await;
        caller.simulator.faults().add(CallFault::new(FaultEffect::Hold).on(CREATE));
        let (url, http) = (caller.url.clone(), caller.http.clone());
        let held =
            tokio::spawn(
                async move { http.post(format!("{url}{CREATE}")).bearer_auth(KEY).json(&params).send().await },
            );
        caller.simulator.wait_held(PATIENCE, |_| true).await.unwrap();
        if stop {
            tokio::time::timeout(PATIENCE, caller.simulator.stop()).await.unwrap().unwrap();
        } else {
            drop(caller);
        }
        assert!(!held.await.unwrap().unwrap_err().is_timeout());
    }
}
