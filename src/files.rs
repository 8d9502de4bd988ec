//! Where keydesk keeps files, and files that only their owner may read. All that only Unix has is in here.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Which of the XDG base folders (freedesktop.org's Base Directory Specification).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// `$XDG_CONFIG_HOME`, else `~/.config`.
    Config,
    /// `$XDG_STATE_HOME`, else `~/.local/state`: what may be kept between starts, such as the log.
    State,
}

/// keydesk's own folder below an XDG base folder, with the environment handed in as a look-up. `None` where neither
/// the XDG variable nor a home folder is set. A relative XDG path does not count, as the specification says.
pub fn folder<'a>(base: Base, env: impl Fn(&str) -> Option<&'a str>) -> Option<PathBuf> {
    let (variable, below_home) = match base {
        Base::Config => ("XDG_CONFIG_HOME", ".config"),
        Base::State => ("XDG_STATE_HOME", ".local/state"),
    };
    let base = match env(variable).map(PathBuf::from).filter(|path| path.is_absolute()) {
        Some(path) => path,
        None => home(env)?.join(below_home),
    };
    Some(base.join("keydesk"))
}

/// The user's home folder, with the environment handed in as a look-up.
pub fn home<'a>(env: impl Fn(&str) -> Option<&'a str>) -> Option<PathBuf> {
    env("HOME").or_else(|| env("USERPROFILE")).map(PathBuf::from)
}

/// Makes a folder, and those above it that are missing, that only their owner may enter (0700 on Unix). One that
/// exists already stays as it is.
///
/// # Errors
/// What the operating system says.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file to append to that only its owner may read (0600 on Unix, also where it existed with wider rights).
///
/// # Errors
/// What the operating system says.
pub fn append_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// Whether others than the owner of a file may read it; `false` where the system has no such rights.
///
/// # Errors
/// What the operating system says.
pub fn others_may_read(path: &Path) -> io::Result<bool> {
    let metadata = fs::metadata(path)?;
    #[cfg(unix)]
    let open = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o044 != 0;
    #[cfg(not(unix))]
    let open = {
        drop(metadata);
        false
    };
    Ok(open)
}
