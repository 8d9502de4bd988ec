//! The guest on the screen is the guest that is acted on, whatever happens between a look and a key.

use keydesk::domain::directory::person::prepare;
use keydesk::domain::fact::Fact;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::types::{Group, GroupId, UserId};
use keydesk::ui::list::Move;
use proptest::prelude::*;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from, group};

fn search(desk: &mut Desk, text: &str) {
    desk.act(Action::Search);
    desk.type_text(text);
}

fn user(id: &str, name: &str) -> Fact {
    Fact::People(prepare(vec![from(json!({"acs_user_id": id, "full_name": name}))]))
}

fn gone(id: &str) -> Fact {
    Fact::User(id.into(), Ok(None))
}

#[test]
fn who_leaves_the_search_by_the_own_change_stays_under_the_cursor() {
    for (text, name, room) in [("204", "John Doe", "Room 204"), ("205", "Tom Quinn", "Room 205")] {
        let mut desk = Desk::open();
        search(&mut desk, text);
        desk.press("Enter");
        while desk.selected_name() != name {
            desk.press("Down");
        }
        desk.settle();
        desk.focus(PaneId::Groups);
        desk.act(Action::Stage);
        desk.see(&format!("− {room}"));
        desk.enter();
        desk.see(&format!("Save for {name}?"));
        desk.enter();
        let id = desk.begin();
        desk.run(id);
        assert!(desk.key_line().contains(name), "{}", desk.key_line());
        desk.settle();
        desk.data(Fact::UsersOf(group(room), Ok(vec!["u-lucia".into()])));
        desk.see("1 of 20");
        let family = name.split(' ').next_back().unwrap();
        assert!(desk.line(&format!("{family}, ")).contains(&format!("→ {family}, ")), "{}", desk.screen_text());
        assert_eq!(desk.selected_name(), name);
        desk.act(Action::Card);
        desk.see(&format!("Card for {name}"));
    }
}

#[test]
fn a_kept_row_goes_when_another_is_chosen_or_the_search_changes() {
    let kept = || {
        let mut desk = Desk::open();
        search(&mut desk, "204");
        desk.keys("Enter Down");
        desk.data(Fact::UsersOf(group("Room 204"), Ok(vec!["u-lucia".into(), "u-will".into()])));
        desk.see("→ Doe, John");
        desk
    };
    let mut desk = kept();
    desk.press("Down");
    assert_eq!(desk.selected_name(), "Will Zimmer");
    desk.see_no("Doe, John");
    let mut desk = kept();
    desk.press("Up");
    assert_eq!(desk.selected_name(), "Lucía Álvarez");
    let mut desk = kept();
    search(&mut desk, "1");
    desk.see_no("→");
    let mut desk = kept();
    desk.press("Esc");
    desk.see_no("→");
    assert_eq!(desk.selected_name(), "John Doe");
}

#[test]
fn a_notice_names_a_key_only_for_the_guest_under_the_cursor() {
    let mut desk = Desk::open();
    desk.choose("José García");
    desk.focus(PaneId::Groups);
    desk.act(Action::Stage);
    desk.enter();
    desk.enter();
    let id = desk.begin();
    desk.press("Esc");
    desk.choose("Tom Quinn");
    desk.run(id);
    assert!(!desk.key_line().contains("(c)"), "{}", desk.key_line());
    desk.act(Action::Card);
    desk.see("Card for Tom Quinn");
}

#[test]
fn a_guest_who_is_deleted_leaves_a_row_and_nobody_else_under_the_keys() {
    for searched in [false, true] {
        for key in ["c", "Enter", "F4"] {
            let mut desk = Desk::open();
            if searched {
                search(&mut desk, "205");
                desk.keys("Enter");
            }
            while desk.selected_name() != "Tom Quinn" {
                desk.press("Down");
            }
            desk.data(gone("u-tom"));
            desk.see("Quinn, Tom is in the key system no more");
            assert!(desk.line("→ Quinn, Tom").contains("✗ gone"));
            assert_eq!(desk.selected_name(), "");
            desk.wait(6000);
            desk.press(key);
            assert!(desk.model().dialogs.is_empty(), "{key} opens something");
            desk.see("This guest is in the key system no more. Choose another.");
            desk.focus(PaneId::Groups);
            desk.act(Action::Stage);
            assert_eq!(desk.model().ctx.staged.users().count(), 0);
            desk.focus(PaneId::Users);
            desk.press("Down");
            assert_ne!(desk.selected_name(), "");
            desk.see_no("Quinn, Tom");
        }
    }
}

#[test]
fn a_plan_of_a_guest_who_is_deleted_leaves_nothing_for_the_next_enter() {
    let mut desk = Desk::open();
    desk.choose("Tom Quinn");
    desk.act(Action::Card);
    desk.see("Card for Tom Quinn");
    desk.effects();
    desk.data(gone("u-tom"));
    desk.enter();
    desk.enter();
    assert!(desk.model().dialogs.is_empty());
    assert!(!desk.effects().iter().any(|effect| matches!(effect, keydesk::app::effect::Effect::Job(_))));
}

#[test]
fn nobody_is_chosen_until_the_first_row_is_certain() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for data in world::everything().into_iter().take(4) {
        desk.data(data);
    }
    desk.data(user("u-m", "Moe M"));
    assert_eq!(desk.selected_name(), "");
    desk.press("c");
    assert!(desk.model().dialogs.is_empty());
    desk.data(user("u-b", "Bea B"));
    desk.data(Fact::PeopleEnd(Ok(())));
    assert_eq!(desk.selected_name(), "Bea B");
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for data in world::everything().into_iter().take(4) {
        desk.data(data);
    }
    desk.data(user("u-m", "Moe M"));
    desk.press("Down");
    assert_eq!(desk.selected_name(), "Moe M", "the first step chooses the first");
}

#[test]
fn a_group_filter_ends_with_its_guest() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.focus(PaneId::Groups);
    search(&mut desk, "gym");
    desk.press("Enter");
    desk.see_no("Room 204  ");
    desk.focus(PaneId::Users);
    desk.act(Action::Move(Move::Down));
    desk.settle();
    desk.see("✓ Room 415");
    desk.see_no("/  gym");
    desk.focus(PaneId::Groups);
    assert!(!desk.model().is_searching());
}

#[test]
fn the_group_under_the_cursor_stays_when_others_change_the_groups() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.focus(PaneId::Groups);
    // Room 204 stands first; another desk moves the guest, and Room 9 comes to stand there.
    let groups: Vec<GroupId> = ["Room 9", "Pool & Spa"].into_iter().map(group).collect();
    desk.data(Fact::GroupsOf("u-john".into(), Ok(groups)));
    desk.act(Action::Stage);
    desk.see("+ Room 204");
    desk.act(Action::Stage);
    let without: Vec<Group> = world::groups().into_iter().filter(|group| group.name() != "Room 204").collect();
    desk.data(Fact::Groups(Ok(without)));
    desk.act(Action::Stage);
    assert_eq!(desk.model().ctx.staged.users().count(), 0, "the group is gone: none is under the finger");
}

/// What others do: users come, go and are renamed, rooms get and lose users, everything is read again.
#[derive(Clone, Debug)]
enum Change {
    Comes(u8, String),
    Goes(usize),
    Renamed(usize, String),
    Members(usize, Vec<usize>),
    GroupsOf(usize, Vec<usize>),
    Reload(Vec<usize>),
}

fn change() -> impl Strategy<Value = Change> {
    let guest = 0..world::GUESTS.len();
    let room = 0..world::group_names().len();
    prop_oneof![
        (any::<u8>(), "[A-Z][a-z]{1,4} [A-Z][a-z]{1,4}").prop_map(|(id, name)| Change::Comes(id, name)),
        guest.clone().prop_map(Change::Goes),
        (guest.clone(), "[A-Z][a-z]{1,4} (Doe|Quinn|Abel)").prop_map(|(at, name)| Change::Renamed(at, name)),
        (room.clone(), prop::collection::vec(guest.clone(), 0..5)).prop_map(|(room, who)| Change::Members(room, who)),
        (guest.clone(), prop::collection::vec(room, 0..3)).prop_map(|(who, rooms)| Change::GroupsOf(who, rooms)),
        prop::collection::vec(guest, 0..20).prop_map(Change::Reload),
    ]
}

fn apply(desk: &mut Desk, change: &Change) {
    let id = |at: usize| UserId::from(world::GUESTS[at].0);
    let room = |at: usize| group(world::group_names()[at]);
    match change {
        Change::Comes(number, name) => desk.data(user(&format!("u-{number}"), name)),
        Change::Goes(at) => desk.data(Fact::User(id(*at), Ok(None))),
        Change::Renamed(at, name) => {
            desk.data(Fact::user(from(json!({"acs_user_id": world::GUESTS[*at].0, "full_name": name}))));
        }
        Change::Members(at, who) => {
            desk.data(Fact::UsersOf(room(*at), Ok(who.iter().map(|at| id(*at)).collect())));
        }
        Change::GroupsOf(who, rooms) => {
            desk.data(Fact::GroupsOf(id(*who), Ok(rooms.iter().map(|at| room(*at)).collect())));
        }
        Change::Reload(who) => {
            desk.press("F5");
            let users = who.iter().map(|at| from(world::user(&world::GUESTS[*at]))).collect();
            desk.data(Fact::People(prepare(users)));
            desk.data(Fact::PeopleEnd(Ok(())));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_others_do_never_puts_another_guest_under_a_key(
        keys in prop::collection::vec(prop::sample::select(vec!["Down", "Up", "PgDn", "End", "Home"]), 0..6),
        text in prop::sample::select(vec!["", "204", "doe", "20", "a"]),
        is_typing: bool,
        changes in prop::collection::vec(change(), 1..12),
        key in prop::sample::select(vec!["F4", "c", "Enter"]),
    ) {
        let mut desk = Desk::open();
        if !text.is_empty() {
            search(&mut desk, text);
            if !is_typing {
                desk.press("Enter");
            }
        }
        for key in keys {
            desk.press(key);
        }
        let seen = desk.model().ctx.selected.clone();
        prop_assert!(seen.is_some());
        for change in &changes {
            apply(&mut desk, change);
            let now = &desk.model().ctx.selected;
            prop_assert!(now.is_none() || *now == seen, "{change:?} led from {seen:?} to {now:?}");
        }
        // What others change under the finger holds Enter off for a moment.
        desk.wait(500);
        let name = desk.selected_name();
        desk.press(if desk.model().is_typing() { "F4" } else { key });
        if name.is_empty() {
            prop_assert!(desk.model().dialogs.is_empty());
        } else {
            prop_assert!(desk.sees(&format!("Card for {name}")), "{}", desk.screen_text());
        }
    }
}
