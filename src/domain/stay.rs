//! Days and times as the desk reads and writes them, in the hotel's zone.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};

/// What is wrong with a departure that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenError {
    /// It can't be read.
    Unreadable,
    /// There is no such day or hour.
    NoSuchDay,
    /// It lies in the past.
    Past,
    /// It lies more than ten years ahead: surely a slip.
    TooFar,
}

/// Reads a departure: nothing (no end date), `+3` (nights), `2026-11-28`, `2026-11-28 11:00`. Without an hour it is
/// the check-out hour.
///
/// # Errors
/// What is wrong with it.
pub fn departure(
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
    check_out: Time,
) -> Result<Option<ZonedDateTime>, WhenError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let today = now.to_zoned_datetime(zone.clone()).date();
    let (day, hour) = if let Some(nights) = text.strip_prefix('+') {
        let nights: i32 = nights.trim().parse().map_err(|_| WhenError::Unreadable)?;
        if !(0..=3650).contains(&nights) {
            return Err(WhenError::TooFar);
        }
        (today.checked_add(nights.days()).map_err(|_| WhenError::TooFar)?, check_out)
    } else {
        let (day, hour) = text.split_once(|c: char| c.is_whitespace() || c == 'T').unwrap_or((text, ""));
        let hour = if hour.trim().is_empty() { check_out } else { read_hour(hour.trim())? };
        (read_day(day)?, hour)
    };
    let end = day.to_datetime(hour).to_zoned_datetime(zone.clone()).map_err(|_| WhenError::NoSuchDay)?;
    if end.timestamp() <= now {
        return Err(WhenError::Past);
    }
    if end.date().year() > today.year() + 10 {
        return Err(WhenError::TooFar);
    }
    Ok(Some(end))
}

fn read_day(text: &str) -> Result<Date, WhenError> {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(WhenError::Unreadable);
    };
    if year.len() != 4 {
        return Err(WhenError::Unreadable);
    }
    let number = |part: &str| part.parse::<i16>().map_err(|_| WhenError::Unreadable);
    let (month, day) = (number(month)?, number(day)?);
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return Err(WhenError::NoSuchDay) };
    Date::new(number(year)?, month, day).map_err(|_| WhenError::NoSuchDay)
}

fn read_hour(text: &str) -> Result<Time, WhenError> {
    let (hour, minute) = text.split_once(':').ok_or(WhenError::Unreadable)?;
    let number = |part: &str| part.parse::<i8>().map_err(|_| WhenError::Unreadable);
    Time::new(number(hour)?, number(minute)?, 0, 0).map_err(|_| WhenError::NoSuchDay)
}

/// Nights from today to a departure, as a guest counts them.
pub fn nights(end: &ZonedDateTime, now: Timestamp) -> i32 {
    let today = now.to_zoned_datetime(end.time_zone().clone()).date();
    today.until(end.date()).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, WhenError> {
        let now = "2026-11-24T13:32:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        departure(text, now, &zone, Time::constant(11, 0, 0, 0)).map(|end| end.map(|end| end.to_string()))
    }

    #[test]
    fn what_people_type_is_read() {
        assert_eq!(read(" "), Ok(None));
        let saturday = Ok(Some("2026-11-28T11:00:00+01:00[Europe/Berlin]".to_owned()));
        assert_eq!(read("+4"), saturday);
        assert_eq!(read("2026-11-28"), saturday);
        assert_eq!(read("2026-11-28  09:30"), Ok(Some("2026-11-28T09:30:00+01:00[Europe/Berlin]".to_owned())));
    }

    #[test]
    fn what_can_not_be_is_refused() {
        for (text, error) in [
            ("soon", WhenError::Unreadable),
            ("28.11.", WhenError::Unreadable),
            ("+x", WhenError::Unreadable),
            ("26-11-28", WhenError::Unreadable),
            ("2026-11-28 11", WhenError::Unreadable),
            ("2026-02-30", WhenError::NoSuchDay),
            ("2026-13-300", WhenError::NoSuchDay),
            ("2026-11-28 25:00", WhenError::NoSuchDay),
            ("2026-11-23", WhenError::Past),
            ("+0", WhenError::Past),
            ("2126-11-28", WhenError::TooFar),
            ("+99999", WhenError::TooFar),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
    }

    #[test]
    fn nights_are_counted_in_days_not_hours() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now = "2026-11-24T22:50:00Z".parse().unwrap();
        let end = departure("+3", now, &zone, Time::constant(11, 0, 0, 0)).unwrap().unwrap();
        assert_eq!(nights(&end, now), 3);
    }
}
