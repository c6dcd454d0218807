//! SubmitJob (spec section 3): check everything, resolve what will run, accept.

mod dependencies;
mod spec;

use crate::command::{Response, SubmitJob};
use crate::engine::Engine;
use crate::entity::{
    Array, ComputeEnvironment, DefinitionId, DefinitionKind, Job, JobDefinition, JobQueue, ResourceState, Run, Work,
};
use crate::error::Error;
use crate::lifecycle::{self, Gate};
use crate::validate;
use longshore_types::{JobId, JobRef, JobStatus, Name, Timestamp};

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: SubmitJob) -> Result<Response, Error> {
    check_size(engine, command.body_bytes)?;
    check_room(engine)?;
    let name = job_name(&command.job_name)?;
    let queue = queue(engine, &command.job_queue)?;
    let definition = definition(engine, &command)?;
    check_platform(engine, queue, definition)?;
    check_fair_share(queue, definition, &command)?;
    check_shares(engine, now, queue, &command)?;
    let size = array_size(engine, command.array_size)?;
    check_nodes(engine, (queue, definition), size)?;
    validate::tags(&command.tags, &engine.config.limits)?;
    let priority = command.scheduling_priority_override.or(definition.scheduling_priority);
    let propagate_tags = command.propagate_tags.or(definition.propagate_tags);
    let (queue, definition) = (queue.name.clone(), definition.id.clone());
    let share_identifier = command.share_identifier.as_ref().map(|share| engine.shares.shared_name(&queue, share));
    let spec = spec::resolve(engine, &definition, &command)?;
    let depends_on = dependencies::resolve(engine, &command, size)?;

    engine.last_seq += 1;
    let id = JobId::from_random(engine.ids.next_u128());
    let gang = spec.nodes().map(|_| Box::default());
    let array = size.map(Array::new).map(Box::new);
    let job = Job {
        id,
        seq: engine.last_seq,
        name: name.clone(),
        queue,
        definition,
        spec,
        tags: command.tags,
        propagate_tags,
        share_identifier,
        scheduling_priority: priority,
        depends_on,
        created_at: now,
        run: Run::new(JobStatus::Submitted),
        array,
        gang,
    };
    accept(engine, now, job);
    Ok(Response::Submitted { id, name })
}

/// Takes the job in and evaluates its dependencies for the first time (`DEP-3`).
fn accept(engine: &mut Engine, now: Timestamp, job: Job) {
    let (id, gate) = (job.id, lifecycle::whole_job_gate(engine, &job));
    engine.jobs.insert(job);
    engine.waiting += 1;
    engine.touch_job(id);
    engine.share_enters(now, id);
    lifecycle::register(engine, id);
    match gate {
        Gate::Open => lifecycle::release(engine, now, id),
        Gate::Waiting => lifecycle::set_status(engine, now, JobRef::Job(id), JobStatus::Pending, None),
        Gate::Failed => lifecycle::end_unstarted(engine, now, JobRef::Job(id), lifecycle::DEPENDENCY_FAILED),
    }
}

/// `SUB-2`; no source knows AWS's text (A21).
fn check_size(engine: &Engine, body_bytes: usize) -> Result<(), Error> {
    let limit = engine.config.limits.submit_bytes;
    if body_bytes <= limit {
        return Ok(());
    }
    Err(Error::invalid(format!("A SubmitJob request can have at most {limit} bytes.")))
}

/// Spec section 25; no source knows AWS's text (A21).
fn check_room(engine: &Engine) -> Result<(), Error> {
    let limit = engine.config.limits.waiting_jobs;
    if engine.waiting < limit {
        return Ok(());
    }
    Err(Error::invalid(format!("An account can have at most {limit} jobs that have not started.")))
}

/// 1 to 128 letters, digits, hyphens and underscores, the first a letter or digit (spec section 2).
pub(super) fn job_name(text: &str) -> Result<Name, Error> {
    let error = || Error::invalid("Job name should match valid pattern");
    let name: Name = text.parse().map_err(|_| error())?;
    if text.as_bytes()[0].is_ascii_alphanumeric() { Ok(name) } else { Err(error()) }
}

/// `SUB-3`.
fn queue<'a>(engine: &'a Engine, name: &str) -> Result<&'a JobQueue, Error> {
    let queue = name.parse().ok().and_then(|name: Name| engine.queues.get(&name));
    let queue = queue.ok_or_else(|| Error::invalid(format!("JobQueue {name} not found.")))?;
    if queue.state == ResourceState::Disabled {
        // No source knows AWS's text for this (A21).
        return Err(Error::invalid(format!("Job queue {name} is not in ENABLED state.")));
    }
    if queue.is_service() {
        // AWS's text is not known.
        return Err(Error::invalid(format!(
            "Job queue {name} is of type SAGEMAKER_TRAINING and takes service jobs only."
        )));
    }
    Ok(queue)
}

/// `SUB-4`: the revision asked for, or the latest ACTIVE one.
fn definition<'a>(engine: &'a Engine, command: &SubmitJob) -> Result<&'a JobDefinition, Error> {
    let reference = &command.job_definition;
    let found = reference.name.parse().ok().and_then(|name: Name| match reference.revision {
        Some(revision) => engine.definitions.get(&DefinitionId { name, revision }).filter(|found| found.active),
        None => {
            let first = DefinitionId { name: name.clone(), revision: 0 };
            let last = DefinitionId { name, revision: u32::MAX };
            engine.definitions.range(first..=last).rev().map(|(_, found)| found).find(|found| found.active)
        }
    });
    found.ok_or_else(|| {
        let shown = match reference.revision {
            Some(revision) => format!("{}:{revision}", reference.name),
            None => reference.name.clone(),
        };
        Error::invalid(format!("JobDefinition name {shown} does not exist or is not in ACTIVE status"))
    })
}

/// `SUB-5`: a definition without capabilities counts as EC2.
fn check_platform(engine: &Engine, queue: &JobQueue, definition: &JobDefinition) -> Result<(), Error> {
    let mut environments = queue.environments.iter().filter_map(|entry| engine.environments.get(&entry.environment));
    let Some(environment) = environments.next() else { return Ok(()) };
    let is_pod = definition.work.as_ref().is_some_and(Work::is_pod);
    let capability = definition.platform_capabilities.first().map_or("EC2", String::as_str);
    // AWS's word for pods is not known.
    let wanted = if is_pod { "EKS" } else { capability };
    let fits = is_pod == environment.is_eks() && (wanted == "FARGATE") == environment.is_fargate();
    if fits {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Job Queue is attached to Compute Environment that can not run Jobs with capability {wanted}."
    )))
}

/// `SUB-6`; the doubled word in the last text is AWS's.
fn check_fair_share(queue: &JobQueue, definition: &JobDefinition, command: &SubmitJob) -> Result<(), Error> {
    let priority = command.scheduling_priority_override;
    validate::scheduling_priority(priority)?;
    validate::share_identifier(command.share_identifier.as_deref())?;
    let text = match (&queue.scheduling_policy, &command.share_identifier) {
        (Some(_), None) => "shareIdentifier must be specified.",
        (Some(_), Some(_)) if priority.or(definition.scheduling_priority).is_none() => {
            "Either schedulingPriority in job definition or schedulingPriorityOverride should be specified."
        }
        (None, share) if share.is_some() || priority.is_some() => {
            "Job with shareIdentifier or schedulingPriority can onlybe submitted to job queue with fair share \
             scheduling policy."
        }
        _ => return Ok(()),
    };
    Err(Error::invalid(text))
}

/// `FSS-2`: a queue has so many active shares at most. AWS's text for that is not known; this one was seen when a share
/// could not be used for the first time (`FSS-6`).
fn check_shares(engine: &Engine, now: Timestamp, queue: &JobQueue, command: &SubmitJob) -> Result<(), Error> {
    let (Some(policy), Some(share)) = (engine.fair_share(&queue.name), &command.share_identifier) else {
        return Ok(());
    };
    let known = engine.shares.get(&queue.name, share).is_some_and(|share| share.is_active(now, policy.window_ms()));
    if known || engine.shares.active(&queue.name, now, policy) < engine.config.limits.share_identifiers {
        return Ok(());
    }
    Err(Error::invalid(format!("Failed to create shareIdentifier {share}")))
}

/// `SUB-8`; no source knows AWS's text (A21).
fn array_size(engine: &Engine, size: Option<i64>) -> Result<Option<u32>, Error> {
    let limit = engine.config.limits.array_size;
    match size {
        None | Some(0) => Ok(None),
        Some(size) => match u32::try_from(size) {
            Ok(size) if (2..=limit).contains(&size) => Ok(Some(size)),
            _ => Err(Error::invalid(format!("Array size must be between 2 and {limit}, got {size}."))),
        },
    }
}

/// `SUB-8`, `MNP-4`; no source knows AWS's texts (A21).
fn check_nodes(
    engine: &Engine,
    (queue, definition): (&JobQueue, &JobDefinition),
    size: Option<u32>,
) -> Result<(), Error> {
    if definition.kind != DefinitionKind::Multinode {
        return Ok(());
    }
    if size.is_some() {
        return Err(Error::invalid("Array properties should not be set for multinode jobs."));
    }
    let mut environments = queue.environments.iter().filter_map(|entry| engine.environments.get(&entry.environment));
    if queue.environments.is_empty() || environments.any(ComputeEnvironment::takes_multinode) {
        return Ok(());
    }
    let text = "Multi-node parallel jobs need a managed compute environment of type EC2; the queue has none:";
    Err(Error::invalid(format!("{text} {}.", queue.name)))
}

#[cfg(test)]
mod tests;
