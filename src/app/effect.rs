//! What the desk wants done: described here, done by the backend and the terminal.

use crate::component::draft::Draft;
use crate::domain::fact::Load;
use crate::domain::job::command::Command;
use crate::domain::practice::Practice;
use crate::domain::query::Query;

/// A wish of `update`; it never does anything itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the server, which only reads; the answer comes as facts, with the number of this reload.
    Fetch(Load, Query),
    /// Give the engine a command about a job.
    Job(Command),
    /// Set how the next encode ends, in a sandbox.
    Practise(Practice),
    /// Keep this half-typed form on disk, or throw away the one that is kept.
    Draft(Option<Draft>),
    /// Go on without a record of the jobs: a person said so.
    GoOnWithoutRecord,
    /// Read the key where it comes from, and try it.
    ReadKey,
    /// Ring the terminal's bell, once.
    Bell,
    /// End the program, with everything left in order.
    Quit,
}
