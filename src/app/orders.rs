//! Orders and what comes of them: how jobs change the model.

use std::sync::Arc;

use super::data::{fetch, read_again};
use super::effect::Effect;
use super::model::Model;
use super::run_action::push_dialog;
use super::update::{decide, guard_enter, log_line, ring, to_pane, toast};
use crate::component::draft::Draft;
use crate::component::jobs::JobChange;
use crate::dialogs::{Dialog, guest_form, job, plan};
use crate::domain::codes::AttemptCode;
use crate::domain::fact::Fact;
use crate::domain::job::command::{Command, Decision, Ignored};
use crate::domain::job::order::{AccessChange, CardWork, Guest, Order};
use crate::domain::job::steps::Step;
use crate::domain::job::{Candidate, Job, JobId, Question, StepState, Why};
use crate::domain::query::StaleId;
use crate::keys::PaneId;
use crate::panes;
use crate::ui::theme::{Glyph, Role};
use crate::words::actions::why;
use crate::words::{check_out, log};

/// Starts an order: the engine gets it, the screen shows its job. Gives the job.
///
/// # Errors
/// Why it was not started, in a sentence.
fn start(model: &mut Model, order: Box<Order>, effects: &mut Vec<Effect>) -> Result<JobId, &'static str> {
    if let Guest::Existing(user) = &order.guest {
        // Two jobs for one guest would race: the one that is there is shown instead.
        if let Some(job) = model.ctx.jobs.of_user(&user.id) {
            let id = job.id;
            push_dialog(model, Dialog::Job(job::State::new(id)));
            return Err(log::IN_WORK);
        }
    }
    // Whatever led here: an order for a make that works by other rules is never started.
    if model.ctx.is_other_make() {
        return Err(why::OTHER_MAKE);
    }
    let id = model.ids.next_job();
    effects.push(Effect::Job(Command::Start { id, order, by: model.ctx.settings.operator.clone() }));
    push_dialog(model, Dialog::Job(job::State::new(id)));
    Ok(id)
}

/// Starts an order that comes from a form, which is kept until the engine has taken the order.
pub(super) fn start_with_form(model: &mut Model, order: Box<Order>, form: Option<Draft>, effects: &mut Vec<Effect>) {
    match (start(model, order, effects), form) {
        (Ok(id), Some(form)) => model.sent_forms.push((id, form)),
        (Err(why), Some(form)) => {
            model.shelved_form = Some(form);
            toast(model, log::form_kept(why), Role::Warning);
        }
        (Err(why), None) => toast(model, why.to_owned(), Role::Warning),
        (Ok(_), None) => {}
    }
}

/// Starts orders that were given together, and says so; their jobs are seen in their rows. Who has a job already is left
/// alone, and named.
pub(super) fn start_batch(model: &mut Model, orders: Vec<Order>, notice: String, effects: &mut Vec<Effect>) {
    let is_busy = |order: &Order| order.guest.user().is_some_and(|user| model.ctx.jobs.is_busy(user));
    let (busy, free): (Vec<Order>, Vec<Order>) = orders.into_iter().partition(is_busy);
    let by = model.ctx.settings.operator.clone();
    for order in free {
        let id = model.ids.next_job();
        effects.push(Effect::Job(Command::Start { id, order: Box::new(order), by: by.clone() }));
    }
    if busy.is_empty() {
        toast(model, notice, Role::Good);
    } else {
        let names: Vec<&str> = busy.iter().map(|order| order.guest.name()).collect();
        toast(model, log::left_out(&names), Role::Warning);
    }
}

/// Gives a job up, and starts an order in its place as soon as that is done: two jobs for one guest would race.
pub(super) fn start_instead(
    model: &mut Model,
    job: JobId,
    order: Box<Order>,
    form: Option<Draft>,
    effects: &mut Vec<Effect>,
) {
    model.dialogs.close_where(|dialog| dialog.job() == Some(job));
    if model.ctx.jobs.get(job).is_none_or(|job| job.lifecycle().needs_nobody()) {
        start_with_form(model, order, form, effects);
    } else {
        model.replacements.insert(job, (order, form));
        decide(model, job, Decision::Withdraw, effects);
    }
}

// An order was not taken: its dialog goes, and what was typed for it comes back.
pub(super) fn undo_start(model: &mut Model, id: JobId) {
    model.dialogs.close_where(|dialog| dialog.job() == Some(id));
    if let Some(at) = model.sent_forms.iter().position(|(sent, _)| *sent == id) {
        let (_, draft) = model.sent_forms.remove(at);
        let form = guest_form::State::from_draft(&draft, &model.ctx);
        push_dialog(model, Dialog::Form(Box::new(form)));
    }
}

/// A look at a job that is under way for this user, or the plan of a new one.
pub(super) fn open_card_dialog(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(user) = model.ctx.selected.clone() else { return };
    if let Some(job) = model.ctx.jobs.of_user(&user) {
        let id: JobId = job.id;
        push_dialog(model, Dialog::Job(job::State::new(id)));
        return;
    }
    let state = plan::State::new(user, &model.ctx);
    let queries = state.questions(&model.ctx);
    for query in queries {
        fetch(model, query, effects);
    }
    push_dialog(model, Dialog::Plan(state));
}

pub(super) fn apply_job(model: &mut Model, job: &Arc<Job>, effects: &mut Vec<Effect>) {
    let before = model.ctx.jobs.get(job.id).cloned();
    // A process that stood still may learn that the card is written after another one took its job over, or ended it.
    if job.unrecorded.is_some() && before.is_none() {
        return;
    }
    model.sent_forms.retain(|(id, _)| *id != job.id);
    let change = model.ctx.jobs.apply(job, model.ctx.at);
    let phase_changed = before
        .as_ref()
        .is_none_or(|before| std::mem::discriminant(&before.phase) != std::mem::discriminant(&job.phase));
    let is_shown = model.dialogs.top().and_then(Dialog::job) == Some(job.id);
    if phase_changed && is_shown {
        guard_enter(model);
    }
    let was_written =
        job.steps.iter().any(|step| step.step == Step::Encode && matches!(step.state, StepState::Done(_)));
    if was_written
        && job.on_trust.is_none()
        && let Some(credential) = &job.credential
    {
        model.ctx.directory.apply(None, Fact::CardWritten(credential.clone()));
    }
    if before.is_none() {
        let text = match &job.resumed {
            Some(resumed) => log::resumed(job.who(), resumed.why == Why::Takeover),
            None => log::started(job.who()),
        };
        // What was marked is kept with the job from now on.
        if job.resumed.is_none()
            && let Guest::Existing(user) = &job.order.guest
        {
            model.ctx.staged.clear(&user.id);
        }
        log_line(model, Glyph::Current, Role::Accent, text);
    }
    // A guest who was just created is the one whom the desk works on, also when the user itself is told later.
    let is_new = matches!(job.order.guest, Guest::New(_)) && before.as_ref().is_none_or(|old| old.user.is_none());
    if is_new
        && is_shown
        && let Some(user) = job.user.clone()
    {
        to_pane(model, PaneId::Users, panes::Msg::SelectUser(user), effects);
    }
    match change {
        JobChange::Moved => {}
        JobChange::Asks => tell_question(model, job, is_shown, effects),
        JobChange::Written => ring(model, effects),
        JobChange::NotRecorded => {
            log_line(model, Glyph::Attention, Role::Warning, log::not_recorded(job.who()));
            if !is_shown {
                toast(model, log::note_it(job.who()), Role::Warning);
            }
        }
        JobChange::Done => {
            // The bell rang when the card was written.
            let has_rung = before.as_ref().is_some_and(|before| before.unrecorded.is_some());
            if job.order.card.writes() && !has_rung {
                ring(model, effects);
            }
            tell_done(model, job, is_shown, effects);
        }
        JobChange::Withdrawn => {
            log_line(model, Glyph::Cross, Role::Dim, log::withdrawn(job.who()));
            apply_changes(model, job, effects);
        }
    }
    if job.lifecycle().needs_nobody()
        && let Some((order, form)) = model.replacements.remove(&job.id)
    {
        start_with_form(model, order, form, effects);
    }
}

/// Another process has a job; told once more when it ended there.
pub(super) fn apply_job_elsewhere(model: &mut Model, job: &Arc<Job>, holder: &str, effects: &mut Vec<Effect>) {
    if model.ctx.jobs.is_new_elsewhere(job) {
        log_line(model, Glyph::Working, Role::Dim, log::elsewhere(job.who(), holder));
    } else if model.ctx.jobs.is_known_elsewhere(job.id) && job.lifecycle().is_ended() {
        let glyph = if job.lifecycle().is_done() { Glyph::Check } else { Glyph::Cross };
        log_line(model, glyph, Role::Dim, log::ended_elsewhere(job.who(), holder, job.lifecycle().is_done()));
    }
    if model.ctx.jobs.apply_elsewhere(job, holder.to_owned()) {
        // It was this desk's: its dialog would show what is no longer true.
        model.dialogs.close_where(|dialog| dialog.job() == Some(job.id));
        let text = log::taken_over(job.who(), holder, job.lifecycle().is_done());
        let (glyph, role) =
            if job.lifecycle().is_done() { (Glyph::Check, Role::Good) } else { (Glyph::Attention, Role::Warning) };
        log_line(model, glyph, role, text.clone());
        toast(model, text, role);
    }
    // What the other desk did is not in this one's lists yet.
    if job.lifecycle().is_ended()
        && let Some(user) = &job.user
    {
        read_again(model, StaleId::User(user.clone()), effects);
    }
}

fn tell_question(model: &mut Model, job: &Job, is_shown: bool, effects: &mut Vec<Effect>) {
    let Some(question) = job.asks() else { return };
    log_line(model, Glyph::Attention, Role::Warning, log::needs_you(job.who(), &job::question_short(job, question)));
    ring(model, effects);
    if !is_shown {
        toast(model, log::press_needs(job.who()), Role::Warning);
    }
    if let Question::WhoIsIt(candidates) = question {
        // Room and departure tell people apart.
        for Candidate { id, .. } in candidates {
            read_again(model, StaleId::User(id.clone()), effects);
        }
    }
    if let Question::EncodeFailed(error) = question
        && let code = AttemptCode::from(error)
        && (code.is_encoder_silent() || code == AttemptCode::BridgeDown)
    {
        read_again(model, StaleId::System, effects);
    }
}

/// Applies what a job changed, done or given up half way: the guest is read again, and a written card may lack the
/// change of a group. Whether it does.
fn apply_changes(model: &mut Model, job: &Job, effects: &mut Vec<Effect>) -> bool {
    let Some(user) = &job.user else { return false };
    let done =
        || job.steps.iter().filter(|record| matches!(record.state, StepState::Done(_))).map(|record| &record.step);
    let changed_access = done().any(|step| match step {
        Step::AddToGroup(_) | Step::RemoveFromGroup(_) => true,
        Step::UpdateUser(update) => update.schedule.is_some(),
        _ => false,
    });
    let is_written = done().any(|step| *step == Step::Encode);
    let card = model.ctx.directory.card_of(user).filter(|card| card.is_issued && changed_access && !is_written);
    let outdated = card.map(|card| card.acs_credential_id.clone());
    let lacks_change = outdated.is_some();
    if let Some(card) = outdated {
        model.ctx.directory.apply(None, Fact::CardOutdated(card));
    }
    if job.lifecycle().is_done() || done().next().is_some() {
        model.ctx.read_back.insert(user.clone());
        read_again(model, StaleId::User(user.clone()), effects);
    }
    lacks_change
}

fn tell_done(model: &mut Model, job: &Job, is_shown: bool, effects: &mut Vec<Effect>) {
    let has_card = job.order.card.writes();
    let is_new = matches!(job.order.guest, Guest::New(_));
    let needs_update = apply_changes(model, job, effects);
    let is_only_groups = job.order.details.is_none() && job.order.schedule.is_none();
    let text = if let Some(trust) = &job.on_trust {
        log::called_written(job.who(), &trust.by)
    } else if has_card {
        log::card_written(job.who(), job.card_number.as_deref())
    } else if is_new {
        log::guest_created(job.who())
    } else if let Some(text) = access_changed(job) {
        text
    } else if is_only_groups {
        log::groups_saved(job.who(), needs_update)
    } else {
        log::changes_saved(job.who(), needs_update)
    };
    log_line(model, Glyph::Check, Role::Good, text.clone());
    // A number that is another guest's tells that this guest's card lay there.
    if has_card
        && let Some(number) = job.card_number.as_deref()
        && let Some(owner) = model.ctx.directory.other_holder_of(number, job.user.as_ref())
    {
        let owner = owner.user().name().to_owned();
        log_line(model, Glyph::Attention, Role::Bad, log::wrote_over(job.who(), &owner));
        model.ctx.wrote_over = Some((job.id, owner));
    }
    // A key is named only where it acts on this guest.
    let is_selected = model.ctx.selected.is_some() && model.ctx.selected == job.user;
    let text = match (!has_card && needs_update && is_selected, is_only_groups) {
        (true, true) => log::groups_saved_update(job.who()),
        (true, false) => log::changes_saved_update(job.who()),
        (false, _) => text,
    };
    if has_card
        && job.on_trust.is_none()
        && let Some(encoder) = &job.encoder
    {
        // Whatever was wrong with it, it wrote a card just now.
        model.ctx.directory.apply(None, Fact::EncoderWorks(encoder.id.clone()));
    }
    if !is_shown {
        toast(model, text, Role::Good);
    } else if !has_card {
        // Nothing was asked and nothing has to be placed: the desk is free at once.
        model.dialogs.close_where(|dialog| dialog.job() == Some(job.id));
        toast(model, text, Role::Good);
    }
}

// What a check-out, or what takes one back, comes to.
fn access_changed(job: &Job) -> Option<String> {
    let is_cancelled = matches!(job.order.card, CardWork::Cancel(_));
    Some(match job.order.access {
        Some(AccessChange::Suspend) => check_out::done(job.who(), is_cancelled),
        Some(AccessChange::Unsuspend) => check_out::unsuspended(job.who()),
        Some(AccessChange::Delete) => check_out::deleted(job.who()),
        None if is_cancelled => check_out::card_cancelled(job.who()),
        None => return None,
    })
}

pub(super) fn tell_ignored(model: &mut Model, id: JobId, why: Ignored) {
    // The job that was to be replaced was not given up: what was typed comes back.
    if let Some((_, Some(form))) = model.replacements.remove(&id) {
        let form = guest_form::State::from_draft(&form, &model.ctx);
        push_dialog(model, Dialog::Form(Box::new(form)));
    }
    match why {
        Ignored::NotNow | Ignored::NoSuchJob => toast(model, log::NOT_NOW.to_owned(), Role::Warning),
        Ignored::TakenOver => toast(model, log::TAKEN_OVER.to_owned(), Role::Warning),
        // Ids are drawn at random, so that this can only be an echo of the desk's own command.
        Ignored::Twice => {}
        Ignored::GuestInWork { holder: Some(holder), .. } => {
            undo_start(model, id);
            toast(model, log::guest_elsewhere(&holder), Role::Warning);
        }
        Ignored::GuestInWork { job: other, holder: None } => {
            // The dialog of the job that did not start gives way to the one that is at work.
            undo_start(model, id);
            let is_at_work = |id: &JobId| model.ctx.jobs.get(*id).is_none_or(|job| !job.lifecycle().is_ended());
            if let Some(other) = other.filter(is_at_work) {
                push_dialog(model, Dialog::Job(job::State::new(other)));
            }
            toast(model, log::GUEST_IN_WORK.to_owned(), Role::Warning);
        }
    }
}
