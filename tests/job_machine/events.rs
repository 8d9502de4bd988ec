//! Any event, in any order.

use jiff::Timestamp;
use keydesk::domain::job::Why;
use keydesk::domain::job::command::Decision;
use keydesk::domain::job::event::{AttemptEnd, CallOutcome, Event, Intent};
use keydesk::domain::job::look::{Card, Namesake, Ready, Seen, UserFailed};
use keydesk::domain::job::order::CardWork;
use keydesk::seam::error::ErrorKind;
use keydesk::seam::types::AttemptError;
use proptest::prelude::*;

use super::drive::{error, named, order};

pub fn card() -> impl Strategy<Value = Card> {
    (prop::sample::select(vec!["old", "new", "other"]), any::<bool>(), any::<bool>())
        .prop_map(|(id, is_issued, is_going)| Card { id: id.into(), is_issued, is_going })
}

pub fn seen() -> impl Strategy<Value = Seen> {
    let cards = || prop::collection::vec(card(), 0..3);
    let groups = prop::sample::subsequence(vec!["g1", "g2", "g3"], 0..=3);
    prop_oneof![
        prop::collection::vec((0u8..3, any::<bool>(), any::<bool>()), 0..3).prop_map(|found| Seen::Namesakes(
            found
                .into_iter()
                .map(|(id, same_name, same_contact)| Namesake {
                    id: id.to_string().as_str().into(),
                    name: "Jane Doe".into(),
                    contact: None,
                    same_name,
                    same_contact,
                })
                .collect()
        )),
        groups.prop_map(|ids| Seen::Groups(ids.into_iter().map(Into::into).collect())),
        cards().prop_map(Seen::Cards),
        prop::option::of(card()).prop_map(Seen::Credential),
        Just(Seen::User),
        Just(Seen::UserGone),
        any::<bool>().prop_map(|as_wanted| Seen::Details { as_wanted, starts_at: None }),
        (cards(), any::<bool>(), any::<bool>()).prop_map(|(cards, failed, written)| Seen::Ready(Ready {
            user_failed: failed.then_some(UserFailed { message: None }),
            cards,
            written: if written { vec!["event".into()] } else { vec![] },
        })),
    ]
}

pub fn event() -> impl Strategy<Value = Event> {
    let intent = prop_oneof![
        Just(Intent::CreateUser),
        Just(Intent::AddToGroup { user: "user".into(), group: "g1".into() }),
        Just(Intent::CreateCredential { user: "user".into(), assign_new_key: true }),
        Just(Intent::Encode { credential: "new".into(), encoder: "front".into() }),
    ];
    let answer = prop_oneof![
        Just(CallOutcome::Done),
        Just(CallOutcome::User("1".into())),
        Just(CallOutcome::Credential("new".into())),
        Just(CallOutcome::Attempt("attempt".into())),
        Just(CallOutcome::Written),
    ];
    let kind = prop::sample::select(vec![
        ErrorKind::Unreachable,
        ErrorKind::TimedOut,
        ErrorKind::NotFound,
        ErrorKind::Refused,
        ErrorKind::Unauthorized,
    ]);
    let decision = prop::sample::select(vec![
        Decision::GoOn,
        Decision::TryAgain,
        Decision::TryOn(named("bar")),
        Decision::ReplaceCard,
        Decision::NewCredential,
        Decision::CallItWritten,
        Decision::UseUser("1".into()),
        Decision::CreateAnyway,
        Decision::UseFound,
        Decision::DeleteTwin("1".into()),
        Decision::KeepBoth,
        Decision::Later,
    ]);
    prop_oneof![
        6 => seen().prop_map(|seen| Event::Looked { seen }),
        4 => seen().prop_map(|seen| Event::Read { seen }),
        1 => intent.prop_map(|intent| Event::Intended { intent }),
        4 => answer.prop_map(|answer| Event::Answered { answer }),
        2 => kind.clone().prop_map(|kind| Event::Refused { error: error(kind) }),
        2 => kind.clone().prop_map(|kind| Event::Lost { error: error(kind) }),
        1 => kind.prop_map(|kind| Event::Delayed { until: Timestamp::MAX, error: error(kind) }),
        1 => Just(Event::Attempt { end: AttemptEnd::Error(AttemptError::default()) }),
        1 => Just(Event::Attempt { end: AttemptEnd::Success { credential: None, card_number: None } }),
        1 => Just(Event::Lingers),
        1 => Just(Event::Queued),
        2 => Just(Event::Granted),
        4 => decision.prop_map(|decision| Event::Decided { decision, by: "Kim".into() }),
        1 => any::<bool>().prop_map(|is_old| Event::Resumed { by: "desk".into(), why: Why::Takeover, is_old }),
        1 => Just(Event::QueuedBehind { by: "desk-2".into() }),
        1 => Just(Event::GuestInWork { by: None }),
        1 => Just(Event::Started { order: Box::new(order(CardWork::New, true)), by: "Kim".into() }),
    ]
}
