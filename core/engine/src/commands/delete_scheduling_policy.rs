//! DeleteSchedulingPolicy. A policy that does not exist counts as deleted (`IDEM-5`).

use crate::command::{PolicyRef, Response};
use crate::engine::Engine;
use crate::error::Error;

pub(super) fn apply(engine: &mut Engine, policy: &PolicyRef) -> Result<Response, Error> {
    let name = policy.name.as_ref();
    let name = name.ok_or_else(|| Error::invalid("Only scheduling policy Arn can be allowed."))?;
    if engine.queues.values().any(|queue| queue.scheduling_policy.as_ref() == Some(name)) {
        // AWS's text is not known; this has the form of the one of environments.
        return Err(Error::invalid("Cannot delete, found existing JobQueue relationship"));
    }
    if engine.policies.contains_key(name) {
        engine.delete_policy(name);
    }
    Ok(Response::Done)
}

#[cfg(test)]
mod tests;
