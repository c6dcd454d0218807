//! Why jobs wait, computed on request from memory (see [`Wait`]). Changes nothing; work is bounded by the jobs asked for
//! and by how far those ahead are counted, not by the length of a queue.

mod position;

use super::blocked::{blockage, environments_of};
use super::held::claim;
use super::round::Round;
use crate::engine::Engine;
use crate::entity::{ComputeEnvironment, Job, ResourceState};
use crate::lifecycle;
use crate::ready::ClassKey;
use crate::wait::{ClosedEnvironment, HeldUp, Obstacle, Queued, Short, ShortOnHost, Wait};
use longshore_placement::{Demand, Shortage};
use longshore_types::{JobRef, JobStatus, Name, Resources, Timestamp};
use position::Front;
use std::collections::BTreeMap;

/// Most dependencies and queues that are named.
const NAMED_MAX: usize = 10;

impl Engine {
    /// Why each of these waits; `None` for what does not wait, or is not in memory.
    pub(crate) fn explain(&self, now: Timestamp, jobs: &[JobRef]) -> Vec<Option<Wait>> {
        let (fronts, obstacles) = (BTreeMap::new(), BTreeMap::new());
        let mut explainer = Explainer { engine: self, now, round: Round::of(self), fronts, obstacles };
        jobs.iter().map(|job| explainer.explain(*job)).collect()
    }

    /// What their status reasons say while they wait. How many children an array waits for is told elsewhere.
    pub(crate) fn status_reasons(&self, now: Timestamp, jobs: &[JobRef]) -> Vec<Option<String>> {
        let waits = self.explain(now, jobs).into_iter().zip(jobs);
        let strict = self.config.strict_fifo;
        let reason = |(wait, job): (Option<Wait>, &JobRef)| match wait? {
            Wait::Children { .. } => None,
            Wait::Place(queued) if strict => {
                let head = self.heads.get(&queued.queue).is_some_and(|head| head.job == whole(*job));
                queued.blocked.filter(|_| head).map(|blocked| blocked.to_string())
            }
            _ if strict => None,
            wait => Some(wait.to_string()),
        };
        waits.map(reason).collect()
    }
}

/// Nodes wait as one.
fn whole(reference: JobRef) -> JobRef {
    match reference {
        JobRef::Node(id, _) => JobRef::Job(id),
        other => other,
    }
}

/// What is shared between the jobs of one question.
struct Explainer<'a> {
    engine: &'a Engine,
    now: Timestamp,
    round: Round,
    /// The front of each queue asked about.
    fronts: BTreeMap<Name, Front>,
    /// What stands in the way of a class of a queue.
    obstacles: BTreeMap<(Name, ClassKey), Obstacle>,
}

impl Explainer<'_> {
    fn explain(&mut self, reference: JobRef) -> Option<Wait> {
        let engine = self.engine;
        let reference = whole(reference);
        let (job, run) = (engine.job(reference.job())?, engine.run(reference)?);
        let parent = job.array.as_ref().filter(|_| matches!(reference, JobRef::Job(_)));
        match (run.status, parent) {
            (JobStatus::Pending, Some(array)) if array.spawned_at.is_some() => {
                Some(Wait::Children { counts: array.counts })
            }
            (JobStatus::Submitted | JobStatus::Pending, _) => {
                let mut on = lifecycle::waiting_for(engine, reference, NAMED_MAX + 1);
                let more = on.len() > NAMED_MAX;
                on.truncate(NAMED_MAX);
                Some(Wait::Dependencies { on, more })
            }
            (JobStatus::Runnable, _) => Some(Wait::Place(Box::new(self.queued(reference, job)))),
            _ => None,
        }
    }

    fn queued(&mut self, reference: JobRef, job: &Job) -> Queued {
        let queue = &job.queue;
        let mut queues_ahead = super::queues_in_order(self.engine);
        queues_ahead.truncate(queues_ahead.iter().position(|name| name == queue).unwrap_or(0));
        let blocking = |name: &Name| self.engine.ready.get(name).is_some_and(|ready| !ready.heads().is_empty());
        queues_ahead.retain(blocking);
        let front = self.fronts.entry(queue.clone()).or_insert_with(|| Front::of(self.engine, self.now, queue));
        let ahead = front.ahead(self.engine, reference);
        let class = ClassKey::of(job);
        let obstacle = self.obstacle(reference, &class, (queue, &queues_ahead));
        queues_ahead.truncate(NAMED_MAX);
        let is_blocked = self.engine.heads.get(queue).is_some_and(|head| head.blocked);
        let blocked = is_blocked.then(|| blockage(self.engine, &self.round, queue, &class)).flatten();
        Queued { queue: queue.clone(), obstacle, ahead, queues_ahead, attempt: self.attempt(reference, job), blocked }
    }

    /// Which attempt comes next, of how many.
    fn attempt(&self, reference: JobRef, job: &Job) -> (u32, u32) {
        let made = self.engine.run(reference).map_or(0, |run| run.attempts.len());
        let most = job.spec.retry.as_ref().map_or(1, |strategy| strategy.attempts);
        (u32::try_from(made).unwrap_or(u32::MAX).saturating_add(1), most)
    }

    /// What stands in the way: the same for all of a class, but for who blocks or holds them up.
    fn obstacle(&mut self, reference: JobRef, class: &ClassKey, queue: (&Name, &[Name])) -> Obstacle {
        let head = self.fronts.get(queue.0).and_then(|front| front.head);
        let holds = self.engine.reservations.values().any(|held| held.job == reference);
        if holds || head == Some(reference) {
            return self.obstacle_of(reference, class, queue);
        }
        let key = (queue.0.clone(), class.clone());
        if let Some(known) = self.obstacles.get(&key) {
            return known.clone();
        }
        let found = self.obstacle_of(reference, class, queue);
        self.obstacles.insert(key, found.clone());
        found
    }

    fn obstacle_of(&self, reference: JobRef, class: &ClassKey, (queue, queues_ahead): (&Name, &[Name])) -> Obstacle {
        let pools = self.round.pools_of(queue);
        if pools.is_empty() {
            let closed = environments_of(self.engine, queue).map(closed).collect();
            return Obstacle::NoEnvironment { closed };
        }
        let demand = self.round.demand(class, 1, pools);
        if let Some(short) = self.round.space.impossible(&demand).and_then(|shortage| self.named(&shortage)) {
            return Obstacle::Oversized(short);
        }
        let shortage = self.round.space.shortage(&demand);
        if shortage.is_nothing() {
            return self.held_up(reference, (queue, queues_ahead), &demand);
        }
        match self.named(&shortage) {
            Some(short) if !shortage.hosts.is_empty() => Obstacle::Short(short),
            _ => Obstacle::NoHost,
        }
    }

    /// A shortage with names for ordinals; `None` if it is about no environment.
    fn named(&self, shortage: &Shortage) -> Option<Short> {
        let short = shortage.hosts.iter().filter(|host| host.missing != Resources::default());
        let hosts = short.filter_map(|host| {
            let id = self.round.hosts[host.host];
            Some(ShortOnHost { host: id, name: self.host_name(id)?, missing: host.missing })
        });
        let consumable =
            |need: &longshore_placement::Need| (self.round.consumables[need.consumable].clone(), need.quantity);
        Some(Short {
            environment: self.round.pools[shortage.pool?].clone(),
            cap_missing: shortage.cap_missing,
            hosts: hosts.collect(),
            consumables: shortage.consumables.iter().map(consumable).collect(),
        })
    }

    fn host_name(&self, host: longshore_types::HostId) -> Option<String> {
        self.engine.fleet.host(host).map(|row| row.description.name.clone())
    }

    /// Who holds up a job that would fit: the first reservation that leaves too little, or the head of a strict queue.
    fn held_up(&self, reference: JobRef, (queue, queues_ahead): (&Name, &[Name]), demand: &Demand) -> Obstacle {
        let mut space = self.round.space.clone();
        for name in queues_ahead.iter().chain([queue]) {
            let Some(held) = self.engine.reservations.get(name).filter(|held| held.job != reference) else { continue };
            if let Some((demand, reservation)) = claim(self.engine, &self.round, name) {
                space.occupy(&demand, &reservation);
            }
            if !space.shortage(demand).is_nothing() {
                let reserved = held.parts.iter().filter_map(|(host, ..)| self.host_name(*host)).collect();
                return Obstacle::HeldUp(HeldUp { by: held.job, reserved });
            }
        }
        if super::reserve::is_kept(self.engine, self.now, queue, (reference, demand.shape.vcpu_milli())) {
            return Obstacle::Kept;
        }
        match self.fronts.get(queue).and_then(|front| front.head) {
            Some(by) if self.engine.config.strict_fifo && by != reference => {
                Obstacle::HeldUp(HeldUp { by, reserved: Vec::new() })
            }
            _ => Obstacle::Turn,
        }
    }
}

fn closed(environment: &ComputeEnvironment) -> ClosedEnvironment {
    let disabled = environment.state == ResourceState::Disabled;
    let because = if disabled { environment.state.as_str() } else { environment.status.as_str() };
    ClosedEnvironment { name: environment.name.clone(), because }
}
