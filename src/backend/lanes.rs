//! How messages reach the program: a lane for jobs, which never waits, and a narrow one for bulk pages.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, mpsc};

use crate::component::backend_msg::BackendMsg;

/// Pages that may wait for the program before whoever loads them has to.
const BULK: usize = 2;

/// What a program can be told.
pub trait Message: Send + 'static {
    /// Whether `older`, which still waits unread in the job lane, says nothing any more once `self` is there: a newer
    /// snapshot of the same job. It is then dropped.
    fn replaces(&self, older: &Self) -> bool {
        let _ = older;
        false
    }
}

impl Message for BackendMsg {
    fn replaces(&self, older: &Self) -> bool {
        match (self, older) {
            (Self::Job(new), Self::Job(old)) | (Self::Elsewhere(new, _), Self::Elsewhere(old, _)) => new.id == old.id,
            _ => false,
        }
    }
}

/// The sending ends, for whoever has something to tell the program.
#[derive(Debug)]
pub struct Lanes<Msg> {
    /// What must be seen soon: job snapshots, single replies.
    pub jobs: JobLane<Msg>,
    /// What comes in quantity: pages of a list. Sending waits while two pages are unread.
    pub bulk: mpsc::Sender<Msg>,
}

impl<Msg> Clone for Lanes<Msg> {
    fn clone(&self) -> Self {
        Self { jobs: self.jobs.clone(), bulk: self.bulk.clone() }
    }
}

/// The receiving ends, for [`run`](crate::terminal::run::run).
#[derive(Debug)]
pub struct Intake<Msg> {
    pub(crate) jobs: JobLane<Msg>,
    pub(crate) bulk: mpsc::Receiver<Msg>,
}

impl<Msg: Message> Intake<Msg> {
    /// The next message of either lane, the job lane first; for a program without a terminal.
    pub async fn next(&mut self) -> Msg {
        tokio::select! {
            biased;
            message = self.jobs.next() => message,
            Some(page) = self.bulk.recv() => page,
        }
    }
}

/// Makes both lanes, empty: the sending ends and the receiving ends.
pub fn lanes<Msg: Message>() -> (Lanes<Msg>, Intake<Msg>) {
    let jobs = JobLane(Arc::new(Queue { waiting: Mutex::new(VecDeque::new()), came: Notify::new() }));
    let (sender, receiver) = mpsc::channel(BULK);
    (Lanes { jobs: jobs.clone(), bulk: sender }, Intake { jobs, bulk: receiver })
}

/// The job lane: sending never waits and never fails, and an outdated message makes room for its successor.
#[derive(Debug)]
pub struct JobLane<Msg>(Arc<Queue<Msg>>);

#[derive(Debug)]
struct Queue<Msg> {
    waiting: Mutex<VecDeque<Msg>>,
    came: Notify,
}

impl<Msg> Clone for JobLane<Msg> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Msg: Message> JobLane<Msg> {
    /// Hands over a message, in order behind all that wait.
    pub fn send(&self, message: Msg) {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|older| !message.replaces(older));
        waiting.push_back(message);
        drop(waiting);
        self.0.came.notify_one();
    }

    /// The oldest message that waits.
    pub(crate) fn try_next(&self) -> Option<Msg> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// The oldest message, once there is one. For one reader only.
    pub(crate) async fn next(&self) -> Msg {
        loop {
            if let Some(message) = self.try_next() {
                return message;
            }
            self.0.came.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum Told {
        Snapshot(u8, &'static str),
        Reply(&'static str),
    }

    impl Message for Told {
        fn replaces(&self, older: &Self) -> bool {
            matches!((self, older), (Self::Snapshot(new, _), Self::Snapshot(old, _)) if new == old)
        }
    }

    #[test]
    fn a_newer_snapshot_takes_the_place_of_an_unread_one_of_its_job() {
        let (lanes, intake) = lanes();
        for message in [
            Told::Snapshot(1, "waiting"),
            Told::Snapshot(2, "waiting"),
            Told::Reply("groups"),
            Told::Snapshot(1, "written"),
        ] {
            lanes.jobs.send(message);
        }
        let read: Vec<_> = std::iter::from_fn(|| intake.jobs.try_next()).collect();
        assert_eq!(read, [Told::Snapshot(2, "waiting"), Told::Reply("groups"), Told::Snapshot(1, "written")]);
    }

    #[tokio::test]
    async fn the_third_unread_page_waits() {
        let (lanes, mut intake) = lanes();
        assert!(lanes.bulk.try_send(Told::Reply("a")).is_ok());
        assert!(lanes.bulk.try_send(Told::Reply("b")).is_ok());
        assert!(lanes.bulk.try_send(Told::Reply("c")).is_err());
        assert_eq!(intake.bulk.recv().await, Some(Told::Reply("a")));
        assert!(lanes.bulk.try_send(Told::Reply("c")).is_ok());
    }
}
