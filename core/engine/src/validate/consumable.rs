//! Consumable resources and what jobs need of them (`CR-1` to `CR-3`).

use super::{Named, name, require};
use crate::command::{ConsumableInput, UpdateConsumableResource};
use crate::entity::{ConsumableKind, ConsumableNeed, QuantityOperation};
use crate::error::Error;
use std::collections::BTreeSet;

/// The most resources that a job needs.
const NEEDS: usize = 5;

/// `totalQuantity` of a creation; nothing at first unless it is said.
pub(crate) fn total_quantity(total: Option<i64>) -> Result<u64, Error> {
    u64::try_from(total.unwrap_or(0)).map_err(|_| negative_total())
}

/// AWS's text.
pub(crate) fn negative_total() -> Error {
    Error::invalid("totalQuantity cannot be a negative number.")
}

/// `resourceType`. AWS's text is not known.
pub(crate) fn consumable_kind(kind: Option<&str>) -> Result<ConsumableKind, Error> {
    match kind {
        None | Some("REPLENISHABLE") => Ok(ConsumableKind::Replenishable),
        Some("NON_REPLENISHABLE") => Ok(ConsumableKind::NonReplenishable),
        Some(other) => Err(Error::invalid(format!(
            "resourceType {other} is not valid. Valid values are: [REPLENISHABLE, NON_REPLENISHABLE]"
        ))),
    }
}

/// What an update is to do, and with how much. AWS's texts are not known.
pub(crate) fn quantity_update(command: &UpdateConsumableResource) -> Result<(QuantityOperation, u64), Error> {
    let operation = match command.operation.as_deref() {
        None | Some("SET") => QuantityOperation::Set,
        Some("ADD") => QuantityOperation::Add,
        Some("REMOVE") => QuantityOperation::Remove,
        Some(other) => {
            return Err(Error::invalid(format!(
                "operation {other} is not valid. Valid values are: [SET, ADD, REMOVE]"
            )));
        }
    };
    let quantity = command.quantity.ok_or_else(|| Error::invalid("quantity is required."))?;
    let quantity = u64::try_from(quantity).map_err(|_| Error::invalid("quantity cannot be a negative number."))?;
    Ok((operation, quantity))
}

/// `consumableResourceList` (`CR-2`). What it names need not exist.
pub(crate) fn consumable_needs(entries: &[ConsumableInput]) -> Result<Vec<ConsumableNeed>, Error> {
    few(entries.len())?;
    let need = |entry: &ConsumableInput| {
        let resource = name(Named::Consumable, &entry.resource)?;
        let quantity = entry.quantity.and_then(|quantity| u64::try_from(quantity).ok()).filter(|number| *number > 0);
        // AWS's text is not known.
        let text = || Error::invalid(format!("The quantity of consumableResource {resource} must be at least 1."));
        Ok(ConsumableNeed { quantity: quantity.ok_or_else(text)?, resource })
    };
    let needs = entries.iter().map(need).collect::<Result<Vec<_>, Error>>()?;
    let names: BTreeSet<_> = needs.iter().map(|need| &need.resource).collect();
    require(names.len() == needs.len(), "Cannot have duplicate consumableResource in consumableResourceProperties")?;
    Ok(needs)
}

/// Those of the definition with those of the submission over them, resource by resource (`RES-2`, `SUB-16`).
pub(crate) fn merged_needs(own: &[ConsumableNeed], over: &[ConsumableNeed]) -> Result<Vec<ConsumableNeed>, Error> {
    let mut merged = own.to_vec();
    for need in over {
        match merged.iter_mut().find(|entry| entry.resource == need.resource) {
            Some(entry) => entry.quantity = need.quantity,
            None => merged.push(need.clone()),
        }
    }
    few(merged.len())?;
    Ok(merged)
}

fn few(count: usize) -> Result<(), Error> {
    require(count <= NEEDS, "Each ConsumableResourceProperty can have at most 5 consumableResources")
}

#[cfg(test)]
mod tests;
