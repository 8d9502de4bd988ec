//! The shell: all of the terminal and of the clock, and the loop that joins them to a program.

pub mod background;
pub mod clock;
pub mod desk;
pub mod drafts;
pub mod frame;
pub mod host;
pub mod input;
pub mod jobs;
pub mod lanes;
mod rejoin;
mod retention;
pub mod run;
pub mod stop;
pub mod sync;
pub mod terminal;
#[cfg(unix)]
pub mod unix;

#[cfg(not(unix))]
compile_error!("keydesk's terminal adapter exists for Unix only; `shell::unix` says what another system must offer");
