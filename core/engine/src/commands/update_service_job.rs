//! UpdateServiceJob: the scheduling priority of a job that has not ended (`SVC-4`). AWS's texts are not known.

use crate::command::{Response, UpdateServiceJob};
use crate::engine::Engine;
use crate::error::Error;
use crate::validate;

pub(super) fn apply(engine: &mut Engine, command: &UpdateServiceJob) -> Result<Response, Error> {
    let known = command.job.parse().ok().and_then(|id| engine.services.jobs.get(&id));
    let known = known.ok_or_else(|| Error::invalid(format!("ServiceJob {} not found.", command.job)))?;
    let priority = validate::scheduling_priority(Some(command.scheduling_priority))?;
    if known.status.is_terminal() {
        return Err(Error::invalid(format!("ServiceJob {} has ended and cannot be updated.", command.job)));
    }
    let mut row = known.clone();
    row.scheduling_priority = priority;
    let (id, name) = (row.id, row.name.clone());
    engine.put_service_job(row);
    Ok(Response::Submitted { id, name })
}
