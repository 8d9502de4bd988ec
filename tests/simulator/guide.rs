//! The calls of Seam's guide "Programming Salto Space Card-based Credentials", in its order and with its bodies.

use serde_json::json;

use super::caller::{Caller, text};

#[tokio::test]
async fn the_guides_calls_make_a_card() {
    let caller = Caller::open().await;
    let (room, pool, system) =
        (caller.group("Room 204").await, caller.group("Pool & Spa").await, caller.system().await);

    let building_a = caller.post("/acs/systems/get", json!({ "acs_system_id": system })).await;
    let system = text(&building_a["acs_system"]["acs_system_id"]);
    let body = json!({ "full_name": "Jane Doe", "phone_number": "+15555550100", "acs_system_id": system });
    let jane_user = caller.post("/acs/users/create", body).await;
    let user = text(&jane_user["acs_user"]["acs_user_id"]);
    for access_group_id in [&room, &pool] {
        let body = json!({ "acs_user_id": user, "acs_access_group_id": access_group_id });
        assert_eq!(caller.post("/acs/users/add_to_access_group", body).await, json!({ "ok": true }));
    }
    // The guide's samples spell it this way; its prose and the contract say assign_new_key.
    let body = json!({
        "acs_user_id": user,
        "access_method": "card",
        "salto_space_metadata": { "assign_new_card": true },
    });
    let card_credential = caller.post("/acs/credentials/create", body).await;
    assert_eq!(card_credential["acs_credential"]["is_issued"], json!(false));
    let encoders = caller.post("/acs/encoders/list", json!({ "acs_system_id": system })).await;
    let credential = text(&card_credential["acs_credential"]["acs_credential_id"]);
    let body = json!({
        "acs_credential_id": credential,
        "acs_encoder_id": encoders["acs_encoders"][0]["acs_encoder_id"],
    });
    let attempt = caller.post("/acs/encoders/encode_credential", body).await;
    assert_eq!(attempt["action_attempt"]["status"], json!("pending"));
    let done = caller.end_of(&attempt["action_attempt"]).await;
    assert_eq!((&done["status"], &done["error"]), (&json!("success"), &json!(null)));
    assert_eq!(done["action_type"], json!("ENCODE_CREDENTIAL"));
    assert_eq!(done["result"]["acs_credential_id"], json!(credential));
    assert_eq!(done["result"]["is_issued"], json!(true));
    assert!(done["result"]["card_number"].is_string() && done["result"]["issued_at"].is_string());
}
