//! Practice in a sandbox: how the next card on an encoder shall end.

use crate::seam::types::EncoderId;

/// A wish for the next encode, in sandbox workspaces only. It changes something on the server, so it is sent once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practice {
    /// The encoder whose next card ends in a chosen way.
    pub encoder: EncoderId,
    /// The code that the encode shall fail with; `None` lets it succeed.
    pub fails_with: Option<String>,
}
