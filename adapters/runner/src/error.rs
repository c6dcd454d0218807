//! What keeps a runner from starting. What goes wrong with one attempt is that attempt's end, not an error.

use std::io;
use std::path::PathBuf;

/// Why a runner could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A directory of the runner's could not be made.
    #[error("create {path}; check that the data directory is writable")]
    CreateDirectory {
        /// Which.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The images cannot be used.
    #[error("open the store of images")]
    Images {
        /// The cause.
        #[source]
        source: longshore_images::Error,
    },
    /// The record of live sessions cannot be used.
    #[error("open the record of live sessions {path}")]
    OpenRecord {
        /// Where.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Something that every launch needs could not be had from the kernel.
    #[error("prepare to launch processes ({what})")]
    Prepare {
        /// What.
        what: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The working directory has no usable path.
    #[error("use {path} as the working directory; choose one whose path has no NUL byte")]
    WorkDirectory {
        /// Which.
        path: PathBuf,
    },
}

impl Error {
    pub(crate) fn prepare(what: &'static str) -> impl FnOnce(rustix::io::Errno) -> Self {
        move |errno| Self::Prepare { what, source: errno.into() }
    }
}
