//! Who is in a room while another guest would stay there.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::directory::person::Person;
use super::directory::{Directory, GroupRow};
use crate::seam::types::{User, UserId};

/// The hour from which on rooms are taken over; who leaves before it on the day of arrival is in nobody's way.
const ARRIVAL: Time = Time::constant(15, 0, 0, 0);

/// A stay that begins now.
#[derive(Clone, Copy, Debug)]
pub struct NewStay<'a> {
    /// The moment at which it begins.
    pub now: Timestamp,
    /// Its departure; `None` is "no end date".
    pub until: Option<Timestamp>,
    /// The hotel's zone.
    pub zone: &'a TimeZone,
    /// The hour at which guests leave; who leaves by then, or before 15:00, makes room for who arrives today.
    pub check_out: Time,
}

/// Who is in a room during a stay. Who is suspended, whose stay is over and who comes after it is not.
#[derive(Clone, Debug, Default)]
pub struct Occupants<'a> {
    /// Those whose stay overlaps, in the order of their names.
    pub staying: Vec<&'a Person>,
    /// Those who leave today before others arrive.
    pub leaving: Vec<&'a Person>,
    /// Users of the room of whom nothing else is known yet.
    pub unread: Vec<&'a UserId>,
}

/// How a guest stands to a stay in the same room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overlap {
    None,
    LeavesToday,
    Stays,
}

impl<'a> Occupants<'a> {
    /// The users of a room's group but for one; `None` while the users of the group are not known.
    pub fn of(directory: &'a Directory, room: &'a GroupRow, stay: &NewStay, except: Option<&UserId>) -> Option<Self> {
        let users = room.users().loaded()?;
        let mut found = Self {
            unread: users.iter().filter(|user| directory.user(user).is_none() && Some(*user) != except).collect(),
            ..Self::default()
        };
        found.unread.sort();
        for person in directory.users_of(&room.group().acs_access_group_id, except) {
            match stay.overlap(person.user()) {
                Overlap::Stays => found.staying.push(person),
                Overlap::LeavesToday => found.leaving.push(person),
                Overlap::None => {}
            }
        }
        Some(found)
    }

    /// The ids of those who make the room taken.
    pub fn in_the_way(&self) -> impl Iterator<Item = &UserId> {
        self.staying.iter().map(|person| &person.user().acs_user_id).chain(self.unread.iter().copied())
    }
}

/// Whether a guest has access, once all that is on its way has arrived: neither suspended nor over.
pub fn has_access(user: &User, now: Timestamp) -> bool {
    !user.will_be_suspended() && !user.will_end_at().is_over(now)
}

impl NewStay<'_> {
    fn overlap(&self, user: &User) -> Overlap {
        let end = user.will_end_at();
        let is_after = |start: Timestamp| self.until.is_some_and(|until| start >= until);
        if !has_access(user, self.now) || user.will_start_at().is_some_and(is_after) {
            return Overlap::None;
        }
        let today = self.now.to_zoned_datetime(self.zone.clone()).date();
        let leaves_today = end.at().is_some_and(|end| {
            let end = end.to_zoned_datetime(self.zone.clone());
            end.date() == today && end.time() <= self.check_out.max(ARRIVAL)
        });
        if leaves_today { Overlap::LeavesToday } else { Overlap::Stays }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn stays_overlap_as_a_reception_means_it() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        // 09:00 in Berlin.
        let now = "2026-11-24T08:00:00Z".parse().unwrap();
        let until = |until: Option<&str>| NewStay {
            now,
            until: until.map(|until| until.parse().unwrap()),
            zone: &zone,
            check_out: Time::constant(11, 0, 0, 0),
        };
        let user = |starts: Option<&str>, ends: Option<&str>, suspended: bool| -> User {
            serde_json::from_value(json!({"acs_user_id": "u", "is_suspended": suspended,
                "access_schedule": {"starts_at": starts, "ends_at": ends}}))
            .unwrap()
        };
        let (past, saturday, sunday) =
            (Some("2026-11-20T14:00:00Z"), Some("2026-11-28T10:00:00Z"), Some("2026-11-29T10:00:00Z"));
        for (starts, ends, suspended, stay, overlap) in [
            (past, saturday, false, sunday, Overlap::Stays),
            (past, sunday, false, saturday, Overlap::Stays),
            (past, None, false, saturday, Overlap::Stays),
            (None, None, false, None, Overlap::Stays),
            (past, saturday, true, sunday, Overlap::None),
            (past, Some("2026-11-23T10:00:00Z"), false, sunday, Overlap::None),
            (past, Some("2026-11-24T08:00:00Z"), false, sunday, Overlap::None),
            (saturday, sunday, false, saturday, Overlap::None),
            (saturday, sunday, false, sunday, Overlap::Stays),
            (saturday, sunday, false, None, Overlap::Stays),
            (past, Some("2026-11-24T10:00:00Z"), false, sunday, Overlap::LeavesToday),
            (past, Some("2026-11-24T14:00:00Z"), false, sunday, Overlap::LeavesToday),
            (past, Some("2026-11-24T14:01:00Z"), false, sunday, Overlap::Stays),
            (past, Some("2026-11-25T10:00:00Z"), false, sunday, Overlap::Stays),
            // Past midnight in Berlin, still today in UTC.
            (past, Some("2026-11-24T23:30:00Z"), false, sunday, Overlap::Stays),
        ] {
            assert_eq!(until(stay).overlap(&user(starts, ends, suspended)), overlap, "{starts:?} {ends:?} {stay:?}");
        }
        let late = NewStay { check_out: Time::constant(18, 0, 0, 0), ..until(sunday) };
        assert_eq!(late.overlap(&user(past, Some("2026-11-24T17:00:00Z"), false)), Overlap::LeavesToday);
    }
}
