//! What jobs decide on: a list of which a part is missing is no list, and least of all an empty one.

use crate::support::odd_server::{Act, OddServer, json};
use jiff::Timestamp;
use keydesk::engine::api::{Answered, Api};
use keydesk::seam::client::Client;
use keydesk::seam::error::{ErrorKind, SeamError};
use serde_json::{Value, json as value};

/// The lists that jobs read: the name that the rows stand under, and the id that a row must have.
const LISTS: [(&str, &str); 4] = [
    ("acs_users", "acs_user_id"),
    ("acs_access_groups", "acs_access_group_id"),
    ("acs_credentials", "acs_credential_id"),
    ("events", "event_id"),
];

/// How many rows the list has for a job.
async fn read(client: &Client, list: &str) -> Result<usize, SeamError> {
    fn count<T>(rows: Answered<Vec<T>>) -> Result<usize, SeamError> {
        rows.map(|rows| rows.len())
    }
    match list {
        "acs_users" => count(client.search_users(&"system".into(), "Jane").await),
        "acs_access_groups" => count(client.groups_of(&"u".into()).await),
        "acs_credentials" => count(client.credentials_of(&"u".into()).await),
        "events" => count(client.written(&"c".into(), Timestamp::UNIX_EPOCH).await),
        _ => panic!("no list {list}"),
    }
}

async fn answered(list: &str, answers: &[Value]) -> (Result<usize, SeamError>, OddServer) {
    let acts: Vec<Act> = answers.iter().map(|body| json(&body.to_string())).collect();
    let server = OddServer::start(acts).await;
    (read(&server.client(), list).await, server)
}

async fn is_unreadable(list: &str, answer: Value) {
    let (result, server) = answered(list, std::slice::from_ref(&answer)).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreadable, "{list}: {answer}");
    assert!(error.may_pass(), "it is read again later");
    assert_eq!((error.status, error.request_id.as_deref()), (Some(200), Some("r-1")));
    assert!(error.message.contains(list), "{}", error.message);
    assert_eq!(server.seen().len(), 1, "{list}: {answer}");
}

#[tokio::test]
async fn a_list_that_is_not_there_is_not_empty() {
    for (list, _) in LISTS {
        for odd in [value!({}), value!({"ok": true}), value!({list: null}), value!({list: {}}), value!({list: "none"})]
        {
            is_unreadable(list, odd).await;
        }
        assert_eq!(answered(list, &[value!({list: []})]).await.0, Ok(0), "{list}");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_not_left_out() {
    for (list, id) in LISTS {
        is_unreadable(list, value!({list: [{id: "1"}, {"display_name": "x"}]})).await;
        is_unreadable(list, value!({list: [null]})).await;
        let odd = value!({list: [{id: "1", "warnings": "none", "display_name": 7, "is_issued": "no"}]});
        assert_eq!(answered(list, &[odd]).await.0, Ok(1), "{list}: only the id counts");
    }
}

#[tokio::test]
async fn a_list_that_goes_on_is_read_to_its_end() {
    for (list, id) in LISTS {
        let first = value!({list: [{id: "1"}], "pagination": {"has_next_page": true, "next_page_cursor": "p2"}});
        let last = value!({list: [{id: "2"}], "pagination": {"has_next_page": false, "next_page_cursor": null}});
        let (result, server) = answered(list, &[first.clone(), last]).await;
        assert_eq!(result, Ok(2), "{list}");
        let second: Value = serde_json::from_str(&server.seen()[1].body).unwrap();
        assert_eq!(second["page_cursor"], "p2", "{list}");
        // A second page that is like the first one, and goes on at itself.
        let (result, server) = answered(list, &[first]).await;
        assert_eq!(result.unwrap_err().kind, ErrorKind::Unreadable, "{list}");
        assert_eq!(server.seen().len(), 2, "{list}");
    }
}

#[tokio::test]
async fn a_list_that_goes_on_nobody_knows_where_is_not_whole() {
    for (list, id) in LISTS {
        for cursor in [value!(null), value!(""), value!(7)] {
            let pagination = value!({"has_next_page": true, "next_page_cursor": cursor});
            is_unreadable(list, value!({list: [{id: "1"}], "pagination": pagination})).await;
        }
        let ends = value!({list: [{id: "1"}], "pagination": {"has_next_page": false, "next_page_cursor": "p2"}});
        assert_eq!(answered(list, &[ends]).await.0, Ok(1), "{list}");
        assert_eq!(answered(list, &[value!({list: [{id: "1"}], "pagination": null})]).await.0, Ok(1), "{list}");
    }
}

#[tokio::test]
async fn the_screen_stays_lenient() {
    let server = OddServer::start(vec![json("{}"), json("{}"), json(r#"{"acs_credentials":[{}]}"#)]).await;
    let client = server.client();
    assert_eq!(client.groups_of_user(&"u".into()).await, Ok(Vec::new()));
    assert_eq!(client.credentials_of_user(&"u".into()).await, Ok(Vec::new()));
    assert_eq!(client.credentials_of_user(&"u".into()).await, Ok(Vec::new()));
}
