//! The line to the server: reads are repeated, an outage is told once, and one task tries until it is over.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::backend::lanes::Lanes;
use crate::component::backend_msg::BackendMsg;
use crate::seam::client::Client;
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::retry::Backoff;

/// How often a server that fails by itself is asked again before the failure is told.
const PATIENCE: u32 = 3;

/// How many outages one question sits through before its failure is told.
const OUTAGES: u32 = 3;

/// The state of the line, shared by all questions.
pub struct Line {
    client: Client,
    lanes: Lanes<BackendMsg>,
    up: Arc<watch::Sender<bool>>,
}

impl Line {
    /// A line that is believed to be up.
    pub fn new(client: Client, lanes: Lanes<BackendMsg>) -> Self {
        Self { client, lanes, up: Arc::new(watch::Sender::new(true)) }
    }

    /// Asks until an answer comes: over an outage it waits, a server that fails is given a few chances. For calls
    /// that only read.
    ///
    /// # Errors
    /// The last error, when the server refuses, fails too often, or goes away too often.
    pub async fn read<T, F, A>(&self, ask: F) -> Result<T, SeamError>
    where
        F: Fn() -> A,
        A: Future<Output = Result<T, SeamError>>,
    {
        let backoff = Backoff { attempts: Some(PATIENCE), ..Backoff::default() };
        let (mut failures, mut outages) = (0, 0);
        loop {
            let error = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if is_outage(&error) && outages < OUTAGES {
                outages += 1;
                self.is_down(&error);
                self.until_up().await;
                continue;
            }
            failures += 1;
            match backoff.wait(failures, &error, random()) {
                Some(wait) => sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    /// Some call found the line down: it is told once, and tried until it is up. For anyone, also the engine; what is
    /// no outage is no news. Must be called on a runtime.
    pub fn is_down(&self, error: &SeamError) {
        if !is_outage(error) {
            return;
        }
        let was_up = self.up.send_replace(false);
        if !was_up {
            return;
        }
        tracing::warn!(kind = ?error.kind, "the line is down");
        self.lanes.jobs.send(BackendMsg::Server(Some(error.clone())));
        let (client, lanes, up, error) = (self.client.clone(), self.lanes.clone(), Arc::clone(&self.up), error.clone());
        tokio::spawn(async move {
            let backoff = Backoff { longest: Duration::from_secs(10), ..Backoff::default() };
            let mut failures = 0;
            let mut error = error;
            loop {
                failures += 1;
                sleep(backoff.wait(failures, &error, random()).unwrap_or(backoff.longest)).await;
                match client.workspace_get().await {
                    Err(again) if is_outage(&again) => error = again,
                    // Any answer shows that the line works, also a refusal.
                    _ => break,
                }
            }
            tracing::info!("the line is up");
            up.send_replace(true);
            lanes.jobs.send(BackendMsg::Server(None));
        });
    }

    async fn until_up(&self) {
        let mut up = self.up.subscribe();
        // The sender lives as long as this line.
        let _ = up.wait_for(|up| *up).await;
    }
}

fn is_outage(error: &SeamError) -> bool {
    matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Broken | ErrorKind::TimedOut)
}

fn random() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}
