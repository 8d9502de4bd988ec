#![doc = include_str!("README.md")]
//!
//! # In the same process
//!
//! [`Simulator::faults`], [`Simulator::calls`], [`Simulator::wait_held`], [`Simulator::release`] and
//! [`Simulator::ask`] do without HTTP what the `/_sim/` calls do; [`Simulator::stop_listening`] and
//! [`Simulator::resume`] let the server crash and come back with the same hotel.
//!
//! # Modules
//!
//! A call is received, acted on and answered; only the second step changes the hotel.
//!
//! - `server` takes these steps over connections that can be reset or cut off (`connection`). `query`, `params`, `reply`
//!   and `refusal` are the parts of a call. `endpoints` is the table of calls: path, parameters, and what each does.
//! - `hotel` is the state, without HTTP and clock. `users`, `credentials`, `cards`, `encoder` and `encoder_controls` are
//!   its rules, `answer` is its JSON; `aurora` and `generate` fill it. `table` holds its rows.
//! - `faults` holds the faults that wait, `faulty_call` carries out a call that meets one, and `calls` knows which calls
//!   were received and which are held.

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
mod in_process;
mod key_system;
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
use std::time::{Duration, Instant};

pub use calls::{CallCount, HeldCall, LoggedCall, Release};
pub use faults::{CallFault, FaultEffect, PendingFault, ScriptError, faults_from_json};
pub use in_process::{AskError, CallFaults};

use jiff::SignedDuration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::connection::{ConnectionHandle, ConnectionListener, Connections};

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
            let (listener, _) = bind_again(self.address).await?;
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
        let app = server::router(server).into_make_service_with_connect_info::<ConnectionHandle>();
        let serving = axum::serve(listener, app).with_graceful_shutdown(async {
            // A dropped sender means the same as a sent stop.
            let _ = receiver.await;
        });
        Self { stop: Some(sender), task: tokio::spawn(serving.into_future()), connections }
    }
}

/// How long a port that another program has for a moment is waited for.
const BIND_AGAIN: Duration = Duration::from_secs(5);

/// Listens where the simulator listened before. A port that is free may be lent to an outgoing connection of any program
/// meanwhile, so that one that is in use is tried again for a while.
async fn bind_again(address: SocketAddr) -> Result<(TcpListener, SocketAddr), SimulatorError> {
    let until = Instant::now() + BIND_AGAIN;
    loop {
        match bind(address).await {
            Err(SimulatorError::Listen { source, .. })
                if source.kind() == std::io::ErrorKind::AddrInUse && Instant::now() < until =>
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            bound => return bound,
        }
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
