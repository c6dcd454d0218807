//! CreateServiceEnvironment (`SVC-1`).

use crate::command::{CreateServiceEnvironment, Response};
use crate::engine::Engine;
use crate::entity::{ResourceState, ResourceStatus, ServiceEnvironment};
use crate::error::Error;
use crate::services;
use crate::validate::{self, Named};
use longshore_types::Timestamp;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: CreateServiceEnvironment) -> Result<Response, Error> {
    let limits = &engine.config.limits;
    let name = validate::name(Named::ServiceEnvironment, &command.name)?;
    validate::service_type(&command.kind)?;
    let state = validate::state(command.state.as_deref())?.unwrap_or(ResourceState::Enabled);
    validate::capacity_limits(&command.capacity_limits)?;
    validate::tags(&command.tags, limits)?;
    if engine.services.environments.contains_key(&name) {
        return Err(Error::AlreadyExists);
    }
    let most = limits.service_environments;
    if engine.services.environments.len() >= most {
        // AWS's text is not known (A21).
        return Err(Error::invalid(format!("An account can have at most {most} service environments.")));
    }
    let row = ServiceEnvironment {
        name: name.clone(),
        kind: command.kind,
        state,
        status: ResourceStatus::Creating,
        capacity_limits: command.capacity_limits,
        tags: command.tags,
        created_at: now,
        settles_at: None,
    };
    services::environment_enters(engine, now, row, ResourceStatus::Creating);
    Ok(Response::Named(name))
}
