//! Heads of queues that have had to wait for long: what blocks them, in AWS's words (`SCH-10`), and the event that tells of
//! it (`EV-3`). AWS notices after some minutes; so does this, after `blocked_after_ms`.
//!
//! A head that waits for vCPUs of `maxvCpus` that others use, or for a consumable resource, is queued and not blocked. What
//! no host could ever hold is told of at once, where it is judged.

use super::round::Round;
use super::{Step, order, settled};
use crate::engine::{Due, Engine};
use crate::entity::{ComputeEnvironment, ResourceStatus};
use crate::lifecycle;
use crate::ready::{Class, ClassKey, Ready};
use crate::wait::Blockage;
use longshore_types::{JobRef, Name, Timestamp};

/// The first job of a queue that waits for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) job: JobRef,
    /// Whether it has been told that it blocks its queue.
    pub(crate) blocked: bool,
}

/// Notes who is the head of each queue now; whoever has become it has some time before its queue counts as blocked.
pub(super) fn note(engine: &mut Engine, step: &mut Step) {
    let now = step.now;
    let changed = engine.ready.iter().filter_map(|(name, ready)| {
        if settled::is_noted(engine, step, name, ready) {
            return None;
        }
        let head = first_served(engine, now, name).and_then(|(entry, ..)| engine.first_of(entry));
        (engine.heads.get(name).map(|known| known.job) != head).then(|| (name.clone(), head))
    });
    let changed: Vec<(Name, Option<JobRef>)> = changed.collect();
    for (name, head) in changed {
        let due = head.map(|_| now.plus_ms(engine.config.blocked_after_ms));
        engine.deadlines.set(Due::Head(name.clone()), due);
        // After a restart that is the head which was told of before.
        let blocked = head.is_some() && head == blocked_by(engine, &name);
        match head {
            Some(job) => engine.heads.insert(name.clone(), Head { job, blocked }),
            None => engine.heads.remove(&name),
        };
        if !blocked {
            set_blocked_by(engine, &name, None);
        }
    }
}

fn blocked_by(engine: &Engine, queue: &Name) -> Option<JobRef> {
    engine.queues.get(queue)?.blocked_by
}

fn set_blocked_by(engine: &mut Engine, name: &Name, job: Option<JobRef>) {
    let Some(queue) = engine.queues.get_mut(name) else { return };
    if queue.blocked_by != job {
        queue.blocked_by = job;
        engine.touch_queue(name.clone());
    }
}

/// The head of a queue has been waiting: if something blocks it, that is told, else it is looked at again later.
pub(crate) fn look(engine: &mut Engine, now: Timestamp, queue: &Name) {
    let Some(Head { job, blocked }) = engine.heads.get(queue).copied() else { return };
    if blocked {
        return;
    }
    let Some(class) = engine.job(job.job()).map(ClassKey::of) else { return };
    let Some(blockage) = blockage(engine, &Round::of(engine), queue, &class) else {
        let again = now.plus_ms(engine.config.blocked_after_ms);
        engine.deadlines.set(Due::Head(queue.clone()), Some(again));
        return;
    };
    engine.heads.insert(queue.clone(), Head { job, blocked: true });
    set_blocked_by(engine, queue, Some(job));
    lifecycle::tell_blocked(engine, now, job, &blockage.to_string());
}

/// What blocks a class at the head of its queue, if anything does.
pub(super) fn blockage(engine: &Engine, round: &Round, queue: &Name, class: &ClassKey) -> Option<Blockage> {
    let pools = round.pools_of(queue);
    if pools.is_empty() {
        let all_invalid = environments_of(engine, queue).all(|found| found.status == ResourceStatus::Invalid);
        return Some(if all_invalid { Blockage::InvalidEnvironments } else { Blockage::Undetermined });
    }
    let demand = round.demand(class, 1, pools);
    if round.space.impossible(&demand).is_some() {
        return None;
    }
    let shortage = round.space.shortage(&demand);
    let hosts_only = !shortage.is_nothing() && shortage.cap_missing == 0 && shortage.consumables.is_empty();
    let environment = shortage.pool.and_then(|pool| engine.environments.get(&round.pools[pool]));
    hosts_only.then(|| Blockage::Capacity { instance_types: environment.map(instance_types).unwrap_or_default() })
}

/// The first entry whose turn it is, its class, and why the class can never be placed, if it cannot.
pub(super) fn first_served<'a>(
    engine: &'a Engine,
    now: Timestamp,
    queue: &Name,
) -> Option<(Ready, &'a ClassKey, Option<&'static str>)> {
    let (head, key) = order::first(engine, now, queue)?;
    let class: &Class = engine.ready.get(queue)?.classes().get(key)?;
    Some((*class.entries.get(&head)?, key, class.label))
}

pub(super) fn environments_of<'a>(
    engine: &'a Engine,
    queue: &Name,
) -> impl Iterator<Item = &'a ComputeEnvironment> + use<'a> {
    let names = engine.queues.get(queue).into_iter().flat_map(|queue| queue.environments_in_order());
    names.filter_map(|name| engine.environments.get(name))
}

/// What hosts an environment asks for; where it has no instance types, of what kind it is.
fn instance_types(environment: &ComputeEnvironment) -> Vec<String> {
    let Some(compute) = &environment.compute else { return Vec::new() };
    let listed = compute.document.0.get("instanceTypes").and_then(serde_json::Value::as_array);
    let listed: Vec<String> = listed.into_iter().flatten().filter_map(|kind| Some(kind.as_str()?.to_owned())).collect();
    if listed.is_empty() { vec![compute.kind.clone()] } else { listed }
}
