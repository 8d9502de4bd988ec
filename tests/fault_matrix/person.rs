//! Whoever sits at the desk: answers what jobs ask.

use std::time::Duration;

use keydesk::desk::job::command::Decision;
use keydesk::desk::job::{Job, JobId, Offer, offers};

use crate::desk::Desk;

/// The first thing that leads on. Writing again and tearing a twin down are what a person may do, so they are counted.
#[derive(Debug, Default)]
pub struct Person {
    pub writes_again: usize,
    /// What was asked, in order.
    pub asked: Vec<String>,
}

pub fn decision(offer: &Offer) -> Decision {
    match offer {
        Offer::GoOn => Decision::GoOn,
        Offer::TryAgain | Offer::WriteAgain => Decision::TryAgain,
        Offer::OtherEncoder => Decision::TryOn(crate::desk::named("bar")),
        Offer::ReplaceCard => Decision::ReplaceCard,
        Offer::NewCredential => Decision::NewCredential,
        Offer::CallItWritten => Decision::CallItWritten,
        Offer::UseCandidate(candidate) => Decision::UseUser(candidate.id.clone()),
        Offer::CreateAnyway => Decision::CreateAnyway,
        Offer::UseFound => Decision::UseFound,
        Offer::DeleteTwin(twin) => Decision::DeleteTwin(twin.id.clone()),
        Offer::KeepBoth => Decision::KeepBoth,
        Offer::Later => Decision::Later,
        Offer::Withdraw => Decision::Withdraw,
    }
}

impl Person {
    /// Answers what the job asks, the first thing that leads on.
    pub fn answer(&mut self, desk: &Desk, job: &Job) {
        let Some(question) = job.asks() else { return };
        self.asked.push(format!("{question:?}").split(['(', ' ']).next().unwrap_or_default().to_owned());
        let offers = offers(job);
        let offer = offers.first().unwrap_or_else(|| panic!("a question without an answer: {question:?}"));
        self.writes_again += usize::from(*offer == Offer::WriteAgain);
        desk.decide(job.id, decision(offer));
    }

    /// Attends to a job until it ended, or the process is dead, or for half an hour.
    pub async fn attend(&mut self, desk: &mut Desk, id: JobId, is_dead: impl Fn() -> bool) -> Option<Job> {
        let mut answered = 0;
        for _ in 0..9000 {
            if is_dead() {
                return None;
            }
            if let Some(job) = desk.jobs.get(&id).cloned() {
                if job.is_ended() {
                    return Some((*job).clone());
                }
                if job.asks().is_some() && job.seq > answered {
                    answered = job.seq;
                    self.answer(desk, &job);
                }
            }
            // It may have ended just before its process did.
            if let Some((job, _)) = desk.elsewhere.get(&id).filter(|(job, _)| job.is_ended()) {
                return Some((**job).clone());
            }
            desk.pass(Duration::from_millis(200)).await;
        }
        None
    }
}
