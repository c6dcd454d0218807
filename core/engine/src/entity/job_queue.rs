//! Job queues (spec section 19).

use super::{ResourceState, ResourceStatus, Tags};
use longshore_types::{Document, Name, Timestamp};
use serde::{Deserialize, Serialize};

/// One entry of `computeEnvironmentOrder`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentOrder {
    /// Environments are tried in ascending order (`SCH-3`).
    pub order: i64,
    /// The compute environment.
    pub environment: Name,
}

/// A job queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobQueue {
    /// Its name, unique.
    pub name: Name,
    /// Whether it accepts jobs.
    pub state: ResourceState,
    /// Its own lifecycle.
    pub status: ResourceStatus,
    /// Why it has this status.
    pub status_reason: String,
    /// Queues that share an environment are served in descending priority (`SCH-2`).
    pub priority: i64,
    /// Its environments in the order given.
    pub environments: Vec<EnvironmentOrder>,
    /// The fair-share policy, by name.
    #[serde(default)]
    pub scheduling_policy: Option<Name>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was created.
    pub created_at: Timestamp,
    /// Other members of the request, echoed: `jobQueueType`, `jobStateTimeLimitActions`, `serviceEnvironmentOrder`.
    #[serde(default)]
    pub document: Document,
    /// When the transition that it is in is over, as far as the clock decides it (`JQ-7`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles_at: Option<Timestamp>,
}

impl JobQueue {
    /// The queue's environments in the order in which they are tried.
    pub fn environments_in_order(&self) -> Vec<&Name> {
        let mut entries: Vec<&EnvironmentOrder> = self.environments.iter().collect();
        entries.sort_by_key(|entry| entry.order);
        entries.into_iter().map(|entry| &entry.environment).collect()
    }
}
