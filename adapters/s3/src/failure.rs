//! What can go wrong inside one operation, and how a client sees it. No other module builds 5xx answers.

use std::io;
use std::path::PathBuf;

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode};

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why an operation ended without an effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The request itself is at fault; the client gets this error as it is.
    #[error("refused")]
    Refused(#[source] S3Error),
    #[error("query the object database")]
    Query(#[from] rusqlite::Error),
    /// The commit failed: whether the change survives a restart is unknown.
    #[error("commit to the object database")]
    Commit(#[source] std::sync::Arc<rusqlite::Error>),
    #[error("store or read content at {path}")]
    Content { path: PathBuf, source: io::Error },
    #[error("read a row that this version does not understand")]
    Row(#[from] serde_json::Error),
    /// There is no room for the content: not on this store, whatever the disk has.
    #[error("store more than {limit} bytes")]
    Limit { limit: u64 },
    /// The writer or a worker thread is gone: the server stops, or its disk failed.
    #[error("finish: the object store has stopped")]
    Stopped,
}

impl From<S3Error> for Error {
    fn from(refusal: S3Error) -> Self {
        Self::Refused(refusal)
    }
}

impl From<S3ErrorCode> for Error {
    fn from(code: S3ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}

impl Error {
    pub(crate) fn content(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::Content { path, source }
    }

    fn is_disk_full(&self) -> bool {
        let full = |e: &rusqlite::Error| e.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
        match self {
            Self::Query(e) => full(e),
            Self::Commit(e) => full(e),
            Self::Content { source, .. } => {
                matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            _ => false,
        }
    }
}

/// The refusal that names a code of S3 and says why.
pub(crate) fn refuse(code: S3ErrorCode, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::Refused(S3Error::with_message(code, message))
}

/// Not a 503: asking again helps nobody before something is deleted.
fn at_limit(limit: u64) -> S3Error {
    let message = format!(
        "The objects of this server may take {limit} bytes (--s3-limit), and there is no room for these: nothing was stored. \
         Delete objects or unfinished uploads, or have the limit raised."
    );
    let mut answer = S3Error::with_message(S3ErrorCode::Custom("QuotaExceeded".into()), message);
    answer.set_status_code(StatusCode::INSUFFICIENT_STORAGE);
    answer
}

impl From<Error> for S3Error {
    fn from(error: Error) -> Self {
        if let Error::Refused(refusal) = error {
            return refusal;
        }
        if let Error::Limit { limit } = error {
            return at_limit(limit);
        }
        let full = error.is_disk_full();
        tracing::error!(error = &error as &dyn std::error::Error, "an S3 operation failed");
        let mut answer = S3Error::internal_error(error);
        if full {
            answer
                .set_message("disk full: nothing was stored. Free space on the disk of the data directory and retry.");
            answer.set_status_code(StatusCode::INSUFFICIENT_STORAGE);
        } else {
            answer.set_message("the object store failed; the server's log has the cause");
        }
        answer
    }
}
