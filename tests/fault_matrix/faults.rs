//! What can go wrong with a call, as the client tells it. A fault strikes the first call of its kind.

use std::time::Duration;

use keydesk::seam::error::{ErrorKind, SeamError};

use crate::support::fake_api::{Deed, Fault, PATIENCE, error};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn status(status: u16, kind: ErrorKind, message: &str) -> SeamError {
    SeamError { status: Some(status), ..SeamError::new(kind, message) }
}

/// All faults that this call can meet, by name; one without an effect is the call that goes well.
pub fn faults(call: &str) -> Vec<(&'static str, Option<Fault>)> {
    let limited = SeamError { retry_after: Some(seconds(20)), ..status(429, ErrorKind::Limited, "too many requests") };
    let cut = status(200, ErrorKind::Broken, "the connection broke: the body ended early");
    let gateway = status(502, ErrorKind::Server, "the server failed (HTTP 502)");
    let key = status(401, ErrorKind::Unauthorized, "the server does not accept the key (HTTP 401)");
    let mut faults = vec![
        ("no fault", None),
        ("refused", Some(Fault::Refuse("invalid_input"))),
        ("reset before acting", Some(Fault::Fail(error(ErrorKind::Broken)))),
        ("acted, then reset", Some(Fault::DoneBut(error(ErrorKind::Broken)))),
        ("never connected", Some(Fault::Fail(error(ErrorKind::Unreachable)))),
        ("held, released before the client gives up", Some(Fault::Slow(seconds(29)))),
        ("held, released after the client gave up", Some(Fault::Slow(PATIENCE + seconds(2)))),
        ("held, released long after the client gave up", Some(Fault::Slow(PATIENCE + seconds(20)))),
        ("the answer is held until the client gave up", Some(Fault::SlowAnswer(PATIENCE + seconds(1)))),
        ("delayed 5 s", Some(Fault::Slow(seconds(5)))),
        ("acts 5 s late", Some(Fault::Late(seconds(5)))),
        ("acts 25 s late", Some(Fault::Late(seconds(25)))),
        ("cut mid-answer", Some(Fault::DoneBut(cut))),
        ("truncated JSON", Some(Fault::DoneBut(status(200, ErrorKind::Unreadable, "the answer is no JSON object")))),
        ("429", Some(Fault::Fail(limited))),
        ("500 before acting", Some(Fault::Fail(status(500, ErrorKind::Server, "oops")))),
        ("500 after acting", Some(Fault::DoneBut(status(500, ErrorKind::Server, "oops")))),
        ("502 with HTML before acting", Some(Fault::Fail(gateway.clone()))),
        ("502 with HTML after acting", Some(Fault::DoneBut(gateway))),
        ("401 for 40 s", Some(Fault::Down(key, seconds(40)))),
        ("the line is down for 40 s", Some(Fault::Down(error(ErrorKind::Unreachable), seconds(40)))),
    ];
    // At the moment between the look and the call, and right after the call.
    for (before, after, deed) in [
        ("the bridge goes down before it, for 30 s", "the bridge goes down after it, for 30 s", BRIDGE),
        ("the credential is deleted before it", "the credential is deleted after it", Deed::CredentialDeleted),
        ("the user is deleted before it", "the user is deleted after it", Deed::UserDeleted),
    ] {
        // Before the user is created nothing of it can be deleted.
        if call != "create_user" || matches!(deed, Deed::BridgeDown(_)) {
            faults.push((before, Some(Fault::Before(deed))));
        }
        faults.push((after, Some(Fault::After(deed))));
    }
    if call == "encode" {
        faults.push(("refused, there is no such encoder", Some(Fault::Refuse("acs_encoder_not_found"))));
        faults.push(("the encoder is gone before it", Some(Fault::Before(Deed::EncoderGone))));
        faults.push(("the encoder is gone after it", Some(Fault::After(Deed::EncoderGone))));
    }
    faults
}

const BRIDGE: Deed = Deed::BridgeDown(seconds(30));

/// Whether someone else may take the user away.
pub fn takes_the_user(fault: Option<&Fault>) -> bool {
    matches!(fault, Some(Fault::Before(Deed::UserDeleted) | Fault::After(Deed::UserDeleted)))
}
