//! Users, their groups and credentials, and what guests there are.

use super::*;

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
fn group_changes_outdate_a_card_until_it_is_written() {
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
fn a_larger_hotel_follows_from_seed_and_size() {
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
