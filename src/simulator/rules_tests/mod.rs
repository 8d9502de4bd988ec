//! Tests of the hotel's rules without HTTP, at times that the test sets.

mod encoders;
mod users;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::answer;
use super::attempt::{Attempt, Failure, ForcedOutcome, State, Task};
use super::cards::CardMake;
use super::credentials::NewCredential;
use super::encoder::HotelEncoder;
use super::generate;
use super::hotel::{Hotel, HotelCredential, HotelGroup, HotelPerson, HotelUser, Method, Timing};
use super::table::RowKey;

const CARD: i64 = 1000;
const WRITE: i64 = 2000;
const SYNC: i64 = 5000;

/// A hotel and the time that has passed since it opened.
struct TestHotel {
    hotel: Hotel,
    opened: Timestamp,
}

impl TestHotel {
    fn open() -> Self {
        Self::with_users(None)
    }

    fn with_users(users: Option<usize>) -> Self {
        let timing = Timing {
            card_delay: SignedDuration::from_millis(CARD),
            write_time: SignedDuration::from_millis(WRITE),
            sync_delay: SignedDuration::from_millis(SYNC),
        };
        let opened: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        Self { hotel: generate::filled_hotel(timing, 1, users, opened), opened }
    }

    /// Lets the clock show so many milliseconds after the opening.
    fn at(&mut self, millis: i64) -> &mut Hotel {
        self.hotel.advance(self.opened + SignedDuration::from_millis(millis));
        &mut self.hotel
    }

    fn encoder(&self, name: &str) -> RowKey<HotelEncoder> {
        self.hotel.encoders.iter().find(|(_, row)| row.name == name).unwrap().0
    }

    fn group(&self, name: &str) -> RowKey<HotelGroup> {
        self.hotel.groups.iter().find(|(_, row)| row.name == name).unwrap().0
    }

    fn user(&self, name: &str) -> RowKey<HotelUser> {
        self.hotel.users.iter().find(|(_, row)| row.full_name == name).unwrap().0
    }

    fn card_of(&self, name: &str) -> RowKey<HotelCredential> {
        self.hotel.held_by(self.user(name), Method::Card).unwrap()
    }

    fn jane(&mut self) -> RowKey<HotelUser> {
        let person = HotelPerson { full_name: "Jane Doe".to_owned(), email: None, phone: None };
        let room = self.hotel.groups.get(self.group("Room 204")).unwrap().id;
        self.hotel.create_user(person, None, &[room]).unwrap()
    }

    fn create_card(
        &mut self,
        user: RowKey<HotelUser>,
        assign_new_key: bool,
    ) -> Result<RowKey<HotelCredential>, String> {
        let request = NewCredential {
            user,
            method: Method::Card,
            assign_new_key: Some(assign_new_key),
            starts_at: None,
            ends_at: None,
        };
        self.hotel.create_credential(&request).map_err(|refusal| refusal.kind)
    }

    fn encode(&mut self, encoder: &str, credential: RowKey<HotelCredential>) -> RowKey<Attempt> {
        let encoder = self.encoder(encoder);
        self.hotel.start_attempt(encoder, Task::Encode(credential))
    }

    fn outcome(&self, attempt: RowKey<Attempt>) -> Result<&'static str, Failure> {
        match self.hotel.attempts.get(attempt).unwrap().state {
            State::Pending => Ok("pending"),
            State::Success(_) => Ok("success"),
            State::Error(failure) => Err(failure),
        }
    }

    fn credential(&self, key: RowKey<HotelCredential>) -> &HotelCredential {
        self.hotel.credentials.get(key).unwrap()
    }

    fn warnings(&self, key: RowKey<HotelCredential>) -> Vec<String> {
        let view = answer::credential_value(&self.hotel, self.credential(key));
        let codes = view["warnings"].as_array().unwrap().iter();
        codes.map(|warning| warning["warning_code"].as_str().unwrap().to_owned()).collect()
    }

    fn events(&self) -> Vec<&'static str> {
        self.hotel.events.iter().map(|event| event.kind).collect()
    }
}
