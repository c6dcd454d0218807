//! CreateConsumableResource (`CR-1`). Jobs that wait for a resource of this name wait for this one (`CR-4`).

use crate::command::{CreateConsumableResource, Response};
use crate::engine::Engine;
use crate::entity::ConsumableResource;
use crate::error::Error;
use crate::validate::{self, Named};
use longshore_types::Timestamp;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: CreateConsumableResource) -> Result<Response, Error> {
    let limits = &engine.config.limits;
    let name = validate::name(Named::Consumable, &command.name)?;
    let total = validate::total_quantity(command.total)?;
    let kind = validate::consumable_kind(command.kind.as_deref())?;
    validate::tags(&command.tags, limits)?;
    if engine.consumables.get(&name).is_some() {
        return Err(Error::AlreadyExists);
    }
    let most = limits.consumable_resources;
    if engine.consumables.len() >= most {
        // AWS's text is not known (A21).
        return Err(Error::invalid(format!("An account can have at most {most} consumable resources.")));
    }
    let creation = engine.ids.next_u64();
    let (tags, created_at) = (command.tags, now);
    engine.put_consumable(ConsumableResource {
        name: name.clone(),
        creation,
        kind,
        total,
        in_use: 0,
        tags,
        created_at,
    });
    Ok(Response::Named(name))
}

#[cfg(test)]
mod tests;
