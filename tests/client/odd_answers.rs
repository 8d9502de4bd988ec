//! The client against servers that answer as no good server would.

use std::io;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::odd_server::{Act, KEY, OddServer, answer, connection, json};
use keydesk::seam::client::{Client, ConnectionError, all_pages};
use keydesk::seam::error::{ErrorCause, ErrorKind, SeamError};
use keydesk::seam::key::KeyError;
use keydesk::seam::page::Cursor;
use keydesk::seam::request::EventsQuery;
use keydesk::seam::types::{AttemptId, SystemId, UserId};

fn system() -> SystemId {
    "system 1/ä".into()
}

fn user() -> UserId {
    "42".into()
}

/// What a client makes of one act, asked for a user.
async fn user_get(act: Act) -> SeamError {
    let server = OddServer::start(vec![act]).await;
    let error = server.client().user_get(&user()).await.unwrap_err();
    assert!(server.seen().len() <= 1, "nothing is sent twice");
    error
}

#[tokio::test]
async fn every_call_is_a_post_with_json_and_the_key() {
    let server = OddServer::start(vec![json("{}")]).await;
    server.client().user_suspend(&user()).await.unwrap();
    let seen = &server.seen()[0];
    let head = seen.head.to_lowercase();
    assert!(head.starts_with("post /acs/users/suspend http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("\r\nauthorization: bearer {}\r\n", KEY.to_lowercase())));
    assert!(head.contains("\r\ncontent-type: application/json\r\n"));
    assert!(head.contains(concat!("\r\nuser-agent: keydesk/", env!("CARGO_PKG_VERSION"), "\r\n")));
    assert!(!head.contains("seam-workspace"));
    assert_eq!(seen.body, r#"{"acs_user_id":"42"}"#);
}

#[tokio::test]
async fn only_a_personal_access_token_names_its_workspace() {
    let server = OddServer::start(vec![json("{}")]).await;
    let mut token = connection(&server.url());
    token.key = "seam_at1_abc".into();
    assert_eq!(Client::new(token.clone()).unwrap_err(), ConnectionError::Key(KeyError::WorkspaceMissing));
    token.workspace = Some("w-1".into());
    Client::new(token.clone()).unwrap().user_suspend(&user()).await.unwrap();
    token.key = KEY.into();
    Client::new(token).unwrap().user_suspend(&user()).await.unwrap();
    let seen = server.seen();
    assert!(seen[0].head.to_lowercase().contains("\r\nseam-workspace: w-1\r\n"));
    assert!(!seen[1].head.to_lowercase().contains("seam-workspace"));
}

#[tokio::test]
async fn a_path_in_the_endpoint_goes_before_the_call() {
    let server = OddServer::start(vec![json("{}")]).await;
    let client = Client::new(connection(&format!("{}/seam/", server.url()))).unwrap();
    client.user_suspend(&user()).await.unwrap();
    assert!(server.seen()[0].head.starts_with("POST /seam/acs/users/suspend "));
}

#[tokio::test]
async fn missing_arrays_and_ids_of_any_shape_do() {
    let server = OddServer::start(vec![json(r#"{"ok":true}"#)]).await;
    let client = server.client();
    assert!(client.systems_list().await.unwrap().is_empty());
    assert!(client.groups_list(&system()).await.unwrap().is_empty());
    assert!(client.credentials_of_user(&user()).await.unwrap().is_empty());
    assert!(client.events_list(&EventsQuery::since(jiff::Timestamp::UNIX_EPOCH)).await.unwrap().is_empty());
    assert!(client.users_page(&system(), Some(""), None, None).await.unwrap().items.is_empty());
    assert_eq!(server.seen()[1].body, r#"{"acs_system_id":"system 1/ä"}"#);
    assert_eq!(server.seen()[4].body, r#"{"acs_system_id":"system 1/ä"}"#, "an empty search is none");

    let users = r#"{"acs_users":[{"acs_user_id":"GUEST #7","warnings":null,"is_suspended":"no"},{"full_name":"x"}]}"#;
    let server = OddServer::start(vec![json(users)]).await;
    let page = server.client().users_page(&system(), None, None, None).await.unwrap();
    assert_eq!((page.items[0].acs_user_id.as_str(), page.items.len(), page.skipped), ("GUEST #7", 1, 1));
}

#[tokio::test]
async fn nothing_is_asked_about_no_attempts() {
    let server = OddServer::start(vec![json("{}")]).await;
    assert!(server.client().attempts_list(&[]).await.unwrap().is_empty());
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn names_come_without_what_steers_a_terminal() {
    let body = r#"{"ok":true,"acs_user":{"acs_user_id":"1","full_name":"\u001b]0;x\u0007Eva\u202e\u009b2J\nBrandt"}}"#;
    let server = OddServer::start(vec![json(body)]).await;
    assert_eq!(server.client().user_get(&user()).await.unwrap().name(), "]0;xEva2J Brandt");
}

#[tokio::test]
async fn a_content_type_or_a_byte_that_is_odd_does_no_harm() {
    let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=latin9\r\nconnection: close\r\n\r\n".to_vec();
    bytes.extend_from_slice(b"{\"ok\":true,\"acs_user\":{\"acs_user_id\":\"1\",\"full_name\":\"Jos\xe9\"}}");
    let server = OddServer::start(vec![Act::SendAndClose(bytes)]).await;
    assert_eq!(server.client().user_get(&user()).await.unwrap().name(), "Jos\u{fffd}");
}

#[tokio::test]
async fn a_404_in_html_says_what_the_server_lacks() {
    let html = answer(404, "content-type: text/html\r\n", "<html><h1>Not Found</h1></html>");
    let error = user_get(Act::Send(html)).await;
    assert_eq!((error.kind, error.status), (ErrorKind::NotFound, Some(404)));
    assert_eq!(error.message, "the server does not offer /acs/users/get");
    assert!(error.not_offered() && !error.is_gone());
}

#[tokio::test]
async fn a_failing_server_is_told_apart_from_a_refusal() {
    let error = user_get(Act::Send(answer(502, "content-type: text/html\r\n", "<html>Bad Gateway</html>"))).await;
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Server, "the server failed (HTTP 502)"));
    let seam = r#"{"ok":false,"error":{"type":"internal_error","message":"Oh no"}}"#;
    let error = user_get(Act::Send(answer(500, "seam-request-id: r-9\r\n", seam))).await;
    assert_eq!(
        (error.kind, error.code.as_str(), error.message.as_str()),
        (ErrorKind::Server, "internal_error", "Oh no")
    );
    assert_eq!(error.request_id.as_deref(), Some("r-9"));
    assert!(error.outcome_unknown());
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait() {
    let error = user_get(Act::Send(answer(429, "retry-after: 7\r\n", "{}"))).await;
    assert_eq!((error.kind, error.retry_after), (ErrorKind::Limited, Some(Duration::from_secs(7))));
    assert!(error.may_pass() && !error.outcome_unknown());
    let dates = "date: Wed, 25 Nov 2026 12:00:00 GMT\r\nretry-after: Wed, 25 Nov 2026 12:00:30 GMT\r\n";
    let error = user_get(Act::Send(answer(503, dates, ""))).await;
    assert_eq!((error.kind, error.retry_after), (ErrorKind::Server, Some(Duration::from_secs(30))));
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let error = user_get(json(r#"{"ok":true,"acs_user":{"acs_user_id":"1"#)).await;
    assert_eq!(
        (error.kind, error.status, error.request_id.as_deref()),
        (ErrorKind::Unreadable, Some(200), Some("r-1"))
    );
    let cut = b"HTTP/1.1 200 OK\r\nseam-request-id: r-2\r\ncontent-length: 1000\r\n\r\n{\"ok\":true".to_vec();
    let error = user_get(Act::SendAndClose(cut)).await;
    assert_eq!((error.kind, error.status, error.request_id.as_deref()), (ErrorKind::Broken, Some(200), Some("r-2")));
    let refused = b"HTTP/1.1 409 No\r\ncontent-length: 1000\r\n\r\n{\"error\":".to_vec();
    let error = user_get(Act::SendAndClose(refused)).await;
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(409)), "a refusal is one without its reasons too");
}

#[tokio::test]
async fn no_http_at_all_is_a_broken_connection() {
    let error = user_get(Act::SendAndClose(b"220 mail.example ESMTP\r\n".to_vec())).await;
    assert_eq!(error.kind, ErrorKind::Broken);
}

#[tokio::test]
async fn an_answer_without_resource_or_with_ok_false_is_unreadable() {
    assert_eq!(user_get(json(r#"{"ok":true}"#)).await.kind, ErrorKind::Unreadable);
    assert_eq!(user_get(json(r#"{"ok":true,"acs_user":{"full_name":"no id"}}"#)).await.kind, ErrorKind::Unreadable);
    assert_eq!(user_get(json(r#"{"ok":false,"acs_user":{"acs_user_id":"1"}}"#)).await.kind, ErrorKind::Unreadable);
    let server = OddServer::start(vec![json(r#"{"ok":false}"#)]).await;
    assert_eq!(server.client().user_delete(&user()).await.unwrap_err().kind, ErrorKind::Unreadable);
    assert_eq!(server.client().systems_list().await.unwrap_err().kind, ErrorKind::Unreadable);
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let error = user_get(Act::SendAndFlood(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec())).await;
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unreadable, "the answer is larger than 64 MiB"));
}

#[tokio::test]
async fn silence_is_a_time_out_before_and_within_an_answer() {
    for beginning in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"ok\":true,"] {
        let server = OddServer::start(vec![Act::SendAndHold(beginning.into())]).await;
        let mut short = connection(&server.url());
        short.total_timeout = Duration::from_millis(300);
        let client = Client::new(short).unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(20), async { client.user_get(&user()).await }).await;
        let error = ended.expect("the call ends").unwrap_err();
        assert_eq!(error.kind, ErrorKind::TimedOut, "{beginning:?}: {error:?}");
        assert!(error.outcome_unknown());
    }
}

#[tokio::test]
async fn a_reset_leaves_the_outcome_open_and_nothing_is_sent_twice() {
    // The reset may come while the client still connects, or later.
    assert!(matches!(user_get(Act::ResetBefore).await.kind, ErrorKind::Unreachable | ErrorKind::Broken));
    assert_eq!(user_get(Act::ResetAfter).await.kind, ErrorKind::Broken);

    // Also on a connection that was used before, where HTTP clients like to try again by themselves.
    let server = OddServer::start(vec![json("{}"), Act::ResetAfter]).await;
    let client = server.client();
    client.user_delete(&user()).await.unwrap();
    let error = client.user_delete(&user()).await.unwrap_err();
    assert_eq!((error.kind, server.seen().len()), (ErrorKind::Broken, 2));
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Client::new(connection(&format!("http://{free}"))).unwrap();
    let error = client.user_delete(&user()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.starts_with(&format!("no connection to {free}: ")), "{}", error.message);
    assert!(!error.outcome_unknown() && error.may_pass());
}

#[tokio::test]
async fn where_tls_fails_or_hangs_nothing_was_sent() {
    for act in [Act::Send(answer(400, "", "")), Act::SendAndHold(Vec::new())] {
        let server = OddServer::start(vec![act]).await;
        let mut tls = connection(&format!("https://127.0.0.1:{}", server.port()));
        tls.connect_timeout = Duration::from_millis(300);
        match Client::new(tls) {
            Ok(client) => assert_eq!(client.user_delete(&user()).await.unwrap_err().kind, ErrorKind::Unreachable),
            // A machine without certificates.
            Err(error) => assert!(matches!(error, ConnectionError::Tls(_)), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = OddServer::start(vec![json(r#"{"ok":true}"#)]).await;
    for status in [301, 302, 303, 307, 308] {
        let headers = format!("location: {}/{KEY}\r\n", elsewhere.url());
        let error = user_get(Act::Send(answer(status, &headers, ""))).await;
        assert_eq!((error.kind, error.status), (ErrorKind::Unreadable, Some(status)));
        assert!(error.message.contains(&elsewhere.url()) && !error.message.contains(KEY), "{}", error.message);
        assert!(matches!(error.cause, Some(ErrorCause::Redirected(to)) if to.contains(&elsewhere.url())));
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn the_cause_of_a_fault_on_the_way_is_told() {
    // A port that is lent to nobody and that nothing listens on.
    let closed = "127.0.0.1:1";
    let mut nowhere = connection("http://keydesk.invalid");
    nowhere.allow_insecure = true;
    for (place, cause) in
        [(connection(&format!("http://{closed}")), ErrorCause::ConnectionRefused), (nowhere, ErrorCause::NameNotFound)]
    {
        let error = Client::new(place).unwrap().user_get(&user()).await.unwrap_err();
        assert_eq!((error.kind, error.cause), (ErrorKind::Unreachable, Some(cause)));
    }
    let proxy = user_get(Act::Send(answer(407, "proxy-authenticate: Basic\r\n", ""))).await;
    assert_eq!((proxy.kind, proxy.cause), (ErrorKind::Unreachable, Some(ErrorCause::ProxyLogin)));
    assert_eq!(user_get(Act::Send(answer(500, "", ""))).await.cause, None);
}

#[tokio::test]
async fn a_list_that_goes_on_without_a_way_is_told_as_cut() {
    for (pagination, is_cut) in [
        (r#"{"has_next_page":true}"#, true),
        (r#"{"has_next_page":true,"next_page_cursor":""}"#, true),
        (r#"{"has_next_page":false}"#, false),
        ("{}", false),
    ] {
        let server = OddServer::start(vec![json(&format!(
            r#"{{"acs_users":[{{"acs_user_id":"x"}}],"pagination":{pagination}}}"#
        ))])
        .await;
        let page = server.client().users_page(&system(), None, None, None).await.unwrap();
        assert_eq!((page.items.len(), page.next, page.is_cut), (1, None, is_cut), "{pagination}");
    }
}

#[tokio::test]
async fn of_a_key_that_stands_twice_the_last_counts() {
    let twice = r#"{"acs_users":[{"acs_user_id":"a","full_name":"Old","full_name":"New"}]}"#;
    let server = OddServer::start(vec![json(twice)]).await;
    let page = server.client().users_page(&system(), None, None, None).await.unwrap();
    assert_eq!((page.items[0].name(), page.skipped), ("New", 0));
}

#[tokio::test]
async fn localhost_is_this_machine() {
    let server = OddServer::start(vec![json("{}")]).await;
    let client = Client::new(connection(&format!("http://localhost:{}", server.port()))).unwrap();
    client.user_suspend(&user()).await.unwrap();
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn plain_http_elsewhere_is_refused_unless_allowed() {
    let mut plain = connection("http://10.1.2.3:80");
    let error = Client::new(plain.clone()).unwrap_err();
    assert!(error.to_string().contains("allow_insecure = true"), "{error}");
    plain.allow_insecure = true;
    Client::new(plain).unwrap();
}

#[test]
fn the_key_shows_nowhere() {
    const INNER: &str = "KEYDESK_TEST_LOGS_ALONE";
    if std::env::var_os(INNER).is_some() {
        return show_the_key_nowhere();
    }
    // Whether a line of the source logs is remembered for all threads: one without a log may decide it for this one.
    passes(alone("client::odd_answers::the_key_shows_nowhere").env(INNER, "1"));
}

#[tokio::main(flavor = "current_thread")]
async fn show_the_key_nowhere() {
    let echo = format!(
        r#"{{"error":{{"type":"{KEY}","message":"no key {KEY}","validation_errors":{{"{KEY}":{{"_errors":["{KEY}"]}}}},"data":{{"k":["{KEY}"]}}}}}}"#
    );
    let headers = format!("seam-request-id: {KEY}\r\nlocation: {KEY}\r\n");
    let logs = Logs::default();
    let writer = logs.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    for act in [
        Act::Send(answer(401, &headers, &echo)),
        Act::Send(answer(200, &headers, &echo.replacen('{', r#"{"ok":false,"#, 1))),
        Act::Send(answer(200, &headers, KEY)),
        Act::Send(answer(302, &headers, "")),
        Act::SendAndClose(format!("HTTP/1.1 {KEY}\r\n\r\n").into()),
        Act::ResetAfter,
    ] {
        let error = user_get(act).await;
        let kept = serde_json::to_string(&error).unwrap();
        for shown in [kept, format!("{error} {error:?} {error:#?}")] {
            assert!(!shown.contains(KEY), "{shown}");
        }
    }
    drop(guard);
    let logs = String::from_utf8(logs.0.lock().unwrap().clone()).unwrap();
    assert!(logs.contains("a call failed"), "{logs}");
    assert!(!logs.contains(KEY), "{logs}");

    let plain = connection("http://127.0.0.1:1");
    let client = Client::new(plain.clone()).unwrap();
    assert_eq!(format!("{client:?}"), r#"Client { endpoint: "http://127.0.0.1:1", .. }"#);
    assert!(!format!("{plain:#?}").contains(KEY));
}

#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn pages_come_one_by_one_and_end() {
    let row = |n: u32, pagination: &str| {
        json(&format!(r#"{{"acs_users":[{{"acs_user_id":"{n}"}},{{}}],"pagination":{pagination}}}"#))
    };
    let more = |to: &str| format!(r#"{{"has_next_page":true,"next_page_cursor":"{to}"}}"#);
    let server = OddServer::start(vec![row(1, &more("b")), row(2, &more("c")), row(3, &more("c"))]).await;
    let client = server.client();
    let first = client.users_page(&system(), None, Some(500), None).await.unwrap();
    assert_eq!(first.next.as_ref().map(Cursor::as_str), Some("b"));
    let second = client.users_page(&system(), None, None, first.next.as_ref()).await.unwrap();
    let third = client.users_page(&system(), None, None, second.next.as_ref()).await.unwrap();
    assert_eq!(third.next, None, "a page that names itself as the next one is the last");
    let bodies: Vec<_> = server.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies[0], r#"{"acs_system_id":"system 1/ä","limit":500}"#);
    assert_eq!(bodies[1], r#"{"acs_system_id":"system 1/ä","page_cursor":"b"}"#);
    assert_eq!(bodies[2], r#"{"acs_system_id":"system 1/ä","page_cursor":"c"}"#);
}

#[tokio::test]
async fn all_pages_have_a_bound() {
    let page = |to: u32| {
        json(&format!(r#"{{"acs_users":[{{"acs_user_id":"x"}}],"pagination":{{"next_page_cursor":"{to}"}}}}"#))
    };
    let server = OddServer::start(vec![page(1), page(2), json(r#"{"acs_users":[{}]}"#)]).await;
    let (client, system) = (server.client(), system());
    let ask = |cursor: Option<Cursor>| {
        let (client, system) = (client.clone(), system.clone());
        async move { client.users_page(&system, None, None, cursor.as_ref()).await }
    };
    let all = all_pages(3, ask).await.unwrap();
    assert_eq!((all.items.len(), all.skipped, all.next), (2, 1, None));

    let server = OddServer::start((0..9).map(page).collect()).await;
    let client = server.client();
    let error = all_pages(3, |cursor: Option<Cursor>| {
        let (client, system) = (client.clone(), system.clone());
        async move { client.users_page(&system, None, None, cursor.as_ref()).await }
    });
    assert_eq!(error.await.unwrap_err().message, "the list does not end after 3 pages");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_client_is_shared_between_tasks() {
    let server =
        OddServer::start(vec![json(r#"{"action_attempts":[{"action_attempt_id":"a","status":"success"}]}"#)]).await;
    let client = server.client();
    let other = client.clone();
    let task = tokio::spawn(async move {
        let ids = [AttemptId::from("a"), AttemptId::from("b")];
        (other.attempts_list(&ids).await, other.credentials_of_user(&user()).await)
    });
    let (attempts, credentials) = task.await.unwrap();
    assert_eq!((attempts.unwrap().len(), credentials.unwrap().len()), (1, 0));
    assert_eq!(server.seen()[0].body, r#"{"action_attempt_ids":["a","b"]}"#);
    client.systems_list().await.unwrap();
}

#[test]
fn this_machine_is_not_reached_through_a_proxy() {
    const INNER: &str = "KEYDESK_TEST_BEHIND_A_PROXY";
    if std::env::var_os(INNER).is_some() {
        return behind_a_proxy();
    }
    // The environment of a process can't be changed safely while threads run: the test starts itself in another one.
    let mut inner = alone("client::odd_answers::this_machine_is_not_reached_through_a_proxy");
    inner.env(INNER, "1");
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        inner.env(name, "http://127.0.0.1:9");
    }
    passes(inner.env_remove("no_proxy").env_remove("NO_PROXY"));
}

/// One test in a process of its own.
fn alone(test: &str) -> Command {
    let mut inner = Command::new(std::env::current_exe().unwrap());
    inner.args(["--exact", test]);
    inner
}

fn passes(test: &mut Command) {
    let output = test.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::main(flavor = "current_thread")]
async fn behind_a_proxy() {
    let server = OddServer::start(vec![json("{}")]).await;
    server.client().user_suspend(&user()).await.unwrap();
}
