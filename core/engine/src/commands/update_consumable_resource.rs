//! UpdateConsumableResource (`CR-3`). The same update with the same client token is made once (`IDEM-2`).

use crate::command::{Response, UpdateConsumableResource};
use crate::consumables::updated_total;
use crate::engine::Engine;
use crate::entity::{ConsumableResource, ConsumableUpdate};
use crate::error::Error;
use crate::validate;
use longshore_types::{Name, Timestamp};

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: UpdateConsumableResource) -> Result<Response, Error> {
    let (operation, quantity) = validate::quantity_update(&command)?;
    let known = command.name.parse().ok().and_then(|name: Name| engine.consumables.get(&name));
    let not_found = || Error::invalid(format!("ConsumableResource {} not found.", command.name));
    let resource = known.ok_or_else(not_found)?.clone();
    let update = command.client_token.map(|token| ConsumableUpdate {
        resource: resource.name.clone(),
        token,
        operation,
        quantity,
        at: now,
    });
    if let Some(update) = &update
        && was_made(engine, update)?
    {
        return Ok(Response::Quantity { total: resource.shown_total(), name: resource.name });
    }
    let total = updated_total(&resource, operation, quantity).ok_or_else(validate::negative_total)?;
    let resource = ConsumableResource { total, ..resource };
    let response = Response::Quantity { name: resource.name.clone(), total: resource.shown_total() };
    engine.put_consumable(resource);
    if let Some(update) = update {
        engine.remember_update(update);
    }
    Ok(response)
}

/// Whether this very update was made within the window already. A token that came with something else is refused, in
/// words of our own.
fn was_made(engine: &Engine, update: &ConsumableUpdate) -> Result<bool, Error> {
    let Some(made) = engine.consumables.update(&update.resource, &update.token, update.at) else { return Ok(false) };
    if (made.operation, made.quantity) == (update.operation, update.quantity) {
        return Ok(true);
    }
    Err(Error::invalid(format!("clientToken {} was used for a different update.", update.token)))
}

#[cfg(test)]
mod tests;
