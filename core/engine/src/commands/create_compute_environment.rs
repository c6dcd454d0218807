//! CreateComputeEnvironment.

use crate::command::{CreateComputeEnvironment, Response};
use crate::engine::Engine;
use crate::error::Error;
use longshore_types::Timestamp;

pub(super) fn apply(
    _engine: &mut Engine,
    _now: Timestamp,
    _command: CreateComputeEnvironment,
) -> Result<Response, Error> {
    Err(Error::invalid("CreateComputeEnvironment is being written"))
}
