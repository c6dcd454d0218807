//! CreateJobQueue.

use crate::command::{CreateJobQueue, Response};
use crate::engine::Engine;
use crate::error::Error;
use longshore_types::Timestamp;

pub(super) fn apply(_engine: &mut Engine, _now: Timestamp, _command: CreateJobQueue) -> Result<Response, Error> {
    Err(Error::invalid("CreateJobQueue is being written"))
}
