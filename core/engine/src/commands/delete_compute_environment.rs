//! DeleteComputeEnvironment (`CE-20`). An environment that does not exist counts as deleted (`IDEM-5`).

use crate::command::Response;
use crate::engine::Engine;
use crate::entity::ResourceState;
use crate::error::Error;
use longshore_types::Name;

pub(super) fn apply(engine: &mut Engine, name: &str) -> Result<Response, Error> {
    let known = name.parse().ok().and_then(|name: Name| engine.environments.get(&name));
    let Some(environment) = known else { return Ok(Response::Done) };
    if environment.state != ResourceState::Disabled {
        return Err(Error::invalid("Cannot delete, state must be DISABLED"));
    }
    let name = environment.name.clone();
    let mut orders = engine.queues.values().flat_map(|queue| &queue.environments);
    if orders.any(|entry| entry.environment == name) {
        return Err(Error::invalid("Cannot delete, found existing JobQueue relationship"));
    }
    engine.delete_environment(&name);
    Ok(Response::Done)
}

#[cfg(test)]
mod tests;
