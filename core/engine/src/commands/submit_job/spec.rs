//! The resolved spec of a submission. Jobs that change nothing of their definition share one.

use crate::command::SubmitJob;
use crate::engine::Engine;
use crate::entity::{Container, DefinitionId, JobDefinition, JobSpec};
use crate::error::Error;
use crate::lifecycle::HOST_IMAGE;
use crate::{resolve, validate};
use std::sync::Arc;

pub(super) fn resolve(engine: &mut Engine, id: &DefinitionId, command: &SubmitJob) -> Result<Arc<JobSpec>, Error> {
    let Some(definition) = engine.definitions.get(id) else { return Err(Error::invalid("no such definition")) };
    let container = check_kind(definition, command)?;
    check_runtime(engine, container)?;
    let plain = command.parameters.is_empty()
        && command.container_overrides.is_none()
        && command.retry.is_none()
        && command.timeout_s.is_none();
    if plain && let Some(spec) = engine.plain_specs.get(id) {
        return Ok(Arc::clone(spec));
    }
    let spec = Arc::new(build(engine, definition, container, command)?);
    if plain {
        engine.plain_specs.insert(id.clone(), Arc::clone(&spec));
    }
    Ok(spec)
}

/// `SUB-11`: overrides must fit the kind of the definition.
fn check_kind<'a>(definition: &'a JobDefinition, command: &SubmitJob) -> Result<&'a Container, Error> {
    if let Some(member) = command.other_overrides.first() {
        return Err(Error::invalid(format!("{member} should not be set for containerProperties jobs.")));
    }
    definition.container.as_ref().ok_or_else(|| {
        let kind = definition.document.0.keys().next().map_or("such", String::as_str);
        Error::invalid(format!("Jobs of definitions with {kind} cannot be submitted to this version of Longshore."))
    })
}

/// The operator decides whether jobs may be processes of the host.
fn check_runtime(engine: &Engine, container: &Container) -> Result<(), Error> {
    if container.image != HOST_IMAGE || engine.config.allow_host_runtime {
        return Ok(());
    }
    Err(Error::invalid(
        "Jobs with the image host are not allowed on this server. Its operator can allow them with --allow-host-runtime.",
    ))
}

fn build(
    engine: &Engine,
    definition: &JobDefinition,
    container: &Container,
    command: &SubmitJob,
) -> Result<JobSpec, Error> {
    let limits = &engine.config.limits;
    let mut container = match &command.container_overrides {
        None => container.clone(),
        Some(overrides) => {
            if overrides.json_chars > limits.override_chars {
                let limit = limits.override_chars;
                return Err(Error::invalid(format!("Container Overrides length must be at most {limit}")));
            }
            if overrides.command.iter().flatten().any(String::is_empty) {
                return Err(Error::invalid("Container Overrides command must not contain an empty string."));
            }
            validate::environment(&overrides.environment)?;
            let platform = validate::platform(&definition.platform_capabilities)?;
            let requirements = validate::resource_requirements(&overrides.resource_requirements, platform)?;
            resolve::apply_overrides(container, overrides, &requirements)
        }
    };
    let mut parameters = definition.parameters.clone();
    parameters.extend(command.parameters.clone());
    container.command = resolve::substitute(&container.command, &parameters)?;
    let retry = match &command.retry {
        None => definition.retry.clone(),
        Some(retry) => Some(validate::retry_strategy(retry, limits)?),
    };
    let timeout_s = match command.timeout_s {
        None => definition.timeout_s,
        Some(timeout) => validate::timeout(timeout)?,
    };
    let demand = container.demand();
    let platform_capabilities = definition.platform_capabilities.clone();
    Ok(JobSpec { container, parameters, retry, timeout_s, platform_capabilities, demand })
}
