//! Definitions that were deregistered long ago are removed (spec section 25). Jobs go on: what they run is their own.

use crate::command::Response;
use crate::engine::Engine;
use crate::entity::DefinitionId;
use longshore_types::Timestamp;

/// The most that are removed at once, so that no commit is long.
const AT_ONCE: usize = 256;

pub(super) fn apply(engine: &mut Engine, before: Timestamp) -> Response {
    let mut due: Vec<DefinitionId> = engine
        .definitions
        .values()
        .filter(|definition| definition.deregistered_at.is_some_and(|at| at < before))
        .map(|definition| definition.id.clone())
        .filter(|id| engine.definitions.range(id..).nth(1).is_some_and(|(next, _)| next.name == id.name))
        .take(AT_ONCE + 1)
        .collect();
    let more = due.len() > AT_ONCE;
    due.truncate(AT_ONCE);
    for id in due {
        engine.delete_definition(&id);
    }
    Response::Forgotten { more }
}

#[cfg(test)]
mod tests;
