//! Which rows have changed. A row that changes ten times within a commit is written once, as it is at the end.

use super::{Engine, resources, shares};
use crate::change::Change;
use crate::entity::{ChildRow, DefinitionId, LogStream, QuotaShareId};
use longshore_types::{AttemptId, HostId, JobId, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Keys of the rows changed since the last commit was taken.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    pub(super) environments: BTreeSet<Name>,
    pub(super) queues: BTreeSet<Name>,
    pub(super) definitions: BTreeSet<DefinitionId>,
    pub(super) policies: BTreeSet<Name>,
    pub(super) consumables: BTreeSet<Name>,
    pub(super) consumable_updates: BTreeSet<(Name, String)>,
    pub(super) shares: BTreeSet<(Name, Arc<str>)>,
    pub(super) jobs: BTreeSet<JobId>,
    pub(super) children: BTreeSet<(JobId, u32)>,
    pub(super) hosts: BTreeSet<HostId>,
    pub(super) service_environments: BTreeSet<Name>,
    pub(super) quota_shares: BTreeSet<QuotaShareId>,
    pub(super) service_jobs: BTreeSet<JobId>,
    pub(super) log_streams: BTreeMap<AttemptId, LogStream>,
}

impl Dirty {
    pub(super) fn is_empty(&self) -> bool {
        self.environments.is_empty()
            && self.queues.is_empty()
            && self.definitions.is_empty()
            && self.policies.is_empty()
            && self.consumables.is_empty()
            && self.consumable_updates.is_empty()
            && self.shares.is_empty()
            && self.jobs.is_empty()
            && self.children.is_empty()
            && self.hosts.is_empty()
            && self.service_environments.is_empty()
            && self.quota_shares.is_empty()
            && self.service_jobs.is_empty()
            && self.log_streams.is_empty()
    }
}

pub(super) fn take_changes(engine: &mut Engine, commit: u64) -> Vec<Change> {
    let mut dirty = std::mem::take(&mut engine.dirty);
    let mut changes = Vec::with_capacity(dirty.jobs.len() + dirty.children.len() + dirty.log_streams.len());
    resources::take_changes(engine, &mut dirty, &mut changes);
    shares::take_changes(engine, &mut dirty, &mut changes);
    take_services(engine, &dirty, &mut changes);
    for name in dirty.environments {
        changes.push(match engine.environments.get(&name) {
            Some(environment) => Change::PutEnvironment(Box::new(environment.clone())),
            None => Change::DeleteEnvironment(name),
        });
    }
    for name in dirty.queues {
        changes.push(match engine.queues.get(&name) {
            Some(queue) => Change::PutQueue(Box::new(queue.clone())),
            None => Change::DeleteQueue(name),
        });
    }
    for id in dirty.definitions {
        changes.push(match engine.definitions.get(&id) {
            Some(definition) => Change::PutDefinition(Box::new(definition.clone())),
            None => Change::DeleteDefinition(id),
        });
    }
    let hosts = dirty.hosts.iter().filter_map(|id| engine.fleet.host(*id));
    changes.extend(hosts.map(|host| Change::PutHost(Box::new(host.clone()))));
    mark_rows(engine, &dirty.jobs);
    take_children(engine, &dirty.children, &mut changes);
    take_jobs(engine, &dirty.jobs, commit, &mut changes);
    changes.extend(engine.ended_rows.take(commit).into_iter().map(|job| Change::PutEndedJob(Box::new(job))));
    changes.extend(dirty.log_streams.into_values().map(|stream| Change::PutLogStream(Box::new(stream))));
    let events = std::mem::take(&mut engine.outbox.gathering);
    changes.extend(events.into_iter().map(|event| Change::AppendEvent(Box::new(event))));
    changes
}

fn take_services(engine: &Engine, dirty: &Dirty, changes: &mut Vec<Change>) {
    let services = &engine.services;
    changes.extend(dirty.service_environments.iter().map(|name| match services.environments.get(name) {
        Some(row) => Change::PutServiceEnvironment(Box::new(row.clone())),
        None => Change::DeleteServiceEnvironment(name.clone()),
    }));
    changes.extend(dirty.quota_shares.iter().map(|id| match services.shares.get(id) {
        Some(row) => Change::PutQuotaShare(Box::new(row.clone())),
        None => Change::DeleteQuotaShare(id.clone()),
    }));
    changes.extend(dirty.service_jobs.iter().map(|id| match services.jobs.get(id) {
        Some(row) => Change::PutServiceJob(Box::new(row.clone())),
        None => Change::DeleteServiceJob(*id),
    }));
}

/// Notes in arrays how far each child has a row, this commit's included.
fn mark_rows(engine: &mut Engine, dirty: &BTreeSet<JobId>) {
    for id in dirty {
        if let Some(array) = engine.jobs.get_mut(id).and_then(|job| job.array.as_mut())
            && let Some(children) = engine.children.get(id)
        {
            array.rows_before = children.rows_before(array.rows_before, array.default.run().status);
        }
    }
}

/// Children that have ended leave memory with their row: nothing reads them again but their status. Nodes stay with their
/// job, which may try them again.
fn take_children(engine: &mut Engine, dirty: &BTreeSet<(JobId, u32)>, changes: &mut Vec<Change>) {
    for &(job, index) in dirty {
        if let Some(run) = engine.nodes.get(&job).and_then(|nodes| nodes.get(&index)) {
            changes.push(Change::PutChild(Box::new(ChildRow { job, index, run: run.clone() })));
            continue;
        }
        let Some(children) = engine.children.get_mut(&job) else { continue };
        let Some(run) = children.live.get(&index) else { continue };
        changes.push(Change::PutChild(Box::new(ChildRow { job, index, run: run.clone() })));
        if run.status.is_terminal() {
            children.live.remove(&index);
        }
    }
}

fn take_jobs(engine: &mut Engine, dirty: &BTreeSet<JobId>, commit: u64, changes: &mut Vec<Change>) {
    for id in dirty {
        let Some(job) = engine.jobs.row(id) else { continue };
        changes.push(Change::PutJob(Arc::clone(job)));
        if job.run.status.is_terminal() {
            engine.leaving.push_back((commit, *id));
            engine.unwritten.insert(*id, commit);
        }
    }
}
