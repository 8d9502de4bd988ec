//! A hand-written server that answers as no good server would: each request gets the next act of a script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use keydesk::seam::client::{Client, Connection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The key that the tests use.
pub const KEY: &str = "seam_test_2bZ8wkQ1xyz";

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends these bytes and waits for the next request on the same connection.
    Send(Vec<u8>),
    /// Sends these bytes and closes the connection.
    SendAndClose(Vec<u8>),
    /// Sends these bytes and then nothing more, for ever.
    SendAndHold(Vec<u8>),
    /// Sends these bytes, then megabytes of blanks until the client goes away.
    SendAndFlood(Vec<u8>),
    /// Resets the connection before it reads anything.
    ResetBefore,
    /// Reads the request, then resets the connection.
    ResetAfter,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Request line and headers, as text.
    pub head: String,
    /// The body.
    pub body: String,
}

/// A server on a free port of this machine; ends when it is dropped.
pub struct OddServer {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl OddServer {
    /// Starts a server that plays these acts, one a request; the last one again and again.
    pub async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Script { acts, played: Mutex::new(0), seen: seen.clone() });
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, script.clone()));
            }
        });
        Self { port, seen, task }
    }

    /// The address of the server.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port of the server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A client of this server, with a short time-out.
    pub fn client(&self) -> Client {
        Client::new(connection(&self.url())).unwrap()
    }
}

impl Drop for OddServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection to a server of the tests. Time-outs are long enough for a busy machine; tests of time-outs shorten them.
pub fn connection(url: &str) -> Connection {
    Connection {
        endpoint: url.to_owned(),
        key: KEY.into(),
        workspace: None,
        connect_timeout: Duration::from_secs(20),
        total_timeout: Duration::from_secs(20),
        allow_insecure: false,
    }
}

/// A whole answer with a status, further headers (each ended by `\r\n`) and a body.
pub fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Odd\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A whole answer with status 200 and a body that is called JSON.
pub fn json(body: &str) -> Act {
    Act::Send(answer(200, "content-type: application/json\r\nseam-request-id: r-1\r\n", body))
}

struct Script {
    acts: Vec<Act>,
    played: Mutex<usize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Script {
    fn upcoming(&self) -> Act {
        let played = *self.played.lock().unwrap();
        self.acts[played.min(self.acts.len() - 1)].clone()
    }

    fn next(&self) -> Act {
        let act = self.upcoming();
        *self.played.lock().unwrap() += 1;
        act
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Script>) {
    if matches!(script.upcoming(), Act::ResetBefore) {
        script.next();
        stream.set_zero_linger().unwrap();
        return;
    }
    while let Some(request) = read(&mut stream).await {
        script.seen.lock().unwrap().push(request);
        match script.next() {
            Act::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Act::SendAndClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Act::SendAndHold(bytes) => {
                let _ = stream.write_all(&bytes).await;
                // Until the client goes away.
                let _ = stream.read(&mut [0; 1]).await;
                return;
            }
            Act::SendAndFlood(bytes) => {
                let blanks = vec![b' '; 1 << 20];
                let mut alive = stream.write_all(&bytes).await.is_ok();
                while alive {
                    alive = stream.write_all(&blanks).await.is_ok();
                }
                return;
            }
            Act::ResetBefore | Act::ResetAfter => {
                stream.set_zero_linger().unwrap();
                return;
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let length: usize = length.unwrap_or(0);
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen { head, body: String::from_utf8_lossy(&bytes[end..]).into_owned() })
}
