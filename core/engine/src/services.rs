//! Service environments, quota shares and service jobs in memory. They share queues with jobs and nothing else: this
//! server has no service to run them, so they are kept, shown, changed and ended, and placement never sees them.

use crate::change::Snapshot;
use crate::engine::{Due, Engine};
use crate::entity::{JobQueue, QuotaShare, QuotaShareId, ResourceStatus, ServiceEnvironment, ServiceJob};
use crate::error::Error;
use longshore_types::{JobId, JobStatus, Name, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Status reason of jobs that end with their queue (`JQ-10`).
const QUEUE_DELETED: &str = "JobQueue deleted";

/// Everything that belongs to service jobs.
#[derive(Debug, Default)]
pub(crate) struct Services {
    pub(crate) environments: BTreeMap<Name, ServiceEnvironment>,
    pub(crate) shares: BTreeMap<QuotaShareId, QuotaShare>,
    /// Those that have ended, too, until their time is over (`ST-6`).
    pub(crate) jobs: BTreeMap<JobId, ServiceJob>,
    /// The jobs that were submitted with a token (`IDEM-2`).
    pub(crate) tokens: BTreeMap<String, JobId>,
    pub(crate) last_seq: u64,
}

impl Engine {
    /// Service environments by name.
    pub const fn service_environments(&self) -> &BTreeMap<Name, ServiceEnvironment> {
        &self.services.environments
    }

    /// Quota shares by queue and name.
    pub const fn quota_shares(&self) -> &BTreeMap<QuotaShareId, QuotaShare> {
        &self.services.shares
    }

    /// Service jobs by id.
    pub const fn service_jobs(&self) -> &BTreeMap<JobId, ServiceJob> {
        &self.services.jobs
    }

    pub(crate) fn put_service_environment(&mut self, row: ServiceEnvironment) {
        self.deadlines.set(Due::ServiceEnvironment(row.name.clone()), row.settles_at);
        self.touch_service_environment(row.name.clone());
        self.services.environments.insert(row.name.clone(), row);
    }

    pub(crate) fn put_quota_share(&mut self, row: QuotaShare) {
        self.deadlines.set(Due::QuotaShare(row.id.clone()), row.settles_at);
        self.touch_quota_share(row.id.clone());
        self.services.shares.insert(row.id.clone(), row);
    }

    pub(crate) fn put_service_job(&mut self, row: ServiceJob) {
        self.touch_service_job(row.id);
        self.index_service_job(row);
    }

    fn index_service_job(&mut self, row: ServiceJob) {
        let kept_ms = self.config.service_job_kept_ms;
        self.deadlines.set(Due::ServiceJob(row.id), row.stopped_at.map(|at| at.plus_ms(kept_ms)));
        if let Some(token) = &row.client_token {
            self.services.tokens.insert(token.clone(), row.id);
        }
        self.services.last_seq = self.services.last_seq.max(row.seq);
        self.services.jobs.insert(row.id, row);
    }

    /// A service environment whose capacity shares divide serves few queues (`SVC-4`): checked before `queue` goes on it, or
    /// gets its first share. AWS's text is not known.
    pub(crate) fn check_shared_out(&self, environment: &Name, queue: &Name, gets_share: bool) -> Result<(), Error> {
        let on_it = |row: &&JobQueue| row.service_environments.iter().any(|entry| entry.environment == *environment);
        let others = self.queues.values().filter(on_it).map(|row| &row.name).filter(|name| *name != queue);
        let queues: BTreeSet<&Name> = others.chain([queue]).collect();
        let shared_out = gets_share || self.services.shares.keys().any(|id| queues.contains(&id.queue));
        let most = self.config.limits.queues_per_quota_environment;
        if shared_out && queues.len() > most {
            let text =
                format!("A service environment whose job queue has quota shares can have at most {most} job queue.");
            return Err(Error::invalid(text));
        }
        Ok(())
    }

    /// Start-up.
    pub(crate) fn restore_services(&mut self, snapshot: &mut Snapshot) {
        for row in std::mem::take(&mut snapshot.service_environments) {
            self.deadlines.set(Due::ServiceEnvironment(row.name.clone()), row.settles_at);
            self.services.environments.insert(row.name.clone(), row);
        }
        for row in std::mem::take(&mut snapshot.quota_shares) {
            self.deadlines.set(Due::QuotaShare(row.id.clone()), row.settles_at);
            self.services.shares.insert(row.id.clone(), row);
        }
        for row in std::mem::take(&mut snapshot.service_jobs) {
            self.index_service_job(row);
        }
    }
}

/// Puts a service environment into a transition that begins now, or past it when transitions take no time.
pub(crate) fn environment_enters(engine: &mut Engine, now: Timestamp, row: ServiceEnvironment, status: ResourceStatus) {
    let (name, settles_at) = (row.name.clone(), Some(now.plus_ms(engine.config.environment_settle_ms)));
    engine.put_service_environment(ServiceEnvironment { status, settles_at, ..row });
    settle_environment(engine, now, &name);
}

/// The same of a quota share.
pub(crate) fn share_enters(engine: &mut Engine, now: Timestamp, row: QuotaShare, status: ResourceStatus) {
    let (id, settles_at) = (row.id.clone(), Some(now.plus_ms(engine.config.environment_settle_ms)));
    engine.put_quota_share(QuotaShare { status, settles_at, ..row });
    settle_share(engine, now, &id);
}

pub(crate) fn settle_environment(engine: &mut Engine, now: Timestamp, name: &Name) {
    let Some(row) = engine.services.environments.get(name) else { return };
    if row.settles_at.is_none_or(|at| at > now) {
        return;
    }
    if row.status == ResourceStatus::Deleting {
        engine.services.environments.remove(name);
        engine.deadlines.set(Due::ServiceEnvironment(name.clone()), None);
        engine.touch_service_environment(name.clone());
        return;
    }
    let row = ServiceEnvironment { status: ResourceStatus::Valid, settles_at: None, ..row.clone() };
    engine.put_service_environment(row);
}

pub(crate) fn settle_share(engine: &mut Engine, now: Timestamp, id: &QuotaShareId) {
    let Some(row) = engine.services.shares.get(id) else { return };
    if row.settles_at.is_none_or(|at| at > now) {
        return;
    }
    if row.status == ResourceStatus::Deleting {
        engine.services.shares.remove(id);
        engine.deadlines.set(Due::QuotaShare(id.clone()), None);
        engine.touch_quota_share(id.clone());
        return;
    }
    let row = QuotaShare { status: ResourceStatus::Valid, settles_at: None, ..row.clone() };
    engine.put_quota_share(row);
}

/// Forgets a job that has ended and has been shown long enough (`ST-6`).
pub(crate) fn forget(engine: &mut Engine, id: JobId) {
    let Some(row) = engine.services.jobs.remove(&id) else { return };
    if let Some(token) = row.client_token {
        engine.services.tokens.remove(&token);
    }
    engine.touch_service_job(id);
}

/// Ends a job, if it has not ended.
pub(crate) fn end(engine: &mut Engine, now: Timestamp, id: JobId, reason: &str) {
    let Some(row) = engine.services.jobs.get(&id).filter(|row| !row.status.is_terminal()) else { return };
    let mut row = row.clone();
    row.status = JobStatus::Failed;
    row.status_reason = Some(reason.to_owned());
    row.stopped_at = Some(now);
    row.terminated = true;
    engine.put_service_job(row);
}

/// Ends every job of a queue that is being deleted (`JQ-10`).
pub(crate) fn end_jobs_of_queue(engine: &mut Engine, now: Timestamp, queue: &Name) {
    let of_queue = engine.services.jobs.values().filter(|row| row.queue == *queue);
    let jobs: Vec<JobId> = of_queue.map(|row| row.id).collect();
    for id in jobs {
        end(engine, now, id, QUEUE_DELETED);
    }
}

#[cfg(test)]
mod tests;
