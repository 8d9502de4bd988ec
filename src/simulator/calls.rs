//! The calls that came, and those that are being held.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// How many calls are remembered; the counts go on for ever.
const REMEMBERED: usize = 10_000;

/// A call that came. The simulator's own calls (`/_sim/…`) are not among them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Call {
    /// Its number, counted from 1 in the order in which the calls came.
    pub call: u64,
    /// The HTTP verb.
    pub verb: String,
    /// The path.
    pub path: String,
    /// When it came.
    pub at: Timestamp,
    /// Its parameters as they were given; `null` when they could not be read.
    pub params: Value,
    /// The name of the fault that it met.
    pub fault: Option<&'static str>,
    /// Whether it was acted on, and not refused.
    pub acted: bool,
    /// The HTTP status of the answer; `None` while there is none, and for ever if the connection was reset before.
    pub status: Option<u16>,
}

/// How many calls of a path there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// That came.
    pub received: u64,
    /// That were acted on, and not refused.
    pub acted: u64,
}

/// A call that is being held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Its number in the log.
    pub call: u64,
    /// Its path.
    pub path: String,
    /// The name of the fault that holds it.
    pub fault: &'static str,
    /// Since when.
    pub since: Timestamp,
    /// Whether its caller has gone: closed the connection, or lost it.
    pub given_up: bool,
    /// Whether it was acted on already, so that only the answer is held.
    pub acted: bool,
}

/// What becomes of a held call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// It goes on: it is acted on, and answered if its caller still waits.
    GoOn,
    /// It is lost: it is not acted on, and its connection is reset.
    Lose,
}

#[derive(Default)]
pub struct Calls {
    received: u64,
    log: VecDeque<Call>,
    counts: BTreeMap<String, Count>,
    held: BTreeMap<u64, (Held, Option<Release>)>,
}

impl Calls {
    /// Writes down a call that has come; its number.
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
        self.log.push_back(Call { call: self.received, verb, path, at, params, fault, acted: false, status: None });
        self.received
    }

    /// A call has been acted on.
    pub fn acted(&mut self, number: u64) {
        if let Some((held, _)) = self.held.get_mut(&number) {
            held.acted = true;
        }
        let Some(row) = self.row(number) else { return };
        row.acted = true;
        let path = row.path.clone();
        self.counts.entry(path).or_default().acted += 1;
    }

    /// A call is about to be answered.
    pub fn answered(&mut self, number: u64, status: u16) {
        if let Some(row) = self.row(number) {
            row.status = Some(status);
        }
    }

    /// The row of a call, unless it is no longer remembered.
    fn row(&mut self, number: u64) -> Option<&mut Call> {
        let first = self.log.front()?.call;
        self.log.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The calls that are remembered, oldest first.
    pub fn log(&self) -> impl Iterator<Item = &Call> {
        self.log.iter()
    }

    pub fn counts(&self) -> &BTreeMap<String, Count> {
        &self.counts
    }

    /// A call is held from now on.
    pub fn hold(&mut self, number: u64, now: Timestamp) {
        let Some(row) = self.row(number) else { return };
        let (path, fault) = (row.path.clone(), row.fault.unwrap_or_default());
        let held = Held { call: number, path, fault, since: now, given_up: false, acted: row.acted };
        self.held.insert(number, (held, None));
    }

    /// The caller of a held call has gone.
    pub fn given_up(&mut self, number: u64) {
        if let Some((held, _)) = self.held.get_mut(&number) {
            held.given_up = true;
        }
    }

    /// The calls that are held and not released yet, oldest first.
    pub fn held(&self) -> impl Iterator<Item = &Held> {
        self.held.values().filter(|(_, release)| release.is_none()).map(|(held, _)| held)
    }

    /// Releases one call or all; how many were held.
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

    /// What was decided about a held call; one that is unknown is lost.
    pub fn decided(&self, number: u64) -> Option<Release> {
        self.held.get(&number).map_or(Some(Release::Lose), |(_, release)| *release)
    }

    /// A call that was held has gone on.
    pub fn gone_on(&mut self, number: u64) {
        self.held.remove(&number);
    }

    /// Whether every call that was released has gone on.
    pub fn is_settled(&self) -> bool {
        self.held.values().all(|(_, release)| release.is_none())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn receive(calls: &mut Calls, path: &str) -> u64 {
        calls.received("POST", path, json!({}), Timestamp::UNIX_EPOCH, Some("hold"))
    }

    #[test]
    fn the_log_forgets_the_oldest_and_the_counts_go_on() {
        let mut calls = Calls::default();
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
        assert_eq!(calls.counts()["/a"], Count { received: 10_005, acted: 10_005 });
        assert_eq!(calls.counts()["/b"], Count { received: 1, acted: 0 });
    }

    #[test]
    fn held_calls_are_released_one_by_one_or_all() {
        let mut calls = Calls::default();
        let [one, two, three] = [(); 3].map(|()| receive(&mut calls, "/a"));
        for number in [one, two, three] {
            calls.hold(number, Timestamp::UNIX_EPOCH);
        }
        calls.given_up(one);
        let told: Vec<_> = calls.held().map(|held| (held.call, held.given_up)).collect();
        assert_eq!(told, [(one, true), (two, false), (three, false)]);
        assert_eq!((calls.decided(two), calls.is_settled()), (None, true));
        assert_eq!(calls.release(Some(two), Release::Lose), 1);
        assert_eq!((calls.decided(two), calls.is_settled()), (Some(Release::Lose), false));
        assert_eq!(calls.release(None, Release::GoOn), 2);
        assert_eq!((calls.release(None, Release::Lose), calls.held().count()), (0, 0));
        assert_eq!(calls.decided(one), Some(Release::GoOn));
        for number in [one, two, three] {
            calls.gone_on(number);
        }
        assert!(calls.is_settled());
        assert_eq!(calls.decided(one), Some(Release::Lose));
    }
}
