//! RegisterJobDefinition (spec section 17). Never deduplicated: the same request gives a new revision (`IDEM-3`).

use crate::command::{RegisterJobDefinition, Response};
use crate::engine::Engine;
use crate::entity::{DefinitionId, JobDefinition, Work};
use crate::error::Error;
use crate::validate::{self, Named, Platform};
use longshore_types::{Name, Timestamp};

pub(super) fn apply(
    engine: &mut Engine,
    now: Timestamp,
    mut command: RegisterJobDefinition,
) -> Result<Response, Error> {
    let limits = &engine.config.limits;
    let name = validate::name(Named::Definition, &command.name)?;
    if command.body_bytes > limits.definition_bytes {
        // AWS's text is not known (A21).
        let limit = limits.definition_bytes;
        return Err(Error::invalid(format!("A job definition can have at most {limit} bytes.")));
    }
    let platform = validate::platform(&command.platform_capabilities)?;
    let kind = validate::definition_kind(&command, platform)?;
    let work = work(&mut command, platform)?;
    let consumables = validate::consumable_needs(&command.consumables)?;
    let retry = command.retry.as_ref().map(|input| validate::retry_strategy(input, limits)).transpose()?;
    let timeout_s = validate::timeout(command.timeout_s.flatten())?;
    let scheduling_priority = validate::scheduling_priority(command.scheduling_priority)?;
    validate::tags(&command.tags, limits)?;
    let id = DefinitionId { revision: next_revision(engine, &name), name };
    engine.put_definition(JobDefinition {
        id: id.clone(),
        active: true,
        kind,
        parameters: command.parameters,
        scheduling_priority,
        work,
        retry,
        timeout_s,
        propagate_tags: command.propagate_tags,
        platform_capabilities: command.platform_capabilities,
        consumables,
        tags: command.tags,
        registered_at: now,
        deregistered_at: None,
        document: command.document,
    });
    Ok(Response::Registered(id))
}

/// What its jobs run; `None` for what nothing here can run.
fn work(command: &mut RegisterJobDefinition, platform: Platform) -> Result<Option<Work>, Error> {
    if let Some(container) = &command.container {
        return validate::container(container, platform).map(|container| Some(Work::Container(container)));
    }
    if let Some(nodes) = command.document.0.get("nodeProperties") {
        return validate::node_properties(nodes).map(|nodes| Some(Work::Nodes(nodes)));
    }
    if let Some(task) = command.document.0.remove("ecsProperties") {
        return validate::ecs_properties(&task, platform).map(|task| Some(Work::Task(task)));
    }
    let Some(mut eks) = command.document.0.remove("eksProperties") else { return Ok(None) };
    validate::eks_definition(command.propagate_tags, &command.platform_capabilities)?;
    validate::pod(eks["podProperties"].take()).map(|pod| Some(Work::Pod(pod)))
}

/// One more than the highest of this name, INACTIVE ones included (`JD-1`).
fn next_revision(engine: &Engine, name: &Name) -> u32 {
    let first = DefinitionId { name: name.clone(), revision: 0 };
    let last = DefinitionId { name: name.clone(), revision: u32::MAX };
    engine.definitions.range(first..=last).next_back().map_or(1, |(id, _)| id.revision + 1)
}

#[cfg(test)]
mod tests;
