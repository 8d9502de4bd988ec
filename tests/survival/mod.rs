//! The real program, really killed: what it had begun is finished by the next one, once. Two of them share a desk.

mod aged_record;
mod draft;
mod killed;
mod offline;
mod record;
mod steered_hotel;
mod two_desks;

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
