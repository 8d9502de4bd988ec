//! The way through the list of events, which has no cursor: looks overlap, and what was seen is dropped.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::seam::types::{EventId, SeamEvent};

/// How far a look reaches back behind the newest event that is known: events may be listed late.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// How far a clock may be wrong that was not compared with the server's: a day, and some.
const CLOCK_OFF: SignedDuration = SignedDuration::from_hours(26);

/// Rows of a list that a server cut off: there are more. The contract's bound where none is asked for.
const FULL: usize = 500;

/// Ids that are kept at most, whatever a server lists.
const MOST: usize = 4 * FULL;

/// Which events were seen, and from when on the next look asks.
#[derive(Debug)]
pub struct EventTrail {
    since: Timestamp,
    newest: Option<Timestamp>,
    seen: HashMap<EventId, Timestamp>,
    // What happened before the first look is in the lists, which are read after it began.
    is_caught_up: bool,
}

impl EventTrail {
    /// Nothing was looked at yet. `now` is the time by the server's clock where that is known, else by this PC's, which
    /// may be wrong: then the first look reaches back further. Later looks go by the times of events.
    pub fn new(now: Timestamp, is_servers: bool) -> Self {
        let since = now.saturating_sub(clock_off(is_servers)).unwrap_or(Timestamp::MIN);
        Self { since, newest: None, seen: HashMap::new(), is_caught_up: false }
    }

    /// From when on the next look asks, by the server's clock once an event was seen.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Takes in what a look listed, in any order, and gives what is new: nothing before the trail has caught up. A time
    /// that lies further ahead of `now` than a clock can be wrong is no time. `is_servers` is as for [`Self::new`].
    pub fn take(&mut self, now: Timestamp, is_servers: bool, listed: Vec<SeamEvent>) -> Vec<SeamEvent> {
        let is_full = listed.len() >= FULL;
        let latest = now.saturating_add(clock_off(is_servers)).unwrap_or(Timestamp::MAX);
        let time = |event: &SeamEvent| event.created_at.or(event.occurred_at).filter(|at| *at <= latest);
        self.newest = listed.iter().filter_map(time).chain(self.newest).max();
        let fallback = self.newest.unwrap_or(self.since);
        let mut fresh = Vec::new();
        for event in listed {
            let at = time(&event).unwrap_or(fallback);
            if self.seen.insert(event.event_id.clone(), at).is_none() {
                fresh.push(event);
            }
        }
        if let Some(newest) = self.newest {
            // A full list may have been cut off: the next look begins where this one ended.
            let back = match (is_full, fresh.is_empty()) {
                (false, _) => OVERLAP,
                (true, false) => SignedDuration::ZERO,
                (true, true) => SignedDuration::from_millis(-1),
            };
            self.since = newest.saturating_sub(back).unwrap_or(newest);
        }
        let since = self.since;
        self.seen.retain(|_, at| *at >= since);
        if self.seen.len() > MOST {
            self.seen.clear();
        }
        let is_news = self.is_caught_up;
        self.is_caught_up |= !is_full;
        if is_news { fresh } else { Vec::new() }
    }
}

// How far the time of an event may lie from what is taken for the present.
fn clock_off(is_servers: bool) -> SignedDuration {
    if is_servers { OVERLAP } else { CLOCK_OFF }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, at: &str) -> SeamEvent {
        serde_json::from_value(serde_json::json!({"event_id": id, "event_type": "acs_user.created", "created_at": at}))
            .unwrap()
    }

    fn take(trail: &mut EventTrail, listed: Vec<SeamEvent>) -> Vec<SeamEvent> {
        trail.take("2026-11-24T13:00:00Z".parse().unwrap(), false, listed)
    }

    fn ids(events: &[SeamEvent]) -> Vec<&str> {
        events.iter().map(|event| event.event_id.as_str()).collect()
    }

    fn caught_up() -> EventTrail {
        let mut trail = EventTrail::new("2026-11-24T13:00:00Z".parse().unwrap(), false);
        assert!(take(&mut trail, vec![event("a", "2026-11-24T10:00:00Z")]).is_empty(), "the lists have it");
        trail
    }

    #[test]
    fn looks_overlap_by_the_servers_clock_and_doubles_are_dropped() {
        let mut trail = caught_up();
        assert_eq!(trail.since(), "2026-11-24T09:58:00Z".parse().unwrap(), "whatever this PC's clock says");
        let listed = vec![event("b", "2026-11-24T10:00:30Z"), event("a", "2026-11-24T10:00:00Z")];
        assert_eq!(ids(&take(&mut trail, listed.clone())), ["b"]);
        assert!(take(&mut trail, listed).is_empty());
        // Listed late, behind one that is known.
        assert_eq!(ids(&take(&mut trail, vec![event("late", "2026-11-24T09:59:00Z")])), ["late"]);
        assert_eq!(trail.since(), "2026-11-24T09:58:30Z".parse().unwrap());
    }

    #[test]
    fn the_first_look_reaches_back_as_far_as_the_clock_may_be_wrong() {
        let now = "2026-11-24T13:00:00Z".parse().unwrap();
        assert_eq!(EventTrail::new(now, true).since(), "2026-11-24T12:58:00Z".parse().unwrap());
        assert_eq!(EventTrail::new(now, false).since(), "2026-11-23T11:00:00Z".parse().unwrap());
    }

    #[test]
    fn what_is_remembered_stays_small() {
        let mut trail = caught_up();
        for second in 0..10_000_i64 {
            let at = "2026-11-24T10:01:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(second);
            assert_eq!(take(&mut trail, vec![event(&second.to_string(), &at.to_string())]).len(), 1);
        }
        assert!(trail.seen.len() <= 130, "{}", trail.seen.len());
        // Rows without a time can't be told old from new.
        for number in 0..10_000 {
            let row = serde_json::from_value(serde_json::json!({"event_id": format!("odd-{number}")})).unwrap();
            take(&mut trail, vec![row]);
        }
        assert!(trail.seen.len() <= MOST, "{}", trail.seen.len());
    }

    #[test]
    fn a_time_that_can_not_be_is_no_time() {
        let mut trail = caught_up();
        assert_eq!(ids(&take(&mut trail, vec![event("odd", "2099-01-01T00:00:00Z")])), ["odd"]);
        assert_eq!(trail.since(), "2026-11-24T09:58:00Z".parse().unwrap());
    }

    #[test]
    fn an_event_of_tomorrow_makes_nobody_deaf_where_the_servers_clock_is_known() {
        let now = "2026-11-24T13:00:00Z".parse().unwrap();
        let mut trail = EventTrail::new(now, true);
        trail.take(now, true, vec![event("a", "2026-11-24T12:59:50Z")]);
        assert_eq!(ids(&trail.take(now, true, vec![event("odd", "2026-11-25T10:00:00Z")])), ["odd"]);
        assert_eq!(trail.since(), "2026-11-24T12:57:50Z".parse().unwrap());
    }

    #[test]
    fn a_list_that_was_cut_off_is_read_on_and_the_past_is_no_news() {
        let mut trail = EventTrail::new("2026-11-24T13:00:00Z".parse().unwrap(), false);
        let page = |from: usize| (from..from + FULL).map(|n| event(&n.to_string(), "2026-11-24T10:00:00Z")).collect();
        assert!(take(&mut trail, page(0)).is_empty());
        assert_eq!(trail.since(), "2026-11-24T10:00:00Z".parse().unwrap());
        assert!(take(&mut trail, page(0)).is_empty());
        assert!(trail.since() > "2026-11-24T10:00:00Z".parse().unwrap(), "it does not stand still");
        assert!(take(&mut trail, vec![event("last", "2026-11-24T10:00:01Z")]).is_empty());
        assert_eq!(ids(&take(&mut trail, vec![event("new", "2026-11-24T10:00:02Z")])), ["new"]);
    }
}
