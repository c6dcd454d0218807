//! Copying what an image has in a directory into the volume that hides it, as Docker does for volumes that are empty: with
//! owners, modes, times, extended attributes, links and nodes as they are. It follows no link.

use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, Stat, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The overlay's own attributes, which are about the layers and not about their files.
const NOT_COPIED: [&str; 2] = ["trusted.overlay.", "user.overlay."];
/// What the kernel lets an attribute have.
const ATTRIBUTE_MAX: usize = 64 << 10;

/// Copies a directory's content and attributes. `from` must not change meanwhile, `to` is empty.
pub(super) fn directory(from: &Path, to: &Path) -> io::Result<()> {
    let mut copied = Copied::default();
    copied.content(from, to)?;
    attributes(from, to, &rustix::fs::stat(from)?)
}

/// Files of several names that were copied under one of them.
#[derive(Debug, Default)]
struct Copied(BTreeMap<(u64, u64), PathBuf>);

impl Copied {
    fn content(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            self.entry(&from.join(&name), &to.join(&name))?;
        }
        Ok(())
    }

    fn entry(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let stat = rustix::fs::lstat(from)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind != FileType::Directory && stat.st_nlink > 1 {
            if let Some(first) = self.0.get(&(stat.st_dev, stat.st_ino)) {
                return fs::hard_link(first, to);
            }
            self.0.insert((stat.st_dev, stat.st_ino), to.to_owned());
        }
        match kind {
            FileType::Directory => fs::create_dir(to).and_then(|()| self.content(from, to))?,
            FileType::Symlink => symlink(fs::read_link(from)?, to)?,
            FileType::RegularFile => drop(fs::copy(from, to)?),
            kind => rustix::fs::mknodat(CWD, to, kind, Mode::from_raw_mode(stat.st_mode), stat.st_rdev)?,
        }
        attributes(from, to, &stat)
    }
}

/// The owner first: a change of it takes away setuid bits and capabilities.
fn attributes(from: &Path, to: &Path, stat: &Stat) -> io::Result<()> {
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    let owner = (Some(Uid::from_raw(stat.st_uid)), Some(Gid::from_raw(stat.st_gid)));
    rustix::fs::chownat(CWD, to, owner.0, owner.1, flags)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
        rustix::fs::chmodat(CWD, to, Mode::from_raw_mode(stat.st_mode), AtFlags::empty())?;
    }
    extended(from, to)?;
    let time = |seconds, nanos| Timespec { tv_sec: seconds, tv_nsec: nanos as _ };
    let times = Timestamps {
        last_access: time(stat.st_atime, stat.st_atime_nsec),
        last_modification: time(stat.st_mtime, stat.st_mtime_nsec),
    };
    Ok(rustix::fs::utimensat(CWD, to, &times, flags)?)
}

/// Those that the volume's file system can keep.
fn extended(from: &Path, to: &Path) -> io::Result<()> {
    let mut names = vec![0_u8; ATTRIBUTE_MAX];
    let length = match rustix::fs::llistxattr(from, &mut names) {
        Err(Errno::OPNOTSUPP) => return Ok(()),
        length => length?,
    };
    let names = String::from_utf8_lossy(&names[..length]).into_owned();
    let wanted = |name: &&str| !name.is_empty() && !NOT_COPIED.iter().any(|refused| name.starts_with(refused));
    let mut value = vec![0_u8; ATTRIBUTE_MAX];
    for name in names.split('\0').filter(wanted) {
        let length = rustix::fs::lgetxattr(from, name, &mut value)?;
        match rustix::fs::lsetxattr(to, name, &value[..length], XattrFlags::empty()) {
            Err(Errno::OPNOTSUPP) => {}
            set => set?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn everything_of_a_directory_is_copied_as_it_is() {
        let directory_of_test = tempfile::tempdir().unwrap();
        let (from, to) = (directory_of_test.path().join("from"), directory_of_test.path().join("to"));
        fs::create_dir_all(from.join("deep/er")).unwrap();
        fs::create_dir(&to).unwrap();
        fs::write(from.join("deep/file"), "content").unwrap();
        fs::hard_link(from.join("deep/file"), from.join("second")).unwrap();
        symlink("/no/where", from.join("link")).unwrap();
        rustix::fs::mknodat(CWD, from.join("pipe"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        rustix::fs::chmodat(CWD, from.join("deep"), Mode::from_raw_mode(0o2711), AtFlags::empty()).unwrap();
        directory(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("deep/file")).unwrap(), "content");
        assert_eq!(fs::metadata(to.join("second")).unwrap().nlink(), 2);
        assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("/no/where"));
        for name in ["", "deep", "deep/file", "link", "pipe", "deep/er"] {
            let seen = |root: &Path| {
                let found = rustix::fs::lstat(root.join(name)).unwrap();
                (found.st_mode, found.st_uid, found.st_mtime, found.st_mtime_nsec)
            };
            assert_eq!(seen(&from), seen(&to), "{name}");
        }
    }
}
