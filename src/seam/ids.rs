//! The ids that Seam's API knows things by: each kind a type of its own, so that no two are mixed up.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::lenient::clean;

macro_rules! id {
    ($(#[$doc:meta] $name:ident),* $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as the API wrote it: what goes back to the server. Not always a UUID, nor fit for a screen.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        /// For a screen: without what could steer a terminal.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&clean(&self.0))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
                output.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                Ok(Self(String::deserialize(input)?.into()))
            }
        }
    )*};
}

id! {
    /// Id of an access control system (`acs_system_id`).
    SystemId,
    /// Id of an access system user (`acs_user_id`).
    UserId,
    /// Id of an access group (`acs_access_group_id`).
    GroupId,
    /// Id of a credential (`acs_credential_id`).
    CredentialId,
    /// Id of a card encoder (`acs_encoder_id`).
    EncoderId,
    /// Id of an entrance (`acs_entrance_id`).
    EntranceId,
    /// Id of an action attempt (`action_attempt_id`).
    AttemptId,
    /// Id of an event (`event_id`).
    EventId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_goes_back_as_it_came_and_shows_clean() {
        let id: UserId = serde_json::from_str(r#""a\u001b[2Jb""#).unwrap();
        assert_eq!(id.as_str(), "a\u{1b}[2Jb");
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""a\u001b[2Jb""#);
        assert_eq!(format!("{id:>7}"), "  a[2Jb");
    }
}
