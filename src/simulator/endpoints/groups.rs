//! `/acs/access_groups/*`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::answer;
use super::super::hotel::{Hotel, HotelGroup};
use super::super::params::{Kind, Param, Params, required};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::super::table::RowKey;
use super::super::users::search_form;
use super::{IDENTITY, SEARCH, SYSTEM, SimulatedEndpoint, USER, check_identity, check_system, get};

const GROUP: &[Param] = &[required("acs_access_group_id", Kind::Id)];
const LIST: &[Param] = &[SYSTEM, USER, SEARCH, IDENTITY];

pub const TABLE: &[SimulatedEndpoint] = &[
    get("/acs/access_groups/get", GROUP, get_one),
    get("/acs/access_groups/list", LIST, list),
    get("/acs/access_groups/list_users", GROUP, list_users),
    get("/acs/access_groups/list_accessible_entrances", GROUP, list_accessible_entrances),
];

fn get_one(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = hotel.groups.look_up(params.required_id("acs_access_group_id")?)?;
    Reply::of("acs_access_group", &answer::group(hotel, row))
}

fn list(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    check_system(hotel, params)?;
    check_identity(params)?;
    let hotel = &*hotel;
    let search = params.text("search").map(search_form);
    let matches = |row: &&HotelGroup| {
        search
            .as_ref()
            .is_none_or(|search| search_form(&row.name).contains(search) || row.id.to_string().contains(search))
    };
    let rows: Vec<&HotelGroup> = match params.id("acs_user_id") {
        Some(user) => hotel.users.look_up(user)?.1.groups.iter().filter_map(|key| hotel.groups.get(*key)).collect(),
        None => hotel.groups.iter().map(|(_, row)| row).collect(),
    };
    let views: Vec<_> = rows.into_iter().filter(matches).map(|row| answer::group(hotel, row)).collect();
    Reply::of("acs_access_groups", &views)
}

fn list_users(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let (_, row) = hotel.groups.look_up(params.required_id("acs_access_group_id")?)?;
    let members = row.members.iter().filter_map(|key| hotel.users.get(*key));
    let views: Vec<_> = members.map(|user| answer::user(hotel, user)).collect();
    Reply::of("acs_users", &views)
}

fn list_accessible_entrances(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = hotel.groups.find(params.required_id("acs_access_group_id")?)?;
    Reply::of("acs_entrances", &entrances_of(hotel, std::iter::once(key)))
}

/// The entrances that at least one of the groups opens, each once.
pub fn entrances_of(hotel: &Hotel, groups: impl Iterator<Item = RowKey<HotelGroup>>) -> Vec<Value> {
    let keys: BTreeSet<_> =
        groups.filter_map(|key| hotel.groups.get(key)).flat_map(|group| &group.entrances).copied().collect();
    keys.into_iter().filter_map(|key| hotel.entrances.get(key)).map(|row| answer::entrance(hotel, row)).collect()
}
