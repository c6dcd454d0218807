//! UpdateJobQueue (`JQ-8`). Absent members stay; jobs in the queue are scheduled by the new ones from now on.

use super::create_job_queue::{environments, service_environments};
use super::{scheduling_policy, transition};
use crate::command::{EnvironmentOrderInput, Response, UpdateJobQueue};
use crate::engine::Engine;
use crate::entity::ResourceStatus;
use crate::error::Error;
use crate::lifecycle;
use crate::validate;
use longshore_types::{Name, Timestamp};
use serde_json::Value;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: UpdateJobQueue) -> Result<Response, Error> {
    let known = command.name.parse().ok().and_then(|name: Name| engine.queues.get(&name));
    let known = known.ok_or_else(|| Error::invalid(format!("JobQueue {} not found.", command.name)))?;
    transition::check_update(&engine.config, known.status)?;
    let mut queue = known.clone();
    if let Some(state) = validate::state(command.state.as_deref())? {
        queue.state = state;
    }
    if let Some(priority) = command.priority {
        queue.priority = validate::priority(priority)?;
    }
    let kind = queue.document.0.get("jobQueueType").and_then(Value::as_str);
    let kind = if queue.is_service() { Some(validate::SERVICE_TYPE) } else { kind };
    let count = |given: &Option<Vec<EnvironmentOrderInput>>, kept: usize| given.as_ref().map_or(kept, Vec::len);
    let environments_after = count(&command.environments, queue.environments.len());
    let services_after = count(&command.service_environments, queue.service_environments.len());
    validate::queue_type(kind, (environments_after, services_after), &engine.config.limits)?;
    if let Some(entries) = command.environments.as_ref().filter(|entries| !queue.is_service() || !entries.is_empty()) {
        queue.environments = environments(engine, entries, kind)?;
    }
    if let Some(entries) = &command.service_environments {
        queue.service_environments = service_environments(engine, &queue.name, entries)?;
    }
    let member = |name: &str| command.document.0.get(name).unwrap_or(&Value::Null);
    if let Some(policy) = scheduling_policy::of_queue(engine, command.scheduling_policy.as_ref(), kind)? {
        // AWS's text is not known.
        let first =
            || Error::invalid("A scheduling policy cannot be added to a job queue that was created without one.");
        queue.scheduling_policy = Some(queue.scheduling_policy.map_or_else(|| Err(first()), |_| Ok(policy))?);
    }
    validate::time_limit_actions(kind, member("jobStateTimeLimitActions"), &engine.config.limits)?;
    queue.document.0.extend(command.document.0);
    let name = queue.name.clone();
    engine.put_queue(queue);
    engine.adopt_policy(&name);
    let settle_ms = engine.config.environment_settle_ms;
    lifecycle::queue_enters(engine, now, &name, (ResourceStatus::Updating, settle_ms));
    Ok(Response::Named(name))
}

#[cfg(test)]
mod tests;
