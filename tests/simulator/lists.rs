//! Lists: pages, searches and filters.

use std::collections::HashSet;

use keydesk::simulator::Options;
use serde_json::{Value, json};

use super::caller::{Caller, KEY, column, quick, read, text};

/// All rows of a paged list, page by page.
async fn all_pages(caller: &Caller, path: &str, key: &str, params: Value) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut params = params.clone();
        params["page_cursor"] = cursor;
        let page = caller.post(path, params.clone()).await;
        let page_rows = page[key].as_array().unwrap();
        assert!(page_rows.len() <= params["limit"].as_u64().map_or(900, |limit| limit as usize));
        rows.extend(page_rows.iter().cloned());
        cursor = page["pagination"]["next_page_cursor"].clone();
        assert_eq!(page["pagination"]["has_next_page"], json!(!cursor.is_null()));
        if cursor.is_null() {
            assert!(page["pagination"]["next_page_url"].is_null());
            return rows;
        }
    }
}

#[tokio::test]
async fn pages_cover_a_list_once_and_stay_in_order_while_it_grows() {
    let caller = Caller::with(Options { users: Some(120), ..quick() }).await;
    let whole = all_pages(&caller, "/acs/users/list", "acs_users", json!({})).await;
    assert_eq!(whole.len(), 120);
    let in_sevens = all_pages(&caller, "/acs/users/list", "acs_users", json!({ "limit": 7 })).await;
    assert_eq!(in_sevens, whole);
    // A user who comes between two pages appears at the end, one who goes leaves the others where they are.
    let first = caller.post("/acs/users/list", json!({ "limit": 60 })).await;
    let late = caller.new_user("Late Comer").await;
    let gone = text(&whole[10]["acs_user_id"]);
    caller.post("/acs/users/delete", json!({ "acs_user_id": gone })).await;
    let params = json!({ "acs_user_id": gone });
    caller.until("/acs/users/get", params, |body| body["ok"] == json!(false)).await;
    let cursor = &first["pagination"]["next_page_cursor"];
    let second = caller.post("/acs/users/list", json!({ "limit": 100, "page_cursor": cursor })).await;
    let ids = column(&second["acs_users"], "acs_user_id");
    assert_eq!(ids.len(), 61);
    assert_eq!((ids[0].as_str(), ids[60].as_str()), (whole[60]["acs_user_id"].as_str().unwrap(), late.as_str()));
}

#[tokio::test]
async fn the_next_page_has_an_address_that_works() {
    let caller = Caller::open().await;
    let params = json!({ "limit": 2, "search": "a", "acs_system_id": caller.system().await });
    let first = caller.succeed("GET", "/acs/users/list", &params).await;
    let url = text(&first["pagination"]["next_page_url"]);
    let answer = read(caller.http.get(url).bearer_auth(KEY).send().await.unwrap()).await;
    let second = caller.post(
        "/acs/users/list",
        json!({
            "limit": 2, "search": "a", "page_cursor": first["pagination"]["next_page_cursor"],
        }),
    );
    assert_eq!(answer.body["acs_users"], second.await["acs_users"]);
}

#[tokio::test]
async fn credentials_entrances_encoders_and_attempts_come_in_pages() {
    let caller = Caller::open().await;
    let system = caller.system().await;
    for (path, key, id) in [
        ("/acs/credentials/list", "acs_credentials", "acs_credential_id"),
        ("/acs/entrances/list", "acs_entrances", "acs_entrance_id"),
        ("/acs/encoders/list", "acs_encoders", "acs_encoder_id"),
    ] {
        let rows = all_pages(&caller, path, key, json!({ "limit": 2, "acs_system_id": system })).await;
        let ids: HashSet<_> = rows.iter().map(|row| text(&row[id])).collect();
        assert!(ids.len() == rows.len() && rows.len() > 2, "{path}");
    }
    let encoder = caller.encoder("Front Desk").await;
    let mut started = Vec::new();
    for _ in 0..5 {
        let params = json!({ "acs_encoder_id": encoder });
        let answer = caller.post("/acs/encoders/scan_credential", params).await;
        started.push(text(&answer["action_attempt"]["action_attempt_id"]));
    }
    let rows = all_pages(&caller, "/action_attempts/list", "action_attempts", json!({ "limit": 2 })).await;
    assert_eq!(rows.iter().map(|row| text(&row["action_attempt_id"])).collect::<Vec<_>>(), started);
    let some = json!({ "action_attempt_ids": [started[3], started[1], started[3]] });
    let listed = caller.post("/action_attempts/list", some).await;
    assert_eq!(column(&listed["action_attempts"], "action_attempt_id"), [started[1].as_str(), &started[3]]);
}

#[tokio::test]
async fn whole_lists_have_no_pagination() {
    let caller = Caller::open().await;
    let room = caller.group("Room 204").await;
    for (path, params) in [
        ("/acs/systems/list", json!({})),
        ("/acs/access_groups/list", json!({})),
        ("/acs/access_groups/list_users", json!({ "acs_access_group_id": room })),
        ("/acs/access_groups/list_accessible_entrances", json!({ "acs_access_group_id": room })),
    ] {
        assert!(caller.post(path, params).await.get("pagination").is_none(), "{path}");
    }
    for path in ["/acs/users/list", "/acs/credentials/list", "/acs/entrances/list", "/action_attempts/list"] {
        assert!(caller.post(path, json!({})).await.get("pagination").is_some(), "{path}");
    }
}

#[tokio::test]
async fn the_search_ignores_accents_in_name_phone_and_e_mail() {
    let caller = Caller::open().await;
    for (search, found) in [
        ("jose", "José García"),
        ("GARCÍA", "José García"),
        ("nguyen", "Minh Nguyễn"),
        ("o'doe", "Sinéad O'Doe"),
        ("wojcik", "Łukasz Wójcik"),
        ("kjær", "Søren Kjær"),
        ("jose.garcia@", "José García"),
        ("+4917604069009", "José García"),
    ] {
        let users = caller.post("/acs/users/list", json!({ "search": search })).await;
        assert_eq!(column(&users["acs_users"], "full_name"), [found], "{search}");
    }
    let none = caller.post("/acs/users/list", json!({ "search": "nobody at all" })).await;
    assert_eq!(none["acs_users"], json!([]));
    let id = caller.user("John Doe").await;
    let users = caller.post("/acs/users/list", json!({ "search": id })).await;
    assert_eq!(column(&users["acs_users"], "full_name"), ["John Doe"]);
}

#[tokio::test]
async fn filters_narrow_lists() {
    let caller = Caller::open().await;
    let held = caller.post("/acs/credentials/list", json!({ "acs_user_id": caller.user("Yuki Sato").await })).await;
    assert_eq!(column(&held["acs_credentials"], "access_method"), ["card", "mobile_key"]);
    let number = text(&held["acs_credentials"][0]["card_number"]);
    let found = caller.post("/acs/credentials/list", json!({ "search": number })).await;
    assert_eq!(found["acs_credentials"], json!([held["acs_credentials"][0]]));
    let encoder = caller.encoder("Concierge").await;
    let found = caller.post("/acs/encoders/list", json!({ "acs_encoder_ids": [encoder] })).await;
    assert_eq!(column(&found["acs_encoders"], "display_name"), ["Concierge"]);
    let found = caller.succeed("GET", "/acs/encoders/list", &json!({ "acs_encoder_ids": [] })).await;
    assert_eq!(found["acs_encoders"], json!([]));
    let found = caller.post("/acs/entrances/list", json!({ "search": "swimming" })).await;
    assert_eq!(column(&found["acs_entrances"], "display_name"), ["Swimming Pool"]);
    let none = caller.post("/acs/users/list", json!({ "created_before": "2001-01-01T00:00:00Z" })).await;
    assert_eq!(none["acs_users"], json!([]));
    let none = caller.post("/acs/systems/list", json!({ "search": "other hotel" })).await;
    assert_eq!(none["acs_systems"], json!([]));
}

#[tokio::test]
async fn events_are_found_by_time_type_and_subject() {
    let caller = Caller::open().await;
    let jane = caller.new_user("Jane Doe").await;
    let other = caller.new_user("Another Guest").await;
    let since = json!("2026-01-01T00:00:00Z");
    let all = caller.post("/events/list", json!({ "since": since })).await;
    assert_eq!(column(&all["events"], "acs_user_id"), [jane.as_str(), &other]);
    let hers = caller.post("/events/list", json!({ "since": since, "acs_user_id": jane })).await;
    assert_eq!(hers["events"], json!([all["events"][0]]));
    let params = json!({ "since": since, "event_types": ["acs_user.created"], "limit": 1 });
    assert_eq!(caller.post("/events/list", params).await["events"], json!([all["events"][0]]));
    let none = json!({ "since": since, "event_type": "acs_user.deleted" });
    assert_eq!(caller.post("/events/list", none).await["events"], json!([]));
    // An interval leaves its ends out.
    let at = |place: usize| text(&all["events"][place]["occurred_at"]);
    let params = json!({ "between": [at(0), "2999-01-01T00:00:00Z"] });
    let after = caller.post("/events/list", params).await;
    assert!(!column(&after["events"], "acs_user_id").contains(&jane));
}

#[tokio::test]
async fn a_large_hotel_answers_its_pages() {
    let caller = Caller::with(Options { users: Some(5_000), ..quick() }).await;
    let rows = all_pages(&caller, "/acs/users/list", "acs_users", json!({})).await;
    assert_eq!(rows.len(), 5_000);
    let state = caller.state().await;
    assert_eq!(state["counts"]["acs_users"], json!(5_000));
    assert!(state["counts"]["acs_access_groups"].as_u64() > Some(800));
    let ids: HashSet<_> = rows.iter().map(|row| text(&row["acs_user_id"])).collect();
    assert_eq!(ids.len(), 5_000);
}
