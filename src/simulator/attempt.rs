//! Action attempts: what an encoder was asked to do, how it went, and what can go wrong.

use jiff::SignedDuration;
use serde_json::Value;
use uuid::Uuid;

use super::hotel::{HotelCredential, HotelUser};
use super::table::RowKey;

pub struct Attempt {
    pub id: Uuid,
    pub task: Task,
    pub forced: Option<ForcedOutcome>,
    pub state: State,
}

#[derive(Clone, Copy)]
pub enum Task {
    Encode(RowKey<HotelCredential>),
    Scan,
    ScanToAssign(RowKey<HotelUser>),
}

pub enum State {
    Pending,
    Success(Value),
    Error(Failure),
}

/// The outcome that a simulate call has fixed for an attempt before it starts.
#[derive(Clone, Copy)]
pub enum ForcedOutcome {
    Fail(Failure),
    /// An encoding succeeds whatever the encoder's state is.
    Issue,
    /// The card on the encoder holds this credential, or any that was issued.
    OnSeam {
        credential: Option<Uuid>,
        outdated: bool,
    },
    /// The card holds a credential that Seam does not know.
    Unknown,
    /// The card is blank.
    Empty,
}

/// Why an attempt ended in an error; the codes are those of the API's contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    NoCredential,
    IncompatibleFormat,
    CannotBeReissued,
    Interrupted,
    NotOnline,
    Timeout,
    Bridge,
    CredentialDeleted,
    Expired,
    Uncategorized,
    UserMissing,
    OtherHolder,
}

impl Failure {
    /// The code that the contract has for this failure of a task; it knows fewer for scans than for encodings.
    pub fn code(self, task: Task) -> &'static str {
        match (task, self) {
            (Task::Scan, Self::IncompatibleFormat)
            | (
                Task::ScanToAssign(_),
                Self::IncompatibleFormat | Self::NotOnline | Self::Timeout | Self::Bridge | Self::CredentialDeleted,
            ) => "uncategorized_error",
            _ => self.own_code(),
        }
    }

    fn own_code(self) -> &'static str {
        match self {
            Self::NoCredential => "no_credential_on_encoder",
            Self::IncompatibleFormat => "incompatible_card_format",
            Self::CannotBeReissued => "credential_cannot_be_reissued",
            Self::Interrupted => "encoding_interrupted",
            Self::NotOnline => "encoder_not_online",
            Self::Timeout => "encoder_communication_timeout",
            Self::Bridge => "bridge_disconnected",
            Self::CredentialDeleted => "credential_deleted",
            Self::Expired => "action_attempt_expired",
            Self::Uncategorized | Self::UserMissing | Self::OtherHolder => "uncategorized_error",
        }
    }

    pub fn message(self) -> &'static str {
        match self {
            Self::NoCredential => "No credential was found on the encoder.",
            Self::IncompatibleFormat => "The format of the card is not compatible with this access system.",
            Self::CannotBeReissued => "The credential was written to another card and can't be written to this one.",
            Self::Interrupted => "The card was removed from the encoder before writing was complete.",
            Self::NotOnline => "The encoder is not online.",
            Self::Timeout => "The encoder stopped answering.",
            Self::Bridge => "Seam Bridge is disconnected or can't reach the access system.",
            Self::CredentialDeleted => "The credential was deleted and can no longer be encoded.",
            Self::Expired => "The action attempt expired.",
            Self::Uncategorized => "Something unexpected went wrong.",
            Self::UserMissing => "The user of this credential does not exist on the access system.",
            Self::OtherHolder => "The credential on this card belongs to another user.",
        }
    }

    /// How long after the card was placed a fixed failure is reported.
    pub fn time(self, write_time: SignedDuration) -> SignedDuration {
        match self {
            Self::NoCredential => SignedDuration::ZERO,
            Self::Interrupted => write_time / 2,
            _ => write_time,
        }
    }

    /// The failure for an error code of the simulate calls; an unknown code is `NoCredential`.
    pub fn from_code(code: &str) -> Self {
        match code {
            "encoding_interrupted" => Self::Interrupted,
            "action_attempt_expired" => Self::Expired,
            "uncategorized_error" => Self::Uncategorized,
            _ => Self::NoCredential,
        }
    }
}
