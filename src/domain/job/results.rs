//! What came of each change that an order wished.

use jiff::Timestamp;

use super::order::{AccessChange, CardWork, Details, Guest, Named, NewGuest, Order, Schedule};
use super::{Job, JobResult, Lifecycle, StepState};
use crate::seam::types::GroupId;

/// One change that an order wishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderedChange<'a> {
    /// This guest is created, with the schedule of the order.
    Create(&'a NewGuest),
    /// The guest has this name and contact.
    Details(&'a Details),
    /// The guest's access starts and ends like this.
    Schedule(Schedule),
    /// The guest is out of this group.
    Leave(&'a Named<GroupId>),
    /// The guest is in this group.
    Enter(&'a Named<GroupId>),
    /// This is done about the card.
    Card(&'a CardWork),
    /// The guest's access as a whole ends or begins again.
    Access(AccessChange),
}

/// How far a change that was ordered has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeResult {
    /// Not done yet: the job goes on by itself, or a person has to decide.
    Open,
    /// It is so since this time: done by this job, or found done.
    Done(Timestamp),
    /// It failed at this time, and a person is asked how to go on.
    Failed(Timestamp),
    /// A person gave the job up before it was known to be done.
    GivenUp,
}

impl Order {
    /// The changes that it wishes, in the order in which they are made.
    pub fn changes(&self) -> Vec<OrderedChange<'_>> {
        let mut changes = Vec::new();
        match &self.guest {
            Guest::New(guest) => changes.push(OrderedChange::Create(guest)),
            Guest::Existing(_) => {
                changes.extend(self.access.map(OrderedChange::Access));
                changes.extend(self.details.as_ref().map(OrderedChange::Details));
                changes.extend(self.schedule.map(OrderedChange::Schedule));
                changes.extend(self.remove.iter().map(OrderedChange::Leave));
            }
        }
        changes.extend(self.add.iter().map(OrderedChange::Enter));
        if self.card != CardWork::None {
            changes.push(OrderedChange::Card(&self.card));
        }
        changes
    }
}

impl Job {
    /// What came of each change that was ordered.
    pub fn results(&self) -> Vec<(OrderedChange<'_>, ChangeResult)> {
        self.order.changes().into_iter().map(|change| (change, self.result(change))).collect()
    }

    fn result(&self, change: OrderedChange<'_>) -> ChangeResult {
        let is_given_up = matches!(
            self.lifecycle(),
            Lifecycle::Tidying(JobResult::GivenUp)
                | Lifecycle::Watching(JobResult::GivenUp)
                | Lifecycle::Ended(JobResult::GivenUp)
        );
        if self.dropped.iter().any(|step| step.serves(change)) {
            return ChangeResult::GivenUp;
        }
        let mut result = ChangeResult::Open;
        for record in self.steps.iter().filter(|record| record.step.serves(change)) {
            result = match record.state {
                StepState::Done(at) => ChangeResult::Done(at),
                _ if is_given_up => return ChangeResult::GivenUp,
                StepState::Failed(at) => return ChangeResult::Failed(at),
                StepState::Todo | StepState::Doing(_) => return ChangeResult::Open,
            };
        }
        result
    }
}
