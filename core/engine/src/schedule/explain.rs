//! Why jobs wait, computed on request from memory (see [`Wait`]). Changes nothing; work is bounded by the jobs asked for
//! and by [`AHEAD_MAX`], not by the length of a queue.

use super::order;
use super::round::Round;
use crate::engine::Engine;
use crate::lifecycle;
use crate::ready::{ClassKey, Ready};
use crate::wait::{Ahead, HeldUp, Obstacle, Queued, Short, ShortOnHost, Wait};
use longshore_placement::{Demand, Shortage, Space};
use longshore_types::{JobRef, JobStatus, Name, Resources};
use std::collections::BTreeMap;

/// Jobs ahead are counted up to here.
const AHEAD_MAX: u32 = 1_000;
/// Most dependencies and queues that are named.
const NAMED_MAX: usize = 10;

impl Engine {
    /// Why each of these waits; `None` for what does not wait, or is not in memory.
    pub(crate) fn explain(&self, jobs: &[JobRef]) -> Vec<Option<Wait>> {
        let mut explainer = Explainer { engine: self, round: Round::of(self), fronts: BTreeMap::new() };
        jobs.iter().map(|job| explainer.explain(*job)).collect()
    }
}

/// What is shared between the jobs of one question.
struct Explainer<'a> {
    engine: &'a Engine,
    round: Round,
    /// The front of each queue asked about, with how many jobs each entry stands for.
    fronts: BTreeMap<Name, Vec<(Ready, u32)>>,
}

impl Explainer<'_> {
    fn explain(&mut self, reference: JobRef) -> Option<Wait> {
        let engine = self.engine;
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
            (JobStatus::Runnable, _) => Some(Wait::Place(Box::new(self.queued(reference, &job.queue)))),
            _ => None,
        }
    }

    fn queued(&mut self, reference: JobRef, queue: &Name) -> Queued {
        let mut queues_ahead = super::queues_in_order(self.engine);
        queues_ahead.truncate(queues_ahead.iter().position(|name| name == queue).unwrap_or(0));
        let blocking = |name: &Name| self.engine.ready.get(name).is_some_and(|ready| !ready.heads().is_empty());
        queues_ahead.retain(blocking);
        let ahead = self.ahead(reference, queue);
        let obstacle = self.obstacle(reference, queue, &queues_ahead);
        queues_ahead.truncate(NAMED_MAX);
        Queued { queue: queue.clone(), obstacle, ahead, queues_ahead }
    }

    /// How many jobs of the queue are served before this one.
    fn ahead(&mut self, reference: JobRef, queue: &Name) -> Ahead {
        let engine = self.engine;
        let front = self.fronts.entry(queue.clone()).or_insert_with(|| front_of(engine, queue));
        let mut jobs: u32 = 0;
        for (ready, count) in front {
            if jobs >= AHEAD_MAX {
                break;
            }
            let index = match (*ready, reference) {
                (Ready::One(one), _) if one == reference => Some(0),
                (Ready::Fresh(id), JobRef::Child(of, index)) if id == of => {
                    engine.children.get(&id).and_then(|children| children.fresh_before(index, AHEAD_MAX))
                }
                _ => None,
            };
            if let Some(index) = index {
                let jobs = jobs.saturating_add(index);
                return Ahead { jobs: jobs.min(AHEAD_MAX), more: jobs > AHEAD_MAX };
            }
            jobs = jobs.saturating_add(*count);
        }
        Ahead { jobs: jobs.min(AHEAD_MAX), more: true }
    }

    fn obstacle(&self, reference: JobRef, queue: &Name, queues_ahead: &[Name]) -> Obstacle {
        let Some(job) = self.engine.job(reference.job()) else { return Obstacle::Turn };
        let pools = self.round.pools_of(self.engine, queue);
        if pools.is_empty() {
            return Obstacle::NoEnvironment;
        }
        let demand = self.round.demand(&ClassKey::of(job), 1, &pools);
        if let Some(short) = self.round.space.impossible(&demand).and_then(|shortage| self.named(&shortage)) {
            return Obstacle::Oversized(short);
        }
        let shortage = self.round.space.shortage(&demand);
        if shortage.is_nothing() {
            return self.held_up(reference, queue, queues_ahead, &demand);
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
    fn held_up(&self, reference: JobRef, queue: &Name, queues_ahead: &[Name], demand: &Demand) -> Obstacle {
        let mut space = self.round.space.clone();
        for name in queues_ahead.iter().chain([queue]) {
            let Some(held) = self.engine.reservations.get(name).filter(|held| held.job != reference) else { continue };
            self.occupy(&mut space, name, held);
            if !space.shortage(demand).is_nothing() {
                let reserved = held.parts.iter().filter_map(|(host, ..)| self.host_name(*host)).collect();
                return Obstacle::HeldUp(HeldUp { by: held.job, reserved });
            }
        }
        let head = self.fronts.get(queue).and_then(|front| front.first());
        match head.and_then(|(ready, _)| self.engine.first_of(*ready)) {
            Some(by) if self.engine.config.strict_fifo && by != reference => {
                Obstacle::HeldUp(HeldUp { by, reserved: Vec::new() })
            }
            _ => Obstacle::Turn,
        }
    }

    /// Counts the reservation of a queue's head as occupied.
    fn occupy(&self, space: &mut Space, queue: &Name, held: &super::Held) {
        let Some(job) = self.engine.job(held.job.job()) else { return };
        let demand = self.round.demand(&ClassKey::of(job), 1, &self.round.pools_of(self.engine, queue));
        if let Some(reservation) = held.reservation(&self.round) {
            space.occupy(&demand, &reservation);
        }
    }
}

/// The first entries of a queue in dispatch order, enough for [`AHEAD_MAX`] jobs.
fn front_of(engine: &Engine, queue: &Name) -> Vec<(Ready, u32)> {
    let Some(ready) = engine.ready.get(queue) else { return Vec::new() };
    let mut jobs: u32 = 0;
    let mut front = Vec::new();
    for entry in order::front(ready, AHEAD_MAX as usize + 1) {
        if jobs > AHEAD_MAX {
            break;
        }
        let count = match entry {
            Ready::One(_) => 1,
            Ready::Fresh(id) => engine.children.get(&id).map_or(0, |children| children.fresh),
        };
        jobs = jobs.saturating_add(count);
        front.push((entry, count));
    }
    front
}
