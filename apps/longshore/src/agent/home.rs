//! The agent's place in a data directory, `agent/`: a lock that keeps a second agent out, and who the host is.

use longshore_types::{HostId, ParseIdError};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("failed to create {path}; choose another directory with --data-dir")]
    Create { path: PathBuf, source: io::Error },
    #[error("failed to open {path}; choose another directory with --data-dir")]
    Open { path: PathBuf, source: io::Error },
    #[error("the data directory {path} is in use by another agent; stop it, or choose another with --data-dir")]
    InUse { path: PathBuf },
    #[error("failed to keep the host's id in {path}; check that the disk has space and the directory is writable")]
    KeepId { path: PathBuf, source: io::Error },
    #[error("{path} does not hold a host id; remove it to make this a new host")]
    BadId { path: PathBuf, source: ParseIdError },
    #[error("failed to read random numbers from the system")]
    Random { source: io::Error },
}

/// A data directory that this process has locked as its agent; the lock ends with the value, or with the process.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) data_dir: PathBuf,
    pub(super) host: HostId,
    _lock: File,
}

impl Home {
    pub(super) fn open(data_dir: &Path) -> Result<Self, Error> {
        let directory = data_dir.join("agent");
        fs::create_dir_all(&directory).map_err(|source| Error::Create { path: directory, source })?;
        let open_error = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Open { path, source }
        };
        let data_dir = data_dir.canonicalize().map_err(open_error(data_dir))?;
        let lock_path = data_dir.join("agent/lock");
        let lock = File::options().write(true).create(true).truncate(false).open(&lock_path);
        let lock = lock.map_err(open_error(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { path: data_dir }),
            Err(TryLockError::Error(source)) => return Err(Error::Open { path: lock_path, source }),
        }
        Ok(Self { host: host_id(&data_dir.join("agent/host-id"))?, data_dir, _lock: lock })
    }
}

/// The id that the host was given when its first agent started.
fn host_id(path: &Path) -> Result<HostId, Error> {
    match fs::read_to_string(path) {
        Ok(text) => text.trim_end().parse().map_err(|source| Error::BadId { path: path.to_owned(), source }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let host = HostId::from_random(u128::from_ne_bytes(random()?));
            keep(path, host).map_err(|source| Error::KeepId { path: path.to_owned(), source })?;
            Ok(host)
        }
        Err(source) => Err(Error::Open { path: path.to_owned(), source }),
    }
}

/// Under its name the file is whole or not there.
fn keep(path: &Path, host: HostId) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut file = File::create(&unfinished)?;
    writeln!(file, "{host}")?;
    file.sync_all()?;
    fs::rename(unfinished, path)
}

pub(super) fn random_u64() -> Result<u64, Error> {
    random().map(u64::from_ne_bytes)
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], Error> {
    let mut bytes = [0; BYTES];
    let read = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes));
    read.map(|()| bytes).map_err(|source| Error::Random { source })
}

#[cfg(test)]
mod tests;
