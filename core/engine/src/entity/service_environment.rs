//! Service environments: capacity of another service that service jobs run on (`SVC-1`).

use super::{ResourceState, ResourceStatus, Tags};
use longshore_types::{Name, Timestamp};
use serde::{Deserialize, Serialize};

/// How much of one kind of capacity there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityLimit {
    /// `maxCapacity`.
    pub max_capacity: i64,
    /// `capacityUnit`: `NUM_INSTANCES` or an instance type.
    pub capacity_unit: String,
}

/// A service environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceEnvironment {
    /// Its name, unique.
    pub name: Name,
    /// `serviceEnvironmentType`.
    pub kind: String,
    /// Whether it takes new jobs.
    pub state: ResourceState,
    /// Its own lifecycle.
    pub status: ResourceStatus,
    /// `capacityLimits`.
    pub capacity_limits: Vec<CapacityLimit>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the transition that it is in is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles_at: Option<Timestamp>,
}
