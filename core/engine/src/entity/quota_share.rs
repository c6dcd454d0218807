//! Quota shares: parts of a queue's capacity for service jobs (`SVC-4`).

use super::{CapacityLimit, ResourceState, ResourceStatus, Tags};
use longshore_types::{Document, Name, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which quota share: its ARN ends in `job-queue/QUEUE/quota-share/NAME` (`ID-2`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QuotaShareId {
    /// Its queue.
    pub queue: Name,
    /// Its name, unique in the queue.
    pub name: Name,
}

impl fmt::Display for QuotaShareId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.queue, self.name)
    }
}

/// A quota share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuotaShare {
    /// Its queue and name.
    pub id: QuotaShareId,
    /// Whether it takes new jobs.
    pub state: ResourceState,
    /// Its own lifecycle.
    pub status: ResourceStatus,
    /// `capacityLimits`.
    pub capacity_limits: Vec<CapacityLimit>,
    /// `resourceSharingConfiguration` and `preemptionConfiguration`, by their wire names.
    #[serde(default)]
    pub document: Document,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the transition that it is in is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles_at: Option<Timestamp>,
}
