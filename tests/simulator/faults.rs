//! Every fault over real HTTP: what the caller sees, and what was done all the same.

use std::io::ErrorKind;
use std::time::Duration;

use keydesk::simulator::{CallFault, FaultEffect, HeldCall, Release};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::caller::{Caller, KEY, PATIENCE, read, text};

const CREATE: &str = "/acs/users/create";

/// A caller that is about to create a user.
struct Try {
    caller: Caller,
    params: Value,
}

impl Try {
    async fn new() -> Self {
        let caller = Caller::open().await;
        let params = json!({ "acs_system_id": caller.system().await, "full_name": "Jane Doe" });
        Self { caller, params }
    }

    /// With one fault on the next call that creates a user.
    async fn with(effect: FaultEffect) -> Self {
        let this = Self::new().await;
        this.caller.simulator.faults().add(CallFault::new(effect).on(CREATE));
        this
    }

    async fn send(&self) -> Result<reqwest::Response, reqwest::Error> {
        let request = self.caller.http.post(format!("{}{CREATE}", self.caller.url)).bearer_auth(KEY);
        request.json(&self.params).send().await
    }

    /// The call on a connection of its own.
    async fn connect(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.caller.url.strip_prefix("http://").unwrap()).await.unwrap();
        let body = self.params.to_string();
        let head = format!("POST {CREATE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n");
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// How many users of that name there are.
    async fn users(&self) -> usize {
        let found = self.caller.post("/acs/users/list", json!({ "search": "Jane Doe" })).await;
        found["acs_users"].as_array().unwrap().len()
    }

    async fn held(&self) -> HeldCall {
        self.caller.simulator.wait_held(PATIENCE, |held| held.path == CREATE).await.unwrap()
    }

    async fn given_up(&self) -> HeldCall {
        self.caller.simulator.wait_held(PATIENCE, |held| held.given_up).await.unwrap()
    }

    /// The fault strikes once: the next call works.
    async fn works_again(&self) {
        let users = self.users().await;
        assert_eq!(self.send().await.unwrap().status(), 200);
        assert_eq!(self.users().await, users + 1);
        assert!(self.caller.simulator.faults().list().is_empty());
    }
}

/// All that comes until the connection ends, and how it ends.
async fn to_the_end(mut stream: TcpStream) -> (String, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.unwrap();
    (String::from_utf8(bytes).unwrap(), end.err().map(|error| error.kind()))
}

#[tokio::test]
async fn a_call_is_refused_and_not_acted_on() {
    let refuse = FaultEffect::Refuse { status: 409, kind: "in_use".to_owned(), message: "In use.".to_owned() };
    for (effect, status, kind) in [
        (refuse, 409, "in_use"),
        (FaultEffect::RateLimit { retry_after: 7 }, 429, "too_many_requests"),
        (FaultEffect::ServerError { acts: false }, 500, "internal_server_error"),
    ] {
        let attempt = Try::with(effect).await;
        let response = attempt.send().await.unwrap();
        let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(retry_after.as_deref(), (status == 429).then_some("7"));
        let answer = read(response).await;
        assert_eq!((answer.status, &answer.body["error"]["type"]), (status, &json!(kind)));
        super::contract::check_error(&answer.body);
        assert!(answer.request_id.is_some());
        assert_eq!(attempt.users().await, 0);
        attempt.works_again().await;
    }
}

#[tokio::test]
async fn a_bad_gateway_answers_html() {
    for acts in [false, true] {
        let attempt = Try::with(FaultEffect::BadGateway { acts }).await;
        let response = attempt.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (502, &"text/html".parse().unwrap())
        );
        assert!(response.text().await.unwrap().starts_with("<html>"));
        assert_eq!(attempt.users().await, usize::from(acts));
        attempt.works_again().await;
    }
}

#[tokio::test]
async fn a_server_error_may_hide_that_the_call_was_acted_on() {
    let attempt = Try::with(FaultEffect::ServerError { acts: true }).await;
    assert_eq!(attempt.send().await.unwrap().status(), 500);
    assert_eq!(attempt.users().await, 1);
    attempt.works_again().await;
}

#[tokio::test]
async fn a_revoked_key_is_refused_until_the_fault_is_removed() {
    let attempt = Try::new().await;
    let id = attempt.caller.simulator.faults().add(CallFault::new(FaultEffect::Unauthorized));
    for path in [CREATE, "/workspaces/get", "/acs/systems/list"] {
        let (status, error) = attempt.caller.refused(path, attempt.params.clone()).await;
        assert_eq!((status, &error["type"]), (401, &json!("unauthorized")));
    }
    assert_eq!(attempt.caller.simulator.faults().list()[0].struck, 3);
    // The simulator's own calls meet no faults.
    attempt.caller.post("/_sim/faults/remove", json!({ "id": id })).await;
    attempt.works_again().await;
}

#[tokio::test]
async fn a_reset_is_a_reset_before_or_after_acting() {
    for (effect, users) in [(FaultEffect::Reset, 0), (FaultEffect::DropAfterCommit, 1)] {
        let attempt = Try::with(effect.clone()).await;
        assert!(attempt.send().await.is_err());
        attempt.caller.simulator.faults().add(CallFault::new(effect).on(CREATE));
        let (bytes, end) = to_the_end(attempt.connect().await).await;
        assert_eq!((bytes.as_str(), end), ("", Some(ErrorKind::ConnectionReset)));
        assert_eq!(attempt.users().await, 2 * users);
        let calls = attempt.caller.simulator.calls();
        let create = calls.iter().find(|call| call.path == CREATE).unwrap();
        assert_eq!((create.acted, create.status), (users == 1, None));
        attempt.works_again().await;
    }
}

#[tokio::test]
async fn a_cut_answer_promises_more_than_it_brings() {
    let attempt = Try::with(FaultEffect::CutAnswer).await;
    let (bytes, end) = to_the_end(attempt.connect().await).await;
    let (head, body) = bytes.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(length.parse::<usize>().unwrap() / 2, body.len());
    assert!(body.starts_with("{\"acs_user\":") && body.len() > 100, "{body}");
    assert_eq!((end, attempt.users().await), (None, 1));

    attempt.caller.simulator.faults().add(CallFault::new(FaultEffect::CutAnswer).on(CREATE));
    let response = attempt.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    attempt.works_again().await;
}

#[tokio::test]
async fn a_truncated_answer_is_whole_http_and_half_json() {
    let attempt = Try::with(FaultEffect::TruncateAnswer).await;
    let response = attempt.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let declared = response.content_length().unwrap();
    let body = response.text().await.unwrap();
    assert_eq!(body.len() as u64, declared);
    assert!(body.starts_with("{\"acs_user\":") && serde_json::from_str::<Value>(&body).is_err(), "{body}");
    assert_eq!(attempt.users().await, 1);
    attempt.works_again().await;
}

#[tokio::test]
async fn a_held_call_waits_alone_until_it_is_released() {
    let attempt = Try::with(FaultEffect::Hold).await;
    let (response, ()) = tokio::join!(attempt.send(), async {
        let held = attempt.held().await;
        assert_eq!((held.fault, held.acted, held.given_up), ("hold", false, false));
        // Other calls go on meanwhile, those of the same path too.
        assert_eq!(attempt.users().await, 0);
        assert_eq!(attempt.send().await.unwrap().status(), 200);
        assert_eq!(attempt.caller.simulator.release(Some(held.call), Release::GoOn).await, 1);
        assert_eq!(attempt.users().await, 2);
    });
    assert_eq!(response.unwrap().status(), 200);
    assert!(attempt.caller.simulator.held().is_empty());
}

#[tokio::test]
async fn a_held_call_acts_also_when_its_caller_has_gone() {
    let attempt = Try::with(FaultEffect::Hold).await;
    let stream = attempt.connect().await;
    let held = attempt.held().await;
    drop(stream);
    assert_eq!(attempt.given_up().await.call, held.call);
    assert_eq!(attempt.users().await, 0);
    attempt.caller.simulator.release(None, Release::GoOn).await;
    // No call in between, which would give it time to act.
    assert_eq!(attempt.caller.simulator.count(CREATE).acted, 1);
    assert_eq!(attempt.users().await, 1);
}

#[tokio::test]
async fn a_held_call_can_be_lost() {
    let attempt = Try::with(FaultEffect::Hold).await;
    let stream = attempt.connect().await;
    let held = attempt.held().await;
    attempt.caller.simulator.release(Some(held.call), Release::Lose).await;
    assert_eq!(to_the_end(stream).await, (String::new(), Some(ErrorKind::ConnectionReset)));
    assert_eq!(attempt.users().await, 0);
    attempt.works_again().await;
}

#[tokio::test]
async fn a_held_answer_comes_after_the_call_was_acted_on() {
    let attempt = Try::with(FaultEffect::HoldAnswer).await;
    let (response, ()) = tokio::join!(attempt.send(), async {
        assert!(attempt.held().await.acted);
        assert_eq!(attempt.users().await, 1);
        attempt.caller.simulator.release(None, Release::GoOn).await;
    });
    assert_eq!(response.unwrap().status(), 200);
    assert_eq!(attempt.users().await, 1);

    attempt.caller.simulator.faults().add(CallFault::new(FaultEffect::HoldAnswer).on(CREATE));
    let (response, ()) = tokio::join!(attempt.send(), async {
        attempt.held().await;
        attempt.caller.simulator.release(None, Release::Lose).await;
    });
    assert!(response.is_err());
    assert_eq!(attempt.users().await, 2);
}

#[tokio::test]
async fn a_late_call_acts_when_its_caller_has_seen_it_fail() {
    let attempt = Try::with(FaultEffect::ActLate { after: None }).await;
    assert_eq!(to_the_end(attempt.connect().await).await, (String::new(), Some(ErrorKind::ConnectionReset)));
    assert_eq!(attempt.users().await, 0);
    let held = attempt.given_up().await;
    assert_eq!((held.fault, held.acted), ("act_late", false));
    attempt.caller.simulator.release(Some(held.call), Release::GoOn).await;
    assert_eq!(attempt.users().await, 1);

    let after = Some(Duration::from_millis(30));
    attempt.caller.simulator.faults().add(CallFault::new(FaultEffect::ActLate { after }).on(CREATE));
    assert!(attempt.send().await.is_err());
    let both = |body: &Value| body["acs_users"].as_array().unwrap().len() == 2;
    attempt.caller.until("/acs/users/list", json!({ "search": "Jane Doe" }), both).await;
    attempt.works_again().await;
}

#[tokio::test]
async fn a_delayed_call_acts_and_answers_later() {
    let attempt = Try::with(FaultEffect::Delay { by: Duration::from_millis(30) }).await;
    assert_eq!(attempt.send().await.unwrap().status(), 200);
    assert_eq!(attempt.users().await, 1);

    // It acts also when its caller has given up on it, and a release is faster than its time.
    attempt
        .caller
        .simulator
        .faults()
        .add(CallFault::new(FaultEffect::Delay { by: Duration::from_secs(3600) }).on(CREATE));
    let stream = attempt.connect().await;
    attempt.held().await;
    drop(stream);
    attempt.given_up().await;
    assert_eq!(attempt.users().await, 1);
    attempt.caller.simulator.release(None, Release::GoOn).await;
    assert_eq!(attempt.users().await, 2);
    attempt.works_again().await;
}

#[tokio::test]
async fn the_bridge_goes_down_with_a_call() {
    let attempt = Try::with(FaultEffect::BridgeDown).await;
    assert_eq!(attempt.send().await.unwrap().status(), 200);
    assert_eq!(attempt.caller.simulator.state()["bridge_connected"], json!(false));
    attempt.caller.post("/_sim/set_bridge", json!({ "connected": true })).await;
    attempt.works_again().await;
}

#[tokio::test]
async fn the_encoder_that_a_call_names_is_gone() {
    let caller = Caller::open().await;
    let (encoder, user) = (caller.encoder("Front Desk").await, caller.new_user("Jane Doe").await);
    let card = text(&caller.new_card(&user).await["acs_credential_id"]);
    caller.simulator.faults().add(CallFault::new(FaultEffect::EncoderGone));
    caller.system().await;
    assert_eq!(caller.write(&encoder, &card).await["status"], json!("error"));
    let state = caller.simulator.state();
    let removed: Vec<_> = state["encoders"].as_array().unwrap().iter().filter(|row| row["removed"] == true).collect();
    assert_eq!((removed.len(), &removed[0]["acs_encoder_id"]), (1, &json!(encoder)));
    caller.post("/_sim/set_encoder", json!({ "acs_encoder_id": encoder, "removed": false })).await;
    assert_eq!(caller.write(&encoder, &card).await["status"], json!("success"));
}

#[tokio::test]
async fn someone_else_deletes_what_a_call_names() {
    let caller = Caller::open().await;
    let encoder = caller.encoder("Front Desk").await;
    let jane = caller.new_user("Jane Doe").await;
    let card = text(&caller.new_card(&jane).await["acs_credential_id"]);
    let encode = json!({ "acs_encoder_id": encoder, "acs_credential_id": card });
    caller.simulator.faults().add(CallFault::new(FaultEffect::CredentialDeleted));
    assert_eq!(caller.refusal("/acs/encoders/encode_credential", encode).await, "acs_credential_not_found");
    let held = caller.post("/acs/credentials/list", json!({ "acs_user_id": jane })).await;
    assert_eq!(held["acs_credentials"], json!([]));

    // By the credential of theirs that a call names, or by their own id.
    let card = text(&caller.new_card(&jane).await["acs_credential_id"]);
    let encode = json!({ "acs_encoder_id": encoder, "acs_credential_id": card });
    caller.simulator.faults().add(CallFault::new(FaultEffect::UserDeleted));
    assert_eq!(caller.refusal("/acs/encoders/encode_credential", encode).await, "acs_credential_not_found");
    assert_eq!(caller.refusal("/acs/users/get", json!({ "acs_user_id": jane })).await, "acs_user_not_found");
    let john = caller.new_user("John Smith").await;
    caller.simulator.faults().add(CallFault::new(FaultEffect::UserDeleted));
    assert_eq!(caller.refusal("/acs/users/get", json!({ "acs_user_id": john })).await, "acs_user_not_found");
}
