//! The JSON shapes of the API's objects, with the fields that its contract requires.

mod house;
mod keys;
mod people;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

pub use house::{attempt, encoder, entrance, event, system, workspace};
pub use keys::{credential, credential_value, scan_result};
pub use people::{group, user};

/// A time as the API writes it: UTC with milliseconds.
#[derive(Clone, Copy)]
pub struct Stamp(pub Timestamp);

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

fn stamp(time: Option<Timestamp>) -> Option<Stamp> {
    time.map(Stamp)
}

/// A warning or an error that hangs on an object.
fn note(code_field: &str, code: &str, message: &str, since: Timestamp) -> Value {
    json!({ code_field: code, "message": message, "created_at": Stamp(since) })
}

fn warning(code: &str, message: &str, since: Timestamp) -> Value {
    note("warning_code", code, message, since)
}

fn error(code: &str, message: &str, since: Timestamp) -> Value {
    note("error_code", code, message, since)
}

const BEING_DELETED: &str = "Being deleted from the access system; it will be gone shortly.";
