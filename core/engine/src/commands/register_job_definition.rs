//! RegisterJobDefinition.

use crate::command::{RegisterJobDefinition, Response};
use crate::engine::Engine;
use crate::error::Error;
use longshore_types::Timestamp;

pub(super) fn apply(_engine: &mut Engine, _now: Timestamp, _command: RegisterJobDefinition) -> Result<Response, Error> {
    Err(Error::invalid("RegisterJobDefinition is being written"))
}
