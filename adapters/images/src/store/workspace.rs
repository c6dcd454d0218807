//! Directories for work in progress: gone when the work ends, or when the next store opens if its process dies.

use super::Store;
use crate::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A directory of one's own. It and all that is still in it go away with the value.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) path: PathBuf,
    /// Says that its maker is alive.
    _lock: File,
}

impl Store {
    pub(super) fn workspace(&self) -> Result<Workspace, Error> {
        let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = self.root.join("partial").join(name);
        // Between its making and its locking it looks like a dead process's.
        let _lock = self.lock()?;
        let made = fs::create_dir(&path).and_then(|()| File::open(&path));
        let made = made.and_then(|directory| directory.lock().map(|()| directory));
        Ok(Workspace { _lock: made.map_err(Error::store("create", &path))?, path })
    }

    /// Removes the directories of dead processes.
    pub(super) fn remove_leftovers(&self) -> Result<(), Error> {
        let directory = self.root.join("partial");
        let _lock = self.lock()?;
        for entry in fs::read_dir(&directory).map_err(Error::store("list", &directory))?.flatten() {
            let path = entry.path();
            let Ok(open) = File::open(&path) else { continue };
            if open.try_lock().is_ok() {
                tracing::info!(path = %path.display(), "removing unfinished work of a dead process");
                fs::remove_dir_all(&path).map_err(Error::store("remove", path))?;
            }
        }
        Ok(())
    }
}

impl Workspace {
    /// Writes a file that appears at its place whole or not at all.
    pub(super) fn write_to(&self, name: &str, content: &[u8], place: &Path) -> Result<(), Error> {
        let path = self.path.join(name);
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&path, place)).map_err(Error::store("write", place))
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "unfinished work stays until the next start");
        }
    }
}
