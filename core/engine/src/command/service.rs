//! Commands on service environments, quota shares and service jobs (spec section 22).

use crate::entity::{CapacityLimit, QuotaShareId, Tags};
use longshore_types::{Document, JobId};

/// CreateServiceEnvironment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateServiceEnvironment {
    /// `serviceEnvironmentName`.
    pub name: String,
    /// `serviceEnvironmentType`.
    pub kind: String,
    /// `state`.
    pub state: Option<String>,
    /// `capacityLimits`.
    pub capacity_limits: Vec<CapacityLimit>,
    /// `tags`.
    pub tags: Tags,
}

/// UpdateServiceEnvironment; absent members stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateServiceEnvironment {
    /// `serviceEnvironment`, by name.
    pub name: String,
    /// `state`.
    pub state: Option<String>,
    /// `capacityLimits`.
    pub capacity_limits: Option<Vec<CapacityLimit>>,
}

/// CreateQuotaShare.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateQuotaShare {
    /// `quotaShareName`.
    pub name: String,
    /// `jobQueue`, by name.
    pub queue: String,
    /// `state`.
    pub state: Option<String>,
    /// `capacityLimits`.
    pub capacity_limits: Vec<CapacityLimit>,
    /// `resourceSharingConfiguration` and `preemptionConfiguration`.
    pub document: Document,
    /// `tags`.
    pub tags: Tags,
}

/// UpdateQuotaShare; absent members stay as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateQuotaShare {
    /// `quotaShareArn`.
    pub id: QuotaShareId,
    /// `state`.
    pub state: Option<String>,
    /// `capacityLimits`.
    pub capacity_limits: Option<Vec<CapacityLimit>>,
    /// `resourceSharingConfiguration` and `preemptionConfiguration`.
    pub document: Document,
}

/// SubmitServiceJob.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubmitServiceJob {
    /// `jobName`.
    pub job_name: String,
    /// `jobQueue`, by name.
    pub job_queue: String,
    /// `serviceJobType`.
    pub kind: String,
    /// `serviceRequestPayload`.
    pub payload: String,
    /// `schedulingPriority`.
    pub scheduling_priority: Option<i64>,
    /// `shareIdentifier`.
    pub share_identifier: Option<String>,
    /// `quotaShareName`.
    pub quota_share: Option<String>,
    /// `clientToken`.
    pub client_token: Option<String>,
    /// `retryStrategy`, `preemptionConfiguration` and `timeoutConfig`.
    pub document: Document,
    /// `tags`.
    pub tags: Tags,
    /// Size of the request body in bytes (`SVC-3`).
    pub body_bytes: usize,
}

/// UpdateServiceJob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateServiceJob {
    /// `jobId`, as given.
    pub job: String,
    /// `schedulingPriority`.
    pub scheduling_priority: i64,
}

/// TerminateServiceJob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndServiceJob {
    /// The job; `None` for a text that cannot be the id of any, which is answered like an unknown id (A15).
    pub job: Option<JobId>,
    /// `reason`.
    pub reason: String,
}
