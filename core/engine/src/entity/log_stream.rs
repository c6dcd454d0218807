//! Log streams: one per attempt (`LOG-1`, `LOG-3`).

use longshore_types::{AttemptId, JobRef, Timestamp};
use serde::{Deserialize, Serialize};

/// The log stream of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStream {
    /// The log group, `/aws/batch/job` unless the job's log configuration names another.
    pub group: String,
    /// The stream, `<prefix>/default/<attempt id>`.
    pub name: String,
    /// The attempt whose output this is.
    pub attempt: AttemptId,
    /// The job, child or node it belongs to.
    pub job: JobRef,
    /// When the attempt started.
    pub created_at: Timestamp,
    /// When the attempt ended; the output is complete then.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}
