//! Jobs going on: Enter that can't run away, bells, stale states, late answers, the encoder and the guest of a job.

use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::command::Ignored;
use keydesk::domain::job::command::{Command, Decision};
use keydesk::domain::job::event::{AttemptEnd, Event, Intent};
use keydesk::domain::job::look::{Namesake, Seen};
use keydesk::domain::job::{JobId, JobResult, Lifecycle, Phase, Question, Why};
use keydesk::domain::query::Query;
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorKind, SeamError};
use serde_json::json;

use super::jobs::{bells, failed, placing, row, see_written, start};
use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, from};

#[test]
fn a_held_enter_starts_once_and_tries_nothing_again() {
    let mut desk = Desk::open();
    desk.choose("John Doe");
    desk.focus(PaneId::Users);
    desk.effects();
    // The key is held from the row on: repeats come every 30 ms.
    for _ in 0..60 {
        desk.press("Enter");
        desk.wait(30);
    }
    assert!(!desk.effects().iter().any(|effect| matches!(effect, Effect::Job(_))), "the plan waits for a fresh press");
    desk.enter();
    let id = desk.begin();
    desk.run(id);
    for _ in 0..20 {
        desk.press("Enter");
        desk.wait(30);
    }
    desk.fails(id, "encoding_interrupted");
    for _ in 0..60 {
        desk.press("Enter");
        desk.wait(30);
    }
    assert_eq!(desk.decisions(), [], "a held Enter is no second try");
    desk.enter();
    assert_eq!(desk.decisions(), [Decision::TryAgain]);
}

#[test]
fn a_doubled_enter_after_a_change_is_one() {
    let (mut desk, id) = placing("John Doe");
    desk.wait(3_000);
    desk.fails(id, "encoding_interrupted");
    desk.wait(399);
    desk.press("Enter");
    assert_eq!(desk.decisions(), []);
    desk.wait(400);
    desk.press("Enter");
    desk.press("Enter");
    desk.wait(200);
    desk.press("Enter");
    assert_eq!(desk.decisions(), [Decision::TryAgain]);
}

#[test]
fn a_single_enter_counts_however_soon_it_comes_after_another_key() {
    for pause in [0, 21, 149, 399] {
        for key in ["c", "F4"] {
            let mut desk = Desk::open();
            desk.choose("John Doe");
            desk.press(key);
            desk.wait(pause);
            desk.press("Enter");
            let _ = desk.ordered();
        }
    }
}

#[test]
fn a_second_enter_counts_after_400_ms_and_an_ignored_one_is_said() {
    for (pause, counts) in [(0, false), (200, false), (399, false), (400, true)] {
        let mut desk = Desk::open();
        desk.choose("John Doe");
        desk.press("Enter");
        desk.see("Card for John Doe");
        desk.effects();
        desk.wait(pause);
        desk.press("Enter");
        let is_started = desk.effects().iter().any(|effect| matches!(effect, Effect::Job(_)));
        assert_eq!(is_started, counts, "after {pause} ms");
        assert_eq!(desk.sees("Enter came twice in a moment"), !counts);
    }
}

#[test]
fn an_enter_on_its_way_when_the_job_asks_is_ignored_and_said() {
    let (mut desk, id) = placing("John Doe");
    desk.wait(3_000);
    desk.fails(id, "encoding_interrupted");
    desk.press("Enter");
    assert_eq!(desk.decisions(), []);
    desk.see("This has just changed, so Enter did nothing");
    desk.press("Down");
    desk.press("Enter");
    assert_eq!(desk.decisions().len(), 1, "whoever pressed another key has seen it");
}

#[test]
fn a_text_that_no_field_takes_does_nothing_and_says_so() {
    for scene in ["desk", "plan", "failed", "changes"] {
        let mut desk = Desk::open();
        let (_, bring) = super::scenes::SCENES.iter().find(|(name, _)| *name == scene).unwrap();
        bring(&mut desk);
        desk.effects();
        let open = desk.model().dialogs.ids();
        desk.paste("c ");
        assert_eq!((desk.effects(), desk.model().dialogs.ids()), (Vec::new(), open));
        desk.see("A text came in faster than a hand types");
    }
}

#[test]
fn a_card_that_may_lie_there_still_is_to_be_taken_away_first() {
    const FIRST: &str = "take the last card away first";
    for (minutes, is_said) in [(0, true), (4, true), (6, false)] {
        let (mut desk, id) = placing("John Doe");
        desk.see_no(FIRST);
        desk.written(id);
        desk.enter();
        desk.wait(minutes * 60_000);
        let next = start(&mut desk, "Eva Brandt");
        desk.run(next);
        desk.see("PLACE A BLANK CARD ON FRONT DESK");
        assert_eq!(desk.sees(FIRST), is_said, "{minutes} minutes later");
    }
    let (mut desk, id) = placing("John Doe");
    desk.fails(id, "no_credential_on_encoder");
    desk.press("Esc");
    let next = start(&mut desk, "Eva Brandt");
    desk.run(next);
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    desk.see_no(FIRST);
}

#[test]
fn an_enter_meant_for_something_else_does_not_close_written() {
    let (mut desk, id) = placing("John Doe");
    desk.wait(3_000);
    desk.written(id);
    desk.press("Enter");
    see_written(&mut desk);
    desk.enter();
    assert!(desk.model().dialogs.is_empty());
}

#[test]
fn the_bell_rings_for_a_question_and_the_end_unless_silenced() {
    for bell in [true, false] {
        let mut desk = Desk::open_with(keydesk::component::ctx::Settings { bell, ..world::settings() }, (120, 36));
        let id = start(&mut desk, "John Doe");
        desk.run(id);
        assert_eq!(bells(&mut desk), 0);
        desk.fails(id, "encoding_interrupted");
        assert_eq!(bells(&mut desk), usize::from(bell));
        desk.decided(id, Decision::Later);
        desk.decided(id, Decision::TryAgain);
        desk.run(id);
        assert_eq!(bells(&mut desk), 0);
        desk.written(id);
        assert_eq!(bells(&mut desk), usize::from(bell));
    }
}

#[test]
fn a_job_that_asks_behind_the_desk_rings_and_says_which_key() {
    let (mut desk, id) = placing("John Doe");
    desk.press("Esc");
    desk.fails(id, "encoding_interrupted");
    desk.see("John Doe: press ! to see what is needed.");
    desk.see("! 1 needs you");
    desk.see("NEEDS YOU");
    assert_eq!(bells(&mut desk), 1);
}

#[test]
fn an_older_state_of_a_job_falls() {
    let (mut desk, id) = placing("John Doe");
    let old = std::sync::Arc::new(desk.job(id).clone());
    desk.written(id);
    desk.effects();
    desk.tell(BackendMsg::Job(old));
    see_written(&mut desk);
    assert_eq!(desk.effects(), []);
}

#[test]
fn the_same_state_told_twice_rings_once() {
    let (mut desk, id) = failed("John Doe", "encoding_interrupted");
    desk.effects();
    let again = std::sync::Arc::new(desk.job(id).clone());
    desk.tell(BackendMsg::Job(again));
    assert_eq!(bells(&mut desk), 0);
}

#[test]
fn a_second_card_for_the_same_guest_shows_the_job_that_is_there() {
    let (mut desk, _) = placing("John Doe");
    desk.press("Esc");
    desk.effects();
    desk.act(Action::Card);
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    assert!(!desk.effects().iter().any(|effect| matches!(effect, Effect::Job(Command::Start { .. }))));
}

#[test]
fn an_engine_that_knows_of_another_job_shows_that_one() {
    let (mut desk, there) = placing("John Doe");
    desk.press("Esc");
    let id = start(&mut desk, "Eva Brandt");
    desk.tell(BackendMsg::Ignored(id, Ignored::GuestInWork { job: Some(there), holder: None }));
    desk.see("This guest is in work already: here is that job.");
    desk.see("Card for John Doe");
    assert_eq!(desk.model().dialogs.len(), 1);
}

#[test]
fn a_decision_that_came_too_late_is_told() {
    let (mut desk, id) = failed("John Doe", "encoding_interrupted");
    desk.enter();
    desk.tell(BackendMsg::Ignored(id, Ignored::NotNow));
    desk.see("The job has moved on meanwhile: look again.");
    desk.tell(BackendMsg::Ignored(id, Ignored::TakenOver));
    desk.see("Another desk has this job now.");
}

#[test]
fn the_system_is_read_again_after_a_silent_encoder_or_dead_link() {
    for code in ["encoder_not_online", "bridge_disconnected"] {
        let (mut desk, id) = placing("John Doe");
        desk.fails(id, code);
        assert!(desk.queries().contains(&Query::System), "{code}");
    }
}

#[test]
fn a_silent_encoder_stays_so_until_it_answers() {
    let (mut desk, id) = failed("John Doe", "encoder_not_online");
    desk.press("Esc");
    desk.obey(id);
    assert!(row(&mut desk).contains("■ no answer 14:32"), "{}", row(&mut desk));
    desk.focus(PaneId::Encoders);
    desk.act(Action::UseEncoder);
    assert!(row(&mut desk).contains("■ no answer 14:32"));
}

fn twin() -> Seen {
    let contact = None;
    let twin = Namesake { id: "u-twin".into(), name: "Jane Roe".into(), contact, same_name: true, same_contact: false };
    Seen::Namesakes(vec![twin])
}

/// The creation of a new guest got no answer, and no user appeared for as long as is waited.
fn creation_lost() -> (Desk, JobId) {
    let mut desk = Desk::open();
    desk.act(Action::NewGuest);
    desk.type_text("Jane Roe");
    desk.press("Ctrl-S");
    let id = desk.begin();
    let create = desk.run_to(id, |intent| *intent == Intent::CreateUser);
    desk.lose(id, create);
    for wait in [1_000, 2_000, 5_000] {
        desk.wait(wait);
        desk.event(id, Event::Read { seen: Seen::Namesakes(Vec::new()) });
    }
    (desk, id)
}

#[test]
fn a_written_card_is_told_while_a_twin_is_still_looked_for() {
    let (mut desk, id) = creation_lost();
    desk.run(id);
    desk.see("1 job");
    desk.effects();
    desk.written(id);
    assert!(desk.job(id).lifecycle().is_watching());
    assert_eq!(bells(&mut desk), 1);
    see_written(&mut desk);
    desk.see("looks for a late second entry until");
    desk.see_no("1 job");
    desk.see("Jane Roe: card written");
    desk.enter();
    desk.see_no("WRITTEN");
    // While a second entry is looked for, no other job begins for the guest.
    let user = desk.job(id).user.clone().unwrap();
    assert_eq!(desk.model().ctx.jobs.of_user(&user).map(|job| job.id), Some(id));
    desk.wait(60_000);
    desk.event(id, Event::Looked { seen: Seen::Namesakes(Vec::new()) });
    assert!(desk.job(id).lifecycle().is_ended());
    assert_eq!(bells(&mut desk), 0, "it was told once");
}

#[test]
fn a_twin_that_a_lost_request_made_is_shown_with_a_remedy() {
    let (mut desk, id) = creation_lost();
    desk.run(id);
    desk.written(id);
    desk.effects();
    desk.wait(60_000);
    desk.event(id, Event::Looked { seen: twin() });
    assert!(matches!(desk.job(id).asks(), Some(Question::PlanChanged(_))), "{:?}", desk.job(id).phase);
    desk.see("THERE ARE TWO NOW");
    desk.see("keep both");
    desk.see("1 needs you");
    assert_eq!(bells(&mut desk), 1);
    desk.enter();
    assert_eq!(desk.decisions(), []);
    desk.do_row(0);
    assert_eq!(desk.obey(id), Decision::DeleteTwin("u-twin".into()));
    desk.run(id);
    assert!(desk.job(id).lifecycle().is_ended());
    assert_eq!(bells(&mut desk), 0, "the card was told before");
}

#[test]
fn a_written_card_is_not_given_up_while_the_line_is_down() {
    let (mut desk, id) = creation_lost();
    desk.run(id);
    desk.written(id);
    desk.wait(60_000);
    desk.effects();
    let until = desk.now + jiff::SignedDuration::from_secs(60);
    desk.event(id, Event::Delayed { until, error: SeamError::new(ErrorKind::Unreachable, "no line") });
    assert_eq!(desk.job(id).lifecycle(), Lifecycle::Watching(JobResult::Done));
    see_written(&mut desk);
    desk.see_no("try again");
    desk.press("x");
    see_written(&mut desk);
    assert_eq!(desk.decisions(), []);
    desk.decided(id, Decision::Withdraw);
    assert_eq!(desk.job(id).lifecycle(), Lifecycle::Watching(JobResult::Done));
    desk.enter();
    desk.see_no("WRITTEN");
}

#[test]
fn a_twin_that_stays_because_of_a_refusal_gives_nothing_up() {
    let (mut desk, id) = creation_lost();
    desk.run(id);
    desk.written(id);
    desk.wait(60_000);
    desk.event(id, Event::Looked { seen: twin() });
    desk.decided(id, Decision::DeleteTwin("u-twin".into()));
    let intent = desk.run_to(id, |intent| matches!(intent, Intent::DeleteUser { .. }));
    desk.event(id, Event::Intended { intent });
    desk.event(id, Event::Refused { error: SeamError::new(ErrorKind::Refused, "no") });
    desk.see("REFUSED");
    desk.see("keep both");
    desk.effects();
    desk.press("x");
    desk.see_no("Give up");
    desk.decided(id, Decision::Withdraw);
    assert_eq!(desk.job(id).lifecycle(), Lifecycle::Tidying(JobResult::Done));
    desk.do_row(1);
    assert_eq!(desk.obey(id), Decision::KeepBoth);
    assert_eq!(desk.job(id).lifecycle(), Lifecycle::Ended(JobResult::Done));
}

#[test]
fn a_late_user_of_a_job_given_up_is_shown_with_a_remedy() {
    let (mut desk, id) = creation_lost();
    desk.event(id, Event::Intended { intent: Intent::CreateUser });
    desk.event(id, Event::Refused { error: SeamError::new(ErrorKind::Refused, "no") });
    desk.decided(id, Decision::Withdraw);
    assert!(desk.job(id).lifecycle().is_watching());
    desk.see("GIVEN UP");
    desk.see("Jane Roe: given up");
    desk.see_no("1 job");
    desk.enter();
    desk.wait(60_000);
    desk.event(id, Event::Looked { seen: twin() });
    desk.press("!");
    desk.see("CREATED AFTER ALL");
    desk.press("Enter");
    desk.see("delete it");
    desk.see("keep it");
    desk.see_no("both");
    desk.effects();
    desk.do_row(1);
    assert_eq!(desk.obey(id), Decision::KeepBoth);
    assert!(desk.job(id).lifecycle().is_ended() && !desk.job(id).lifecycle().is_done());
}

#[test]
fn an_attempt_that_names_another_credential_holds_on_to_it() {
    let (mut desk, id) = placing("Max Doerr");
    let end = AttemptEnd::Success { credential: Some("c-other".into()), card_number: None };
    desk.event(id, Event::Attempt { end });
    assert!(desk.job(id).lifecycle().is_done());
    assert!(matches!(desk.job(id).phase, Phase::Ended(_)));
    desk.data(Fact::CredentialsOf("u-max".into(), Ok(vec![from(world::card("u-max", true, None))])));
    desk.enter();
    assert!(desk.line("Doerr, Max").contains("card ok"));
}

#[test]
fn a_job_that_another_desk_ended_leaves_nothing_untrue() {
    for is_done in [false, true] {
        let (mut desk, id) = placing("John Doe");
        desk.see("PLACE A BLANK CARD ON FRONT DESK");
        desk.tell(BackendMsg::Ignored(id, Ignored::TakenOver));
        let resumed = Event::Resumed { by: "Bea, pts/2".into(), why: Why::Takeover, is_old: false };
        desk.event_unseen(id, resumed);
        if is_done {
            desk.event_unseen(id, Event::Attempt { end: AttemptEnd::Success { credential: None, card_number: None } });
        }
        let job = std::sync::Arc::new(desk.job(id).clone());
        desk.tell(BackendMsg::Elsewhere(job, "Bea, pts/2".into()));
        desk.see_no("PLACE A BLANK CARD");
        desk.see_no("1 job");
        desk.see(if is_done { "John Doe: done by Bea, pts/2" } else { "John Doe: Bea, pts/2 has this job now" });
        assert!(desk.model().dialogs.is_empty(), "no empty box");
        desk.act(Action::Needs);
        if is_done {
            desk.see("Nothing needs you.");
        } else {
            desk.see("with Bea, pts/2: place a blank card");
            // The job is Bea's; its guest can be looked at.
            desk.press("Down");
            desk.press("Enter");
            desk.see_no("What needs you");
            assert!(desk.model().dialogs.is_empty());
            desk.see("Credentials of Doe, John");
        }
    }
}

#[test]
fn candidates_are_told_apart_by_room_and_departure() {
    let mut desk = Desk::open();
    desk.act(Action::NewGuest);
    desk.type_text("John Doe");
    desk.press("Ctrl-S");
    desk.do_row(2);
    let id = desk.begin();
    desk.effects();
    let john =
        Namesake { id: "u-max".into(), name: "John Doe".into(), contact: None, same_name: true, same_contact: false };
    let strange = Namesake { id: "u-strange".into(), ..john.clone() };
    desk.event(id, Event::Looked { seen: Seen::Namesakes(vec![john, strange]) });
    desk.see("WHO IS IT?");
    desk.see("it is John Doe (Room 415");
    let asked = desk.queries();
    assert!(asked.contains(&Query::User("u-strange".into())), "{asked:?}");
}

#[test]
fn the_picker_begins_with_an_encoder_that_is_not_known_to_fail() {
    let (mut desk, id) = failed("John Doe", "encoder_not_online");
    desk.press("Tab");
    desk.see("Which encoder for ");
    desk.enter();
    let Decision::TryOn(first) = desk.obey(id) else { panic!() };
    assert_ne!(first.name, "Front Desk");
    desk.run(id);
    desk.fails(id, "encoder_not_online");
    desk.press("Tab");
    desk.see("Which encoder for ");
    desk.enter();
    let Decision::TryOn(second) = desk.obey(id) else { panic!() };
    assert!(second.name != first.name && second.name != "Front Desk", "{second:?}");
}

#[test]
fn an_attempt_pending_for_long_asks_while_it_is_followed() {
    let (mut desk, id) = placing("John Doe");
    desk.effects();
    desk.wait(300_000);
    desk.event(id, Event::Lingers);
    desk.see("STILL NO WORD OF THE CARD");
    assert_eq!(bells(&mut desk), 1);
    desk.wait(500);
    desk.written(id);
    see_written(&mut desk);
}

#[test]
fn a_job_of_another_desk_begins_and_ends_in_the_activity() {
    let (mut other, id) = placing("John Doe");
    let begun = std::sync::Arc::new(other.job(id).clone());
    other.written(id);
    let ended = std::sync::Arc::new(other.job(id).clone());
    let mut desk = Desk::open();
    desk.tell(BackendMsg::Elsewhere(begun, "Bea".into()));
    desk.see("John Doe: with Bea");
    desk.tell(BackendMsg::Elsewhere(ended, "Bea".into()));
    desk.see("John Doe: done by Bea");
    assert!(desk.queries().contains(&Query::User("u-john".into())));
}

#[test]
fn the_end_that_is_promised_is_the_one_that_came_back() {
    let new = |ends: serde_json::Value| {
        Fact::user(from(json!({"acs_user_id": "u-new", "full_name": "Jane Roe",
            "access_schedule": {"starts_at": "2026-11-24T13:32:10Z", "ends_at": ends}})))
    };
    for (came_back, said) in [
        (Some(json!("2026-11-28T10:00:00Z")), "until Sat 28 Nov 11:00"),
        (Some(json!("2026-11-27T10:00:00Z")), "the key system kept Fri 27 Nov 11:00"),
        (Some(json!(null)), "the key system kept no end date"),
        (Some(json!("28 Nov")), "end not known"),
        (None, "end not read yet"),
    ] {
        let mut desk = Desk::open();
        desk.act(Action::NewGuest);
        desk.type_text("Jane Roe");
        desk.keys("Tab Tab");
        desk.type_text("+4");
        desk.save_anyway();
        let id = desk.begin();
        desk.run(id);
        desk.data(Fact::GroupsOf("u-new".into(), Ok(vec![world::group("Gym")])));
        if let Some(ends) = &came_back {
            desk.data(new(ends.clone()));
        }
        desk.written(id);
        // It is read once more when the job is done.
        let is_sure = !said.starts_with("the key system kept");
        desk.see(if is_sure { said } else { "end not read yet" });
        if let Some(ends) = &came_back {
            desk.data(new(ends.clone()));
        }
        desk.see(said);
    }
}

#[test]
fn a_card_of_another_room_than_planned_says_so() {
    let (mut desk, id) = placing("José García");
    desk.data(Fact::GroupsOf("u-jose".into(), Ok(vec![world::group("Room 205"), world::group("Pool & Spa")])));
    desk.written(id);
    desk.settle();
    desk.data(Fact::GroupsOf("u-jose".into(), Ok(vec![world::group("Room 205"), world::group("Pool & Spa")])));
    desk.see("WRITTEN, NOT AS PLANNED");
    desk.see("said Room 311");
}

#[test]
fn a_card_that_was_another_guests_is_told_with_that_guests_name() {
    let mut desk = Desk::open();
    let mut card = world::card("u-nils", true, None);
    card["card_number"] = json!("164C3A");
    desk.data(Fact::Credential(Box::new(from(card))));
    let id = super::jobs::start(&mut desk, "John Doe");
    desk.run(id);
    desk.written(id);
    desk.see("WRITTEN OVER THE CARD OF NILS ANDERSSON");
    desk.see("the card was Nils");
}

#[test]
fn after_another_guests_card_failed_that_one_is_to_be_taken_away_too() {
    let (mut desk, _) = failed("Max Doerr", "encoding_interrupted");
    desk.press("Esc");
    let id = super::jobs::start(&mut desk, "John Doe");
    desk.run(id);
    desk.see("take the last card away");
    // The same guest's card lies there for its second try.
    let (mut desk, id) = placing("Max Doerr");
    desk.written(id);
    desk.enter();
    let id = super::jobs::start(&mut desk, "Max Doerr");
    desk.run(id);
    desk.see("PLACE MAX'S OWN CARD");
    desk.see_no("take the last card away");
}
