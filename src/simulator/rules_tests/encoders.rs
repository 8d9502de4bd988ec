//! Attempts on encoders: waiting, writing, failing, and what a card then holds.

use super::*;

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
fn attempts_queue_at_one_encoder_and_run_side_by_side() {
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
fn another_credential_replaces_the_first_on_a_card() {
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
fn a_card_lifted_too_early_stays_as_it_was() {
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
fn a_step_of_a_past_attempt_leaves_the_next_one_alone() {
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
