//! Every method of the client: which path it calls and with what. Paths and parameters are those of the API's contract
//! (OpenAPI document, types 1.977.0).

use crate::support::odd_server::{OddServer, json};
use jiff::Timestamp;
use keydesk::seam::page::Cursor;
use keydesk::seam::request::{EventsQuery, NewUser, ScheduleUpdate, UserUpdate};
use keydesk::seam::types::{AccessSchedule, AttemptId, CredentialId, EncoderId, EndsAt, GroupId, SystemId, UserId};
use serde_json::{Value, json};

/// An answer that holds whatever a call may look for.
const EVERYTHING: &str = r#"{"ok":true,
    "workspace":{"workspace_id":"w"},
    "acs_system":{"acs_system_id":"s"},"acs_systems":[{"acs_system_id":"s"}],
    "acs_user":{"acs_user_id":"u"},"acs_users":[{"acs_user_id":"u"}],
    "acs_access_group":{"acs_access_group_id":"g"},"acs_access_groups":[{"acs_access_group_id":"g"}],
    "acs_credential":{"acs_credential_id":"c"},"acs_credentials":[{"acs_credential_id":"c"}],
    "acs_encoder":{"acs_encoder_id":"e"},"acs_encoders":[{"acs_encoder_id":"e"}],
    "acs_entrances":[{"acs_entrance_id":"n"}],
    "action_attempt":{"action_attempt_id":"a"},"action_attempts":[{"action_attempt_id":"a"}],
    "events":[{"event_id":"v"}]}"#;

/// Checks what a call sends, and whether its answer holds what it should.
macro_rules! check {
    ($server:ident, $path:literal, $body:tt, $call:expr, $answer:pat $(if $guard:expr)?) => {
        let answer = $call.await.unwrap();
        assert!(matches!(&answer, $answer $(if $guard)?), "{}: {answer:?}", $path);
        let seen = $server.seen().pop().unwrap();
        assert!(seen.head.starts_with(concat!("POST ", $path, " HTTP/1.1\r\n")), "{}", seen.head);
        assert_eq!(serde_json::from_str::<Value>(&seen.body).unwrap(), json!($body), $path);
    };
}

#[tokio::test]
async fn every_call_says_what_the_contract_wants() {
    let server = OddServer::start(vec![json(EVERYTHING)]).await;
    let client = server.client();
    let (system, user, group) = (SystemId::from("s"), UserId::from("u"), GroupId::from("g"));
    let (credential, encoder, attempt) = (CredentialId::from("c"), EncoderId::from("e"), AttemptId::from("a"));
    let cursor = Cursor::from("p".to_owned());
    let from: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
    let until: Timestamp = "2026-11-28T11:00:00Z".parse().unwrap();

    check!(server, "/workspaces/get", {}, client.workspace_get(), found if found.workspace_id == "w");
    check!(server, "/acs/systems/list", {}, client.systems_list(), found if found.len() == 1);
    check!(server, "/acs/systems/get", {"acs_system_id": "s"}, client.system_get(&system), found
        if found.acs_system_id == system);

    let mut new = NewUser {
        system: system.clone(),
        full_name: "Eva Brandt".into(),
        phone_number: None,
        email_address: None,
        group_ids: Vec::new(),
        access_schedule: None,
    };
    check!(server, "/acs/users/create", {"acs_system_id": "s", "full_name": "Eva Brandt"},
        client.user_create(&new), found if found.acs_user_id == user);
    new.phone_number = Some("+15555550100".into());
    new.email_address = Some("eva@example.com".into());
    new.group_ids = vec![group.clone()];
    new.access_schedule = Some(AccessSchedule { starts_at: None, ends_at: EndsAt::At(until) });
    check!(server, "/acs/users/create", {
        "acs_system_id": "s", "full_name": "Eva Brandt", "phone_number": "+15555550100",
        "email_address": "eva@example.com", "acs_access_group_ids": ["g"],
        "access_schedule": {"ends_at": "2026-11-28T11:00:00Z"}
    }, client.user_create(&new), found if found.acs_user_id == user);
    check!(server, "/acs/users/get", {"acs_user_id": "u"}, client.user_get(&user), found if found.acs_user_id == user);
    check!(server, "/acs/users/list", {"acs_system_id": "s"}, client.users_page(&system, None, None, None), found
        if found.items.len() == 1 && found.next.is_none());
    check!(server, "/acs/users/list", {"acs_system_id": "s", "search": "eva", "limit": 50, "page_cursor": "p"},
        client.users_page(&system, Some("eva"), Some(50), Some(&cursor)), found if found.items.len() == 1);
    let mut update = UserUpdate::of(user.clone());
    update.full_name = Some("Eva Brand".into());
    check!(server, "/acs/users/update", {"acs_user_id": "u", "full_name": "Eva Brand"},
        client.user_update(&update), ());
    update = UserUpdate::of(user.clone());
    update.phone_number = Some("+15555550100".into());
    update.email_address = Some("eva@example.com".into());
    update.access_schedule = ScheduleUpdate::Set { starts_at: from, ends_at: until };
    check!(server, "/acs/users/update", {
        "acs_user_id": "u", "phone_number": "+15555550100", "email_address": "eva@example.com",
        "access_schedule": {"starts_at": "2026-11-25T12:00:00Z", "ends_at": "2026-11-28T11:00:00Z"}
    }, client.user_update(&update), ());
    update = UserUpdate { access_schedule: ScheduleUpdate::Clear, ..UserUpdate::of(user.clone()) };
    check!(server, "/acs/users/update", {"acs_user_id": "u", "access_schedule": null}, client.user_update(&update), ());
    check!(server, "/acs/users/delete", {"acs_user_id": "u"}, client.user_delete(&user), ());
    check!(server, "/acs/users/suspend", {"acs_user_id": "u"}, client.user_suspend(&user), ());
    check!(server, "/acs/users/unsuspend", {"acs_user_id": "u"}, client.user_unsuspend(&user), ());
    check!(server, "/acs/users/add_to_access_group", {"acs_user_id": "u", "acs_access_group_id": "g"},
        client.user_add_to_group(&user, &group), ());
    check!(server, "/acs/users/remove_from_access_group", {"acs_user_id": "u", "acs_access_group_id": "g"},
        client.user_remove_from_group(&user, &group), ());
    check!(server, "/acs/users/list_accessible_entrances", {"acs_user_id": "u"}, client.user_entrances(&user), found
        if found.len() == 1);

    check!(server, "/acs/access_groups/list", {"acs_system_id": "s"}, client.groups_list(&system), found
        if found.len() == 1);
    check!(server, "/acs/access_groups/list", {"acs_user_id": "u"}, client.groups_of_user(&user), found
        if found.len() == 1);
    check!(server, "/acs/access_groups/get", {"acs_access_group_id": "g"}, client.group_get(&group), found
        if found.acs_access_group_id == group);
    check!(server, "/acs/access_groups/list_users", {"acs_access_group_id": "g"}, client.group_users(&group), found
        if found.len() == 1);
    check!(server, "/acs/access_groups/list_accessible_entrances", {"acs_access_group_id": "g"},
        client.group_entrances(&group), found if found.len() == 1);

    for new_key in [true, false] {
        check!(server, "/acs/credentials/create", {
            "acs_user_id": "u", "access_method": "card", "salto_space_metadata": {"assign_new_key": new_key}
        }, client.credential_create(&user, new_key), found if found.acs_credential_id == credential);
    }
    check!(server, "/acs/credentials/get", {"acs_credential_id": "c"}, client.credential_get(&credential), found
        if found.acs_credential_id == credential);
    check!(server, "/acs/credentials/list", {"acs_system_id": "s"}, client.credentials_page(&system, None, None), found
        if found.items.len() == 1);
    check!(server, "/acs/credentials/list", {"acs_system_id": "s", "limit": 50, "page_cursor": "p"},
        client.credentials_page(&system, Some(50), Some(&cursor)), found if found.items.len() == 1);
    check!(server, "/acs/credentials/list", {"acs_user_id": "u"}, client.credentials_of_user(&user), found
        if found.len() == 1);
    check!(server, "/acs/credentials/update", {"acs_credential_id": "c", "ends_at": "2026-11-28T11:00:00Z"},
        client.credential_update(&credential, until), found if found.acs_credential_id == credential);
    check!(server, "/acs/credentials/delete", {"acs_credential_id": "c"}, client.credential_delete(&credential), ());
    check!(server, "/acs/credentials/assign", {"acs_credential_id": "c", "acs_user_id": "u"},
        client.credential_assign(&credential, &user), found if found.acs_credential_id == credential);
    check!(server, "/acs/credentials/unassign", {"acs_credential_id": "c", "acs_user_id": "u"},
        client.credential_unassign(&credential, &user), found if found.acs_credential_id == credential);
    check!(server, "/acs/credentials/list_accessible_entrances", {"acs_credential_id": "c"},
        client.credential_entrances(&credential), found if found.len() == 1);

    check!(server, "/acs/encoders/list", {"acs_system_id": "s"}, client.encoders_page(&system, None), found
        if found.items.len() == 1);
    check!(server, "/acs/encoders/list", {"acs_system_id": "s", "page_cursor": "p"},
        client.encoders_page(&system, Some(&cursor)), found if found.items.len() == 1);
    check!(server, "/acs/encoders/get", {"acs_encoder_id": "e"}, client.encoder_get(&encoder), found
        if found.acs_encoder_id == encoder);
    check!(server, "/acs/encoders/encode_credential", {"acs_credential_id": "c", "acs_encoder_id": "e"},
        client.encode_credential(&credential, &encoder), found if found.action_attempt_id == attempt);
    check!(server, "/acs/encoders/scan_credential", {"acs_encoder_id": "e"}, client.scan_credential(&encoder), found
        if found.action_attempt_id == attempt);
    check!(server, "/acs/encoders/scan_to_assign_credential", {"acs_encoder_id": "e", "acs_user_id": "u"},
        client.scan_to_assign_credential(&encoder, &user), found if found.action_attempt_id == attempt);
    check!(server, "/acs/encoders/simulate/next_credential_encode_will_fail",
        {"acs_encoder_id": "e", "error_code": "encoding_interrupted"},
        client.simulate_encode_fails(&encoder, "encoding_interrupted"), ());
    check!(server, "/acs/encoders/simulate/next_credential_encode_will_succeed",
        {"acs_encoder_id": "e", "scenario": "credential_is_issued"}, client.simulate_encode_succeeds(&encoder), ());
    check!(server, "/acs/encoders/simulate/next_credential_scan_will_fail",
        {"acs_encoder_id": "e", "error_code": "no_credential_on_encoder"},
        client.simulate_scan_fails(&encoder, "no_credential_on_encoder"), ());
    check!(server, "/acs/encoders/simulate/next_credential_scan_will_succeed",
        {"acs_encoder_id": "e", "scenario": "credential_on_encoder_is_empty"},
        client.simulate_scan_succeeds(&encoder, "credential_on_encoder_is_empty", None), ());
    check!(server, "/acs/encoders/simulate/next_credential_scan_will_succeed",
        {"acs_encoder_id": "e", "scenario": "credential_exists_on_seam", "acs_credential_id_on_seam": "c"},
        client.simulate_scan_succeeds(&encoder, "credential_exists_on_seam", Some(&credential)), ());

    check!(server, "/acs/entrances/list", {"acs_system_id": "s"}, client.entrances_page(&system, None), found
        if found.items.len() == 1);
    check!(server, "/acs/entrances/list", {"acs_system_id": "s", "page_cursor": "p"},
        client.entrances_page(&system, Some(&cursor)), found if found.items.len() == 1);
    check!(server, "/action_attempts/get", {"action_attempt_id": "a"}, client.attempt_get(&attempt), found
        if found.action_attempt_id == attempt);
    check!(server, "/action_attempts/list", {"action_attempt_ids": ["a", "a"]},
        client.attempts_list(&[attempt.clone(), attempt.clone()]), found if found.len() == 1);
    let mut query = EventsQuery::since(from);
    check!(server, "/events/list", {"since": "2026-11-25T12:00:00Z"}, client.events_list(&query), found
        if found.len() == 1);
    query = EventsQuery::between(from, until);
    query.event_types = vec!["acs_credential.issued".into()];
    query.credential = Some(credential);
    query.user = Some(user);
    query.encoder = Some(encoder);
    query.system = Some(system);
    query.limit = Some(20);
    check!(server, "/events/list", {
        "between": ["2026-11-25T12:00:00Z", "2026-11-28T11:00:00Z"], "event_types": ["acs_credential.issued"],
        "acs_credential_id": "c", "acs_user_id": "u", "acs_encoder_id": "e", "acs_system_id": "s", "limit": 20
    }, client.events_list(&query), found if found.len() == 1);
}
