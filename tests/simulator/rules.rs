//! The rules of Salto Space as a caller meets them.

use serde_json::{Value, json};

use super::caller::{Caller, card, column, slow_sync, text};

fn codes(resource: &Value, list: &str, code: &str) -> Vec<String> {
    column(&resource[list], code)
}

fn warnings(resource: &Value) -> Vec<String> {
    codes(resource, "warnings", "warning_code")
}

async fn pending(caller: &Caller, user: &str) -> Vec<Value> {
    let got = caller.post("/acs/users/get", json!({ "acs_user_id": user })).await;
    got["acs_user"]["pending_mutations"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_second_card_credential_is_refused_in_clear_words() {
    let caller = Caller::open().await;
    let jane = caller.new_user("Jane Doe").await;
    let (status, error) = caller.refused("/acs/credentials/create", card(&jane, false)).await;
    assert_eq!((status, &error["type"]), (400, &json!("card_credential_not_found")));
    assert!(text(&error["message"]).contains("assign_new_key to true"));
    let first = caller.new_card(&jane).await;
    assert_eq!(warnings(&first), ["waiting_to_be_issued"]);
    assert_eq!((&first["is_issued"], &first["card_number"]), (&json!(false), &Value::Null));
    let (status, error) = caller.refused("/acs/credentials/create", card(&jane, true)).await;
    assert_eq!((status, &error["type"]), (400, &json!("card_credential_already_exists")));
    assert!(text(&error["message"]).contains("only one"));
    assert_eq!(error["data"]["acs_credential_id"], first["acs_credential_id"]);
    // Without the flag a card is a first card.
    let params = json!({ "acs_user_id": jane, "access_method": "card" });
    assert_eq!(caller.refusal("/acs/credentials/create", params).await, "card_credential_already_exists");
    let same = caller.post("/acs/credentials/create", card(&jane, false)).await;
    assert_eq!(same["acs_credential"]["acs_credential_id"], first["acs_credential_id"]);
    let key = json!({ "acs_user_id": jane, "access_method": "mobile_key" });
    caller.post("/acs/credentials/create", key.clone()).await;
    assert_eq!(caller.refusal("/acs/credentials/create", key).await, "mobile_key_already_exists");
}

#[tokio::test]
async fn the_guides_other_spelling_means_the_same() {
    let caller = Caller::open().await;
    let jane = caller.new_user("Jane Doe").await;
    let spelled = |value: bool| {
        let metadata = json!({ "assign_new_card": value });
        json!({ "acs_user_id": jane, "access_method": "card", "salto_space_metadata": metadata })
    };
    assert_eq!(caller.refusal("/acs/credentials/create", spelled(false)).await, "card_credential_not_found");
    let first = caller.post("/acs/credentials/create", spelled(true)).await;
    assert_eq!(caller.refusal("/acs/credentials/create", spelled(true)).await, "card_credential_already_exists");
    let same = caller.post("/acs/credentials/create", spelled(false)).await;
    assert_eq!(same["acs_credential"]["acs_credential_id"], first["acs_credential"]["acs_credential_id"]);
}

#[tokio::test]
async fn a_lost_card_is_replaced_while_the_old_credential_lingers() {
    let caller = Caller::with(slow_sync()).await;
    let jose = caller.user("José García").await;
    let old = caller.card_of(&jose).await;
    caller.post("/acs/credentials/delete", json!({ "acs_credential_id": old["acs_credential_id"] })).await;
    let lingering = caller.post("/acs/credentials/get", json!({ "acs_credential_id": old["acs_credential_id"] })).await;
    assert_eq!(warnings(&lingering["acs_credential"]), ["being_deleted"]);
    let (status, error) =
        caller.refused("/acs/credentials/update", json!({ "acs_credential_id": old["acs_credential_id"] })).await;
    assert_eq!((status, &error["type"]), (409, &json!("acs_credential_being_deleted")));
    let new = caller.new_card(&jose).await;
    let desk_encoder = caller.encoder("Front Desk").await;
    let written = caller.write(&desk_encoder, new["acs_credential_id"].as_str().unwrap()).await;
    assert_eq!(written["status"], json!("success"));
    assert_ne!(written["result"]["card_number"], old["card_number"]);
    let late = caller.write(&desk_encoder, old["acs_credential_id"].as_str().unwrap()).await;
    assert_eq!(late["error"]["type"], json!("credential_deleted"));
}

#[tokio::test]
async fn every_change_of_a_user_is_on_its_way_for_a_while() {
    let caller = Caller::with(slow_sync()).await;
    let jose = caller.user("José García").await;
    let gym = caller.group("Gym").await;
    let membership = json!({ "acs_user_id": jose, "acs_access_group_id": gym });
    caller.post("/acs/users/add_to_access_group", membership.clone()).await;
    caller.post("/acs/users/remove_from_access_group", membership).await;
    let schedule = json!({ "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2999-01-01T00:00:00Z" });
    caller.post("/acs/users/update", json!({ "acs_user_id": jose, "phone_number": "+15555550199" })).await;
    caller.post("/acs/users/update", json!({ "acs_user_id": jose, "access_schedule": schedule })).await;
    caller.post("/acs/users/suspend", json!({ "acs_user_id": jose })).await;
    let pending = pending(&caller, &jose).await;
    let told: Vec<_> = pending.iter().map(|change| text(&change["mutation_code"])).collect();
    assert_eq!(
        told,
        [
            "updating_group_membership",
            "updating_group_membership",
            "updating_user_information",
            "updating_access_schedule",
            "updating_suspension_state",
        ]
    );
    let ends = |place: usize| (pending[place]["from"].clone(), pending[place]["to"].clone());
    let (none, some) = (json!({ "acs_access_group_id": null }), json!({ "acs_access_group_id": gym }));
    assert_eq!(ends(0), (none.clone(), some.clone()));
    assert_eq!(ends(1), (some, none));
    assert_eq!(pending[2]["to"]["phone_number"], json!("+15555550199"));
    assert_eq!(pending[3]["to"]["ends_at"], json!("2999-01-01T00:00:00.000Z"));
    assert_eq!(ends(4), (json!({ "is_suspended": false }), json!({ "is_suspended": true })));
    let group = caller.post("/acs/access_groups/get", json!({ "acs_access_group_id": gym })).await;
    let told = codes(&group["acs_access_group"], "pending_mutations", "mutation_code");
    assert_eq!(told, ["updating_user_membership", "updating_user_membership"]);
    let credential = caller.card_of(&jose).await;
    assert_eq!(credential["is_latest_desired_state_synced_with_provider"], json!(false));
}

#[tokio::test]
async fn what_is_on_its_way_arrives() {
    let caller = Caller::open().await;
    let jane = caller.new_user("Jane Doe").await;
    caller.new_card(&jane).await;
    let is_settled = |body: &Value| body["acs_user"]["pending_mutations"] == json!([]);
    let got = caller.until("/acs/users/get", json!({ "acs_user_id": jane }), is_settled).await;
    assert!(got["acs_user"]["last_successful_sync_at"].is_string());
    let is_settled =
        |body: &Value| body["acs_credentials"][0]["is_latest_desired_state_synced_with_provider"] == json!(true);
    let held = caller.until("/acs/credentials/list", json!({ "acs_user_id": jane }), is_settled).await;
    assert!(held["acs_credentials"][0]["latest_desired_state_synced_with_provider_at"].is_string());
}

#[tokio::test]
async fn a_user_who_is_being_deleted_takes_no_changes() {
    let caller = Caller::with(slow_sync()).await;
    let (jose, gym) = (caller.user("José García").await, caller.group("Gym").await);
    caller.post("/acs/users/delete", json!({ "acs_user_id": jose })).await;
    caller.post("/acs/users/delete", json!({ "acs_user_id": jose })).await;
    let got = caller.post("/acs/users/get", json!({ "acs_user_id": jose })).await;
    assert_eq!(warnings(&got["acs_user"]), ["being_deleted"]);
    assert_eq!(codes(&got["acs_user"], "pending_mutations", "mutation_code"), ["deleting"]);
    let membership = json!({ "acs_user_id": jose, "acs_access_group_id": gym });
    for (path, params) in [
        ("/acs/users/update", json!({ "acs_user_id": jose, "full_name": "José" })),
        ("/acs/users/add_to_access_group", membership),
        ("/acs/credentials/create", card(&jose, true)),
    ] {
        let (status, error) = caller.refused(path, params).await;
        assert_eq!((status, &error["type"]), (409, &json!("acs_user_being_deleted")), "{path}");
    }
}

#[tokio::test]
async fn a_credential_ends_with_its_schedule_a_new_end_outdates_it() {
    let caller = Caller::open().await;
    let jose = caller.user("José García").await;
    let got = caller.post("/acs/users/get", json!({ "acs_user_id": jose })).await;
    let before = caller.card_of(&jose).await;
    assert_eq!(before["ends_at"], got["acs_user"]["access_schedule"]["ends_at"]);
    let schedule = json!({ "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2999-01-01T00:00:00Z" });
    caller.post("/acs/users/update", json!({ "acs_user_id": jose, "access_schedule": schedule })).await;
    let after = caller.card_of(&jose).await;
    assert_eq!(after["ends_at"], json!("2999-01-01T00:00:00.000Z"));
    assert_eq!(warnings(&after), ["needs_to_be_reissued"]);
    caller.post("/acs/users/update", json!({ "acs_user_id": jose, "access_schedule": null })).await;
    assert!(caller.card_of(&jose).await.get("ends_at").is_none());
}

#[tokio::test]
async fn a_credential_is_given_only_to_a_user_without_one() {
    let caller = Caller::open().await;
    let (jose, jane) = (caller.user("José García").await, caller.new_user("Jane Doe").await);
    let hers = caller.new_card(&jane).await;
    let both = |user: &str| json!({ "acs_credential_id": hers["acs_credential_id"], "acs_user_id": user });
    assert_eq!(caller.refusal("/acs/credentials/assign", both(&jose)).await, "card_credential_already_exists");
    let (status, _) = caller.refused("/acs/credentials/unassign", both(&jose)).await;
    assert_eq!(status, 400);
    let john = caller.user("John Doe").await;
    caller.post("/acs/credentials/assign", both(&john)).await;
    assert_eq!(caller.card_of(&john).await["acs_credential_id"], hers["acs_credential_id"]);
    let held = caller.post("/acs/credentials/list", json!({ "acs_user_id": jane })).await;
    assert_eq!(held["acs_credentials"], json!([]));
}

#[tokio::test]
async fn guests_in_every_state_stay_at_the_aurora() {
    let caller = Caller::open().await;
    let user = async |name: &str| {
        let id = caller.user(name).await;
        caller.post("/acs/users/get", json!({ "acs_user_id": id })).await["acs_user"].clone()
    };
    assert_eq!(user("Daria Ivanova").await["is_suspended"], json!(true));
    let refused = user("Thomas Schneider").await;
    assert_eq!(codes(&refused, "errors", "error_code"), ["failed_to_create_on_acs_system"]);
    assert_eq!(warnings(&user("Ana Silva").await), ["acs_user_inactive"]);
    assert!(user("Eva Brandt").await.get("access_schedule").is_none());
    let card = async |name: &str| caller.card_of(&caller.user(name).await).await;
    assert_eq!(warnings(&card("Jonas Fischer").await), ["waiting_to_be_issued"]);
    assert_eq!(warnings(&card("Max Doerr").await), ["needs_to_be_reissued"]);
    let fine = card("Leila Haddad").await;
    assert_eq!((&fine["is_issued"], warnings(&fine)), (&json!(true), Vec::new()));
    let system = caller.system().await;
    let got = caller.post("/acs/systems/get", json!({ "acs_system_id": system })).await;
    assert_eq!(got["acs_system"]["name"], json!("Hotel Aurora"));
}
