//! The card plan: what is chosen, what it says before it starts.

use keydesk::domain::fact::Fact;
use keydesk::domain::job::order::{CardWork, Guest};
use keydesk::domain::query::Query;
use keydesk::keys::action::Action;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

fn plan_of(name: &str) -> Desk {
    let mut desk = Desk::open();
    desk.choose(name);
    desk.act(Action::Card);
    desk.see(&format!("Card for {name}"));
    desk
}

#[test]
fn the_work_follows_the_state_of_the_card() {
    for (name, work, card) in [
        ("John Doe", CardWork::New, "a BLANK card goes on Front Desk"),
        ("Jonas Fischer", CardWork::EncodeAgain("c-u-jonas".into()), "a BLANK card goes on Front Desk"),
        ("Max Doerr", CardWork::Update("c-u-max".into()), "the guest's OWN card goes on Front Desk"),
        ("José García", CardWork::Update("c-u-jose".into()), "the guest's OWN card goes on Front Desk"),
    ] {
        let mut desk = plan_of(name);
        desk.see(card);
        desk.enter();
        let (_, order) = desk.ordered();
        assert_eq!(order.card, work, "{name}");
        assert_eq!(order.encoder.unwrap().id.as_str(), "e-front");
        assert!(matches!(&order.guest, Guest::Existing(user) if user.name == name));
    }
}

#[test]
fn a_lost_card_is_replaced_only_when_it_is_chosen() {
    let mut desk = plan_of("José García");
    desk.see("Update card");
    desk.see_no("stops working");
    desk.press("Down");
    desk.see("a BLANK card goes on Front Desk");
    desk.see("the old card, no. 16F0AB, stops working");
    desk.press("Down");
    desk.enter();
    let (id, order) = desk.ordered();
    assert_eq!(order.card, CardWork::Replace("c-u-jose".into()));
    desk.begin_with(id, order);
    desk.see("stop the old card");
    desk.run(id);
    desk.see("old card stopped");
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
}

#[test]
fn up_goes_back_to_the_first_choice() {
    let mut desk = plan_of("José García");
    desk.keys("Down Up Up");
    desk.enter();
    assert_eq!(desk.ordered().1.card, CardWork::Update("c-u-jose".into()));
}

#[test]
fn the_plan_tells_who_is_in_the_room_until_when_and_the_doors() {
    let mut desk = plan_of("John Doe");
    for words in ["Room 204, Pool & Spa · 6 doors", "also in the room: Lucía Álvarez", "Until      Sat 28 Nov 11:00"]
    {
        desk.see(words);
    }
    let mut desk = plan_of("Ludwig van Beethoven");
    desk.see("no end date");
    desk.see_no("also in the room");
    let mut desk = plan_of("Eva Brandt");
    desk.see("no groups: this card will open nothing");
}

#[test]
fn what_makes_a_card_useless_is_said_before() {
    let mut desk = plan_of("Pål Eriksen");
    desk.see("the guest is suspended");
    let mut desk = plan_of("Leila Haddad");
    desk.see("Until      Mon 23 Nov 11:00");
    desk.see("the card will open nothing");
    let mut desk = plan_of("Sinéad O'Doe");
    desk.see("The key system refused to create this");
}

#[test]
fn the_plan_reads_the_truth_anew_and_shows_what_changed() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.effects();
    desk.act(Action::Card);
    let queries = desk.queries();
    assert!(queries.contains(&Query::User("u-john".into())), "{queries:?}");
    assert!(queries.contains(&Query::UsersOf(world::group("Room 204"))), "{queries:?}");
    desk.see("New card");
    // Another desk made a card meanwhile.
    desk.data(Fact::CredentialsOf("u-john".into(), Ok(vec![from(world::card("u-john", true, None))])));
    desk.see("Update card");
    desk.see("OWN card");
    desk.enter();
    assert_eq!(desk.ordered().1.card, CardWork::Update("c-u-john".into()));
}

#[test]
fn a_choice_that_is_gone_falls_back_to_the_first() {
    let mut desk = plan_of("José García");
    desk.press("Down");
    desk.data(Fact::CredentialsOf("u-jose".into(), Ok(Vec::new())));
    desk.see("New card");
    desk.enter();
    assert_eq!(desk.ordered().1.card, CardWork::New);
}

#[test]
fn a_guest_who_is_gone_closes_the_plan() {
    let mut desk = plan_of("Tom Quinn");
    desk.data(Fact::User("u-tom".into(), Ok(None)));
    assert!(desk.model().dialogs.is_empty());
}

#[test]
fn while_the_cards_are_not_known_nothing_starts() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for data in
        world::everything().into_iter().filter(|data| !matches!(data, Fact::Credentials(_) | Fact::CredentialsEnd(_)))
    {
        desk.data(data);
    }
    desk.select("John Doe");
    desk.effects();
    desk.act(Action::Card);
    desk.see("The guest's cards are still being read.");
    desk.enter();
    assert!(desk.model().ctx.jobs.unfinished().next().is_none());
    assert_eq!(desk.model().dialogs.len(), 1, "the plan waits");
    desk.effects();
    desk.data(Fact::CredentialsEnd(Ok(())));
    desk.enter();
    assert_eq!(desk.ordered().1.card, CardWork::New);
}

#[test]
fn the_cards_of_this_guest_are_enough_to_start() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for data in
        world::everything().into_iter().filter(|data| !matches!(data, Fact::Credentials(_) | Fact::CredentialsEnd(_)))
    {
        desk.data(data);
    }
    desk.choose("John Doe");
    desk.act(Action::Card);
    desk.effects();
    // The plan asked for them, and there are none; the list of all cards is still loading.
    desk.data(Fact::CredentialsOf("u-john".into(), Ok(Vec::new())));
    desk.enter();
    assert_eq!(desk.ordered().1.card, CardWork::New);
}

#[test]
fn another_encoder_is_chosen_and_a_busy_one_says_whose_turn() {
    let mut desk = plan_of("John Doe");
    desk.enter();
    let id = desk.begin();
    desk.run(id);
    desk.press("Esc");
    desk.choose("Eva Brandt");
    desk.act(Action::Card);
    desk.see("Front Desk is making a card for John Doe");
    desk.press("Tab");
    desk.see("Which encoder for ");
    assert!(desk.line("· Front Desk").contains("makes a card for John Doe"));
    desk.press("Up");
    desk.press("Up");
    desk.press("Down");
    desk.enter();
    desk.see("a BLANK card goes on Concierge");
    desk.enter();
    assert_eq!(desk.ordered().1.encoder.unwrap().name, "Concierge");
}

#[test]
fn one_encoder_is_no_choice_and_none_makes_no_card() {
    let mut desk = Desk::open();
    desk.data(Fact::Encoders(Ok(vec![from(json!({"acs_encoder_id": "e-front", "display_name": "Front Desk"}))])));
    desk.choose("John Doe");
    desk.act(Action::Card);
    desk.press("Tab");
    desk.see_no("Which encoder for ");
    let mut desk = Desk::open();
    desk.data(Fact::Encoders(Ok(Vec::new())));
    desk.act(Action::Card);
    desk.see("No encoder is there to write a card.");
    assert!(desk.model().dialogs.is_empty());
}

#[test]
fn escape_closes_the_plan_and_starts_nothing() {
    let mut desk = plan_of("John Doe");
    desk.effects();
    desk.press("Esc");
    assert!(desk.model().dialogs.is_empty());
    assert_eq!(desk.queries(), []);
}

#[test]
fn a_guest_in_two_rooms_has_both_in_the_order() {
    let mut desk = plan_of("Ana Maria Villanueva de la Fuente y Santisteban");
    desk.see("Room 205, Room 206");
    desk.see("Tom Quinn");
    desk.enter();
    assert_eq!(desk.ordered().1.room.as_deref(), Some("205, 206"));
}

#[test]
fn an_end_that_can_not_be_read_is_said_to_be_not_known() {
    for end in [json!("2026-11-28T10:00:00"), json!(1_795_860_000), json!("Saturday")] {
        let mut desk = Desk::open();
        desk.choose("Tom Quinn");
        let mut user = world::user(world::GUESTS.iter().find(|guest| guest.0 == "u-tom").unwrap());
        user["access_schedule"]["ends_at"] = end;
        desk.data(Fact::user(from(user)));
        desk.see("end not known");
        desk.act(Action::Card);
        assert!(desk.line("Until   ").contains("end not known"), "{}", desk.screen_text());
        desk.see_no("no end date");
        desk.enter();
        let id = desk.begin();
        desk.run(id);
        desk.see("Update card   Room 205 · end not known");
        desk.written(id);
        desk.see_no("no end date");
    }
}

#[test]
fn only_who_came_into_a_room_of_the_guest_has_taken_it_since() {
    let mut desk = plan_of("John Doe");
    desk.settle();
    desk.wait(1_000);
    let users_of = |room: &str, users: &[&str]| {
        Fact::UsersOf(world::group(room), Ok(users.iter().map(|user| (*user).into()).collect()))
    };
    // Who lives where the guest is put now was there before; and who is suspended takes no room.
    desk.data(users_of("Room 415", &["u-max", "u-eva"]));
    desk.data(Fact::GroupsOf("u-john".into(), Ok(vec![world::group("Room 204"), world::group("Room 415")])));
    desk.see("The guest's groups changed meanwhile: + Room 415");
    desk.data(users_of("Room 204", &["u-john", "u-lucia", "u-pal"]));
    desk.see_no("taken since");
    desk.data(users_of("Room 204", &["u-john", "u-lucia", "u-pal", "u-tom"]));
    desk.see("Room 204 is taken since: Tom Quinn");
}

#[test]
fn a_plan_that_is_open_says_what_others_changed() {
    let mut desk = plan_of("John Doe");
    desk.settle();
    desk.see_no("meanwhile");
    desk.see_no("taken since");
    desk.wait(1_000);
    // Somebody else takes the guest out of one group and puts him into another, and a stranger into the room.
    desk.data(Fact::GroupsOf("u-john".into(), Ok(vec![world::group("Room 204"), world::group("Gym")])));
    desk.see("The guest's groups changed meanwhile: + Gym − Pool & Spa");
    desk.press("Enter");
    assert!(desk.model().ctx.jobs.unfinished().next().is_none() && desk.effects().is_empty(), "not under the finger");
    desk.data(Fact::UsersOf(world::group("Room 204"), Ok(vec!["u-john".into(), "u-lucia".into(), "u-eva".into()])));
    desk.see("Room 204 is taken since: Eva Brandt");
    desk.data(Fact::user(from(json!({"acs_user_id": "u-john", "full_name": "John Doe"}))));
    desk.see("The end of access changed meanwhile");
    // It is a hint: Enter does what the plan says now.
    desk.enter();
    assert_eq!(desk.ordered().1.card, CardWork::New);
}
