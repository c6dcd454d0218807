//! Commands on compute environments and job queues.

use super::PolicyRef;
use crate::entity::Tags;
use longshore_types::Document;

/// `computeResources`, of a creation or an update.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComputeResourcesInput {
    /// `type`.
    pub kind: Option<String>,
    /// `minvCpus`.
    pub min_vcpus: Option<i64>,
    /// `maxvCpus`.
    pub max_vcpus: Option<i64>,
    /// `desiredvCpus`.
    pub desired_vcpus: Option<i64>,
    /// Every other member, by its wire name.
    pub document: Document,
}

/// CreateComputeEnvironment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateComputeEnvironment {
    /// `computeEnvironmentName`.
    pub name: String,
    /// `type`: `MANAGED` or `UNMANAGED`.
    pub kind: String,
    /// `state`.
    pub state: Option<String>,
    /// `unmanagedvCpus`.
    pub unmanaged_vcpus: Option<i64>,
    /// `computeResources`.
    pub compute: Option<ComputeResourcesInput>,
    /// `serviceRole`.
    pub service_role: Option<String>,
    /// `tags`.
    pub tags: Tags,
    /// `eksConfiguration`, `context`, `ecsSettings`, echoed.
    pub document: Document,
    /// Whether it is VALID at once: what the server makes for itself is ready when the server is.
    pub valid_at_once: bool,
}

/// UpdateComputeEnvironment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateComputeEnvironment {
    /// `computeEnvironment`, by name.
    pub name: String,
    /// `state`.
    pub state: Option<String>,
    /// `unmanagedvCpus`.
    pub unmanaged_vcpus: Option<i64>,
    /// `computeResources`.
    pub compute: Option<ComputeResourcesInput>,
    /// `serviceRole`.
    pub service_role: Option<String>,
    /// `updatePolicy`, `context`, `ecsSettings`, `eksConfiguration`, echoed.
    pub document: Document,
}

/// One entry of `computeEnvironmentOrder` or `serviceEnvironmentOrder`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentOrderInput {
    /// `order`.
    pub order: i64,
    /// The environment, by name.
    pub environment: String,
}

/// CreateJobQueue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateJobQueue {
    /// `jobQueueName`.
    pub name: String,
    /// `state`.
    pub state: Option<String>,
    /// `priority`.
    pub priority: i64,
    /// `computeEnvironmentOrder`.
    pub environments: Vec<EnvironmentOrderInput>,
    /// `serviceEnvironmentOrder`.
    pub service_environments: Vec<EnvironmentOrderInput>,
    /// `schedulingPolicyArn`.
    pub scheduling_policy: Option<PolicyRef>,
    /// `tags`.
    pub tags: Tags,
    /// `jobQueueType` and `jobStateTimeLimitActions`, by their wire names.
    pub document: Document,
    /// Whether it is VALID at once, as of environments.
    pub valid_at_once: bool,
}

/// UpdateJobQueue; absent members stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateJobQueue {
    /// `jobQueue`, by name.
    pub name: String,
    /// `state`.
    pub state: Option<String>,
    /// `priority`.
    pub priority: Option<i64>,
    /// `computeEnvironmentOrder`.
    pub environments: Option<Vec<EnvironmentOrderInput>>,
    /// `serviceEnvironmentOrder`.
    pub service_environments: Option<Vec<EnvironmentOrderInput>>,
    /// `schedulingPolicyArn`.
    pub scheduling_policy: Option<PolicyRef>,
    /// `jobStateTimeLimitActions`, by its wire name.
    pub document: Document,
}
