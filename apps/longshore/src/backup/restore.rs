//! A data directory from a backup. It is made beside its final name and gets that name once every file in it has its sum:
//! a server never finds half of one.

use super::images::{layer_of, unpack};
use super::manifest::Manifest;
use super::partial::Partial;
use super::progress::Progress;
use super::sink::write_below;
use super::source::Backup;
use super::{Error, Result};
use crate::interrupt::Interrupt;
use longshore_store::Reader;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes `data_dir`, which is empty or not there, of `backup`.
pub(crate) fn restore(backup: &Path, data_dir: &Path, interrupt: &Interrupt) -> Result<Manifest> {
    let target = absolute(data_dir)?;
    refuse_what_is_used(&target)?;
    let mut progress = Progress::new("restoring", interrupt);
    let opened = Backup::open(backup)?;
    refuse_later_layout(backup, &opened.manifest)?;
    let partial = Partial::open(&target, ".restoring")?;
    let into = partial.path().to_owned();
    let manifest = opened.each(&mut progress, &mut |name, source| match layer_of(name) {
        Some(layer) => unpack((&into, layer), source),
        None => write_below(&into, name, source),
    })?;
    check_database(backup, &into)?;
    refuse_what_is_used(&target)?;
    partial.become_directory(&target)?;
    Ok(manifest)
}

/// Whether a backup has container images, whose files belong to other users.
pub(crate) fn has_images(backup: &Path) -> Result<bool> {
    Ok(Backup::open(backup)?.manifest.counts.images > 0)
}

/// With a parent, whatever was written.
pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(Error::reading(path))
}

fn refuse_what_is_used(target: &Path) -> Result<()> {
    if target.symlink_metadata().is_err() {
        return Ok(());
    }
    let mut entries = fs::read_dir(target).map_err(Error::reading(target))?;
    if entries.next().is_some() { Err(Error::NotEmpty { path: target.to_owned() }) } else { Ok(()) }
}

fn refuse_later_layout(backup: &Path, manifest: &Manifest) -> Result<()> {
    let known = longshore_store::layout();
    if manifest.layout > known {
        let path = backup.to_owned();
        return Err(longshore_store::Error::Newer { path, found: manifest.layout, known }.into());
    }
    Ok(())
}

/// What was copied from a database that was damaged already is not better than it.
fn check_database(backup: &Path, restored: &Path) -> Result<()> {
    let told = Reader::open(restored.join("longshore.db")).integrity()?;
    match told.first() {
        None => Ok(()),
        Some(first) => Err(Error::damaged(backup, format!("its database is damaged: {first}"))),
    }
}
