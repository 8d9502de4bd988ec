//! What is done to the access of the selected user as a whole, each after a question that names the user.

use super::effect::Effect;
use super::model::Model;
use super::run_action::{chosen, push_dialog};
use crate::component::ctx::Ctx;
use crate::dialogs::confirm::{self, answer};
use crate::dialogs::{self, Dialog};
use crate::domain::job::order::{AccessChange, CardWork, Guest, Named, Order};
use crate::keys::PaneId;
use crate::keys::action::WhyNot;
use crate::seam::types::UserId;
use crate::words::access as words;
use crate::words::actions::why;

/// What can be done to the access of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessWork {
    /// Suspend it.
    Suspend,
    /// End the suspension.
    Unsuspend,
    /// Cancel the card, and make no other.
    CancelCard,
    /// Delete the user.
    Delete,
}

pub(super) fn can_suspend(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    if is_suspended(ctx)? { Err(Some(why::SUSPENDED_ALREADY)) } else { Ok(()) }
}

pub(super) fn can_unsuspend(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    if is_suspended(ctx)? { Ok(()) } else { Err(Some(why::NOT_SUSPENDED)) }
}

pub(super) fn can_cancel_card(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    let user = free(ctx)?;
    ctx.directory.card_of(&user.id).map(|_| ()).ok_or(Some(why::NO_CARD))
}

pub(super) fn can_delete(ctx: &Ctx, _: PaneId, _: bool) -> Result<(), WhyNot> {
    free(ctx).map(|_| ())
}

fn is_suspended(ctx: &Ctx) -> Result<bool, WhyNot> {
    let user = free(ctx)?;
    Ok(ctx.directory.user(&user.id).is_some_and(|person| person.user().is_suspended))
}

// The selected user, unless there is a job for it: two would race.
fn free(ctx: &Ctx) -> Result<Named<UserId>, WhyNot> {
    let id = chosen(ctx)?.clone();
    if ctx.jobs.is_busy(&id) {
        return Err(Some(why::SAVING));
    }
    let name = ctx.directory.user(&id).map(|person| person.user().name().to_owned());
    name.map(|name| Named { id, name }).ok_or(Some(why::NO_GUEST))
}

/// Asks whether that is meant, by the user's name; the first answer does nothing.
pub(super) fn ask(model: &mut Model, work: AccessWork, _: &mut Vec<Effect>) {
    let Ok(user) = free(&model.ctx) else { return };
    let card = model.ctx.directory.card_of(&user.id).map(|card| CardWork::Cancel(card.acs_credential_id.clone()));
    let card = card.unwrap_or(CardWork::None);
    let base = Order::of(Guest::Existing(user.clone()));
    let (question, yes, order) = match work {
        AccessWork::Suspend => {
            (words::suspend(&user.name), words::SUSPEND, Order { access: Some(AccessChange::Suspend), ..base })
        }
        AccessWork::Unsuspend => {
            (words::unsuspend(&user.name), words::UNSUSPEND, Order { access: Some(AccessChange::Unsuspend), ..base })
        }
        AccessWork::CancelCard => (words::cancel_card(&user.name), words::CANCEL_CARD, Order { card, ..base }),
        // The card's credential goes first, so that it is not left behind.
        AccessWork::Delete => {
            (words::delete(&user.name), words::DELETE, Order { access: Some(AccessChange::Delete), card, ..base })
        }
    };
    let answers = vec![answer(words::LEAVE_IT, Vec::new()), answer(yes, vec![dialogs::Out::Start(Box::new(order))])];
    push_dialog(model, Dialog::Confirm(confirm::State::new(words::title(&user.name), question, answers)));
}
