//! Search in the users and in the groups.

use keydesk::domain::directory::person::prepare;
use keydesk::domain::fact::Fact;
use keydesk::domain::query::Query;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::ui::list::Move;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

fn search(desk: &mut Desk, text: &str) {
    desk.act(Action::Search);
    desk.type_text(text);
}

#[test]
fn accents_case_and_family_name_do_not_matter() {
    for (text, name) in [
        ("jose", "José García"),
        ("GARCIA", "José García"),
        ("pal erik", "Pål Eriksen"),
        ("odoe", "Sinéad O'Doe"),
        ("o'doe", "Sinéad O'Doe"),
        ("nguyen", "Nguyễn Minh Anh"),
        ("佐藤", "佐藤 雪"),
        ("4915112345678", "John Doe"),
        ("john.doe@ex", "John Doe"),
        ("333", "Jonas Fischer"),
        ("beethven", "Ludwig van Beethoven"),
    ] {
        let mut desk = Desk::open();
        search(&mut desk, text);
        assert_eq!(desk.selected_name(), name, "{text}");
    }
}

#[test]
fn a_room_finds_all_its_guests_in_the_order_of_names() {
    let mut desk = Desk::open();
    search(&mut desk, "204");
    desk.see("2 of 20");
    assert_eq!(desk.selected_name(), "Lucía Álvarez");
    desk.press("Down");
    assert_eq!(desk.selected_name(), "John Doe");
}

#[test]
fn a_room_whose_guests_are_not_known_is_asked_for_at_once() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for data in world::everything().into_iter().take(8) {
        desk.data(data);
    }
    desk.effects();
    desk.settle();
    search(&mut desk, "415");
    assert_eq!(desk.queries(), [Query::UsersOf(world::group("Room 415"))]);
    desk.see("Nobody fits \"415\"");
    desk.data(Fact::UsersOf(world::group("Room 415"), Ok(vec!["u-max".into()])));
    assert_eq!(desk.selected_name(), "Max Doerr");
    assert!(desk.line("Doerr, Max").contains(" 415 "));
}

#[test]
fn a_search_asks_for_a_room_once() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for fact in world::everything().into_iter().take(8) {
        desk.data(fact);
    }
    desk.settle();
    let room = world::group("Room 415");
    let asked = [Query::UsersOf(room.clone())];
    search(&mut desk, "415");
    assert_eq!(desk.queries(), asked);
    // Neither pages nor keys ask again while the answer is on its way.
    let again = |desk: &mut Desk, name: &str| {
        let user: keydesk::seam::types::User = from(json!({"acs_user_id": name, "full_name": name}));
        desk.data(Fact::People(prepare(vec![user])));
        desk.press("Backspace");
        desk.type_text("5");
        desk.queries()
    };
    assert_eq!(again(&mut desk, "Ann"), []);
    // Nor after it failed.
    desk.data(Fact::UsersOf(room.clone(), Err(SeamError::new(ErrorKind::TimedOut, "x"))));
    assert_eq!(again(&mut desk, "Ben"), []);
    // A new search asks for what failed, once; so does a reload.
    desk.press("Esc");
    search(&mut desk, "415");
    assert_eq!(desk.queries(), asked);
    desk.data(Fact::UsersOf(room.clone(), Err(SeamError::new(ErrorKind::TimedOut, "x"))));
    assert_eq!(again(&mut desk, "Cid"), []);
    desk.press("F5");
    desk.queries();
    assert_eq!(again(&mut desk, "Edi"), asked);
    desk.data(Fact::UsersOf(room, Ok(Vec::new())));
    assert_eq!(again(&mut desk, "Dan"), [], "a room that is known to be empty is known");
}

#[test]
fn enter_ends_the_typing_and_keys_have_their_meaning_again() {
    let mut desk = Desk::open();
    search(&mut desk, "doe");
    desk.press("Enter");
    desk.press("j");
    desk.see("/  doe");
    assert_ne!(desk.selected_name(), "John Doe");
    desk.press("k");
    assert_eq!(desk.selected_name(), "John Doe");
    // Enter now makes the card.
    desk.enter();
    desk.see("Card for John Doe");
}

#[test]
fn letters_that_are_keys_elsewhere_are_typed() {
    let mut desk = Desk::open();
    search(&mut desk, "nq?:!1 ");
    desk.see("/  nq?:!1");
    assert!(desk.model().dialogs.is_empty());
    assert!(!desk.sees("Leave keydesk"));
}

#[test]
fn a_function_key_works_on_a_hit_while_typing() {
    let mut desk = Desk::open();
    search(&mut desk, "jonas");
    desk.press("F4");
    desk.see("Card for Jonas Fischer");
}

#[test]
fn escape_shows_everyone_again_and_keeps_who_was_found() {
    for ended_typing in [false, true] {
        let mut desk = Desk::open();
        search(&mut desk, "quinn");
        if ended_typing {
            desk.press("Enter");
        }
        desk.press("Esc");
        desk.see_no("/  quinn");
        desk.see("Zimmer, Will");
        assert_eq!(desk.selected_name(), "Tom Quinn", "typing had ended: {ended_typing}");
    }
}

#[test]
fn a_hit_that_was_taken_stays_while_better_ones_arrive() {
    let mut desk = Desk::open();
    search(&mut desk, "doe");
    desk.press("Enter");
    assert_eq!(desk.selected_name(), "John Doe");
    let better: keydesk::seam::types::User = from(json!({"acs_user_id": "u-adam", "full_name": "Adam Doe"}));
    desk.data(Fact::People(prepare(vec![better])));
    desk.see("Doe, Adam");
    assert_eq!(desk.selected_name(), "John Doe");
}

#[test]
fn while_typing_the_best_hit_is_under_the_cursor() {
    let mut desk = Desk::open();
    desk.act(Action::Move(Move::End));
    search(&mut desk, "d");
    desk.type_text("oe");
    assert_eq!(desk.selected_name(), "John Doe");
    desk.press("Down");
    desk.type_text("r");
    assert_eq!(desk.selected_name(), "Max Doerr");
    desk.press("Backspace");
    assert_eq!(desk.selected_name(), "John Doe");
}

#[test]
fn nothing_found_says_what_to_do_and_asks_nothing() {
    let mut desk = Desk::open();
    search(&mut desk, "xyzzy");
    desk.see("Nobody fits \"xyzzy\". Esc clears, n makes a new");
    desk.see("0 of 20");
    assert_eq!(desk.selected_name(), "");
    desk.press("F4");
    desk.see("Choose a guest first.");
    desk.press("Esc");
    desk.see("Álvarez, Lucía");
}

#[test]
fn an_empty_search_ends_by_backspace_enter_or_escape() {
    for key in ["Backspace", "Enter", "Esc"] {
        let mut desk = Desk::open();
        desk.choose("Tom Quinn");
        desk.act(Action::Search);
        desk.see("name, room, phone or e-mail");
        desk.press(key);
        desk.see_no("name, room, phone or e-mail");
        assert_eq!(desk.selected_name(), "Tom Quinn", "{key}");
    }
}

#[test]
fn a_paste_goes_into_the_search_without_its_controls() {
    let mut desk = Desk::open();
    desk.act(Action::Search);
    desk.paste("qu\u{1b}[Ainn\n");
    desk.see("/  qu[Ainn");
    desk.press("Ctrl-U");
    desk.paste("qui\u{200b}nn\r\n");
    assert_eq!(desk.selected_name(), "Tom Quinn");
}

#[test]
fn a_paste_without_a_field_does_nothing() {
    let mut desk = Desk::open();
    desk.effects();
    desk.paste("nqc\n:q\n");
    assert!(desk.model().dialogs.is_empty());
    assert_eq!(desk.effects(), []);
}

#[test]
fn the_groups_search_finds_by_part_and_keeps_what_was_found() {
    for ended_typing in [false, true] {
        let mut desk = Desk::open();
        desk.focus(PaneId::Groups);
        search(&mut desk, "loun");
        desk.see("Executive Lounge");
        desk.see_no("Car Park");
        if ended_typing {
            desk.press("Enter");
        }
        desk.press("Esc");
        desk.see("Car Park");
        desk.act(Action::Stage);
        desk.see("+ Executive Lounge");
    }
    let mut desk = Desk::open();
    desk.focus(PaneId::Groups);
    search(&mut desk, "zzz");
    desk.see("No group fits \"zzz\". Esc clears.");
}

#[test]
fn panes_without_a_search_say_so() {
    let mut desk = Desk::open();
    desk.focus(PaneId::Encoders);
    desk.press("F3");
    desk.see("There is nothing to search in this pane.");
}

#[test]
fn a_search_lives_on_while_everything_is_read_again() {
    let mut desk = Desk::open();
    search(&mut desk, "204");
    desk.press("Enter");
    desk.press("Down");
    desk.press("F5");
    for data in world::everything() {
        desk.data(data);
    }
    desk.see("/  204");
    desk.see("2 of 20");
    assert_eq!(desk.selected_name(), "John Doe");
    desk.data(Fact::UsersOf(world::group("Room 204"), Err(SeamError::new(ErrorKind::TimedOut, "x"))));
    desk.see("2 of 20");
}

/// Two ways to write one guest's name.
const SAME: &[(&str, &str)] = &[
    ("Jan Weiß", "Jan Weiss"),
    ("Jan Weiß", "JAN WEISS"),
    ("Jan Weiss", "jan weiß"),
    ("Eva Groß", "Eva Gross"),
    ("Søren Holm", "Soeren Holm"),
    ("Søren Holm", "Soren Holm"),
    ("Ægir Holm", "Aegir Holm"),
    ("Ian O´Roe", "Ian O'Roe"),
    ("Ian O´Roe", "Ian ORoe"),
    ("Mia D'Angelo", "Mia D’Angelo"),
    ("Mia D’Angelo", "Mia DAngelo"),
];

/// Two guests.
const OTHERS: &[(&str, &str)] =
    &[("Manuel Roe", "Manul Roe"), ("Joe Roe", "Jo Roe"), ("Roe, Jane", "Roe, Jane (2)"), ("Raul Roe", "Rauel Roe")];

/// The guest is there under the first name, and the second is typed: found, suggested, asked about.
fn is_met(there: &str, typed: &str) -> (bool, bool, bool) {
    let with = || {
        let mut desk = Desk::open();
        desk.data(Fact::user(from(json!({"acs_user_id": "u-there", "full_name": there}))));
        desk
    };
    let mut desk = with();
    desk.act(Action::Search);
    desk.type_text(typed);
    let found = desk.model().ctx.selected.as_ref().is_some_and(|user| user.as_str() == "u-there");
    let mut desk = with();
    desk.act(Action::NewGuest);
    desk.type_text(typed);
    let is_suggested = desk.sees("Down: use");
    desk.press("Ctrl-S");
    (found, is_suggested, desk.sees("is here already"))
}

#[test]
fn search_suggestion_and_question_mean_the_same_guest() {
    for (one, other) in SAME {
        for (there, typed) in [(one, other), (other, one), (one, one)] {
            assert_eq!(is_met(there, typed), (true, true, true), "{typed} where {there} is");
        }
    }
    for (one, other) in OTHERS {
        for (there, typed) in [(one, other), (other, one)] {
            assert!(!is_met(there, typed).2, "{typed} is not {there}");
        }
    }
}
