//! `/acs/access_groups/*`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::answer;
use super::super::params::{Kind, Param, Params, need};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::super::store::Key;
use super::super::users::fold;
use super::super::world::{Group, World};
use super::{Endpoint, IDENTITY, SEARCH, SYSTEM, USER, check_identity, check_system, get};

const GROUP: &[Param] = &[need("acs_access_group_id", Kind::Id)];
const LIST: &[Param] = &[SYSTEM, USER, SEARCH, IDENTITY];

pub const TABLE: &[Endpoint] = &[
    get("/acs/access_groups/get", GROUP, get_one),
    get("/acs/access_groups/list", LIST, list),
    get("/acs/access_groups/list_users", GROUP, list_users),
    get("/acs/access_groups/list_accessible_entrances", GROUP, list_accessible_entrances),
];

fn get_one(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = world.groups.look_up(params.needed_id("acs_access_group_id")?)?;
    Reply::of("acs_access_group", &answer::group(world, row))
}

fn list(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    check_system(world, params)?;
    check_identity(params)?;
    let world = &*world;
    let search = params.text("search").map(fold);
    let matches = |row: &&Group| {
        search.as_ref().is_none_or(|search| fold(&row.name).contains(search) || row.id.to_string().contains(search))
    };
    let rows: Vec<&Group> = match params.id("acs_user_id") {
        Some(user) => world.users.look_up(user)?.1.groups.iter().filter_map(|key| world.groups.get(*key)).collect(),
        None => world.groups.iter().map(|(_, row)| row).collect(),
    };
    let views: Vec<_> = rows.into_iter().filter(matches).map(|row| answer::group(world, row)).collect();
    Reply::of("acs_access_groups", &views)
}

fn list_users(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = world.groups.look_up(params.needed_id("acs_access_group_id")?)?;
    let members = row.members.iter().filter_map(|key| world.users.get(*key));
    let views: Vec<_> = members.map(|user| answer::user(world, user)).collect();
    Reply::of("acs_users", &views)
}

fn list_accessible_entrances(world: &mut World, params: &Params) -> Result<Reply, Refusal> {
    let key = world.groups.find(params.needed_id("acs_access_group_id")?)?;
    Reply::of("acs_entrances", &entrances_of(world, std::iter::once(key)))
}

/// The entrances that some groups open together, each once.
pub fn entrances_of(world: &World, groups: impl Iterator<Item = Key<Group>>) -> Vec<Value> {
    let keys: BTreeSet<_> =
        groups.filter_map(|key| world.groups.get(key)).flat_map(|group| &group.entrances).copied().collect();
    keys.into_iter().filter_map(|key| world.entrances.get(key)).map(|row| answer::entrance(world, row)).collect()
}
