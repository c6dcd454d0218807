//! CreateQuotaShare (`SVC-4`).

use crate::command::{CreateQuotaShare, Response};
use crate::engine::Engine;
use crate::entity::{QuotaShare, QuotaShareId, ResourceState, ResourceStatus};
use crate::error::Error;
use crate::services;
use crate::validate::{self, Named};
use longshore_types::{Name, Timestamp};

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: CreateQuotaShare) -> Result<Response, Error> {
    let limits = &engine.config.limits;
    let name = validate::name(Named::QuotaShare, &command.name)?;
    let queue = command.queue.parse().ok().and_then(|name: Name| engine.queues.get(&name));
    let queue = queue.filter(|queue| queue.status != ResourceStatus::Deleting);
    let queue = queue.ok_or_else(|| Error::invalid(format!("JobQueue {} not found.", command.queue)))?;
    if !queue.is_service() {
        let text = "Quota Management feature is only supported for SageMaker Training job queues.";
        return Err(Error::invalid(text));
    }
    let state = validate::state(command.state.as_deref())?.unwrap_or(ResourceState::Enabled);
    validate::capacity_limits(&command.capacity_limits)?;
    let document = validate::quota_share(command.document)?;
    validate::tags(&command.tags, limits)?;
    let id = QuotaShareId { queue: queue.name.clone(), name };
    if engine.services.shares.contains_key(&id) {
        return Err(Error::AlreadyExists);
    }
    let most = limits.quota_shares_per_queue;
    if engine.services.shares.keys().filter(|other| other.queue == id.queue).count() >= most {
        // AWS's text is not known (A21).
        return Err(Error::invalid(format!("A job queue can have at most {most} quota shares.")));
    }
    for entry in &queue.service_environments {
        engine.check_shared_out(&entry.environment, &id.queue, true)?;
    }
    let row = QuotaShare {
        id: id.clone(),
        state,
        status: ResourceStatus::Creating,
        capacity_limits: command.capacity_limits,
        document,
        tags: command.tags,
        created_at: now,
        settles_at: None,
    };
    services::share_enters(engine, now, row, ResourceStatus::Creating);
    Ok(Response::QuotaShare(id))
}
