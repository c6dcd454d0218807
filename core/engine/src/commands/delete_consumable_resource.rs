//! DeleteConsumableResource (`CR-4`), at any time. What attempts hold of it is not given back to anything; jobs that need
//! it wait until there is one of that name again. One that does not exist counts as deleted (`IDEM-5`).

use crate::command::Response;
use crate::engine::Engine;
use longshore_types::Name;

pub(super) fn apply(engine: &mut Engine, name: &str) -> Response {
    let name = name.parse().ok().filter(|name: &Name| engine.consumables.get(name).is_some());
    if let Some(name) = name {
        engine.delete_consumable(&name);
    }
    Response::Done
}

#[cfg(test)]
mod tests;
