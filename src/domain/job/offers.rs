//! The offers of a job: what a person can decide now, and what each decision changes.

use jiff::Timestamp;

use super::command::Decision;
use super::fold::{end, end_as_decided, finish_step, insert};
use super::order::{Details, Guest, Named};
use super::steps::Step;
use super::steps::create_credential::CreateCredential;
use super::steps::create_user::watch_for_twins;
use super::steps::delete_credential::DeleteCredential;
use super::steps::delete_user::DeleteUser;
use super::steps::update_user::UpdateUser;
use super::{Candidate, Job, Lifecycle, Outcome, Phase, PlanChange, Question, Stage, StepRecord, StepState};
use crate::domain::codes::AttemptCode;
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::types::CredentialId;

/// What a clerk can do now with a job that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Go on with the step that is next.
    GoOn,
    /// Do the same step once more.
    TryAgain,
    /// The same on another encoder.
    OtherEncoder,
    /// Delete the credential, create a new one, write a blank card.
    ReplaceCard,
    /// Create a new credential and write it.
    NewCredential,
    /// Write, although it is not known whether the card was written.
    WriteAgain,
    /// Believe that the card was written (the clerk tried it at a door).
    CallItWritten,
    /// The guest to be created is this user: no one is created.
    UseCandidate(Candidate),
    /// It is none of them: create the user.
    CreateAnyway,
    /// Go on with the credential that was found.
    UseFound,
    /// Delete the twin that a late request made.
    DeleteTwin(Candidate),
    /// Leave both users as they are.
    KeepBoth,
    /// Open the form for a new guest with what the order held; the job is given up when that is saved.
    NewGuest,
    /// Open the form with what the order held, to mend what was refused; the job is given up when that is saved.
    MendData,
    /// Not now: the encoder is free for others, the job waits on the list.
    Later,
    /// Give the job up; what was done stays.
    Withdraw,
}

/// What can be done now, the best first. Empty while the job moves on by itself: an attempt that runs can't be
/// stopped, and an outcome that is not known is read back first.
pub fn offers(job: &Job) -> Vec<Offer> {
    // The card is written: what was asked before is answered.
    if job.unrecorded.is_some() {
        return Vec::new();
    }
    let mut offers = match &job.phase {
        Phase::Asking(question) => {
            let mut offers = offers_for(job, question);
            if !job.is_parked {
                offers.push(Offer::Later);
            }
            offers
        }
        Phase::Queued => vec![Offer::OtherEncoder],
        // A server that said when to come back is not hurried.
        Phase::Waiting { error, .. } if error.retry_after.is_some() => Vec::new(),
        Phase::Waiting { .. } => vec![Offer::TryAgain],
        Phase::Working | Phase::Placing { .. } | Phase::ReadingBack { .. } | Phase::Ended(_) => return Vec::new(),
    };
    // What is done, but for a twin, can't be given up any more, nor what must still be read; what can't be read has no
    // other way out.
    let may_give_up = job.lifecycle() == Lifecycle::Open && !matches!(job.progress.stage, Stage::ReadBack { .. });
    if may_give_up || job.progress.is_unreadable {
        offers.push(Offer::Withdraw);
    }
    offers
}

/// Whether this decision is one of the offers.
pub fn allows(job: &Job, decision: &Decision) -> bool {
    offers(job).iter().any(|offer| match (offer, decision) {
        (Offer::GoOn, Decision::GoOn)
        | (Offer::TryAgain | Offer::WriteAgain, Decision::TryAgain)
        | (Offer::OtherEncoder, Decision::TryOn(_))
        | (Offer::ReplaceCard, Decision::ReplaceCard)
        | (Offer::NewCredential, Decision::NewCredential)
        | (Offer::CallItWritten, Decision::CallItWritten)
        | (Offer::CreateAnyway, Decision::CreateAnyway)
        | (Offer::UseFound, Decision::UseFound)
        | (Offer::KeepBoth, Decision::KeepBoth)
        | (Offer::Later, Decision::Later)
        | (Offer::Withdraw, Decision::Withdraw) => true,
        (Offer::UseCandidate(candidate), Decision::UseUser(user))
        | (Offer::DeleteTwin(candidate), Decision::DeleteTwin(user)) => candidate.id == *user,
        _ => false,
    })
}

fn offers_for(job: &Job, question: &Question) -> Vec<Offer> {
    match question {
        Question::Resume { .. } => vec![Offer::GoOn],
        Question::YourTurn => vec![Offer::GoOn, Offer::OtherEncoder],
        Question::EncodeFailed(error) if AttemptCode::from(error) == AttemptCode::CannotBeReissued => {
            vec![Offer::ReplaceCard, Offer::TryAgain]
        }
        Question::EncodeFailed(error) if AttemptCode::from(error) == AttemptCode::CredentialDeleted => {
            vec![Offer::NewCredential]
        }
        // What is left is whether a twin stays.
        Question::Refused(_)
            if job.lifecycle() != Lifecycle::Open && !matches!(job.progress.stage, Stage::ReadBack { .. }) =>
        {
            vec![Offer::TryAgain, Offer::KeepBoth]
        }
        Question::Refused(error) if is_about_data(job, error) => vec![Offer::MendData, Offer::TryAgain],
        // Another encoder only where the attempt ended or never began.
        Question::EncodeFailed(_) | Question::Refused(_)
            if job.needs_encoder() && job.progress.stage == Stage::Look =>
        {
            vec![Offer::TryAgain, Offer::OtherEncoder]
        }
        Question::EncodeUnknown => vec![Offer::WriteAgain, Offer::CallItWritten],
        Question::WhoIsIt(candidates) => {
            candidates.iter().cloned().map(Offer::UseCandidate).chain([Offer::CreateAnyway]).collect()
        }
        Question::PlanChanged(PlanChange::CardExists { .. }) => vec![Offer::UseFound, Offer::ReplaceCard],
        Question::PlanChanged(PlanChange::CredentialGone) => vec![Offer::NewCredential],
        Question::EncodeFailed(_)
        | Question::Refused(_)
        | Question::GuestInWork { .. }
        | Question::PlanChanged(PlanChange::UserFailed(_)) => vec![Offer::TryAgain],
        Question::PlanChanged(PlanChange::UserGone) => vec![Offer::NewGuest, Offer::TryAgain],
        Question::PlanChanged(PlanChange::Twin(twin)) => vec![Offer::DeleteTwin(twin.clone()), Offer::KeepBoth],
        Question::NoEncoder => vec![Offer::OtherEncoder],
        Question::Unreadable => Vec::new(),
    }
}

/// Whether the server refused what was typed of a guest, and nothing that was sent is still to be read.
fn is_about_data(job: &Job, error: &SeamError) -> bool {
    let writes = matches!(job.current().map(|record| &record.step), Some(Step::CreateUser | Step::UpdateUser(_)));
    writes
        && error.kind == ErrorKind::Refused
        && job.lifecycle() == Lifecycle::Open
        && !matches!(job.progress.stage, Stage::ReadBack { .. })
}

/// Changes the job as a person decided. A decision that is not offered changes nothing.
pub(super) fn apply(job: &mut Job, decision: &Decision, at: Timestamp) {
    if !allows(job, decision) {
        return;
    }
    if *decision == Decision::Later {
        job.is_parked = true;
        job.progress.has_encoder = false;
        return;
    }
    let question = job.asks().cloned();
    let old = job.credential.clone();
    job.is_parked = false;
    job.progress.rounds = 0;
    job.progress.patience = 0;
    // Whoever decides stands there.
    job.progress.unattended = None;
    match decision {
        Decision::Withdraw => withdraw(job, at),
        Decision::GoOn | Decision::TryAgain => restart_step(job),
        Decision::TryOn(encoder) => {
            job.progress.has_encoder = false;
            job.encoder = Some(encoder.clone());
            restart_step(job);
        }
        Decision::CallItWritten => finish_step(job, at),
        Decision::ReplaceCard => {
            let found = found_card(question.as_ref()).map(|(credential, _)| credential);
            replace_card(job, found.or(old));
            restart_step(job);
        }
        Decision::NewCredential => {
            create_credential(job, true);
            restart_step(job);
        }
        Decision::UseFound => {
            if let Some((credential, is_issued)) = found_card(question.as_ref()) {
                use_found(job, credential, is_issued, at);
            }
        }
        Decision::UseUser(user) => {
            if job.progress.lost.is_some() {
                watch_for_twins(job, at);
            }
            job.user = Some(user.clone());
            // What was typed counts for the guest who is there, too.
            if let Guest::New(guest) = &job.order.guest {
                let details = Details {
                    full_name: None,
                    phone_number: guest.phone_number.clone(),
                    email_address: guest.email_address.clone(),
                };
                // Where no departure was typed, that guest's own stays.
                let schedule = job.order.schedule;
                if details != Details::default() || schedule.is_some() {
                    insert(job, 1, [Step::UpdateUser(UpdateUser { details, schedule })]);
                }
            }
            if job.order.add.is_empty() {
                finish_step(job, at);
            } else {
                restart_step(job);
                job.progress.stage = Stage::Groups;
            }
        }
        Decision::CreateAnyway => {
            if let Some(Question::WhoIsIt(candidates)) = question {
                job.progress.others.extend(candidates.into_iter().map(|one| one.id));
            }
            restart_step(job);
        }
        Decision::DeleteTwin(user) => {
            if let Some(Question::PlanChanged(PlanChange::Twin(twin))) = question {
                let step =
                    Step::DeleteUser(DeleteUser { user: Named { id: user.clone(), name: twin.name }, is_twin: true });
                insert(job, 0, [step]);
                forget_look(job);
                restart_step(job);
            }
        }
        Decision::KeepBoth => end_as_decided(job, at),
        Decision::Later => {}
    }
}

/// Ends the job, at once or when no request that was given up can make a user any more.
fn withdraw(job: &mut Job, at: Timestamp) {
    let creates = job.current().is_some_and(|record| record.step == Step::CreateUser);
    if creates && job.progress.lost.is_some() {
        watch_for_twins(job, at);
    }
    if job.progress.twin_watch.is_none() {
        end(job, Outcome::Withdrawn(at));
        return;
    }
    let is_done = |record: &StepRecord| matches!(record.state, StepState::Done(_));
    let (done, dropped) = std::mem::take(&mut job.steps).into_iter().partition(is_done);
    job.steps = done;
    job.dropped.extend(Vec::into_iter(dropped).map(|record| record.step));
    job.progress.has_encoder = false;
    job.progress.withdrawn = Some(at);
    job.progress.stage = Stage::Twins;
    job.phase = Phase::Working;
}

/// Takes the current step up again: what is still to be read is read first, everything else begins with its look.
fn restart_step(job: &mut Job) {
    job.phase = match (&job.progress.stage, &job.progress.lost) {
        (Stage::ReadBack { since, .. }, Some(error)) => Phase::ReadingBack { since: *since, error: error.clone() },
        (Stage::Groups | Stage::Twins, _) => Phase::Working,
        _ => {
            job.progress.stage = Stage::Look;
            Phase::Working
        }
    };
}

/// Deletes the card's credential first; when it is the one that was to be written, a new one is created.
fn replace_card(job: &mut Job, old: Option<CredentialId>) {
    let is_ours = old.is_none() || job.credential == old;
    if is_ours || !job.needs_encoder() {
        create_credential(job, true);
    }
    if let Some(old) = old {
        insert(job, 0, [Step::DeleteCredential(DeleteCredential { credential: old })]);
    }
    forget_look(job);
}

fn use_found(job: &mut Job, credential: CredentialId, is_issued: bool, at: Timestamp) {
    job.credential = Some(credential);
    if is_issued {
        // A written credential goes onto the guest's own card.
        create_credential(job, false);
        restart_step(job);
    } else if job.needs_encoder() {
        restart_step(job);
    } else {
        finish_step(job, at);
    }
}

/// Makes the creation of a credential the current step.
fn create_credential(job: &mut Job, assign_new_key: bool) {
    if assign_new_key {
        job.credential = None;
    }
    let wanted = Step::CreateCredential(CreateCredential { assign_new_key });
    let current = job.steps.iter_mut().find(|record| !matches!(record.state, StepState::Done(_)));
    match current {
        Some(record) if matches!(record.step, Step::CreateCredential(_)) => record.step = wanted,
        _ => insert(job, 0, [wanted]),
    }
    forget_look(job);
}

/// Forgets what was read for the step that was current, since another one comes first now. Steps that failed are to be
/// done again.
fn forget_look(job: &mut Job) {
    job.progress.stage = Stage::Look;
    job.progress.before = None;
    job.progress.refusal = None;
    job.progress.lost = None;
    job.progress.is_repeated = false;
    for record in &mut job.steps {
        if matches!(record.state, StepState::Failed(_) | StepState::Doing(_)) {
            record.state = StepState::Todo;
        }
    }
}

fn found_card(question: Option<&Question>) -> Option<(CredentialId, bool)> {
    match question {
        Some(Question::PlanChanged(PlanChange::CardExists { credential, is_issued })) => {
            Some((credential.clone(), *is_issued))
        }
        _ => None,
    }
}
