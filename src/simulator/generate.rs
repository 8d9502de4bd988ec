//! Adds as many invented guests, rooms and cards to Hotel Aurora as asked for; the same seed gives the same ones.

use jiff::{SignedDuration, Timestamp};

use super::aurora::{self, SharedDoors};
use super::hotel::{Hotel, HotelGroup, HotelPerson, HotelSchedule, Timing};
use super::table::RowKey;

const MOST_ROOMS: usize = 900;
/// Rooms on each floor that is added above the hand-made ones.
const ROOMS_A_FLOOR: usize = 40;
const FIRST_FLOOR: usize = 5;

const GIVEN: &str = "Adaeze, Aisha, Aleksandra, Amélie, Anders, Ángel, Astrid, Aylin, Björn, Camila, Chiara, Daan, Diego, \
    Dmitri, Élodie, Emre, Fatou, Freya, Giulia, Hana, Hugo, Ibrahim, Inês, Jakub, Jiho, Joana, José, Kenji, \
    Lars, Léa, Liam, Mahmoud, Maja, Mateo, Mei, Mónica, Noor, Olu, Priya, Rafał, Rania, Saoirse, Siân, Sofía, \
    Tomáš, Trang, Viktor, Xiomara, Zoë";
const FAMILY: &str = "Abe, Adeyemi, Almeida, Andrić, Bauer, Becker, Bělohlávek, Benali, Björklund, Byrne, Castro, Chen, Costa, \
    Çetin, da Silva, de Vries, Dąbrowski, Díaz, Đorđević, Esposito, Evans, Fernández, Ferrari, Fournier, \
    Gonçalves, Gruber, Haugen, Hernández, Hoffmann, Horváth, Ito, Jansen, Johansson, Jørgensen, Khan, Kim, \
    Kovács, Krüger, Lê, Lefèvre, Li, López, MacLeod, Mensah, Moreau, Mwangi, Nakamura, Novák, O'Brien, \
    Øverland, Papadopoulos, Patel, Petrov, Popescu, Ramírez, Rossi, Schäfer, Şahin, Tanaka, Tremblay, van Dijk, \
    Weiß, Yılmaz, Żukowska";

struct Names {
    given: Vec<&'static str>,
    family: Vec<&'static str>,
}

/// Builds Hotel Aurora and fills it up to `users` users; with fewer or `None` it stays as it is.
pub fn filled_hotel(timing: Timing, seed: u64, users: Option<usize>, now: Timestamp) -> Hotel {
    let mut hotel = aurora::aurora(timing, seed, now);
    let missing = users.unwrap_or(0).saturating_sub(hotel.users.len());
    if missing > 0 {
        let names = Names { given: GIVEN.split(", ").collect(), family: FAMILY.split(", ").collect() };
        let rooms = hotel.add_rooms(missing);
        let extras = hotel.extra_groups();
        for count in 0..missing {
            hotel.add_invented(count, &names, &rooms, &extras);
        }
    }
    hotel
}

impl Hotel {
    /// Adds one room for two guests, up to `MOST_ROOMS` in all.
    fn add_rooms(&mut self, guests: usize) -> Vec<RowKey<HotelGroup>> {
        let wanted = (guests / 2).clamp(1, MOST_ROOMS - 20);
        let shared = SharedDoors { main: RowKey::at(0), lift: RowKey::at(1) };
        let mut floors = Vec::new();
        let number = |count: usize| (FIRST_FLOOR + count / ROOMS_A_FLOOR) * 100 + 1 + count % ROOMS_A_FLOOR;
        (0..wanted).map(|count| self.add_room(number(count) as u16, &shared, &mut floors)).collect()
    }

    fn extra_groups(&self) -> Vec<RowKey<HotelGroup>> {
        let names = ["Pool & Spa", "Car Park", "Gym", "Executive Lounge"];
        self.groups.iter().filter(|(_, row)| names.contains(&row.name.as_str())).map(|(key, _)| key).collect()
    }

    /// Adds one guest. The first two for each room are staying; all others have left and are still known.
    fn add_invented(
        &mut self,
        count: usize,
        names: &Names,
        rooms: &[RowKey<HotelGroup>],
        extras: &[RowKey<HotelGroup>],
    ) {
        let given = names.given[self.rng.below(names.given.len())];
        let family = names.family[self.rng.below(names.family.len())];
        let initial = char::from(b'A' + self.rng.below(26) as u8);
        let person = HotelPerson {
            full_name: format!("{given} {initial}. {family}"),
            email: count.is_multiple_of(3).then(|| format!("guest{count}@example.com")),
            phone: count.is_multiple_of(2).then(|| format!("+49151{count:08}")),
        };
        let stays = rooms.get(count / 2);
        let days = i64::from(self.rng.below(9) as u32);
        let end = if stays.is_some() {
            aurora::check_out(self.now, days + 1)
        } else {
            self.now - SignedDuration::from_hours(24 * (days * 20 + 1))
        };
        let starts_at = end - SignedDuration::from_hours(24 * (days + 3));
        let seconds = i64::from(count as u32) * 10;
        let created_at = self.now - SignedDuration::from_hours(24 * 200) + SignedDuration::from_secs(seconds);
        let user = self.add_user(person, Some(HotelSchedule { starts_at, ends_at: Some(end) }), created_at);
        if let Some(room) = stays {
            self.join(user, *room);
            let extra = self.rng.below(extras.len() * 2);
            if let Some(extra) = extras.get(extra) {
                self.join(user, *extra);
            }
        }
        match self.rng.below(10) {
            0 | 1 => {}
            2 => self.add_card(user, false),
            _ => self.add_card(user, true),
        }
    }
}
