//! What can go wrong with a call, kept whole: type, message, validation errors, HTTP status and request id.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// Why a call gave no usable answer. Serialisable, since the journal keeps it. Holds no key and no request body.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct SeamError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// The `error.type` of Seam's answer; empty when there was no Seam error body.
    pub code: String,
    /// The server's own words or those of the transport, fit for a screen, never with a secret.
    pub message: String,
    /// What was wrong with each parameter (`validation_errors`), fit for a screen.
    pub validation: BTreeMap<String, Vec<String>>,
    /// What else Seam's error body says (`error.data`), strings fit for a screen; null when it says nothing.
    #[serde(default)]
    pub data: Value,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The header `seam-request-id`: what Seam's support asks for.
    pub request_id: Option<String>,
    /// How long the server asks us to wait (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// What caused it, where that is known: each cause has a remedy of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<ErrorCause>,
}

/// What caused an error: a fault of the network, the certificate, the address or a list, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCause {
    /// The server's name could not be looked up.
    NameNotFound,
    /// The machine answered that nobody listens there.
    ConnectionRefused,
    /// Nothing answered while connecting.
    ConnectTimedOut,
    /// The certificate comes from an authority that this machine does not trust.
    CertificateNotTrusted,
    /// The certificate is for another name.
    CertificateWrongName,
    /// The certificate is over, or not valid yet, by this machine's clock.
    CertificateExpired,
    /// A proxy wants a login (HTTP 407).
    ProxyLogin,
    /// The server sends the call elsewhere (HTTP 301 to 308): where to, fit for a screen.
    Redirected(String),
    /// A list goes on, but the server does not say where, or begins anew: what was read of it is not all.
    ListCut,
}

/// What kind of failure a call met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// No connection could be made: the request was never sent.
    Unreachable,
    /// The request may have been sent, then the connection broke.
    Broken,
    /// No answer in time.
    TimedOut,
    /// An answer came that can't be read.
    Unreadable,
    /// 401 or 403: the key is not accepted.
    Unauthorized,
    /// 404: the thing, or the whole path, does not exist.
    NotFound,
    /// 429: too many requests.
    Limited,
    /// Any other 4xx: the server refused.
    Refused,
    /// 5xx: the server failed.
    Server,
}

impl SeamError {
    /// An error with a kind and a message and nothing else.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: String::new(),
            message: message.into(),
            validation: BTreeMap::new(),
            data: Value::Null,
            status: None,
            request_id: None,
            retry_after: None,
            cause: None,
        }
    }

    /// Whether a call that changes something may have been carried out all the same: then the truth must be read
    /// back before anything is repeated.
    pub fn outcome_unknown(&self) -> bool {
        matches!(self.kind, ErrorKind::Broken | ErrorKind::TimedOut | ErrorKind::Unreadable | ErrorKind::Server)
    }

    /// Whether the line or the server is the trouble, so that the same call may do later.
    pub fn may_pass(&self) -> bool {
        self.outcome_unknown() || matches!(self.kind, ErrorKind::Unreachable | ErrorKind::Limited)
    }

    /// Whether the server knows the call and says that the thing it names does not exist (`acs_user_not_found` and the
    /// like). A 404 without such a code says nothing about the thing: see [`SeamError::not_offered`].
    pub fn is_gone(&self) -> bool {
        self.kind == ErrorKind::NotFound && self.code.ends_with("_not_found")
    }

    /// Whether the server lacks the call itself: a 404 without a code that names a thing.
    pub fn not_offered(&self) -> bool {
        self.kind == ErrorKind::NotFound && !self.is_gone()
    }
}
