//! Any order, any turn of events.

use keydesk::domain::job::look::Card;
use keydesk::domain::job::order::{CardWork, Order};
use proptest::prelude::*;

use super::drive::{Turn, order};
use super::world::{Fate, Meddling};

pub fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Done),
        2 => Just(Fate::DoneSilently),
        2 => Just(Fate::Dropped),
        1 => (0u8..12).prop_map(Fate::Late),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Unreachable),
    ]
}

pub fn meddling() -> impl Strategy<Value = Meddling> {
    prop_oneof![
        30 => Just(Meddling::None),
        1 => Just(Meddling::CardDeleted),
        1 => Just(Meddling::CardAppears),
        1 => Just(Meddling::NamesakeAppears),
    ]
}

pub fn turn() -> impl Strategy<Value = Turn> {
    let encode_error = prop_oneof![
        2 => Just(None),
        1 => prop::sample::select(vec![
            "no_credential_on_encoder", "credential_cannot_be_reissued", "credential_deleted",
            "encoder_not_online", "something_new",
        ]).prop_map(Some),
    ];
    (fate(), any::<u8>(), meddling(), prop::bool::weighted(0.05), encode_error)
        .prop_map(|(fate, choice, meddling, dies, encode_error)| Turn { fate, choice, meddling, dies, encode_error })
}

pub fn any_order() -> impl Strategy<Value = (Order, Vec<Card>)> {
    let card = |is_issued| Card { id: "old".into(), is_issued, is_going: false };
    prop_oneof![
        3 => Just((order(CardWork::New, true), vec![])),
        1 => Just((order(CardWork::New, false), vec![])),
        1 => Just((order(CardWork::None, true), vec![])),
        1 => Just((order(CardWork::EncodeAgain("old".into()), false), vec![card(false)])),
        1 => Just((order(CardWork::Update("old".into()), false), vec![card(true)])),
        2 => Just((order(CardWork::Replace("old".into()), false), vec![card(true)])),
    ]
}
