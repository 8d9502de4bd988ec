//! Moving in the panes, and keeping the cursor while the world moves.

use keydesk::domain::directory::person::prepare;
use keydesk::domain::fact::Fact;
use keydesk::domain::query::Query;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::ui::list::Move;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

fn page(names: &[&str]) -> Fact {
    let user = |name: &&str| from(json!({"acs_user_id": format!("u-{name}"), "full_name": name}));
    Fact::People(prepare(names.iter().map(user).collect()))
}

#[test]
fn arrows_letters_and_pages_move_the_cursor() {
    let mut desk = Desk::open();
    assert_eq!(desk.selected_name(), "Lucía Álvarez");
    for (keys, name) in [
        ("Down", "Nils Andersson"),
        ("j", "Nguyễn Minh Anh"),
        ("k Up Up Up", "Lucía Álvarez"),
        ("End", "佐藤 雪"),
        ("Down", "佐藤 雪"),
        ("Home", "Lucía Álvarez"),
        ("G", "佐藤 雪"),
        ("g", "Lucía Álvarez"),
    ] {
        desk.keys(keys);
        assert_eq!(desk.selected_name(), name, "after {keys}");
    }
}

#[test]
fn a_page_is_one_window_and_the_cursor_stays_in_sight() {
    let mut desk = Desk::open_at((80, 24));
    desk.act(Action::Move(Move::PageDown));
    let first_page = desk.selected_name();
    assert_ne!(first_page, "Lucía Álvarez");
    for _ in 0..25 {
        desk.act(Action::Move(Move::Down));
        let name = desk.model().ctx.directory.user(desk.model().ctx.selected.as_ref().unwrap()).unwrap();
        let shown = name.reception_name().chars().take(8).collect::<String>();
        assert!(desk.sees(&shown), "{shown} is out of sight");
    }
    desk.act(Action::Move(Move::PageUp));
    desk.act(Action::Move(Move::Home));
    assert_eq!(desk.selected_name(), "Lucía Álvarez");
}

#[test]
fn pages_that_arrive_do_not_move_the_cursor_off_a_guest() {
    let mut desk = Desk::open();
    desk.act(Action::Move(Move::Down));
    desk.act(Action::Move(Move::Down));
    desk.data(page(&["Aaron Aaronson", "Zoe Zyl", "Nguyễn Anh"]));
    assert_eq!(desk.selected_name(), "Nguyễn Minh Anh");
    assert!(desk.sees("Aaronson, Aaron"));
    desk.act(Action::Move(Move::Up));
    assert_eq!(desk.selected_name(), "Nguyễn Anh");
}

#[test]
fn whoever_comes_to_stand_before_the_first_row_is_not_under_the_cursor() {
    let mut desk = Desk::open();
    desk.data(page(&["Aaron Aaronson"]));
    desk.see("Aaronson, Aaron");
    assert_eq!(desk.selected_name(), "Lucía Álvarez");
}

#[test]
fn the_last_row_may_go_while_the_list_is_scrolled_to_it() {
    let mut desk = Desk::open_at((80, 24));
    desk.act(Action::Move(Move::End));
    for guest in world::GUESTS.iter().skip(3) {
        desk.data(Fact::User(guest.0.into(), Ok(None)));
    }
    assert_eq!(desk.model().ctx.directory.users().len(), 3);
    desk.see("Doe, John");
    desk.see("Doerr, Max");
    desk.see("García, José");
}

#[test]
fn tab_and_numbers_move_the_focus_and_the_frame_shows_it() {
    let mut desk = Desk::open();
    for wanted in [PaneId::Groups, PaneId::Credentials, PaneId::Encoders, PaneId::Activity, PaneId::Users] {
        desk.press("Tab");
        assert_eq!(desk.model().focus, wanted);
    }
    desk.press("Shift-Tab");
    assert_eq!(desk.model().focus, PaneId::Activity);
    for (key, wanted) in ["1", "2", "3", "4", "5"].iter().zip(PaneId::ALL) {
        desk.press(key);
        assert_eq!(desk.model().focus, wanted);
        let title = format!("━ {} ", wanted.number());
        let thick = format!("┏ {} ", wanted.number());
        assert!(desk.sees(&thick) || desk.sees(&title), "{wanted:?} has no thick frame:\n{}", desk.screen_text());
        assert_eq!(desk.screen_text().matches('┏').count(), 1);
    }
}

#[test]
fn at_80x24_a_key_shows_the_activity_in_place_of_the_encoders() {
    let mut desk = Desk::open_at((80, 24));
    desk.see("4 Encoders");
    desk.see_no("5 Activity");
    desk.focus(PaneId::Activity);
    desk.see("5 Activity");
    desk.see_no("4 Encoders");
    desk.press("Tab");
    desk.see("4 Encoders");
}

#[test]
fn groups_and_credentials_follow_a_cursor_that_rests() {
    let mut desk = Desk::open();
    desk.effects();
    desk.keys("Down Down Down");
    desk.see("Credentials of Bianchi, Marco");
    desk.wait(50);
    assert_eq!(desk.queries(), [], "a cursor that moves asks for nothing");
    desk.press("Down");
    desk.wait(119);
    assert_eq!(desk.queries(), []);
    desk.wait(1);
    assert_eq!(desk.queries(), [Query::GroupsOf("u-eva".into())]);
    desk.see("reading …");
    desk.data(Fact::GroupsOf("u-eva".into(), Ok(vec![world::group("Gym")])));
    desk.see("✓ Gym");
    desk.see("1 of 22");
}

#[test]
fn groups_are_asked_for_once_and_anew_when_the_cursor_is_back() {
    let mut desk = Desk::open();
    desk.keys("Down");
    desk.wait(200);
    assert_eq!(desk.queries(), [Query::GroupsOf("u-nils".into())]);
    desk.press("Up");
    desk.press("Down");
    desk.wait(200);
    assert_eq!(desk.queries(), [], "the question of before is still under way");
}

#[test]
fn a_guests_groups_stand_first_and_the_room_before_all() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    let screen = desk.screen_text();
    let at = |name: &str| screen.find(name).unwrap_or_else(|| panic!("no {name}:\n{screen}"));
    assert!(at("✓ Room 204") < at("✓ Pool & Spa") && at("✓ Pool & Spa") < at("· Car Park"));
}

#[test]
fn an_encoder_becomes_the_desk_encoder_by_enter() {
    let mut desk = Desk::open();
    assert_eq!(desk.model().ctx.desk_encoder, Some("e-front".into()), "the first that the server names");
    desk.see("★ Front Desk   ○ not tried yet");
    desk.focus(PaneId::Encoders);
    desk.act(Action::Move(Move::Up));
    desk.act(Action::UseEncoder);
    assert_eq!(desk.model().ctx.desk_encoder, Some("e-con".into()));
    desk.see("★ Concierge");
    desk.see("Cards are made on Concierge now.");
}

#[test]
fn the_wished_encoder_is_a_name_or_id_and_a_wrong_one_is_told() {
    for wish in ["concierge", "e-con"] {
        let desk = Desk::open_with(
            keydesk::component::ctx::Settings { encoder: Some(wish.into()), ..world::settings() },
            (120, 36),
        );
        assert_eq!(desk.model().ctx.desk_encoder, Some("e-con".into()), "{wish}");
    }
    let settings = keydesk::component::ctx::Settings { encoder: Some("Lobby\u{1b}[2J".into()), ..world::settings() };
    let mut desk = Desk::open_with(settings, (120, 36));
    assert_eq!(desk.model().ctx.desk_encoder, Some("e-front".into()));
    desk.see("There is no encoder \"Lobby[2J\"");
}

#[test]
fn the_star_leaves_an_encoder_that_goes_or_has_trouble() {
    let mut desk = Desk::open();
    desk.data(Fact::Encoders(Ok(vec![
        from(json!({"acs_encoder_id": "e-broken", "display_name": "Broken", "errors": [{"error_code": "acs_encoder_removed"}]})),
        from(json!({"acs_encoder_id": "e-back", "display_name": "Back Office"})),
    ])));
    assert_eq!(desk.model().ctx.desk_encoder, Some("e-back".into()));
    desk.see("■ removed");
    desk.see("The encoder was removed");
}

#[test]
fn activity_scrolls_and_credentials_too() {
    let mut desk = Desk::open();
    for name in ["John Doe", "Eva Brandt"] {
        desk.choose(name);
        desk.act(Action::Card);
        desk.enter();
        let id = desk.begin();
        desk.run(id);
        desk.written(id);
        desk.enter();
    }
    desk.see("✓ Eva Brandt");
    desk.see_no("▸ John Doe");
    desk.focus(PaneId::Activity);
    desk.act(Action::Move(Move::End));
    desk.see("▸ John Doe");
    desk.act(Action::Move(Move::Home));
    desk.focus(PaneId::Credentials);
    desk.act(Action::Move(Move::End));
    desk.see("Credentials of Brandt, Eva");
}

#[test]
fn every_pane_is_reached_and_drawn_with_the_focus() {
    for size in [(120, 36), (80, 24), (60, 18)] {
        for pane in PaneId::ALL {
            let mut desk = Desk::open_at(size);
            desk.press(&pane.number().to_string());
            assert_eq!(desk.model().focus, pane);
            assert!(desk.sees(&format!("┏ {} ", pane.number())), "{pane:?} at {size:?} shows no focus");
            let shown = desk.model().shown_panes();
            assert_eq!(shown.iter().filter(|(other, _)| *other == pane).count(), 1, "{pane:?} at {size:?}");
            for (at, (one, area)) in shown.iter().enumerate() {
                assert!(shown[at + 1..].iter().all(|(_, other)| !area.intersects(*other)), "{one:?} at {size:?}");
            }
            for step in ["Down", "PgDn", "End", "Home"] {
                desk.press(step);
            }
            desk.press("Tab");
            assert_eq!(desk.model().focus, pane.after(1));
        }
    }
}
