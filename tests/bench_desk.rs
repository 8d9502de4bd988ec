//! What a key costs on a small and on a very large hotel: medians, printed. `cargo bench --bench desk`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench fails by panicking")]

#[allow(dead_code, reason = "a bench uses a part of what the tests use")]
mod support {
    pub mod driver;
    pub mod in_process;
    pub mod model_desk;
}

use std::hint::black_box;
use std::time::{Duration, Instant};

use keydesk::domain::directory::person::{Person, prepare};
use keydesk::domain::fact::Fact;
use keydesk::keys::action::Action;
use keydesk::seam::types::User;
use keydesk::terminal::run::Program;
use keydesk::ui::list::Move;
use serde_json::json;

use support::driver::Driver;
use support::model_desk::{Desk, world};

const PAGE: usize = 500;

fn user(number: usize) -> User {
    let given = ["Anna", "José", "Minh", "Pål", "Lucía", "Tom", "Zofia", "Eva"][number % 8];
    let family = ["Andersson", "Bianchi", "Doe", "García", "Haddad", "Kowalska", "Nguyễn"][number / 8 % 7];
    world::from(json!({"acs_user_id": format!("u-{number}"), "full_name": format!("{given} {family} {number}"),
        "email_address": format!("{given}.{number}@example.com"), "phone_number": format!("+49151{number:08}")}))
}

fn pages(users: usize) -> Vec<Vec<Person>> {
    let all: Vec<User> = (0..users).map(user).collect();
    all.chunks(PAGE).map(|page| prepare(page.to_vec())).collect()
}

fn hotel(users: usize) -> Desk {
    let mut desk = Desk::open();
    for page in pages(users) {
        desk.data(Fact::People(page));
    }
    desk.effects();
    desk
}

/// The median of many runs.
fn median(runs: usize, mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed()
        })
        .collect();
    times.sort();
    times[runs / 2]
}

fn main() {
    // `cargo test --benches` hands over options; a bench has nothing to test.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    for users in [100, 10_000, 100_000] {
        let mut desk = hotel(users);
        for _ in 0..users.min(1_000) / 2 {
            desk.act(Action::Move(Move::Down));
        }
        let down = median(2_001, || desk.act(Action::Move(Move::Down)));
        let frame = median(201, || {
            desk.program.deadline_passed(desk.now);
            black_box(desk.screen.terminal.draw(|frame| keydesk::app::view(&desk.program.model, frame)).is_ok());
        });
        desk.act(Action::Search);
        let letter = median(21, || {
            desk.type_text("g");
            desk.press("Backspace");
        }) / 2;
        desk.type_text("garci");
        let hit = median(21, || {
            desk.type_text("a");
            desk.press("Backspace");
        }) / 2;
        println!(
            "{users:>7} users: key {down:>10.1?}  frame {frame:>10.1?}  search, a letter {letter:>10.1?}  search, a name {hit:>10.1?}"
        );
    }
    let pages = pages(100_000);
    let mut desk = Desk::open();
    let count = pages.len();
    let begin = Instant::now();
    let mut longest = Duration::ZERO;
    for page in pages {
        let begin = Instant::now();
        desk.data(Fact::People(page));
        longest = longest.max(begin.elapsed());
    }
    println!("{count} pages of {PAGE} users merged in {:.1?}, the longest in {longest:.1?}", begin.elapsed());
}
