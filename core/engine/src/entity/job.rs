//! Jobs, array children and attempts (spec sections 4 to 10).
//!
//! A [`Run`] is the life of one thing that runs: a single job or one child of an array. An array is one [`Job`] with a
//! default for its children; a child gets a row of its own when it leaves the default.

use super::{ConsumableHold, ConsumableNeed, DefinitionId, Gang, Nodes, RetryStrategy, Tags, Work};
use longshore_types::{AttemptId, HostId, JobId, JobRef, JobStatus, Name, Resources, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

/// A job. `S` is what it runs; rows are read with something else in its place, so that equal specs are decoded once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job<S = Arc<JobSpec>> {
    /// The job.
    pub id: JobId,
    /// Order of submission over all queues; ties in time are broken by it.
    pub seq: u64,
    /// `jobName`.
    pub name: Name,
    /// Its queue.
    pub queue: Name,
    /// The definition's revision, fixed at submission (`RES-1`).
    pub definition: DefinitionId,
    /// What runs, all overrides and parameters applied; shared between jobs that run the same.
    pub spec: S,
    /// Tags of the job itself.
    #[serde(default)]
    pub tags: Tags,
    /// `propagateTags`, if given.
    #[serde(default)]
    pub propagate_tags: Option<bool>,
    /// `shareIdentifier`.
    #[serde(default)]
    pub share_identifier: Option<Arc<str>>,
    /// Scheduling priority, override applied.
    #[serde(default)]
    pub scheduling_priority: Option<i64>,
    /// Its dependencies in the order given.
    #[serde(default)]
    pub depends_on: Vec<Dependency>,
    /// When it was submitted (`ST-4`).
    pub created_at: Timestamp,
    /// Its life; for an array the parent's, derived from the children (`ARR-2`, `ARR-3`).
    pub run: Run,
    /// Set for array jobs.
    #[serde(default)]
    pub array: Option<Box<Array>>,
    /// Set for multi-node parallel jobs.
    #[serde(default)]
    pub gang: Option<Box<Gang>>,
}

impl<S> Job<S> {
    /// The same job, with this in place of what it runs.
    pub fn with_spec<T>(self, spec: T) -> Job<T> {
        Job {
            spec,
            id: self.id,
            seq: self.seq,
            name: self.name,
            queue: self.queue,
            definition: self.definition,
            tags: self.tags,
            propagate_tags: self.propagate_tags,
            share_identifier: self.share_identifier,
            scheduling_priority: self.scheduling_priority,
            depends_on: self.depends_on,
            created_at: self.created_at,
            run: self.run,
            array: self.array,
            gang: self.gang,
        }
    }
}

/// What a job runs, with overrides merged and parameters substituted (`RES-2`, `RES-3`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobSpec {
    /// What runs.
    pub work: Work,
    /// Merged parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Retry strategy in force.
    #[serde(default)]
    pub retry: Option<RetryStrategy>,
    /// Timeout of each attempt in seconds.
    #[serde(default)]
    pub timeout_s: Option<u64>,
    /// `platformCapabilities` of the definition.
    #[serde(default)]
    pub platform_capabilities: Vec<String>,
    /// What one attempt needs of consumable resources (`CR-2`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consumables: Vec<ConsumableNeed>,
    /// What one attempt asks of a host.
    pub demand: Resources,
}

impl JobSpec {
    /// What the nodes run, of a multi-node parallel job.
    pub const fn nodes(&self) -> Option<&Nodes> {
        match &self.work {
            Work::Nodes(nodes) => Some(nodes),
            Work::Container(_) | Work::Task(_) | Work::Pod(_) => None,
        }
    }
}

impl Job {
    /// What an attempt of the job, or of this child or node of it, runs.
    pub fn work_of(&self, reference: JobRef) -> &Work {
        let node = match (reference, self.spec.nodes()) {
            (JobRef::Node(_, index), Some(nodes)) => nodes.work_of(index),
            _ => None,
        };
        node.unwrap_or(&self.spec.work)
    }

    /// What an attempt of the job, or of this child or node of it, asks of a host.
    pub fn demand_of(&self, reference: JobRef) -> Resources {
        match reference {
            JobRef::Node(..) => self.work_of(reference).demand(),
            JobRef::Job(_) | JobRef::Child(..) => self.spec.demand,
        }
    }
}

/// What kind of array dependency an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DependencyKind {
    /// Child i waits for child i of the other array (`DEP-7`).
    #[serde(rename = "N_TO_N")]
    NToN,
    /// Child i waits for child i-1 (`DEP-6`).
    #[serde(rename = "SEQUENTIAL")]
    Sequential,
}

/// One entry of `dependsOn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// The job, child or node waited for; absent for `SEQUENTIAL` on the array itself.
    pub target: Option<JobRef>,
    /// `type`.
    #[serde(default)]
    pub kind: Option<DependencyKind>,
    /// What is decided about it.
    #[serde(default)]
    pub outcome: DependencyOutcome,
}

/// What is decided about a dependency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DependencyOutcome {
    /// Nothing yet. SEQUENTIAL and N_TO_N entries stay here: they are met child by child.
    #[default]
    Open,
    /// The target has succeeded.
    Met,
    /// The target has failed.
    Failed,
    /// A N_TO_N entry on an array that had ended before the submission: these children of it failed, the rest succeeded.
    Children {
        /// The children that failed.
        failed: BTreeSet<u32>,
    },
}

/// The life of one thing that runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Where it is.
    pub status: JobStatus,
    /// Why (spec table 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// When the current or last attempt's process started (`ST-3`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it became terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    /// CancelJob was accepted for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
    /// TerminateJob was accepted for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub terminated: bool,
    /// Finished attempts, oldest first (`ST-7`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<FinishedAttempt>,
    /// The attempt that is starting or running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Box<CurrentAttempt>>,
    /// Outputs that there may be of containers whose start nobody was told of before their agent died: nothing shows them,
    /// and they go with the job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unheard: Vec<AttemptId>,
}

impl Run {
    /// A run that has just come into being.
    pub const fn new(status: JobStatus) -> Self {
        Self {
            status,
            status_reason: None,
            started_at: None,
            stopped_at: None,
            cancelled: false,
            terminated: false,
            attempts: Vec::new(),
            current: None,
            unheard: Vec::new(),
        }
    }

    /// What names the outputs that its attempts may have left, but for those of containers that have log streams.
    pub fn outputs(&self) -> impl Iterator<Item = AttemptId> + '_ {
        let current = self.current.as_deref();
        let own = self.attempts.iter().map(|attempt| attempt.id).chain(current.map(|current| current.id));
        own.chain(current.into_iter().flat_map(CurrentAttempt::outputs)).chain(self.unheard.iter().copied())
    }
}

/// An attempt that is starting or running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentAttempt {
    /// The attempt.
    pub id: AttemptId,
    /// Where it runs.
    pub host: HostId,
    /// The agent process it was given to; it dies with it.
    pub incarnation: u64,
    /// The compute environment it counts against.
    pub environment: Name,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Its log stream; absent where each container has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_stream: Option<String>,
    /// Its containers in the order of the task; empty for a job that is one container.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<CurrentContainer>,
    /// What it holds of consumable resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<ConsumableHold>,
    /// Set once it was asked to stop: the status reason it will end with.
    #[serde(default)]
    pub stopping: Option<String>,
    /// It was asked to stop because its environment was changed: its job may be retried (`CE-17`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaced: bool,
    /// A node's own address on its host (`MNP-4`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Ipv4Addr>,
    /// A node that has its place, but which its host is not told of before the main node runs (`MNP-4`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held_back: bool,
    /// If it was given ahead: the attempt whose place on the host it has after others (`seat` of the protocol).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<AttemptId>,
}

impl CurrentAttempt {
    /// The first attempt that had its place on the host; itself, unless it was given ahead.
    pub fn seat_id(&self) -> AttemptId {
        self.seat.unwrap_or(self.id)
    }

    /// What names its outputs: it does itself, unless it is a task, each of whose containers has one.
    pub fn outputs(&self) -> impl Iterator<Item = AttemptId> + '_ {
        let only = self.containers.is_empty().then_some(self.id);
        only.into_iter().chain(self.containers.iter().map(|container| container.output))
    }
}

/// One of several containers of an attempt that is starting or running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentContainer {
    /// Its name.
    pub name: String,
    /// Names its output.
    pub output: AttemptId,
    /// Its log stream (`LOG-2`).
    pub log_stream: String,
    /// When its process started, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
}

/// An attempt that is over (`DSC-4`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishedAttempt {
    /// The attempt.
    pub id: AttemptId,
    /// Where it ran.
    pub host: HostId,
    /// The compute environment it counted against.
    pub environment: Name,
    /// When its process started; absent if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub stopped_at: Timestamp,
    /// Its exit code; of several containers, that of the one that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The deciding container's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The attempt's status reason.
    pub status_reason: String,
    /// Its log stream; absent if no process started, and where each container has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_stream: Option<String>,
    /// Its containers in the order of the task; empty for a job that is one container.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<FinishedContainer>,
    /// The address that it had, if it was a node's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Ipv4Addr>,
}

/// One of several containers of an attempt that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishedContainer {
    /// Its name.
    pub name: String,
    /// Its exit code; absent if no process started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Its reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its log stream; absent if no process started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_stream: Option<String>,
}

/// What is particular to an array job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Array {
    /// Number of children.
    pub size: u32,
    /// When the children came into being: their `createdAt` (`ARR-5`).
    #[serde(default)]
    pub spawned_at: Option<Timestamp>,
    /// Children per status, indexed by `JobStatus as usize`; all zero before they are spawned.
    pub counts: [u32; 7],
    /// When `counts` last changed.
    #[serde(default)]
    pub counted_at: Option<Timestamp>,
    /// Every child before this index has a row of its own; whoever lists the others need not look at those.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows_before: u32,
    /// What every child without a row of its own is.
    pub default: ChildDefault,
    /// Why those of them that are RUNNABLE can never be placed (`SCH-10`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
}

/// Whether it need not be said.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Array {
    /// One of so many children that have not come into being.
    pub const fn new(size: u32) -> Self {
        let default = ChildDefault::Pending;
        Self { size, spawned_at: None, counts: [0; 7], counted_at: None, rows_before: 0, default, waits: None }
    }

    /// The run of a child that has no row of its own.
    pub fn child(&self) -> Run {
        let run = self.default.run();
        match self.default {
            ChildDefault::Runnable => Run { status_reason: self.waits.clone(), ..run },
            _ => run,
        }
    }
}

/// The state of every child that has no row of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ChildDefault {
    /// PENDING: waiting for a N_TO_N or SEQUENTIAL dependency.
    Pending,
    /// RUNNABLE.
    Runnable,
    /// Ended before it ever ran.
    Failed {
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
        /// By CancelJob.
        cancelled: bool,
        /// By TerminateJob.
        terminated: bool,
    },
}

impl ChildDefault {
    /// The run of a child in this default state.
    pub fn run(&self) -> Run {
        match self {
            Self::Pending => Run::new(JobStatus::Pending),
            Self::Runnable => Run::new(JobStatus::Runnable),
            Self::Failed { reason, at, cancelled, terminated } => Run {
                status_reason: Some(reason.clone()),
                stopped_at: Some(*at),
                cancelled: *cancelled,
                terminated: *terminated,
                ..Run::new(JobStatus::Failed)
            },
        }
    }
}

/// A child that has left the default state, or a node of a job that was placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildRow {
    /// The array or multi-node job.
    pub job: JobId,
    /// The child's or node's index.
    pub index: u32,
    /// Its life.
    pub run: Run,
}
