//! UpdateServiceEnvironment (`SVC-1`). Absent members stay as they are.

use super::transition;
use crate::command::{Response, UpdateServiceEnvironment};
use crate::engine::Engine;
use crate::entity::ResourceStatus;
use crate::error::Error;
use crate::{services, validate};
use longshore_types::{Name, Timestamp};

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: UpdateServiceEnvironment) -> Result<Response, Error> {
    let known = command.name.parse().ok().and_then(|name: Name| engine.services.environments.get(&name));
    // AWS's text is not known; this is the one of queues.
    let known = known.ok_or_else(|| Error::invalid(format!("ServiceEnvironment {} not found.", command.name)))?;
    transition::check_update(&engine.config, known.status)?;
    let mut row = known.clone();
    if let Some(state) = validate::state(command.state.as_deref())? {
        row.state = state;
    }
    if let Some(limits) = command.capacity_limits {
        validate::capacity_limits(&limits)?;
        row.capacity_limits = limits;
    }
    let name = row.name.clone();
    services::environment_enters(engine, now, row, ResourceStatus::Updating);
    Ok(Response::Named(name))
}
