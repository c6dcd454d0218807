//! TerminateServiceJob (`TER-1`). Unknown jobs and jobs that have ended are answered like any other (A15).

use crate::command::{EndServiceJob, Response};
use crate::engine::Engine;
use crate::error::Error;
use crate::services;
use longshore_types::Timestamp;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: &EndServiceJob) -> Result<Response, Error> {
    let limit = engine.config.limits.reason_chars;
    if command.reason.chars().count() > limit {
        return Err(Error::invalid(format!("reason must be at most {limit} characters long.")));
    }
    if let Some(id) = command.job {
        services::end(engine, now, id, &command.reason);
    }
    Ok(Response::Done)
}
