//! The async client: one method a call, named by resource and verb. Every call is a `POST` with a JSON body.
//!
//! Nothing is repeated in here, no redirect is followed and no answer is trusted: an error says how much is known
//! about what became of the call (see [`ErrorKind`](super::error::ErrorKind)).

mod answer;
mod credentials;
mod encoders;
mod endpoint;
mod groups;
mod mask;
mod others;
mod pages;
mod transport;
mod users;
mod whole;

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::sync::watch;

use super::key::{self, KeyError, KeyKind};
pub use endpoint::{EndpointError, check_endpoint};
pub use pages::all_pages;

/// Where Seam answers unless a config says otherwise.
pub const DEFAULT_ENDPOINT: &str = "https://connect.getseam.com";

/// How to reach Seam. `Debug` hides the key.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The address, for example [`DEFAULT_ENDPOINT`]; a path in it goes before the path of every call.
    pub endpoint: String,
    /// An API key, or a personal access token.
    pub key: SecretString,
    /// The workspace that a personal access token speaks for; not sent with an API key.
    pub workspace: Option<String>,
    /// How long DNS, TCP and TLS may take together.
    pub connect_timeout: Duration,
    /// How long a call may take from start to the last byte of its answer.
    pub total_timeout: Duration,
    /// Allows plain http to other machines; the key travels readable then.
    pub allow_insecure: bool,
}

/// Why no client could be made. No request was sent. The sentences never hold the key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConnectionError {
    /// The address can't be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The key can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// TLS could not be set up, usually because the system has no certificates.
    #[error("TLS could not be set up: {0}")]
    Tls(String),
}

/// A client for Seam's API. Cheap to clone: all clones share connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    /// Without a slash at the end: the path of a call follows.
    base: String,
    /// The host for messages, never with more than host and port.
    host: String,
    key: RwLock<Arc<KeyInUse>>,
    clock_ahead: watch::Sender<Option<SignedDuration>>,
    /// The id of the workspace that was answered first.
    workspace: OnceLock<String>,
}

/// The key that calls carry.
struct KeyInUse {
    /// Kept to take it out of whatever a server says.
    secret: SecretString,
    /// The headers that carry it.
    headers: HeaderMap,
}

impl KeyInUse {
    fn new(secret: SecretString, workspace: Option<&str>) -> Result<Arc<Self>, KeyError> {
        let kind = key::check(secret.expose_secret(), workspace)?;
        let mut headers = HeaderMap::new();
        let bearer = sensitive(&format!("Bearer {}", secret.expose_secret()));
        headers.insert(AUTHORIZATION, bearer.ok_or(KeyError::OddCharacters)?);
        if kind == KeyKind::PersonalAccessToken {
            let workspace = workspace.and_then(sensitive).ok_or(KeyError::OddWorkspace)?;
            headers.insert("seam-workspace", workspace);
        }
        Ok(Arc::new(Self { secret, headers }))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.inner.base).finish_non_exhaustive()
    }
}

/// # Errors
/// Every call gives a [`SeamError`](super::error::SeamError): its kind says what failed, and
/// [`outcome_unknown`](super::error::SeamError::outcome_unknown) whether a call that changes something may have been
/// carried out all the same. A call's own doc says only what it adds to that.
impl Client {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// When the address or the key can't be used, or TLS can't be set up.
    pub fn new(connection: Connection) -> Result<Self, ConnectionError> {
        let endpoint = endpoint::parse(&connection.endpoint, connection.allow_insecure)?;
        let key = KeyInUse::new(connection.key, connection.workspace.as_deref())?;

        let headers = [(ACCEPT, HeaderValue::from_static("application/json"))].into_iter().collect();

        // Someone else in the process may have chosen a provider already: any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("keydesk/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(connection.connect_timeout)
            .timeout(connection.total_timeout)
            // A line that a router has silently dropped meanwhile costs a time-out, a fresh one a moment.
            .pool_idle_timeout(Duration::from_secs(15));
        if !endpoint.is_tls {
            // The demo must start on a machine without any certificate.
            builder = builder.tls_certs_only([]);
        }
        if endpoint.is_loopback {
            builder = builder.no_proxy().resolve_to_addrs("localhost", &endpoint::LOCALHOST);
        }
        let http = builder.build().map_err(|error| ConnectionError::Tls(transport::cause(&error)))?;
        let clock_ahead = watch::Sender::new(None);
        let inner = Inner {
            http,
            base: endpoint.base,
            host: endpoint.host,
            key: RwLock::new(key),
            clock_ahead,
            workspace: OnceLock::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The address that calls go to.
    pub fn endpoint(&self) -> &str {
        &self.inner.base
    }

    /// A client of the same server with another key, to try that key: this one keeps its own.
    ///
    /// # Errors
    /// When the key can't be used.
    pub fn with_key(&self, key: SecretString, workspace: Option<&str>) -> Result<Self, KeyError> {
        let key = RwLock::new(KeyInUse::new(key, workspace)?);
        let Inner { http, base, host, .. } = &*self.inner;
        let (http, base, host) = (http.clone(), base.clone(), host.clone());
        let (clock_ahead, workspace) = (watch::Sender::new(None), OnceLock::new());
        Ok(Self { inner: Arc::new(Inner { http, base, host, key, clock_ahead, workspace }) })
    }

    /// Whether both send the same key.
    pub fn has_key_of(&self, other: &Self) -> bool {
        let (ours, other) = (self.key(), other.key());
        ours.secret.expose_secret() == other.secret.expose_secret() && ours.headers == other.headers
    }

    /// From now on all clones send the key that `other` has.
    pub fn take_key_of(&self, other: &Self) {
        let key = other.key();
        *self.inner.key.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    fn key(&self) -> Arc<KeyInUse> {
        Arc::clone(&self.inner.key.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How far this PC's clock is ahead of the server's, by the newest answer that tells; negative where it is behind,
    /// `None` while no answer told.
    pub fn clock_ahead(&self) -> watch::Receiver<Option<SignedDuration>> {
        self.inner.clock_ahead.subscribe()
    }
}

/// A header value that never shows in `Debug`.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
