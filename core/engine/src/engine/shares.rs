//! The shares of queues as jobs and attempts come and go: what is kept in memory, and which rows have changed. Jobs of a
//! queue without a fair-share policy have no share, and nothing happens here.

use super::Engine;
use super::dirty::Dirty;
use crate::change::Change;
use crate::entity::{FairShare, JobQueue, PolicyKind, SchedulingPolicy, ShareUsage};
use longshore_types::{JobId, JobRef, Name, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Engine {
    /// The fair-share policy of a queue.
    pub(crate) fn fair_share(&self, queue: &Name) -> Option<&FairShare> {
        fair_share(&self.queues, &self.policies, queue)
    }

    /// A job has come into being.
    pub(crate) fn share_enters(&mut self, now: Timestamp, id: JobId) {
        let Some((queue, share)) = self.share_of(id) else { return };
        let Some(policy) = fair_share(&self.queues, &self.policies, &queue) else { return };
        if self.shares.get(&queue, &share).is_none() {
            // FSS-4: less is kept for others from now on.
            self.unscheduled = true;
            let forgotten = self.shares.forget_inactive(&queue, now, policy).into_iter();
            self.dirty.shares.extend(forgotten.map(|share| (queue.clone(), share)));
        }
        self.shares.enter(&queue, &share, now, policy);
    }

    /// Start-up found a job.
    pub(super) fn adopt_job_of_share(&mut self, now: Timestamp, id: JobId) {
        let Some((queue, share)) = self.share_of(id) else { return };
        if let Some(policy) = fair_share(&self.queues, &self.policies, &queue) {
            self.shares.enter(&queue, &share, now, policy);
        }
    }

    /// A job has ended.
    pub(crate) fn share_leaves(&mut self, now: Timestamp, id: JobId) {
        if let Some((queue, share)) = self.share_of(id)
            && self.shares.leave(&queue, &share, now)
        {
            self.dirty.shares.insert((queue, share));
        }
    }

    /// An attempt of a job, child or node starts.
    pub(crate) fn share_starts(&mut self, now: Timestamp, reference: JobRef) {
        if let Some((queue, share)) = self.share_of(reference.job()) {
            self.shares.start(&queue, &share, now, self.vcpu_milli_of(reference));
            self.dirty.shares.insert((queue, share));
        }
    }

    /// An attempt of a job, child or node has ended.
    pub(crate) fn share_ends(&mut self, now: Timestamp, reference: JobRef) {
        if let Some((queue, share)) = self.share_of(reference.job()) {
            self.shares.end(&queue, &share, now, self.vcpu_milli_of(reference));
            self.dirty.shares.insert((queue, share));
        }
    }

    /// Start-up found an attempt.
    pub(super) fn adopt_attempt_of_share(&mut self, reference: JobRef) {
        if let Some((queue, share)) = self.share_of(reference.job()) {
            self.shares.adopt_attempt(&queue, &share, self.vcpu_milli_of(reference));
        }
    }

    /// Start-up found what a share has used.
    pub(super) fn restore_share(&mut self, row: ShareUsage) {
        if let Some(policy) = self.fair_share(&row.queue).cloned() {
            self.shares.restore(row, &policy);
        }
    }

    /// A queue goes by its policy as it is now.
    pub(crate) fn adopt_policy(&mut self, queue: &Name) {
        let Some(policy) = self.fair_share(queue).cloned() else { return };
        self.shares.adopt(queue, &policy);
        self.round = None;
        let names = self.shares.of(queue).map(|(share, _)| (queue.clone(), share.clone()));
        self.dirty.shares.extend(names);
    }

    pub(super) fn forget_shares(&mut self, queue: &Name) {
        let forgotten = self.shares.delete(queue).into_iter().map(|share| (queue.clone(), share));
        self.dirty.shares.extend(forgotten);
    }

    fn share_of(&self, id: JobId) -> Option<(Name, Arc<str>)> {
        let job = self.jobs.get(&id)?;
        Some((job.queue.clone(), job.share_identifier.clone()?))
    }

    fn vcpu_milli_of(&self, reference: JobRef) -> u64 {
        self.jobs.get(&reference.job()).map_or(0, |job| job.demand_of(reference).vcpu_milli)
    }
}

/// The fair-share policy of a queue, while something else of the engine changes.
fn fair_share<'a>(
    queues: &BTreeMap<Name, JobQueue>,
    policies: &'a BTreeMap<Name, SchedulingPolicy>,
    queue: &Name,
) -> Option<&'a FairShare> {
    let policy = queues.get(queue)?.scheduling_policy.as_ref()?;
    match &policies.get(policy)?.kind {
        PolicyKind::FairShare(policy) => Some(policy),
        PolicyKind::QuotaShare(_) => None,
    }
}

pub(super) fn take_changes(engine: &Engine, dirty: &mut Dirty, changes: &mut Vec<Change>) {
    for (queue, share) in std::mem::take(&mut dirty.shares) {
        changes.push(match engine.shares.row(&queue, &share) {
            Some(row) => Change::PutShareUsage(Box::new(row)),
            None => Change::DeleteShareUsage(queue, share.to_string()),
        });
    }
}
