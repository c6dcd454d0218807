//! Refusals, with the texts of AWS Batch (spec section 26). A refused command has changed nothing.

use longshore_types::JobId;
use std::collections::BTreeSet;

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The request breaks a rule; the text is AWS's own where it is known, else ours (A21).
    #[error("{text}")]
    Invalid {
        /// The text.
        text: String,
    },
    /// A resource of this name exists (`ERR-4`, A8).
    #[error("Object already exists")]
    AlreadyExists,
    /// Not a refusal: the jobs named as dependencies are not in memory. The caller looks them up in the store and sends
    /// the command again with what it found.
    #[error("dependencies have to be looked up first")]
    LookUp(BTreeSet<JobId>),
}

impl Error {
    /// A refusal with this text.
    pub fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid { text: text.into() }
    }
}
