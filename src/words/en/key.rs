//! What is said of a key that does not work while the desk runs.

use crate::seam::key::{KeyPlace, KeyRefusal, KeyTrouble};
use crate::words::Advice;

/// The key works again.
pub const ACCEPTED: &str = "the key is accepted again";

/// A person asks whether the key works now.
pub const READING: &str = "Reading the key again.";

/// The header: "KEY NOT ACCEPTED since 10:41".
pub fn since(trouble: &KeyTrouble, hour: &str) -> String {
    let what = match trouble.why {
        KeyRefusal::NotAccepted => "KEY NOT ACCEPTED",
        KeyRefusal::Unreadable(_) => "KEY CAN'T BE READ",
        KeyRefusal::OtherWorkspace => "KEY OF ANOTHER HOTEL",
    };
    format!("{what} since {hour}")
}

/// What is wrong, and what to do.
pub fn advice(trouble: &KeyTrouble) -> Advice {
    let place = match &trouble.place {
        KeyPlace::File(path) => format!("Mend the key in {path}, then press r."),
        KeyPlace::Variable(name) => format!("It comes from ${name}: set a valid one and restart keydesk."),
    };
    match &trouble.why {
        KeyRefusal::NotAccepted => Advice::new("The server does not accept keydesk's API key.", place),
        KeyRefusal::Unreadable(why) => {
            Advice::new(format!("The old key is not accepted, and the new one can't be read. {why}"), place)
        }
        KeyRefusal::OtherWorkspace => Advice::new(
            "The key is for another workspace than the one that is shown.",
            "Start keydesk again to work there, or put a key of this workspace in its place, then press r.",
        ),
    }
}

/// The key that stands in the key's place now can't be used, and the one in use works.
pub fn not_taken(why: &KeyRefusal) -> String {
    let why = match why {
        KeyRefusal::NotAccepted => "The server does not accept the new key.",
        KeyRefusal::Unreadable(why) => why,
        KeyRefusal::OtherWorkspace => "The new key is for another workspace: start keydesk again to work there.",
    };
    format!("keydesk goes on with the key that it has. {why}")
}
