//! Carries out an action, once it is known to be possible.

use super::data::load_everything;
use super::dialog_stack::DialogId;
use super::effect::Effect;
use super::model::Model;
use super::orders::{card, start};
use super::update::{guard_enter, to_pane, toast};
use crate::component::available::available;
use crate::dialogs::confirm::{self, answer};
use crate::dialogs::{self, Dialog, guest_form, help, needs, palette};
use crate::domain::job::order::{CardWork, Guest, Named};
use crate::domain::plan::{Wish, plan};
use crate::domain::query::Query;
use crate::keys::PaneId;
use crate::keys::action::{Action, FAILURES};
use crate::panes;
use crate::ui::theme::Role;
use crate::words::card::quit;
use crate::words::log;

/// Does what a person asked for, or says why not.
pub(super) fn run_action(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if let Err(why) = available(action, &model.ctx, model.focus, model.is_searching()) {
        if !why.is_empty() {
            toast(model, why.to_owned(), Role::Warning);
        }
        return;
    }
    match action {
        Action::Card => card(model, effects),
        Action::NewGuest => {
            // Whom a search did not find is often the guest who stands here.
            let name = model.panes.users.missed(&model.ctx).unwrap_or_default();
            let form = guest_form::State::new(&model.ctx, &name);
            push_dialog(model, Dialog::Form(Box::new(form)));
        }
        Action::Search => to_pane(model, model.focus, panes::Msg::Search, effects),
        Action::ClearSearch => to_pane(model, model.focus, panes::Msg::ClearSearch, effects),
        Action::Stage => to_pane(model, PaneId::Groups, panes::Msg::Toggle, effects),
        Action::Save => save(model, effects),
        Action::DropStaged => {
            if let Some(user) = model.ctx.selected.clone() {
                model.ctx.staged.clear(&user);
                toast(model, log::DROPPED.to_owned(), Role::Plain);
            }
        }
        Action::UseEncoder => to_pane(model, PaneId::Encoders, panes::Msg::Choose, effects),
        Action::Reload => {
            load_everything(model, effects);
            toast(model, log::RELOADING.to_owned(), Role::Plain);
        }
        Action::Needs => {
            push_dialog(model, Dialog::Needs(needs::State::default()));
        }
        Action::Palette => {
            let state = palette::State::new(model.focus, model.is_searching());
            push_dialog(model, Dialog::Palette(state));
        }
        Action::Help => {
            push_dialog(model, Dialog::Help(help::State::new(model.focus)));
        }
        Action::Quit => leave(model, effects),
        Action::QuitIfIdle => leave_if_idle(model, effects),
        Action::NextPane => model.focus = model.focus.after(1),
        Action::PreviousPane => model.focus = model.focus.after(PaneId::ALL.len() - 1),
        Action::Focus(pane) => model.focus = pane,
        Action::Move(step) => to_pane(model, model.focus, panes::Msg::Move(step), effects),
        Action::FailNext(how) => simulate(model, FAILURES.get(how).map(|code| code.as_str().to_owned()), effects),
        Action::SucceedNext => simulate(model, None, effects),
    }
}

/// Opens a dialog over what is there.
pub(super) fn push_dialog(model: &mut Model, dialog: Dialog) -> DialogId {
    let id = model.dialogs.push(dialog, None);
    guard_enter(model);
    id
}

fn save(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(user) = model.ctx.selected.clone() else { return };
    let Some(person) = model.ctx.directory.people.get(&user) else { return };
    let wish = Wish {
        guest: Guest::Existing(Named { id: user.clone(), name: person.user.name().to_owned() }),
        changes: model.ctx.staged.changes(&user, &model.ctx.directory),
        card: CardWork::None,
        encoder: None,
    };
    let order = plan(&model.ctx.directory, wish).order;
    start(model, Box::new(order), effects);
}

fn simulate(model: &Model, code: Option<String>, effects: &mut Vec<Effect>) {
    if let Some(encoder) = &model.ctx.desk_encoder {
        effects.push(Effect::Fetch(model.load, Query::Simulate(encoder.clone(), code)));
    }
}

fn leave(model: &mut Model, effects: &mut Vec<Effect>) {
    let jobs: Vec<String> = model.ctx.jobs.open().map(|job| job.who().to_owned()).collect();
    let unsaved: Vec<String> = model
        .ctx
        .staged
        .users()
        .filter_map(|user| Some(model.ctx.directory.people.get(user)?.user.name().to_owned()))
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
    let busy = model.ctx.jobs.open().next().is_some() || model.ctx.staged.users().next().is_some();
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
