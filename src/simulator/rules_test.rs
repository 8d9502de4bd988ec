//! The rules of the simulated hotel, tested without HTTP and with a clock in hand.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::answer;
use super::attempt::{Attempt, Failure, Fate, State, Task};
use super::cards::Make;
use super::credentials::Wish;
use super::encoder::Encoder;
use super::generate;
use super::store::Key;
use super::world::{Credential, Group, Method, Person, Timing, User, World};

const CARD: i64 = 1000;
const WRITE: i64 = 2000;
const SYNC: i64 = 5000;

/// A hotel and the time that has passed since it opened.
struct Hotel {
    world: World,
    opened: Timestamp,
}

impl Hotel {
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
        Self { world: generate::hotel(timing, 1, users, opened), opened }
    }

    /// Lets the clock show so many milliseconds after the opening.
    fn at(&mut self, millis: i64) -> &mut World {
        self.world.advance(self.opened + SignedDuration::from_millis(millis));
        &mut self.world
    }

    fn encoder(&self, name: &str) -> Key<Encoder> {
        self.world.encoders.iter().find(|(_, row)| row.name == name).unwrap().0
    }

    fn group(&self, name: &str) -> Key<Group> {
        self.world.groups.iter().find(|(_, row)| row.name == name).unwrap().0
    }

    fn user(&self, name: &str) -> Key<User> {
        self.world.users.iter().find(|(_, row)| row.full_name == name).unwrap().0
    }

    fn card_of(&self, name: &str) -> Key<Credential> {
        self.world.held_by(self.user(name), Method::Card).unwrap()
    }

    fn jane(&mut self) -> Key<User> {
        let person = Person { full_name: "Jane Doe".to_owned(), email: None, phone: None };
        let room = self.world.groups.get(self.group("Room 204")).unwrap().id;
        self.world.create_user(person, None, &[room]).unwrap()
    }

    fn wish(&mut self, user: Key<User>, assign_new_key: bool) -> Result<Key<Credential>, String> {
        let wish =
            Wish { user, method: Method::Card, assign_new_key: Some(assign_new_key), starts_at: None, ends_at: None };
        self.world.create_credential(&wish).map_err(|refusal| refusal.kind)
    }

    fn encode(&mut self, encoder: &str, credential: Key<Credential>) -> Key<Attempt> {
        let encoder = self.encoder(encoder);
        self.world.start_attempt(encoder, Task::Encode(credential))
    }

    fn outcome(&self, attempt: Key<Attempt>) -> Result<&'static str, Failure> {
        match self.world.attempts.get(attempt).unwrap().state {
            State::Pending => Ok("pending"),
            State::Success(_) => Ok("success"),
            State::Error(failure) => Err(failure),
        }
    }

    fn credential(&self, key: Key<Credential>) -> &Credential {
        self.world.credentials.get(key).unwrap()
    }

    fn warnings(&self, key: Key<Credential>) -> Vec<String> {
        let view = answer::credential_value(&self.world, self.credential(key));
        let codes = view["warnings"].as_array().unwrap().iter();
        codes.map(|warning| warning["warning_code"].as_str().unwrap().to_owned()).collect()
    }

    fn events(&self) -> Vec<&'static str> {
        self.world.events.iter().map(|event| event.kind).collect()
    }
}

#[test]
fn a_card_is_placed_then_written_and_holds_what_was_written() {
    let mut hotel = Hotel::open();
    let jane = hotel.jane();
    let credential = hotel.wish(jane, true).unwrap();
    assert_eq!(hotel.warnings(credential), ["waiting_to_be_issued"]);
    let attempt = hotel.encode("Front Desk", credential);
    hotel.at(CARD + WRITE - 1);
    assert_eq!(hotel.outcome(attempt), Ok("pending"));
    assert!(hotel.credential(credential).issued_at.is_none());
    hotel.at(CARD + WRITE);
    assert_eq!(hotel.outcome(attempt), Ok("success"));
    let row = hotel.credential(credential);
    assert_eq!(row.issued_at, Some(hotel.opened + SignedDuration::from_millis(CARD + WRITE)));
    let card = &hotel.world.cards[row.card_number.as_ref().unwrap()];
    let content = card.content.as_ref().unwrap();
    assert_eq!((content.credential, content.groups.as_slice()), (row.id, [hotel.group("Room 204")].as_slice()));
    assert!(hotel.warnings(credential).is_empty());
    assert_eq!(hotel.events(), ["acs_user.created", "acs_credential.issued"]);
}

#[test]
fn an_encoder_takes_one_attempt_after_another_and_encoders_work_side_by_side() {
    let mut hotel = Hotel::open();
    let [first, second, third] = ["Jonas Fischer", "Åsa Lindqvist", "Marco Bianchi"].map(|guest| hotel.card_of(guest));
    let one = hotel.encode("Front Desk", first);
    let two = hotel.encode("Front Desk", second);
    let aside = hotel.encode("Concierge", third);
    hotel.at(CARD + WRITE);
    assert_eq!([one, two, aside].map(|key| hotel.outcome(key)), [Ok("success"), Ok("pending"), Ok("success")]);
    hotel.at(2 * (CARD + WRITE) - 1);
    assert_eq!(hotel.outcome(two), Ok("pending"));
    hotel.at(2 * (CARD + WRITE));
    assert_eq!(hotel.outcome(two), Ok("success"));
}

#[test]
fn a_long_look_away_changes_nothing_about_the_times() {
    let mut hotel = Hotel::open();
    let keys: Vec<_> = ["Jonas Fischer", "Åsa Lindqvist"].map(|guest| hotel.card_of(guest)).into();
    for key in &keys {
        hotel.encode("Front Desk", *key);
    }
    hotel.at(1_000_000);
    let times: Vec<_> = keys.iter().map(|key| hotel.credential(*key).issued_at.unwrap() - hotel.opened).collect();
    let expected = [CARD + WRITE, 2 * (CARD + WRITE)].map(SignedDuration::from_millis);
    assert_eq!(times, expected);
}

#[test]
fn a_user_holds_one_card_credential_and_updates_keep_it() {
    let mut hotel = Hotel::open();
    let jane = hotel.jane();
    assert_eq!(hotel.wish(jane, false).err().as_deref(), Some("card_credential_not_found"));
    let first = hotel.wish(jane, true).unwrap();
    assert_eq!(hotel.wish(jane, true).err().as_deref(), Some("card_credential_already_exists"));
    assert!(hotel.wish(jane, false) == Ok(first));
    // While the old one is being deleted, its replacement may be created.
    hotel.world.delete_credential(first);
    assert_eq!(hotel.warnings(first), ["waiting_to_be_issued", "being_deleted"]);
    let second = hotel.wish(jane, true).unwrap();
    assert!(second != first);
    hotel.at(SYNC);
    assert!(hotel.world.credentials.get(first).is_none());
    assert!(hotel.world.held_by(jane, Method::Card) == Some(second));
}

#[test]
fn a_user_holds_one_mobile_key_which_is_issued_by_itself() {
    let mut hotel = Hotel::open();
    let user = hotel.jane();
    let wish = Wish { user, method: Method::MobileKey, assign_new_key: None, starts_at: None, ends_at: None };
    let key = hotel.world.create_credential(&wish).unwrap();
    assert_eq!(hotel.world.create_credential(&wish).unwrap_err().kind, "mobile_key_already_exists");
    assert!(hotel.credential(key).issued_at.is_none());
    hotel.at(SYNC);
    assert!(hotel.credential(key).issued_at.is_some());
}

#[test]
fn group_changes_outdate_a_written_card_until_it_is_written_again() {
    let mut hotel = Hotel::open();
    let (user, pool) = (hotel.user("José García"), hotel.group("Pool & Spa"));
    let credential = hotel.card_of("José García");
    let number = hotel.credential(credential).card_number.clone();
    assert!(hotel.warnings(credential).is_empty());
    hotel.world.add_to_group(user, pool);
    assert_eq!(hotel.warnings(credential), ["needs_to_be_reissued"]);
    let attempt = hotel.encode("Front Desk", credential);
    hotel.at(CARD + WRITE);
    assert_eq!(hotel.outcome(attempt), Ok("success"));
    assert!(hotel.warnings(credential).is_empty());
    assert_eq!(hotel.credential(credential).card_number, number);
    assert!(hotel.world.cards[&number.unwrap()].content.as_ref().unwrap().groups.contains(&pool));
    assert_eq!(hotel.events(), ["acs_credential.reissued"]);
    // Joining a group again is no change.
    hotel.world.add_to_group(user, pool);
    assert!(hotel.warnings(credential).is_empty());
}

#[test]
fn a_group_change_before_the_first_writing_is_no_reissue() {
    let mut hotel = Hotel::open();
    let (user, gym) = (hotel.user("Åsa Lindqvist"), hotel.group("Gym"));
    hotel.world.add_to_group(user, gym);
    assert_eq!(hotel.warnings(hotel.card_of("Åsa Lindqvist")), ["waiting_to_be_issued"]);
}

#[test]
fn a_written_credential_goes_onto_no_other_card() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("José García");
    let blank = hotel.world.new_card(Make::Own);
    let desk = hotel.encoder("Front Desk");
    hotel.world.place_card(desk, blank.clone()).unwrap();
    let attempt = hotel.encode("Front Desk", credential);
    assert_eq!(hotel.outcome(attempt), Err(Failure::CannotBeReissued));
    assert!(hotel.world.cards[&blank].content.is_none());
    // Its own card takes it.
    let own = hotel.credential(credential).card_number.clone().unwrap();
    assert_eq!(hotel.world.place_card(desk, own.clone()).unwrap_err().kind, "card_in_the_way");
    hotel.world.lift_card(desk);
    hotel.world.place_card(desk, own).unwrap();
    let attempt = hotel.encode("Front Desk", credential);
    hotel.at(WRITE);
    assert_eq!(hotel.outcome(attempt), Ok("success"));
}

#[test]
fn a_card_can_be_written_with_another_credential_and_the_first_opens_nothing_any_more() {
    let mut hotel = Hotel::open();
    let (old, new) = (hotel.card_of("José García"), hotel.card_of("Jonas Fischer"));
    let number = hotel.credential(old).card_number.clone().unwrap();
    let desk = hotel.encoder("Front Desk");
    hotel.world.place_card(desk, number.clone()).unwrap();
    let attempt = hotel.encode("Front Desk", new);
    hotel.at(WRITE);
    assert_eq!(hotel.outcome(attempt), Ok("success"));
    assert_eq!(hotel.credential(new).card_number.as_ref(), Some(&number));
    assert_eq!(hotel.warnings(old), ["unknown_issue_with_acs_credential"]);
    assert_eq!(hotel.events(), ["acs_credential.invalidated", "acs_credential.issued"]);
}

#[test]
fn lifting_the_card_while_it_is_written_interrupts_and_leaves_it_as_it_was() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("Jonas Fischer");
    let desk = hotel.encoder("Front Desk");
    hotel.world.set_manual(desk, true, None);
    let attempt = hotel.encode("Front Desk", credential);
    hotel.at(9 * (CARD + WRITE));
    assert_eq!(hotel.outcome(attempt), Ok("pending"), "nobody has placed a card yet");
    let card = hotel.world.new_card(Make::Own);
    hotel.world.place_card(desk, card.clone()).unwrap();
    hotel.at(9 * (CARD + WRITE) + WRITE - 1);
    assert_eq!(hotel.outcome(attempt), Ok("pending"));
    assert_eq!(hotel.world.lift_card(desk), Some(card.clone()));
    assert_eq!(hotel.outcome(attempt), Err(Failure::Interrupted));
    hotel.at(100 * (CARD + WRITE));
    assert!(hotel.world.cards[&card].content.is_none());
    assert!(hotel.credential(credential).issued_at.is_none());
    // The same card once more.
    hotel.world.place_card(desk, card).unwrap();
    let again = hotel.encode("Front Desk", credential);
    hotel.at(101 * (CARD + WRITE));
    assert_eq!(hotel.outcome(again), Ok("success"));
}

#[test]
fn the_step_of_an_attempt_that_is_over_does_not_touch_the_next_one() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("Jonas Fischer");
    let desk = hotel.encoder("Front Desk");
    let card = hotel.world.new_card(Make::Own);
    hotel.world.place_card(desk, card.clone()).unwrap();
    hotel.encode("Front Desk", credential);
    hotel.at(WRITE - 100);
    hotel.world.lift_card(desk);
    hotel.world.place_card(desk, card).unwrap();
    let again = hotel.encode("Front Desk", credential);
    hotel.at(WRITE);
    assert_eq!(hotel.outcome(again), Ok("pending"));
    hotel.at(2 * WRITE - 100);
    assert_eq!(hotel.outcome(again), Ok("success"));
}

#[test]
fn a_manual_encoder_waits_as_long_as_it_is_told() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("Jonas Fischer");
    let desk = hotel.encoder("Front Desk");
    hotel.world.set_manual(desk, true, Some(SignedDuration::from_millis(700)));
    let attempt = hotel.encode("Front Desk", credential);
    hotel.at(699);
    assert_eq!(hotel.outcome(attempt), Ok("pending"));
    hotel.at(700);
    assert_eq!(hotel.outcome(attempt), Err(Failure::NoCredential));
    let foreign = hotel.world.new_card(Make::Foreign);
    hotel.world.place_card(desk, foreign).unwrap();
    let attempt = hotel.encode("Front Desk", credential);
    assert_eq!(hotel.outcome(attempt), Err(Failure::IncompatibleFormat));
}

#[test]
fn back_in_automatic_mode_the_right_card_comes_by_itself() {
    let mut hotel = Hotel::open();
    let desk = hotel.encoder("Front Desk");
    let foreign = hotel.world.new_card(Make::Foreign);
    hotel.world.place_card(desk, foreign).unwrap();
    hotel.world.set_manual(desk, false, None);
    let credential = hotel.card_of("Jonas Fischer");
    let attempt = hotel.encode("Front Desk", credential);
    hotel.at(CARD + WRITE);
    assert_eq!(hotel.outcome(attempt), Ok("success"));
    assert!(hotel.world.encoders.get(desk).unwrap().card.is_none(), "it goes by itself, too");
}

#[test]
fn silent_encoders_fail_after_the_time_it_takes_to_notice() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("Jonas Fischer");
    let offline = hotel.encode("Back Office", credential);
    hotel.at(CARD - 1);
    assert_eq!(hotel.outcome(offline), Ok("pending"));
    hotel.at(CARD);
    assert_eq!(hotel.outcome(offline), Err(Failure::NotOnline));
    // One that falls silent while it writes times out.
    let desk = hotel.encoder("Front Desk");
    let attempt = hotel.encode("Front Desk", credential);
    hotel.at(CARD + CARD + 1);
    hotel.world.set_online(desk, false);
    hotel.at(CARD + CARD + 1 + CARD);
    assert_eq!(hotel.outcome(attempt), Err(Failure::Timeout));
    hotel.world.set_online(desk, true);
    hotel.world.set_removed(desk, true);
    let removed = hotel.encode("Front Desk", credential);
    hotel.at(10 * CARD);
    assert_eq!(hotel.outcome(removed), Err(Failure::NotOnline));
    assert_eq!(hotel.events(), ["acs_encoder.removed"]);
}

#[test]
fn without_the_bridge_attempts_fail_and_changes_wait() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("Jonas Fischer");
    let running = hotel.encode("Front Desk", credential);
    hotel.at(CARD + 1);
    let jane = hotel.jane();
    hotel.world.set_bridge(false);
    hotel.at(CARD + 1 + CARD);
    assert_eq!(hotel.outcome(running), Err(Failure::Bridge));
    let later = hotel.encode("Front Desk", credential);
    hotel.at(10 * SYNC);
    assert_eq!(hotel.outcome(later), Err(Failure::Bridge));
    assert_eq!(hotel.world.users.get(jane).unwrap().mutations.len(), 1);
    let system = answer::system(&hotel.world);
    assert_eq!(system["errors"][0]["error_code"], json!("seam_bridge_disconnected"));
    hotel.world.set_bridge(true);
    hotel.at(11 * SYNC);
    assert!(hotel.world.users.get(jane).unwrap().mutations.is_empty());
    assert_eq!(answer::system(&hotel.world)["errors"], json!([]));
    assert_eq!(hotel.events(), ["acs_user.created", "acs_system.disconnected", "acs_system.connected"]);
}

#[test]
fn a_credential_that_is_deleted_meanwhile_is_not_written() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("Jonas Fischer");
    let attempt = hotel.encode("Front Desk", credential);
    hotel.at(CARD + WRITE - 1);
    hotel.world.delete_credential(credential);
    hotel.at(CARD + WRITE);
    assert_eq!(hotel.outcome(attempt), Err(Failure::CredentialDeleted));
    assert!(hotel.world.cards.values().all(|card| {
        card.content.as_ref().is_none_or(|content| content.credential != hotel.credential(credential).id)
    }));
}

#[test]
fn a_user_that_the_key_system_refused_gets_no_card() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("Thomas Schneider");
    let attempt = hotel.encode("Front Desk", credential);
    hotel.at(CARD + WRITE);
    assert_eq!(hotel.outcome(attempt), Err(Failure::UserMissing));
}

#[test]
fn deleting_a_user_lingers_and_takes_its_credentials_along() {
    let mut hotel = Hotel::open();
    let (user, credential) = (hotel.user("José García"), hotel.card_of("José García"));
    hotel.world.delete_user(user);
    let view = serde_json::to_value(answer::user(&hotel.world, hotel.world.users.get(user).unwrap())).unwrap();
    assert_eq!(view["warnings"][0]["warning_code"], json!("being_deleted"));
    assert_eq!(view["pending_mutations"][0]["mutation_code"], json!("deleting"));
    assert_eq!(hotel.warnings(credential), ["being_deleted"]);
    hotel.at(SYNC);
    assert!(hotel.world.users.get(user).is_none() && hotel.world.credentials.get(credential).is_none());
    let room = hotel.world.groups.get(hotel.group("Room 316")).unwrap();
    assert!(!room.members.contains(&user));
    assert_eq!(hotel.events(), ["acs_credential.deleted", "acs_user.deleted"]);
}

#[test]
fn what_is_on_its_way_arrives_one_by_one() {
    let mut hotel = Hotel::open();
    let (user, gym, pool) = (hotel.user("José García"), hotel.group("Gym"), hotel.group("Pool & Spa"));
    hotel.world.add_to_group(user, gym);
    hotel.at(1000).add_to_group(user, pool);
    let pending = |hotel: &Hotel| hotel.world.users.get(user).unwrap().mutations.len();
    assert_eq!(pending(&hotel), 2);
    hotel.at(SYNC);
    assert_eq!(pending(&hotel), 1);
    hotel.at(SYNC + 1000);
    assert_eq!(pending(&hotel), 0);
    assert!(hotel.world.groups.get(gym).unwrap().mutations.is_empty());
    assert!(hotel.credential(hotel.card_of("José García")).syncing_until.is_none());
}

#[test]
fn simulated_failures_strike_the_next_attempt_alone() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("Jonas Fischer");
    let desk = hotel.encoder("Front Desk");
    hotel.world.encoders.get_mut(desk).unwrap().next_encode = Some((Fate::Fail(Failure::Interrupted), None));
    let one = hotel.encode("Front Desk", credential);
    let two = hotel.encode("Front Desk", credential);
    hotel.at(CARD + WRITE / 2);
    assert_eq!([one, two].map(|key| hotel.outcome(key)), [Err(Failure::Interrupted), Ok("pending")]);
    hotel.at(10 * WRITE);
    assert_eq!(hotel.outcome(two), Ok("success"));
    // A failure that is meant for one credential leaves the others alone, and stays for its own.
    let meant = hotel.credential(credential).id;
    hotel.world.encoders.get_mut(desk).unwrap().next_encode = Some((Fate::Fail(Failure::Expired), Some(meant)));
    let other = hotel.encode("Front Desk", hotel.card_of("Åsa Lindqvist"));
    let own = hotel.encode("Front Desk", credential);
    hotel.at(20 * WRITE);
    assert_eq!([other, own].map(|key| hotel.outcome(key)), [Ok("success"), Err(Failure::Expired)]);
    // Success can be promised even to an encoder that is off line.
    let back = hotel.encoder("Back Office");
    hotel.world.encoders.get_mut(back).unwrap().next_encode = Some((Fate::Issue, None));
    let promised = hotel.encode("Back Office", credential);
    hotel.at(30 * WRITE);
    assert_eq!(hotel.outcome(promised), Ok("success"));
}

#[test]
fn one_card_does_not_lie_on_two_encoders() {
    let mut hotel = Hotel::open();
    let credential = hotel.card_of("José García");
    let one = hotel.encode("Front Desk", credential);
    let two = hotel.encode("Concierge", credential);
    hotel.at(CARD + WRITE);
    assert_eq!([one, two].map(|key| hotel.outcome(key)), [Ok("success"), Err(Failure::NoCredential)]);
    let number = hotel.credential(credential).card_number.clone().unwrap();
    let (desk, concierge) = (hotel.encoder("Front Desk"), hotel.encoder("Concierge"));
    hotel.world.place_card(desk, number.clone()).unwrap();
    assert_eq!(hotel.world.place_card(concierge, number).unwrap_err().kind, "card_in_the_way");
}

#[test]
fn the_hand_made_hotel_has_guests_in_every_state() {
    let hotel = Hotel::open();
    assert_eq!(hotel.world.users.len(), 29);
    assert!(hotel.world.users.iter().all(|(_, row)| row.full_name != "Jane Doe"));
    let room = hotel.world.groups.get(hotel.group("Room 204")).unwrap();
    assert!(room.members.contains(&hotel.user("John Doe")));
    assert!(hotel.world.held_by(hotel.user("John Doe"), Method::Card).is_none());
    assert_eq!(hotel.warnings(hotel.card_of("Marco Bianchi")), ["needs_to_be_reissued"]);
    assert!(hotel.world.held_by(hotel.user("Yuki Sato"), Method::MobileKey).is_some());
    assert!(hotel.world.users.get(hotel.user("Sinéad O'Doe")).unwrap().suspended);
    let written = hotel.credential(hotel.card_of("Marco Bianchi")).card_number.as_ref().unwrap();
    let content = hotel.world.cards[written].content.as_ref().unwrap();
    assert!(!content.groups.contains(&hotel.group("Pool & Spa")), "his card is older than his groups");
}

#[test]
fn a_larger_hotel_is_the_same_for_a_seed_and_has_as_many_users_as_asked_for() {
    let (one, two) = (Hotel::with_users(Some(3000)), Hotel::with_users(Some(3000)));
    assert_eq!(one.world.users.len(), 3000);
    assert!(one.world.credentials.len() > 2000 && one.world.credentials.len() <= 3000);
    assert!(one.world.groups.len() <= 910);
    let ids =
        |hotel: &Hotel| hotel.world.users.iter().map(|(_, row)| (row.id, row.full_name.clone())).collect::<Vec<_>>();
    assert_eq!(ids(&one), ids(&two));
    assert_eq!(Hotel::with_users(Some(5)).world.users.len(), 29);
    let busiest =
        one.world.groups.iter().filter(|(_, row)| row.name.starts_with("Room ")).map(|(_, row)| row.members.len());
    assert!(busiest.max() <= Some(3), "a room is not a dormitory");
}
