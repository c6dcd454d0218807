//! DeleteServiceEnvironment (`SVC-1`). One that does not exist counts as deleted (`IDEM-5`).

use super::transition;
use crate::command::Response;
use crate::engine::Engine;
use crate::entity::{ResourceState, ResourceStatus};
use crate::error::Error;
use crate::services;
use longshore_types::{Name, Timestamp};

pub(super) fn apply(engine: &mut Engine, now: Timestamp, name: &str) -> Result<Response, Error> {
    let known = name.parse().ok().and_then(|name: Name| engine.services.environments.get(&name));
    let Some(row) = known.filter(|row| row.status != ResourceStatus::Deleting) else { return Ok(Response::Done) };
    if row.state != ResourceState::Disabled {
        return Err(Error::invalid("Cannot delete, state must be DISABLED"));
    }
    let mut orders = engine.queues.values().flat_map(|queue| &queue.service_environments);
    if orders.any(|entry| entry.environment == row.name) {
        return Err(Error::invalid("Cannot delete, found existing JobQueue relationship"));
    }
    transition::check_delete(row.status)?;
    let row = row.clone();
    services::environment_enters(engine, now, row, ResourceStatus::Deleting);
    Ok(Response::Done)
}
