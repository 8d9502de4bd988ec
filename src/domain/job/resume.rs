//! What becomes of a job that is taken up again after its process ended.

use jiff::{SignedDuration, Timestamp};

use super::steps::outcome_is_pending;
use super::{Job, Phase, Question, Resumption, Stage, Unattended, Why, fold};

/// Whether a job rested for so long that a person is asked before anything is done.
pub fn is_old(job: &Job, at: Timestamp, ask_after: SignedDuration) -> bool {
    at.duration_since(last(job)) >= ask_after
}

/// Takes the job up. A call that was out has an unknown outcome; the encoder is asked for again, since another may have
/// taken it while this job rested.
pub(super) fn apply_resumption(job: &mut Job, by: &str, why: Why, is_old: bool, at: Timestamp) {
    job.resumed = Some(Resumption { by: by.to_owned(), at, why });
    job.progress.unattended = Some(Unattended { last: last(job), is_old });
    if let Stage::Called(_) = job.progress.stage {
        fold::begin_read_back(job, fold::no_answer(), at);
    }
    if !outcome_is_pending(job) {
        job.progress.has_encoder = false;
        if job.phase == Phase::Queued {
            job.phase = Phase::Working;
        }
    }
}

/// A job that was taken up again does not call a guest to the encoder who may have gone, and an old one does nothing,
/// before a person says so. What is not known is read first, and an attempt that runs is followed.
pub(super) fn ask_before_going_on(job: &mut Job) {
    let Some(Unattended { last, is_old }) = job.progress.unattended else { return };
    let only_reads = outcome_is_pending(job) || job.progress.stage == Stage::Twins;
    if only_reads || matches!(job.phase, Phase::Asking(_) | Phase::Ended(_)) {
        return;
    }
    if is_old || job.needs_encoder() {
        job.progress.has_encoder = false;
        job.phase = Phase::Asking(Question::Resume { last });
    }
}

fn last(job: &Job) -> Timestamp {
    job.progress.last.unwrap_or(job.started_at)
}
