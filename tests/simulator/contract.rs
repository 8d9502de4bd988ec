//! What the API's contract (Seam's `OpenAPI` document, types 1.977.0) requires of an answer, as facts of our own.

use serde_json::Value;

/// Fields that each resource must have, by the name under which an answer holds it.
const REQUIRED: &[(&str, &[&str])] = &[
    (
        "workspace",
        &[
            "workspace_id",
            "name",
            "company_name",
            "connect_partner_name",
            "connect_webview_customization",
            "is_publishable_key_auth_enabled",
            "is_sandbox",
            "is_suspended",
            "organization_id",
        ],
    ),
    (
        "acs_system",
        &[
            "acs_system_id",
            "connected_account_id",
            "connected_account_ids",
            "created_at",
            "errors",
            "image_alt_text",
            "image_url",
            "is_credential_manager",
            "location",
            "name",
            "warnings",
            "workspace_id",
        ],
    ),
    (
        "acs_user",
        &[
            "acs_system_id",
            "acs_user_id",
            "connected_account_id",
            "created_at",
            "display_name",
            "errors",
            "is_managed",
            "last_successful_sync_at",
            "warnings",
            "workspace_id",
        ],
    ),
    (
        "acs_access_group",
        &[
            "access_group_type",
            "access_group_type_display_name",
            "acs_access_group_id",
            "acs_system_id",
            "connected_account_id",
            "created_at",
            "display_name",
            "errors",
            "external_type",
            "external_type_display_name",
            "is_managed",
            "name",
            "pending_mutations",
            "warnings",
            "workspace_id",
        ],
    ),
    (
        "acs_credential",
        &[
            "access_method",
            "acs_credential_id",
            "acs_system_id",
            "connected_account_id",
            "created_at",
            "display_name",
            "errors",
            "is_managed",
            "warnings",
            "workspace_id",
        ],
    ),
    (
        "acs_encoder",
        &[
            "acs_encoder_id",
            "acs_system_id",
            "connected_account_id",
            "created_at",
            "display_name",
            "errors",
            "workspace_id",
        ],
    ),
    (
        "acs_entrance",
        &[
            "acs_entrance_id",
            "acs_system_id",
            "connected_account_id",
            "created_at",
            "display_name",
            "errors",
            "space_ids",
            "warnings",
            "workspace_id",
        ],
    ),
    ("action_attempt", &["action_attempt_id", "action_type", "error", "result", "status"]),
    ("event", &["acs_system_id", "created_at", "event_id", "event_type", "occurred_at", "workspace_id"]),
    ("pagination", &["has_next_page", "next_page_cursor", "next_page_url"]),
];

/// Checks an answer that succeeded: all resources in it, and every id and time wherever it stands.
pub fn check(body: &Value) {
    for (name, fields) in REQUIRED {
        let plural = format!("{name}s");
        let one = body.get(name).into_iter();
        let many = body.get(&plural).and_then(Value::as_array).into_iter().flatten();
        for resource in one.chain(many) {
            for field in *fields {
                assert!(resource.get(field).is_some(), "{name} lacks {field}: {resource}");
            }
        }
    }
    if let Some(attempt) = body.get("action_attempt") {
        check_attempt(attempt);
    }
    check_values(body);
}

/// Checks an answer that failed.
pub fn check_error(body: &Value) {
    let error = &body["error"];
    assert!(error["type"].is_string() && error["message"].is_string(), "{body}");
    if error["type"] == "invalid_input"
        && let Some(fields) = error.get("validation_errors")
    {
        for (field, node) in fields.as_object().unwrap() {
            assert!(node["_errors"].is_array(), "{field}: {node}");
        }
    }
}

fn check_attempt(attempt: &Value) {
    let (result, error) = (&attempt["result"], &attempt["error"]);
    match attempt["status"].as_str() {
        Some("pending") => assert!(result.is_null() && error.is_null(), "{attempt}"),
        Some("error") => assert!(result.is_null() && error["type"].is_string() && error["message"].is_string()),
        Some("success") if attempt["action_type"] == "SCAN_CREDENTIAL" => {
            for field in ["card_number", "created_at", "ends_at", "is_issued", "starts_at"] {
                assert!(result["acs_credential_on_encoder"].get(field).is_some(), "{field}: {attempt}");
            }
            assert!(result.get("acs_credential_on_seam").is_some() && result["warnings"].is_array());
            for warning in result["warnings"].as_array().unwrap() {
                assert!(warning["warning_code"].is_string() && warning["warning_message"].is_string());
            }
        }
        Some("success") => {
            check(&serde_json::json!({ "acs_credential": result }));
            assert!(error.is_null());
        }
        other => panic!("{other:?} is no status"),
    }
}

/// Ids are UUIDs, times are RFC 3339, codes of errors, warnings and mutations come with a message and a time.
fn check_values(value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(check_values),
        Value::Object(fields) => {
            for (name, field) in fields {
                if let Some(text) = field.as_str() {
                    check_text(name, text);
                }
                check_values(field);
            }
            let has_code = ["error_code", "mutation_code"].iter().any(|code| fields.contains_key(*code));
            if has_code {
                assert!(value["message"].is_string() && value["created_at"].is_string(), "{value}");
            }
        }
        _ => {}
    }
}

fn check_text(name: &str, text: &str) {
    let is_api_id = name.ends_with("_id") && !matches!(name, "user_id" | "door_id");
    if is_api_id {
        assert!(uuid::Uuid::try_parse(text).is_ok(), "{name} is no UUID: {text}");
    }
    if name.ends_with("_at") {
        assert!(text.parse::<jiff::Timestamp>().is_ok() && text.ends_with('Z'), "{name} is no time: {text}");
    }
}
