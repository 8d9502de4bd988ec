//! An access system of another make: it can be looked at, and nothing is made in it.

use keydesk::app::effect::Effect;
use keydesk::domain::fact::Fact;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use serde_json::json;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

/// A desk whose system is of this make.
fn desk_of(make: Option<&str>, shown: &str) -> Desk {
    let mut desk = Desk::fresh(world::settings(), (120, 36));
    let system = from(json!({"acs_system_id": "s-1", "name": "Hotel Aurora", "external_type": make,
        "external_type_display_name": shown}));
    desk.data(Fact::System(Ok((system, None))));
    for fact in world::everything().into_iter().filter(|fact| !matches!(fact, Fact::System(_))) {
        desk.data(fact);
    }
    desk.effects();
    desk.settle();
    desk
}

#[test]
fn another_make_is_browsed_and_nothing_is_made_in_it() {
    for make in ["visionline_system", "a_make_that_nobody_knows"] {
        let mut desk = desk_of(Some(make), "ASSA ABLOY Visionline");
        desk.see("ASSA ABLOY Visionline: NO CARDS FROM HERE");
        desk.see("This system is ASSA ABLOY");
        desk.choose("Lucía");
        desk.see("Credentials of Álvarez, Lucía");
        let mut refused = |action: Action, pane: PaneId| {
            desk.wait(6_000);
            desk.focus(pane);
            desk.act(action);
            desk.see("for Salto ProAccess Space only: this system is another make");
            assert!(desk.model().dialogs.is_empty(), "{action:?}");
        };
        refused(Action::Card, PaneId::Users);
        refused(Action::NewGuest, PaneId::Users);
        refused(Action::Stage, PaneId::Groups);
        assert!(!desk.effects().iter().any(|effect| matches!(effect, Effect::Job(_))));
    }
}

#[test]
fn an_order_that_was_planned_before_the_make_was_known_is_not_started() {
    let mut desk = desk_of(None, "Salto");
    desk.choose("John Doe");
    desk.act(Action::Card);
    desk.see("Card for John Doe");
    let system = from(json!({"acs_system_id": "s-1", "external_type": "visionline_system"}));
    desk.data(Fact::System(Ok((system, None))));
    desk.enter();
    desk.enter();
    desk.see("this system is another make");
    assert!(!desk.effects().iter().any(|effect| matches!(effect, Effect::Job(_))));
}

#[test]
fn a_server_that_names_no_make_is_taken_as_one_that_fits() {
    let mut desk = desk_of(None, "");
    desk.see_no("NO CARDS");
    desk.choose("John Doe");
    desk.act(Action::Card);
    desk.see("Card for John Doe");
}
