//! What a journal holds and what can be wrong with it. Pure: the words about it read these types.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::job::JobId;
use crate::domain::job::event::Entry;
use crate::seam::types::{EncoderId, UserId};

/// Who drives jobs: one for each running process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Holder {
    /// What it is known by: different for each process, also one after the other. Only this is ever compared.
    pub id: String,
    /// What a person knows it by: the operator and the place.
    pub label: String,
}

impl Holder {
    /// A holder by its id and its label.
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into() }
    }
}

/// What one process at a time may work on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// A job: whoever has it may append to it.
    Job(JobId),
    /// The right to write cards on this encoder.
    Encoder(EncoderId),
    /// A user for whom a card is made.
    User(UserId),
}

/// The right to work on something, until it ends or someone else has a later epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What the holder alone may work on.
    pub claim: Claim,
    /// The process that has it until then.
    pub holder: Holder,
    /// Grows with each claim, so that one who slept through a takeover can write nothing.
    pub epoch: u64,
    /// The end of the lease: others may take it from then on.
    pub until: Timestamp,
}

/// A place in the store's own order; later entries have greater ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position(pub u64);

/// An entry as the store has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredEntry {
    /// Its place among the entries of all jobs.
    pub position: Position,
    /// The job whose history the entry belongs to.
    pub job: JobId,
    /// What happened, with its number in that history.
    pub entry: Entry,
}

/// The whole history of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The job whose entries these are.
    pub job: JobId,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

/// Why a journal did not do what it was asked for. Nothing was kept then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JournalError {
    /// Someone else has the lease.
    #[error("{} has it until {until}", by.label)]
    Held {
        /// The process that has the lease.
        by: Holder,
        /// Until when, unless it is renewed.
        until: Timestamp,
    },
    /// The lease is not valid any more: it was given back or someone else took over.
    #[error("the lease was taken over")]
    Fenced,
    /// The history is longer or shorter than the writer believes.
    #[error("the history has {found} entries")]
    Conflict {
        /// How many entries there are.
        found: u64,
    },
    /// The store does not work now. The same may do later.
    #[error("{0}")]
    Unavailable(Trouble),
}

/// What keeps a store from working.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The file or its folder may not be written.
    #[error("the file can't be written")]
    ReadOnly,
    /// Another process keeps the file locked for too long.
    #[error("the file is locked by another process")]
    Locked,
    /// What is read is not what was written. The next start sees to it.
    #[error("the file is damaged")]
    Damaged,
    /// The store's own work has ended.
    #[error("the store has stopped")]
    Stopped,
    /// Anything else, as the store tells it.
    #[error("{0}")]
    Other(String),
}

impl From<&str> for Trouble {
    fn from(what: &str) -> Self {
        Self::Other(what.to_owned())
    }
}

/// Why a journal can't be opened. The file was left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {why}", path = path.display())]
pub struct OpenError {
    /// The file that could not be opened.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: Unopened,
}

/// What is wrong with a journal that can't be opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unopened {
    /// A later version of the program wrote it.
    #[error("its format is {found}, this program knows {known}")]
    Newer {
        /// The format of the file, newer than this program's.
        found: u32,
        /// The latest format that this program knows.
        known: u32,
    },
    /// An earlier version of the program has it open, so its format can't be changed now.
    #[error("an earlier version has it open")]
    OlderInUse,
    /// It is damaged, and it can't be mended while another process has it open.
    #[error("it is damaged and in use")]
    DamagedInUse,
    /// The file is there, and it is no journal of keydesk.
    #[error("it is not a journal")]
    NotAJournal,
    /// It stands on a file system of the network, where several processes would spoil it.
    #[error("it stands on a network file system ({0})")]
    Network(String),
    /// Something keeps it from working; the same may do later.
    #[error("{0}")]
    Trouble(Trouble),
}

/// What became of a damaged journal: what could be read stands in a new file.
#[derive(Clone, Debug, PartialEq)]
pub struct Salvaged {
    /// How many entries could be read.
    pub read: u64,
    /// How many are known to be lost.
    pub lost: u64,
    /// Whether parts of the file could not be read at all, so that more may be lost.
    pub may_lack_more: bool,
    /// Jobs that were open, or may have been, and whose history is not whole: nobody takes them up, since what was
    /// sent last is not known. With the entries that could be read; the first ones may be among the lost.
    pub broken: Vec<History>,
    /// Where the damaged file is kept.
    pub aside: PathBuf,
}
