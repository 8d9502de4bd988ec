//! Follows the action attempts of all encoders with one request for all of them, as long as the server says that they
//! are pending. There is no request while none is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::api::Api;
use super::server_health::ServerHealth;
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::retry::Backoff;
use crate::seam::types::{ActionAttempt, AttemptId, AttemptStatus};

/// Who wants to know how an attempt ends.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) attempt: AttemptId,
    /// Gets the attempt when it ended, or why it can't be followed.
    pub(super) reply: oneshot::Sender<Result<ActionAttempt, SeamError>>,
}

/// How long after the start of the youngest attempt the server is asked how often: a person waits at the beginning,
/// and after a while nobody stands there.
const PACE: [(Duration, Duration); 3] = [
    (Duration::from_secs(3), Duration::from_millis(300)),
    (Duration::from_secs(60), Duration::from_millis(500)),
    (Duration::from_secs(600), Duration::from_secs(1)),
];
const SLOW: Duration = Duration::from_secs(2);

/// While the server can't be reached. Short, so that a written card is seen soon after it is back.
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(10), attempts: None };

/// How long it is until it is looked again whether a refused key works, which costs no request.
const KEY_REST: Duration = Duration::from_secs(1);

/// After so many answers in a row that lack an attempt the server is believed not to know it.
const MISSING: u32 = 10;

struct Followed {
    since: Instant,
    missing: u32,
    reply: oneshot::Sender<Result<ActionAttempt, SeamError>>,
}

/// Follows what comes through the channel until the channel closes.
pub(super) async fn watch<A: Api>(api: Arc<A>, health: Arc<ServerHealth>, mut wishes: mpsc::UnboundedReceiver<Watch>) {
    let mut followed: BTreeMap<AttemptId, Followed> = BTreeMap::new();
    let mut failures = 0;
    let mut due = Instant::now();
    loop {
        followed.retain(|_, one| !one.reply.is_closed());
        let wish =
            if followed.is_empty() { Some(wishes.recv().await) } else { timeout_at(due, wishes.recv()).await.ok() };
        match wish {
            Some(None) => return,
            Some(Some(Watch { attempt, reply })) => {
                let now = Instant::now();
                let soon = now + PACE[0].1;
                if followed.is_empty() {
                    failures = 0;
                    due = soon;
                } else if failures == 0 {
                    due = due.min(soon);
                }
                followed.insert(attempt, Followed { since: now, missing: 0, reply });
            }
            None if health.key_is_refused() => due = Instant::now() + KEY_REST,
            None => match read_attempts(&*api, &health, &followed).await {
                Ok(attempts) => {
                    failures = 0;
                    report_ended(&mut followed, attempts);
                    due = Instant::now() + pace(&followed);
                }
                Err(error) => {
                    failures += 1;
                    let wait = BACKOFF.wait(failures, &error, health.jitter()).unwrap_or(BACKOFF.longest);
                    due = Instant::now() + wait;
                }
            },
        }
    }
}

async fn read_attempts<A: Api>(
    api: &A,
    health: &ServerHealth,
    followed: &BTreeMap<AttemptId, Followed>,
) -> Result<Vec<ActionAttempt>, SeamError> {
    let ids: Vec<AttemptId> = followed.keys().cloned().collect();
    match health.send(api.attempts(&ids)).await {
        // A server that refuses the whole list for one id that it does not know is asked for each alone.
        Err(error) if error.is_gone() => {
            let mut attempts = Vec::new();
            for id in ids {
                match health.send(api.attempts(std::slice::from_ref(&id))).await {
                    Ok(found) => attempts.extend(found),
                    Err(error) if error.is_gone() => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(attempts)
        }
        result => result,
    }
}

/// Gives each attempt that ended to who follows it.
fn report_ended(followed: &mut BTreeMap<AttemptId, Followed>, attempts: Vec<ActionAttempt>) {
    for one in followed.values_mut() {
        one.missing += 1;
    }
    for attempt in attempts {
        let id = &attempt.action_attempt_id;
        if attempt.status == AttemptStatus::Pending {
            if let Some(one) = followed.get_mut(id) {
                one.missing = 0;
            }
        } else if let Some(one) = followed.remove(id) {
            // Who asked may be gone: then nobody needs it.
            let _ = one.reply.send(Ok(attempt));
        }
    }
    let lost: Vec<AttemptId> =
        followed.iter().filter(|(_, one)| one.missing >= MISSING).map(|(id, _)| id.clone()).collect();
    for id in lost {
        if let Some(one) = followed.remove(&id) {
            let error = SeamError::new(ErrorKind::NotFound, "the server does not know the action attempt any more");
            let _ = one.reply.send(Err(error));
        }
    }
}

fn pace(followed: &BTreeMap<AttemptId, Followed>) -> Duration {
    let youngest = followed.values().map(|one| one.since.elapsed()).min().unwrap_or_default();
    PACE.iter().find(|(age, _)| youngest < *age).map_or(SLOW, |(_, pace)| *pace)
}
