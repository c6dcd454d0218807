//! DeregisterJobDefinition (`JD-3`).

use crate::command::Response;
use crate::engine::Engine;
use crate::entity::DefinitionId;
use longshore_types::Timestamp;

pub(super) fn apply(_engine: &mut Engine, _now: Timestamp, _id: &DefinitionId) -> Response {
    Response::Done
}
