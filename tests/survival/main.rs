//! The real program, really killed: what it had begun is finished by the next one, once. Two of them share a desk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail loudly as tests do")]

#[allow(dead_code, reason = "shared with the flows at the desk")]
#[path = "../flows/desk.rs"]
mod desk;
mod draft;
mod house;
mod killed;
mod offline;
mod past;
mod record;
#[path = "../support/mod.rs"]
mod support;
mod two;

/// Something that is tried, and its name.
type Case = (&'static str, fn());

/// Tries all at the same time: they mostly wait. What fails tells the name of its case.
fn at_once(cases: &[Case]) {
    std::thread::scope(|scope| {
        for (name, case) in cases {
            std::thread::Builder::new().name((*name).to_owned()).spawn_scoped(scope, case).unwrap();
        }
    });
}
