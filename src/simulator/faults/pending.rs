//! The faults that wait for calls, and the choice of the one that a call meets.

use serde::Serialize;

use super::super::params::Params;
use super::{CallFault, FaultEffect};

/// A fault that waits for calls, with its counts so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PendingFault {
    /// Its id, counted from 1 since the start of the simulator.
    pub id: u64,
    /// The fault as it was added.
    #[serde(flatten)]
    pub fault: CallFault,
    /// How many calls it has counted.
    pub seen: u32,
    /// How many of those calls it struck.
    pub struck: u32,
}

/// All faults, in the order in which they were added.
#[derive(Default)]
pub struct PendingFaults {
    added: u64,
    pending: Vec<PendingFault>,
}

impl PendingFaults {
    pub fn add(&mut self, fault: CallFault) -> u64 {
        self.added += 1;
        self.pending.push(PendingFault { id: self.added, fault, seen: 0, struck: 0 });
        self.added
    }

    /// Removes a fault; whether it was still there.
    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.pending.len();
        self.pending.retain(|row| row.id != id);
        self.pending.len() < before
    }

    /// Removes all and returns how many there were.
    pub fn clear(&mut self) -> usize {
        std::mem::take(&mut self.pending).len()
    }

    pub fn list(&self) -> &[PendingFault] {
        &self.pending
    }

    /// The effect of the one fault that this call meets, if any. Of the faults that are due, the oldest with a limited
    /// number of calls comes first, then the oldest without a limit; the others stay due for their next call.
    pub fn effect_on_call(&mut self, path: &str, params: &Params) -> Option<FaultEffect> {
        let mut due: Option<(usize, bool)> = None;
        for (place, row) in self.pending.iter_mut().enumerate() {
            let fault = &row.fault;
            if fault.path.as_deref().is_some_and(|wanted| wanted != path) || !fault.effect.is_about(params) {
                continue;
            }
            row.seen = row.seen.saturating_add(1);
            let is_due = row.seen >= fault.nth;
            let ends = fault.times.is_some();
            if is_due && due.is_none_or(|(_, other_ends)| ends && !other_ends) {
                due = Some((place, ends));
            }
        }
        let (place, _) = due?;
        let row = &mut self.pending[place];
        row.struck = row.struck.saturating_add(1);
        let effect = row.fault.effect.clone();
        if row.fault.times.is_some_and(|times| row.struck >= times) {
            self.pending.remove(place);
        }
        Some(effect)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::params::{Kind, Param, optional};
    use super::*;

    const CREATE: &str = "/acs/users/create";
    const GET: &str = "/acs/users/get";

    const SPEC: &[Param] = &[optional("acs_credential_id", Kind::Id)];

    fn params(credential: bool) -> Params {
        let id = json!("11111111-1111-4111-8111-111111111111");
        let given = if credential { json!({ "acs_credential_id": id }) } else { json!({}) };
        Params::check(SPEC, given.as_object().unwrap()).unwrap()
    }

    /// The names of the effects that calls of these paths meet.
    fn met(pending: &mut PendingFaults, paths: &[&str]) -> Vec<Option<&'static str>> {
        paths.iter().map(|path| pending.effect_on_call(path, &params(false)).map(|effect| effect.name())).collect()
    }

    fn pending(faults: impl IntoIterator<Item = CallFault>) -> PendingFaults {
        let mut pending = PendingFaults::default();
        for fault in faults {
            pending.add(fault);
        }
        pending
    }

    #[test]
    fn a_fault_strikes_once_and_only_its_path() {
        let mut pending = pending([CallFault::new(FaultEffect::Reset).on(CREATE)]);
        assert_eq!(met(&mut pending, &[GET, CREATE, CREATE]), [None, Some("reset"), None]);
        assert!(pending.list().is_empty());
    }

    #[test]
    fn the_nth_call_several_calls_and_every_call() {
        let mut third = pending([CallFault::new(FaultEffect::Reset).on(CREATE).nth(3)]);
        assert_eq!(met(&mut third, &[CREATE, GET, CREATE, CREATE, CREATE]), [None, None, None, Some("reset"), None]);
        let mut two = pending([CallFault::new(FaultEffect::Reset).nth(2).times(2)]);
        assert_eq!(met(&mut two, &[GET, CREATE, GET, GET]), [None, Some("reset"), Some("reset"), None]);
        let mut every = pending([CallFault::new(FaultEffect::Reset).nth(2).every()]);
        assert_eq!(met(&mut every, &[GET; 4]), [None, Some("reset"), Some("reset"), Some("reset")]);
        assert_eq!((every.list()[0].seen, every.list()[0].struck), (4, 3));
        assert!(every.remove(1) && !every.remove(1));
        assert_eq!(met(&mut every, &[GET]), [None]);
    }

    #[test]
    fn one_fault_a_call_and_those_for_every_call_come_last() {
        let mut pending = pending([
            CallFault::new(FaultEffect::CutAnswer).every(),
            CallFault::new(FaultEffect::Reset),
            CallFault::new(FaultEffect::Hold),
            CallFault::new(FaultEffect::DropAfterCommit).nth(2),
        ]);
        let expected = ["reset", "hold", "drop_after_commit", "cut_answer"].map(Some);
        assert_eq!(met(&mut pending, &[GET; 4]), expected);
        assert_eq!(pending.clear(), 1);
    }

    #[test]
    fn a_revoked_key_stays_revoked() {
        let mut pending = pending([CallFault::new(FaultEffect::Unauthorized)]);
        assert_eq!(met(&mut pending, &[GET, CREATE]), [Some("unauthorized"); 2]);
    }

    #[test]
    fn a_deletion_waits_for_a_call_that_names_what_is_deleted() {
        let mut pending =
            pending([CallFault::new(FaultEffect::CredentialDeleted), CallFault::new(FaultEffect::EncoderGone)]);
        assert_eq!(met(&mut pending, &[GET]), [None]);
        assert_eq!(pending.list()[0].seen, 0);
        assert_eq!(pending.effect_on_call(GET, &params(true)), Some(FaultEffect::CredentialDeleted));
        assert_eq!(pending.effect_on_call(GET, &params(true)), None);
    }
}
