//! The HTTP side: a call is received, acted on, and answered. Each of the three is one step.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, RETRY_AFTER};
use axum::http::response::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use jiff::{Timestamp, TimestampRound, Unit};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use super::connection::ConnectionHandle;
use super::endpoints::{self, SimulatedEndpoint};
use super::faults::FaultEffect;
use super::faulty_call::{CallAnswer, CallResult, Delivery, run_faulty_call};
use super::hotel::Hotel;
use super::params::Params;
use super::query;
use super::refusal::Refusal;
use super::reply::Reply;
use crate::rng::Rng;

/// The largest body that is read, in bytes; the API's own calls stay far below.
const BODY_LIMIT: usize = 1 << 20;

/// How long `/_sim/wait_held` waits without `timeout_ms`, and at most.
const USUAL_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

const JSON: &str = "application/json; charset=utf-8";
const BAD_GATEWAY: &str = "<html><head><title>502 Bad Gateway</title></head>\
                           <body><center><h1>502 Bad Gateway</h1></center></body></html>\n";

/// What all connections to one simulator use in common.
pub struct ServerState {
    api_key: String,
    url: String,
    hotel: Mutex<Hotel>,
    /// A generator of its own: the number of requests must not decide the ids of what they create.
    request_ids: Mutex<Rng>,
    /// Notified after every change of the hotel, for `wait_until`.
    changed: Notify,
}

/// A call whose key, path, verb and parameters have been checked.
pub struct CheckedCall {
    endpoint: &'static SimulatedEndpoint,
    pub params: Params,
    /// The parameters as they were given, for the address of the next page.
    given: Map<String, Value>,
    /// Its number in the log of calls; 0 for the simulator's own calls, which are not in it.
    pub number: u64,
}

impl ServerState {
    pub fn new(api_key: String, url: String, hotel: Hotel, seed: u64) -> Self {
        Self {
            api_key,
            url,
            hotel: Mutex::new(hotel),
            request_ids: Mutex::new(Rng::new(!seed)),
            changed: Notify::new(),
        }
    }

    /// Reads or changes the hotel, and wakes every `wait_until`.
    pub fn with_hotel<T>(&self, change: impl FnOnce(&mut Hotel) -> T) -> T {
        let result = change(&mut lock(&self.hotel));
        self.changed.notify_waiters();
        result
    }

    /// Waits until the condition returns a value.
    pub async fn wait_until<T>(&self, condition: impl Fn(&mut Hotel) -> Option<T>) -> T {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Enabled before the check, so that a change between the check and the waiting is not missed.
            changed.as_mut().enable();
            if let Some(result) = condition(&mut lock(&self.hotel)) {
                return result;
            }
            changed.await;
        }
    }

    /// Waits until every released call was acted on or dropped.
    pub async fn released_calls_ended(&self) {
        self.wait_until(|hotel| hotel.calls.all_released_ended().then_some(())).await;
    }

    /// The body of a reply to a call.
    pub fn body(&self, reply: Reply, path: &str, given: &Map<String, Value>) -> Result<String, Refusal> {
        reply.body(|cursor| next_url(&self.url, path, given, cursor))
    }

    fn request_id(&self) -> String {
        lock(&self.request_ids).uuid().to_string()
    }
}

/// Ignores a poisoned lock: a panic in one call must not end the others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The current time in the API's precision, milliseconds. Nothing else in the simulator reads the clock.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Trunc)).unwrap_or(now)
}

pub fn router(server: Arc<ServerState>) -> Router {
    Router::new().fallback(handle).with_state(server)
}

async fn handle(
    State(server): State<Arc<ServerState>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    request: Request,
) -> Response<Body> {
    let verb = request.method().to_string();
    let path = request.uri().path().to_owned();
    let received = receive(&server, request).await;
    if endpoints::is_control_path(&path) {
        let answer = match received {
            Ok(call) => run_control_call(&server, &call).await,
            Err(refusal) => Err(refusal),
        };
        return respond(&server, &connection, CallResult::whole(answer), None);
    }
    let (number, effect) = log_and_find_fault(&server, &verb, &path, received.as_ref().ok());
    let outcome = match (received, effect) {
        (Err(refusal), _) => CallResult::whole(Err(refusal)),
        (Ok(call), None) => CallResult::whole(act(&server, &CheckedCall { number, ..call })),
        (Ok(call), Some(effect)) => {
            run_faulty_call(Arc::clone(&server), CheckedCall { number, ..call }, effect, connection.clone()).await
        }
    };
    respond(&server, &connection, outcome, Some(number))
}

/// Logs a call and looks up which fault it meets.
fn log_and_find_fault(
    server: &ServerState,
    verb: &str,
    path: &str,
    call: Option<&CheckedCall>,
) -> (u64, Option<FaultEffect>) {
    server.with_hotel(|hotel| {
        let path = call.map_or(path, |call| call.endpoint.path);
        let effect = call.and_then(|call| hotel.faults.effect_on_call(path, &call.params));
        let params = call.map_or(Value::Null, |call| Value::Object(call.given.clone()));
        let number = hotel.calls.received(verb, path, params, now(), effect.as_ref().map(FaultEffect::name));
        (number, effect)
    })
}

/// The simulator's own calls; two of them wait.
async fn run_control_call(server: &ServerState, call: &CheckedCall) -> Result<String, Refusal> {
    if call.endpoint.path == endpoints::WAIT_HELD {
        let timeout = call.params.count("timeout_ms").map_or(USUAL_WAIT, |millis| Duration::from_millis(millis as u64));
        let held = server.wait_until(|hotel| (call.endpoint.act)(hotel, &call.params).ok());
        if let Ok(reply) = tokio::time::timeout(timeout.min(LONGEST_WAIT), held).await {
            return server.body(reply, call.endpoint.path, &call.given);
        }
    }
    let answer = act(server, call);
    if call.endpoint.path == endpoints::RELEASE {
        server.released_calls_ended().await;
    }
    answer
}

/// Step one: find the endpoint, check the key, read and check the parameters. Nothing has happened yet.
async fn receive(server: &ServerState, request: Request) -> Result<CheckedCall, Refusal> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let endpoint = endpoints::find(path)
        .ok_or_else(|| Refusal::new(404, "not_found", format!("The simulator has no endpoint {path}.")))?;
    if head.method != Method::POST && head.method != endpoint.verb {
        return Err(Refusal::wrong_verb(endpoint.path, endpoint.verb.as_str()));
    }
    let changed = if endpoints::is_control_path(path) { None } else { lock(&server.hotel).api_key.clone() };
    check_key(&head.headers, changed.as_deref().unwrap_or(&server.api_key))?;
    let given = if matches!(head.method, Method::GET | Method::DELETE) {
        query::to_object(endpoint.params, head.uri.query().unwrap_or_default())
    } else {
        read_object(body).await?
    };
    let params = Params::check(endpoint.params, &given)?;
    Ok(CheckedCall { endpoint, params, given, number: 0 })
}

fn check_key(headers: &HeaderMap, api_key: &str) -> Result<(), Refusal> {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = given.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match key {
        Some((_, key)) if key.trim() == api_key => Ok(()),
        Some(_) => Err(Refusal::new(401, "unauthorized", "The API key is not the simulator's.")),
        None => Err(Refusal::new(401, "unauthorized", "The call needs the header Authorization: Bearer <API key>.")),
    }
}

async fn read_object(body: Body) -> Result<Map<String, Value>, Refusal> {
    let bytes = to_bytes(body, BODY_LIMIT)
        .await
        .map_err(|_| Refusal::new(413, "payload_too_large", "The body is cut short or larger than 1 MiB."))?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(given)) => Ok(given),
        Ok(_) => Err(Refusal::new(400, "invalid_input", "The body must be a JSON object.")),
        Err(error) => Err(Refusal::new(400, "invalid_input", format!("The body is not JSON: {error}"))),
    }
}

/// Step two: let the time pass until now, then do what the call asks for.
pub fn act(server: &ServerState, call: &CheckedCall) -> Result<String, Refusal> {
    let reply = server.with_hotel(|hotel| {
        hotel.advance(now());
        let reply = (call.endpoint.act)(hotel, &call.params)?;
        hotel.calls.acted(call.number);
        Ok(reply)
    })?;
    server.body(reply, call.endpoint.path, &call.given)
}

/// The same call as an address, for its next page.
fn next_url(url: &str, path: &str, given: &Map<String, Value>, cursor: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(format!("{url}{path}?"));
    query.append_pair("page_cursor", cursor);
    for (name, value) in given.iter().filter(|(name, _)| *name != "page_cursor") {
        let values = if let Value::Array(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
        for value in values {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            query.append_pair(name, &text);
        }
    }
    query.finish()
}

/// Step three: sends the answer, or the part of it that the fault lets through. `number` is the call's in the log.
fn respond(
    server: &ServerState,
    connection: &ConnectionHandle,
    outcome: CallResult,
    number: Option<u64>,
) -> Response<Body> {
    if outcome.delivery == Delivery::Reset {
        connection.reset();
        // The connection is reset before any of this is sent.
        return Response::new(Body::empty());
    }
    let (mut head, mut body) = build_response(server, outcome.answer).into_parts();
    if let Some(date) = lock(&server.hotel).date.as_deref().and_then(|date| HeaderValue::from_str(date).ok()) {
        head.headers.insert(DATE, date);
    }
    if let Some(number) = number {
        server.with_hotel(|hotel| hotel.calls.answered(number, head.status.as_u16()));
    }
    let half = body.len() / 2;
    match outcome.delivery {
        Delivery::Truncated => body.truncate(half),
        Delivery::Cut => connection.send_final_bytes(cut_response(&head, &body, half)),
        Delivery::Whole | Delivery::Reset => {}
    }
    Response::from_parts(head, Body::from(body))
}

fn build_response(server: &ServerState, answer: CallAnswer) -> Response<Vec<u8>> {
    let (status, refusal, kind, body) = match answer {
        CallAnswer::Json(Ok(body)) => (StatusCode::OK, None, JSON, body),
        CallAnswer::Json(Err(refusal)) => {
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let body = refusal.body().to_string();
            (status, Some(refusal), JSON, body)
        }
        CallAnswer::BadGateway => (StatusCode::BAD_GATEWAY, None, "text/html", BAD_GATEWAY.to_owned()),
    };
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if kind == JSON
        && let Ok(id) = HeaderValue::from_str(&server.request_id())
    {
        headers.insert("seam-request-id", id);
    }
    let Some(refusal) = refusal else { return response };
    if let Some(allow) = refusal.allow.and_then(|verb| HeaderValue::from_str(&format!("POST, {verb}")).ok()) {
        headers.insert(ALLOW, allow);
    }
    if let Some(seconds) = refusal.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The bytes of an answer that breaks off: its `Content-Length` is that of the whole body.
fn cut_response(head: &Parts, body: &[u8], until: usize) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n{CONTENT_LENGTH}: {}\r\n", head.status, body.len()).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes.extend(&body[..until]);
    bytes
}
