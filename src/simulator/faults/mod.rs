//! Faults: what goes wrong with a call besides what the hotel's own rules refuse.
//!
//! A fault waits for the next or the n-th call of one path or of any, and strikes one, several or all from then on.
//! `pending` chooses the fault that a call meets, `script` reads and writes faults as JSON, and `faulty_call` carries
//! out a call that meets one.

mod pending;
mod script;

use std::time::Duration;

pub use pending::{PendingFault, PendingFaults};
pub use script::{FAULT_PARAMS, ScriptError, faults_from_json, read};

use serde::{Serialize, Serializer};

use super::hotel::Hotel;
use super::params::Params;

/// A fault that waits for its calls. The simulator's own calls (`/_sim/…`) never meet one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallFault {
    /// The path of the calls that it counts, `/acs/users/create` for instance; `None` counts the calls of all paths.
    pub path: Option<String>,
    /// The first call that it strikes, counted from 1 since the fault was added.
    pub nth: u32,
    /// How many calls it strikes, one after another; `None` is every call from then on.
    #[serde(flatten, serialize_with = "times_or_every")]
    pub times: Option<u32>,
    /// What happens to them.
    #[serde(flatten)]
    pub effect: FaultEffect,
}

/// What happens to a call that meets a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum FaultEffect {
    /// It is refused with an error in the API's shape; nothing is done.
    Refuse {
        /// The HTTP status, 400 to 499.
        status: u16,
        /// `error.type`.
        #[serde(rename = "type")]
        kind: String,
        /// `error.message`.
        message: String,
    },
    /// 429 with the header `Retry-After`; nothing is done.
    RateLimit {
        /// The header's value, in seconds.
        retry_after: u32,
    },
    /// 500 in the API's shape.
    ServerError {
        /// Whether the call was acted on before.
        acts: bool,
    },
    /// 502 with a page of HTML, as from a proxy.
    BadGateway {
        /// Whether the call was acted on before.
        acts: bool,
    },
    /// 401, as when the key was revoked; nothing is done.
    Unauthorized,
    /// The connection is reset (TCP RST) without an answer; nothing is done.
    Reset,
    /// The call is acted on, then the connection is reset without an answer.
    DropAfterCommit,
    /// Nothing is done until the call is released; then it is acted on, also when its caller has gone, and answered.
    Hold,
    /// The call is acted on at once, its answer waits until it is released.
    HoldAnswer,
    /// The connection is reset at once, and the call is acted on later all the same.
    ActLate {
        /// How much later; `None` is when it is released.
        #[serde(rename = "delay_ms", serialize_with = "millis", skip_serializing_if = "Option::is_none")]
        after: Option<Duration>,
    },
    /// The call is acted on and answered later, and acted on also when its caller has gone.
    Delay {
        /// How much later the answer comes.
        #[serde(rename = "delay_ms", serialize_with = "millis")]
        by: Duration,
    },
    /// The call is acted on; half of the answer's body is sent, then the connection is closed.
    CutAnswer,
    /// The call is acted on; its answer is complete HTTP whose body is half of the JSON.
    TruncateAnswer,
    /// The bridge to the key system goes down, and stays so; then the call is acted on.
    BridgeDown,
    /// The encoder that the call names is removed, and stays so; then the call is acted on. Strikes only such calls.
    EncoderGone,
    /// The credential that the call names has been deleted by someone else when it is acted on. Strikes only such calls.
    CredentialDeleted,
    /// The user that the call names, or whose credential it names, has been deleted by someone else, with all that
    /// belongs to it, when the call is acted on. Strikes only such calls.
    UserDeleted,
}

impl CallFault {
    /// A fault that strikes the next call of any path; [`FaultEffect::Unauthorized`] strikes every call from then on.
    pub fn new(effect: FaultEffect) -> Self {
        let times = (effect != FaultEffect::Unauthorized).then_some(1);
        Self { path: None, nth: 1, times, effect }
    }

    /// Only for the calls of this path.
    #[must_use]
    pub fn on(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// From the n-th call on, counted from 1.
    #[must_use]
    pub fn nth(self, nth: u32) -> Self {
        Self { nth, ..self }
    }

    /// For this number of calls, one after another.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// For every call, until it is removed.
    #[must_use]
    pub fn every(self) -> Self {
        Self { times: None, ..self }
    }
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn times_or_every<S: Serializer>(times: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
    match times {
        Some(times) => serializer.collect_map([("times", times)]),
        None => serializer.collect_map([("every", true)]),
    }
}

/// Serializes a delay, which may be an option, as milliseconds.
fn millis<D: Copy + Into<Option<Duration>>, S: Serializer>(delay: &D, serializer: S) -> Result<S::Ok, S::Error> {
    (*delay).into().map(|delay| delay.as_millis() as u64).serialize(serializer)
}

impl FaultEffect {
    /// Its name in scripts and in the log of calls.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refuse { .. } => "refuse",
            Self::RateLimit { .. } => "rate_limit",
            Self::ServerError { .. } => "server_error",
            Self::BadGateway { .. } => "bad_gateway",
            Self::Unauthorized => "unauthorized",
            Self::Reset => "reset",
            Self::DropAfterCommit => "drop_after_commit",
            Self::Hold => "hold",
            Self::HoldAnswer => "hold_answer",
            Self::ActLate { .. } => "act_late",
            Self::Delay { .. } => "delay",
            Self::CutAnswer => "cut_answer",
            Self::TruncateAnswer => "truncate_answer",
            Self::BridgeDown => "bridge_down",
            Self::EncoderGone => "encoder_gone",
            Self::CredentialDeleted => "credential_deleted",
            Self::UserDeleted => "user_deleted",
        }
    }

    /// Whether a call with these parameters names what the fault is about.
    fn is_about(&self, params: &Params) -> bool {
        let names = |name| params.id(name).is_some();
        match self {
            Self::EncoderGone => names("acs_encoder_id"),
            Self::CredentialDeleted => names("acs_credential_id"),
            Self::UserDeleted => names("acs_user_id") || names("acs_credential_id"),
            _ => true,
        }
    }
}

impl Hotel {
    /// Makes the change that an effect brings about just before a call with these parameters is acted on.
    pub fn apply_outside_effect(&mut self, effect: &FaultEffect, params: &Params) {
        let credential = params.id("acs_credential_id").and_then(|id| self.credentials.find(id).ok());
        match effect {
            FaultEffect::BridgeDown => self.set_bridge(false),
            FaultEffect::EncoderGone => {
                if let Some(key) = params.id("acs_encoder_id").and_then(|id| self.encoders.find(id).ok()) {
                    self.set_removed(key, true);
                }
            }
            FaultEffect::CredentialDeleted => {
                if let Some(key) = credential {
                    self.delete_credential(key);
                    self.remove_credential(key);
                }
            }
            FaultEffect::UserDeleted => {
                let named = params.id("acs_user_id").and_then(|id| self.users.find(id).ok());
                let holder = credential.and_then(|key| self.credentials.get(key)).and_then(|row| row.user);
                if let Some(key) = named.or(holder) {
                    self.delete_user(key);
                    self.remove_user(key);
                }
            }
            _ => {}
        }
    }
}
