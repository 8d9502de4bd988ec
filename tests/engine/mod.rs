//! The engine with a scripted access system and tokio's paused clock: no test sleeps for real.

mod encode;
mod flow;
mod journal;
mod lost_answers;
mod lost_leases;
mod other_processes;
mod outages;
mod pending_long;
mod resume;
mod unreadable_job;
