//! Days, hours and spans, short and local.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

use crate::seam::types::EndsAt;

/// "Sat 28 Nov 11:00", with the year when it isn't this one.
pub fn day_hour(at: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let (end, now) = (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()));
    let pattern = if end.year() == now.year() { "%a %-d %b %H:%M" } else { "%a %-d %b %Y %H:%M" };
    end.strftime(pattern).to_string()
}

/// "10:39" on the same day, else "Sat 28 Nov 10:39".
#[must_use]
pub fn moment(at: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let is_today = at.to_zoned_datetime(zone.clone()).date() == now.to_zoned_datetime(zone.clone()).date();
    if is_today { hour(at, zone) } else { day_hour(at, zone, now) }
}

/// "10:39" on the same day, else "28 Nov".
pub fn hour_or_day(at: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let day = |at: Timestamp| zone.to_datetime(at).date();
    zone.to_datetime(at).strftime(if day(at) == day(now) { "%H:%M" } else { "%-d %b" }).to_string()
}

/// A departure as it is typed into a form: "2026-11-28 11:00".
#[must_use]
pub fn typed_end(end: Timestamp, zone: &TimeZone) -> String {
    end.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// "Sat 28 Nov 2026, 11:00".
pub fn full_day(end: &ZonedDateTime) -> String {
    end.strftime("%a %-d %b %Y, %H:%M").to_string()
}

/// "14:32:10".
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// "14:32".
pub fn hour(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%H:%M").to_string()
}

/// "0:06", "12:40", "1:02:03".
pub fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A date that can't be read: whether there is an end is not known.
const END_NOT_KNOWN: &str = "end not known";

const NO_END: &str = "no end date";

/// "Sat 28 Nov 11:00", "no end date", or "end not known".
pub fn end(end: EndsAt, zone: &TimeZone, now: Timestamp) -> String {
    match end {
        EndsAt::At(end) => day_hour(end, zone, now),
        EndsAt::Never => NO_END.to_owned(),
        EndsAt::NotKnown => END_NOT_KNOWN.to_owned(),
    }
}

/// An end in at most nine cells: "11:00" today, "Sat 28" within a week, or "Sat 16:00" at an hour that is not the usual
/// one; else "2 Dec" or "2 Jan 27".
pub fn short_end(end: EndsAt, zone: &TimeZone, now: Timestamp, usual: Time) -> String {
    let end = match end {
        EndsAt::At(end) => end.to_zoned_datetime(zone.clone()),
        EndsAt::Never => return "no end".to_owned(),
        EndsAt::NotKnown => return "not known".to_owned(),
    };
    let today = now.to_zoned_datetime(zone.clone()).date();
    let days = today.until(end.date()).map_or(i32::MAX, |span| span.get_days());
    let pattern = match days {
        0 => "%H:%M",
        1..7 if end.time() == usual => "%a %-d",
        1..7 => "%a %H:%M",
        _ if end.year() == today.year() => "%-d %b",
        _ => "%-d %b %y",
    };
    end.strftime(pattern).to_string()
}

/// "until Sat 28 Nov 11:00", "ended Sat 28 Nov 11:00", "no end date", or "end not known".
pub fn until(end: EndsAt, zone: &TimeZone, now: Timestamp) -> String {
    match end {
        EndsAt::At(end) if end <= now => format!("ended {}", day_hour(end, zone, now)),
        EndsAt::At(end) => format!("until {}", day_hour(end, zone, now)),
        EndsAt::Never => NO_END.to_owned(),
        EndsAt::NotKnown => END_NOT_KNOWN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_local() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now = "2026-11-24T13:32:10Z".parse().unwrap();
        assert_eq!(until(EndsAt::At("2026-11-28T10:00:00Z".parse().unwrap()), &zone, now), "until Sat 28 Nov 11:00");
        assert_eq!(
            until(EndsAt::At("2027-01-02T10:00:00Z".parse().unwrap()), &zone, now),
            "until Sat 2 Jan 2027 11:00"
        );
        assert_eq!(until(EndsAt::At("2026-11-01T10:00:00Z".parse().unwrap()), &zone, now), "ended Sun 1 Nov 11:00");
        assert_eq!(until(EndsAt::Never, &zone, now), "no end date");
        assert_eq!(until(EndsAt::NotKnown, &zone, now), "end not known");
        let short = |end: &str| short_end(EndsAt::At(end.parse().unwrap()), &zone, now, Time::constant(11, 0, 0, 0));
        for (end, said) in [
            ("2026-11-24T10:00:00Z", "11:00"),
            ("2026-11-24T16:00:00Z", "17:00"),
            ("2026-11-28T10:00:00Z", "Sat 28"),
            ("2026-11-28T15:00:00Z", "Sat 16:00"),
            ("2026-11-30T23:30:00Z", "1 Dec"),
            ("2026-11-23T10:00:00Z", "23 Nov"),
            ("2027-01-02T10:00:00Z", "2 Jan 27"),
        ] {
            assert_eq!(short(end), said);
        }
        let other = |end| short_end(end, &zone, now, Time::constant(11, 0, 0, 0));
        assert_eq!((other(EndsAt::Never).as_str(), other(EndsAt::NotKnown).as_str()), ("no end", "not known"));
        assert_eq!(clock(now, &zone), "14:32:10");
        assert_eq!(span(SignedDuration::from_secs(6)), "0:06");
        assert_eq!(span(SignedDuration::from_secs(3723)), "1:02:03");
    }
}
