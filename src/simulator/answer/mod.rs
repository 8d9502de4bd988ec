//! The JSON shapes of the API's objects, with the fields that its contract requires.

mod credentials;
mod system;
mod users;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

pub use credentials::{credential, credential_value, scan_result};
pub use system::{attempt, encoder, entrance, event, system, workspace};
pub use users::{group, user};

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

/// A warning, an error or a mutation of an object.
fn coded_message(code_field: &str, code: &str, message: &str, since: Timestamp) -> Value {
    json!({ code_field: code, "message": message, "created_at": Stamp(since) })
}

fn warning(code: &str, message: &str, since: Timestamp) -> Value {
    coded_message("warning_code", code, message, since)
}

fn error(code: &str, message: &str, since: Timestamp) -> Value {
    coded_message("error_code", code, message, since)
}

const BEING_DELETED: &str = "Being deleted from the access system; it will be gone shortly.";
