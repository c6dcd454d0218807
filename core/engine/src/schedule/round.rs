//! The space that a step of placement starts with, and what its ordinals stand for.

use crate::engine::Engine;
use crate::entity::ConsumableKind;
use crate::ready::{ClassKey, ReadyQueue};
use longshore_placement::{Consumable, Demand, Host, Need, Pool, Problem, Shape, Space};
use longshore_types::{HostId, Name};
use std::collections::BTreeSet;

/// Space, and names by ordinal; each list is sorted.
pub(super) struct Round {
    pub(super) space: Space,
    pub(super) hosts: Vec<HostId>,
    pub(super) pools: Vec<Name>,
    pub(super) consumables: Vec<Name>,
    /// Ordinals of the pools that multi-node jobs may go to (`MNP-4`).
    gangs: Vec<usize>,
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
        let needed: BTreeSet<&Name> = engine.ready.values().flat_map(ReadyQueue::consumables).collect();
        let consumables = needed.iter().map(|name| consumable(engine, name)).collect();
        Self {
            space: Space::new(Problem { pools: pools.collect(), hosts, consumables }),
            hosts: engine.fleet.hosts.keys().copied().collect(),
            pools: engine.environments.keys().cloned().collect(),
            consumables: needed.into_iter().cloned().collect(),
            gangs: engine
                .environments
                .values()
                .enumerate()
                .filter(|(_, found)| found.takes_multinode())
                .map(|(pool, _)| pool)
                .collect(),
        }
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
    pub(super) fn pools_of(&self, engine: &Engine, queue: &Name) -> Vec<usize> {
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
