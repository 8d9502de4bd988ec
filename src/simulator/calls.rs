//! The log of received calls, and the calls that a fault holds.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// How many calls the log keeps. The counts by path cover all calls since the start.
const REMEMBERED: usize = 10_000;

/// A call that was received. The simulator's own calls (`/_sim/…`) are not logged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoggedCall {
    /// Its number, counted from 1 in the order of arrival.
    pub call: u64,
    /// The HTTP verb, such as `POST`.
    pub verb: String,
    /// The path, such as `/acs/users/create`.
    pub path: String,
    /// When it arrived, by the wall clock.
    pub at: Timestamp,
    /// Its parameters as they were given; `null` when they could not be read.
    pub params: Value,
    /// The name of the fault that it met, if any.
    pub fault: Option<&'static str>,
    /// Whether it was acted on, and not refused.
    pub acted: bool,
    /// The HTTP status of the answer; `None` as long as it is not answered, also when its connection was reset.
    pub status: Option<u16>,
}

/// How many calls of a path there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallCount {
    /// How many were received.
    pub received: u64,
    /// How many of them were acted on, and not refused.
    pub acted: u64,
}

/// A call that is being held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldCall {
    /// Its number in the log.
    pub call: u64,
    /// The path of the call that is held.
    pub path: String,
    /// The name of the fault that holds it.
    pub fault: &'static str,
    /// Since when it is held.
    pub since: Timestamp,
    /// Whether its caller has closed or lost the connection.
    pub given_up: bool,
    /// Whether it was acted on already, so that only the answer is held.
    pub acted: bool,
}

/// What happens to a held call when it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// It goes on: it is acted on, and answered if its caller still waits.
    GoOn,
    /// It is lost: it is not acted on, and its connection is reset.
    Lose,
}

#[derive(Default)]
pub struct CallLog {
    received: u64,
    log: VecDeque<LoggedCall>,
    counts: BTreeMap<String, CallCount>,
    held: BTreeMap<u64, (HeldCall, Option<Release>)>,
}

impl CallLog {
    /// Logs a received call and returns its number.
    pub fn received(
        &mut self,
        verb: &str,
        path: &str,
        params: Value,
        at: Timestamp,
        fault: Option<&'static str>,
    ) -> u64 {
        self.received += 1;
        if self.log.len() == REMEMBERED {
            self.log.pop_front();
        }
        let (verb, path) = (verb.to_owned(), path.to_owned());
        self.counts.entry(path.clone()).or_default().received += 1;
        self.log.push_back(LoggedCall {
            call: self.received,
            verb,
            path,
            at,
            params,
            fault,
            acted: false,
            status: None,
        });
        self.received
    }

    /// Notes that a call was acted on.
    pub fn acted(&mut self, number: u64) {
        if let Some((held, _)) = self.held.get_mut(&number) {
            held.acted = true;
        }
        let Some(row) = self.row(number) else { return };
        row.acted = true;
        let path = row.path.clone();
        self.counts.entry(path).or_default().acted += 1;
    }

    /// Notes the status with which a call is about to be answered.
    pub fn answered(&mut self, number: u64, status: u16) {
        if let Some(row) = self.row(number) {
            row.status = Some(status);
        }
    }

    /// The log entry of a call; `None` when the log no longer keeps it.
    fn row(&mut self, number: u64) -> Option<&mut LoggedCall> {
        let first = self.log.front()?.call;
        self.log.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The logged calls, oldest first.
    pub fn log(&self) -> impl Iterator<Item = &LoggedCall> {
        self.log.iter()
    }

    pub fn counts(&self) -> &BTreeMap<String, CallCount> {
        &self.counts
    }

    /// Begins to hold a call.
    pub fn hold(&mut self, number: u64, now: Timestamp) {
        let Some(row) = self.row(number) else { return };
        let (path, fault) = (row.path.clone(), row.fault.unwrap_or_default());
        let held = HeldCall { call: number, path, fault, since: now, given_up: false, acted: row.acted };
        self.held.insert(number, (held, None));
    }

    /// Notes that the caller of a held call has closed or lost its connection.
    pub fn given_up(&mut self, number: u64) {
        if let Some((held, _)) = self.held.get_mut(&number) {
            held.given_up = true;
        }
    }

    /// The calls that are held and not released yet, oldest first.
    pub fn held(&self) -> impl Iterator<Item = &HeldCall> {
        self.held.values().filter(|(_, release)| release.is_none()).map(|(held, _)| held)
    }

    /// Releases one call, or all when `only` is `None`, and returns how many that were.
    pub fn release(&mut self, only: Option<u64>, how: Release) -> usize {
        let mut released = 0;
        for (held, release) in self.held.values_mut() {
            if release.is_none() && only.is_none_or(|only| only == held.call) {
                *release = Some(how);
                released += 1;
            }
        }
        released
    }

    /// How a held call was released; `None` while it is held. An unknown call counts as lost.
    pub fn decided(&self, number: u64) -> Option<Release> {
        self.held.get(&number).map_or(Some(Release::Lose), |(_, release)| *release)
    }

    /// Forgets a held call after it was acted on or dropped.
    pub fn remove_held(&mut self, number: u64) {
        self.held.remove(&number);
    }

    /// Whether no released call is still to be acted on.
    pub fn all_released_ended(&self) -> bool {
        self.held.values().all(|(_, release)| release.is_none())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn receive(calls: &mut CallLog, path: &str) -> u64 {
        calls.received("POST", path, json!({}), Timestamp::UNIX_EPOCH, Some("hold"))
    }

    #[test]
    fn the_log_forgets_the_oldest_and_the_counts_go_on() {
        let mut calls = CallLog::default();
        for _ in 0..REMEMBERED + 5 {
            let number = receive(&mut calls, "/a");
            calls.acted(number);
        }
        let number = receive(&mut calls, "/b");
        calls.acted(1);
        calls.answered(number, 200);
        assert_eq!((calls.log().count(), calls.log().next().unwrap().call), (REMEMBERED, 7));
        let last = calls.log().last().unwrap();
        assert_eq!((last.call, last.acted, last.status), (10_006, false, Some(200)));
        assert_eq!(calls.counts()["/a"], CallCount { received: 10_005, acted: 10_005 });
        assert_eq!(calls.counts()["/b"], CallCount { received: 1, acted: 0 });
    }

    #[test]
    fn held_calls_are_released_one_by_one_or_all() {
        let mut calls = CallLog::default();
        let [one, two, three] = [(); 3].map(|()| receive(&mut calls, "/a"));
        for number in [one, two, three] {
            calls.hold(number, Timestamp::UNIX_EPOCH);
        }
        calls.given_up(one);
        let told: Vec<_> = calls.held().map(|held| (held.call, held.given_up)).collect();
        assert_eq!(told, [(one, true), (two, false), (three, false)]);
        assert_eq!((calls.decided(two), calls.all_released_ended()), (None, true));
        assert_eq!(calls.release(Some(two), Release::Lose), 1);
        assert_eq!((calls.decided(two), calls.all_released_ended()), (Some(Release::Lose), false));
        assert_eq!(calls.release(None, Release::GoOn), 2);
        assert_eq!((calls.release(None, Release::Lose), calls.held().count()), (0, 0));
        assert_eq!(calls.decided(one), Some(Release::GoOn));
        for number in [one, two, three] {
            calls.remove_held(number);
        }
        assert!(calls.all_released_ended());
        assert_eq!(calls.decided(one), Some(Release::Lose));
    }
}
