//! The store's contract as a plain value: what a store must hold after a sequence of commits, and what it must hand back
//! at start-up. Tests and simulations use it as the store; the real stores are compared with it.

use crate::change::{Change, Snapshot};
use crate::entity::{
    ChildRow, ComputeEnvironment, ConsumableResource, ConsumableUpdate, DefinitionId, Dependency, DependencyKind,
    DependencyOutcome, Event, Gang, Host, Job, JobDefinition, JobQueue, LogStream, QuotaShare, QuotaShareId, Run,
    SchedulingPolicy, ServiceEnvironment, ServiceJob, ShareUsage,
};
use longshore_types::{AttemptId, HostId, JobId, JobRef, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every row, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Compute environments.
    pub environments: BTreeMap<Name, ComputeEnvironment>,
    /// Job queues.
    pub queues: BTreeMap<Name, JobQueue>,
    /// Job definitions.
    pub definitions: BTreeMap<DefinitionId, JobDefinition>,
    /// Scheduling policies.
    pub policies: BTreeMap<Name, SchedulingPolicy>,
    /// Consumable resources.
    pub consumables: BTreeMap<Name, ConsumableResource>,
    /// Updates of consumable resources, by resource and client token.
    pub consumable_updates: BTreeMap<(Name, String), ConsumableUpdate>,
    /// What shares have used, by queue and share identifier.
    pub shares: BTreeMap<(Name, String), ShareUsage>,
    /// Jobs, ended ones included.
    pub jobs: BTreeMap<JobId, Job>,
    /// Children that have left the default, and nodes that were placed.
    pub children: BTreeMap<(JobId, u32), Run>,
    /// Hosts.
    pub hosts: BTreeMap<HostId, Host>,
    /// Log streams.
    pub log_streams: BTreeMap<AttemptId, LogStream>,
    /// Events, by number.
    pub events: BTreeMap<u64, Event>,
    /// Service environments.
    pub service_environments: BTreeMap<Name, ServiceEnvironment>,
    /// Quota shares.
    pub quota_shares: BTreeMap<QuotaShareId, QuotaShare>,
    /// Service jobs.
    pub service_jobs: BTreeMap<JobId, ServiceJob>,
}

impl Rows {
    /// Carries out one change.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::PutEnvironment(row) => drop(self.environments.insert(row.name.clone(), *row)),
            Change::DeleteEnvironment(name) => drop(self.environments.remove(&name)),
            Change::PutQueue(row) => drop(self.queues.insert(row.name.clone(), *row)),
            Change::DeleteQueue(name) => drop(self.queues.remove(&name)),
            Change::PutDefinition(row) => drop(self.definitions.insert(row.id.clone(), *row)),
            Change::PutPolicy(row) => drop(self.policies.insert(row.name.clone(), *row)),
            Change::DeletePolicy(name) => drop(self.policies.remove(&name)),
            Change::PutConsumable(row) => drop(self.consumables.insert(row.name.clone(), *row)),
            Change::DeleteConsumable(name) => drop(self.consumables.remove(&name)),
            Change::PutConsumableUpdate(row) => {
                drop(self.consumable_updates.insert((row.resource.clone(), row.token.clone()), *row));
            }
            Change::DeleteConsumableUpdate(resource, token) => {
                drop(self.consumable_updates.remove(&(resource, token)));
            }
            Change::DeleteDefinition(id) => drop(self.definitions.remove(&id)),
            Change::PutShareUsage(row) => drop(self.shares.insert((row.queue.clone(), row.share.clone()), *row)),
            Change::DeleteShareUsage(queue, share) => drop(self.shares.remove(&(queue, share))),
            Change::PutJob(row) => drop(self.jobs.insert(row.id, Arc::unwrap_or_clone(row))),
            Change::PutEndedJob(row) => {
                self.jobs.entry(row.id).and_modify(|known| *known = *row);
            }
            Change::PutChild(row) => drop(self.children.insert((row.job, row.index), row.run)),
            Change::PutHost(row) => drop(self.hosts.insert(row.id, *row)),
            Change::PutLogStream(row) => drop(self.log_streams.insert(row.attempt, *row)),
            Change::AppendEvent(row) => drop(self.events.insert(row.seq, *row)),
            Change::PutServiceEnvironment(row) => drop(self.service_environments.insert(row.name.clone(), *row)),
            Change::DeleteServiceEnvironment(name) => drop(self.service_environments.remove(&name)),
            Change::PutQuotaShare(row) => drop(self.quota_shares.insert(row.id.clone(), *row)),
            Change::DeleteQuotaShare(id) => drop(self.quota_shares.remove(&id)),
            Change::PutServiceJob(row) => drop(self.service_jobs.insert(row.id, *row)),
            Change::DeleteServiceJob(id) => drop(self.service_jobs.remove(&id)),
        }
    }

    /// The life of a job or child; a child without a row is in its array's default state.
    pub fn run(&self, reference: JobRef) -> Option<Run> {
        let job = self.jobs.get(&reference.job())?;
        match (reference, &job.array) {
            (JobRef::Job(_), _) => Some(job.run.clone()),
            (JobRef::Child(id, index), Some(array)) if index < array.size => {
                Some(self.children.get(&(id, index)).cloned().unwrap_or_else(|| array.child()))
            }
            (JobRef::Node(id, index), _) if job.spec.nodes().is_some_and(|nodes| index < nodes.count) => {
                Some(self.children.get(&(id, index)).cloned().unwrap_or_else(|| Gang::unplaced(&job.run)))
            }
            _ => None,
        }
    }

    /// What start-up needs: see [`Snapshot`].
    pub fn snapshot(&self) -> Snapshot {
        let active = || self.jobs.values().filter(|job| !job.run.status.is_terminal());
        let mut wanted: BTreeSet<JobId> = active().map(|job| job.id).collect();
        wanted.extend(active().flat_map(|job| &job.depends_on).filter_map(followed_array));
        let mut jobs: Vec<Arc<Job>> = wanted.iter().filter_map(|id| self.jobs.get(id)).cloned().map(Arc::new).collect();
        jobs.sort_by_key(|job| job.seq);
        let arrays: BTreeSet<JobId> = jobs.iter().filter(|job| job.array.is_some()).map(|job| job.id).collect();
        let of_wanted = self.children.iter().filter(|((job, _), _)| wanted.contains(job));
        let (ended, others): (Vec<_>, Vec<_>) =
            of_wanted.partition(|((job, _), run)| arrays.contains(job) && run.status.is_terminal());
        let child = |(&(job, index), run): (&(JobId, u32), &Run)| ChildRow { job, index, run: run.clone() };
        let how = |(&(job, index), run): (&(JobId, u32), &Run)| (JobRef::Child(job, index), run.status);
        Snapshot {
            environments: self.environments.values().cloned().collect(),
            queues: self.queues.values().cloned().collect(),
            definitions: self.definitions.values().cloned().collect(),
            policies: self.policies.values().cloned().collect(),
            consumables: self.consumables.values().cloned().collect(),
            consumable_updates: self.consumable_updates.values().cloned().collect(),
            shares: self.shares.values().cloned().collect(),
            jobs,
            children: others.into_iter().map(child).collect(),
            ended_children: ended.into_iter().map(how).collect(),
            hosts: self.hosts.values().cloned().collect(),
            service_environments: self.service_environments.values().cloned().collect(),
            quota_shares: self.quota_shares.values().cloned().collect(),
            service_jobs: self.service_jobs.values().cloned().collect(),
            last_seq: self.jobs.values().map(|job| job.seq).max().unwrap_or(0),
            last_event: self.events.keys().next_back().copied().unwrap_or(0),
        }
    }
}

/// The array whose children a N_TO_N entry still reads.
fn followed_array(entry: &Dependency) -> Option<JobId> {
    let open = entry.kind == Some(DependencyKind::NToN) && entry.outcome == DependencyOutcome::Open;
    open.then_some(entry.target?.job())
}
