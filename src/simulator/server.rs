//! The HTTP side: a call is received, acted on, and answered. Each of the three is one step.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use jiff::{Timestamp, TimestampRound, Unit};
use serde_json::{Map, Value};

use super::endpoints::{self, Endpoint, Verb};
use super::ids::Ids;
use super::params::Params;
use super::query;
use super::refusal::Refusal;
use super::reply::Reply;
use super::world::World;

/// The largest body that is read; the API's own calls stay far below.
const BODY_LIMIT: usize = 1 << 20;

/// What all connections share.
pub struct Shop {
    api_key: String,
    url: String,
    world: Mutex<World>,
    /// A generator of its own: the number of requests must not decide the ids of what they create.
    request_ids: Mutex<Ids>,
}

/// A call that may be acted on: who calls, what and with which parameters has been checked.
struct Call {
    endpoint: &'static Endpoint,
    params: Params,
    /// The parameters as they were given, for the address of the next page.
    given: Map<String, Value>,
}

impl Shop {
    pub fn new(api_key: String, url: String, world: World, seed: u64) -> Self {
        Self { api_key, url, world: Mutex::new(world), request_ids: Mutex::new(Ids::new(!seed)) }
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

async fn handle(State(shop): State<Arc<Shop>>, request: Request) -> Response<Body> {
    let answer = match receive(&shop, request).await {
        Ok(call) => act(&shop, &call),
        Err(refusal) => Err(refusal),
    };
    respond(&shop, answer)
}

/// Step one: find the endpoint, check the key, read and check the parameters. Nothing has happened yet.
async fn receive(shop: &Shop, request: Request) -> Result<Call, Refusal> {
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
    Ok(Call { endpoint, params, given })
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
fn act(shop: &Shop, call: &Call) -> Result<String, Refusal> {
    let reply: Reply = {
        let mut world = lock(&shop.world);
        world.advance(now());
        (call.endpoint.act)(&mut world, &call.params)?
    };
    Ok(reply.body(|cursor| next_url(shop, call, cursor)))
}

/// The same call as an address, for its next page.
fn next_url(shop: &Shop, call: &Call, cursor: &str) -> String {
    let mut pairs = vec![query::encode_pair("page_cursor", cursor)];
    for (name, value) in call.given.iter().filter(|(name, _)| *name != "page_cursor") {
        let values = if let Value::Array(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
        for value in values {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            pairs.push(query::encode_pair(name, &text));
        }
    }
    format!("{}{}?{}", shop.url, call.endpoint.path, pairs.join("&"))
}

/// Step three: the answer as it goes out.
fn respond(shop: &Shop, answer: Result<String, Refusal>) -> Response<Body> {
    let (status, allow, body) = match answer {
        Ok(body) => (StatusCode::OK, None, body),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, refusal.allow, refusal.body().to_string())
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if let Ok(id) = HeaderValue::from_str(&shop.request_id()) {
        headers.insert("seam-request-id", id);
    }
    if let Some(allow) = allow.and_then(|verb| HeaderValue::from_str(&format!("POST, {verb}")).ok()) {
        headers.insert(ALLOW, allow);
    }
    response
}
