//! What the codes of the API mean. Nothing else compares a code: what has a meaning for the desk has a name here, and
//! what has none is kept as the server wrote it.

use crate::seam::types::{AttemptError, Credential, Notice, System};

/// Makes an enum of codes: each name with the ways in which servers write it, the first being the contract's.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$meaning:meta])* $code:ident = $text:literal $(| $also:literal)*,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$meaning])* $code,)*
            /// A code that this version knows no meaning of, as the server wrote it.
            Other(String),
        }

        impl $name {
            /// Every way in which a code that has a meaning is written.
            pub const KNOWN: &[&str] = &[$($text, $($also,)*)*];

            /// The code as the contract writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$code => $text,)*
                    Self::Other(code) => code,
                }
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                match code {
                    $($text $(| $also)* => Self::$code,)*
                    _ => Self::Other(code.to_owned()),
                }
            }
        }
    };
}

codes! {
    /// Why an action attempt at an encoder failed (`action_attempt.error.type`).
    AttemptCode {
        /// No card lay on the encoder.
        NoCard = "no_credential_on_encoder" | "no_card_on_encoder",
        /// The card was lifted before it was written.
        Interrupted = "encoding_interrupted",
        /// The card is of a kind that this key system can't write.
        WrongFormat = "incompatible_card_format",
        /// The credential is on another card than the one that lies there.
        CannotBeReissued = "credential_cannot_be_reissued",
        /// The credential was deleted meanwhile.
        CredentialDeleted = "credential_deleted",
        /// The encoder is not connected.
        EncoderOffline = "encoder_not_online",
        /// The encoder did not answer in time.
        EncoderTimeout = "encoder_communication_timeout",
        /// Seam's bridge, or its way to the key system, is down.
        BridgeDown = "bridge_disconnected",
        /// The attempt was pending for longer than the server keeps one.
        Expired = "action_attempt_expired",
        /// The server names no reason.
        Uncategorized = "uncategorized_error",
    }
}

codes! {
    /// An error, a warning or a change on its way that Seam keeps on an object (`errors[]`, `warnings[]`,
    /// `pending_mutations[]`). One enum for all kinds of objects, since many share a code.
    NoticeCode {
        /// System: Seam's bridge, or its way to the key system, is down.
        BridgeDown = "seam_bridge_disconnected" | "bridge_disconnected",
        /// System: it can't be reached.
        SystemDown = "acs_system_disconnected",
        /// System: its account must be connected anew in Seam.
        AccountDisconnected = "account_disconnected",
        /// System: the service of its maker does not answer.
        ServiceUnavailable = "provider_service_unavailable",
        /// System: something is still to be set up.
        SetupRequired = "setup_required",
        /// System: its time zone is not that of its place.
        ZoneDoesNotFit = "time_zone_does_not_match_location",
        /// Encoder: the key system does not have it any more.
        EncoderRemoved = "acs_encoder_removed",
        /// User: someone deleted it in the key system.
        DeletedExternally = "deleted_externally",
        /// User, group: the key system did not take the creation.
        CreationFailed = "failed_to_create_on_acs_system",
        /// User: the key system did not take the last change.
        UpdateFailed = "failed_to_update_on_acs_system",
        /// User: the key system did not take the deletion.
        DeletionFailed = "failed_to_delete_on_acs_system",
        /// Any: it counts as gone.
        BeingDeleted = "being_deleted" | "deleting",
        /// User: not active in the key system.
        UserInactive = "acs_user_inactive",
        /// Credential: never written to a card.
        NeverWritten = "waiting_to_be_issued",
        /// Credential: access changed since the card was written.
        LacksChange = "needs_to_be_reissued",
        /// Credential: its dates were changed by someone else.
        ScheduleModified = "schedule_modified" | "schedule_externally_modified",
        /// User, credential, group: a fault that is not named.
        UnknownIssue = "unknown_issue_with_acs_user"
            | "unknown_issue_with_acs_credential"
            | "unknown_issue_with_acs_access_group",
        /// User, group: the creation is on its way.
        Creating = "creating" | "deferring_creation",
        /// User, group: a change of name, contact or dates is on its way.
        Updating = "updating_user_information" | "updating_group_information" | "updating_access_schedule",
        /// User: the suspension, or its end, is on its way.
        UpdatingSuspension = "updating_suspension_state",
        /// User, group: who is in which group is on its way.
        UpdatingMembership = "updating_group_membership"
            | "deferring_group_membership_update"
            | "updating_user_membership"
            | "updating_entrance_membership"
            | "deferring_user_membership_update",
        /// User: whose a credential is is on its way.
        UpdatingCredential = "updating_credential_assignment",
        /// Group: it will be deleted.
        DeletionDeferred = "deferring_deletion",
        /// Entrance: it shares its zone with another.
        SharesZone = "entrance_shares_zone",
        /// Entrance: something is still to be set up.
        EntranceSetupRequired = "entrance_setup_required",
        /// Entrance: locked from inside.
        PrivacyMode = "privacy_mode",
        /// Scan result: the card holds something else than the system has.
        CardOutOfSync = "acs_credential_on_encoder_out_of_sync",
        /// Scan result: the system does not have what the card holds.
        CardNotFound = "acs_credential_on_seam_not_found",
    }
}

codes! {
    /// What an event tells (`event_type`), as far as it says that something must be read.
    EventCode {
        /// A user was created.
        UserCreated = "acs_user.created",
        /// A user is gone.
        UserDeleted = "acs_user.deleted",
        /// A credential was written to a card for the first time.
        CredentialIssued = "acs_credential.issued",
        /// A credential was written to its card once more.
        CredentialReissued = "acs_credential.reissued",
        /// A credential is gone.
        CredentialDeleted = "acs_credential.deleted",
        /// A credential's card opens nothing any more.
        CredentialInvalidated = "acs_credential.invalidated",
        /// An encoder was connected to the key system.
        EncoderAdded = "acs_encoder.added",
        /// The key system does not have an encoder any more.
        EncoderRemoved = "acs_encoder.removed",
        /// There is a new entrance.
        EntranceAdded = "acs_entrance.added",
        /// An entrance is gone.
        EntranceRemoved = "acs_entrance.removed",
        /// A group is gone.
        GroupDeleted = "acs_access_group.deleted",
        /// The workspace has another access system.
        SystemAdded = "acs_system.added",
        /// The link to the key system is up.
        SystemConnected = "acs_system.connected",
        /// The link to the key system is down.
        SystemDisconnected = "acs_system.disconnected",
    }
}

impl NoticeCode {
    /// Whether it says that the access system, or the way to it, is down.
    pub fn is_link_down(&self) -> bool {
        matches!(self, Self::BridgeDown | Self::SystemDown | Self::AccountDisconnected | Self::ServiceUnavailable)
    }
}

impl AttemptCode {
    /// Whether the encoder itself does not answer.
    pub fn is_encoder_silent(&self) -> bool {
        matches!(self, Self::EncoderOffline | Self::EncoderTimeout)
    }

    /// Whether the encoder answered, as far as the failure tells; `None` where it does not tell.
    pub fn encoder_answered(&self) -> Option<bool> {
        match self {
            Self::NoCard | Self::Interrupted | Self::WrongFormat | Self::CannotBeReissued => Some(true),
            Self::EncoderOffline | Self::EncoderTimeout | Self::BridgeDown => Some(false),
            // What was pending for too long may have been so anywhere.
            Self::Expired | Self::CredentialDeleted | Self::Uncategorized | Self::Other(_) => None,
        }
    }
}

impl From<&AttemptError> for AttemptCode {
    fn from(error: &AttemptError) -> Self {
        Self::from(error.code.as_str())
    }
}

impl From<&Notice> for NoticeCode {
    fn from(notice: &Notice) -> Self {
        Self::from(notice.code.as_str())
    }
}

/// Whether the server says that access changed since the card was written.
pub fn lacks_change(card: &Credential) -> bool {
    card.warnings.iter().any(|warning| NoticeCode::from(warning) == NoticeCode::LacksChange)
}

codes! {
    /// The make of an access system (`external_type`).
    SystemMake {
        /// Salto ProAccess Space: the one whose users and cards keydesk knows how to make.
        SaltoSpace = "salto_space_system" | "salto_space",
    }
}

/// Whether a system is named as Salto ProAccess Space.
pub fn is_salto_space(system: &System) -> bool {
    system.external_type.as_deref().map(SystemMake::from) == Some(SystemMake::SaltoSpace)
}

/// Whether guests and cards may be made in a system. A server that names no make is taken at its word that it has one
/// that fits; a make that is not known works by other rules, so that a card from here would be wrong.
pub fn is_supported(system: &System) -> bool {
    system.external_type.is_none() || is_salto_space(system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_by_all_its_names_and_an_unknown_one_is_kept() {
        assert_eq!(AttemptCode::from("no_card_on_encoder"), AttemptCode::NoCard);
        assert_eq!(AttemptCode::NoCard.as_str(), "no_credential_on_encoder");
        assert_eq!(AttemptCode::from("out_of_ink"), AttemptCode::Other("out_of_ink".into()));
        assert_eq!(AttemptCode::from("out_of_ink").as_str(), "out_of_ink");
        assert!(AttemptCode::KNOWN.iter().all(|code| !matches!(AttemptCode::from(*code), AttemptCode::Other(_))));
        assert!(EventCode::KNOWN.iter().all(|code| !matches!(EventCode::from(*code), EventCode::Other(_))));
        assert!(NoticeCode::KNOWN.iter().all(|code| !matches!(NoticeCode::from(*code), NoticeCode::Other(_))));
    }
}
