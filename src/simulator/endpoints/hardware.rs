//! `/_sim/*`: the calls that move cards, encoders and the bridge; see the simulator's README.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::answer::Stamp;
use super::super::cards::{CardMake, HotelCard};
use super::super::encoder::{AttemptStep, HotelEncoder};
use super::super::hotel::Hotel;
use super::super::params::{Kind, Params, optional, required};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::encoders::{ENCODER, encoder_key};
use super::{SimulatedEndpoint, post};

pub const TABLE: &[SimulatedEndpoint] = &[
    post("/_sim/place_card", &[ENCODER, required("card", Kind::NonEmptyText)], place_card),
    post("/_sim/lift_card", &[ENCODER], lift_card),
    post(
        "/_sim/set_mode",
        &[ENCODER, required("mode", Kind::Choice(&["auto", "manual"])), optional("card_wait_ms", Kind::Millis)],
        set_mode,
    ),
    post("/_sim/set_encoder", &[ENCODER, optional("online", Kind::Flag), optional("removed", Kind::Flag)], set_encoder),
    post("/_sim/set_bridge", &[required("connected", Kind::Flag)], set_bridge),
    post("/_sim/set_key", &[optional("api_key", Kind::NonEmptyText)], |hotel, params| {
        hotel.api_key = params.text("api_key").map(str::to_owned);
        Ok(Reply::done())
    }),
    post("/_sim/set_date", &[optional("date", Kind::Text)], |hotel, params| {
        hotel.date = params.text("date").map(str::to_owned);
        Ok(Reply::done())
    }),
    post("/_sim/fail_user", &[required("acs_user_id", Kind::Id), optional("failed", Kind::Flag)], fail_user),
    post("/_sim/state", &[], state),
];

fn place_card(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = encoder_key(hotel, params)?;
    let number = match params.text("card") {
        Some("blank") => hotel.new_card(CardMake::Own),
        Some("foreign") => hotel.new_card(CardMake::Foreign),
        Some(number) if hotel.cards.contains_key(number) => number.to_owned(),
        other => return Err(Refusal::not_found("card", other.unwrap_or_default())),
    };
    hotel.place_card(key, number.clone())?;
    Reply::of("card", &hotel.cards.get(&number).map(|card| card_value(hotel, card)))
}

fn lift_card(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = encoder_key(hotel, params)?;
    let lifted = hotel.lift_card(key);
    Reply::of("card", &lifted.and_then(|number| hotel.cards.get(&number)).map(|card| card_value(hotel, card)))
}

fn set_mode(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = encoder_key(hotel, params)?;
    let card_wait = params.count("card_wait_ms").and_then(|millis| i64::try_from(millis).ok());
    // A day is longer than anyone waits, and keeps the sum of times in range.
    let card_wait = card_wait.map(|millis| SignedDuration::from_millis(millis.min(86_400_000)));
    hotel.set_manual(key, params.text("mode") == Some("manual"), card_wait);
    Ok(Reply::done())
}

fn set_encoder(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = encoder_key(hotel, params)?;
    if let Some(removed) = params.flag("removed") {
        hotel.set_removed(key, removed);
    }
    if let Some(online) = params.flag("online") {
        hotel.set_online(key, online);
    }
    Ok(Reply::done())
}

fn set_bridge(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let connected = params.flag("connected").unwrap_or(true);
    hotel.set_bridge(connected);
    Reply::of("bridge_connected", &connected)
}

fn fail_user(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = hotel.users.find(params.required_id("acs_user_id")?)?;
    let at = params.flag("failed").unwrap_or(true).then_some(hotel.now);
    if let Some(user) = hotel.users.get_mut(key) {
        user.creation_failed_at = at;
    }
    Ok(Reply::done())
}

fn state(hotel: &mut Hotel, _: &Params) -> Result<Reply, Refusal> {
    let hotel = &*hotel;
    let encoders: Vec<_> = hotel.encoders.iter().map(|(_, row)| encoder_value(hotel, row)).collect();
    let cards: Vec<_> = hotel.cards.values().map(|card| card_value(hotel, card)).collect();
    let state = json!({
        "now": Stamp(hotel.now),
        "bridge_connected": hotel.system.bridge_down_since.is_none(),
        "encoders": encoders,
        "cards": cards,
        "counts": {
            "acs_users": hotel.users.len(),
            "acs_access_groups": hotel.groups.len(),
            "acs_credentials": hotel.credentials.len(),
            "acs_entrances": hotel.entrances.len(),
            "action_attempts": hotel.attempts.len(),
            "events": hotel.events.len(),
        },
    });
    Reply::of("state", &state)
}

fn encoder_value(hotel: &Hotel, row: &HotelEncoder) -> Value {
    let doing = match row.current.as_ref().map(|current| current.step) {
        None => "nothing",
        Some(AttemptStep::AwaitCard) => "waiting_for_card",
        Some(AttemptStep::Busy) => "busy",
        Some(AttemptStep::Failing(_)) => "failing",
    };
    let attempt =
        row.current.as_ref().and_then(|current| hotel.attempts.get(current.attempt)).map(|attempt| attempt.id);
    json!({
        "acs_encoder_id": row.id,
        "display_name": row.name,
        "online": row.online,
        "removed": row.removed_at.is_some(),
        "mode": if row.manual { "manual" } else { "auto" },
        "card": row.card,
        "doing": doing,
        "action_attempt_id": attempt,
        "waiting_attempts": row.queue.len(),
    })
}

fn card_value(hotel: &Hotel, card: &HotelCard) -> Value {
    let content = card.content.as_ref().map(|content| {
        let groups: Vec<_> =
            content.groups.iter().filter_map(|key| hotel.groups.get(*key)).map(|group| &group.name).collect();
        json!({
            "acs_credential_id": content.credential,
            "written_at": Stamp(content.written_at),
            "starts_at": content.starts_at.map(Stamp),
            "ends_at": content.ends_at.map(Stamp),
            "access_groups": groups,
        })
    });
    json!({
        "number": card.number,
        "make": match card.make {
            CardMake::Own => "own",
            CardMake::Foreign => "foreign",
        },
        "content": content,
    })
}
