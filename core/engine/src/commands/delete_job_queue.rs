//! DeleteJobQueue (`JQ-10`).

use crate::command::Response;
use crate::engine::Engine;
use crate::error::Error;
use longshore_types::Timestamp;

pub(super) fn apply(_engine: &mut Engine, _now: Timestamp, _name: &str) -> Result<Response, Error> {
    Err(Error::invalid("being written"))
}
