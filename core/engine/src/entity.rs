//! The engine's entities, each a row of the store: plain data with the meaning of every field, no behaviour beyond
//! looking at itself. Adding a field takes `#[serde(default)]`; nothing is renamed (rows are append-only in format).

mod compute_environment;
mod consumable_resource;
mod container;
mod ending;
mod event;
mod host;
mod job;
mod job_definition;
mod job_queue;
mod log_stream;
mod nodes;
mod pod;
mod quota_share;
mod scheduling_policy;
mod service_environment;
mod service_job;
mod share_usage;
mod work;

pub use compute_environment::{ComputeEnvironment, ComputeResources, Replacement, ResourceState, ResourceStatus};
pub use consumable_resource::{
    ConsumableHold, ConsumableKind, ConsumableNeed, ConsumableResource, ConsumableUpdate, QuantityOperation,
};
pub(crate) use container::parse_milli;
pub use container::{Container, EnvironmentVariable, ResourceKind, ResourceRequirement};
pub use ending::Ending;
pub(crate) use ending::{EXITED, HOST_GONE, START_FAILED, TIMED_OUT};
pub(crate) use event::ranges;
pub use event::{Event, EventKind, EventSubject};
pub use host::Host;
pub use job::{
    Array, ChildDefault, ChildRow, CurrentAttempt, CurrentContainer, Dependency, DependencyKind, DependencyOutcome,
    FinishedAttempt, FinishedContainer, Job, JobSpec, Run,
};
pub use job_definition::{DefinitionId, DefinitionKind, EvaluateOnExit, JobDefinition, RetryAction, RetryStrategy};
pub use job_queue::{Blocked, EnvironmentOrder, JobQueue};
pub use log_stream::LogStream;
pub use nodes::{Gang, NodeGroup, NodeRange, Nodes, Verdict};
pub use pod::Pod;
pub(crate) use pod::{DEFAULT_CONTAINER, cpu_milli, memory_mib};
pub use quota_share::{QuotaShare, QuotaShareId};
pub use scheduling_policy::{FairShare, PolicyKind, SchedulingPolicy, ShareWeight, WEIGHT_ONE};
pub use service_environment::{CapacityLimit, ServiceEnvironment};
pub use service_job::ServiceJob;
pub use share_usage::{ShareUsage, Usage};
pub use work::{Task, TaskContainer, Work};

use std::collections::BTreeMap;

/// Tags of a resource (`TAG-1`).
pub type Tags = BTreeMap<String, String>;
