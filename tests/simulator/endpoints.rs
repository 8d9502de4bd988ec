//! Every endpoint by `POST` and by the verb of the official SDKs.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::caller::{Caller, KEY, card, column, text};

/// The API's endpoints, with the verb that the official SDKs use.
const ENDPOINTS: &[(&str, &str)] = &[
    ("GET", "/workspaces/get"),
    ("GET", "/acs/systems/list"),
    ("GET", "/acs/systems/get"),
    ("POST", "/acs/users/create"),
    ("GET", "/acs/users/get"),
    ("GET", "/acs/users/list"),
    ("PATCH", "/acs/users/update"),
    ("DELETE", "/acs/users/delete"),
    ("POST", "/acs/users/suspend"),
    ("POST", "/acs/users/unsuspend"),
    ("PUT", "/acs/users/add_to_access_group"),
    ("DELETE", "/acs/users/remove_from_access_group"),
    ("GET", "/acs/users/list_accessible_entrances"),
    ("GET", "/acs/access_groups/list"),
    ("GET", "/acs/access_groups/get"),
    ("GET", "/acs/access_groups/list_users"),
    ("GET", "/acs/access_groups/list_accessible_entrances"),
    ("POST", "/acs/credentials/create"),
    ("GET", "/acs/credentials/get"),
    ("GET", "/acs/credentials/list"),
    ("PATCH", "/acs/credentials/update"),
    ("DELETE", "/acs/credentials/delete"),
    ("PATCH", "/acs/credentials/assign"),
    ("PATCH", "/acs/credentials/unassign"),
    ("GET", "/acs/credentials/list_accessible_entrances"),
    ("GET", "/acs/encoders/list"),
    ("GET", "/acs/encoders/get"),
    ("POST", "/acs/encoders/encode_credential"),
    ("POST", "/acs/encoders/scan_credential"),
    ("POST", "/acs/encoders/scan_to_assign_credential"),
    ("POST", "/acs/encoders/simulate/next_credential_encode_will_fail"),
    ("POST", "/acs/encoders/simulate/next_credential_encode_will_succeed"),
    ("POST", "/acs/encoders/simulate/next_credential_scan_will_fail"),
    ("POST", "/acs/encoders/simulate/next_credential_scan_will_succeed"),
    ("GET", "/acs/entrances/list"),
    ("GET", "/acs/entrances/get"),
    ("GET", "/action_attempts/get"),
    ("GET", "/action_attempts/list"),
    ("GET", "/events/get"),
    ("GET", "/events/list"),
];

/// One caller who uses one set of verbs and remembers what was called.
struct Walk {
    caller: Caller,
    sdk_verbs: bool,
    called: RefCell<BTreeSet<&'static str>>,
}

impl Walk {
    async fn call(&self, path: &str, params: Value) -> Value {
        let (verb, path) = *ENDPOINTS.iter().find(|(_, known)| *known == path).unwrap();
        self.called.borrow_mut().insert(path);
        self.caller.succeed(if self.sdk_verbs { verb } else { "POST" }, path, &params).await
    }

    /// Waits for the end of an attempt by the same verbs.
    async fn end_of(&self, answer: &Value) -> Value {
        let id = answer["action_attempt"]["action_attempt_id"].clone();
        self.caller.end_of(&answer["action_attempt"]).await;
        let listed = self.call("/action_attempts/list", json!({ "action_attempt_ids": [id] })).await;
        let got = self.call("/action_attempts/get", json!({ "action_attempt_id": id })).await;
        assert_eq!(listed["action_attempts"][0], got["action_attempt"]);
        got["action_attempt"].clone()
    }
}

/// A guest's whole stay: in it every endpoint is called, and each call's effect is read back.
async fn stay(sdk_verbs: bool) {
    let walk = Walk { caller: Caller::open().await, sdk_verbs, called: RefCell::default() };
    let workspace = walk.call("/workspaces/get", json!({})).await;
    assert_eq!(workspace["workspace"]["is_sandbox"], json!(true));
    let systems = walk.call("/acs/systems/list", json!({ "search": "aurora" })).await;
    let system = text(&systems["acs_systems"][0]["acs_system_id"]);
    let got = walk.call("/acs/systems/get", json!({ "acs_system_id": system })).await;
    assert_eq!(got["acs_system"]["external_type"], json!("salto_space_system"));
    assert_eq!(got["acs_system"]["location"]["time_zone"], json!("Europe/Berlin"));

    let groups = walk.call("/acs/access_groups/list", json!({ "acs_system_id": system, "search": "room 204" })).await;
    let room = text(&groups["acs_access_groups"][0]["acs_access_group_id"]);
    let gym = walk.caller.group("Gym").await;
    let group = walk.call("/acs/access_groups/get", json!({ "acs_access_group_id": room })).await;
    assert_eq!(group["acs_access_group"]["name"], json!("Room 204"));
    let doors = walk.call("/acs/access_groups/list_accessible_entrances", json!({ "acs_access_group_id": room })).await;
    let names = column(&doors["acs_entrances"], "display_name");
    assert_eq!(names, ["Main Entrance", "Guest Lift", "Floor 2 Corridor", "Room 204"]);

    let params = json!({
        "acs_system_id": system,
        "full_name": "Jane Doe",
        "phone_number": "+15555550100",
        "email_address": "jane@example.com",
        "acs_access_group_ids": [room],
        "access_schedule": { "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2999-01-01T10:00:00Z" },
    });
    let created = walk.call("/acs/users/create", params).await;
    let user = text(&created["acs_user"]["acs_user_id"]);
    let who = json!({ "acs_user_id": user });
    assert_eq!(created["acs_user"]["pending_mutations"][0]["mutation_code"], json!("creating"));
    walk.call("/acs/users/add_to_access_group", json!({ "acs_user_id": user, "acs_access_group_id": gym })).await;
    let groups = walk.call("/acs/access_groups/list", who.clone()).await;
    assert_eq!(column(&groups["acs_access_groups"], "name"), ["Room 204", "Gym"]);
    walk.call("/acs/users/remove_from_access_group", json!({ "acs_user_id": user, "acs_access_group_id": gym })).await;
    let members = walk.call("/acs/access_groups/list_users", json!({ "acs_access_group_id": room })).await;
    assert_eq!(column(&members["acs_users"], "full_name"), ["John Doe", "Jane Doe"]);
    let members = walk.call("/acs/access_groups/list_users", json!({ "acs_access_group_id": gym })).await;
    assert!(!column(&members["acs_users"], "full_name").contains(&"Jane Doe".to_owned()));
    let doors = walk.call("/acs/users/list_accessible_entrances", who.clone()).await;
    assert_eq!(doors["acs_entrances"].as_array().unwrap().len(), 4);
    let params = json!({
        "acs_user_id": user,
        "full_name": "Jane Q. Doe",
        "access_schedule": { "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2999-01-02T10:00:00Z" },
    });
    walk.call("/acs/users/update", params).await;
    walk.call("/acs/users/suspend", who.clone()).await;
    let got = walk.call("/acs/users/get", who.clone()).await;
    assert_eq!(got["acs_user"]["full_name"], json!("Jane Q. Doe"));
    assert_eq!(got["acs_user"]["access_schedule"]["ends_at"], json!("2999-01-02T10:00:00.000Z"));
    assert_eq!(got["acs_user"]["is_suspended"], json!(true));
    walk.call("/acs/users/unsuspend", who.clone()).await;
    let listed = walk.call("/acs/users/list", json!({ "acs_system_id": system, "search": "jane q" })).await;
    assert_eq!(listed["acs_users"][0]["is_suspended"], json!(false));

    let created = walk.call("/acs/credentials/create", card(&user, true)).await;
    let credential = text(&created["acs_credential"]["acs_credential_id"]);
    let which = json!({ "acs_credential_id": credential });
    assert_eq!(created["acs_credential"]["ends_at"], json!("2999-01-02T10:00:00.000Z"));
    let encoders = walk.call("/acs/encoders/list", json!({ "acs_system_ids": [system] })).await;
    assert_eq!(column(&encoders["acs_encoders"], "display_name"), ["Front Desk", "Concierge", "Back Office"]);
    let encoder = text(&encoders["acs_encoders"][0]["acs_encoder_id"]);
    let place = json!({ "acs_encoder_id": encoder });
    let got = walk.call("/acs/encoders/get", place.clone()).await;
    assert_eq!(got["acs_encoder"]["display_name"], json!("Front Desk"));
    let job = json!({ "acs_encoder_id": encoder, "acs_credential_id": credential });

    walk.call("/acs/encoders/simulate/next_credential_encode_will_fail", place.clone()).await;
    let failed = walk.call("/acs/encoders/encode_credential", job.clone()).await;
    assert_eq!(walk.end_of(&failed).await["error"]["type"], json!("no_credential_on_encoder"));
    walk.call("/acs/encoders/simulate/next_credential_encode_will_succeed", place.clone()).await;
    let written = walk.call("/acs/encoders/encode_credential", job).await;
    assert_eq!(written["action_attempt"]["status"], json!("pending"));
    let written = walk.end_of(&written).await;
    assert_eq!(written["result"]["is_issued"], json!(true));

    walk.call("/acs/encoders/simulate/next_credential_scan_will_fail", place.clone()).await;
    let failed = walk.call("/acs/encoders/scan_credential", place.clone()).await;
    assert_eq!(walk.end_of(&failed).await["error"]["type"], json!("no_credential_on_encoder"));
    let scenario = json!({ "acs_encoder_id": encoder, "scenario": "credential_does_not_exist_on_seam" });
    walk.call("/acs/encoders/simulate/next_credential_scan_will_succeed", scenario).await;
    let scanned = walk.call("/acs/encoders/scan_credential", place.clone()).await;
    let scanned = walk.end_of(&scanned).await;
    assert_eq!(scanned["result"]["warnings"][0]["warning_code"], json!("acs_credential_on_seam_not_found"));

    let params = json!({ "acs_credential_id": credential, "ends_at": "2999-01-03T10:00:00Z" });
    let updated = walk.call("/acs/credentials/update", params).await;
    assert_eq!(updated["acs_credential"]["ends_at"], json!("2999-01-03T10:00:00.000Z"));
    let doors = walk.call("/acs/credentials/list_accessible_entrances", which.clone()).await;
    assert_eq!(doors["acs_entrances"].as_array().unwrap().len(), 4);
    let doors = walk.call("/acs/entrances/list", which.clone()).await;
    assert_eq!(doors["acs_entrances"].as_array().unwrap().len(), 4);
    let door = json!({ "acs_entrance_id": doors["acs_entrances"][0]["acs_entrance_id"] });
    let got = walk.call("/acs/entrances/get", door).await;
    assert_eq!(got["acs_entrance"]["display_name"], json!("Main Entrance"));

    let both = json!({ "acs_credential_id": credential, "acs_user_id": user });
    let unassigned = walk.call("/acs/credentials/unassign", both.clone()).await;
    assert!(unassigned["acs_credential"].get("acs_user_id").is_none());
    walk.call("/acs/credentials/assign", both.clone()).await;
    walk.call("/acs/credentials/unassign", both).await;
    let number = text(&written["result"]["card_number"]);
    walk.caller.post("/_sim/place_card", json!({ "acs_encoder_id": encoder, "card": number })).await;
    let params = json!({ "acs_encoder_id": encoder, "acs_user_id": user });
    let assigned = walk.call("/acs/encoders/scan_to_assign_credential", params).await;
    assert_eq!(walk.end_of(&assigned).await["result"]["acs_user_id"], json!(user));
    let got = walk.call("/acs/credentials/get", which.clone()).await;
    assert_eq!(got["acs_credential"]["acs_user_id"], json!(user));

    walk.call("/acs/credentials/delete", which.clone()).await;
    walk.caller.until("/acs/credentials/get", which, |body| body["error"]["type"] == "acs_credential_not_found").await;
    let held = walk.call("/acs/credentials/list", who.clone()).await;
    assert_eq!(held["acs_credentials"], json!([]));
    walk.call("/acs/users/delete", who.clone()).await;
    walk.caller.until("/acs/users/get", who, |body| body["error"]["type"] == "acs_user_not_found").await;

    let events =
        walk.call("/events/list", json!({ "since": "2026-01-01T00:00:00Z", "acs_credential_id": credential })).await;
    assert_eq!(column(&events["events"], "event_type"), ["acs_credential.issued", "acs_credential.deleted"]);
    let event = json!({ "event_id": events["events"][0]["event_id"] });
    assert_eq!(walk.call("/events/get", event).await["event"], events["events"][0]);

    let all: BTreeSet<_> = ENDPOINTS.iter().map(|(_, path)| *path).collect();
    assert_eq!(*walk.called.borrow(), all, "every endpoint was called");
}

#[tokio::test]
async fn a_whole_stay_by_post() {
    stay(false).await;
}

#[tokio::test]
async fn a_whole_stay_by_the_verbs_of_the_official_sdks() {
    stay(true).await;
}

#[tokio::test]
async fn other_verbs_are_refused_and_the_right_ones_named() {
    let caller = Caller::open().await;
    for (sdk_verb, path) in ENDPOINTS {
        for verb in ["GET", "PUT", "PATCH", "DELETE"] {
            if verb == *sdk_verb {
                continue;
            }
            let method = reqwest::Method::from_bytes(verb.as_bytes()).unwrap();
            let response =
                caller.http.request(method, format!("{}{path}", caller.url)).bearer_auth(KEY).send().await.unwrap();
            assert_eq!(response.status(), 405, "{verb} {path}");
            let allowed = response.headers()["allow"].to_str().unwrap().to_owned();
            assert!(allowed.contains("POST") && allowed.contains(sdk_verb), "{allowed}");
        }
    }
}

#[tokio::test]
async fn webhooks_are_named_as_not_simulated() {
    let caller = Caller::open().await;
    for path in ["/webhooks/create", "/webhooks/get", "/webhooks/list", "/webhooks/delete"] {
        let (status, error) = caller.refused(path, json!({})).await;
        assert_eq!((status, &error["type"]), (501, &json!("not_implemented")));
    }
}
