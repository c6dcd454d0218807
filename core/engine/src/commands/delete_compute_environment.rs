//! DeleteComputeEnvironment (`CE-20`).

use crate::command::Response;
use crate::engine::Engine;
use crate::error::Error;

pub(super) fn apply(_engine: &mut Engine, _name: &str) -> Result<Response, Error> {
    Err(Error::invalid("being written"))
}
