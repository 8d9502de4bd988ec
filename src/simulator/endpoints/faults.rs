//! `/_sim/faults/*` and the calls that tell and steer what becomes of other calls.
//! The table of them stands in the documentation of `simulator`.

use serde_json::json;

use super::super::calls::{Held, Release};
use super::super::faults::{Standing, WORDS, describe, read};
use super::super::params::{Kind, Param, Params, may, need};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::super::world::World;
use super::{Endpoint, post};

/// Answered as soon as there is something to tell.
pub const WAIT_HELD: &str = "/_sim/wait_held";
/// Answered when what was released has gone on.
pub const RELEASE: &str = "/_sim/release";

pub const TABLE: &[Endpoint] = &[
    post("/_sim/faults/add", WORDS, add),
    post("/_sim/faults/list", &[], list),
    post("/_sim/faults/remove", &[need("id", Kind::Count)], remove),
    post("/_sim/faults/clear", &[], clear),
    post("/_sim/calls", &[may("path", Kind::Words), may("since", Kind::Millis)], calls),
    post("/_sim/held", WAITED, |world, params| Reply::of("held", &wanted(world, params))),
    post(WAIT_HELD, WAITED, wait_held),
    post(RELEASE, &[may("call", Kind::Count), may("lose", Kind::Flag)], release),
];

const WAITED: &[Param] = &[
    may("path", Kind::Words),
    may("count", Kind::Count),
    may("given_up", Kind::Flag),
    may("timeout_ms", Kind::Millis),
];

fn add(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let id = world.faults.add(read(params)?);
    Reply::of("id", &id)
}

fn list(world: &mut World, _: &Params) -> Result<Reply, Refusal> {
    let row = |row: &Standing| {
        let mut value = describe(&row.fault);
        value["id"] = json!(row.id);
        value["seen"] = json!(row.seen);
        value["struck"] = json!(row.struck);
        value
    };
    let rows: Vec<_> = world.faults.list().iter().map(row).collect();
    Reply::of("faults", &rows)
}

fn remove(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let id = params.count("id").unwrap_or_default();
    if world.faults.remove(id as u64) { Ok(Reply::done()) } else { Err(Refusal::not_found("fault", id)) }
}

fn clear(world: &mut World, _: &Params) -> Result<Reply, Refusal> {
    Reply::of("cleared", &world.faults.clear())
}

fn calls(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let (path, since) = (params.text("path"), params.count("since").unwrap_or_default() as u64);
    let is_of = |other: &str| path.is_none_or(|path| path == other);
    let rows: Vec<_> = world.calls.log().filter(|row| is_of(&row.path) && row.call > since).collect();
    let counts: serde_json::Map<_, _> =
        world.calls.counts().iter().filter(|(path, _)| is_of(path)).map(|(path, n)| (path.clone(), json!(n))).collect();
    Reply::of("calls", &rows)?.and("counts", &counts)
}

/// The held calls that a caller asks about.
fn wanted<'w>(world: &'w World, params: &Params) -> Vec<&'w Held> {
    let (path, given_up) = (params.text("path"), params.flag("given_up"));
    let is_wanted = |held: &&Held| {
        path.is_none_or(|path| path == held.path) && given_up.is_none_or(|given_up| given_up == held.given_up)
    };
    world.calls.held().filter(is_wanted).collect()
}

fn wait_held(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let held = wanted(world, params);
    let count = params.count("count").unwrap_or(1);
    if held.len() < count {
        let message = format!("{} of {count} such calls are held.", held.len());
        return Err(Refusal::new(408, "not_held", message));
    }
    Reply::of("held", &held)
}

fn release(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let how = if params.flag("lose") == Some(true) { Release::Lose } else { Release::GoOn };
    let only = params.count("call").map(|call| call as u64);
    let released = world.calls.release(only, how);
    match only {
        Some(call) if released == 0 => Err(Refusal::not_found("held_call", call)),
        _ => Reply::of("released", &released),
    }
}
