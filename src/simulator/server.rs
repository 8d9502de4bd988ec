//! The HTTP side: a call is received, acted on, and answered. Each of the three is one step.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::response::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use jiff::{Timestamp, TimestampRound, Unit};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use super::endpoints::{self, Endpoint, Verb};
use super::faults::Effect;
use super::ids::Ids;
use super::params::Params;
use super::perform::{Answer, Delivery, Outcome, perform};
use super::query;
use super::refusal::Refusal;
use super::reply::Reply;
use super::wire::Line;
use super::world::World;

/// The largest body that is read; the API's own calls stay far below.
const BODY_LIMIT: usize = 1 << 20;

/// How long `/_sim/wait_held` waits when it is not told, and at most.
const USUAL_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

const JSON: &str = "application/json; charset=utf-8";
const BAD_GATEWAY: &str = "<html><head><title>502 Bad Gateway</title></head>\
                           <body><center><h1>502 Bad Gateway</h1></center></body></html>\n";

/// What all connections share.
pub struct Shop {
    api_key: String,
    url: String,
    world: Mutex<World>,
    /// A generator of its own: the number of requests must not decide the ids of what they create.
    request_ids: Mutex<Ids>,
    /// Tells those who wait for a condition of the world that it has changed.
    changed: Notify,
}

/// A call that may be acted on: who calls, what and with which parameters has been checked.
pub struct Received {
    endpoint: &'static Endpoint,
    pub params: Params,
    /// The parameters as they were given, for the address of the next page.
    given: Map<String, Value>,
    /// Its number in the log of calls; 0 for the simulator's own calls, which are not in it.
    pub number: u64,
}

impl Shop {
    pub fn new(api_key: String, url: String, world: World, seed: u64) -> Self {
        Self {
            api_key,
            url,
            world: Mutex::new(world),
            request_ids: Mutex::new(Ids::new(!seed)),
            changed: Notify::new(),
        }
    }

    /// Looks at the world or changes it, and lets those look again who wait for a condition.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut lock(&self.world));
        self.changed.notify_waiters();
        result
    }

    /// Waits until the world fulfils a condition.
    pub async fn until<T>(&self, condition: impl Fn(&mut World) -> Option<T>) -> T {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Before the look, so that no change between the look and the waiting is missed.
            changed.as_mut().enable();
            if let Some(result) = condition(&mut lock(&self.world)) {
                return result;
            }
            changed.await;
        }
    }

    /// Waits until every call that was released has gone on.
    pub async fn settled(&self) {
        self.until(|world| world.calls.is_settled().then_some(())).await;
    }

    /// The body of a reply to a call.
    pub fn body(&self, reply: &Reply, path: &str, given: &Map<String, Value>) -> String {
        reply.body(|cursor| next_url(&self.url, path, given, cursor))
    }

    fn request_id(&self) -> String {
        lock(&self.request_ids).id().to_string()
    }
}

/// A panic in one call must not end the others: the state is whole after every step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The only look at the clock; the API's times have milliseconds.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Trunc)).unwrap_or(now)
}

pub fn router(shop: Arc<Shop>) -> Router {
    Router::new().fallback(handle).with_state(shop)
}

async fn handle(
    State(shop): State<Arc<Shop>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response<Body> {
    let verb = request.method().to_string();
    let path = request.uri().path().to_owned();
    let received = receive(&shop, request).await;
    if endpoints::is_own(&path) {
        let answer = match received {
            Ok(call) => steer(&shop, &call).await,
            Err(refusal) => Err(refusal),
        };
        return respond(&shop, &line, Outcome::whole(answer), None);
    }
    let (number, effect) = enter(&shop, &verb, &path, received.as_ref().ok());
    let outcome = match (received, effect) {
        (Err(refusal), _) => Outcome::whole(Err(refusal)),
        (Ok(call), None) => Outcome::whole(act(&shop, &Received { number, ..call })),
        (Ok(call), Some(effect)) => perform(Arc::clone(&shop), Received { number, ..call }, effect, line.clone()).await,
    };
    respond(&shop, &line, outcome, Some(number))
}

/// Writes a call into the log, and looks up which fault it meets.
fn enter(shop: &Shop, verb: &str, path: &str, call: Option<&Received>) -> (u64, Option<Effect>) {
    shop.change(|world| {
        let path = call.map_or(path, |call| call.endpoint.path);
        let effect = call.and_then(|call| world.faults.meet(path, &call.params));
        let params = call.map_or(Value::Null, |call| Value::Object(call.given.clone()));
        let number = world.calls.received(verb, path, params, now(), effect.as_ref().map(Effect::name));
        (number, effect)
    })
}

/// The simulator's own calls; two of them wait.
async fn steer(shop: &Shop, call: &Received) -> Result<String, Refusal> {
    if call.endpoint.path == endpoints::WAIT_HELD {
        let patience =
            call.params.count("timeout_ms").map_or(USUAL_WAIT, |millis| Duration::from_millis(millis as u64));
        let come = shop.until(|world| (call.endpoint.act)(world, &call.params).ok());
        if let Ok(reply) = tokio::time::timeout(patience.min(LONGEST_WAIT), come).await {
            return Ok(shop.body(&reply, call.endpoint.path, &call.given));
        }
    }
    let answer = act(shop, call);
    if call.endpoint.path == endpoints::RELEASE {
        shop.settled().await;
    }
    answer
}

/// Step one: find the endpoint, check the key, read and check the parameters. Nothing has happened yet.
async fn receive(shop: &Shop, request: Request) -> Result<Received, Refusal> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let endpoint = endpoints::find(path)
        .ok_or_else(|| Refusal::new(404, "not_found", format!("The simulator has no endpoint {path}.")))?;
    let verb = if head.method == Method::POST { Verb::Post } else { endpoint.verb };
    if head.method != verb.name() {
        return Err(Refusal::wrong_verb(endpoint.path, endpoint.verb.name()));
    }
    check_key(&head.headers, &shop.api_key)?;
    let given = if verb.has_query() {
        query::to_object(endpoint.params, head.uri.query().unwrap_or_default())
    } else {
        read_object(body).await?
    };
    let params = Params::check(endpoint.params, &given)?;
    Ok(Received { endpoint, params, given, number: 0 })
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
pub fn act(shop: &Shop, call: &Received) -> Result<String, Refusal> {
    let reply = shop.change(|world| {
        world.advance(now());
        let reply = (call.endpoint.act)(world, &call.params)?;
        world.calls.acted(call.number);
        Ok(reply)
    })?;
    Ok(shop.body(&reply, call.endpoint.path, &call.given))
}

/// The same call as an address, for its next page.
fn next_url(url: &str, path: &str, given: &Map<String, Value>, cursor: &str) -> String {
    let mut pairs = vec![query::encode_pair("page_cursor", cursor)];
    for (name, value) in given.iter().filter(|(name, _)| *name != "page_cursor") {
        let values = if let Value::Array(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
        for value in values {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            pairs.push(query::encode_pair(name, &text));
        }
    }
    format!("{url}{path}?{}", pairs.join("&"))
}

/// Step three: the answer as it goes out, as far as it does. `number` is the call's in the log.
fn respond(shop: &Shop, line: &Line, outcome: Outcome, number: Option<u64>) -> Response<Body> {
    if outcome.delivery == Delivery::Reset {
        line.reset();
        // Nothing of this reaches the wire.
        return Response::new(Body::empty());
    }
    let (head, mut body) = compose(shop, outcome.answer).into_parts();
    if let Some(number) = number {
        shop.change(|world| world.calls.answered(number, head.status.as_u16()));
    }
    let half = body.len() / 2;
    match outcome.delivery {
        Delivery::Truncated => body.truncate(half),
        Delivery::Cut => line.last_words(cut(&head, &body, half)),
        Delivery::Whole | Delivery::Reset => {}
    }
    Response::from_parts(head, Body::from(body))
}

fn compose(shop: &Shop, answer: Answer) -> Response<Vec<u8>> {
    let (status, refusal, kind, body) = match answer {
        Answer::Json(Ok(body)) => (StatusCode::OK, None, JSON, body),
        Answer::Json(Err(refusal)) => {
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let body = refusal.body().to_string();
            (status, Some(refusal), JSON, body)
        }
        Answer::BadGateway => (StatusCode::BAD_GATEWAY, None, "text/html", BAD_GATEWAY.to_owned()),
    };
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if kind == JSON
        && let Ok(id) = HeaderValue::from_str(&shop.request_id())
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

/// An answer on the wire that breaks off: its head promises the whole body.
fn cut(head: &Parts, body: &[u8], until: usize) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n{CONTENT_LENGTH}: {}\r\n", head.status, body.len()).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes.extend(&body[..until]);
    bytes
}
