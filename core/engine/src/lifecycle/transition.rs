//! The only code that changes the status of a job or child, and what hangs on it: counts of the array, the place in
//! the queue, the row to be written, the consequences to be drawn.

use super::Ended;
use crate::children::Children;
use crate::engine::Engine;
use crate::entity::{Gang, Job, Run};
use crate::ready::{ClassKey, Place, Ready, ReadyQueue};
use longshore_types::{JobId, JobRef, JobStatus, Name, Timestamp};

/// What stands between a job or child and being RUNNABLE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Nothing.
    Open,
    /// Something has not ended yet.
    Waiting,
    /// Something it depends on has failed.
    Failed,
}

/// Whether the lifecycle has an arrow from one status to the other (`ST-2`). A parent ends from PENDING (`ARR-2`). A node
/// that has ended is tried again with its job (`MNP-6`).
pub(super) const fn allowed(from: JobStatus, to: JobStatus, parent: bool, node: bool) -> bool {
    use JobStatus::{Failed, Pending, Runnable, Running, Starting, Submitted, Succeeded};
    match (from, to) {
        (Succeeded | Failed, Runnable) => node,
        (Submitted, Pending | Runnable | Failed) | (Pending, Failed) => true,
        (Pending, Succeeded) => parent,
        (Pending, Runnable) | (Runnable, Starting | Failed) => !parent,
        (Starting, Running | Runnable | Failed) | (Running, Runnable | Succeeded | Failed) => !parent,
        _ => false,
    }
}

/// Whether a job with this status has not started; an array is PENDING until it ends.
pub(crate) const fn waits(status: JobStatus) -> bool {
    matches!(status, JobStatus::Submitted | JobStatus::Pending | JobStatus::Runnable)
}

/// Moves a job or child to `status`. `reason` replaces the status reason; `None` clears it.
pub(crate) fn set_status(
    engine: &mut Engine,
    now: Timestamp,
    reference: JobRef,
    status: JobStatus,
    reason: Option<String>,
) {
    move_to(engine, now, reference, status, |run| run.status_reason = reason);
}

/// Moves a job or child to `status`, and changes with `change` what else its life shows from then on: the event that tells
/// of it shows it too (`EV-1`). The status reason is cleared unless `change` gives one.
pub(crate) fn move_to(
    engine: &mut Engine,
    now: Timestamp,
    reference: JobRef,
    status: JobStatus,
    change: impl FnOnce(&mut Run),
) {
    leave_queue(engine, reference);
    let Some(from) = with_run(engine, reference, |run| {
        let from = run.status;
        run.status = status;
        run.status_reason = None;
        if status.is_terminal() {
            run.stopped_at = Some(now);
        }
        change(run);
        from
    }) else {
        return;
    };
    let parent = matches!(reference, JobRef::Job(id) if engine.jobs.get(&id).is_some_and(|job| job.array.is_some()));
    let node = matches!(reference, JobRef::Node(..));
    assert!(allowed(from, status, parent, node), "{reference} cannot go from {from} to {status}");
    if matches!(reference, JobRef::Job(_)) {
        engine.waiting -= usize::from(waits(from) && !waits(status));
        engine.waiting += usize::from(!waits(from) && waits(status));
    }
    recount(engine, now, reference, from, status);
    // What leaves a queue without starting makes room for those behind it, and gives back what was reserved for it.
    engine.unscheduled |= from == JobStatus::Runnable && status != JobStatus::Starting;
    enter_queue(engine, reference);
    engine.tell_status(now, reference);
    // How a node has ended is final when its job has ended.
    if status.is_terminal() && !node {
        if let JobRef::Job(id) = reference {
            engine.share_leaves(now, id);
        }
        engine.ended.push_back(Ended::One(reference));
    }
}

/// Writes down why a RUNNABLE entry can never be placed, or that this is no longer so (`SCH-10`, `ST-8`). The children of
/// an array that have no rows carry it together, and so does their parent.
pub(crate) fn label(engine: &mut Engine, ready: Ready, label: Option<&str>) {
    let reference = match ready {
        Ready::One(reference) => reference,
        Ready::Fresh(id) => JobRef::Job(id),
    };
    let waits = |run: &Run| {
        let asked_to_end = run.cancelled || run.terminated;
        !asked_to_end && matches!(run.status, JobStatus::Runnable | JobStatus::Pending)
    };
    let differs = engine.run(reference).is_some_and(|run| waits(&run) && run.status_reason.as_deref() != label);
    if differs {
        with_run(engine, reference, |run| run.status_reason = label.map(str::to_owned));
    }
    if let Ready::Fresh(id) = ready
        && let Some(array) = engine.jobs.get_mut(&id).and_then(|job| job.array.as_mut())
        && array.waits.as_deref() != label
    {
        array.waits = label.map(str::to_owned);
        engine.touch_job(id);
    }
}

/// Changes the run of a job, child or node in memory, giving the child or node a row of its own if it has none, and marks the row as
/// changed. `None` if there is no such job or child.
pub(crate) fn with_run<T>(engine: &mut Engine, reference: JobRef, change: impl FnOnce(&mut Run) -> T) -> Option<T> {
    let id = reference.job();
    let job = engine.jobs.get_mut(&id)?;
    let Some(index) = reference.index() else {
        let result = change(&mut job.run);
        engine.touch_job(id);
        return Some(result);
    };
    if matches!(reference, JobRef::Node(..)) {
        job.spec.nodes().filter(|nodes| index < nodes.count)?;
        let nodes = engine.nodes.entry(id).or_default();
        let result = change(nodes.entry(index).or_insert_with(|| Gang::unplaced(&job.run)));
        engine.touch_child(id, index);
        return Some(result);
    }
    let array = job.array.as_ref()?;
    let children = engine.children.get_mut(&id)?;
    let status = children.status(index)?;
    let fresh = status == JobStatus::Runnable && !children.live.contains_key(&index);
    children.fresh -= u32::from(fresh);
    let last = fresh && children.fresh == 0;
    let result = change(children.live.entry(index).or_insert_with(|| array.child()));
    engine.touch_child(id, index);
    if last {
        leave_fresh(engine, id);
    }
    Some(result)
}

/// Takes the place of an array's children without rows from its queue: each of them has one now.
fn leave_fresh(engine: &mut Engine, id: JobId) {
    let Some(job) = engine.jobs.get(&id) else { return };
    if let Some(ready) = engine.ready.get_mut(&job.queue) {
        ready.remove(&ClassKey::of(job), Place::fresh(job.seq));
    }
    label(engine, Ready::Fresh(id), None);
}

/// Keeps the counts of a child's array.
fn recount(engine: &mut Engine, now: Timestamp, reference: JobRef, from: JobStatus, to: JobStatus) {
    let JobRef::Child(id, index) = reference else { return };
    if let Some(children) = engine.children.get_mut(&id)
        && let Some(status) = children.statuses.get_mut(index as usize)
    {
        assert_eq!(*status, from, "a child's compact status and its row agree");
        *status = to;
    }
    if let Some(array) = engine.jobs.get_mut(&id).and_then(|job| job.array.as_mut()) {
        array.counts[from as usize] -= 1;
        array.counts[to as usize] += 1;
        array.counted_at = Some(now);
    }
    engine.touch_job(id);
}

/// The place of a job or child in its queue.
fn place_of(job: &Job, children: Option<&Children>, reference: JobRef) -> Option<(Place, JobStatus)> {
    let run = match reference.index() {
        None => &job.run,
        Some(index) => children?.live.get(&index)?,
    };
    Some((Place::of(run, job.seq, reference.index()), run.status))
}

fn leave_queue(engine: &mut Engine, reference: JobRef) {
    let Some(job) = engine.jobs.get(&reference.job()) else { return };
    let Some((place, status)) = place_of(job, engine.children.get(&job.id), reference) else { return };
    if status == JobStatus::Runnable
        && let Some(ready) = engine.ready.get_mut(&job.queue)
    {
        ready.remove(&ClassKey::of(job), place);
    }
}

/// Gives a job or child that is RUNNABLE its place in its queue.
pub(crate) fn enter_queue(engine: &mut Engine, reference: JobRef) {
    let Some(job) = engine.jobs.get(&reference.job()) else { return };
    let Some((place, status)) = place_of(job, engine.children.get(&job.id), reference) else { return };
    if status == JobStatus::Runnable {
        let (class, queue) = (ClassKey::of(job), job.queue.clone());
        let ready = ready_of(engine, queue);
        ready.insert(class, place, Ready::One(reference));
        engine.arrived |= ready.has_arrived();
    }
}

/// Gives the children of an array that are RUNNABLE without rows their place in its queue, all together.
pub(crate) fn enter_fresh(engine: &mut Engine, id: JobId) {
    let Some(job) = engine.jobs.get(&id) else { return };
    let (class, place, queue) = (ClassKey::of(job), Place::fresh(job.seq), job.queue.clone());
    let ready = ready_of(engine, queue);
    ready.insert(class, place, Ready::Fresh(id));
    engine.arrived |= ready.has_arrived();
}

fn ready_of(engine: &mut Engine, queue: Name) -> &mut ReadyQueue {
    let strict = engine.config.strict_fifo;
    engine.ready.entry(queue).or_insert_with(|| ReadyQueue::new(strict))
}
