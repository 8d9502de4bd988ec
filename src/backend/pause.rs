//! Tells the program when the server asks for a pause that a person notices.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use super::lanes::Lanes;
use crate::component::backend_msg::BackendMsg;
use crate::engine::server_health::ServerHealth;

/// A shorter pause is nothing to tell.
const NOTICED: Duration = Duration::from_secs(10);

/// Tells and logs each pause once, also where several answers in flight ask for it. Ends with the program.
pub async fn watch_pauses(health: Arc<ServerHealth>, lanes: Lanes<BackendMsg>) {
    let mut pause = health.pause();
    let mut told: Option<Instant> = None;
    // The sender lives as long as the health that is held here.
    while pause.changed().await.is_ok() {
        let wait = *pause.borrow_and_update();
        let until = Instant::now() + wait;
        if wait < NOTICED || told.is_some_and(|told| until < told + NOTICED) {
            continue;
        }
        told = Some(until);
        tracing::warn!(seconds = wait.as_secs(), "the server asks for a pause");
        lanes.jobs.send(BackendMsg::Pause(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)));
    }
}
