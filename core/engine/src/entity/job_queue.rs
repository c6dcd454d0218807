//! Job queues (spec section 19).

use super::{ResourceState, ResourceStatus, Tags};
use longshore_types::{Document, JobRef, Name, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One entry of `computeEnvironmentOrder` or `serviceEnvironmentOrder`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentOrder {
    /// Environments are tried in ascending order (`SCH-3`).
    pub order: i64,
    /// The environment.
    pub environment: Name,
}

/// A head of a queue that is blocked (`SCH-12`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// The job, or child.
    pub job: JobRef,
    /// The code of the reason: what `jobStateTimeLimitActions` name.
    pub reason: String,
    /// Since when it has been the head and blocked for this reason.
    pub since: Timestamp,
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
    /// The service environments of a queue for service jobs, which has no others (`SVC-2`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_environments: Vec<EnvironmentOrder>,
    /// The fair-share policy, by name.
    #[serde(default)]
    pub scheduling_policy: Option<Name>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was created.
    pub created_at: Timestamp,
    /// What has been blocking its heads; noted only if it has time limit actions (`SCH-12`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<Blocked>,
    /// Its head, once it has been told of as blocking it (`EV-3`); until another job is the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<JobRef>,
    /// Other members of the request, echoed: `jobQueueType`, `jobStateTimeLimitActions`, `serviceEnvironmentOrder`.
    #[serde(default)]
    pub document: Document,
    /// When the transition that it is in is over, as far as the clock decides it (`JQ-7`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles_at: Option<Timestamp>,
}

impl JobQueue {
    /// Whether it takes service jobs rather than jobs (`SVC-2`).
    pub fn is_service(&self) -> bool {
        !self.service_environments.is_empty()
    }

    /// The queue's environments in the order in which they are tried.
    pub fn environments_in_order(&self) -> Vec<&Name> {
        let mut entries: Vec<&EnvironmentOrder> = self.environments.iter().collect();
        entries.sort_by_key(|entry| entry.order);
        entries.into_iter().map(|entry| &entry.environment).collect()
    }

    fn time_limits(&self) -> &[Value] {
        self.document.0.get("jobStateTimeLimitActions").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Whether it has `jobStateTimeLimitActions`.
    pub fn has_time_limits(&self) -> bool {
        !self.time_limits().is_empty()
    }

    /// Seconds for which its head may be blocked for this reason (`SCH-12`); `None` if there is no limit.
    pub fn time_limit_s(&self, reason: &str) -> Option<u64> {
        let action = self.time_limits().iter().find(|action| action["reason"] == reason)?;
        action["maxTimeSeconds"].as_u64()
    }

    /// When a head has been blocked for too long.
    pub fn deadline_of(&self, blocked: &Blocked) -> Option<Timestamp> {
        let limit_s = self.time_limit_s(&blocked.reason)?;
        Some(blocked.since.plus_ms(limit_s.saturating_mul(1_000)))
    }
}
