//! What each action needs and does: one arm an action.

use super::access::{self, AccessWork, ask};
use super::data::{fetch, load_everything};
use super::dialog_stack::DialogId;
use super::effect::Effect;
use super::model::Model;
use super::orders::{open_card_dialog, start_batch};
use super::update::{ask_about_form, guard_enter, to_pane, toast};
use crate::component::ctx::Ctx;
use crate::component::draft::Draft;
use crate::dialogs::confirm::{self, answer};
use crate::dialogs::guest_form::At;
use crate::dialogs::{self, Dialog, changes, check_out, guest_form, help, needs, palette};
use crate::domain::directory::Remote;
use crate::domain::practice::Practice;
use crate::keys::PaneId;
use crate::keys::action::{Action, WhyNot};
use crate::panes;
use crate::seam::types::UserId;
use crate::ui::theme::Role;
use crate::words::actions::why;
use crate::words::card::quit;
use crate::words::{check_out as check_out_words, key, log};

/// What an action needs, and what it does.
struct Handler {
    can: Can,
    run: Run,
}

type Run = Box<dyn FnOnce(&mut Model, &mut Vec<Effect>)>;

/// Says why an action can't be done in a pane, with a search on or not.
type Can = fn(&Ctx, PaneId, bool) -> Result<(), WhyNot>;

fn when(can: Can, run: impl FnOnce(&mut Model, &mut Vec<Effect>) + 'static) -> Handler {
    Handler { can, run: Box::new(run) }
}

// One arm an action: when it can be done, and what it does.
fn handler(action: Action) -> Handler {
    match action {
        Action::Card => when(can_make_card, open_card_dialog),
        Action::Edit => when(can_edit, |model, _| edit(model, At::Name, false)),
        Action::Departure => when(can_edit, |model, _| edit(model, At::Departure, true)),
        Action::MoveRoom => when(can_edit, |model, _| edit(model, At::Room, true)),
        Action::AnotherCard => when(can_edit, another_card),
        Action::CheckOut => when(can_check_out, open_check_out),
        Action::Suspend => when(access::can_suspend, |model, effects| ask(model, AccessWork::Suspend, effects)),
        Action::Unsuspend => when(access::can_unsuspend, |model, effects| ask(model, AccessWork::Unsuspend, effects)),
        Action::CancelCard => {
            when(access::can_cancel_card, |model, effects| ask(model, AccessWork::CancelCard, effects))
        }
        Action::DeleteGuest => when(access::can_delete, |model, effects| ask(model, AccessWork::Delete, effects)),
        Action::TakeBack => when(can_take_back, take_back),
        Action::NewGuest => when(is_connected, new_guest),
        Action::Search => when(has_search, |model, effects| to_pane(model, model.focus, panes::Msg::Search, effects)),
        Action::ClearSearch => {
            when(search_is_on, |model, effects| to_pane(model, model.focus, panes::Msg::ClearSearch, effects))
        }
        Action::Stage => when(can_stage, |model, effects| to_pane(model, PaneId::Groups, panes::Msg::Toggle, effects)),
        Action::Save => when(can_save, |model, _| show_changes(model)),
        Action::DropStaged => when(has_staged, |model, _| drop_staged(model)),
        Action::UseEncoder => {
            when(is_on_encoder, |model, effects| to_pane(model, PaneId::Encoders, panes::Msg::Choose, effects))
        }
        Action::OpenEntry => {
            when(is_on_activity, |model, effects| to_pane(model, PaneId::Activity, panes::Msg::Choose, effects))
        }
        Action::Reload => when(ALWAYS, |model, effects| {
            effects.push(Effect::ReadKey);
            if model.ctx.key_trouble.is_some() {
                // With a key that works everything is read anew by itself.
                toast(model, key::READING.to_owned(), Role::Plain);
                return;
            }
            load_everything(model, effects);
            toast(model, log::RELOADING.to_owned(), Role::Plain);
        }),
        Action::Needs => when(ALWAYS, |model, _| {
            push_dialog(model, Dialog::Needs(needs::State::default()));
        }),
        Action::Palette => when(ALWAYS, |model, _| {
            let state = palette::State::new(model.focus, model.is_searching(), available);
            push_dialog(model, Dialog::Palette(state));
        }),
        Action::Help => when(ALWAYS, |model, _| {
            push_dialog(model, Dialog::Help(help::State::new(model.focus)));
        }),
        Action::Quit => when(ALWAYS, leave),
        Action::QuitIfIdle => when(ALWAYS, leave_if_idle),
        Action::NextPane => when(ALWAYS, |model, _| model.focus = model.focus.after(1)),
        Action::PreviousPane => when(ALWAYS, |model, _| model.focus = model.focus.after(PaneId::ALL.len() - 1)),
        Action::Focus(pane) => when(ALWAYS, move |model, _| model.focus = pane),
        Action::Move(step) => {
            when(ALWAYS, move |model, effects| to_pane(model, model.focus, panes::Msg::Move(step), effects))
        }
        Action::FailNext(failure) => {
            when(can_practise, move |model, effects| practise(model, Some(failure.code().as_str().to_owned()), effects))
        }
        Action::SucceedNext => when(can_practise, |model, effects| practise(model, None, effects)),
    }
}

/// Whether an action can be done with the focus on this pane: the same for key line, palette and key.
///
/// # Errors
/// Why not.
pub fn available(action: Action, ctx: &Ctx, pane: PaneId, is_searching: bool) -> Result<(), WhyNot> {
    (handler(action).can)(ctx, pane, is_searching)
}

/// Does what a person asked for, or says why not.
pub(super) fn run_action(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let handler = handler(action);
    match (handler.can)(&model.ctx, model.focus, model.is_searching()) {
        Ok(()) => (handler.run)(model, effects),
        Err(None) => {}
        Err(Some(why)) => toast(model, why.to_owned(), Role::Warning),
    }
}

const ALWAYS: Can = |_, _, _| Ok(());

fn is_connected(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    ctx.directory.system().loaded().map(|_| ()).ok_or(Some(why::NOT_CONNECTED))?;
    fits_make(ctx)
}

// Guests and cards of another make follow other rules.
fn fits_make(ctx: &Ctx) -> Result<(), WhyNot> {
    if ctx.is_other_make() { Err(Some(why::OTHER_MAKE)) } else { Ok(()) }
}

fn has_search(_: &Ctx, pane: PaneId, _: bool) -> Result<(), WhyNot> {
    if panes::has_search(pane) { Ok(()) } else { Err(Some(why::NO_SEARCH)) }
}

// Esc without a search is nothing to be told of.
fn search_is_on(_: &Ctx, _: PaneId, is_searching: bool) -> Result<(), WhyNot> {
    if is_searching { Ok(()) } else { Err(None) }
}

/// The selected user, whose name the screen shows.
pub(super) fn chosen(ctx: &Ctx) -> Result<&UserId, WhyNot> {
    let why = if ctx.selected_is_gone { why::GUEST_IS_GONE } else { why::NO_GUEST };
    ctx.selected.as_ref().ok_or(Some(why))
}

fn can_make_card(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    let user = chosen(ctx)?;
    if ctx.jobs.elsewhere_of_user(user).is_some() {
        Err(Some(why::ELSEWHERE))
    } else if ctx.jobs.of_user(user).is_some() {
        Ok(())
    } else if ctx.is_other_make() {
        Err(Some(why::OTHER_MAKE))
    } else if ctx.desk_encoder.is_none() {
        Err(Some(lacks_encoder(ctx)))
    } else {
        Ok(())
    }
}

fn lacks_encoder(ctx: &Ctx) -> &'static str {
    if ctx.encoders().is_empty() { why::NO_ENCODER } else { why::CHOOSE_ENCODER }
}

fn can_check_out(ctx: &Ctx, pane: PaneId, is_searching: bool) -> Result<(), WhyNot> {
    is_connected(ctx, pane, is_searching)?;
    chosen(ctx).map(|_| ())
}

// Which groups the guest is in must be known: what the form does not name is taken away.
fn can_edit(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    let user = chosen(ctx)?;
    if ctx.jobs.of_user(user).is_some() {
        Err(Some(why::SAVING))
    } else if ctx.jobs.elsewhere_of_user(user).is_some() {
        Err(Some(why::ELSEWHERE))
    } else if ctx.directory.membership_load(user) != &Remote::Loaded(()) {
        Err(Some(why::READING_GROUPS))
    } else {
        Ok(())
    }
}

fn another_card(model: &mut Model, _: &mut Vec<Effect>) {
    let Some(user) = model.ctx.selected.clone() else { return };
    if let Some(form) = guest_form::State::companion(&user, &model.ctx) {
        push_dialog(model, Dialog::Form(Box::new(form)));
    }
}

fn edit(model: &mut Model, at: At, is_for_one: bool) {
    let Some(user) = model.ctx.selected.clone() else { return };
    if let Some(form) = guest_form::State::edit(&user, at, is_for_one, &model.ctx) {
        push_dialog(model, Dialog::Form(Box::new(form)));
    }
}

fn can_take_back(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    if ctx.check_out_back.is_empty() { Err(Some(why::NOTHING_TO_TAKE_BACK)) } else { Ok(()) }
}

fn can_stage(ctx: &Ctx, pane: PaneId, _: bool) -> Result<(), WhyNot> {
    let user = chosen(ctx)?;
    if pane != PaneId::Groups {
        Err(Some(why::OTHER_PANE))
    } else if ctx.jobs.is_busy(user) {
        Err(Some(why::SAVING))
    } else if ctx.directory.membership_load(user) != &Remote::Loaded(()) {
        Err(Some(why::READING_GROUPS))
    } else if ctx.is_other_make() {
        Err(Some(why::OTHER_MAKE))
    } else if ctx.directory.groups().is_empty() {
        Err(Some(why::NO_GROUP))
    } else {
        Ok(())
    }
}

fn has_staged(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    let user = chosen(ctx)?;
    if ctx.staged.has(user) { Ok(()) } else { Err(Some(why::NOTHING_STAGED)) }
}

fn can_save(ctx: &Ctx, pane: PaneId, is_searching: bool) -> Result<(), WhyNot> {
    has_staged(ctx, pane, is_searching)?;
    fits_make(ctx)?;
    if ctx.selected.as_ref().is_some_and(|user| ctx.jobs.is_busy(user)) { Err(Some(why::SAVING)) } else { Ok(()) }
}

fn is_on_activity(_: &Ctx, pane: PaneId, _: bool) -> Result<(), WhyNot> {
    if pane == PaneId::Activity { Ok(()) } else { Err(Some(why::OTHER_PANE)) }
}

fn is_on_encoder(ctx: &Ctx, pane: PaneId, _: bool) -> Result<(), WhyNot> {
    if pane != PaneId::Encoders {
        Err(Some(why::OTHER_PANE))
    } else if ctx.encoders().is_empty() {
        Err(Some(why::NO_ENCODER))
    } else {
        Ok(())
    }
}

fn can_practise(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    if !ctx.is_sandbox() {
        Err(Some(why::NOT_A_SANDBOX))
    } else if ctx.desk_encoder.is_none() {
        Err(Some(lacks_encoder(ctx)))
    } else {
        Ok(())
    }
}

fn open_check_out(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(user) = model.ctx.selected.clone() else { return };
    let batch = model.ids.next_batch();
    let state = check_out::State::new(user, batch, &model.ctx);
    for query in state.questions(&model.ctx) {
        fetch(model, query, effects);
    }
    push_dialog(model, Dialog::CheckOut(state));
}

fn take_back(model: &mut Model, effects: &mut Vec<Effect>) {
    let back = std::mem::take(&mut model.ctx.check_out_back);
    let notice = check_out_words::taking_back(back.len());
    start_batch(model, back, notice, effects);
}

fn new_guest(model: &mut Model, _: &mut Vec<Effect>) {
    // Whom a search did not find is often the guest who stands here.
    let name = model.panes.users.name_not_found().unwrap_or_default();
    if let Some(left) = model.shelved_form.take() {
        // What was put off is on the way back before anything new is typed.
        ask_about_form(model, &left, Some(Draft { name, card: true, ..Draft::default() }));
        return;
    }
    let form = guest_form::State::new(&model.ctx, &name);
    push_dialog(model, Dialog::Form(Box::new(form)));
}

fn drop_staged(model: &mut Model) {
    if let Some(user) = model.ctx.selected.clone() {
        model.ctx.staged.clear(&user);
        toast(model, log::DROPPED.to_owned(), Role::Plain);
    }
}

/// Opens a dialog over what is there.
pub(super) fn push_dialog(model: &mut Model, dialog: Dialog) -> DialogId {
    let id = model.dialogs.push(dialog, None);
    guard_enter(model);
    id
}

fn show_changes(model: &mut Model) {
    if let Some(user) = model.ctx.selected.clone() {
        let state = changes::State::new(user, &model.ctx);
        push_dialog(model, Dialog::Changes(state));
    }
}

fn practise(model: &Model, fails_with: Option<String>, effects: &mut Vec<Effect>) {
    if let Some(encoder) = model.ctx.desk_encoder.clone() {
        effects.push(Effect::Practise(Practice { encoder, fails_with }));
    }
}

fn leave(model: &mut Model, effects: &mut Vec<Effect>) {
    let jobs: Vec<String> = model.ctx.jobs.unfinished().map(|job| job.who().to_owned()).collect();
    let unsaved: Vec<String> = model
        .ctx
        .staged
        .users()
        .filter_map(|user| Some(model.ctx.directory.user(user)?.user().name().to_owned()))
        .collect();
    if jobs.is_empty() && unsaved.is_empty() {
        effects.push(Effect::Quit);
        return;
    }
    let question = quit::question(&jobs, &unsaved, model.is_recorded());
    let answers = vec![answer(quit::STAY, Vec::new()), answer(quit::LEAVE, vec![dialogs::Out::Quit])];
    push_dialog(model, Dialog::Confirm(confirm::State::new(quit::TITLE, question, answers)));
}

fn leave_if_idle(model: &mut Model, effects: &mut Vec<Effect>) {
    let typed = model.dialogs.iter().any(Dialog::has_typing);
    let busy = model.ctx.jobs.unfinished().next().is_some() || model.ctx.staged.users().next().is_some();
    let top = model.dialogs.top_id();
    if let Some(top) = top.filter(|_| !typed) {
        // The box that is open goes first; nothing hangs on it.
        model.dialogs.close(top);
    } else if typed {
        toast(model, log::CTRL_C_FORM.to_owned(), Role::Warning);
    } else if busy {
        toast(model, log::CTRL_C.to_owned(), Role::Warning);
    } else {
        effects.push(Effect::Quit);
    }
}
