//! How things end otherwise than by their own exit: before they start, by request, with their array, with their queue.

use super::nodes;
use super::spawn::fail_default_children;
use super::transition::{set_status, with_run};
use crate::effect::Effect;
use crate::engine::Engine;
use crate::entity::{ChildDefault, JobQueue, ResourceStatus, Run};
use longshore_types::{JobId, JobRef, JobStatus, Name, Timestamp};

/// Status reason of an array whose children did not all succeed (`ARR-3`).
const CHILD_FAILED: &str = "Array Child Job failed";

/// Status reason of jobs that end with their queue (`JQ-10`).
const QUEUE_DELETED: &str = "JobQueue deleted";

/// Notes that a job, or an array, was asked to end and why. Only rows say so: what has ended is not touched.
pub(crate) fn note_request(engine: &mut Engine, reference: JobRef, reason: &str, note: impl FnOnce(&mut Run)) {
    let single = matches!(reference, JobRef::Job(id) if engine.job(id).is_some_and(|job| job.array.is_none()));
    let gang_runs = matches!(reference, JobRef::Job(id) if nodes::main_runs(engine, id));
    with_run(engine, reference, |run| {
        note(run);
        // A running attempt carries its reason itself and shows it when it has ended.
        if !single || run.current.is_none() && !gang_runs {
            run.status_reason = Some(reason.into());
        }
    });
}

/// Ends what has not started: a job or child that is SUBMITTED, PENDING or RUNNABLE, or every such child of an array.
/// What runs goes on (`CAN-1`, `CAN-3`).
pub(crate) fn end_unstarted(engine: &mut Engine, now: Timestamp, reference: JobRef, reason: &str) {
    let Some(job) = engine.jobs.get(&reference.job()) else { return };
    if let (JobRef::Job(id), Some(array)) = (reference, &job.array) {
        let (spawned, flags) = (array.spawned_at.is_some(), (job.run.cancelled, job.run.terminated));
        end_children(engine, now, id, reason, flags);
        if !spawned {
            // No child ever was: the array ends at once, for the same reason.
            set_status(engine, now, reference, JobStatus::Failed, Some(reason.into()));
        }
        return;
    }
    let status = engine.run(reference).map(|run| run.status);
    if matches!(status, Some(JobStatus::Submitted | JobStatus::Pending | JobStatus::Runnable)) {
        set_status(engine, now, reference, JobStatus::Failed, Some(reason.into()));
        nodes::end_with_job(engine, now, reference.job());
    }
}

fn end_children(engine: &mut Engine, now: Timestamp, id: JobId, reason: &str, flags: (bool, bool)) {
    let (cancelled, terminated) = flags;
    let waiting: Vec<u32> = engine
        .children
        .get(&id)
        .into_iter()
        .flat_map(|children| &children.live)
        .filter(|(_, run)| matches!(run.status, JobStatus::Pending | JobStatus::Runnable))
        .map(|(index, _)| *index)
        .collect();
    for index in waiting {
        let child = JobRef::Child(id, index);
        with_run(engine, child, |run| {
            run.cancelled |= cancelled;
            run.terminated |= terminated;
        });
        set_status(engine, now, child, JobStatus::Failed, Some(reason.into()));
    }
    let default = engine.jobs.get(&id).and_then(|job| job.array.as_ref()).map(|array| array.default.clone());
    if matches!(default, Some(ChildDefault::Pending | ChildDefault::Runnable)) {
        let failed = ChildDefault::Failed { reason: reason.into(), at: now, cancelled, terminated };
        fail_default_children(engine, now, id, failed);
    }
}

/// Asks for the attempt of a STARTING or RUNNING job or child to be stopped; it ends with `reason` (`TER-1`).
/// For an array: of every child that runs; for a multi-node job: of every node.
pub(crate) fn stop_running(engine: &mut Engine, reference: JobRef, reason: &str) {
    if let JobRef::Job(id) = reference
        && engine.nodes.contains_key(&id)
    {
        return nodes::stop_all(engine, id, reason);
    }
    let running: Vec<JobRef> = match reference {
        JobRef::Job(id) if engine.children.contains_key(&id) => engine
            .children
            .get(&id)
            .into_iter()
            .flat_map(|children| &children.live)
            .filter(|(_, run)| run.current.is_some())
            .map(|(index, _)| JobRef::Child(id, *index))
            .collect(),
        _ => vec![reference],
    };
    let grace_ms = engine.config.stop_grace_ms;
    for reference in running {
        let stopped = with_run(engine, reference, |run| {
            let current = run.current.as_mut()?;
            run.terminated = true;
            if std::mem::take(&mut current.replaced) {
                current.stopping = None;
            }
            current.stopping.get_or_insert_with(|| reason.into());
            Some((current.host, current.id))
        });
        if let Some(Some((host, attempt))) = stopped {
            engine.effects.push(Effect::Stop { host, attempt, grace_ms });
        }
    }
}

/// A child has ended: with the last one the array ends.
pub(super) fn settle_parent_of(engine: &mut Engine, now: Timestamp, ended: JobRef) {
    if let JobRef::Child(id, _) = ended {
        settle_array(engine, now, id);
    }
}

/// Ends an array all of whose children have ended (`ARR-3`).
pub(super) fn settle_array(engine: &mut Engine, now: Timestamp, id: JobId) {
    let Some(job) = engine.jobs.get(&id) else { return };
    let Some(array) = &job.array else { return };
    let failed = array.counts[JobStatus::Failed as usize];
    let ended = failed + array.counts[JobStatus::Succeeded as usize];
    if ended < array.size || job.run.status.is_terminal() || array.spawned_at.is_none() {
        return;
    }
    let by_request = job.run.cancelled || job.run.terminated;
    let (status, reason) = match failed {
        0 => (JobStatus::Succeeded, None),
        // A cancelled or terminated array carries the caller's reason (A7).
        _ if by_request => (JobStatus::Failed, job.run.status_reason.clone()),
        _ => (JobStatus::Failed, Some(CHILD_FAILED.into())),
    };
    set_status(engine, now, JobRef::Job(id), status, reason);
}

/// Ends every job of a queue that is being deleted: what waits at once, what runs by being stopped (`JQ-10`).
pub(crate) fn end_jobs_of_queue(engine: &mut Engine, now: Timestamp, queue: &Name) {
    let jobs: Vec<JobId> = engine
        .jobs
        .values()
        .filter(|job| job.queue == *queue && !job.run.status.is_terminal())
        .map(|job| job.id)
        .collect();
    for id in jobs {
        let reference = JobRef::Job(id);
        with_run(engine, reference, |run| run.status_reason = Some(QUEUE_DELETED.into()));
        stop_running(engine, reference, QUEUE_DELETED);
        end_unstarted(engine, now, reference, QUEUE_DELETED);
    }
}

/// Removes queues that are being deleted and have no job left.
pub(super) fn finish_queue_deletions(engine: &mut Engine, now: Timestamp) {
    let going =
        |queue: &&JobQueue| queue.status == ResourceStatus::Deleting && queue.settles_at.is_none_or(|at| at <= now);
    if !engine.queues.values().any(|queue| going(&queue)) {
        return;
    }
    let in_use = |name: &Name| engine.jobs.values().any(|job| job.queue == *name && !job.run.status.is_terminal());
    let done: Vec<Name> = engine
        .queues
        .values()
        .filter(|queue| going(queue) && !in_use(&queue.name))
        .map(|queue| queue.name.clone())
        .collect();
    for name in done {
        engine.delete_queue(&name);
    }
}
