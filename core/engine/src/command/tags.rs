//! Commands on tags.

use crate::entity::{DefinitionId, Job, QuotaShareId, Tags};
use longshore_types::{JobId, Name};
use std::fmt;

/// What can carry tags (`TAG-1`). Children and nodes cannot (`ARR-8`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taggable {
    /// A compute environment.
    Environment(Name),
    /// A job queue.
    Queue(Name),
    /// One revision of a job definition.
    Definition(DefinitionId),
    /// A scheduling policy.
    Policy(Name),
    /// A consumable resource.
    Consumable(Name),
    /// A job; of an array the parent.
    Job(JobId),
    /// A service environment.
    ServiceEnvironment(Name),
    /// A quota share.
    QuotaShare(QuotaShareId),
    /// A service job.
    ServiceJob(JobId),
}

impl fmt::Display for Taggable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(formatter, "ComputeEnvironment {name}"),
            Self::Queue(name) => write!(formatter, "JobQueue {name}"),
            Self::Definition(id) => write!(formatter, "JobDefinition {id}"),
            Self::Policy(name) => write!(formatter, "SchedulingPolicy {name}"),
            Self::Consumable(name) => write!(formatter, "ConsumableResource {name}"),
            Self::Job(id) => write!(formatter, "Job {id}"),
            Self::ServiceEnvironment(name) => write!(formatter, "ServiceEnvironment {name}"),
            Self::QuotaShare(id) => write!(formatter, "QuotaShare {}", id.name),
            Self::ServiceJob(id) => write!(formatter, "ServiceJob {id}"),
        }
    }
}

/// TagResource (`TAG-2`).
#[derive(Clone, Debug, PartialEq)]
pub struct TagResource {
    /// `resourceArn`.
    pub resource: Taggable,
    /// `tags`, put over those that there are.
    pub tags: Tags,
    /// The job, if it has left memory; see [`crate::Error::LookUpRow`].
    pub looked_up: Option<LookedUpRow>,
}

/// UntagResource (`TAG-2`).
#[derive(Clone, Debug, PartialEq)]
pub struct UntagResource {
    /// `resourceArn`.
    pub resource: Taggable,
    /// `tagKeys`; those that the resource does not have are passed over.
    pub keys: Vec<String>,
    /// The job, if it has left memory; see [`crate::Error::LookUpRow`].
    pub looked_up: Option<LookedUpRow>,
}

/// The row of a job that has left memory, as the store has it.
#[derive(Clone, Debug, PartialEq)]
pub struct LookedUpRow {
    /// The stamp of the [`crate::Error::LookUpRow`] that asked for it.
    pub stamp: u64,
    /// The row; `None` when there is no such job.
    pub row: Option<Box<Job>>,
}
