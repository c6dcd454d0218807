//! Jobs, their children and nodes, and what they wait for.

use super::{Findings, Invariant};
use crate::entity::{Array, Dependency, DependencyKind, DependencyOutcome, Job, Run};
use crate::rows::Rows;
use longshore_types::{AttemptId, JobId, JobRef, JobStatus};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn audit(rows: &Rows, leaving: &BTreeSet<JobId>, findings: &mut Findings) {
    let mut attempts = BTreeMap::new();
    for job in rows.jobs.values() {
        let reference = JobRef::Job(job.id);
        life(rows, (reference, &job.run), job, findings);
        // The attempts of a multi-node job are its main node's.
        if job.gang.is_none() {
            unique(reference, &job.run, &mut attempts, findings);
        }
        if let Some(array) = &job.array {
            counters(rows, job.id, array, findings);
        }
        if !job.run.status.is_terminal() {
            waits(rows, job, findings);
            let there = rows.queues.contains_key(&job.queue);
            let told = || (reference.to_string(), format!("it is in the queue {}, which does not exist", job.queue));
            findings.require(there, Invariant::References, told);
        }
    }
    for (&(id, index), run) in &rows.children {
        let Some(job) = rows.jobs.get(&id) else {
            let told = || (JobRef::Child(id, index).to_string(), "its job does not exist".to_owned());
            findings.require(leaving.contains(&id), Invariant::References, told);
            continue;
        };
        let nodes = job.spec.nodes().map(|nodes| nodes.count);
        let reference = if nodes.is_some() { JobRef::Node(id, index) } else { JobRef::Child(id, index) };
        let parts = nodes.or(job.array.as_ref().map(|array| array.size)).unwrap_or(0);
        let told = || (reference.to_string(), format!("its job has {parts} children or nodes"));
        findings.require(index < parts, Invariant::References, told);
        life(rows, (reference, run), job, findings);
        unique(reference, run, &mut attempts, findings);
    }
}

/// One status and what is beside it.
fn life(rows: &Rows, (reference, run): (JobRef, &Run), job: &Job, findings: &mut Findings) {
    let status = run.status;
    let mut require = |holds: bool, invariant: Invariant, problem: &str| {
        findings.require(holds, invariant, || (reference.to_string(), format!("it is {status}, {problem}")));
    };
    let ended = status.is_terminal();
    require(ended == run.stopped_at.is_some(), Invariant::Lives, "which does not go with whether it has stoppedAt");
    let placed = matches!(status, JobStatus::Starting | JobStatus::Running);
    require(run.current.is_none() || placed, Invariant::Lives, "but has an attempt under way");
    let whole_of_nodes = job.gang.is_some() && matches!(reference, JobRef::Job(_));
    require(!placed || run.current.is_some() || whole_of_nodes, Invariant::Lives, "but has no attempt under way");
    let begun = status != JobStatus::Running || run.started_at.is_some();
    require(begun, Invariant::Lives, "but has no startedAt");
    let Some(current) = &run.current else { return };
    let environment = rows.environments.contains_key(&current.environment);
    require(environment, Invariant::References, "in a compute environment that does not exist");
    require(rows.hosts.contains_key(&current.host), Invariant::References, "on a host that does not exist");
}

fn unique(reference: JobRef, run: &Run, attempts: &mut BTreeMap<AttemptId, JobRef>, findings: &mut Findings) {
    let finished = run.attempts.iter().map(|attempt| attempt.id);
    for id in finished.chain(run.current.as_ref().map(|current| current.id)) {
        if let Some(other) = attempts.insert(id, reference) {
            let told = || (reference.to_string(), format!("its attempt {id} is also one of {other}"));
            findings.require(false, Invariant::Attempts, told);
        }
    }
}

fn counters(rows: &Rows, id: JobId, array: &Array, findings: &mut Findings) {
    let own: Vec<JobStatus> =
        rows.children.range((id, 0)..=(id, u32::MAX)).map(|(_, run)| run.status).take(array.size as usize).collect();
    let spawned = array.counts.iter().any(|count| *count > 0);
    if !spawned {
        let told = || (id.to_string(), "children have rows before there are children".to_owned());
        findings.require(own.is_empty(), Invariant::ArrayCounters, told);
        return;
    }
    let mut counts = [0u32; 7];
    own.iter().for_each(|status| counts[*status as usize] += 1);
    let silent = array.size.saturating_sub(u32::try_from(own.len()).unwrap_or(u32::MAX));
    counts[array.child().status as usize] += silent;
    let told = || (id.to_string(), format!("its counters are {:?} and its children {counts:?}", array.counts));
    findings.require(counts == array.counts, Invariant::ArrayCounters, told);
    let before = rows.children.range((id, 0)..(id, array.rows_before)).count();
    let told = || (id.to_string(), format!("of the {} children that should have rows {before} do", array.rows_before));
    findings.require(before == array.rows_before as usize, Invariant::ArrayCounters, told);
}

/// What a job that has not ended waits for.
fn waits(rows: &Rows, job: &Job, findings: &mut Findings) {
    let open = |entry: &&Dependency| entry.outcome == DependencyOutcome::Open;
    for target in job.depends_on.iter().filter(open).filter_map(|entry| Some((entry.kind, entry.target?))) {
        let (kind, target) = target;
        let status = |reference| rows.run(reference).map(|run| run.status);
        // How a node ended is final with its job, which may try again until then.
        let state = match target {
            JobRef::Node(id, _) => status(target).and(status(JobRef::Job(id))),
            _ => status(target),
        };
        let told = || (job.id.to_string(), format!("it depends on {target}, which does not exist"));
        findings.require(state.is_some(), Invariant::Dependencies, told);
        let decided = kind != Some(DependencyKind::NToN) && state.is_some_and(JobStatus::is_terminal);
        let told = || (job.id.to_string(), format!("it waits for {target}, which has ended"));
        findings.require(!decided, Invariant::Dependencies, told);
    }
    let idle = job.run.status == JobStatus::Pending && job.array.is_none();
    let told = || (job.id.to_string(), "it is PENDING and depends on nothing that is undecided".to_owned());
    findings.require(!idle || job.depends_on.iter().any(|entry| open(&entry)), Invariant::Dependencies, told);
}
