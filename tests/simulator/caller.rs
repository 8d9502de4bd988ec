//! A caller of the simulator: starts one with small delays, sends calls, and checks every answer by the contract.

use std::time::{Duration, Instant};

use keydesk::simulator::{Options, Simulator};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::contract;

pub const KEY: &str = "seam_simulator_key";

/// How long a test waits for a condition before it gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Caller {
    pub simulator: Simulator,
    pub http: Client,
    pub url: String,
}

/// An answer as it came.
pub struct Answer {
    pub status: u16,
    pub request_id: Option<String>,
    pub body: Value,
}

pub fn client() -> Client {
    // Only the first call of a process can install the provider; every later one finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

pub fn quick() -> Options {
    let delay = Duration::from_millis(20);
    Options { card_delay: delay, write_time: delay, sync_delay: delay, ..Options::default() }
}

/// So slow that a test sees what is still on its way.
pub fn slow_sync() -> Options {
    Options { sync_delay: Duration::from_secs(3600), ..quick() }
}

impl Caller {
    pub async fn open() -> Self {
        Self::with(quick()).await
    }

    pub async fn with(options: Options) -> Self {
        let simulator = Simulator::start(options).await.unwrap();
        let url = simulator.url();
        Self { simulator, http: client(), url }
    }

    /// Sends a call by any verb; parameters go where the verb has them.
    pub async fn call(&self, verb: &str, path: &str, params: &Value) -> Answer {
        let method = Method::from_bytes(verb.as_bytes()).unwrap();
        let has_query = matches!(verb, "GET" | "DELETE");
        let query = if has_query { format!("?{}", query_string(params)) } else { String::new() };
        let request = self.http.request(method, format!("{}{path}{query}", self.url)).bearer_auth(KEY);
        let request = if has_query { request } else { request.json(params) };
        read(request.send().await.unwrap()).await
    }

    /// A call that succeeds; its answer was checked against the contract.
    pub async fn post(&self, path: &str, params: Value) -> Value {
        self.succeed("POST", path, &params).await
    }

    pub async fn succeed(&self, verb: &str, path: &str, params: &Value) -> Value {
        let answer = self.call(verb, path, params).await;
        assert_eq!((answer.status, &answer.body["ok"]), (200, &json!(true)), "{path}: {}", answer.body);
        contract::check(&answer.body);
        answer.body
    }

    /// A call that is refused: its status and its error.
    pub async fn refused(&self, path: &str, params: Value) -> (u16, Value) {
        let answer = self.call("POST", path, &params).await;
        assert_eq!(answer.body["ok"], json!(false), "{path}: {}", answer.body);
        assert!(answer.request_id.is_some());
        contract::check_error(&answer.body);
        (answer.status, answer.body["error"].clone())
    }

    /// The type of the error of a call that is refused.
    pub async fn refusal(&self, path: &str, params: Value) -> String {
        let (_, error) = self.refused(path, params).await;
        error["type"].as_str().unwrap().to_owned()
    }

    /// Asks again and again until the answer fulfils a condition.
    pub async fn until(&self, path: &str, params: Value, condition: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.call("POST", path, &params).await;
            if condition(&answer.body) {
                return answer.body;
            }
            assert!(Instant::now() < deadline, "{path} still answers {}", answer.body);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub async fn system(&self) -> String {
        let systems = self.post("/acs/systems/list", json!({})).await;
        text(&systems["acs_systems"][0]["acs_system_id"])
    }

    pub async fn group(&self, name: &str) -> String {
        let groups = self.post("/acs/access_groups/list", json!({})).await;
        named(&groups["acs_access_groups"], "name", name, "acs_access_group_id")
    }

    pub async fn encoder(&self, name: &str) -> String {
        let params = json!({ "acs_system_id": self.system().await });
        let encoders = self.post("/acs/encoders/list", params).await;
        named(&encoders["acs_encoders"], "display_name", name, "acs_encoder_id")
    }

    pub async fn user(&self, name: &str) -> String {
        let users = self.post("/acs/users/list", json!({ "search": name })).await;
        named(&users["acs_users"], "full_name", name, "acs_user_id")
    }

    pub async fn new_user(&self, name: &str) -> String {
        let params = json!({ "acs_system_id": self.system().await, "full_name": name });
        text(&self.post("/acs/users/create", params).await["acs_user"]["acs_user_id"])
    }

    pub async fn new_card(&self, user: &str) -> Value {
        let params = card(user, true);
        self.post("/acs/credentials/create", params).await["acs_credential"].clone()
    }

    /// The card credential that a user holds.
    pub async fn card_of(&self, user: &str) -> Value {
        let held = self.post("/acs/credentials/list", json!({ "acs_user_id": user })).await;
        let credentials = held["acs_credentials"].as_array().unwrap();
        credentials.iter().find(|held| held["access_method"] == "card").unwrap().clone()
    }

    pub async fn encode(&self, encoder: &str, credential: &str) -> Value {
        let params = json!({ "acs_encoder_id": encoder, "acs_credential_id": credential });
        self.post("/acs/encoders/encode_credential", params).await["action_attempt"].clone()
    }

    pub async fn scan(&self, encoder: &str) -> Value {
        let params = json!({ "acs_encoder_id": encoder });
        let attempt = self.post("/acs/encoders/scan_credential", params).await["action_attempt"].clone();
        self.end_of(&attempt).await
    }

    /// An attempt when it is over.
    pub async fn end_of(&self, attempt: &Value) -> Value {
        let params = json!({ "action_attempt_id": attempt["action_attempt_id"] });
        let is_over = |body: &Value| body["action_attempt"]["status"] != "pending";
        let body = self.until("/action_attempts/get", params, is_over).await;
        contract::check(&body);
        body["action_attempt"].clone()
    }

    /// Writes a credential and returns the attempt when it is over.
    pub async fn write(&self, encoder: &str, credential: &str) -> Value {
        let attempt = self.encode(encoder, credential).await;
        self.end_of(&attempt).await
    }

    pub async fn state(&self) -> Value {
        self.post("/_sim/state", json!({})).await["state"].clone()
    }
}

pub async fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    let request_id = response.headers().get("seam-request-id").map(|id| id.to_str().unwrap().to_owned());
    Answer { status, request_id, body: response.json().await.unwrap() }
}

pub fn card(user: &str, assign_new_key: bool) -> Value {
    json!({
        "acs_user_id": user,
        "access_method": "card",
        "salto_space_metadata": { "assign_new_key": assign_new_key },
    })
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The id of the row whose name is this.
fn named(rows: &Value, field: &str, name: &str, id: &str) -> String {
    let found = rows.as_array().unwrap().iter().find(|row| row[field] == name);
    text(&found.unwrap_or_else(|| panic!("nothing is named {name}"))[id])
}

/// The texts of one field of all rows.
pub fn column(rows: &Value, field: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| text(&row[field])).collect()
}

/// The query string that the official SDKs make of parameters.
pub fn query_string(params: &Value) -> String {
    let mut pairs = vec![("_strict".to_owned(), "true".to_owned())];
    flatten("", params, &mut pairs);
    let encoded = pairs.iter().map(|(key, value)| format!("{}={}", escape(key), escape(value)));
    encoded.collect::<Vec<_>>().join("&")
}

fn flatten(above: &str, params: &Value, pairs: &mut Vec<(String, String)>) {
    for (name, value) in params.as_object().unwrap() {
        let key = format!("{above}{name}");
        match value {
            Value::Object(_) => flatten(&format!("{key}."), value, pairs),
            Value::Array(items) if items.is_empty() => pairs.push((key, String::new())),
            Value::Array(items) => pairs.extend(items.iter().map(|item| (key.clone(), plain(item)))),
            other => pairs.push((key, plain(other))),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn escape(text: &str) -> String {
    let keep = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if keep(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
