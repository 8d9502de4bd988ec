//! What others change while a form stands open: it is said in the form, and nothing that was typed is lost.

use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::component::draft::Draft;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::order::Named;
use keydesk::keys::action::Action;
use keydesk::seam::types::{Group, GroupId, UserId};
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

/// A form with what was typed into its first fields, the cursor in the next one.
fn form(typed: &[&str]) -> Desk {
    let mut desk = Desk::open();
    desk.act(Action::NewGuest);
    for text in typed {
        desk.type_text(text);
        desk.press("Enter");
    }
    desk.settle();
    desk
}

fn users_of(room: &str, users: &[&str]) -> Fact {
    Fact::UsersOf(world::group(room), Ok(users.iter().map(|user| UserId::from(*user)).collect()))
}

/// All groups, one of them with another name, or without it.
fn groups(changed: &str, name: Option<&str>) -> Fact {
    let mut all: Vec<Group> = world::groups();
    all.retain(|group| group.name() != changed);
    all.extend(name.map(|name| from(json!({"acs_access_group_id": world::group(changed), "name": name}))));
    Fact::Groups(Ok(all))
}

fn is_started(desk: &mut Desk) -> bool {
    desk.effects().iter().any(|effect| matches!(effect, Effect::Job(_)))
}

#[test]
fn a_room_that_is_taken_since_says_by_whom_and_until_when() {
    let mut desk = form(&["Jane Roe", "333"]);
    desk.type_text("+4");
    desk.see("in it now: Jonas Fischer");
    desk.see_no("taken since");
    desk.data(users_of("Room 333", &["u-jonas", "u-lucia", "u-pal"]));
    desk.see("Room 333 is taken since: Lucía Álvarez until Sat");
    desk.see("28 Nov 11:00");
    desk.see_no("Pål Eriksen until");
    // The cursor and the text stay, and the line stays until another room is typed.
    desk.type_text(" 9:00");
    assert!(desk.line("Departure").contains("+4 9:00"));
    desk.see("Room 333 is taken since");
    desk.keys("Shift-Tab Ctrl-U");
    desk.type_text("10");
    desk.see_no("taken since");
}

#[test]
fn a_room_that_is_gone_or_renamed_is_said() {
    let mut desk = form(&["Jane Roe", "333"]);
    desk.data(groups("Room 333", Some("Room 334")));
    desk.see("Room 333 is called Room 334 now");
    desk.press("Ctrl-S");
    assert!(!is_started(&mut desk));
    desk.see("There is no \"333\".");
    let mut desk = form(&["Jane Roe", "333"]);
    desk.data(groups("Room 333", None));
    desk.see("Room 333 is gone from the key system meanwhile");
    assert!(desk.line("Room   ").contains("333"), "what was typed stays");
}

#[test]
fn a_group_that_was_added_and_is_gone_is_said_and_not_ordered() {
    let mut desk = form(&["Jane Roe", "333", "+4", "", ""]);
    for name in ["gym", "car park"] {
        desk.type_text(name);
        desk.press("Enter");
    }
    desk.data(groups("Gym", Some("Fitness")));
    desk.see("Gym is called Fitness now");
    desk.data(groups("Gym", None));
    desk.see("Gym is gone from the key system meanwhile");
    desk.press("Ctrl-S");
    assert!(!is_started(&mut desk));
    desk.see("Gym is gone from the key system meanwhile.");
    desk.see("Backspace takes it away.");
    desk.press("Backspace");
    desk.see_no("Gym is gone");
    desk.save_anyway();
    let added: Vec<String> = desk.ordered().1.add.into_iter().map(|group| group.name).collect();
    assert_eq!(added, ["Room 333", "Car Park"]);
}

#[test]
fn a_namesake_who_came_in_is_said_at_the_name() {
    let mut desk = form(&["Jane Roe", "333"]);
    desk.type_text("+4");
    let jane = |name: &str| Fact::user(from(json!({"acs_user_id": "u-jane", "full_name": name})));
    desk.data(Fact::user(from(json!({"acs_user_id": "u-other", "full_name": "Jane Row"}))));
    desk.see_no("came in meanwhile");
    desk.data(jane("Roe, JANE"));
    desk.see("Roe, JANE came in meanwhile: no room, no end date");
    // Whoever was there when the name was typed did not come in meanwhile.
    let mut desk = form(&["John Doe"]);
    desk.data(jane("Jane Roe"));
    desk.see_no("came in meanwhile");
}

#[test]
fn what_others_change_of_that_guest_is_said() {
    let mut desk = Desk::open();
    let gym = Named::<GroupId> { id: world::group("Gym"), name: "Gym".into() };
    let draft = Draft {
        name: "John Doe".into(),
        departure: "+4".into(),
        guest: Some("u-john".into()),
        groups: vec![gym],
        card: true,
        ..Draft::default()
    };
    desk.tell(BackendMsg::Draft(Box::new(draft)));
    desk.enter();
    desk.see("Changes for John Doe");
    for fact in world::answer(&keydesk::domain::query::Query::User("u-john".into())) {
        desk.data(fact);
    }
    desk.see_no("meanwhile");
    desk.data(Fact::GroupsOf("u-john".into(), Ok(vec![world::group("Room 204")])));
    desk.see("The guest's groups changed meanwhile: − Pool &");
    desk.data(Fact::user(from(json!({"acs_user_id": "u-john", "full_name": "John Doe"}))));
    desk.see("The end of access changed meanwhile");
    assert!(desk.line("Departure").contains("+4"));
}

#[test]
fn what_changes_under_the_finger_holds_enter_off() {
    let mut desk = form(&["Jane Roe", "333", "+4", "", "", ""]);
    desk.wait(1_000);
    desk.data(users_of("Room 333", &["u-jonas", "u-lucia"]));
    desk.press("Enter");
    desk.see("This has just changed, so Enter did nothing");
    desk.enter();
    desk.see("Room 333 is taken by");
}
