//! Whether an action can be done now, and if not, why: the same for key line, palette and help.

use super::ctx::Ctx;
use crate::domain::directory::Remote;
use crate::keys::PaneId;
use crate::keys::action::Action;
use crate::words::actions::why;

/// Whether an action can be done with the focus on this pane.
///
/// # Errors
/// The sentence that says why not; empty when there is nothing to say.
pub fn available(action: Action, ctx: &Ctx, pane: PaneId, is_searching: bool) -> Result<(), &'static str> {
    let connected = ctx.directory.system.loaded().is_some();
    let selected = ctx.selected.as_ref().ok_or(why::NO_GUEST);
    match action {
        Action::Card => {
            let user = selected?;
            if ctx.jobs.elsewhere_of_user(user).is_some() {
                return Err(why::ELSEWHERE);
            }
            if ctx.jobs.of_user(user).is_none() && ctx.desk_encoder.is_none() {
                return Err(why::NO_ENCODER);
            }
            Ok(())
        }
        Action::NewGuest if !connected => Err(why::NOT_CONNECTED),
        Action::Stage => {
            let user = selected?;
            if pane != PaneId::Groups {
                return Err(why::OTHER_PANE);
            }
            if ctx.jobs.of_user(user).is_some() || ctx.jobs.elsewhere_of_user(user).is_some() {
                return Err(why::SAVING);
            }
            if ctx.directory.membership_load(user) != &Remote::Loaded(()) {
                return Err(why::READING_GROUPS);
            }
            if ctx.directory.groups().is_empty() { Err(why::NO_GROUP) } else { Ok(()) }
        }
        Action::Save | Action::DropStaged => {
            let user = selected?;
            if !ctx.staged.has(user) {
                return Err(why::NOTHING_STAGED);
            }
            if action == Action::Save && ctx.jobs.of_user(user).is_some() { Err(why::SAVING) } else { Ok(()) }
        }
        Action::Search if !matches!(pane, PaneId::Users | PaneId::Groups) => Err(why::NO_SEARCH),
        Action::ClearSearch if !is_searching => Err(why::NO_SEARCH_ON),
        Action::UseEncoder if pane != PaneId::Encoders => Err(why::OTHER_PANE),
        Action::UseEncoder if ctx.encoders().is_empty() => Err(why::NO_ENCODER),
        Action::FailNext(_) | Action::SucceedNext if !ctx.is_sandbox() => Err(why::NOT_A_SANDBOX),
        Action::FailNext(_) | Action::SucceedNext if ctx.desk_encoder.is_none() => Err(why::NO_ENCODER),
        _ => Ok(()),
    }
}
