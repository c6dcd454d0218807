//! A consistent copy of the data directory of a server, made while it runs, and the way back. The parts:
//!
//! ```text
//!   create   data directory ──▶ NAME.partial ──rename──▶ NAME (a directory, or one tar archive)
//!   verify   NAME: every file against its checksum, and the database against itself
//!   restore  NAME ──▶ DIR.restoring ──rename──▶ DIR
//! ```
//!
//! The order in which things are copied is what makes the copy consistent: docs/decisions/0016-what-a-backup-copies-first.md.
//! It decides nothing about jobs; what was running is for the server that starts on the copy.

mod create;
mod hold;
mod images;
mod lines;
mod manifest;
mod partial;
mod progress;
mod restore;
mod sink;
mod source;
mod verify;

pub(crate) use create::create;
pub(crate) use hold::Removal;
pub(crate) use images::{Images, has_images};
pub(crate) use manifest::Manifest;
pub(crate) use restore::{has_images as backup_has_images, restore};
pub(crate) use verify::verify;

use std::io;
use std::path::PathBuf;

/// Why there is no backup, or nothing could be made of one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{path} holds no database of Longshore; name the server's data directory with --data-dir")]
    NoDatabase { path: PathBuf },
    #[error(
        "the database in {path} has layout {found} and this version copies layout {known}; start the server of this \
         version on it once, or use the version that wrote it"
    )]
    OtherLayout { path: PathBuf, found: i64, known: i64 },
    #[error("{path} exists already; choose another name for the backup")]
    Exists { path: PathBuf },
    #[error("another backup of {path} is being made; wait for it")]
    Busy { path: PathBuf },
    #[error("{path} is being written by another backup; wait for it, or choose another name")]
    PartialInUse { path: PathBuf },
    #[error("{path} is in the way and was not left by a backup that ended early; move it away, or choose another name")]
    NotPartial { path: PathBuf },
    #[error("{path} is no whole backup: it has no manifest")]
    NoManifest { path: PathBuf },
    #[error(
        "the backup {path} is of format {found} and this version reads up to {known}; use the version that made it"
    )]
    NewerFormat { path: PathBuf, found: u32, known: u32 },
    #[error("the backup {path} is damaged: {what}; use another one")]
    Damaged { path: PathBuf, what: String },
    #[error("{path} is not empty; restore into a directory that is empty or not there")]
    NotEmpty { path: PathBuf },
    #[error("{path} was in the data directory and is gone; something else than the server removed it")]
    Vanished { path: PathBuf },
    #[error("failed to read {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("failed to write {path}; check that its disk has space and this user may write there")]
    Write { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] longshore_store::Error),
    #[error(transparent)]
    Objects(#[from] longshore_s3::Error),
    #[error(transparent)]
    Images(#[from] longshore_images::Error),
    #[error("interrupted")]
    Interrupted(#[from] crate::interrupt::Interrupted),
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn reading(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Read { path, source }
    }

    fn writing(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source }
    }

    fn damaged(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), what: what.into() }
    }
}
