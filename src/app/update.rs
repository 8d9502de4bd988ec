//! The one place where the model changes: routes messages, and the wishes of panes and dialogs.

use jiff::{SignedDuration, Timestamp};

use super::data;
use super::dialog_stack::DialogId;
use super::effect::Effect;
use super::live::Live;
use super::model::{Model, Toast};
use super::msg::Msg;
use super::orders;
use super::run_action::{push_dialog, run_action};
use crate::component::activity_entry::ActivityEntry;
use crate::component::backend_msg::BackendMsg;
use crate::component::ctx::{CLOCK_TOLERANCE, ENTER_GUARD};
use crate::component::draft::Draft;
use crate::dialogs::confirm::{self, answer};
use crate::dialogs::{self, Dialog, entry, guest_form};
use crate::domain::check_out::taken_back;
use crate::domain::directory::SystemTrouble;
use crate::domain::fact::Fact;
use crate::domain::job::command::{Command, Decision};
use crate::domain::job::{JobId, Phase};
use crate::keys::PaneId;
use crate::keys::action::action_for;
use crate::keys::key::{Key, KeyCode};
use crate::panes;
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::key::KeyTrouble;
use crate::ui::layout::inside;
use crate::ui::text::width;
use crate::ui::theme::{Glyph, Role};
use crate::words::panes as panes_words;
use crate::words::{clock, errors, form, key, log, record, time};

/// How long a notice is shown.
const TOAST: SignedDuration = SignedDuration::from_secs(5);

/// Takes a message at a time and says what is to be done.
pub fn update(model: &mut Model, at: Timestamp, msg: Msg) -> Vec<Effect> {
    if Live::slept(deadline(model), at) {
        model.live.read_all_soon(at);
    }
    let turns = [placing_deadline(model), model.panes.users.next_end(&model.ctx)];
    let turns_by_itself = turns.into_iter().flatten().any(|turn| turn <= at);
    model.ctx.at = at;
    if model.toast.as_ref().is_some_and(|toast| toast.until <= at) {
        model.toast = None;
        model.is_dirty = true;
    }
    if model.ctx.pause_until.is_some_and(|until| until <= at) {
        model.ctx.pause_until = None;
        model.is_dirty = true;
    }
    // What is read says itself what changed, and time that passes changes only seconds, ends and ages; anything else is
    // shown.
    let is_quiet = matches!(
        msg,
        Msg::Deadline | Msg::Backend(BackendMsg::Fact(..) | BackendMsg::Answered(..) | BackendMsg::Events(..))
    );
    model.is_dirty |= turns_by_itself || !is_quiet;
    let is_key = matches!(msg, Msg::Key(_) | Msg::Paste(_));
    if is_key {
        model.live.key_pressed(at);
    }
    let mut effects = Vec::new();
    model.is_key = matches!(msg, Msg::Key(_));
    match msg {
        Msg::Key(key) => key_pressed(model, key, &mut effects),
        Msg::EnterHeld => enter_held(model),
        Msg::Paste(text) => pasted(model, text, &mut effects),
        Msg::Resize(width, height) => model.ctx.size = (width, height),
        Msg::Deadline => {}
        Msg::Backend(msg) => apply_backend_msg(model, msg, &mut effects),
    }
    sync_layout_and_selection(model, is_key, &mut effects);
    data::read_what_is_due(model, &mut effects);
    keep_draft(model, &mut effects);
    effects
}

fn apply_backend_msg(model: &mut Model, msg: BackendMsg, effects: &mut Vec<Effect>) {
    match msg {
        BackendMsg::Fact(load, fact) => data::apply_fact(model, load, *fact, effects),
        BackendMsg::Answered(load, query, error) => {
            model.live.answered(load, &query, error.as_deref(), model.ctx.at);
        }
        BackendMsg::Events(events) => data::apply_events(model, &events, effects),
        BackendMsg::Job(job) => orders::apply_job(model, &job, effects),
        BackendMsg::Remembered(user, guest) => {
            model.ctx.remembered.insert(user, *guest);
        }
        BackendMsg::Elsewhere(job, holder) => orders::apply_job_elsewhere(model, &job, &holder, effects),
        BackendMsg::Ignored(id, why) => orders::tell_ignored(model, id, why),
        BackendMsg::Unstarted(id) => {
            log_line(model, Glyph::Cross, Role::Dim, log::NOT_STARTED.to_owned());
            orders::undo_start(model, id);
            if let Some(why) = model.ctx.journal_trouble.take() {
                apply_journal_trouble(model, Some(why));
            }
        }
        BackendMsg::Practised(practice, result) => data::apply_practice(model, &practice, result),
        BackendMsg::Server(trouble) => apply_server_trouble(model, trouble, effects),
        BackendMsg::Pause(wait) => apply_pause(model, wait),
        BackendMsg::Key(trouble) => apply_key_trouble(model, trouble, effects),
        BackendMsg::ServerTime(server) => apply_server_time(model, server),
        BackendMsg::Journal(trouble) => apply_journal_trouble(model, trouble),
        BackendMsg::Notice(text) => {
            log_line(model, Glyph::Attention, Role::Warning, text.clone());
            toast(model, text, Role::Warning);
        }
        BackendMsg::Draft(draft) => offer_draft(model, &draft, effects),
        BackendMsg::Stopped => {}
    }
}

/// When the model wants to be woken: a notice ends, something is to be read or gets too old, or a running card turns
/// its seconds.
pub fn deadline(model: &Model) -> Option<Timestamp> {
    let toast = model.toast.as_ref().map(|toast| toast.until);
    // What a row says of an end turns when the end comes.
    let end = model.panes.users.next_end(&model.ctx);
    let all = [end, toast, model.ctx.pause_until, model.live.deadline(&model.ctx), placing_deadline(model)];
    all.into_iter().flatten().min()
}

fn placing_deadline(model: &Model) -> Option<Timestamp> {
    let seconds = model.ctx.jobs.unfinished().filter_map(|job| match &job.phase {
        Phase::Placing { since, .. } | Phase::ReadingBack { since, .. } => Some(next_second(*since, model.ctx.at)),
        _ => None,
    });
    seconds.min()
}

fn next_second(since: Timestamp, now: Timestamp) -> Timestamp {
    let passed = now.duration_since(since).as_secs().max(0);
    since.saturating_add(SignedDuration::from_secs(passed + 1)).unwrap_or(now)
}

fn key_pressed(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    if key.code != KeyCode::Enter {
        // Whoever presses another key has seen the change.
        model.enter_guard = None;
        model.last_enter = None;
    } else if ignores_enter(model) {
        return;
    }
    // Nobody works blind: while the window is too small, keys wait for a larger one.
    if model.areas().is_none() && key != Key::ctrl('c') {
        return;
    }
    if key == Key::ctrl('c') {
        run_action(model, crate::keys::action::Action::QuitIfIdle, effects);
        return;
    }
    if let Some(top) = model.dialogs.top_id() {
        to_dialog(model, top, dialogs::Msg::Key(key), effects);
        return;
    }
    if model.is_typing() {
        let is_text = key.typed().is_some();
        // Keys that type nothing keep their meaning, so that F4 on a hit makes its card.
        let action = action_for(key, model.focus).filter(|_| matches!(key.code, KeyCode::F(_)) && !is_text);
        match action {
            Some(action) => run_action(model, action, effects),
            None => to_pane(model, model.focus, panes::Msg::Key(key), effects),
        }
        return;
    }
    if let Some(action) = action_for(key, model.focus) {
        run_action(model, action, effects);
    }
}

// A person presses Enter once, for what was to be seen. One that is held or doubled, and one that was on its way when
// what it does changed, starts nothing, and it is said.
fn ignores_enter(model: &mut Model) -> bool {
    let at = model.ctx.at;
    let is_close = |before: Timestamp| at.duration_since(before) < ENTER_GUARD;
    let before = model.last_enter.replace(at);
    let starts = model.dialogs.top().is_some_and(Dialog::guards_enter);
    let is_doubled = starts && before.is_some_and(is_close);
    let has_changed = model.enter_guard.is_some_and(|until| at < until);
    if is_doubled || has_changed {
        let why = if has_changed { log::ENTER_TOO_EARLY } else { log::ENTER_TWICE };
        toast(model, why.to_owned(), Role::Warning);
    }
    is_doubled || has_changed
}

fn enter_held(model: &mut Model) {
    if model.dialogs.top().is_some_and(Dialog::guards_enter) {
        toast(model, log::ENTER_HELD.to_owned(), Role::Warning);
    }
}

fn pasted(model: &mut Model, text: String, effects: &mut Vec<Effect>) {
    if model.areas().is_none() {
        return;
    }
    if let Some(top) = model.dialogs.top_id().filter(|_| model.dialogs.top().is_some_and(Dialog::takes_text)) {
        to_dialog(model, top, dialogs::Msg::Paste(text), effects);
    } else if model.dialogs.is_empty() && model.is_typing() {
        to_pane(model, model.focus, panes::Msg::Paste(text), effects);
    } else {
        // It may be what a hand pressed and a slow line delivered at once.
        toast(model, log::TEXT_IGNORED.to_owned(), Role::Warning);
    }
}

/// Hands a message to a pane and does what it wants.
pub(super) fn to_pane(model: &mut Model, pane: PaneId, msg: panes::Msg, effects: &mut Vec<Effect>) {
    let out = model.panes.update(pane, msg, &model.ctx);
    for out in out {
        match out {
            panes::Out::Fetch(query) => data::fetch(model, query, effects),
            panes::Out::Stage(group) => {
                let member = model.ctx.selected.as_ref().and_then(|user| {
                    let row = model.ctx.directory.group(&group)?;
                    Some((user.clone(), model.ctx.directory.is_member(user, row)?))
                });
                if let Some((user, is_member)) = member {
                    model.ctx.staged.toggle(&user, &group, is_member);
                }
            }
            panes::Out::OpenEntry(entry) => {
                push_dialog(model, Dialog::Entry(entry::State::new(*entry)));
            }
            panes::Out::UseEncoder(encoder) => {
                let name = model.ctx.encoder(&encoder).map(crate::seam::types::Encoder::name).unwrap_or_default();
                model.ctx.desk_encoder = Some(encoder);
                toast(model, log::desk_encoder(&name), Role::Good);
            }
        }
    }
}

/// Hands a message to a dialog and does what it wants. A dialog that is closed hears nothing.
pub(super) fn to_dialog(model: &mut Model, id: DialogId, msg: dialogs::Msg, effects: &mut Vec<Effect>) {
    let Some(dialog) = model.dialogs.get_mut(id) else { return };
    let out = dialog.update(msg, &model.ctx);
    let opener = model.dialogs.opener(id);
    for out in out {
        apply_dialog_out(model, Some(id), opener, out, effects);
    }
}

/// Tells every dialog that what it looks at may have changed.
pub(super) fn refresh_dialogs(model: &mut Model, effects: &mut Vec<Effect>) {
    for id in model.dialogs.ids() {
        to_dialog(model, id, dialogs::Msg::Refresh, effects);
    }
}

/// What was typed into a form that was closed.
fn draft_of(closed: Option<Dialog>) -> Option<Draft> {
    match closed {
        Some(Dialog::Form(form)) => form.draft(),
        _ => None,
    }
}

/// Tells the engine what a person decided about a job.
pub(super) fn decide(model: &Model, id: JobId, decision: Decision, effects: &mut Vec<Effect>) {
    let by = model.ctx.settings.operator.clone();
    effects.push(Effect::Job(Command::Decide { id, decision, by }));
}

// What a dialog wants: `source` is the dialog in whose name it is done (`None`: the desk), `opener` who asked by it.
fn apply_dialog_out(
    model: &mut Model,
    source: Option<DialogId>,
    opener: Option<DialogId>,
    out: dialogs::Out,
    effects: &mut Vec<Effect>,
) {
    let close = |model: &mut Model| source.and_then(|id| model.dialogs.close(id));
    match out {
        dialogs::Out::Close => {
            close(model);
        }
        dialogs::Out::Open(dialog) => {
            model.dialogs.push(dialog, source);
            guard_enter(model);
        }
        dialogs::Out::Become(dialog) => {
            close(model);
            push_dialog(model, dialog);
        }
        dialogs::Out::Do(action) => {
            close(model);
            run_action(model, action, effects);
        }
        dialogs::Out::Start(order) => {
            let form = draft_of(close(model));
            orders::start_with_form(model, order, form, effects);
        }
        dialogs::Out::StartBatch(orders, notice) => {
            close(model);
            let batch = model.ids.next_batch();
            model.ctx.check_out_back = orders.iter().filter_map(|order| taken_back(order, batch)).collect();
            orders::start_batch(model, orders, notice, effects);
        }
        dialogs::Out::StartInstead(job, order) => {
            let form = draft_of(close(model));
            orders::start_instead(model, job, order, form, effects);
        }
        dialogs::Out::Decide(id, decision) => {
            guard_enter(model);
            decide(model, id, decision, effects);
        }
        dialogs::Out::Picked(encoder) => {
            if let Some(opener) = opener {
                to_dialog(model, opener, dialogs::Msg::Picked(encoder), effects);
            }
        }
        dialogs::Out::Reply(reply) => {
            if let Some(source) = source {
                to_dialog(model, source, dialogs::Msg::Reply(reply), effects);
            }
        }
        dialogs::Out::Answer(outs) => {
            let asker = opener.and_then(|id| model.dialogs.opener(id));
            for out in outs {
                apply_dialog_out(model, opener, asker, out, effects);
            }
        }
        dialogs::Out::Select(user) => {
            close(model);
            model.focus = PaneId::Users;
            to_pane(model, PaneId::Users, panes::Msg::SelectUser(user), effects);
        }
        dialogs::Out::Fetch(query) => data::fetch(model, query, effects),
        dialogs::Out::Changed => guard_enter(model),
        dialogs::Out::OpenForm(draft) => {
            let form = guest_form::State::from_draft(&draft, &model.ctx);
            push_dialog(model, Dialog::Form(Box::new(form)));
        }
        dialogs::Out::ShelveForm(draft) => model.shelved_form = Some(*draft),
        dialogs::Out::GoOnWithoutRecord => {
            model.is_without_record = true;
            effects.push(Effect::GoOnWithoutRecord);
        }
        dialogs::Out::Quit => effects.push(Effect::Quit),
    }
}

// Without a record nothing outlives the program: the clerk is asked once whether to go on, and a mark stays.
fn apply_journal_trouble(model: &mut Model, trouble: Option<String>) {
    if model.is_without_record {
        return;
    }
    let is_new = trouble.is_some() && model.ctx.journal_trouble.is_none();
    model.ctx.journal_trouble = trouble;
    let Some(why) = &model.ctx.journal_trouble else {
        // It works again: nothing is to be decided any more.
        if let Some(question) = model.record_question.take() {
            model.dialogs.close(question);
        }
        return;
    };
    if is_new {
        let answers =
            vec![answer(record::WAIT, Vec::new()), answer(record::GO_ON, vec![dialogs::Out::GoOnWithoutRecord])];
        let question = confirm::State::new(record::TITLE, record::question(why), answers);
        model.record_question = Some(push_dialog(model, Dialog::Confirm(question)));
    }
}

fn offer_draft(model: &mut Model, draft: &Draft, effects: &mut Vec<Effect>) {
    // Kept as this desk's own until it is answered: the session may be lost again.
    effects.push(Effect::Draft(Some(draft.clone())));
    model.kept_draft = Some(draft.clone());
    ask_about_form(model, draft, None);
}

/// Asks what becomes of a form that was left. `new` is the form that is begun instead; `None` when none was asked for.
pub(super) fn ask_about_form(model: &mut Model, left: &Draft, new: Option<Draft>) {
    let question = form::left_behind(&left.name);
    let shelve = || dialogs::Out::ShelveForm(Box::new(left.clone()));
    let mut answers = vec![
        answer(form::GO_ON, vec![dialogs::Out::OpenForm(Box::new(left.clone()))]),
        answer(form::LATER, vec![shelve()]),
    ];
    let begin = new.map(|new| dialogs::Out::OpenForm(Box::new(new)));
    if let Some(dialogs::Out::OpenForm(new)) = &begin {
        answers.push(answer(form::NEW_FORM, vec![shelve(), dialogs::Out::OpenForm(new.clone())]));
    }
    // It is kept no longer than it is asked about.
    answers.push(answer(form::THROW_AWAY, begin.into_iter().collect()));
    let question = confirm::State::new(form::TITLE, question, answers).esc_gives(1);
    model.draft_question = Some(push_dialog(model, Dialog::Confirm(question)));
}

fn apply_server_trouble(model: &mut Model, trouble: Option<SeamError>, effects: &mut Vec<Effect>) {
    match (trouble, model.ctx.offline_since) {
        (Some(error), None) => {
            model.ctx.offline_since = Some(model.ctx.at);
            log_line(model, Glyph::Attention, Role::Bad, errors::sentence(&error));
            model.ctx.offline_why = Some(error);
        }
        (None, Some(_)) => {
            (model.ctx.offline_since, model.ctx.offline_why) = (None, None);
            log_line(model, Glyph::Check, Role::Good, log::BACK_ONLINE.to_owned());
            data::read_after_absence(model, effects);
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
}

fn apply_pause(model: &mut Model, wait: SignedDuration) {
    model.ctx.pause_until = model.ctx.at.checked_add(wait).ok();
    if let Some(until) = model.ctx.pause_until {
        log_line(
            model,
            Glyph::Attention,
            Role::Warning,
            panes_words::pause_sentence(&time::hour(until, model.ctx.zone())),
        );
    }
}

fn apply_key_trouble(model: &mut Model, trouble: Option<KeyTrouble>, effects: &mut Vec<Effect>) {
    if let Some(trouble) = trouble {
        let text = key::advice(&trouble).to_string();
        log_line(model, Glyph::Attention, Role::Bad, text.clone());
        toast(model, text, Role::Bad);
        let since = model.ctx.key_trouble.as_ref().map_or(model.ctx.at, |(since, _)| *since);
        if model.ctx.directory.system().loaded().is_none() {
            // Nothing will come: the panes say why instead of waiting.
            let error = SeamError::new(ErrorKind::Unauthorized, "");
            data::apply_fact(model, None, Fact::System(Err(SystemTrouble::Call(error))), effects);
        }
        model.ctx.key_trouble = Some((since, trouble));
    } else {
        model.ctx.key_trouble = None;
        log_line(model, Glyph::Check, Role::Good, key::ACCEPTED.to_owned());
        data::read_after_absence(model, effects);
    }
}

// The desk's own clock never goes back, so that it, and not the PC's, is compared: it is what departures are made from.
fn apply_server_time(model: &mut Model, server: Timestamp) {
    let ahead = model.ctx.at.duration_since(server);
    let was_off = model.ctx.clock_is_off;
    model.ctx.clock_is_off = Some(ahead).filter(|ahead| ahead.abs() > CLOCK_TOLERANCE);
    match (was_off, model.ctx.clock_is_off) {
        (_, Some(ahead)) => {
            let text = clock::advice(ahead).to_string();
            log_line(model, Glyph::Attention, Role::Bad, text.clone());
            toast(model, text, Role::Bad);
        }
        (Some(_), None) => log_line(model, Glyph::Check, Role::Good, clock::AGREES.to_owned()),
        (None, None) => {}
    }
}

/// Enter is ignored for a moment where it would start something: what it does has just changed, and not by a key.
pub(super) fn guard_enter(model: &mut Model) {
    let starts = !model.is_key && model.dialogs.top().is_some_and(Dialog::guards_enter);
    model.enter_guard = model.ctx.at.checked_add(ENTER_GUARD).ok().filter(|_| starts);
}

/// Whether a notice has room in the key line.
pub(super) fn toast_fits(text: &str, columns: u16) -> bool {
    width(text) + 4 <= usize::from(columns)
}

/// Shows a notice for five seconds, in place of any other.
pub fn toast(model: &mut Model, text: String, role: Role) {
    // What has no room can be opened in the activity.
    if !toast_fits(&text, model.ctx.size.0) && model.panes.activity.newest() != Some(&text) {
        let glyph = if role == Role::Good { Glyph::Check } else { Glyph::Attention };
        log_line(model, glyph, role, text.clone());
    }
    let until = model.ctx.at.saturating_add(TOAST).unwrap_or(model.ctx.at);
    model.is_dirty = true;
    model.toast = Some(Toast { text, role, until });
}

/// Adds a line to the activity.
pub(super) fn log_line(model: &mut Model, glyph: Glyph, role: Role, text: String) {
    let at = model.ctx.at;
    model.panes.activity.add(ActivityEntry { at, glyph, role, text });
}

pub(super) fn ring(model: &Model, effects: &mut Vec<Effect>) {
    if model.ctx.settings.bell {
        effects.push(Effect::Bell);
    }
}

// After every message: sizes follow the window, the selection follows the cursor.
fn sync_layout_and_selection(model: &mut Model, is_key: bool, effects: &mut Vec<Effect>) {
    for (pane, area) in model.shown_panes() {
        let inner = inside(area);
        to_pane(model, pane, panes::Msg::Size(usize::from(inner.width), usize::from(inner.height)), effects);
    }
    let selected = model.panes.users.selected(&model.ctx).cloned();
    let gone = model.panes.users.gone(&model.ctx).map(str::to_owned);
    if let Some(name) = gone.as_ref().filter(|_| !model.ctx.selected_is_gone) {
        toast(model, log::guest_gone(name), Role::Warning);
    }
    model.ctx.selected_is_gone = gone.is_some();
    if selected != model.ctx.selected {
        // Who was selected is gone: Enter must not hit the next one.
        if !is_key && model.ctx.selected.is_some() {
            model.enter_guard = model.ctx.at.checked_add(ENTER_GUARD).ok();
        }
        model.ctx.selected.clone_from(&selected);
        model.live.choose(selected, model.ctx.at);
        model.is_dirty = true;
        for pane in PaneId::ALL.into_iter().filter(|pane| *pane != PaneId::Users) {
            to_pane(model, pane, panes::Msg::Refresh, effects);
        }
    }
}

// What is typed is on disk before the next key, so that a lost session loses nothing.
fn keep_draft(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.draft_question.is_some_and(|question| model.dialogs.is_open(question)) {
        return;
    }
    let draft = model.dialogs.iter().find_map(|dialog| match dialog {
        Dialog::Form(form) => form.draft(),
        _ => None,
    });
    // Until the order is kept, the form is.
    let replacing = || model.replacements.values().next_back().and_then(|(_, form)| form.clone());
    let draft = draft
        .or_else(|| model.sent_forms.last().map(|(_, form)| form.clone()))
        .or_else(replacing)
        .or_else(|| model.shelved_form.clone());
    if draft != model.kept_draft {
        model.kept_draft.clone_from(&draft);
        effects.push(Effect::Draft(draft));
    }
}
