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
    /// Not a refusal: the job has left memory, if there ever was one. The caller reads its row from the store, now that
    /// it has this answer, and sends the command again with the row and the stamp. Asked again when the row has changed
    /// meanwhile.
    #[error("the row of job {job} has to be looked up first")]
    LookUpRow {
        /// The job.
        job: JobId,
        /// Tells later what has changed since.
        stamp: u64,
    },
}

impl Error {
    /// A refusal with this text.
    pub fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid { text: text.into() }
    }
}
