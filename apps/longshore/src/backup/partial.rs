//! The place where a backup or a restored directory is made: beside its final name, with a suffix that says that it is not
//! whole, and locked. What a process left there that was killed is taken away by the next.

use super::{Error, Result};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// Marks a directory as ours, and says to people what it is.
const MARK: &str = "UNFINISHED";
const MARK_TEXT: &str = "A backup or a restored data directory was begun here and is not whole. It can be deleted.\n";

/// A directory that is removed unless it becomes something.
#[derive(Debug)]
pub(super) struct Partial {
    path: PathBuf,
    _lock: File,
    finished: bool,
}

impl Partial {
    /// Makes the place for `target`, which is not there or an empty directory.
    pub(super) fn open(target: &Path, suffix: &str) -> Result<Self> {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        let path = target.with_file_name(name);
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(Error::writing(parent))?;
        }
        if path.symlink_metadata().is_ok() {
            remove_left_over(&path)?;
        }
        fs::create_dir(&path).map_err(Error::writing(&path))?;
        let lock = File::open(&path).map_err(Error::reading(&path))?;
        lock.try_lock().map_err(|_| Error::PartialInUse { path: path.clone() })?;
        let partial = Self { _lock: lock, finished: false, path };
        partial.write(MARK, MARK_TEXT.as_bytes())?;
        Ok(partial)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        fs::write(&path, bytes).map_err(Error::writing(path))
    }

    /// All of it becomes `target`, on disk first.
    pub(super) fn become_directory(mut self, target: &Path) -> Result<()> {
        let mark = self.path.join(MARK);
        fs::remove_file(&mark).map_err(Error::writing(mark))?;
        self.sync()?;
        fs::rename(&self.path, target).map_err(Error::writing(target))?;
        self.finished = true;
        sync_parent(target)
    }

    /// One file of it becomes `target`, on disk first; the rest goes.
    pub(super) fn become_file(self, name: &str, target: &Path) -> Result<()> {
        self.sync()?;
        // A name that has come to exist meanwhile is left alone.
        fs::hard_link(self.path.join(name), target).map_err(Error::writing(target))?;
        sync_parent(target)
    }

    /// Everything below, with one call however many files there are.
    fn sync(&self) -> Result<()> {
        let all = File::open(&self.path).and_then(|directory| Ok(rustix::fs::syncfs(directory)?));
        all.map_err(Error::writing(&self.path))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            crate::output::warn(format!("{} stays and can be deleted: {error}", self.path.display()));
        }
    }
}

fn remove_left_over(path: &Path) -> Result<()> {
    if !path.join(MARK).is_file() {
        return Err(Error::NotPartial { path: path.to_owned() });
    }
    let lock = File::open(path).map_err(Error::reading(path))?;
    match lock.try_lock() {
        Ok(()) => fs::remove_dir_all(path).map_err(Error::writing(path)),
        Err(TryLockError::WouldBlock) => Err(Error::PartialInUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(Error::Read { path: path.to_owned(), source }),
    }
}

fn sync_parent(path: &Path) -> Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|directory| directory.sync_all()).map_err(Error::writing(parent))
}

#[cfg(test)]
mod tests;
