//! SubmitJob.

use crate::command::{Response, SubmitJob};
use crate::engine::Engine;
use crate::error::Error;
use longshore_types::Timestamp;

pub(super) fn apply(_engine: &mut Engine, _now: Timestamp, _command: SubmitJob) -> Result<Response, Error> {
    Err(Error::invalid("SubmitJob is being written"))
}
