//! What was last heard of an encoder. The API can't tell whether one is on line: only its last answer can.

use super::ctx::Ctx;
use crate::domain::codes::AttemptCode;
use crate::seam::types::EncoderId;
use crate::ui::theme::{Glyph, Role};
use crate::words::panes::encoder as said;
use crate::words::time;

/// What was last heard of an encoder, fit for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The mark before the words.
    pub glyph: Glyph,
    /// The role of the mark, and of what is wrong.
    pub role: Role,
    /// "not tried yet", "answered 10:39", "no answer 10:41".
    pub text: String,
}

/// What was last heard of this encoder, by the jobs that this desk saw.
pub fn heard(ctx: &Ctx, encoder: &EncoderId) -> Heard {
    let Some(last) = ctx.jobs.last_on(encoder) else {
        return Heard { glyph: Glyph::Hollow, role: Role::Dim, text: said::NOT_TRIED.to_owned() };
    };
    let when = time::hour_or_day(last.at, ctx.zone(), ctx.at);
    match last.error.as_ref().map_or(Some(true), AttemptCode::encoder_answered) {
        Some(true) => Heard { glyph: Glyph::Ok, role: Role::Good, text: said::answered(&when) },
        Some(false) => Heard { glyph: Glyph::Stopped, role: Role::Bad, text: said::no_answer(&when) },
        None => Heard { glyph: Glyph::Hollow, role: Role::Dim, text: said::tried(&when) },
    }
}
