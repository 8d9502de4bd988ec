//! Whoever sits at the desk: answers what jobs ask.

use std::time::Duration;

use keydesk::domain::job::command::Decision;
use keydesk::domain::job::{Job, JobId, Offer, Question, offers};

use crate::support::engine_desk::Desk;

/// How long a person waits before the answer to a question that was just answered.
const PAUSE: Duration = Duration::from_secs(5);

/// So often a person answers the same question before the job is given up: what is gone does not come back, anything
/// else may.
fn patience(question: &Question) -> usize {
    if matches!(question, Question::PlanChanged(_)) { 2 } else { 12 }
}

/// Answers with what leads on: with the first thing, and with the next one when the same is asked again. Writing again
/// and tearing a twin down are what a person may do, so they are counted.
#[derive(Debug, Default)]
pub struct Person {
    pub writes_again: usize,
    /// What was asked, in order.
    pub asked: Vec<String>,
    last: Option<Question>,
    times: usize,
}

pub fn decision(offer: &Offer) -> Decision {
    match offer {
        Offer::GoOn => Decision::GoOn,
        Offer::TryAgain | Offer::WriteAgain => Decision::TryAgain,
        Offer::OtherEncoder => Decision::TryOn(crate::support::engine_desk::named("bar")),
        Offer::ReplaceCard => Decision::ReplaceCard,
        Offer::NewCredential => Decision::NewCredential,
        Offer::CallItWritten => Decision::CallItWritten,
        Offer::UseCandidate(candidate) => Decision::UseUser(candidate.id.clone()),
        Offer::CreateAnyway => Decision::CreateAnyway,
        Offer::UseFound => Decision::UseFound,
        Offer::DeleteTwin(twin) => Decision::DeleteTwin(twin.id.clone()),
        Offer::KeepBoth => Decision::KeepBoth,
        Offer::Later => Decision::Later,
        // Saving the form gives the job up.
        Offer::NewGuest | Offer::MendData | Offer::Withdraw => Decision::Withdraw,
    }
}

/// What a person who knows nothing more than the screen does not choose.
fn leads_on(offer: &Offer) -> bool {
    !matches!(
        offer,
        Offer::CallItWritten
            | Offer::CreateAnyway
            | Offer::KeepBoth
            | Offer::NewGuest
            | Offer::MendData
            | Offer::Later
            | Offer::Withdraw
    )
}

impl Person {
    /// Answers what the job asks.
    async fn answer(&mut self, desk: &mut Desk, job: &Job) {
        let Some(question) = job.asks() else { return };
        self.asked.push(format!("{question:?}").split(['(', ' ']).next().unwrap_or_default().to_owned());
        if self.last.as_ref() == Some(question) {
            self.times += 1;
            desk.pass(PAUSE).await;
        } else {
            (self.last, self.times) = (Some(question.clone()), 0);
        }
        let offers = offers(job);
        let leading: Vec<&Offer> = offers.iter().filter(|offer| leads_on(offer)).collect();
        assert!(!leading.is_empty(), "a question without an answer: {question:?}");
        let gives_up = self.times >= patience(question) && offers.contains(&Offer::Withdraw);
        let offer = if gives_up { &Offer::Withdraw } else { leading[self.times % leading.len()] };
        self.writes_again += usize::from(*offer == Offer::WriteAgain);
        desk.decide(job.id, decision(offer));
    }

    /// Attends to a job until it ended, or the process is dead, or for half an hour. What is seen meanwhile is shown to
    /// a witness.
    pub async fn attend(
        &mut self,
        desk: &mut Desk,
        id: JobId,
        is_dead: impl Fn() -> bool,
        mut witness: impl FnMut(&mut Desk),
    ) -> Option<Job> {
        let mut answered = 0;
        for _ in 0..9000 {
            if is_dead() {
                return None;
            }
            if let Some(job) = desk.jobs.get(&id).cloned() {
                if job.lifecycle().is_ended() {
                    return Some((*job).clone());
                }
                if job.asks().is_some() && job.seq > answered {
                    answered = job.seq;
                    self.answer(desk, &job).await;
                }
            }
            // It may have ended just before its process did.
            if let Some((job, _)) = desk.elsewhere.get(&id).filter(|(job, _)| job.lifecycle().is_ended()) {
                return Some((**job).clone());
            }
            desk.pass(Duration::from_millis(200)).await;
            witness(desk);
        }
        None
    }
}
