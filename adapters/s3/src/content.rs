//! Content files: one file per body or part, named by a number that is never used twice, under 256 directories.
//!
//! A file is written in place and becomes part of an object only when a committed row names it; whatever no row names
//! is removed by `open`. Nothing here reads or writes the database.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::copying::Removal;
use crate::failure::{Error, Result};
use crate::usage::{Charge, Usage};

pub(crate) mod reclaim;
pub(crate) mod stream;

use reclaim::{Reclaim, Session};

const DIRECTORIES: u64 = 256;

/// The content directory.
#[derive(Debug)]
pub(crate) struct Content {
    root: PathBuf,
    next: AtomicU64,
    reclaim: Reclaim,
    usage: Arc<Usage>,
}

impl Content {
    /// Opens the directory and removes every file that is not in `committed` (ascending): the remains of writes that a
    /// crash interrupted and of deletions that it delayed. While the store is being copied they stay until the next start.
    pub(crate) fn open(root: &Path, committed: &[u64], usage: Arc<Usage>) -> io::Result<Self> {
        let store = root.parent().unwrap_or(root).to_owned();
        let removal = Removal::now(&store)?;
        let mut last = committed.last().copied().unwrap_or(0);
        let mut found = 0;
        for directory in 0..DIRECTORIES {
            let directory = root.join(format!("{directory:02x}"));
            fs::create_dir_all(&directory)?;
            for entry in fs::read_dir(&directory)? {
                let entry = entry?;
                let id = entry.file_name().to_str().and_then(|name| u64::from_str_radix(name, 16).ok());
                last = last.max(id.unwrap_or(0));
                if id.is_some_and(|id| committed.binary_search(&id).is_ok()) {
                    found += 1;
                } else if removal.is_some() {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        if found != committed.len() {
            let missing = committed.len() - found;
            tracing::error!(missing, "content files of committed objects are missing: their objects cannot be read");
        }
        File::open(root)?.sync_all()?;
        let paths = root.to_owned();
        drop(removal);
        let reclaim = Reclaim::start(store, move |id| path_of(&paths, id))?;
        Ok(Self { root: root.to_owned(), next: AtomicU64::new(last + 1), reclaim, usage })
    }

    pub(crate) fn path(&self, id: u64) -> PathBuf {
        path_of(&self.root, id)
    }

    /// While the session lives, no file that a row named when it began is removed.
    pub(crate) fn session(&self) -> Session {
        self.reclaim.session()
    }

    /// Removes files that no committed row names any more, once no reader can need them.
    pub(crate) fn release(&self, released: Released) {
        self.usage.give_back(released.bytes);
        self.reclaim.release(released.files);
    }

    pub(crate) fn usage(&self) -> &Arc<Usage> {
        &self.usage
    }

    /// Creates an empty file for a body that starts to arrive. Blocks.
    pub(crate) fn stage(self: &Arc<Self>) -> Result<Staged> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.path(id);
        let file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(Error::content(&path))?;
        let charge = Charge::new(Arc::clone(&self.usage));
        Ok(Staged { id, file, path, length: 0, charge, is_kept: false })
    }
}

pub(crate) fn path_of(root: &Path, id: u64) -> PathBuf {
    root.join(format!("{:02x}", id % DIRECTORIES)).join(format!("{id:016x}"))
}

/// What a change stops naming.
#[derive(Debug, Default)]
pub(crate) struct Released {
    pub(crate) files: Vec<u64>,
    /// Of these files and of content in the database.
    pub(crate) bytes: u64,
}

/// A content file that no committed row names yet. Dropped without `keep`, it removes itself.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) id: u64,
    pub(crate) length: u64,
    charge: Charge,
    file: File,
    path: PathBuf,
    is_kept: bool,
}

impl Staged {
    /// Appends. Blocks.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.charge.grow(bytes.len() as u64)?;
        self.file.write_all(bytes).map_err(Error::content(&self.path))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Makes the content and its directory entry durable. Blocks.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(Error::content(&self.path))?;
        let directory = self.path.parent().unwrap_or(&self.path);
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(Error::content(directory))
    }

    /// A committed row names it now, or may do so: leave it to `open` to decide.
    pub(crate) fn keep(mut self) {
        self.charge.keep();
        self.is_kept = true;
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_kept
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "an unused content file stays until the next start");
        }
    }
}
