//! `/_sim/*`: the simulator's own calls, for what a person does at a desk and what can happen to the machines.
//! The table of them stands in the documentation of `simulator`.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::answer::Stamp;
use super::super::cards::{Card, Make};
use super::super::encoder::{Encoder, Step};
use super::super::params::{Kind, Params, may, need};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::super::world::World;
use super::encoders::{ENCODER, the_encoder};
use super::{Endpoint, post};

pub const TABLE: &[Endpoint] = &[
    post("/_sim/place_card", &[ENCODER, need("card", Kind::Words)], place_card),
    post("/_sim/lift_card", &[ENCODER], lift_card),
    post(
        "/_sim/set_mode",
        &[ENCODER, need("mode", Kind::Choice(&["auto", "manual"])), may("card_wait_ms", Kind::Millis)],
        set_mode,
    ),
    post("/_sim/set_encoder", &[ENCODER, may("online", Kind::Flag), may("removed", Kind::Flag)], set_encoder),
    post("/_sim/set_bridge", &[need("connected", Kind::Flag)], set_bridge),
    post("/_sim/fail_user", &[need("acs_user_id", Kind::Id), may("failed", Kind::Flag)], fail_user),
    post("/_sim/state", &[], state),
];

fn place_card(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_encoder(world, params)?;
    let number = match params.text("card") {
        Some("blank") => world.new_card(Make::Own),
        Some("foreign") => world.new_card(Make::Foreign),
        Some(number) if world.cards.contains_key(number) => number.to_owned(),
        other => return Err(Refusal::not_found("card", other.unwrap_or_default())),
    };
    world.place_card(key, number.clone())?;
    Reply::of("card", &world.cards.get(&number).map(|card| card_value(world, card)))
}

fn lift_card(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_encoder(world, params)?;
    let lifted = world.lift_card(key);
    Reply::of("card", &lifted.and_then(|number| world.cards.get(&number)).map(|card| card_value(world, card)))
}

fn set_mode(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_encoder(world, params)?;
    let patience = params.count("card_wait_ms").and_then(|millis| i64::try_from(millis).ok());
    // A day is longer than anyone waits, and keeps the sum of times in range.
    let patience = patience.map(|millis| SignedDuration::from_millis(millis.min(86_400_000)));
    world.set_manual(key, params.text("mode") == Some("manual"), patience);
    Ok(Reply::done())
}

fn set_encoder(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = the_encoder(world, params)?;
    if let Some(removed) = params.flag("removed") {
        world.set_removed(key, removed);
    }
    if let Some(online) = params.flag("online") {
        world.set_online(key, online);
    }
    Ok(Reply::done())
}

fn set_bridge(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let connected = params.flag("connected").unwrap_or(true);
    world.set_bridge(connected);
    Reply::of("bridge_connected", &connected)
}

fn fail_user(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = world.users.find(params.needed_id("acs_user_id")?)?;
    let at = params.flag("failed").unwrap_or(true).then_some(world.now);
    if let Some(user) = world.users.get_mut(key) {
        user.creation_failed_at = at;
    }
    Ok(Reply::done())
}

fn state(world: &mut World, _: &Params) -> Result<Reply, Refusal> {
    let world = &*world;
    let encoders: Vec<_> = world.encoders.iter().map(|(_, row)| encoder_value(world, row)).collect();
    let cards: Vec<_> = world.cards.values().map(|card| card_value(world, card)).collect();
    let state = json!({
        "now": Stamp(world.now),
        "bridge_connected": world.site.bridge_down_since.is_none(),
        "encoders": encoders,
        "cards": cards,
        "counts": {
            "acs_users": world.users.len(),
            "acs_access_groups": world.groups.len(),
            "acs_credentials": world.credentials.len(),
            "acs_entrances": world.entrances.len(),
            "action_attempts": world.attempts.len(),
            "events": world.events.len(),
        },
    });
    Reply::of("state", &state)
}

fn encoder_value(world: &World, row: &Encoder) -> Value {
    let doing = match row.work.as_ref().map(|work| work.step) {
        None => "nothing",
        Some(Step::AwaitCard) => "waiting_for_card",
        Some(Step::Busy) => "busy",
        Some(Step::Failing(_)) => "failing",
    };
    let attempt = row.work.as_ref().and_then(|work| world.attempts.get(work.attempt)).map(|attempt| attempt.id);
    json!({
        "acs_encoder_id": row.id,
        "display_name": row.name,
        "online": row.online,
        "removed": row.removed_at.is_some(),
        "mode": if row.manual { "manual" } else { "auto" },
        "card": row.card,
        "doing": doing,
        "action_attempt_id": attempt,
        "waiting_attempts": row.line.len(),
    })
}

fn card_value(world: &World, card: &Card) -> Value {
    let content = card.content.as_ref().map(|content| {
        let groups: Vec<_> =
            content.groups.iter().filter_map(|key| world.groups.get(*key)).map(|group| &group.name).collect();
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
            Make::Own => "own",
            Make::Foreign => "foreign",
        },
        "content": content,
    })
}
