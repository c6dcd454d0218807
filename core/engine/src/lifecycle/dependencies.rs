//! Dependencies (spec section 7): who waits for whom, and what follows when somebody ends.
//!
//! A plain entry is about whole jobs (or one child of another array): it is met or it fails the dependent. N_TO_N and
//! SEQUENTIAL entries are about children: they are never stored as met but read off the statuses of the children, so an
//! array that another one follows stays in memory until that one has ended.

use super::ending::end_unstarted;
use super::spawn::{DEPENDENCY_FAILED, evaluate_child, release};
use super::transition::Gate;
use crate::engine::Engine;
use crate::entity::{Dependency, DependencyKind, DependencyOutcome, Job};
use longshore_types::{JobId, JobRef, JobStatus, Timestamp};
use std::collections::btree_map::Entry;

/// Whether the entry is met child by child.
fn is_by_child(dependency: &Dependency) -> bool {
    match dependency.kind {
        Some(DependencyKind::NToN) => true,
        // DEP-8: SEQUENTIAL with a job id is an ordinary dependency on that job.
        Some(DependencyKind::Sequential) => dependency.target.is_none(),
        None => false,
    }
}

/// Makes a job known to everything that it waits for.
pub(crate) fn register(engine: &mut Engine, id: JobId) {
    let Some(job) = engine.jobs.get(&id) else { return };
    let targets: Vec<JobRef> = job
        .depends_on
        .iter()
        .filter(|entry| entry.outcome == DependencyOutcome::Open)
        .filter_map(|entry| entry.target)
        .collect();
    let named: Vec<JobId> = job.depends_on.iter().filter_map(|entry| entry.target).map(JobRef::job).collect();
    for target in targets {
        engine.dependents.entry(target).or_default().insert(id);
    }
    for job in named {
        *engine.named.entry(job).or_default() += 1;
    }
}

/// The status of a job, child or node in memory.
pub(crate) fn status_of(engine: &Engine, reference: JobRef) -> Option<JobStatus> {
    let job = engine.jobs.get(&reference.job())?;
    match reference {
        JobRef::Job(_) => Some(job.run.status),
        JobRef::Child(id, index) => engine.children.get(&id)?.status(index),
        // How a node has ended is final when its job has.
        JobRef::Node(..) if job.run.status.is_terminal() => engine.run(reference).map(|run| run.status),
        JobRef::Node(..) => None,
    }
}

/// What stands between a job and being released: its whole-job dependencies, some of them already stored as met.
pub(crate) fn whole_job_gate(engine: &Engine, job: &Job) -> Gate {
    let mut gate = Gate::Open;
    for dependency in job.depends_on.iter().filter(|entry| !is_by_child(entry)) {
        let status = || dependency.target.and_then(|target| status_of(engine, target));
        match (&dependency.outcome, status()) {
            (DependencyOutcome::Met, _) | (DependencyOutcome::Open, Some(JobStatus::Succeeded)) => {}
            (DependencyOutcome::Failed, _) | (DependencyOutcome::Open, Some(JobStatus::Failed)) => {
                return Gate::Failed;
            }
            _ => gate = Gate::Waiting,
        }
    }
    gate
}

/// What stands between a child and being RUNNABLE.
pub(super) fn child_gate(engine: &Engine, id: JobId, index: u32) -> Gate {
    let Some(job) = engine.jobs.get(&id) else { return Gate::Waiting };
    let mut gate = Gate::Open;
    for dependency in job.depends_on.iter().filter(|entry| is_by_child(entry)) {
        match child_status_waited_for(engine, id, index, dependency) {
            Some(JobStatus::Succeeded) => {}
            Some(JobStatus::Failed) => return Gate::Failed,
            _ => gate = Gate::Waiting,
        }
    }
    gate
}

/// What a SUBMITTED or PENDING job or child waits for, at most `most` of it.
pub(crate) fn waiting_for(engine: &Engine, reference: JobRef, most: usize) -> Vec<JobRef> {
    let Some(job) = engine.jobs.get(&reference.job()) else { return Vec::new() };
    let spawned = job.array.as_ref().is_some_and(|array| array.spawned_at.is_some());
    let open = |entry: &Dependency| match reference {
        JobRef::Child(id, index) if spawned => {
            let waits = child_status_waited_for(engine, id, index, entry) != Some(JobStatus::Succeeded);
            let target = entry
                .target
                .map_or(JobRef::Child(id, index.saturating_sub(1)), |other| JobRef::Child(other.job(), index));
            (is_by_child(entry) && waits).then_some(target)
        }
        _ => {
            let target = entry.target.filter(|_| !is_by_child(entry) && entry.outcome != DependencyOutcome::Met)?;
            (status_of(engine, target) != Some(JobStatus::Succeeded)).then_some(target)
        }
    };
    job.depends_on.iter().filter_map(open).take(most).collect()
}

/// The status of the child that child `index` waits for by this entry.
fn child_status_waited_for(engine: &Engine, id: JobId, index: u32, entry: &Dependency) -> Option<JobStatus> {
    match (entry.kind, entry.target, &entry.outcome) {
        (Some(DependencyKind::Sequential), ..) if index == 0 => Some(JobStatus::Succeeded),
        (Some(DependencyKind::Sequential), ..) => status_of(engine, JobRef::Child(id, index - 1)),
        (_, _, DependencyOutcome::Children { failed }) if failed.contains(&index) => Some(JobStatus::Failed),
        (_, _, DependencyOutcome::Children { .. }) => Some(JobStatus::Succeeded),
        (_, Some(JobRef::Job(other)), _) => status_of(engine, JobRef::Child(other, index)),
        _ => None,
    }
}

/// A job or child has ended: whoever waits for it, moves on or fails.
pub(super) fn settle_dependents_of(engine: &mut Engine, now: Timestamp, ended: JobRef) {
    let succeeded = status_of(engine, ended) == Some(JobStatus::Succeeded);
    let waiting: Vec<JobId> = engine.dependents.get(&ended).into_iter().flatten().copied().collect();
    for dependent in waiting {
        settle_whole(engine, now, dependent, ended, succeeded);
    }
    if let JobRef::Child(id, index) = ended {
        settle_children_of_followers(engine, now, id, index..index + 1);
        if engine.jobs.get(&id).is_some_and(|job| job.depends_on.iter().any(is_sequential)) {
            evaluate_child(engine, now, id, index + 1);
        }
    }
}

const fn is_sequential(dependency: &Dependency) -> bool {
    matches!((dependency.kind, dependency.target), (Some(DependencyKind::Sequential), None))
}

/// A job has ended, and with it how each of its nodes has.
pub(super) fn settle_dependents_of_nodes(engine: &mut Engine, now: Timestamp, ended: JobRef) {
    let JobRef::Job(id) = ended else { return };
    let waited_for = engine.dependents.range(JobRef::Node(id, 0)..=JobRef::Node(id, u32::MAX));
    let nodes: Vec<JobRef> = waited_for.map(|(reference, _)| *reference).collect();
    for node in nodes {
        settle_dependents_of(engine, now, node);
    }
}

/// Every default child of an array has ended at once.
pub(super) fn settle_dependents_of_children(engine: &mut Engine, now: Timestamp, id: JobId) {
    let size = engine.jobs.get(&id).and_then(|job| job.array.as_ref()).map_or(0, |array| array.size);
    let children: Vec<JobRef> = engine
        .dependents
        .range(JobRef::Child(id, 0)..=JobRef::Child(id, u32::MAX))
        .map(|(reference, _)| *reference)
        .collect();
    for child in children {
        if status_of(engine, child) == Some(JobStatus::Failed) {
            let waiting: Vec<JobId> = engine.dependents.get(&child).into_iter().flatten().copied().collect();
            for dependent in waiting {
                settle_whole(engine, now, dependent, child, false);
            }
        }
    }
    settle_children_of_followers(engine, now, id, 0..size);
}

/// The children of arrays that follow array `id` N_TO_N, at the indices that have ended.
fn settle_children_of_followers(engine: &mut Engine, now: Timestamp, id: JobId, indices: std::ops::Range<u32>) {
    let followers: Vec<JobId> = engine.dependents.get(&JobRef::Job(id)).into_iter().flatten().copied().collect();
    for follower in followers {
        let follows = engine.jobs.get(&follower).is_some_and(|job| {
            let of_this = |entry: &Dependency| entry.target == Some(JobRef::Job(id)) && is_by_child(entry);
            job.depends_on.iter().any(of_this)
        });
        if follows {
            for index in indices.clone() {
                evaluate_child(engine, now, follower, index);
            }
        }
    }
}

/// A whole-job entry of `dependent` on `ended` is decided.
fn settle_whole(engine: &mut Engine, now: Timestamp, dependent: JobId, ended: JobRef, succeeded: bool) {
    let Some(job) = engine.jobs.get_mut(&dependent) else { return };
    let mut concerned = false;
    for entry in job.depends_on.iter_mut().filter(|entry| entry.target == Some(ended) && !is_by_child(entry)) {
        entry.outcome = if succeeded { DependencyOutcome::Met } else { DependencyOutcome::Failed };
        concerned = true;
    }
    if !concerned {
        return;
    }
    forget_dependent(engine, ended, dependent);
    engine.touch_job(dependent);
    let Some(job) = engine.jobs.get(&dependent) else { return };
    let unreleased = job.array.as_ref().map_or_else(
        || matches!(job.run.status, JobStatus::Submitted | JobStatus::Pending),
        |array| array.spawned_at.is_none() && !job.run.status.is_terminal(),
    );
    if !unreleased {
        return;
    }
    if !succeeded {
        end_unstarted(engine, now, JobRef::Job(dependent), DEPENDENCY_FAILED);
    } else if whole_job_gate(engine, job) == Gate::Open {
        let flagged = job.run.cancelled || job.run.terminated;
        if flagged {
            // CAN-2: the request was noted while dependencies were outstanding, and its reason with it.
            let reason = job.run.status_reason.clone().unwrap_or_default();
            end_unstarted(engine, now, JobRef::Job(dependent), &reason);
        } else {
            release(engine, now, dependent);
        }
    }
}

/// A job has ended: it no longer waits for anything.
pub(super) fn settle_own_dependencies(engine: &mut Engine, ended: JobRef) {
    let JobRef::Job(id) = ended else { return };
    let Some(job) = engine.jobs.get(&id) else { return };
    let targets: Vec<JobRef> = job.depends_on.iter().filter_map(|entry| entry.target).collect();
    for target in targets {
        forget_name(engine, target.job());
        forget_dependent(engine, target, id);
    }
}

/// One entry of a job that has not ended is less, now that the job has.
fn forget_name(engine: &mut Engine, job: JobId) {
    if let Entry::Occupied(mut times) = engine.named.entry(job) {
        *times.get_mut() -= 1;
        if *times.get() == 0 {
            times.remove();
        }
    }
}

fn forget_dependent(engine: &mut Engine, target: JobRef, dependent: JobId) {
    // An array that a N_TO_N entry of the same dependent still reads stays registered.
    let still_reads = engine.jobs.get(&dependent).is_some_and(|job| {
        let by_child = |entry: &Dependency| entry.target == Some(target) && is_by_child(entry);
        let by_child = |entry: &Dependency| by_child(entry) && entry.outcome == DependencyOutcome::Open;
        !job.run.status.is_terminal() && job.depends_on.iter().any(by_child)
    });
    if still_reads {
        return;
    }
    if let Some(waiting) = engine.dependents.get_mut(&target) {
        waiting.remove(&dependent);
        if waiting.is_empty() {
            engine.dependents.remove(&target);
            engine.forget_if_unneeded(target.job());
        }
    }
}
