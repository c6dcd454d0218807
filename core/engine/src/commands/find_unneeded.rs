//! Which ended jobs nothing needs any more (`ST-6`). The rows of ended jobs are the store's to keep or to drop, but who still
//! depends on them is known here.

use crate::command::Response;
use crate::engine::Engine;
use longshore_types::JobId;

/// What is in memory has not ended, or not durably, or is followed child by child.
pub(super) fn apply(engine: &Engine, mut jobs: Vec<JobId>) -> Response {
    jobs.retain(|id| {
        !engine.jobs.contains_key(id) && !engine.named.contains_key(id) && engine.ended_rows.get(*id).is_none()
    });
    Response::Unneeded(jobs)
}

#[cfg(test)]
mod tests;
