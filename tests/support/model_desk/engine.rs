//! An engine for tests: the real machine of a job (`fold`, `next`), fed by hand or by a server that does as told.

use std::collections::BTreeMap;
use std::sync::Arc;

use keydesk::app::effect::Effect;
use keydesk::component::backend_msg::BackendMsg;
use keydesk::domain::job::command::{Command, Decision};
use keydesk::domain::job::event::{AttemptEnd, CallOutcome, Entry, Event, FORMAT, Intent};
use keydesk::domain::job::fold::{begin, fold};
use keydesk::domain::job::look::{Card, Look, Ready, Seen};
use keydesk::domain::job::next::{Next, next};
use keydesk::domain::job::order::Order;
use keydesk::domain::job::steps::Step;
use keydesk::domain::job::{Job, JobId, Stage, Unrecorded};
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::types::AttemptError;

use super::Desk;

/// The jobs as the engine has them.
#[derive(Default)]
pub struct Engine {
    jobs: BTreeMap<JobId, Job>,
}

impl Desk {
    /// Begins the job that was just ordered, as an engine does.
    pub fn begin(&mut self) -> JobId {
        let (id, order) = self.ordered();
        self.begin_with(id, order);
        id
    }

    /// The order that was just given.
    pub fn ordered(&mut self) -> (JobId, Order) {
        let effects = self.effects();
        self.answer_all(&effects);
        let start = effects.iter().find_map(|effect| match effect {
            Effect::Job(Command::Start { id, order, by }) => {
                assert_eq!(by, "Mia");
                Some((*id, (**order).clone()))
            }
            _ => None,
        });
        start.unwrap_or_else(|| panic!("nothing was ordered: {effects:?}"))
    }

    pub fn begin_with(&mut self, id: JobId, order: Order) {
        let event = Event::Started { order: Box::new(order), by: "Mia".into() };
        let job = begin(id, &Entry { v: FORMAT, seq: 1, at: self.now, event }).unwrap();
        self.program.engine.jobs.insert(id, job.clone());
        self.tell(BackendMsg::Job(Arc::new(job)));
    }

    pub fn job(&self, id: JobId) -> &Job {
        &self.program.engine.jobs[&id]
    }

    /// Something happened to a job.
    pub fn event(&mut self, id: JobId, event: Event) {
        self.event_unseen(id, event);
        self.tell(BackendMsg::Job(Arc::new(self.job(id).clone())));
    }

    /// Something happened to a job, and no one was told.
    pub fn event_unseen(&mut self, id: JobId, event: Event) {
        let job = self.job(id).clone();
        let entry = Entry { v: FORMAT, seq: job.seq + 1, at: self.now, event };
        self.program.engine.jobs.insert(id, fold(job, &entry));
    }

    /// One turn of the job with a server where everything works. Gives whether it moved.
    pub fn turn(&mut self, id: JobId) -> bool {
        let event = match next(self.job(id), self.now) {
            Next::Look(look) => Event::Looked { seen: seen(self.job(id), &look) },
            Next::ReadBack(look) => Event::Read { seen: seen(self.job(id), &look) },
            Next::TakeEncoder(_) => Event::Granted,
            Next::Call(intent) => {
                let answer = answer(self.job(id), &intent);
                self.event(id, Event::Intended { intent });
                Event::Answered { answer }
            }
            Next::Watch(_) | Next::Wait(_) | Next::Ask(_) | Next::Done(_) => return false,
        };
        self.event(id, event);
        true
    }

    /// Lets the job run until it waits for a card, a person or nothing.
    pub fn run(&mut self, id: JobId) {
        while self.turn(id) {}
    }

    /// Lets the job run until this step is about to be called.
    pub fn run_to(&mut self, id: JobId, wanted: impl Fn(&Intent) -> bool) -> Intent {
        loop {
            if let Next::Call(intent) = next(self.job(id), self.now)
                && wanted(&intent)
            {
                return intent;
            }
            assert!(self.turn(id), "the job stands at {:?}", self.job(id).phase);
        }
    }

    /// The call of the job gets no answer.
    pub fn lose(&mut self, id: JobId, intent: Intent) {
        self.event(id, Event::Intended { intent });
        self.event(id, Event::Lost { error: SeamError::new(ErrorKind::TimedOut, "no answer in time") });
    }

    /// The card on the encoder was written.
    pub fn written(&mut self, id: JobId) {
        let end = AttemptEnd::Success { credential: None, card_number: Some("164C3A".into()) };
        self.event(id, Event::Attempt { end });
    }

    /// The card on the encoder was written, and the journal does not have that yet.
    pub fn unrecorded(&mut self, id: JobId, is_failing: bool) {
        let written = Unrecorded { at: self.now, card_number: Some("164C3A".into()), is_failing };
        let job = Job { unrecorded: Some(written), ..self.job(id).clone() };
        self.tell(BackendMsg::Job(Arc::new(job)));
    }

    /// The encode attempt ended with this error.
    pub fn fails(&mut self, id: JobId, code: &str) {
        let message = format!("raw words for {code}");
        let end = AttemptEnd::Error(AttemptError { code: code.into(), message: Some(message) });
        self.event(id, Event::Attempt { end });
    }

    pub fn decided(&mut self, id: JobId, decision: Decision) {
        self.event(id, Event::Decided { decision, by: "Mia".into() });
    }

    /// Takes the decision that the desk just sent and lets the job follow it.
    pub fn obey(&mut self, id: JobId) -> Decision {
        let decisions = self.decisions();
        assert_eq!(decisions.len(), 1, "{decisions:?}");
        self.decided(id, decisions[0].clone());
        decisions[0].clone()
    }
}

fn seen(job: &Job, look: &Look) -> Seen {
    match look {
        Look::Namesakes(_) => Seen::Namesakes(Vec::new()),
        Look::Groups(_) => Seen::Groups(match job.current().map(|record| &record.step) {
            Some(Step::RemoveFromGroup(step)) => vec![step.group.id.clone()],
            _ if job.progress.stage == Stage::Groups => job.order.add.iter().map(|group| group.id.clone()).collect(),
            _ => Vec::new(),
        }),
        Look::Cards(_) => Seen::Cards(cards(job)),
        Look::Credential(id) => Seen::Credential(Some(Card { id: id.clone(), is_issued: true, is_going: false })),
        Look::User(_) => Seen::User,
        Look::Suspension(_) => Seen::Suspension(false),
        Look::Details { .. } => Seen::Details { as_wanted: false, starts_at: None },
        Look::Ready { .. } => Seen::Ready(Ready { user_failed: None, cards: cards(job), written: Vec::new() }),
    }
}

fn cards(job: &Job) -> Vec<Card> {
    let is_issued = job.takes_own_card();
    job.credential.iter().map(|id| Card { id: id.clone(), is_issued, is_going: false }).collect()
}

fn answer(job: &Job, intent: &Intent) -> CallOutcome {
    match intent {
        Intent::CreateUser => CallOutcome::User("u-new".into()),
        Intent::CreateCredential { assign_new_key: true, .. } => CallOutcome::Credential("c-new".into()),
        Intent::CreateCredential { .. } => CallOutcome::Credential(job.credential.clone().unwrap()),
        Intent::Encode { .. } => CallOutcome::Attempt("attempt-1".into()),
        Intent::UpdateUser { .. }
        | Intent::AddToGroup { .. }
        | Intent::RemoveFromGroup { .. }
        | Intent::DeleteCredential { .. }
        | Intent::SetSuspension { .. }
        | Intent::DeleteUser { .. } => CallOutcome::Done,
    }
}
