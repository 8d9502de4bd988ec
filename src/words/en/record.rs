//! The record of the jobs on disk, and doing without it.

#![allow(missing_docs, reason = "a doc stands only where the text does not say itself when it is shown")]

/// The title of the question.
pub const TITLE: &str = "No record of the jobs";

/// Why there is none, and what that means.
pub fn question(why: &str) -> String {
    format!(
        "{why} Without it keydesk forgets open jobs when it ends, and other desks on this machine don't see them. Go on \
         without a record?"
    )
}

pub const GO_ON: &str = "go on without it";
pub const WAIT: &str = "make no cards until it is mended";
