//! The plan: which work a guest's card needs, by rule; and the order that a wish becomes, with what it will do.

use std::collections::HashSet;

use jiff::Timestamp;

use super::directory::person::Person;
use super::directory::{Directory, GroupRow, Remote};
use super::job::order::{AccessChange, CardWork, Details, Guest, Named, Order, Schedule};
use super::occupancy::has_access;
use crate::seam::types::{Credential, Encoder, EndsAt, EntranceId, GroupId, UserId};

/// What a guest's row says about the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardState {
    /// Credentials are not loaded yet.
    Unknown,
    /// The guest has no card credential.
    None,
    /// A credential is there and was never written.
    ToBeWritten,
    /// Written, and the access changed since.
    NeedsUpdate,
    /// Written, and nothing changed since.
    Ok,
}

/// What is to be changed besides the card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Groups that the guest shall be in.
    pub add: Vec<Named<GroupId>>,
    /// Groups that the guest shall leave.
    pub remove: Vec<Named<GroupId>>,
    /// Name and contact of a guest who is there; `None` leaves them.
    pub details: Option<Details>,
    /// When access starts and ends; `None` leaves it, and is "no end date" for a new guest.
    pub schedule: Option<Schedule>,
    /// The access as a whole of a guest who is there; `None` leaves it.
    pub access: Option<AccessChange>,
}

impl Changes {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a clerk wishes for one guest, from whatever screen.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The guest whom all of it is about.
    pub guest: Guest,
    /// What else is changed; for a new guest the groups and the schedule.
    pub changes: Changes,
    /// What is done about a card.
    pub card: CardWork,
    /// The encoder that was chosen; it is used only where a card is written. `None` when there is none (any more).
    pub encoder: Option<&'a Encoder>,
}

/// A wish with what will be done about it and what comes of that.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What a job would carry out.
    pub order: Order,
    /// What the guest's access will be once that is done.
    pub facts: Facts,
}

/// What the plan says in plain words: taken from the directory as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The names of the groups that the guest will be in, as far as they are known.
    pub groups: Vec<String>,
    /// Whether all groups of the guest are known.
    pub groups_known: bool,
    /// How many doors these open; `None` while a group's doors are not known.
    pub doors: Option<usize>,
    /// The rooms among the groups.
    pub rooms: Vec<String>,
    /// The groups that these rooms are read from, in the same order.
    pub room_groups: Vec<GroupId>,
    /// The end of access.
    pub until: EndsAt,
}

/// Makes the plan of a wish, from what is known now.
pub fn plan(directory: &Directory, wish: Wish) -> Plan {
    let Wish { guest, changes, card, encoder } = wish;
    let person = guest.user().and_then(|user| directory.user(user));
    let until = match changes.schedule {
        Some(schedule) => schedule.ends_at.into(),
        None => person.map_or(EndsAt::Never, |person| person.user().ends_at()),
    };
    let facts = facts(directory, guest.user(), &changes, until);
    let encoder = encoder.filter(|_| card.writes());
    let order = Order {
        guest,
        details: changes.details,
        schedule: changes.schedule,
        access: changes.access,
        add: changes.add,
        remove: changes.remove,
        card,
        encoder: encoder.map(|encoder| Named { id: encoder.acs_encoder_id.clone(), name: encoder.name() }),
        room: (!facts.rooms.is_empty()).then(|| facts.rooms.join(", ")),
        until,
        batch: None,
    };
    Plan { order, facts }
}

/// The state of a user's card.
pub fn card_state(directory: &Directory, user: &UserId) -> CardState {
    match directory.card_of(user) {
        Some(card) if !card.is_issued => CardState::ToBeWritten,
        Some(card) if directory.needs_update(card) => CardState::NeedsUpdate,
        Some(_) => CardState::Ok,
        None if directory.knows_credentials_of(user) => CardState::None,
        None => CardState::Unknown,
    }
}

/// The card work that is possible for a guest, the one that the rule chooses first. Never a second card while one
/// exists; a replacement is never the first choice, since it stops a card that may still be in use.
pub fn choices(card: Option<&Credential>) -> Vec<CardWork> {
    match card {
        None => vec![CardWork::New],
        Some(card) if !card.is_issued => vec![CardWork::EncodeAgain(card.acs_credential_id.clone())],
        Some(card) => {
            vec![CardWork::Update(card.acs_credential_id.clone()), CardWork::Replace(card.acs_credential_id.clone())]
        }
    }
}

/// How things will stand for a user, with the changes made. `until` is the end of access.
pub fn facts(directory: &Directory, user: Option<&UserId>, changes: &Changes, until: EndsAt) -> Facts {
    let mut ids: HashSet<&GroupId> =
        user.and_then(|user| directory.groups_of(user)).map(|groups| groups.iter().collect()).unwrap_or_default();
    for group in &changes.remove {
        ids.remove(&group.id);
    }
    ids.extend(changes.add.iter().map(|group| &group.id));
    let rows: Vec<_> = directory.groups().iter().filter(|row| ids.contains(&row.group().acs_access_group_id)).collect();
    let mut doors: Option<HashSet<&EntranceId>> = Some(HashSet::new());
    for row in &rows {
        doors = match (doors, row.entrances().loaded()) {
            (Some(mut doors), Some(entrances)) => {
                doors.extend(entrances);
                Some(doors)
            }
            _ => None,
        };
    }
    let (rooms, others): (Vec<&GroupRow>, Vec<&GroupRow>) = rows.iter().copied().partition(|row| row.room().is_some());
    Facts {
        groups: rooms.iter().chain(&others).map(|row| row.group().name().to_owned()).collect(),
        groups_known: user.is_none_or(|user| directory.membership_load(user) == &Remote::Loaded(())),
        doors: doors.map(|doors| doors.len()),
        room_groups: rooms.iter().map(|row| row.group().acs_access_group_id.clone()).collect(),
        rooms: rooms.iter().filter_map(|row| row.room().map(str::to_owned)).collect(),
        until,
    }
}

/// Who else is in the rooms of a plan: each room that has others, with their names. Who is suspended, or whose stay is
/// over, is in no room.
pub fn room_mates(
    directory: &Directory,
    facts: &Facts,
    user: Option<&UserId>,
    now: Timestamp,
) -> Vec<(String, Vec<String>)> {
    let names = |group| {
        let mates = directory.users_of(group, user).into_iter().map(Person::user);
        mates.filter(|mate| has_access(mate, now)).map(|mate| mate.name().to_owned()).collect::<Vec<_>>()
    };
    let rooms = facts.rooms.iter().zip(&facts.room_groups).map(|(room, group)| (room.clone(), names(group)));
    rooms.filter(|(_, mates)| !mates.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fact::Fact;
    use crate::domain::room::{DEFAULT_PATTERN, RoomPattern};
    use proptest::prelude::*;
    use serde_json::json;

    fn card(issued: bool, warning: Option<&str>) -> Credential {
        let warnings: Vec<_> = warning.iter().map(|code| json!({"warning_code": code})).collect();
        serde_json::from_value(json!({"acs_credential_id": "card", "acs_user_id": "jane", "access_method": "card",
            "is_issued": issued, "warnings": warnings}))
        .unwrap()
    }

    #[test]
    fn the_rule_follows_the_state_of_the_card() {
        assert_eq!(choices(None), [CardWork::New]);
        assert_eq!(choices(Some(&card(false, None))), [CardWork::EncodeAgain("card".into())]);
        assert_eq!(
            choices(Some(&card(true, None))),
            [CardWork::Update("card".into()), CardWork::Replace("card".into())]
        );
    }

    #[test]
    fn the_state_says_what_the_row_says() {
        let mut directory = Directory::new(RoomPattern::new(DEFAULT_PATTERN).unwrap());
        let jane: UserId = "jane".into();
        assert_eq!(card_state(&directory, &jane), CardState::Unknown);
        let load = directory.begin_load();
        directory.apply(Some(load), Fact::CredentialsEnd(Ok(())));
        assert_eq!(card_state(&directory, &jane), CardState::None);
        for (card, state) in [
            (card(false, None), CardState::ToBeWritten),
            (card(true, None), CardState::Ok),
            (card(true, Some("needs_to_be_reissued")), CardState::NeedsUpdate),
            (card(true, Some("being_deleted")), CardState::None),
        ] {
            directory.apply(None, Fact::Credential(Box::new(card)));
            assert_eq!(card_state(&directory, &jane), state);
        }
    }

    proptest! {
        #[test]
        fn no_plan_makes_a_second_card_and_none_stops_a_card_by_itself(exists: bool, issued: bool, update: bool) {
            let card = exists.then(|| card(issued, update.then_some("needs_to_be_reissued")));
            let choices = choices(card.as_ref());
            prop_assert_eq!(choices.contains(&CardWork::New), card.is_none());
            prop_assert!(!matches!(choices[0], CardWork::Replace(_)));
            for choice in &choices {
                // Only a written card can be updated or lost; only an unwritten credential is written once more.
                match choice {
                    CardWork::Update(_) | CardWork::Replace(_) => prop_assert!(issued && exists),
                    CardWork::EncodeAgain(_) => prop_assert!(!issued && exists),
                    CardWork::New | CardWork::None => {}
                    CardWork::Cancel(_) => prop_assert!(false, "no plan takes a card away"),
                }
            }
        }
    }
}
