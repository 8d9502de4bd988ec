//! Carries out a call that meets a fault: decides when it is acted on and how much of its answer is sent.

use std::sync::Arc;
use std::time::Duration;

use super::calls::Release;
use super::connection::ConnectionHandle;
use super::faults::FaultEffect;
use super::refusal::Refusal;
use super::server::{CheckedCall, ServerState, act, now};

/// The end of a call: its answer, and how much of it is sent.
pub struct CallResult {
    pub answer: CallAnswer,
    pub delivery: Delivery,
}

/// The answer to a call.
pub enum CallAnswer {
    Json(Result<String, Refusal>),
    /// 502 and a page of HTML.
    BadGateway,
}

/// How much of an answer is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    Whole,
    /// Half of the body, with a `Content-Length` of that half.
    Truncated,
    /// Half of the body, then the connection is closed.
    Cut,
    /// The connection is reset.
    Reset,
}

impl CallResult {
    pub fn whole(answer: Result<String, Refusal>) -> Self {
        Self { answer: CallAnswer::Json(answer), delivery: Delivery::Whole }
    }

    fn reset() -> Self {
        Self { delivery: Delivery::Reset, ..Self::whole(Ok(String::new())) }
    }
}

/// Carries out a call that meets a fault.
pub async fn run_faulty_call(
    server: Arc<ServerState>,
    call: CheckedCall,
    effect: FaultEffect,
    connection: ConnectionHandle,
) -> CallResult {
    let refused = |status, kind: &str, message: &str| CallResult::whole(Err(Refusal::new(status, kind, message)));
    let delivered = |delivery| CallResult { delivery, ..CallResult::whole(act(&server, &call)) };
    match effect {
        FaultEffect::Refuse { status, kind, message } => refused(status, &kind, &message),
        FaultEffect::Unauthorized => refused(401, "unauthorized", "The API key has been revoked."),
        FaultEffect::RateLimit { retry_after } => {
            let refusal = Refusal::new(429, "too_many_requests", "Too many requests. Try again later.");
            CallResult::whole(Err(Refusal { retry_after: Some(retry_after), ..refusal }))
        }
        FaultEffect::ServerError { acts } => {
            act_unanswered(acts, &server, &call);
            refused(500, "internal_server_error", "Something went wrong on the server.")
        }
        FaultEffect::BadGateway { acts } => {
            act_unanswered(acts, &server, &call);
            CallResult { answer: CallAnswer::BadGateway, delivery: Delivery::Whole }
        }
        FaultEffect::Reset => CallResult::reset(),
        FaultEffect::DropAfterCommit => delivered(Delivery::Reset),
        FaultEffect::CutAnswer => delivered(Delivery::Cut),
        FaultEffect::TruncateAnswer => delivered(Delivery::Truncated),
        FaultEffect::Hold => hold(server, call, None, None).await,
        FaultEffect::Delay { by } => hold(server, call, Some(by), None).await,
        FaultEffect::HoldAnswer => {
            let answer = act(&server, &call);
            hold(server, call, None, Some(answer)).await
        }
        FaultEffect::ActLate { after } => {
            connection.reset();
            hold(server, call, after, None).await;
            CallResult::reset()
        }
        FaultEffect::BridgeDown
        | FaultEffect::EncoderGone
        | FaultEffect::CredentialDeleted
        | FaultEffect::UserDeleted => {
            server.with_hotel(|hotel| {
                hotel.advance(now());
                hotel.apply_outside_effect(&effect, &call.params);
            });
            delivered(Delivery::Whole)
        }
    }
}

/// Acts on a call whose answer is not sent, when `acts` is set.
fn act_unanswered(acts: bool, server: &ServerState, call: &CheckedCall) {
    if acts {
        // The log of calls says whether it was refused.
        let _ = act(server, call);
    }
}

/// Holds a call until it is released or `time` has passed, then acts on it. A call with an `answer` was acted on
/// before and only sends it.
async fn hold(
    server: Arc<ServerState>,
    call: CheckedCall,
    time: Option<Duration>,
    answer: Option<Result<String, Refusal>>,
) -> CallResult {
    let mut caller = Caller { server: Arc::clone(&server), number: call.number, waits: true };
    server.with_hotel(|hotel| hotel.calls.hold(call.number, now()));
    // On a task of its own, so that it goes on when its caller hangs up.
    let performed = tokio::spawn(async move {
        let outcome = match (wait_for_release(&server, call.number, time).await, answer) {
            (Release::Lose, _) => CallResult::reset(),
            (Release::GoOn, Some(answer)) => CallResult::whole(answer),
            (Release::GoOn, None) => CallResult::whole(act(&server, &call)),
        };
        server.with_hotel(|hotel| hotel.calls.remove_held(call.number));
        outcome
    });
    let performed = performed.await;
    caller.waits = false;
    performed.unwrap_or_else(|_| CallResult::reset())
}

/// The caller of a held call. The server drops it when the connection ends before the answer.
struct Caller {
    server: Arc<ServerState>,
    number: u64,
    waits: bool,
}

impl Drop for Caller {
    fn drop(&mut self) {
        if self.waits {
            self.server.with_hotel(|hotel| hotel.calls.given_up(self.number));
        }
    }
}

/// Waits until a held call is released; after `time` it releases the call itself.
async fn wait_for_release(server: &ServerState, number: u64, time: Option<Duration>) -> Release {
    let decided = server.wait_until(|hotel| hotel.calls.decided(number));
    let Some(time) = time else { return decided.await };
    if let Ok(release) = tokio::time::timeout(time, decided).await {
        return release;
    }
    server.with_hotel(|hotel| {
        // Changes nothing when it was released meanwhile.
        hotel.calls.release(Some(number), Release::GoOn);
        hotel.calls.decided(number).unwrap_or(Release::GoOn)
    })
}
