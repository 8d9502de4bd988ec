//! Several processes on one file: this test program starts itself again as the other desk.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use keydesk::domain::job::event::Event;
use keydesk::journal::{Claim, Journal, JournalError};

use crate::support::journals::{MINUTE, at, desk, id, job, open, soon, started};

const PATH: &str = "KEYDESK_TEST_JOURNAL";
const NAME: &str = "KEYDESK_TEST_DESK";

/// Another desk, which does what it is told.
struct Other {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Other {
    fn start(path: &Path, name: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "journal::processes::the_other_desk", "--ignored", "--nocapture"])
            .env(PATH, path)
            .env(NAME, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, answers) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut other = Self { process, orders, answers };
        assert_eq!(other.answer(), "open");
        other
    }

    fn tell(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
    }

    /// The next answer; the test harness writes lines of its own between them.
    fn answer(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "the other desk is gone");
            if let Some((_, answer)) = line.split_once("> ") {
                return answer.trim().to_owned();
            }
        }
    }

    fn ask(&mut self, order: &str) -> String {
        self.tell(order);
        self.answer()
    }

    /// A power cut for one process: SIGKILL.
    fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let rest = self.answers.lines().map_while(Result::ok);
        rest.filter_map(|line| Some(line.split_once("> ")?.1.to_owned())).collect()
    }

    fn end(mut self) {
        drop(self.orders);
        assert!(self.process.wait().unwrap().success());
    }
}

/// Not a test: the other process.
#[test]
#[ignore = "the second process of other tests"]
fn the_other_desk() {
    let Ok(path) = std::env::var(PATH) else { return };
    let name = std::env::var(NAME).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let journal = open(Path::new(&path)).await;
        let say = |answer: String| {
            println!("> {answer}");
            std::io::stdout().flush().unwrap();
        };
        say("open".to_owned());
        let mut lease = None;
        for line in std::io::stdin().lines() {
            let line = line.unwrap();
            let words: Vec<&str> = line.split(' ').collect();
            let number = |n: usize| words[n].parse::<u32>().unwrap();
            let time = |n: usize| at(number(n).into());
            match words[0] {
                "claim" => {
                    let claimed = journal.claim(job(number(1).into()), &desk(&name), time(2), MINUTE).await;
                    say(if claimed.is_ok() { "ok".to_owned() } else { format!("{:?}", claimed.as_ref().err()) });
                    lease = claimed.ok().or(lease);
                }
                "append" => {
                    let after = number(1).into();
                    let done = journal.append(lease.as_ref().unwrap(), after, time(2), Event::Queued).await;
                    say(done.map_or_else(|error| format!("{error:?}"), |entry| entry.seq.to_string()));
                }
                "pour" => {
                    for after in 0.. {
                        let event = started(&format!("Guest {after}"));
                        journal.append(lease.as_ref().unwrap(), after, at(0), event).await.unwrap();
                        say((after + 1).to_string());
                    }
                }
                "race" => {
                    let mut won = 0;
                    for n in 0..number(1) {
                        let claim = Claim::User(format!("guest {n}").as_str().into());
                        match journal.claim(claim, &desk(&name), at(0), MINUTE).await {
                            Ok(_) => won += 1,
                            Err(JournalError::Held { .. }) => {}
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                    say(won.to_string());
                }
                other => panic!("{other}"),
            }
        }
    });
}

#[tokio::test]
async fn a_killed_processs_job_is_taken_over_with_all_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut other = Other::start(&path, "other");
    assert_eq!(other.ask("claim 1 0"), "ok");
    other.tell("pour");
    let mut kept: u64 = 0;
    while kept < 100 {
        kept = other.answer().parse().unwrap();
    }
    if let Some(last) = other.kill().last() {
        kept = last.parse().unwrap_or(kept);
    }

    let journal = open(&path).await;
    let held = journal.claim(job(1), &desk("a"), at(59), MINUTE).await;
    assert_eq!(held, Err(JournalError::Held { by: desk("other"), until: at(60) }));
    let lease = journal.claim(job(1), &desk("a"), at(60), MINUTE).await.unwrap();
    let entries = journal.history(id(1)).await.unwrap();
    let found = entries.len() as u64;
    // What was told is there; one more may have been kept and not told.
    assert!(found == kept || found == kept + 1, "{kept} were told, {found} are there");
    for (entry, n) in entries.iter().zip(0..) {
        assert_eq!((entry.seq, &entry.event), (n + 1, &started(&format!("Guest {n}"))));
    }
    journal
        .append(
            &lease,
            found,
            at(61),
            Event::Resumed { by: "a".to_owned(), why: keydesk::domain::job::Why::Restart, is_old: false },
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn a_process_that_froze_finds_its_job_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut frozen = Other::start(&path, "frozen");
    assert_eq!(frozen.ask("claim 1 0"), "ok");
    assert_eq!(frozen.ask("append 0 1"), "1");
    let journal = open(&path).await;
    let lease = journal.claim(job(1), &desk("a"), at(61), MINUTE).await.unwrap();
    // It wakes up, with a clock that stood still, before and after the new one wrote.
    assert_eq!(frozen.ask("append 1 2"), "Fenced");
    journal.append(&lease, 1, at(62), Event::Granted).await.unwrap();
    assert_eq!(frozen.ask("append 1 2"), "Fenced");
    assert_eq!(frozen.ask("append 2 2"), "Fenced");
    assert_eq!(journal.history(id(1)).await.unwrap().len(), 2);
    frozen.end();
}

#[tokio::test]
async fn what_one_process_writes_another_notices() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path).await;
    let mut other = Other::start(&path, "other");
    let mut changes = journal.changes();
    for (order, answer) in [("claim 1 0", "ok"), ("append 0 1", "1")] {
        changes.mark_unchanged();
        assert_eq!(other.ask(order), answer);
        soon(changes.changed()).await.unwrap();
    }
    assert_eq!((journal.claims().await.unwrap().len(), journal.history(id(1)).await.unwrap().len()), (1, 1));
    other.end();
}

#[test]
fn of_several_processes_one_has_each_guest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    // All start at once, on a file that is not there yet.
    let starting: Vec<_> = ["a", "b", "c"]
        .map(|name| {
            let path = path.clone();
            std::thread::spawn(move || Other::start(&path, name))
        })
        .into_iter()
        .collect();
    let mut desks: Vec<Other> = starting.into_iter().map(|desk| desk.join().unwrap()).collect();
    for desk in &mut desks {
        desk.tell("race 100");
    }
    let won: u32 = desks.iter_mut().map(|desk| desk.answer().parse::<u32>().unwrap()).sum();
    assert_eq!(won, 100);
    desks.into_iter().for_each(Other::end);
}
