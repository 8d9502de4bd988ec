//! The form about a guest who is there: another room, another departure, other data.

use keydesk::app::effect::Effect;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::command::Command;
use keydesk::domain::job::order::{AccessChange, CardWork, Order};
use keydesk::keys::action::Action;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

fn desk_with(name: &str, action: Action) -> Desk {
    let mut desk = Desk::open();
    desk.choose(name);
    desk.act(action);
    desk.see(&format!("Changes for {name}"));
    desk
}

fn names<Id>(groups: &[keydesk::domain::job::order::Named<Id>]) -> Vec<&str> {
    groups.iter().map(|group| group.name.as_str()).collect()
}

/// Saves from the field, says yes to the plan, and gives the order.
fn written(desk: &mut Desk) -> Order {
    desk.enter();
    desk.settle();
    desk.see("Card for ");
    desk.enter();
    desk.ordered().1
}

#[test]
fn a_day_longer_and_written_takes_five_keys() {
    let mut desk = desk_with("José García", Action::Departure);
    desk.see("2026-11-26 11:00");
    desk.type_text("+1");
    desk.see("Fri 27 Nov 2026, 11:00");
    desk.see("1 night more");
    desk.see("Enter  save");
    let order = written(&mut desk);
    assert_eq!(order.schedule.unwrap().ends_at, Some("2026-11-27T10:00:00Z".parse().unwrap()));
    assert_eq!(order.card, CardWork::Update("c-u-jose".into()));
    assert!(order.add.is_empty() && order.remove.is_empty() && order.details.is_none(), "nothing else changes");
}

#[test]
fn a_move_swaps_the_room_and_keeps_the_rest() {
    let mut desk = desk_with("José García", Action::MoveRoom);
    desk.type_text("402");
    desk.data(Fact::UsersOf(world::group("Room 402"), Ok(Vec::new())));
    let order = written(&mut desk);
    assert_eq!((names(&order.add), names(&order.remove)), (vec!["Room 402"], vec!["Room 311"]));
    assert_eq!(order.card, CardWork::Update("c-u-jose".into()));
    assert_eq!(order.schedule, None);
}

#[test]
fn a_move_into_a_room_that_is_taken_is_a_question() {
    let mut desk = desk_with("José García", Action::MoveRoom);
    desk.type_text("204");
    desk.data(Fact::UsersOf(world::group("Room 204"), Ok(vec!["u-john".into()])));
    desk.enter();
    desk.see("John Doe");
    assert!(desk.ordered_any().is_none());
}

#[test]
fn who_arrives_after_the_guest_leaves_is_not_in_the_way() {
    let mut desk = Desk::open();
    let mut row = world::user(&world::GUESTS[2]);
    row["access_schedule"]["starts_at"] = json!("2026-12-20T14:00:00Z");
    row["access_schedule"]["ends_at"] = json!("2026-12-22T10:00:00Z");
    desk.data(Fact::user(from(row)));
    desk.choose("José García");
    desk.act(Action::MoveRoom);
    desk.type_text("415");
    desk.data(Fact::UsersOf(world::group("Room 415"), Ok(vec!["u-max".into()])));
    assert_eq!(names(&written(&mut desk).add), ["Room 415"]);
}

#[test]
fn of_two_rooms_the_one_in_the_field_is_left_and_the_other_stays() {
    let mut desk = desk_with("Ana Maria Villanueva de la Fuente y Santisteban", Action::MoveRoom);
    desk.see("Room 206");
    desk.type_text("402");
    desk.data(Fact::UsersOf(world::group("Room 402"), Ok(Vec::new())));
    let order = written(&mut desk);
    assert_eq!((names(&order.add), names(&order.remove)), (vec!["Room 402"], vec!["Room 205"]));
}

#[test]
fn name_and_contact_are_mended_and_can_not_be_taken_away() {
    let mut desk = desk_with("John Doe", Action::Edit);
    desk.type_text("John Roe");
    desk.keys("Tab Tab Tab Tab");
    desk.press("Backspace");
    desk.press("Ctrl-S");
    desk.see("can be changed, not taken away");
    desk.type_text("john.roe@example.com");
    desk.press("Ctrl-S");
    desk.settle();
    desk.enter();
    let order = desk.ordered().1;
    let details = order.details.unwrap();
    assert_eq!(details.full_name.as_deref(), Some("John Roe"));
    assert_eq!(details.email_address.as_deref(), Some("john.roe@example.com"));
    assert_eq!((details.phone_number, order.schedule), (None, None));
    assert!(order.add.is_empty() && order.remove.is_empty());
    assert_eq!(order.card, CardWork::None, "he has no card");
}

#[test]
fn a_group_that_is_taken_away_in_the_form_is_left() {
    let mut desk = desk_with("José García", Action::Edit);
    desk.keys("Tab Tab Tab Tab Tab");
    desk.press("Backspace");
    desk.press("Ctrl-S");
    desk.settle();
    desk.enter();
    let order = desk.ordered().1;
    assert_eq!((names(&order.add), names(&order.remove)), (vec![], vec!["Pool & Spa"]));
}

#[test]
fn nothing_changed_is_nothing_saved() {
    for action in [Action::Edit, Action::Departure, Action::MoveRoom] {
        let mut desk = desk_with("José García", action);
        desk.press("Ctrl-S");
        assert!(desk.model().dialogs.is_empty(), "{action:?}");
        let mut desk = desk_with("José García", action);
        desk.press("Esc");
        assert!(desk.model().dialogs.is_empty(), "{action:?}: nothing was typed, so nothing is asked");
        assert!(!desk.effects().iter().any(|effect| matches!(effect, Effect::Draft(Some(_)) | Effect::Job(_))));
    }
}

#[test]
fn who_comes_back_is_let_in_again_with_new_dates() {
    let mut row = world::user(&world::GUESTS[1]);
    row["is_suspended"] = json!(true);
    row["access_schedule"]["ends_at"] = json!("2026-11-20T10:00:00Z");
    let mut desk = Desk::open();
    desk.data(Fact::user(from(row)));
    desk.choose("José García");
    desk.act(Action::Departure);
    desk.see_no("2026-11-20");
    desk.type_text("3");
    desk.enter();
    desk.see("suspension ends");
    desk.enter();
    let (_, order) = desk.ordered();
    assert_eq!(order.access, Some(AccessChange::Unsuspend));
}

#[test]
fn a_form_that_was_left_behind_still_knows_the_room_that_is_left() {
    let mut desk = desk_with("José García", Action::MoveRoom);
    desk.type_text("402");
    let kept = desk.effects().into_iter().filter_map(|effect| match effect {
        Effect::Draft(Some(draft)) => Some(draft),
        _ => None,
    });
    let draft = kept.last().unwrap();
    assert_eq!(names(&draft.was), ["Pool & Spa", "Room 311"]);
    assert_eq!(
        (draft.room.as_str(), draft.guest.as_ref().map(keydesk::seam::types::UserId::as_str)),
        ("402", Some("u-jose"))
    );
}

trait OrderedAny {
    fn ordered_any(&mut self) -> Option<Order>;
}

impl OrderedAny for Desk {
    fn ordered_any(&mut self) -> Option<Order> {
        self.effects().into_iter().find_map(|effect| match effect {
            Effect::Job(Command::Start { order, .. }) => Some(*order),
            _ => None,
        })
    }
}

#[test]
fn another_card_for_the_room_takes_two_keys_and_shares_groups_and_end() {
    let mut desk = Desk::open();
    desk.choose("José García");
    desk.act(Action::AnotherCard);
    desk.see("José García (2)");
    desk.data(Fact::UsersOf(world::group("Room 311"), Ok(vec!["u-jose".into()])));
    desk.enter();
    let (_, order) = desk.ordered();
    assert_eq!(order.guest.name(), "José García (2)");
    assert_eq!(names(&order.add), ["Room 311", "Pool & Spa"]);
    assert_eq!(order.schedule.unwrap().ends_at, Some("2026-11-26T10:00:00Z".parse().unwrap()));
    assert_eq!((order.card, order.details), (CardWork::New, None));
}

#[test]
fn a_companion_has_the_next_free_number_and_is_asked_about_in_another_room_only() {
    let mut desk = Desk::open();
    desk.data(Fact::user(from(json!({"acs_user_id": "u-2", "full_name": "José García (2)"}))));
    desk.choose("José García");
    desk.act(Action::AnotherCard);
    desk.see("José García (3)");
    desk.type_text("Maria García");
    desk.press("Tab");
    desk.type_text("415");
    desk.data(Fact::UsersOf(world::group("Room 415"), Ok(vec!["u-max".into()])));
    desk.enter();
    desk.see("Max Doerr");
    assert!(desk.ordered_any().is_none());
}
