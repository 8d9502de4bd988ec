//! What must be true after every run.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use keydesk::domain::job::command::Decision;
use keydesk::domain::job::event::Event;
use keydesk::domain::job::fold::replay;
use keydesk::domain::job::order::Guest;
use keydesk::domain::job::{Job, JobId, Outcome, Phase};
use keydesk::journal::{Journal, Position, StoredEntry};
use keydesk::seam::types::EncoderId;

use crate::support::engine_desk::number;
use crate::support::fake_api::Fake;

/// Everything that the journal holds, page by page.
pub async fn all(journal: &impl Journal) -> Vec<StoredEntry> {
    let mut all: Vec<StoredEntry> = Vec::new();
    loop {
        let position = all.last().map_or_else(Position::default, |record| record.position);
        let page = journal.since(position).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

pub fn jobs(records: &[StoredEntry]) -> BTreeMap<JobId, Vec<&StoredEntry>> {
    let mut jobs: BTreeMap<JobId, Vec<&StoredEntry>> = BTreeMap::new();
    for record in records {
        jobs.entry(record.job).or_default().push(record);
    }
    jobs
}

pub fn job(id: JobId, records: &[&StoredEntry]) -> Job {
    let entries: Vec<_> = records.iter().map(|record| record.entry.clone()).collect();
    replay(id, &entries).unwrap()
}

/// What the journal tells of the jobs that name something that is named in a complaint, in its order.
pub fn about(complaint: &str, records: &[StoredEntry]) -> String {
    let named: Vec<&str> = complaint.split_whitespace().filter(|word| word.contains('-')).collect();
    let line = |record: &StoredEntry| format!("{} {:?}", record.entry.at, (record.job, &record.entry.event));
    let is_about = |record: &&StoredEntry| {
        let line = line(record);
        named.iter().any(|word| line.contains(&format!("\"{word}\"")))
    };
    let jobs: Vec<JobId> = records.iter().filter(is_about).map(|record| record.job).collect();
    let told = records.iter().filter(|record| jobs.contains(&record.job)).map(line);
    told.collect::<Vec<_>>().join("\n")
}

/// Among the jobs of one process, an encoder is given in the order in which they began to wait.
pub fn order_is_kept(records: &[StoredEntry]) -> Result<(), String> {
    let mut drivers: HashMap<JobId, u128> = HashMap::new();
    let mut waiting: Vec<(JobId, EncoderId)> = Vec::new();
    let mut live: HashMap<JobId, Vec<&StoredEntry>> = HashMap::new();
    for record in records {
        let id = record.job;
        live.entry(id).or_default().push(record);
        match &record.entry.event {
            Event::Started { .. } => {
                drivers.insert(id, id.0.as_u128() >> 64);
            }
            Event::Resumed { by, .. } => {
                drivers.insert(id, number(by));
                waiting.retain(|(job, _)| *job != id);
            }
            Event::Queued if waiting.iter().all(|(job, _)| *job != id) => {
                let encoder = job(id, &live[&id]).encoder.unwrap().id;
                waiting.push((id, encoder));
            }
            Event::Granted => {
                let Some(place) = waiting.iter().position(|(job, _)| *job == id) else { continue };
                let (_, encoder) = waiting.remove(place);
                let is_before = |(job, on): &&(JobId, EncoderId)| *on == encoder && drivers[job] == drivers[&id];
                if let Some((first, _)) = waiting[..place].iter().find(is_before) {
                    return Err(format!("{id:?} got {encoder} before {first:?}"));
                }
            }
            Event::Queued | Event::QueuedBehind { .. } => {}
            _ => waiting.retain(|(job, _)| *job != id),
        }
    }
    Ok(())
}

/// A job that ended well has written its card, unless a person said so without it.
pub fn what_is_told_is_written(
    fake: &Fake,
    ended: &[Job],
    histories: &BTreeMap<JobId, Vec<&StoredEntry>>,
) -> Result<(), String> {
    let world = fake.world();
    let by_hand =
        |record: &&StoredEntry| matches!(&record.entry.event, Event::Decided { decision: Decision::CallItWritten, .. });
    for job in ended.iter().filter(|job| job.lifecycle().is_done() && job.order.card.writes()) {
        let is_written = job.credential.as_ref().is_some_and(|card| world.writes.contains(card));
        if !is_written && !histories[&job.id].iter().any(by_hand) {
            return Err(format!("{:?} is told as written and is not: {:?}", job.id, job.credential));
        }
    }
    Ok(())
}

/// One user for each guest, one card for each user, and each ended job knows which.
pub fn one_of_each(fake: &Fake, ended: &[Job]) -> Result<(), String> {
    let world = fake.world();
    if let Some(overlap) = world.overlaps.first() {
        return Err(format!("two orders at one encoder: {overlap}"));
    }
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, row) in &world.users {
        names.entry(row["full_name"].as_str().unwrap_or_default()).or_default().push(id.as_str());
    }
    if let Some((name, ids)) = names.iter().find(|(_, ids)| ids.len() > 1) {
        return Err(format!("{} users are {name}: {}", ids.len(), ids.join(" ")));
    }
    for (id, _) in &world.users {
        let cards = world.cards.iter().filter(|card| card.user == *id).count();
        if cards > 1 {
            return Err(format!("{id} has {cards} cards"));
        }
    }
    for job in ended.iter().filter(|job| job.lifecycle().is_done()) {
        if let Guest::New(guest) = &job.order.guest
            && world.users.iter().all(|(id, _)| Some(id) != job.user.as_ref())
        {
            return Err(format!("{} was made and is not there", guest.full_name));
        }
        let groups = job.user.as_ref().and_then(|user| world.groups.get(user)).cloned().unwrap_or_default();
        let is_last = ended.iter().all(|other| other.user != job.user || end(other) <= end(job));
        if is_last && job.order.add.iter().any(|group| !groups.contains(&group.id)) {
            return Err(format!("{} lacks a group: {groups:?}", job.who()));
        }
    }
    Ok(())
}

fn end(job: &Job) -> Option<Timestamp> {
    match &job.phase {
        Phase::Ended(Outcome::Done(at) | Outcome::Withdrawn(at)) => Some(*at),
        _ => None,
    }
}
