//! Placement of what is RUNNABLE: the queues in order of priority (`SCH-2`), each in its own order (`SCH-1`), turned into
//! a [`Problem`] of equal demands, and its plan carried out.
//!
//! Work per step is bounded: a queue is read only as far as everything free could hold, and no further than
//! `placements_per_step`.

mod reason;

use crate::engine::Engine;
use crate::entity::JobQueue;
use crate::lifecycle::{set_reason, start_attempt};
use crate::ready::{Place, Ready};
use longshore_placement::{Assignment, Demand, Host, Plan, Pool, Problem, Verdict, place};
use longshore_types::{HostId, JobRef, JobStatus, Name, Resources, Timestamp};

/// The problem, and what its ordinals stand for.
struct Round {
    problem: Problem,
    hosts: Vec<HostId>,
    pools: Vec<Name>,
    demands: Vec<Entry>,
}

/// What one demand stands for: an entry of a queue.
struct Entry {
    queue: Name,
    place: Place,
    ready: Ready,
}

impl Engine {
    /// Whether [`Engine::schedule`] may find something to do.
    pub const fn wants_schedule(&self) -> bool {
        self.unscheduled
    }

    /// Places what fits and starts its attempts.
    pub fn schedule(&mut self, now: Timestamp) {
        if !std::mem::take(&mut self.unscheduled) {
            return;
        }
        let mut round = fleet(self);
        let mut queues: Vec<&JobQueue> = self.queues.values().collect();
        queues.sort_by_key(|queue| std::cmp::Reverse(queue.priority));
        let queues: Vec<Name> = queues.into_iter().map(|queue| queue.name.clone()).collect();
        for (lane, queue) in queues.into_iter().enumerate() {
            gather(self, &mut round, lane, &queue);
        }
        let plan = place(&round.problem);
        carry_out(self, now, &round, &plan);
    }
}

/// Hosts and pools as they are now. Every host serves every environment: environments only cap their share.
fn fleet(engine: &Engine) -> Round {
    let states: Vec<_> = engine.fleet.hosts.values().collect();
    let host = |state: &&crate::fleet::HostState| {
        let total = state.host.description.capacity;
        let free = if state.connected { total.minus(state.used) } else { Resources::default() };
        Host { total, free }
    };
    let all: Vec<usize> = (0..states.len()).collect();
    let pools = engine.environments.values().map(|environment| Pool {
        hosts: all.clone(),
        cap: environment.max_vcpu_milli(),
        used: engine.fleet.environment_used_milli(&environment.name),
    });
    Round {
        problem: Problem { hosts: states.iter().map(host).collect(), pools: pools.collect(), demands: Vec::new() },
        hosts: states.iter().map(|state| state.host.id).collect(),
        pools: engine.environments.keys().cloned().collect(),
        demands: Vec::new(),
    }
}

/// Adds the front of a queue to the problem, as far as everything that is free could hold.
fn gather(engine: &mut Engine, round: &mut Round, lane: usize, queue: &Name) {
    let pools = pools_of(engine, round, queue);
    let free: u64 = round.problem.hosts.iter().map(|host| host.free.vcpu_milli).sum();
    let mut room = engine.config.placements_per_step;
    let mut gathered: u64 = 0;
    let Some(mut waiting) = engine.ready.get_mut(queue).map(std::mem::take) else { return };
    let mut spent: Vec<Place> = Vec::new();
    for (&place, &ready) in &waiting.order {
        if room == 0 || gathered > free {
            break;
        }
        let Some((each, available)) = demand_of(engine, ready) else {
            // An array all of whose fresh children are gone.
            spent.push(place);
            continue;
        };
        let count = available.min(u32::try_from(room).unwrap_or(u32::MAX));
        room -= count as usize;
        gathered = gathered.saturating_add(each.vcpu_milli.saturating_mul(u64::from(count)));
        round.problem.demands.push(Demand { each, count, pools: pools.clone(), lane });
        round.demands.push(Entry { queue: queue.clone(), place, ready });
    }
    spent.into_iter().for_each(|place| waiting.remove(place));
    engine.ready.insert(queue.clone(), waiting);
}

/// The pools that a queue's jobs may go to, in order (`SCH-3`).
fn pools_of(engine: &Engine, round: &Round, queue: &Name) -> Vec<usize> {
    let Some(queue) = engine.queues.get(queue) else { return Vec::new() };
    let accepting = |name: &&Name| engine.environments.get(*name).is_some_and(|found| found.accepts_work());
    let ordinal = |name: &Name| round.pools.binary_search(name).ok();
    queue.environments_in_order().into_iter().filter(accepting).filter_map(ordinal).collect()
}

/// What one of the entry needs and how many there are.
fn demand_of(engine: &mut Engine, ready: Ready) -> Option<(Resources, u32)> {
    match ready {
        Ready::One(reference) => Some((engine.jobs.get(&reference.job())?.spec.demand, 1)),
        Ready::Fresh(id) => {
            let children = engine.children.get_mut(&id)?;
            children.peek_fresh()?;
            let rows = children.live.values().filter(|run| run.status == JobStatus::Runnable).count();
            let job = engine.jobs.get(&id)?;
            let runnable = job.array.as_ref()?.counts[JobStatus::Runnable as usize];
            // Exactly what can be placed: room kept for more would be lost to those behind.
            Some((job.spec.demand, runnable - u32::try_from(rows).unwrap_or(u32::MAX)))
        }
    }
}

fn carry_out(engine: &mut Engine, now: Timestamp, round: &Round, plan: &Plan) {
    for assignment in &plan.assignments {
        start(engine, now, round, assignment);
    }
    for (entry, verdict) in round.demands.iter().zip(&plan.verdicts) {
        report(engine, entry, verdict);
    }
    // What was cut off by the bound on work, rather than by capacity, is looked at again in the next step.
    if plan.verdicts.iter().all(|verdict| *verdict == Verdict::Placed) && !plan.assignments.is_empty() {
        engine.unscheduled = true;
    }
}

fn start(engine: &mut Engine, now: Timestamp, round: &Round, assignment: &Assignment) {
    let (host, environment) = (round.hosts[assignment.host], &round.pools[assignment.pool]);
    for _ in 0..assignment.count {
        let reference = match round.demands[assignment.demand].ready {
            Ready::One(reference) => reference,
            Ready::Fresh(id) => match engine.children.get_mut(&id).and_then(crate::children::Children::peek_fresh) {
                Some(index) => JobRef::Child(id, index),
                None => break,
            },
        };
        start_attempt(engine, now, reference, host, environment);
    }
}

/// Writes down why something can never be placed, and sets it aside so that it blocks nobody (`SCH-10`, `SCH-11`).
fn report(engine: &mut Engine, entry: &Entry, verdict: &Verdict) {
    let Verdict::Impossible(shortage) = verdict else { return };
    let reference = match entry.ready {
        Ready::One(reference) => reference,
        Ready::Fresh(id) => JobRef::Job(id),
    };
    if let Some(queue) = engine.ready.get_mut(&entry.queue) {
        queue.set_aside(entry.place);
    }
    // It may have been all that this step looked at: those behind it come next.
    engine.unscheduled = true;
    let reason = reason::impossible(shortage);
    let waits = engine.run(reference).is_some_and(|run| {
        matches!(run.status, JobStatus::Runnable | JobStatus::Pending) && run.status_reason.as_deref() != Some(reason)
    });
    if waits {
        set_reason(engine, reference, Some(reason.to_owned()));
    }
}

#[cfg(test)]
mod tests;
