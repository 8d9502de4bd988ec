//! The real program in a pseudo-terminal, against a simulator whose state is read back over the API.

mod card;
mod check_out;
mod guest;
mod hotel;
mod outage;
mod queue;
mod screen;
mod staging;
mod stay;
mod terminal;
mod troubles;
