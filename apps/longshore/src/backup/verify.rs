//! Whether a backup is what was written: each file by its sum, its list, and whether this version can start on it. It reads
//! everything and writes nothing. What the rows mean is for `longshore doctor` on what is restored.

use super::manifest::Manifest;
use super::progress::Progress;
use super::sink::drain;
use super::source::Backup;
use super::{Error, Result};
use crate::interrupt::Interrupt;
use std::path::Path;

/// Reads all of the backup.
pub(crate) fn verify(backup: &Path, interrupt: &Interrupt) -> Result<Manifest> {
    let mut progress = Progress::new("checking", interrupt);
    let opened = Backup::open(backup)?;
    opened.each(&mut progress, &mut |_, source| drain(source).map_err(Error::reading(backup)))
}
