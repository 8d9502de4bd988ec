//! The table of endpoints: it drives the routing, the check of parameters, and what a call does.

mod credentials;
mod encoders;
mod faults;
mod groups;
mod hardware;
mod key_system;
mod reading;
mod simulate;
mod users;

pub use faults::{RELEASE, WAIT_HELD};

use super::hotel::Hotel;
use axum::http::Method as Verb;

use super::params::{Kind, Param, Params, nullable, optional};
use super::refusal::Refusal;
use super::reply::Reply;

/// Carries out a call on the hotel and returns its answer.
pub type Act = fn(&mut Hotel, &Params) -> Result<Reply, Refusal>;

pub struct SimulatedEndpoint {
    pub path: &'static str,
    /// The verb that the official SDKs use; every endpoint takes `POST` too.
    pub verb: Verb,
    pub params: &'static [Param],
    pub act: Act,
}

const fn endpoint(verb: Verb, path: &'static str, params: &'static [Param], act: Act) -> SimulatedEndpoint {
    SimulatedEndpoint { path, verb, params, act }
}

const fn get(path: &'static str, params: &'static [Param], act: Act) -> SimulatedEndpoint {
    endpoint(Verb::GET, path, params, act)
}

const fn post(path: &'static str, params: &'static [Param], act: Act) -> SimulatedEndpoint {
    endpoint(Verb::POST, path, params, act)
}

const TABLE: [&[SimulatedEndpoint]; 9] = [
    reading::TABLE,
    users::TABLE,
    groups::TABLE,
    credentials::TABLE,
    encoders::TABLE,
    simulate::TABLE,
    hardware::TABLE,
    key_system::TABLE,
    faults::TABLE,
];

pub fn all() -> impl Iterator<Item = &'static SimulatedEndpoint> {
    TABLE.into_iter().flatten()
}

pub fn find(path: &str) -> Option<&'static SimulatedEndpoint> {
    let path = path.strip_suffix('/').unwrap_or(path);
    all().find(|endpoint| endpoint.path == path)
}

/// Whether a path is one of the simulator's own calls, which Seam does not have.
pub fn is_control_path(path: &str) -> bool {
    path.starts_with("/_sim/")
}

const LIMIT: Param = optional("limit", Kind::Count);
const CURSOR: Param = nullable("page_cursor", Kind::Text);
const SEARCH: Param = optional("search", Kind::NonEmptyText);
const SYSTEM: Param = optional("acs_system_id", Kind::Id);
const USER: Param = optional("acs_user_id", Kind::Id);
const IDENTITY: Param = optional("user_identity_id", Kind::Id);

/// Refuses a call that names another access system than this one.
fn check_system(hotel: &Hotel, params: &Params) -> Result<(), Refusal> {
    match params.id("acs_system_id") {
        Some(id) if id != hotel.system.id => Err(Refusal::not_found("acs_system", id)),
        _ => Ok(()),
    }
}

/// Refuses a call that names a user identity: the simulator has none.
fn check_identity(params: &Params) -> Result<(), Refusal> {
    params.id("user_identity_id").map_or(Ok(()), |id| Err(Refusal::not_found("user_identity", id)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_path_stands_once_in_the_table() {
        let mut seen = HashSet::new();
        for endpoint in all() {
            assert!(seen.insert(endpoint.path), "{} stands twice", endpoint.path);
            assert!(endpoint.path.starts_with('/') && find(endpoint.path).is_some());
        }
    }
}
