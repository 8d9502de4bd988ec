//! What on the screen is older than it should be.

use jiff::Timestamp;

/// When what is shown was read, where that is longer ago than it should be; `None` where it is fresh, or where the pane
/// says itself that it was never read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    /// The lists of users and credentials, the older of them.
    pub users: Option<Timestamp>,
    /// The selected user, with its groups and credentials.
    pub guest: Option<Timestamp>,
    /// The list of groups.
    pub groups: Option<Timestamp>,
    /// The list of encoders.
    pub encoders: Option<Timestamp>,
    /// The access system, with its link.
    pub system: Option<Timestamp>,
}
