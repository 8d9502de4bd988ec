//! What is said of encoders: only what was heard of them, and which of them is which.

use std::sync::Arc;

use keydesk::component::backend_msg::BackendMsg;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::event::{AttemptEnd, Event};
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::types::Encoder;
use serde_json::json;

use super::jobs::{failed, placing, row};
use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

/// Encoders by id and name.
fn encoders(all: &[(&str, &str)]) -> Vec<Encoder> {
    all.iter().map(|(id, name)| from(json!({"acs_encoder_id": id, "display_name": name}))).collect()
}

/// A desk with these encoders and this wish.
fn desk_with(all: &[(&str, &str)], wish: Option<&str>) -> Desk {
    let settings = keydesk::component::ctx::Settings { encoder: wish.map(str::to_owned), ..world::settings() };
    let mut desk = Desk::fresh(settings, (120, 36));
    for fact in world::everything() {
        desk.data(if matches!(fact, Fact::Encoders(_)) { Fact::Encoders(Ok(encoders(all))) } else { fact });
    }
    desk.effects();
    desk.settle();
    desk
}

#[test]
fn an_encoder_says_when_it_last_answered_and_what_its_last_attempt_said() {
    let mut desk = Desk::open();
    assert!(row(&mut desk).contains("○ not tried yet"));
    for (code, said) in [
        ("no_credential_on_encoder", "● answered 14:32"),
        ("action_attempt_expired", "○ tried 14:32"),
        ("encoder_not_online", "■ no answer 14:32"),
        ("bridge_disconnected", "■ no answer 14:32"),
        ("something_new", "○ tried 14:32"),
    ] {
        let (mut desk, id) = failed("John Doe", code);
        desk.press("Esc");
        desk.obey(id);
        assert!(row(&mut desk).contains(said), "{code}: {}", row(&mut desk));
    }
    let (mut desk, id) = placing("John Doe");
    desk.written(id);
    desk.press("Esc");
    assert!(row(&mut desk).contains("● answered 14:32"), "{}", row(&mut desk));
    assert!(row(&mut desk).contains("last: John Doe ✓"));
    desk.wait(24 * 3_600_000);
    desk.keys("Down Up");
    assert!(row(&mut desk).contains("● answered 24 Nov"), "{}", row(&mut desk));
}

#[test]
fn the_card_of_another_desk_is_an_answer_too() {
    let (mut other, id) = placing("John Doe");
    other.event_unseen(id, Event::Attempt { end: AttemptEnd::Success { credential: None, card_number: None } });
    let mut desk = Desk::open();
    desk.tell(BackendMsg::Elsewhere(Arc::new(other.job(id).clone()), "Kim".into()));
    assert!(row(&mut desk).contains("● answered 14:32"), "{}", row(&mut desk));
}

#[test]
fn encoders_of_one_name_are_told_apart_wherever_they_are_named() {
    let same = [("e-1f2a77", "Front Desk"), ("e-1f2b77", "front desk"), ("e-9c9c9c", "Concierge")];
    let mut desk = desk_with(&same, Some("e-1f2b77"));
    desk.see("Concierge");
    for name in ["Front Desk 2a77", "front desk 2b77"] {
        desk.see(name);
    }
    desk.see_no("Concierge 9c9c");
    desk.choose("John Doe");
    desk.act(Action::Card);
    desk.see("on front desk 2b77");
    desk.press("Tab");
    desk.see("Which encoder for ");
    desk.see("Front Desk 2a77");
    desk.see_no("Concierge 9c9c");
    // It is the same one after another has gone, and a name that is its own again needs no more.
    desk.data(Fact::Encoders(Ok(encoders(&[("e-1f2b77", "front desk"), ("e-9c9c9c", "Concierge")]))));
    desk.see_no("2b77");
}

#[test]
fn a_wished_name_that_fits_several_takes_none_of_them() {
    let same = [("e-1f2a", "Front Desk"), ("e-1f2b", "Front Desk"), ("e-9c9c", "Concierge")];
    let mut desk = desk_with(&same, Some("front desk"));
    assert_eq!(desk.model().ctx.desk_encoder, None);
    desk.see("2 encoders are called \"front desk\": choose yours with 4 and Enter");
    desk.wait(6_000);
    // It is said once, not with every reading.
    desk.data(Fact::Encoders(Ok(encoders(&same))));
    desk.see_no("2 encoders are called");
    desk.choose("John Doe");
    desk.act(Action::Card);
    desk.see("Choose the encoder of this desk first");
    desk.focus(PaneId::Encoders);
    desk.press("Down");
    desk.act(Action::UseEncoder);
    assert!(desk.model().ctx.desk_encoder.is_some());
    desk.act(Action::Card);
    desk.see("Card for John Doe");
}

#[test]
fn a_long_guests_name_makes_room_for_what_stands_after_it() {
    for size in [(120, 36), (80, 24)] {
        let mut desk = Desk::open_at(size);
        let id = super::jobs::start(&mut desk, "Ana Maria");
        desk.run(id);
        desk.press("Esc");
        let row = row(&mut desk);
        assert!(row.contains("Ana Maria") && row.contains("206") && row.contains("PLACE"), "{row}");
    }
}
