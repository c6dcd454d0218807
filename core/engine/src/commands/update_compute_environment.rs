//! UpdateComputeEnvironment.

use crate::command::{Response, UpdateComputeEnvironment};
use crate::engine::Engine;
use crate::error::Error;

pub(super) fn apply(_engine: &mut Engine, _command: UpdateComputeEnvironment) -> Result<Response, Error> {
    Err(Error::invalid("UpdateComputeEnvironment is being written"))
}
