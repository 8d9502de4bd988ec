//! Jobs on the screen: words, keys and decisions of every phase, and how they go on by themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::domain::fact::Fact;
use keydesk::domain::job::command::Ignored;
use keydesk::domain::job::command::{Command, Decision};
use keydesk::domain::job::event::{AttemptEnd, Event, Intent};
use keydesk::domain::job::look::{Card, Namesake, Ready, Seen, UserFailed};
use keydesk::domain::job::order::{CardWork, Guest, Named, NewGuest, Order};
use keydesk::domain::job::{Job, JobId, Unrecorded, Why};
use keydesk::domain::query::Query;
use keydesk::domain::remembered::{CalledWritten, RememberedGuest};
use keydesk::keys::PaneId;
use keydesk::keys::action::Action;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::types::{Credential, UserId};
use keydesk::ui::list::Move;
use uuid::Uuid;

use crate::support::driver::Driver;
use crate::support::model_desk::Desk;
use crate::support::model_desk::world::{self, credentials};

/// A desk with a card just started for this guest.
pub fn started(name: &str) -> (Desk, JobId) {
    let mut desk = Desk::open();
    let id = start(&mut desk, name);
    (desk, id)
}

pub fn start(desk: &mut Desk, name: &str) -> JobId {
    desk.choose(name);
    desk.act(Action::Card);
    desk.enter();
    desk.begin()
}

/// A desk where the card of this guest must be placed.
pub fn placing(name: &str) -> (Desk, JobId) {
    let (mut desk, id) = started(name);
    desk.run(id);
    desk.effects();
    (desk, id)
}

/// A desk where the card of this guest failed.
pub fn failed(name: &str, code: &str) -> (Desk, JobId) {
    let (mut desk, id) = placing(name);
    desk.fails(id, code);
    desk.wait(500);
    desk.program.effects.retain(|effect| !matches!(effect, Effect::Fetch(..)));
    (desk, id)
}

/// The row of the front desk's encoder.
pub fn row(desk: &mut Desk) -> String {
    let screen = desk.screen_text();
    let row = screen.lines().find(|line| line.contains("│ ★ Front Desk") || line.contains("┃ ★ Front Desk"));
    row.unwrap_or_else(|| panic!("no row of the front desk:\n{screen}")).to_owned()
}

/// The block says WRITTEN, not only that it will.
pub fn see_written(desk: &mut Desk) {
    desk.see("WRITTEN");
    desk.see_no("until this says WRITTEN");
}

pub fn bells(desk: &mut Desk) -> usize {
    desk.effects().iter().filter(|effect| **effect == Effect::Bell).count()
}

fn refused(kind: ErrorKind) -> SeamError {
    SeamError {
        code: "invalid_input".into(),
        status: Some(400),
        request_id: Some("req-17".into()),
        ..SeamError::new(kind, "the credential can't be made")
    }
}

#[test]
fn a_written_card_shows_before_the_record_has_it() {
    let (mut desk, id) = placing("John Doe");
    desk.unrecorded(id, false);
    desk.see("WRITTEN, BEING RECORDED");
    assert_eq!(bells(&mut desk), 1, "the bell does not wait for the disk");
    // No key of the dialog does anything to the job.
    desk.enter();
    desk.see("WRITTEN, BEING RECORDED");
    assert_eq!(desk.decisions(), []);
    desk.unrecorded(id, true);
    desk.see("WRITTEN, NOT IN THE RECORD");
    desk.see("note name, room and time on paper");
    desk.press("Esc");
    desk.see_no("Card for John Doe");
    assert!(desk.line("Doe, John").contains("not recorded"));
    desk.see("John Doe: written, NOT recorded");
    assert!(row(&mut desk).contains("NOT IN THE RECORD"));
    assert_eq!(desk.decisions(), [], "a card that is written is not put off");
    desk.written(id);
    desk.see("John Doe: card written");
    assert_eq!(bells(&mut desk), 0, "it rang before");
}

#[test]
fn a_card_of_a_job_ended_elsewhere_shows_no_more() {
    let (mut desk, id) = placing("John Doe");
    let ended = {
        desk.event_unseen(id, Event::Resumed { by: "other".into(), why: Why::Takeover, is_old: false });
        let placing = desk.job(id).clone();
        desk.event_unseen(id, Event::Attempt { end: AttemptEnd::Success { credential: None, card_number: None } });
        (placing, desk.job(id).clone())
    };
    desk.tell(BackendMsg::Elsewhere(Arc::new(ended.1), "other".into()));
    desk.see_no("1 job");
    let written = Unrecorded { at: desk.now, card_number: None, is_failing: false };
    desk.tell(BackendMsg::Job(Arc::new(Job { unrecorded: Some(written), ..ended.0 })));
    desk.see_no("1 job");
    desk.see_no("BEING RECORDED");
}

#[test]
fn a_card_that_is_written_after_all_answers_the_question() {
    let (mut desk, id) = placing("John Doe");
    desk.event(id, Event::Lingers);
    desk.see("STILL NO WORD OF THE CARD");
    desk.unrecorded(id, true);
    desk.see("WRITTEN, NOT IN THE RECORD");
    desk.see_no("write again");
    desk.see_no("1 needs you");
}

#[test]
fn a_first_card_from_start_to_written() {
    let (mut desk, id) = started("John Doe");
    desk.see("ONE MOMENT");
    desk.see("prepare the credential");
    desk.run(id);
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    desk.see("leave it there until this says WRITTEN");
    desk.see("✓ credential prepared");
    desk.wait(6_000);
    desk.see("0:06");
    assert_eq!(bells(&mut desk), 0, "nothing rings before the end");
    desk.written(id);
    see_written(&mut desk);
    desk.see("Room 204 · until Sat 28 Nov 11:00");
    desk.see("card on Front Desk, no. 164C3A");
    let effects = desk.effects();
    assert_eq!(effects.iter().filter(|effect| **effect == Effect::Bell).count(), 1);
    let john = Query::User("u-john".into());
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Fetch(_, query) if *query == john)));
    desk.enter();
    assert!(desk.model().dialogs.is_empty());
    desk.see("last: John Doe ✓");
    desk.see("● card ok");
}

#[test]
fn the_own_card_is_asked_for_by_name() {
    let (mut desk, _) = placing("Max Doerr");
    desk.see("PLACE MAX'S OWN CARD ON FRONT DESK");
    desk.press("Esc");
    desk.see("PLACE THE OWN CARD");
}

#[test]
fn the_dialog_closes_and_the_job_goes_on_in_its_row() {
    let (mut desk, id) = placing("John Doe");
    desk.press("Esc");
    assert!(desk.model().dialogs.is_empty());
    assert_eq!(desk.decisions(), [], "closing decides nothing");
    desk.see("1 job");
    assert!(row(&mut desk).contains("PLACE A BLANK CARD"));
    assert!(row(&mut desk).contains("John Doe · 204 · new card"));
    assert!(desk.line("Doe, John").contains("◍ card in work"));
    desk.act(Action::Card);
    desk.see("PLACE A BLANK CARD ON FRONT DESK");
    desk.press("Esc");
    desk.written(id);
    assert!(desk.key_line().contains("John Doe"), "{}", desk.key_line());
    desk.see_no("1 job");
    desk.wait(6_000);
    assert!(desk.key_line().starts_with('c') || desk.key_line().contains("new guest"), "{}", desk.key_line());
}

#[test]
fn a_pending_card_offers_nothing_that_could_stop_it() {
    let (mut desk, _) = placing("John Doe");
    for key in ["Enter", "Down", "Enter", "Tab", "x", "r", "y"] {
        desk.wait(500);
        desk.press(key);
        assert_eq!(desk.decisions(), [], "{key}");
    }
    assert_eq!(desk.model().dialogs.len(), 1);
}

/// Code, words in the block, first offer by Enter, other keys.
type Failure = (&'static str, &'static [&'static str], &'static [(&'static str, Decision)]);

const FAILURES: &[Failure] = &[
    ("no_credential_on_encoder", &["NO CARD WAS ON FRONT DESK", "try again"], &[("Enter", Decision::TryAgain)]),
    ("no_card_on_encoder", &["NO CARD WAS ON FRONT DESK"], &[("Enter", Decision::TryAgain)]),
    ("encoding_interrupted", &["LIFTED TOO EARLY", "same card"], &[("Enter", Decision::TryAgain)]),
    ("incompatible_card_format", &["WRONG TYPE OF CARD", "stock"], &[("Enter", Decision::TryAgain)]),
    (
        "credential_cannot_be_reissued",
        &["CAN'T BE WRITTEN AGAIN", "replace the card"],
        &[("Down Enter", Decision::ReplaceCard), ("Down Down Enter", Decision::TryAgain)],
    ),
    ("credential_deleted", &["CREDENTIAL DELETED", "create a new one"], &[("Enter", Decision::NewCredential)]),
    ("encoder_not_online", &["FRONT DESK DOES NOT ANSWER", "cable"], &[("Enter", Decision::TryAgain)]),
    ("encoder_communication_timeout", &["FRONT DESK DOES NOT ANSWER"], &[("Enter", Decision::TryAgain)]),
    ("bridge_disconnected", &["KEY SYSTEM LINK DOWN", "bridge PC"], &[("Enter", Decision::TryAgain)]),
    ("action_attempt_expired", &["IT TOOK TOO LONG"], &[("Enter", Decision::TryAgain)]),
    ("uncategorized_error", &["NOT WRITTEN", "raw words for uncategorized_error"], &[("Enter", Decision::TryAgain)]),
];

#[test]
fn every_failed_attempt_says_why_and_does_what_it_offers() {
    for (code, words, offers) in FAILURES {
        for (key, decision) in offers.iter().chain(&[("x", Decision::Withdraw), ("Esc", Decision::Later)]) {
            let (mut desk, id) = failed("John Doe", code);
            for said in *words {
                desk.see(said);
            }
            assert_eq!(desk.model().ctx.jobs.asking().count(), 1);
            desk.effects();
            desk.keys(key);
            if *decision == Decision::Withdraw {
                assert_eq!(desk.decisions(), [], "giving up is asked about");
                desk.do_row(1);
            }
            assert_eq!(desk.obey(id), *decision, "{code} {key}");
        }
    }
}

#[test]
fn trying_again_waits_for_the_card_again_and_ends_well() {
    let (mut desk, id) = failed("John Doe", "encoding_interrupted");
    desk.enter();
    desk.obey(id);
    desk.see("ONE MOMENT");
    desk.run(id);
    desk.see("PLACE A BLANK CARD");
    desk.written(id);
    see_written(&mut desk);
}

#[test]
fn enter_never_replaces_a_card_that_cannot_be_written_again() {
    let (mut desk, _) = failed("Max Doerr", "credential_cannot_be_reissued");
    for _ in 0..3 {
        desk.enter();
    }
    assert_eq!(desk.decisions(), []);
}

#[test]
fn another_encoder_is_picked_after_an_error() {
    let (mut desk, id) = failed("John Doe", "encoder_not_online");
    desk.press("Tab");
    desk.see("Which encoder for ");
    desk.see("no answer");
    desk.press("Down");
    desk.enter();
    let decision = desk.obey(id);
    assert_eq!(decision, Decision::TryOn(Named { id: "e-con".into(), name: "Concierge".into() }));
    desk.run(id);
    desk.see("PLACE A BLANK CARD ON CONCIERGE");
    desk.press("Esc");
    desk.see("■ no answer");
}

#[test]
fn closing_the_choice_of_an_encoder_decides_nothing() {
    let (mut desk, _) = failed("John Doe", "encoder_not_online");
    desk.keys("Tab Esc");
    desk.see("FRONT DESK DOES NOT ANSWER");
    assert_eq!(desk.decisions(), []);
}

#[test]
fn the_raw_type_and_the_request_id_are_one_key_away() {
    let (mut desk, _) = failed("John Doe", "encoding_interrupted");
    desk.see_no("type encoding_interrupted");
    desk.press("i");
    desk.see("type encoding_interrupted");
    desk.see("raw words for encoding_interrupted");
    desk.press("i");
    desk.see_no("type encoding_interrupted");

    let (mut desk, id) = started("John Doe");
    let intent = desk.run_to(id, |intent| matches!(intent, Intent::CreateCredential { .. }));
    desk.event(id, Event::Intended { intent });
    desk.event(id, Event::Refused { error: refused(ErrorKind::NotFound) });
    desk.see("REFUSED");
    desk.see("The server refused: the credential can't be made.");
    desk.press("i");
    for words in ["type invalid_input", "HTTP status 400", "request id req-17"] {
        desk.see(words);
    }
}

#[test]
fn later_frees_the_encoder_and_waits_in_what_needs_me() {
    let (mut desk, id) = failed("John Doe", "no_credential_on_encoder");
    desk.press("Esc");
    assert!(desk.model().dialogs.is_empty());
    desk.obey(id);
    desk.see("! 1 needs you");
    assert!(row(&mut desk).contains("● answered 14:32"));
    assert!(desk.line("Doe, John").contains("needs you"));
    desk.act(Action::Needs);
    desk.see("What needs you");
    desk.see("NO CARD WAS ON FRONT DESK");
    desk.enter();
    desk.see("Card for John Doe");
    desk.see("put off");
    // It was put off already: closing says nothing again.
    desk.press("Esc");
    assert_eq!(desk.decisions(), []);
    desk.act(Action::Needs);
    desk.enter();
    desk.enter();
    assert_eq!(desk.obey(id), Decision::TryAgain);
    desk.run(id);
    desk.see("PLACE A BLANK CARD");
    desk.see_no("put off");
}

#[test]
fn the_list_holds_who_asks_first_and_then_who_is_under_way() {
    let (mut desk, first) = placing("John Doe");
    desk.press("Esc");
    desk.wait(1000);
    let second = start(&mut desk, "Eva Brandt");
    while desk.job(second).current().is_some_and(|record| record.step != keydesk::domain::job::steps::Step::Encode) {
        desk.turn(second);
    }
    desk.event(second, Event::Queued);
    desk.see("WAITS FOR FRONT DESK");
    desk.press("Esc");
    desk.see("1 waits");
    desk.see("2 jobs");
    desk.act(Action::Needs);
    let screen = desk.screen_text();
    assert!(screen.find("John Doe  ").unwrap() < screen.find("waits for its encoder").unwrap());
    desk.press("Esc");
    desk.act(Action::NewGuest);
    desk.press("Esc");
    desk.fails(first, "encoding_interrupted");
    desk.act(Action::Needs);
    desk.see("LIFTED TOO EARLY");
    desk.keys("Down");
    desk.enter();
    desk.see("Card for Eva Brandt");
    desk.see("WAITS FOR FRONT DESK");
}

#[test]
fn a_queued_job_offers_another_encoder_or_its_end() {
    let (mut desk, id) = started("John Doe");
    desk.turn(id);
    desk.turn(id);
    desk.event(id, Event::Queued);
    desk.see("WAITS FOR FRONT DESK");
    desk.press("Esc");
    assert_eq!(desk.decisions(), []);
    desk.act(Action::Card);
    desk.press("x");
    desk.see("Give up this job for John Doe?");
    desk.do_row(0);
    assert_eq!(desk.decisions(), []);
    desk.press("x");
    desk.do_row(1);
    assert_eq!(desk.obey(id), Decision::Withdraw);
    desk.see("GIVEN UP");
    desk.enter();
    assert!(desk.model().dialogs.is_empty());
}

#[test]
fn nothing_needs_me_is_said() {
    let mut desk = Desk::open();
    desk.act(Action::Needs);
    desk.see("Nothing needs you. No card is under way.");
    desk.enter();
    assert!(desk.model().dialogs.is_empty());
}

#[test]
fn a_line_in_trouble_waits_and_says_that_it_goes_on_by_itself() {
    let (mut desk, id) = started("John Doe");
    let until = desk.now + jiff::SignedDuration::from_secs(2);
    let error = SeamError::new(ErrorKind::Unreachable, "x");
    desk.event(id, Event::Delayed { until, error });
    desk.see("NO CONNECTION");
    desk.see("The server can't be reached");
    desk.see("It goes on by itself");
    desk.enter();
    assert_eq!(desk.obey(id), Decision::TryAgain);
    desk.run(id);
    desk.see("PLACE A BLANK CARD");
}

#[test]
fn a_job_that_waits_says_for_what() {
    let waiting = |kind| {
        let (mut desk, id) = started("John Doe");
        let until = desk.now + jiff::SignedDuration::from_secs(2);
        desk.event(id, Event::Delayed { until, error: SeamError::new(kind, "not yet") });
        desk
    };
    for (kind, block, why, in_list) in [
        (ErrorKind::Broken, "NO CONNECTION", "The connection broke", "waits for the connection"),
        (ErrorKind::Server, "THE SERVER HAS TROUBLE", "a fault of its own", "waits for the server"),
        (ErrorKind::Limited, "ONE MOMENT", "The server asks for a pause", "the server asks for a pause"),
        (ErrorKind::Refused, "ONE MOMENT", "the old card is still being deleted", "until the old card is deleted"),
    ] {
        let mut desk = waiting(kind);
        desk.see(block);
        desk.see(why);
        assert_eq!(desk.sees("NO CONNECTION"), kind == ErrorKind::Broken);
        desk.press("Esc");
        desk.act(Action::Needs);
        desk.see(in_list);
    }
}

#[test]
fn a_lost_answer_is_read_back_and_nothing_is_offered_meanwhile() {
    let (mut desk, id) = started("John Doe");
    let intent = desk.run_to(id, |intent| matches!(intent, Intent::CreateCredential { .. }));
    desk.lose(id, intent);
    desk.see("CHECKING");
    for key in ["Enter", "t", "x", "w"] {
        desk.wait(500);
        desk.press(key);
    }
    assert_eq!(desk.decisions(), []);
    let card = Card { id: "c-late".into(), is_issued: false, is_going: false };
    desk.event(id, Event::Read { seen: Seen::Cards(vec![card]) });
    desk.see("✓ credential prepared");
}

/// A job whose encode got no answer, at the end of all readings.
fn unknown() -> (Desk, JobId) {
    let (mut desk, id) = started("John Doe");
    let intent = desk.run_to(id, |intent| matches!(intent, Intent::Encode { .. }));
    desk.lose(id, intent);
    desk.wait(120_000);
    desk.turn(id);
    desk.wait(500);
    desk.effects();
    (desk, id)
}

#[test]
fn after_an_encode_without_an_answer_a_person_decides() {
    for (key, decision) in
        [("Enter", Decision::TryAgain), ("Down Enter", Decision::CallItWritten), ("Esc", Decision::Later)]
    {
        let (mut desk, id) = unknown();
        desk.see("NOT KNOWN WHETHER THE CARD WAS WRITTEN");
        desk.keys(key);
        if decision == Decision::CallItWritten {
            // One row is not enough to say what nobody knows.
            desk.see("Did you try it at a door, and it opens?");
            assert_eq!(desk.decisions(), []);
            desk.do_row(1);
        }
        assert_eq!(desk.obey(id), decision, "{key}");
        if decision == Decision::CallItWritten {
            desk.see("CALLED WRITTEN");
            desk.see("on Mia's word alone");
            desk.see("card called written");
            desk.enter();
        }
    }
}

/// A new guest whose creation may have happened.
fn who_is_it() -> (Desk, JobId) {
    let mut desk = Desk::open();
    let guest =
        NewGuest { full_name: "Jane Roe".into(), phone_number: None, email_address: None, known_namesakes: Vec::new() };
    let order = Order {
        card: CardWork::New,
        encoder: Some(Named { id: "e-front".into(), name: "Front Desk".into() }),
        ..Order::of(Guest::New(guest))
    };
    let id = JobId(Uuid::from_u128(5));
    desk.begin_with(id, order);
    let namesake = |id: &str, contact: Option<&str>| Namesake {
        id: id.into(),
        name: "Jane Roe".into(),
        contact: contact.map(str::to_owned),
        same_name: true,
        same_contact: false,
    };
    let found = vec![namesake("u-1", Some("+15555550100")), namesake("u-2", None)];
    desk.event(id, Event::Looked { seen: Seen::Namesakes(found) });
    desk.act(Action::Needs);
    desk.press("Enter");
    desk.wait(500);
    desk.effects();
    (desk, id)
}

#[test]
fn new_namesakes_are_never_chosen_by_enter_alone() {
    for (key, decision) in [
        ("Down Enter", Decision::UseUser("u-1".into())),
        ("Down Down Enter", Decision::UseUser("u-2".into())),
        ("Down Down Down Enter", Decision::CreateAnyway),
        ("Esc", Decision::Later),
    ] {
        let (mut desk, id) = who_is_it();
        desk.see("WHO IS IT?");
        desk.see("it is Jane Roe (+15555550100)");
        desk.enter();
        assert_eq!(desk.decisions(), []);
        desk.keys(key);
        assert_eq!(desk.obey(id), decision);
    }
}

#[test]
fn a_world_that_changed_says_how_and_what_can_be_done() {
    let exists = |is_issued| Seen::Cards(vec![Card { id: "c-other".into(), is_issued, is_going: false }]);
    for (seen, words, key, decision) in [
        (exists(true), "THERE IS A CARD ALREADY", "Enter", Decision::UseFound),
        (exists(true), "THERE IS A CARD ALREADY", "Down Enter", Decision::ReplaceCard),
        (exists(false), "A CARD IS PREPARED ALREADY", "Enter", Decision::UseFound),
        (Seen::UserGone, "THE GUEST IS GONE", "Esc", Decision::Later),
        (Seen::UserGone, "THE GUEST IS GONE", "Down Enter", Decision::TryAgain),
    ] {
        let (mut desk, id) = started("John Doe");
        desk.event(id, Event::Looked { seen });
        desk.see(words);
        desk.wait(500);
        desk.effects();
        desk.keys(key);
        assert_eq!(desk.obey(id), decision, "{words} {key}");
    }
    let (mut desk, id) = started("Jonas Fischer");
    while !matches!(keydesk::domain::job::next::next(desk.job(id), desk.now), keydesk::domain::job::next::Next::Look(_))
    {
        desk.turn(id);
    }
    let failed = Ready {
        user_failed: Some(UserFailed { message: Some("no licence left".into()) }),
        cards: Vec::new(),
        written: Vec::new(),
    };
    desk.event(id, Event::Looked { seen: Seen::Ready(failed) });
    desk.see("THE KEY SYSTEM REFUSED THE GUEST");
    desk.see("no licence left");
}

/// A desk where the new guest Jane Roe was deleted while her card was made.
fn guest_gone() -> (Desk, JobId) {
    let mut desk = Desk::open();
    desk.act(Action::NewGuest);
    desk.type_text("Jane Roe");
    for text in ["207", "+3", "+15555550100", "jane@example.com"] {
        desk.press("Tab");
        desk.type_text(text);
    }
    desk.press("Ctrl-S");
    let id = desk.begin();
    desk.run_to(id, |intent| matches!(intent, Intent::CreateUser));
    desk.turn(id);
    desk.event(id, Event::Looked { seen: Seen::UserGone });
    desk.see("THE GUEST IS GONE");
    desk.wait(500);
    desk.effects();
    (desk, id)
}

fn command(effect: Effect) -> Option<Command> {
    match effect {
        Effect::Job(command) => Some(command),
        _ => None,
    }
}

#[test]
fn a_guest_who_is_gone_is_made_anew_with_what_was_typed() {
    let (mut desk, id) = guest_gone();
    let before = desk.job(id).order.clone();
    desk.see("new guest with the same data");
    desk.enter();
    for typed in ["Jane Roe", "207", "2026-11-27 11:00", "+15555550100", "jane@example.com"] {
        desk.see(typed);
    }
    assert_eq!(desk.decisions(), [], "nothing is given up before the form is saved");
    desk.press("Ctrl-S");
    desk.see_no("THE GUEST IS GONE");
    let sent: Vec<Command> = desk.effects().into_iter().filter_map(command).collect();
    let [Command::Decide { id: given_up, decision: Decision::Withdraw, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(*given_up, id, "the new order waits until the old job is given up");
    desk.event(id, Event::Decided { decision: Decision::Withdraw, by: "Mia".into() });
    assert_eq!(desk.ordered().1, before);
    desk.see("ONE MOMENT");
}

#[test]
fn a_form_comes_back_when_the_job_to_replace_goes_on() {
    let (mut desk, id) = guest_gone();
    desk.enter();
    desk.press("Ctrl-S");
    desk.tell(BackendMsg::Ignored(id, Ignored::NotNow));
    desk.see("New guest");
    desk.see("jane@example.com");
    desk.event(id, Event::Decided { decision: Decision::Withdraw, by: "Kim".into() });
    assert!(!desk.effects().iter().any(|effect| matches!(effect, Effect::Job(Command::Start { .. }))));
}

#[test]
fn a_form_that_came_back_still_replaces_its_job() {
    let (mut desk, id) = guest_gone();
    let before = desk.job(id).order.encoder.clone();
    desk.press("Esc");
    desk.obey(id);
    desk.focus(PaneId::Encoders);
    desk.act(Action::Move(Move::Down));
    desk.act(Action::UseEncoder);
    desk.act(Action::Needs);
    desk.press("Enter");
    desk.enter();
    desk.press("Ctrl-S");
    desk.tell(BackendMsg::Ignored(id, Ignored::NotNow));
    desk.see("jane@example.com");
    desk.effects();
    desk.press("Ctrl-S");
    let sent: Vec<Command> = desk.effects().into_iter().filter_map(command).collect();
    assert!(matches!(&sent[..], [Command::Decide { decision: Decision::Withdraw, .. }]), "{sent:?}");
    desk.decided(id, Decision::Withdraw);
    assert_eq!(desk.ordered().1.encoder, before, "not the one that the desk uses now");
}

#[test]
fn a_replaced_job_is_never_shown_in_place_of_the_new_one() {
    let (mut desk, old) = guest_gone();
    desk.enter();
    desk.press("Ctrl-S");
    desk.event(old, Event::Decided { decision: Decision::Withdraw, by: "Mia".into() });
    let (new, _) = desk.ordered();
    desk.tell(BackendMsg::Ignored(new, Ignored::GuestInWork { job: Some(old), holder: None }));
    desk.see_no("GIVEN UP");
    desk.see("jane@example.com");
}

#[test]
fn a_card_that_someone_called_written_says_who_and_when() {
    let mut desk = Desk::open();
    let (user, said) = (UserId::from("u-jonas"), desk.now);
    let word = |credential: &str| RememberedGuest {
        called_written: Some(CalledWritten { credential: credential.into(), by: "Kim".into(), at: said }),
        ..RememberedGuest::default()
    };
    desk.choose("Jonas Fischer");
    desk.tell(BackendMsg::Remembered(user.clone(), Box::new(word("c-another"))));
    assert!(desk.line("Fischer, Jonas").contains("to be written"), "it is another card's");
    desk.tell(BackendMsg::Remembered(user, Box::new(word("c-u-jonas"))));
    assert!(desk.line("Fischer, Jonas").contains("said written"));
    desk.see("called written by Kim 14:32");
    desk.act(Action::Card);
    assert!(desk.line("Note").contains("called written by Kim 14:32"));
    desk.press("Esc");
    // As soon as the server tells that it is written, that counts.
    let jonas = |card: &Credential| card.acs_user_id.as_ref().is_some_and(|user| user.as_str() == "u-jonas");
    let mut card = credentials().into_iter().find(jonas).unwrap();
    (card.is_issued, card.warnings) = (true, Vec::new());
    desk.data(Fact::Credential(Box::new(card)));
    assert!(desk.line("Fischer, Jonas").contains("card ok"));
    desk.see_no("called written by");
}

#[test]
fn a_card_without_an_encoder_asks_for_one() {
    let (mut desk, id) = started("John Doe");
    let mut order = desk.job(id).order.clone();
    order.encoder = None;
    let other = JobId(Uuid::from_u128(9));
    desk.press("Esc");
    order.guest = Guest::Existing(Named { id: "u-eva".into(), name: "Eva Brandt".into() });
    desk.begin_with(other, order);
    desk.run(other);
    desk.choose("Eva Brandt");
    desk.act(Action::Card);
    desk.see("NO ENCODER");
    desk.enter();
    desk.see("Which encoder for ");
    desk.enter();
    assert!(matches!(desk.obey(other), Decision::TryOn(encoder) if encoder.name == "Back Office"));
}

#[test]
fn a_newer_versions_job_can_only_be_put_off_or_given_up() {
    let (mut desk, id) = started("John Doe");
    desk.event(id, Event::Unknown(serde_json::json!({"what": "teleported"})));
    desk.see("MADE BY A NEWER KEYDESK");
    desk.enter();
    assert_eq!(desk.decisions(), []);
    desk.press("Esc");
    assert_eq!(desk.obey(id), Decision::Later);
}

fn data_refused(parameter: &str, said: &str) -> SeamError {
    let validation =
        if parameter.is_empty() { BTreeMap::new() } else { [(parameter.to_owned(), vec![said.to_owned()])].into() };
    SeamError { validation, status: Some(400), ..SeamError::new(ErrorKind::Refused, said) }
}

#[test]
fn what_the_server_refuses_is_mended_in_the_form() {
    for (parameter, said, field) in [
        ("email_address", "Invalid email", "E-mail"),
        ("phone_number", "Must be E.164", "Phone"),
        ("full_name", "Too long", "Full name"),
        ("access_schedule.ends_at", "Must be in the future", "Departure"),
        ("", "email not allowed", "E-mail"),
        ("", "no more licences", "Full name"),
    ] {
        let mut desk = Desk::open();
        desk.act(Action::NewGuest);
        for text in ["Jane Roe", "207", "+3", "+15555550100", "jane@example.com"] {
            desk.type_text(text);
            desk.press("Tab");
        }
        desk.type_text("gym");
        desk.keys("Enter Ctrl-S");
        let id = desk.begin();
        let before = desk.job(id).order.clone();
        desk.run_to(id, |intent| matches!(intent, Intent::CreateUser));
        desk.event(id, Event::Refused { error: data_refused(parameter, said) });
        desk.see("▸ mend the data");
        desk.wait(500);
        desk.effects();
        desk.press("Enter");
        for typed in ["Jane Roe", "207", "2026-11-27 11:00", "+15555550100", "jane@example.com", "Gym", "Front Desk"] {
            desk.see(typed);
        }
        let screen = desk.screen_text();
        let rows: Vec<&str> = screen.lines().collect();
        let at = rows.iter().position(|row| row.contains(&format!("┃  {field}"))).unwrap();
        let end = (at + 3).min(rows.len());
        assert!(rows[at..end].iter().any(|row| row.contains(&format!("The server refused this: {said}"))), "{screen}");
        assert_eq!(desk.decisions(), [], "nothing is given up before the form is saved");
        // What is typed there mends it.
        desk.keys("End Backspace");
        desk.see_no("The server refused");
        desk.type_text(match field {
            "Full name" => "e",
            "E-mail" => "m",
            _ => "0",
        });
        desk.press("Ctrl-S");
        let sent: Vec<Command> = desk.effects().into_iter().filter_map(command).collect();
        assert!(matches!(&sent[..], [Command::Decide { decision: Decision::Withdraw, .. }]), "{sent:?}");
        desk.event(id, Event::Decided { decision: Decision::Withdraw, by: "Mia".into() });
        assert_eq!(desk.ordered().1, before);
    }
}

#[test]
fn what_is_refused_of_a_guest_who_is_there_is_mended_for_that_guest() {
    let mut desk = Desk::open();
    desk.act(Action::NewGuest);
    for text in ["Tom Quinn", "207", "+4", "", "tom@example.com"] {
        desk.type_text(text);
        desk.press("Tab");
    }
    desk.press("Ctrl-S");
    desk.do_row(1);
    for query in [Query::User("u-tom".into()), Query::GroupsOf("u-tom".into())] {
        for fact in world::answer(&query) {
            desk.data(fact);
        }
    }
    desk.effects();
    desk.enter();
    let id = desk.begin();
    let before = desk.job(id).order.clone();
    desk.run_to(id, |intent| matches!(intent, Intent::UpdateUser { .. }));
    desk.event(id, Event::Refused { error: data_refused("email_address", "Invalid email") });
    desk.wait(500);
    desk.effects();
    desk.press("Enter");
    desk.see("Changes for Tom Quinn");
    desk.see("The server refused this: Invalid email");
    for typed in ["207", "2026-11-28 11:00", "tom@example.com"] {
        desk.see(typed);
    }
    desk.keys("Home Del");
    desk.type_text("t");
    desk.press("Ctrl-S");
    desk.see("Card for Tom Quinn");
    desk.see("also in Room 205: stays");
    desk.enter();
    let sent: Vec<Command> = desk.effects().into_iter().filter_map(command).collect();
    assert!(matches!(&sent[..], [Command::Decide { decision: Decision::Withdraw, .. }]), "{sent:?}");
    desk.event(id, Event::Decided { decision: Decision::Withdraw, by: "Mia".into() });
    assert_eq!(desk.ordered().1, before);
}
