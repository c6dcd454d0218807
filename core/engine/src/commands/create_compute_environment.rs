//! CreateComputeEnvironment (spec section 18.1). There is nothing to wait for: the environment is VALID at once.

use crate::command::{CreateComputeEnvironment, Response};
use crate::engine::Engine;
use crate::entity::{ComputeEnvironment, ResourceState, ResourceStatus};
use crate::error::Error;
use crate::validate::{self, Named};
use longshore_types::{JobId, Timestamp};

/// Status reason of an environment that can be used (`CE-9`).
const HEALTHY: &str = "ComputeEnvironment Healthy";

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: CreateComputeEnvironment) -> Result<Response, Error> {
    let limits = &engine.config.limits;
    let name = validate::name(Named::Environment, &command.name)?;
    let compute = validate::created_environment(&command)?;
    validate::tags(&command.tags, limits)?;
    if engine.environments.contains_key(&name) {
        return Err(Error::AlreadyExists);
    }
    if engine.environments.len() >= limits.environments {
        // AWS's text is not known (A21).
        return Err(Error::invalid(format!(
            "An account can have at most {} compute environments.",
            limits.environments
        )));
    }
    // Environments have UUIDs of the same form as jobs.
    let uuid = JobId::from_random(engine.ids.next_u128()).to_string();
    engine.put_environment(ComputeEnvironment {
        name: name.clone(),
        uuid,
        managed: compute.is_some(),
        state: ResourceState::Enabled,
        status: ResourceStatus::Valid,
        status_reason: HEALTHY.into(),
        unmanaged_vcpus: command.unmanaged_vcpus,
        service_role: command.service_role,
        compute,
        tags: command.tags,
        created_at: now,
        document: command.document,
    });
    Ok(Response::Named(name))
}

#[cfg(test)]
mod tests;
