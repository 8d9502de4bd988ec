//! `/_sim/faults/*`, and the calls that list, hold and release other calls; see the simulator's README.

use std::collections::BTreeMap;

use super::super::calls::{HeldCall, Release};
use super::super::faults::{FAULT_PARAMS, read};
use super::super::hotel::Hotel;
use super::super::params::{Kind, Param, Params, optional, required};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::{SimulatedEndpoint, post};

/// Answered as soon as enough calls are held, or after its timeout.
pub const WAIT_HELD: &str = "/_sim/wait_held";
/// Answered when the released calls have been acted on.
pub const RELEASE: &str = "/_sim/release";

pub const TABLE: &[SimulatedEndpoint] = &[
    post("/_sim/faults/add", FAULT_PARAMS, add),
    post("/_sim/faults/list", &[], list),
    post("/_sim/faults/remove", &[required("id", Kind::Count)], remove),
    post("/_sim/faults/clear", &[], clear),
    post("/_sim/calls", &[optional("path", Kind::NonEmptyText), optional("since", Kind::Millis)], calls),
    post("/_sim/held", HELD_PARAMS, |hotel, params| Reply::of("held", &matching_held(hotel, params))),
    post(WAIT_HELD, HELD_PARAMS, wait_held),
    post(RELEASE, &[optional("call", Kind::Count), optional("lose", Kind::Flag)], release),
];

const HELD_PARAMS: &[Param] = &[
    optional("path", Kind::NonEmptyText),
    optional("count", Kind::Count),
    optional("given_up", Kind::Flag),
    optional("timeout_ms", Kind::Millis),
];

fn add(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let id = hotel.faults.add(read(params)?);
    Reply::of("id", &id)
}

fn list(hotel: &mut Hotel, _: &Params) -> Result<Reply, Refusal> {
    Reply::of("faults", &hotel.faults.list())
}

fn remove(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let id = params.count("id").unwrap_or_default();
    if hotel.faults.remove(id as u64) { Ok(Reply::done()) } else { Err(Refusal::not_found("fault", id)) }
}

fn clear(hotel: &mut Hotel, _: &Params) -> Result<Reply, Refusal> {
    Reply::of("cleared", &hotel.faults.clear())
}

fn calls(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let (path, since) = (params.text("path"), params.count("since").unwrap_or_default() as u64);
    let is_of = |other: &str| path.is_none_or(|path| path == other);
    let rows: Vec<_> = hotel.calls.log().filter(|row| is_of(&row.path) && row.call > since).collect();
    let counts: BTreeMap<_, _> = hotel.calls.counts().iter().filter(|(path, _)| is_of(path)).collect();
    Reply::of("calls", &rows)?.and("counts", &counts)
}

/// The held calls that a caller asks about.
fn matching_held<'w>(hotel: &'w Hotel, params: &Params) -> Vec<&'w HeldCall> {
    let (path, given_up) = (params.text("path"), params.flag("given_up"));
    let is_wanted = |held: &&HeldCall| {
        path.is_none_or(|path| path == held.path) && given_up.is_none_or(|given_up| given_up == held.given_up)
    };
    hotel.calls.held().filter(is_wanted).collect()
}

fn wait_held(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let held = matching_held(hotel, params);
    let count = params.count("count").unwrap_or(1);
    if held.len() < count {
        let message = format!("{} of {count} such calls are held.", held.len());
        return Err(Refusal::new(408, "not_held", message));
    }
    Reply::of("held", &held)
}

fn release(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let how = if params.flag("lose") == Some(true) { Release::Lose } else { Release::GoOn };
    let only = params.count("call").map(|call| call as u64);
    let released = hotel.calls.release(only, how);
    match only {
        Some(call) if released == 0 => Err(Refusal::not_found("held_call", call)),
        _ => Reply::of("released", &released),
    }
}
