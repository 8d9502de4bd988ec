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

/// Makes an empty file that only its owner may read (0600 on Unix); one that exists stays as it is.
///
/// # Errors
/// What the operating system says.
pub fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Takes every right to a file from those who are neither its owner nor of its group: what a group may do was set
/// on purpose. Never opens the file.
///
/// # Errors
/// What the operating system says.
pub fn keep_others_out(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path)?.permissions().mode() & 0o7777;
        if mode & 0o007 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & !0o007))?;
        }
    }
    #[cfg(not(unix))]
    fs::metadata(path)?;
    Ok(())
}

/// The name of the network file system on which a file or folder stands; `None` for one of this machine, and where
/// that can't be told.
pub fn network(path: &Path) -> Option<String> {
    #[cfg(target_os = "linux")]
    return linux::network(path);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    /// The kinds of file systems that live on the network, by `f_type` (statfs(2) and linux/magic.h).
    const KINDS: &[(u32, &str)] = &[
        (0x6969, "NFS"),
        (0x517B, "SMB"),
        (0xFF53_4D42, "CIFS"),
        (0xFE53_4D42, "SMB2"),
        (0x564C, "NCP"),
        (0x5346_414F, "AFS"),
        (0x6B41_4653, "AFS"),
        (0x7375_7245, "Coda"),
        (0x00C3_6400, "Ceph"),
        (0x0BD0_0BD0, "Lustre"),
        (0x4750_4653, "GPFS"),
        (0x1983_0326, "BeeGFS"),
    ];
    const FUSE: u32 = 0x6573_5546;
    /// Of all that comes through FUSE: these (the type behind the dot in mountinfo).
    const FUSE_KINDS: &[&str] = &[
        "sshfs",
        "rclone",
        "s3fs",
        "davfs",
        "davfs2",
        "curlftpfs",
        "glusterfs",
        "ceph-fuse",
        "gvfsd-fuse",
        "gcsfuse",
        "smbnetfs",
    ];

    pub(super) fn network(path: &Path) -> Option<String> {
        #[allow(clippy::cast_sign_loss, reason = "the lower half is the number; its type differs by architecture")]
        let kind = rustix::fs::statfs(path).ok()?.f_type as u32;
        if kind == FUSE {
            let mounts = fs::read("/proc/self/mountinfo").ok()?;
            return fuse(&mounts, &path.canonicalize().ok()?);
        }
        KINDS.iter().find(|(number, _)| *number == kind).map(|(_, name)| (*name).to_owned())
    }

    /// The kind of the FUSE mount that a path lies below, if that is one of the network. The mounts as in
    /// /proc/self/mountinfo (proc(5)): the fifth field is the mount point, the type follows a lone dash.
    fn fuse(mounts: &[u8], path: &Path) -> Option<String> {
        let mut nearest: Option<(usize, &[u8])> = None;
        for line in mounts.split(|byte| *byte == b'\n') {
            let mut fields = line.split(|byte| *byte == b' ');
            let Some(point) = fields.nth(4) else { continue };
            let Some(kind) = fields.skip_while(|field| *field != b"-").nth(1) else { continue };
            let point = unescape(point);
            // A later mount on the same point hides the earlier one.
            if path.starts_with(std::ffi::OsStr::from_bytes(&point))
                && nearest.is_none_or(|(len, _)| point.len() >= len)
            {
                nearest = Some((point.len(), kind));
            }
        }
        let kind = std::str::from_utf8(nearest?.1).ok()?;
        FUSE_KINDS.contains(&kind.strip_prefix("fuse.")?).then(|| kind.to_owned())
    }

    /// Blanks and the like stand as a backslash and three octal digits.
    fn unescape(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((first, after)) = rest.split_first() {
            let octal = after.get(..3).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
            if let (b'\\', Some(byte)) = (first, octal) {
                out.push(byte);
                rest = &after[3..];
            } else {
                out.push(*first);
                rest = after;
            }
        }
        out
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_mount_through_fuse_is_told_by_its_nearest_mount_point() {
            let mounts = b"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
                40 22 0:50 / /home/desk/far\\040away rw,nosuid - fuse.sshfs desk@host:/ rw\n\
                41 22 0:51 / /media/usb rw - fuse.exfat /dev/sdb1 rw\nodd line\n";
            let of = |path: &str| fuse(mounts, Path::new(path));
            assert_eq!(of("/home/desk/far away/keydesk").as_deref(), Some("fuse.sshfs"));
            assert_eq!(of("/home/desk/far"), None);
            assert_eq!(of("/media/usb/keydesk"), None);
            assert_eq!(of("/home/desk"), None);
        }

        #[test]
        fn a_temp_folder_is_no_network() {
            assert_eq!(network(tempfile::tempdir().unwrap().path()), None);
        }
    }
}
