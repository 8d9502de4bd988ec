//! How the server is, as the last answers showed it: shared by the jobs and by everything else that reads.
//!
//! While it is in trouble, requests are spaced; a server that said when to come back is left alone until then; an
//! outage is told once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::rng::Rng;
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::retry::{Backoff, LONGEST_ASKED, SHORTEST};

/// How often a server that fails by itself is asked again before the failure is given to whoever reads.
const READ_ATTEMPTS: u32 = 3;

/// How many outages one reading waits through before its failure is given to whoever reads.
const READ_OUTAGES: u32 = 3;

/// How long it is at most until a server that could not be reached is asked again.
const LONGEST_PROBE: Duration = Duration::from_secs(10);

/// How often one reading is refused while the key turns out to be good, before the refusal is given to whoever reads.
const READ_REFUSALS: u32 = 2;

/// For how long a key that turned out to be good is not doubted again for a 403, which may mean one call only.
const CLEARED: Duration = Duration::from_secs(30);

/// The health of one server.
#[derive(Debug)]
pub struct ServerHealth {
    state: Mutex<State>,
    back: Notify,
    outage: watch::Sender<Option<SeamError>>,
    key: watch::Sender<KeyState>,
    /// The pause that the server asked for last.
    pause: watch::Sender<Duration>,
    rng: Mutex<Rng>,
}

/// What is known of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Nothing speaks against it.
    Accepted,
    /// A call was refused with 401 or 403: whether the key or only that call is meant is being found out.
    InDoubt,
    /// The server does not accept it.
    Refused,
}

#[derive(Debug, Default)]
struct State {
    /// When the key was in doubt last and turned out to be good.
    cleared: Option<Instant>,
    trouble: Option<SeamError>,
    /// While there is trouble: when the next request may go.
    next: Option<Instant>,
    /// The server asked for silence until then.
    silence: Option<Instant>,
}

impl ServerHealth {
    /// A server that is believed to be well. `seed` is any number, for the jitter of waits: different on each desk.
    pub fn new(seed: u64) -> Self {
        Self {
            state: Mutex::default(),
            back: Notify::new(),
            outage: watch::Sender::new(None),
            key: watch::Sender::new(KeyState::Accepted),
            pause: watch::Sender::new(Duration::ZERO),
            rng: Mutex::new(Rng::new(seed)),
        }
    }

    /// Any number, for the jitter of one wait.
    pub(super) fn jitter(&self) -> u64 {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).next_u64()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The trouble that the last answer told of: it can't be reached, fails, or refuses the key; `None` when all is
    /// well.
    pub fn trouble(&self) -> Option<SeamError> {
        self.state().trouble.clone()
    }

    /// Sends a request when its turn has come, and notes what its answer tells of the server.
    ///
    /// # Errors
    /// That of the request.
    pub async fn send<T>(&self, request: impl Future<Output = Result<T, SeamError>>) -> Result<T, SeamError> {
        self.turn_comes().await;
        let result = request.await;
        self.note_answer(result.as_ref().err());
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
        self.note_answer(result.as_ref().err());
        Some(result)
    }

    /// The pause that the server asked for last, each time that it does.
    pub fn pause(&self) -> watch::Receiver<Duration> {
        self.pause.subscribe()
    }

    /// What is known of the key, and every change of it.
    pub fn key(&self) -> watch::Receiver<KeyState> {
        self.key.subscribe()
    }

    /// Notes what became known of the key. Whoever reads waits until it is accepted.
    pub fn note_key(&self, is_accepted: bool) {
        let state = if is_accepted { KeyState::Accepted } else { KeyState::Refused };
        let before = self.key.send_replace(state);
        if before == KeyState::InDoubt && is_accepted {
            self.state().cleared = Some(Instant::now());
        }
    }

    /// Whether the server does not accept the key.
    pub(super) fn key_is_refused(&self) -> bool {
        *self.key.borrow() == KeyState::Refused
    }

    /// Reads until an answer comes: an outage and a refused key are waited through, a server that fails is given a few
    /// chances. Only for requests that change nothing, and only where [`Self::watch_over`] runs and the key is looked
    /// after.
    ///
    /// # Errors
    /// The last error, when the server refuses, fails too often, or goes away too often.
    pub async fn read<T, A>(&self, request: impl Fn() -> A) -> Result<T, SeamError>
    where
        A: Future<Output = Result<T, SeamError>>,
    {
        let backoff = Backoff { attempts: Some(READ_ATTEMPTS), ..Backoff::default() };
        let (mut failures, mut outages, mut refusals) = (0, 0, 0);
        loop {
            // The sender lives as long as this object.
            let _ = self.key.subscribe().wait_for(|key| *key == KeyState::Accepted).await;
            let error = match self.send(request()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if is_outage(&error) && outages < READ_OUTAGES {
                outages += 1;
                // The sender lives as long as this object.
                let _ = self.outage.subscribe().wait_for(Option::is_none).await;
                continue;
            }
            if error.kind == ErrorKind::Unauthorized {
                refusals += 1;
                if refusals < READ_REFUSALS && *self.key.borrow() != KeyState::Accepted {
                    continue;
                }
                let SeamError { status, code, request_id, .. } = &error;
                tracing::info!(status, code, request_id, "a call is refused with a key that works for others");
                return Err(error);
            }
            failures += 1;
            match backoff.wait(failures, &error, self.jitter()) {
                Some(wait) => sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    /// Tells each outage once, with its first error, and probes the server until it is over, which is told as `None`.
    /// Never ends.
    pub async fn watch_over<T, A>(&self, probe: impl Fn() -> A, tell: impl Fn(Option<SeamError>))
    where
        A: Future<Output = Result<T, SeamError>>,
    {
        let mut outage = self.outage.subscribe();
        let backoff = Backoff { longest: LONGEST_PROBE, ..Backoff::default() };
        loop {
            let first = outage.wait_for(Option::is_some).await.ok().and_then(|error| error.clone());
            let Some(mut error) = first else { continue };
            tracing::warn!(kind = ?error.kind, cause = ?error.cause, why = %error, "the server can't be reached");
            tell(Some(error.clone()));
            let mut failures = 0;
            loop {
                failures += 1;
                sleep(backoff.wait(failures, &error, self.jitter()).unwrap_or(backoff.longest)).await;
                match self.send(probe()).await {
                    Err(again) if is_outage(&again) => error = again,
                    // Any answer shows that it can be reached, also a refusal.
                    _ => break,
                }
            }
            tracing::info!("the server can be reached again");
            self.outage.send_replace(None);
            tell(None);
        }
    }

    async fn turn_comes(&self) {
        while let Some(until) = self.next_turn(Instant::now()) {
            sleep_until(until).await;
        }
    }

    /// Why the server can't be reached, if that is so: nobody has to wait for a time-out to know it.
    pub(super) fn why_unreachable(&self) -> Option<SeamError> {
        let state = self.state();
        state.trouble.clone().filter(|error| matches!(error.kind, ErrorKind::Unreachable | ErrorKind::TimedOut))
    }

    /// Waits until the server can be reached again after this error; without end when that was not the trouble.
    pub(super) async fn wait_until_back(&self, error: &SeamError) {
        if error.kind == ErrorKind::Unreachable {
            self.back.notified().await;
        } else {
            std::future::pending::<()>().await;
        }
    }

    /// Takes a turn, or says when to ask again.
    fn next_turn(&self, now: Instant) -> Option<Instant> {
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

    /// Notes what an answer tells of the server.
    fn note_answer(&self, error: Option<&SeamError>) {
        if let Some(error) = error.filter(|error| is_outage(error)) {
            // The first error of an outage stays, and only that is told.
            self.outage.send_if_modified(|outage| {
                let is_new = outage.is_none();
                outage.get_or_insert_with(|| error.clone());
                is_new
            });
        }
        if let Some(error) = error.filter(|error| error.kind == ErrorKind::Unauthorized) {
            let is_cleared = self.state().cleared.is_some_and(|at| at.elapsed() < CLEARED);
            if !is_cleared || error.status != Some(403) {
                self.key.send_if_modified(|key| {
                    let is_new = *key == KeyState::Accepted;
                    if is_new {
                        *key = KeyState::InDoubt;
                    }
                    is_new
                });
            }
        }
        let trouble = error.filter(|error| error.may_pass() || error.kind == ErrorKind::Unauthorized);
        let mut state = self.state();
        if let Some(wait) = trouble.and_then(|error| error.retry_after) {
            let wait = wait.clamp(Duration::ZERO, LONGEST_ASKED);
            state.silence = Some(Instant::now() + wait);
            self.pause.send_replace(wait);
        }
        let kind = |error: &SeamError| error.kind;
        if state.trouble.as_ref().map(kind) != trouble.map(kind) {
            state.trouble = trouble.cloned();
            if trouble.is_some() {
                state.next = Some(Instant::now() + SHORTEST);
            } else {
                self.back.notify_waiters();
            }
        }
    }
}

fn is_outage(error: &SeamError) -> bool {
    matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Broken | ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::sync::Arc;

    use super::*;

    fn unreachable() -> SeamError {
        SeamError::new(ErrorKind::Unreachable, "connection refused")
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_told_once_and_readers_go_on_after_it() {
        let health = ServerHealth::new(7);
        let (is_down, probes, told) = (Cell::new(true), Cell::new(0), RefCell::new(Vec::new()));
        let answer = async || if is_down.get() { Err(unreachable()) } else { Ok(()) };
        let probe = async || {
            probes.set(probes.get() + 1);
            // Half an hour without a server.
            is_down.set(probes.get() < 180);
            answer().await
        };
        let watching = health.watch_over(probe, |outage| told.borrow_mut().push(outage.map(|error| error.kind)));
        let reading = async { tokio::join!(health.read(answer), health.read(answer), health.read(answer)) };
        tokio::select! {
            () = watching => unreachable!("it never ends"),
            read = reading => assert_eq!(read, (Ok(()), Ok(()), Ok(()))),
        }
        assert_eq!(*told.borrow(), [Some(ErrorKind::Unreachable), None]);
        assert_eq!(health.trouble(), None);
    }

    fn refused(status: u16) -> SeamError {
        SeamError { status: Some(status), ..SeamError::new(ErrorKind::Unauthorized, "no") }
    }

    #[tokio::test(start_paused = true)]
    async fn readers_wait_without_a_request_until_the_key_is_accepted() {
        let health = ServerHealth::new(7);
        let (asked, is_refused) = (Cell::new(0), Cell::new(true));
        let request = async || {
            asked.set(asked.get() + 1);
            if is_refused.get() { Err(refused(401)) } else { Ok(7) }
        };
        let mend = async {
            let doubted = health.key().wait_for(|key| *key == KeyState::InDoubt).await.map(|key| *key);
            assert_eq!(doubted.ok(), Some(KeyState::InDoubt));
            health.note_key(false);
            sleep(Duration::from_secs(3600)).await;
            assert!(asked.get() <= 2, "{}", asked.get());
            is_refused.set(false);
            health.note_key(true);
        };
        let reading = async { tokio::join!(health.read(request), health.read(request), health.read(request)) };
        assert_eq!(tokio::join!(reading, mend).0, (Ok(7), Ok(7), Ok(7)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_refused_alone_does_not_close_the_gate_again() {
        let health = ServerHealth::new(7);
        let doubts = Cell::new(0);
        let clear = async {
            let mut key = health.key();
            loop {
                let _ = key.wait_for(|key| *key == KeyState::InDoubt).await;
                doubts.set(doubts.get() + 1);
                health.note_key(true);
            }
        };
        let reading = async {
            for _ in 0..20 {
                assert_eq!(health.read(async || Err::<(), _>(refused(403))).await, Err(refused(403)));
            }
        };
        tokio::select! {
            () = reading => assert_eq!(doubts.get(), 1),
            () = clear => {}
        }
        assert_eq!(*health.key().borrow(), KeyState::Accepted);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_asked_one_for_time_is_left_alone_by_all() {
        let health = Arc::new(ServerHealth::new(7));
        let begin = Instant::now();
        let limited =
            SeamError { retry_after: Some(Duration::from_secs(30)), ..SeamError::new(ErrorKind::Limited, "slow down") };
        assert!(health.send(async { Err::<(), _>(limited) }).await.is_err());
        assert_eq!(health.read(async || Ok(7)).await, Ok(7));
        assert!(begin.elapsed() >= Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_fails_by_itself_is_asked_three_times() {
        let health = ServerHealth::new(7);
        let asked = Cell::new(0);
        let request = async || {
            asked.set(asked.get() + 1);
            Err::<(), _>(SeamError::new(ErrorKind::Server, "a fault of its own"))
        };
        assert!(health.read(request).await.is_err());
        assert_eq!(asked.get(), READ_ATTEMPTS);
        assert!(health.outage.borrow().is_none(), "it answered");
    }
}
