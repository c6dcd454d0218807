//! The resolved spec of a submission. Jobs that change nothing of their definition share one.

mod nodes;
mod work;

use crate::command::SubmitJob;
use crate::engine::Engine;
use crate::entity::{DefinitionId, JobDefinition, JobSpec, Work};
use crate::error::Error;
use crate::lifecycle::HOST_IMAGE;
use crate::validate;
use std::sync::Arc;
use work::Resolution;

pub(super) fn resolve(engine: &mut Engine, id: &DefinitionId, command: &SubmitJob) -> Result<Arc<JobSpec>, Error> {
    let Some(definition) = engine.definitions.get(id) else { return Err(Error::invalid("no such definition")) };
    let work = check_kind(definition, command)?;
    check_runtime(engine, work)?;
    let plain = command.parameters.is_empty()
        && command.container_overrides.is_none()
        && command.task_overrides.is_none()
        && command.node_overrides.is_none()
        && command.consumables.is_empty()
        && command.pod_overrides.is_none()
        && command.retry.is_none()
        && command.timeout_s.is_none();
    if plain && let Some(spec) = engine.plain_specs.get(id) {
        check_consumables(engine, spec)?;
        return Ok(Arc::clone(spec));
    }
    let spec = Arc::new(build(engine, definition, work, command)?);
    check_consumables(engine, &spec)?;
    if plain {
        engine.plain_specs.insert(id.clone(), Arc::clone(&spec));
    }
    Ok(spec)
}

/// `SUB-11`: overrides must fit the kind of the definition; the first text is AWS's.
fn check_kind<'a>(definition: &'a JobDefinition, command: &SubmitJob) -> Result<&'a Work, Error> {
    let (container, task, pod) =
        (command.container_overrides.is_some(), command.task_overrides.is_some(), command.pod_overrides.is_some());
    let members = [("containerOverrides", container), ("ecsPropertiesOverride", task), ("eksPropertiesOverride", pod)];
    let (work, kind, fitting) = match &definition.work {
        Some(Work::Task(_)) if container => {
            return Err(Error::invalid("Container overrides should not be set for ecsProperties jobs."));
        }
        Some(work @ Work::Task(_)) => (Some(work), "ecsProperties", "ecsPropertiesOverride"),
        Some(work @ Work::Container(_)) => (Some(work), "containerProperties", "containerOverrides"),
        Some(work @ Work::Pod(_)) => (Some(work), "eksProperties", "eksPropertiesOverride"),
        Some(work @ Work::Nodes(_)) => (Some(work), "multinode", "nodeOverrides"),
        None => (None, definition.document.0.keys().next().map_or("such", String::as_str), ""),
    };
    // AWS's texts are not known.
    if kind == "multinode" && container {
        return Err(Error::invalid("Container overrides should not be set for multinode jobs."));
    }
    if kind != "multinode" && command.node_overrides.is_some() {
        return Err(Error::invalid("Node overrides should only be set for multinode jobs."));
    }
    let unfit = members.into_iter().find(|(member, given)| *given && work.is_some() && *member != fitting);
    if let Some((member, _)) = unfit {
        return Err(Error::invalid(format!("{member} should not be set for {kind} jobs.")));
    }
    work.ok_or_else(|| {
        Error::invalid(format!("Jobs of definitions with {kind} cannot be submitted to this version of Longshore."))
    })
}

/// The operator decides whether jobs may be processes of the host.
fn check_runtime(engine: &Engine, work: &Work) -> Result<(), Error> {
    let on_the_host = work.containers().iter().any(|container| container.image == HOST_IMAGE);
    if !on_the_host || engine.config.allow_host_runtime {
        return Ok(());
    }
    Err(Error::invalid(
        "Jobs with the image host are not allowed on this server. Its operator can allow them with --allow-host-runtime.",
    ))
}

fn build(engine: &Engine, definition: &JobDefinition, work: &Work, command: &SubmitJob) -> Result<JobSpec, Error> {
    let limits = &engine.config.limits;
    let mut parameters = definition.parameters.clone();
    parameters.extend(command.parameters.clone());
    let platform = validate::platform(&definition.platform_capabilities)?;
    let work = Resolution { parameters: &parameters, platform, limits }.work(work, command)?;
    let retry = match &command.retry {
        None => definition.retry.clone(),
        Some(retry) => Some(validate::retry_strategy(retry, limits)?),
    };
    let timeout_s = match command.timeout_s {
        None => definition.timeout_s,
        Some(timeout) => validate::timeout(timeout)?,
    };
    let consumables =
        validate::merged_needs(&definition.consumables, &validate::consumable_needs(&command.consumables)?)?;
    let demand = work.demand();
    let platform_capabilities = definition.platform_capabilities.clone();
    Ok(JobSpec { work, parameters, retry, timeout_s, platform_capabilities, consumables, demand })
}

/// Consumable resources have to exist now, so that a slip of the pen does not wait for ever. AWS's text is not known.
fn check_consumables(engine: &Engine, spec: &JobSpec) -> Result<(), Error> {
    match spec.consumables.iter().find(|need| engine.consumables.get(&need.resource).is_none()) {
        Some(need) => Err(Error::invalid(format!("ConsumableResource {} not found.", need.resource))),
        None => Ok(()),
    }
}
