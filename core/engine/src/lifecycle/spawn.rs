//! From accepted to RUNNABLE: a job whose dependencies are met is released, an array spawns its children.

use super::transition::{Gate, enter_fresh, set_status};
use super::{Ended, dependencies};
use crate::children::Children;
use crate::engine::Engine;
use crate::entity::{ChildDefault, DependencyKind, DependencyOutcome, EventKind, EventSubject, Job, ranges};
use crate::ready::{ClassKey, Place};
use longshore_types::{JobId, JobRef, JobStatus, Timestamp};

/// Status reason of what a failed dependency takes down (spec table 4.1, `DEP-2`).
pub(crate) const DEPENDENCY_FAILED: &str = "Dependent Job failed";

/// Releases a job whose whole-job dependencies are all met: a single job becomes RUNNABLE, an array spawns its children.
pub(crate) fn release(engine: &mut Engine, now: Timestamp, id: JobId) {
    let Some(job) = engine.jobs.get(&id) else { return };
    if job.array.is_none() {
        set_status(engine, now, JobRef::Job(id), JobStatus::Runnable, None);
        return;
    }
    if job.run.status == JobStatus::Submitted {
        set_status(engine, now, JobRef::Job(id), JobStatus::Pending, None);
    }
    spawn(engine, now, id);
}

/// Whether children wait for something of their own, one by one.
fn is_gated(job: &Job) -> bool {
    job.depends_on.iter().any(|dependency| match dependency.kind {
        Some(DependencyKind::NToN) => {
            !matches!(&dependency.outcome, DependencyOutcome::Children { failed } if failed.is_empty())
        }
        Some(DependencyKind::Sequential) => dependency.target.is_none(),
        None => false,
    })
}

fn spawn(engine: &mut Engine, now: Timestamp, id: JobId) {
    let Some(job) = engine.jobs.get_mut(&id) else { return };
    let gated = is_gated(job);
    let Some(array) = job.array.as_mut() else { return };
    let (default, status) =
        if gated { (ChildDefault::Pending, JobStatus::Pending) } else { (ChildDefault::Runnable, JobStatus::Runnable) };
    array.default = default;
    array.spawned_at = Some(now);
    array.counted_at = Some(now);
    array.counts = [0; 7];
    array.counts[status as usize] = array.size;
    let (size, run) = (array.size, array.default.run());
    let fresh = if gated { 0 } else { size };
    let everyone = EventSubject::Children { array: id, ranges: vec![(0, size - 1)] };
    engine.tell((now, EventKind::StateChange), everyone, run, None);
    engine.children.insert(id, Children { statuses: vec![status; size as usize], fresh, ..Children::default() });
    engine.touch_job(id);
    if gated {
        for index in 0..size {
            evaluate_child(engine, now, id, index);
        }
    } else {
        enter_fresh(engine, id);
    }
}

/// Looks at what a PENDING child waits for and moves it on when that is decided.
pub(super) fn evaluate_child(engine: &mut Engine, now: Timestamp, id: JobId, index: u32) {
    let pending = engine.children.get(&id).and_then(|children| children.status(index)) == Some(JobStatus::Pending);
    if !pending {
        return;
    }
    let child = JobRef::Child(id, index);
    match dependencies::child_gate(engine, id, index) {
        Gate::Waiting => {}
        Gate::Open => set_status(engine, now, child, JobStatus::Runnable, None),
        Gate::Failed => set_status(engine, now, child, JobStatus::Failed, Some(DEPENDENCY_FAILED.into())),
    }
}

/// Ends every child in the default state at once: they stay without rows, the default itself changes.
pub(super) fn fail_default_children(engine: &mut Engine, now: Timestamp, id: JobId, failed: ChildDefault) {
    let Some(job) = engine.jobs.get_mut(&id) else { return };
    let (queue, seq, class) = (job.queue.clone(), job.seq, ClassKey::of(job));
    let Some(array) = job.array.as_mut() else { return };
    let children = engine.children.entry(id).or_default();
    if children.statuses.is_empty() {
        children.statuses = vec![JobStatus::Pending; array.size as usize];
        array.counts[JobStatus::Pending as usize] = array.size;
    }
    let mut concerned = Vec::new();
    for (index, status) in (0_u32..).zip(&mut children.statuses) {
        let waiting = matches!(*status, JobStatus::Pending | JobStatus::Runnable);
        if waiting && !children.live.contains_key(&index) {
            array.counts[*status as usize] -= 1;
            array.counts[JobStatus::Failed as usize] += 1;
            *status = JobStatus::Failed;
            concerned.push(index);
        }
    }
    children.fresh = 0;
    let concerned = EventSubject::Children { array: id, ranges: ranges(concerned.into_iter()) };
    let run = failed.run();
    array.default = failed;
    array.waits = None;
    array.counted_at = Some(now);
    engine.tell((now, EventKind::StateChange), concerned, run, None);
    if let Some(ready) = engine.ready.get_mut(&queue) {
        ready.remove(&class, Place::fresh(seq));
    }
    // What they held back has its turn.
    engine.unscheduled = true;
    engine.touch_job(id);
    engine.ended.push_back(Ended::DefaultChildren(id));
}
