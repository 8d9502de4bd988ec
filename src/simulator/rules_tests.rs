//! Tests of the hotel's rules without HTTP, at times that the test sets.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::answer;
use super::attempt::{Attempt, Failure, ForcedOutcome, State, Task};
use super::cards::CardMake;
use super::credentials::NewCredential;
use super::encoder::Encoder;
use super::generate;
use super::hotel::{Credential, Group, Hotel, Method, Person, Timing, User};
use super::table::Key;

const CARD: i64 = 1000;
const WRITE: i64 = 2000;
const SYNC: i64 = 5000;

/// A hotel and the time that has passed since it opened.
struct TestHotel {
    hotel: Hotel,
    opened: Timestamp,
}

impl TestHotel {
    fn open() -> Self {
        Self::with_users(None)
    }

    fn with_users(users: Option<usize>) -> Self {
        let timing = Timing {
            card_delay: SignedDuration::from_millis(CARD),
            write_time: SignedDuration::from_millis(WRITE),
            sync_delay: SignedDuration::from_millis(SYNC),
        };
        let opened: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        Self { hotel: generate::filled_hotel(timing, 1, users, opened), opened }
    }

    /// Lets the clock show so many milliseconds after the opening.
    fn at(&mut self, millis: i64) -> &mut Hotel {
        self.hotel.advance(self.opened + SignedDuration::from_millis(millis));
        &mut self.hotel
    }

    fn encoder(&self, name: &str) -> Key<Encoder> {
        self.hotel.encoders.iter().find(|(_, row)| row.name == name).unwrap().0
    }

    fn group(&self, name: &str) -> Key<Group> {
        self.hotel.groups.iter().find(|(_, row)| row.name == name).unwrap().0
    }

    fn user(&self, name: &str) -> Key<User> {
        self.hotel.users.iter().find(|(_, row)| row.full_name == name).unwrap().0
    }

    fn card_of(&self, name: &str) -> Key<Credential> {
        self.hotel.held_by(self.user(name), Method::Card).unwrap()
    }

    fn jane(&mut self) -> Key<User> {
        let person = Person { full_name: "Jane Doe".to_owned(), email: None, phone: None };
        let room = self.hotel.groups.get(self.group("Room 204")).unwrap().id;
        self.hotel.create_user(person, None, &[room]).unwrap()
    }

    fn create_card(&mut self, user: Key<User>, assign_new_key: bool) -> Result<Key<Credential>, String> {
        let request = NewCredential {
            user,
            method: Method::Card,
            assign_new_key: Some(assign_new_key),
            starts_at: None,
            ends_at: None,
        };
        self.hotel.create_credential(&request).map_err(|refusal| refusal.kind)
    }

    fn encode(&mut self, encoder: &str, credential: Key<Credential>) -> Key<Attempt> {
        let encoder = self.encoder(encoder);
        self.hotel.start_attempt(encoder, Task::Encode(credential))
    }

    fn outcome(&self, attempt: Key<Attempt>) -> Result<&'static str, Failure> {
        match self.hotel.attempts.get(attempt).unwrap().state {
            State::Pending => Ok("pending"),
            State::Success(_) => Ok("success"),
            State::Error(failure) => Err(failure),
        }
    }

    fn credential(&self, key: Key<Credential>) -> &Credential {
        self.hotel.credentials.get(key).unwrap()
    }

    fn warnings(&self, key: Key<Credential>) -> Vec<String> {
        let view = answer::credential_value(&self.hotel, self.credential(key));
        let codes = view["warnings"].as_array().unwrap().iter();
        codes.map(|warning| warning["warning_code"].as_str().unwrap().to_owned()).collect()
    }

    fn events(&self) -> Vec<&'static str> {
        self.hotel.events.iter().map(|event| event.kind).collect()
    }
}

#[test]
fn a_card_is_placed_then_written_and_holds_what_was_written() {
    let mut test = TestHotel::open();
    let jane = test.jane();
    let credential = test.create_card(jane, true).unwrap();
    assert_eq!(test.warnings(credential), ["waiting_to_be_issued"]);
    let attempt = test.encode("Front Desk", credential);
    test.at(CARD + WRITE - 1);
    assert_eq!(test.outcome(attempt), Ok("pending"));
    assert!(test.credential(credential).issued_at.is_none());
    test.at(CARD + WRITE);
    assert_eq!(test.outcome(attempt), Ok("success"));
    let row = test.credential(credential);
    assert_eq!(row.issued_at, Some(test.opened + SignedDuration::from_millis(CARD + WRITE)));
    let card = &test.hotel.cards[row.card_number.as_ref().unwrap()];
    let content = card.content.as_ref().unwrap();
    assert_eq!((content.credential, content.groups.as_slice()), (row.id, [test.group("Room 204")].as_slice()));
    assert!(test.warnings(credential).is_empty());
    assert_eq!(test.events(), ["acs_user.created", "acs_credential.issued"]);
}

#[test]
fn an_encoder_takes_one_attempt_after_another_and_encoders_work_side_by_side() {
    let mut test = TestHotel::open();
    let [first, second, third] = ["Jonas Fischer", "Åsa Lindqvist", "Marco Bianchi"].map(|guest| test.card_of(guest));
    let one = test.encode("Front Desk", first);
    let two = test.encode("Front Desk", second);
    let aside = test.encode("Concierge", third);
    test.at(CARD + WRITE);
    assert_eq!([one, two, aside].map(|key| test.outcome(key)), [Ok("success"), Ok("pending"), Ok("success")]);
    test.at(2 * (CARD + WRITE) - 1);
    assert_eq!(test.outcome(two), Ok("pending"));
    test.at(2 * (CARD + WRITE));
    assert_eq!(test.outcome(two), Ok("success"));
}

#[test]
fn a_long_look_away_changes_nothing_about_the_times() {
    let mut test = TestHotel::open();
    let keys: Vec<_> = ["Jonas Fischer", "Åsa Lindqvist"].map(|guest| test.card_of(guest)).into();
    for key in &keys {
        test.encode("Front Desk", *key);
    }
    test.at(1_000_000);
    let times: Vec<_> = keys.iter().map(|key| test.credential(*key).issued_at.unwrap() - test.opened).collect();
    let expected = [CARD + WRITE, 2 * (CARD + WRITE)].map(SignedDuration::from_millis);
    assert_eq!(times, expected);
}

#[test]
fn a_user_holds_one_card_credential_and_updates_keep_it() {
    let mut test = TestHotel::open();
    let jane = test.jane();
    assert_eq!(test.create_card(jane, false).err().as_deref(), Some("card_credential_not_found"));
    let first = test.create_card(jane, true).unwrap();
    assert_eq!(test.create_card(jane, true).err().as_deref(), Some("card_credential_already_exists"));
    assert!(test.create_card(jane, false) == Ok(first));
    // While the old one is being deleted, its replacement may be created.
    test.hotel.delete_credential(first);
    assert_eq!(test.warnings(first), ["waiting_to_be_issued", "being_deleted"]);
    let second = test.create_card(jane, true).unwrap();
    assert!(second != first);
    test.at(SYNC);
    assert!(test.hotel.credentials.get(first).is_none());
    assert!(test.hotel.held_by(jane, Method::Card) == Some(second));
}

#[test]
fn a_user_holds_one_mobile_key_which_is_issued_by_itself() {
    let mut test = TestHotel::open();
    let user = test.jane();
    let request =
        NewCredential { user, method: Method::MobileKey, assign_new_key: None, starts_at: None, ends_at: None };
    let key = test.hotel.create_credential(&request).unwrap();
    assert_eq!(test.hotel.create_credential(&request).unwrap_err().kind, "mobile_key_already_exists");
    assert!(test.credential(key).issued_at.is_none());
    test.at(SYNC);
    assert!(test.credential(key).issued_at.is_some());
}

#[test]
fn group_changes_outdate_a_written_card_until_it_is_written_again() {
    let mut test = TestHotel::open();
    let (user, pool) = (test.user("José García"), test.group("Pool & Spa"));
    let credential = test.card_of("José García");
    let number = test.credential(credential).card_number.clone();
    assert!(test.warnings(credential).is_empty());
    test.hotel.add_to_group(user, pool);
    assert_eq!(test.warnings(credential), ["needs_to_be_reissued"]);
    let attempt = test.encode("Front Desk", credential);
    test.at(CARD + WRITE);
    assert_eq!(test.outcome(attempt), Ok("success"));
    assert!(test.warnings(credential).is_empty());
    assert_eq!(test.credential(credential).card_number, number);
    assert!(test.hotel.cards[&number.unwrap()].content.as_ref().unwrap().groups.contains(&pool));
    assert_eq!(test.events(), ["acs_credential.reissued"]);
    // Joining a group again is no change.
    test.hotel.add_to_group(user, pool);
    assert!(test.warnings(credential).is_empty());
}

#[test]
fn a_group_change_before_the_first_writing_is_no_reissue() {
    let mut test = TestHotel::open();
    let (user, gym) = (test.user("Åsa Lindqvist"), test.group("Gym"));
    test.hotel.add_to_group(user, gym);
    assert_eq!(test.warnings(test.card_of("Åsa Lindqvist")), ["waiting_to_be_issued"]);
}

#[test]
fn a_written_credential_goes_onto_no_other_card() {
    let mut test = TestHotel::open();
    let credential = test.card_of("José García");
    let blank = test.hotel.new_card(CardMake::Own);
    let desk = test.encoder("Front Desk");
    test.hotel.place_card(desk, blank.clone()).unwrap();
    let attempt = test.encode("Front Desk", credential);
    assert_eq!(test.outcome(attempt), Err(Failure::CannotBeReissued));
    assert!(test.hotel.cards[&blank].content.is_none());
    // Its own card takes it.
    let own = test.credential(credential).card_number.clone().unwrap();
    assert_eq!(test.hotel.place_card(desk, own.clone()).unwrap_err().kind, "card_in_the_way");
    test.hotel.lift_card(desk);
    test.hotel.place_card(desk, own).unwrap();
    let attempt = test.encode("Front Desk", credential);
    test.at(WRITE);
    assert_eq!(test.outcome(attempt), Ok("success"));
}

#[test]
fn a_card_can_be_written_with_another_credential_and_the_first_opens_nothing_any_more() {
    let mut test = TestHotel::open();
    let (old, new) = (test.card_of("José García"), test.card_of("Jonas Fischer"));
    let number = test.credential(old).card_number.clone().unwrap();
    let desk = test.encoder("Front Desk");
    test.hotel.place_card(desk, number.clone()).unwrap();
    let attempt = test.encode("Front Desk", new);
    test.at(WRITE);
    assert_eq!(test.outcome(attempt), Ok("success"));
    assert_eq!(test.credential(new).card_number.as_ref(), Some(&number));
    assert_eq!(test.warnings(old), ["unknown_issue_with_acs_credential"]);
    assert_eq!(test.events(), ["acs_credential.invalidated", "acs_credential.issued"]);
}

#[test]
fn lifting_the_card_while_it_is_written_interrupts_and_leaves_it_as_it_was() {
    let mut test = TestHotel::open();
    let credential = test.card_of("Jonas Fischer");
    let desk = test.encoder("Front Desk");
    test.hotel.set_manual(desk, true, None);
    let attempt = test.encode("Front Desk", credential);
    test.at(9 * (CARD + WRITE));
    assert_eq!(test.outcome(attempt), Ok("pending"), "nobody has placed a card yet");
    let card = test.hotel.new_card(CardMake::Own);
    test.hotel.place_card(desk, card.clone()).unwrap();
    test.at(9 * (CARD + WRITE) + WRITE - 1);
    assert_eq!(test.outcome(attempt), Ok("pending"));
    assert_eq!(test.hotel.lift_card(desk), Some(card.clone()));
    assert_eq!(test.outcome(attempt), Err(Failure::Interrupted));
    test.at(100 * (CARD + WRITE));
    assert!(test.hotel.cards[&card].content.is_none());
    assert!(test.credential(credential).issued_at.is_none());
    // The same card once more.
    test.hotel.place_card(desk, card).unwrap();
    let again = test.encode("Front Desk", credential);
    test.at(101 * (CARD + WRITE));
    assert_eq!(test.outcome(again), Ok("success"));
}

#[test]
fn the_step_of_an_attempt_that_is_over_does_not_touch_the_next_one() {
    let mut test = TestHotel::open();
    let credential = test.card_of("Jonas Fischer");
    let desk = test.encoder("Front Desk");
    let card = test.hotel.new_card(CardMake::Own);
    test.hotel.place_card(desk, card.clone()).unwrap();
    test.encode("Front Desk", credential);
    test.at(WRITE - 100);
    test.hotel.lift_card(desk);
    test.hotel.place_card(desk, card).unwrap();
    let again = test.encode("Front Desk", credential);
    test.at(WRITE);
    assert_eq!(test.outcome(again), Ok("pending"));
    test.at(2 * WRITE - 100);
    assert_eq!(test.outcome(again), Ok("success"));
}

#[test]
fn a_manual_encoder_waits_as_long_as_it_is_told() {
    let mut test = TestHotel::open();
    let credential = test.card_of("Jonas Fischer");
    let desk = test.encoder("Front Desk");
    test.hotel.set_manual(desk, true, Some(SignedDuration::from_millis(700)));
    let attempt = test.encode("Front Desk", credential);
    test.at(699);
    assert_eq!(test.outcome(attempt), Ok("pending"));
    test.at(700);
    assert_eq!(test.outcome(attempt), Err(Failure::NoCredential));
    let foreign = test.hotel.new_card(CardMake::Foreign);
    test.hotel.place_card(desk, foreign).unwrap();
    let attempt = test.encode("Front Desk", credential);
    assert_eq!(test.outcome(attempt), Err(Failure::IncompatibleFormat));
}

#[test]
fn back_in_automatic_mode_the_right_card_comes_by_itself() {
    let mut test = TestHotel::open();
    let desk = test.encoder("Front Desk");
    let foreign = test.hotel.new_card(CardMake::Foreign);
    test.hotel.place_card(desk, foreign).unwrap();
    test.hotel.set_manual(desk, false, None);
    let credential = test.card_of("Jonas Fischer");
    let attempt = test.encode("Front Desk", credential);
    test.at(CARD + WRITE);
    assert_eq!(test.outcome(attempt), Ok("success"));
    assert!(test.hotel.encoders.get(desk).unwrap().card.is_none(), "it goes by itself, too");
}

#[test]
fn silent_encoders_fail_after_the_time_it_takes_to_notice() {
    let mut test = TestHotel::open();
    let credential = test.card_of("Jonas Fischer");
    let offline = test.encode("Back Office", credential);
    test.at(CARD - 1);
    assert_eq!(test.outcome(offline), Ok("pending"));
    test.at(CARD);
    assert_eq!(test.outcome(offline), Err(Failure::NotOnline));
    // One that falls silent while it writes times out.
    let desk = test.encoder("Front Desk");
    let attempt = test.encode("Front Desk", credential);
    test.at(CARD + CARD + 1);
    test.hotel.set_online(desk, false);
    test.at(CARD + CARD + 1 + CARD);
    assert_eq!(test.outcome(attempt), Err(Failure::Timeout));
    test.hotel.set_online(desk, true);
    test.hotel.set_removed(desk, true);
    let removed = test.encode("Front Desk", credential);
    test.at(10 * CARD);
    assert_eq!(test.outcome(removed), Err(Failure::NotOnline));
    assert_eq!(test.events(), ["acs_encoder.removed"]);
}

#[test]
fn without_the_bridge_attempts_fail_and_changes_wait() {
    let mut test = TestHotel::open();
    let credential = test.card_of("Jonas Fischer");
    let running = test.encode("Front Desk", credential);
    test.at(CARD + 1);
    let jane = test.jane();
    test.hotel.set_bridge(false);
    test.at(CARD + 1 + CARD);
    assert_eq!(test.outcome(running), Err(Failure::Bridge));
    let later = test.encode("Front Desk", credential);
    test.at(10 * SYNC);
    assert_eq!(test.outcome(later), Err(Failure::Bridge));
    assert_eq!(test.hotel.users.get(jane).unwrap().mutations.len(), 1);
    let system = answer::system(&test.hotel);
    assert_eq!(system["errors"][0]["error_code"], json!("seam_bridge_disconnected"));
    test.hotel.set_bridge(true);
    test.at(11 * SYNC);
    assert!(test.hotel.users.get(jane).unwrap().mutations.is_empty());
    assert_eq!(answer::system(&test.hotel)["errors"], json!([]));
    assert_eq!(test.events(), ["acs_user.created", "acs_system.disconnected", "acs_system.connected"]);
}

#[test]
fn a_credential_that_is_deleted_meanwhile_is_not_written() {
    let mut test = TestHotel::open();
    let credential = test.card_of("Jonas Fischer");
    let attempt = test.encode("Front Desk", credential);
    test.at(CARD + WRITE - 1);
    test.hotel.delete_credential(credential);
    test.at(CARD + WRITE);
    assert_eq!(test.outcome(attempt), Err(Failure::CredentialDeleted));
    assert!(test.hotel.cards.values().all(|card| {
        card.content.as_ref().is_none_or(|content| content.credential != test.credential(credential).id)
    }));
}

#[test]
fn a_user_that_the_key_system_refused_gets_no_card() {
    let mut test = TestHotel::open();
    let credential = test.card_of("Thomas Schneider");
    let attempt = test.encode("Front Desk", credential);
    test.at(CARD + WRITE);
    assert_eq!(test.outcome(attempt), Err(Failure::UserMissing));
}

#[test]
fn deleting_a_user_lingers_and_takes_its_credentials_along() {
    let mut test = TestHotel::open();
    let (user, credential) = (test.user("José García"), test.card_of("José García"));
    test.hotel.delete_user(user);
    let view = serde_json::to_value(answer::user(&test.hotel, test.hotel.users.get(user).unwrap())).unwrap();
    assert_eq!(view["warnings"][0]["warning_code"], json!("being_deleted"));
    assert_eq!(view["pending_mutations"][0]["mutation_code"], json!("deleting"));
    assert_eq!(test.warnings(credential), ["being_deleted"]);
    test.at(SYNC);
    assert!(test.hotel.users.get(user).is_none() && test.hotel.credentials.get(credential).is_none());
    let room = test.hotel.groups.get(test.group("Room 316")).unwrap();
    assert!(!room.members.contains(&user));
    assert_eq!(test.events(), ["acs_credential.deleted", "acs_user.deleted"]);
}

#[test]
fn what_is_on_its_way_arrives_one_by_one() {
    let mut test = TestHotel::open();
    let (user, gym, pool) = (test.user("José García"), test.group("Gym"), test.group("Pool & Spa"));
    test.hotel.add_to_group(user, gym);
    test.at(1000).add_to_group(user, pool);
    let pending = |test: &TestHotel| test.hotel.users.get(user).unwrap().mutations.len();
    assert_eq!(pending(&test), 2);
    test.at(SYNC);
    assert_eq!(pending(&test), 1);
    test.at(SYNC + 1000);
    assert_eq!(pending(&test), 0);
    assert!(test.hotel.groups.get(gym).unwrap().mutations.is_empty());
    assert!(test.credential(test.card_of("José García")).syncing_until.is_none());
}

#[test]
fn simulated_failures_strike_the_next_attempt_alone() {
    let mut test = TestHotel::open();
    let credential = test.card_of("Jonas Fischer");
    let desk = test.encoder("Front Desk");
    test.hotel.encoders.get_mut(desk).unwrap().next_encode = Some((ForcedOutcome::Fail(Failure::Interrupted), None));
    let one = test.encode("Front Desk", credential);
    let two = test.encode("Front Desk", credential);
    test.at(CARD + WRITE / 2);
    assert_eq!([one, two].map(|key| test.outcome(key)), [Err(Failure::Interrupted), Ok("pending")]);
    test.at(10 * WRITE);
    assert_eq!(test.outcome(two), Ok("success"));
    // A failure that is meant for one credential leaves the others alone, and stays for its own.
    let meant = test.credential(credential).id;
    test.hotel.encoders.get_mut(desk).unwrap().next_encode = Some((ForcedOutcome::Fail(Failure::Expired), Some(meant)));
    let other = test.encode("Front Desk", test.card_of("Åsa Lindqvist"));
    let own = test.encode("Front Desk", credential);
    test.at(20 * WRITE);
    assert_eq!([other, own].map(|key| test.outcome(key)), [Ok("success"), Err(Failure::Expired)]);
    // Success can be promised even to an encoder that is off line.
    let back = test.encoder("Back Office");
    test.hotel.encoders.get_mut(back).unwrap().next_encode = Some((ForcedOutcome::Issue, None));
    let promised = test.encode("Back Office", credential);
    test.at(30 * WRITE);
    assert_eq!(test.outcome(promised), Ok("success"));
}

#[test]
fn one_card_does_not_lie_on_two_encoders() {
    let mut test = TestHotel::open();
    let credential = test.card_of("José García");
    let one = test.encode("Front Desk", credential);
    let two = test.encode("Concierge", credential);
    test.at(CARD + WRITE);
    assert_eq!([one, two].map(|key| test.outcome(key)), [Ok("success"), Err(Failure::NoCredential)]);
    let number = test.credential(credential).card_number.clone().unwrap();
    let (desk, concierge) = (test.encoder("Front Desk"), test.encoder("Concierge"));
    test.hotel.place_card(desk, number.clone()).unwrap();
    assert_eq!(test.hotel.place_card(concierge, number).unwrap_err().kind, "card_in_the_way");
}

#[test]
fn the_hand_made_hotel_has_guests_in_every_state() {
    let test = TestHotel::open();
    assert_eq!(test.hotel.users.len(), 29);
    assert!(test.hotel.users.iter().all(|(_, row)| row.full_name != "Jane Doe"));
    let room = test.hotel.groups.get(test.group("Room 204")).unwrap();
    assert!(room.members.contains(&test.user("John Doe")));
    assert!(test.hotel.held_by(test.user("John Doe"), Method::Card).is_none());
    assert_eq!(test.warnings(test.card_of("Marco Bianchi")), ["needs_to_be_reissued"]);
    assert!(test.hotel.held_by(test.user("Yuki Sato"), Method::MobileKey).is_some());
    assert!(test.hotel.users.get(test.user("Sinéad O'Doe")).unwrap().suspended);
    let written = test.credential(test.card_of("Marco Bianchi")).card_number.as_ref().unwrap();
    let content = test.hotel.cards[written].content.as_ref().unwrap();
    assert!(!content.groups.contains(&test.group("Pool & Spa")), "his card is older than his groups");
}

#[test]
fn a_larger_hotel_is_the_same_for_a_seed_and_has_as_many_users_as_asked_for() {
    let (one, two) = (TestHotel::with_users(Some(3000)), TestHotel::with_users(Some(3000)));
    assert_eq!(one.hotel.users.len(), 3000);
    assert!(one.hotel.credentials.len() > 2000 && one.hotel.credentials.len() <= 3000);
    assert!(one.hotel.groups.len() <= 910);
    let ids =
        |test: &TestHotel| test.hotel.users.iter().map(|(_, row)| (row.id, row.full_name.clone())).collect::<Vec<_>>();
    assert_eq!(ids(&one), ids(&two));
    assert_eq!(TestHotel::with_users(Some(5)).hotel.users.len(), 29);
    let busiest =
        one.hotel.groups.iter().filter(|(_, row)| row.name.starts_with("Room ")).map(|(_, row)| row.members.len());
    assert!(busiest.max() <= Some(3), "a room is not a dormitory");
}
