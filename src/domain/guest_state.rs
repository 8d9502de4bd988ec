//! What a guest's row says first: of all that is so, what weighs most. One order for the row, the credentials and the
//! plan, so that none of them says "ok" where another says why not.

use jiff::Timestamp;

use super::codes::NoticeCode;
use super::directory::Directory;
use super::plan::{CardState, card_state};
use crate::seam::types::{Credential, Notice, UserId};

/// The state of a guest, from what weighs most to what needs nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestState {
    /// The key system reports an error of the user.
    UserError,
    /// The access is suspended.
    Suspended,
    /// The access has ended, and there is a card that was not cancelled.
    EndedWithCard,
    /// The server reports an error of the card credential.
    CardError,
    /// The card credential has an end of its own, and it is past.
    CardEnded,
    /// A card credential is there and was never written.
    ToBeWritten,
    /// The card was written, and the access changed since.
    NeedsUpdate,
    /// The server warns of the user or of the card, of nothing that another state says.
    Warned,
    /// The access has ended; there is no card, or it is not known whether there is one.
    Ended,
    /// The credentials are not read yet.
    Unknown,
    /// There is no card credential.
    NoCard,
    /// The card is written, and nothing speaks against it.
    CardOk,
}

/// The state of a guest at this time.
pub fn guest_state(directory: &Directory, id: &UserId, now: Timestamp) -> GuestState {
    let user = directory.user(id).map(super::directory::person::Person::user);
    let card = directory.card_of(id);
    let card_state = card_state(directory, id);
    let is_ended = user.is_some_and(|user| user.ends_at().is_over(now));
    let is_warned = user.is_some_and(|user| user.warnings.iter().any(is_to_be_told))
        || card.is_some_and(|card| card.warnings.iter().any(is_to_be_told));
    if user.is_some_and(|user| !user.errors.is_empty()) {
        GuestState::UserError
    } else if user.is_some_and(|user| user.is_suspended) {
        GuestState::Suspended
    } else if is_ended && card.is_some() {
        GuestState::EndedWithCard
    } else if card.is_some_and(|card| !card.errors.is_empty()) {
        GuestState::CardError
    } else if card.is_some_and(|card| has_ended(card, now)) {
        GuestState::CardEnded
    } else if card_state == CardState::ToBeWritten {
        GuestState::ToBeWritten
    } else if card_state == CardState::NeedsUpdate {
        GuestState::NeedsUpdate
    } else if is_warned {
        GuestState::Warned
    } else if is_ended {
        GuestState::Ended
    } else {
        match card_state {
            CardState::Unknown => GuestState::Unknown,
            CardState::None => GuestState::NoCard,
            // The states between were said above.
            CardState::ToBeWritten | CardState::NeedsUpdate | CardState::Ok => GuestState::CardOk,
        }
    }
}

/// Whether a written card has an end of its own that is past.
pub fn has_ended(card: &Credential, now: Timestamp) -> bool {
    card.is_issued && card.ends_at.is_over(now)
}

/// Whether a warning says something that no state of the card says: all but those that the card is to be written, or to
/// be written again.
pub fn is_to_be_told(warning: &Notice) -> bool {
    !matches!(NoticeCode::from(warning), NoticeCode::LacksChange | NoticeCode::NeverWritten)
}

/// When the state of a guest, or that of the card, ends next by itself; `None` when it does not.
pub fn next_end(directory: &Directory, id: &UserId, now: Timestamp) -> Option<Timestamp> {
    let stay = directory.user(id).and_then(|person| person.user().ends_at().at());
    let card = directory.card_of(id).and_then(|card| card.ends_at.at());
    stay.into_iter().chain(card).filter(|end| *end > now).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fact::Fact;
    use crate::domain::room::{DEFAULT_PATTERN, RoomPattern};
    use serde_json::{Value, json};

    const NOW: &str = "2026-11-24T13:00:00Z";

    /// What can be so, each with the state that it brings when nothing weighs more, what weighs most first.
    const FACTS: [(&str, GuestState); 11] = [
        ("user error", GuestState::UserError),
        ("suspended", GuestState::Suspended),
        ("ended", GuestState::EndedWithCard),
        ("card error", GuestState::CardError),
        ("card ended", GuestState::CardEnded),
        ("never written", GuestState::ToBeWritten),
        ("lacks a change", GuestState::NeedsUpdate),
        ("user warning", GuestState::Warned),
        ("card warning", GuestState::Warned),
        ("known card warning", GuestState::Warned),
        ("end not known", GuestState::CardOk),
    ];

    fn state(facts: &[&str], has_card: bool, is_read: bool) -> GuestState {
        let is = |fact: &str| facts.contains(&fact);
        let codes = |is: bool, key: &str, code: &str| if is { vec![json!({ key: code })] } else { Vec::new() };
        let past = json!("2026-11-23T10:00:00Z");
        let end = if is("ended") {
            past.clone()
        } else if is("end not known") {
            json!("2026-11-23T10:00:00")
        } else {
            json!("2026-11-28T10:00:00Z")
        };
        let user = json!({"acs_user_id": "jane", "full_name": "Jane", "is_suspended": is("suspended"),
            "access_schedule": {"ends_at": end},
            "errors": codes(is("user error"), "error_code", "a_new_one"),
            "warnings": codes(is("user warning"), "warning_code", "another_new_one")});
        let mut warnings: Vec<Value> = codes(is("lacks a change"), "warning_code", "needs_to_be_reissued");
        warnings.extend(codes(is("never written"), "warning_code", "waiting_to_be_issued"));
        warnings.extend(codes(is("card warning"), "warning_code", "a_third_one"));
        warnings.extend(codes(is("known card warning"), "warning_code", "schedule_modified"));
        let card = json!({"acs_credential_id": "card", "acs_user_id": "jane", "access_method": "card",
            "is_issued": !is("never written"), "ends_at": if is("card ended") { past } else { Value::Null },
            "errors": codes(is("card error"), "error_code", "a_fourth_one"), "warnings": warnings});
        let mut directory = Directory::new(RoomPattern::new(DEFAULT_PATTERN).unwrap());
        directory.apply(None, Fact::user(serde_json::from_value(user).unwrap()));
        let load = directory.begin_load();
        if has_card {
            directory.apply(None, Fact::Credential(Box::new(serde_json::from_value(card).unwrap())));
        }
        if is_read {
            directory.apply(Some(load), Fact::CredentialsEnd(Ok(())));
        }
        guest_state(&directory, &"jane".into(), NOW.parse().unwrap())
    }

    #[test]
    fn what_weighs_most_is_said_whatever_else_is_so() {
        for set in 0..1_u32 << FACTS.len() {
            let so: Vec<_> = (0..FACTS.len()).filter(|at| set & 1 << at != 0).map(|at| FACTS[at]).collect();
            let facts: Vec<&str> = so.iter().map(|(fact, _)| *fact).collect();
            // A card that was never written has no end that counts; an end that is known is not one that is not.
            let counts = |fact: &str| fact != "card ended" || !facts.contains(&"never written");
            let wanted = so.iter().find(|(fact, _)| counts(fact)).map_or(GuestState::CardOk, |(_, state)| *state);
            assert_eq!(state(&facts, true, true), wanted, "{facts:?}");
        }
    }

    #[test]
    fn without_a_card_the_guest_alone_counts() {
        for (facts, wanted) in [
            (&["user error", "ended"][..], GuestState::UserError),
            (&["suspended", "ended"], GuestState::Suspended),
            (&["ended", "user warning"], GuestState::Warned),
            (&["ended"], GuestState::Ended),
            (&["card error", "card ended", "card warning"], GuestState::NoCard),
            (&[], GuestState::NoCard),
        ] {
            assert_eq!(state(facts, false, true), wanted, "{facts:?}");
            let unread = if wanted == GuestState::NoCard { GuestState::Unknown } else { wanted };
            assert_eq!(state(facts, false, false), unread, "{facts:?}, cards not read");
        }
    }

    #[test]
    fn a_state_turns_at_its_end_and_not_before() {
        let mut directory = Directory::new(RoomPattern::new(DEFAULT_PATTERN).unwrap());
        let (jane, at) = (UserId::from("jane"), |text: &str| text.parse::<Timestamp>().unwrap());
        let user = json!({"acs_user_id": "jane", "access_schedule": {"ends_at": "2026-11-28T10:00:00Z"}});
        let card = json!({"acs_credential_id": "card", "acs_user_id": "jane", "access_method": "card",
            "is_issued": true, "ends_at": "2026-11-27T10:00:00Z"});
        directory.apply(None, Fact::user(serde_json::from_value(user).unwrap()));
        directory.apply(None, Fact::Credential(Box::new(serde_json::from_value(card).unwrap())));
        for (now, state, next) in [
            (NOW, GuestState::CardOk, Some("2026-11-27T10:00:00Z")),
            ("2026-11-27T10:00:00Z", GuestState::CardEnded, Some("2026-11-28T10:00:00Z")),
            ("2026-11-28T10:00:00Z", GuestState::EndedWithCard, None),
        ] {
            assert_eq!(guest_state(&directory, &jane, at(now)), state);
            assert_eq!(next_end(&directory, &jane, at(now)), next.map(at));
        }
    }
}
