//! DeleteComputeEnvironment (`CE-20`). An environment that does not exist counts as deleted (`IDEM-5`).

use super::transition;
use crate::command::Response;
use crate::engine::Engine;
use crate::entity::{Replacement, ResourceState, ResourceStatus};
use crate::error::Error;
use crate::lifecycle;
use longshore_types::{Name, Timestamp};

pub(super) fn apply(engine: &mut Engine, now: Timestamp, name: &str) -> Result<Response, Error> {
    let known = name.parse().ok().and_then(|name: Name| engine.environments.get(&name));
    let known = known.filter(|environment| environment.status != ResourceStatus::Deleting);
    let Some(environment) = known else { return Ok(Response::Done) };
    if environment.state != ResourceState::Disabled {
        return Err(Error::invalid("Cannot delete, state must be DISABLED"));
    }
    transition::check_delete(environment.status)?;
    let mut environment = environment.clone();
    let name = environment.name.clone();
    let mut orders = engine.queues.values().flat_map(|queue| &queue.environments);
    if orders.any(|entry| entry.environment == name) {
        return Err(Error::invalid("Cannot delete, found existing JobQueue relationship"));
    }
    // Fargate tasks are waited for by whoever deletes; EC2 instances go with what runs on them.
    environment.replacement = (!environment.is_fargate()).then_some(Replacement { since: now, stop_at: Some(now) });
    let settle_ms = engine.config.environment_settle_ms;
    lifecycle::environment_enters(engine, now, environment, (ResourceStatus::Deleting, settle_ms));
    Ok(Response::Done)
}

#[cfg(test)]
mod tests;
