//! CreateJobQueue (spec section 19). The queue is CREATING for as long as clients are to see it,
//! and takes jobs from the start.

use super::scheduling_policy;
use crate::command::{CreateJobQueue, EnvironmentOrderInput, Response};
use crate::engine::Engine;
use crate::entity::{ComputeEnvironment, EnvironmentOrder, JobQueue, ResourceState, ResourceStatus};
use crate::error::Error;
use crate::lifecycle;
use crate::validate::{self, Named};
use longshore_types::{Name, Timestamp};
use serde_json::Value;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: CreateJobQueue) -> Result<Response, Error> {
    let limits = &engine.config.limits;
    let name = validate::name(Named::Queue, &command.name)?;
    let priority = validate::priority(command.priority)?;
    let state = validate::state(command.state.as_deref())?.unwrap_or(ResourceState::Enabled);
    let member = |name: &str| command.document.0.get(name).unwrap_or(&Value::Null);
    let kind = member("jobQueueType").as_str();
    let (environments, service_environments) =
        orders(engine, (&name, kind), (&command.environments, &command.service_environments))?;
    let kind = kind.or(if service_environments.is_empty() { None } else { Some(validate::SERVICE_TYPE) });
    let scheduling_policy = scheduling_policy::of_queue(engine, command.scheduling_policy.as_ref(), kind)?;
    validate::time_limit_actions(kind, member("jobStateTimeLimitActions"), limits)?;
    validate::tags(&command.tags, limits)?;
    if engine.queues.contains_key(&name) {
        return Err(Error::AlreadyExists);
    }
    if engine.queues.len() >= limits.queues {
        // AWS's text is not known (A21).
        return Err(Error::invalid(format!("An account can have at most {} job queues.", limits.queues)));
    }
    engine.put_queue(JobQueue {
        name: name.clone(),
        state,
        status: ResourceStatus::Creating,
        status_reason: String::new(),
        priority,
        environments,
        service_environments,
        scheduling_policy,
        tags: command.tags,
        created_at: now,
        blocked: Vec::new(),
        blocked_by: None,
        document: command.document,
        settles_at: None,
    });
    let settle_ms = if command.valid_at_once { 0 } else { engine.config.environment_settle_ms };
    lifecycle::queue_enters(engine, now, &name, (ResourceStatus::Creating, settle_ms));
    Ok(Response::Named(name))
}

/// Both orders of a queue of this type, one of which is empty (`JQ-1`, `SVC-2`).
fn orders(
    engine: &Engine,
    (queue, kind): (&Name, Option<&str>),
    (environments, services): (&[EnvironmentOrderInput], &[EnvironmentOrderInput]),
) -> Result<(Vec<EnvironmentOrder>, Vec<EnvironmentOrder>), Error> {
    validate::queue_type(kind, (environments.len(), services.len()), &engine.config.limits)?;
    if services.is_empty() {
        return Ok((self::environments(engine, environments, kind)?, Vec::new()));
    }
    Ok((Vec::new(), service_environments(engine, queue, services)?))
}

/// The service environments of a queue, which exist (`SVC-2`).
pub(super) fn service_environments(
    engine: &Engine,
    queue: &Name,
    entries: &[EnvironmentOrderInput],
) -> Result<Vec<EnvironmentOrder>, Error> {
    let entry = |entry: &EnvironmentOrderInput| {
        let row = entry.environment.parse().ok().and_then(|name: Name| engine.services.environments.get(&name));
        let row = row.filter(|row| attachable(engine, row.status));
        let text = "Service environments must be created and valid before attaching them to a job queue.";
        let row = row.ok_or_else(|| Error::invalid(text))?;
        engine.check_shared_out(&row.name, queue, false)?;
        Ok(EnvironmentOrder { order: entry.order, environment: row.name.clone() })
    };
    entries.iter().map(entry).collect()
}

/// The environments of a queue of this type, which exist and go together (`JQ-2`, `JQ-5`).
pub(super) fn environments(
    engine: &Engine,
    entries: &[EnvironmentOrderInput],
    kind: Option<&str>,
) -> Result<Vec<EnvironmentOrder>, Error> {
    validate::environment_order(entries, &engine.config.limits)?;
    let known = |entry: &EnvironmentOrderInput| {
        let environment = entry.environment.parse().ok().and_then(|name: Name| engine.environments.get(&name));
        environment.filter(|environment| attachable(engine, environment.status))
    };
    let found: Vec<&ComputeEnvironment> = entries.iter().filter_map(known).collect();
    if found.len() < entries.len() {
        let text = "Compute Environments must be created and valid before attaching them to a job queue";
        return Err(Error::invalid(text));
    }
    check_mix(&found, kind)?;
    let order = |(entry, environment): (&EnvironmentOrderInput, &&ComputeEnvironment)| EnvironmentOrder {
        order: entry.order,
        environment: environment.name.clone(),
    };
    Ok(entries.iter().zip(&found).map(order).collect())
}

/// `JQ-2` asks for VALID. Scripts that create an environment and at once a queue on it are served unless AWS's refusals
/// are asked for: the environment is as good as VALID.
fn attachable(engine: &Engine, status: ResourceStatus) -> bool {
    match status {
        ResourceStatus::Valid => true,
        ResourceStatus::Creating | ResourceStatus::Updating => !engine.config.strict_transitions,
        ResourceStatus::Deleting | ResourceStatus::Invalid => false,
    }
}

fn check_mix(environments: &[&ComputeEnvironment], kind: Option<&str>) -> Result<(), Error> {
    let eks = |environment: &&ComputeEnvironment| environment.is_eks();
    let fargate = |environment: &&ComputeEnvironment| environment.is_fargate();
    let count = |is: &dyn Fn(&&ComputeEnvironment) -> bool| environments.iter().filter(|each| is(each)).count();
    let all = environments.len();
    let (on_eks, on_fargate) = (count(&eks), count(&fargate));
    let text = if on_fargate != 0 && on_fargate != all {
        "Fargate and EC2 compute environments can not be mixed."
    } else if on_eks != 0 && on_eks != all {
        // AWS's text is not known.
        "ECS and EKS compute environments can not be mixed."
    } else {
        match kind {
            Some("EKS") if on_eks != all => "EKS job queue type must have EKS compute environment.",
            Some("ECS_FARGATE") if on_fargate != all => {
                "ECS_FARGATE job queue type must have ECS_FARGATE compute environment."
            }
            Some("ECS") if on_eks != 0 || on_fargate != 0 => "ECS job queue type must have ECS compute environment.",
            _ => return Ok(()),
        }
    };
    Err(Error::invalid(text))
}

#[cfg(test)]
mod tests;
