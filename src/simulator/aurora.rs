//! Hotel Aurora: the fixed guests, rooms and cards that the demo shows and that tests refer to by name.

use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::cards::CardMake;
use super::encoder::HotelEncoder;
use super::hotel::{
    Hotel, HotelCredential, HotelEntrance, HotelGroup, HotelPerson, HotelSchedule, HotelUser, Method, Timing,
};
use super::table::RowKey;
use super::users::search_form;

const TIME_ZONE: &str = "Europe/Berlin";

/// The state of a guest's card.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AuroraCard {
    None,
    /// Created and never written.
    Unwritten,
    Written,
    /// Written before the guest's groups changed.
    Outdated,
}
use AuroraCard::{None as NoCard, Outdated, Unwritten, Written};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stay {
    /// Until check-out time, so many days from today.
    Nights(i64),
    /// For some more hours.
    Hours(i64),
    /// Without an end date.
    Open,
}
use Stay::{Hours, Nights, Open};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Special {
    Plain,
    Suspended,
    /// The key system refused to create the user.
    Refused,
    /// Holds a mobile key too.
    Mobile,
}
use Special::{Mobile, Plain, Refused, Suspended};

struct AuroraGuest(&'static str, &'static [&'static str], Stay, AuroraCard, Special);

const GUESTS: &[AuroraGuest] = &[
    AuroraGuest("Lucía Álvarez", &["Room 312", "Pool & Spa"], Nights(2), Written, Plain),
    AuroraGuest("Nils Andersson", &["Room 118", "Car Park"], Nights(1), Written, Plain),
    AuroraGuest("Marco Bianchi", &["Room 207", "Pool & Spa"], Nights(4), Outdated, Plain),
    AuroraGuest("Eva Brandt", &[], Open, NoCard, Plain),
    AuroraGuest("John Doe", &["Room 204", "Pool & Spa"], Nights(4), NoCard, Plain),
    AuroraGuest("Max Doerr", &["Room 415", "Executive Lounge"], Nights(3), Outdated, Plain),
    AuroraGuest("Chloé Dubois", &["Room 220"], Nights(1), Written, Plain),
    AuroraGuest("Pål Eriksen", &["Room 101", "Car Park"], Nights(5), Written, Plain),
    AuroraGuest("Jonas Fischer", &["Room 333", "Gym"], Nights(2), Unwritten, Plain),
    AuroraGuest("José García", &["Room 316"], Nights(2), Written, Plain),
    AuroraGuest("Leila Haddad", &["Room 402", "Executive Lounge", "Pool & Spa"], Nights(6), Written, Plain),
    AuroraGuest("Daria Ivanova", &["Room 119"], Nights(3), Written, Suspended),
    AuroraGuest("Zofia Kowalska", &["Room 221"], Nights(1), Written, Plain),
    AuroraGuest("Jörg Müller", &["Room 305", "Car Park", "Gym"], Nights(2), Written, Plain),
    AuroraGuest("Minh Nguyễn", &["Room 306"], Nights(3), NoCard, Plain),
    AuroraGuest("Sinéad O'Doe", &["Room 117"], Nights(1), NoCard, Suspended),
    AuroraGuest("Yuki Sato", &["Room 410", "Executive Lounge"], Nights(7), Written, Mobile),
    AuroraGuest("Åsa Lindqvist", &["Room 205"], Nights(2), Unwritten, Plain),
    AuroraGuest("Søren Kjær", &["Room 206"], Hours(3), Written, Plain),
    AuroraGuest("Łukasz Wójcik", &["Room 404", "Car Park"], Open, Written, Plain),
    AuroraGuest("Ioana Ștefănescu", &["Room 418", "Gym"], Nights(4), Outdated, Plain),
    AuroraGuest("Zeynep Çelik", &["Room 316", "Pool & Spa"], Nights(2), Written, Plain),
    AuroraGuest("Renée van den Berg", &["Room 402"], Nights(6), NoCard, Mobile),
    AuroraGuest("Thomas Schneider", &["Room 205"], Nights(2), Unwritten, Refused),
    AuroraGuest("Amara Okafor", &["Room 221", "Conference"], Hours(20), NoCard, Plain),
    AuroraGuest("Fatima El Amrani", &["Room 101"], Nights(5), Written, Plain),
    AuroraGuest("Ana Silva", &[], Nights(-1), Written, Plain),
    AuroraGuest("Ingrid Baumann", &["Housekeeping"], Open, Written, Plain),
    AuroraGuest("Piotr Nowak", &["Maintenance", "Housekeeping"], Open, Outdated, Plain),
];

const ROOMS: [u16; 20] =
    [101, 117, 118, 119, 204, 205, 206, 207, 220, 221, 305, 306, 312, 316, 333, 402, 404, 410, 415, 418];

/// Groups that are not rooms, with the entrances that they open.
const COMMON: &[(&str, &[&str])] = &[
    ("Pool & Spa", &["Swimming Pool", "Spa"]),
    ("Executive Lounge", &["Executive Lounge"]),
    ("Car Park", &["Car Park Barrier", "Car Park Door"]),
    ("Gym", &["Gym"]),
    ("Conference", &["Conference Level", "Conference Foyer"]),
    ("Housekeeping", &["Staff Entrance", "Staff Lift", "Laundry", "Linen Store"]),
    ("Maintenance", &["Staff Entrance", "Staff Lift", "Plant Room", "Roof"]),
    ("Kitchen", &["Staff Entrance", "Kitchen", "Cold Store"]),
    ("Front Office", &["Staff Entrance", "Back Office"]),
];

/// Builds the hotel in its state before the first call.
pub fn aurora(timing: Timing, seed: u64, now: Timestamp) -> Hotel {
    let mut hotel = Hotel::empty(timing, seed, now, "Hotel Aurora", TIME_ZONE);
    for (name, online) in [("Front Desk", true), ("Concierge", true), ("Back Office", false)] {
        let mut encoder = HotelEncoder::new(hotel.rng.uuid(), name, hotel.system.created_at);
        encoder.online = online;
        hotel.encoders.insert(encoder);
    }
    let shared =
        SharedDoors { main: hotel.add_entrance("Main Entrance", None), lift: hotel.add_entrance("Guest Lift", None) };
    let mut floors = Vec::new();
    for room in ROOMS {
        hotel.add_room(room, &shared, &mut floors);
    }
    for (name, doors) in COMMON {
        let entrances = doors.iter().map(|door| hotel.entrance_named(door)).collect();
        hotel.add_group(name, entrances);
    }
    for (count, guest) in GUESTS.iter().enumerate() {
        hotel.add_guest(count, guest);
    }
    hotel
}

/// The doors that every room's group opens.
pub struct SharedDoors {
    pub main: RowKey<HotelEntrance>,
    pub lift: RowKey<HotelEntrance>,
}

impl Hotel {
    pub fn add_entrance(&mut self, name: &str, room: Option<&str>) -> RowKey<HotelEntrance> {
        let (id, created_at) = (self.rng.uuid(), self.system.created_at);
        self.entrances.insert(HotelEntrance { id, name: name.to_owned(), room: room.map(str::to_owned), created_at })
    }

    fn entrance_named(&mut self, name: &str) -> RowKey<HotelEntrance> {
        let found = self.entrances.iter().find(|(_, row)| row.name == name).map(|(key, _)| key);
        found.unwrap_or_else(|| self.add_entrance(name, None))
    }

    pub fn add_group(&mut self, name: &str, entrances: Vec<RowKey<HotelEntrance>>) -> RowKey<HotelGroup> {
        let (id, created_at) = (self.rng.uuid(), self.system.created_at);
        let (members, mutations) = (std::collections::BTreeSet::new(), Vec::new());
        self.groups.insert(HotelGroup { id, name: name.to_owned(), created_at, entrances, members, mutations })
    }

    /// Adds a room with its door and its access group. The number without its last two digits is the floor.
    pub fn add_room(
        &mut self,
        room: u16,
        shared: &SharedDoors,
        floors: &mut Vec<(u16, RowKey<HotelEntrance>)>,
    ) -> RowKey<HotelGroup> {
        let floor = room / 100;
        let known = floors.iter().find(|(known, _)| *known == floor).map(|(_, corridor)| *corridor);
        let corridor = known.unwrap_or_else(|| {
            let corridor = self.add_entrance(&format!("Floor {floor} Corridor"), None);
            floors.push((floor, corridor));
            corridor
        });
        let name = format!("Room {room}");
        let door = self.add_entrance(&name, Some(&name));
        self.add_group(&name, vec![shared.main, shared.lift, corridor, door])
    }

    fn add_guest(&mut self, count: usize, guest: &AuroraGuest) {
        let AuroraGuest(name, groups, stay, card, special) = guest;
        let schedule = match stay {
            Nights(days) => Some(check_out(self.now, *days)),
            Hours(hours) => Some(self.now + SignedDuration::from_hours(*hours)),
            Open => None,
        }
        .map(|end| HotelSchedule { starts_at: end - SignedDuration::from_hours(24 * 7), ends_at: Some(end) });
        let address = search_form(name).replace(['\'', ' '], ".");
        let person = HotelPerson {
            full_name: (*name).to_owned(),
            email: (count % 4 != 3).then(|| format!("{address}@example.com")),
            phone: (count % 3 != 2).then(|| format!("+491760406{:04}", 9000 + count)),
        };
        let created_at =
            self.now - SignedDuration::from_hours(24 * 7) + SignedDuration::from_mins(i64::from(count as u32));
        let user = self.add_user(person, schedule, created_at);
        if *card == Written {
            self.join_named(user, groups);
            self.add_card(user, true);
        } else {
            // An outdated card was written before the last of the groups was there.
            let before = groups.len().saturating_sub(usize::from(*card == Outdated));
            self.join_named(user, &groups[..before]);
            if *card != NoCard {
                self.add_card(user, *card == Outdated);
            }
            self.join_named(user, groups);
        }
        if *card == Outdated
            && let Some(held) = self.held_by(user, Method::Card).and_then(|key| self.credentials.get_mut(key))
        {
            held.outdated_since = Some(created_at + SignedDuration::from_hours(2));
        }
        if *special == Mobile {
            let id = self.rng.uuid();
            let mut key = HotelCredential::new(id, Some(user), Method::MobileKey, created_at);
            key.issued_at = Some(created_at);
            key.synced_at = Some(created_at);
            self.add_credential(user, key);
        }
        if let Some(row) = self.users.get_mut(user) {
            row.suspended = *special == Suspended;
            row.creation_failed_at = (*special == Refused).then_some(created_at);
            row.synced_at = (*special != Refused).then_some(created_at);
        }
    }

    pub fn add_user(
        &mut self,
        person: HotelPerson,
        schedule: Option<HotelSchedule>,
        created_at: Timestamp,
    ) -> RowKey<HotelUser> {
        let mut user = HotelUser::new(self.rng.uuid(), person, schedule, created_at);
        user.synced_at = Some(created_at);
        self.users.insert(user)
    }

    fn join_named(&mut self, user: RowKey<HotelUser>, names: &[&str]) {
        for name in names {
            let group = self.groups.iter().find(|(_, row)| row.name == *name).map(|(key, _)| key);
            if let Some(group) = group {
                self.join(user, group);
            }
        }
    }

    /// Adds a card credential as old as its user; when `written`, it was written to a new card five minutes later.
    pub fn add_card(&mut self, user: RowKey<HotelUser>, written: bool) {
        let created_at = self.users.get(user).map_or(self.now, |row| row.created_at);
        let id = self.rng.uuid();
        let mut credential = HotelCredential::new(id, Some(user), Method::Card, created_at);
        credential.synced_at = Some(created_at);
        if written {
            let number = self.new_card(CardMake::Own);
            let at = created_at + SignedDuration::from_mins(5);
            let mut content = self.content_for(&credential);
            content.written_at = at;
            if let Some(card) = self.cards.get_mut(&number) {
                card.content = Some(content);
            }
            credential.card_number = Some(number);
            credential.issued_at = Some(at);
        }
        self.add_credential(user, credential);
    }

    fn add_credential(&mut self, user: RowKey<HotelUser>, credential: HotelCredential) {
        let key = self.credentials.insert(credential);
        if let Some(row) = self.users.get_mut(user) {
            row.credentials.insert(key);
        }
    }
}

/// Eleven o'clock in the hotel's zone, so many days from today.
pub fn check_out(now: Timestamp, days: i64) -> Timestamp {
    // A machine without a zone database gets the zone's winter time.
    let zone = TimeZone::get(TIME_ZONE).unwrap_or_else(|_| TimeZone::fixed(Offset::constant(1)));
    let day = now.to_zoned_datetime(zone.clone()).date() + SignedDuration::from_hours(24 * days);
    let eleven = day.to_datetime(Time::constant(11, 0, 0, 0)).to_zoned_datetime(zone);
    eleven.map_or(now, |zoned| zoned.timestamp())
}
