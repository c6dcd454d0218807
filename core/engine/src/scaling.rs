//! What an environment wants (`CE-12`): `desiredvCpus` follows what runs in it and what is RUNNABLE and may go to it,
//! between `minvCpus` and `maxvCpus`. Up at the next count, down only when less has been enough for a while.
//!
//! Nothing is placed by this number: it is what clients see and plan by. So it is counted once a period, over a bounded
//! part of each queue, and written only when it has changed.

use crate::engine::{Due, Engine};
use crate::entity::ComputeEnvironment;
use crate::ready::Ready;
use longshore_types::{JobStatus, Name, Timestamp};
use std::collections::BTreeMap;

/// The most entries of a queue that one count looks at.
const COUNTED: usize = 1_000;

/// Since when an environment has wanted less than it shows, and the most that it has wanted since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Low {
    since: Timestamp,
    most: i64,
}

/// Something has begun, ended or come: what environments want is counted a period from now.
pub(crate) fn demand_changed(engine: &mut Engine, now: Timestamp) {
    let period = engine.config.scaling_period_ms;
    let at = now.plus_ms(period);
    if period > 0 && engine.deadlines.of(&Due::Scaling).is_none_or(|due| due > at) {
        engine.deadlines.set(Due::Scaling, Some(at));
    }
}

/// Counts, changes what has to change, and comes back when something may shrink.
pub(crate) fn evaluate(engine: &mut Engine, now: Timestamp) {
    let wanted = wanted_milli(engine);
    let mut next: Option<Timestamp> = None;
    for (name, milli) in wanted {
        let Some(shrinks_at) = follow(engine, now, &name, milli) else { continue };
        next = Some(next.map_or(shrinks_at, |next| next.min(shrinks_at)));
    }
    if let Some(at) = next {
        engine.deadlines.set(Due::Scaling, Some(at));
    }
}

/// Moves one environment's number; the moment at which it may shrink, if it wants less than it shows.
fn follow(engine: &mut Engine, now: Timestamp, name: &Name, milli: u64) -> Option<Timestamp> {
    let environment = engine.environments.get(name)?;
    let compute = environment.compute.as_ref()?;
    let (min, max, shown) = (compute.min_vcpus.unwrap_or(0), compute.max_vcpus, compute.desired_vcpus?);
    let delay = scale_down_delay_ms(engine, environment);
    let target = i64::try_from(milli.div_ceil(1_000)).unwrap_or(i64::MAX).min(max).max(min);
    if target >= shown {
        engine.low.remove(name);
        if target > shown {
            show(engine, name, target);
        }
        return None;
    }
    let low = engine.low.entry(name.clone()).or_insert(Low { since: now, most: target });
    low.most = low.most.max(target);
    let Low { since, most } = *low;
    if now < since.plus_ms(delay) {
        return Some(since.plus_ms(delay));
    }
    engine.low.remove(name);
    // An update may have lowered what is shown since, and its bounds with it.
    let most = most.min(shown);
    show(engine, name, most);
    // What is left may shrink as well, after another while.
    (target < most).then(|| now.plus_ms(delay))
}

fn show(engine: &mut Engine, name: &Name, vcpus: i64) {
    if let Some(compute) = engine.environments.get_mut(name).and_then(|found| found.compute.as_mut()) {
        compute.desired_vcpus = Some(vcpus);
        engine.touch_environment(name.clone());
    }
}

/// `scalingPolicy.minScaleDownDelayMinutes`, else the server's own delay.
fn scale_down_delay_ms(engine: &Engine, environment: &ComputeEnvironment) -> u64 {
    let policy = environment.compute.as_ref().and_then(|compute| compute.document.0.get("scalingPolicy"));
    let minutes = policy.and_then(|policy| policy["minScaleDownDelayMinutes"].as_u64()).filter(|minutes| *minutes > 0);
    minutes.map_or(engine.config.scale_down_after_ms, |minutes| minutes.saturating_mul(60_000))
}

/// What each environment that scales wants, in milli-vCPU: what runs in it, and of what waits as much as it may take,
/// queue by queue in descending priority, each queue's environments in order (`SCH-2`, `SCH-3`).
fn wanted_milli(engine: &Engine) -> BTreeMap<Name, u64> {
    let scales = |environment: &&ComputeEnvironment| {
        environment.compute.as_ref().is_some_and(|compute| compute.desired_vcpus.is_some())
    };
    let running = |environment: &ComputeEnvironment| {
        (environment.name.clone(), engine.fleet.environment_used_milli(&environment.name))
    };
    let mut wanted: BTreeMap<Name, u64> = engine.environments.values().filter(scales).map(running).collect();
    let mut queues: Vec<_> = engine.queues.values().collect();
    queues.sort_by_key(|queue| std::cmp::Reverse(queue.priority));
    for queue in queues {
        let mut waiting = waiting_milli(engine, &queue.name);
        for name in queue.environments_in_order() {
            let Some(environment) = engine.environments.get(name).filter(|found| found.accepts_work()) else {
                continue;
            };
            let Some(wants) = wanted.get_mut(name) else { continue };
            let room = environment.max_vcpu_milli().unwrap_or(u64::MAX).saturating_sub(*wants);
            let given = waiting.min(room);
            *wants += given;
            waiting -= given;
        }
    }
    wanted
}

/// What the front of a queue asks for. What can never be placed is not in it.
fn waiting_milli(engine: &Engine, queue: &Name) -> u64 {
    let Some(waiting) = engine.ready.get(queue) else { return 0 };
    let each = |ready: &Ready| {
        let (id, count) = match *ready {
            Ready::One(reference) => (reference.job(), 1),
            Ready::Fresh(id) => (id, fresh(engine, id)),
        };
        let demand = engine.jobs.get(&id).map_or(0, |job| job.spec.demand.vcpu_milli);
        demand.saturating_mul(count)
    };
    // A class with a label is set aside: no host could hold it.
    let classes = waiting.classes().values().filter(|class| class.label.is_none());
    classes.flat_map(|class| class.entries.values()).take(COUNTED).map(each).fold(0, u64::saturating_add)
}

/// The RUNNABLE children of an array that have no row of their own.
fn fresh(engine: &Engine, id: longshore_types::JobId) -> u64 {
    let runnable = |count: &[u32; 7]| count[JobStatus::Runnable as usize];
    let all = engine.jobs.get(&id).and_then(|job| job.array.as_ref()).map_or(0, |array| runnable(&array.counts));
    let rows = engine
        .children
        .get(&id)
        .map_or(0, |children| children.live.values().filter(|run| run.status == JobStatus::Runnable).count());
    u64::from(all).saturating_sub(rows as u64)
}

#[cfg(test)]
mod tests;
