//! The form for a new guest.

use jiff::SignedDuration;
use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::component::ctx::Settings;
use keydesk::component::draft::Draft;
use keydesk::domain::directory::person::prepare;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::command::{Command, Ignored};
use keydesk::domain::job::order::{CardWork, Guest, NewGuest, Order, Schedule};
use keydesk::domain::query::Query;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::types::EndsAt;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

fn form() -> Desk {
    let mut desk = Desk::open();
    open(&mut desk);
    desk
}

fn open(desk: &mut Desk) {
    desk.act(Action::NewGuest);
    desk.see("New guest");
    desk.wait(500);
    desk.effects();
}

fn type_line(desk: &mut Desk, text: &str) {
    desk.type_text(text);
    desk.press("Enter");
}

fn guest(order: &Order) -> &NewGuest {
    match &order.guest {
        Guest::New(guest) => guest,
        Guest::Existing(_) => panic!("{order:?}"),
    }
}

fn started(desk: &mut Desk) -> bool {
    desk.effects().iter().any(|effect| matches!(effect, Effect::Job(_)))
}

#[test]
fn every_field_reaches_the_order_and_enter_leads_through_them() {
    let mut desk = form();
    type_line(&mut desk, "Jane Doe");
    type_line(&mut desk, "207");
    type_line(&mut desk, "+4");
    type_line(&mut desk, "0151 98765432");
    type_line(&mut desk, "jane.doe@example.com");
    desk.type_text("loung");
    desk.keys("Down Enter");
    desk.type_text("gym");
    desk.press("Enter");
    desk.press("Enter");
    desk.enter();
    let (_, order) = desk.ordered();
    let guest = guest(&order);
    assert_eq!(guest.full_name, "Jane Doe");
    assert_eq!(guest.phone_number.as_deref(), Some("+4915198765432"));
    assert_eq!(guest.email_address.as_deref(), Some("jane.doe@example.com"));
    let end = Some("2026-11-28T10:00:00Z".parse().unwrap());
    assert_eq!(order.schedule, Some(Schedule { starts_at: None, ends_at: end }));
    assert_eq!(order.until.at(), end);
    let groups: Vec<&str> = order.add.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, ["Room 207", "Executive Lounge", "Gym"]);
    assert_eq!(order.room.as_deref(), Some("207"));
    assert_eq!(order.card, CardWork::New);
    assert_eq!(order.encoder.unwrap().name, "Front Desk");
}

#[test]
fn only_the_name_is_needed() {
    let mut desk = form();
    desk.type_text("  Cher  ");
    desk.press("Ctrl-S");
    let (_, order) = desk.ordered();
    let guest = guest(&order);
    assert_eq!(guest.full_name, "Cher");
    assert_eq!((&guest.phone_number, &guest.email_address, order.schedule), (&None, &None, None));
    assert!(order.add.is_empty() && order.room.is_none() && order.until == EndsAt::Never);
}

#[test]
fn without_a_name_it_says_so_and_goes_there() {
    let mut desk = form();
    desk.press("Tab");
    desk.type_text("204");
    desk.press("Ctrl-S");
    desk.see("The name is needed.");
    assert!(!started(&mut desk));
    desk.type_text("Jane Roe");
    desk.see_no("The name is needed.");
    desk.save_anyway();
    assert_eq!(desk.ordered().1.room.as_deref(), Some("204"));
}

#[test]
fn ctrl_s_starts_from_every_field() {
    for field in 0..7 {
        let mut desk = form();
        desk.type_text("Jane Roe");
        for _ in 0..field {
            desk.press("Tab");
        }
        desk.press("Ctrl-S");
        assert!(started(&mut desk), "field {field}");
    }
}

#[test]
fn tab_and_shift_tab_walk_the_fields_and_stop_at_the_ends() {
    let mut desk = form();
    desk.press("Shift-Tab");
    desk.type_text("Jane");
    for _ in 0..9 {
        desk.press("Tab");
    }
    // The last field is the box of the card.
    desk.press("Space");
    for _ in 0..9 {
        desk.press("Shift-Tab");
    }
    desk.type_text(" Roe");
    desk.press("Ctrl-S");
    let (_, order) = desk.ordered();
    assert_eq!(order.guest.name(), "Jane Roe");
    assert_eq!((order.card, order.encoder), (CardWork::None, None));
}

#[test]
fn a_guest_without_a_card_is_created_and_selected() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    for _ in 0..6 {
        desk.press("Tab");
    }
    desk.press("Space");
    desk.enter();
    let id = desk.begin();
    desk.run(id);
    desk.data(Fact::User("u-new".into(), Ok(Some(from(json!({"acs_user_id": "u-new", "full_name": "Jane Roe"}))))));
    assert!(desk.model().dialogs.is_empty());
    assert!(desk.key_line().contains("Jane Roe"), "{}", desk.key_line());
    desk.see("Roe, Jane");
    assert_eq!(desk.selected_name(), "Jane Roe");
}

#[test]
fn the_cursor_follows_a_new_guest_whose_card_is_shown() {
    for user_comes_first in [false, true] {
        let mut desk = form();
        desk.type_text("Jane Roe");
        desk.press("Ctrl-S");
        let id = desk.begin();
        let user =
            || Fact::User("u-new".into(), Ok(Some(from(json!({"acs_user_id": "u-new", "full_name": "Jane Roe"})))));
        if user_comes_first {
            desk.data(user());
        }
        desk.run(id);
        if !user_comes_first {
            desk.data(user());
        }
        assert_eq!(desk.selected_name(), "Jane Roe", "user first: {user_comes_first}");
        desk.press("Esc");
        assert!(desk.line("Roe, Jane").contains("card in work"));
    }
}

#[test]
fn a_card_that_goes_on_by_itself_leaves_the_cursor_in_place() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    desk.press("Ctrl-S");
    let id = desk.begin();
    desk.press("Esc");
    desk.choose("Tom Quinn");
    desk.run(id);
    desk.data(Fact::User("u-new".into(), Ok(Some(from(json!({"acs_user_id": "u-new", "full_name": "Jane Roe"}))))));
    desk.written(id);
    assert_eq!(desk.selected_name(), "Tom Quinn");
}

#[test]
fn rooms_are_suggested_and_none_is_taken_that_was_not_chosen() {
    let mut desk = form();
    type_line(&mut desk, "Jane Roe");
    desk.type_text("20");
    for key in ["Enter", "Tab", "Ctrl-S"] {
        desk.press(key);
        desk.keys("Shift-Tab Tab");
        assert!(!started(&mut desk), "{key}");
        assert!(desk.line("Room  ").contains(" 20 "), "{key}: {}", desk.line("Room  "));
    }
    let mut desk = form();
    type_line(&mut desk, "Jane Roe");
    desk.type_text("20");
    for room in ["Room 204", "Room 205", "Room 206", "Room 207"] {
        desk.see(room);
    }
    desk.press("Enter");
    desk.see("There is no \"20\".");
    desk.press("Down");
    desk.see("▸ Room 204");
    desk.press("Down");
    desk.press("Enter");
    desk.see("Room 205 · 4 entrances · in it now: ");
    desk.see("Tom Quinn");
    desk.save_anyway();
    assert_eq!(desk.ordered().1.room.as_deref(), Some("205"));
}

/// A form in a hotel that has these groups besides its own.
fn form_with_groups(names: &[&str]) -> Desk {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for mut data in world::everything() {
        if let Fact::Groups(Ok(groups)) = &mut data {
            groups.extend(names.iter().map(|name| {
                let id = format!("g-{name}");
                serde_json::from_value(serde_json::json!({"acs_access_group_id": id, "name": name})).unwrap()
            }));
        }
        desk.data(data);
    }
    desk.settle();
    open(&mut desk);
    type_line(&mut desk, "Jane Roe");
    desk
}

#[test]
fn of_rooms_with_one_number_the_clerk_chooses() {
    let mut desk = form_with_groups(&["Apartment 733", "Room 733"]);
    desk.type_text("733");
    desk.press("Enter");
    desk.see("2 groups are \"733\".");
    assert!(!started(&mut desk));
    desk.see("Apartment 733");
    desk.keys("Down Enter");
    desk.settle();
    desk.save_anyway();
    assert_eq!(desk.ordered().1.add[0].name, "Apartment 733");
}

#[test]
fn a_room_is_named_whole_spaces_and_letter_case_aside() {
    for (typed, name) in
        [("12a", "Room 12 A"), ("12 A", "Room 12 A"), ("ROOM 12A", "Room 12 A"), ("villa rosa", "Villa Rosa")]
    {
        let mut desk = form_with_groups(&["Room 12 A", "Villa Rosa", "Room 9204"]);
        desk.type_text(typed);
        desk.settle();
        desk.save_anyway();
        assert_eq!(desk.ordered().1.add[0].name, name, "{typed}");
    }
    let mut desk = form_with_groups(&["Room 91204"]);
    desk.type_text("9120");
    desk.press("Tab");
    desk.press("Ctrl-S");
    desk.see("There is no \"9120\".");
    assert!(!started(&mut desk));
}

#[test]
fn a_chosen_room_tells_who_is_in_it_and_asks_what_is_unknown() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    for data in world::everything().into_iter().take(8) {
        desk.data(data);
    }
    desk.settle();
    open(&mut desk);
    type_line(&mut desk, "Jane Roe");
    desk.type_text("204");
    let queries = desk.queries();
    assert_eq!(queries, [Query::UsersOf(world::group("Room 204")), Query::EntrancesOf(world::group("Room 204"))]);
    for data in queries.iter().flat_map(world::answer) {
        desk.data(data);
    }
    desk.see("Room 204 · 4 entrances · in it now: Lucía");
    desk.see("John Doe");
    desk.type_text("x");
    desk.press("Backspace");
    assert_eq!(desk.queries(), [], "asked for once");
}

#[test]
fn a_room_that_is_not_there_is_refused_and_kept() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    desk.press("Tab");
    desk.type_text("999");
    desk.press("Ctrl-S");
    desk.see("There is no \"999\".");
    assert!(!started(&mut desk));
    desk.keys("Backspace Backspace Backspace Ctrl-S");
    assert!(started(&mut desk));
}

#[test]
fn other_groups_are_added_once_and_taken_away_by_backspace() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    desk.keys("Tab Tab Tab Tab Tab");
    desk.see("type to add a group");
    for text in ["gym", "pool"] {
        desk.type_text(text);
        desk.keys("Down Enter");
    }
    assert!(desk.line("Also opens").contains("Gym   Pool & Spa"), "{}", desk.line("Also opens"));
    desk.type_text("g");
    desk.see_no("▸ Gym");
    desk.press("Backspace");
    desk.press("Backspace");
    desk.save_anyway();
    let (_, order) = desk.ordered();
    let groups: Vec<&str> = order.add.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, ["Gym"]);
}

#[test]
fn half_a_group_name_stops_the_start() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    desk.keys("Tab Tab Tab Tab Tab");
    desk.type_text("zzz");
    desk.press("Ctrl-S");
    desk.see("There is no \"zzz\".");
    assert!(!started(&mut desk));
}

#[test]
fn a_departure_is_shown_as_it_is_understood() {
    for (text, said) in [
        ("+4", "Sat 28 Nov 2026, 11:00 · 4 nights"),
        ("+1", "Wed 25 Nov 2026, 11:00 · 1 night"),
        ("4", "Sat 28 Nov 2026, 11:00 · 4 nights"),
        ("28.11 16:00", "Sat 28 Nov 2026, 16:00 · 4 nights"),
        ("fri", "Fri 27 Nov 2026, 11:00 · 3 nights"),
        ("never", "no end date"),
        ("2026-11-24 18:00", "Tue 24 Nov 2026, 18:00 · today"),
        ("+30", "Thu 24 Dec 2026, 11:00 · 30 nights"),
        ("2027-01-02", "Sat 2 Jan 2027, 11:00 · 39 nights · a long stay"),
    ] {
        let mut desk = form();
        desk.keys("Tab Tab");
        desk.type_text(text);
        desk.see(said);
    }
    let mut desk = form();
    desk.see("no end date");
}

#[test]
fn day_and_month_stand_as_the_hotel_types_them() {
    let mut desk = Desk::open_with(Settings { day_first: false, ..world::settings() }, (120, 36));
    open(&mut desk);
    desk.keys("Tab Tab");
    desk.see("11/28");
    desk.type_text("12/3");
    desk.see("Thu 3 Dec 2026, 11:00 · 9 nights");
    desk.keys("Ctrl-U");
    desk.type_text("x");
    desk.see("11/28");
    let mut desk = form();
    desk.keys("Tab Tab");
    desk.type_text("3/12");
    desk.see("Thu 3 Dec 2026, 11:00 · 9 nights");
}

#[test]
fn what_is_wrong_is_told_at_its_field_and_all_input_is_kept() {
    for (tabs, text, said) in [
        (2, "soon", "Write 3 (nights)"),
        (2, "2026-02-30", "There is no such day or hour."),
        (2, "2026-11-20", "That is over already."),
        (2, "2099-01-01", "That is too far ahead."),
        (3, "0151 call me", "That is no phone number."),
        (3, "+1", "That is no phone number."),
        (4, "jane.doe", "An e-mail address looks like"),
        (4, "jane@doe@", "An e-mail address looks like"),
        (4, "jane@@example.com", "An e-mail address looks like"),
        (4, "jane@example.com.", "An e-mail address looks like"),
    ] {
        let mut desk = form();
        desk.type_text("Jane Roe");
        for _ in 0..tabs {
            desk.press("Tab");
        }
        desk.type_text(text);
        desk.press("Shift-Tab");
        desk.press("Ctrl-S");
        desk.see(said);
        desk.see("Jane Roe");
        desk.see(text);
        assert!(!started(&mut desk), "{text}");
        // The field has the keys: emptied, nothing speaks against the start.
        desk.press("Ctrl-U");
        desk.press("Ctrl-S");
        assert!(started(&mut desk), "{text}");
    }
}

#[test]
fn without_a_default_country_a_phone_number_needs_its_plus() {
    let mut desk = Desk::open_with(Settings { country: None, ..world::settings() }, (120, 36));
    open(&mut desk);
    desk.type_text("Jane Roe");
    desk.keys("Tab Tab Tab");
    desk.type_text("0151 98765432");
    desk.press("Ctrl-S");
    desk.see("Begin with + and the country");
    desk.press("Ctrl-U");
    desk.type_text("+49 151 98765432");
    desk.press("Ctrl-S");
    assert_eq!(guest(&desk.ordered().1).phone_number.as_deref(), Some("+4915198765432"));
}

#[test]
fn a_guest_who_is_here_shows_while_name_phone_or_mail_is_typed() {
    for (tabs, text) in [(0, "doe jo"), (0, "John D"), (3, "0151 12345678"), (4, "John.Doe@example.com")] {
        let mut desk = form();
        for _ in 0..tabs {
            desk.press("Tab");
        }
        desk.type_text(text);
        let line = desk.line("▲ Doe, John");
        assert!(line.contains("204") && line.contains("Down: use"), "{line}");
        desk.keys("Down Enter");
        assert!(desk.model().dialogs.is_empty());
        assert_eq!(desk.selected_name(), "John Doe", "{text}");
    }
}

#[test]
fn a_listed_guest_is_taken_by_arrows_and_enter() {
    let mut desk = form();
    desk.type_text("doe");
    desk.press("Down");
    desk.press("Down");
    desk.press("Enter");
    assert!(desk.model().dialogs.is_empty());
    assert!(desk.selected_name().contains("Doe"), "{}", desk.selected_name());
    desk.see("card");
    desk.enter();
    desk.see("Card for");
}

#[test]
fn enter_alone_never_takes_another_guest() {
    let mut desk = form();
    type_line(&mut desk, "John Doering");
    assert_eq!(desk.model().dialogs.len(), 1);
    desk.press("Ctrl-S");
    assert_eq!(desk.ordered().1.guest.name(), "John Doering");
}

#[test]
fn the_same_guest_twice_is_asked_about_and_enter_is_no_answer() {
    let mut desk = form();
    desk.type_text("doe, JOHN");
    desk.press("Ctrl-S");
    desk.see("John Doe is here already: Room 204, until Sat");
    // The first answer does no harm.
    desk.press("Enter");
    assert!(!started(&mut desk));
    desk.see("doe, JOHN");
    desk.see_no("is here already");
    desk.press("Ctrl-S");
    desk.do_row(2);
    let (_, order) = desk.ordered();
    assert_eq!(guest(&order).known_namesakes, ["u-john".into()]);
    assert_eq!(desk.model().dialogs.len(), 1, "the job is shown, the form is gone");
}

#[test]
fn the_same_phone_or_mail_is_asked_about_too() {
    for (tabs, text) in [(3, "+49 151 12345678"), (4, "john.doe@EXAMPLE.com")] {
        let mut desk = form();
        desk.type_text("Somebody Else");
        for _ in 0..tabs {
            desk.press("Tab");
        }
        desk.type_text(text);
        desk.press("Ctrl-S");
        desk.see("John Doe is here already");
    }
}

#[test]
fn escape_asks_before_it_throws_typing_away() {
    let mut desk = form();
    desk.press("Esc");
    assert!(desk.model().dialogs.is_empty(), "an empty form closes at once");
    open(&mut desk);
    desk.type_text("Jane");
    desk.press("Esc");
    desk.see("Throw away what you typed?");
    desk.press("Esc");
    desk.see("Jane");
    desk.type_text(" Roe");
    desk.press("Esc");
    desk.do_row(1);
    assert!(desk.model().dialogs.is_empty());
    desk.act(Action::NewGuest);
    desk.see_no("Jane Roe");
}

#[test]
fn escape_leaves_the_suggestions_first() {
    let mut desk = form();
    desk.type_text("doe");
    desk.keys("Down Esc");
    desk.see_no("Throw away");
    desk.type_text("r");
    desk.see("Doerr, Max");
}

#[test]
fn a_paste_brings_text_and_nothing_else() {
    let mut desk = form();
    desk.paste("Jane\u{1b}[31m\u{202e} Roe\r\n\t\u{7}\u{200b}");
    desk.see("Jane[31m Roe");
    assert_eq!(desk.model().dialogs.len(), 1, "a line break in a paste is no Enter");
    desk.press("Ctrl-S");
    assert_eq!(desk.ordered().1.guest.name(), "Jane[31m Roe");
}

#[test]
fn nothing_is_lost_when_the_window_changes_or_data_arrives() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    desk.press("Tab");
    desk.type_text("204");
    desk.press("Tab");
    desk.type_text("+2");
    for size in [(80, 24), (20, 5), (1, 1), (60, 18), (120, 36)] {
        desk.resize(size.0, size.1);
        let _ = desk.screen_text();
    }
    for data in world::everything() {
        desk.data(data);
    }
    desk.data(Fact::People(prepare(vec![from(json!({"acs_user_id": "u-x", "full_name": "Jane Roebuck"}))])));
    desk.wait(10_000);
    for words in ["Jane Roe", "204", "+2"] {
        desk.see(words);
    }
    desk.save_anyway();
    let (_, order) = desk.ordered();
    assert_eq!((order.guest.name(), order.room.as_deref()), ("Jane Roe", Some("204")));
}

#[test]
fn the_focused_field_stays_in_sight_in_the_smallest_window() {
    let mut desk = Desk::open_at((60, 18));
    open(&mut desk);
    desk.type_text("Jane Roe");
    for (field, text) in
        [("Room", "204"), ("Departure", "+2"), ("Phone", "0151"), ("E-mail", "j@x.de"), ("Also opens", "gy")]
    {
        desk.press("Tab");
        desk.type_text(text);
        assert!(desk.line(field).contains(text), "{field}");
    }
}

#[test]
fn a_form_opened_before_the_encoders_came_makes_a_card() {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    desk.data(Fact::System(Ok((world::system(), None))));
    open(&mut desk);
    desk.type_text("Jane Roe");
    desk.press("Ctrl-S");
    assert!(!started(&mut desk));
    desk.see("No encoder is there.");
    desk.data(Fact::Encoders(Ok(world::encoders())));
    desk.see("make a card now on Front Desk");
    desk.press("Ctrl-S");
    assert_eq!(desk.ordered().1.card, CardWork::New);
}

#[test]
fn an_encoder_that_left_does_not_turn_the_card_off_in_silence() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    desk.data(Fact::Encoders(Ok(Vec::new())));
    desk.press("Ctrl-S");
    assert!(!started(&mut desk), "the card was wished for");
    desk.see("No encoder is there.");
}

#[test]
fn cursor_keys_and_deleting_work_inside_a_field() {
    let mut desk = form();
    desk.type_text("Jame Roe");
    desk.keys("Home Right Right Del");
    desk.type_text("n");
    desk.keys("End Ctrl-W");
    desk.type_text("Doe");
    desk.keys("Ctrl-S");
    assert_eq!(desk.ordered().1.guest.name(), "Jane Doe");
}

#[test]
fn a_held_enter_runs_through_the_fields_and_starts_nothing() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    for _ in 0..40 {
        desk.press("Enter");
        desk.wait(30);
    }
    assert!(!started(&mut desk));
    desk.see("Enter came twice in a moment");
    desk.enter();
    assert!(started(&mut desk));
}

#[test]
fn an_enter_that_is_held_is_said_where_it_would_start_something() {
    let mut desk = form();
    desk.hold_enter();
    desk.see_no("Enter is held down");
    desk.type_text("Jane Roe");
    desk.keys("Tab Tab Tab Tab Tab Tab");
    desk.hold_enter();
    desk.see("Enter is held down: it counts once.");
    assert!(!started(&mut desk));
}

#[test]
fn a_lost_sessions_form_is_offered_and_thrown_away_only_on_no() {
    let draft = Draft { name: "Tom Okonkwo".into(), room: "204".into(), card: true, ..Draft::default() };
    let mut desk = Desk::open();
    desk.effects();
    desk.tell(BackendMsg::Draft(Box::new(draft.clone())));
    desk.see("The form for Tom Okonkwo was left half-typed.");
    assert_eq!(desk.effects(), [Effect::Draft(Some(draft.clone()))]);
    desk.do_row(0);
    desk.see("Room 204");
    assert_eq!(desk.effects().iter().filter(|effect| matches!(effect, Effect::Draft(_))).count(), 0);
    desk.type_text("x");
    let longer = Draft { name: "Tom Okonkwox".into(), ..draft.clone() };
    assert!(desk.effects().contains(&Effect::Draft(Some(longer))), "what is typed is on disk before the next key");
    desk.press("Esc");
    desk.do_row(1);
    assert!(desk.effects().contains(&Effect::Draft(None)));

    desk.tell(BackendMsg::Draft(Box::new(draft.clone())));
    desk.effects();
    desk.do_row(2);
    assert!(desk.effects().contains(&Effect::Draft(None)));

    // Esc loses nothing here either: it is offered with the next new guest, and kept while another form is used.
    desk.tell(BackendMsg::Draft(Box::new(draft.clone())));
    desk.press("Esc");
    desk.see_no("left half-typed");
    assert!(!desk.effects().contains(&Effect::Draft(None)));
    desk.act(Action::NewGuest);
    desk.see("The form for Tom Okonkwo was left half-typed.");
    desk.do_row(2);
    desk.see_no("Okonkwo");
    desk.type_text("Al");
    desk.press("Esc");
    desk.do_row(1);
    let last = desk.effects().into_iter().rfind(|effect| matches!(effect, Effect::Draft(_)));
    assert_eq!(last, Some(Effect::Draft(Some(draft))));
    desk.act(Action::NewGuest);
    desk.do_row(0);
    desk.see("Room 204");
    desk.press("Esc");
    desk.do_row(1);
    desk.act(Action::NewGuest);
    desk.see("New guest");
    desk.see_no("half-typed");
}

#[test]
fn of_two_forms_on_their_way_the_newer_is_kept() {
    for first in ["Ann Roe", "Zoe Roe"] {
        let mut desk = form();
        for name in [first, "Mae Roe"] {
            desk.type_text(name);
            desk.press("Ctrl-S");
            desk.press("Esc");
            desk.act(Action::NewGuest);
        }
        desk.press("Esc");
        let last = desk.effects().into_iter().rfind(|effect| matches!(effect, Effect::Draft(_)));
        assert!(matches!(last, Some(Effect::Draft(Some(draft))) if draft.name == "Mae Roe"));
    }
}

#[test]
fn a_half_typed_group_is_kept_and_comes_back() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    desk.keys("Tab Tab Tab Tab Tab");
    desk.type_text("lou");
    let kept = desk.effects().into_iter().rev().find_map(|effect| match effect {
        Effect::Draft(draft) => draft,
        _ => None,
    });
    let kept = kept.unwrap();
    assert_eq!(kept.also, "lou");
    let mut desk = Desk::open();
    desk.tell(BackendMsg::Draft(Box::new(kept.clone())));
    desk.do_row(0);
    desk.type_text("x");
    desk.effects();
    desk.press("Backspace");
    assert!(desk.effects().contains(&Effect::Draft(Some(kept))));
}

#[test]
fn an_order_that_is_not_taken_gives_back_what_was_typed() {
    for not_taken in [
        |id| BackendMsg::Unstarted(id),
        |id| BackendMsg::Ignored(id, Ignored::GuestInWork { job: None, holder: Some("Ben, pts/3".into()) }),
        |id| BackendMsg::Ignored(id, Ignored::GuestInWork { job: None, holder: None }),
    ] {
        let mut desk = form();
        desk.type_text("Jane Roe");
        desk.keys("Enter 2 0 4");
        desk.save_anyway();
        desk.see_no("Phone");
        let effects = desk.effects();
        let id = effects.iter().find_map(|effect| match effect {
            Effect::Job(Command::Start { id, .. }) => Some(*id),
            _ => None,
        });
        assert!(!effects.contains(&Effect::Draft(None)), "it is kept until the order is");
        desk.tell(not_taken(id.unwrap()));
        desk.see("Jane Roe");
        desk.see("Phone");
        desk.see("204");
        assert!(!desk.effects().contains(&Effect::Draft(None)));
    }
}

#[test]
fn a_form_is_kept_until_its_order_is() {
    let mut desk = form();
    desk.type_text("Jane Roe");
    desk.press("Ctrl-S");
    let (id, order) = desk.ordered();
    desk.see_no("Phone");
    desk.begin_with(id, order);
    assert!(desk.effects().contains(&Effect::Draft(None)));
}

/// A form for a new guest with this room and this departure.
fn form_for(room: &str, departure: &str) -> Desk {
    let mut desk = form();
    type_line(&mut desk, "Jane Roe");
    type_line(&mut desk, room);
    desk.type_text(departure);
    desk.effects();
    desk
}

#[test]
fn a_room_in_which_somebody_stays_is_asked_about() {
    let mut desk = form_for("204", "+4");
    desk.press("Ctrl-S");
    desk.see("Room 204 is taken by Lucía Álvarez until Sat 28 Nov");
    desk.see("John Doe until Sat 28 Nov 11:00.");
    // The answer that Enter gives leads back, and nothing is lost.
    desk.enter();
    assert!(!started(&mut desk));
    desk.see_no("is taken by");
    assert!(desk.line("Room  ").contains("204") && desk.line("Departure").contains("+4"));
    desk.press("Ctrl-S");
    desk.do_row(1);
    assert_eq!(desk.ordered().1.room.as_deref(), Some("204"));
}

#[test]
fn a_room_is_free_when_nobodys_stay_overlaps() {
    // Suspended; over; nobody.
    for room in ["207", "401"] {
        let mut desk = form_for(room, "+4");
        desk.press("Ctrl-S");
        assert!(started(&mut desk), "{room}");
    }
    for (starts, ends, departure, is_free) in [
        ("2026-11-20T14:00:00Z", Some("2026-11-24T13:32:10Z"), "+4", true),
        ("2026-11-20T14:00:00Z", Some("2026-11-24T13:45:00Z"), "+4", true),
        ("2026-11-20T14:00:00Z", Some("2026-11-24T20:00:00Z"), "+4", false),
        ("2026-11-20T14:00:00Z", Some("2026-11-25T10:00:00Z"), "+4", false),
        ("2026-11-20T14:00:00Z", None, "+1", false),
        ("2026-11-28T10:00:00Z", None, "+4", true),
        ("2026-11-28T10:00:00Z", None, "+5", false),
        ("2026-11-28T10:00:00Z", None, "never", false),
    ] {
        let mut desk = form_for("9", departure);
        let schedule = json!({"starts_at": starts, "ends_at": ends});
        let user = json!({"acs_user_id": "u-ludwig", "full_name": "Ludwig van Beethoven", "access_schedule": schedule});
        desk.data(Fact::user(from(user)));
        desk.press("Ctrl-S");
        assert_eq!(started(&mut desk), is_free, "{starts} {ends:?} {departure}");
        assert_eq!(desk.sees("Room 9 is taken by Ludwig van Beethoven"), !is_free);
    }
}

#[test]
fn who_leaves_today_is_a_hint() {
    let mut desk = form_for("9", "+4");
    let schedule = json!({"starts_at": "2026-11-20T14:00:00Z", "ends_at": "2026-11-24T13:45:00Z"});
    desk.data(Fact::user(from(
        json!({"acs_user_id": "u-ludwig", "full_name": "Ludwig van Beethoven", "access_schedule": schedule}),
    )));
    desk.see("leaves today: Ludwig van");
    desk.see_no("in it now");
}

#[test]
fn saving_waits_until_it_is_known_who_is_in_the_room() {
    let fresh = || {
        let mut desk = Desk::fresh(world::settings(), (120, 36));
        for data in world::everything().into_iter().take(8) {
            desk.data(data);
        }
        desk.settle();
        open(&mut desk);
        type_line(&mut desk, "Jane Roe");
        type_line(&mut desk, "204");
        desk.type_text("+4");
        desk.press("Ctrl-S");
        assert!(!started(&mut desk));
        desk.see("reading who is in it");
        desk
    };
    let room = world::group("Room 204");
    let mut desk = fresh();
    desk.data(Fact::UsersOf(room.clone(), Ok(vec!["u-john".into()])));
    desk.see("Room 204 is taken by John Doe");
    let mut desk = fresh();
    desk.data(Fact::UsersOf(room.clone(), Ok(Vec::new())));
    assert!(started(&mut desk));
    // Who is in it, but not yet who that is.
    let mut desk = fresh();
    desk.data(Fact::UsersOf(room.clone(), Ok(vec!["u-unread".into()])));
    desk.see("Room 204 is taken by one more guest");
    // It can't be read, or the clerk can't wait.
    let error = SeamError::new(ErrorKind::TimedOut, "x");
    let mut desk = fresh();
    desk.data(Fact::UsersOf(room.clone(), Err(error)));
    desk.see("Who is in Room 204 is not known.");
    desk.enter();
    assert!(!started(&mut desk));
    let mut desk = fresh();
    desk.press("Ctrl-S");
    desk.see("Who is in Room 204 is not known.");
    desk.do_row(1);
    assert!(started(&mut desk));
    // What is typed meanwhile is not saved by an answer that comes late.
    let mut desk = fresh();
    desk.type_text("1");
    desk.data(Fact::UsersOf(room, Ok(Vec::new())));
    assert!(!started(&mut desk));
}

#[test]
fn what_comes_in_while_a_question_stands_is_asked_too() {
    let mut desk = form();
    desk.type_text("John Doe");
    desk.press("Enter");
    type_line(&mut desk, "207");
    desk.type_text("+4");
    desk.press("Ctrl-S");
    desk.see("John Doe is here already");
    desk.data(Fact::UsersOf(world::group("Room 207"), Ok(vec!["u-tom".into()])));
    desk.do_row(2);
    desk.see("Room 207 is taken by Tom Quinn");
    desk.data(Fact::UsersOf(world::group("Room 207"), Ok(vec!["u-tom".into(), "u-eva".into()])));
    desk.do_row(1);
    desk.see("Eva Brandt (no end date)");
    desk.do_row(1);
    let (_, order) = desk.ordered();
    assert_eq!((guest(&order).known_namesakes.len(), order.room.as_deref()), (1, Some("207")));
}

#[test]
fn what_was_agreed_to_is_asked_again_after_a_change() {
    let mut desk = form();
    type_line(&mut desk, "John Doe");
    type_line(&mut desk, "204");
    desk.type_text("+4");
    desk.press("Ctrl-S");
    desk.see("John Doe is here already");
    desk.do_row(2);
    desk.see("Room 204 is taken by");
    desk.do_row(0);
    // Nothing was changed: the second user stays agreed to.
    desk.press("Ctrl-S");
    desk.see("Room 204 is taken by");
    desk.do_row(0);
    desk.keys("Ctrl-U");
    desk.type_text("207");
    desk.press("Ctrl-S");
    desk.see("John Doe is here already");
    assert!(!started(&mut desk));
}

#[test]
fn access_without_an_end_is_asked_about_unless_it_was_typed() {
    for (room, departure, asks) in [("207", "", true), ("207", "never", false), ("207", "+1", false), ("", "", false)] {
        let mut desk = form_for(room, departure);
        desk.press("Ctrl-S");
        assert_eq!(!started(&mut desk), asks, "{room} {departure}");
        assert_eq!(desk.sees("No departure: the card would open"), asks);
    }
    let mut desk = form_for("207", "");
    desk.press("Ctrl-S");
    desk.enter();
    desk.type_text("+2");
    assert!(desk.line("Departure").contains("+2"), "the departure has the focus");
    desk.press("Ctrl-S");
    assert!(desk.ordered().1.until.at().is_some());
    let mut desk = form_for("207", "");
    desk.press("Ctrl-S");
    desk.do_row(1);
    let order = desk.ordered().1;
    assert_eq!((order.until, order.schedule), (EndsAt::Never, Some(Schedule::default())), "it was said");
}

#[test]
fn of_two_namesakes_each_can_be_the_one() {
    let mut desk = form();
    desk.data(Fact::user(from(json!({"acs_user_id": "u-john2", "full_name": "John Doe"}))));
    desk.type_text("john doe");
    desk.press("Ctrl-S");
    desk.see("So is one more like this.");
    desk.see("it is John Doe: Room 204, until Sat 28 Nov 11:00");
    desk.see("it is John Doe: no room, no end date");
    desk.do_row(3);
    let (_, order) = desk.ordered();
    assert_eq!(guest(&order).known_namesakes.len(), 2);
}

#[test]
fn a_departure_by_a_clock_that_is_wrong_is_asked_about_first() {
    let skewed = |hours: i64, departure: &str| {
        let mut desk = form_for("207", departure);
        let server = desk.now.checked_sub(SignedDuration::from_hours(hours)).unwrap();
        desk.tell(BackendMsg::ServerTime(server));
        desk.press("Ctrl-S");
        desk
    };
    let mut desk = skewed(24, "+2");
    desk.see("24 h ahead");
    assert!(!started(&mut desk));
    desk.do_row(1);
    assert_eq!(desk.ordered().1.until.at(), Some("2026-11-25T10:00:00Z".parse().unwrap()), "by the server's clock");
    let mut desk = skewed(24, "+2");
    desk.do_row(2);
    assert_eq!(desk.ordered().1.until.at(), Some("2026-11-26T10:00:00Z".parse().unwrap()), "by the PC's");
    let mut desk = skewed(-48, "2");
    desk.see("take Sat 28 Nov 2026, 11:00");
    desk.enter();
    assert!(!started(&mut desk));
    // A date is the same by both clocks, and an hour is no matter.
    for (hours, departure) in [(24, "28.11."), (1, "+2")] {
        assert!(started(&mut skewed(hours, departure)), "{departure}");
    }
}

/// A desk that knows this user's groups and cards.
fn known(desk: &mut Desk, user: &str) {
    for query in [Query::User(user.into()), Query::GroupsOf(user.into())] {
        for fact in world::answer(&query) {
            desk.data(fact);
        }
    }
}

#[test]
fn it_is_that_guest_and_what_was_typed_goes_along() {
    for by_suggestion in [true, false] {
        let mut desk = form();
        type_line(&mut desk, "Tom Quinn");
        type_line(&mut desk, "207");
        type_line(&mut desk, "+4");
        type_line(&mut desk, "+49 151 98765432");
        type_line(&mut desk, "tom@example.com");
        desk.type_text("gym");
        desk.press("Enter");
        if by_suggestion {
            desk.keys("Shift-Tab Shift-Tab Shift-Tab Shift-Tab Shift-Tab Down Enter");
        } else {
            desk.press("Ctrl-S");
            desk.see("Tom Quinn is here already: Room 205, until Thu 26 Nov");
            desk.do_row(1);
        }
        known(&mut desk, "u-tom");
        desk.see("Card for Tom Quinn");
        desk.see("add Room 207, Gym");
        desk.see("+4915198765432, tom@example.com");
        desk.see("Sat 28 Nov 11:00 (so far Thu 26 Nov 11:00)");
        desk.see("also in Room 205: stays");
        desk.see_no("the card is up to date");
        // Back leads to the form, whole.
        desk.press("Esc");
        desk.see("tom@example.com");
        desk.press("Ctrl-S");
        desk.see("Card for Tom Quinn");
        desk.effects();
        desk.enter();
        let (_, order) = desk.ordered();
        assert_eq!(order.guest.user(), Some(&"u-tom".into()));
        let added: Vec<&str> = order.add.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(added, ["Room 207", "Gym"]);
        assert_eq!(order.until.at(), Some("2026-11-28T10:00:00Z".parse().unwrap()));
        assert_eq!(order.schedule.unwrap().ends_at, order.until.at());
        let details = order.details.unwrap();
        assert_eq!(details.full_name, None);
        assert_eq!(details.phone_number.as_deref(), Some("+4915198765432"));
        assert_eq!(details.email_address.as_deref(), Some("tom@example.com"));
        assert!(order.card.writes());
        assert_eq!(desk.selected_name(), "Tom Quinn");
        assert_eq!(desk.model().dialogs.len(), 1, "the job is shown, form and plan are gone");
    }
}

#[test]
fn of_that_guest_only_what_differs_is_changed() {
    let mut desk = form();
    type_line(&mut desk, "john doe");
    type_line(&mut desk, "204");
    type_line(&mut desk, "28.11.");
    type_line(&mut desk, "0151 12345678");
    type_line(&mut desk, "JOHN.DOE@example.com");
    desk.press("Tab");
    desk.press("Space");
    desk.press("Ctrl-S");
    desk.do_row(1);
    known(&mut desk, "u-john");
    desk.see("Card for John Doe");
    desk.effects();
    desk.enter();
    assert!(!started(&mut desk), "all of it is so already");
    assert_eq!((desk.selected_name().as_str(), desk.model().dialogs.len()), ("John Doe", 0));
}

#[test]
fn a_name_that_is_not_taken_along_is_said() {
    let mut desk = form();
    type_line(&mut desk, "Johnny Dow");
    type_line(&mut desk, "207");
    type_line(&mut desk, "+4");
    desk.type_text("0151 12345678");
    desk.press("Ctrl-S");
    desk.do_row(1);
    known(&mut desk, "u-john");
    desk.see("the name stays John Doe, not \"Johnny Dow\"");
}

#[test]
fn a_guest_who_is_in_work_keeps_the_form() {
    let mut desk = Desk::open();
    desk.choose("Tom Quinn");
    desk.act(Action::Card);
    desk.enter();
    let id = desk.begin();
    desk.run(id);
    desk.press("Esc");
    open(&mut desk);
    type_line(&mut desk, "Tom Quinn");
    type_line(&mut desk, "207");
    desk.type_text("+4");
    desk.press("Ctrl-S");
    desk.do_row(1);
    desk.see("Tom Quinn is in work already.");
    desk.enter();
    desk.see("207");
    assert!(!started(&mut desk));
}

#[test]
fn changes_of_that_guest_come_back_when_they_are_not_taken() {
    let mut desk = form();
    type_line(&mut desk, "Tom Quinn");
    type_line(&mut desk, "207");
    desk.type_text("+4");
    desk.press("Ctrl-S");
    desk.do_row(1);
    known(&mut desk, "u-tom");
    desk.effects();
    desk.enter();
    let (id, _) = desk.ordered();
    desk.tell(BackendMsg::Unstarted(id));
    desk.see("New guest");
    desk.see("207");
    assert!(!desk.effects().contains(&Effect::Draft(None)));
}
