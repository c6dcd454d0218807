//! The front of a queue, as GetJobQueueSnapshot shows it (`SNP-1`).

use crate::engine::Engine;
use crate::entity::Run;
use crate::ready::Ready;
use crate::schedule::{self, Served};
use longshore_types::{JobId, JobRef, Name, Timestamp};

/// Most jobs that a snapshot shows.
const FRONT_MAX: u32 = 100;
/// Most shares that a snapshot shows.
const SHARES_MAX: usize = 20;

/// The front of a queue at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSnapshot {
    /// The first RUNNABLE jobs and children in dispatch order.
    pub front: Vec<FrontJob>,
    /// Milli-vCPU that the queue's attempts use.
    pub used_vcpu_milli: u64,
    /// The shares of a queue that has them.
    pub shares: Option<SharesInUse>,
    /// When this was true.
    pub at: Timestamp,
}

/// The shares of a queue with a fair-share policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharesInUse {
    /// How many are active (`FSS-2`).
    pub active: u64,
    /// Those that use most, with the milli-vCPU that their attempts use.
    pub top: Vec<(String, u64)>,
}

/// A job or child at the front of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontJob {
    /// The job.
    pub job: JobRef,
    /// Since when it may have had its place: when it was submitted, or spawned, or its last attempt ended. When those
    /// before it left is not recorded.
    pub since: Timestamp,
}

impl Engine {
    /// The front of a queue; `None` if there is no such queue.
    pub(crate) fn snapshot_of(&self, now: Timestamp, queue: &Name) -> Option<QueueSnapshot> {
        let known = self.queues.get(queue)?;
        let served = schedule::front(self, now, &known.name, FRONT_MAX);
        let jobs = served.into_iter().flat_map(|served| self.jobs_of(served));
        let front =
            jobs.take(FRONT_MAX as usize).filter_map(|job| Some(FrontJob { job, since: self.waiting_since(job)? }));
        // What waits for its place uses nothing yet: one attempt of each seat counts.
        let seats = self.fleet.hosts.values().flat_map(|host| host.seats.values());
        let attempts = seats.filter_map(|line| self.attempts.get(line.first()?));
        let attempts = attempts.filter_map(|&reference| Some((self.job(reference.job())?, reference)));
        let used = attempts.filter(|(job, _)| job.queue == *queue).map(|(job, of)| job.demand_of(of).vcpu_milli);
        let shares = self.shares_in_use(now, queue);
        Some(QueueSnapshot { front: front.collect(), used_vcpu_milli: used.sum(), shares, at: now })
    }

    fn shares_in_use(&self, now: Timestamp, queue: &Name) -> Option<SharesInUse> {
        let policy = self.fair_share(queue)?;
        let window_ms = policy.window_ms();
        let active = self.shares.of(queue).filter(|(_, share)| share.is_active(now, window_ms));
        let mut top: Vec<(String, u64)> = active.map(|(name, share)| (name.to_string(), share.running_milli)).collect();
        let active = top.len() as u64;
        top.sort_by(|(one, used), (other, more)| more.cmp(used).then_with(|| one.cmp(other)));
        top.truncate(SHARES_MAX);
        Some(SharesInUse { active, top })
    }

    fn jobs_of(&self, served: Served) -> Vec<JobRef> {
        let children = |id: JobId| {
            let children = self.children.get(&id).into_iter();
            children.flat_map(move |children| children.fresh_from_first()).map(move |index| JobRef::Child(id, index))
        };
        let (first, count) = (served.first as usize, served.count.min(FRONT_MAX) as usize);
        match served.entry {
            Ready::One(reference) => vec![reference],
            Ready::Fresh(id) => children(id).skip(first).take(count).collect(),
        }
    }

    fn waiting_since(&self, reference: JobRef) -> Option<Timestamp> {
        let job = self.job(reference.job())?;
        let run = self.run(reference);
        let retried = run.as_deref().and_then(|run: &Run| run.attempts.last()).map(|attempt| attempt.stopped_at);
        let spawned = reference.index().and(job.array.as_ref()).and_then(|array| array.spawned_at);
        Some(retried.or(spawned).unwrap_or(job.created_at))
    }
}
