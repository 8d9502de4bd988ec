//! The embedded stand-in for Seam: an HTTP server on loopback with virtual encoders and cards.
//!
//! `server` speaks HTTP over connections that can be torn (`wire`), `endpoints` is the table that says which call takes what and does what, `params`, `query`,
//! `reply` and `refusal` are what a call is made of. Behind them lies a hotel that knows no HTTP and no clock:
//! `hotel` (state and agenda), `users`, `credentials`, `encoder`, `hands` and `cards` (rules), `answer` (its JSON), `seed`
//! and `generate` (who stays there). A call takes three steps (received, acted on, answered), and only the second
//! changes anything.
//!
//! Beside the API's own endpoints there is a small family for what a person does at a desk and what can happen to the
//! machines, each by `POST` with a JSON body and the same key:
//!
//! | call | parameters | what it does |
//! |---|---|---|
//! | `/_sim/place_card` | `acs_encoder_id`, `card`: `blank`, `foreign` or a card's number | puts a card on an encoder |
//! | `/_sim/lift_card` | `acs_encoder_id` | takes it away; while it is being written, that is an interruption |
//! | `/_sim/set_mode` | `acs_encoder_id`, `mode`: `auto` or `manual`, `card_wait_ms` | who places cards, and how long one is awaited |
//! | `/_sim/set_encoder` | `acs_encoder_id`, `online`, `removed` | takes an encoder off connection, or away |
//! | `/_sim/set_bridge` | `connected` | takes the bridge to the key system down or up |
//! | `/_sim/fail_user` | `acs_user_id`, `failed` | the key system refused to create this user |
//! | `/_sim/state` | | everything that the API does not show |
//!
//! And a family for what can happen to calls. A fault waits for its calls (`faults`), `perform` carries out a call that
//! meets one, `calls` knows what came and what is being held; these calls meet no faults themselves:
//!
//! | call | parameters | what it does |
//! |---|---|---|
//! | `/_sim/faults/add` | `fault` and what it needs, `path`, `nth`, `times` or `every` | adds a fault: `id` |
//! | `/_sim/faults/list` | | those that wait, with how many calls each has `seen` and `struck` |
//! | `/_sim/faults/remove` | `id` | takes one away |
//! | `/_sim/faults/clear` | | takes all away |
//! | `/_sim/calls` | `path`, `since`: a call's number | the calls that came, and counts by path |
//! | `/_sim/held` | `path`, `given_up` | the calls that are held |
//! | `/_sim/wait_held` | the same, `count`, `timeout_ms` | the same, as soon as there are so many; else 408 |
//! | `/_sim/release` | `call`, `lose` | lets one held call or all go on, or loses them; returns when it is done |
//!
//! Inside the process, [`Simulator::faults`], [`Simulator::calls`], [`Simulator::wait_held`], [`Simulator::release`] and
//! [`Simulator::ask`] do the same without HTTP; [`Simulator::stop_listening`] and [`Simulator::resume`] let the server
//! die and come back with its hotel.

mod answer;
mod attempt;
mod aurora;
mod calls;
mod cards;
mod connection;
mod credentials;
mod encoder;
mod encoder_controls;
mod endpoints;
mod events;
mod faults;
mod faulty_call;
mod generate;
mod hotel;
mod ids;
mod in_process;
mod params;
mod query;
mod refusal;
mod reply;
#[cfg(test)]
mod rules_tests;
mod server;
mod table;
mod users;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

pub use calls::{CallCount, HeldCall, LoggedCall, Release};
pub use faults::{CallFault, Effect, PendingFault, ScriptError, faults_from_json};
pub use in_process::{AskError, CallFaults};

use jiff::SignedDuration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::connection::{Connection, ConnectionListener, Connections};

/// The settings of a simulator.
#[derive(Clone)]
pub struct Options {
    /// Where to listen: a loopback address; port 0 picks a free port.
    pub listen: SocketAddr,
    /// The API key that every call must carry.
    pub api_key: String,
    /// How many users there are in all; `None` is those of Hotel Aurora alone.
    pub users: Option<usize>,
    /// How long after the start of an attempt a card is placed on an automatic encoder.
    pub card_delay: Duration,
    /// How long the writing of a card takes.
    pub write_time: Duration,
    /// How long a change takes to reach the key system.
    pub sync_delay: Duration,
    /// The seed of all ids and card numbers.
    pub seed: u64,
    /// The faults that wait for calls from the start.
    pub faults: Vec<CallFault>,
}

impl Default for Options {
    /// Delays that a person can follow; a card is written well within the five seconds that the official Python SDK
    /// waits for it.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_key: "seam_simulator_key".to_owned(),
            users: None,
            card_delay: Duration::from_millis(1200),
            write_time: Duration::from_millis(1500),
            sync_delay: Duration::from_secs(2),
            seed: 1,
            faults: Vec::new(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("users", &self.users)
            .field("card_delay", &self.card_delay)
            .field("write_time", &self.write_time)
            .field("sync_delay", &self.sync_delay)
            .field("seed", &self.seed)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// Why a simulator could not start, or stopped by itself.
#[derive(Debug, Error)]
pub enum SimulatorError {
    /// The address is not a loopback address: the simulator's key protects nothing, so no other machine may call it.
    #[error("the simulator listens on loopback only: {0} is not a loopback address, 127.0.0.1:0 is one")]
    NotLoopback(SocketAddr),
    /// The address can't be used, because another program has the port for instance.
    #[error("the simulator can't listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The server ended by itself.
    #[error("the simulator stopped: {0}")]
    Stopped(String),
}

/// A running simulator. It stops when it is dropped.
pub struct Simulator {
    address: SocketAddr,
    server: Arc<server::ServerState>,
    /// `None` while it does not listen.
    serving: Option<Serving>,
}

/// The task that serves the connections of one listener.
struct Serving {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
    connections: Connections,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Fills the hotel and begins to listen; must be called within a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the address is not a loopback address or can't be used.
    pub async fn start(options: Options) -> Result<Self, SimulatorError> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            return Err(SimulatorError::NotLoopback(address));
        }
        let (listener, address) = bind(address).await?;
        let timing = hotel::Timing {
            card_delay: signed(options.card_delay),
            write_time: signed(options.write_time),
            sync_delay: signed(options.sync_delay),
        };
        let (users, seed) = (options.users, options.seed);
        // A hundred thousand guests take a moment to invent: not on a thread that others wait for.
        let filled =
            tokio::task::spawn_blocking(move || generate::filled_hotel(timing, seed, users, server::now())).await;
        let mut hotel = filled.map_err(|error| SimulatorError::Stopped(error.to_string()))?;
        for fault in options.faults {
            hotel.faults.add(fault);
        }
        let server = Arc::new(server::ServerState::new(options.api_key, format!("http://{address}"), hotel, seed));
        let serving = Some(Serving::begin(listener, Arc::clone(&server)));
        Ok(Self { address, server, serving })
    }

    /// The base address, `http://127.0.0.1:4010` for instance.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the returned future is dropped.
    ///
    /// # Errors
    ///
    /// When the server ends by itself.
    pub async fn run(mut self) -> Result<(), SimulatorError> {
        self.ended().await
    }

    /// Stops listening and waits until the calls under way are answered; held calls are dropped.
    ///
    /// # Errors
    ///
    /// When the server had ended by itself.
    pub async fn stop(mut self) -> Result<(), SimulatorError> {
        self.drop_held();
        if let Some(serving) = &mut self.serving {
            serving.stop = None;
        }
        self.ended().await
    }

    /// Simulates a crash: closes the port, resets every connection and drops the held calls. The hotel with its faults
    /// and its log of calls stays, and its time goes on.
    ///
    /// # Errors
    ///
    /// When the server had ended by itself.
    pub async fn stop_listening(&mut self) -> Result<(), SimulatorError> {
        if let Some(serving) = &mut self.serving {
            serving.stop = None;
            serving.connections.reset_all();
        }
        self.drop_held();
        self.server.released_calls_ended().await;
        self.ended().await
    }

    /// Listens again on the same port, with the same hotel. Does nothing if it listens already.
    ///
    /// # Errors
    ///
    /// When another program has taken the port meanwhile.
    pub async fn resume(&mut self) -> Result<(), SimulatorError> {
        if self.serving.is_none() {
            let (listener, _) = bind(self.address).await?;
            self.serving = Some(Serving::begin(listener, Arc::clone(&self.server)));
        }
        Ok(())
    }

    /// Waits until the server has ended.
    async fn ended(&mut self) -> Result<(), SimulatorError> {
        let Some(serving) = &mut self.serving else { return Ok(()) };
        let ended = (&mut serving.task).await;
        self.serving = None;
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(SimulatorError::Stopped(error.to_string())),
            Err(error) => Err(SimulatorError::Stopped(error.to_string())),
        }
    }

    fn drop_held(&self) {
        self.server.with_hotel(|hotel| hotel.calls.release(None, Release::Lose));
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.drop_held();
    }
}

impl Serving {
    fn begin(listener: TcpListener, server: Arc<server::ServerState>) -> Self {
        let connections = Connections::default();
        let (sender, receiver) = oneshot::channel::<()>();
        let listener = ConnectionListener { listener, connections: connections.clone() };
        let app = server::router(server).into_make_service_with_connect_info::<Connection>();
        let serving = axum::serve(listener, app).with_graceful_shutdown(async {
            // A dropped sender means the same as a sent stop.
            let _ = receiver.await;
        });
        Self { stop: Some(sender), task: tokio::spawn(serving.into_future()), connections }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), SimulatorError> {
    let cannot_listen = |source| SimulatorError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(cannot_listen)?;
    let bound = listener.local_addr().map_err(cannot_listen)?;
    Ok((listener, bound))
}

/// Converts a delay; it is at most a day.
fn signed(delay: Duration) -> SignedDuration {
    SignedDuration::try_from(delay.min(Duration::from_secs(86_400))).unwrap_or(SignedDuration::ZERO)
}
