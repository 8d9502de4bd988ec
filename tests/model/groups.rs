//! Group changes: staged by Space, saved by Enter, or made with the card.

use keydesk::app::effect::Effect;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::command::Decision;
use keydesk::domain::job::event::{Event, Intent};
use keydesk::domain::job::order::{CardWork, Guest, Order};
use keydesk::domain::query::Query;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::ui::list::Move;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

/// A desk with the cursor on this guest's groups.
fn at_groups_of(name: &str) -> Desk {
    let mut desk = Desk::open();
    desk.choose(name);
    desk.focus(PaneId::Groups);
    desk
}

fn stage(desk: &mut Desk, group: &str) {
    desk.act(Action::Search);
    desk.type_text(group);
    desk.keys("Enter Esc");
    desk.act(Action::Stage);
}

/// Looks at all changes, then saves them.
fn save(desk: &mut Desk) {
    desk.enter();
    desk.see("Save for ");
    desk.enter();
}

/// The names of the groups that are added and taken away.
fn names(order: &Order) -> (Vec<&str>, Vec<&str>) {
    let add = order.add.iter().map(|group| group.name.as_str()).collect();
    (add, order.remove.iter().map(|group| group.name.as_str()).collect())
}

#[test]
fn space_marks_in_and_out_and_back() {
    let mut desk = at_groups_of("John Doe");
    desk.act(Action::Stage);
    desk.see("− Room 204");
    assert!(desk.line("− Room 204").contains(keydesk::words::panes::LEAVES));
    desk.act(Action::Stage);
    desk.see("✓ Room 204");
    desk.see_no("not saved");
    stage(&mut desk, "gym");
    desk.see("+ Gym");
    assert!(desk.line("+ Gym").contains("not saved"));
    assert!(desk.key_line().contains("save"), "{}", desk.key_line());
    desk.act(Action::DropStaged);
    desk.see("· Gym");
    desk.see_no("not saved");
}

#[test]
fn staging_moves_no_row_under_the_finger() {
    let mut desk = at_groups_of("John Doe");
    desk.act(Action::Move(Move::Down));
    desk.act(Action::Move(Move::Down));
    desk.act(Action::Stage);
    desk.see("+ Car Park");
    desk.act(Action::Stage);
    desk.see("· Car Park");
}

#[test]
fn enter_saves_what_is_marked_as_one_order_without_a_card() {
    let mut desk = at_groups_of("John Doe");
    stage(&mut desk, "gym");
    stage(&mut desk, "pool");
    desk.effects();
    save(&mut desk);
    let (id, order) = desk.ordered();
    assert_eq!(names(&order), (vec!["Gym"], vec!["Pool & Spa"]));
    assert_eq!(order.card, CardWork::None);
    assert_eq!(order.encoder, None);
    assert!(matches!(&order.guest, Guest::Existing(user) if user.id.as_str() == "u-john"));
    assert_eq!(order.room.as_deref(), Some("204"));
    desk.begin_with(id, order);
    desk.see("saving");
    desk.run(id);
    // Nothing has to be placed: the desk is free at once, and says what was done.
    assert!(desk.model().dialogs.is_empty());
    assert!(desk.key_line().contains("John Doe"), "{}", desk.key_line());
    assert!(desk.queries().contains(&Query::User("u-john".into())));
}

#[test]
fn what_a_filter_hides_is_shown_before_it_is_saved() {
    for filter in ["zzz", "lounge", "room 4"] {
        for size in [(120, 36), (80, 24), (60, 18)] {
            let mut desk = at_groups_of("John Doe");
            desk.resize(size.0, size.1);
            desk.act(Action::Stage);
            stage(&mut desk, "gym");
            desk.act(Action::Search);
            desk.type_text(filter);
            desk.press("Enter");
            desk.see_no("Gym");
            desk.effects();
            desk.enter();
            for words in
                ["Save for John Doe?", "+ Gym", "− Room 204", "the guest has no room afterwards", "Enter  save"]
            {
                desk.see(words);
            }
            assert!(!desk.effects().iter().any(|effect| matches!(effect, Effect::Job(_))), "nothing is saved unseen");
            desk.press("Esc");
            desk.see("not saved");
            desk.enter();
            desk.enter();
            assert_eq!(names(&desk.ordered().1), (vec!["Gym"], vec!["Room 204"]));
        }
    }
}

#[test]
fn changes_that_change_while_they_are_looked_at_are_not_saved_by_the_enter_on_its_way() {
    let mut desk = at_groups_of("John Doe");
    desk.act(Action::Stage);
    stage(&mut desk, "gym");
    desk.enter();
    desk.wait(1000);
    desk.effects();
    let without: Vec<_> = world::groups().into_iter().filter(|group| group.name() != "Room 204").collect();
    desk.data(Fact::Groups(Ok(without)));
    desk.press("Enter");
    assert_eq!(desk.effects(), []);
    desk.see_no("Room 204");
    desk.enter();
    assert_eq!(names(&desk.ordered().1), (vec!["Gym"], vec![]));
    // Nothing of them is left: the box goes.
    let mut desk = at_groups_of("John Doe");
    stage(&mut desk, "gym");
    desk.enter();
    desk.data(Fact::Groups(Ok(world::groups().into_iter().filter(|group| group.name() != "Gym").collect())));
    desk.see_no("Save for");
}

#[test]
fn more_changes_than_fit_are_scrolled_and_the_keys_stay() {
    let mut desk = at_groups_of("John Doe");
    for _ in 0..world::groups().len() {
        desk.act(Action::Stage);
        desk.press("Down");
    }
    desk.resize(80, 24);
    desk.enter();
    desk.see("Enter  save");
    desk.see_no("− Room 204");
    desk.press("End");
    desk.see("− Room 204");
    desk.see("Enter  save");
}

#[test]
fn a_saved_move_is_for_the_new_room() {
    let mut desk = at_groups_of("John Doe");
    desk.act(Action::Stage);
    stage(&mut desk, "room 205");
    desk.effects();
    save(&mut desk);
    let (_, order) = desk.ordered();
    assert_eq!(names(&order), (vec!["Room 205"], vec!["Room 204"]));
    assert_eq!(order.room.as_deref(), Some("205"));
}

#[test]
fn nothing_marked_is_nothing_to_save() {
    let mut desk = at_groups_of("John Doe");
    desk.enter();
    desk.see("Nothing is marked. Space marks a group in or out.");
    assert!(!desk.effects().iter().any(|effect| matches!(effect, Effect::Job(_))));
}

#[test]
fn marks_belong_to_the_guest_and_wait_there() {
    let mut desk = at_groups_of("John Doe");
    stage(&mut desk, "gym");
    desk.choose("Eva Brandt");
    desk.see_no("+ Gym");
    assert!(desk.line("Doe, John").contains("+ not saved"));
    desk.focus(PaneId::Groups);
    stage(&mut desk, "car");
    desk.choose("John Doe");
    desk.see("+ Gym");
    desk.see("· Car Park");
    desk.focus(PaneId::Groups);
    save(&mut desk);
    let (_, order) = desk.ordered();
    assert_eq!(names(&order), (vec!["Gym"], vec![]));
    desk.press("Esc");
    desk.choose("Eva Brandt");
    desk.see("+ Car Park");
}

#[test]
fn the_card_plan_takes_the_marks_along() {
    let mut desk = at_groups_of("José García");
    stage(&mut desk, "lounge");
    stage(&mut desk, "pool");
    desk.act(Action::Card);
    desk.see("add Executive Lounge, take away Pool & Spa, then write");
    desk.see("Room 311, Executive Lounge");
    desk.enter();
    let (id, order) = desk.ordered();
    assert_eq!(names(&order), (vec!["Executive Lounge"], vec!["Pool & Spa"]));
    assert_eq!(order.card, CardWork::Update("c-u-jose".into()));
    desk.begin_with(id, order);
    desk.see("take away Pool & Spa");
    desk.see("add Executive Lounge");
    desk.run(id);
    desk.see("Executive Lounge added");
    desk.see("Pool & Spa taken away");
    assert_eq!(desk.model().ctx.staged.users().count(), 0);
}

#[test]
fn a_card_that_lacks_saved_groups_says_so_until_it_is_written() {
    let mut desk = at_groups_of("José García");
    stage(&mut desk, "gym");
    save(&mut desk);
    let id = desk.begin();
    desk.run(id);
    assert!(desk.line("García, José").contains("▲ update card"));
    // A server that does not mark outdated cards changes nothing about that.
    for data in world::answer(&Query::User("u-jose".into())) {
        desk.data(data);
    }
    assert!(desk.line("García, José").contains("▲ update card"));
    desk.act(Action::Card);
    desk.enter();
    let id = desk.begin();
    desk.run(id);
    desk.written(id);
    desk.enter();
    assert!(desk.line("García, José").contains("● card ok"));
}

#[test]
fn a_job_given_up_after_a_group_change_outdates_the_card() {
    let mut desk = at_groups_of("José García");
    stage(&mut desk, "gym");
    stage(&mut desk, "lounge");
    save(&mut desk);
    let id = desk.begin();
    desk.run_to(id, |intent| matches!(intent, Intent::AddToGroup { .. }));
    desk.turn(id);
    let intent = desk.run_to(id, |intent| matches!(intent, Intent::AddToGroup { .. }));
    desk.event(id, Event::Intended { intent });
    desk.event(id, Event::Refused { error: SeamError::new(ErrorKind::Refused, "no") });
    desk.effects();
    desk.decided(id, Decision::Withdraw);
    desk.see("GIVEN UP");
    assert_eq!(desk.queries(), [Query::User("u-jose".into())], "the guest is read again");
    desk.enter();
    assert!(desk.line("García, José").contains("▲ update card"));
}

#[test]
fn a_new_room_beside_the_old_one_is_said_in_the_plan() {
    let mut desk = at_groups_of("John Doe");
    stage(&mut desk, "206");
    desk.act(Action::Card);
    desk.see("add Room 206, then write");
    desk.see("204: Lucía Álvarez · 206: Ana Maria Villanueva");
}

#[test]
fn no_mark_while_the_groups_are_not_known_or_a_job_runs() {
    let mut desk = Desk::open();
    desk.act(Action::Move(Move::Down));
    desk.focus(PaneId::Groups);
    desk.act(Action::Stage);
    desk.see("The guest's groups are still being read.");
    let mut desk = at_groups_of("John Doe");
    desk.act(Action::Card);
    desk.enter();
    let id = desk.begin();
    desk.run(id);
    desk.press("Esc");
    desk.focus(PaneId::Groups);
    desk.act(Action::Stage);
    assert_eq!(desk.model().ctx.staged.users().count(), 0);
}

#[test]
fn marks_of_a_guest_who_is_gone_go_too() {
    let mut desk = at_groups_of("Tom Quinn");
    stage(&mut desk, "gym");
    desk.data(Fact::User("u-tom".into(), Ok(None)));
    desk.act(Action::Quit);
    assert!(desk.effects().contains(&Effect::Quit), "nothing is left to be saved");
}

#[test]
fn marks_survive_a_reload_of_everything() {
    let mut desk = at_groups_of("John Doe");
    stage(&mut desk, "gym");
    desk.act(Action::Reload);
    for data in world::everything() {
        desk.data(data);
    }
    desk.see("+ Gym");
    save(&mut desk);
    assert_eq!(names(&desk.ordered().1), (vec!["Gym"], vec![]));
}

#[test]
fn a_group_that_the_server_no_longer_has_is_not_sent() {
    let mut desk = at_groups_of("John Doe");
    stage(&mut desk, "gym");
    let without: Vec<_> = world::groups().into_iter().filter(|group| group.name() != "Gym").collect();
    desk.data(Fact::Groups(Ok(without)));
    desk.see_no("Gym");
    desk.enter();
    desk.see("Nothing is marked.");
}

#[test]
fn a_group_in_trouble_says_so() {
    let mut desk = at_groups_of("John Doe");
    let mut groups = world::groups();
    groups.push(from(json!({"acs_access_group_id": "g-x", "name": "Annex",
        "errors": [{"error_code": "failed_to_create_on_acs_system"}]})));
    groups.push(from(
        json!({"acs_access_group_id": "g-y", "name": "Attic", "warnings": [{"warning_code": "being_deleted"}]}),
    ));
    desk.data(Fact::Groups(Ok(groups)));
    assert!(desk.line("Annex").contains("key system!"));
    desk.see_no("Attic");
}

#[test]
fn spaces_in_a_rooms_name_do_not_hide_it_from_the_search() {
    for text in ["204", "room204", "Room 204", "oom 20 4"] {
        let mut desk = Desk::open();
        desk.focus(PaneId::Groups);
        desk.act(Action::Search);
        desk.type_text(text);
        desk.see("Room 204");
        desk.see_no("Room 205");
    }
}
