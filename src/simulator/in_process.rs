//! The `/_sim/*` calls as methods, without HTTP: for tests that start the simulator in their own process.

use std::time::Duration;

use serde_json::{Value, json};
use thiserror::Error;

use super::Simulator;
use super::calls::{CallCount, HeldCall, LoggedCall, Release};
use super::endpoints;
use super::faults::{CallFault, PendingFault};
use super::params::Params;
use super::refusal::Refusal;
use super::server::{ServerState, now};

/// Why [`Simulator::ask`] refused a call.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{status} {kind}: {message}")]
pub struct AskError {
    /// The HTTP status that the answer would have had.
    pub status: u16,
    /// `error.type`.
    pub kind: String,
    /// `error.message`.
    pub message: String,
}

impl From<Refusal> for AskError {
    fn from(refusal: Refusal) -> Self {
        Self { status: refusal.status, kind: refusal.kind, message: refusal.message }
    }
}

/// The faults that wait for calls; see [`Simulator::faults`].
pub struct CallFaults<'s> {
    server: &'s ServerState,
}

// The returned ids and counts may be ignored.
#[allow(clippy::must_use_candidate)]
impl CallFaults<'_> {
    /// Adds a fault and returns its id.
    pub fn add(&self, fault: CallFault) -> u64 {
        self.server.with_hotel(|hotel| hotel.faults.add(fault))
    }

    /// Removes a fault; `false` when there is no such fault, for instance since it has struck all its calls.
    pub fn remove(&self, id: u64) -> bool {
        self.server.with_hotel(|hotel| hotel.faults.remove(id))
    }

    /// Removes all faults and returns how many there were.
    pub fn clear(&self) -> usize {
        self.server.with_hotel(|hotel| hotel.faults.clear())
    }

    /// The faults that still wait, oldest first.
    pub fn list(&self) -> Vec<PendingFault> {
        self.server.with_hotel(|hotel| hotel.faults.list().to_vec())
    }
}

impl Simulator {
    /// The faults that wait for calls.
    pub fn faults(&self) -> CallFaults<'_> {
        CallFaults { server: &self.server }
    }

    /// The last ten thousand calls, oldest first.
    pub fn calls(&self) -> Vec<LoggedCall> {
        self.server.with_hotel(|hotel| hotel.calls.log().cloned().collect())
    }

    /// How many calls of a path came and were acted on since the simulator started.
    pub fn count(&self, path: &str) -> CallCount {
        self.server.with_hotel(|hotel| hotel.calls.counts().get(path).copied().unwrap_or_default())
    }

    /// The calls that are held now, oldest first.
    pub fn held(&self) -> Vec<HeldCall> {
        self.server.with_hotel(|hotel| hotel.calls.held().cloned().collect())
    }

    /// Waits until a held call fulfils the condition, and returns the oldest that does; `None` after the time `within`.
    pub async fn wait_held(&self, within: Duration, is_wanted: impl Fn(&HeldCall) -> bool) -> Option<HeldCall> {
        let held = self.server.wait_until(|hotel| hotel.calls.held().find(|held| is_wanted(held)).cloned());
        tokio::time::timeout(within, held).await.ok()
    }

    /// Releases the held call with the number `only`, or all when it is `None`, and returns how many that were. It
    /// returns after the released calls were acted on or dropped.
    pub async fn release(&self, only: Option<u64>, how: Release) -> usize {
        let released = self.server.with_hotel(|hotel| hotel.calls.release(only, how));
        self.server.released_calls_ended().await;
        released
    }

    /// Everything that the API does not show: what `/_sim/state` answers.
    pub fn state(&self) -> Value {
        self.ask("/_sim/state", &json!({})).map_or(Value::Null, |body| body["state"].clone())
    }

    /// Carries out a call without HTTP and returns the body of its answer. It meets no fault and is not logged.
    ///
    /// # Errors
    ///
    /// When the call would be refused.
    pub fn ask(&self, path: &str, params: &Value) -> Result<Value, AskError> {
        let unknown = || Refusal::new(404, "not_found", format!("The simulator has no endpoint {path}."));
        let endpoint = endpoints::find(path).ok_or_else(unknown)?;
        let given = params.as_object().cloned().unwrap_or_default();
        let checked = Params::check(endpoint.params, &given)?;
        let reply = self.server.with_hotel(|hotel| {
            hotel.advance(now());
            (endpoint.act)(hotel, &checked)
        })?;
        let body = self.server.body(reply, endpoint.path, &given)?;
        serde_json::from_str(&body)
            .map_err(|error| Refusal::new(500, "internal_error", error.to_string()))
            .map_err(Into::into)
    }
}
