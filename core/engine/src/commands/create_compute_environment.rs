//! CreateComputeEnvironment (spec section 18.1). There is nothing to build: the environment is
//! CREATING for as long as clients are to see it, and takes work from the start.

use crate::command::{CreateComputeEnvironment, Response};
use crate::engine::Engine;
use crate::entity::{ComputeEnvironment, ResourceState, ResourceStatus};
use crate::error::Error;
use crate::lifecycle;
use crate::validate::{self, Named};
use longshore_types::{Document, JobId, Timestamp};

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
    check_cluster(engine, &command)?;
    // Environments have UUIDs of the same form as jobs.
    let uuid = JobId::from_random(engine.ids.next_u128()).to_string();
    let environment = ComputeEnvironment {
        name: name.clone(),
        uuid,
        managed: compute.is_some(),
        state: ResourceState::Enabled,
        status: ResourceStatus::Creating,
        status_reason: String::new(),
        unmanaged_vcpus: command.unmanaged_vcpus,
        service_role: command.service_role,
        compute,
        tags: command.tags,
        created_at: now,
        document: command.document,
        settles_at: None,
        replacement: None,
    };
    let settle_ms = if command.valid_at_once { 0 } else { engine.config.environment_settle_ms };
    lifecycle::environment_enters(engine, now, environment, (ResourceStatus::Creating, settle_ms));
    Ok(Response::Named(name))
}

/// Spec section 25; AWS's text is not known (A21).
fn check_cluster(engine: &Engine, command: &CreateComputeEnvironment) -> Result<(), Error> {
    let cluster = |document: &Document| document.0.get("eksConfiguration")?.get("eksClusterArn").cloned();
    let Some(wanted) = cluster(&command.document) else { return Ok(()) };
    let limit = engine.config.limits.environments_per_eks_cluster;
    let there = engine.environments.values().filter(|other| cluster(&other.document).as_ref() == Some(&wanted)).count();
    if there < limit {
        return Ok(());
    }
    Err(Error::invalid(format!("An EKS cluster can have at most {limit} compute environments.")))
}

#[cfg(test)]
mod tests;
