//! DeregisterJobDefinition (`JD-3`). Jobs that use the revision run on; a revision that is unknown or INACTIVE already is
//! answered like one that was ACTIVE (`IDEM-5`).

use crate::command::Response;
use crate::engine::Engine;
use crate::entity::DefinitionId;
use longshore_types::Timestamp;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, id: &DefinitionId) -> Response {
    if let Some(definition) = engine.definitions.get(id).filter(|definition| definition.active) {
        let mut definition = definition.clone();
        definition.active = false;
        definition.deregistered_at = Some(now);
        engine.put_definition(definition);
    }
    Response::Done
}
