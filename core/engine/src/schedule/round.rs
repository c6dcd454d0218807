//! The space that a step of placement starts with, and what its ordinals stand for.
//!
//! It is kept from step to step ([`Round::take`], [`Round::put_back`]): hosts are counted anew only where an attempt has come
//! or gone since, or where something was reserved in the last step. What changes the ordinals, or which host takes work,
//! has the engine forget it.

use super::settled::Settled;
use crate::engine::Engine;
use crate::entity::ConsumableKind;
use crate::ready::{ClassKey, ReadyQueue};
use longshore_placement::{Consumable, Demand, Host, Need, Pool, Problem, Reservation, Shape, Space};
use longshore_types::{HostId, Name};
use std::collections::{BTreeMap, BTreeSet};

/// Space, and names by ordinal; each list is sorted.
#[derive(Debug)]
pub(crate) struct Round {
    pub(super) space: Space,
    pub(super) hosts: Vec<HostId>,
    pub(super) pools: Vec<Name>,
    pub(super) consumables: Vec<Name>,
    /// Ordinals of the pools that multi-node jobs may go to (`MNP-4`).
    gangs: Vec<usize>,
    /// The pools that a queue's jobs may go to, in order.
    of_queues: BTreeMap<Name, Vec<usize>>,
    /// Hosts of which something is reserved, for as long as a step lasts.
    pub(super) reserved: Vec<usize>,
    /// Queues that stay as they are.
    pub(super) settled: BTreeMap<Name, Settled>,
}

impl Round {
    /// Everything as it is now. Every host serves every environment: environments only cap their share.
    pub(super) fn of(engine: &Engine) -> Self {
        let hosts = engine.fleet.hosts.values().map(|state| {
            let total = state.host.description.capacity;
            Host { total, free: state.free(), open: state.connected }
        });
        let hosts: Vec<Host> = hosts.collect();
        let all: Vec<usize> = (0..hosts.len()).collect();
        let pools = engine.environments.values().map(|environment| Pool {
            hosts: all.clone(),
            cap: environment.max_vcpu_milli(),
            used: engine.fleet.environment_used_milli(&environment.name),
        });
        let gangs = engine.environments.values().enumerate().filter(|(_, found)| found.takes_multinode());
        let mut round = Self {
            space: Space::new(Problem { pools: pools.collect(), hosts, consumables: Vec::new() }),
            hosts: engine.fleet.hosts.keys().copied().collect(),
            pools: engine.environments.keys().cloned().collect(),
            consumables: Vec::new(),
            gangs: gangs.map(|(pool, _)| pool).collect(),
            of_queues: BTreeMap::new(),
            reserved: Vec::new(),
            settled: BTreeMap::new(),
        };
        round.of_queues = engine.queues.keys().map(|queue| (queue.clone(), round.order_of(engine, queue))).collect();
        round.count_consumables(engine);
        round
    }

    /// What the last step has left, brought up to date.
    pub(super) fn take(engine: &mut Engine) -> Box<Self> {
        let changed = std::mem::take(&mut engine.fleet.changed);
        let Some(mut round) = engine.round.take() else { return Box::new(Self::of(engine)) };
        let changed = changed.iter().filter_map(|id| round.hosts.binary_search(id).ok());
        let changed: Vec<usize> = std::mem::take(&mut round.reserved).into_iter().chain(changed).collect();
        for host in changed {
            let free = engine.fleet.hosts.get(&round.hosts[host]).map(crate::fleet::HostState::free);
            round.space.set_free(host, free.unwrap_or_default());
        }
        for (pool, name) in round.pools.iter().enumerate() {
            round.space.set_used(pool, engine.fleet.environment_used_milli(name));
        }
        round.count_consumables(engine);
        debug_assert!(round.is_as(&Self::of(engine)), "what is kept is as if it had been made anew");
        round
    }

    /// Whether both say the same of what there is.
    fn is_as(&self, other: &Self) -> bool {
        let names = |round: &Self| (round.hosts.clone(), round.pools.clone(), round.consumables.clone());
        let pools = |round: &Self| (round.gangs.clone(), round.of_queues.clone());
        self.space == other.space && names(self) == names(other) && pools(self) == pools(other)
    }

    /// Keeps it for the next step.
    pub(super) fn put_back(self: Box<Self>, engine: &mut Engine) {
        engine.round = Some(self);
    }

    /// Counts a reservation as occupied until the step is over.
    pub(super) fn occupy(&mut self, demand: &Demand, reservation: &Reservation) {
        self.space.occupy(demand, reservation);
        self.reserved.extend(reservation.assignments.iter().map(|assignment| assignment.host));
    }

    fn count_consumables(&mut self, engine: &Engine) {
        let needed: BTreeSet<&Name> = engine.ready.values().flat_map(ReadyQueue::consumables).collect();
        self.space.set_consumables(needed.iter().map(|name| consumable(engine, name)).collect());
        self.consumables = needed.into_iter().cloned().collect();
    }

    /// `count` of a class, for the pools that its queue's jobs may go to.
    pub(super) fn demand(&self, class: &ClassKey, count: u32, pools: &[usize]) -> Demand {
        let need = |(name, quantity): &(Name, u64)| {
            let consumable = self.consumables.binary_search(name).ok()?;
            Some(Need { consumable, quantity: *quantity })
        };
        let needs = class.consumables.iter().filter_map(need).collect();
        let takes = |pool: &usize| matches!(class.shape, Shape::Single(_)) || self.gangs.contains(pool);
        let pools = pools.iter().copied().filter(takes).collect();
        Demand { shape: class.shape.clone(), count, pools, needs }
    }

    /// The pools that a queue's jobs may go to, in order (`SCH-3`): environments that are enabled and valid (`SCH-4`).
    pub(super) fn pools_of(&self, queue: &Name) -> &[usize] {
        self.of_queues.get(queue).map_or(&[], Vec::as_slice)
    }

    fn order_of(&self, engine: &Engine, queue: &Name) -> Vec<usize> {
        let Some(queue) = engine.queues.get(queue) else { return Vec::new() };
        let accepting = |name: &&Name| engine.environments.get(*name).is_some_and(|found| found.accepts_work());
        let ordinal = |name: &Name| self.pools.binary_search(name).ok();
        queue.environments_in_order().into_iter().filter(accepting).filter_map(ordinal).collect()
    }
}

/// What there is of a consumable resource: nothing if it was deleted (`CR-4`). What is in use comes back only if it is
/// replenishable.
fn consumable(engine: &Engine, name: &Name) -> Consumable {
    let Some(row) = engine.consumables.get(name) else { return Consumable { total: 0, available: 0 } };
    let available = row.available();
    match row.kind {
        ConsumableKind::Replenishable => Consumable { total: row.total, available },
        ConsumableKind::NonReplenishable => Consumable { total: available, available },
    }
}
