//! UpdateComputeEnvironment (spec section 18.3). Takes effect at once; attempts that run are not disturbed.

use crate::command::{Response, UpdateComputeEnvironment};
use crate::engine::Engine;
use crate::entity::ComputeEnvironment;
use crate::error::Error;
use crate::validate;
use longshore_types::Name;

pub(super) fn apply(engine: &mut Engine, command: UpdateComputeEnvironment) -> Result<Response, Error> {
    let known = command.name.parse().ok().and_then(|name: Name| engine.environments.get(&name));
    // AWS's text is not known; this is the one of queues.
    let known = known.ok_or_else(|| Error::invalid(format!("ComputeEnvironment {} not found.", command.name)))?;
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
    environment.document.0.extend(command.document.0);
    let name = environment.name.clone();
    engine.put_environment(environment);
    Ok(Response::Named(name))
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
