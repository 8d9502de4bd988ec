//! Check-out: who leaves, what becomes of each, and what is told afterwards.

use keydesk::app::effect::Effect;
use keydesk::domain::check_out::CheckOutKind;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::command::Command;
use keydesk::domain::job::order::{AccessChange, CardWork, Order};
use keydesk::keys::action::Action;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

fn leaving_with(kind: CheckOutKind, name: &str) -> Desk {
    let settings = keydesk::component::ctx::Settings { check_out_kind: kind, ..world::settings() };
    let mut desk = Desk::open_with(settings, (120, 36));
    desk.choose(name);
    desk.act(Action::CheckOut);
    desk.settle();
    desk
}

fn leaving(name: &str) -> Desk {
    leaving_with(CheckOutKind::Suspend, name)
}

fn orders(desk: &mut Desk) -> Vec<Order> {
    let is_start = |effect| match effect {
        Effect::Job(Command::Start { order, .. }) => Some(*order),
        _ => None,
    };
    desk.effects().into_iter().filter_map(is_start).collect()
}

fn removed(order: &Order) -> Vec<&str> {
    order.remove.iter().map(|group| group.name.as_str()).collect()
}

#[test]
fn a_room_is_checked_out_with_two_keys_and_each_guest_has_an_order() {
    let mut desk = leaving("Lucía Álvarez");
    desk.see("Check out Room 204");
    desk.see("COLLECT 1 CARD");
    desk.see("until Sat 28 Nov 11:00");
    desk.see("Doe, John");
    desk.enter();
    desk.see_no("Check out Room 204");
    let orders = orders(&mut desk);
    assert_eq!(orders.iter().map(|order| order.guest.name()).collect::<Vec<_>>(), ["Lucía Álvarez", "John Doe"]);
    assert!(orders.iter().all(|order| order.access == Some(AccessChange::Suspend) && removed(order) == ["Room 204"]));
    assert_eq!(orders[1].card, CardWork::None, "he has no card");
    assert_eq!(orders[0].card, CardWork::Cancel("c-u-lucia".into()));
    assert!(orders[0].batch.is_some() && orders[0].batch == orders[1].batch, "they were given together");
}

#[test]
fn what_happens_follows_the_settings_and_stands_on_each_row() {
    for (kind, said, access, leaves) in [
        (CheckOutKind::Suspend, "suspended, card cancelled", Some(AccessChange::Suspend), &["Room 119"][..]),
        (CheckOutKind::Delete, "deleted, card cancelled", Some(AccessChange::Delete), &[]),
        (CheckOutKind::Card, "card cancelled", None, &[]),
    ] {
        let mut desk = leaving_with(kind, "Nils Andersson");
        desk.see(said);
        desk.enter();
        let orders = orders(&mut desk);
        assert_eq!((orders[0].access, removed(&orders[0]).as_slice()), (access, leaves), "{kind:?}");
        assert_eq!(orders[0].card, CardWork::Cancel("c-u-nils".into()));
    }
}

#[test]
fn who_is_also_in_another_room_stays_and_when_ticked_leaves_this_room_only() {
    let mut desk = leaving("Tom Quinn");
    desk.see("stays: also in 206 until Sat 28 Nov 11:00");
    desk.enter();
    assert_eq!(orders(&mut desk).iter().map(|order| order.guest.name().to_owned()).collect::<Vec<_>>(), ["Tom Quinn"]);
    let mut desk = leaving("Tom Quinn");
    desk.keys("Down Space");
    desk.see("leaves this room only, keeps the card");
    desk.enter();
    let orders = orders(&mut desk);
    let ana = orders.iter().find(|order| order.guest.name().starts_with("Ana")).unwrap();
    assert_eq!((ana.access, removed(ana).as_slice(), &ana.card), (None, &["Room 205"][..], &CardWork::None));
}

#[test]
fn a_guest_in_two_rooms_leaves_them_one_by_one() {
    let mut desk = leaving("Ana Maria");
    desk.see("Check out Room 205");
    desk.press("Tab");
    desk.settle();
    desk.see("Check out Room 206");
    desk.see("NOBODY IS TICKED");
    desk.enter();
    assert!(orders(&mut desk).is_empty(), "nobody is ticked, so Enter does nothing");
    desk.see("Check out Room 206");
}

#[test]
fn who_arrives_tonight_stays() {
    let mut desk = Desk::open();
    let mut row = world::user(&world::GUESTS[0]);
    row["access_schedule"]["starts_at"] = json!("2026-11-24T15:00:00Z");
    desk.data(Fact::user(from(row)));
    desk.choose("Lucía Álvarez");
    desk.act(Action::CheckOut);
    desk.data(Fact::GroupsOf("u-john".into(), Ok(vec![world::group("Room 204")])));
    desk.see("stays: arrives 16:00");
    desk.enter();
    assert_eq!(orders(&mut desk).len(), 1);
}

#[test]
fn who_is_in_no_room_or_opens_many_doors_is_never_ticked_and_asked_about_by_name() {
    let mut desk = leaving("Eva Brandt");
    desk.see("in no room, maybe staff");
    desk.enter();
    assert!(orders(&mut desk).is_empty());
    desk.press("Space");
    desk.enter();
    desk.see("Eva Brandt may be staff");
    desk.wait(1000);
    desk.enter();
    assert!(orders(&mut desk).is_empty(), "the first answer is harmless");
    desk.enter();
    desk.wait(1000);
    desk.press("Down");
    desk.enter();
    assert_eq!(orders(&mut desk).len(), 1);

    let settings = keydesk::component::ctx::Settings { guard_doors: 2, ..world::settings() };
    let mut desk = Desk::open_with(settings, (120, 36));
    desk.choose("John Doe");
    desk.act(Action::CheckOut);
    desk.settle();
    desk.see("doors, maybe staff");
}

#[test]
fn cards_only_leaves_the_guests_as_they_are() {
    let mut desk = leaving("Nguyễn Minh Anh");
    desk.see("suspended, card cancelled, mobile key off");
    desk.keys("End Space");
    desk.see("card cancelled, the mobile key stays");
    desk.enter();
    let orders = orders(&mut desk);
    assert_eq!((orders[0].access, orders[0].remove.len()), (None, 0));
    assert_eq!(orders[0].card, CardWork::Cancel("c-u-minh".into()));
}

#[test]
fn nobody_is_ticked_whose_groups_are_not_read() {
    let mut desk = leaving("Nils Andersson");
    desk.data(Fact::UsersOf(world::group("Room 119"), Ok(vec!["u-nils".into(), "u-will".into()])));
    desk.see("the groups are not read yet");
    desk.enter();
    assert_eq!(orders(&mut desk).len(), 1);
}

#[test]
fn the_access_of_one_guest_is_changed_after_a_question_that_names_the_guest() {
    for (name, action, question, access, card) in [
        ("Nils Andersson", "Suspend the guest", "Suspend Nils Andersson?", Some(AccessChange::Suspend), false),
        ("Pål Eriksen", "End the suspension", "suspension of Pål Eriksen?", Some(AccessChange::Unsuspend), false),
        ("Nils Andersson", "Cancel the card", "Cancel the card of Nils", None, true),
        ("Nils Andersson", "Delete the guest", "Delete Nils Andersson", Some(AccessChange::Delete), true),
    ] {
        for (answer, is_done) in [("Enter", false), ("Down Enter", true)] {
            let mut desk = Desk::open();
            desk.choose(name);
            desk.act(Action::Palette);
            desk.type_text(action);
            desk.enter();
            desk.see(question);
            desk.wait(1000);
            desk.keys(answer);
            let orders = orders(&mut desk);
            assert_eq!(orders.len(), usize::from(is_done), "{action}");
            for order in orders {
                assert_eq!((order.guest.name(), order.access), (name, access));
                assert_eq!(matches!(order.card, CardWork::Cancel(_)), card, "{action}");
            }
        }
    }
}

#[test]
fn what_can_not_be_done_says_why() {
    for (name, action, why) in [
        ("Pål Eriksen", "Suspend the guest", "is suspended already"),
        ("Nils Andersson", "End the suspension", "is not suspended"),
        ("Eva Brandt", "Cancel the card", "has no card"),
    ] {
        let mut desk = Desk::open();
        desk.choose(name);
        desk.act(Action::Palette);
        desk.type_text(action);
        desk.see(why);
        desk.enter();
        assert!(orders(&mut desk).is_empty());
    }
}

#[test]
fn a_check_out_is_taken_back_and_the_cancelled_card_stays_cancelled() {
    let mut desk = leaving("Lucía Álvarez");
    desk.enter();
    orders(&mut desk);
    desk.act(Action::Palette);
    desk.type_text("take the last");
    desk.press("Enter");
    let back = orders(&mut desk);
    assert_eq!(back.len(), 2);
    assert!(back.iter().all(|order| order.access == Some(AccessChange::Unsuspend) && order.card == CardWork::None));
    assert!(back.iter().all(|order| order.add.iter().any(|group| group.name == "Room 204")));
    desk.act(Action::Palette);
    desk.type_text("take the last");
    desk.press("Enter");
    assert!(orders(&mut desk).is_empty(), "only once");
}
