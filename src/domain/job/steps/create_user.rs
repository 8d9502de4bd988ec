//! Creates the guest, with all groups and the schedule at once. Servers may ignore the groups, so they are read back.
//!
//! A creation whose answer was lost may act late and make a second user, a twin, besides the one that the job goes on
//! with. Once no late request can act any more, it is looked for.

use jiff::{SignedDuration, Timestamp};

use super::super::event::{CallOutcome, Intent};
use super::super::look::{Look, Namesake, Seen};
use super::super::order::Guest;
use super::super::results::OrderedChange;
use super::super::{Job, Question, TwinWatch};
use super::add_to_group::AddToGroup;
use super::{After, Before, Step, StepRules, Then, later};
use crate::seam::types::GroupId;

/// How long a request that was given up may take to act all the same: longer than servers and what stands before them
/// hold one.
pub const LATE: SignedDuration = SignedDuration::from_secs(60);

/// `/acs/users/create`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreateUser;

impl StepRules for CreateUser {
    fn look(&self, job: &Job) -> Option<Look> {
        namesakes(job)
    }

    fn call(&self, _job: &Job) -> Option<Intent> {
        Some(Intent::CreateUser)
    }

    fn before_call(&self, job: &Job, seen: &Seen) -> Option<Before> {
        let Seen::Namesakes(found) = seen else { return None };
        let strangers = strangers(job, found);
        Some(if strangers.is_empty() { Before::Go } else { Before::Ask(who_is_it(&strangers)) })
    }

    fn after_loss(&self, job: &Job, seen: &Seen) -> Option<After> {
        let Seen::Namesakes(found) = seen else { return None };
        let strangers = strangers(job, found);
        Some(match strangers.as_slice() {
            [] => After::NotDone,
            [one] if one.same_name && one.same_contact => After::Done(CallOutcome::User(one.id.clone())),
            _ => After::Ask(who_is_it(&strangers)),
        })
    }

    fn apply(&self, job: &mut Job, outcome: &CallOutcome, at: Timestamp) -> Option<Then> {
        let CallOutcome::User(user) = outcome else { return None };
        if job.progress.is_repeated {
            watch_for_twins(job, at);
        }
        job.user = Some(user.clone());
        Some(if job.order.add.is_empty() { Then::Finish } else { Then::CheckGroups })
    }

    fn serves(&self, change: OrderedChange<'_>) -> bool {
        matches!(change, OrderedChange::Create(_) | OrderedChange::Enter(_))
    }
}

/// The search for users who share something with the guest that the job creates; `None` when it creates none.
pub fn namesakes(job: &Job) -> Option<Look> {
    match &job.order.guest {
        Guest::New(guest) => Some(Look::Namesakes(Box::new(guest.clone()))),
        Guest::Existing(_) => None,
    }
}

/// Steps for the groups that the server did not take with the creation.
pub(in super::super) fn missing_groups(job: &Job, groups: &[GroupId]) -> Vec<Step> {
    let missing = job.order.add.iter().filter(|group| !groups.contains(&group.id));
    missing.map(|group| Step::AddToGroup(AddToGroup { group: group.clone() })).collect()
}

/// The user who looks like the one that the job created although nobody was there before.
pub fn twin(job: &Job, found: &[Namesake]) -> Option<Namesake> {
    let before = &job.progress.twin_watch.as_ref()?.before;
    let stranger = |one: &&Namesake| !before.contains(&one.id) && !job.progress.others.contains(&one.id);
    found.iter().filter(|one| one.same_name && job.user.as_ref() != Some(&one.id)).find(stranger).cloned()
}

/// From now on a late request may make a twin of the user that the job works with.
pub(in super::super) fn watch_for_twins(job: &mut Job, at: Timestamp) {
    let before = match &job.progress.before {
        Some(Seen::Namesakes(before)) => before.iter().map(|one| one.id.clone()).collect(),
        _ => Vec::new(),
    };
    job.progress.twin_watch = Some(TwinWatch { before, until: later(at, LATE) });
}

/// Those who were not there when the clerk gave the order, or when the job looked before its call.
fn strangers(job: &Job, found: &[Namesake]) -> Vec<Namesake> {
    let before: &[Namesake] = match &job.progress.before {
        Some(Seen::Namesakes(before)) => before,
        _ => &[],
    };
    let known = match &job.order.guest {
        Guest::New(guest) => guest.known_namesakes.as_slice(),
        Guest::Existing(_) => &[],
    };
    let is_known = |one: &&Namesake| {
        known.contains(&one.id) || job.progress.others.contains(&one.id) || before.iter().any(|b| b.id == one.id)
    };
    found.iter().filter(|one| !is_known(one)).cloned().collect()
}

fn who_is_it(strangers: &[Namesake]) -> Question {
    Question::WhoIsIt(strangers.iter().map(Namesake::candidate).collect())
}
