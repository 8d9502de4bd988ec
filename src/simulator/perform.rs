//! How a call that meets a fault is carried out: when it is acted on, and what its caller gets to see.

use std::sync::Arc;
use std::time::Duration;

use super::calls::Release;
use super::faults::Effect;
use super::refusal::Refusal;
use super::server::{Received, Shop, act, now};
use super::wire::Line;

/// What a call comes to.
pub struct Outcome {
    pub answer: Answer,
    pub delivery: Delivery,
}

/// What is answered.
pub enum Answer {
    Json(Result<String, Refusal>),
    /// 502 and a page of HTML.
    BadGateway,
}

/// How much of an answer its caller gets to see.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    Whole,
    /// Half of the body, as if that were all.
    Truncated,
    /// Half of the body, then the connection is closed.
    Cut,
    /// The connection is reset.
    Reset,
}

impl Outcome {
    pub fn whole(answer: Result<String, Refusal>) -> Self {
        Self { answer: Answer::Json(answer), delivery: Delivery::Whole }
    }

    fn reset() -> Self {
        Self { delivery: Delivery::Reset, ..Self::whole(Ok(String::new())) }
    }
}

/// Carries a call out that meets a fault.
pub async fn perform(shop: Arc<Shop>, call: Received, effect: Effect, line: Line) -> Outcome {
    let refused = |status, kind: &str, message: &str| Outcome::whole(Err(Refusal::new(status, kind, message)));
    let delivered = |delivery| Outcome { delivery, ..Outcome::whole(act(&shop, &call)) };
    match effect {
        Effect::Refuse { status, kind, message } => refused(status, &kind, &message),
        Effect::Unauthorized => refused(401, "unauthorized", "The API key has been revoked."),
        Effect::RateLimit { retry_after } => {
            let refusal = Refusal::new(429, "too_many_requests", "Too many requests. Try again later.");
            Outcome::whole(Err(Refusal { retry_after: Some(retry_after), ..refusal }))
        }
        Effect::ServerError { acts } => {
            act_if(acts, &shop, &call);
            refused(500, "internal_server_error", "Something went wrong on the server.")
        }
        Effect::BadGateway { acts } => {
            act_if(acts, &shop, &call);
            Outcome { answer: Answer::BadGateway, delivery: Delivery::Whole }
        }
        Effect::Reset => Outcome::reset(),
        Effect::DropAfterCommit => delivered(Delivery::Reset),
        Effect::CutAnswer => delivered(Delivery::Cut),
        Effect::TruncateAnswer => delivered(Delivery::Truncated),
        Effect::Hold => hold(shop, call, None, None).await,
        Effect::Delay { by } => hold(shop, call, Some(by), None).await,
        Effect::HoldAnswer => {
            let answer = act(&shop, &call);
            hold(shop, call, None, Some(answer)).await
        }
        Effect::ActLate { after } => {
            line.reset();
            hold(shop, call, after, None).await;
            Outcome::reset()
        }
        Effect::BridgeDown | Effect::EncoderGone | Effect::CredentialDeleted | Effect::UserDeleted => {
            shop.change(|world| {
                world.advance(now());
                world.befall(&effect, &call.params);
            });
            delivered(Delivery::Whole)
        }
    }
}

/// Acts on a call whose answer nobody will see.
fn act_if(acts: bool, shop: &Shop, call: &Received) {
    if acts {
        // The log of calls says whether it was refused.
        let _ = act(shop, call);
    }
}

/// Holds a call until it is released or its time has come; then it is acted on, unless it was before. `answer` is the
/// answer of a call that was acted on.
async fn hold(
    shop: Arc<Shop>,
    call: Received,
    time: Option<Duration>,
    answer: Option<Result<String, Refusal>>,
) -> Outcome {
    let mut caller = Caller { shop: Arc::clone(&shop), number: call.number, waits: true };
    shop.change(|world| world.calls.hold(call.number, now()));
    // On a task of its own, so that it goes on when its caller hangs up.
    let performed = tokio::spawn(async move {
        let outcome = match (released(&shop, call.number, time).await, answer) {
            (Release::Lose, _) => Outcome::reset(),
            (Release::GoOn, Some(answer)) => Outcome::whole(answer),
            (Release::GoOn, None) => Outcome::whole(act(&shop, &call)),
        };
        shop.change(|world| world.calls.gone_on(call.number));
        outcome
    });
    let performed = performed.await;
    caller.waits = false;
    performed.unwrap_or_else(|_| Outcome::reset())
}

/// The caller of a held call. Dropped while it waits, it has gone.
struct Caller {
    shop: Arc<Shop>,
    number: u64,
    waits: bool,
}

impl Drop for Caller {
    fn drop(&mut self) {
        if self.waits {
            self.shop.change(|world| world.calls.given_up(self.number));
        }
    }
}

/// What is decided about a held call: it goes on by itself when its time has come.
async fn released(shop: &Shop, number: u64, time: Option<Duration>) -> Release {
    let decided = shop.until(|world| world.calls.decided(number));
    let Some(time) = time else { return decided.await };
    if let Ok(release) = tokio::time::timeout(time, decided).await {
        return release;
    }
    shop.change(|world| {
        // Nothing happens if someone else was faster.
        world.calls.release(Some(number), Release::GoOn);
        world.calls.decided(number).unwrap_or(Release::GoOn)
    })
}
