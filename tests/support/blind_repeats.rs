//! Nothing is sent again before it is known what became of it, or a person decided.

use jiff::{SignedDuration, Timestamp};
use keydesk::domain::job::event::{CallOutcome, Entry, Event, Intent};
use keydesk::domain::job::fold::{begin, fold};
use keydesk::domain::job::{JobId, Stage};

/// Nothing was sent again before it was known what became of it, or a person decided.
pub fn nothing_is_repeated_blindly(id: JobId, entries: &[Entry]) -> Result<(), String> {
    let mut job = begin(id, &entries[0]).unwrap();
    let mut open: Option<(Intent, Timestamp)> = None;
    for entry in &entries[1..] {
        let was_reading = matches!(job.progress.stage, Stage::ReadBack { .. });
        job = fold(job, entry);
        match &entry.event {
            Event::Intended { intent } => {
                if open.is_some_and(|(sent, _)| is_the_same(&sent, intent)) {
                    let history: Vec<_> = entries.iter().map(|one| format!("{one:?}")).collect();
                    return Err(format!("{id:?} sent {intent:?} again:\n{}", history.join("\n")));
                }
                open = Some((intent.clone(), entry.at));
            }
            Event::Read { .. } => {
                // Reading never tells that a card was not written.
                let is_settled = |(sent, at): &(Intent, Timestamp)| {
                    !matches!(sent, Intent::Encode { .. })
                        && entry.at.duration_since(*at) >= SignedDuration::from_secs(8)
                };
                open = open.filter(|open| !is_settled(open));
            }
            Event::Answered { answer: CallOutcome::Attempt(_) } => {}
            Event::Answered { .. } | Event::Attempt { .. } => open = None,
            // Where the truth is being read, trouble says nothing of what was sent.
            Event::Refused { .. } | Event::Delayed { .. } | Event::Decided { .. } if !was_reading => open = None,
            _ => {}
        }
    }
    Ok(())
}

/// Another group is another call; another encoder is not.
fn is_the_same(one: &Intent, other: &Intent) -> bool {
    match one {
        Intent::AddToGroup { .. } | Intent::RemoveFromGroup { .. } => one == other,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}
