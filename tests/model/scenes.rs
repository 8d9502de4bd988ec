//! Ways to bring a desk to each of its screens.

use keydesk::component::backend_msg::BackendMsg;
use keydesk::domain::directory::SystemTrouble;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::event::Intent;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorKind, SeamError};

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;

/// A way to bring a desk to a screen.
pub type Scene = (&'static str, fn(&mut Desk));

/// Every dialog, every phase of a job, every pane in its moods.
pub const SCENES: &[Scene] = &[
    ("desk", |_| {}),
    ("groups", |desk| {
        desk.focus(PaneId::Groups);
        desk.act(Action::Stage);
    }),
    ("credentials", |desk| desk.focus(PaneId::Credentials)),
    ("encoders", |desk| desk.focus(PaneId::Encoders)),
    ("activity", |desk| desk.focus(PaneId::Activity)),
    ("search", |desk| {
        desk.act(Action::Search);
        desk.type_text("doe");
    }),
    ("nothing found", |desk| {
        desk.act(Action::Search);
        desk.type_text("xyzzy");
    }),
    ("group search", |desk| {
        desk.focus(PaneId::Groups);
        desk.act(Action::Search);
        desk.type_text("ro");
    }),
    ("form", |desk| desk.act(Action::NewGuest)),
    ("full form", |desk| {
        desk.act(Action::NewGuest);
        desk.type_text("Jo");
        desk.keys("Tab");
        desk.type_text("20");
        desk.keys("Tab");
        desk.type_text("soon");
        desk.keys("Tab");
        desk.type_text("0151 x");
        desk.keys("Tab Tab");
        desk.type_text("gym");
        desk.press("Enter");
        desk.press("Ctrl-S");
    }),
    ("close form", |desk| {
        desk.act(Action::NewGuest);
        desk.type_text("John Doe");
        desk.press("Esc");
    }),
    ("changes", |desk| {
        desk.focus(PaneId::Groups);
        desk.act(Action::Stage);
        desk.act(Action::Save);
    }),
    ("plan", |desk| desk.act(Action::Card)),
    ("pick", |desk| {
        desk.act(Action::Card);
        desk.press("Tab");
    }),
    ("placing", |desk| {
        desk.act(Action::Card);
        desk.enter();
        let id = desk.begin();
        desk.run(id);
    }),
    ("row in work", |desk| {
        desk.act(Action::Card);
        desk.enter();
        let id = desk.begin();
        desk.run(id);
        desk.press("Esc");
    }),
    ("failed", |desk| {
        desk.act(Action::Card);
        desk.enter();
        let id = desk.begin();
        desk.run(id);
        desk.fails(id, "uncategorized_error");
        desk.press("i");
    }),
    ("give up", |desk| {
        desk.act(Action::Card);
        desk.enter();
        let id = desk.begin();
        desk.run(id);
        desk.fails(id, "encoding_interrupted");
        desk.press("x");
    }),
    ("written", |desk| {
        desk.act(Action::Card);
        desk.enter();
        let id = desk.begin();
        desk.run(id);
        desk.written(id);
    }),
    ("checking", |desk| {
        desk.act(Action::Card);
        desk.enter();
        let id = desk.begin();
        let intent = desk.run_to(id, |intent| matches!(intent, Intent::Encode { .. }));
        desk.lose(id, intent);
    }),
    ("needs", |desk| {
        desk.act(Action::Card);
        desk.enter();
        let id = desk.begin();
        desk.run(id);
        desk.fails(id, "encoding_interrupted");
        desk.press("Esc");
        desk.act(Action::Needs);
    }),
    ("unborn job", |desk| {
        desk.act(Action::Card);
        desk.enter();
    }),
    ("help", |desk| {
        desk.act(Action::Help);
        desk.keys("PgDn PgDn PgDn PgDn");
    }),
    ("palette", |desk| {
        desk.act(Action::Palette);
        desk.keys("PgDn PgDn PgDn");
    }),
    ("entry", |desk| {
        desk.tell(BackendMsg::Notice("The lights go out at eleven.".into()));
        desk.focus(PaneId::Activity);
        desk.press("Enter");
    }),
    ("check out", |desk| desk.act(Action::CheckOut)),
    ("quit", |desk| {
        desk.focus(PaneId::Groups);
        desk.act(Action::Stage);
        desk.act(Action::Quit);
    }),
    ("offline", |desk| {
        desk.tell(BackendMsg::Server(Some(SeamError::new(ErrorKind::Unreachable, "x"))));
        desk.tell(BackendMsg::Journal(Some("disk full".into())));
    }),
    ("toast", |desk| desk.act(Action::Reload)),
    ("several systems", |desk| {
        desk.data(Fact::System(Err(SystemTrouble::Several(vec!["Aurora".into(), "Annex".into()]))));
    }),
];
