//! Check-out: who leaves a room, what becomes of each, and the orders that do it.

use std::collections::HashSet;

use jiff::Timestamp;

use super::directory::{Directory, GroupRow, Remote};
use super::job::order::{AccessChange, BatchId, CardWork, Guest, Named, Order};
use crate::seam::types::{Credential, CredentialId, EndsAt, EntranceId, GroupId, UserId};

/// What a check-out does to the access of a guest who leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckOutKind {
    /// The user is suspended and leaves the room's groups, and the card's credential is deleted.
    #[default]
    Suspend,
    /// The same, and then the user is deleted instead of suspended.
    Delete,
    /// Only the card's credential is deleted: the user stays as it is.
    Card,
}

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// The group of a room, with everyone who is in it.
    Room(GroupId),
    /// One user, who is in no room.
    User(UserId),
}

/// Why someone is not checked out unless a person says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The guest is in these rooms too, until then.
    AlsoIn(Vec<String>, EndsAt),
    /// The guest's access begins only then.
    ArrivesAt(Timestamp),
    /// The user is in no room at all: likely one of the staff.
    NoRoom,
    /// The user opens so many doors that it is likely no guest.
    ManyDoors(usize),
    /// It can't be read which groups the user is in, so that it is not known what else would be lost.
    NotKnown,
}

impl Hold {
    /// Whether checking out needs a question that names the user, besides the tick.
    pub fn asks_by_name(&self) -> bool {
        matches!(self, Self::NoRoom | Self::ManyDoors(_))
    }

    /// Whether only the room is left when the person is checked out all the same.
    pub fn leaves_room_only(&self) -> bool {
        matches!(self, Self::AlsoIn(..) | Self::ArrivesAt(_))
    }
}

/// Someone who may be checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOutRow {
    /// The user.
    pub user: Named<UserId>,
    /// The name as the reception lists it: family name first.
    pub listed_name: String,
    /// The card's credential, with the number of the card where the server told it; `None` without a card.
    pub card: Option<(CredentialId, Option<String>)>,
    /// Whether the card was written, so that there is one to collect.
    pub has_written_card: bool,
    /// Whether there is a mobile key, which ends with the access.
    pub has_mobile_key: bool,
    /// The groups that are left: that of the room.
    pub leaves: Vec<Named<GroupId>>,
    /// Why it is not ticked by itself; `None` for a guest whose stay is simply over.
    pub hold: Option<Hold>,
    /// The end of access.
    pub until: EndsAt,
}

/// What becomes of someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: not ticked.
    Stays,
    /// The user leaves this room only, and keeps everything else, also the card.
    LeavesRoom,
    /// Only the card's credential is deleted.
    CardCancelled,
    /// Nothing, since there is no card.
    NoCard,
    /// The user is suspended; the card's credential, if there is one, is deleted.
    Suspended,
    /// The user is deleted with everything that it has.
    Deleted,
}

/// Who is concerned, in the order of their names. `at` is now; `guard_doors` is how many doors make somebody likely no
/// guest.
pub fn rows(directory: &Directory, leaving: &Leaving, at: Timestamp, guard_doors: usize) -> Vec<CheckOutRow> {
    match leaving {
        Leaving::Room(group) => {
            let people = directory.users_of(group, None);
            people
                .into_iter()
                .filter_map(|person| row(directory, &person.user().acs_user_id, Some(group), at, guard_doors))
                .collect()
        }
        Leaving::User(user) => row(directory, user, None, at, guard_doors).into_iter().collect(),
    }
}

fn row(
    directory: &Directory,
    id: &UserId,
    room: Option<&GroupId>,
    at: Timestamp,
    guard_doors: usize,
) -> Option<CheckOutRow> {
    let person = directory.user(id)?;
    let user = person.user();
    let leaves = room.and_then(|room| directory.group(room)).map(GroupRow::group);
    let leaves = leaves.map(|group| Named { id: group.acs_access_group_id.clone(), name: group.name().to_owned() });
    let card = directory.card_of(id);
    Some(CheckOutRow {
        user: Named { id: id.clone(), name: user.name().to_owned() },
        listed_name: person.reception_name().to_owned(),
        card: card.map(|card| (card.acs_credential_id.clone(), card.card_number.clone())),
        has_written_card: card.is_some_and(|card| card.is_issued),
        has_mobile_key: directory.credentials_of(id).any(Credential::is_live_mobile_key),
        leaves: leaves.into_iter().collect(),
        hold: hold(directory, id, room, at, guard_doors),
        until: user.ends_at(),
    })
}

fn hold(directory: &Directory, id: &UserId, room: Option<&GroupId>, at: Timestamp, guard_doors: usize) -> Option<Hold> {
    let user = directory.user(id)?.user();
    let Some(room) = room else { return Some(Hold::NoRoom) };
    if directory.membership_load(id) != &Remote::Loaded(()) {
        return Some(Hold::NotKnown);
    }
    let groups = directory.groups_of(id)?;
    let rows: Vec<_> =
        directory.groups().iter().filter(|row| groups.contains(&row.group().acs_access_group_id)).collect();
    let mut doors: HashSet<&EntranceId> = HashSet::new();
    for row in &rows {
        doors.extend(row.entrances().loaded().into_iter().flatten());
    }
    if doors.len() > guard_doors {
        return Some(Hold::ManyDoors(doors.len()));
    }
    if let Some(starts) = user.starts_at().filter(|starts| *starts > at) {
        return Some(Hold::ArrivesAt(starts));
    }
    let others: Vec<String> = rows
        .iter()
        .filter(|row| row.group().acs_access_group_id != *room)
        .filter_map(|row| row.room().map(str::to_owned))
        .collect();
    let is_over = user.ends_at().is_over(at);
    (!others.is_empty() && !is_over).then(|| Hold::AlsoIn(others, user.ends_at()))
}

impl CheckOutRow {
    /// What becomes of the user. `is_ticked` is whether a person wants it, `cards_only` whether users stay as they are.
    pub fn outcome(&self, kind: CheckOutKind, is_ticked: bool, cards_only: bool) -> Outcome {
        if !is_ticked {
            return Outcome::Stays;
        }
        if cards_only || kind == CheckOutKind::Card {
            return if self.card.is_some() { Outcome::CardCancelled } else { Outcome::NoCard };
        }
        match &self.hold {
            Some(hold) if hold.leaves_room_only() => Outcome::LeavesRoom,
            _ if kind == CheckOutKind::Delete => Outcome::Deleted,
            _ => Outcome::Suspended,
        }
    }

    /// The order that brings this about; `None` when there is nothing to do.
    pub fn order(&self, outcome: Outcome, batch: BatchId) -> Option<Order> {
        let card = self.card.as_ref().map_or(CardWork::None, |(card, _)| CardWork::Cancel(card.clone()));
        let base = Order {
            batch: Some(batch),
            until: self.until,
            room: None,
            ..Order::of(Guest::Existing(self.user.clone()))
        };
        match outcome {
            Outcome::Stays | Outcome::NoCard => None,
            Outcome::CardCancelled => Some(Order { card, ..base }),
            Outcome::LeavesRoom => Some(Order { remove: self.leaves.clone(), ..base }),
            Outcome::Suspended => {
                Some(Order { access: Some(AccessChange::Suspend), remove: self.leaves.clone(), card, ..base })
            }
            // The groups go with the user; the card's credential goes first, so that it is not left behind.
            Outcome::Deleted => Some(Order { access: Some(AccessChange::Delete), card, ..base }),
        }
    }
}

/// The order that takes a check-out back, as far as that can be done: a cancelled card stays cancelled. `None` where
/// nothing of it can be taken back.
pub fn taken_back(order: &Order, batch: BatchId) -> Option<Order> {
    let access = match order.access {
        Some(AccessChange::Suspend) => Some(AccessChange::Unsuspend),
        Some(AccessChange::Delete) => return None,
        Some(AccessChange::Unsuspend) | None => None,
    };
    let back = Order { access, add: order.remove.clone(), batch: Some(batch), ..Order::of(order.guest.clone()) };
    (back.access.is_some() || !back.add.is_empty()).then_some(back)
}
