//! Compares this PC's clock with the server's, by the `Date` of the server's answers.

use jiff::{SignedDuration, Timestamp};

use super::lanes::Lanes;
use crate::component::backend_msg::BackendMsg;
use crate::component::ctx::CLOCK_TOLERANCE;
use crate::seam::client::Client;

/// How much the difference must move to be told anew: `Date` counts in whole seconds, and answers take their time.
const MOVED: SignedDuration = SignedDuration::from_secs(30);

/// Tells the program the server's time when it is first known, and again when the difference to this PC's clock moved.
/// A difference above [`CLOCK_TOLERANCE`] is logged when it begins, changes or ends. Ends with the client.
pub async fn watch_clock(client: Client, lanes: Lanes<BackendMsg>) {
    let mut ahead = client.clock_ahead();
    drop(client);
    let mut told: Option<SignedDuration> = None;
    while ahead.changed().await.is_ok() {
        let Some(now_ahead) = *ahead.borrow_and_update() else { continue };
        let has_moved = told.is_none_or(|told| (now_ahead - told).abs() > MOVED);
        if !has_moved {
            continue;
        }
        let seconds = now_ahead.as_secs();
        let is_off = |ahead: SignedDuration| ahead.abs() > CLOCK_TOLERANCE;
        if is_off(now_ahead) {
            tracing::warn!(seconds, "this PC's clock is ahead of the server's by so much");
        } else if told.is_some_and(is_off) {
            tracing::info!(seconds, "this PC's clock agrees with the server's again");
        }
        told = Some(now_ahead);
        if let Ok(server) = Timestamp::now().checked_sub(now_ahead) {
            lanes.jobs.send(BackendMsg::ServerTime(server));
        }
    }
}
