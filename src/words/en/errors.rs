//! What an error means and what mends it, in the operator's language.

use crate::domain::codes::{AttemptCode, NoticeCode};
use crate::seam::error::{ErrorCause, ErrorKind, SeamError};
use crate::seam::types::{AttemptError, Notice};
use crate::words::Advice;

/// Why a call gave nothing, and what to do, in one line.
pub fn sentence(error: &SeamError) -> String {
    advice(error).to_string()
}

/// Why a call gave nothing, and what to do.
pub fn advice(error: &SeamError) -> Advice {
    if let Some(cause) = &error.cause {
        return caused_by(cause);
    }
    match error.kind {
        ErrorKind::Unreachable => {
            Advice::fixed("The server can't be reached.", "Check this PC's network and the server's address.")
        }
        ErrorKind::Broken => Advice::fixed("The connection broke.", "If it goes on, check this PC's network."),
        ErrorKind::TimedOut => {
            Advice::fixed("The server did not answer in time.", "If it goes on, check this PC's network.")
        }
        ErrorKind::Unreadable => Advice::fixed(
            "The server's answer can't be read.",
            "Whoever looks after keydesk must check the server's address, and what stands between.",
        ),
        ErrorKind::Unauthorized if error.status == Some(403) => Advice::fixed(
            "The server refuses that to keydesk's API key.",
            "Whoever looks after keydesk must give the key the right to it, or set one that has it.",
        ),
        ErrorKind::Unauthorized => Advice::fixed(
            "The server does not accept keydesk's API key.",
            "Whoever looks after keydesk must set a valid one.",
        ),
        ErrorKind::NotFound if error.code.is_empty() => Advice::fixed(
            "This server does not offer that.",
            "Whoever looks after keydesk must check the server's address.",
        ),
        ErrorKind::Limited => match error.retry_after.map(|wait| wait.as_secs()) {
            Some(seconds @ 90..) => Advice::new(
                format!("The server asks for a pause of {} minutes.", seconds.div_ceil(60)),
                "keydesk goes on by itself after that.",
            ),
            _ => Advice::fixed("The server asks for a pause.", "Wait a minute: keydesk goes on by itself."),
        },
        ErrorKind::Server => {
            Advice::fixed("The server has a fault of its own.", "If it goes on, tell whoever looks after keydesk.")
        }
        ErrorKind::NotFound | ErrorKind::Refused => {
            Advice::new(refused(error), "If it is not clear why, tell whoever looks after keydesk.")
        }
    }
}

/// The same in a few words, for the header.
pub fn short(error: &SeamError) -> &'static str {
    match (&error.cause, error.kind) {
        (Some(ErrorCause::NameNotFound), _) => "name not found",
        (Some(ErrorCause::ConnectionRefused), _) => "connection refused",
        (Some(ErrorCause::ConnectTimedOut), _) => "nothing answers",
        (Some(ErrorCause::CertificateNotTrusted), _) => "certificate not trusted",
        (Some(ErrorCause::CertificateWrongName), _) => "certificate of another name",
        (Some(ErrorCause::CertificateExpired), _) => "certificate not valid today",
        (Some(ErrorCause::ProxyLogin), _) => "proxy wants a login",
        (Some(ErrorCause::Redirected(_)), _) => "server sends elsewhere",
        (Some(ErrorCause::ListCut), _) => "list not complete",
        (None, ErrorKind::Unreachable) => "can't be reached",
        (None, ErrorKind::Broken) => "connection broke",
        (None, ErrorKind::TimedOut) => "no answer in time",
        (None, ErrorKind::Unreadable) => "answer can't be read",
        (None, ErrorKind::Unauthorized) => "key not accepted",
        (None, ErrorKind::NotFound) => "not offered",
        (None, ErrorKind::Limited) => "server asks for a pause",
        (None, ErrorKind::Refused) => "refused",
        (None, ErrorKind::Server) => "server has a fault",
    }
}

/// What caused an error, and what mends it.
fn caused_by(cause: &ErrorCause) -> Advice {
    match cause {
        ErrorCause::NameNotFound => Advice::fixed(
            "The server's name can't be looked up.",
            "Check this PC's network and name service, and the server's address in the configuration.",
        ),
        ErrorCause::ConnectionRefused => Advice::fixed(
            "The server refuses connections.",
            "Nothing listens at that address: check it in the configuration, or wait until the server runs again.",
        ),
        ErrorCause::ConnectTimedOut => Advice::fixed(
            "The server can't be reached: nothing answers.",
            "Check this PC's network, and whether a firewall lets keydesk out.",
        ),
        ErrorCause::CertificateNotTrusted => Advice::fixed(
            "The server's certificate is not trusted.",
            "If the hotel's network puts one of its own in between, name its authority's file in SSL_CERT_FILE.",
        ),
        ErrorCause::CertificateWrongName => Advice::fixed(
            "The server's certificate is for another name.",
            "Check the server's address in the configuration: something else answers there.",
        ),
        ErrorCause::CertificateExpired => Advice::fixed(
            "The server's certificate is not valid today.",
            "Check this PC's date and time; if they are right, the server needs a new certificate.",
        ),
        ErrorCause::ProxyLogin => Advice::fixed(
            "A proxy wants a login.",
            "Whoever looks after the network must put one into HTTPS_PROXY, or let keydesk pass without.",
        ),
        ErrorCause::ListCut => Advice::fixed(
            "The list is not complete: the server does not say how it goes on.",
            "What is here can be used; tell whoever looks after keydesk.",
        ),
        ErrorCause::Redirected(to) => Advice::new(
            format!("The server sends keydesk on to {to}."),
            "keydesk does not follow: check the server's address in the configuration.",
        ),
    }
}

fn refused(error: &SeamError) -> String {
    let mut said = end_of_sentence(&error.message);
    for (parameter, messages) in &error.validation {
        said.push(' ');
        said.push_str(&end_of_sentence(&format!("{parameter}: {}", messages.join(", "))));
    }
    format!("The server refused: {said}")
}

fn end_of_sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// The technical side of an error: type, status, request id. For the support, one key away.
pub fn details(error: &SeamError) -> Vec<String> {
    let mut lines = Vec::new();
    if !error.code.is_empty() {
        lines.push(format!("type {}", error.code));
    }
    if let Some(status) = error.status {
        lines.push(format!("HTTP status {status}"));
    }
    if let Some(id) = &error.request_id {
        lines.push(format!("request id {id}"));
    }
    if !error.message.is_empty() {
        lines.push(format!("message {}", error.message));
    }
    lines
}

/// What a failed encode attempt says in the block: the state in capitals, and what to do.
pub fn attempt(error: &AttemptError, encoder: &str, own_card: bool) -> Advice {
    let place = encoder.to_uppercase();
    let card = if own_card { "the guest's own card" } else { "a blank card" };
    match AttemptCode::from(error) {
        AttemptCode::NoCard => {
            Advice::new(format!("NO CARD WAS ON {place}"), format!("lay {card} flat on it, then try again"))
        }
        AttemptCode::Interrupted => {
            Advice::fixed("LIFTED TOO EARLY", "put the same card back, try again, and leave it until WRITTEN")
        }
        AttemptCode::WrongFormat => {
            Advice::fixed("WRONG TYPE OF CARD", "take a card from this hotel's stock, then try again")
        }
        AttemptCode::CannotBeReissued if own_card => Advice::fixed(
            "NOT ON THIS CARD",
            "is it really the guest's own card? If it is another, try again with the right one; if it is, replace it",
        ),
        AttemptCode::CannotBeReissued => {
            Advice::fixed("CAN'T BE WRITTEN AGAIN", "this credential is on another card: replace the card")
        }
        AttemptCode::CredentialDeleted => {
            Advice::fixed("CREDENTIAL DELETED MEANWHILE", "someone deleted it: create a new one")
        }
        AttemptCode::EncoderOffline | AttemptCode::EncoderTimeout => {
            let remedy = "check cable, power and network, or use another encoder";
            Advice::new(format!("{place} DOES NOT ANSWER"), remedy)
        }
        AttemptCode::BridgeDown => Advice::fixed(
            "KEY SYSTEM LINK DOWN",
            "the bridge PC must run and reach the key system; try again when it is back",
        ),
        AttemptCode::Expired => Advice::fixed("IT TOOK TOO LONG", "the encoder gave up: try again"),
        AttemptCode::Uncategorized | AttemptCode::Other(_) => {
            let said = error.message.as_deref().map(|message| format!("{} ", end_of_sentence(message)));
            Advice::new("NOT WRITTEN", format!("{}Try again, or use another encoder.", said.unwrap_or_default()))
        }
    }
}

/// A short form of a failed attempt for one line, for example in the activity.
pub fn attempt_short(code: &AttemptCode) -> &'static str {
    match code {
        AttemptCode::NoCard => "no card",
        AttemptCode::Interrupted => "lifted too early",
        AttemptCode::WrongFormat => "wrong type of card",
        AttemptCode::CannotBeReissued => "can't be written again",
        AttemptCode::CredentialDeleted => "credential deleted",
        AttemptCode::EncoderOffline | AttemptCode::EncoderTimeout => "no answer: cable, power, network",
        AttemptCode::BridgeDown => "key system link down",
        AttemptCode::Expired => "took too long",
        AttemptCode::Uncategorized | AttemptCode::Other(_) => "not written",
    }
}

/// The remedy of what passes by itself.
const NOTHING_TO_DO: &str = "Nothing has to be done.";

/// What an error, a warning or a change on its way that Seam keeps on an object means, and what to do; an unknown code
/// is told in the server's own words.
pub fn notice(notice: &Notice) -> Advice {
    let (what, remedy) = match NoticeCode::from(notice) {
        NoticeCode::BridgeDown => ("The key system link is down.", "The bridge PC must run and reach the key system."),
        NoticeCode::SystemDown => ("The access system is disconnected.", "Its server must run and be reachable."),
        NoticeCode::AccountDisconnected => (
            "The account of the access system is disconnected.",
            "Whoever looks after keydesk must connect it anew in Seam.",
        ),
        NoticeCode::ServiceUnavailable => ("The key system's own service does not answer.", "Try again later."),
        NoticeCode::SetupRequired => ("The access system is not fully set up.", "See its page in Seam."),
        NoticeCode::ZoneDoesNotFit => (
            "The access system's time zone does not fit its place: end dates may be off.",
            "Whoever looks after keydesk must set it right.",
        ),
        NoticeCode::EncoderRemoved => ("The encoder was removed from the key system.", "Use another encoder."),
        NoticeCode::DeletedExternally => {
            ("Deleted in the key system by someone else.", "If the guest stays, enter the guest anew.")
        }
        NoticeCode::CreationFailed => (
            "The key system refused to create this: a card would open nothing.",
            "Create it anew, or tell whoever looks after keydesk.",
        ),
        NoticeCode::UpdateFailed => {
            ("The key system refused the last change.", "Make the change again, or tell whoever looks after keydesk.")
        }
        NoticeCode::DeletionFailed => ("The key system refused to delete this.", "Delete it in the key system."),
        NoticeCode::BeingDeleted => ("Being deleted.", NOTHING_TO_DO),
        NoticeCode::UserInactive => ("Not active in the key system.", "If the guest stays, activate it there."),
        NoticeCode::NeverWritten => ("Not written to a card yet.", "Write the card."),
        NoticeCode::LacksChange => ("The card lacks a change.", "Write it again."),
        NoticeCode::ScheduleModified => ("The dates were changed by someone else.", "Check that they are right."),
        NoticeCode::UnknownIssue if notice.message.is_none() => {
            ("The key system reports a fault that it does not name.", "If it stays, tell whoever looks after keydesk.")
        }
        NoticeCode::Creating => ("On its way to the key system.", NOTHING_TO_DO),
        NoticeCode::Updating => ("A change is on its way to the key system.", NOTHING_TO_DO),
        NoticeCode::UpdatingSuspension => ("The suspension is on its way to the key system.", NOTHING_TO_DO),
        NoticeCode::UpdatingMembership => ("Group changes are on their way to the key system.", NOTHING_TO_DO),
        NoticeCode::UpdatingCredential => ("The credential is on its way to the key system.", NOTHING_TO_DO),
        NoticeCode::DeletionDeferred => ("Will be deleted.", NOTHING_TO_DO),
        NoticeCode::SharesZone => ("Shares its zone with another door.", NOTHING_TO_DO),
        NoticeCode::EntranceSetupRequired => ("This door is not fully set up.", "See its page in Seam."),
        NoticeCode::PrivacyMode => ("Locked from inside.", NOTHING_TO_DO),
        NoticeCode::CardOutOfSync => ("The card holds something else than the system has.", "Write it again."),
        NoticeCode::CardNotFound => ("The system does not have what the card holds.", "Write the card again."),
        code @ (NoticeCode::UnknownIssue | NoticeCode::Other(_)) => {
            let what = match &notice.message {
                Some(message) => end_of_sentence(message),
                None => format!("The server reports \"{}\".", crate::seam::lenient::clean(code.as_str())),
            };
            return Advice::new(what, "If it is not clear why, tell whoever looks after keydesk.");
        }
    };
    Advice::fixed(what, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_an_attempt_has_words_of_its_own() {
        for code in AttemptCode::KNOWN.iter().filter(|code| **code != "uncategorized_error") {
            let error = AttemptError { code: (*code).to_owned(), message: Some("RAW".to_owned()) };
            for own_card in [false, true] {
                let Advice { what, remedy } = attempt(&error, "Front Desk", own_card);
                assert!(!what.contains("NOT WRITTEN") && !remedy.is_empty() && !remedy.contains("RAW"), "{code}");
            }
            assert_ne!(attempt_short(&(*code).into()), attempt_short(&AttemptCode::Uncategorized), "{code}");
        }
        let other = AttemptError { code: "new_code".into(), message: Some("Out of ink".into()) };
        assert_eq!(attempt(&other, "Front Desk", false).remedy, "Out of ink. Try again, or use another encoder.");
    }

    #[test]
    fn every_kind_of_error_says_what_to_do() {
        use ErrorKind::{Broken, Limited, NotFound, Refused, Server, TimedOut, Unauthorized, Unreachable, Unreadable};
        let kinds = [Unreachable, Broken, TimedOut, Unreadable, Unauthorized, NotFound, Limited, Refused, Server];
        for (at, kind) in kinds.into_iter().enumerate() {
            assert_eq!(kind as usize, at, "a kind is missing here");
            for code in ["", "acs_user_not_found"] {
                let error = SeamError { code: code.into(), ..SeamError::new(kind, "no") };
                let Advice { what, remedy } = advice(&error);
                assert!(what.ends_with('.') && remedy.ends_with('.') && remedy.contains(' '), "{kind:?}: {remedy}");
                assert_eq!(sentence(&error), format!("{what} {remedy}"));
            }
        }
        assert_eq!(Server as usize + 1, kinds.len(), "the last kind is the last here");
    }

    fn notice_of(code: &str, message: Option<&str>) -> Advice {
        notice(&Notice { code: code.into(), message: message.map(str::to_owned), ..Notice::default() })
    }

    #[test]
    fn every_notice_says_what_to_do_or_that_nothing_has_to_be() {
        for code in NoticeCode::KNOWN {
            let advice = notice_of(code, Some("RAW words"));
            // Of a fault that it calls unknown only the server's words tell anything.
            assert_eq!(advice.to_string().contains("RAW"), code.starts_with("unknown_issue"), "{code}");
            for sentence in [&advice.what, &advice.remedy] {
                assert!(sentence.ends_with('.') && sentence.contains(' '), "{code}: {sentence}");
            }
        }
        assert_eq!(notice_of("being_deleted", None).remedy, NOTHING_TO_DO);
    }

    #[test]
    fn an_unnotice_of_keeps_the_servers_words() {
        assert_eq!(notice_of("x", Some("Door ajar")).what, "Door ajar.");
        assert_eq!(notice_of("x", None).what, "The server reports \"x\".");
    }

    #[test]
    fn every_cause_has_sentences_of_its_own() {
        let causes = [
            ErrorCause::NameNotFound,
            ErrorCause::ConnectionRefused,
            ErrorCause::ConnectTimedOut,
            ErrorCause::CertificateNotTrusted,
            ErrorCause::CertificateWrongName,
            ErrorCause::CertificateExpired,
            ErrorCause::ProxyLogin,
            ErrorCause::Redirected("https://login.example.com/".into()),
            ErrorCause::ListCut,
        ];
        let said: std::collections::BTreeSet<String> = causes
            .into_iter()
            .map(|cause| sentence(&SeamError { cause: Some(cause), ..SeamError::new(ErrorKind::Unreachable, "x") }))
            .collect();
        assert_eq!(said.len(), 9, "{said:?}");
        assert!(said.iter().any(|one| one.contains("SSL_CERT_FILE")));
        assert!(said.iter().any(|one| one.contains("https://login.example.com/")));
    }

    #[test]
    fn a_long_pause_says_how_long() {
        let limited = |seconds| SeamError {
            retry_after: Some(std::time::Duration::from_secs(seconds)),
            ..SeamError::new(ErrorKind::Limited, "x")
        };
        assert!(sentence(&limited(600)).contains("10 minutes"));
        assert!(sentence(&limited(7)).contains("Wait a minute"));
    }

    #[test]
    fn a_refusal_names_every_parameter() {
        let error = SeamError {
            kind: ErrorKind::Refused,
            code: "invalid_input".into(),
            message: "Invalid input".into(),
            data: serde_json::Value::Null,
            validation: [("phone_number".to_owned(), vec!["must be E.164".to_owned()])].into(),
            status: Some(400),
            request_id: Some("r-1".into()),
            retry_after: None,
            cause: None,
        };
        assert_eq!(advice(&error).what, "The server refused: Invalid input. phone_number: must be E.164.");
        assert!(details(&error).contains(&"request id r-1".to_owned()));
    }
}
