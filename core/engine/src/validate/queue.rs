//! Job queues (spec sections 19 and 26.3), as far as they can be judged by themselves.

use super::{SERVICE_TYPE, require};
use crate::command::EnvironmentOrderInput;
use crate::entity::ResourceState;
use crate::error::Error;
use longshore_types::Limits;
use serde_json::Value;
use std::collections::BTreeSet;

/// `state` of a queue or environment, if one is given.
pub(crate) fn state(text: Option<&str>) -> Result<Option<ResourceState>, Error> {
    let states = [ResourceState::Enabled, ResourceState::Disabled];
    let Some(text) = text else { return Ok(None) };
    let unknown = || Error::invalid(format!("State {text} is not valid. Valid states: [ENABLED, DISABLED]"));
    states.into_iter().find(|state| state.as_str() == text).map(Some).ok_or_else(unknown)
}

/// `priority` (`JQ-3`, A17); AWS's text is not known.
pub(crate) fn priority(priority: i64) -> Result<i64, Error> {
    require(priority >= 0, "Job queue priority must be greater than or equal to 0.")?;
    Ok(priority)
}

/// `computeEnvironmentOrder` (`JQ-1`, `JQ-2`).
pub(crate) fn environment_order(entries: &[EnvironmentOrderInput], limits: &Limits) -> Result<(), Error> {
    require(!entries.is_empty(), "computeEnvironmentOrder is required.")?;
    let most = limits.environments_per_queue;
    require(entries.len() <= most, format!("Only {most} environments are allowed in job queue request."))?;
    let names: BTreeSet<&str> = entries.iter().map(|entry| entry.environment.as_str()).collect();
    require(names.len() == entries.len(), "Duplicate ComputeEnvironments within order list.")?;
    let orders: BTreeSet<i64> = entries.iter().map(|entry| entry.order).collect();
    require(orders.len() == entries.len(), "Duplicate ComputeEnvironment order values.")
}

/// The reasons that an action can be for, as AWS codes them (`SCH-12`).
const REASONS: [&str; 3] = [
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
];

/// `jobStateTimeLimitActions` of a queue of this type (`SCH-12`): container jobs are cancelled, service jobs terminated. Only the
/// texts about actions and duplicates are AWS's.
pub(crate) fn time_limit_actions(kind: Option<&str>, actions: &Value, limits: &Limits) -> Result<(), Error> {
    let least = u64::from(limits.time_limit_seconds);
    let valid = if kind == Some(SERVICE_TYPE) { "TERMINATE" } else { "CANCEL" };
    let actions = actions.as_array().map_or(&[][..], Vec::as_slice);
    let mut reasons = BTreeSet::new();
    for action in actions {
        require(action["action"] == valid, format!("Invalid job action. Valid job actions: [{valid}]"))?;
        let state = action["state"].as_str().unwrap_or_default();
        require(state == "RUNNABLE", format!("Invalid job state {state}. Valid job states: [RUNNABLE]"))?;
        let in_range = action["maxTimeSeconds"].as_u64().is_some_and(|seconds| (least..=86_400).contains(&seconds));
        require(in_range, format!("maxTimeSeconds must be between {least} and 86400."))?;
        let reason = action["reason"].as_str().unwrap_or_default();
        let known = format!("Invalid job state limit reason {reason}. Valid reasons: [{}]", REASONS.join(", "));
        require(REASONS.contains(&reason), known)?;
        require(reasons.insert(reason), "Duplicate job state limit actions are not allowed.")?;
    }
    Ok(())
}

/// `jobQueueType` and the orders of both kinds of environments (`JQ-5`, `SVC-2`).
pub(crate) fn queue_type(
    kind: Option<&str>,
    (environments, services): (usize, usize),
    limits: &Limits,
) -> Result<(), Error> {
    let training = kind == Some(SERVICE_TYPE);
    require(!training || services > 0, "Job queues of type SAGEMAKER_TRAINING must have serviceEnvironmentOrder.")?;
    if services == 0 {
        return Ok(());
    }
    let kind = kind.unwrap_or(SERVICE_TYPE);
    let text = format!(
        "The jobQueueType provided is {kind}, which is incompatible with the provided serviceEnvironmentOrder."
    );
    require(kind == SERVICE_TYPE, text)?;
    let most = limits.service_environments_per_queue;
    require(services <= most, format!("Job queue can only have {most} service environment."))?;
    // AWS's text is not known.
    require(environments == 0, "computeEnvironmentOrder and serviceEnvironmentOrder cannot be used together.")
}

#[cfg(test)]
mod tests;
