//! What can go wrong on a link. A bad frame or a lost peer closes the link and is logged; nothing here panics.

use std::io;
use std::path::PathBuf;

/// Why a link could not be opened, or was closed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The socket could not be made.
    #[error("listen for agents on {path}; check that the directory exists and is writable")]
    Listen {
        /// Where.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A thread could not be started.
    #[error("start a thread for the link")]
    Thread(#[source] io::Error),
    /// The peer's bytes could not be read.
    #[error("read from the link")]
    Read(#[source] io::Error),
    /// The peer does not take our bytes.
    #[error("write to the link")]
    Write(#[source] io::Error),
    /// A frame says that it is larger than any frame is.
    #[error("accept a frame of {bytes} bytes, more than {max}", max = crate::FRAME_MAX)]
    FrameTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A frame is not a message.
    #[error("understand a frame of {bytes} bytes")]
    Malformed {
        /// Its size.
        bytes: usize,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
    /// A message could not be written as a frame.
    #[error("encode a message")]
    Encode(#[source] serde_json::Error),
}
