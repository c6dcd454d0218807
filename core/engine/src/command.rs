//! What can be asked of the engine, as plain data. Names and revisions are already taken out of ARNs, and members are
//! already of the right JSON type; every other rule is the engine's to check.

mod consumable;
mod job_definition;
mod nodes;
mod policy;
mod resource;
mod service;
mod tags;

pub use consumable::{ConsumableInput, CreateConsumableResource, UpdateConsumableResource};
pub use job_definition::{ContainerInput, EvaluateOnExitInput, RegisterJobDefinition, RetryStrategyInput};
pub use nodes::{NodeOverrides, NodePropertyOverride};
pub use policy::{CreateSchedulingPolicy, FairShareInput, PolicyRef, UpdateSchedulingPolicy};
pub use resource::{
    ComputeResourcesInput, CreateComputeEnvironment, CreateJobQueue, EnvironmentOrderInput, UpdateComputeEnvironment,
    UpdateJobQueue,
};
pub use service::{
    CreateQuotaShare, CreateServiceEnvironment, EndServiceJob, SubmitServiceJob, UpdateQuotaShare,
    UpdateServiceEnvironment, UpdateServiceJob,
};
pub use tags::{LookedUpRow, TagResource, Taggable, UntagResource};

use crate::entity::{DefinitionId, EnvironmentVariable, QuotaShareId, Tags};
use longshore_types::{JobId, JobRef, JobStatus, Name, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A request that may change state.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Submit a job (spec section 3).
    SubmitJob(Box<SubmitJob>),
    /// Cancel a job that has not started (`CAN-1`).
    CancelJob(EndJob),
    /// End a job wherever it is (`TER-1`).
    TerminateJob(EndJob),
    /// Register the next revision of a definition (`JD-1`).
    RegisterJobDefinition(Box<RegisterJobDefinition>),
    /// Make a revision INACTIVE (`JD-3`).
    DeregisterJobDefinition(DefinitionId),
    /// Create a compute environment (spec section 18.1).
    CreateComputeEnvironment(Box<CreateComputeEnvironment>),
    /// Change a compute environment (spec section 18.3).
    UpdateComputeEnvironment(Box<UpdateComputeEnvironment>),
    /// Delete a compute environment, by name (`CE-20`).
    DeleteComputeEnvironment(String),
    /// Create a job queue (spec section 19).
    CreateJobQueue(Box<CreateJobQueue>),
    /// Change a job queue (`JQ-8`).
    UpdateJobQueue(Box<UpdateJobQueue>),
    /// Delete a job queue, by name (`JQ-10`).
    DeleteJobQueue(String),
    /// Create a scheduling policy (`FSS-1`).
    CreateSchedulingPolicy(Box<CreateSchedulingPolicy>),
    /// Change a scheduling policy (`FSS-1`).
    UpdateSchedulingPolicy(Box<UpdateSchedulingPolicy>),
    /// Delete a scheduling policy that no queue has.
    DeleteSchedulingPolicy(PolicyRef),
    /// Create a consumable resource (`CR-1`).
    CreateConsumableResource(Box<CreateConsumableResource>),
    /// Change how much there is of a consumable resource (`CR-3`).
    UpdateConsumableResource(Box<UpdateConsumableResource>),
    /// Delete a consumable resource, by name (`CR-4`).
    DeleteConsumableResource(String),
    /// Remove some of the definitions that were deregistered before this (spec section 25). The highest revision of a name
    /// stays, so that none is given out twice.
    ForgetDefinitions(Timestamp),
    /// Which of these jobs nothing needs any more: their rows may go (`ST-6`).
    FindUnneeded(Vec<JobId>),
    /// Put tags on a resource (`TAG-2`).
    TagResource(Box<TagResource>),
    /// Take tags off a resource (`TAG-2`).
    UntagResource(Box<UntagResource>),
    /// Create a service environment (`SVC-1`).
    CreateServiceEnvironment(Box<CreateServiceEnvironment>),
    /// Change a service environment.
    UpdateServiceEnvironment(Box<UpdateServiceEnvironment>),
    /// Delete a service environment, by name.
    DeleteServiceEnvironment(String),
    /// Create a quota share (`SVC-4`).
    CreateQuotaShare(Box<CreateQuotaShare>),
    /// Change a quota share.
    UpdateQuotaShare(Box<UpdateQuotaShare>),
    /// Delete a quota share.
    DeleteQuotaShare(QuotaShareId),
    /// Submit a service job (`SVC-3`).
    SubmitServiceJob(Box<SubmitServiceJob>),
    /// Change a service job.
    UpdateServiceJob(UpdateServiceJob),
    /// End a service job.
    TerminateServiceJob(EndServiceJob),
}

/// What a command that succeeded answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// The job was accepted.
    Submitted {
        /// Its id.
        id: JobId,
        /// Its name.
        name: Name,
    },
    /// The definition was registered.
    Registered(DefinitionId),
    /// The named resource was created or changed.
    Named(Name),
    /// There is that much of the consumable resource now.
    Quantity {
        /// Its name.
        name: Name,
        /// `totalQuantity`.
        total: u64,
    },
    /// Definitions were removed.
    Forgotten {
        /// Whether there are more to be removed.
        more: bool,
    },
    /// The jobs that have ended, durably, and that no job names as a dependency that has not.
    Unneeded(Vec<JobId>),
    /// The quota share was created or changed.
    QuotaShare(QuotaShareId),
    /// Done; there is nothing to say.
    Done,
}

/// CancelJob and TerminateJob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndJob {
    /// The job or child; `None` for a text that cannot be the id of any job, which is answered like an unknown id (A15).
    pub job: Option<JobRef>,
    /// `reason`, shown as the job's status reason (A7).
    pub reason: String,
}

/// SubmitJob.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubmitJob {
    /// `jobName`.
    pub job_name: String,
    /// `jobQueue`, by name.
    pub job_queue: String,
    /// `jobDefinition`.
    pub job_definition: DefinitionRef,
    /// `shareIdentifier`.
    pub share_identifier: Option<String>,
    /// `schedulingPriorityOverride`.
    pub scheduling_priority_override: Option<i64>,
    /// `arrayProperties.size`; absent and zero both mean "not an array" (`SUB-8`).
    pub array_size: Option<i64>,
    /// `dependsOn`.
    pub depends_on: Vec<DependencyInput>,
    /// `parameters`.
    pub parameters: BTreeMap<String, String>,
    /// `containerOverrides`.
    pub container_overrides: Option<ContainerOverrides>,
    /// `ecsPropertiesOverride`.
    pub task_overrides: Option<TaskOverrides>,
    /// `nodeOverrides`.
    pub node_overrides: Option<NodeOverrides>,
    /// `eksPropertiesOverride`.
    pub pod_overrides: Option<PodOverrides>,
    /// `consumableResourcePropertiesOverride` (`SUB-16`).
    pub consumables: Vec<ConsumableInput>,
    /// `retryStrategy`.
    pub retry: Option<RetryStrategyInput>,
    /// `propagateTags`.
    pub propagate_tags: Option<bool>,
    /// `timeout`, whose member may be missing.
    pub timeout_s: Option<Option<i64>>,
    /// `tags`.
    pub tags: Tags,
    /// Size of the request body in bytes (`SUB-2`).
    pub body_bytes: usize,
    /// What the store knows of dependencies that are no longer in memory; see [`crate::Error::LookUp`].
    pub looked_up: BTreeMap<JobId, Option<EndedJob>>,
}

/// `jobDefinition` of SubmitJob: a name, with a revision or meaning the latest ACTIVE one (`ID-3`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefinitionRef {
    /// The definition's name.
    pub name: String,
    /// The revision, if one was given.
    pub revision: Option<u32>,
}

/// One entry of `dependsOn`, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DependencyInput {
    /// `jobId`.
    pub job_id: Option<String>,
    /// `type`.
    pub kind: Option<String>,
}

/// `eksPropertiesOverride`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodOverrides {
    /// `podProperties`.
    pub properties: Value,
    /// Length of the overrides as JSON text, in characters (`SUB-15`).
    pub json_chars: usize,
}

/// `containerOverrides`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerOverrides {
    /// `command`.
    pub command: Option<Vec<String>>,
    /// `environment`.
    pub environment: Vec<EnvironmentVariable>,
    /// `resourceRequirements` as (type, value).
    pub resource_requirements: Vec<(String, String)>,
    /// The deprecated `vcpus`.
    pub vcpus: Option<i64>,
    /// The deprecated `memory`.
    pub memory: Option<i64>,
    /// `instanceType`.
    pub instance_type: Option<String>,
    /// Length of the overrides as JSON text, in characters (`SUB-15`).
    pub json_chars: usize,
}

/// `ecsPropertiesOverride` (`MC-8`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskOverrides {
    /// The containers of each of `taskProperties`, by name.
    pub tasks: Vec<Vec<(String, ContainerOverrides)>>,
    /// Length of the overrides as JSON text, in characters (`SUB-15`).
    pub json_chars: usize,
}

/// A job that has left memory, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedJob {
    /// How it ended.
    pub status: JobStatus,
    /// The size, if it is an array.
    pub array_size: Option<u32>,
    /// The number of nodes, if it is a multi-node job.
    pub nodes: Option<u32>,
    /// Children or nodes that failed, if it has any.
    pub failed_children: BTreeSet<u32>,
}
