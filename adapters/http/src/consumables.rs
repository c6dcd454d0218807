//! Operations on consumable resources, and how what jobs need of them is written.

mod create_consumable_resource;
mod delete_consumable_resource;
mod describe_consumable_resource;
mod list_consumable_resources;
mod list_jobs_by_consumable_resource;
mod properties;
mod update_consumable_resource;

pub(crate) use create_consumable_resource::create_consumable_resource;
pub(crate) use delete_consumable_resource::delete_consumable_resource;
pub(crate) use describe_consumable_resource::describe_consumable_resource;
pub(crate) use list_consumable_resources::list_consumable_resources;
pub(crate) use list_jobs_by_consumable_resource::list_jobs_by_consumable_resource;
pub(crate) use properties::{consumable_inputs, consumable_properties};
pub(crate) use update_consumable_resource::update_consumable_resource;

use crate::failure::Failure;
use longshore_api_batch::types::KeyValuesPair;

/// What ARNs of consumable resources say after the account.
const KIND: &str = "consumable-resource";

/// Quantities as the API writes them.
fn quantity(quantity: u64) -> Option<i64> {
    Some(i64::try_from(quantity).unwrap_or(i64::MAX))
}

/// The text of the engine for changes of a resource that there is not.
fn not_found(text: &str) -> Failure {
    Failure::Refused { text: format!("ConsumableResource {text} not found.") }
}

/// The filter of a listing that knows these; AWS's texts are not known.
fn filter<'a>(filters: &'a [KeyValuesPair], known: &[&str]) -> Result<Option<(&'a str, &'a [String])>, Failure> {
    let filter = match filters {
        [] => return Ok(None),
        [filter] => filter,
        _ => return Err(Failure::client("Only one filter can be used at a time.")),
    };
    let name = filter.name.as_deref().unwrap_or_default();
    let values = filter.values.as_deref().unwrap_or_default();
    if !known.contains(&name) {
        return Err(Failure::client(format!("The filter {name} is not known. Filters are {}.", known.join(" and "))));
    }
    if values.is_empty() {
        return Err(Failure::client(format!("The filter {name} needs at least one value.")));
    }
    Ok(Some((name, values)))
}

#[cfg(test)]
mod tests;
