//! What has been blocking the head of a queue, since when, and what the queue does about it (`SCH-12`).
//!
//! A queue has two heads, because what can never be placed blocks nobody here: the first job that waits for a place, and
//! the first that is set aside. (A strict queue has one.) Their reasons, in AWS's three codes:
//!
//! | the head | reason |
//! |---|---|
//! | waits for room on hosts that could hold it idle, or for a host to connect | `CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY` |
//! | asks for more vCPUs than the `maxvCpus` of every environment | `MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE` |
//! | is larger than every host | `MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT` |
//!
//! A head that waits for vCPUs of `maxvCpus` that others use, or for a consumable resource, is not blocked but queued: no
//! action. What is noted is part of the queue's row, and only of queues that have actions, so a restart goes on counting.

use super::blocked::{blockage, first_served};
use super::round::Round;
use crate::engine::Engine;
use crate::entity::Blocked;
use crate::lifecycle;
use crate::ready::{Place, Ready, ReadyQueue};
use crate::wait::Blockage;
use longshore_types::{JobRef, JobStatus, Name, Timestamp};

const CAPACITY: &str = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY";

/// Notes for every queue with actions what blocks its heads now.
pub(super) fn note(engine: &mut Engine, now: Timestamp) {
    let concerned = engine.queues.values().filter(|queue| queue.has_time_limits() || !queue.blocked.is_empty());
    let names: Vec<Name> = concerned.map(|queue| queue.name.clone()).collect();
    if names.is_empty() {
        return;
    }
    let round = Round::of(engine);
    for name in names {
        let found = blocked(engine, now, &round, &name);
        let Some(queue) = engine.queues.get_mut(&name) else { continue };
        let since = |job: JobRef, reason: &str| {
            let before = queue.blocked.iter().find(|before| before.job == job && before.reason == reason);
            before.map_or(now, |before| before.since)
        };
        let limited = found.into_iter().filter(|(_, reason)| queue.time_limit_s(reason).is_some());
        let blocked: Vec<Blocked> = limited
            .map(|(job, reason)| Blocked { job, since: since(job, reason), reason: reason.to_owned() })
            .collect();
        if queue.blocked != blocked {
            queue.blocked = blocked;
            engine.touch_queue(name);
        }
    }
}

/// The heads of a queue that are blocked, and why.
fn blocked(engine: &Engine, now: Timestamp, round: &Round, queue: &Name) -> Vec<(JobRef, &'static str)> {
    let Some(ready) = engine.ready.get(queue) else { return Vec::new() };
    let mut found = Vec::new();
    let served = first_served(engine, now, queue).and_then(|(entry, class, label)| match label {
        Some(label) => Some((entry, code_of(label))),
        None => {
            matches!(blockage(engine, round, queue, class)?, Blockage::Capacity { .. }).then_some((entry, CAPACITY))
        }
    });
    let aside = first_set_aside(ready).filter(|_| !engine.config.strict_fifo);
    for (entry, code) in served.into_iter().chain(aside.map(|(entry, label)| (entry, code_of(label)))) {
        found.extend(engine.first_of(entry).map(|job| (job, code)));
    }
    found
}

/// `CODE - text`.
fn code_of(label: &'static str) -> &'static str {
    label.split_once(" - ").map_or(label, |(code, _)| code)
}

fn first_set_aside(ready: &ReadyQueue) -> Option<(Ready, &'static str)> {
    let first = ready.classes().values().filter_map(|class| {
        let (place, entry) = class.entries.first_key_value()?;
        Some((*place, *entry, class.label?))
    });
    first.min_by_key(|(place, ..): &(Place, Ready, &str)| *place).map(|(_, entry, label)| (entry, label))
}

/// Ends the heads that have been blocked for longer than their queue's action allows.
pub(crate) fn end_overdue(engine: &mut Engine, now: Timestamp) {
    let overdue = |queue: &crate::entity::JobQueue| {
        let due = queue.blocked.iter().filter(|blocked| queue.deadline_of(blocked).is_some_and(|at| at <= now));
        due.cloned().collect::<Vec<Blocked>>()
    };
    let overdue: Vec<Blocked> = engine.queues.values().flat_map(overdue).collect();
    for Blocked { job, reason, .. } in overdue {
        if engine.run(job).is_some_and(|run| run.status == JobStatus::Runnable) {
            let text = format!("Canceled by JobStateTimeLimit action due to reason: {reason}");
            lifecycle::end_unstarted(engine, now, job, &text);
        }
        // Whoever is the head now gets a deadline of its own.
        engine.unscheduled = true;
    }
}

/// When [`end_overdue`] has something to do next.
pub(crate) fn next_deadline(engine: &Engine) -> Option<Timestamp> {
    let queues = engine.queues.values();
    queues.flat_map(|queue| queue.blocked.iter().filter_map(|blocked| queue.deadline_of(blocked))).min()
}
