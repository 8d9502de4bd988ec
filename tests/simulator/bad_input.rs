//! What the simulator refuses, and that nothing it is sent brings it down.

use serde_json::{Value, json};

use super::caller::{Caller, KEY, read};

const NOBODY: &str = "11111111-1111-4111-8111-111111111111";

#[tokio::test]
async fn a_wrong_or_missing_key_is_refused() {
    let caller = Caller::open().await;
    let url = format!("{}/acs/users/list", caller.url);
    for request in [
        caller.http.post(&url),
        caller.http.post(&url).bearer_auth("seam_another_key"),
        caller.http.post(&url).header("authorization", KEY),
        caller.http.get(&url).header("authorization", format!("Basic {KEY}")),
    ] {
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!((answer.status, &answer.body["error"]["type"]), (401, &json!("unauthorized")));
        assert!(answer.request_id.is_some());
    }
    let request = caller.http.post(&url).bearer_auth(KEY).header("seam-workspace", NOBODY);
    assert_eq!(read(request.send().await.unwrap()).await.status, 200);
}

#[tokio::test]
async fn every_unknown_id_is_named_by_its_resource() {
    let caller = Caller::open().await;
    let (user, encoder) = (caller.user("John Doe").await, caller.encoder("Front Desk").await);
    let cases = [
        ("/acs/systems/get", json!({ "acs_system_id": NOBODY }), "acs_system"),
        ("/acs/users/create", json!({ "acs_system_id": NOBODY, "full_name": "Jane Doe" }), "acs_system"),
        ("/acs/users/get", json!({ "acs_user_id": NOBODY }), "acs_user"),
        ("/acs/users/get", json!({ "user_identity_id": NOBODY }), "user_identity"),
        ("/acs/users/list", json!({ "acs_system_id": NOBODY }), "acs_system"),
        ("/acs/users/update", json!({ "acs_user_id": NOBODY, "full_name": "Jane Doe" }), "acs_user"),
        ("/acs/users/delete", json!({ "acs_user_id": NOBODY }), "acs_user"),
        ("/acs/users/suspend", json!({ "acs_user_id": NOBODY }), "acs_user"),
        ("/acs/users/unsuspend", json!({ "acs_user_id": NOBODY }), "acs_user"),
        (
            "/acs/users/add_to_access_group",
            json!({ "acs_user_id": user, "acs_access_group_id": NOBODY }),
            "acs_access_group",
        ),
        (
            "/acs/users/remove_from_access_group",
            json!({ "acs_user_id": user, "acs_access_group_id": NOBODY }),
            "acs_access_group",
        ),
        ("/acs/users/list_accessible_entrances", json!({ "acs_user_id": NOBODY }), "acs_user"),
        ("/acs/access_groups/get", json!({ "acs_access_group_id": NOBODY }), "acs_access_group"),
        ("/acs/access_groups/list", json!({ "acs_user_id": NOBODY }), "acs_user"),
        ("/acs/access_groups/list_users", json!({ "acs_access_group_id": NOBODY }), "acs_access_group"),
        ("/acs/credentials/create", json!({ "acs_user_id": NOBODY, "access_method": "card" }), "acs_user"),
        ("/acs/credentials/get", json!({ "acs_credential_id": NOBODY }), "acs_credential"),
        ("/acs/credentials/list", json!({ "acs_user_id": NOBODY }), "acs_user"),
        ("/acs/credentials/update", json!({ "acs_credential_id": NOBODY }), "acs_credential"),
        ("/acs/credentials/delete", json!({ "acs_credential_id": NOBODY }), "acs_credential"),
        ("/acs/credentials/assign", json!({ "acs_credential_id": NOBODY, "acs_user_id": user }), "acs_credential"),
        ("/acs/encoders/get", json!({ "acs_encoder_id": NOBODY }), "acs_encoder"),
        ("/acs/encoders/list", json!({ "acs_system_ids": [NOBODY] }), "acs_system"),
        (
            "/acs/encoders/encode_credential",
            json!({ "acs_encoder_id": encoder, "acs_credential_id": NOBODY }),
            "acs_credential",
        ),
        ("/acs/encoders/scan_credential", json!({ "acs_encoder_id": NOBODY }), "acs_encoder"),
        (
            "/acs/encoders/scan_to_assign_credential",
            json!({ "acs_encoder_id": encoder, "acs_user_id": NOBODY }),
            "acs_user",
        ),
        ("/acs/encoders/simulate/next_credential_encode_will_fail", json!({ "acs_encoder_id": NOBODY }), "acs_encoder"),
        ("/acs/entrances/get", json!({ "acs_entrance_id": NOBODY }), "acs_entrance"),
        ("/action_attempts/get", json!({ "action_attempt_id": NOBODY }), "action_attempt"),
        ("/events/get", json!({ "event_id": NOBODY }), "event"),
        ("/_sim/place_card", json!({ "acs_encoder_id": encoder, "card": "0000" }), "card"),
    ];
    for (path, params, resource) in cases {
        let (status, error) = caller.refused(path, params).await;
        assert_eq!((status, &error["type"]), (404, &json!(format!("{resource}_not_found"))), "{path}: {error}");
    }
    let (status, error) = caller.refused("/acs/users/explode", json!({})).await;
    assert_eq!((status, &error["type"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn missing_and_ill_typed_parameters_are_named() {
    let caller = Caller::open().await;
    let (system, user) = (caller.system().await, caller.user("John Doe").await);
    let create = |more: Value| {
        let mut params = json!({ "acs_system_id": system, "full_name": "Jane Doe" });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let update = |schedule: Value| json!({ "acs_user_id": user, "access_schedule": schedule });
    let cases = [
        ("/acs/users/create", json!({}), "/full_name"),
        ("/acs/users/create", create(json!({ "full_name": 5 })), "/full_name"),
        ("/acs/users/create", create(json!({ "full_name": "" })), "/full_name"),
        ("/acs/users/create", create(json!({ "phone_number": "0555 5550100" })), "/phone_number"),
        ("/acs/users/create", create(json!({ "email_address": "jane" })), "/email_address"),
        ("/acs/users/create", create(json!({ "acs_access_group_ids": "all" })), "/acs_access_group_ids"),
        ("/acs/users/create", create(json!({ "acs_access_group_ids": ["all"] })), "/acs_access_group_ids/0"),
        (
            "/acs/users/create",
            create(json!({ "access_schedule": { "ends_at": "2001-01-01T00:00:00Z" } })),
            "/access_schedule/ends_at",
        ),
        ("/acs/users/get", json!({}), "/acs_user_id"),
        ("/acs/users/get", json!({ "acs_user_id": "204" }), "/acs_user_id"),
        ("/acs/users/update", update(json!({ "ends_at": "2999-01-01T00:00:00Z" })), "/access_schedule/starts_at"),
        ("/acs/users/update", update(json!({ "starts_at": "2026-01-01T00:00:00Z" })), "/access_schedule/ends_at"),
        (
            "/acs/users/update",
            update(json!({ "starts_at": "2999-01-02T00:00:00Z", "ends_at": "2999-01-01T00:00:00Z" })),
            "/access_schedule/ends_at",
        ),
        ("/acs/users/list", json!({ "limit": -1 }), "/limit"),
        ("/acs/users/list", json!({ "search": "" }), "/search"),
        ("/acs/users/list", json!({ "page_cursor": "acs_credential.1" }), "/page_cursor"),
        ("/acs/credentials/create", json!({ "acs_user_id": user }), "/access_method"),
        ("/acs/credentials/create", json!({ "acs_user_id": user, "access_method": "song" }), "/access_method"),
        ("/acs/credentials/create", json!({ "acs_user_id": user, "access_method": "code" }), "/access_method"),
        (
            "/acs/credentials/create",
            json!({ "acs_user_id": user, "access_method": "card", "salto_space_metadata": { "assign_new_key": "yes" } }),
            "/salto_space_metadata/assign_new_key",
        ),
        (
            "/acs/credentials/create",
            json!({
                "acs_user_id": user,
                "access_method": "card",
                "salto_space_metadata": { "assign_new_key": true, "assign_new_card": false },
            }),
            "/salto_space_metadata/assign_new_card",
        ),
        ("/acs/encoders/list", json!({}), "/acs_system_id"),
        (
            "/acs/encoders/encode_credential",
            json!({ "acs_encoder_id": caller.encoder("Concierge").await }),
            "/acs_credential_id",
        ),
        ("/action_attempts/list", json!({ "action_attempt_ids": [1] }), "/action_attempt_ids/0"),
        ("/events/list", json!({}), "/since"),
        ("/events/list", json!({ "between": ["2026-01-01T00:00:00Z"] }), "/between"),
        ("/_sim/set_mode", json!({ "acs_encoder_id": NOBODY, "mode": "magic" }), "/mode"),
    ];
    for (path, params, pointer) in cases {
        let (status, error) = caller.refused(path, params.clone()).await;
        assert_eq!((status, &error["type"]), (400, &json!("invalid_input")), "{path} {params}");
        let node = error["validation_errors"].pointer(pointer);
        let faults = node.and_then(|node| node["_errors"].as_array());
        assert!(faults.is_some_and(|faults| !faults.is_empty()), "{path} {params}: {error}");
    }
}

#[tokio::test]
async fn odd_bodies_get_an_error_and_the_simulator_lives_on() {
    let caller = Caller::open().await;
    let deep = "[".repeat(5_000);
    let bodies = [
        "{",
        "[]",
        "null",
        "5",
        "\"text\"",
        "{\"acs_system_id\":",
        "\u{0}\u{1}",
        "{\"full_name\":\"\\ud800\"}",
        &deep,
        "{\"acs_user_id\":{\"acs_user_id\":[{}]}}",
        "{\"limit\":1e999}",
        "{\"search\":[null]}",
        "{\"between\":{}}",
    ];
    for path in ["/acs/users/list", "/acs/users/create", "/acs/users/update", "/events/list", "/_sim/place_card"] {
        for body in bodies {
            let request = caller.http.post(format!("{}{path}", caller.url)).bearer_auth(KEY).body(body.to_owned());
            let answer = read(request.send().await.unwrap()).await;
            let is_refused = answer.status == 400;
            // A list takes a body whose odd parts it does not know.
            assert!(is_refused || answer.status == 200, "{path} {body}: {}", answer.body);
            assert!(is_refused || path == "/acs/users/list");
        }
        let bytes = vec![0xFF_u8; 300];
        let request = caller.http.post(format!("{}{path}", caller.url)).bearer_auth(KEY).body(bytes);
        assert_eq!(read(request.send().await.unwrap()).await.status, 400);
    }
    for query in
        ["%", "limit=%ZZ", "search=%ff%fe", "&&&=&=", "page_cursor=acs_user.ffffffffff", "limit=99999999999999999999"]
    {
        let request = caller.http.get(format!("{}/acs/users/list?{query}", caller.url)).bearer_auth(KEY);
        let status = read(request.send().await.unwrap()).await.status;
        assert!([200, 400].contains(&status), "{query}: {status}");
    }
    caller.post("/workspaces/get", json!({})).await;
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let caller = Caller::open().await;
    let body = format!("{{\"full_name\":\"{}\"}}", "x".repeat(1 << 20));
    let request = caller.http.post(format!("{}/acs/users/create", caller.url)).bearer_auth(KEY).body(body);
    let answer = read(request.send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.body["error"]["type"]), (413, &json!("payload_too_large")));
}

#[tokio::test]
async fn times_far_away_are_no_danger() {
    let caller = Caller::open().await;
    let user = caller.user("John Doe").await;
    for (from, to) in
        [("0001-01-01T00:00:00Z", "9999-12-30T00:00:00Z"), ("2026-01-01T00:00:00+23:00", "9999-01-01T00:00:00Z")]
    {
        let schedule = json!({ "starts_at": from, "ends_at": to });
        caller.post("/acs/users/update", json!({ "acs_user_id": user, "access_schedule": schedule })).await;
    }
    let encoder = caller.encoder("Front Desk").await;
    let params = json!({ "acs_encoder_id": encoder, "mode": "manual", "card_wait_ms": u64::MAX });
    caller.post("/_sim/set_mode", params).await;
    let credential = caller.new_card(&user).await;
    let attempt = caller.encode(&encoder, credential["acs_credential_id"].as_str().unwrap()).await;
    assert_eq!(attempt["status"], json!("pending"));
}
