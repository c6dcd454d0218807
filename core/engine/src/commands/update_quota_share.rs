//! UpdateQuotaShare (`SVC-4`). Absent members stay as they are.

use super::transition;
use crate::command::{Response, UpdateQuotaShare};
use crate::engine::Engine;
use crate::entity::ResourceStatus;
use crate::error::Error;
use crate::{services, validate};
use longshore_types::Timestamp;

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: UpdateQuotaShare) -> Result<Response, Error> {
    let known = engine.services.shares.get(&command.id);
    // AWS's text is not known; this is the one of queues.
    let known = known.ok_or_else(|| Error::invalid(format!("QuotaShare {} not found.", command.id.name)))?;
    transition::check_update(&engine.config, known.status)?;
    let mut row = known.clone();
    if let Some(state) = validate::state(command.state.as_deref())? {
        row.state = state;
    }
    if let Some(limits) = command.capacity_limits {
        validate::capacity_limits(&limits)?;
        row.capacity_limits = limits;
    }
    row.document.0.extend(command.document.0);
    row.document = validate::quota_share(row.document)?;
    services::share_enters(engine, now, row, ResourceStatus::Updating);
    Ok(Response::QuotaShare(command.id))
}
