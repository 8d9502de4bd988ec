//! `/_sim/*`: what people do in the key system's own software; see the simulator's README.

use super::super::answer;
use super::super::hotel::{Hotel, HotelEntrance};
use super::super::params::{Kind, Params, optional, required};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::super::table::RowKey;
use super::{SimulatedEndpoint, post};

pub const TABLE: &[SimulatedEndpoint] = &[
    post(
        "/_sim/set_group",
        &[
            optional("acs_access_group_id", Kind::Id),
            optional("name", Kind::NonEmptyText),
            optional("acs_entrance_ids", Kind::Ids),
        ],
        set_group,
    ),
    post("/_sim/delete_group", &[required("acs_access_group_id", Kind::Id)], delete_group),
    post(
        "/_sim/add_entrance",
        &[required("name", Kind::NonEmptyText), optional("room", Kind::NonEmptyText)],
        add_entrance,
    ),
    post("/_sim/delete_entrance", &[required("acs_entrance_id", Kind::Id)], delete_entrance),
];

fn entrances(hotel: &Hotel, params: &Params) -> Result<Option<Vec<RowKey<HotelEntrance>>>, Refusal> {
    let find = |ids: Vec<uuid::Uuid>| ids.into_iter().map(|id| hotel.entrances.find(id)).collect();
    params.ids("acs_entrance_ids").map(find).transpose()
}

fn set_group(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let entrances = entrances(hotel, params)?;
    let name = params.text("name");
    let key = match (params.id("acs_access_group_id"), name) {
        (Some(id), _) => {
            let key = hotel.groups.find(id)?;
            hotel.change_group(key, name, entrances);
            key
        }
        (None, Some(name)) => hotel.add_group(name, entrances.unwrap_or_default()),
        (None, None) => return Err(Refusal::invalid("name", "Required, unless acs_access_group_id is given")),
    };
    Reply::of("acs_access_group", &hotel.groups.get(key).map(|row| answer::group(hotel, row)))
}

fn delete_group(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = hotel.groups.find(params.required_id("acs_access_group_id")?)?;
    hotel.delete_group(key);
    Ok(Reply::done())
}

fn add_entrance(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = hotel.connect_entrance(params.text("name").unwrap_or_default(), params.text("room"));
    Reply::of("acs_entrance", &hotel.entrances.get(key).map(|row| answer::entrance(hotel, row)))
}

fn delete_entrance(hotel: &mut Hotel, params: &Params) -> Result<Reply, Refusal> {
    let key = hotel.entrances.find(params.required_id("acs_entrance_id")?)?;
    hotel.delete_entrance(key);
    Ok(Reply::done())
}
