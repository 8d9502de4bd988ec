//! Groups and entrances that people add, change and delete in the key system's own software.

use serde_json::{Value, json};

use super::caller::{Caller, text};

async fn names(caller: &Caller) -> Vec<String> {
    let groups = caller.post("/acs/access_groups/list", json!({})).await;
    groups["acs_access_groups"].as_array().unwrap().iter().map(|group| text(&group["name"])).collect()
}

/// The kinds of the events about one object.
async fn events(caller: &Caller, about: &str, id: &str) -> Vec<Value> {
    let asked = json!({ "since": "2020-01-01T00:00:00Z", about: id });
    let events = caller.post("/events/list", asked).await;
    events["events"].as_array().unwrap().iter().map(|event| event["event_type"].clone()).collect()
}

#[tokio::test]
async fn groups_come_and_go() {
    let caller = Caller::open().await;
    let room = caller.group("Room 204").await;
    let doors =
        caller.post("/acs/access_groups/list_accessible_entrances", json!({ "acs_access_group_id": room })).await;
    let door = text(&doors["acs_entrances"][0]["acs_entrance_id"]);
    let added = caller.post("/_sim/set_group", json!({ "name": "Sauna", "acs_entrance_ids": [door] })).await;
    let sauna = text(&added["acs_access_group"]["acs_access_group_id"]);
    assert!(names(&caller).await.contains(&"Sauna".to_owned()));
    let change = json!({ "acs_access_group_id": sauna, "name": "Steam Bath", "acs_entrance_ids": [] });
    caller.post("/_sim/set_group", change).await;
    assert!(names(&caller).await.contains(&"Steam Bath".to_owned()));
    let doors = json!({ "acs_access_group_id": sauna });
    let doors = caller.post("/acs/access_groups/list_accessible_entrances", doors).await;
    assert_eq!(doors["acs_entrances"], json!([]));
    assert!(events(&caller, "acs_access_group_id", &sauna).await.is_empty(), "no event tells of it");

    let members = caller.post("/acs/access_groups/list_users", json!({ "acs_access_group_id": room })).await;
    let member = text(&members["acs_users"][0]["acs_user_id"]);
    caller.post("/_sim/delete_group", json!({ "acs_access_group_id": room })).await;
    assert!(!names(&caller).await.contains(&"Room 204".to_owned()));
    let left = caller.post("/acs/access_groups/list", json!({ "acs_user_id": member })).await;
    assert!(left["acs_access_groups"].as_array().unwrap().iter().all(|group| group["name"] != "Room 204"));
    assert_eq!(events(&caller, "acs_access_group_id", &room).await, ["acs_access_group.deleted"]);
    assert_eq!(caller.refusal("/_sim/set_group", json!({})).await, "invalid_input");
}

#[tokio::test]
async fn entrances_come_and_go() {
    let caller = Caller::open().await;
    let added = caller.post("/_sim/add_entrance", json!({ "name": "Garden Gate" })).await;
    let gate = text(&added["acs_entrance"]["acs_entrance_id"]);
    let sauna = caller.post("/_sim/set_group", json!({ "name": "Sauna", "acs_entrance_ids": [gate] })).await;
    caller.post("/_sim/delete_entrance", json!({ "acs_entrance_id": gate })).await;
    let doors = json!({ "acs_access_group_id": sauna["acs_access_group"]["acs_access_group_id"] });
    let doors = caller.post("/acs/access_groups/list_accessible_entrances", doors).await;
    assert_eq!(doors["acs_entrances"], json!([]));
    assert_eq!(events(&caller, "acs_entrance_id", &gate).await, ["acs_entrance.added", "acs_entrance.removed"]);
}
