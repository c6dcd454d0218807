//! CancelJob and TerminateJob (spec section 10).

use crate::command::{EndJob, Response};
use crate::engine::Engine;
use crate::error::Error;
use longshore_types::Timestamp;

pub(super) fn cancel(_engine: &mut Engine, _now: Timestamp, _command: &EndJob) -> Result<Response, Error> {
    Ok(Response::Done)
}

pub(super) fn terminate(_engine: &mut Engine, _now: Timestamp, _command: &EndJob) -> Result<Response, Error> {
    Ok(Response::Done)
}
