//! A hand-written server with a small hotel; each test spoils the answers of some paths.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How a path answers.
#[derive(Clone)]
pub enum Odd {
    /// A status, further headers (each ended by `\r\n`), a body.
    Plain(u16, &'static str, &'static str),
    /// The good answer, whose body comes after a wait.
    Slow(Duration),
    /// The good answer, cut in its middle: the JSON ends where it should not.
    Truncated,
    /// The first answers are these, then the good one follows.
    FirstTimes(usize, &'static Odd),
    /// This for calls with this key; all others are refused with 401.
    OnlyFor(&'static str, &'static Odd),
    /// This body with status 200.
    Body(&'static str),
}

const JSON: &str = "content-type: application/json\r\nseam-request-id: odd-1\r\n";

type Spoiled = HashMap<&'static str, Odd>;

/// A server on a free port; its threads end with the test process.
pub struct OddServer {
    port: u16,
    spoiled: Arc<Mutex<Spoiled>>,
}

impl OddServer {
    pub fn start(spoiled: impl IntoIterator<Item = (&'static str, Odd)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let spoiled = Arc::new(Mutex::new(spoiled.into_iter().collect()));
        let rules = Arc::clone(&spoiled);
        let asked = Arc::new(Mutex::new(HashMap::new()));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (rules, asked) = (Arc::clone(&rules), Arc::clone(&asked));
                // A client that goes away in the middle is no failure.
                thread::spawn(move || drop(serve(stream, &rules, &asked)));
            }
        });
        Self { port, spoiled }
    }

    /// From now on every answer is good.
    pub fn mend(&self) {
        self.spoiled.lock().expect("the rules").clear();
    }

    /// From now on this path answers so.
    pub fn spoil(&self, path: &'static str, odd: Odd) {
        self.spoiled.lock().expect("the rules").insert(path, odd);
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn serve(mut stream: TcpStream, rules: &Mutex<Spoiled>, asked: &Mutex<HashMap<String, usize>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut first, mut length, mut key) = (String::new(), 0, String::new());
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("authorization: Bearer ") {
            value.trim().clone_into(&mut key);
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let count = {
        let mut asked = asked.lock().expect("the counts");
        let count = asked.entry(path.clone()).or_default();
        *count += 1;
        *count
    };
    let good = good(&path, &String::from_utf8_lossy(&body));
    let mut odd = rules.lock().expect("the rules").get(path.as_str()).cloned();
    if let Some(Odd::FirstTimes(times, inner)) = odd {
        odd = (count <= times).then(|| inner.clone());
    }
    if let Some(Odd::OnlyFor(only, inner)) = odd {
        odd = Some(if key == only { inner.clone() } else { Odd::Plain(401, "", "") });
    }
    let head = |status: u16, headers: &str, length: usize| {
        format!("HTTP/1.1 {status} Odd\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n")
    };
    match odd {
        None => write!(stream, "{}{good}", head(200, JSON, good.len())),
        Some(Odd::Body(body)) => write!(stream, "{}{body}", head(200, JSON, body.len())),
        Some(Odd::Plain(status, headers, body)) => write!(stream, "{}{body}", head(status, headers, body.len())),
        Some(Odd::Slow(wait)) => {
            write!(stream, "{}", head(200, JSON, good.len()))?;
            stream.flush()?;
            thread::sleep(wait);
            write!(stream, "{good}")
        }
        Some(Odd::Truncated) => {
            let half: String = good.chars().take(good.chars().count() / 2).collect();
            write!(stream, "{}{half}", head(200, JSON, half.len()))
        }
        Some(Odd::FirstTimes(..) | Odd::OnlyFor(..)) => unreachable!("one deep is enough"),
    }
}

/// The hotel: ids that are no UUIDs, fields that nobody knows, and few arrays.
fn good(path: &str, body: &str) -> String {
    let answer = match path {
        "/workspaces/get" => r#"{"workspace":{"workspace_id":"w","is_sandbox":false,"mood":"odd"},"ok":true}"#,
        "/acs/systems/list" => r#"{"acs_systems":[{"acs_system_id":"s/1 ä","name":"Odd House","x":[1]}],"ok":true}"#,
        "/acs/systems/get" => r#"{"acs_system":{"acs_system_id":"s/1 ä","name":"Odd House"},"ok":true}"#,
        "/acs/encoders/list" => {
            r#"{"acs_encoders":[{"acs_encoder_id":"e","display_name":"Odd Encoder","ink":{"left":"none"},"errors":null}]}"#
        }
        "/acs/access_groups/list" if body.contains("acs_user_id") => {
            r#"{"acs_access_groups":[{"acs_access_group_id":"g#1","name":"Room 7"}]}"#
        }
        "/acs/access_groups/list" => {
            r#"{"acs_access_groups":[{"acs_access_group_id":"g#1","name":"Room 7","access_group_type":"new_kind"},{"acs_access_group_id":"nameless"}]}"#
        }
        "/acs/users/list" => {
            r#"{"acs_users":[{"acs_user_id":"42","full_name":"Ann Odd"},{"acs_user_id":"ü/43","full_name":"Ben Odd","is_suspended":null},{"acs_user_id":"no-name"}]}"#
        }
        "/acs/credentials/list" => {
            r#"{"acs_credentials":[{"acs_credential_id":"c","acs_user_id":"42","access_method":"card","is_issued":true},{"acs_credential_id":"d","access_method":"telepathy"}]}"#
        }
        _ => r#"{"ok":true}"#,
    };
    answer.to_owned()
}
