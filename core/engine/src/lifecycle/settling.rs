//! The lives of compute environments and job queues themselves (`CE-9`, `CE-17`, `CE-19`, `CE-20`, `JQ-7`, `JQ-10`).
//!
//! ```text
//! CREATING ─▶ VALID ◀─▶ UPDATING        a moment each, `environment_settle_ms`
//!                │
//!                └─▶ DELETING ─▶ gone   or INVALID, when a Fargate environment still has attempts
//! ```
//!
//! There is nothing to build, so a transition lasts only as long as clients need to see it. An environment whose
//! infrastructure is replaced stays UPDATING until the attempts that it had are over, and stops them when their time is.

use super::transition::with_run;
use crate::effect::Effect;
use crate::engine::{Due, Engine};
use crate::entity::{ComputeEnvironment, ResourceStatus};
use crate::services;
use longshore_types::{AttemptId, Name, Timestamp};
use std::collections::BTreeSet;

/// Status reason of an environment that can be used (`CE-9`).
const ENVIRONMENT_HEALTHY: &str = "ComputeEnvironment Healthy";
/// Status reason of a queue that can be used (`JQ-7`).
const QUEUE_HEALTHY: &str = "JobQueue Healthy";
/// Status reason of attempts that are stopped for an update (spec table 4.1).
const UPDATED: &str = "Job terminated due to compute environment update";
/// Status reason of a Fargate environment that was deleted under its jobs (`CE-20`); AWS's text is not known.
const STILL_RUNS: &str =
    "CLIENT_ERROR - Jobs are still running in the compute environment. Wait until they have ended and delete it again.";

/// Puts an environment into a transition that lasts for so many milliseconds from now; with zero, past it.
pub(crate) fn environment_enters(
    engine: &mut Engine,
    now: Timestamp,
    mut environment: ComputeEnvironment,
    (status, settle_ms): (ResourceStatus, u64),
) {
    let name = environment.name.clone();
    environment.status = status;
    environment.status_reason = String::new();
    environment.settles_at = Some(now.plus_ms(settle_ms));
    if let Some(replacement) = &environment.replacement {
        let attempts = attempts_of(engine, &name, Some(replacement.since));
        engine.outgoing.insert(name.clone(), attempts);
    }
    engine.put_environment(environment);
    settle_environment(engine, now, &name);
}

/// Puts a queue into a transition that lasts for so many milliseconds from now; with zero, past it.
pub(crate) fn queue_enters(
    engine: &mut Engine,
    now: Timestamp,
    name: &Name,
    (status, settle_ms): (ResourceStatus, u64),
) {
    let Some(queue) = engine.queues.get(name) else { return };
    let mut queue = queue.clone();
    queue.status = status;
    queue.status_reason = String::new();
    queue.settles_at = Some(now.plus_ms(settle_ms));
    engine.put_queue(queue);
    settle_queue(engine, now, name);
}

/// Does what is due by the clock.
pub(super) fn tick(engine: &mut Engine, now: Timestamp) {
    while let Some(due) = engine.deadlines.take(now) {
        match due {
            Due::Environment(name) => {
                settle_environment(engine, now, &name);
                let next = engine.environments.get(&name).and_then(|environment| environment.deadline_after(now));
                engine.deadlines.set(Due::Environment(name), next);
            }
            Due::Queue(name) => settle_queue(engine, now, &name),
            Due::Head(queue) => crate::schedule::look(engine, now, &queue),
            Due::Turn(_) => engine.unscheduled = true,
            Due::ServiceEnvironment(name) => services::settle_environment(engine, now, &name),
            Due::QuotaShare(id) => services::settle_share(engine, now, &id),
            Due::ServiceJob(id) => services::forget(engine, id),
            Due::Scaling => crate::scaling::evaluate(engine, now),
        }
    }
}

/// Environments that wait for attempts to be over go on when the last one is.
pub(super) fn finish_replacements(engine: &mut Engine, now: Timestamp) {
    let mut done = Vec::new();
    for (name, attempts) in &mut engine.outgoing {
        while attempts.first().is_some_and(|attempt| !engine.attempts.contains_key(attempt)) {
            attempts.pop_first();
        }
        if attempts.is_empty() {
            done.push(name.clone());
        }
    }
    for name in done {
        settle_environment(engine, now, &name);
    }
}

/// The attempts of an environment, or those placed up to a moment.
pub(crate) fn attempts_of(engine: &Engine, name: &Name, since: Option<Timestamp>) -> BTreeSet<AttemptId> {
    let counts = |(attempt, reference): (&AttemptId, &longshore_types::JobRef)| {
        let run = engine.run(*reference)?;
        let current = run.current.as_ref().filter(|current| current.environment == *name)?;
        since.is_none_or(|since| current.placed_at <= since).then_some(*attempt)
    };
    engine.attempts.iter().filter_map(counts).collect()
}

fn settle_queue(engine: &mut Engine, now: Timestamp, name: &Name) {
    let Some(queue) = engine.queues.get(name) else { return };
    let over = queue.settles_at.is_none_or(|at| at <= now);
    // A queue that is being deleted goes with its last job: `finish_queue_deletions`.
    if !over || !matches!(queue.status, ResourceStatus::Creating | ResourceStatus::Updating) {
        return;
    }
    let mut queue = queue.clone();
    queue.status = ResourceStatus::Valid;
    queue.status_reason = QUEUE_HEALTHY.into();
    queue.settles_at = None;
    engine.put_queue(queue);
}

/// Takes an environment as far as it can go now.
fn settle_environment(engine: &mut Engine, now: Timestamp, name: &Name) {
    stop_outgoing(engine, now, name);
    let Some(environment) = engine.environments.get(name) else { return };
    let over = environment.settles_at.is_none_or(|at| at <= now);
    let held = engine.outgoing.get(name).is_some_and(|attempts| !attempts.is_empty());
    if !over || held {
        return;
    }
    let mut environment = environment.clone();
    environment.settles_at = None;
    environment.replacement = None;
    match environment.status {
        ResourceStatus::Creating | ResourceStatus::Updating => {
            environment.status = ResourceStatus::Valid;
            environment.status_reason = ENVIRONMENT_HEALTHY.into();
        }
        ResourceStatus::Deleting if attempts_of(engine, name, None).is_empty() => {
            engine.delete_environment(name);
            return;
        }
        ResourceStatus::Deleting => {
            environment.status = ResourceStatus::Invalid;
            environment.status_reason = STILL_RUNS.into();
        }
        ResourceStatus::Valid | ResourceStatus::Invalid => return,
    }
    engine.outgoing.remove(name);
    engine.put_environment(environment);
}

/// Stops the attempts that a replacement has given time to, once it is over. They are retried as their jobs say.
fn stop_outgoing(engine: &mut Engine, now: Timestamp, name: &Name) {
    let Some(environment) = engine.environments.get_mut(name) else { return };
    let Some(replacement) = &mut environment.replacement else { return };
    if replacement.stop_at.take_if(|at| *at <= now).is_none() {
        return;
    }
    let deleted = environment.status == ResourceStatus::Deleting;
    let environment = environment.clone();
    engine.put_environment(environment);
    for attempt in engine.outgoing.get(name).cloned().unwrap_or_default() {
        stop(engine, attempt, deleted);
    }
}

fn stop(engine: &mut Engine, attempt: AttemptId, deleted: bool) {
    let Some(&reference) = engine.attempts.get(&attempt) else { return };
    let stopped = with_run(engine, reference, |run| {
        let current = run.current.as_mut().filter(|current| current.stopping.is_none())?;
        let host_gone = || format!("Host EC2 (instance {}) terminated.", current.host.instance_id());
        current.stopping = Some(if deleted { host_gone() } else { UPDATED.into() });
        current.replaced = true;
        Some(current.host)
    });
    if let Some(Some(host)) = stopped {
        engine.effects.push(Effect::Stop { host, attempt, grace_ms: engine.config.stop_grace_ms });
    }
}

#[cfg(test)]
mod tests;
