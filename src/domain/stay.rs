//! Stays: a departure as people type it, in the hotel's zone.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan, ZonedDateTime};

/// A bare number up to this one counts nights; from the next one on it is a day of the month.
const MOST_BARE_NIGHTS: i32 = 14;

/// The longest stay that is counted in nights; a longer one is typed as a date with its year.
const MOST_NIGHTS: i32 = 365;

/// A stay of more nights is unusual enough to be pointed out.
pub const MANY_NIGHTS: i32 = 30;

/// How many years ahead a date may lie.
const MOST_YEARS: i16 = 10;

/// A date without a year that lies up to so many days back is taken for a day that is over, not for one of next year.
const RECENT_DAYS: i32 = 183;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What is wrong with a departure that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepartureError {
    /// It can't be read.
    Unreadable,
    /// The calendar has no such day, or the day no such hour.
    NoSuchDay,
    /// The clock is put forward on that day and skips the hour.
    SkippedHour,
    /// It lies in the past.
    Past,
    /// It counts more than 365 nights, or names a year more than ten years ahead.
    TooFar,
}

/// What was typed as a departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// Nothing.
    NotTyped,
    /// That the stay has no end.
    Never,
    /// A day and an hour in the hotel's zone.
    At(ZonedDateTime),
}

/// What a departure is read by.
#[derive(Clone, Copy, Debug)]
pub struct DepartureReader<'a> {
    /// The time of day, now.
    pub now: Timestamp,
    /// The hotel's zone.
    pub zone: &'a TimeZone,
    /// The hour of a departure that names none.
    pub check_out: Time,
    /// Whether `3.4` and `3/4` are the third of April, not the fourth of March.
    pub day_first: bool,
    /// The end of the stay as it is; `None` for a new guest and for a stay without an end.
    pub present: Option<Timestamp>,
}

impl DepartureReader<'_> {
    /// Reads a departure: a day, an hour, or both, in this order.
    ///
    /// | typed | means |
    /// |---|---|
    /// | `3` | three nights from today (up to 14) |
    /// | `28` (15 to 31), `28.` | the next such day of the month |
    /// | `28.11`, `28/11`, `28 nov`, `nov 28`, `28.11.2026`, `2026-11-28` | that date, without a year the next one |
    /// | `fri`, `today`, `tomorrow` | the next such day |
    /// | `+1` | a day later than the present end; from today where there is none or it is over |
    /// | `16:00` | on the day of the present end, or today |
    /// | `never` | no end |
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, text: &str) -> Result<Departure, DepartureError> {
        let text = text.trim().to_lowercase();
        match text.as_str() {
            "" => return Ok(Departure::NotTyped),
            "never" => return Ok(Departure::Never),
            _ => {}
        }
        let mut words: Vec<&str> = text.split_whitespace().collect();
        // An ISO date may be joined to its hour by a T.
        if let [word] = words[..]
            && let Some((day, hour)) = word.split_once('t')
            && day.ends_with(|c: char| c.is_ascii_digit())
        {
            words = vec![day, hour];
        }
        let hour = match words.last() {
            Some(word) if word.contains(':') => Some(read_hour(word)?),
            _ => None,
        };
        words.truncate(words.len() - usize::from(hour.is_some()));
        let (day, usual_hour) = self.day(&words, hour)?;
        self.end(day, hour.unwrap_or(usual_hour))
    }

    fn today(&self) -> Date {
        self.now.to_zoned_datetime(self.zone.clone()).date()
    }

    /// The present end, unless it is over.
    fn present(&self) -> Option<ZonedDateTime> {
        self.present.filter(|end| *end > self.now).map(|end| end.to_zoned_datetime(self.zone.clone()))
    }

    /// The day, and the hour that it has where none was typed.
    fn day(&self, words: &[&str], hour: Option<Time>) -> Result<(Date, Time), DepartureError> {
        let today = self.today();
        let at_check_out = |day| Ok((day, self.check_out));
        match *words {
            [] => at_check_out(self.present().map_or(today, |end| end.date())),
            ["today"] => at_check_out(today),
            ["tomorrow"] => at_check_out(later(today, 1)?),
            [one] => {
                if let Some(more) = one.strip_prefix('+') {
                    let (base, usual) = self.present().map_or((today, self.check_out), |end| (end.date(), end.time()));
                    return Ok((later(base, number(more)?)?, usual));
                }
                if let Some(weekday) = weekday(one) {
                    return at_check_out(self.next_weekday(weekday, hour.unwrap_or(self.check_out))?);
                }
                if let Ok(bare) = number(one) {
                    let day =
                        if bare <= MOST_BARE_NIGHTS { later(today, bare)? } else { self.next_day_of_month(bare)? };
                    return at_check_out(day);
                }
                at_check_out(self.date(one)?)
            }
            // "28 nov", "28. november 2026", "nov 28"
            [first, second] | [first, second, _] => {
                let (day, month) = match (month(first), month(second)) {
                    (None, Some(month)) => (number(first.trim_end_matches('.'))?, month),
                    (Some(month), None) => (number(second.trim_end_matches(['.', ',']))?, month),
                    _ => return Err(DepartureError::Unreadable),
                };
                let year = words.get(2).map(|year| read_year(year)).transpose()?;
                at_check_out(self.day_in(day, i32::from(month), year)?)
            }
            _ => Err(DepartureError::Unreadable),
        }
    }

    /// A date in one word: `28.`, `28.11`, `28.11.`, `28/11/26`, `2026-11-28`.
    fn date(&self, word: &str) -> Result<Date, DepartureError> {
        let Some(mark) = word.chars().find(|c| ['.', '/', '-'].contains(c)) else {
            return Err(DepartureError::Unreadable);
        };
        let word = if mark == '.' { word.strip_suffix('.').unwrap_or(word) } else { word };
        let parts: Vec<&str> = word.split(mark).collect();
        match *parts {
            [day] => self.next_day_of_month(number(day)?),
            [year, month, day] if year.len() == 4 => self.day_in(number(day)?, number(month)?, Some(read_year(year)?)),
            [first, second] | [first, second, _] => {
                let (first, second) = (number(first)?, number(second)?);
                let (day, month) = if self.day_first { (first, second) } else { (second, first) };
                let year = parts.get(2).map(|year| read_year(year)).transpose()?;
                self.day_in(day, month, year)
            }
            _ => Err(DepartureError::Unreadable),
        }
    }

    /// That day of that month; without a year the next one, but not one that was over only lately.
    fn day_in(&self, day: i32, month: i32, year: Option<i16>) -> Result<Date, DepartureError> {
        let today = self.today();
        let in_year = |year| new_date(year, month, day);
        let Some(year) = year else {
            let this_year = in_year(today.year());
            return match this_year {
                Ok(date) if date >= today || days_between(date, today) <= RECENT_DAYS => Ok(date),
                // 29 February may be there next year.
                _ => in_year(today.year() + 1),
            };
        };
        if year > today.year() + MOST_YEARS {
            return Err(DepartureError::TooFar);
        }
        in_year(year)
    }

    /// That day of this month, or of the next where it is over. A month that lacks it is not passed over.
    fn next_day_of_month(&self, day: i32) -> Result<Date, DepartureError> {
        let today = self.today();
        let this = new_date(today.year(), i32::from(today.month()), day)?;
        if this >= today {
            return Ok(this);
        }
        let next = today.first_of_month().checked_add(1.month()).map_err(|_| DepartureError::TooFar)?;
        new_date(next.year(), i32::from(next.month()), day)
    }

    /// The next such day; today, while its hour is still ahead.
    fn next_weekday(&self, weekday: Weekday, hour: Time) -> Result<Date, DepartureError> {
        let today = self.today();
        let ahead = i32::from(today.weekday().until(weekday));
        if ahead == 0 && self.end(today, hour).is_err() { later(today, 7) } else { later(today, ahead) }
    }

    fn end(&self, day: Date, hour: Time) -> Result<Departure, DepartureError> {
        let end = self.zone.to_ambiguous_zoned_datetime(day.to_datetime(hour));
        if matches!(end.offset(), AmbiguousOffset::Gap { .. }) {
            return Err(DepartureError::SkippedHour);
        }
        // Of an hour that comes twice the first is meant.
        let end = end.compatible().map_err(|_| DepartureError::NoSuchDay)?;
        if end.timestamp() <= self.now { Err(DepartureError::Past) } else { Ok(Departure::At(end)) }
    }
}

/// A number of digits alone: `++3` and `-3` are none.
fn number(text: &str) -> Result<i32, DepartureError> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err(DepartureError::Unreadable);
    }
    text.parse().map_err(|_| DepartureError::TooFar)
}

fn read_hour(text: &str) -> Result<Time, DepartureError> {
    let (hour, minute) = text.split_once(':').ok_or(DepartureError::Unreadable)?;
    if minute.len() != 2 {
        return Err(DepartureError::Unreadable);
    }
    let part = |text| number(text).and_then(|number| i8::try_from(number).map_err(|_| DepartureError::NoSuchDay));
    Time::new(part(hour)?, part(minute)?, 0, 0).map_err(|_| DepartureError::NoSuchDay)
}

fn read_year(text: &str) -> Result<i16, DepartureError> {
    let year = number(text)?;
    match text.len() {
        2 => i16::try_from(2000 + year).map_err(|_| DepartureError::Unreadable),
        4 => i16::try_from(year).map_err(|_| DepartureError::Unreadable),
        _ => Err(DepartureError::Unreadable),
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    let word = word.trim_end_matches('.');
    let fits = |name: &str| word.len() >= 2 && name.starts_with(word);
    WEEKDAYS.iter().find(|(name, _)| fits(name)).map(|(_, weekday)| *weekday)
}

/// The number of a month, from 1 on.
fn month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches(['.', ',']);
    let fits = |name: &&str| word.len() >= 3 && (name.starts_with(word) || (**name == *"september" && word == "sept"));
    MONTHS.iter().zip(1..).find(|(name, _)| fits(name)).map(|(_, number)| number)
}

fn new_date(year: i16, month: i32, day: i32) -> Result<Date, DepartureError> {
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return Err(DepartureError::NoSuchDay) };
    Date::new(year, month, day).map_err(|_| DepartureError::NoSuchDay)
}

fn later(day: Date, nights: i32) -> Result<Date, DepartureError> {
    if nights > MOST_NIGHTS {
        return Err(DepartureError::TooFar);
    }
    day.checked_add(nights.days()).map_err(|_| DepartureError::TooFar)
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

/// Nights from today to a departure, as a guest counts them; the days of the calendar, not spans of 24 hours.
pub fn nights(end: &ZonedDateTime, now: Timestamp) -> i32 {
    let today = now.to_zoned_datetime(end.time_zone().clone()).date();
    today.until(end.date()).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A Tuesday.
    const NOW: &str = "2026-11-24T13:32:00Z";

    fn read_as(
        text: &str,
        now: &str,
        zone: &str,
        present: Option<&str>,
        day_first: bool,
    ) -> Result<String, DepartureError> {
        let zone = TimeZone::get(zone).unwrap();
        let reader = DepartureReader {
            now: now.parse().unwrap(),
            zone: &zone,
            check_out: Time::constant(11, 0, 0, 0),
            day_first,
            present: present.map(|end| end.parse().unwrap()),
        };
        Ok(match reader.read(text)? {
            Departure::NotTyped => "not typed".to_owned(),
            Departure::Never => "never".to_owned(),
            Departure::At(end) => end.strftime("%Y-%m-%d %H:%M").to_string(),
        })
    }

    fn read(text: &str) -> Result<String, DepartureError> {
        read_as(text, NOW, "Europe/Berlin", None, true)
    }

    #[test]
    fn what_people_say_is_read() {
        for (text, end) in [
            (" ", "not typed"),
            ("Never", "never"),
            ("4", "2026-11-28 11:00"),
            ("14", "2026-12-08 11:00"),
            ("28", "2026-11-28 11:00"),
            ("15", "2026-12-15 11:00"),
            ("28.", "2026-11-28 11:00"),
            ("3.", "2026-12-03 11:00"),
            ("28.11", "2026-11-28 11:00"),
            ("28.11.", "2026-11-28 11:00"),
            ("28.11.26", "2026-11-28 11:00"),
            ("28/11/2026 16:00", "2026-11-28 16:00"),
            ("28-11", "2026-11-28 11:00"),
            ("28 Nov", "2026-11-28 11:00"),
            ("28. november 2026", "2026-11-28 11:00"),
            ("Nov 28, 2026", "2026-11-28 11:00"),
            ("3.1", "2027-01-03 11:00"),
            ("fri", "2026-11-27 11:00"),
            ("FR 9:30", "2026-11-27 09:30"),
            ("tuesday", "2026-12-01 11:00"),
            ("tue 16:00", "2026-11-24 16:00"),
            ("tomorrow", "2026-11-25 11:00"),
            ("today 18:00", "2026-11-24 18:00"),
            ("+1", "2026-11-25 11:00"),
            ("+2 16:00", "2026-11-26 16:00"),
            ("16:00", "2026-11-24 16:00"),
            ("2026-11-28", "2026-11-28 11:00"),
            ("2026-11-28  09:30", "2026-11-28 09:30"),
            ("2026-11-28T09:30", "2026-11-28 09:30"),
            ("+365", "2027-11-24 11:00"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(end), "{text}");
        }
    }

    #[test]
    fn a_stay_that_is_there_is_counted_on_from() {
        let with = |text, present| read_as(text, NOW, "Europe/Berlin", Some(present), true);
        let saturday = "2026-11-28T10:00:00Z";
        assert_eq!(with("+1", saturday).as_deref(), Ok("2026-11-29 11:00"));
        assert_eq!(with("16:00", saturday).as_deref(), Ok("2026-11-28 16:00"));
        assert_eq!(with("+1", "2026-11-28T15:00:00Z").as_deref(), Ok("2026-11-29 16:00"), "the late hour stays");
        assert_eq!(with("3", saturday).as_deref(), Ok("2026-11-27 11:00"), "a bare number counts from today");
        assert_eq!(with("+1", "2026-11-20T10:00:00Z").as_deref(), Ok("2026-11-25 11:00"), "one that is over");
    }

    #[test]
    fn month_and_day_stand_as_the_hotel_writes_them() {
        let read = |text| read_as(text, NOW, "America/New_York", None, false);
        assert_eq!(read("12/3").as_deref(), Ok("2026-12-03 11:00"));
        assert_eq!(read("28/11"), Err(DepartureError::NoSuchDay));
    }

    #[test]
    fn what_can_not_be_is_refused() {
        use DepartureError::{NoSuchDay, Past, TooFar, Unreadable};
        for (text, error) in [
            ("soon", Unreadable),
            ("+x", Unreadable),
            ("++3", Unreadable),
            ("-3", Unreadable),
            ("+ 3", Unreadable),
            ("2026-11-28 11", Unreadable),
            ("28 foo", Unreadable),
            ("28.11.2026.1", Unreadable),
            ("16:0", Unreadable),
            ("11:00 fri", Unreadable),
            ("31", NoSuchDay),
            ("31.", NoSuchDay),
            ("45", NoSuchDay),
            ("31 feb", NoSuchDay),
            ("0.11", NoSuchDay),
            ("2026-02-30", NoSuchDay),
            ("2026-13-300", NoSuchDay),
            ("fri 25:00", NoSuchDay),
            ("24:00", NoSuchDay),
            ("0", Past),
            ("9:00", Past),
            ("23.11", Past),
            ("2026-11-23", Past),
            ("+366", TooFar),
            ("+99999999999", TooFar),
            ("2126-11-28", TooFar),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
    }

    #[test]
    fn an_hour_that_the_clock_skips_is_no_hour() {
        let read = |text| read_as(text, "2027-03-25T12:00:00Z", "Europe/Madrid", None, true);
        assert_eq!(read("2027-03-28 02:30"), Err(DepartureError::SkippedHour));
        assert_eq!(read("sun 2:00"), Err(DepartureError::SkippedHour));
        assert_eq!(read("sun 3:00").as_deref(), Ok("2027-03-28 03:00"));
        assert_eq!(read("31 oct 2:30").as_deref(), Ok("2027-10-31 02:30"), "the first of two");
    }

    #[test]
    fn nights_are_counted_in_days_not_hours() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let end = "2026-11-28T11:00:00+01:00[Europe/Berlin]".parse().unwrap();
        assert_eq!(nights(&end, "2026-11-24T22:50:00Z".parse().unwrap()), 4);
        assert_eq!(zone, *end.time_zone());
    }

    proptest! {
        #[test]
        fn whatever_is_read_lies_ahead_at_the_hour_that_was_typed(
            text in "(\\+?[0-9]{1,3}|[0-9]{1,2}[./-][0-9]{1,2}[.]?|mon|sunday|today|[0-9]{1,2} (jan|feb|oct))( [0-9]{1,2}:[0-9]{2})?",
            second in 1_750_000_000_i64..1_900_000_000,
            zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let now = Timestamp::from_second(second).unwrap();
            let check_out = Time::constant(11, 0, 0, 0);
            let reader = DepartureReader { now, zone: &zone, check_out, day_first: true, present: None };
            if let Ok(Departure::At(end)) = reader.read(&text) {
                prop_assert!(end.timestamp() > now);
                let hour = text.split_once(' ').map(|(_, rest)| rest.split(' ').next_back().unwrap()).filter(|t| t.contains(':'));
                let typed = hour.map_or(check_out, |hour| read_hour(hour).unwrap());
                prop_assert_eq!(end.time(), typed);
                prop_assert!(nights(&end, now) <= 366);
            }
        }

        #[test]
        fn no_text_is_too_odd(text in ".{0,30}") {
            let _ = read(&text);
        }
    }
}
