//! Encoders over HTTP: writing, reading, and what people and faults do to them.

use std::time::Duration;

use keydesk::simulator::Options;
use serde_json::{Value, json};

use super::caller::{Caller, quick, text};

fn id(credential: &Value) -> &str {
    credential["acs_credential_id"].as_str().unwrap()
}

/// The cards of the state dump that hold a credential.
fn cards_with(state: &Value, credential: &str) -> Vec<Value> {
    let cards = state["cards"].as_array().unwrap().iter();
    cards.filter(|card| card["content"]["acs_credential_id"] == credential).cloned().collect()
}

fn encoder_in<'s>(state: &'s Value, encoder: &str) -> &'s Value {
    state["encoders"].as_array().unwrap().iter().find(|row| row["acs_encoder_id"] == encoder).unwrap()
}

async fn until_it(caller: &Caller, encoder: &str, doing: &str) {
    let is_there = |body: &Value| encoder_in(&body["state"], encoder)["doing"] == doing;
    caller.until("/_sim/state", json!({}), is_there).await;
}

#[tokio::test]
async fn a_guests_first_card_and_its_update() {
    let caller = Caller::open().await;
    let (encoder, gym) = (caller.encoder("Front Desk").await, caller.group("Gym").await);
    let jane = caller.new_user("Jane Doe").await;
    let credential = caller.new_card(&jane).await;
    let written = caller.write(&encoder, id(&credential)).await;
    assert_eq!(written["action_type"], json!("ENCODE_CREDENTIAL"));
    let number = written["result"]["card_number"].clone();
    let got = caller.post("/acs/credentials/get", json!({ "acs_credential_id": id(&credential) })).await;
    assert_eq!(got["acs_credential"]["card_number"], number);
    assert!(got["acs_credential"]["issued_at"].is_string());
    assert_eq!(got["acs_credential"]["warnings"], json!([]));
    let cards = cards_with(&caller.state().await, id(&credential));
    assert_eq!((cards.len(), &cards[0]["number"]), (1, &number));

    caller.post("/acs/users/add_to_access_group", json!({ "acs_user_id": jane, "acs_access_group_id": gym })).await;
    let outdated = caller.card_of(&jane).await;
    assert_eq!(outdated["warnings"][0]["warning_code"], json!("needs_to_be_reissued"));
    let params = super::caller::card(&jane, false);
    let reopened = caller.post("/acs/credentials/create", params).await["acs_credential"].clone();
    assert_eq!(id(&reopened), id(&credential));
    let again = caller.write(&encoder, id(&reopened)).await;
    assert_eq!((&again["status"], &again["result"]["card_number"]), (&json!("success"), &number));
    let cards = cards_with(&caller.state().await, id(&credential));
    assert_eq!((cards.len(), &cards[0]["content"]["access_groups"]), (1, &json!(["Gym"])));
    let params = json!({ "since": "2026-01-01T00:00:00Z", "acs_credential_id": id(&credential) });
    let events = caller.post("/events/list", params).await;
    let kinds = super::caller::column(&events["events"], "event_type");
    assert_eq!(kinds, ["acs_credential.issued", "acs_credential.reissued"]);
}

#[tokio::test]
async fn attempts_on_one_encoder_wait_for_each_other() {
    let caller = Caller::with(Options { write_time: Duration::from_millis(150), ..quick() }).await;
    let encoder = caller.encoder("Front Desk").await;
    let mut attempts = Vec::new();
    for name in ["Jane Doe", "Jim Roe", "Ann Poe"] {
        let guest = caller.new_user(name).await;
        let credential = caller.new_card(&guest).await;
        attempts.push(caller.encode(&encoder, id(&credential)).await);
    }
    assert_eq!(encoder_in(&caller.state().await, &encoder)["waiting_attempts"], json!(2));
    caller.end_of(&attempts[1]).await;
    let ids: Vec<_> = attempts.iter().map(|attempt| text(&attempt["action_attempt_id"])).collect();
    let listed = caller.post("/action_attempts/list", json!({ "action_attempt_ids": ids })).await;
    let states = super::caller::column(&listed["action_attempts"], "status");
    assert_eq!(states[..2], ["success", "success"]);
    assert_eq!(caller.end_of(&attempts[2]).await["status"], json!("success"));
}

#[tokio::test]
async fn people_place_and_lift_cards() {
    let caller = Caller::with(Options { write_time: Duration::from_secs(3600), ..quick() }).await;
    let encoder = caller.encoder("Front Desk").await;
    let place = |card: &str| json!({ "acs_encoder_id": encoder, "card": card });
    caller.post("/_sim/set_mode", json!({ "acs_encoder_id": encoder, "mode": "manual" })).await;
    let jane = caller.new_user("Jane Doe").await;
    let credential = caller.new_card(&jane).await;

    let attempt = caller.encode(&encoder, id(&credential)).await;
    until_it(&caller, &encoder, "waiting_for_card").await;
    let placed = caller.post("/_sim/place_card", place("blank")).await;
    until_it(&caller, &encoder, "busy").await;
    assert_eq!(caller.refusal("/_sim/place_card", place("blank")).await, "card_in_the_way");
    let lifted = caller.post("/_sim/lift_card", json!({ "acs_encoder_id": encoder })).await;
    assert_eq!(lifted["card"], placed["card"]);
    assert!(lifted["card"]["content"].is_null());
    assert_eq!(caller.end_of(&attempt).await["error"]["type"], json!("encoding_interrupted"));

    caller.post("/_sim/place_card", place("foreign")).await;
    let refused = caller.write(&encoder, id(&credential)).await;
    assert_eq!(refused["error"]["type"], json!("incompatible_card_format"));
    caller.post("/_sim/lift_card", json!({ "acs_encoder_id": encoder })).await;
    let nothing = caller.post("/_sim/lift_card", json!({ "acs_encoder_id": encoder })).await;
    assert!(nothing["card"].is_null());

    let params = json!({ "acs_encoder_id": encoder, "mode": "manual", "card_wait_ms": 30 });
    caller.post("/_sim/set_mode", params).await;
    let waited = caller.write(&encoder, id(&credential)).await;
    assert_eq!(waited["error"]["type"], json!("no_credential_on_encoder"));
}

#[tokio::test]
async fn a_written_credential_stays_with_its_card() {
    let caller = Caller::open().await;
    let encoder = caller.encoder("Front Desk").await;
    let jose = caller.user("José García").await;
    let credential = caller.card_of(&jose).await;
    let blank = caller.post("/_sim/place_card", json!({ "acs_encoder_id": encoder, "card": "blank" })).await;
    let refused = caller.write(&encoder, id(&credential)).await;
    assert_eq!(refused["error"]["type"], json!("credential_cannot_be_reissued"));
    let state = caller.state().await;
    let number = &blank["card"]["number"];
    let card = state["cards"].as_array().unwrap().iter().find(|card| card["number"] == *number).unwrap();
    assert!(card["content"].is_null());
    caller.post("/_sim/set_mode", json!({ "acs_encoder_id": encoder, "mode": "auto" })).await;
    let written = caller.write(&encoder, id(&credential)).await;
    assert_eq!(written["result"]["card_number"], credential["card_number"]);
}

#[tokio::test]
async fn scanning_reads_back_what_was_written() {
    let caller = Caller::open().await;
    let encoder = caller.encoder("Front Desk").await;
    let jane = caller.new_user("Jane Doe").await;
    let credential = caller.new_card(&jane).await;
    let written = caller.write(&encoder, id(&credential)).await;
    let scanned = caller.scan(&encoder).await;
    assert_eq!(scanned["action_type"], json!("SCAN_CREDENTIAL"));
    let result = &scanned["result"];
    assert_eq!(result["acs_credential_on_encoder"]["card_number"], written["result"]["card_number"]);
    assert_eq!(result["acs_credential_on_encoder"]["is_issued"], json!(true));
    assert_eq!(result["acs_credential_on_seam"]["acs_user_id"], json!(jane));
    assert_eq!(result["warnings"], json!([]));
    // Once her groups change, the card and Seam differ.
    let gym = caller.group("Gym").await;
    caller.post("/acs/users/add_to_access_group", json!({ "acs_user_id": jane, "acs_access_group_id": gym })).await;
    let scanned = caller.scan(&encoder).await;
    let warning = &scanned["result"]["warnings"][0];
    assert_eq!(warning["warning_code"], json!("acs_credential_on_encoder_out_of_sync"));
    // Once her credential is gone, Seam does not know the card.
    caller.post("/acs/credentials/delete", json!({ "acs_credential_id": id(&credential) })).await;
    let params = json!({ "acs_credential_id": id(&credential) });
    caller.until("/acs/credentials/get", params, |body| body["ok"] == json!(false)).await;
    let scanned = caller.scan(&encoder).await;
    assert!(scanned["result"]["acs_credential_on_seam"].is_null());
    assert_eq!(scanned["result"]["warnings"][0]["warning_code"], json!("acs_credential_on_seam_not_found"));
    caller.post("/_sim/place_card", json!({ "acs_encoder_id": encoder, "card": "blank" })).await;
    let scanned = caller.scan(&encoder).await;
    assert_eq!(scanned["result"]["acs_credential_on_encoder"]["is_issued"], json!(false));
    assert!(scanned["result"]["acs_credential_on_seam"].is_null());
}

#[tokio::test]
async fn the_simulate_calls_decide_the_next_attempt() {
    let caller = Caller::open().await;
    let encoder = caller.encoder("Front Desk").await;
    let jose = caller.user("José García").await;
    let credential = caller.card_of(&jose).await;
    for code in ["no_credential_on_encoder", "encoding_interrupted", "uncategorized_error", "action_attempt_expired"] {
        let params = json!({ "acs_encoder_id": encoder, "error_code": code });
        caller.post("/acs/encoders/simulate/next_credential_encode_will_fail", params).await;
        assert_eq!(caller.write(&encoder, id(&credential)).await["error"]["type"], json!(code));
    }
    assert_eq!(caller.write(&encoder, id(&credential)).await["status"], json!("success"));
    for (scenario, on_seam, warning) in [
        ("credential_exists_on_seam", true, None),
        ("credential_on_encoder_needs_update", true, Some("acs_credential_on_encoder_out_of_sync")),
        ("credential_does_not_exist_on_seam", false, Some("acs_credential_on_seam_not_found")),
        ("credential_on_encoder_is_empty", false, None),
    ] {
        let params =
            json!({ "acs_encoder_id": encoder, "scenario": scenario, "acs_credential_id_on_seam": id(&credential) });
        caller.post("/acs/encoders/simulate/next_credential_scan_will_succeed", params).await;
        let result = caller.scan(&encoder).await["result"].clone();
        assert_eq!(result["acs_credential_on_seam"].is_object(), on_seam, "{scenario}");
        let told = result["warnings"][0]["warning_code"].as_str();
        assert_eq!(told, warning, "{scenario}");
    }
}

#[tokio::test]
async fn encoders_and_the_bridge_fail() {
    let caller = Caller::open().await;
    let (encoder, back) = (caller.encoder("Front Desk").await, caller.encoder("Back Office").await);
    let credential = caller.card_of(&caller.user("José García").await).await;
    let error = async |encoder: &str| caller.write(encoder, id(&credential)).await["error"]["type"].clone();
    assert_eq!(error(&back).await, json!("encoder_not_online"));
    caller.post("/_sim/set_encoder", json!({ "acs_encoder_id": back, "online": true })).await;
    assert_eq!(error(&back).await, Value::Null);

    let system = json!({ "acs_system_id": caller.system().await });
    caller.post("/_sim/set_bridge", json!({ "connected": false })).await;
    let down = caller.post("/acs/systems/get", system.clone()).await;
    assert_eq!(down["acs_system"]["errors"][0]["error_code"], json!("seam_bridge_disconnected"));
    assert_eq!(error(&encoder).await, json!("bridge_disconnected"));
    caller.post("/_sim/set_bridge", json!({ "connected": true })).await;
    let up = caller.post("/acs/systems/get", system).await;
    assert_eq!(up["acs_system"]["errors"], json!([]));
    assert_eq!(error(&encoder).await, Value::Null);

    caller.post("/_sim/set_encoder", json!({ "acs_encoder_id": encoder, "removed": true })).await;
    let got = caller.post("/acs/encoders/get", json!({ "acs_encoder_id": encoder })).await;
    assert_eq!(got["acs_encoder"]["errors"][0]["error_code"], json!("acs_encoder_removed"));
    let events =
        caller.post("/events/list", json!({ "since": "2026-01-01T00:00:00Z", "acs_encoder_id": encoder })).await;
    assert_eq!(events["events"][0]["event_type"], json!("acs_encoder.removed"));
    let events = json!({ "since": "2026-01-01T00:00:00Z", "event_type": "acs_system.disconnected" });
    let events = caller.post("/events/list", events).await;
    assert!(events["events"][0]["acs_system_errors"][0]["error_code"].is_string());
}

#[tokio::test]
async fn a_scan_gives_a_loose_credential_to_a_guest() {
    let caller = Caller::open().await;
    let encoder = caller.encoder("Front Desk").await;
    let credential = caller.card_of(&caller.user("José García").await).await;
    let number = text(&credential["card_number"]);
    caller.post("/_sim/place_card", json!({ "acs_encoder_id": encoder, "card": number })).await;
    let john = caller.user("John Doe").await;
    let assign = async || {
        let params = json!({ "acs_encoder_id": encoder, "acs_user_id": john });
        let attempt = caller.post("/acs/encoders/scan_to_assign_credential", params).await;
        caller.end_of(&attempt["action_attempt"]).await
    };
    assert_eq!(assign().await["error"]["type"], json!("uncategorized_error"), "it is another guest's");
    caller.post("/acs/credentials/unassign", json!({ "acs_credential_id": id(&credential) })).await;
    let assigned = assign().await;
    assert_eq!(assigned["action_type"], json!("SCAN_TO_ASSIGN_CREDENTIAL"));
    assert_eq!(assigned["result"]["acs_user_id"], json!(john));
    // The contract knows fewer errors here than for writing.
    caller.post("/_sim/set_encoder", json!({ "acs_encoder_id": encoder, "online": false })).await;
    assert_eq!(assign().await["error"]["type"], json!("uncategorized_error"));
}

#[tokio::test]
async fn a_user_whom_the_key_system_refused_gets_no_card() {
    let caller = Caller::open().await;
    let encoder = caller.encoder("Front Desk").await;
    let jane = caller.new_user("Jane Doe").await;
    let credential = caller.new_card(&jane).await;
    caller.post("/_sim/fail_user", json!({ "acs_user_id": jane })).await;
    let got = caller.post("/acs/users/get", json!({ "acs_user_id": jane })).await;
    assert_eq!(got["acs_user"]["errors"][0]["error_code"], json!("failed_to_create_on_acs_system"));
    assert_eq!(caller.write(&encoder, id(&credential)).await["error"]["type"], json!("uncategorized_error"));
    caller.post("/_sim/fail_user", json!({ "acs_user_id": jane, "failed": false })).await;
    assert_eq!(caller.write(&encoder, id(&credential)).await["status"], json!("success"));
}
