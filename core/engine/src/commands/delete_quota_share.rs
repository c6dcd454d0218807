//! DeleteQuotaShare (`SVC-4`). One that does not exist counts as deleted (`IDEM-5`).

use super::transition;
use crate::command::Response;
use crate::engine::Engine;
use crate::entity::{QuotaShareId, ResourceState, ResourceStatus, ServiceJob};
use crate::error::Error;
use crate::services;
use longshore_types::Timestamp;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, id: &QuotaShareId) -> Result<Response, Error> {
    let known = engine.services.shares.get(id).filter(|row| row.status != ResourceStatus::Deleting);
    let Some(row) = known else { return Ok(Response::Done) };
    if row.state != ResourceState::Disabled {
        return Err(Error::invalid("Cannot delete, state must be DISABLED"));
    }
    let waits = |job: &ServiceJob| {
        !job.status.is_terminal() && job.queue == id.queue && job.quota_share.as_ref() == Some(&id.name)
    };
    if engine.services.jobs.values().any(waits) {
        // AWS's text is not known; this has the form of the ones for environments.
        return Err(Error::invalid("Cannot delete, found existing ServiceJob relationship"));
    }
    transition::check_delete(row.status)?;
    let row = row.clone();
    services::share_enters(engine, now, row, ResourceStatus::Deleting);
    Ok(Response::Done)
}
