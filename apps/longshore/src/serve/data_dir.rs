//! The data directory: one per server, locked while it lives.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to create {path}; choose another directory with --data-dir")]
    Create { path: PathBuf, source: io::Error },
    #[error("failed to open {path}; choose another directory with --data-dir")]
    Open { path: PathBuf, source: io::Error },
    #[error(
        "the data directory {path} is in use by another server{by}; stop it, or choose another directory with --data-dir"
    )]
    InUse { path: PathBuf, by: String },
}

/// A data directory that this process has locked; the lock ends with the value, or with the process.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    lock: File,
    was_left: bool,
}

impl DataDir {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(|source| Error::Create { path: path.to_owned(), source })?;
        let path = path.canonicalize().map_err(|source| Error::Open { path: path.to_owned(), source })?;
        let lock_path = path.join("lock");
        let opened = File::options().read(true).write(true).create(true).truncate(false).open(&lock_path);
        let mut lock = opened.map_err(|source| Error::Open { path: lock_path.clone(), source })?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&lock_path).unwrap_or_default();
                let by = if holder.trim().is_empty() { String::new() } else { format!(" (pid {})", holder.trim()) };
                return Err(Error::InUse { path, by });
            }
            Err(fs::TryLockError::Error(source)) => return Err(Error::Open { path: lock_path, source }),
        }
        // A server that ends by itself takes its pid away.
        let was_left = fs::read_to_string(&lock_path).is_ok_and(|left| left.trim().is_empty());
        // The pid is only for the message above: a full disk must not keep the server from starting.
        let _ = lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id()));
        Ok(Self { path, lock, was_left })
    }

    /// Whether the last server here ended by itself, or there was none.
    pub(crate) const fn was_left(&self) -> bool {
        self.was_left
    }

    /// The server ends by itself, with everything written.
    pub(crate) fn leave(&self) {
        // The next start would speak of a crash: no harm.
        let _ = self.lock.set_len(0);
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("longshore.db")
    }

    pub(crate) fn s3(&self) -> PathBuf {
        self.path.join("s3")
    }

    /// Where attempts write what they print.
    pub(crate) fn output(&self) -> PathBuf {
        self.path.join("output")
    }

    /// How far webhooks have got.
    pub(crate) fn webhooks(&self) -> PathBuf {
        self.path.join("webhooks")
    }

    /// Where the agent connects to.
    pub(crate) fn socket(&self) -> PathBuf {
        self.path.join("agent.sock")
    }

    /// The lock that the agent of this machine holds while it lives.
    pub(crate) fn agent_lock(&self) -> PathBuf {
        self.path.join("agent").join("lock")
    }
}

#[cfg(test)]
mod tests;
