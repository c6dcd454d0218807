//! Log streams: one per attempt, or per container of an attempt (`LOG-1`, `LOG-2`, `LOG-3`).

use longshore_types::{AttemptId, JobRef, Timestamp};
use serde::{Deserialize, Serialize};

/// The log stream of one attempt, or of one of its containers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStream {
    /// The log group, `/aws/batch/job` unless the job's log configuration names another.
    pub group: String,
    /// The stream, `<prefix>/default/<attempt id>` or `<prefix>/<container name>/<attempt id>`.
    pub name: String,
    /// What names the output: the attempt, or of an attempt with several containers each container's own.
    pub attempt: AttemptId,
    /// The job, child or node it belongs to.
    pub job: JobRef,
    /// When the container started.
    pub created_at: Timestamp,
    /// When the container ended; the output is complete then.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}
