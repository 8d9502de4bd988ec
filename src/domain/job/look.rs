//! What is read at the server before and after a call, and what was seen: ids and flags only, so that the journal
//! can keep it, and of people who are named alike what a person who is asked must see.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::guest::Identity;
use crate::seam::types::{Credential, CredentialId, EventId, GroupId, User, UserId};

use super::Candidate;
use super::order::{Details, NewGuest, Schedule};

/// Something to read at the server. Reading changes nothing and may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Users with the name, the e-mail address or the phone number of this guest.
    Namesakes(Box<NewGuest>),
    /// The user's access groups.
    Groups(UserId),
    /// The user's card credentials.
    Cards(UserId),
    /// Whether this credential is still there.
    Credential(CredentialId),
    /// Whether this user is still there.
    User(UserId),
    /// Whether the user has these details and this schedule.
    Details {
        /// The user who is read.
        user: UserId,
        /// The name and the contact that the user shall have.
        details: Details,
        /// When access shall start and end; `None` is "as it is".
        schedule: Option<Schedule>,
    },
    /// Whether the user's access is suspended.
    Suspension(UserId),
    /// All that decides an encode: the user, the user's card credentials, and the events that tell of a written card.
    Ready {
        /// The user who is read.
        user: UserId,
        /// The credential that is to be written.
        credential: CredentialId,
    },
}

/// What a reading gave, as far as a job needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Users who share the name, the e-mail address or the phone number.
    Namesakes(Vec<Namesake>),
    /// The groups that the user is in.
    Groups(Vec<GroupId>),
    /// The user's card credentials, also those that are being deleted.
    Cards(Vec<Card>),
    /// The credential, `None` when it is gone.
    Credential(Option<Card>),
    /// The user is there.
    User,
    /// The user is deleted, or being deleted.
    UserGone,
    /// How far the user has the details that are wanted.
    Details {
        /// Whether all is as wanted, or on its way there.
        as_wanted: bool,
        /// Start of access, if there is one.
        starts_at: Option<Timestamp>,
    },
    /// Whether the user's access is suspended, or will be by a change that is on its way.
    Suspension(bool),
    /// What decides an encode.
    Ready(Ready),
}

/// How long after the start of a job an access may begin and still count as begun: the clocks of the server and of the
/// desk are not the same.
const BEGUN: SignedDuration = SignedDuration::from_mins(10);

/// Whether a user has these details and this schedule at that time; changes that are on their way count.
pub fn has_details(user: &User, details: &Details, schedule: Option<&Schedule>, at: Timestamp) -> bool {
    let is = |wanted: &Option<String>, has: Option<&str>| wanted.as_deref().is_none_or(|wanted| has == Some(wanted));
    is(&details.full_name, user.will_have_full_name())
        && is(&details.phone_number, user.will_have_phone_number())
        && is(&details.email_address, user.will_have_email_address())
        && schedule.is_none_or(|schedule| has_schedule(user, schedule, at))
}

fn has_schedule(user: &User, schedule: &Schedule, at: Timestamp) -> bool {
    let has_start = match schedule {
        Schedule { starts_at: Some(start), ends_at: Some(_) } => user.will_start_at() == Some(*start),
        _ => user.starts_at().is_none_or(|start| start.duration_since(at) <= BEGUN),
    };
    has_start && user.will_end_at() == schedule.ends_at.into()
}

/// Someone who shares the name or a way of contact with the guest that a job creates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namesake {
    /// The user's id at the server.
    pub id: UserId,
    /// The full name, as the server has it.
    pub name: String,
    /// Phone number or e-mail address, to tell namesakes apart.
    pub contact: Option<String>,
    /// Whether the name is the same.
    pub same_name: bool,
    /// Whether the e-mail address or the phone number is the same.
    pub same_contact: bool,
}

/// A card credential as a look saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The credential that is, or will be, on the card.
    pub id: CredentialId,
    /// Whether it was ever written to a card.
    pub is_issued: bool,
    /// Whether it is being deleted, which counts as gone.
    pub is_going: bool,
}

/// What decides an encode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The error `failed_to_create_on_acs_system` of the user, with the server's words.
    pub user_failed: Option<UserFailed>,
    /// The user's card credentials.
    pub cards: Vec<Card>,
    /// Events `acs_credential.issued` and `.reissued` of the credential that is to be written.
    pub written: Vec<EventId>,
}

/// The user could not be created in the key system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFailed {
    /// The server's own words.
    pub message: Option<String>,
}

impl Namesake {
    /// What this user shares with the guest, or `None` when it is nothing.
    pub fn compare(guest: &NewGuest, user: &User) -> Option<Self> {
        let (ours, theirs) = (identity_of(guest), Identity::of_user(user));
        let (same_name, same_contact) = (ours.has_same_name(&theirs), ours.has_same_contact(&theirs));
        (same_name || same_contact).then(|| Self {
            id: user.acs_user_id.clone(),
            name: user.name().to_owned(),
            contact: user.phone_number.clone().or_else(|| user.email_address.clone()),
            same_name,
            same_contact,
        })
    }

    /// As a person who is asked sees it.
    pub fn candidate(&self) -> Candidate {
        Candidate { id: self.id.clone(), name: self.name.clone(), contact: self.contact.clone() }
    }
}

impl Card {
    /// The card as far as a job looks at it; `None` for what is no card (a mobile key, a copy for a phone, a code).
    pub fn of(credential: &Credential) -> Option<Self> {
        let is_going = credential.is_going();
        (credential.is_live_card() || is_going).then(|| Self {
            id: credential.acs_credential_id.clone(),
            is_issued: credential.is_issued,
            is_going,
        })
    }
}

/// The guest of an order as guests are compared.
pub fn identity_of(guest: &NewGuest) -> Identity {
    Identity::new(&guest.full_name, guest.phone_number.as_deref(), guest.email_address.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest() -> NewGuest {
        NewGuest {
            full_name: "Jane Doe".into(),
            phone_number: Some("+15555550100".into()),
            email_address: None,
            known_namesakes: Vec::new(),
        }
    }

    fn user(json: &str) -> User {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_namesake_is_compared_by_what_people_mean() {
        let same = user(r#"{"acs_user_id":"u","full_name":" jane  DOE","phone_number":"+1 555 555-0100"}"#);
        let found = Namesake::compare(&guest(), &same).unwrap();
        assert!(found.same_name && found.same_contact);

        let other_name = user(r#"{"acs_user_id":"u","full_name":"John Doe","phone_number":"+15555550100"}"#);
        let found = Namesake::compare(&guest(), &other_name).unwrap();
        assert!(!found.same_name && found.same_contact);

        // "Jane Doe" is a part of it: a search finds it, but it is someone else.
        let part = user(r#"{"acs_user_id":"u","full_name":"Jane Doe-Smith","email_address":"j@example.com"}"#);
        assert_eq!(Namesake::compare(&guest(), &part), None);
    }

    #[test]
    fn the_same_guest_is_known_however_it_is_typed() {
        let typed =
            NewGuest { full_name: " jane  DOE ".into(), phone_number: Some("+1 555 555-0100".into()), ..guest() };
        assert_eq!(identity_of(&typed), identity_of(&guest()));
        assert_ne!(identity_of(&NewGuest { phone_number: None, ..guest() }), identity_of(&guest()));
    }

    #[test]
    fn what_is_on_its_way_counts_as_it_will_be() {
        let at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let end: Timestamp = "2026-11-28T11:00:00Z".parse().unwrap();
        let user = user(
            r#"{"acs_user_id":"u","full_name":"Jane Doe","is_suspended":false,
            "access_schedule":{"starts_at":"2026-11-20T10:00:00Z","ends_at":"2026-11-25T11:00:00Z"},
            "pending_mutations":[
              {"mutation_code":"updating_user_information","to":{"full_name":"Jane Roe"}},
              {"mutation_code":"updating_suspension_state","to":{"is_suspended":true}},
              {"mutation_code":"updating_access_schedule",
               "to":{"starts_at":"2026-11-26T15:00:00Z","ends_at":"2026-11-28T11:00:00Z"}}]}"#,
        );
        assert!(user.will_be_suspended());
        let named = |name: &str| Details { full_name: Some(name.into()), ..Details::default() };
        assert!(has_details(&user, &named("Jane Roe"), None, at));
        assert!(!has_details(&user, &named("Jane Doe"), None, at));
        let until = |starts_at, ends_at| Schedule { starts_at, ends_at };
        let has = |schedule: Schedule| has_details(&user, &Details::default(), Some(&schedule), at);
        assert!(has(until(None, Some(end))));
        assert!(has(until(user.will_start_at(), Some(end))));
        assert!(!has(until(user.starts_at(), Some(end))) && !has(until(None, user.ends_at().at())));
        assert!(!has(Schedule::default()), "there is an end");
    }

    #[test]
    fn an_end_that_can_not_be_read_is_never_as_wanted() {
        let at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        for end in [r#""2026-11-28T11:00:00""#, "1795860000", r#""soon""#, "[]"] {
            let user = user(&format!(r#"{{"acs_user_id":"u","access_schedule":{{"ends_at":{end}}}}}"#));
            for wanted in [None, Some("2026-11-28T11:00:00Z".parse().unwrap())] {
                let schedule = Schedule { starts_at: None, ends_at: wanted };
                assert!(!has_details(&user, &Details::default(), Some(&schedule), at), "{end} against {wanted:?}");
            }
        }
    }

    #[test]
    fn a_missing_contact_is_no_same_contact() {
        let mut guest = guest();
        guest.phone_number = None;
        let user = user(r#"{"acs_user_id":"u","full_name":"Jane Doe"}"#);
        assert!(!Namesake::compare(&guest, &user).unwrap().same_contact);
    }

    #[test]
    fn a_copy_for_a_phone_is_no_card_and_a_going_card_is_seen() {
        let copy: Credential =
            serde_json::from_str(r#"{"acs_credential_id":"c","access_method":"card","parent_acs_credential_id":"p"}"#)
                .unwrap();
        assert_eq!(Card::of(&copy), None);
        let going: Credential = serde_json::from_str(
            r#"{"acs_credential_id":"c","access_method":"card","warnings":[{"warning_code":"being_deleted"}]}"#,
        )
        .unwrap();
        assert!(Card::of(&going).unwrap().is_going);
    }
}
