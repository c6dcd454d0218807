//! What a commit is made of: whole rows, put or deleted; and what the store hands back at start-up.

use crate::entity::{
    ChildRow, ComputeEnvironment, ConsumableResource, ConsumableUpdate, DefinitionId, Event, Host, Job, JobDefinition,
    JobQueue, LogStream, QuotaShare, QuotaShareId, SchedulingPolicy, ServiceEnvironment, ServiceJob, ShareUsage,
};
use longshore_types::{JobId, JobRef, JobStatus, Name};
use std::sync::Arc;

/// One changed row.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Insert or replace a compute environment, by name.
    PutEnvironment(Box<ComputeEnvironment>),
    /// Delete a compute environment.
    DeleteEnvironment(Name),
    /// Insert or replace a job queue, by name.
    PutQueue(Box<JobQueue>),
    /// Delete a job queue; its jobs' rows stay.
    DeleteQueue(Name),
    /// Insert or replace a job definition, by name and revision.
    PutDefinition(Box<JobDefinition>),
    /// Insert or replace a scheduling policy, by name.
    PutPolicy(Box<SchedulingPolicy>),
    /// Delete a scheduling policy.
    DeletePolicy(Name),
    /// Insert or replace a consumable resource, by name.
    PutConsumable(Box<ConsumableResource>),
    /// Delete a consumable resource.
    DeleteConsumable(Name),
    /// Insert or replace an update of a consumable resource, by resource and client token.
    PutConsumableUpdate(Box<ConsumableUpdate>),
    /// Delete an update of a consumable resource, by resource and client token.
    DeleteConsumableUpdate(Name, String),
    /// Delete a job definition.
    DeleteDefinition(DefinitionId),
    /// Insert or replace what a share has used, by queue and share identifier.
    PutShareUsage(Box<ShareUsage>),
    /// Delete what a share has used, by queue and share identifier.
    DeleteShareUsage(Name, String),
    /// Insert or replace a job, by id.
    PutJob(Arc<Job>),
    /// Replace a job that has ended and left memory, by id; if it is there no longer, nothing happens.
    PutEndedJob(Box<Job>),
    /// Insert or replace a child, by job and index.
    PutChild(Box<ChildRow>),
    /// Insert or replace a host, by id.
    PutHost(Box<Host>),
    /// Insert or replace a log stream, by attempt.
    PutLogStream(Box<LogStream>),
    /// Append an event; its number is higher than any before.
    AppendEvent(Box<Event>),
    /// Insert or replace a service environment, by name.
    PutServiceEnvironment(Box<ServiceEnvironment>),
    /// Delete a service environment.
    DeleteServiceEnvironment(Name),
    /// Insert or replace a quota share, by queue and name.
    PutQuotaShare(Box<QuotaShare>),
    /// Delete a quota share.
    DeleteQuotaShare(QuotaShareId),
    /// Insert or replace a service job, by id.
    PutServiceJob(Box<ServiceJob>),
    /// Delete a service job.
    DeleteServiceJob(JobId),
}

/// The rows that start-up needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Every compute environment.
    pub environments: Vec<ComputeEnvironment>,
    /// Every job queue.
    pub queues: Vec<JobQueue>,
    /// Every job definition.
    pub definitions: Vec<JobDefinition>,
    /// Every scheduling policy.
    pub policies: Vec<SchedulingPolicy>,
    /// Every consumable resource.
    pub consumables: Vec<ConsumableResource>,
    /// Every update of a consumable resource that is remembered.
    pub consumable_updates: Vec<ConsumableUpdate>,
    /// Everything that shares have used and that may still count.
    pub shares: Vec<ShareUsage>,
    /// Every job that has not ended, and every ended array that one of them names in a N_TO_N dependency; in the order of
    /// submission.
    pub jobs: Vec<Arc<Job>>,
    /// Every child row of those jobs, but for those in `ended_children`; by job and index.
    pub children: Vec<ChildRow>,
    /// The children of those arrays that have ended with a row of their own, and how: that is all that is needed of
    /// them. By job and index.
    pub ended_children: Vec<(JobRef, JobStatus)>,
    /// Every host.
    pub hosts: Vec<Host>,
    /// Every service environment.
    pub service_environments: Vec<ServiceEnvironment>,
    /// Every quota share.
    pub quota_shares: Vec<QuotaShare>,
    /// Every service job.
    pub service_jobs: Vec<ServiceJob>,
    /// The highest `seq` of any job ever stored, zero if there is none.
    pub last_seq: u64,
    /// The highest number of any event ever stored, zero if there is none.
    pub last_event: u64,
}
