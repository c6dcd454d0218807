//! DeleteJobQueue (`JQ-10`). What waits in the queue fails at once; the queue is gone when nothing of it runs
//! any more and clients have seen it go.
//! A queue that does not exist counts as deleted (`IDEM-5`).

use super::transition;
use crate::command::Response;
use crate::engine::Engine;
use crate::entity::{ResourceState, ResourceStatus};
use crate::error::Error;
use crate::{lifecycle, services};
use longshore_types::{Name, Timestamp};

pub(super) fn apply(engine: &mut Engine, now: Timestamp, name: &str) -> Result<Response, Error> {
    let known = name.parse().ok().and_then(|name: Name| engine.queues.get(&name));
    let Some(queue) = known.filter(|queue| queue.status != ResourceStatus::Deleting) else { return Ok(Response::Done) };
    if queue.state != ResourceState::Disabled {
        // AWS's text is not known; this is the one of environments.
        return Err(Error::invalid("Cannot delete, state must be DISABLED"));
    }
    if engine.services.shares.keys().any(|share| share.queue == queue.name) {
        // AWS's text is not known; this has the form of the one for environments.
        return Err(Error::invalid("Cannot delete, found existing QuotaShare relationship"));
    }
    transition::check_delete(queue.status)?;
    let name = queue.name.clone();
    let settle_ms = engine.config.environment_settle_ms;
    lifecycle::queue_enters(engine, now, &name, (ResourceStatus::Deleting, settle_ms));
    // The queue itself is removed when the consequences are drawn, once its last job has ended.
    lifecycle::end_jobs_of_queue(engine, now, &name);
    services::end_jobs_of_queue(engine, now, &name);
    Ok(Response::Done)
}

#[cfg(test)]
mod tests;
