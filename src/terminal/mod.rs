//! The terminal adapter: all of the terminal, and the loop that joins it to a program.

mod burst;
mod decoder;
pub mod desk;
pub mod full_screen;
mod held_enter;
pub mod host;
pub mod input;
pub mod painter;
mod rejoin;
pub mod run;
pub mod stop;
#[cfg(unix)]
pub mod unix;

#[cfg(not(unix))]
compile_error!("keydesk's terminal adapter exists for Unix only; `terminal::unix` says what another system must offer");
