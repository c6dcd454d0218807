//! `dependsOn` of a submission (spec section 7): the four models, checked against what is known of each target.

use crate::command::{DependencyInput, EndedJob, SubmitJob};
use crate::engine::Engine;
use crate::entity::{Dependency, DependencyKind, DependencyOutcome};
use crate::error::Error;
use crate::lifecycle;
use longshore_types::{JobRef, JobStatus};
use std::collections::BTreeSet;

pub(super) fn resolve(engine: &Engine, command: &SubmitJob, size: Option<u32>) -> Result<Vec<Dependency>, Error> {
    let limit = engine.config.limits.dependencies;
    if command.depends_on.len() > limit {
        return Err(Error::invalid(format!("Job cannot have more than {limit} dependencies")));
    }
    let parsed: Vec<Dependency> = command.depends_on.iter().map(parse).collect::<Result<_, _>>()?;
    let unknown = |entry: &Dependency| {
        let job = entry.target?.job();
        let known = engine.jobs.contains_key(&job) || command.looked_up.contains_key(&job);
        (!known).then_some(job)
    };
    let look_up: BTreeSet<_> = parsed.iter().filter_map(unknown).collect();
    if !look_up.is_empty() {
        return Err(Error::LookUp(look_up));
    }
    let sequential = parsed.iter().filter(|entry| entry.target.is_none()).count();
    if sequential > 0 && size.is_none() {
        return Err(Error::invalid("A SEQUENTIAL dependency without a jobId can only be set for array jobs."));
    }
    if sequential > 1 {
        return Err(Error::invalid("Job cannot have more than 1 SEQUENTIAL dependency"));
    }
    parsed.into_iter().map(|entry| bind(engine, command, size, entry)).collect()
}

fn parse(input: &DependencyInput) -> Result<Dependency, Error> {
    let kind = match input.kind.as_deref() {
        None | Some("") => None,
        Some("N_TO_N") => Some(DependencyKind::NToN),
        Some("SEQUENTIAL") => Some(DependencyKind::Sequential),
        Some(other) => {
            return Err(Error::invalid(format!(
                "Dependency type {other} is not valid. Valid values are: [N_TO_N, SEQUENTIAL]"
            )));
        }
    };
    let text = input.job_id.as_deref().filter(|text| !text.is_empty());
    let target = text.map(|text| text.parse().map_err(|_| not_found(text))).transpose()?;
    if target.is_none() && kind != Some(DependencyKind::Sequential) {
        return Err(Error::invalid("Dependency must have a jobId unless its type is SEQUENTIAL."));
    }
    Ok(Dependency { target, kind, outcome: DependencyOutcome::Open })
}

/// `DEP-4`; no source knows AWS's text (A21).
fn not_found(job: &str) -> Error {
    Error::invalid(format!("Job {job} that this job depends on was not found."))
}

/// Checks that the target exists and notes what is already decided about it.
fn bind(engine: &Engine, command: &SubmitJob, size: Option<u32>, mut entry: Dependency) -> Result<Dependency, Error> {
    let Some(target) = entry.target else { return Ok(entry) };
    let by_child = entry.kind == Some(DependencyKind::NToN);
    let id = target.job();
    let ended = if engine.jobs.contains_key(&id) { None } else { command.looked_up.get(&id) };
    let (target_size, target_nodes) = match (engine.jobs.get(&id), ended) {
        (Some(job), _) => (job.array.as_ref().map(|array| array.size), job.spec.nodes().map(|nodes| nodes.count)),
        (None, Some(Some(ended))) => (ended.array_size, ended.nodes),
        _ => return Err(not_found(&target.to_string())),
    };
    let inside = match target {
        JobRef::Job(_) => true,
        JobRef::Child(_, index) => target_size.is_some_and(|size| index < size),
        JobRef::Node(_, index) => target_nodes.is_some_and(|count| index < count),
    };
    if !inside {
        return Err(not_found(&target.to_string()));
    }
    if by_child {
        check_sizes(target, target_size, size)?;
    }
    if let Some(Some(ended)) = ended {
        settle_ended(&mut entry, target, ended);
    } else if !by_child {
        // What is decided now is written down: the target may leave memory before the job's other dependencies do.
        entry.outcome = match lifecycle::status_of(engine, target) {
            Some(JobStatus::Succeeded) => DependencyOutcome::Met,
            Some(JobStatus::Failed) => DependencyOutcome::Failed,
            _ => DependencyOutcome::Open,
        };
    }
    Ok(entry)
}

/// `DEP-7`; no source knows AWS's texts (A21).
fn check_sizes(target: JobRef, target_size: Option<u32>, size: Option<u32>) -> Result<(), Error> {
    match (target, target_size, size) {
        (JobRef::Job(_), Some(other), Some(own)) if other == own => Ok(()),
        (JobRef::Job(_), Some(other), Some(own)) => {
            Err(Error::invalid(format!("N_TO_N dependency requires arrays of the same size, got {own} and {other}.")))
        }
        _ => Err(Error::invalid("N_TO_N dependency can only be set between array jobs.")),
    }
}

/// The target has left memory: what is known of it is final (`DEP-3`).
fn settle_ended(entry: &mut Dependency, target: JobRef, ended: &EndedJob) {
    let failed = match target.index() {
        Some(index) => ended.failed_children.contains(&index),
        None => ended.status == JobStatus::Failed,
    };
    entry.outcome = match (entry.kind, failed) {
        (Some(DependencyKind::NToN), _) => DependencyOutcome::Children { failed: ended.failed_children.clone() },
        (_, true) => DependencyOutcome::Failed,
        (_, false) => DependencyOutcome::Met,
    };
}
