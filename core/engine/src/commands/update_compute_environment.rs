//! UpdateComputeEnvironment (spec section 18.3). Takes effect at once. Attempts that run are disturbed only by a
//! change of infrastructure, and only when the update policy says so (`CE-17`).

use super::transition;
use crate::command::{Response, UpdateComputeEnvironment};
use crate::engine::Engine;
use crate::entity::{ComputeEnvironment, Replacement, ResourceStatus};
use crate::error::Error;
use crate::lifecycle;
use crate::validate;
use longshore_types::{Name, Timestamp};
use serde_json::Value;

/// `jobExecutionTimeoutMinutes` without a policy (`CE-17`).
const DEFAULT_TIMEOUT_MINUTES: u64 = 30;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: UpdateComputeEnvironment) -> Result<Response, Error> {
    let known = command.name.parse().ok().and_then(|name: Name| engine.environments.get(&name));
    // AWS's text is not known; this is the one of queues.
    let known = known.ok_or_else(|| Error::invalid(format!("ComputeEnvironment {} not found.", command.name)))?;
    transition::check_update(&engine.config, known.status)?;
    let mut environment = known.clone();
    check_something(&command)?;
    if let Some(state) = validate::state(command.state.as_deref())? {
        environment.state = state;
    }
    if let Some(update) = &command.compute {
        environment.compute = Some(validate::updated_resources(&environment, update)?);
    }
    if let Some(vcpus) = command.unmanaged_vcpus {
        if environment.managed {
            return Err(Error::invalid("unmanagedvCpus is not applicable to managed Compute Environments"));
        }
        environment.unmanaged_vcpus = Some(vcpus);
    }
    if let Some(role) = &command.service_role {
        check_role(&environment, role)?;
        environment.service_role = Some(role.clone());
    }
    validate::update_policy(&command.document)?;
    environment.document.0.extend(command.document.0);
    if command.compute.as_ref().is_some_and(|update| validate::replaces_infrastructure(&environment, update)) {
        environment.replacement = Some(replacement(&environment, now));
    }
    let name = environment.name.clone();
    let settle_ms = engine.config.environment_settle_ms;
    lifecycle::environment_enters(engine, now, environment, (ResourceStatus::Updating, settle_ms));
    Ok(Response::Named(name))
}

/// How long the attempts that run now may go on, by the update policy: half an hour unless it says otherwise (`CE-17`).
fn replacement(environment: &ComputeEnvironment, now: Timestamp) -> Replacement {
    let policy = environment.document.0.get("updatePolicy").unwrap_or(&Value::Null);
    let minutes = policy["jobExecutionTimeoutMinutes"].as_u64().unwrap_or(DEFAULT_TIMEOUT_MINUTES);
    let at_once = policy["terminateJobsOnUpdate"] == true;
    let stop_at = if at_once { now } else { now.plus_ms(minutes.saturating_mul(60_000)) };
    Replacement { since: now, stop_at: Some(stop_at) }
}

/// `CE-15`. An update of other members alone is accepted, as the commercial regions do.
fn check_something(command: &UpdateComputeEnvironment) -> Result<(), Error> {
    let UpdateComputeEnvironment { state, unmanaged_vcpus, compute, service_role, document, .. } = command;
    let members = state.is_some() || unmanaged_vcpus.is_some() || compute.is_some() || service_role.is_some();
    if members || !document.is_empty() {
        return Ok(());
    }
    Err(Error::invalid("One of [state | compute-resources | service-role | unmanaged-vcpus] is required."))
}

/// `CE-18`; AWS's text is not known.
fn check_role(environment: &ComputeEnvironment, role: &str) -> Result<(), Error> {
    let linked = |role: &str| role.is_empty() || validate::is_service_linked(role);
    let current = environment.service_role.as_deref().unwrap_or_default();
    if !environment.managed || linked(current) == linked(role) {
        return Ok(());
    }
    Err(Error::invalid("The service role cannot be changed between the Batch Service Linked Role and another role."))
}

#[cfg(test)]
mod tests;
