//! The record of all jobs: why it can't be kept, and what became of a damaged one.

use crate::domain::job::event::Event;
use crate::journal::types::{History, OpenError, Salvaged, Trouble, Unopened};
use crate::seam::lenient::clean;

/// Why the record can't be opened, and what mends that.
pub fn not_opened(error: &OpenError) -> String {
    let path = clean(&error.path.display().to_string());
    match &error.why {
        Unopened::Newer { .. } => {
            format!("A later keydesk keeps the record {path}. Start that version here, or name another journal.path.")
        }
        Unopened::OlderInUse => {
            format!("An earlier keydesk is using the record {path}. End it on every screen, then start this one again.")
        }
        Unopened::DamagedInUse => format!(
            "The record {path} is damaged. End keydesk on every screen, then start it again: it saves what can be read."
        ),
        Unopened::NotAJournal => {
            format!("{path} holds something else and was left alone. Name another file as journal.path.")
        }
        Unopened::Network(kind) => {
            let kind = clean(kind);
            format!(
                "{path} is on a network drive ({kind}), where a record can't be kept safely. Name a journal.path on this machine."
            )
        }
        Unopened::Trouble(trouble) => format!("The record {path} can't be kept. {}", sentence(trouble)),
    }
}

/// What keeps the record from being written, and what mends that.
pub fn sentence(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Full => "The disk is full: free some space on it.".to_owned(),
        Trouble::ReadOnly => {
            "It may not be written: this login must own the file and its folder, on a disk that can be written."
                .to_owned()
        }
        Trouble::Locked => "Another program keeps it locked: wait a moment, or end that program.".to_owned(),
        Trouble::Damaged => {
            "It is damaged: end keydesk on every screen and start it again, then it saves what can be read.".to_owned()
        }
        Trouble::Stopped => "Its work has stopped: start keydesk again.".to_owned(),
        Trouble::Other(what) => {
            let what = clean(what);
            let what = what.trim_end_matches('.');
            format!("The system says: {what}. Whoever looks after this machine must see to it.")
        }
    }
}

/// What became of a damaged record, a sentence each.
pub fn salvaged(salvaged: &Salvaged) -> Vec<String> {
    let mut said = vec![match (salvaged.read, salvaged.lost, salvaged.may_lack_more) {
        (0, 0, true) => "The record was damaged and nothing of it could be read. A new one was begun.".to_owned(),
        (read, 0, false) => format!("The record was damaged. All of it could be read ({}).", entries(read)),
        (read, 0, true) => {
            format!("The record was damaged. {} could be read; how much is lost is not known.", entries(read))
        }
        (read, lost, false) => {
            format!("The record was damaged. {} could be read, {} lost.", entries(read), are(lost))
        }
        (read, lost, true) => {
            format!("The record was damaged. {} could be read, at least {} lost.", entries(read), are(lost))
        }
    }];
    if !salvaged.broken.is_empty() {
        let guests: Vec<String> = salvaged.broken.iter().map(guest).collect();
        said.push(format!(
            "What was done last can't be told for: {}. Nothing more is done for them: look at each one's card.",
            guests.join(", ")
        ));
    }
    said.push(format!("The damaged file is kept as {}.", clean(&salvaged.aside.display().to_string())));
    said
}

fn entries(count: u64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

fn are(count: u64) -> String {
    if count == 1 { "1 is".to_owned() } else { format!("{count} are") }
}

fn guest(history: &History) -> String {
    match history.entries.first().map(|entry| &entry.event) {
        Some(Event::Started { order, .. }) => clean(order.guest.name()),
        _ => "a guest whose name is lost".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::domain::job::JobId;

    #[test]
    fn every_reason_has_its_own_sentence_with_the_file_and_a_remedy() {
        let troubles = [
            Trouble::Full,
            Trouble::ReadOnly,
            Trouble::Locked,
            Trouble::Damaged,
            Trouble::Stopped,
            Trouble::Other("odd\u{1b}[31m.".to_owned()),
        ];
        let reasons = [
            Unopened::Newer { found: 2, known: 1 },
            Unopened::OlderInUse,
            Unopened::DamagedInUse,
            Unopened::NotAJournal,
            Unopened::Network("NFS".to_owned()),
        ];
        let reasons = reasons.into_iter().chain(troubles.map(Unopened::Trouble));
        let said: Vec<String> =
            reasons.map(|why| not_opened(&OpenError { path: PathBuf::from("/desk/journal.db"), why })).collect();
        for (n, sentence) in said.iter().enumerate() {
            assert!(sentence.contains("/desk/journal.db") && sentence.ends_with('.'), "{sentence}");
            assert!(!sentence.contains('\u{1b}') && !sentence.contains(".."), "{sentence}");
            assert!(!said[..n].contains(sentence), "{sentence}");
        }
    }

    #[test]
    fn what_was_lost_is_said_plainly() {
        let broken = vec![History { job: JobId(uuid::Uuid::nil()), entries: Vec::new() }];
        let aside = PathBuf::from("/desk/journal.damaged-20260921T141320Z.db");
        let one = Salvaged { read: 12, lost: 1, may_lack_more: true, broken, aside };
        assert_eq!(
            salvaged(&one),
            [
                "The record was damaged. 12 entries could be read, at least 1 is lost.",
                "What was done last can't be told for: a guest whose name is lost. Nothing more is done for them: look at \
             each one's card.",
                "The damaged file is kept as /desk/journal.damaged-20260921T141320Z.db.",
            ]
        );
    }
}
