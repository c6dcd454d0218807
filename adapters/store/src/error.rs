//! What can go wrong with the database, and what an operator can do about it.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened.
    #[error("open the database {path}: check that its directory exists and that this user may write there")]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// The file is not a database, or a damaged one.
    #[error(
        "read the database {path}: it is damaged or not a Longshore database; put a good copy in its place, or move it \
         away together with its -wal and -shm files to start anew"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// The file was written by a later version.
    #[error(
        "open the database {path}: it has layout {found} and this version of Longshore knows up to {known}; start the \
         version that wrote it, or choose another data directory"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The layout found.
        found: i64,
        /// The latest layout known here.
        known: i64,
    },
    /// Another process writes to the database.
    #[error("open the database {path}: another server uses it; stop that one, or choose another data directory")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// There is no room for a commit. It was not carried out, not even in part.
    #[error("commit to the database {path}: the disk is full; free some space, then start the server again")]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// A commit failed; what of it is on disk is known after a restart.
    #[error("commit to the database {path}: start the server again when its disk is in order")]
    Commit {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// The database cannot be copied.
    #[error("copy the database {from} to {to}")]
    Copy {
        /// The database.
        from: PathBuf,
        /// The copy, which is not whole.
        to: PathBuf,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Whoever asked for a copy does not want it any more.
    #[error("copy the database: it was given up")]
    CopyGivenUp,
    /// A row cannot be turned into its JSON text.
    #[error("write a row of the table {table}")]
    Encode {
        /// The table.
        table: &'static str,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// A row's JSON text is not what this version expects.
    #[error("read the row {key} of the table {table}: the database was changed by hand or written by a later version")]
    Decode {
        /// The table.
        table: &'static str,
        /// The row.
        key: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// A query failed.
    #[error("query the database")]
    Query(#[from] rusqlite::Error),
    /// The writer has stopped after a failed commit.
    #[error("commit to the database: an earlier commit failed; start the server again")]
    Stopped,
    /// The writer's thread could not be started.
    #[error("start a thread for the database")]
    Thread(#[source] std::io::Error),
}

impl Error {
    /// Why a database could not be opened.
    pub(crate) fn opening(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged { path, source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            _ => Self::Open { path, source },
        }
    }

    /// Why a commit failed.
    pub(crate) fn committing(path: &Path, error: Self) -> Self {
        let path = path.to_path_buf();
        match error {
            Self::Query(source) => match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => Self::DiskFull { path },
                Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, source },
                _ => Self::Commit { path, source },
            },
            other => other,
        }
    }
}
