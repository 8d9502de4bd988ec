//! What holds of every screen: no size panics, nothing from outside steers the terminal, plain terminals can read it.

use keydesk::component::ctx::Settings;
use keydesk::domain::directory::person::prepare;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::event::{AttemptEnd, Event};
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::ui::theme::{Colors, Theme};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use serde_json::{Value, json};

use super::scenes::{SCENES, Scene};
use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

fn at(scene: &Scene, settings: Settings) -> Desk {
    let mut desk = Desk::open_with(settings, (120, 36));
    scene.1(&mut desk);
    desk
}

#[test]
fn every_scene_draws_at_sizes_that_people_have() {
    for scene in SCENES {
        let mut desk = at(scene, world::settings());
        for size in
            [(1, 1), (2, 2), (60, 18), (61, 18), (60, 19), (80, 24), (80, 18), (99, 33), (100, 34), (200, 60), (300, 5)]
        {
            desk.resize(size.0, size.1);
            let buffer = desk.buffer();
            assert_eq!((buffer.area.width, buffer.area.height), size, "{}", scene.0);
            desk.wait(10);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_size_panics_and_keys_may_come_at_any(
        scene in 0..SCENES.len(), sizes in prop::collection::vec((1u16..=200, 1u16..=60), 1..8), ascii: bool,
        keys in prop::collection::vec(0usize..12, 0..6),
    ) {
        let names = ["Up", "Down", "PgUp", "PgDn", "Home", "End", "Tab", "Enter", "Esc", "x", "Backspace", "Space"];
        let theme = Theme { colors: Colors::None, ascii };
        let mut desk = at(&SCENES[scene], Settings { theme, ..world::settings() });
        for (width, height) in sizes {
            desk.resize(width, height);
            let buffer = desk.buffer();
            prop_assert_eq!((buffer.area.width, buffer.area.height), (width, height));
            for key in &keys {
                desk.press(names[*key]);
            }
            let _ = desk.buffer();
        }
    }

    #[test]
    fn a_frame_of_another_size_than_the_model_knows_is_drawn_too(
        scene in 0..SCENES.len(), width in 1u16..=200, height in 1u16..=60
    ) {
        let mut desk = at(&SCENES[scene], world::settings());
        let Ok(mut terminal) = ratatui::Terminal::new(ratatui::backend::TestBackend::new(width, height));
        let Ok(_) = terminal.draw(|frame| keydesk::app::view(desk.model(), frame));
        let _ = desk.screen_text();
    }
}

/// Texts as a hostile or broken system holds them.
fn odd_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{1b}[2J".to_owned()),
        Just("\u{1b}]0;owned\u{7}".to_owned()),
        Just("\u{9b}31m".to_owned()),
        Just("\u{202e}\u{2066}".to_owned()),
        Just("\u{200d}\u{feff}\u{ad}".to_owned()),
        Just("\r\n\t\u{0}".to_owned()),
        Just("👩‍👩‍👧‍👦".to_owned()),
        Just("🇩🇪".to_owned()),
        Just("ｗｉｄｅ 幅".to_owned()),
        Just("e\u{301}\u{301}\u{301}\u{301}".to_owned()),
        Just("עברית العربية".to_owned()),
        any::<char>().prop_map(String::from),
        "[a-z]{1,12}",
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

/// Controls, marks of direction, joiners and the like: said here once more, so that a hole in the filter shows.
fn steers(c: char) -> bool {
    c.is_control()
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// What must not be in any cell.
fn is_clean(buffer: &Buffer) -> Result<(), String> {
    for cell in buffer.content() {
        if let Some(bad) = cell.symbol().chars().find(|c| steers(*c)) {
            return Err(format!("{bad:?} in {:?}", cell.symbol()));
        }
    }
    Ok(())
}

fn odd_house(text: &str) -> Vec<Fact> {
    let error = json!([{"error_code": text, "message": text}]);
    let user = |id: &str| -> Value {
        json!({"acs_user_id": id, "full_name": text, "phone_number": text, "email_address": text, "errors": error,
            "pending_mutations": [{"mutation_code": text, "message": text}]})
    };
    let mut system = json!({"acs_system_id": text, "name": text, "external_type_display_name": text, "errors": error});
    system["location"] = json!({"time_zone": text});
    vec![
        Fact::System(Ok((from(system), None))),
        Fact::Encoders(Ok(vec![
            from(json!({"acs_encoder_id": text, "display_name": text})),
            from(json!({"acs_encoder_id": format!("{text}2")})),
            from(json!({"acs_encoder_id": "e-3", "display_name": "Three", "errors": error})),
        ])),
        Fact::Groups(Ok(vec![
            from(json!({"acs_access_group_id": text, "name": text})),
            from(json!({"acs_access_group_id": "g-2", "name": "Room 204", "errors": error})),
        ])),
        Fact::People(prepare(vec![from(user(text)), from(user("u-2"))])),
        Fact::PeopleEnd(Ok(())),
        Fact::Credentials(vec![from(json!({"acs_credential_id": text, "acs_user_id": text, "access_method": "card",
            "is_issued": true, "card_number": text, "errors": error}))]),
        Fact::CredentialsEnd(Ok(())),
        Fact::UsersOf("g-2".into(), Ok(vec![text.into(), "u-2".into()])),
        Fact::GroupsOf(text.into(), Ok(vec!["g-2".into(), text.into()])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn nothing_from_outside_reaches_the_screen_unfiltered(text in odd_text(), ascii: bool) {
        let theme = Theme { colors: Colors::Sixteen, ascii };
        let mut desk = Desk::fresh(Settings { theme, ..world::settings() }, (120, 36));
        for data in odd_house(&text) {
            desk.data(data);
            prop_assert_eq!(is_clean(&desk.buffer()), Ok(()));
        }
        desk.effects();
        for keys in ["Down", "2", "Space", "3", "4", "5", "1", "c", "Tab", "Esc", "Esc"] {
            desk.press(keys);
            prop_assert_eq!(is_clean(&desk.buffer()), Ok(()));
        }
        desk.act(Action::NewGuest);
        desk.paste(&text);
        prop_assert_eq!(is_clean(&desk.buffer()), Ok(()));
        desk.press("Esc");
        desk.do_row(1);
        while !desk.model().dialogs.is_empty() {
            desk.press("Esc");
        }
        desk.act(Action::Card);
        desk.enter();
        if desk.effects().iter().any(|effect| matches!(effect, keydesk::app::effect::Effect::Job(_))) {
            prop_assert_eq!(is_clean(&desk.buffer()), Ok(()));
        }
        desk.resize(80, 24);
        prop_assert_eq!(is_clean(&desk.buffer()), Ok(()));
    }

    #[test]
    fn a_jobs_words_from_outside_are_clean_too(text in odd_text()) {
        let mut desk = Desk::open();
        desk.data(Fact::People(prepare(vec![from(json!({"acs_user_id": "u-odd", "full_name": format!("Odd {text}")}))])));
        desk.data(Fact::CredentialsOf("u-odd".into(), Ok(Vec::new())));
        desk.choose("Odd");
        desk.act(Action::Card);
        desk.enter();
        let id = desk.begin();
        desk.run(id);
        prop_assert_eq!(is_clean(&desk.buffer()), Ok(()));
        let end = AttemptEnd::Error(from(json!({"type": text, "message": text})));
        desk.event(id, Event::Attempt { end });
        desk.press("i");
        prop_assert_eq!(is_clean(&desk.buffer()), Ok(()));
        desk.press("Esc");
        desk.act(Action::Needs);
        prop_assert_eq!(is_clean(&desk.buffer()), Ok(()));
    }
}

#[test]
fn an_ascii_terminal_gets_ascii_alone() {
    let theme = Theme { colors: Colors::Eight, ascii: true };
    for scene in SCENES {
        let mut desk = at(scene, Settings { theme, ..world::settings() });
        for size in [(120, 36), (80, 24), (60, 18)] {
            desk.resize(size.0, size.1);
            let odd: String = desk
                .buffer()
                .content()
                .iter()
                .flat_map(|cell| cell.symbol().chars())
                .filter(|c| !c.is_ascii())
                .collect();
            assert_eq!(odd, "", "{} at {size:?}", scene.0);
        }
    }
}

#[test]
fn without_colours_nothing_is_coloured_and_the_focus_shows() {
    let theme = Theme { colors: Colors::None, ascii: false };
    for scene in SCENES {
        let mut desk = at(scene, Settings { theme, ..world::settings() });
        let buffer = desk.buffer();
        let coloured =
            buffer.content().iter().filter(|cell| (cell.fg, cell.bg) != (Color::Reset, Color::Reset)).count();
        assert_eq!(coloured, 0, "{}", scene.0);
    }
    let mut desk = Desk::open_with(Settings { theme, ..world::settings() }, (120, 36));
    let row_of = |buffer: &Buffer, y: u16, x: u16| buffer[(x, y)].modifier;
    // The cursor's row in the pane with the focus and in the others, and a row without the cursor.
    let buffer = desk.buffer();
    let (cursor, plain) = (row_of(&buffer, 2, 3), row_of(&buffer, 4, 3));
    assert!(cursor.contains(Modifier::REVERSED) && !plain.contains(Modifier::REVERSED));
    desk.focus(PaneId::Groups);
    let elsewhere = row_of(&desk.buffer(), 2, 3);
    assert!(elsewhere != cursor && elsewhere != plain, "{elsewhere:?}");
}

#[test]
fn without_colours_states_differ_by_word_or_mark() {
    let theme = Theme { colors: Colors::None, ascii: true };
    let mut desk = Desk::open_with(Settings { theme, ..world::settings() }, (120, 36));
    let mut states: Vec<String> = Vec::new();
    for name in ["Doe, John", "Fischer, Jonas", "Doerr, Max", "Haddad, Leila", "Eriksen", "O'Doe"] {
        let row = desk.line(name);
        let cells: Vec<char> = row.chars().skip(2).take(48).collect();
        states.push(cells[31..].iter().collect());
    }
    let all = states.len();
    states.sort();
    states.dedup();
    assert_eq!(states.len(), all, "{states:?}");
}

#[test]
fn the_default_theme_leaves_the_background_of_plain_text_alone() {
    let mut desk = Desk::open();
    let buffer = desk.buffer();
    // A row without the cursor: name, room, mark, word.
    for x in 1..48 {
        assert_eq!(buffer[(x, 4)].bg, Color::Reset, "{x}");
    }
}

#[test]
fn only_what_needs_a_person_is_coloured_in_the_list() {
    let mut desk = Desk::open();
    desk.act(Action::Move(keydesk::ui::list::Move::End));
    let screen = desk.screen_text();
    let buffer = desk.buffer();
    let colour_of_word = |name: &str| {
        let y = screen.lines().position(|line| line.contains(name)).unwrap();
        buffer[(50, u16::try_from(y).unwrap())].fg
    };
    assert_eq!(colour_of_word("Andersson"), Color::DarkGray, "card ok is dim");
    assert_eq!(colour_of_word("Doerr"), Color::Yellow);
    assert_eq!(colour_of_word("Eriksen"), Color::Red);
}

#[test]
fn the_terminal_cursor_is_in_the_field_that_takes_the_keys() {
    let mut desk = Desk::open();
    let _ = desk.screen_text();
    assert!(!desk.screen.terminal.backend().cursor_visible());
    desk.act(Action::NewGuest);
    desk.type_text("Jo");
    let screen = desk.screen_text();
    let backend = desk.screen.terminal.backend();
    assert!(backend.cursor_visible());
    let position = backend.cursor_position();
    let line: Vec<char> = screen.lines().nth(usize::from(position.y)).unwrap().chars().collect();
    // The quote of the backend's text stands before the first column.
    assert_eq!(line[usize::from(position.x)], 'o');
    desk.press("Esc");
    let _ = desk.screen_text();
    assert!(!desk.screen.terminal.backend().cursor_visible(), "the question takes the keys");
    desk.do_row(1);
    let _ = desk.screen_text();
    assert!(!desk.screen.terminal.backend().cursor_visible());
}
