//! Half-typed forms, kept so that a lost session does not lose them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::worker::Worker;
use crate::files::{self, Base};

/// How old a draft may get.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// The thread of drafts does nothing by itself.
const PAUSE: Duration = Duration::from_secs(3600);

/// Keeps the form that is being typed, a file (0600) for each running desk. It is held locked as long as its desk
/// lives, so that only what a session left behind is offered to the next one.
#[derive(Debug)]
pub struct Drafts {
    worker: Worker<Folder>,
}

impl Drafts {
    /// Drafts in keydesk's XDG state folder, with the environment handed in as a look-up. `None` where there is no home
    /// folder.
    pub fn default_folder<'a>(env: impl Fn(&str) -> Option<&'a str>) -> Option<PathBuf> {
        Some(files::folder(Base::State, env)?.join("drafts"))
    }

    /// Drafts in a folder, which is made (0700) where it is missing.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn open(folder: &Path) -> io::Result<Self> {
        let folder = folder.to_owned();
        let make = move || {
            files::make_private_folder(&folder)?;
            let own = folder.join(format!("{}.draft", Uuid::new_v4()));
            Ok((Folder { place: folder, own, held: None }, ()))
        };
        let started = Worker::start("drafts", PAUSE, make, |_| {}).await.map_err(|_| gone())?;
        started.map(|(worker, ())| Self { worker })
    }

    /// Keeps the bytes of an operator's form in place of the ones before.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn save(&self, operator: &str, form: Vec<u8>, at: Timestamp) -> io::Result<()> {
        let operator = operator.to_owned();
        self.worker.run(move |folder| folder.save(operator, &form, at)).await.map_err(|_| gone())?
    }

    /// Gives, and removes, the newest form that a lost session of this operator left in the last day; `None` when there is
    /// none. Forms older than a day are removed, whoever's they are.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn recover(&self, operator: &str, at: Timestamp) -> io::Result<Option<Vec<u8>>> {
        let operator = operator.to_owned();
        self.worker.run(move |folder| folder.recover(&operator, at)).await.map_err(|_| gone())?
    }

    /// Throws this desk's form away: it was used or given up.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn clear(&self) -> io::Result<()> {
        self.worker.run(Folder::clear).await.map_err(|_| gone())?
    }
}

fn gone() -> io::Error {
    io::Error::other("the thread of drafts has ended")
}

struct Folder {
    place: PathBuf,
    /// The file of this desk, which it keeps locked.
    own: PathBuf,
    /// The file that is there, locked.
    held: Option<File>,
}

/// The first line of a file; the form's bytes follow.
#[derive(Serialize, Deserialize)]
struct Head {
    operator: String,
    at: Timestamp,
}

/// A file that no desk has any more, locked so that only one can take it.
struct AbandonedDraft {
    head: Head,
    form: Vec<u8>,
    path: PathBuf,
    _held: File,
}

impl Folder {
    fn save(&mut self, operator: String, form: &[u8], at: Timestamp) -> io::Result<()> {
        let next = self.own.with_extension("next");
        // What was begun here and could not be written.
        remove(&next)?;
        let mut file = files::append_private(&next)?;
        file.lock()?;
        let mut bytes = serde_json::to_vec(&Head { operator, at })?;
        bytes.push(b'\n');
        bytes.extend_from_slice(form);
        file.write_all(&bytes)?;
        file.sync_data()?;
        fs::rename(&next, &self.own)?;
        self.held = Some(file);
        Ok(())
    }

    fn recover(&mut self, operator: &str, at: Timestamp) -> io::Result<Option<Vec<u8>>> {
        let mut newest: Option<AbandonedDraft> = None;
        for entry in fs::read_dir(&self.place)? {
            let Some(left) = read_abandoned(&entry?.path())? else { continue };
            let is_old = at.duration_since(left.head.at).abs() > KEPT;
            if is_old {
                remove(&left.path)?;
            } else if left.head.operator == operator && newest.as_ref().is_none_or(|other| other.head.at < left.head.at)
            {
                newest = Some(left);
            }
        }
        let Some(left) = newest else { return Ok(None) };
        remove(&left.path)?;
        Ok(Some(left.form))
    }

    fn clear(&mut self) -> io::Result<()> {
        remove(&self.own)?;
        self.held = None;
        Ok(())
    }
}

/// A file that no desk has any more, with what it holds. One that was cut short is no use to anyone and is removed.
fn read_abandoned(path: &Path) -> io::Result<Option<AbandonedDraft>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        // Its desk is done with it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(None),
        Err(fs::TryLockError::Error(error)) => return Err(error),
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    // Its desk is about to lock it and to write.
    if bytes.is_empty() {
        return Ok(None);
    }
    let end = memchr::memchr(b'\n', &bytes);
    let head = end.and_then(|end| serde_json::from_slice(&bytes[..end]).ok());
    match (end, head) {
        (Some(end), Some(head)) if path.extension() == Some(OsStr::new("draft")) => {
            Ok(Some(AbandonedDraft { head, form: bytes.split_off(end + 1), path: path.to_owned(), _held: file }))
        }
        _ => remove(path).map(|()| None),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
