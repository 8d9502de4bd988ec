//! Odd answers, without a server.

use serde_json::json;

use super::*;
use crate::seam::types::{User, Workspace};

fn mask() -> Mask {
    Mask("seam_test_2bZ8wkQ1".into())
}

fn answer(status: u16, body: &str) -> RawAnswer {
    RawAnswer {
        path: "/acs/users/list",
        status,
        request_id: Some("r-1".into()),
        retry_after: None,
        location: None,
        body: body.into(),
    }
}

fn page(body: &str) -> Page<User> {
    answer(200, body).page("acs_users", Some(&Cursor::from("here".to_owned())), &mask()).unwrap()
}

fn failure(status: u16, body: &str) -> SeamError {
    answer(status, body).done(&mask()).unwrap_err()
}

#[test]
fn a_failure_is_kept_whole() {
    let body = json!({"ok": false, "error": {
        "type": "invalid_input",
        "message": "bad\u{1b}[2J",
        "validation_errors": {
            "_errors": ["all of it"],
            "full_name": {"_errors": ["too short", ""]},
            "access_schedule": {"_errors": [], "ends_at": {"_errors": ["in the past"]}},
        },
        "data": {"hint": "a\u{7}b"},
    }});
    let error = failure(400, &body.to_string());
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(400)));
    assert_eq!((error.code.as_str(), error.message.as_str()), ("invalid_input", "bad[2J"));
    assert_eq!(
        json!(error.validation),
        json!({"": ["all of it"], "access_schedule.ends_at": ["in the past"], "full_name": ["too short"]})
    );
    assert_eq!(error.data, json!({"hint": "ab"}));
    assert_eq!(error.request_id.as_deref(), Some("r-1"));
}

#[test]
fn the_status_decides_the_kind() {
    use ErrorKind::{Limited, NotFound, Refused, Server, TimedOut, Unauthorized, Unreadable};
    let kinds = [
        (302, Unreadable),
        (400, Refused),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, NotFound),
        (408, TimedOut),
        (409, Refused),
        (429, Limited),
        (500, Server),
        (502, Server),
        (599, Server),
        (600, Unreadable),
    ];
    for (status, kind) in kinds {
        let error = failure(status, "<html>no</html>");
        assert_eq!((error.kind, error.status), (kind, Some(status)));
        assert!(!error.message.contains('<') && !error.message.is_empty());
    }
}

#[test]
fn a_missing_path_is_not_a_missing_thing() {
    let path = failure(404, "<html>Not Found</html>");
    assert_eq!(path.message, "the server does not offer /acs/users/list");
    assert!(path.not_offered() && !path.is_gone());
    let thing = failure(404, r#"{"error":{"type":"acs_user_not_found","message":"no such user"}}"#);
    assert!(thing.is_gone() && !thing.not_offered());
}

#[test]
fn errors_of_other_shapes_still_say_something() {
    assert_eq!(failure(400, r#"{"error":"bad day"}"#).message, "bad day");
    assert_eq!(failure(400, r#"{"message":"bad day"}"#).message, "bad day");
    assert_eq!(
        failure(400, r#"{"error":{"message":7,"type":null}}"#).message,
        "the server refused the call (HTTP 400)"
    );
    assert_eq!(failure(500, "").message, "the server failed (HTTP 500)");
    let large = json!({"error": {"type": "x", "data": "y".repeat(10_000)}});
    assert_eq!(failure(400, &large.to_string()).data, Value::Null);
}

#[test]
fn success_must_look_like_success() {
    for (body, message) in [
        ("{\"acs_user", "the answer is no JSON object"),
        ("<html>hello</html>", "the answer is no JSON object"),
        ("[]", "the answer is no JSON object"),
        (r#"{"ok":false}"#, "the answer says that the call failed, but not why"),
        (r#"{"ok":false,"error":{"type":"t","message":"why"}}"#, "why"),
    ] {
        let error = failure(200, body);
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unreadable, message), "{body}");
    }
    let without = answer(200, r#"{"ok":true}"#).one::<Workspace>("workspace", &mask()).unwrap_err();
    assert_eq!((without.kind, without.status), (ErrorKind::Unreadable, Some(200)));
    assert!(answer(200, "{\"ok\":true}").done(&mask()).is_ok());
    assert!(answer(204, "").done(&mask()).is_ok());
    assert!(answer(200, "\u{feff}{}").done(&mask()).is_ok());
}

#[test]
fn rows_without_an_id_are_counted_and_the_rest_is_kept() {
    let page = page(
        r#"{"acs_users":[{"acs_user_id":"a"},{"full_name":"x"},7,null,{"acs_user_id":null},{"acs_user_id":"b"}]}"#,
    );
    let ids: Vec<_> = page.items.iter().map(|user| user.acs_user_id.as_str()).collect();
    assert_eq!((ids, page.skipped, page.next), (vec!["a", "b"], 4, None));
}

#[test]
fn a_list_that_is_not_there_is_empty() {
    for body in ["{}", r#"{"acs_users":null}"#, r#"{"acs_users":{}}"#, r#"{"acs_users":"no"}"#] {
        assert_eq!(page(body), Page::default(), "{body}");
    }
}

#[test]
fn a_list_ends_where_told_or_when_it_turns_in_circles() {
    let next = |pagination: Value| page(&json!({"pagination": pagination}).to_string()).next;
    let there = Some(Cursor::from("there".to_owned()));
    assert_eq!(next(json!({"has_next_page": true, "next_page_cursor": "there"})), there);
    assert_eq!(next(json!({"next_page_cursor": "there"})), there);
    assert_eq!(next(json!({"has_next_page": false, "next_page_cursor": "there"})), None);
    assert_eq!(next(json!({"has_next_page": true, "next_page_cursor": null})), None);
    assert_eq!(next(json!({"has_next_page": true, "next_page_cursor": ""})), None);
    assert_eq!(next(json!({"has_next_page": true, "next_page_cursor": "here"})), None);
    assert_eq!(next(json!("odd")), None);
    assert_eq!(next(json!(null)), None);
}

#[test]
fn a_name_that_was_cut_inside_an_emoji_costs_no_guest() {
    let page = page(r#"{"acs_users":[{"acs_user_id":"a","full_name":"Eva \ud83d"}]}"#);
    assert_eq!((page.items[0].name(), page.skipped), ("Eva \u{fffd}", 0));
}
