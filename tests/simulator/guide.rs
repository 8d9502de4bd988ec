//! The calls of Seam's guide "Programming Salto Space Card-based Credentials", in its order and with its bodies.

use serde_json::json;

use crate::desk::{Desk, text};

#[tokio::test]
async fn the_guides_calls_make_a_card() {
    let desk = Desk::open().await;
    let (room, pool, system) = (desk.group("Room 204").await, desk.group("Pool & Spa").await, desk.system().await);

    let building_a = desk.post("/acs/systems/get", json!({ "acs_system_id": system })).await;
    let system = text(&building_a["acs_system"]["acs_system_id"]);
    let body = json!({ "full_name": "Jane Doe", "phone_number": "+15555550100", "acs_system_id": system });
    let jane_user = desk.post("/acs/users/create", body).await;
    let user = text(&jane_user["acs_user"]["acs_user_id"]);
    for access_group_id in [&room, &pool] {
        let body = json!({ "acs_user_id": user, "acs_access_group_id": access_group_id });
        assert_eq!(desk.post("/acs/users/add_to_access_group", body).await, json!({ "ok": true }));
    }
    // The guide's samples spell it this way; its prose and the contract say assign_new_key.
    let body = json!({
        "acs_user_id": user,
        "access_method": "card",
        "salto_space_metadata": { "assign_new_card": true },
    });
    let card_credential = desk.post("/acs/credentials/create", body).await;
    assert_eq!(card_credential["acs_credential"]["is_issued"], json!(false));
    let encoders = desk.post("/acs/encoders/list", json!({ "acs_system_id": system })).await;
    let credential = text(&card_credential["acs_credential"]["acs_credential_id"]);
    let body = json!({
        "acs_credential_id": credential,
        "acs_encoder_id": encoders["acs_encoders"][0]["acs_encoder_id"],
    });
    let attempt = desk.post("/acs/encoders/encode_credential", body).await;
    assert_eq!(attempt["action_attempt"]["status"], json!("pending"));
    let done = desk.end_of(&attempt["action_attempt"]).await;
    assert_eq!((&done["status"], &done["error"]), (&json!("success"), &json!(null)));
    assert_eq!(done["action_type"], json!("ENCODE_CREDENTIAL"));
    assert_eq!(done["result"]["acs_credential_id"], json!(credential));
    assert_eq!(done["result"]["is_issued"], json!(true));
    assert!(done["result"]["card_number"].is_string() && done["result"]["issued_at"].is_string());
}
