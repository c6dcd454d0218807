//! The directory that is unpacked into: places in it, found by the kernel as if it were the root.

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, XattrFlags, makedev};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

const OPAQUE_ATTRIBUTE: &str = "trusted.overlay.opaque";
/// The same for overlays that a user namespace mounts, with the option `userxattr`.
const OPAQUE_ATTRIBUTE_OF_USERS: &str = "user.overlay.opaque";
/// Of directories that a layer has things in without naming them.
const IMPLIED_MODE: Mode = Mode::from_raw_mode(0o755);

/// A name in a directory that is open.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) parent: OwnedFd,
    /// The parent's path, as the archive has it.
    pub(super) directory: PathBuf,
    pub(super) name: OsString,
}

impl Place {
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        let parent = self.parent.try_clone()?;
        Ok(Self { parent, directory: self.directory.clone(), name: self.name.clone() })
    }

    /// A path that means this place whatever happens to the names above it.
    pub(super) fn path(&self) -> PathBuf {
        Path::new("/proc/self/fd").join(self.parent.as_raw_fd().to_string()).join(&self.name)
    }

    fn file_type(&self) -> io::Result<Option<(FileType, u64)>> {
        match rustix::fs::statat(&self.parent, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(status) => Ok(Some((FileType::from_raw_mode(status.st_mode), status.st_rdev))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn is_whiteout(&self) -> io::Result<bool> {
        Ok(self.file_type()? == Some((FileType::CharacterDevice, makedev(0, 0))))
    }
}

#[derive(Debug)]
pub(super) struct Tree {
    root: OwnedFd,
    /// Archives go through one directory after the other.
    last: Option<(PathBuf, OwnedFd)>,
}

pub(super) fn open(directory: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(CWD, directory, flags, Mode::empty())?)
}

/// Hides what lower layers have in a directory.
pub(super) fn set_opaque(directory: &OwnedFd) -> io::Result<()> {
    let attribute = if crate::is_in_user_namespace() { OPAQUE_ATTRIBUTE_OF_USERS } else { OPAQUE_ATTRIBUTE };
    Ok(rustix::fs::fsetxattr(directory, attribute, b"y", XattrFlags::empty())?)
}

impl Tree {
    pub(super) fn new(root: OwnedFd) -> Self {
        Self { root, last: None }
    }

    /// A place in a directory, which is made if it is not there.
    pub(super) fn place(&mut self, directory: &Path, name: &OsStr) -> io::Result<Place> {
        let parent = match &self.last {
            Some((last, open)) if last == directory => open.try_clone()?,
            _ => {
                let open = self.open_or_make(directory)?;
                self.last = Some((directory.to_owned(), open.try_clone()?));
                open
            }
        };
        Ok(Place { parent, directory: directory.to_owned(), name: name.to_owned() })
    }

    /// A directory that is there.
    pub(super) fn existing(&self, directory: &Path) -> io::Result<OwnedFd> {
        let path = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        Ok(rustix::fs::openat2(&self.root, path, flags, Mode::empty(), resolve)?)
    }

    fn open_or_make(&mut self, directory: &Path) -> io::Result<OwnedFd> {
        match self.existing(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => return result,
        }
        let (Some(parent), Some(name)) = (directory.parent(), directory.file_name()) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let place = Place { parent: self.open_or_make(parent)?, directory: parent.to_owned(), name: name.to_owned() };
        self.make_directory(&place)?;
        self.existing(directory)
    }

    /// Makes a directory, unless there is one. One in place of what was deleted shows nothing of lower layers.
    pub(super) fn make_directory(&mut self, place: &Place) -> io::Result<()> {
        if matches!(place.file_type()?, Some((FileType::Directory, _))) {
            return Ok(());
        }
        let replaces_deleted = place.is_whiteout()?;
        self.clear(place)?;
        rustix::fs::mkdirat(&place.parent, &place.name, IMPLIED_MODE)?;
        if replaces_deleted {
            set_opaque(&open(&place.path())?)?;
        }
        Ok(())
    }

    pub(super) fn create(&self, place: &Place) -> io::Result<OwnedFd> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&place.parent, &place.name, flags, Mode::RUSR | Mode::WUSR)?)
    }

    /// Removes what is at a place: the later entry of an archive counts.
    pub(super) fn clear(&mut self, place: &Place) -> io::Result<()> {
        match place.file_type()? {
            None => Ok(()),
            Some((FileType::Directory, _)) => {
                self.last = None;
                std::fs::remove_dir_all(place.path())
            }
            Some(_) => {
                self.last = None;
                Ok(rustix::fs::unlinkat(&place.parent, &place.name, AtFlags::empty())?)
            }
        }
    }

    /// A deletion concerns lower layers only: what this layer has under the name stays.
    pub(super) fn white_out(&mut self, place: &Place) -> io::Result<()> {
        match place.file_type()? {
            Some((FileType::Directory, _)) => set_opaque(&open(&place.path())?),
            Some(_) => Ok(()),
            None => {
                let device = FileType::CharacterDevice;
                Ok(rustix::fs::mknodat(&place.parent, &place.name, device, Mode::empty(), makedev(0, 0))?)
            }
        }
    }
}

/// Whether a path is a whiteout; for tests.
#[cfg(test)]
pub(super) fn is_whiteout(path: &Path) -> bool {
    rustix::fs::stat(path).is_ok_and(|status| {
        FileType::from_raw_mode(status.st_mode) == FileType::CharacterDevice && status.st_rdev == makedev(0, 0)
    })
}
