//! The faults that wait, and which of them a call meets.

use super::super::params::Params;
use super::{Effect, Fault};

/// A fault that waits, with what it has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Names it until it is removed; counted from 1.
    pub id: u64,
    /// What was added.
    pub fault: Fault,
    /// How many of its calls came so far.
    pub seen: u32,
    /// How many of them it struck.
    pub struck: u32,
}

/// All faults, in the order in which they were added.
#[derive(Default)]
pub struct Book {
    added: u64,
    standing: Vec<Standing>,
}

impl Book {
    pub fn add(&mut self, fault: Fault) -> u64 {
        self.added += 1;
        self.standing.push(Standing { id: self.added, fault, seen: 0, struck: 0 });
        self.added
    }

    /// Takes a fault away; whether it was still there.
    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.standing.len();
        self.standing.retain(|row| row.id != id);
        self.standing.len() < before
    }

    /// Takes all away; how many there were.
    pub fn clear(&mut self) -> usize {
        std::mem::take(&mut self.standing).len()
    }

    pub fn list(&self) -> &[Standing] {
        &self.standing
    }

    /// What happens to this call: it meets one fault at most. Of those that are due, the oldest that ends by itself goes
    /// first, then the oldest that is for every call; the others are due again at their next call.
    pub fn meet(&mut self, path: &str, params: &Params) -> Option<Effect> {
        let mut due: Option<(usize, bool)> = None;
        for (place, row) in self.standing.iter_mut().enumerate() {
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
        let row = &mut self.standing[place];
        row.struck = row.struck.saturating_add(1);
        let effect = row.fault.effect.clone();
        if row.fault.times.is_some_and(|times| row.struck >= times) {
            self.standing.remove(place);
        }
        Some(effect)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::params::{Kind, Param, may};
    use super::*;

    const CREATE: &str = "/acs/users/create";
    const GET: &str = "/acs/users/get";

    const SPEC: &[Param] = &[may("acs_credential_id", Kind::Id)];

    fn params(credential: bool) -> Params {
        let id = json!("11111111-1111-4111-8111-111111111111");
        let given = if credential { json!({ "acs_credential_id": id }) } else { json!({}) };
        Params::check(SPEC, given.as_object().unwrap()).unwrap()
    }

    /// Which of some calls meet what.
    fn met(book: &mut Book, paths: &[&str]) -> Vec<Option<&'static str>> {
        paths.iter().map(|path| book.meet(path, &params(false)).map(|effect| effect.name())).collect()
    }

    fn book(faults: impl IntoIterator<Item = Fault>) -> Book {
        let mut book = Book::default();
        for fault in faults {
            book.add(fault);
        }
        book
    }

    #[test]
    fn a_fault_strikes_once_and_only_its_path() {
        let mut book = book([Fault::new(Effect::Reset).on(CREATE)]);
        assert_eq!(met(&mut book, &[GET, CREATE, CREATE]), [None, Some("reset"), None]);
        assert!(book.list().is_empty());
    }

    #[test]
    fn the_nth_call_several_calls_and_every_call() {
        let mut third = book([Fault::new(Effect::Reset).on(CREATE).nth(3)]);
        assert_eq!(met(&mut third, &[CREATE, GET, CREATE, CREATE, CREATE]), [None, None, None, Some("reset"), None]);
        let mut two = book([Fault::new(Effect::Reset).nth(2).times(2)]);
        assert_eq!(met(&mut two, &[GET, CREATE, GET, GET]), [None, Some("reset"), Some("reset"), None]);
        let mut every = book([Fault::new(Effect::Reset).nth(2).every()]);
        assert_eq!(met(&mut every, &[GET; 4]), [None, Some("reset"), Some("reset"), Some("reset")]);
        assert_eq!((every.list()[0].seen, every.list()[0].struck), (4, 3));
        assert!(every.remove(1) && !every.remove(1));
        assert_eq!(met(&mut every, &[GET]), [None]);
    }

    #[test]
    fn one_fault_a_call_and_those_for_every_call_come_last() {
        let mut book = book([
            Fault::new(Effect::CutAnswer).every(),
            Fault::new(Effect::Reset),
            Fault::new(Effect::Hold),
            Fault::new(Effect::DropAfterCommit).nth(2),
        ]);
        let expected = ["reset", "hold", "drop_after_commit", "cut_answer"].map(Some);
        assert_eq!(met(&mut book, &[GET; 4]), expected);
        assert_eq!(book.clear(), 1);
    }

    #[test]
    fn a_revoked_key_stays_revoked() {
        let mut book = book([Fault::new(Effect::Unauthorized)]);
        assert_eq!(met(&mut book, &[GET, CREATE]), [Some("unauthorized"); 2]);
    }

    #[test]
    fn a_deletion_waits_for_a_call_that_names_what_is_deleted() {
        let mut book = book([Fault::new(Effect::CredentialDeleted), Fault::new(Effect::EncoderGone)]);
        assert_eq!(met(&mut book, &[GET]), [None]);
        assert_eq!(book.list()[0].seen, 0);
        assert_eq!(book.meet(GET, &params(true)), Some(Effect::CredentialDeleted));
        assert_eq!(book.meet(GET, &params(true)), None);
    }
}
