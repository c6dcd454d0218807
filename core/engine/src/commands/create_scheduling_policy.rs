//! CreateSchedulingPolicy (`FSS-1`).

use crate::command::{CreateSchedulingPolicy, Response};
use crate::engine::Engine;
use crate::entity::SchedulingPolicy;
use crate::error::Error;
use crate::validate::{self, Named};
use longshore_types::Timestamp;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: CreateSchedulingPolicy) -> Result<Response, Error> {
    let name = validate::name(Named::Policy, &command.name)?;
    let kind = validate::policy_kind(&command)?;
    validate::tags(&command.tags, &engine.config.limits)?;
    if engine.policies.contains_key(&name) {
        return Err(Error::AlreadyExists);
    }
    engine.put_policy(SchedulingPolicy { name: name.clone(), kind, tags: command.tags, created_at: now });
    Ok(Response::Named(name))
}

#[cfg(test)]
mod tests;
