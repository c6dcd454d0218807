//! Why logs cannot be read.

use std::io;
use std::path::PathBuf;

/// A failed read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token is not one that this stream or filter has given (`CWL-2`).
    #[error("The specified nextToken is invalid.")]
    InvalidNextToken,
    /// The filter pattern cannot be read (`CWL-3`).
    #[error("Invalid filter pattern")]
    InvalidFilterPattern,
    /// A file of output, or its index, cannot be read.
    #[error("failed to read {}; check that the data directory is readable by the server", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}
