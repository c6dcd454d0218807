//! While a backup is made, the server removes no output files: a lock in the data directory, `copying`, that ends with
//! the process that holds it. The embedded S3 has one of its own.

use super::{Error, Result};
use crate::interrupt::Interrupt;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Between two looks whether a removal is over. They take moments.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// After so many looks it is another backup that has the lock.
const LOOKS: usize = 500;

/// While it lives, nothing that a backup copies is removed.
#[derive(Debug)]
pub(super) struct Hold {
    _lock: File,
    _objects: Option<longshore_s3::Hold>,
}

impl Hold {
    /// Waits for removals that are under way; refused while another backup is made.
    pub(super) fn take(data_dir: &Path, interrupt: &Interrupt) -> Result<Self> {
        let path = data_dir.join("copying");
        let lock = open(&path).map_err(Error::writing(&path))?;
        for look in 0.. {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if look < LOOKS => interrupt.pause(LOOK_EVERY)?,
                Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: data_dir.to_owned() }),
                Err(TryLockError::Error(source)) => return Err(Error::Read { path, source }),
            }
        }
        let objects = data_dir.join("s3");
        let objects = objects.is_dir().then(|| longshore_s3::hold(&objects).map_err(Error::writing(&objects)));
        Ok(Self { _lock: lock, _objects: objects.transpose()? })
    }
}

/// Whoever removes output holds this: it excludes backups, not other removals.
#[derive(Debug)]
pub(crate) struct Removal {
    _lock: File,
}

impl Removal {
    /// `None` while a backup is being made.
    pub(crate) fn now(data_dir: &Path) -> io::Result<Option<Self>> {
        let lock = open(&data_dir.join("copying"))?;
        match lock.try_lock_shared() {
            Ok(()) => Ok(Some(Self { _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}
