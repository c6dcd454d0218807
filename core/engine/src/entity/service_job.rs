//! Service jobs: requests to another service, queued like jobs (`SVC-3`).

use super::Tags;
use longshore_types::{Document, JobId, JobStatus, Name, Timestamp};
use serde::{Deserialize, Serialize};

/// A service job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceJob {
    /// Its id.
    pub id: JobId,
    /// Its order of submission among service jobs.
    pub seq: u64,
    /// `jobName`.
    pub name: Name,
    /// Its queue.
    pub queue: Name,
    /// `serviceJobType`.
    pub kind: String,
    /// `serviceRequestPayload`, JSON as given.
    pub payload: String,
    /// `schedulingPriority`.
    #[serde(default)]
    pub scheduling_priority: Option<i64>,
    /// `shareIdentifier`.
    #[serde(default)]
    pub share_identifier: Option<String>,
    /// `quotaShareName`.
    #[serde(default)]
    pub quota_share: Option<Name>,
    /// `clientToken` (`IDEM-2`).
    #[serde(default)]
    pub client_token: Option<String>,
    /// `retryStrategy`, `preemptionConfiguration`, `timeoutConfig`, by their wire names.
    #[serde(default)]
    pub document: Document,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// Where it is: RUNNABLE, or FAILED when it was terminated.
    pub status: JobStatus,
    /// Why.
    #[serde(default)]
    pub status_reason: Option<String>,
    /// When it ended.
    #[serde(default)]
    pub stopped_at: Option<Timestamp>,
    /// TerminateServiceJob was accepted for it.
    #[serde(default)]
    pub terminated: bool,
}
