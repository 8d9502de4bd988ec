//! The line to the server, shared by all jobs: while it is down, requests are spaced; a server that said when to come
//! back is left alone until then.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, sleep_until};

use super::Update;
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::retry::{LONGEST_ASKED, SHORTEST};

/// The line, as the last answers showed it.
#[derive(Debug)]
pub(super) struct Line {
    state: Mutex<State>,
    back: Notify,
    updates: UnboundedSender<Update>,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<SeamError>,
    /// While there is trouble: when the next request may go.
    next: Option<Instant>,
    /// The server asked for silence until then.
    silence: Option<Instant>,
}

impl Line {
    pub(super) fn new(updates: UnboundedSender<Update>) -> Self {
        Self { state: Mutex::default(), back: Notify::new(), updates }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request when the line allows it, and learns from what comes back.
    pub(super) async fn send<T>(&self, request: impl Future<Output = Result<T, SeamError>>) -> Result<T, SeamError> {
        self.turn_comes().await;
        let result = request.await;
        self.learn(result.as_ref().err());
        result
    }

    /// The same for a request that may only go if something still holds when its turn has come: that is asked last,
    /// and when it does not hold nothing is sent and the answer is `None`.
    pub(super) async fn send_if<T>(
        &self,
        holds: impl Future<Output = bool>,
        request: impl Future<Output = Result<T, SeamError>>,
    ) -> Option<Result<T, SeamError>> {
        self.turn_comes().await;
        if !holds.await {
            return None;
        }
        let result = request.await;
        self.learn(result.as_ref().err());
        Some(result)
    }

    async fn turn_comes(&self) {
        while let Some(until) = self.turn(Instant::now()) {
            sleep_until(until).await;
        }
    }

    /// Why the server can't be reached, if that is so: nobody has to wait for a time-out to learn it.
    pub(super) fn is_cut(&self) -> Option<SeamError> {
        let state = self.state();
        state.trouble.clone().filter(|error| matches!(error.kind, ErrorKind::Unreachable | ErrorKind::TimedOut))
    }

    /// Waits until the line works again after this error; without end when it is not the line's.
    pub(super) async fn is_back(&self, error: &SeamError) {
        if error.kind == ErrorKind::Unreachable {
            self.back.notified().await;
        } else {
            std::future::pending::<()>().await;
        }
    }

    /// Takes a turn, or says when to ask again.
    fn turn(&self, now: Instant) -> Option<Instant> {
        let mut state = self.state();
        if let Some(until) = state.silence.filter(|until| *until > now) {
            return Some(until);
        }
        state.silence = None;
        state.trouble.as_ref()?;
        let wait = state.next.filter(|next| *next > now);
        if wait.is_none() {
            state.next = Some(now + SHORTEST);
        }
        wait
    }

    fn learn(&self, error: Option<&SeamError>) {
        let trouble = error.filter(|error| error.may_pass() || error.kind == ErrorKind::Unauthorized);
        let mut state = self.state();
        if let Some(wait) = trouble.and_then(|error| error.retry_after) {
            state.silence = Some(Instant::now() + wait.clamp(Duration::ZERO, LONGEST_ASKED));
        }
        let kind = |error: &SeamError| error.kind;
        if state.trouble.as_ref().map(kind) != trouble.map(kind) {
            state.trouble = trouble.cloned();
            if trouble.is_some() {
                state.next = Some(Instant::now() + SHORTEST);
            } else {
                self.back.notify_waiters();
            }
            // Nobody listens any more when the desk closes.
            let _ = self.updates.send(Update::Line(trouble.cloned()));
        }
    }
}
