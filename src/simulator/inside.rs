//! The simulator's own calls from inside the process, without HTTP: for tests that start it themselves.

use std::time::Duration;

use serde_json::{Value, json};
use thiserror::Error;

use super::Simulator;
use super::calls::{Call, Count, Held, Release};
use super::endpoints;
use super::faults::{Fault, Standing};
use super::params::Params;
use super::refusal::Refusal;
use super::server::{Shop, now};

/// A question that was refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{status} {kind}: {message}")]
pub struct Refused {
    /// The HTTP status that it would have had.
    pub status: u16,
    /// `error.type`.
    pub kind: String,
    /// `error.message`.
    pub message: String,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { status: refusal.status, kind: refusal.kind, message: refusal.message }
    }
}

/// The faults that wait for calls.
pub struct Faults<'s> {
    shop: &'s Shop,
}

// What they return is for those who want it.
#[allow(clippy::must_use_candidate)]
impl Faults<'_> {
    /// Adds a fault; its id.
    pub fn add(&self, fault: Fault) -> u64 {
        self.shop.change(|world| world.faults.add(fault))
    }

    /// Takes a fault away; whether it was still there.
    pub fn remove(&self, id: u64) -> bool {
        self.shop.change(|world| world.faults.remove(id))
    }

    /// Takes all away; how many there were.
    pub fn clear(&self) -> usize {
        self.shop.change(|world| world.faults.clear())
    }

    /// Those that still wait, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Standing> {
        self.shop.change(|world| world.faults.list().to_vec())
    }
}

impl Simulator {
    /// The faults that wait for calls.
    #[must_use]
    pub fn faults(&self) -> Faults<'_> {
        Faults { shop: &self.shop }
    }

    /// The last ten thousand calls, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shop.change(|world| world.calls.log().cloned().collect())
    }

    /// How many calls of a path came and were acted on since the simulator started.
    #[must_use]
    pub fn count(&self, path: &str) -> Count {
        self.shop.change(|world| world.calls.counts().get(path).copied().unwrap_or_default())
    }

    /// The calls that are held now, oldest first.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        self.shop.change(|world| world.calls.held().cloned().collect())
    }

    /// Waits until a held call fulfils a condition; the oldest that does. `None` when there was none in time.
    pub async fn wait_held(&self, within: Duration, is_wanted: impl Fn(&Held) -> bool) -> Option<Held> {
        let held = self.shop.until(|world| world.calls.held().find(|held| is_wanted(held)).cloned());
        tokio::time::timeout(within, held).await.ok()
    }

    /// Releases one held call, or all; how many were held. It returns when they have gone on: those that were to be
    /// acted on have been.
    pub async fn release(&self, only: Option<u64>, how: Release) -> usize {
        let released = self.shop.change(|world| world.calls.release(only, how));
        self.shop.settled().await;
        released
    }

    /// Everything that the API does not show: what `/_sim/state` answers.
    #[must_use]
    pub fn state(&self) -> Value {
        self.ask("/_sim/state", &json!({})).map_or(Value::Null, |body| body["state"].clone())
    }

    /// Does what a call does, without HTTP: it meets no fault and is not in the log of calls. The answer is its body.
    ///
    /// # Errors
    ///
    /// When the call would be refused.
    pub fn ask(&self, path: &str, params: &Value) -> Result<Value, Refused> {
        let unknown = || Refusal::new(404, "not_found", format!("The simulator has no endpoint {path}."));
        let endpoint = endpoints::find(path).ok_or_else(unknown)?;
        let given = params.as_object().cloned().unwrap_or_default();
        let checked = Params::check(endpoint.params, &given)?;
        let reply = self.shop.change(|world| {
            world.advance(now());
            (endpoint.act)(world, &checked)
        })?;
        let body = self.shop.body(&reply, endpoint.path, &given);
        serde_json::from_str(&body)
            .map_err(|error| Refusal::new(500, "internal_error", error.to_string()))
            .map_err(Into::into)
    }
}
