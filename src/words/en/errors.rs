//! What an error means and what mends it, in the operator's language.

use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::types::{AttemptError, Notice};

/// Why a call gave nothing, with the remedy where there is one.
#[must_use]
pub fn sentence(error: &SeamError) -> String {
    match error.kind {
        ErrorKind::Unreachable => "The server can't be reached: network or address.".to_owned(),
        ErrorKind::Broken => "The connection broke.".to_owned(),
        ErrorKind::TimedOut => "The server did not answer in time.".to_owned(),
        ErrorKind::Unreadable => "The server's answer can't be read.".to_owned(),
        ErrorKind::Unauthorized => {
            "The server does not accept keydesk's API key. Whoever looks after keydesk must set a valid one.".to_owned()
        }
        ErrorKind::NotFound if error.code.is_empty() => "This server does not offer that.".to_owned(),
        ErrorKind::Limited => "The server asks for a pause.".to_owned(),
        ErrorKind::Server => "The server has a fault of its own.".to_owned(),
        ErrorKind::NotFound | ErrorKind::Refused => refused(error),
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
#[must_use]
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
#[must_use]
pub fn attempt(error: &AttemptError, encoder: &str, own_card: bool) -> (String, String) {
    let place = encoder.to_uppercase();
    let card = if own_card { "the guest's own card" } else { "a blank card" };
    let (state, remedy) = match error.code.as_str() {
        "no_credential_on_encoder" | "no_card_on_encoder" => {
            (format!("NO CARD WAS ON {place}"), format!("lay {card} flat on it, then try again"))
        }
        "encoding_interrupted" => {
            ("LIFTED TOO EARLY".to_owned(), "put the same card back, try again, and leave it until WRITTEN".to_owned())
        }
        "incompatible_card_format" => {
            ("WRONG TYPE OF CARD".to_owned(), "take a card from this hotel's stock, then try again".to_owned())
        }
        "credential_cannot_be_reissued" => {
            if own_card {
                (
                    "NOT ON THIS CARD".to_owned(),
                    "is it really the guest's own card? If it is another, try again with the right one; if it is, replace it"
                        .to_owned(),
                )
            } else {
                ("CAN'T BE WRITTEN AGAIN".to_owned(), "this credential is on another card: replace the card".to_owned())
            }
        }
        "credential_deleted" => {
            ("CREDENTIAL DELETED MEANWHILE".to_owned(), "someone deleted it: create a new one".to_owned())
        }
        "encoder_not_online" | "encoder_communication_timeout" => {
            (format!("{place} DOES NOT ANSWER"), "check cable, power and network, or use another encoder".to_owned())
        }
        "bridge_disconnected" => (
            "KEY SYSTEM LINK DOWN".to_owned(),
            "the bridge PC must run and reach the key system; try again when it is back".to_owned(),
        ),
        "action_attempt_expired" => ("IT TOOK TOO LONG".to_owned(), "the encoder gave up: try again".to_owned()),
        _ => {
            ("NOT WRITTEN".to_owned(), error.message.as_deref().map_or_else(|| "try again".to_owned(), end_of_sentence))
        }
    };
    (state, remedy)
}

/// A short form of a failed attempt for one line, for example in the activity.
#[must_use]
pub fn attempt_short(code: &str) -> &'static str {
    match code {
        "no_credential_on_encoder" | "no_card_on_encoder" => "no card",
        "encoding_interrupted" => "lifted too early",
        "incompatible_card_format" => "wrong type of card",
        "credential_cannot_be_reissued" => "can't be written again",
        "credential_deleted" => "credential deleted",
        "encoder_not_online" | "encoder_communication_timeout" => "no answer: cable, power, network",
        "bridge_disconnected" => "key system link down",
        "action_attempt_expired" => "took too long",
        _ => "not written",
    }
}

/// Whether a code says that the encoder itself does not answer.
#[must_use]
pub fn is_encoder_silent(code: &str) -> bool {
    matches!(code, "encoder_not_online" | "encoder_communication_timeout")
}

/// What an error or a warning that Seam keeps on an object means; an unknown code is told in the server's own words.
#[must_use]
pub fn notice(notice: &Notice) -> String {
    let known = match notice.code.as_str() {
        "seam_bridge_disconnected" | "bridge_disconnected" => {
            "The key system link is down: the bridge PC must run and reach the key system."
        }
        "acs_system_disconnected" => "The access system is disconnected: its server must run and be reachable.",
        "account_disconnected" => {
            "The account of the access system is disconnected: it must be connected anew in Seam."
        }
        "provider_service_unavailable" => "The key system's own service does not answer: try again later.",
        "setup_required" => "The access system is not fully set up: see its page in Seam.",
        "time_zone_does_not_match_location" => {
            "The access system's time zone does not fit its place: end dates may be off."
        }
        "acs_encoder_removed" => "The encoder was removed from the key system.",
        "deleted_externally" => "Deleted in the key system by someone else.",
        "failed_to_create_on_acs_system" => "The key system refused to create this: a card would open nothing.",
        "failed_to_update_on_acs_system" => "The key system refused the last change.",
        "failed_to_delete_on_acs_system" => "The key system refused to delete this.",
        "being_deleted" | "deleting" => "Being deleted.",
        "acs_user_inactive" => "Not active in the key system.",
        "waiting_to_be_issued" => "Not written to a card yet.",
        "needs_to_be_reissued" => "The card lacks a change: write it again.",
        "schedule_modified" | "schedule_externally_modified" => "The dates were changed by someone else.",
        "unknown_issue_with_acs_user" | "unknown_issue_with_acs_credential" | "unknown_issue_with_acs_access_group" => {
            "The key system reports a fault that it does not name."
        }
        "creating" | "deferring_creation" => "On its way to the key system.",
        "updating_user_information" | "updating_group_information" | "updating_access_schedule" => {
            "A change is on its way to the key system."
        }
        "updating_suspension_state" => "The suspension is on its way to the key system.",
        "updating_group_membership"
        | "deferring_group_membership_update"
        | "updating_user_membership"
        | "updating_entrance_membership"
        | "deferring_user_membership_update" => "Group changes are on their way to the key system.",
        "updating_credential_assignment" => "The credential is on its way to the key system.",
        "deferring_deletion" => "Will be deleted.",
        "entrance_shares_zone" => "Shares its zone with another door.",
        "entrance_setup_required" => "This door is not fully set up.",
        "privacy_mode" => "Locked from inside.",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    match &notice.message {
        Some(message) => end_of_sentence(message),
        None => format!("The server reports \"{}\".", crate::seam::lenient::clean(&notice.code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTEMPT_CODES: [&str; 10] = [
        "no_credential_on_encoder",
        "no_card_on_encoder",
        "incompatible_card_format",
        "credential_cannot_be_reissued",
        "encoding_interrupted",
        "encoder_not_online",
        "encoder_communication_timeout",
        "bridge_disconnected",
        "credential_deleted",
        "action_attempt_expired",
    ];

    #[test]
    fn every_code_of_an_attempt_has_words_of_its_own() {
        for code in ATTEMPT_CODES {
            let error = AttemptError { code: code.to_owned(), message: Some("RAW".to_owned()) };
            let (state, remedy) = attempt(&error, "Front Desk", false);
            assert!(!state.contains("NOT WRITTEN") && !remedy.contains("RAW"), "{code}");
            assert_ne!(attempt_short(code), attempt_short("uncategorized_error"), "{code}");
        }
        let other = AttemptError { code: "new_code".into(), message: Some("Out of ink".into()) };
        assert_eq!(attempt(&other, "Front Desk", false).1, "Out of ink.");
    }

    #[test]
    fn every_notice_has_words_and_an_unknown_one_keeps_the_servers() {
        for code in [
            "seam_bridge_disconnected",
            "bridge_disconnected",
            "acs_system_disconnected",
            "account_disconnected",
            "provider_service_unavailable",
            "setup_required",
            "time_zone_does_not_match_location",
            "acs_encoder_removed",
            "deleted_externally",
            "failed_to_create_on_acs_system",
            "failed_to_update_on_acs_system",
            "failed_to_delete_on_acs_system",
            "being_deleted",
            "acs_user_inactive",
            "unknown_issue_with_acs_user",
            "creating",
            "deleting",
            "deferring_creation",
            "updating_user_information",
            "updating_access_schedule",
            "updating_suspension_state",
            "updating_group_membership",
            "deferring_group_membership_update",
            "updating_credential_assignment",
            "waiting_to_be_issued",
            "needs_to_be_reissued",
            "schedule_modified",
            "schedule_externally_modified",
            "unknown_issue_with_acs_credential",
            "unknown_issue_with_acs_access_group",
            "deferring_deletion",
            "updating_group_information",
            "updating_user_membership",
            "updating_entrance_membership",
            "deferring_user_membership_update",
            "entrance_shares_zone",
            "entrance_setup_required",
            "privacy_mode",
        ] {
            assert!(
                !notice(&Notice { code: code.into(), message: Some("RAW".into()), ..Notice::default() })
                    .contains("RAW"),
                "{code}"
            );
        }
        assert_eq!(
            notice(&Notice { code: "x".into(), message: Some("Door ajar".into()), ..Notice::default() }),
            "Door ajar."
        );
        assert_eq!(
            notice(&Notice { code: "x".into(), message: None, ..Notice::default() }),
            "The server reports \"x\"."
        );
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
        };
        assert_eq!(sentence(&error), "The server refused: Invalid input. phone_number: must be E.164.");
        assert!(details(&error).contains(&"request id r-1".to_owned()));
    }
}
