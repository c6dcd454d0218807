//! What goes wrong with images. The words are Docker's wherever Docker has any, because users search for them and retry
//! rules match them (spec table 4.1); [`Error::chain`] puts the causes behind them, in one line.

use crate::Digest;
use std::io;
use std::path::PathBuf;

/// Why an image could not be had, kept or removed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name is none.
    #[error("{problem}")]
    InvalidReference {
        /// In Docker's words.
        problem: &'static str,
    },
    /// The registry has no such image.
    #[error("manifest for {image} not found: {detail}")]
    NotFound {
        /// As users write it.
        image: String,
        /// The registry's words.
        detail: String,
    },
    /// The registry does not let us see the image.
    #[error("pull access denied for {image}, repository does not exist or may require 'docker login': {detail}")]
    Denied {
        /// The repository as users write it.
        image: String,
        /// The registry's words.
        detail: String,
    },
    /// The registry wants to be left alone for a while.
    #[error("{detail}")]
    TooManyRequests {
        /// The registry's words.
        detail: String,
    },
    /// The registry answered something else.
    #[error("Get {url:?}: received unexpected HTTP status: {status}: {detail}")]
    Status {
        /// What was asked for.
        url: String,
        /// The answer's status.
        status: u16,
        /// The registry's words.
        detail: String,
    },
    /// The registry could not be reached.
    #[error("Get {url:?}")]
    Transport {
        /// What was asked for.
        url: String,
        /// The cause.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The registry's answer broke off.
    #[error("Get {url:?}: the answer broke off")]
    Body {
        /// What was asked for.
        url: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The registry wants a kind of proof of identity that is not understood.
    #[error("the registry at {url} asks for credentials in an unknown way: {challenge:?}")]
    Challenge {
        /// What was asked for.
        url: String,
        /// The header.
        challenge: String,
    },
    /// No variant of the image runs on this machine.
    #[error("no matching manifest for {wanted} in the manifest list entries")]
    NoPlatform {
        /// This machine's platform.
        wanted: String,
    },
    /// The manifest or the configuration is not understood.
    #[error("the image's manifest or configuration is invalid")]
    Manifest {
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
    /// The image is of a format that Docker has given up as well.
    #[error("Docker Image Format v1 and Docker Image manifest version 2, schema 1 are not supported: build it anew")]
    OldManifest,
    /// The configuration names more or fewer layers than the manifest.
    #[error("the image's configuration and its manifest name different layers")]
    LayerCount,
    /// Content is not what its digest says.
    #[error("filesystem layer verification failed for digest {expected}: the content has {found}")]
    Verification {
        /// What was asked for.
        expected: Digest,
        /// What came.
        found: Digest,
    },
    /// A document is larger than any real one.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// Which.
        what: String,
        /// The limit.
        limit: u64,
    },
    /// A layer could not be packed.
    #[error("failed to pack {path}")]
    Pack {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A layer could not be unpacked.
    #[error("failed to register layer: {path}")]
    Unpack {
        /// The entry, as the layer names it.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A file holds no images.
    #[error("{path} is no image archive: {problem}")]
    Archive {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
    },
    /// The store's files could not be read or written.
    #[error("{action} {path}")]
    Store {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Nothing here has this name or id.
    #[error("no such image: {name}")]
    Unknown {
        /// As it was asked for.
        name: String,
    },
    /// Several images have ids that begin so.
    #[error("several images have ids that begin with {name}: give more of it")]
    Ambiguous {
        /// As it was asked for.
        name: String,
    },
    /// Something runs from it.
    #[error("the image {name} is in use: wait for the jobs that run from it, or stop them")]
    InUse {
        /// As it was asked for.
        name: String,
    },
}

impl Error {
    /// The error and its causes in one line, each once.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let words = error.to_string();
            if !text.ends_with(&words) {
                text.extend([": ", &words]);
            }
            cause = error.source();
        }
        text
    }

    /// Whether an image that is here already should be used instead, because the registry is not to be had.
    pub(crate) fn is_unreachable(&self) -> bool {
        match self {
            Self::Transport { .. } | Self::Body { .. } | Self::TooManyRequests { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }

    pub(crate) fn store(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Store { action, path, source }
    }
}
